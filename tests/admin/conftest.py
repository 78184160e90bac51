"""Consoles for the tests of the operator's command."""

from pathlib import Path

import pytest

from tests.admin.console import Console


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """A console whose database does not exist yet."""
    return Console(tmp_path, capsys)


@pytest.fixture
def console(bare: Console) -> Console:
    """A console on an empty database of this version."""
    bare.text("migrate")
    return bare

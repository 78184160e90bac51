"""The house, with its counter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house that sends nothing."""
    made = House(tmp_path / "smstob.db")
    yield made
    made.close()

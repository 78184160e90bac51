"""SMSCs for a test; other folders import these fixtures into their ``conftest.py``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.node_smsc import NodeSmsc
from tests.peers.smpp34_smsc import Smpp34Smsc


@pytest.fixture
def node_smsc(tmp_path: Path) -> Iterator[NodeSmsc]:
    """An SMSC on npm's ``smpp`` that does everything right until it is told otherwise."""
    with NodeSmsc(tmp_path / "smsc.log") as smsc:
        yield smsc
    assert not smsc.complaints()


@pytest.fixture
def smpp34_smsc(tmp_path: Path) -> Iterator[Smpp34Smsc]:
    """An SMSC on the Python package ``smpp34``."""
    with Smpp34Smsc(tmp_path / "smsc34.log") as smsc:
        yield smsc
    assert not smsc.complaints()

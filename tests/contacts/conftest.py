"""A house with an importer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.contacts.importer import Importer
from tests.house import House

from .importing import Threads, started


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A database."""
    made = House(tmp_path / "a.db")
    yield made
    made.close()


@pytest.fixture
def threads() -> Threads:
    """Where files are read."""
    return Threads()


@pytest.fixture
def importer(house: House, threads: Threads) -> Importer:
    """An importer that runs."""
    return started(house, threads)


@pytest.fixture
def account(house: House) -> int:
    """An account."""
    return house.account().id



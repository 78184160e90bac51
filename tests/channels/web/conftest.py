"""A house with a customer in it, and his browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House

from .browser import Browser, site_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose gateway delivers what it is given."""
    house = House(tmp_path / "smstob.db")
    house.gateway()
    house.open()
    house.importer.startService()
    yield house
    house.close()


@pytest.fixture
def visitor(house: House) -> Browser:
    """A browser that nobody has logged in with."""
    return Browser(site_of(house))


@pytest.fixture
def customer(house: House, visitor: Browser) -> Browser:
    """The browser of an account with many credits, logged in."""
    house.account()
    return visitor.log_in()

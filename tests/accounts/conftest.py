"""Houses with an account."""

from pathlib import Path

import pytest

from smstob.model.account import Account
from tests.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Open, without gateways."""
    return House(tmp_path / "a.db").open()


@pytest.fixture
def account(house: House) -> Account:
    """That of ``EMAIL``, with ``PASSWORD``."""
    return house.account()

"""What every IAuthenticator promises."""

from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from smstob.interfaces import IAuthenticator, ISubmitter
from smstob.model.account import Account
from smstob.model.draft import Credentials
from smstob.model.refusal import Code, Refusal
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of

SHOWN = Credentials(email=EMAIL, secret=PASSWORD, address=ADDRESS)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with one account."""
    made = House(tmp_path / "a.db")
    made.account()
    return made


def test_interfaces_are_provided(house: House) -> None:
    """Both sides of the counter have the methods that the interfaces name."""
    assert verifyObject(IAuthenticator, house.authenticator)
    assert verifyObject(ISubmitter, house.submitter)


def test_verdicts(house: House) -> None:
    """An account, 82 or 93: nothing else comes back; recall knows only what was verified."""
    assert house.authenticator.recall(SHOWN) is None
    account = outcome_of(house.authenticator.authenticate(SHOWN))
    assert isinstance(account, Account)
    assert house.authenticator.recall(SHOWN) == account
    house.authenticator.forget(SHOWN)
    assert house.authenticator.recall(SHOWN) is None
    wrong = Credentials(email=EMAIL, secret="wrong", address=ADDRESS)
    seen = [outcome_of(house.authenticator.authenticate(wrong)) for _ in range(20)]
    assert seen[0] == Refusal(Code.BAD_CREDENTIALS)
    assert seen[-1] == Refusal(Code.TOO_MANY)


def test_raises_when_the_database_is_away(house: House) -> None:
    """What storage raises reaches the caller."""
    house.database.away = True
    with pytest.raises(Unavailable):
        outcome_of(house.authenticator.authenticate(SHOWN))

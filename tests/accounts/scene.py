"""What the tests of this folder do over and over: log in, show passcodes, read letters, count what something costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pyotp
from sqlalchemy import event

from smstob.accounts.second_factor import PERIOD
from smstob.model.access import Hindrance, Opened, Session
from smstob.model.account import Account
from smstob.model.draft import Credentials
from smstob.model.notice import Opening, Recovery
from smstob.storage import accounts
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of

AGENT: Final = "Firefox"
CHOSEN: Final = "Un cheval vert, 12 haricots"
NEW: Final = "neuf@exemple.fr"
ELSEWHERE: Final = "198.51.100.9"


def shown(secret: str = PASSWORD, email: str = EMAIL, address: str = ADDRESS) -> Credentials:
    """Credentials."""
    return Credentials(email=email, secret=secret, address=address)


def try_to_log_in(
    house: House, secret: str = PASSWORD, email: str = EMAIL, address: str = ADDRESS
) -> Opened | Hindrance:
    """What comes of it."""
    return outcome_of(house.entrance.log_in(shown(secret, email, address), AGENT))


def log_in(house: House, secret: str = PASSWORD, email: str = EMAIL, address: str = ADDRESS) -> Opened:
    """A session, without fail."""
    opened = try_to_log_in(house, secret, email, address)
    assert isinstance(opened, Opened), opened
    return opened


def session(house: House, token: str) -> Session | None:
    """The session of a token."""
    return outcome_of(house.entrance.session(token))


def confirm(house: House, token: str, code: str) -> Opened | Hindrance:
    """What comes of a code."""
    return outcome_of(house.entrance.confirm(token, code, ADDRESS, AGENT))


def passcode(house: House, secret: str, steps: int = 0) -> str:
    """What the application shows, so many steps from now."""
    return pyotp.TOTP(secret).at(house.now + steps * PERIOD)


@attrs.frozen
class Guard:
    """A second factor that is on."""

    secret: str
    codes: tuple[str, ...]


def guard(house: House, account: Account, keep: int = 0) -> Guard:
    """Turn a second factor on; the step after the next one is the first that has not been used."""
    offered = outcome_of(house.profile.offer_second_factor(account.id))
    assert offered is not None
    code = passcode(house, offered.secret)
    codes = outcome_of(house.profile.turn_on_second_factor(account.id, offered.secret, code, keep))
    assert isinstance(codes, tuple), codes
    house.advance(PERIOD, PERIOD)
    return Guard(offered.secret, codes)


def told(house: House) -> list[Any]:
    """Every section of a letter that arrived."""
    return [section for letter in house.courier.letters for section in letter.sections]


def last_password(house: House) -> str:
    """That of the last letter."""
    section = told(house)[-1]
    assert isinstance(section, Opening), section
    return section.password


def last_link(house: House) -> str:
    """The token of the last letter."""
    section = told(house)[-1]
    assert isinstance(section, Recovery), section
    return section.token


def link(house: House, email: str = EMAIL, address: str = ADDRESS) -> str:
    """Ask for a link, and read it."""
    assert outcome_of(house.entrance.recover(email, address)) is None
    house.advance(1.1)
    return last_link(house)


def close_account(house: House, account: Account) -> None:
    """The operator does."""
    house.write(lambda connection: accounts.set_disabled(connection, account.id, disabled=True))


def version(house: House, email: str = EMAIL) -> int:
    """The account's."""
    found = house.read(lambda connection: accounts.by_email(connection, email))
    assert found is not None
    return found.version


@attrs.define
class Cost:
    """What something cost: transactions, whether bytes were written, passwords verified."""

    written: int = 0
    read: int = 0
    commits: bool = False
    verified: int = 0


@contextmanager
def counted(house: House) -> Iterator[Cost]:
    """What is done inside."""
    cost, verified, before = Cost(), house.verified, _size(house)

    def writes(_connection: Any) -> None:
        cost.written += 1

    def reads(_connection: Any) -> None:
        cost.read += 1

    event.listen(house.engines.writer, "begin", writes)
    event.listen(house.engines.reader, "begin", reads)
    yield cost
    event.remove(house.engines.writer, "begin", writes)
    event.remove(house.engines.reader, "begin", reads)
    cost.commits = _size(house) > before
    cost.verified = house.verified - verified


def _size(house: House) -> int:
    return Path(f"{house.path}-wal").stat().st_size

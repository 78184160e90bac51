"""The second factor: on once, with its codes; off with all that belongs to it."""

import pytest
from sqlalchemy import Connection

from smstob.model.account import Account
from smstob.storage import accounts, second_factor, sessions
from smstob.storage.sessions import Passcode

from .scenes import NOW, open_account
from .test_sessions import SECRET, begin, ids, visit

SHOWN = Passcode(SECRET, 100)


@pytest.fixture
def account(connection: Connection) -> Account:
    """Without a second factor."""
    return open_account(connection)


def version(connection: Connection, account: Account) -> int:
    """That of now."""
    found = accounts.by_id(connection, account.id)
    assert found is not None
    return found.version


def state(connection: Connection, account: Account) -> tuple[bool, int]:
    """Whether it is on, and the codes that are left."""
    told = accounts.profile(connection, account.id)
    assert told is not None
    return told.second_factor, told.recovery_codes


def test_turned_on(connection: Connection, account: Account) -> None:
    """Every other session ends, and the account is another version."""
    other = open_account(connection)
    kept, ended, theirs = begin(connection, account), begin(connection, account), begin(connection, other)
    assert state(connection, account) == (False, 0)
    assert second_factor.turn_on(connection, account.id, SHOWN, [b"a", b"\0", b"c"], keep=kept.id)
    assert state(connection, account) == (True, 3)
    assert state(connection, other) == (False, 0)
    assert ids(connection, account) == [kept.id]
    assert ids(connection, other) == [theirs.id]
    assert ended.id != kept.id
    assert version(connection, account) == account.version + 1


def test_never_replaced(connection: Connection, account: Account) -> None:
    """Who has a session, but not the password, does not put a secret of his own in its place."""
    assert second_factor.turn_on(connection, account.id, SHOWN, [b"a"], keep=0)
    before = version(connection, account)
    assert not second_factor.turn_on(connection, account.id, Passcode("B" * 32, 200), [b"b"], keep=0)
    assert (state(connection, account), version(connection, account)) == ((True, 1), before)
    changed = accounts.by_id(connection, account.id)
    assert changed is not None
    come = visit()
    begin(connection, changed, come)
    told = sessions.challenge(connection, come.digest, NOW)
    assert told is not None
    assert (told.secret, told.recovery_digests) == (SECRET, frozenset({b"a"}))


def test_not_for_a_closed_account(connection: Connection, account: Account) -> None:
    """Nor for one that is not there."""
    accounts.set_disabled(connection, account.id, disabled=True)
    assert not second_factor.turn_on(connection, account.id, SHOWN, [b"a"], keep=0)
    assert not second_factor.turn_on(connection, account.id + 1000, SHOWN, [b"a"], keep=0)


def test_turned_off(connection: Connection, account: Account) -> None:
    """Codes go, what is pending ends, what is open stays; on again, the step that was used is forgotten."""
    kept = begin(connection, account)
    assert second_factor.turn_on(connection, account.id, SHOWN, [b"a"], keep=kept.id)
    changed = accounts.by_id(connection, account.id)
    assert changed is not None
    come = visit()
    assert begin(connection, changed, come).pending
    second_factor.turn_off(connection, account.id)
    assert state(connection, account) == (False, 0)
    assert sessions.find(connection, come.digest, NOW) is None
    assert ids(connection, account) == [kept.id]
    assert version(connection, account) == account.version + 2
    assert second_factor.turn_on(connection, account.id, Passcode(SECRET, 50), [b"a"], keep=kept.id)

"""Sessions: found by their token, as long as they last and their account is open; pending ones give way to others."""

from collections.abc import Callable
from itertools import count
from typing import Any, Final

import attrs
import pytest
from sqlalchemy import Connection

from smstob.model.access import PENDING_LASTS, SESSION_IDLE, SESSION_LASTS, Session
from smstob.model.account import Account
from smstob.storage import accounts, second_factor, sessions
from smstob.storage.sessions import MOST, Passcode, Visit

from .scenes import NOW, open_account

SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE: Final = b"recovery"
_TOKENS: Final = count(1)


def visit(at: int = NOW, digest: bytes | None = None, **changes: Any) -> Visit:
    """Somebody comes, by a token of his own unless one is given."""
    values = {"network": "192.0.2.7", "agent": "Firefox", **changes}
    return Visit(digest=digest or b"\0%d" % next(_TOKENS), at=at, **values)


def begin(connection: Connection, account: Account, given: Visit | None = None) -> Session:
    """A session of the account, which has not changed."""
    made = sessions.open_for(connection, account, given or visit())
    assert made is not None
    return made


def guarded(connection: Connection) -> Account:
    """An account with a second factor, last used at step 100, and one recovery code."""
    account = open_account(connection)
    assert second_factor.turn_on(connection, account.id, Passcode(SECRET, 100), [CODE], keep=0)
    found = accounts.by_id(connection, account.id)
    assert found is not None
    return found


def ids(connection: Connection, account: Account, now: int = NOW) -> list[int]:
    """The account's open sessions, as listed."""
    return [one.id for one in sessions.of_account(connection, account.id, now)]


def test_found_by_its_token_only(connection: Connection) -> None:
    """As it was opened, with the account as it is by now; no other token finds it."""
    account = open_account(connection)
    come = visit(agent="L'été \U0001f600", network="2001:db8::/64")
    made = begin(connection, account, come)
    assert made == Session(
        id=made.id,
        account=account,
        created=NOW,
        seen=NOW,
        network="2001:db8::/64",
        agent="L'été \U0001f600",
        pending=False,
    )
    assert sessions.find(connection, come.digest, NOW) == made
    assert sessions.find(connection, b"other", NOW) is None
    assert sessions.find(connection, come.digest[:-1], NOW) is None
    accounts.set_options(connection, account.id, {"validity": 3})
    found = sessions.find(connection, come.digest, NOW)
    assert found is not None
    assert (found.account.options.validity, found.account.version) == (3, account.version + 1)


def test_none_for_an_account_that_changed(connection: Connection) -> None:
    """Its password may be another by now, or it may be closed: whoever showed it shows it again."""
    account, closed = open_account(connection), open_account(connection)
    accounts.set_password(connection, account.id, "new")
    assert sessions.open_for(connection, account, visit()) is None
    accounts.set_disabled(connection, closed.id, disabled=True)
    assert sessions.open_for(connection, closed, visit()) is None
    assert sessions.open_for(connection, attrs.evolve(closed, version=closed.version + 1), visit()) is None


@pytest.mark.parametrize(
    ("seen", "after", "lives"),
    [
        (0, SESSION_IDLE - 1, True),
        (0, SESSION_IDLE, False),
        (SESSION_LASTS - 1, SESSION_LASTS - 1, True),
        (SESSION_LASTS - 1, SESSION_LASTS, False),
        (0, -86_400, True),
    ],
)
def test_how_long_it_lasts(connection: Connection, seen: int, after: int, lives: bool) -> None:
    """Half a day without a request, a month in all, to the second; a clock set back ends none."""
    account, come = open_account(connection), visit()
    made = begin(connection, account, come)
    sessions.see(connection, made.id, NOW + seen)
    assert (sessions.find(connection, come.digest, NOW + after) is not None) is lives
    assert ids(connection, account, NOW + after) == [made.id] * lives
    assert sessions.prune(connection, NOW + after) == (not lives)
    assert (sessions.find(connection, come.digest, NOW) is not None) is lives


def test_clock_that_was_ahead(connection: Connection) -> None:
    """What it dated a year ahead lasts no longer than others, from the first request with the right time on."""
    account, come = open_account(connection), visit(at=NOW + 365 * 86_400)
    made = begin(connection, account, come)
    sessions.see(connection, made.id, NOW)
    found = sessions.find(connection, come.digest, NOW)
    assert found is not None
    assert (found.created, found.seen) == (NOW, NOW)
    assert sessions.find(connection, come.digest, NOW + SESSION_IDLE) is None


def test_closed_account_has_none(connection: Connection) -> None:
    """They end when it is closed, pending ones too, and do not come back when it is opened; nobody else's end."""
    account, other = guarded(connection), open_account(connection)
    come, theirs = visit(), visit()
    begin(connection, account, come)
    begin(connection, other, theirs)
    accounts.set_disabled(connection, account.id, disabled=True)
    assert sessions.find(connection, come.digest, NOW) is None
    accounts.set_disabled(connection, account.id, disabled=False)
    assert sessions.find(connection, come.digest, NOW) is None
    assert sessions.find(connection, theirs.digest, NOW) is not None


def test_list(connection: Connection) -> None:
    """The account's own, the last seen first, without those that are pending or have ended."""
    account, other = open_account(connection), open_account(connection)
    first, second, third = (begin(connection, account, visit(NOW + nth)) for nth in range(3))
    begin(connection, other)
    sessions.see(connection, first.id, NOW + 10)
    assert ids(connection, account) == [first.id, third.id, second.id]
    assert sessions.of_account(connection, account.id, NOW)[0].seen == NOW + 10
    assert ids(connection, guarded(connection)) == []


def test_the_oldest_goes(connection: Connection) -> None:
    """An account has so many; another's are not counted, and pending ones push out no others."""
    account, other = open_account(connection), open_account(connection)
    theirs = begin(connection, other)
    made = [begin(connection, account, visit(NOW + nth)).id for nth in range(MOST)]
    sessions.see(connection, made[0], NOW + 1000)
    made.append(begin(connection, account, visit(NOW + 2000)).id)
    assert ids(connection, account) == [made[MOST], made[0], *made[MOST - 1 : 1 : -1]]
    assert ids(connection, other) == [theirs.id]
    assert second_factor.turn_on(connection, account.id, Passcode(SECRET, 1), [CODE], keep=made[0])
    changed = accounts.by_id(connection, account.id)
    assert changed is not None
    pending = [visit(NOW + 3000 + nth) for nth in range(MOST + 5)]
    assert all(begin(connection, changed, one).pending for one in pending)
    assert ids(connection, account) == [made[0]]
    alive = [sessions.find(connection, one.digest, NOW + 3000) is not None for one in pending]
    assert alive == [False] * 5 + [True] * MOST


def test_ends(connection: Connection) -> None:
    """By its token, or by its id: only its own account can end it so."""
    account, other = open_account(connection), open_account(connection)
    come, again = visit(), visit()
    begin(connection, account, come)
    made = begin(connection, account, again)
    sessions.end(connection, b"other")
    sessions.end(connection, come.digest)
    assert ids(connection, account) == [made.id]
    assert not sessions.end_one(connection, other.id, made.id)
    assert sessions.find(connection, again.digest, NOW) is not None
    assert sessions.end_one(connection, account.id, made.id)
    assert not sessions.end_one(connection, account.id, made.id)
    assert sessions.find(connection, again.digest, NOW) is None


def test_pending(connection: Connection) -> None:
    """It waits for a quarter of an hour, whatever requests come; what it waits for is in no representation."""
    account, come = guarded(connection), visit()
    made = begin(connection, account, come)
    assert made.pending
    told = sessions.challenge(connection, come.digest, NOW + PENDING_LASTS - 1)
    assert told is not None
    assert (told.account, told.secret, told.recovery_digests) == (account.id, SECRET, frozenset({CODE}))
    assert SECRET not in repr(told)
    assert SECRET not in repr(Passcode(SECRET, 1))
    sessions.see(connection, made.id, NOW + 600)
    for find in (sessions.challenge, sessions.find):
        assert find(connection, come.digest, NOW + PENDING_LASTS) is None
        assert find(connection, b"other", NOW) is None


def test_no_challenge_where_nothing_is_pending(connection: Connection) -> None:
    """A session that is open has shown its second factor, or needs none."""
    account, come = open_account(connection), visit()
    begin(connection, account, come)
    assert sessions.challenge(connection, come.digest, NOW) is None
    assert sessions.confirm(connection, come.digest, Passcode(SECRET, 101), visit()) is None


@pytest.mark.parametrize("proof", [Passcode(SECRET, 101), CODE])
def test_confirmed(connection: Connection, proof: Passcode | bytes) -> None:
    """Another token, another session; the first token is nobody's, and the proof is used up."""
    account, come, then = guarded(connection), visit(), visit(NOW + 5, network="198.51.100.1", agent="Safari")
    begin(connection, account, come)
    made = sessions.confirm(connection, come.digest, proof, then)
    assert made is not None
    assert (made.pending, made.created, made.network, made.agent) == (False, NOW + 5, "198.51.100.1", "Safari")
    assert sessions.find(connection, then.digest, NOW + 5) == made
    assert sessions.find(connection, come.digest, NOW + 5) is None
    assert sessions.confirm(connection, come.digest, Passcode(SECRET, 102), visit()) is None
    again = visit()
    begin(connection, account, again)
    assert sessions.confirm(connection, again.digest, proof, visit()) is None
    assert sessions.find(connection, again.digest, NOW) is not None


@pytest.mark.parametrize(
    "proof",
    [
        Passcode(SECRET, 100),
        Passcode(SECRET, 99),
        Passcode("A" * 32, 101),
        b"another",
        b"",
    ],
)
def test_not_confirmed(connection: Connection, proof: Passcode | bytes) -> None:
    """By a step that was used, an earlier one, a secret that is another by now, no code of its own."""
    account, come = guarded(connection), visit()
    begin(connection, account, come)
    assert sessions.confirm(connection, come.digest, proof, visit()) is None
    found = sessions.find(connection, come.digest, NOW)
    assert found is not None
    assert found.pending
    assert sessions.confirm(connection, come.digest, Passcode(SECRET, 101), visit()) is not None


def test_code_of_another_account(connection: Connection) -> None:
    """It opens its own account's session, and no other's, even where two codes were alike."""
    account, other, come, theirs = guarded(connection), guarded(connection), visit(), visit()
    begin(connection, account, come)
    begin(connection, other, theirs)
    assert sessions.confirm(connection, come.digest, CODE, visit()) is not None
    made = sessions.confirm(connection, theirs.digest, CODE, visit())
    assert made is not None
    assert made.account.id == other.id


def close(connection: Connection, account: Account) -> None:
    """The operator does."""
    accounts.set_disabled(connection, account.id, disabled=True)


def forget(connection: Connection, account: Account) -> None:
    """The holder turns the second factor off."""
    second_factor.turn_off(connection, account.id)


@pytest.mark.parametrize("happens", [close, forget])
def test_nothing_pending_survives(connection: Connection, happens: Callable[[Connection, Account], None]) -> None:
    """A code that was right before is of no use then."""
    account, come = guarded(connection), visit()
    begin(connection, account, come)
    happens(connection, account)
    assert sessions.challenge(connection, come.digest, NOW) is None
    assert sessions.confirm(connection, come.digest, CODE, visit()) is None


def test_late_confirmation_uses_nothing_up(connection: Connection) -> None:
    """Where the session has ended, the code is good for the next one."""
    account, come, again = guarded(connection), visit(), visit(NOW + PENDING_LASTS)
    begin(connection, account, come)
    assert sessions.confirm(connection, come.digest, CODE, visit(NOW + PENDING_LASTS)) is None
    begin(connection, account, again)
    assert sessions.confirm(connection, again.digest, CODE, visit(NOW + PENDING_LASTS)) is not None

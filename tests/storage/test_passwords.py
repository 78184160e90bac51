"""Passwords that somebody is yet to get: owed once, drawn when told, and links that are good once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from smstob.model.access import LINK_LASTS
from smstob.model.account import Account, Confirmations
from smstob.model.notice import Kind
from smstob.storage import accounts, notices, passwords
from smstob.storage.notices import Owed
from smstob.storage.schema import account as table
from smstob.storage.schema import notice

from .scenes import NOW, open_account
from .test_sessions import begin, guarded, ids

NOBODY = "$nobody"
LEASE = 180


def claimed(connection: Connection, now: int = NOW) -> list[Owed]:
    """All that is due, for some minutes."""
    return notices.claim(connection, now, now + LEASE, 100)


def password_of(connection: Connection, email: str) -> str:
    """Its hash."""
    found = accounts.secrets_of(connection, email)
    assert found is not None
    return found.password_hash


def opened(connection: Connection, email: str = "neuf@exemple.fr", key: str = "k") -> tuple[int, Owed]:
    """A new account that is owed its password, and the notice, claimed."""
    made = passwords.sign_up(connection, email, NOBODY, key, NOW)
    assert made is not None
    (owed,) = claimed(connection)
    return made, owed


def linked(connection: Connection, account: Account, digest: bytes, key: str = "k", now: int = NOW) -> None:
    """The account is owed a link, and the digest is that of its token."""
    passwords.recover(connection, account.email, Kind.RECOVERY, key, now)
    (owed,) = claimed(connection, now)
    assert passwords.keep_link(connection, owed, digest, now, now + LEASE)


def test_sign_up(connection: Connection) -> None:
    """An account with nobody's password, and its holder is owed one."""
    made, owed = opened(connection)
    account = accounts.by_email(connection, "neuf@exemple.fr")
    assert account is not None
    assert (account.id, password_of(connection, account.email)) == (made, NOBODY)
    assert (owed.kind, owed.account, owed.recipient, owed.since) == (Kind.OPENED, made, account.email, NOW)
    assert (owed.thread, owed.submission, owed.lines) == (None, None, ())


def test_sign_up_again(connection: Connection) -> None:
    """Nothing of the account changes; its holder is told, each time."""
    account = open_account(connection)
    for key in ("a", "b"):
        assert passwords.sign_up(connection, account.email, NOBODY, key, NOW) is None
    assert [(one.kind, one.account) for one in claimed(connection)] == [(Kind.KNOWN, account.id)] * 2
    assert accounts.by_email(connection, account.email) == account
    assert password_of(connection, account.email) == "hash"


def everything(connection: Connection) -> list[Any]:
    """All accounts and notices."""
    return [tuple(row) for one in (table, notice) for row in connection.execute(select(one))]


def test_nothing_is_owed_to_nobody(connection: Connection) -> None:
    """No account, or a closed one: nothing is left of the request."""
    account = open_account(connection)
    accounts.set_disabled(connection, account.id, disabled=True)
    before = everything(connection)
    passwords.recover(connection, "personne@exemple.fr", Kind.RECOVERY, "a", NOW)
    passwords.recover(connection, account.email, Kind.RECOVERY, "b", NOW)
    assert passwords.sign_up(connection, account.email, NOBODY, "c", NOW) is None
    assert everything(connection) == before


def test_whatever_the_options_say(connection: Connection) -> None:
    """Who wants no confirmations can lose his password too."""
    account = open_account(connection, confirmations=Confirmations.NONE)
    passwords.recover(connection, account.email, Kind.RECOVERY, "k", NOW)
    assert [one.kind for one in claimed(connection)] == [Kind.RECOVERY]


def test_drawn_password(connection: Connection) -> None:
    """It is set, the account is another version, and the notice is held for longer; then another one is."""
    made, owed = opened(connection)
    assert passwords.set_drawn(connection, owed, "first", NOW + 100, NOW + 100 + LEASE)
    assert password_of(connection, "neuf@exemple.fr") == "first"
    assert claimed(connection, NOW + LEASE) == []
    (again,) = claimed(connection, NOW + 100 + LEASE)
    assert again.id == owed.id
    assert passwords.set_drawn(connection, again, "second", NOW + 300, NOW + 300 + LEASE)
    assert password_of(connection, "neuf@exemple.fr") == "second"
    account = accounts.by_id(connection, made)
    assert account is not None
    assert account.version == 3


def test_who_lost_the_notice_sets_nothing(connection: Connection) -> None:
    """Its time was over and another daemon claimed it: the password that he mails is the one that stays."""
    _, owed = opened(connection)
    (theirs,) = claimed(connection, NOW + LEASE)
    assert passwords.set_drawn(connection, theirs, "theirs", NOW + LEASE, NOW + 2 * LEASE)
    assert not passwords.set_drawn(connection, owed, "ours", NOW + LEASE, NOW + 2 * LEASE)
    assert not passwords.keep_link(connection, owed, b"ours", NOW + LEASE, NOW + 2 * LEASE)
    assert password_of(connection, "neuf@exemple.fr") == "theirs"
    assert passwords.link_email(connection, b"ours", NOW + LEASE) is None


def chosen(connection: Connection, account: int) -> None:
    """Somebody set a password of his own."""
    accounts.set_password(connection, account, "chosen")


def shown(connection: Connection, account: int) -> None:
    """Somebody logged in with the one that was told."""
    accounts.note_network(connection, account, "192.0.2.7")


@pytest.mark.parametrize("happens", [chosen, shown])
def test_nobody_is_owed_what_he_has(connection: Connection, happens: Callable[[Connection, int], None]) -> None:
    """A letter that is told again after a crash must not take away the password that somebody works with."""
    made, owed = opened(connection)
    other, theirs = opened(connection, "autre@exemple.fr", "l")
    assert passwords.set_drawn(connection, owed, "told", NOW, NOW + LEASE)
    happens(connection, made)
    before = password_of(connection, "neuf@exemple.fr")
    assert before in {"told", "chosen"}
    assert [one.account for one in claimed(connection, NOW + 10 * LEASE)] == [other]
    assert not passwords.set_drawn(connection, owed, "again", NOW + LEASE, NOW + 2 * LEASE)
    assert password_of(connection, "neuf@exemple.fr") == before
    assert theirs.account == other


def test_closed_meanwhile(connection: Connection) -> None:
    """Nothing is set, and nothing is owed any more."""
    made, owed = opened(connection)
    accounts.set_disabled(connection, made, disabled=True)
    assert not passwords.set_drawn(connection, owed, "drawn", NOW, NOW + LEASE)
    assert not passwords.keep_link(connection, owed, b"link", NOW, NOW + LEASE)
    assert password_of(connection, "neuf@exemple.fr") == NOBODY
    assert claimed(connection, NOW + 10 * LEASE) == []


def test_link(connection: Connection) -> None:
    """It leads to its own account, once: password, sessions and all other links are over; a second factor stays."""
    account, other = guarded(connection), open_account(connection)
    begin(connection, account)
    theirs = begin(connection, other)
    linked(connection, account, b"one", "a")
    linked(connection, account, b"two", "b")
    linked(connection, other, b"three", "c")
    assert passwords.link_email(connection, b"one", NOW) == account.email
    assert passwords.reset(connection, b"one", "new", NOW) == account.id
    assert password_of(connection, account.email) == "new"
    assert ids(connection, account) == []
    for used in (b"one", b"two"):
        assert passwords.link_email(connection, used, NOW) is None
        assert passwords.reset(connection, used, "newer", NOW) is None
    assert password_of(connection, account.email) == "new"
    told = accounts.profile(connection, account.id)
    assert told is not None
    assert told.second_factor
    assert ids(connection, other) == [theirs.id]
    assert passwords.link_email(connection, b"three", NOW) == other.email


def test_link_that_is_too_old(connection: Connection) -> None:
    """To the second; then it is pruned, and those that are good are not."""
    account = open_account(connection)
    linked(connection, account, b"old", "a")
    linked(connection, account, b"new", "b", NOW + 10)
    over = NOW + LINK_LASTS
    assert passwords.link_email(connection, b"old", over - 1) == account.email
    assert passwords.link_email(connection, b"old", over) is None
    assert passwords.reset(connection, b"old", "new", over) is None
    assert password_of(connection, account.email) == "hash"
    assert passwords.prune_links(connection, over) == 1
    assert passwords.reset(connection, b"new", "new", over) == account.id


def test_link_of_a_closed_account(connection: Connection) -> None:
    """It leads nowhere."""
    account = open_account(connection)
    linked(connection, account, b"link")
    accounts.set_disabled(connection, account.id, disabled=True)
    assert passwords.link_email(connection, b"link", NOW) is None
    assert passwords.reset(connection, b"link", "new", NOW) is None
    assert password_of(connection, account.email) == "hash"


def test_links_that_never_were(connection: Connection) -> None:
    """Whatever the digest."""
    linked(connection, open_account(connection), b"link")
    for digest in (b"", b"lin", b"link\0", b"LINK", b"%"):
        assert passwords.link_email(connection, digest, NOW) is None
        assert passwords.reset(connection, digest, "new", NOW) is None

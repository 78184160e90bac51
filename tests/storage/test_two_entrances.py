"""Two daemons on one PostgreSQL database, at whose doors the same person, or a thief, comes at the same moment."""

from functools import partial
from typing import Any

from sqlalchemy import Connection

from smstob.model.notice import Kind
from smstob.storage import accounts, notices, passwords, second_factor, sessions
from smstob.storage.engine import Engines
from smstob.storage.sessions import Passcode

from .scenes import NOW, open_account
from .test_sessions import CODE, SECRET, begin, guarded, visit
from .test_two_daemons import blocked

EMAIL = "neuf@exemple.fr"


def test_one_account_for_two_sign_ups(postgresql_engines: Engines) -> None:
    """The second finds the first's; its holder gets a password, and a letter that he has an account."""

    def sign_up(connection: Connection, key: str) -> Any:
        return passwords.sign_up(connection, EMAIL, "$nobody", key, NOW)

    with postgresql_engines.writer.begin() as connection:
        first = sign_up(connection, "a")
        assert first is not None
        with blocked(postgresql_engines, lambda other: sign_up(other, "b")) as second:
            connection.commit()
    assert second.result() is None
    with postgresql_engines.writer.begin() as connection:
        owed = notices.claim(connection, NOW, NOW + 180, 100)
    assert sorted((one.kind, one.account) for one in owed) == [(Kind.KNOWN, first), (Kind.OPENED, first)]


def test_one_session_for_a_passcode(postgresql_engines: Engines) -> None:
    """Of two pending sessions that are shown the same one, whose digits were seen over a shoulder."""
    one, two = visit(), visit()
    with postgresql_engines.writer.begin() as connection:
        account = guarded(connection)
        begin(connection, account, one)
        begin(connection, account, two)
    for proof in (Passcode(SECRET, 101), CODE):
        with postgresql_engines.writer.begin() as connection:
            assert sessions.confirm(connection, one.digest, proof, visit()) is not None
            again = partial(sessions.confirm, digest=two.digest, proof=proof, visit=visit())
            with blocked(postgresql_engines, again) as second:
                connection.commit()
        assert second.result() is None
        with postgresql_engines.writer.begin() as connection:
            begin(connection, account, one := visit())


def test_one_password_for_a_link(postgresql_engines: Engines) -> None:
    """The first that is set stays."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection)
        passwords.recover(connection, account.email, Kind.RECOVERY, "k", NOW)
        (owed,) = notices.claim(connection, NOW, NOW + 180, 1)
        assert passwords.keep_link(connection, owed, b"link", NOW, NOW + 180)
    with postgresql_engines.writer.begin() as connection:
        assert passwords.reset(connection, b"link", "first", NOW) == account.id
        with blocked(postgresql_engines, lambda other: passwords.reset(other, b"link", "second", NOW)) as second:
            connection.commit()
    assert second.result() is None
    with postgresql_engines.writer.begin() as connection:
        found = accounts.secrets_of(connection, account.email)
    assert found is not None
    assert found.password_hash == "first"


def test_no_session_beside_a_change(postgresql_engines: Engines) -> None:
    """Who showed the old password while the new one was set shows it in vain."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection)
    with postgresql_engines.writer.begin() as connection:
        accounts.set_password(connection, account.id, "new")
        with blocked(postgresql_engines, lambda other: sessions.open_for(other, account, visit())) as second:
            connection.commit()
    assert second.result() is None


def test_one_second_factor(postgresql_engines: Engines) -> None:
    """Two browsers turn one on: one of them is told that there is one."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection)
    with postgresql_engines.writer.begin() as connection:
        assert second_factor.turn_on(connection, account.id, Passcode(SECRET, 1), [b"a"], keep=0)
        with blocked(
            postgresql_engines,
            lambda other: second_factor.turn_on(other, account.id, Passcode("B" * 32, 1), [b"b"], keep=0),
        ) as second:
            connection.commit()
    assert second.result() is False


def test_one_key_of_a_name(postgresql_engines: Engines) -> None:
    """The second is told that the name is taken, not that something is broken."""

    def add(connection: Connection, digest: bytes) -> str:
        try:
            accounts.add_key(connection, account.id, "boutique", digest, NOW)
        except accounts.AlreadyThere:
            return "taken"
        return "added"

    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection)
    with postgresql_engines.writer.begin() as connection:
        assert add(connection, b"a") == "added"
        with blocked(postgresql_engines, lambda other: add(other, b"b")) as second:
            connection.commit()
    assert second.result() == "taken"


def test_one_daemon_tells(postgresql_engines: Engines) -> None:
    """One that is late, but first, holds the notice from then on: the other does not get it."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        assert passwords.sign_up(connection, EMAIL, "$nobody", "k", NOW) is not None
        (owed,) = notices.claim(connection, NOW, NOW + 180, 1)
    with writer.begin() as one, writer.begin() as two:
        assert passwords.set_drawn(one, owed, "told", NOW + 180, NOW + 360)
        assert notices.claim(two, NOW + 180, NOW + 360, 1) == []
    with writer.begin() as connection:
        assert notices.claim(connection, NOW + 181, NOW + 361, 1) == []

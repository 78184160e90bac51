"""Engines: what a commit means, who waits for whom, and the lock of one daemon on one file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from smstob.storage import migrate
from smstob.storage.engine import Engines, open_engines
from smstob.storage.lock import AlreadyRunning, DaemonLock


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a new file."""
    return f"sqlite:///{tmp_path / 'smstob.db'}"


def _insert(connection: Connection, key: int) -> None:
    connection.exec_driver_sql(f"INSERT INTO duplicate (key, at) VALUES ({key}, 0)")


def _count(connection: Connection) -> int:
    found: int = connection.exec_driver_sql("SELECT count(*) FROM duplicate").scalar_one()
    return found


def test_sqlite_pragmas_hold_on_every_connection(sqlite_url: str) -> None:
    """Each connection of both pools syncs every commit, has a write-ahead log and foreign keys."""
    engines = open_engines(sqlite_url)
    for engine in (engines.writer, engines.reader):
        opened = [engine.raw_connection() for _ in range(3)]
        for connection in opened:
            cursor = connection.cursor()
            told = {
                name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
            }
            assert told == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}
        for connection in opened:
            connection.close()
    engines.dispose()


def test_write_transaction_holds_the_file_from_its_beginning(sqlite_url: str) -> None:
    """BEGIN IMMEDIATE: a second writer waits before it has read anything, so neither acts on what is stale."""
    engines = open_engines(sqlite_url, patience=0.05)
    begun: list[str] = []
    with engines.writer.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        assert raw.in_transaction
        with pytest.raises(OperationalError, match="locked"), engines.writer.begin():
            pass
    event.listen(engines.writer, "before_cursor_execute", lambda *told: begun.append(told[2]))
    with engines.writer.begin():
        pass
    assert begun == ["BEGIN IMMEDIATE"]
    engines.dispose()


def test_connection_that_was_only_looked_through_holds_nothing(sqlite_url: str) -> None:
    """``migrate.current`` on the writer's engine leaves no transaction open behind it."""
    engines = open_engines(sqlite_url)
    assert migrate.current(engines.writer) is None
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")
    engines.dispose()


def test_reader_sees_one_moment_and_blocks_nobody(engines: Engines) -> None:
    """What is committed beside a reading transaction shows in the next one only; the writer does not wait."""
    with engines.writer.begin() as writer:
        _insert(writer, 1)
    with engines.reader.begin() as reader:
        assert _count(reader) == 1
        with engines.writer.begin() as writer:
            _insert(writer, 2)
        assert _count(reader) == 1
    with engines.writer.begin() as writer, engines.reader.begin() as reader:
        _insert(writer, 3)
        assert _count(reader) == 2


def test_reader_cannot_write(engines: Engines) -> None:
    """Who writes through a reader's connection is refused, on each of its uses."""
    for _ in range(2):
        with pytest.raises((OperationalError, InternalError), match=r"read-?only"), engines.reader.begin() as reader:
            _insert(reader, 1)
    with engines.reader.begin() as reader:
        assert _count(reader) == 0


def test_foreign_keys_are_enforced(engines: Engines) -> None:
    """A row that belongs to nobody is refused."""
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), engines.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO purse (id, kind, account_id, balance) VALUES (9, 'account', 99, 0)")


def test_silent_server_is_noticed_unless_the_url_says_otherwise(postgresql_database: str) -> None:
    """The writer's connection has keep-alives of its own; one named in the URL wins."""
    engines = open_engines(postgresql_database + "?keepalives_idle=77")
    for engine in (engines.writer, engines.reader):
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            told = driver.info.get_parameters()
            assert {told["keepalives_idle"], told["keepalives_count"], told["connect_timeout"]} == {"77", "3", "5"}
    engines.dispose()


def test_ticket_tells_a_transaction_that_took_place(postgresql_engines: Engines) -> None:
    """PostgreSQL knows by its ticket whether a transaction was committed; one that only read has none."""
    with postgresql_engines.writer.begin() as connection:
        assert postgresql_engines.ticket(connection) is None
        _insert(connection, 1)
        kept = postgresql_engines.ticket(connection)
    with postgresql_engines.writer.connect() as connection:
        _insert(connection, 2)
        dropped = postgresql_engines.ticket(connection)
    assert kept is not None
    assert dropped is not None
    assert postgresql_engines.committed(kept)
    assert not postgresql_engines.committed(dropped)


def test_one_daemon_on_one_file(tmp_path: Path) -> None:
    """The second is told so until the first lets go; PostgreSQL needs no lock."""
    url = f"sqlite:///{tmp_path / 'new' / 'smstob.db'}"
    first, second = DaemonLock(url), DaemonLock(url)
    first.acquire()
    with pytest.raises(AlreadyRunning, match=r"smstob\.db\.lock"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
    assert first.alone
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "new")
    third = DaemonLock(f"sqlite:///{link}/../new/./smstob.db")
    second.acquire()
    with pytest.raises(AlreadyRunning):
        third.acquire()
    second.release()
    shared = DaemonLock("postgresql+psycopg://nobody@127.0.0.1:1/none")
    shared.acquire()
    shared.release()
    assert not shared.alone


def test_errors_hide_parameters(database_url: str) -> None:
    """What a failed statement says goes to the log: without the values, which are texts and numbers."""
    engines = open_engines(database_url)
    for engine in (engines.writer, engines.reader):
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
            connection.exec_driver_sql(f"SELECT nowhere FROM duplicate WHERE key = {mark}", ("SECRET",))
        assert "SECRET" not in str(raised.value)
    engines.dispose()

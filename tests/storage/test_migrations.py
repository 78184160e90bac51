"""Migrations: from nothing to the newest schema, once, whole or not at all; and what the database itself refuses."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, Engine, event, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError

from smstob.model.account import Account
from smstob.model.ledger import ISSUED, SPENT
from smstob.storage import accounts, billing_schema, ledger, migrate, receipts, sim_schema
from smstob.storage.engine import Engines, open_engines
from tests.tallies import recounted, tallied

from .scenes import DAY, NOW, open_account, parts_of, row, undone

# modules with tables, which share it
(METADATA,) = {one.metadata for one in (billing_schema.customer, sim_schema.sim_use)}


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


def test_newest_revision_is_the_schema(engines: Engines) -> None:
    """What the migrations make of an empty database is what ``schema`` says, types and indexes included."""
    assert _differences(engines.writer) == []
    assert migrate.current(engines.writer) == migrate.newest()


def test_checks_and_partial_indexes_are_those_of_the_schema(engines: Engines, tmp_path: Path) -> None:
    """What alembic does not compare: CHECK constraints, conditions of indexes, foreign keys' tables."""
    other = open_engines(f"sqlite:///{tmp_path / 'made.db'}")
    if engines.writer.dialect.name == "sqlite":
        METADATA.create_all(other.writer)
        statement = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        with engines.reader.connect() as migrated, other.reader.connect() as made:
            assert set(migrated.exec_driver_sql(statement)) == set(made.exec_driver_sql(statement))
    looked = inspect(engines.reader)
    for name, table in METADATA.tables.items():
        checks = {constraint["name"] for constraint in looked.get_check_constraints(name)}
        assert checks == {one.name for one in table.constraints if isinstance(one, CheckConstraint)}
    other.dispose()


def test_upgrade_twice_is_harmless(engines: Engines) -> None:
    """The second finds nothing to do and changes nothing."""
    with engines.writer.begin() as connection:
        made = open_account(connection, 7)
    assert migrate.upgrade(engines.writer) == migrate.newest()
    with engines.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT id FROM account").scalars().all() == [made.id]
        assert connection.exec_driver_sql("SELECT count(*) FROM purse").scalar_one() == 3


SUBMISSION = (
    "INSERT INTO submission (id, account_id, channel, destination, text, created, due, code, format, validity, "
    "messages, credits, duplicates, empty) VALUES "
)
MESSAGE = (
    "INSERT INTO message (id, submission_id, number, typed, text, coding, segments, credits, format, priority, "
    "gateway, state, due, deadline) VALUES "
)
OLD = [
    f"{SUBMISSION} (3, 1, 'http', 'x', 'a', {NOW}, {NOW}, 80, 'normal', 72, 3, 6, 0, 0)",
    f"{SUBMISSION} (4, 1, 'mail', 'x', 'b', 5, {DAY}, 81, 'normal', 72, 1, 1, 0, 0)",
    *(
        f"{MESSAGE} ({id_}, 3, '+336', '06', 'a', 'gsm7', 2, 2, 'normal', 1, 'sink', '{state}', {NOW}, {NOW + 9})"
        for id_, state in ((7, "handed"), (8, "failed"), (9, "cancelled"))
    ),
    f"{MESSAGE} (10, 4, '+336', '06', 'b', 'gsm7', 1, 1, 'normal', 0, 'sink', 'queued', 5, 9)",
    f"INSERT INTO segment VALUES (7, 1, 'sink', 'r1', 'handed', {NOW}), (7, 2, 'sink', 'r2', 'handed', {NOW})",
    f"INSERT INTO parked_receipt (gateway, reference, state, at) VALUES ('sink', 'r1', 'delivered', {NOW})",
]
"""What a database of the first revision holds: segments with and without receipts, ends of all kinds."""


def test_upgrade_from_the_first_revision(database_url: str) -> None:
    """What is in the tables stays; a receipt that waits has no phone, and is matched as ever."""
    engines = open_engines(database_url)
    with engines.writer.begin() as connection:
        command.upgrade(migrate._config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO account (id, email, password_hash, created, duplicates, format, validity, confirmations, "
            "characters, max_segments) VALUES (1, 'a@b.fr', 'hash', 1, true, 'normal', 72, 'all', 'adapt', 5)"
        )
        connection.exec_driver_sql("INSERT INTO purse (kind, account_id, balance) VALUES ('account', 1, 7)")
        connection.exec_driver_sql("UPDATE purse SET balance = -7 WHERE kind = 'issued'")
        connection.exec_driver_sql(
            "INSERT INTO ledger_entry (at, reason, reference, source_id, target_id, amount) "
            f"SELECT {NOW}, 'top-up', 'x', {ISSUED}, id, 7 FROM purse WHERE account_id = 1"
        )
        for statement in OLD:
            connection.exec_driver_sql(statement)
    assert migrate.current(engines.writer) == "0001"
    assert migrate.upgrade(engines.writer) == migrate.newest()
    assert _differences(engines.writer) == []
    with engines.writer.begin() as connection:
        kept = row(connection, 7)
        assert (kept.text, kept.state, kept.segments, kept.account_id) == ("a", "handed", 2, 1)
        assert accounts.by_id(connection, 1) == Account(id=1, email="a@b.fr", version=1)
        assert ledger.verify(connection).sound
        assert ledger.balance_of(connection, 1) == 7
        assert connection.exec_driver_sql("SELECT reference, number FROM parked_receipt").all() == [("r1", None)]
        assert receipts.prune_parked(connection, NOW) == 0
        assert parts_of(connection, 7) == {1: ("r1", "delivered"), 2: ("r2", "handed")}
        found = connection.exec_driver_sql("SELECT segments, day FROM submission ORDER BY id").all()
        assert [tuple(one) for one in found] == [(6, NOW // DAY), (1, 1)]
        assert tallied(connection) == recounted(connection) != {}
    engines.dispose()


def test_daemons_that_start_together_migrate_once(database_url: str) -> None:
    """Six at once on an empty database: all come to the newest revision, none fails."""
    opened = [open_engines(database_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        reached = list(threads.map(lambda one: migrate.upgrade(one.writer), opened))
    assert reached == [migrate.newest()] * 6
    assert _differences(opened[0].writer) == []
    for one in opened:
        one.dispose()


KILLED = """
import os, sys
from sqlalchemy import event
from smstob.storage import migrate
from smstob.storage.engine import open_engines
engines = open_engines(sys.argv[1])
@event.listens_for(engines.writer, "before_cursor_execute")
def look(connection, cursor, statement, *rest):
    if "CREATE TABLE message" in statement:
        os._exit(9)
migrate.upgrade(engines.writer)
"""


def test_killed_migration_leaves_nothing(database_url: str) -> None:
    """A process that ends in the middle has made no table at all, and the next one makes them all."""
    ended = subprocess.run([sys.executable, "-c", KILLED, database_url], check=False)
    assert ended.returncode == 9
    engines = open_engines(database_url)
    assert inspect(engines.reader).get_table_names() == []
    migrate.upgrade(engines.writer)
    assert _differences(engines.writer) == []
    engines.dispose()


def test_failed_migration_leaves_nothing(database_url: str) -> None:
    """An error at any statement rolls every table back: DDL is transactional on both."""
    engines = open_engines(database_url)

    def fail_at(statement: str) -> None:
        if "ledger_entry_no" in statement:
            raise RuntimeError("planted")

    event.listen(engines.writer, "before_cursor_execute", lambda *told: fail_at(told[2]))
    with pytest.raises(RuntimeError, match="planted"):
        migrate.upgrade(engines.writer)
    assert inspect(engines.reader).get_table_names() == []
    engines.dispose()


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET amount = 1", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"]
)
def test_entries_are_never_changed(connection: Connection, statement: str) -> None:
    """The database itself refuses, whoever asks."""
    open_account(connection, 5)
    if connection.dialect.name == "sqlite" and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM ledger_entry WHERE true"
    with undone(connection), pytest.raises(DBAPIError, match="never changed"):
        connection.exec_driver_sql(statement)
    assert connection.exec_driver_sql("SELECT amount FROM ledger_entry").scalars().all() == [5]


ENTRY = "INSERT INTO ledger_entry (at, reason, reference, source_id, target_id, amount) VALUES "


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purse SET balance = -1 WHERE kind = 'account'",
        f"UPDATE purse SET balance = -1 WHERE id = {SPENT}",
        f"{ENTRY} ({NOW}, 'debit', '1', {ISSUED}, {SPENT}, 0)",
        f"{ENTRY} ({NOW}, 'debit', '1', {ISSUED}, {SPENT}, -4)",
        f"{ENTRY} ({NOW}, 'debit', '1', {SPENT}, {SPENT}, 4)",
        f"{ENTRY} ({NOW}, 'debit', '1', {ISSUED}, {SPENT}, 4), ({NOW + 9}, 'debit', '1', {SPENT}, {ISSUED}, 1)",
        f"{ENTRY} ({NOW}, 'debit', '1', {ISSUED}, 4711, 4)",
        "UPDATE purse SET account_id = 4711 WHERE kind = 'account'",
    ],
)
def test_impossible_money_is_refused(connection: Connection, statement: str) -> None:
    """Raw SQL too cannot go below zero, move nothing, enter a thing twice or name a purse that is not there."""
    open_account(connection, 5)
    with undone(connection), pytest.raises(IntegrityError):
        connection.exec_driver_sql(statement)


def test_issued_purse_alone_goes_below_zero(connection: Connection) -> None:
    """Its balance is minus what was ever issued."""
    connection.exec_driver_sql(f"UPDATE purse SET balance = -5 WHERE id = {ISSUED}")
    rows = connection.exec_driver_sql("SELECT id, kind FROM purse ORDER BY id").all()
    assert [tuple(one) for one in rows] == [(ISSUED, "issued"), (SPENT, "spent")]

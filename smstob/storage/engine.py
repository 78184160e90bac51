"""Engines for the two databases: what has to be set so that a commit means what it says."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from time import sleep
from types import MappingProxyType
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

ASKED: Final = 60
ASKED_EVERY: Final = 0.5
"""How often and every how many seconds a server is asked what became of a commit."""

WAL_EVERY: Final = 0.05
"""Seconds between two tries to give a new file its write-ahead log."""

LIVELY: Final[Mapping[str, int]] = MappingProxyType(
    {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
    }
)
"""A PostgreSQL server that went without a word is noticed in less than half a minute; the URL may say otherwise."""


@attrs.frozen
class Engines:
    """One engine for the writer, one for readers of the same database."""

    writer: Engine
    reader: Engine

    def ticket(self, connection: Connection) -> str | None:
        """By what ``committed`` knows the writer's transaction, all of whose work is done.

        None on SQLite, which never leaves a commit in doubt, and where nothing was written. Raises
        when the transaction has failed unnoticed: PostgreSQL would answer its COMMIT all the same.
        """
        if connection.dialect.name == "sqlite":
            return None
        found: str | None = connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()::text").scalar_one()
        return found

    def committed(self, ticket: str) -> bool:
        """Whether a transaction whose COMMIT got no answer took place; asks until the server is back.

        Raises TimeoutError when that takes more than half a minute.
        """
        for _ in range(ASKED):
            with suppress(DBAPIError), self.reader.begin() as connection:
                asked = connection.exec_driver_sql("SELECT pg_xact_status(%s::xid8)", (ticket,))
                if (status := asked.scalar_one()) != "in progress":
                    return bool(status == "committed")
            sleep(ASKED_EVERY)
        raise TimeoutError("the database did not come back to tell whether it committed")

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.writer.dispose()
        self.reader.dispose()


def open_engines(url: str, patience: float = 5) -> Engines:
    """Engines for ``sqlite:///PATH`` or ``postgresql+psycopg://…``; nothing is connected yet.

    A transaction waits for another process's on SQLite for ``patience`` seconds.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Engines(_sqlite(url, "BEGIN IMMEDIATE", patience), _sqlite(url, "BEGIN", patience, "query_only=ON"))
    known = make_url(url)
    shared: dict[str, Any] = {
        "pool_pre_ping": True,
        "hide_parameters": True,  # an error's text goes to the log: without numbers and texts
        "connect_args": {name: value for name, value in LIVELY.items() if name not in known.query},
    }
    return Engines(
        create_engine(url, pool_size=1, max_overflow=4, **shared),
        create_engine(
            url,
            pool_size=2,
            **shared,
            isolation_level="REPEATABLE READ",  # all of a transaction sees one moment, as on SQLite
            execution_options={"postgresql_readonly": True},
        ),
    )


def _sqlite(url: str, begin: str, patience: float, *pragmas: str) -> Engine:
    engine = create_engine(url, pool_size=4, hide_parameters=True, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for DDL and reads
        _use_write_ahead_log(connection, patience)
        for pragma in (
            "synchronous=FULL",  # a commit survives a power cut
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
            *pragmas,
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _use_write_ahead_log(connection: sqlite3.Connection, patience: float) -> None:
    # unlike a statement, this change does not wait for another process that makes it too
    for _ in range(int(patience / WAL_EVERY)):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        sleep(WAL_EVERY)
    connection.execute("PRAGMA journal_mode=WAL")

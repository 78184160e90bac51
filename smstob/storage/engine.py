"""Engines for the two databases: what has to be set so that a commit means what it says."""

import sqlite3
from typing import Any

import attrs
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url


@attrs.frozen
class Engines:
    """One engine for the writer, one for readers of the same database."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.writer.dispose()
        self.reader.dispose()


def open_engines(url: str) -> Engines:
    """Engines for ``sqlite:///PATH`` or ``postgresql+psycopg://…``; nothing is connected yet."""
    if make_url(url).get_backend_name() == "sqlite":
        return Engines(_sqlite(url, "BEGIN IMMEDIATE"), _sqlite(url, "BEGIN"))
    return Engines(
        create_engine(url, pool_size=1, max_overflow=4, pool_pre_ping=True),
        create_engine(
            url, pool_size=2, pool_pre_ping=True, execution_options={"postgresql_readonly": True}
        ),
    )


def _sqlite(url: str, begin: str) -> Engine:
    # one connection a thread is enough and the pool's reset would cost a rollback for each use
    engine = create_engine(url, pool_size=4, pool_reset_on_return=None, connect_args={"timeout": 5})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for DDL and reads
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit survives a power cut
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine

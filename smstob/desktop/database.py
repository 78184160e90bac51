"""The file that holds book, phrases, outbox and what is being typed: SQLite, so that a crash loses nothing."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from . import places

FILE: Final = "smstob.db"

BUSY: Final = 10.0
"""Seconds that one thread waits for the other."""

_TABLES: Final = """
CREATE TABLE contact (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, typed TEXT NOT NULL, country TEXT NOT NULL,
    name TEXT NOT NULL, v1 TEXT NOT NULL, v2 TEXT NOT NULL, v3 TEXT NOT NULL,
    sorted TEXT NOT NULL, searched TEXT NOT NULL
);
CREATE INDEX contact_sorted ON contact (sorted, id);
CREATE TABLE contact_group (id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE);
CREATE TABLE member (
    group_id INTEGER NOT NULL REFERENCES contact_group ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (group_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX member_contact ON member (contact_id);
CREATE TABLE phrase (id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE sending (
    id INTEGER PRIMARY KEY, created INTEGER NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL, moment TEXT NOT NULL,
    segments INTEGER NOT NULL
);
CREATE TABLE letter (
    id INTEGER PRIMARY KEY, sending_id INTEGER NOT NULL REFERENCES sending ON DELETE CASCADE,
    destination TEXT NOT NULL, text TEXT NOT NULL, message_id TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, ended INTEGER
);
CREATE INDEX letter_sending ON letter (sending_id);
CREATE INDEX letter_waiting ON letter (due, id) WHERE state = 'waiting';
CREATE TABLE draft (id INTEGER PRIMARY KEY CHECK (id = 1), recipients TEXT NOT NULL, text TEXT NOT NULL,
    moment TEXT NOT NULL);
PRAGMA user_version = 1;
"""
VERSION: Final = 1


class Broken(Exception):
    """The file is there and cannot be used; the message is the system's."""


def connect(place: Path) -> sqlite3.Connection:
    """A connection to the file of that folder, made where there is none. For one thread. Raises Broken, OSError."""
    places.make(place)
    path = place / FILE
    path.touch(mode=places.OWNER_WRITES, exist_ok=True)
    # not by opening it: to close it would end the locks of the other thread's connection; and SQLite would not say
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    try:
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
    except sqlite3.Error as error:
        raise Broken(str(error)) from error
    try:
        _prepare(connection)
    except sqlite3.Error as error:
        connection.close()
        raise Broken(str(error)) from error
    except Broken:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
    if version > VERSION:
        raise Broken("a newer version of the program wrote it")


def examine(connection: sqlite3.Connection) -> None:
    """Look whether the whole file can be read. Raises Broken."""
    try:
        ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        # what a file of ours must have at least
        connection.execute("SELECT * FROM draft, letter, sending, phrase, member, contact_group, contact LIMIT 0")
    except sqlite3.Error as error:
        raise Broken(str(error)) from error
    if found != "ok":
        raise Broken(str(found))


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of what is done within, or nothing. Raises what is raised within, and ``sqlite3.Error``."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # a full disk may have ended it already
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

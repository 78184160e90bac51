"""Which texts went to which numbers within 24 hours: a small table of 64-bit keys, pruned."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete

from . import bulk
from .schema import duplicate

WINDOW: Final = 86_400
"""Seconds."""


def seen(connection: Connection, keys: Iterable[int]) -> dict[int, int]:
    """When each of ``keys`` was last accepted, for those that were."""
    rows = bulk.select(connection, "SELECT key, at FROM duplicate WHERE key {among}", keys, duplicate.c.key)
    return {row[0]: row[1] for row in rows}


def repeats(seen: Mapping[int, int], key: int, at: int) -> bool:
    """Whether ``key``, at the Unix second ``at``, repeats one of ``seen`` within the window."""
    return seen.get(key, at - WINDOW) > at - WINDOW


def remember(connection: Connection, keys: Iterable[tuple[int, int]]) -> None:
    """Note pairs of key and Unix second."""
    bulk.insert(
        connection, duplicate, ("key", "at"), list(keys), "ON CONFLICT (key) DO UPDATE SET at = excluded.at"
    )


def forget(connection: Connection, keys: Iterable[int]) -> None:
    """Drop keys of what was never sent after all."""
    bulk.select(connection, "DELETE FROM duplicate WHERE key {among} RETURNING key", keys, duplicate.c.key)


def prune(connection: Connection, now: int) -> int:
    """Drop what is older than the window; gives how many."""
    return connection.execute(delete(duplicate).where(duplicate.c.at <= now - WINDOW)).rowcount

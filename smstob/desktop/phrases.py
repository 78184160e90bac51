"""Phrases types: texts that are used again, by name."""

import sqlite3

from ..contacts.naming import name_of
from ..model.contact import Fault, Phrase, group_key, plain
from ..model.text import clean
from .database import transaction


class Phrases:
    """Those of one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Phrase]:
        """All, by name."""
        rows = self._connection.execute("SELECT id, name, text FROM phrase").fetchall()
        return sorted((Phrase(*row) for row in rows), key=lambda one: plain(one.name))

    def save(self, name: str, text: str, id_: int | None = None) -> Phrase | Fault:
        """Keep one, ``id_`` where it is there already: else GONE. NAME_TAKEN is another's name, EMPTY blank."""
        kept, said = name_of(name), clean(text)
        if isinstance(kept, Fault):
            return kept
        if not said:
            return Fault.EMPTY
        key = group_key(kept)
        with transaction(self._connection) as connection:
            other = connection.execute("SELECT id FROM phrase WHERE key = ?", (key,)).fetchone()
            if other is not None and other[0] != id_:
                return Fault.NAME_TAKEN
            there = "SELECT 1 FROM phrase WHERE id = ?"
            if id_ is not None and connection.execute(there, (id_,)).fetchone() is None:
                return Fault.GONE
            if id_ is None:
                made = connection.execute("INSERT INTO phrase (name, key, text) VALUES (?, ?, ?)", (kept, key, said))
                assert made.lastrowid is not None
                id_ = made.lastrowid
            else:
                values = (kept, key, said, id_)
                connection.execute("UPDATE phrase SET name = ?, key = ?, text = ? WHERE id = ?", values)
        return Phrase(id_, kept, said)

    def delete(self, id_: int) -> None:
        """Remove one."""
        with transaction(self._connection) as connection:
            connection.execute("DELETE FROM phrase WHERE id = ?", (id_,))

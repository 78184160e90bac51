"""The contact book: contacts by number, groups by name, as the site's."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import attrs

from ..contacts.naming import field_fault, group_name, one_line
from ..model.contact import (
    Card,
    Contact,
    ContactPage,
    ContactQuery,
    Fault,
    Group,
    Recipient,
    group_key,
    plain,
    search_words,
    searched,
)
from ..model.merge import Variables
from ..model.number import NotANumber, parse_number
from ..model.text import clean, storable
from .database import connect, transaction

_AT_ONCE: Final = 500
"""Values of one statement."""

_CONTACT: Final = "contact.id, contact.number, contact.typed, contact.country, name, v1, v2, v3"


@attrs.frozen
class Wrong:
    """Why a card is not kept: the field of ``Card``, and what is wrong with it."""

    field: str
    fault: Fault


@attrs.frozen
class Imported:
    """What became of an import."""

    added: int
    updated: int


class ContactBook:
    """The book of one connection; see ``composing.Book`` for what a send asks of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # what a send asks

    def group(self, name: str) -> Sequence[Recipient] | None:
        """See ``composing.Book``."""
        key = group_key(storable(name))
        found = self._connection.execute("SELECT id FROM contact_group WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        of_group = "FROM contact JOIN member ON member.contact_id = contact.id WHERE member.group_id = ?"
        return self._recipients(f"SELECT {_CONTACT} {of_group} ORDER BY sorted, contact.id", found)

    def named(self, name: str) -> Sequence[Recipient]:
        """See ``composing.Book``."""
        key = plain(storable(name))
        # accents alone are nobody's name, and contacts without one have the empty key
        return self._recipients(f"SELECT {_CONTACT} FROM contact WHERE sorted = ? LIMIT 2", (key,)) if key else []

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Recipient]:
        """See ``composing.Book``."""
        found: dict[str, Recipient] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            among = ", ".join("?" * len(some))
            rows = self._recipients(f"SELECT {_CONTACT} FROM contact WHERE number IN ({among})", some)
            found |= {one.number: one for one in rows}
        return found

    # what its pages ask

    def groups(self) -> list[Group]:
        """All, by name."""
        rows = self._connection.execute(
            "SELECT id, name, (SELECT count(*) FROM member WHERE group_id = contact_group.id) FROM contact_group"
        )
        return sorted((Group(*row) for row in rows), key=lambda one: plain(one.name))

    def contacts(self, query: ContactQuery) -> ContactPage:
        """Those that ``query`` finds, by name."""
        wanted, values = _wanted(query)
        total = self._connection.execute(f"SELECT count(*) FROM contact {wanted}", values).fetchone()[0]
        rows = self._connection.execute(
            f"SELECT {_CONTACT} FROM contact {wanted} {_order(query)} LIMIT ? OFFSET ?",
            (*values, query.limit, query.offset),
        ).fetchall()
        return ContactPage(tuple(self._with_groups(rows)), total)

    def found(self, query: ContactQuery) -> list[int]:
        """The ids of all that ``query`` finds, by name; its offset and limit do not count."""
        wanted, values = _wanted(query)
        rows = self._connection.execute(f"SELECT contact.id FROM contact {wanted} {_order(query)}", values)
        return [id_ for (id_,) in rows]

    def of(self, ids: Sequence[int]) -> list[Contact]:
        """Those of ``ids`` that are there, in the order of these."""
        rows: dict[int, Sequence[object]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            statement = f"SELECT {_CONTACT} FROM contact WHERE contact.id IN ({', '.join('?' * len(some))})"
            rows |= {row[0]: row for row in self._connection.execute(statement, some)}
        return self._with_groups([rows[id_] for id_ in ids if id_ in rows])

    def save(self, card: Card, id_: int | None = None) -> Contact | Wrong:
        """Keep a contact, ``id_`` where it is there already: else GONE. Another's number is not taken: NAME_TAKEN."""
        read = _read(card)
        if isinstance(read, Wrong):
            return read
        with transaction(self._connection) as connection:
            other = connection.execute("SELECT id FROM contact WHERE number = ?", (read.number,)).fetchone()
            if other is not None and other[0] != id_:
                return Wrong("number", Fault.NAME_TAKEN)
            if id_ is not None and not _is_there(connection, "contact", id_):
                return Wrong("number", Fault.GONE)
            kept = self._write(read, id_)
            connection.execute("DELETE FROM member WHERE contact_id = ?", (kept,))
            members = [(group, kept) for group in dict.fromkeys(card.groups)]
            connection.executemany("INSERT INTO member (group_id, contact_id) VALUES (?, ?)", members)
        return Contact(
            id=kept, number=read.number, typed=read.typed, country=read.country, variables=read.variables,
            groups=card.groups,
        )  # fmt: skip

    def delete(self, ids: Sequence[int]) -> None:
        """Remove contacts, from their groups too."""
        with transaction(self._connection) as connection:
            connection.executemany("DELETE FROM contact WHERE id = ?", [(id_,) for id_ in ids])

    def save_group(self, name: str, id_: int | None = None) -> Group | Fault:
        """Make a group, or give one another name; GONE where that is not there."""
        kept = group_name(name)
        if isinstance(kept, Fault):
            return kept
        key = group_key(kept)
        with transaction(self._connection) as connection:
            other = connection.execute("SELECT id FROM contact_group WHERE key = ?", (key,)).fetchone()
            if other is not None and other[0] != id_:
                return Fault.NAME_TAKEN
            if id_ is not None and not _is_there(connection, "contact_group", id_):
                return Fault.GONE
            if id_ is None:
                id_ = _only(connection, "INSERT INTO contact_group (name, key) VALUES (?, ?) RETURNING id", kept, key)
            else:
                connection.execute("UPDATE contact_group SET name = ?, key = ? WHERE id = ?", (kept, key, id_))
            count = _only(connection, "SELECT count(*) FROM member WHERE group_id = ?", id_)
        return Group(id_, kept, count)

    def delete_group(self, id_: int) -> None:
        """Remove a group; its contacts stay."""
        with transaction(self._connection) as connection:
            connection.execute("DELETE FROM contact_group WHERE id = ?", (id_,))

    def join(self, group: int, ids: Sequence[int]) -> None:
        """Put contacts into a group."""
        with transaction(self._connection) as connection:
            members = [(group, id_) for id_ in ids]
            connection.executemany("INSERT OR IGNORE INTO member (group_id, contact_id) VALUES (?, ?)", members)

    def leave(self, group: int, ids: Sequence[int]) -> None:
        """Take contacts out of a group; they stay in the book."""
        with transaction(self._connection) as connection:
            members = [(group, id_) for id_ in ids]
            connection.executemany("DELETE FROM member WHERE group_id = ? AND contact_id = ?", members)

    def take_in(self, recipients: Iterable[Recipient], fields: Sequence[str], group: int | None) -> Imported:
        """Import contacts, all or none, into ``group`` too; of known numbers only ``fields`` are changed."""
        added = updated = 0
        with transaction(self._connection) as connection:
            for one in recipients:
                known = connection.execute(
                    f"SELECT {_CONTACT} FROM contact WHERE number = ?", (one.number,)
                ).fetchone()
                if known is None:
                    added, id_ = added + 1, self._write(one, None)
                else:
                    old = _contact(known, ())
                    changed = {name: getattr(one.variables, name) for name in fields}
                    merged = attrs.evolve(old.variables, **changed)
                    updated, id_ = updated + 1, self._write(attrs.evolve(one, variables=merged), old.id)
                if group is not None:
                    connection.execute("INSERT OR IGNORE INTO member VALUES (?, ?)", (group, id_))
        return Imported(added, updated)

    def _write(self, one: Recipient, id_: int | None) -> int:
        said = one.variables
        values = (
            *(one.number, one.typed, one.country, said.name, said.v1, said.v2, said.v3),
            *(plain(said.name), searched(one.number, one.typed, said)),
        )
        if id_ is None:
            statement = (
                "INSERT INTO contact (number, typed, country, name, v1, v2, v3, sorted, searched) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
            )
            return _only(self._connection, statement, *values)
        self._connection.execute(
            "UPDATE contact SET number = ?, typed = ?, country = ?, name = ?, v1 = ?, v2 = ?, v3 = ?, sorted = ?, "
            "searched = ? WHERE id = ?",
            (*values, id_),
        )
        return id_

    def _recipients(self, statement: str, values: Sequence[object]) -> list[Recipient]:
        return [
            Recipient(number, typed, country, Variables(*said))
            for _, number, typed, country, *said in self._connection.execute(statement, values)
        ]

    def _with_groups(self, rows: Sequence[Sequence[object]]) -> list[Contact]:
        groups = self._groups_of([row[0] for row in rows])  # type: ignore[misc]
        return [_contact(row, groups.get(row[0], ())) for row in rows]  # type: ignore[call-overload]

    def _groups_of(self, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        found: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            statement = f"SELECT contact_id, group_id FROM member WHERE contact_id IN ({', '.join('?' * len(some))})"
            for contact, group in self._connection.execute(statement, some):
                found[contact] = (*found.get(contact, ()), group)
        return found


@contextmanager
def opened(place: Path) -> Iterator[ContactBook]:
    """The book of a folder on a connection of its own: for another thread. Raises ``database.Broken``, OSError."""
    with closing(connect(place)) as connection:
        yield ContactBook(connection)


def _only(connection: sqlite3.Connection, statement: str, *values: object) -> int:
    # all rows, or else the statement is not over
    ((value,),) = connection.execute(statement, values).fetchall()
    return int(value)


def _is_there(connection: sqlite3.Connection, table: str, id_: int) -> bool:
    return bool(_only(connection, f"SELECT count(*) FROM {table} WHERE id = ?", id_))


def _contact(row: Sequence[object], groups: tuple[int, ...]) -> Contact:
    id_, number, typed, country, *said = row
    return Contact(
        id=id_, number=number, typed=typed, country=country, variables=Variables(*said), groups=groups  # type: ignore[arg-type]
    )  # fmt: skip


def _wanted(query: ContactQuery) -> tuple[str, list[object]]:
    """The WHERE of a query."""
    wanted: list[str] = []
    values: list[object] = []
    if query.group is not None:
        wanted.append("contact.id IN (SELECT contact_id FROM member WHERE group_id = ?)")
        values.append(query.group)
    for forms in search_words(query.search):
        wanted.append(f"({' OR '.join(['instr(searched, ?)'] * len(forms))})")
        values += forms
    return f"WHERE {' AND '.join(wanted)}" if wanted else "", values


def _order(query: ContactQuery) -> str:
    # by the index a search would read every contact where it lies: one after the other, and then sorted, is faster
    return f"ORDER BY {'+sorted' if query.search else 'sorted'}, contact.id"


def _read(card: Card) -> Recipient | Wrong:
    """What a card says, or what is wrong with it."""
    if not card.number.strip():
        return Wrong("number", Fault.EMPTY)
    try:
        number = parse_number(card.number)
    except NotANumber:
        return Wrong("number", Fault.NOT_A_NUMBER)
    said = {"name": one_line(clean(card.name)), **{name: clean(getattr(card, name)) for name in ("v1", "v2", "v3")}}
    for field, value in said.items():
        if (fault := field_fault(field, value)) is not None:
            return Wrong(field, fault)
    return Recipient(number.e164, clean(number.typed), number.country, Variables(**said))

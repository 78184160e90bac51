"""Contacts as the pages show and change them: found by name, word and group, one by one and many at a time.

A book may have hundreds of thousands. What finds few is gathered and sorted; what finds many is met soon on a
walk along the index of names. Each is the slow way for the other.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..model.contact import Contact, ContactPage, ContactQuery, Recipient, search_words
from . import bulk
from .contacts import WRITTEN, recipient, written
from .schema import contact, membership

FEW: Final = 20_000
"""Contacts that are gathered and sorted; more are walked to."""


@attrs.frozen
class _Search:
    """A query as SQL: a condition on ``contact`` with its parameters, and the group it looks in."""

    account: int
    group: int | None
    condition: str
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, account: int, query: ContactQuery) -> "_Search":
        words = search_words(query.search)
        like = "searched LIKE ? ESCAPE '!'"
        condition = "".join(f" AND ({' OR '.join([like] * len(forms))})" for forms in words)
        return cls(account, query.group, condition, tuple(_pattern(form) for forms in words for form in forms))

    @property
    def narrow(self) -> bool:
        """Whether it may leave out some of the book."""
        return self.group is not None or bool(self.condition)

    def rows(self, connection: Connection) -> tuple[str, tuple[Any, ...]]:
        """FROM and WHERE of all that is found, and the parameters; read in the order of ids, as the rows lie."""
        if self.group is not None:
            # the + keeps SQLite from going through the whole book for the members of a group
            source = "membership JOIN contact ON contact.id = contact_id WHERE group_id = ? AND +account_id = ?"
            return f"FROM {source}{self.condition}", (self.group, self.account, *self.patterns)
        hint = "INDEXED BY ix_contact_account_id" if connection.dialect.name == "sqlite" else ""
        return f"FROM contact {hint} WHERE account_id = ?{self.condition}", (self.account, *self.patterns)

    def walk(self, connection: Connection, total: int, limit: int, offset: int) -> list[int]:
        """Some ids of ``total`` along the index of names, from whichever end is nearer."""
        limit = max(0, min(limit, total - offset))
        backwards = offset > total // 2
        start, way = (total - offset - limit, "DESC") if backwards else (offset, "ASC")
        member: str = ""
        group: tuple[int, ...] = ()
        if self.group is not None:
            member = " AND EXISTS (SELECT 1 FROM membership WHERE group_id = ? AND contact_id = contact.id)"
            group = (self.group,)
        statement = (
            f"SELECT id FROM contact WHERE account_id = ?{self.condition}{member} "
            f"ORDER BY key {way}, id {way} LIMIT ? OFFSET ?"
        )
        parameters = (self.account, *self.patterns, *group, limit, max(0, start))
        ids = [row.id for row in bulk.query(connection, statement, *parameters)]
        return ids[::-1] if backwards else ids

    def gather(self, connection: Connection, most: int, limit: int, offset: int) -> tuple[int, list[int]]:
        """How many there are, counted to ``most``, and some ids of so many, by name: gone through once."""
        found, parameters = self.rows(connection)
        statement = (
            f"WITH found AS MATERIALIZED (SELECT id, key {found} LIMIT ?) "
            "SELECT total, page.id FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN "
            "(SELECT id, key FROM found ORDER BY key, id LIMIT ? OFFSET ?) AS page ON true ORDER BY page.key, page.id"
        )
        rows = bulk.query(connection, statement, *parameters, most, limit, offset)
        return rows[0].total, [row.id for row in rows if row.id is not None]

    def count(self, connection: Connection) -> int:
        """How many there are."""
        found, parameters = self.rows(connection)
        if self.group is not None and not self.condition:
            # what the index of memberships knows by itself
            found, parameters = "FROM membership WHERE group_id = ?", (self.group,)
        (row,) = bulk.query(connection, f"SELECT count(*) AS total {found}", *parameters)
        return int(row.total)


def _pattern(form: str) -> str:
    escaped = form.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def page(connection: Connection, account: int, query: ContactQuery) -> ContactPage:
    """Some of the contacts that ``query`` finds, by name, with their groups; and how many it finds."""
    looked = _Search.of(account, query)
    total, ids = looked.gather(connection, FEW + 1, query.limit, query.offset) if looked.narrow else (FEW + 1, [])
    if total > FEW:
        total = looked.count(connection)
        ids = looked.walk(connection, total, query.limit, query.offset)
    return ContactPage(tuple(of(connection, account, ids)), total)


def found(connection: Connection, account: int, query: ContactQuery, *, by_name: bool = False) -> list[int]:
    """The ids of all that ``query`` finds, whatever its offset and limit."""
    looked, parameters = _Search.of(account, query).rows(connection)
    order = " ORDER BY key, id" if by_name else ""
    return [row.id for row in bulk.query(connection, f"SELECT id {looked}{order}", *parameters)]


def size(connection: Connection, account: int) -> int:
    """How many contacts the book has."""
    return connection.execute(select(func.count()).where(contact.c.account_id == account)).scalar_one()


def of(connection: Connection, account: int, ids: Collection[int]) -> list[Contact]:
    """Those contacts of the account, with their groups, in the order given."""
    statement = "SELECT * FROM contact WHERE id {among} AND account_id = ?"
    rows = {row.id: row for row in bulk.select(connection, statement, ids, contact.c.id, account)}
    statement = "SELECT contact_id, group_id FROM membership WHERE contact_id {among} ORDER BY group_id"
    groups: dict[int, list[int]] = {}
    for row in bulk.select(connection, statement, list(rows), membership.c.contact_id):
        groups.setdefault(row.contact_id, []).append(row.group_id)
    return [_contact(rows[id_], groups.get(id_, ())) for id_ in ids if id_ in rows]


def one(connection: Connection, account: int, id_: int) -> Contact | None:
    """One of them."""
    return next(iter(of(connection, account, [id_])), None)


def _contact(row: Row[Any], groups: Sequence[int]) -> Contact:
    who = recipient(row)
    return Contact(
        id=row.id,
        number=who.number,
        typed=who.typed,
        country=who.country,
        variables=who.variables,
        groups=tuple(groups),
    )


def create(connection: Connection, account: int, who: Recipient) -> int:
    """A new contact, in no group; gives its id."""
    values = dict(zip(WRITTEN, written(who), strict=True))
    key = connection.execute(insert(contact).values(account_id=account, **values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(connection: Connection, account: int, id_: int, who: Recipient) -> bool:
    """Say something else of a contact; whether it is there."""
    mine = update(contact).where(contact.c.id == id_, contact.c.account_id == account)
    return connection.execute(mine.values(**dict(zip(WRITTEN, written(who), strict=True)))).rowcount > 0


def put_into_only(connection: Connection, id_: int, groups: Collection[int]) -> None:
    """Make these the contact's groups; all are of its account."""
    now = set(connection.execute(select(membership.c.group_id).where(membership.c.contact_id == id_)).scalars())
    left = now - set(groups)
    if left:
        connection.execute(
            delete(membership).where(membership.c.contact_id == id_, membership.c.group_id.in_(sorted(left)))
        )
    entered = [(group, id_) for group in sorted(set(groups) - now)]
    bulk.insert(connection, membership, ("group_id", "contact_id"), entered)


def remove(connection: Connection, account: int, ids: Sequence[int]) -> int:
    """Delete those contacts of the account, from every group too; how many."""
    own = owned(connection, account, ids)
    if own:
        connection.execute(delete(membership).where(membership.c.contact_id.in_(own)))
        connection.execute(delete(contact).where(contact.c.id.in_(own)))
    return len(own)


def owned(connection: Connection, account: int, ids: Collection[int]) -> list[int]:
    """Those of ``ids`` that are contacts of the account; nobody else deletes them before the commit."""
    statement = f"SELECT id FROM contact WHERE id {{among}} AND account_id = ? ORDER BY id {bulk.locking(connection)}"
    return [row.id for row in bulk.select(connection, statement, ids, contact.c.id, account)]

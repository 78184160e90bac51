"""Contacts and groups as sending and filling know them: recipients, found by a group or by ids, kept many at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ..model.contact import Recipient, group_key, plain, searched
from ..model.merge import Variables
from . import bulk
from .accounts import AlreadyThere
from .schema import contact, contact_group, membership

WRITTEN = ("name", "number", "typed", "country", "v1", "v2", "v3", "key", "searched")
"""The columns that a recipient fills."""


def create_group(connection: Connection, account: int, name: str) -> int:
    """A new, empty group; gives its id. Raises ``AlreadyThere``: names differ by more than case."""
    if find_group(connection, account, name) is not None:
        raise AlreadyThere(name)
    values = {"account_id": account, "name": name.strip(), "key": group_key(name)}
    key = connection.execute(insert(contact_group).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def find_group(connection: Connection, account: int, name: str) -> int | None:
    """The id of the group of that name, or None."""
    wanted = select(contact_group.c.id).where(
        contact_group.c.account_id == account, contact_group.c.key == group_key(name)
    )
    return connection.execute(wanted).scalar_one_or_none()


def members(connection: Connection, group: int) -> list[Recipient]:
    """The contacts of a group, oldest first."""
    wanted = (
        select(contact)
        .join(membership, membership.c.contact_id == contact.c.id)
        .where(membership.c.group_id == group)
        .order_by(contact.c.id)
    )
    return [recipient(row) for row in connection.execute(wanted)]


def selected(connection: Connection, account: int, contacts: Sequence[int], groups: Sequence[int]) -> list[Recipient]:
    """Those contacts, in the order given, then those groups' members; what is not this account's is passed over.

    Who is in several groups comes several times.
    """
    return list(_selected(connection, account, contacts, groups))


def _selected(
    connection: Connection, account: int, contacts: Sequence[int], groups: Sequence[int]
) -> Iterator[Recipient]:
    statement = "SELECT * FROM contact WHERE id {among} AND account_id = ?"
    found = {row.id: row for row in bulk.select(connection, statement, contacts, contact.c.id, account)}
    yield from (recipient(found[id_]) for id_ in dict.fromkeys(contacts) if id_ in found)
    own = own_groups(connection, account, groups)
    for group in dict.fromkeys(groups):
        if group in own:
            yield from members(connection, group)


def own_groups(connection: Connection, account: int, groups: Sequence[int]) -> set[int]:
    """Those of ``groups`` that are this account's."""
    statement = "SELECT id FROM contact_group WHERE id {among} AND account_id = ?"
    return {row.id for row in bulk.select(connection, statement, groups, contact_group.c.id, account)}


def add(connection: Connection, account: int, group: int, recipients: Sequence[Recipient]) -> None:
    """Add contacts to the book and to a group."""
    ids = bulk.next_ids(connection, contact, len(recipients))
    rows = [(id_, account, *written(who)) for id_, who in zip(ids, recipients, strict=True)]
    bulk.insert(connection, contact, ("id", "account_id", *WRITTEN), rows)
    bulk.insert(connection, membership, ("group_id", "contact_id"), [(group, id_) for id_ in ids])


def recipient(row: Row[Any]) -> Recipient:
    """The contact of a row, as it is written to."""
    return Recipient(row.number, row.typed, row.country, Variables(row.name, row.v1, row.v2, row.v3))


def written(who: Recipient) -> tuple[str, ...]:
    """The values of ``WRITTEN``: what is sorted and searched by is kept with every change."""
    said = who.variables
    forms = (plain(said.name), searched(who.number, who.typed, said))
    return (said.name, who.number, who.typed, who.country, said.v1, said.v2, said.v3, *forms)

"""Contacts and groups of an account."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from ..model.contact import Group, Recipient, group_key
from ..model.merge import Variables
from . import bulk
from .accounts import AlreadyThere
from .schema import contact, contact_group, membership


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


def groups(connection: Connection, account: int) -> list[Group]:
    """The groups of an account with the number of their contacts, by name."""
    wanted = (
        select(contact_group.c.name, func.count(membership.c.contact_id).label("contacts"))
        .outerjoin(membership, membership.c.group_id == contact_group.c.id)
        .where(contact_group.c.account_id == account)
        .group_by(contact_group.c.id, contact_group.c.name)
        .order_by(contact_group.c.name)
    )
    return [Group(row.name, row.contacts) for row in connection.execute(wanted)]


def members(connection: Connection, group: int) -> list[Recipient]:
    """The contacts of a group, oldest first."""
    wanted = (
        select(contact)
        .join(membership, membership.c.contact_id == contact.c.id)
        .where(membership.c.group_id == group)
        .order_by(contact.c.id)
    )
    return [
        Recipient(row.number, row.typed, row.country, Variables(row.name, row.v1, row.v2, row.v3))
        for row in connection.execute(wanted)
    ]


def add(connection: Connection, account: int, group: int, recipients: Sequence[Recipient]) -> None:
    """Add contacts to the book and to a group."""
    ids = bulk.next_ids(connection, contact, len(recipients))
    rows = [
        (
            *(id_, account, who.variables.name, who.number, who.typed, who.country),
            *(who.variables.v1, who.variables.v2, who.variables.v3),
        )
        for id_, who in zip(ids, recipients, strict=True)
    ]
    columns = ("id", "account_id", "name", "number", "typed", "country", "v1", "v2", "v3")
    bulk.insert(connection, contact, columns, rows)
    bulk.insert(connection, membership, ("group_id", "contact_id"), [(group, id_) for id_ in ids])

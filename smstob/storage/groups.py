"""Groups of contacts as the pages show and change them; to be found by name, see ``contacts``."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, select, update

from ..model.contact import Group, group_key, plain
from . import bulk, contacts
from .accounts import AlreadyThere
from .cards import owned
from .schema import contact_group, membership


def by_name(connection: Connection, account: int) -> list[Group]:
    """The groups of an account with the number of their contacts; case and accents do not count for the order."""
    size = select(func.count()).where(membership.c.group_id == contact_group.c.id).scalar_subquery()
    wanted = select(contact_group.c.id, contact_group.c.name, size.label("contacts"))
    rows = connection.execute(wanted.where(contact_group.c.account_id == account))
    found = [Group(row.id, row.name, row.contacts) for row in rows]
    return sorted(found, key=lambda group: (plain(group.name), group.name))


def one(connection: Connection, account: int, group: int) -> Group | None:
    """One of them."""
    wanted = select(contact_group.c.name).where(contact_group.c.id == group, contact_group.c.account_id == account)
    name = connection.execute(wanted).scalar_one_or_none()
    if name is None:
        return None
    size = select(func.count()).where(membership.c.group_id == group)
    return Group(group, name, connection.execute(size).scalar_one())


def count(connection: Connection, account: int) -> int:
    """How many groups the account has."""
    return connection.execute(select(func.count()).where(contact_group.c.account_id == account)).scalar_one()


def among(connection: Connection, account: int, groups: Collection[int]) -> set[int]:
    """Those of ``groups`` that are the account's; nobody else deletes them before the commit."""
    statement = (
        f"SELECT id FROM contact_group WHERE id {{among}} AND account_id = ? ORDER BY id {bulk.locking(connection)}"
    )
    return {row.id for row in bulk.select(connection, statement, groups, contact_group.c.id, account)}


def rename(connection: Connection, account: int, group: int, name: str) -> bool:
    """Another name; whether the group is there. Raises ``AlreadyThere``."""
    if contacts.find_group(connection, account, name) not in (None, group):
        raise AlreadyThere(name)
    mine = update(contact_group).where(contact_group.c.id == group, contact_group.c.account_id == account)
    return connection.execute(mine.values(name=name, key=group_key(name))).rowcount > 0


def put(connection: Connection, account: int, group: int, ids: Sequence[int]) -> int | None:
    """Put contacts of the account into its group: how many were not in it. None where the group is not there."""
    if not among(connection, account, [group]):
        return None
    present = set(_present(connection, group, ids))
    entered = [(group, id_) for id_ in owned(connection, account, ids) if id_ not in present]
    bulk.insert(connection, membership, ("group_id", "contact_id"), entered)
    return len(entered)


def take_out(connection: Connection, account: int, group: int, ids: Sequence[int]) -> int | None:
    """Take contacts out of the account's group: how many were in it. None where the group is not there."""
    if not among(connection, account, [group]):
        return None
    gone = delete(membership).where(membership.c.group_id == group, membership.c.contact_id.in_(ids))
    return connection.execute(gone).rowcount


def _present(connection: Connection, group: int, ids: Sequence[int]) -> list[int]:
    statement = "SELECT contact_id FROM membership WHERE contact_id {among} AND group_id = ?"
    return [row.contact_id for row in bulk.select(connection, statement, ids, membership.c.contact_id, group)]


def members(connection: Connection, account: int, group: int) -> list[int] | None:
    """The ids of the group's contacts. None where the group is not there."""
    if one(connection, account, group) is None:
        return None
    return list(connection.execute(select(membership.c.contact_id).where(membership.c.group_id == group)).scalars())


def only_in(connection: Connection, group: int, ids: Sequence[int]) -> list[int]:
    """Those of ``ids`` that are in this group and in no other."""
    statement = (
        "SELECT contact_id FROM membership WHERE contact_id {among} "
        "GROUP BY contact_id HAVING count(*) = 1 AND min(group_id) = ?"
    )
    return [row.contact_id for row in bulk.select(connection, statement, ids, membership.c.contact_id, group)]


def remove(connection: Connection, account: int, group: int) -> bool:
    """Delete a group, not its contacts; whether it was there."""
    if not among(connection, account, [group]):
        return False
    connection.execute(delete(membership).where(membership.c.group_id == group))
    return connection.execute(delete(contact_group).where(contact_group.c.id == group)).rowcount > 0

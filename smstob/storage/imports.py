"""Files of contacts: kept until they are confirmed, and then taken into a group, slice by slice."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, delete, insert, select, update

from ..model.contact import Recipient
from ..model.contact_import import ImportReport, ImportState
from ..model.merge import Variables
from . import bulk, contacts
from .contacts import WRITTEN, recipient, written
from .groups import among
from .schema import contact, contact_group, contact_import, membership

FIELDS: Final = ("name", "v1", "v2", "v3")
"""What a file may say of a contact besides its number."""


@attrs.frozen(kw_only=True)
class Running:
    """An import that is under way, and what it needs to go on."""

    id: int
    account: int
    content: bytes = attrs.field(repr=False)
    plan: str
    done: int
    lease: int


def stage(connection: Connection, account: int, file: str, content: bytes, now: int, most: int) -> int:
    """Keep a file; gives its id. Beyond ``most`` of one account the oldest go."""
    values = {"account_id": account, "file": file, "content": content, "created": now, "state": ImportState.STAGED}
    key = connection.execute(insert(contact_import).values(values)).inserted_primary_key
    assert key is not None
    mine = (contact_import.c.account_id == account, contact_import.c.state == ImportState.STAGED)
    kept = select(contact_import.c.id).where(*mine).order_by(contact_import.c.id.desc()).offset(most)
    old = list(connection.execute(kept).scalars())
    if old:
        connection.execute(delete(contact_import).where(contact_import.c.id.in_(old)))
    return int(key[0])


def staged(connection: Connection, account: int, id_: int) -> str | None:
    """The name of a file that waits to be confirmed."""
    wanted = select(contact_import.c.file).where(*_staged(account, id_))
    return connection.execute(wanted).scalar_one_or_none()


def content_of(connection: Connection, account: int, id_: int) -> bytes | None:
    """What is in it."""
    found = connection.execute(select(contact_import.c.content).where(*_staged(account, id_))).scalar_one_or_none()
    return None if found is None else bytes(found)


def discard(connection: Connection, account: int, id_: int) -> None:
    """Forget such a file."""
    connection.execute(delete(contact_import).where(*_staged(account, id_)))


def _staged(account: int, id_: int) -> tuple[Any, ...]:
    own = (contact_import.c.id == id_, contact_import.c.account_id == account)
    return (*own, contact_import.c.state == ImportState.STAGED)


def report(connection: Connection, account: int, id_: int) -> ImportReport | None:
    """How far an import is."""
    columns = [column for column in contact_import.c if column.name not in ("content", "plan")]
    wanted = select(*columns).where(contact_import.c.id == id_, contact_import.c.account_id == account)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    return ImportReport(
        id=row.id,
        file=row.file,
        group=row.group_name,
        group_id=row.group_id,
        state=ImportState(row.state),
        total=row.total,
        done=row.done,
        added=row.added,
        updated=row.updated,
        faulty=row.faulty,
        error=row.error,
    )


def begin(
    connection: Connection, account: int, id_: int, plan: str, group: int, total: int, faulty: int, lease: int
) -> bool:
    """A staged file is taken into ``group`` from now on, by who holds the lease; false where it is staged no more."""
    name = select(contact_group.c.name).where(contact_group.c.id == group).scalar_subquery()
    begun = update(contact_import).where(*_staged(account, id_)).values(plan=plan, group_id=group, group_name=name)
    counted = begun.values(state=ImportState.RUNNING, total=total, faulty=faulty, lease_until=lease)
    return connection.execute(counted).rowcount > 0


def lapsed(connection: Connection, now: int, lease: int) -> Running | None:
    """Take over an import whose holder's lease ran out, if there is one."""
    is_lapsed = (contact_import.c.state == ImportState.RUNNING, contact_import.c.lease_until < now)
    wanted = select(contact_import).where(*is_lapsed).order_by(contact_import.c.id).limit(1)
    row = connection.execute(wanted.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    connection.execute(update(contact_import).where(contact_import.c.id == row.id).values(lease_until=lease))
    return Running(
        id=row.id, account=row.account_id, content=bytes(row.content), plan=row.plan, done=row.done, lease=lease
    )


def advance(
    connection: Connection,
    id_: int,
    done: int,
    recipients: Sequence[Recipient],
    fields: Collection[str],
    held: int,
    lease: int,
) -> bool | None:
    """Take in what follows the first ``done``, and renew the lease that is ``held``.

    False where another holds it now: nothing was changed. None where the group is gone: the import has ended.
    """
    wanted = select(contact_import.c.account_id, contact_import.c.group_id).where(
        *_held(id_, held), contact_import.c.done == done
    )
    row = connection.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        return False
    counts = take_in(connection, row.account_id, row.group_id, recipients, fields)
    if counts is None:
        fail(connection, id_, held, "le groupe a été supprimé pendant l'import")
        return None
    added, updated = counts
    connection.execute(
        update(contact_import)
        .where(contact_import.c.id == id_)
        .values(
            done=done + len(recipients),
            added=contact_import.c.added + added,
            updated=contact_import.c.updated + updated,
            lease_until=lease,
        )
    )
    return True


def finish(connection: Connection, id_: int, held: int) -> None:
    """All of it is taken in."""
    _end(connection, id_, held, {"state": ImportState.DONE})


def fail(connection: Connection, id_: int, held: int, error: str) -> None:
    """No more of it can be taken in; ``error`` in French."""
    _end(connection, id_, held, {"state": ImportState.FAILED, "error": error})


def release(connection: Connection, id_: int, held: int) -> None:
    """Give the lease back: another goes on."""
    connection.execute(update(contact_import).where(*_held(id_, held)).values(lease_until=0))


def _end(connection: Connection, id_: int, held: int, values: dict[str, Any]) -> None:
    ended = update(contact_import).where(*_held(id_, held))
    connection.execute(ended.values(content=None, lease_until=None, **values))


def _held(id_: int, held: int) -> tuple[Any, ...]:
    running = (contact_import.c.id == id_, contact_import.c.state == ImportState.RUNNING)
    return (*running, contact_import.c.lease_until == held)


def prune(connection: Connection, staged_before: int, ended_before: int) -> None:
    """Forget files that nobody confirmed, and what became of imports."""
    is_staged = contact_import.c.state == ImportState.STAGED
    is_ended = contact_import.c.state.in_((ImportState.DONE, ImportState.FAILED))
    connection.execute(delete(contact_import).where(is_staged, contact_import.c.created < staged_before))
    connection.execute(delete(contact_import).where(is_ended, contact_import.c.created < ended_before))


def numbers_in(connection: Connection, account: int, group: str) -> set[str]:
    """The numbers that the account's group of that name has; none where there is no such group."""
    found = contacts.find_group(connection, account, group)
    wanted = select(contact.c.number).join(membership, membership.c.contact_id == contact.c.id)
    return set(connection.execute(wanted.where(membership.c.group_id == found)).scalars())


def take_in(
    connection: Connection, account: int, group: int, recipients: Sequence[Recipient], fields: Collection[str] = FIELDS
) -> tuple[int, int] | None:
    """Add to the account's group those whose number is not in it, and say ``fields`` anew of those who are.

    Their numbers differ. Gives how many were added, and how many updated; None where the group is not there.
    Cards of other groups are not looked at.
    """
    # whoever fills the same group waits, and then sees what was added
    if not among(connection, account, [group]):
        return None
    there = _cards(connection, account, group, [one.number for one in recipients])
    changed = []
    for one in recipients:
        if (card := there.get(one.number)) is not None and (said := _updated(card, one, fields)) != recipient(card):
            changed.append((*written(said), card.id))
    bulk.update(connection, contact, ("id",), WRITTEN, changed)
    new = [one for one in recipients if one.number not in there]
    contacts.add(connection, account, group, new)
    return len(new), len(recipients) - len(new)


def _cards(connection: Connection, account: int, group: int, numbers: Sequence[str]) -> dict[str, Row[Any]]:
    """The cards of the group with those numbers; of several with one number, the first, which is written to."""
    # in no order: SQLite would go through the whole book for it
    statement = (
        "SELECT contact.* FROM contact JOIN membership ON contact_id = contact.id "
        "WHERE number {among} AND account_id = ? AND group_id = ?"
    )
    found = bulk.select(connection, statement, numbers, contact.c.number, account, group)
    return {row.number: row for row in sorted(found, key=lambda row: row.id, reverse=True)}


def _updated(card: Row[Any], new: Recipient, fields: Collection[str]) -> Recipient:
    old = recipient(card)
    said = {field: getattr(new.variables if field in fields else old.variables, field) for field in FIELDS}
    return attrs.evolve(old, variables=Variables(**said))

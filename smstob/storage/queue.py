"""The message table as the queue between accepting and sending: claimed in batches, under leases.

A claimed message stays queued; its lease names who holds it and its ``due`` is moved to when the lease
ends. So a claim that nobody settles is due again by itself, and what was asked for is never lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, and_, func, or_, select, update

from ..model.account import Format
from ..model.message import State
from ..model.refusal import Code
from ..model.report import QueueReport
from ..model.segment import Coding
from ..model.submission import Priority
from . import bulk
from .schema import message, segment, submission

ALWAYS: Final = 2**62
"""A Unix second after every other."""

_CLAIMED: Final = "id, number, text, coding, segments, format, deadline, attempts, repeats"


@attrs.frozen(kw_only=True)
class Claimed:
    """A message that is this claimant's to send until the lease ends."""

    id: int
    lease: str
    number: str
    text: str = attrs.field(repr=False)
    coding: Coding
    segments: int
    format: Format
    deadline: int
    attempts: int
    repeats: int = 0
    """How often a segment of it may have gone out twice."""
    handed: frozenset[int] = frozenset()
    """Parts that a gateway took on an earlier try."""
    doubtful: frozenset[int] = frozenset()
    """Parts that one may have taken, and that are sent again."""
    left: frozenset[int] = frozenset()
    """Parts that one may have taken, and that are never sent again."""


def claim(connection: Connection, gateway: str, lease: str, now: int, until: int, count: int) -> list[Claimed]:
    """Lease to ``lease``, until ``until``, up to ``count`` messages of ``gateway`` that are due.

    Single messages come before those of groups, then the earliest due.
    """
    rows: list[Any] = []
    for priority in Priority:
        if len(rows) < count:
            rows += _claim(connection, gateway, int(priority), lease, now, until, count - len(rows))
    # of any other no part can have been noted
    noted = _noted(connection, [row[0] for row in rows if row[4] > 1 or row[8]])
    return [_claimed(row, lease, noted) for row in rows]


def _claimed(row: Any, lease: str, noted: Mapping[int, dict[str, frozenset[int]]]) -> Claimed:
    """That of a row of ``_CLAIMED``."""
    return Claimed(
        id=row[0],
        lease=lease,
        number=row[1],
        text=row[2],
        coding=Coding(row[3]),
        segments=row[4],
        format=Format(row[5]),
        deadline=row[6],
        attempts=row[7],
        repeats=row[8],
        **noted.get(row[0], {}),
    )


def _claim(
    connection: Connection, gateway: str, priority: int, lease: str, now: int, until: int, count: int
) -> list[Any]:
    statement = (
        f"SELECT {_CLAIMED} FROM message "
        "WHERE state = 'queued' AND lease IS NULL AND gateway = ? AND priority = ? AND due <= ? "
        f"ORDER BY due, id LIMIT ? {bulk.locking(connection, skip=True)}"
    )
    rows = bulk.query(connection, statement, gateway, priority, now, count)
    bulk.update(connection, message, ("id",), ("lease", "due"), [(lease, until, row[0]) for row in rows])
    return rows


def _noted(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, frozenset[int]]]:
    """Parts that gateways took, or may have taken, under the names that they have in ``Claimed``."""
    statement = "SELECT message_id, part, state, again FROM segment WHERE message_id {among}"
    noted: dict[int, dict[str, frozenset[int]]] = {}
    for id_, part, state, again in bulk.select(connection, statement, ids, segment.c.message_id):
        name = "handed" if state != State.UNKNOWN else "doubtful" if again else "left"
        of = noted.setdefault(id_, {})
        of[name] = of.get(name, frozenset()) | {part}
    return noted


def renew(connection: Connection, ids: Sequence[int], lease: str, until: int) -> None:
    """Make the leases of ``ids`` last until ``until``, where ``lease`` still holds them."""
    rows = [(until, id_, lease) for id_ in ids]
    bulk.update(connection, message, ("id", "lease"), ("due",), rows, "state = 'queued'")


def release(connection: Connection, ids: Sequence[int], lease: str, due: int) -> None:
    """Give claimed messages back untried, due at ``due``, where ``lease`` still holds them."""
    rows = [(None, due, id_, lease) for id_ in ids]
    bulk.update(connection, message, ("id", "lease"), ("lease", "due"), rows, "state = 'queued'")


def abandoned(connection: Connection, now: int, alone: bool) -> list[int]:
    """Ids of what is leased to a daemon that is gone. Nobody else gets them before the transaction ends.

    Those are messages whose lease ran out, or every leased one when this daemon is ``alone``. What another daemon
    has in hand at this moment is left to it: where that comes to nothing, they are there again next time.
    """
    statement = "SELECT id FROM message WHERE state = 'queued' AND lease IS NOT NULL AND due <= ? "
    until = ALWAYS if alone else now
    return [row[0] for row in bulk.query(connection, statement + bulk.locking(connection, skip=True), until)]


def held(connection: Connection, ids: Sequence[int]) -> list[tuple[str, Claimed]]:
    """Those claimed messages, whoever holds them, with their gateways."""
    statement = f"SELECT {_CLAIMED}, lease, gateway FROM message WHERE id {{among}} AND lease IS NOT NULL ORDER BY id"
    rows = bulk.select(connection, statement, ids, message.c.id)
    noted = _noted(connection, [row[0] for row in rows])
    return [(row[10], _claimed(row, row[9], noted)) for row in rows]


def recover(connection: Connection, ids: Sequence[int], now: int) -> None:
    """Queue anew what was ``abandoned`` and is still leased; it may have been sent, and counts a repeat."""
    statement = "SELECT id, repeats FROM message WHERE id {among} AND state = 'queued' AND lease IS NOT NULL"
    rows = bulk.select(connection, statement, ids, message.c.id)
    again = [(None, now, repeats + 1, id_) for id_, repeats in rows]
    bulk.update(connection, message, ("id",), ("lease", "due", "repeats"), again)


def hasten(connection: Connection, now: int) -> int:
    """After the clock was set back: what was to leave at once, and lies in the future now, is due; gives how many."""
    at_once = select(submission.c.id).where(submission.c.code == int(Code.SENT))
    ahead = and_(
        message.c.state == State.QUEUED.value,
        message.c.lease.is_(None),
        message.c.due > now,
        message.c.submission_id.in_(at_once),
    )
    return connection.execute(update(message).where(ahead).values(due=now)).rowcount


def waiting(
    connection: Connection, gateway: str, prefixes: Sequence[str], now: int, count: int, passed: int = 0
) -> list[tuple[int, str]]:
    """Id and number of up to ``count`` messages due at ``gateway`` that nobody holds.

    Only numbers that begin with one of ``prefixes``; the first ``passed`` of them are passed over.
    """
    wanted = (
        select(message.c.id, message.c.number)
        .where(
            message.c.state == State.QUEUED.value,
            message.c.gateway == gateway,
            message.c.due <= now,
            message.c.lease.is_(None),
            or_(*(message.c.number.startswith(prefix, autoescape=True) for prefix in prefixes)),
        )
        .order_by(message.c.priority, message.c.due, message.c.id)
        .limit(count)
        .offset(passed)
    )
    return [(row.id, row.number) for row in connection.execute(wanted)]


def move(connection: Connection, moves: Mapping[int, str]) -> None:
    """Queue messages, by id, at another gateway, where they are still queued and nobody holds them."""
    rows = [(gateway, id_) for id_, gateway in moves.items()]
    bulk.update(connection, message, ("id",), ("gateway",), rows, "state = 'queued' AND lease IS NULL")


def gateways_in_use(connection: Connection) -> set[str]:
    """The names of the gateways at which messages are queued."""
    wanted = select(message.c.gateway).where(message.c.state == State.QUEUED.value).distinct()
    return set(connection.execute(wanted).scalars())


def overdue(connection: Connection, now: int, count: int) -> list[int]:
    """Ids of up to ``count`` messages that nobody holds and whose validity ran out in the queue."""
    wanted = (
        select(message.c.id)
        .where(
            message.c.state == State.QUEUED.value,
            message.c.deadline <= now,
            message.c.due <= now,
            message.c.lease.is_(None),
        )
        .limit(count)
    )
    return list(connection.execute(wanted).scalars())


def depth(connection: Connection, now: int) -> QueueReport:
    """Figures of the whole queue."""
    queued = message.c.state == State.QUEUED.value
    ready = and_(queued, message.c.due <= now)
    # a message's own due is moved by every try
    promised = select(func.min(submission.c.due)).join(message).where(queued, submission.c.due <= now)
    oldest = connection.execute(promised).scalar_one()
    awaited = select(func.count(message.c.id.distinct())).join(segment).where(segment.c.state == State.HANDED.value)
    return QueueReport(
        queued=connection.execute(select(func.count()).select_from(message).where(queued)).scalar_one(),
        due=connection.execute(select(func.count()).select_from(message).where(ready)).scalar_one(),
        handed=connection.execute(awaited.where(message.c.state == State.HANDED.value)).scalar_one(),
        oldest_due_age=0 if oldest is None else max(0, now - oldest),
    )

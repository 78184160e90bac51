"""The message table as the queue between accepting and sending: claimed in batches, under leases.

A claimed message stays queued; its lease names who holds it and its ``due`` is moved to when the lease
ends. So a claim that nobody settles is due again by itself, and what was asked for is never lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, and_, func, or_, select, update

from ..model.account import Format
from ..model.ledger import SPENT, LedgerEntry, Reason
from ..model.message import State
from ..model.refusal import Code
from ..model.report import QueueReport
from ..model.segment import Coding
from ..model.submission import Priority, duplicate_key
from . import bulk, duplicates, ledger
from .schema import message, segment, submission

MOST_COUNTED: Final = 32_767
"""Attempts and repeats are not counted beyond: the columns have 16 bits."""

_REFUNDED: Final = (State.REJECTED, State.EXPIRED)


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


@attrs.frozen(kw_only=True)
class Settlement:
    """What became of a claimed message."""

    id: int
    lease: str
    """Under which it was claimed."""
    state: State
    """Queued again, handed, or refused: rejected, expired, failed."""
    gateway: str
    due: int
    """When it is tried again, where it is queued."""
    attempts: int
    repeated: int = 0
    """How many of its segments may go out twice."""
    error: str | None = None
    at: int
    parts: tuple[tuple[int, str], ...] = ()
    """Parts taken now, with the gateway's references."""


def claim(connection: Connection, gateway: str, lease: str, now: int, until: int, count: int) -> list[Claimed]:
    """Lease to ``lease``, until ``until``, up to ``count`` messages of ``gateway`` that are due.

    Single messages come before those of groups, then the earliest due.
    """
    rows: list[Any] = []
    for priority in Priority:
        if len(rows) < count:
            rows += _claim(connection, gateway, int(priority), lease, now, until, count - len(rows))
    long = [row[0] for row in rows if row[4] > 1]
    handed: dict[int, set[int]] = {}
    statement = "SELECT message_id, part FROM segment WHERE message_id {among}"
    for message_id, part in bulk.select(connection, statement, long, segment.c.message_id):
        handed.setdefault(message_id, set()).add(part)
    return [
        Claimed(
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
            handed=frozenset(handed.get(row[0], ())),
        )
        for row in rows
    ]


def _claim(
    connection: Connection, gateway: str, priority: int, lease: str, now: int, until: int, count: int
) -> list[Any]:
    statement = (
        "SELECT id, number, text, coding, segments, format, deadline, attempts, repeats FROM message "
        "WHERE state = 'queued' AND lease IS NULL AND gateway = ? AND priority = ? AND due <= ? "
        f"ORDER BY due, id LIMIT ? {bulk.locking(connection, skip=True)}"
    )
    rows = bulk.query(connection, statement, gateway, priority, now, count)
    bulk.update(connection, message, ("id",), ("lease", "due"), [(lease, until, row[0]) for row in rows])
    return rows


def settle(connection: Connection, settlements: Sequence[Settlement]) -> list[bool]:
    """Record what became of claimed messages: a batch function. True where it was still queued.

    What no gateway took at all (rejected, expired) is refunded, once, and may be sent again at once.
    Of several for one message the first counts. Where another daemon holds it by now, that one will say
    what becomes of it; the parts that were taken are noted all the same.
    """
    queued = _still_queued(connection, [one.id for one in settlements])
    first: dict[int, Settlement] = {}
    for one in settlements:
        if one.id in queued:
            first.setdefault(one.id, one)
    _note_parts(connection, first.values())
    own = [one for one in first.values() if queued[one.id].lease in (None, one.lease)]
    partly = _handed_partly(connection, [one.id for one in own if one.state in _REFUNDED])
    valid = [_fitted(one, queued[one.id], one.id in partly) for one in own]
    retried = [one for one in valid if one.state is State.QUEUED]
    bulk.update(
        connection,
        message,
        ("id",),
        ("due", "attempts", "repeats", "error", "lease", "gateway"),
        [(one.due, one.attempts, one.repeated, one.error, None, one.gateway, one.id) for one in retried],
    )
    handed = [one for one in valid if one.state is State.HANDED]
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "gateway", "handed_at", "attempts", "repeats", "error", "lease"),
        [
            (one.state.value, one.gateway, one.at, one.attempts, one.repeated, None, None, one.id)
            for one in handed
        ],
    )
    refused = [one for one in valid if one.state not in (State.QUEUED, State.HANDED)]
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "gateway", "ended_at", "attempts", "repeats", "error", "lease"),
        [
            (one.state.value, one.gateway, one.at, one.attempts, one.repeated, one.error, None, one.id)
            for one in refused
        ],
    )
    refund(connection, {one.id: one.at for one in refused if one.state in _REFUNDED})
    results = []
    for one in settlements:
        results.append(one.id in queued)
        queued.pop(one.id, None)
    return results


@attrs.frozen
class _Queued:
    lease: str | None
    repeats: int
    taken: bool
    """By a gateway, once, as normal before flash."""


def _still_queued(connection: Connection, ids: Sequence[int]) -> dict[int, _Queued]:
    statement = "SELECT id, lease, repeats, handed_at FROM message WHERE id {among} AND state = 'queued' ORDER BY id "
    rows = bulk.select(connection, statement + bulk.locking(connection), ids, message.c.id)
    return {row[0]: _Queued(row[1], row[2], row[3] is not None) for row in rows}


def _note_parts(connection: Connection, settlements: Iterable[Settlement]) -> None:
    bulk.insert(
        connection,
        segment,
        ("message_id", "part", "gateway", "reference", "state", "at"),
        [
            (one.id, part, one.gateway, reference, State.HANDED.value, one.at)
            for one in settlements
            for part, reference in one.parts
        ],
        # a claim that outlived its lease may have handed the same part before
        "ON CONFLICT DO NOTHING",
    )


def _fitted(one: Settlement, found: _Queued, partly: bool) -> Settlement:
    """``one`` with all repeats counted; what a gateway took, be it in part, is spent, so that its end is no refund."""
    spent = one.state in _REFUNDED and (found.taken or partly)
    return attrs.evolve(
        one,
        state=State.FAILED if spent else one.state,
        attempts=min(one.attempts, MOST_COUNTED),
        repeated=min(found.repeats + one.repeated, MOST_COUNTED),
    )


def _handed_partly(connection: Connection, ids: Sequence[int]) -> set[int]:
    statement = "SELECT DISTINCT message_id FROM segment WHERE message_id {among}"
    return {row[0] for row in bulk.select(connection, statement, ids, segment.c.message_id)}


def refund(connection: Connection, messages: Mapping[int, int]) -> None:
    """Give back the credits of messages that never left; ``messages`` has the Unix second of each."""
    statement = (
        "SELECT message.id, message.credits, purse.id, submission.account_id, message.number, message.text, "
        "submission.created "
        "FROM message JOIN submission ON submission.id = message.submission_id "
        "JOIN purse ON purse.account_id = submission.account_id WHERE message.id {among}"
    )
    rows = bulk.select(connection, statement, messages, message.c.id)
    # purses first, as ``submissions.accept`` does: two daemons never wait for each other crosswise
    ledger.record(
        connection,
        [LedgerEntry(messages[row[0]], Reason.REFUND, str(row[0]), SPENT, row[2], row[1]) for row in rows],
    )
    keys = {duplicate_key(row[3], row[4], row[5]): row[6] for row in rows}
    seen = duplicates.seen(connection, keys)
    # unless the same text was accepted again since
    duplicates.forget(connection, [key for key, created in keys.items() if seen.get(key) == created])


def renew(connection: Connection, ids: Sequence[int], lease: str, until: int) -> None:
    """Make the leases of ``ids`` last until ``until``, where ``lease`` still holds them."""
    rows = [(until, id_, lease) for id_ in ids]
    bulk.update(connection, message, ("id", "lease"), ("due",), rows, "state = 'queued'")


def release(connection: Connection, ids: Sequence[int], lease: str, due: int) -> None:
    """Give claimed messages back untried, due at ``due``, where ``lease`` still holds them."""
    rows = [(None, due, id_, lease) for id_ in ids]
    bulk.update(connection, message, ("id", "lease"), ("lease", "due"), rows, "state = 'queued'")


def recover(connection: Connection, now: int, alone: bool) -> int:
    """Queue anew what is leased to a daemon that is gone; gives how many.

    Those are messages whose lease ran out, or every leased one when this daemon is ``alone``. They
    may have been sent: each counts a repeat.
    """
    gone = and_(message.c.state == State.QUEUED.value, message.c.lease.is_not(None))
    if not alone:
        gone = and_(gone, message.c.due <= now)
    again = update(message).where(gone).values(lease=None, due=now, repeats=message.c.repeats + 1)
    return connection.execute(again).rowcount


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


def expire(connection: Connection, ids: Sequence[int], error: str, now: int) -> int:
    """End messages whose validity ran out: refunded, or failed where a part of one was taken."""
    free = (
        "SELECT id, handed_at FROM message WHERE id {among} AND state = 'queued' AND lease IS NULL "
        "AND deadline <= ? ORDER BY id "
    )
    free += bulk.locking(connection, skip=True)
    ended = {row[0]: row[1] is not None for row in bulk.select(connection, free, ids, message.c.id, now)}
    partly = _handed_partly(connection, list(ended))
    states = {id_: State.FAILED if taken or id_ in partly else State.EXPIRED for id_, taken in ended.items()}
    rows = [(state.value, now, error, id_) for id_, state in states.items()]
    bulk.update(connection, message, ("id",), ("state", "ended_at", "error"), rows)
    refund(connection, {id_: now for id_, state in states.items() if state is State.EXPIRED})
    return len(ended)


def cancel(connection: Connection, submission_id: int, now: int) -> int:
    """Cancel what is still queued of a submission and of which nothing was sent, refunded; gives how many."""
    free = (
        "SELECT id FROM message WHERE submission_id {among} AND state = 'queued' AND lease IS NULL "
        "AND repeats = 0 AND handed_at IS NULL ORDER BY id "
    )
    free += bulk.locking(connection)
    unsent = [row[0] for row in bulk.select(connection, free, [submission_id], message.c.submission_id)]
    partly = _handed_partly(connection, unsent)
    ids = [id_ for id_ in unsent if id_ not in partly]
    bulk.update(
        connection, message, ("id",), ("state", "ended_at"), [(State.CANCELLED.value, now, id_) for id_ in ids]
    )
    refund(connection, dict.fromkeys(ids, now))
    return len(ids)


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

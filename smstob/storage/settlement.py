"""How messages leave the queue, each end to the credit: what gateways took, what never left, what is taken back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs
from sqlalchemy import Connection

from ..model.ledger import SPENT, LedgerEntry, Reason
from ..model.message import FAILURES, State
from ..model.submission import duplicate_key
from . import bulk, duplicates, ledger, notices, receipts, tally
from .schema import message, segment

MOST_COUNTED: Final = 32_767
"""Attempts and repeats are not counted beyond: the columns have 16 bits."""

_REFUNDED: Final = (State.REJECTED, State.EXPIRED)


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
    doubtful: tuple[tuple[int, str, bool], ...] = ()
    """Parts that may have been taken now, with the references that they have then; whether they go out again."""


@attrs.frozen(kw_only=True)
class TakenLate:
    """Parts of a message that a gateway took, as it says when nobody waits for its answer any more."""

    id: int
    gateway: str
    at: int
    parts: tuple[tuple[int, str], ...]
    """With the gateway's references."""


def settle(connection: Connection, settlements: Sequence[Settlement]) -> list[bool]:
    """Record what became of claimed messages: a batch function. True where it was still queued.

    What no gateway can have taken at all (rejected, expired) is refunded, once, and may be sent again at once; that of
    which every part was taken, on whichever try, is handed.
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
    noted = _noted_parts(connection, [one.id for one in own if one.state is not State.HANDED])
    valid = [_fitted(one, queued[one.id], noted.get(one.id, ())) for one in own]
    retried = [one for one in valid if one.state is State.QUEUED]
    bulk.update(
        connection,
        message,
        ("id",),
        ("due", "attempts", "repeats", "error", "lease", "gateway"),
        [(one.due, one.attempts, one.repeated, one.error, None, one.gateway, one.id) for one in retried],
    )
    handed = [one for one in valid if one.state is State.HANDED]
    _leave(connection, handed, "handed_at")
    refused = [one for one in valid if one.state not in (State.QUEUED, State.HANDED)]
    _leave(connection, refused, "ended_at")
    refund(connection, {one.id: one.at for one in refused if one.state in _REFUNDED})
    tally.count(connection, tally.Outcome.FAILED, [one.id for one in refused if one.state in FAILURES])
    notices.owe_failures(connection, {one.id: one.at for one in refused})
    # a part that was noted on an earlier try, or that went out again, may have had its receipt already
    left = [one for one in valid if one.state in (State.HANDED, State.UNKNOWN)]
    earlier = [one for one in left if one.repeated or len(one.parts) < queued[one.id].segments]
    receipts.end(connection, {one.id: one.at for one in earlier})
    results = []
    for one in settlements:
        results.append(one.id in queued)
        queued.pop(one.id, None)
    return results


def settle_late(connection: Connection, taken: Sequence[TakenLate]) -> None:
    """Note parts that were taken after all, where the message is still queued, or ended unknown.

    A queued one that nobody holds is handed as soon as all its parts were taken, and does not go out again. Who
    holds one says what becomes of it.
    """
    found = "SELECT id FROM message WHERE id {among} AND state IN ('queued', 'unknown') ORDER BY id "
    rows = bulk.select(connection, found + bulk.locking(connection), {one.id for one in taken}, message.c.id)
    ids = {row[0] for row in rows}
    noted = [one for one in taken if one.id in ids]
    _note_parts(connection, noted)
    last = {one.id: one for one in noted}
    receipts.leave(connection, [(one.id, one.gateway, one.at) for one in last.values()])
    receipts.end(connection, {one.id: one.at for one in last.values()})


@attrs.frozen
class _Queued:
    lease: str | None
    segments: int
    repeats: int
    taken: bool
    """By a gateway, once, as normal before flash."""


def _still_queued(connection: Connection, ids: Sequence[int]) -> dict[int, _Queued]:
    statement = (
        "SELECT id, lease, segments, repeats, handed_at FROM message WHERE id {among} AND state = 'queued' ORDER BY id "
    )
    rows = bulk.select(connection, statement + bulk.locking(connection), ids, message.c.id)
    return {row[0]: _Queued(row[1], row[2], row[3], row[4] is not None) for row in rows}


def _leave(connection: Connection, settlements: Iterable[Settlement], instant: str) -> None:
    """Out of the queue; ``instant`` is the column of when."""
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "gateway", instant, "attempts", "repeats", "error", "lease"),
        [
            (one.state.value, one.gateway, one.at, one.attempts, one.repeated, one.error, None, one.id)
            for one in settlements
        ],
    )


def _note_parts(connection: Connection, results: Iterable[Settlement | TakenLate]) -> None:
    rows: dict[tuple[int, int], tuple[object, ...]] = {}
    for one in results:
        for part, reference in one.parts:
            handed = (one.id, part, one.gateway, reference, State.HANDED.value, one.at, False)
            rows.setdefault((one.id, part), handed)
        for part, reference, again in one.doubtful if isinstance(one, Settlement) else ():
            unknown = (one.id, part, one.gateway, reference, State.UNKNOWN.value, one.at, again)
            rows.setdefault((one.id, part), unknown)
    columns = ("gateway", "reference", "state", "at", "again")
    bulk.insert(
        connection,
        segment,
        ("message_id", "part", *columns),
        list(rows.values()),
        # a claim that outlived its lease, or a late answer, may have handed the same part before
        f"ON CONFLICT (message_id, part) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)} "
        "WHERE segment.state = 'unknown'",
    )


def _fitted(one: Settlement, found: _Queued, noted: Collection[State]) -> Settlement:
    """``one`` with all repeats counted; what a gateway may have taken, be it in part, is spent: no end refunds it."""
    state = one.state
    if len(noted) == found.segments and State.UNKNOWN not in noted:
        state = State.HANDED
    elif state in _REFUNDED and (found.taken or noted):
        state = State.FAILED
    return attrs.evolve(
        one,
        state=state,
        error=None if state is State.HANDED else one.error,
        attempts=min(one.attempts, MOST_COUNTED),
        repeated=min(found.repeats + one.repeated, MOST_COUNTED),
    )


def _noted_parts(connection: Connection, ids: Sequence[int]) -> dict[int, list[State]]:
    """Where the parts stand that gateways took, or may have taken."""
    statement = "SELECT message_id, state FROM segment WHERE message_id {among}"
    noted: dict[int, list[State]] = {}
    for id_, state in bulk.select(connection, statement, ids, segment.c.message_id):
        noted.setdefault(id_, []).append(State(state))
    return noted


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


def expire(connection: Connection, ids: Sequence[int], error: str, untold: str, now: int) -> int:
    """End messages whose validity ran out: refunded, or failed where a part of one was taken.

    One of which every part may have been taken is unknown, with ``untold``, or what its receipts say.
    """
    free = (
        "SELECT id, handed_at, segments FROM message WHERE id {among} AND state = 'queued' AND lease IS NULL "
        "AND deadline <= ? ORDER BY id "
    )
    free += bulk.locking(connection, skip=True)
    found = bulk.select(connection, free, ids, message.c.id, now)
    noted = _noted_parts(connection, [row[0] for row in found])
    states: dict[int, State] = {}
    for id_, handed_at, segments in found:
        parts = len(noted.get(id_, ()))
        spent = State.FAILED if parts or handed_at is not None else State.EXPIRED
        states[id_] = State.UNKNOWN if parts == segments else spent
    rows = [(one.value, now, untold if one is State.UNKNOWN else error, id_) for id_, one in states.items()]
    bulk.update(connection, message, ("id",), ("state", "ended_at", "error"), rows)
    refund(connection, {id_: now for id_, one in states.items() if one is State.EXPIRED})
    tally.count(connection, tally.Outcome.FAILED, [id_ for id_, one in states.items() if one in FAILURES])
    notices.owe_failures(connection, dict.fromkeys(states, now))
    receipts.end(connection, {id_: now for id_, one in states.items() if one is State.UNKNOWN})
    return len(states)


def cancel(connection: Connection, submission_id: int, now: int) -> tuple[int, int]:
    """Cancel what is still queued of a submission and of which nothing was sent; how many, and credits given back."""
    free = (
        "SELECT id, credits FROM message WHERE submission_id {among} AND state = 'queued' AND lease IS NULL "
        "AND repeats = 0 AND handed_at IS NULL ORDER BY id "
    )
    free += bulk.locking(connection)
    unsent = dict(map(tuple, bulk.select(connection, free, [submission_id], message.c.submission_id)))
    partly = _noted_parts(connection, list(unsent))
    ids = [id_ for id_ in unsent if id_ not in partly]
    bulk.update(
        connection, message, ("id",), ("state", "ended_at"), [(State.CANCELLED.value, now, id_) for id_ in ids]
    )
    refund(connection, dict.fromkeys(ids, now))
    tally.count(connection, tally.Outcome.CANCELLED, ids)
    return len(ids), sum(unsent[id_] for id_ in ids)

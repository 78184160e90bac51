"""Delivery receipts meet the segments that they speak of, in whatever order the two come."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, delete, select, text

from ..model.account import Format
from ..model.message import Receipt, State, fold
from ..model.reference import is_small, other_bases, same_phone
from . import bulk, notices, sims, tally
from .schema import message, parked_receipt, segment

NUMBERED: Final = 1000
"""Parked receipts that are looked at again by their phone, the newest: it takes chance for one to be there."""

_AWAITED: Final = "segment.state IN ('handed', 'unknown')"
"""As the partial index says it, or else SQLite does not see that it fits."""


class _Awaited(NamedTuple):
    message: int
    part: int
    state: str


def receive(connection: Connection, receipts: Sequence[Receipt]) -> list[bool]:
    """Apply ``receipts``: a batch function. True where the segment was known and awaited.

    The others are parked: a receipt may overtake the gateway's answer. Not where another of them said the same of
    a segment that is known, nor without a reference: it fits nothing, ever.
    """
    concerned = _concerned(connection, receipts)
    _apply(connection, concerned, receipts)
    met = {_key(one) for one, segments in zip(receipts, concerned, strict=True) if segments}
    bulk.insert(
        connection,
        parked_receipt,
        ("gateway", "reference", "state", "error", "at", "number"),
        [
            (one.gateway, one.reference, one.state.value, one.error, one.at, one.number)
            for one in receipts
            if one.reference and _key(one) not in met
        ],
    )
    return [bool(segments) for segments in concerned]


def match_parked(connection: Connection, references: Sequence[str]) -> int:
    """Apply the parked receipts of segments just handed; gives how many."""
    statement = (
        "SELECT id, gateway, reference, state, error, at, number FROM parked_receipt "
        "WHERE reference {among} ORDER BY id"
    )
    forms = {form for reference in references for form in (reference, *other_bases(reference))}
    rows = bulk.select(connection, statement, forms, parked_receipt.c.reference)
    if not rows:
        return 0
    parked = [
        Receipt(gateway=row[1], reference=row[2], state=State(row[3]), error=row[4], at=row[5], number=row[6])
        for row in rows
    ]
    concerned = _concerned(connection, parked)
    _apply(connection, concerned, parked)
    met = [_key(one) for one, segments in zip(parked, concerned, strict=True) if segments]
    # with the second ones of those that came twice
    gone = [row[0] for row, one in zip(rows, parked, strict=True) if _key(one) in met]
    statement = "DELETE FROM parked_receipt WHERE id {among} RETURNING id"
    bulk.select(connection, statement, gone, parked_receipt.c.id)
    return len(met)


def prune_parked(connection: Connection, before: int) -> int:
    """Drop parked receipts older than the Unix second ``before``; gives how many.

    Those that fit a segment after all are applied: two daemons may have written the two at once.
    """
    met = (
        select(parked_receipt.c.reference)
        .join(
            segment,
            and_(segment.c.gateway == parked_receipt.c.gateway, segment.c.reference == parked_receipt.c.reference),
        )
        .where(text(_AWAITED))
        .distinct()
    )
    numbered = select(parked_receipt.c.reference).where(parked_receipt.c.number.is_not(None))
    newest = numbered.order_by(parked_receipt.c.id.desc()).limit(NUMBERED)
    match_parked(connection, [*connection.execute(met).scalars(), *connection.execute(newest).scalars()])
    return connection.execute(delete(parked_receipt).where(parked_receipt.c.at < before)).rowcount


def give_up(connection: Connection, before: int, error: str, now: int, count: int) -> int:
    """End as unknown up to ``count`` messages whose receipts are awaited though their validity ended at ``before``.

    Gives how many. Their segments still await: a receipt that comes after all is heard.
    """
    statement = "SELECT id FROM message WHERE state = 'handed' AND deadline <= ? ORDER BY deadline LIMIT ? "
    rows = bulk.query(connection, statement + bulk.locking(connection, skip=True), before, count)
    ended = [(State.UNKNOWN.value, now, error, row[0]) for row in rows]
    notices.owe_failures(connection, {row[0]: now for row in rows})
    return bulk.update(connection, message, ("id",), ("state", "ended_at", "error"), ended)


def _key(one: Receipt) -> tuple[str, str, str | None]:
    return one.gateway, one.reference, one.number


def _concerned(connection: Connection, receipts: Sequence[Receipt]) -> list[list[_Awaited]]:
    """The segments that each of ``receipts`` speaks of: all those of one message that have its reference.

    None where nobody awaits it, where an earlier one of them spoke of the same, or without a reference.
    """
    small = {place for place, one in enumerate(receipts) if one.number is not None and is_small(one.reference)}
    plain = {place: one for place, one in enumerate(receipts) if place not in small}
    awaited = _awaited(connection, {one.reference for one in plain.values()})
    left = dict(awaited)
    concerned: list[list[_Awaited]] = [[] for _ in receipts]
    for place, one in plain.items():
        concerned[place] = _newest(left.pop((one.gateway, one.reference), []))
    # a second receipt for what an earlier one ended must not be taken for another message's
    doubtful = {place: receipts[place] for place in small} | {
        place: one
        for place, one in plain.items()
        if one.number is not None and (one.gateway, one.reference) not in awaited
    }
    if doubtful:
        taken = {part for parts in concerned for part in parts}
        for place, parts in _by_phone(connection, doubtful, taken).items():
            concerned[place] = parts
    return concerned


def _by_phone(
    connection: Connection, receipts: Mapping[int, Receipt], taken: set[_Awaited]
) -> dict[int, list[_Awaited]]:
    """Likewise for receipts whose reference may be another's, or written in another base; the phone must fit.

    As it stands before the other bases; of these the newest message.
    """
    forms = {place: ((one.reference,), other_bases(one.reference)) for place, one in receipts.items()}
    awaited = _awaited(connection, {form for lots in forms.values() for lot in lots for form in lot})
    statement = "SELECT id, number FROM message WHERE id {among}"
    messages = {part.message for parts in awaited.values() for part in parts}
    numbers = {row[0]: row[1] for row in bulk.select(connection, statement, messages, message.c.id)}
    found: dict[int, list[_Awaited]] = {}
    for place, one in receipts.items():
        for lot in forms[place]:
            fitting = [
                [
                    part
                    for part in awaited.get((one.gateway, reference), ())
                    if same_phone(numbers[part.message], one.number or "")
                ]
                for reference in lot
            ]
            chosen = max(map(_newest, fitting), default=[])
            if chosen:
                if taken.isdisjoint(chosen):
                    found[place] = chosen
                    taken.update(chosen)
                break
    return found


def _awaited(connection: Connection, references: set[str]) -> dict[tuple[str, str], list[_Awaited]]:
    statement = (
        f"SELECT gateway, reference, message_id, part, state FROM segment WHERE reference {{among}} AND {_AWAITED}"
    )
    found: dict[tuple[str, str], list[_Awaited]] = {}
    for row in bulk.select(connection, statement, references - {""}, segment.c.reference):
        found.setdefault((row[0], row[1]), []).append(_Awaited(*row[2:]))
    return found


def _newest(parts: list[_Awaited]) -> list[_Awaited]:
    """Those of the newest message: an operator uses references again."""
    if len(parts) < 2:
        return parts
    last = max(parts).message
    return [part for part in parts if part.message == last]


def _apply(connection: Connection, concerned: Sequence[Sequence[_Awaited]], receipts: Sequence[Receipt]) -> None:
    matched = [(part, one) for parts, one in zip(concerned, receipts, strict=True) for part in parts]
    if connection.dialect.name == "postgresql":
        # two daemons with a part each: the second folds when the first is done, and sees its part
        held = f"SELECT id FROM message WHERE id {{among}} ORDER BY id {bulk.locking(connection)}"
        bulk.select(connection, held, {part.message for part, _ in matched}, message.c.id)
    bulk.update(
        connection,
        segment,
        ("message_id", "part"),
        ("state", "at", "error"),
        [(receipt.state.value, receipt.at, receipt.error, part.message, part.part) for part, receipt in matched],
    )
    doubtful = {
        part.message: (part.message, receipt.gateway, receipt.at)
        for part, receipt in matched
        if part.state == State.UNKNOWN
    }
    leave(connection, list(doubtful.values()))
    end(connection, {part.message: receipt.at for part, receipt in matched})


def leave(connection: Connection, taken: Sequence[tuple[int, str, int]]) -> None:
    """Hand those that are queued, that nobody holds, and of which every part was taken: they go out no more.

    ``taken`` has the id, the gateway that took the last part, and the Unix second of each.
    """
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "gateway", "handed_at", "error"),
        [(State.HANDED.value, gateway, at, None, id_) for id_, gateway, at in taken],
        "message.state = 'queued' AND message.lease IS NULL AND message.segments = "
        "(SELECT count(*) FROM segment WHERE segment.message_id = message.id AND segment.state <> 'unknown')",
    )


def end(connection: Connection, messages: Mapping[int, int]) -> None:
    """End those of ``messages`` whose receipts say so; ``messages`` has the Unix second of each, by id.

    Not those in the queue, whose parts may still be sent: they are looked at again when they leave it.
    """
    folded = _folded(connection, messages)
    again = {id_ for id_, one in folded.items() if _goes_flash(one)}
    ended = {
        id_: one
        for id_, one in folded.items()
        if id_ not in again and one.state not in (State.HANDED, State.UNKNOWN)
    }
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "ended_at", "error"),
        [(one.state.value, messages[id_], one.error, id_) for id_, one in ended.items()],
    )
    failed = {id_: messages[id_] for id_, one in ended.items() if one.state is not State.DELIVERED}
    tally.count(connection, tally.Outcome.FAILED, failed)
    notices.owe_failures(connection, failed)
    _send_as_flash(connection, {id_: messages[id_] for id_ in again})


class _Folded(NamedTuple):
    state: State
    error: str | None
    format: Format


def _folded(connection: Connection, messages: Mapping[int, int]) -> dict[int, _Folded]:
    statement = (
        "SELECT segment.message_id, segment.state, segment.error, message.segments, message.format FROM segment "
        "JOIN message ON message.id = segment.message_id "
        "WHERE segment.message_id {among} AND message.state IN ('handed', 'unknown') ORDER BY segment.part"
    )
    parts: dict[int, list[tuple[State, str | None]]] = {}
    rest: dict[int, tuple[int, Format]] = {}
    for row in bulk.select(connection, statement, messages, segment.c.message_id):
        parts.setdefault(row[0], []).append((State(row[1]), row[2]))
        rest[row[0]] = (row[3], Format(row[4]))
    folded: dict[int, _Folded] = {}
    for id_, (total, format_) in rest.items():
        state = fold([state for state, _ in parts[id_]], total)
        error = next((error for of, error in parts[id_] if of is state and error), None)
        folded[id_] = _Folded(state, error, format_)
    return folded


def _goes_flash(one: _Folded) -> bool:
    return one.format is Format.NORMAL_THEN_FLASH and one.state in (State.FAILED, State.EXPIRED)


def _send_as_flash(connection: Connection, messages: dict[int, int]) -> None:
    """«normal + flash»: what could not be delivered is queued once more, as flash, without a debit.

    That a gateway took it once remains in ``handed_at``: whatever becomes of the flash is no refund.
    """
    statement = "DELETE FROM segment WHERE message_id {among} RETURNING message_id"
    bulk.select(connection, statement, messages, segment.c.message_id)
    sims.release(connection, list(messages))
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "format", "due", "attempts", "handed_at", "ended_at"),
        [(State.QUEUED.value, Format.FLASH.value, at, 0, at, None, id_) for id_, at in messages.items()],
    )

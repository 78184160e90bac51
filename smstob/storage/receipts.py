"""Delivery receipts meet the segments that they speak of, in whatever order the two come."""

from collections.abc import Sequence

import attrs
from sqlalchemy import Connection, and_, delete, literal_column, select

from ..model.account import Format
from ..model.message import Receipt, State, fold
from . import bulk
from .schema import message, parked_receipt, segment


@attrs.frozen
class _Known:
    message: int
    part: int


def receive(connection: Connection, receipts: Sequence[Receipt]) -> list[bool]:
    """Apply ``receipts``: a batch function. True where the segment was known and awaited.

    The others are parked: a receipt may overtake the gateway's answer.
    """
    known = _awaited(connection, {receipt.reference for receipt in receipts})
    matched: dict[_Known, Receipt] = {}
    results = []
    parked = []
    for receipt in receipts:
        target = known.pop((receipt.gateway, receipt.reference), None)
        results.append(target is not None)
        if target is None:
            parked.append(receipt)
        else:
            matched[target] = receipt
    _apply(connection, matched)
    bulk.insert(
        connection,
        parked_receipt,
        ("gateway", "reference", "state", "error", "at"),
        [(one.gateway, one.reference, one.state.value, one.error, one.at) for one in parked],
    )
    return results


def match_parked(connection: Connection, references: Sequence[str]) -> int:
    """Apply the parked receipts of segments just handed; gives how many."""
    statement = (
        "SELECT id, gateway, reference, state, error, at FROM parked_receipt WHERE reference {among} ORDER BY id"
    )
    rows = bulk.select(connection, statement, references, parked_receipt.c.reference)
    if not rows:
        return 0
    known = _awaited(connection, {row[2] for row in rows})
    matched: dict[_Known, Receipt] = {}
    gone = []
    for row in rows:
        target = known.pop((row[1], row[2]), None)
        if target is not None:
            gone.append(row[0])
            matched[target] = Receipt(gateway=row[1], reference=row[2], state=State(row[3]), error=row[4], at=row[5])
    _apply(connection, matched)
    statement = "DELETE FROM parked_receipt WHERE id {among} RETURNING id"
    bulk.select(connection, statement, gone, parked_receipt.c.id)
    return len(matched)


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
        .where(segment.c.state == literal_column("'handed'"))
        .distinct()
    )
    match_parked(connection, list(connection.execute(met).scalars()))
    return connection.execute(delete(parked_receipt).where(parked_receipt.c.at < before)).rowcount


def _awaited(connection: Connection, references: set[str]) -> dict[tuple[str, str], _Known]:
    statement = (
        "SELECT gateway, reference, message_id, part FROM segment WHERE reference {among} AND state = 'handed'"
    )
    rows = bulk.select(connection, statement, references, segment.c.reference)
    return {(row[0], row[1]): _Known(row[2], row[3]) for row in rows}


def _apply(connection: Connection, matched: dict[_Known, Receipt]) -> None:
    if connection.dialect.name == "postgresql":
        # two daemons with a part each: the second folds when the first is done, and sees its part
        held = f"SELECT id FROM message WHERE id {{among}} ORDER BY id {bulk.locking(connection)}"
        bulk.select(connection, held, {known.message for known in matched}, message.c.id)
    bulk.update(
        connection,
        segment,
        ("message_id", "part"),
        ("state", "at"),
        [(receipt.state.value, receipt.at, known.message, known.part) for known, receipt in matched.items()],
    )
    latest = {known.message: receipt for known, receipt in matched.items()}
    errors = {known.message: receipt.error for known, receipt in matched.items() if receipt.error}
    states = _folded(connection, latest)
    again = {id_ for id_, (state, format_) in states.items() if _goes_flash(state, format_)}
    ended = {
        id_: state
        for id_, (state, _) in states.items()
        if id_ not in again and state not in (State.HANDED, State.UNKNOWN)
    }
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "ended_at", "error"),
        [(state.value, latest[id_].at, errors.get(id_), id_) for id_, state in ended.items()],
    )
    _send_as_flash(connection, {id_: latest[id_].at for id_ in again})


def _folded(connection: Connection, messages: dict[int, Receipt]) -> dict[int, tuple[State, Format]]:
    statement = (
        "SELECT segment.message_id, segment.state, message.segments, message.format FROM segment "
        "JOIN message ON message.id = segment.message_id "
        "WHERE segment.message_id {among} AND message.state IN ('handed', 'unknown')"
    )
    parts: dict[int, list[State]] = {}
    rest: dict[int, tuple[int, Format]] = {}
    for row in bulk.select(connection, statement, messages, segment.c.message_id):
        parts.setdefault(row[0], []).append(State(row[1]))
        rest[row[0]] = (row[2], Format(row[3]))
    return {id_: (fold(parts[id_], total), format_) for id_, (total, format_) in rest.items()}


def _goes_flash(state: State, format_: Format) -> bool:
    return format_ is Format.NORMAL_THEN_FLASH and state in (State.FAILED, State.EXPIRED)


def _send_as_flash(connection: Connection, messages: dict[int, int]) -> None:
    """«normal + flash»: what could not be delivered is queued once more, as flash, without a debit.

    That a gateway took it once remains in ``handed_at``: whatever becomes of the flash is no refund.
    """
    statement = "DELETE FROM segment WHERE message_id {among} RETURNING message_id"
    bulk.select(connection, statement, messages, segment.c.message_id)
    bulk.update(
        connection,
        message,
        ("id",),
        ("state", "format", "due", "attempts", "handed_at", "ended_at"),
        [(State.QUEUED.value, Format.FLASH.value, at, 0, at, None, id_) for id_, at in messages.items()],
    )

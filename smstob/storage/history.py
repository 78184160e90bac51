"""Messages and what became of them: reads only."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, func, select

from ..model.identity import LARGEST
from ..model.message import State
from ..model.report import GatewayStatus, MessageQuery, MessageReport, PartReport
from . import bulk
from .schema import gateway_status, message, segment

LOOKED_AT: Final = 20_000
"""How many of the newest are looked at where one has to look at each: to find little must not take for ever."""

_UNDELIVERED: Final = frozenset({State.FAILED, State.REJECTED, State.EXPIRED, State.UNKNOWN, State.CANCELLED})
"""States by which an account's messages are indexed."""

_INDEXED: Final = "message.state IN ('failed', 'rejected', 'expired', 'unknown', 'cancelled')"
"""As the partial index says it, or else SQLite does not see that it fits."""


def messages(
    connection: Connection, account_id: int | None = None, state: State | None = None, limit: int = 100
) -> list[MessageReport]:
    """The last ``limit`` messages, newest first; of one account or in one state where given."""
    wanted = select(message.c.id).order_by(message.c.id.desc()).limit(limit)
    if account_id is not None:
        wanted = wanted.where(message.c.account_id == account_id)
    if state is not None:
        wanted = wanted.where(message.c.state == state.value)
    return _told(connection, connection.execute(wanted).scalars().all())


def history(connection: Connection, account: int, query: MessageQuery) -> list[MessageReport]:
    """See ``IReporter.history``. Newest first is by submission, and within one by id.

    Of a number, the newest ``LOOKED_AT`` messages are looked at, whoever sent them; in a state that is not an
    undelivered one, the newest ``LOOKED_AT`` submissions.
    """
    ids: list[int] = []
    if query.state not in (None, *State):
        return []
    if query.submission is not None:
        own = "SELECT id FROM submission WHERE id = ? AND account_id = ?"
        if bulk.query(connection, own, query.submission, account):
            ids = _of_submission(connection, query.submission, query)
    elif query.number is not None:
        ids = _to_number(connection, account, query.number, query)
    elif query.state in _UNDELIVERED:
        ids = _undelivered(connection, account, query)
    else:
        ids = _of_account(connection, account, query)
    return _told(connection, ids)


def _of_submission(connection: Connection, submission: int, query: MessageQuery) -> list[int]:
    if query.number is None and query.state is not None:
        return _newest(connection, "submission_id = ? AND state = ?", (submission, query.state), query)
    # its messages were numbered together, with few of others between them; the + keeps the index out, which has
    # them by state
    values: tuple[Any, ...] = (*_span(connection, submission), submission)
    conditions = "id >= ? AND id <= ? AND +submission_id = ?"
    if query.number is not None:
        conditions, values = f"number = ? AND {conditions}", (query.number, *values)
    if query.state is not None:
        conditions, values = f"{conditions} AND state = ?", (*values, query.state)
    return _newest(connection, conditions, values, query)


def _newest(connection: Connection, conditions: str, values: Sequence[Any], query: MessageQuery) -> list[int]:
    statement = f"SELECT id FROM message WHERE {conditions} AND id < ? ORDER BY id DESC LIMIT ?"
    before = LARGEST if query.before is None else query.before
    return [row[0] for row in bulk.query(connection, statement, *values, before, query.limit)]


def _span(connection: Connection, submission: int) -> tuple[int, int]:
    """The ids of its first and its last message: a look into the index for each state."""
    each = " UNION ALL ".join(
        f"SELECT * FROM (SELECT id FROM message WHERE submission_id = ? AND state = '{state}' "
        f"ORDER BY id {order} LIMIT 1) AS {state}_{order}"
        for state in State
        for order in ("ASC", "DESC")
    )
    ids = [row[0] for row in bulk.query(connection, each, *[submission] * (2 * len(State)))]
    return min(ids, default=0), max(ids, default=0)


def _to_number(connection: Connection, account: int, number: str, query: MessageQuery) -> list[int]:
    conditions, values = _period(query)
    if query.state is not None:
        conditions, values = f"{conditions} AND message.state = ?", (*values, query.state)
    newest = "SELECT id FROM message WHERE number = ? AND id < ? ORDER BY id DESC LIMIT ?"
    before = LARGEST if query.before is None else query.before
    statement = (
        f"SELECT message.id FROM ({newest}) AS newest CROSS JOIN message CROSS JOIN submission "
        "WHERE message.id = newest.id AND message.account_id = ? AND submission.id = message.submission_id "
        f"{conditions} ORDER BY message.id DESC LIMIT ?"
    )
    rows = bulk.query(connection, statement, number, before, LOOKED_AT, account, *values, query.limit)
    return [row[0] for row in rows]


def _undelivered(connection: Connection, account: int, query: MessageQuery) -> list[int]:
    conditions, values = _period(query)
    statement = (
        f"SELECT message.id FROM message CROSS JOIN submission WHERE {_INDEXED} "
        "AND message.account_id = ? AND message.state = ? AND message.id < ? "
        f"AND submission.id = message.submission_id {conditions} ORDER BY message.id DESC LIMIT ?"
    )
    before = LARGEST if query.before is None else query.before
    return [row[0] for row in bulk.query(connection, statement, account, query.state, before, *values, query.limit)]


def _of_account(connection: Connection, account: int, query: MessageQuery) -> list[int]:
    """From submission to submission, the newest first."""
    conditions, values = _period(query)
    shown = None
    if query.before is not None:
        last = (
            "SELECT submission.created, submission.id FROM message JOIN submission "
            "ON submission.id = message.submission_id WHERE message.id = ? AND submission.account_id = ?"
        )
        shown = next(iter(bulk.query(connection, last, query.before, account)), None)
        if shown is None:
            return []
        conditions, values = f"{conditions} AND (created, id) <= (?, ?)", (*values, *shown)
    order = "ORDER BY created DESC, id DESC LIMIT ?"
    statement = f"SELECT id, created, messages FROM submission WHERE account_id = ? {conditions} {order}"
    values = (account, *values)
    if query.state is not None:
        there = "EXISTS (SELECT id FROM message WHERE submission_id = newest.id AND state = ?)"
        statement = f"SELECT * FROM ({statement}) AS newest WHERE {there} {order}"
        values = (*values, LOOKED_AT, query.state)
    rows = bulk.query(connection, statement, *values, query.limit + 1)
    small = _of_small(connection, [row[0] for row in rows if row[2] <= query.limit], query.state)
    ids: list[int] = []
    for row in rows:
        before = query.before if shown is not None and shown[1] == row[0] else None
        if row[0] in small:
            ids += [id_ for id_ in small[row[0]] if before is None or id_ < before]
        else:
            ids += _of_submission(connection, row[0], attrs.evolve(query, before=before, limit=query.limit - len(ids)))
        if len(ids) >= query.limit:
            break
    return ids[: query.limit]


def _of_small(connection: Connection, submissions: Sequence[int], state: str | None) -> dict[int, list[int]]:
    """All messages of each of a few small submissions, or those in a state: the newest first."""
    statement = "SELECT submission_id, id FROM message WHERE submission_id {among}"
    if state is None:
        rows = bulk.select(connection, statement, submissions, message.c.submission_id)
    else:
        rows = bulk.select(connection, f"{statement} AND state = ?", submissions, message.c.submission_id, state)
    found: dict[int, list[int]] = {id_: [] for id_ in submissions}
    for row in sorted(rows, key=lambda row: -row[1]):
        found[row[0]].append(row[1])
    return found


def _period(query: MessageQuery) -> tuple[str, tuple[Any, ...]]:
    wanted = [("submission.created >= ?", query.since), ("submission.created < ?", query.until)]
    given = [(condition, value) for condition, value in wanted if value is not None]
    return "".join(f" AND {condition}" for condition, _ in given), tuple(value for _, value in given)


def _told(connection: Connection, ids: Sequence[int]) -> list[MessageReport]:
    statement = (
        "SELECT message.id, message.submission_id, account.email, message.number, message.text, message.state, "
        "message.segments, message.credits, message.gateway, submission.channel, submission.created, submission.due, "
        "message.handed_at, message.ended_at, message.repeats, message.error, submission.sender FROM message "
        "JOIN submission ON submission.id = message.submission_id "
        "JOIN account ON account.id = submission.account_id WHERE message.id {among}"
    )
    found = {row[0]: row for row in bulk.select(connection, statement, ids, message.c.id)}
    parts = _parts(connection, ids)
    return [_report(found[id_], parts.get(id_, ())) for id_ in ids]


def _report(row: Any, parts: Sequence[PartReport]) -> MessageReport:
    return MessageReport(
        id=row[0],
        submission=row[1],
        account=row[2],
        to=row[3],
        text=row[4],
        state=row[5],
        segments=row[6],
        credits=row[7],
        gateway=row[8],
        channel=row[9],
        created=row[10],
        due=row[11],
        handed=row[12],
        ended=row[13],
        repeats=row[14],
        error=row[15],
        parts=tuple(parts),
        sender=row[16],
    )


def _parts(connection: Connection, ids: Iterable[int]) -> dict[int, list[PartReport]]:
    statement = (
        "SELECT message_id, part, state, gateway, reference FROM segment WHERE message_id {among} "
        "ORDER BY message_id, part"
    )
    found: dict[int, list[PartReport]] = {}
    for row in bulk.select(connection, statement, ids, segment.c.message_id):
        told = PartReport(part=row[1], state=row[2], gateway=row[3], reference=row[4])
        found.setdefault(row[0], []).append(told)
    return found


def queued_by_gateway(connection: Connection) -> dict[str, int]:
    """How many messages are queued at each gateway."""
    counted = (
        select(message.c.gateway, func.count().label("queued"))
        .where(message.c.state == State.QUEUED.value)
        .group_by(message.c.gateway)
    )
    return {row.gateway: row.queued for row in connection.execute(counted)}


def statuses(connection: Connection) -> list[GatewayStatus]:
    """What the daemons last wrote of their gateways."""
    wanted = select(gateway_status).order_by(gateway_status.c.name, gateway_status.c.daemon)
    return [GatewayStatus(**row) for row in connection.execute(wanted).mappings()]

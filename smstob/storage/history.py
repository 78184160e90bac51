"""What was sent and what became of it: reads only."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from ..model.message import State
from ..model.report import GatewayStatus, MessageReport, PartReport
from . import bulk
from .schema import account, gateway_status, message, segment, submission


def messages(
    connection: Connection, account_id: int | None = None, state: State | None = None, limit: int = 100
) -> list[MessageReport]:
    """The last ``limit`` messages, newest first; of one account or in one state where given."""
    wanted = (
        select(
            message,
            submission.c.channel,
            submission.c.created,
            submission.c.due.label("asked"),
            account.c.email,
        )
        .join(submission, submission.c.id == message.c.submission_id)
        .join(account, account.c.id == submission.c.account_id)
        .order_by(message.c.id.desc())
        .limit(limit)
    )
    if account_id is not None:
        wanted = wanted.where(submission.c.account_id == account_id)
    if state is not None:
        wanted = wanted.where(message.c.state == state.value)
    rows = connection.execute(wanted).all()
    parts = _parts(connection, [row.id for row in rows])
    return [
        MessageReport(
            id=row.id,
            submission=row.submission_id,
            account=row.email,
            to=row.number,
            text=row.text,
            state=row.state,
            segments=row.segments,
            credits=row.credits,
            gateway=row.gateway,
            channel=row.channel,
            created=row.created,
            due=row.asked,
            handed=row.handed_at,
            ended=row.ended_at,
            repeats=row.repeats,
            error=row.error,
            parts=tuple(parts.get(row.id, ())),
        )
        for row in rows
    ]


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

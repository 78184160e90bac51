"""What was sent and what became of it: reads only."""

import attrs
from sqlalchemy import Connection, func, select

from ..model.message import State
from .schema import account, gateway_status, message, submission


@attrs.frozen(kw_only=True)
class Told:
    """A message as history tells it."""

    id: int
    submission: int
    account: str
    to: str
    text: str = attrs.field(repr=False)
    state: str
    segments: int
    credits: int
    gateway: str
    channel: str
    created: int
    due: int
    """What was asked for, not the next try."""
    handed: int | None
    ended: int | None
    repeats: int
    error: str | None


def messages(
    connection: Connection, account_id: int | None = None, state: State | None = None, limit: int = 100
) -> list[Told]:
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
    return [
        Told(
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
        )
        for row in connection.execute(wanted)
    ]


def queued_by_gateway(connection: Connection) -> dict[str, int]:
    """How many messages are queued at each gateway."""
    counted = (
        select(message.c.gateway, func.count().label("queued"))
        .where(message.c.state == State.QUEUED.value)
        .group_by(message.c.gateway)
    )
    return {row.gateway: row.queued for row in connection.execute(counted)}


@attrs.frozen(kw_only=True)
class GatewayStatus:
    """A gateway as one daemon sees it; counts are segments since that daemon started."""

    name: str
    daemon: str
    type: str
    state: str
    sent: int
    failed: int
    repeated: int
    rate: float
    """Segments a second of late."""
    at: int


def statuses(connection: Connection) -> list[GatewayStatus]:
    """What the daemons last wrote of their gateways."""
    wanted = select(gateway_status).order_by(gateway_status.c.name, gateway_status.c.daemon)
    return [GatewayStatus(**row) for row in connection.execute(wanted).mappings()]

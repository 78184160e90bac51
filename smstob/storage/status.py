"""How gateways fare, written by the daemon for whoever looks from another process."""

from collections.abc import Sequence

import attrs
from sqlalchemy import Connection, delete, insert

from ..model.report import GatewayStatus
from .schema import gateway_status


def write(connection: Connection, daemon: str, statuses: Sequence[GatewayStatus]) -> None:
    """Replace all that ``daemon`` wrote before."""
    connection.execute(delete(gateway_status).where(gateway_status.c.daemon == daemon))
    if statuses:
        connection.execute(insert(gateway_status), [attrs.asdict(status) for status in statuses])


def forget_silent(connection: Connection, before: int) -> None:
    """Drop what daemons wrote that were not heard of since the Unix second ``before``."""
    connection.execute(delete(gateway_status).where(gateway_status.c.at < before))

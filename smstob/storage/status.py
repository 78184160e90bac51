"""How gateways and their modems fare, written by the daemon for whoever looks from another process."""

import json
from collections.abc import Sequence

import attrs
from sqlalchemy import Connection, delete, insert, select

from ..model.modem import ModemReport, ModemState, SimLimits
from ..model.report import GatewayStatus
from .schema import gateway_status
from .sim_schema import modem_status


def write(connection: Connection, daemon: str, statuses: Sequence[GatewayStatus]) -> None:
    """Replace all that ``daemon`` wrote of its gateways before."""
    connection.execute(delete(gateway_status).where(gateway_status.c.daemon == daemon))
    if statuses:
        connection.execute(insert(gateway_status), [attrs.asdict(status) for status in statuses])


def write_modems(connection: Connection, daemon: str, reports: Sequence[ModemReport], at: int) -> None:
    """Replace all that ``daemon`` wrote of its modems before, at the Unix second ``at``."""
    connection.execute(delete(modem_status).where(modem_status.c.daemon == daemon))
    # a port that a gateway tells twice is told as it was last
    rows = {
        (one.gateway, one.port): {
            "gateway": one.gateway,
            "port": one.port,
            "daemon": daemon,
            "at": at,
            "report": json.dumps(attrs.asdict(one)),
        }
        for one in reports
    }
    if rows:
        connection.execute(insert(modem_status), list(rows.values()))


def modems(connection: Connection, since: int) -> list[ModemReport]:
    """What daemons wrote of their modems from the Unix second ``since`` on, by gateway, port and daemon."""
    wanted = select(modem_status).where(modem_status.c.at >= since)
    rows = sorted(connection.execute(wanted), key=lambda row: (row.gateway, row.port, row.daemon))
    return [_read(row.report) for row in rows]


def _read(text: str) -> ModemReport:
    told = json.loads(text)
    return ModemReport(**told | {"state": ModemState(told["state"]), "limits": SimLimits(**told["limits"])})


def forget_silent(connection: Connection, before: int) -> None:
    """Drop what daemons wrote that were not heard of since the Unix second ``before``."""
    for table in (gateway_status, modem_status):
        connection.execute(delete(table).where(table.c.at < before))

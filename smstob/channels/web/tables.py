"""Tables to keep, as spreadsheets read them."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ...model.cells import MARK, Cell, rows

__all__ = ["MARK", "TYPE", "Cell", "moment", "rows"]

TYPE: Final = "text/csv; charset=utf-8"


def moment(instant: int | None, zone: ZoneInfo) -> str:
    """``25/11/2026 19:30:05``, as French spreadsheets read it; nothing where there is none."""
    return "" if instant is None else f"{datetime.fromtimestamp(instant, zone):%d/%m/%Y %H:%M:%S}"

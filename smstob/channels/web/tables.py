"""Tables to keep: CSV that spreadsheets show as it is, and in which nobody can hide a formula."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Final
from zoneinfo import ZoneInfo

TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = b"\xef\xbb\xbf"
"""By which spreadsheets know UTF-8; a file begins with it."""

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")

Cell = str | int | None


def rows(cells: Iterable[Iterable[Cell]]) -> bytes:
    """Lines of a file."""
    file = StringIO(newline="")
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(map(_guarded, row) for row in cells)
    return file.getvalue().encode("utf-8", "replace")


def moment(instant: int | None, zone: ZoneInfo) -> str:
    """``25/11/2026 19:30:05``, as French spreadsheets read it; nothing where there is none."""
    return "" if instant is None else f"{datetime.fromtimestamp(instant, zone):%d/%m/%Y %H:%M:%S}"


def _guarded(cell: Cell) -> Cell:
    """A text with an apostrophe where a spreadsheet would take it for a formula; figures are ours."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell

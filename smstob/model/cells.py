"""Files that spreadsheets open as they are (CSV, ``;``, UTF-8), and in whose cells nobody can hide a formula."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Final

MARK: Final = b"\xef\xbb\xbf"
"""By which spreadsheets know UTF-8; a file begins with it."""

_SIGN: Final = r"[=+\-@＝＋－＠]"
# also behind apostrophes, so that every one that was put there, and no other, is taken off again
_FORMULA: Final = re.compile(rf"'*{_SIGN}|\s+{_SIGN}|[\t\r\n]")
_GUARDED: Final = re.compile(rf"'+{_SIGN}")

Cell = str | int | None


def rows(cells: Iterable[Iterable[Cell]]) -> bytes:
    """Lines of a file."""
    file = StringIO(newline="")
    guarded_rows = ((guarded(cell) if isinstance(cell, str) else cell for cell in row) for row in cells)
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(guarded_rows)
    return file.getvalue().encode("utf-8", "replace")


def guarded(cell: str) -> str:
    """The cell with an apostrophe where a spreadsheet would take it for a formula; figures of ours need none."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str | None:
    """What ``guarded`` made this cell of; None where it has no such apostrophe.

    Of what begins with white space, which we keep nowhere, it stays: in a file of others it may stand there.
    """
    return cell[1:] if _GUARDED.match(cell) else None

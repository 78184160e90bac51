"""Rows of cells, wherever they come from, and how much of them is taken. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from ..model.contact_import import LineFault, Unreadable

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 50


@attrs.frozen
class Row:
    """The cells of one row, which begins at the physical line ``line`` of the file; 1 is the first."""

    line: int
    cells: tuple[str, ...]


@attrs.frozen
class Sheet:
    """A file's rows that are not blank."""

    rows: tuple[Row, ...]
    faults: tuple[LineFault, ...] = ()
    """Rows that could not be told apart."""
    delimiter: str | None = None
    """Of a text."""
    names: tuple[str, ...] = ()
    """Of a workbook's sheets, this one's among them."""


def too_big() -> Unreadable:
    """What is said of more than ``MOST_BYTES``."""
    return Unreadable(f"ce fichier est trop gros ({MOST_BYTES // 2**20} Mo au plus)")


def gathered(records: Iterable[tuple[int, Sequence[str] | str]]) -> tuple[tuple[Row, ...], tuple[LineFault, ...]]:
    """The rows that have something in them, and the faults; a record is a line and its cells, or what is wrong.

    Raises ``Unreadable`` for more than is taken.
    """
    rows: list[Row] = []
    faults: list[LineFault] = []
    for line, found in records:
        if isinstance(found, str):
            faults.append(LineFault(line, found))
            continue
        cells = _without_blank_end(found)
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"la ligne {line} a plus de {MOST_COLUMNS} colonnes")
        if cells:
            rows.append(Row(line, cells))
        if len(rows) + len(faults) > MOST_ROWS + 1:  # a header is no row of theirs
            raise Unreadable(f"ce fichier a plus de {MOST_ROWS} lignes : coupez-le en plusieurs fichiers")
    return tuple(rows), tuple(faults)


def _without_blank_end(cells: Sequence[str]) -> tuple[str, ...]:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return tuple(cells[:width])

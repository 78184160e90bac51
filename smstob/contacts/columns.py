"""Which column of a sheet holds what, and what a row says of a contact. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from ..model.cells import unguarded
from ..model.contact import LONGEST_FIELD, MOST_LINES, Recipient
from ..model.contact_import import Columns
from ..model.merge import Variables
from ..model.number import NotANumber, Number, parse_number
from ..model.tariff import Tariff
from ..model.text import clean
from .naming import one_line
from .sheet import Row
from .titles import is_title, name_position, number_positions, variable_positions

EXCEL_LOST: Final = "Excel a perdu des chiffres"

_TRIED: Final = 1000
"""Rows by which the column of the numbers is found."""
_SHOWN: Final = 30

_FORMULA_TEXT: Final = re.compile(r'=\s*"(.*)"', re.DOTALL)
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?E\+?[0-9]+", re.IGNORECASE)
_WITH_DECIMALS: Final = re.compile(r"(\+?[0-9]{6,})[.,]0+")
_STRIPPED: Final = re.compile(r"[67][0-9]{8}")
_SEPARATORS: Final = re.compile(r"[\s.\-]+")


def names_columns(row: Row) -> bool:
    """Whether a file's first row names columns instead of holding a contact."""
    return any(map(is_title, row.cells)) and not any(map(_is_number, row.cells))


def recognise(titles: Sequence[str], rows: Sequence[Row]) -> Columns:
    """Columns by their titles, if there are any; what these do not name, by position.

    The numbers are where most cells are numbers, among the columns of a fitting name if there are any.
    Columns of no known name become v1, v2, v3 in order where no title names a variable.
    """
    tried = rows[:_TRIED]
    width = max([len(row.cells) for row in tried] + [len(titles), 1])
    variables = variable_positions(titles)
    name = name_position(titles)
    taken = {*variables.values(), name}
    unnamed = [position for position in range(_margin(titles, tried), width) if position not in taken]
    number = _fullest(tried, number_positions(titles) or unnamed)
    free = [position for position in unnamed if position != number]
    if not titles:
        # the order of old: name, number, variables
        name, free = (free[0], free[1:]) if free else (None, [])
    if not variables:
        variables = dict(zip(("v1", "v2", "v3"), free, strict=False))
    return Columns(number=number, name=name, **variables)


def _margin(titles: Sequence[str], rows: Sequence[Row]) -> int:
    """How many columns are blank before the first that is not, as in a sheet whose table begins further on."""
    filled = (
        next((position for position, cell in enumerate(cells) if cell.strip()), len(cells))
        for cells in filter(None, (titles, *(row.cells for row in rows)))
    )
    return min(filled, default=0)


def contact_of(row: Row, columns: Columns, tariff: Tariff) -> Recipient | str:
    """The contact of a row, or what is wrong with it."""
    number = _number(cell_of(row, columns.number), tariff)
    if isinstance(number, str):
        return number
    values = {}
    for field in ("name", "v1", "v2", "v3"):
        value = _text(cell_of(row, getattr(columns, field)))
        if len(value) > LONGEST_FIELD:
            return f"une cellule a {len(value)} caractères ({LONGEST_FIELD} au plus)"
        if "\n" in value and (lines := value.count("\n") + 1) > MOST_LINES:
            return f"une cellule a {lines} lignes ({MOST_LINES} au plus)"
        values[field] = one_line(value) if field == "name" else value
    return Recipient(number.e164, clean(number.typed), number.country, Variables(**values))


def cell_of(row: Row, position: int | None) -> str:
    """The cell at that position; empty where there is none."""
    return row.cells[position] if position is not None and 0 <= position < len(row.cells) else ""


def is_repaired(cell: str) -> bool:
    """Whether digits of a number were lost or added on the way, and are put right."""
    return repaired(cell) != _typed(cell)


def repaired(cell: str) -> str:
    """What was typed before a spreadsheet made a number of it; what was not so treated stays as it is."""
    typed = _typed(cell)
    if decimals := _WITH_DECIMALS.fullmatch(typed):
        typed = decimals[1]
    digits = _SEPARATORS.sub("", typed)
    return f"0{digits}" if _STRIPPED.fullmatch(digits) else typed


def unwrapped(cell: str) -> str:
    """The text of ``="…"``, which keeps spreadsheets from reading numbers; other cells as they are."""
    formula = _FORMULA_TEXT.fullmatch(cell.strip()) if "=" in cell else None
    return cell if formula is None else formula[1].replace('""', '"')


def _typed(cell: str) -> str:
    return unwrapped(cell).strip().removeprefix("'").strip()


def _text(cell: str) -> str:
    if "=" not in cell and "'" not in cell:
        return clean(cell)
    said = unguarded(cell)
    return clean(unwrapped(cell) if said is None else said)


def _number(cell: str, tariff: Tariff) -> Number | str:
    typed = repaired(cell)
    if not typed:
        return "il n'y a pas de numéro"
    if _SCIENTIFIC.fullmatch(typed):
        return f"{EXCEL_LOST} : {_shown(typed)} ; mettez la colonne au format Texte et retapez le numéro"
    try:
        number = parse_number(typed)
    except NotANumber:
        return f"{_shown(typed)} n'est pas un numéro de mobile"
    if tariff.price(number.country) is None:
        return f"{_shown(typed)} : les envois vers ce pays ({number.country}) ne sont pas ouverts"
    return number


def _fullest(rows: Sequence[Row], positions: Sequence[int]) -> int:
    """The position at which most cells are numbers; the second, or else the first, where none are."""
    counts = {position: sum(_is_number(cell_of(row, position)) for row in rows) for position in positions}
    best = max(counts, key=counts.__getitem__, default=0)
    if counts.get(best):
        return best
    return 1 if 1 in counts and 0 in counts else best


def _is_number(cell: str) -> bool:
    typed = repaired(cell)
    if _SCIENTIFIC.fullmatch(typed):
        return True  # it was one
    try:
        parse_number(typed)
    except NotANumber:
        return False
    return True


def _shown(typed: str) -> str:
    cut = typed if len(typed) <= _SHOWN else typed[:_SHOWN] + "…"
    return f"« {''.join(char if char.isprintable() else '?' for char in cut)} »"

"""Which column of a sheet holds what, and what a row says of a contact. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import attrs

from ..model.contact import LONGEST_FIELD, Recipient
from ..model.contact_import import Columns, LineFault
from ..model.merge import Variables
from ..model.number import NotANumber, Number, parse_number
from ..model.tariff import Tariff
from ..model.text import clean
from .spreadsheet import Row, Sheet

EXCEL_LOST: Final = "Excel a perdu des chiffres"

_TRIED: Final = 1000
"""Rows by which the column of the numbers is found."""
_SHOWN: Final = 30

_FORMULA_TEXT: Final = re.compile(r'=\s*"(.*)"', re.DOTALL)
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?E\+?[0-9]+", re.IGNORECASE)
_WITH_DECIMALS: Final = re.compile(r"(\+?[0-9]{6,})[.,]0+")
_STRIPPED: Final = re.compile(r"[67][0-9]{8}")
_SEPARATORS: Final = re.compile(r"[\s.\-]+")

_NUMBER_NAME: Final = re.compile(
    r"(?:numeros?|number|num|no|n)?(?:de|du)?(?:tel|telephones?|phone|mobiles?|portables?|gsm|cell|cellulaire|sms){1,3}"
    r"(?:number|numero)?|numeros?|number|num"
)
_NAME_NAMES: Final = (
    *("nom", "name", "noms", "nomcomplet", "fullname", "nomprenom", "prenomnom", "nometprenom", "prenometnom"),
    *("lastname", "nomdefamille", "contact", "prenom", "prenoms", "firstname"),
)
"""The first that is there is the name: a first name only where there is no other."""
_VARIABLE_NAME: Final = re.compile(r"(?:v|var|variable)([123])")


@attrs.frozen(kw_only=True)
class Reading:
    """What a sheet holds."""

    recipients: tuple[Recipient, ...]
    faults: tuple[LineFault, ...]
    """Rows left out, by line."""


def header_of(sheet: Sheet) -> Row | None:
    """The first row, where it names columns instead of holding a contact."""
    if not sheet.rows:
        return None
    first = sheet.rows[0]
    keys = [_key(cell) for cell in first.cells]
    known = any(_NUMBER_NAME.fullmatch(key) or _VARIABLE_NAME.fullmatch(key) or key in _NAME_NAMES for key in keys)
    return first if known and not any(_is_number(cell) for cell in first.cells) else None


def recognise(sheet: Sheet) -> Columns:
    """Columns by the names in the header; what it does not name, by position.

    The numbers are where most cells are numbers, among the columns of a fitting name if there are any.
    Columns of no known name become v1, v2, v3 in order where the header names no variable.
    """
    header = header_of(sheet)
    keys = [] if header is None else [_key(cell) for cell in header.cells]
    rows = sheet.rows[header is not None :][:_TRIED]
    width = max([len(row.cells) for row in rows] + [len(keys), 1])
    variables: dict[str, int] = {}
    for position, key in enumerate(keys):
        if named := _VARIABLE_NAME.fullmatch(key):
            variables.setdefault(f"v{named[1]}", position)
    name = min((position for position, key in enumerate(keys) if key in _NAME_NAMES), default=None,
               key=lambda position: _NAME_NAMES.index(keys[position]))  # fmt: skip
    taken = {*variables.values(), name}
    named_so = [position for position, key in enumerate(keys) if _NUMBER_NAME.fullmatch(key)]
    number = _fullest(rows, named_so or [position for position in range(width) if position not in taken])
    free = [position for position in range(width) if position not in taken | {number}]
    if header is None:
        # the order of old: name, number, variables
        name, free = (free[0], free[1:]) if free else (None, [])
    if not variables:
        variables = dict(zip(("v1", "v2", "v3"), free, strict=False))
    return Columns(number=number, name=name, **variables)


def contacts(sheet: Sheet, columns: Columns, tariff: Tariff) -> Reading:
    """The contacts of ``sheet``, and the rows that are none; its header is neither."""
    recipients = []
    faults = list(sheet.faults)
    for row in sheet.rows[header_of(sheet) is not None :]:
        found = _contact(row, columns, tariff)
        if isinstance(found, Recipient):
            recipients.append(found)
        else:
            faults.append(LineFault(row.line, found))
    return Reading(recipients=tuple(recipients), faults=tuple(sorted(faults, key=lambda fault: fault.line)))


def repaired(cell: str) -> str:
    """What was typed before a spreadsheet made a number of it; what was not so treated stays as it is."""
    typed = unwrapped(cell).strip().removeprefix("'").strip()
    if decimals := _WITH_DECIMALS.fullmatch(typed):
        typed = decimals[1]
    digits = _SEPARATORS.sub("", typed)
    return f"0{digits}" if _STRIPPED.fullmatch(digits) else typed


def unwrapped(cell: str) -> str:
    """The text of ``="…"``, which keeps spreadsheets from reading numbers; other cells as they are."""
    formula = _FORMULA_TEXT.fullmatch(cell.strip())
    return cell if formula is None else formula[1].replace('""', '"')


def _contact(row: Row, columns: Columns, tariff: Tariff) -> Recipient | str:
    """The contact of a row, or what is wrong with it."""
    number = _number(_cell(row, columns.number), tariff)
    if isinstance(number, str):
        return number
    values = {}
    for field in ("name", "v1", "v2", "v3"):
        value = clean(unwrapped(_cell(row, getattr(columns, field))))
        if len(value) > LONGEST_FIELD:
            return f"une cellule a {len(value)} caractères ({LONGEST_FIELD} au plus)"
        values[field] = value
    return Recipient(number.e164, clean(number.typed), number.country, Variables(**values))


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


def _cell(row: Row, position: int | None) -> str:
    return row.cells[position] if position is not None and position < len(row.cells) else ""


def _fullest(rows: Sequence[Row], positions: Sequence[int]) -> int:
    """The position at which most cells are numbers; the second, or else the first, where none are."""
    counts = {position: sum(_is_number(_cell(row, position)) for row in rows) for position in positions}
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


def _key(cell: str) -> str:
    """A column's name without what people write differently: case, accents, spaces, signs."""
    plain = unicodedata.normalize("NFKD", cell[:100]).casefold()
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def _shown(typed: str) -> str:
    cut = typed if len(typed) <= _SHOWN else typed[:_SHOWN] + "…"
    return f"« {''.join(char if char.isprintable() else '?' for char in cut)} »"

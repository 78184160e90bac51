"""A book as a CSV file that spreadsheets show and nobody can hide a formula in; and what undoes that. Pure."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Final

from ..model.contact import Contact
from ..model.number import NotANumber, parse_number

MARK: Final = b"\xef\xbb\xbf"
HEADER: Final = ("Nom", "Numéro", "Variable1", "Variable2", "Variable3", "Groupes")

# also behind apostrophes, so that every one that was put there, and no other, is taken off again; what a book
# holds never begins with a tab or a line end, which spreadsheets pass over
_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠]")
_NATIONAL: Final = re.compile(r"\+(?:33|262|508|59[046])(?=[0-9]{9}$)")


def lines(contacts: Iterable[Contact], groups: Mapping[int, str]) -> bytes:
    """Rows of those contacts, with the names of their groups."""
    return _written(
        (
            *(one.variables.name, national(one.number), one.variables.v1, one.variables.v2, one.variables.v3),
            ", ".join(groups[id_] for id_ in one.groups if id_ in groups),
        )
        for one in contacts
    )


def header() -> bytes:
    """How the file begins."""
    return MARK + _written([HEADER])


def guarded(cell: str) -> str:
    """The cell with an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str | None:
    """What ``guarded`` made this cell of; None where it has no such apostrophe."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else None


def national(e164: str) -> str:
    """The number as it is dialled within France and overseas; another country's as it is."""
    dialled = _NATIONAL.sub("0", e164)
    try:
        return dialled if parse_number(dialled).e164 == e164 else e164
    except NotANumber:
        return e164


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    file = StringIO(newline="")
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(map(guarded, row) for row in rows)
    return file.getvalue().encode()

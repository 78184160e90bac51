"""A book as a file that spreadsheets show, and that the import reads back. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ..model.cells import MARK, rows
from ..model.contact import Contact
from ..model.number import NotANumber, parse_number

HEADER: Final = ("Nom", "Numéro", "Variable1", "Variable2", "Variable3", "Groupes")

_NATIONAL: Final = re.compile(r"\+(?:33|262|508|59[046])(?=[0-9]{9}$)")


def lines(contacts: Iterable[Contact], groups: Mapping[int, str]) -> bytes:
    """Rows of those contacts, with the names of their groups."""
    return rows(
        (
            *(one.variables.name, national(one.number), one.variables.v1, one.variables.v2, one.variables.v3),
            ", ".join(groups[id_] for id_ in one.groups if id_ in groups),
        )
        for one in contacts
    )


def header() -> bytes:
    """How the file begins."""
    return MARK + rows([HEADER])


def national(e164: str) -> str:
    """The number as it is dialled within France and overseas; another country's as it is."""
    dialled = _NATIONAL.sub("0", e164)
    try:
        return dialled if parse_number(dialled).e164 == e164 else e164
    except NotANumber:
        return e164

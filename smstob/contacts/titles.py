"""What people call the columns of their files. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_NUMBER: Final = re.compile(
    r"(?:numeros?|number|num|no|n)?(?:de|du)?(?:tel|telephones?|phone|mobiles?|portables?|gsm|cell|cellulaire|sms){1,3}"
    r"(?:number|numero)?|numeros?|number|num"
)
_NAMES: Final = (
    *("nom", "name", "noms", "nomcomplet", "fullname", "nomprenom", "prenomnom", "nometprenom", "prenometnom"),
    *("lastname", "nomdefamille", "contact", "prenom", "prenoms", "firstname"),
)
"""The first that is there is the name: a first name only where there is no other."""
_VARIABLE: Final = re.compile(r"(?:v|var|variable)([123])")


def is_title(cell: str) -> bool:
    """Whether it names a column that is known."""
    key = _key(cell)
    return bool(_NUMBER.fullmatch(key) or _VARIABLE.fullmatch(key) or key in _NAMES)


def number_positions(header: Sequence[str]) -> list[int]:
    """The columns that are named as numbers are."""
    return [position for position, cell in enumerate(header) if _NUMBER.fullmatch(_key(cell))]


def name_position(header: Sequence[str]) -> int | None:
    """The column that is best named as names are."""
    keys = list(map(_key, header))
    named = [position for position, key in enumerate(keys) if key in _NAMES]
    return min(named, default=None, key=lambda position: _NAMES.index(keys[position]))


def variable_positions(header: Sequence[str]) -> dict[str, int]:
    """The columns that are named as variables are, by ``v1``, ``v2``, ``v3``."""
    found: dict[str, int] = {}
    for position, cell in enumerate(header):
        if named := _VARIABLE.fullmatch(_key(cell)):
            found.setdefault(f"v{named[1]}", position)
    return found


def _key(cell: str) -> str:
    """A column's name without what people write differently: case, accents, spaces, signs."""
    plain = unicodedata.normalize("NFKD", cell[:100]).casefold()
    return "".join(char for char in plain if char.isascii() and char.isalnum())

"""Ids under which networks speak of what they took, however each side writes them."""

import hashlib
import re
from typing import Final

from .text import storable

LONGEST: Final = 128
"""Characters of a reference that is kept as it is: PostgreSQL indexes no text without bounds."""

MOST_DIGITS: Final = 32
"""Of an id that is read in another base: longer ones are no numbers that anybody counts."""

TELLING: Final = 8
"""Last digits by which a phone is known, whatever stands before them: 0, 33, 0033, +33."""

LEAST_TELLING: Final = 4

SMALL: Final = 7
"""Digits of ids that an operator who counts from 1 may have under way at once in both bases."""

_HEXADECIMAL: Final = re.compile("-*[0-9A-Fa-f][0-9A-Fa-f-]*")
_NUMBER: Final = re.compile(f"[1-9a-f][0-9a-f]{{0,{MOST_DIGITS - 1}}}")
_NOT_DIGITS: Final = re.compile("[^0-9]+")


def bounded(reference: str) -> str:
    """``reference`` as it can be kept and indexed; a digest stands for one that is too long."""
    kept = storable(reference)
    return kept if len(kept) <= LONGEST else f"sha256:{hashlib.sha256(kept.encode()).hexdigest()}"


def canonical(reference: str) -> str:
    """The one form of an id that an operator writes in two ways, in its answer and in its receipt.

    White space around it is off; of hexadecimal digits (and dashes, as in a UUID) the case and leading zeros do not
    count. Any other id is what it is.
    """
    written = storable(reference).strip()
    if _HEXADECIMAL.fullmatch(written):
        written = written.lower().lstrip("0") or "0"
    return bounded(written)


def other_bases(reference: str) -> tuple[str, ...]:
    """What a canonical ``reference`` is where one side writes in decimal what the other writes in hexadecimal.

    Digits alone may be either. Whatever is not such a number, or is too long for one in either base, has no other.
    """
    if not _NUMBER.fullmatch(reference):
        return ()
    forms = [f"{int(reference):x}"] if reference.isdecimal() else []
    forms.append(str(int(reference, 16)))
    return tuple([form for form in forms if form != reference and len(form) <= MOST_DIGITS])


def is_small(reference: str) -> bool:
    """Whether a canonical ``reference`` is a number so small that it may be another message's in another base."""
    return len(reference) <= SMALL and bool(other_bases(reference))


def same_phone(number: str, told: str) -> bool:
    """Whether ``number``, in E.164, may be the phone that a network calls ``told``, by its last digits."""
    digits = _NOT_DIGITS.sub("", told)[-TELLING:]
    return len(digits) >= LEAST_TELLING and number.endswith(digits)

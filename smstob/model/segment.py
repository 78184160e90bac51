"""Segments: how many SMS a text takes, and what each carries (3GPP TS 23.040 §9.2.3.24.1)."""

from enum import StrEnum
from typing import Final

import attrs

from . import alphabet


class Coding(StrEnum):
    """The character set of a message (3GPP TS 23.038 §4)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@attrs.frozen
class Measure:
    """What sending a text takes."""

    coding: Coding
    length: int
    """Septets in GSM-7, UTF-16 units in UCS-2."""
    segments: int
    """SMS to pay, at least 1."""


SEPTETS_ALONE: Final = 160
SEPTETS_JOINED: Final = 153
"""Septets of each segment of a longer message: its concatenation header takes the others."""
UNITS_ALONE: Final = 70
UNITS_JOINED: Final = 67
"""UTF-16 units of each segment of a longer message."""

_ESCAPE: Final = 0x1B


def measure(text: str) -> Measure:
    """The coding, length and number of segments of ``text``; the empty text is one segment.

    Lone surrogates, which ``text.clean`` drops, raise UnicodeEncodeError: here, in ``split``, in ``payload``.
    """
    if alphabet.is_gsm7(text):
        length = alphabet.septets(text)
        if length <= SEPTETS_ALONE:
            return Measure(Coding.GSM7, length, 1)
        if length == len(text):
            return Measure(Coding.GSM7, length, -(-length // SEPTETS_JOINED))
        return Measure(Coding.GSM7, length, len(_cuts_gsm7(alphabet.encode(text))))
    units = text.encode("utf-16-be")
    length = len(units) // 2
    return Measure(Coding.UCS2, length, 1 if length <= UNITS_ALONE else len(_cuts_ucs2(units)))


def split(text: str) -> tuple[str, ...]:
    """The text of each segment, in order; joined they are ``text``.

    Neither an escape and its extension character nor a surrogate pair is ever split: a segment then carries
    one septet or unit less.
    """
    measured = measure(text)
    if measured.segments == 1:
        return (text,)
    if measured.coding is Coding.GSM7:
        septets = alphabet.encode(text)
        return tuple(alphabet.decode(septets[start:end]) for start, end in _cuts_gsm7(septets))
    units = text.encode("utf-16-be")
    return tuple(units[2 * start : 2 * end].decode("utf-16-be") for start, end in _cuts_ucs2(units))


def payload(text: str, coding: Coding) -> bytes:
    """The octets of a segment's text: one septet an octet in GSM-7 (not packed), UTF-16BE in UCS-2.

    Raises NotGsm7 where GSM-7 is asked and lacks a character.
    """
    return alphabet.encode(text) if coding is Coding.GSM7 else text.encode("utf-16-be")


def _cuts_gsm7(septets: bytes) -> list[tuple[int, int]]:
    cuts = []
    start = 0
    while start < len(septets):
        end = min(start + SEPTETS_JOINED, len(septets))
        if septets[end - 1] == _ESCAPE:
            end -= 1
        cuts.append((start, end))
        start = end
    return cuts


def _cuts_ucs2(units: bytes) -> list[tuple[int, int]]:
    cuts = []
    start, total = 0, len(units) // 2
    while start < total:
        end = min(start + UNITS_JOINED, total)
        # A high surrogate (D800 to DBFF) belongs with the unit after it.
        if 0xD8 <= units[2 * end - 2] <= 0xDB:
            end -= 1
        cuts.append((start, end))
        start = end
    return cuts

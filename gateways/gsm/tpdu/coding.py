"""Data coding schemes: the alphabet of a text, and its class (3GPP TS 23.038 §4)."""

from enum import Enum
from typing import Final

from smstob.model.segment import Coding

FLASH: Final = 0
"""The class of messages that telephones show at once and do not keep."""

_CLASSED: Final = 0x10


class Alphabet(Enum):
    """What user data is made of."""

    GSM7 = "GSM 7 bit"
    OCTETS = "8 bit data"
    UCS2 = "UCS-2"


_ALPHABETS: Final = (Alphabet.GSM7, Alphabet.OCTETS, Alphabet.UCS2, Alphabet.GSM7)


def alphabet_of(data_coding: int) -> Alphabet:
    """The alphabet; GSM-7 for reserved values, as §4 asks, and octets for compressed text, which is not read."""
    group = data_coding >> 4
    if group < 0x8:
        compressed = data_coding & 0x20
        return Alphabet.OCTETS if compressed else _ALPHABETS[data_coding >> 2 & 0b11]
    if group == 0xE:
        return Alphabet.UCS2
    if group == 0xF and data_coding & 0x04:
        return Alphabet.OCTETS
    return Alphabet.GSM7


def class_of(data_coding: int) -> int | None:
    """The message class, 0 to 3, where there is one."""
    group = data_coding >> 4
    classed = group == 0xF or (group < 0x8 and data_coding & _CLASSED)
    return data_coding & 0b11 if classed else None


def data_coding(coding: Coding, message_class: int | None = None) -> int:
    """The data coding scheme of a text."""
    plain = 0x00 if coding is Coding.GSM7 else 0x08
    return plain if message_class is None else plain | _CLASSED | message_class

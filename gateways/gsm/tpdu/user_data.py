"""User data: its header, its text (3GPP TS 23.040 §9.2.3.16, §9.2.3.24)."""

from typing import Final

import attrs

from smstob.model import septets
from smstob.model.segment import Coding, payload

from . import languages
from .coding import Alphabet, alphabet_of, data_coding
from .octets import BadTpdu, Octets, Unwritable, octet, packed

MOST_OCTETS: Final = 140
MOST_SEPTETS: Final = 160

Element = tuple[int, bytes]
"""An information element of the header: its identifier, its data."""

_CONCATENATION, _CONCATENATION_WIDE = 0x00, 0x08
_PORTS, _PORTS_WIDE = 0x04, 0x05
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25


@attrs.frozen
class Concatenation:
    """What joins the segments of a text."""

    reference: int
    total: int
    part: int
    """1 to ``total``."""
    wide: bool = False
    """Whether the reference has 16 bits: it takes one septet or unit more of the text's room."""

    def element(self) -> Element:
        """It in the header. Raises Unwritable."""
        if not (1 <= self.part <= self.total <= 0xFF and 0 <= self.reference <= (0xFFFF if self.wide else 0xFF)):
            raise Unwritable("the concatenation has no such numbers")
        reference = self.reference.to_bytes(2 if self.wide else 1, "big")
        return _CONCATENATION_WIDE if self.wide else _CONCATENATION, reference + bytes((self.total, self.part))


@attrs.frozen
class UserData:
    """What an SMS carries."""

    data_coding: int
    content: bytes = attrs.field(repr=False)
    """One septet an octet in GSM-7, UTF-16BE in UCS-2, else octets."""
    elements: tuple[Element, ...] = attrs.field(default=(), repr=False)
    """Of the header."""

    @classmethod
    def of(
        cls, text: str, coding: Coding, message_class: int | None = None, joined: Concatenation | None = None
    ) -> "UserData":
        """The user data of one segment's ``text``. Raises NotGsm7, and Unwritable for ``joined``."""
        elements = () if joined is None else (joined.element(),)
        return cls(data_coding(coding, message_class), payload(text, coding), elements)

    @property
    def text(self) -> str:
        """The content as text; whatever it is, it is a text. Octets are taken for Windows-1252."""
        alphabet = alphabet_of(self.data_coding)
        if alphabet is Alphabet.GSM7:
            return languages.decode(self.content, self._number(_LOCKING_SHIFT), self._number(_SINGLE_SHIFT))
        return self.content.decode("utf-16-be" if alphabet is Alphabet.UCS2 else "cp1252", "replace")

    @property
    def concatenation(self) -> Concatenation | None:
        """What joins it to others; as §9.2.3.24.1 asks, one with impossible numbers counts for none."""
        found = None
        for identifier, data in self.elements:
            if (identifier, len(data)) in {(_CONCATENATION, 3), (_CONCATENATION_WIDE, 4)}:
                wide = identifier == _CONCATENATION_WIDE
                found = Concatenation(int.from_bytes(data[:-2], "big"), data[-2], data[-1], wide)
        return found if found and 1 <= found.part <= found.total else None

    @property
    def port(self) -> int | None:
        """The application on the telephone that it is for, where it is for one and not for people (§9.2.3.24.3)."""
        for identifier, data in reversed(self.elements):
            if (identifier, len(data)) in {(_PORTS, 2), (_PORTS_WIDE, 4)}:
                return int.from_bytes(data[: len(data) // 2], "big")
        return None

    def _number(self, wanted: int) -> int:
        """The last one-octet element of that identifier, or 0."""
        found = (data[0] for identifier, data in reversed(self.elements) if (identifier, len(data)) == (wanted, 1))
        return next(found, 0)


def read(octets: Octets, data_coding: int, *, has_header: bool) -> UserData:
    """The next octets as user data, from the length on. Raises BadTpdu."""
    length = octets.octet("TP-UDL")
    is_gsm7 = alphabet_of(data_coding) is Alphabet.GSM7
    if length > (MOST_SEPTETS if is_gsm7 else MOST_OCTETS):
        raise BadTpdu("TP-UDL is too long")
    whole = octets.take(_octets(length) if is_gsm7 else length, "TP-UD")
    header = b""
    if has_header:
        if not whole or whole[0] >= len(whole):
            raise BadTpdu("TP-UD ends within its header")
        header = whole[: 1 + whole[0]]
    content = whole[len(header) :]
    if is_gsm7:
        count = length - _septets(header)
        if count < 0:
            raise BadTpdu("TP-UD ends within its header")
        content = septets.unpack(content, count, _fill(header))
    return UserData(data_coding, content, _elements(header[1:]))


def write(user_data: UserData) -> bytes:
    """The octets that ``read`` takes. Raises Unwritable."""
    content, header = user_data.content, _header(user_data.elements)
    if alphabet_of(user_data.data_coding) is Alphabet.GSM7:
        if not content.isascii():
            raise Unwritable("the text is no septets")
        length, most = _septets(header) + len(content), MOST_SEPTETS
        content = packed(content, _fill(header))
    else:
        length, most = len(header) + len(content), MOST_OCTETS
    if length > most:
        raise Unwritable("the text is too long")
    return bytes((length,)) + header + content


def _octets(count: int) -> int:
    """What so many septets take."""
    return (7 * count + 7) // 8


def _septets(header: bytes) -> int:
    """What a header takes, the bits that fill its last one included."""
    return (8 * len(header) + 6) // 7


def _fill(header: bytes) -> int:
    return 7 * _septets(header) - 8 * len(header)


def _header(elements: tuple[Element, ...]) -> bytes:
    header = b""
    for identifier, data in elements:
        header += bytes((octet(identifier, "an element"), octet(len(data), "an element's length"))) + data
    return bytes((octet(len(header), "TP-UDHL"),)) + header if header else b""


def _elements(header: bytes) -> tuple[Element, ...]:
    """The elements; none of them where the last one has too few or too many octets, as §9.2.3.24 asks."""
    elements = []
    while header:
        if len(header) < 2 or len(header) < 2 + header[1]:
            return ()
        end = 2 + header[1]
        elements.append((header[0], header[2:end]))
        header = header[end:]
    return tuple(elements)

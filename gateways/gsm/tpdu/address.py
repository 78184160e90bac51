"""Addresses: numbers in semi-octets and names in septets (3GPP TS 23.040 §9.1.2.5)."""

from typing import Final

import attrs

from smstob.model import alphabet, septets

from .octets import BadTpdu, Octets, Unwritable, packed

INTERNATIONAL: Final = 0x91
"""Type-of-address of a number with its country's code, in the telephone numbering plan."""
UNKNOWN: Final = 0x81
"""Type-of-address of a number as it is dialled: national ones, and short codes."""
ALPHANUMERIC: Final = 0xD0
"""Type-of-address of a name."""

_TYPE_OF_NUMBER: Final = 0x70
_DIGITS: Final = "0123456789*#abc"
_FILLER: Final = 0xF
LONGEST: Final = 20
"""Semi-octets of an address."""


@attrs.frozen
class Address:
    """A number or a name, as a TPDU has it."""

    value: str
    """Digits without sign, among them ``*#abc``; or the name."""
    type: int = UNKNOWN
    """Type-of-address, the whole octet."""

    @classmethod
    def of(cls, written: str) -> "Address":
        """The address of a number, E.164 where it begins with ``+``, or of a name."""
        if written.startswith("+"):
            return cls(written[1:], INTERNATIONAL)
        return cls(written, UNKNOWN if _is_number(written) else ALPHANUMERIC)

    @property
    def is_name(self) -> bool:
        """Whether it is a name, to which nobody can answer."""
        return self.type & _TYPE_OF_NUMBER == ALPHANUMERIC & _TYPE_OF_NUMBER

    def __str__(self) -> str:
        international = self.type & _TYPE_OF_NUMBER == INTERNATIONAL & _TYPE_OF_NUMBER
        return f"+{self.value}" if international and self.value else self.value


def read(octets: Octets, field: str) -> Address:
    """The next address, which is ``field``: its length in semi-octets, its type, its value. Raises BadTpdu."""
    length = octets.octet(field)
    if length > LONGEST:
        raise BadTpdu(f"{field} is too long")
    return _of(octets.octet(field), octets.take((length + 1) // 2, field), length)


def read_smsc(octets: Octets) -> Address | None:
    """The service centre that modems write before the TPDU (3GPP TS 27.005 §4), if they do. Raises BadTpdu."""
    length = octets.octet("SMSC")
    if length == 0:
        return None
    if length > 1 + LONGEST // 2:
        raise BadTpdu("SMSC is too long")
    return _of(octets.octet("SMSC"), octets.take(length - 1, "SMSC"), 2 * (length - 1))


def write(address: Address) -> bytes:
    """The octets that ``read`` takes. Raises Unwritable, for names longer than 11 septets too."""
    value, length = _written(address)
    return bytes((length, address.type)) + value


def write_smsc(address: Address | None) -> bytes:
    """The octets that ``read_smsc`` takes; without an address the modem uses its own. Raises Unwritable."""
    if address is None:
        return b"\0"
    value, _ = _written(address)
    return bytes((1 + len(value), address.type)) + value


def _is_number(written: str) -> bool:
    return not written.strip(_DIGITS[:12])


def _of(kind: int, octets: bytes, length: int) -> Address:
    address = Address("", kind)
    if address.is_name:
        return Address(alphabet.decode(septets.unpack(octets, length * 4 // 7)), kind)
    digits = ""
    for digit in [digit for octet in octets for digit in (octet & 0xF, octet >> 4)][:length]:
        # an end mark, wherever it stands (3GPP TS 24.008, table 10.5.118)
        if digit == _FILLER:
            break
        digits += _DIGITS[digit]
    return Address(digits, kind)


def _written(address: Address) -> tuple[bytes, int]:
    """The value's octets, and its length in semi-octets."""
    if not 0x80 <= address.type <= 0xFF:
        raise Unwritable("the type of address is none")
    if address.is_name:
        try:
            name = alphabet.encode(address.value)
        except alphabet.NotGsm7 as error:
            raise Unwritable("the name is not in the GSM 7 bit alphabet") from error
        length = -(-len(name) * 7 // 4)
        value = packed(name)
    else:
        digits = [_DIGITS.find(digit) for digit in address.value]
        if -1 in digits:
            raise Unwritable("the number has other characters than digits")
        length = len(digits)
        pairs = [*digits, _FILLER]
        value = bytes(low | high << 4 for low, high in zip(pairs[::2], pairs[1::2], strict=False))
    if length > LONGEST:
        raise Unwritable("the address is too long")
    return value, length

"""TPDUs as a network reads and writes them (3GPP TS 23.040), on ``gsm0338`` for the alphabet."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import attrs
from gsm0338.codec import Codec

GSM7, UCS2, OCTETS = "gsm7", "ucs2", "octets"
"""Codings."""

_CODEC: Final = Codec()
_DIGITS: Final = "0123456789*#abc"
_INTERNATIONAL, _NATIONAL, _NAME = 0x91, 0x81, 0xD0
_REPORT_WANTED, _HEADER, _NO_MORE = 0x20, 0x40, 0x04
_RELATIVE, _VALIDITIES = 0x10, 0x18
_LONGEST_NAME: Final = 11
_LONGEST_NUMBER: Final = 20
_SINGLE, _PART = {GSM7: 160, UCS2: 70}, {GSM7: 153, UCS2: 67}


class BadPdu(Exception):
    """No SMS-SUBMIT; the text says why."""


@attrs.frozen(kw_only=True)
class Submit:
    """What an SMS-SUBMIT says."""

    number: str
    """With its ``+`` where it is international."""
    text: str = attrs.field(repr=False)
    """Of this part; octets as Latin-1."""
    coding: str
    message_class: int | None
    validity: int | None
    """Seconds; None where it has none, or an absolute one."""
    wants_report: bool
    reference: int | None
    """What joins its parts; None where it is alone."""
    total: int
    part: int


def read_submit(octets: bytes) -> Submit:
    """What the TPDU says, to its last octet. Raises BadPdu."""
    try:
        return _read_submit(octets)
    except IndexError:
        raise BadPdu("it ends too early") from None


def deliver(
    sender: str, text: str, at: float, *, zone: int, joined: tuple[int, int, int] | None = None, ucs2: bool = False
) -> bytes:
    """An SMS-DELIVER; ``joined`` are reference, total and part, ``zone`` quarters of an hour."""
    header = bytes((5, 0, 3, *joined)) if joined else b""
    first = _NO_MORE | (_HEADER if header else 0)
    if ucs2:
        content = header + text.encode("utf-16-be")
        data = bytes((len(content),)) + content
    else:
        septets, count = _CODEC.encode(text)[0], -(-len(header) * 8 // 7)
        data = bytes((count + len(septets),)) + header + _pack(septets, count * 7 - len(header) * 8)
    coding = 0x08 if ucs2 else 0
    return bytes((first,)) + write_address(sender) + bytes((0, coding)) + moment(at, zone) + data


def status_report(mr: int, number: str, at: float, done: float, *, zone: int, status: int) -> bytes:
    """An SMS-STATUS-REPORT; an empty ``number`` as modems write it that kept none."""
    return (
        bytes((0x02 | _NO_MORE, mr)) + write_address(number) + moment(at, zone) + moment(done, zone) + bytes((status,))
    )


def smsc(number: str) -> bytes:
    """The service centre as it stands before a TPDU (3GPP TS 27.005 §4)."""
    address = write_address(number)[1:]
    return bytes((len(address),)) + address if number else b"\0"


def is_report(tpdu: bytes) -> bool:
    """Whether a TPDU of the network's is an SMS-STATUS-REPORT."""
    return tpdu[0] & 0x03 == 0x02


def pieces(text: str) -> tuple[bool, list[str]]:
    """Whether the text goes as UCS-2, and the parts that it takes."""
    try:
        sizes = [len(_CODEC.encode(character)[0]) for character in text]
        coding = GSM7
    except UnicodeEncodeError:
        sizes, coding = [len(character.encode("utf-16-be")) // 2 for character in text], UCS2
    if sum(sizes) <= _SINGLE[coding]:
        return coding == UCS2, [text]
    parts, room = [""], _PART[coding]
    for character, size in zip(text, sizes, strict=True):
        if size > room:
            parts.append("")
            room = _PART[coding]
        parts[-1] += character
        room -= size
    return coding == UCS2, parts


def moment(at: float, zone: int) -> bytes:
    """Unix seconds as the wall clock of a zone that many quarters of an hour east of Greenwich."""
    local = datetime.fromtimestamp(int(at), UTC).astimezone(timezone(timedelta(minutes=15 * zone)))
    fields = (local.year % 100, local.month, local.day, local.hour, local.minute, local.second)
    return bytes((*map(_swapped, fields), _swapped(abs(zone)) | (0x08 if zone < 0 else 0)))


def write_address(written: str) -> bytes:
    """An address: a number, international with its ``+``, or a name."""
    digits = written.removeprefix("+")
    if all(digit in _DIGITS for digit in digits):
        padded = digits + "f" * (len(digits) % 2)
        pairs = bytes(_digit(low) | _digit(high) << 4 for low, high in zip(padded[::2], padded[1::2], strict=True))
        return bytes((len(digits), _INTERNATIONAL if written.startswith("+") else _NATIONAL)) + pairs
    septets = _CODEC.encode(written)[0]
    if len(septets) > _LONGEST_NAME:
        raise ValueError(f"the name is longer than {_LONGEST_NAME} septets")
    return bytes((-(-len(septets) * 7 // 4), _NAME)) + _pack(septets, 0)


def read_number(length: int, kind: int, octets: bytes) -> str:
    """The number of so many digits. Raises BadPdu for what is none."""
    digits = [digit for octet in octets for digit in (octet & 0xF, octet >> 4)]
    if not 0 < length <= _LONGEST_NUMBER or 0xF in digits[:length] or digits[length:] not in ([], [0xF]):
        raise BadPdu("the recipient is no number")
    if kind not in (_INTERNATIONAL, _NATIONAL, 0xA1):
        raise BadPdu("the recipient's type is none")
    return ("+" if kind == _INTERNATIONAL else "") + "".join(_DIGITS[digit] for digit in digits[:length])


def _read_submit(octets: bytes) -> Submit:
    first, length = octets[0], octets[2]
    if first & 0x03 != 0x01:
        raise BadPdu("it is no SMS-SUBMIT")
    end = 4 + (length + 1) // 2
    number = read_number(length, octets[3], octets[4:end])
    coding, message_class = _coding(octets[end + 1])
    at, validity = end + 2, None
    if first & _VALIDITIES == _RELATIVE:
        validity = _seconds(octets[at])
    at += {0: 0, _RELATIVE: 1}.get(first & _VALIDITIES, 7)
    header, text = _user_data(octets[at], octets[at + 1 :], coding, has_header=bool(first & _HEADER))
    reference, total, part = _joined(header)
    return Submit(
        number=number,
        text=text,
        coding=coding,
        message_class=message_class,
        validity=validity,
        wants_report=bool(first & _REPORT_WANTED),
        reference=reference,
        total=total,
        part=part,
    )


def _coding(octet: int) -> tuple[str, int | None]:
    """What TP-DCS says (23.038 §4): the coding and the class."""
    if octet & 0xC0 == 0:
        coding = (GSM7, OCTETS, UCS2, None)[octet >> 2 & 3]
        message_class = octet & 3 if octet & 0x10 else None
    else:
        coding = (OCTETS if octet & 4 else GSM7) if octet & 0xF0 == 0xF0 else None
        message_class = octet & 3
    if coding is None or octet & 0xE0 == 0x20:
        raise BadPdu(f"nobody sends TP-DCS {octet:02X}")
    return coding, message_class


def _user_data(length: int, data: bytes, coding: str, *, has_header: bool) -> tuple[bytes, str]:
    """The header without its length, and the text."""
    if len(data) != (-(-length * 7 // 8) if coding == GSM7 else length) or len(data) > 140:
        raise BadPdu("TP-UDL is not the length of TP-UD")
    size = 1 + data[0] if has_header else 0
    if size > len(data):
        raise BadPdu("TP-UD ends within its header")
    header = data[1:size]
    try:
        if coding == UCS2:
            return header, data[size:].decode("utf-16-be")
        if coding == OCTETS:
            return header, data[size:].decode("latin-1")
        skipped = -(-size * 8 // 7)
        number = int.from_bytes(data, "little") >> 7 * skipped
        return header, _CODEC.decode(bytes(number >> 7 * at & 0x7F for at in range(length - skipped)))[0]
    except UnicodeDecodeError:
        raise BadPdu(f"the text is not {coding}") from None


def _joined(header: bytes) -> tuple[int | None, int, int]:
    """The reference, the total and the part that the header tells."""
    at = 0
    found: tuple[int | None, int, int] = (None, 1, 1)
    while at < len(header):
        kind, size = header[at], header[at + 1]
        data = header[at + 2 : at + 2 + size]
        if len(data) < size:
            raise BadPdu("an element ends within itself")
        if (kind, size) in ((0, 3), (8, 4)):
            found = int.from_bytes(data[:-2], "big"), data[-2], data[-1]
            if not 1 <= data[-1] <= data[-2]:
                raise BadPdu("there is no such part")
        at += 2 + size
    return found


def _seconds(octet: int) -> int:
    """What a relative TP-VP says (§9.2.3.12.1)."""
    if octet <= 143:
        return (octet + 1) * 300
    if octet <= 167:
        return 43_200 + (octet - 143) * 1800
    return (octet - 166) * 86_400 if octet <= 196 else (octet - 192) * 604_800


def _digit(written: str) -> int:
    return 0xF if written == "f" else _DIGITS.index(written)


def _swapped(number: int) -> int:
    return number // 10 | number % 10 << 4


def _pack(septets: bytes, fill: int) -> bytes:
    number = sum(septet << 7 * at for at, septet in enumerate(septets)) << fill
    return number.to_bytes(-(-(7 * len(septets) + fill) // 8), "little")

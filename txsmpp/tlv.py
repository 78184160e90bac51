"""Optional parameters, TLVs (SMPP 3.4 §5.3).

A PDU keeps them as pairs of tag and raw value, in their order, whoever defined them; operators have tags of
their own from 0x1400 to 0x3FFF. ``number`` and ``find`` read them, ``tlv`` makes one by the standard's rules.
"""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import Final

import attrs

from .constants import Status

Tlv = tuple[int, bytes]
Tlvs = Sequence[Tlv]

_HEAD: Final = Struct(">HH")


class EncodeError(ValueError):
    """A value that SMPP has no place for: nothing was encoded."""


class DecodeError(ValueError):
    """A body that cannot be read; ``status`` is what its sender is told."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = int(status)


class Tag(IntEnum):
    """The tags of SMPP 3.4."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DESTINATION_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    USSD_SERVICE_OP = 0x0501
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


@attrs.frozen
class Rule:
    """How large a value may be, in octets; ``text`` ends with a NUL, a ``number`` is unsigned, big end first."""

    least: int
    most: int
    kind: str = "octets"


def _number(size: int) -> Rule:
    return Rule(size, size, "number")


_ONE, _TWO, _FOUR = _number(1), _number(2), _number(4)
RULES: Final[dict[int, Rule]] = {
    **dict.fromkeys(Tag, _ONE),
    **dict.fromkeys(
        (
            *(Tag.DEST_TELEMATICS_ID, Tag.USER_MESSAGE_REFERENCE, Tag.SOURCE_PORT, Tag.DESTINATION_PORT),
            *(Tag.SAR_MSG_REF_NUM, Tag.SMS_SIGNAL),
        ),
        _TWO,
    ),
    Tag.QOS_TIME_TO_LIVE: _FOUR,
    Tag.ADDITIONAL_STATUS_INFO_TEXT: Rule(1, 256, "text"),
    Tag.RECEIPTED_MESSAGE_ID: Rule(1, 65, "text"),
    Tag.SOURCE_SUBADDRESS: Rule(2, 23),
    Tag.DEST_SUBADDRESS: Rule(2, 23),
    Tag.CALLBACK_NUM_ATAG: Rule(1, 65),
    Tag.CALLBACK_NUM: Rule(4, 19),
    Tag.NETWORK_ERROR_CODE: Rule(3, 3),
    Tag.MESSAGE_PAYLOAD: Rule(0, 65_535),
    Tag.ALERT_ON_MESSAGE_DELIVERY: Rule(0, 0),
    Tag.ITS_SESSION_INFO: Rule(2, 2),
}
"""Tag → what its value may be (§5.3.2). Others may be anything of up to 65,535 octets."""


def tlv(tag: int, value: int | bytes) -> Tlv:
    """A parameter by the standard's rules: a number gets its width, a text its NUL. Raises EncodeError."""
    rule = RULES.get(tag, Rule(0, 65_535))
    if isinstance(value, int):
        if rule.kind != "number":
            raise EncodeError(f"TLV 0x{tag:04X} is no number")
        try:
            return tag, value.to_bytes(rule.most, "big")
        except OverflowError:
            raise EncodeError(f"TLV 0x{tag:04X} does not hold {value}") from None
    if rule.kind == "text":
        value = value.removesuffix(b"\0")
        if b"\0" in value:
            raise EncodeError(f"TLV 0x{tag:04X} has a NUL inside")
        value += b"\0"
    return tag, value


def find(tlvs: Tlvs, tag: int) -> bytes | None:
    """The raw value of the first parameter with that tag."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def number(tlvs: Tlvs, tag: int) -> int | None:
    """That parameter's value as a number, of up to 8 octets; None where it is absent, empty or longer.

    Python would read a longer one and then refuse to print it.
    """
    value = find(tlvs, tag)
    return int.from_bytes(value, "big") if value and len(value) <= 8 else None


def encode_tlvs(tlvs: Tlvs) -> bytes:
    """Their octets. Raises EncodeError where one breaks a rule of its own."""
    pieces = []
    for tag, value in tlvs:
        rule = RULES.get(tag)
        if not 0 < tag <= 0xFFFF:  # 0 would be read as zeros that fill up
            raise EncodeError(f"no tag has the number {tag}")
        if len(value) > 65_535 or (rule is not None and not rule.least <= len(value) <= rule.most):
            raise EncodeError(f"TLV 0x{tag:04X} cannot have {len(value)} octets")
        if rule is not None and rule.kind == "text" and value.find(b"\0") != len(value) - 1:
            raise EncodeError(f"TLV 0x{tag:04X} ends with its only NUL")
        pieces.append(_HEAD.pack(tag, len(value)) + value)
    return b"".join(pieces)


def decode_tlvs(data: bytes, start: int = 0) -> tuple[Tlv, ...]:
    """The parameters from ``start`` to the end, known or not. Raises DecodeError where they overrun.

    Some senders fill up with zeros: those are passed over.
    """
    end = len(data)
    if start == end:
        return ()
    found = []
    unpack = _HEAD.unpack_from
    while end - start >= 4:
        tag, length = unpack(data, start)
        start += 4
        stop = start + length
        if stop > end:
            raise DecodeError(Status.ESME_RINVOPTPARSTREAM, f"TLV 0x{tag:04X} has fewer octets than it says")
        if tag or length:
            found.append((tag, data[start:stop]))
        start = stop
    if start < end and data[start:].strip(b"\0"):
        raise DecodeError(Status.ESME_RINVOPTPARSTREAM, "octets after the last TLV")
    return tuple(found)

"""What an operator sends: receipts, and replies of telephones."""

from typing import Final

from smstob.model import alphabet
from smstob.model.message import Receipt, Reply, State
from smstob.model.reference import canonical
from txsmpp import receipt
from txsmpp.constants import ESM_UDHI, Ton
from txsmpp.pdu import DataSm, DeliverSm
from txsmpp.receipt import MessageState
from txsmpp.tlv import Tag, find, number

STATES: Final = {
    MessageState.DELIVERED: State.DELIVERED,
    MessageState.EXPIRED: State.EXPIRED,
    MessageState.DELETED: State.FAILED,
    MessageState.UNDELIVERABLE: State.FAILED,
    MessageState.REJECTED: State.FAILED,
    MessageState.SKIPPED: State.FAILED,
}
"""What each last state of the network is in history."""
REASONS: Final = {
    MessageState.EXPIRED: "Le téléphone du destinataire est resté éteint ou hors de portée.",
    MessageState.DELETED: "L'opérateur a effacé le message.",
    MessageState.UNDELIVERABLE: "Le réseau n'a pas pu remettre le message.",
    MessageState.REJECTED: "Le réseau a refusé le message.",
    MessageState.SKIPPED: "L'opérateur n'a pas envoyé le message.",
}
LONGEST_ERROR: Final = 16
"""Characters of an operator's code that customers are shown."""
MOST_PIECES: Final = 255
"""Of one text: an octet counts them."""

_GSM7, _OCTETS, _UCS2 = "", "cp1252", "utf-16-be"
_CODECS: Final = {
    **dict.fromkeys((0x01, 0x02, 0x03, 0x04), _OCTETS),
    0x06: "iso8859-5",
    0x07: "iso8859-8",
    0x08: _UCS2,
}
"""By SMPP's own values of data_coding (§5.2.19); others of them are taken for GSM-7."""
_CLASSES: Final = (_GSM7, _OCTETS, _UCS2, _GSM7)
"""By bits 3 and 2 of a data_coding with a message class (3GPP TS 23.038 §4)."""


def read(
    body: DeliverSm | DataSm, gateway: str, receipt_ids: str, now: int, source: bytes = b""
) -> Receipt | Reply | None:
    """What ``body`` is; None where there is nothing to keep: a state that is not the last, a receipt without an id.

    ``receipt_ids`` is the setting, ``source`` our own address, which is not the phone; ``now`` is in Unix seconds.
    """
    short = body.short_message if isinstance(body, DeliverSm) else b""
    text = find(body.tlvs, Tag.MESSAGE_PAYLOAD) or short
    told = receipt.parse(body.esm_class, text, body.tlvs)
    if told is None:
        return _reply(body, text, gateway, now)
    if not told.is_final or not told.id:
        return None
    reason = REASONS.get(told.state)
    if reason is not None and told.error.strip("0"):
        reason = f"{reason.removesuffix('.')} (code {told.error[:LONGEST_ERROR]})."
    return Receipt(
        gateway=gateway,
        reference=_reference(told.id, receipt_ids),
        state=STATES[told.state],
        error=reason,
        at=now,
        number=_phone(body, source) if receipt_ids == "auto" else None,
    )


def _reference(told: str, receipt_ids: str) -> str:
    """The id as the response had it."""
    try:
        if receipt_ids == "decimal":
            told = f"{int(told):x}"
        elif receipt_ids == "hex":
            told = str(int(told, 16))
    except ValueError:
        # this one is no number: it can only be the same
        pass
    return canonical(told)


def _phone(body: DeliverSm | DataSm, source: bytes) -> str | None:
    """The phone that a receipt is about: its source by the standard, its destination by some operators."""
    for address in (body.source, body.destination):
        digits = address.lstrip(b"+")
        # shorter ones are short codes
        if digits.isdigit() and len(digits) > 8 and digits != source:
            return digits.decode()
    return None


def _reply(body: DeliverSm | DataSm, text: bytes, gateway: str, now: int) -> Reply:
    reference, total, part = (
        number(body.tlvs, tag) for tag in (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    )
    if body.esm_class & ESM_UDHI and text and text[0] < len(text):
        header, text = text[1 : 1 + text[0]], text[1 + text[0] :]
        reference, total, part = _concatenation(header) or (reference, total, part)
    if reference is None or not (total and part and part <= total <= MOST_PIECES):
        reference, total, part = None, 1, 1
    source = body.source.decode("latin-1")
    if body.source_ton == Ton.INTERNATIONAL and body.source.isdigit():
        source = f"+{source}"
    return Reply(
        gateway=gateway,
        number=source,
        recipient=body.destination.decode("latin-1"),
        text=decoded(text, body.data_coding),
        at=now,
        reference=None if reference is None else reference & 0xFFFF,
        part=part,
        total=total,
    )


def _concatenation(header: bytes) -> tuple[int, int, int] | None:
    """Reference, total and part of a user data header (3GPP TS 23.040 §9.2.3.24); None where it has none."""
    at = 0
    while at + 2 <= len(header):
        element, value = header[at], header[at + 2 : at + 2 + header[at + 1]]
        at += 2 + header[at + 1]
        if element == 0x00 and len(value) == 3:
            return value[0], value[1], value[2]
        if element == 0x08 and len(value) == 4:
            return value[0] << 8 | value[1], value[2], value[3]
    return None


def decoded(octets: bytes, data_coding: int) -> str:
    """The text of ``octets`` by their data_coding; whatever they are, it is a text."""
    if codec := _codec(data_coding):
        return octets.decode(codec, "replace")
    try:
        return alphabet.decode(octets)
    except ValueError:
        # packed septets are rare, Latin-1 under data_coding 0 is not
        return octets.decode(_OCTETS, "replace")


def _codec(data_coding: int) -> str:
    """Python's codec for a data_coding; none for GSM-7, which Python lacks."""
    group = data_coding >> 4
    if group == 0xF:
        return _OCTETS if data_coding & 0x04 else _GSM7
    if group == 0xE:
        return _UCS2
    if group & 0b1101 == 0b0001:
        return _CLASSES[data_coding >> 2 & 0b11]
    return _CODECS.get(data_coding, _GSM7)

"""Segments as submit_sm, in the ways that operators want them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from smstob.model import septets
from smstob.model.message import Segment
from smstob.model.segment import Coding, payload
from txsmpp import times
from txsmpp.constants import ESM_UDHI
from txsmpp.submit import SubmitTemplate
from txsmpp.tlv import Tag, Tlv, tlv

from .settings import Writing

OCTETS: Final = 140
"""Of an SMS, its header among them (3GPP TS 23.040 §9.2.3.24)."""
HEADER: Final = 6
"""Octets of the user data header of a segment: its length, and the concatenation's with an 8-bit reference."""

Part = tuple[int, int]
"""A segment: its message's id, its number in it."""

_DISPLAY: Final = (tlv(Tag.DEST_ADDR_SUBUNIT, 1),)


class Unsendable(Exception):
    """The operator's way of writing has no room for the text; the reason is in French."""


@attrs.frozen
class Submit:
    """A submit_sm's body, and the segments that it carries."""

    body: bytes
    parts: tuple[Part, ...]


class Encoder:
    """Makes submit_sm of segments by an operator's ``writing``."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._template = SubmitTemplate(writing.route)

    def encode(self, segments: Sequence[Segment], now: float) -> list[Submit]:
        """What is submitted of one message's ``segments``; ``now`` in Unix seconds.

        Raises Unsendable, and ValueError (EncodeError among them) where a segment is none that SMPP can carry.
        """
        first = segments[0]
        if self._writing.concatenation == "payload" and first.total == len(segments) > 1:
            return [self._joined(segments, now)]
        return [self._single(one, now) for one in segments]

    def _joined(self, segments: Sequence[Segment], now: float) -> Submit:
        """The whole message in one PDU: the operator cuts it."""
        first = segments[0]
        octets, coding = self._octets("".join(one.text for one in segments), first.coding, None)
        data_coding, more = self._classed(coding, first)
        body = self._template.encode(
            first.number[1:].encode(),
            b"",
            validity=self._validity(first, now),
            data_coding=data_coding,
            tlvs=(*more, tlv(Tag.MESSAGE_PAYLOAD, octets)),
        )
        return Submit(body, tuple((one.message, one.part) for one in segments))

    def _single(self, segment: Segment, now: float) -> Submit:
        header, esm_class, more = self._concatenation(segment)
        room = OCTETS - (HEADER if segment.total > 1 else 0)
        fill = 1 if header else 0
        octets, coding = self._octets(segment.text, segment.coding, room, fill)
        data_coding, flash = self._classed(coding, segment)
        body = self._template.encode(
            segment.number[1:].encode(),
            header + octets,
            esm_class=esm_class,
            validity=self._validity(segment, now),
            data_coding=data_coding,
            tlvs=(*flash, *more),
        )
        return Submit(body, ((segment.message, segment.part),))

    def _concatenation(self, segment: Segment) -> tuple[bytes, int, tuple[Tlv, ...]]:
        """Header, esm_class and TLVs that join a segment to the others of its message.

        The reference is the message's own, so that a part sent anew joins those that were sent before.
        """
        if segment.total == 1:
            return b"", 0, ()
        if self._writing.concatenation == "sar":
            tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
            values = (segment.message % 0x10000, segment.total, segment.part)
            return b"", 0, tuple(map(tlv, tags, values))
        return bytes((5, 0, 3, segment.message % 0x100, segment.total, segment.part)), ESM_UDHI, ()

    def _octets(self, text: str, coding: Coding, room: int | None, fill: int = 0) -> tuple[bytes, str]:
        """The text's octets, and the name of how they are written; ``room`` is what they may be in UCS-2."""
        way = self._writing.gsm7 if coding is Coding.GSM7 else "ucs-2"
        if way == "unpacked":
            return payload(text, Coding.GSM7), way
        if way == "packed":
            return septets.pack(payload(text, Coding.GSM7), fill), way
        if way == "latin-1":
            try:
                return text.encode("latin-1"), way
            except UnicodeEncodeError:
                pass
        octets = payload(text, Coding.UCS2)
        if room is not None and len(octets) > room:
            raise Unsendable("Ce texte a des caractères que l'opérateur ne transmet que dans des messages plus courts.")
        return octets, "ucs-2"

    def _classed(self, way: str, segment: Segment) -> tuple[int, tuple[Tlv, ...]]:
        """data_coding, and the TLVs that a flash takes (3GPP TS 23.038 §4)."""
        writing = self._writing
        plain = writing.ucs2_data_coding if way == "ucs-2" else writing.gsm7_data_coding
        if not segment.flash:
            return plain, ()
        if writing.flash == "subunit" or way == "latin-1":
            # Latin-1 has no data_coding with a message class
            return plain, _DISPLAY
        if way == "ucs-2":
            return 0x18, ()
        return (0xF0 if writing.flash == "f0" else 0x10), ()

    def _validity(self, segment: Segment, now: float) -> bytes:
        seconds = min(segment.validity, times.LONGEST)
        if self._writing.validity == "relative":
            return times.relative(seconds)
        if self._writing.validity == "absolute":
            return times.absolute(datetime.fromtimestamp(int(now) + seconds, UTC))
        return b""

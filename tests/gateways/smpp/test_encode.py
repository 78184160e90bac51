"""What leaves: every way of writing against octets made by hand, and laws that hold for any text."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest
import smpp34
from gsm0338.codec import Codec
from hypothesis import given
from hypothesis import strategies as st

from gateways.smpp.encode import Encoder, Submit, Unsendable
from smstob.model import alphabet
from smstob.model.message import Segment
from smstob.model.segment import Coding, measure, split
from tests.model.strategies import QUICK
from txsmpp import times
from txsmpp.frame import pack
from txsmpp.pdu import SubmitSm, decode
from txsmpp.tlv import EncodeError, Tag, find, number

from .scene import NOW, PHONE, segment, settings

END: Final = "et la fin"
LONG: Final = "x" * 153 + END
WIDE: Final = "й" * 67 + "да да"
CODEC: Final = Codec()
WRITINGS: Final = ("unpacked", "packed", "latin-1", "ucs-2")
JOINED: Final = ("udh", "sar", "payload")
FLASHES: Final = ("class", "f0", "subunit")


def cut(text: str, message: int = 0x1FF, **rest: Any) -> list[Segment]:
    """The segments of a text, as a dispatcher makes them."""
    texts = split(text)
    told: dict[str, Any] = {"total": len(texts), "coding": measure(text).coding} | rest
    return [segment(message, one, part=part, **told) for part, one in enumerate(texts, 1)]


def encoded(segments: list[Segment], **given: Any) -> list[Submit]:
    """What is submitted of them with those settings."""
    return Encoder(settings(**given).writing).encode(segments, NOW)


def bodies(segments: list[Segment], **given: Any) -> list[SubmitSm]:
    """The same, read."""
    return [decode(SubmitSm.command, one.body) for one in encoded(segments, **given)]


def body(text: str = "Bonjour", class_0: bool = False, **given: Any) -> SubmitSm:
    """The only one."""
    (one,) = bodies(cut(text, flash=class_0), **given)
    return one


def test_octets_by_hand() -> None:
    """A submit_sm, octet for octet: what the standard's table says, with nothing else."""
    (submit,) = encoded([segment(text="Été à 5 €", validity=90)])
    assert submit.body.hex(" ") == (
        "00 05 00 53 4d 53 74 6f 42 00 01 01 33 33 36 31 32 33 34 35 36 37 38 00 00 00 00 00 "
        "30 30 30 30 30 30 30 30 30 31 33 30 30 30 30 52 00 01 00 00 00 0a 1f 74 05 20 7f 20 35 20 1b 65"
    )
    assert submit.parts == ((1, 1),)


@pytest.mark.parametrize(
    ("gsm7", "data_coding", "octets"),
    [
        ("unpacked", 0x00, "1f 74 05 20 7f 1b 3c"),
        ("packed", 0x00, "1f 7a 01 f4 df f0 1a"),
        ("latin-1", 0x03, "c9 74 e9 20 e0 5b"),
        ("ucs-2", 0x08, "00 c9 00 74 00 e9 00 20 00 e0 00 5b"),
    ],
)
def test_ways_of_gsm7(gsm7: str, data_coding: int, octets: str) -> None:
    """Each way of writing GSM-7, with the data_coding that says so."""
    one = body("Été à[", gsm7=gsm7)
    read = one.short_message
    assert one.data_coding == data_coding
    if gsm7 == "packed":
        assert unpacked(read, 0, 7) == alphabet.encode("Été à[")
    else:
        assert read.hex(" ") == octets


def unpacked(octets: bytes, fill: int, count: int) -> bytes:
    """So many septets, read from the right of a number written in base 2."""
    bits = "".join(f"{octet:08b}" for octet in reversed(octets))
    bits = bits[: len(bits) - fill]
    return bytes(int(bits[len(bits) - 7 * n - 7 : len(bits) - 7 * n], 2) for n in range(count))


@pytest.mark.parametrize("gsm7", WRITINGS)
def test_ucs2(gsm7: str) -> None:
    """What GSM-7 lacks is UTF-16, whatever is set for GSM-7; pairs of surrogates too."""
    one = body("да 🎉", gsm7=gsm7)
    assert (one.data_coding, one.short_message.hex()) == (0x08, "043404300020d83cdf89")
    assert body("да", gsm7=gsm7, ucs2_data_coding=0x18).data_coding == 0x18


def test_data_coding() -> None:
    """Operators who want other numbers get them; a text that Latin-1 lacks is UCS-2 and says so."""
    assert body(gsm7_data_coding=0xF1).data_coding == 0xF1
    assert body(gsm7="packed", gsm7_data_coding=0xF2).data_coding == 0xF2
    assert body(gsm7="latin-1", gsm7_data_coding=0x01).data_coding == 0x01
    one = body("5 €", gsm7="latin-1", gsm7_data_coding=0x01)
    assert (one.data_coding, one.short_message) == (0x08, "5 €".encode("utf-16-be"))


@pytest.mark.parametrize(
    ("flash", "gsm7", "text", "data_coding", "tlvs"),
    [
        *(("class", "unpacked", "a", 0x10, ()), ("class", "packed", "a", 0x10, ())),
        *(("class", "unpacked", "д", 0x18, ()), ("class", "ucs-2", "a", 0x18, ()), ("class", "latin-1", "€", 0x18, ())),
        *(("f0", "unpacked", "a", 0xF0, ()), ("f0", "packed", "a", 0xF0, ()), ("f0", "unpacked", "д", 0x18, ())),
        ("class", "latin-1", "é", 0x03, ((Tag.DEST_ADDR_SUBUNIT, b"\1"),)),
        ("f0", "latin-1", "é", 0x03, ((Tag.DEST_ADDR_SUBUNIT, b"\1"),)),
        ("subunit", "unpacked", "a", 0x00, ((Tag.DEST_ADDR_SUBUNIT, b"\1"),)),
        ("subunit", "packed", "a", 0x00, ((Tag.DEST_ADDR_SUBUNIT, b"\1"),)),
        ("subunit", "unpacked", "д", 0x08, ((Tag.DEST_ADDR_SUBUNIT, b"\1"),)),
    ],
)
def test_flash(flash: str, gsm7: str, text: str, data_coding: int, tlvs: Any) -> None:
    """Message class 0 where the data_coding has one, else the subunit; a normal message has neither."""
    one = body(text, class_0=True, gsm7=gsm7, flash=flash)
    assert (one.data_coding, one.tlvs) == (data_coding, tlvs)
    normal = body(text, gsm7=gsm7, flash=flash)
    assert normal.data_coding in (0x00, 0x03, 0x08)
    assert normal.tlvs == ()


def test_udh() -> None:
    """Each part has its header of six octets and says so; the reference is the message's number."""
    first, second = bodies(cut(LONG))
    assert first.short_message == b"\5\0\3\xff\2\1" + b"x" * 153
    assert second.short_message == b"\5\0\3\xff\2\2" + END.encode()
    assert (first.esm_class, second.esm_class, first.tlvs) == (0x40, 0x40, ())
    (wide, _) = bodies(cut(WIDE))
    assert wide.short_message == b"\5\0\3\xff\2\1" + ("й" * 67).encode("utf-16-be")


def test_udh_packed() -> None:
    """After the header the septets begin at their own boundary, one bit further."""
    first, second = bodies(cut(LONG), gsm7="packed")
    assert len(first.short_message) == 140
    assert unpacked(first.short_message[6:], 1, 153) == b"x" * 153
    assert second.short_message[:6] == b"\5\0\3\xff\2\2"
    assert unpacked(second.short_message[6:], 1, 9) == END.encode()


def test_sar() -> None:
    """The same in TLVs: a reference of two octets, and no header."""
    first, second = bodies(cut(LONG, message=0x12345), concatenation="sar")
    assert (first.short_message, second.short_message, first.esm_class) == (b"x" * 153, END.encode(), 0)
    assert first.tlvs == ((0x020C, b"\x23\x45"), (0x020E, b"\2"), (0x020F, b"\1"))
    assert number(second.tlvs, Tag.SAR_SEGMENT_SEQNUM) == 2
    (packed, _) = bodies(cut(LONG), concatenation="sar", gsm7="packed")
    assert unpacked(packed.short_message, 0, 153) == b"x" * 153


def test_payload() -> None:
    """The whole text in one PDU, which stands for all its parts."""
    (submit,) = encoded(cut(LONG), concatenation="payload")
    one = decode(SubmitSm.command, submit.body)
    assert submit.parts == ((0x1FF, 1), (0x1FF, 2))
    assert (one.short_message, one.esm_class) == (b"", 0)
    assert one.tlvs == ((Tag.MESSAGE_PAYLOAD, LONG.encode()),)
    (wide,) = bodies(cut(WIDE, flash=True), concatenation="payload")
    assert find(wide.tlvs, Tag.MESSAGE_PAYLOAD) == WIDE.encode("utf-16-be")
    assert wide.data_coding == 0x18
    (packed,) = bodies(cut(LONG, flash=True), concatenation="payload", gsm7="packed", flash="subunit")
    assert unpacked(find(packed.tlvs, Tag.MESSAGE_PAYLOAD) or b"", 0, 162) == LONG.encode()
    assert number(packed.tlvs, Tag.DEST_ADDR_SUBUNIT) == 1


def test_payload_of_a_single_one() -> None:
    """A text that one SMS holds is a short_message as always."""
    assert body(concatenation="payload").short_message == b"Bonjour"


def test_payload_of_a_part() -> None:
    """Where another part was taken before, the rest goes with headers that fit it."""
    second, third = bodies(cut("x" * 153 * 3)[1:], concatenation="payload")
    assert second.short_message[:6] == b"\5\0\3\xff\3\2"
    assert third.short_message[:6] == b"\5\0\3\xff\3\3"


@pytest.mark.parametrize("concatenation", JOINED)
def test_a_part_sent_anew(concatenation: str) -> None:
    """It is, octet for octet, what it was the first time: the telephone puts it where it belongs."""
    whole = cut("é" * 400)
    singly = "udh" if concatenation == "payload" else concatenation
    before = encoded(whole, concatenation=singly)
    for index, one in enumerate(whole):
        assert encoded([one], concatenation=concatenation) == [before[index]]


@pytest.mark.parametrize(
    ("validity", "seconds", "written"),
    [
        ("relative", 1, b"000000000001000R"),
        ("relative", 3600, b"000000010000000R"),
        ("relative", 72 * 3600, b"000003000000000R"),
        ("relative", 31 * 86_400, b"000031000000000R"),
        ("relative", 10**9, b"000031000000000R"),
        ("absolute", 3600, b"260302120000000+"),
        ("absolute", 10**9, b"260402110000000+"),
        *(("none", 3600, b""), ("none", 10**9, b"")),
    ],
)
def test_validity(validity: str, seconds: int, written: bytes) -> None:
    """As the operator wants it; never more than the 31 days that can be written."""
    (one,) = bodies([segment(validity=seconds)], validity=validity)
    assert one.validity_period == written
    if written:
        told = times.parse(written, datetime.fromtimestamp(NOW, UTC))
        assert told == datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=min(seconds, 31 * 86_400))


def test_route() -> None:
    """What is the same for all: sender, service_type, whether receipts are wanted."""
    one = body(source="38200", service_type="CMT", receipts=False)
    assert (one.source, one.source_ton, one.service_type, one.registered_delivery) == (b"38200", 3, b"CMT", 0)
    assert (one.destination, one.destination_ton, one.destination_npi) == (b"33612345678", 1, 1)


def test_no_room() -> None:
    """Parts that were cut for GSM-7 have no room for UCS-2: refused in French, not sent in pieces nobody paid."""
    texts = (("x" * 71, "ucs-2"), (LONG, "ucs-2"), ("€" + "x" * 100, "latin-1"), ("€" * 76 + "x" * 9, "latin-1"))
    for text, gsm7 in texts:
        with pytest.raises(Unsendable, match="opérateur ne transmet que dans des messages plus courts"):
            encoded(cut(text), gsm7=gsm7)
    assert len(body("x" * 70, gsm7="ucs-2").short_message) == 140
    assert len(body("€" + "x" * 69, gsm7="latin-1").short_message) == 140
    (joined,) = bodies(cut("€" + "x" * 300), gsm7="latin-1", concatenation="payload")
    assert find(joined.tlvs, Tag.MESSAGE_PAYLOAD) == ("€" + "x" * 300).encode("utf-16-be")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("number", "+" + "3" * 21), ("number", "+33\x0061"), ("validity", 0), ("validity", -5), ("text", "🎉")),
        *(("total", 256), ("total", 10**9), ("part", 999), ("text", "\ud800")),
    ],
)
@pytest.mark.parametrize("concatenation", ["udh", "sar"])
def test_a_damaged_segment(field: str, value: Any, concatenation: str) -> None:
    """A segment that no dispatcher makes is a ValueError, and never octets that say something else."""
    wrong: dict[str, Any] = {"total": 2} | {field: value}
    with pytest.raises((EncodeError, ValueError)):
        encoded([segment(**wrong)], concatenation=concatenation)


def room_on_the_air(one: SubmitSm, gsm7: str) -> float:
    """Octets that a radio link carries of it, a concatenation header of sar among them."""
    octets = len(one.short_message)
    header = 6 if one.esm_class & 0x40 else 0
    if one.data_coding in (0x00, 0x10, 0xF0, 0x03) and gsm7 != "packed":
        written = one.short_message[header:]
        text = written.decode("latin-1") if one.data_coding == 0x03 else None
        count = len(written) if text is None else alphabet.septets(text)
        octets = -(-(8 * header + (header > 0) + 7 * count) // 8)
    return octets + (6 if number(one.tlvs, Tag.SAR_TOTAL_SEGMENTS) else 0)


texts = st.one_of(
    st.text(st.sampled_from("abcdé@£[]{}€^\n ΔΩ"), max_size=700),
    st.text(st.sampled_from("abйд🎉漢 "), max_size=300),
)


@pytest.mark.parametrize("concatenation", JOINED)
@pytest.mark.parametrize("gsm7", WRITINGS)
def test_any_text(gsm7: str, concatenation: str) -> None:
    """No segment is longer than an SMS, all of them together are the text, and smpp34 reads what we wrote."""

    @QUICK
    @given(texts, st.booleans(), st.sampled_from(FLASHES), st.integers(1, 2**40))
    def holds(text: str, flash: bool, how: str, message: int) -> None:
        segments = cut(text, message=message, flash=flash)
        try:
            submits = encoded(segments, gsm7=gsm7, concatenation=concatenation, flash=how)
        except Unsendable:
            assert gsm7 in ("latin-1", "ucs-2")
            return
        assert [part for submit in submits for part in submit.parts] == [(one.message, one.part) for one in segments]
        told, references = "", set()
        for submit, one in zip(submits, segments, strict=False):
            read = decode(SubmitSm.command, submit.body)
            theirs: Any = smpp34.decode(pack(SubmitSm.command, 0, 1, submit.body))
            assert theirs.short_message == read.short_message
            assert [(tlv.tag, tlv.value) for tlv in theirs.tlvs] == list(read.tlvs)
            assert (theirs.data_coding, theirs.esm_class) == (read.data_coding, read.esm_class)
            assert theirs.destination_addr == PHONE[1:]
            assert room_on_the_air(read, gsm7) <= 140
            septets = alphabet.septets("".join(s.text for s in segments) if len(submits) < len(segments) else one.text)
            told += understood(read, gsm7, septets)
            references.add(read.short_message[3:4] if read.esm_class else number(read.tlvs, Tag.SAR_MSG_REF_NUM))
        assert told == text
        assert len(references) == 1

    holds()


def understood(one: SubmitSm, gsm7: str, septets: int) -> str:
    """The text as an SMSC with those habits reads it; ``septets`` is how many it has where it is GSM-7."""
    header = 6 if one.esm_class & 0x40 else 0
    carried = find(one.tlvs, Tag.MESSAGE_PAYLOAD)
    octets = one.short_message[header:] if carried is None else carried
    if one.data_coding in (0x08, 0x18):
        return octets.decode("utf-16-be")
    if one.data_coding == 0x03:
        return octets.decode("latin-1")
    if gsm7 == "packed":
        octets = unpacked(octets, 1 if header else 0, septets)
    return str(CODEC.decode(octets)[0])


def test_encoders_share_nothing() -> None:
    """What was written before does not show in what is written after."""
    encoder = Encoder(settings().writing)
    first = encoder.encode(cut(LONG), NOW)
    encoder.encode([segment(2, "д", coding=Coding.UCS2, flash=True)], NOW + 5)
    assert encoder.encode(cut(LONG), NOW + 9) == first
    (other,) = encoder.encode([attrs.evolve(cut(LONG)[0], message=7)], NOW)
    assert decode(SubmitSm.command, other.body).short_message[:6] == b"\5\0\3\7\2\1"

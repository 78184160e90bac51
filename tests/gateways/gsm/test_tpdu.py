"""TPDUs digit by digit: each was written by hand from 3GPP TS 23.040 and 23.038."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.tpdu import pdu
from gateways.gsm.tpdu.address import ALPHANUMERIC, Address
from gateways.gsm.tpdu.coding import Alphabet, alphabet_of, class_of
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.octets import BadTpdu, Unwritable
from gateways.gsm.tpdu.report import EXPIRED, Result, StatusReport
from gateways.gsm.tpdu.submit import Submit, of_segment
from gateways.gsm.tpdu.user_data import Concatenation, UserData
from smstob.model.alphabet import NotGsm7
from smstob.model.message import Segment
from smstob.model.segment import Coding, measure, split
from tests.model.strategies import dense_texts, wide_texts

from .tpdus import MOMENT, PHONE, QUICK, addresses, tpdus

HELLO = "E8329BFD06"
TO = "0B913316325476F8"


def segment(text: str, number: str = "+33612345678", *, part: int = 1, total: int = 1, flash: bool = False) -> Segment:
    """One that SMStoB hands to a gateway, valid for an hour."""
    coding = measure(text).coding
    return Segment(
        message=1, part=part, total=total, number=number, text=text, coding=coding, flash=flash, validity=3600
    )


SUBMITS = [
    (segment("hello"), f"31 00 {TO} 00 00 0B 05 {HELLO}"),
    (segment("hello", flash=True), f"31 00 {TO} 00 10 0B 05 {HELLO}"),
    (segment("hello", "36105"), f"31 00 05 81 6301F5 00 00 0B 05 {HELLO}"),
    (segment("hello", "0612345678"), f"31 00 0A 81 6021436587 00 00 0B 05 {HELLO}"),
    (segment("€"), f"31 00 {TO} 00 00 0B 02 9B32"),
    (segment("1234567"), f"31 00 {TO} 00 00 0B 07 31D98C56B3DD00"),
    (segment("12345678"), f"31 00 {TO} 00 00 0B 08 31D98C56B3DD70"),
    (segment(""), f"31 00 {TO} 00 00 0B 00"),
    (segment("ê€"), f"31 00 {TO} 00 08 0B 04 00EA20AC"),
    (segment("ê€", flash=True), f"31 00 {TO} 00 18 0B 04 00EA20AC"),
    (segment("😀"), f"31 00 {TO} 00 08 0B 04 D83DDE00"),
    (segment("hello", part=1, total=2), f"71 00 {TO} 00 00 0B 0C 050003 2A 02 01 D06536FB0D"),
    (segment("ê", part=3, total=3, flash=True), f"71 00 {TO} 00 18 0B 08 050003 2A 03 03 00EA"),
]


@pytest.mark.parametrize(("given_segment", "digits"), SUBMITS)
def test_submit(given_segment: Segment, digits: str) -> None:
    """What AT+CMGS is given of a segment: class, alphabet, fill bits, the number's type; and it reads back the same."""
    wanted = digits.replace(" ", "")
    submit = of_segment(given_segment, 0x2A)
    assert pdu.write(submit) == ("00" + wanted, len(wanted) // 2)
    assert pdu.read("00" + wanted) == pdu.Pdu(submit)
    assert submit.user_data.text == given_segment.text


def test_a_wide_reference_needs_no_fill() -> None:
    """Its header of seven octets is eight septets."""
    digits = f"7100{TO}00000B0D060804012C0201{HELLO}"
    submit = of_segment(segment("hello", part=1, total=2), 300, wide=True)
    assert pdu.write(submit).digits == "00" + digits
    assert submit.user_data.concatenation == Concatenation(300, 2, 1, wide=True)


def test_without_validity_and_report() -> None:
    """For networks that refuse the one or take money for the other."""
    submit = of_segment(segment("hello"), 0, status_report=False, validity=False)
    assert pdu.write(submit).digits == f"000100{TO}000005{HELLO}"


@pytest.mark.parametrize("wide", [False, True])
def test_the_longest(wide: bool) -> None:
    """140 octets of user data and not a septet more; a wide reference has room for one less."""
    for text in ("x" * 160, "ê" * 70):
        assert pdu.write(of_segment(segment(text), 0)).length == 14 + 140
        with pytest.raises(Unwritable):
            pdu.write(Submit(recipient=PHONE, user_data=UserData.of(text + "x", measure(text).coding)))
    for room, char in ((153 - wide, "x"), (67 - wide, "ê")):
        joined = segment(char * room, part=1, total=2)
        assert 14 + 139 <= pdu.write(of_segment(joined, 0, wide=wide)).length <= 14 + 140
        with pytest.raises(Unwritable):
            pdu.write(of_segment(segment(char * (room + 1), part=1, total=2), 0, wide=wide))


def piece_of(text: str, coding: Coding, part: int, total: int) -> Segment:
    """A segment with its message's coding, which its own text alone may not need."""
    return Segment(
        message=1, part=part, total=total, number="+33612345678", text=text, coding=coding, flash=False, validity=60
    )


@given(st.one_of(dense_texts, wide_texts), st.integers(0, 0xFF))
@QUICK
def test_whole_messages_arrive(text: str, reference: int) -> None:
    """Every segment that the model cuts has room, and the telephone's join of them is the text."""
    pieces = split(text)
    coding = measure(text).coding
    arrived = ""
    for part, piece in enumerate(pieces, 1):
        sent = piece_of(piece, coding, part, len(pieces))
        read = pdu.read(pdu.write(of_segment(sent, reference)).digits).tpdu
        assert isinstance(read, Submit)
        joined = Concatenation(reference, len(pieces), part) if len(pieces) > 1 else None
        assert read.user_data.concatenation == joined
        arrived += read.user_data.text
    assert arrived == text


CENTRE = Address.of("+33609001390")
AT = "62116230405040"
"""26 November 2026, 03:04:05, an hour east."""
DELIVERS = [
    (f"04 {TO} 00 00 {AT} 05 {HELLO}", "hello", PHONE, None),
    (f"00 {TO} 00 00 {AT} 02 9B32", "€", PHONE, None),
    (f"04 0BD0 CDE6DB5DCE03 00 00 {AT} 05 {HELLO}", "hello", Address("MMoney", ALPHANUMERIC), None),
    (f"04 0DD0 31D98C56B3DD00 00 00 {AT} 05 {HELLO}", "hello", Address("1234567", ALPHANUMERIC), None),
    (f"04 05A1 6301F5 00 00 {AT} 05 {HELLO}", "hello", Address("36105", 0xA1), None),
    (f"04 00 81 00 00 {AT} 05 {HELLO}", "hello", Address(""), None),
    # an end mark before the end
    (f"04 05 81 63F1F5 00 00 {AT} 05 {HELLO}", "hello", Address("361"), None),
    (f"04 {TO} 00 08 {AT} 04 00EA20AC", "ê€", PHONE, None),
    (f"04 {TO} 00 04 {AT} 03 E94180", "éA€", PHONE, None),
    (f"04 {TO} 00 F5 {AT} 02 4142", "AB", PHONE, None),
    (f"44 {TO} 00 00 {AT} 0C 050003 2A 02 01 D06536FB0D", "hello", PHONE, Concatenation(42, 2, 1)),
    (f"44 {TO} 00 00 {AT} 0D 060804 012C 02 02 {HELLO}", "hello", PHONE, Concatenation(300, 2, 2, wide=True)),
    (f"44 {TO} 00 08 {AT} 08 050003 2A 03 03 00EA", "ê", PHONE, Concatenation(42, 3, 3)),
    # part 3 of 2, part 0, and a part of 0: none of them joins anything
    (f"44 {TO} 00 08 {AT} 08 050003 2A 02 03 00EA", "ê", PHONE, None),
    (f"44 {TO} 00 08 {AT} 08 050003 2A 02 00 00EA", "ê", PHONE, None),
    (f"44 {TO} 00 08 {AT} 08 050003 2A 00 00 00EA", "ê", PHONE, None),
    # an element that goes beyond its header: the header counts for none
    (f"44 {TO} 00 08 {AT} 08 050004 2A 02 01 00EA", "ê", PHONE, None),
    # of two the last one counts
    (f"44 {TO} 00 08 {AT} 0D 0A 0003010201 0003020302 00EA", "ê", PHONE, Concatenation(2, 3, 2)),
    # half a character at the end
    (f"04 {TO} 00 08 {AT} 03 00EA20", "ê\ufffd", PHONE, None),
    # an escape before a code that the extension table lacks, and one at the end
    (f"04 {TO} 00 00 {AT} 03 9BF006", "a ", PHONE, None),
]


@pytest.mark.parametrize(("digits", "text", "sender", "joined"), DELIVERS)
def test_deliver(digits: str, text: str, sender: Address, joined: Concatenation | None) -> None:
    """What a modem shows of a text that came, with its service centre, without, and in small letters."""
    line = digits.replace(" ", "")
    for prefix, centre in (("07913306091093F0", CENTRE), ("00", None)):
        read = pdu.read(prefix + line)
        assert (read.smsc, pdu.read((prefix + line).lower())) == (centre, read)
        assert isinstance(read.tpdu, Deliver)
        assert (read.tpdu.user_data.text, read.tpdu.sender, read.tpdu.sent) == (text, sender, MOMENT)
        assert read.tpdu.user_data.concatenation == joined
        assert read.tpdu.more == line.startswith("00")
    assert str(CENTRE) == "+33609001390"


@pytest.mark.parametrize(
    ("header", "packed", "text"),
    [
        ("03 25 01 01", "6500", "e@"),
        ("03 25 01 01", "0400", "€@"),
        ("03 24 01 02", "1B 61", "á"),
        ("03 24 01 03", "1B 7B", "ã"),
        ("03 24 01 03", "1B 65", "€"),
        ("03 24 01 01", "1B 73", "ş"),
        ("03 25 01 03", "5B 1A 04", "Ã|ê"),
        ("06 24 01 03 25 01 03", "1B 09 0B 1B 1B 1B 0F", "çÔ á"),
        ("03 24 01 09", "1B 61", "a"),
        ("03 24 01 03", "61 1B", "a "),
        ("03 24 01 02", "1B 62", "b"),
        ("06 24 01 03 24 01 02", "1B 41", "Á"),
    ],
)
def test_national_tables(header: str, packed: str, text: str) -> None:
    """Headers choose the tables by language; an unknown language has the default ones."""
    octets = bytes.fromhex(header)[1:]
    elements = tuple((octets[at], octets[at + 2 : at + 3]) for at in range(0, len(octets), 3))
    read = UserData(0x00, bytes.fromhex(packed), elements)
    assert read.text == text


REPORT = f"06 2A {TO} {AT} 62116230405049".replace(" ", "")


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        ((0x00, 0x01, 0x02, 0x03, 0x1F), Result.DELIVERED),
        ((0x20, 0x25, 0x30, 0x3F), Result.TRYING),
        ((0x40, 0x45, EXPIRED, 0x49, 0x5F), Result.FAILED),
        ((0x60, 0x65, 0x7F), Result.GIVEN_UP),
        ((0x80, 0xFF), Result.RESERVED),
    ],
)
def test_report(statuses: tuple[int, ...], result: Result) -> None:
    """What +CDS shows, with its moments in two zones; what each class of statuses says."""
    for status in statuses:
        read = pdu.read(f"00{REPORT}{status:02X}").tpdu
        west = datetime(2026, 11, 26, 3, 4, 5, tzinfo=timezone(timedelta(hours=-3.5)))
        wanted = StatusReport(reference=42, recipient=PHONE, submitted=MOMENT, discharged=west, status=status)
        assert (read, wanted.result) == (wanted, result)
        assert pdu.write(wanted) == (f"00{REPORT}{status:02X}", len(REPORT) // 2 + 1)
    # optional fields, which are not read: TP-PI, TP-PID, TP-DCS, TP-UD
    assert pdu.read(f"00{REPORT}0007000002C834").tpdu == pdu.read(f"00{REPORT}00").tpdu


def test_a_report_that_a_modem_emptied() -> None:
    """Some keep neither number nor moments: it can be read, and matched with nothing."""
    read = pdu.read("0006000081" + "00" * 15).tpdu
    assert read == StatusReport(reference=0, recipient=Address(""), submitted=None, discharged=None, status=0)


@given(tpdus, st.none() | addresses.filter(lambda address: not address.is_name))
@QUICK
def test_nothing_is_lost(tpdu: pdu.Tpdu, smsc: Address | None) -> None:
    """Whatever can be written reads back the same, and its length leaves the service centre out."""
    line = pdu.write(tpdu, smsc)
    assert pdu.read(line.digits) == pdu.Pdu(tpdu, smsc)
    assert line.length == len(line.digits) // 2 - 1 - int(line.digits[:2], 16)


@pytest.mark.parametrize(
    ("codings", "alphabet", "message_class"),
    [
        ((0x00, 0x0C, 0x03, 0x40, 0x80, 0xBF, 0xC8, 0xDF), Alphabet.GSM7, None),
        ((0x04, 0x44, 0x20, 0x28), Alphabet.OCTETS, None),
        ((0x08, 0x48, 0xE0, 0xE8, 0xEF), Alphabet.UCS2, None),
        ((0x10, 0x50, 0xF0, 0xF8), Alphabet.GSM7, 0),
        ((0x11, 0xF1), Alphabet.GSM7, 1),
        ((0x14, 0xF4), Alphabet.OCTETS, 0),
        ((0x16, 0xF6, 0xFE), Alphabet.OCTETS, 2),
        ((0x18,), Alphabet.UCS2, 0),
        ((0x1B, 0x5B), Alphabet.UCS2, 3),
    ],
)
def test_data_codings(codings: tuple[int, ...], alphabet: Alphabet, message_class: int | None) -> None:
    """Every group of them, reserved values and compressed texts included."""
    for coding in codings:
        assert (alphabet_of(coding), class_of(coding)) == (alphabet, message_class), hex(coding)


def test_ports() -> None:
    """What is for an application and not for people is known."""
    assert UserData(0x04, b"", ((0x05, b"\x0b\x84\x23\xf0"),)).port == 2948
    assert UserData(0x04, b"", ((0x04, b"\x50\x51"),)).port == 0x50
    assert UserData(0x04, b"", ((0x05, b"\x0b"), (0x00, b"\x01\x01\x01"))).port is None


@pytest.mark.parametrize(
    "broken",
    [
        Submit(recipient=Address("123456789012345678901"), user_data=UserData(0, b"")),
        Submit(recipient=Address.of("Mairie de Nantes"), user_data=UserData(0, b"")),
        Submit(recipient=Address.of("Forêt"), user_data=UserData(0, b"")),
        Submit(recipient=Address.of("+33 6"), user_data=UserData(0, b"")),
        Submit(recipient=Address("1", 0x11), user_data=UserData(0, b"")),
        Submit(recipient=PHONE, user_data=UserData(0, b""), reference=256),
        Submit(recipient=PHONE, user_data=UserData(0, b""), protocol=-1),
        Submit(recipient=PHONE, user_data=UserData(256, b"")),
        Submit(recipient=PHONE, user_data=UserData(0, b"\x80")),
        Submit(recipient=PHONE, user_data=UserData(4, b"x" * 141)),
        Submit(recipient=PHONE, user_data=UserData(4, b"", ((0x70, b"x" * 300),))),
        Submit(recipient=PHONE, user_data=UserData(4, b"", ((0x70, b"x" * 139),))),
        Submit(recipient=PHONE, user_data=UserData(4, b"", ((0x100, b""),))),
        Submit(recipient=PHONE, user_data=UserData(0, b""), validity=datetime(2026, 1, 1)),  # noqa: DTZ001
        Deliver(sender=PHONE, user_data=UserData(0, b""), sent=MOMENT.replace(year=1999)),
        Deliver(sender=PHONE, user_data=UserData(0, b""), sent=MOMENT.replace(tzinfo=timezone(timedelta(minutes=7)))),
        Deliver(sender=PHONE, user_data=UserData(0, b""), sent=MOMENT.replace(tzinfo=timezone(timedelta(hours=20)))),
        StatusReport(reference=1, recipient=PHONE, submitted=None, discharged=None, status=256),
    ],
)
def test_what_cannot_be_written(broken: pdu.Tpdu) -> None:
    """Values without a form in a TPDU are refused, never cut or bent."""
    with pytest.raises(Unwritable):
        pdu.write(broken)


@pytest.mark.parametrize("joined", [(256, 2, 1), (-1, 2, 1), (1, 2, 3), (1, 2, 0), (1, 256, 1), (65536, 2, 1, True)])
def test_impossible_concatenations(joined: tuple[int, int, int]) -> None:
    """A reference beyond its bits, a part that is none: refused."""
    with pytest.raises(Unwritable):
        UserData.of("x", Coding.GSM7, None, Concatenation(*joined))


def test_text_outside_the_alphabet() -> None:
    """GSM-7 is never bent to what it lacks."""
    with pytest.raises(NotGsm7):
        UserData.of("ê", Coding.GSM7)


def test_reasons_never_repeat_what_was_read() -> None:
    """They are for the log, and a telephone's number or text is not."""
    with pytest.raises(BadTpdu, match=r"^ends within TP-UD$"):
        pdu.read(f"0004{TO}0000{AT}05E8329B")

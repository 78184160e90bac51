"""The simulator's reading and writing of TPDUs, against ``gateways.gsm.tpdu``, which shares no line with it."""

from datetime import timedelta, timezone
from random import Random
from typing import Final

import pytest

from gateways.gsm.tpdu import pdu, times
from gateways.gsm.tpdu.address import Address
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.report import StatusReport
from gateways.gsm.tpdu.submit import Submit
from gateways.gsm.tpdu.user_data import Concatenation, UserData
from smstob.model.segment import measure
from tests.model.strategies import GSM7
from tests.peers.modem import tpdus
from tests.peers.modem.tpdus import BadPdu

COUNT: Final = 1000
AT: Final = 1_795_000_000
PLAIN: Final = bytes.fromhex("31000B913316325476F80000AA04D4F29C0E")


def some_text(random: Random) -> str:
    """One that fits beside a wide reference, in either coding."""
    written = "".join(random.choices(random.choice((GSM7, "abc", "aêœ’漢😀")), k=random.randint(1, 152)))
    while (measured := measure(written)).length > {"gsm7": 152, "ucs2": 66}[measured.coding.value]:
        written = written[:-1]
    return written


def test_submits_are_read_alike() -> None:
    """What the gateway writes the network reads: number, text, coding, class, validity, parts."""
    random = Random(1)
    for _ in range(COUNT):
        written, wide, total = some_text(random), random.random() < 0.5, random.randint(1, 255)
        joined = Concatenation(random.randrange(0x10000 if wide else 0x100), total, random.randint(1, total), wide)
        told = joined if random.random() < 0.5 else None
        coding, message_class = measure(written).coding, random.choice((None, 0, 1, 2, 3))
        number = random.choice(("+", "")) + "".join(random.choices("0123456789", k=random.randint(3, 15)))
        validity = times.read_validity(random.randrange(256)) if random.random() < 0.8 else None
        submit = Submit(
            recipient=Address.of(number),
            user_data=UserData.of(written, coding, message_class, told),
            validity=validity,
            status_report=random.random() < 0.5,
        )
        octets = bytes.fromhex(pdu.write(submit).digits)[1:]
        read = tpdus.read_submit(octets)
        assert (read.number, read.text, read.coding) == (number, written, coding.value)
        assert (read.message_class, read.validity) == (message_class, validity)
        assert read.wants_report is submit.status_report
        parts = (told.reference, told.total, told.part) if told else (None, 1, 1)
        assert (read.reference, read.total, read.part) == parts


def test_delivers_are_written_alike() -> None:
    """Texts of any length, from numbers and names: the same octets as the gateway's own."""
    random = Random(2)
    for _ in range(COUNT):
        written, zone = some_text(random), random.randint(-48, 56)
        joined = (random.randrange(256), 3, 2) if random.random() < 0.5 else None
        sender = random.choice(("+33612345678", "36105", "Mairie", "Où est?", "ELEVENCHARS"))
        coding = measure(written).coding
        octets = tpdus.deliver(sender, written, AT, zone=zone, joined=joined, ucs2=coding.value == tpdus.UCS2)
        read = pdu.read((tpdus.smsc("+33689004000") + octets).hex())
        assert str(read.smsc) == "+33689004000"
        assert isinstance(read.tpdu, Deliver)
        assert str(read.tpdu.sender) == sender
        assert read.tpdu.user_data.text == written
        assert read.tpdu.user_data.concatenation == (Concatenation(*joined) if joined else None)
        assert read.tpdu.sent
        assert read.tpdu.sent.timestamp() == AT
        assert read.tpdu.sent.utcoffset() == timezone(timedelta(minutes=15 * zone)).utcoffset(None)
        assert pdu.write(read.tpdu, read.smsc).digits == (tpdus.smsc("+33689004000") + octets).hex().upper()


def test_reports_are_written_alike() -> None:
    """Reference, number, moments and status, with a number or without one."""
    random = Random(3)
    for _ in range(COUNT):
        mr, status, number = random.randrange(256), random.randrange(256), random.choice(("+33612345678", "06123", ""))
        octets = tpdus.status_report(mr, number, AT, AT + 60, zone=random.randint(-48, 56), status=status)
        report = pdu.read("00" + octets.hex()).tpdu
        assert isinstance(report, StatusReport)
        assert (report.reference, report.status, str(report.recipient)) == (mr, status, number)
        assert report.submitted
        assert report.discharged
        assert (report.submitted.timestamp(), report.discharged.timestamp()) == (AT, AT + 60)
        assert tpdus.is_report(octets)


@pytest.mark.parametrize(
    "text", ["", "x" * 160, "x" * 161, "€" * 80, "€" * 81, "漢" * 70, "漢" * 71, "😀" * 36, "a😀" * 200]
)
def test_pieces(text: str) -> None:
    """A long text is cut as telephones cut it: no character in two, each part as long as it may be."""
    is_ucs2, parts = tpdus.pieces(text)
    assert "".join(parts) == text
    assert is_ucs2 is (measure(text).coding.value == tpdus.UCS2)
    for part in parts:
        octets = tpdus.deliver("36105", part, AT, zone=4, joined=(1, len(parts), 1), ucs2=is_ucs2)
        if len(parts) > 1:
            assert len(octets) <= 1 + 5 + 2 + 7 + 1 + 140


@pytest.mark.parametrize("end", range(len(PLAIN)))
def test_cut_submits(end: int) -> None:
    """A TPDU that ends anywhere too early is none."""
    assert tpdus.read_submit(PLAIN).text == "Test"
    with pytest.raises(BadPdu):
        tpdus.read_submit(PLAIN[:end])


def test_damaged_submits() -> None:
    """Whatever stands there, it is read or it is a BadPdu."""
    random, bad = Random(4), 0
    for _ in range(20_000):
        octets = bytearray(PLAIN)
        for _ in range(random.randint(1, 3)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        try:
            tpdus.read_submit(bytes(octets))
        except BadPdu:
            bad += 1
    assert 5_000 < bad < 19_000


def test_names_that_are_too_long() -> None:
    """No address has room for more than eleven septets."""
    with pytest.raises(ValueError, match="longer"):
        tpdus.write_address("TWELVECHARSS")

"""Lines that are no TPDU: one exception for all of them, with a reason, at once."""

from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.tpdu import pdu
from gateways.gsm.tpdu.address import Address
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.octets import BadTpdu
from gateways.gsm.tpdu.report import StatusReport

from .tpdus import EXAMPLES, QUICK, tpdus

LINES = [pdu.write(tpdu, smsc).digits for tpdu in EXAMPLES for smsc in (None, Address.of("+33609001390"))]


def consume(line: str) -> bool:
    """Whether it can be read; all that can be asked of what was read is asked."""
    try:
        read = pdu.read(line)
    except BadTpdu:
        return False
    tpdu = read.tpdu
    if isinstance(tpdu, StatusReport):
        assert tpdu.result
        assert isinstance(str(tpdu.recipient), str)
        return True
    assert isinstance(str(tpdu.sender if isinstance(tpdu, Deliver) else tpdu.recipient), str)
    carried = tpdu.user_data
    assert len(carried.text) <= 160
    carried.text.encode()
    assert carried.concatenation is None or carried.concatenation.total >= carried.concatenation.part
    assert carried.port is None or carried.port <= 0xFFFF
    return True


@pytest.mark.parametrize("line", LINES)
def test_every_beginning(line: str) -> None:
    """Cut anywhere, in the middle of an octet too, it is none."""
    assert consume(line)
    for end in range(len(line)):
        with pytest.raises(BadTpdu):
            pdu.read(line[:end])


@given(tpdus, st.data())
@QUICK
def test_any_beginning(tpdu: pdu.Tpdu, data: st.DataObject) -> None:
    """The same of whatever can be written."""
    line = pdu.write(tpdu).digits
    assert not consume(line[: data.draw(st.integers(0, len(line) - 1))])


@pytest.mark.parametrize(
    "line",
    [
        *("", "0", "OK", "+CMT: ,24", "> ", "00 04", " 00", "0x", "0g", "é" * 4, "٠٠", "\x00\x00", "00\n", "00\r\n"),
        *("_0_0", "+0", "00" * 1000, "F" * 401, "00", "0003" + "00" * 50, "FF" * 180, "0B" + "91" * 11),
        # an address of 21 digits; a service centre of 12 octets
        *("0004159133163254761332547698F0" + "00" * 20, "0C9133163254761234567890FF" + LINES[6][2:]),
        # 161 septets, 141 octets
        "00040B913316325476F80000" + "62116230405040" + "A1" + "00" * 141,
        "00040B913316325476F80004" + "62116230405040" + "8D" + "00" * 141,
        # a header longer than all, in octets and in septets, and none where one is told
        "00440B913316325476F80004" + "62116230405040" + "03" + "030000",
        "00440B913316325476F80000" + "62116230405040" + "07" + "06080401010101",
        "00440B913316325476F80000" + "62116230405040" + "00",
    ],
)
def test_no_tpdus(line: str) -> None:
    """What else comes on the line, and each field that goes beyond what it may be: refused, with a reason."""
    with pytest.raises(BadTpdu, match=r"\w"):
        pdu.read(line)


@given(st.text(max_size=60))
@QUICK
def test_any_text(line: str) -> None:
    """Whatever it is."""
    consume(line)


@given(st.binary(max_size=200))
@QUICK
def test_any_octets(octets: bytes) -> None:
    """Whatever they are, as a whole line or behind a plausible beginning."""
    consume(octets.hex())
    for beginning in ("00", "0004", "0044", "0001", "0051", "0006", "00440B913316325476F80000"):
        consume(beginning + octets.hex())


def test_damaged_by_the_thousand() -> None:
    """Digits and octets changed, lost, doubled: read or refused, and each in no time."""
    random = Random(7)
    began, read = process_time(), 0
    for _ in range(30_000):
        octets = bytearray(bytes.fromhex(random.choice(LINES)))
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(octets))
            octets[at : at + random.randrange(3)] = random.randbytes(random.randrange(3)) or octets[at : at + 1]
        read += consume(octets.hex())
    assert 3_000 < read < 27_000
    assert process_time() - began < 30

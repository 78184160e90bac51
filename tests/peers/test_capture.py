"""The dissector sees what is wrong with a PDU, and nothing wrong with a right one."""

import struct
from pathlib import Path

from tests.peers.capture import dissect, malformed, write_capture

UNBIND = struct.pack(">IIII", 16, 6, 0, 8)


def submit_sm(text: bytes = b"Bonjour", length: int | None = None, tail: bytes = b"") -> bytes:
    """A ``submit_sm`` by hand, that may tell another length than its text has and have anything behind it."""
    addresses = b"\x05\x00MAIRIE\x00\x01\x0133612345678\x00"
    body = b"\x00" + addresses + bytes(3) + b"000000001000000R\x00".join([b"\x00", bytes([1, 0, 0, 0])])
    body += bytes([len(text) if length is None else length]) + text + tail
    return struct.pack(">IIII", 16 + len(body), 4, 0, 7) + body


def tlv(tag: int, value: bytes, length: int | None = None) -> bytes:
    """A TLV, that may tell another length than it has."""
    return struct.pack(">HH", tag, len(value) if length is None else length) + value


GOOD = submit_sm()


def test_right_pdus_are_not_malformed() -> None:
    """Long ones and vendors' parameters are right too."""
    payload = submit_sm(b"", tail=tlv(0x0424, b"x" * 64_000))
    vendor = submit_sm(tail=tlv(0x1403, b"\x00\xff"))
    assert malformed([GOOD, UNBIND, payload, vendor]) == []


def test_every_breach_is_told() -> None:
    """Each breach, and nothing of what is beside it."""
    breaches = {
        "sm_length beyond the end": submit_sm(length=99),
        "a TLV beyond the end": submit_sm(tail=tlv(0x0424, b"ab", 50)),
        "a vendor's TLV beyond the end": submit_sm(tail=tlv(0x1403, b"ab", 50)),
        "half a TLV": submit_sm(tail=b"\x04"),
        "a command_length beyond the end": GOOD[:-2],
        "an unknown command_id": struct.pack(">IIII", 16, 0xDEAD, 0, 1),
        "less than a header": b"\x00\x00\x00\x05",
    }
    assert malformed([GOOD, *breaches.values(), UNBIND]) == list(breaches.values())


def test_fields_of_pdus() -> None:
    """The dissector's own reading of each field."""
    submit, unbind = dissect([submit_sm(tail=tlv(0x020A, b"\x00\x01")), UNBIND])
    assert submit["smpp.source_addr"] == "MAIRIE"
    assert submit["smpp.destination_addr"] == "33612345678"
    assert submit["smpp.validity_period_r"] == "600.000000000"
    assert submit["smpp.message"] == b"Bonjour".hex(":")
    assert unbind["smpp.command_id"] == "0x00000006"


def test_a_stream_is_reassembled(tmp_path: Path) -> None:
    """PDUs may be cut and joined by TCP, both ways at once."""
    response = struct.pack(">IIII", 18, 0x8000_0004, 0, 7) + b"1\x00"
    stream = GOOD + GOOD + UNBIND
    write_capture(tmp_path / "session.pcap", [[(True, stream[:70]), (False, response), (True, stream[70:])]])
    told = [pdu["smpp.command_id"] for pdu in dissect(tmp_path / "session.pcap")]
    assert sorted(told) == ["0x00000004", "0x00000004", "0x00000006", "0x80000004"]

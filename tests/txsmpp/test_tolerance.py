"""What operators send beside the standard is read, and nothing of it is lost."""

from typing import Any

import attrs
import pytest

from txsmpp import binding, pdu
from txsmpp.constants import ESM_RECEIPT, ESM_TYPE, ESM_UDHI, Status
from txsmpp.fields import Address, Body, DistributionList, Unsuccessful
from txsmpp.pdu import BODIES, DeliverSm, decode
from txsmpp.tlv import DecodeError, Tag, decode_tlvs, encode_tlvs, find, number

from .strategies import KINDS
from .vectors import VECTORS

SHORT_MESSAGE = bytes.fromhex("00 0101 333300 0101 343400 00 00 00 00 00 00 00 00 00 02 6869")
"""A deliver_sm from 33 to 44 that says hi."""


def deliver(data: bytes) -> DeliverSm:
    """It, as it came."""
    body: DeliverSm = decode(5, data)
    return body


@pytest.mark.parametrize(
    ("octets", "values"),
    [
        ("00 0101" + "33" * 40 + "00 0101 3400 00 00 00 00 00 00 00 00 00 00", {"source": b"3" * 40}),
        ("00 0101 00 0101" + "34" * 300 + "00 00 00 00 00 00 00 00 00 00 00", {"destination": b"4" * 300}),
        ("414243444546474800 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00", {"service_type": b"ABCDEFGH"}),
        ("00 0000 E4F6FC00 0000 00 00 00 00 00 00 00 00 00 00 00", {"source": b"\xe4\xf6\xfc"}),
        ("00 0909 00 FFFF 00 00 00 00 00 00 00 00 00 00 00", {"source_ton": 9, "destination_npi": 255}),
        ("00 0000 00 0000 00 24 00 00 00 00 00 00 00 00 00", {"esm_class": 0x24}),
        ("00 0000 00 0000 00 00 FF FF 00 00 FF FF F0 FF 00", {"data_coding": 0xF0, "priority": 0xFF}),
        ("00 0000 00 0000 00 00 00 00 00 00 00 00 10 00 00", {"data_coding": 0x10, "short_message": b""}),
        ("00 0000 00 0000 00 00 00 00 31323300 00 00 00 00 00 00", {"schedule_delivery_time": b"123"}),
        ("00 0000 00 0000 00 00 00 00 00" + "30" * 30 + "00 00 00 00 00 00", {"validity_period": b"0" * 30}),
        ("00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 FF" + "61" * 255, {"short_message": b"a" * 255}),
        ("00 0000 00 0000 00 40 00 00 00 00 00 00 08 00 06 050003AA0201", {"short_message": b"\5\0\3\xaa\2\1"}),
        ("00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 03 000000", {"short_message": b"\0\0\0"}),
        ("00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 00000000 000000", {"tlvs": ()}),
        (
            "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 0424 0258" + "61" * 600,
            {"short_message": b"", "tlvs": ((0x0424, b"a" * 600),)},
        ),
        (
            "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 01 61 020C 0002 0007 020E 0001 02 020F 0001 01",
            {"short_message": b"a", "tlvs": ((0x020C, b"\0\7"), (0x020E, b"\2"), (0x020F, b"\1"))},
        ),
        (
            "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 1403 0002 FF00 1403 0001 01 3FFF 0000 5000 0001 09",
            {"tlvs": ((0x1403, b"\xff\0"), (0x1403, b"\1"), (0x3FFF, b""), (0x5000, b"\t"))},
        ),
        (
            "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 0017 0004 00000E10 0008 0001 01",
            {"tlvs": ((0x0017, b"\0\0\x0e\x10"), (0x0008, b"\1"))},
        ),
        (
            "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 001E 0004 31303031 0427 0002 0002",
            {"tlvs": ((0x001E, b"1001"), (0x0427, b"\0\2"))},
        ),
    ],
)
def test_messages(octets: str, values: dict[str, Any]) -> None:
    """Lengths beyond the standard's, reserved numbers, odd times, and TLVs that do not belong there are kept."""
    for command in (4, 5):
        body = decode(command, bytes.fromhex(octets))
        assert {name: getattr(body, name) for name in values} == values


def test_a_receipt_with_an_odd_class() -> None:
    """esm_class 0x24 is a receipt and an intermediate one; a user data header is told by its bit alone."""
    body = deliver(bytes.fromhex("00 0000 00 0000 00 64 00 00 00 00 00 00 00 00 00"))
    assert body.esm_class & ESM_TYPE & ESM_RECEIPT
    assert body.esm_class & ESM_UDHI


def test_both_texts() -> None:
    """A short_message and a message_payload at once are both there: which one counts is not for the codec to say."""
    body = deliver(SHORT_MESSAGE + encode_tlvs([(Tag.MESSAGE_PAYLOAD, b"hello")]))
    assert (body.short_message, find(body.tlvs, Tag.MESSAGE_PAYLOAD)) == (b"hi", b"hello")


@pytest.mark.parametrize(
    ("command", "octets", "expected"),
    [
        (0x80000004, "", pdu.SubmitSmResponse()),
        (0x80000004, "00", pdu.SubmitSmResponse()),
        (0x80000004, "31303031", pdu.SubmitSmResponse(message_id=b"1001")),
        (0x80000004, "3130303100 000000", pdu.SubmitSmResponse(message_id=b"1001")),
        (0x80000004, "3130303100 0427", pdu.SubmitSmResponse(message_id=b"1001")),
        (0x80000004, "3130303100 0427 0009 02", pdu.SubmitSmResponse(message_id=b"1001")),
        (0x80000004, "3130303100 FF", pdu.SubmitSmResponse(message_id=b"1001")),
        (0x80000004, "31" * 90 + "00", pdu.SubmitSmResponse(message_id=b"1" * 90)),
        (0x80000004, "6100 1403 0001 FF", pdu.SubmitSmResponse(message_id=b"a", tlvs=((0x1403, b"\xff"),))),
        (0x80000004, "E400", pdu.SubmitSmResponse(message_id=b"\xe4")),
        (0x80000005, "", pdu.DeliverSmResponse()),
        (0x80000103, "", pdu.DataSmResponse()),
        (0x80000103, "3700 0425", pdu.DataSmResponse(message_id=b"7")),
        (0x80000021, "", pdu.SubmitMultiResponse()),
        (0x80000021, "6D00", pdu.SubmitMultiResponse(message_id=b"m")),
        (0x80000021, "6D00 02 0101 3100 0000000B", pdu.SubmitMultiResponse(message_id=b"m")),
        (
            0x80000021,
            "6D00 01 0101 3100 0000000B 1403 0009",
            pdu.SubmitMultiResponse(message_id=b"m", unsuccessful=(Unsuccessful(b"1", 1, 1, 11),)),
        ),
        (0x80000003, "", pdu.QuerySmResponse()),
        (0x80000003, "3737", pdu.QuerySmResponse(message_id=b"77")),
        (0x80000003, "373700 00", pdu.QuerySmResponse(message_id=b"77")),
        (0x80000003, "373700 00 02", pdu.QuerySmResponse(message_id=b"77", message_state=2)),
        (0x80000003, "373700 00 02 11 FFFF", pdu.QuerySmResponse(message_id=b"77", message_state=2, error_code=0x11)),
        (0x80000002, "", binding.BindTransmitterResponse()),
        (0x80000001, "534D5343", binding.BindReceiverResponse(system_id=b"SMSC")),
        (0x80000009, "5300 0210 0001", binding.BindTransceiverResponse(system_id=b"S")),
        (0x80000009, "5300 0210 0001 34 00", binding.BindTransceiverResponse(system_id=b"S", tlvs=((0x210, b"4"),))),
        (0x80000009, "53" * 30 + "00", binding.BindTransceiverResponse(system_id=b"S" * 30)),
        (0x80000008, "00", pdu.CancelSmResponse()),
        (0x80000007, "3100", pdu.ReplaceSmResponse()),
        (0x80000006, "00", binding.UnbindResponse()),
        (0x80000015, "00", binding.EnquireLinkResponse()),
        (0x80000000, "DEADBEEF", binding.GenericNack()),
    ],
)
def test_responses(command: int, octets: str, expected: Body) -> None:
    """A response says what it can: without its body, its NUL or its tail, it still gives the id that it has."""
    assert decode(command, bytes.fromhex(octets)) == expected


@pytest.mark.parametrize(
    ("command", "octets", "status"),
    [
        (0x0021, "00 0101 3100 01 03 0101 3200 00 00 00 00 00 00 00 00 00 00", Status.ESME_RINVDESTFLAG),
        (0x0021, "00 0101 3100 02 01 0101 3200 00 00 00 00 00 00 00 00 00 00", Status.ESME_RINVDESTFLAG),
        (0x0021, "00 0101 3100 FF", Status.ESME_RINVMSGLEN),
        (0x0005, "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 05 6869", Status.ESME_RINVMSGLEN),
        (0x0005, "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 02 6869 FF", Status.ESME_RINVOPTPARSTREAM),
        (0x0005, "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 0427 0009 02", Status.ESME_RINVOPTPARSTREAM),
        (0x0103, "00 0000 00 0000 00 00 00 00 0424 FFFF 61", Status.ESME_RINVOPTPARSTREAM),
        (0x0009, "75 70", Status.ESME_RINVMSGLEN),
        (0x0003, "3737 01 02 31", Status.ESME_RINVMSGLEN),
        (0x0003, "373700 01 02 3100 FF", Status.ESME_RINVOPTPARSTREAM),
    ],
)
def test_refusals(command: int, octets: str, status: int) -> None:
    """What cannot be told apart is refused, and the status says where it is wrong."""
    with pytest.raises(DecodeError) as caught:
        decode(command, bytes.fromhex(octets))
    assert caught.value.status == status


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_expected_behind(kind: type[Body]) -> None:
    """Zeros that fill up are no parameters; TLVs of a PDU that has none are ignored, as §3.3 wants."""
    body: Any
    (body,) = (vector.body for vector in VECTORS if type(vector.body) is kind)
    data = body.encode()
    for zeros in range(1, 9):
        assert decode(kind.command, data + bytes(zeros)) == body
    extra = ((0x1403, b"\xff"), (0x0427, b"\2"))
    has_tlvs = "tlvs" in dict(kind.forms())
    expected = attrs.evolve(body, tlvs=(*body.tlvs, *extra)) if has_tlvs else body
    assert decode(kind.command, data + encode_tlvs(extra)) == expected


def test_a_submit_multi_to_nobody() -> None:
    """number_of_dests 0 and 255 are read: to refuse them is for who knows what the message is."""
    rest = "00 00 00 00 00 00 00 00 00 00"
    assert decode(0x21, bytes.fromhex("00 0101 3100 00" + rest)).destinations == ()
    full = decode(0x21, bytes.fromhex("00 0101 3100 FF" + "01 0909 3200" * 255 + rest)).destinations
    assert full == (Address(b"2", 9, 9),) * 255
    lists = decode(0x21, bytes.fromhex("00 0101 3100 01 02" + "6C" * 50 + "00" + rest)).destinations
    assert lists == (DistributionList(b"l" * 50),)


def test_thousands_of_tlvs() -> None:
    """As many empty TLVs as a PDU holds are read, and searched, without harm."""
    found = decode_tlvs(bytes.fromhex("14030000") * 17_000)
    assert len(found) == 17_000
    assert number(found, Tag.MESSAGE_STATE) is None
    assert len(deliver(SHORT_MESSAGE + bytes.fromhex("14030000") * 17_000).tlvs) == 17_000


def test_a_decoded_body_is_its_own() -> None:
    """No value of a body is shared with another of its kind."""
    first, second = (BODIES[5].decode(SHORT_MESSAGE) for _ in range(2))
    first.source = b"changed"
    assert second.source == b"33"

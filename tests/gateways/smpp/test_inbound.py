"""What comes: receipts as operators write them, replies in every alphabet, and octets that are nothing at all."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.smpp.inbound import LONGEST_ERROR, MOST_PIECES, decoded, read
from smstob.model import alphabet
from smstob.model.message import Receipt, Reply, State
from tests.model.strategies import QUICK, gsm7_texts, scalars
from tests.txsmpp.strategies import bodies
from txsmpp.pdu import DataSm, DeliverSm
from txsmpp.tlv import Tag, tlv

from .scene import NOW, receipt

OFF: Final = "Le téléphone du destinataire est resté éteint ou hors de portée."
UNDELIVERED: Final = "Le réseau n'a pas pu remettre le message."


def told(body: DeliverSm | DataSm, receipt_ids: str = "auto") -> Receipt:
    """The receipt that it is."""
    found = read(body, "A", receipt_ids, NOW)
    assert isinstance(found, Receipt)
    return found


def said(text: bytes = b"Oui", **fields: Any) -> Reply:
    """The reply that a deliver_sm with those fields is."""
    given: dict[str, Any] = {"source_ton": 1, "source": b"33612345678", "destination": b"38200"}
    given["short_message"] = text
    found = read(DeliverSm(**(given | fields)), "A", "auto", NOW)
    assert isinstance(found, Reply)
    return found


@pytest.mark.parametrize(
    ("stat", "state", "reason"),
    [
        ("DELIVRD", State.DELIVERED, None),
        ("EXPIRED", State.EXPIRED, OFF),
        ("UNDELIV", State.FAILED, UNDELIVERED),
        ("REJECTD", State.FAILED, "Le réseau a refusé le message."),
        ("DELETED", State.FAILED, "L'opérateur a effacé le message."),
        ("SKIPPED", State.FAILED, "L'opérateur n'a pas envoyé le message."),
        *(("delivered", State.DELIVERED, None), ("FAILED", State.FAILED, UNDELIVERED)),
    ],
)
def test_states(stat: str, state: State, reason: str | None) -> None:
    """Each last state of the network's, with what customers are told."""
    assert told(receipt("1a2b", stat)) == Receipt(
        gateway="A", reference="1a2b", state=state, error=reason, at=NOW, number="33612345678"
    )


@pytest.mark.parametrize("stat", ["ACCEPTD", "ENROUTE", "UNKNOWN", "SCHEDLD", "WHATEVER", ""])
def test_states_that_pass(stat: str) -> None:
    """They are not the last word: nothing is kept."""
    assert read(receipt("1", stat), "A", "auto", NOW) is None


def test_intermediate() -> None:
    """A notification on the way is not the last word, whatever it says."""
    assert read(receipt("1", "UNDELIV", esm_class=0x20), "A", "auto", NOW) is None


def test_without_id() -> None:
    """Nobody knows what it is about; it is no reply of a telephone's either."""
    assert read(DeliverSm(esm_class=4, short_message=b"stat:DELIVRD"), "A", "auto", NOW) is None
    assert read(DeliverSm(esm_class=4), "A", "auto", NOW) is None


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        *(("000", ""), ("0", ""), ("", ""), ("0000", "")),
        *(("011", " (code 011)"), ("x1F", " (code x1F)"), ("9" * 99, f" (code {'9' * LONGEST_ERROR})")),
    ],
)
def test_error_codes(code: str, shown: str) -> None:
    """The operator's code stands behind the sentence, unless it is none; a delivered message has no error."""
    text = f"id:1 stat:UNDELIV err:{code}".encode()
    assert told(receipt("1", short_message=text)).error == UNDELIVERED.removesuffix(".") + shown + "."
    assert told(receipt("1", short_message=b"id:1 stat:DELIVRD err:011")).error is None


def test_error_code_of_the_network() -> None:
    """The TLV's, where the text has none."""
    tlvs = ((int(Tag.NETWORK_ERROR_CODE), b"\3\0\x0b"),)
    found = told(receipt("1", short_message=b"id:1 stat:EXPIRED", tlvs=tlvs))
    assert found.error == f"{OFF.removesuffix('.')} (code 11)."


@pytest.mark.parametrize(
    ("receipt_ids", "written", "reference"),
    [
        *(("same", "1A2B", "1a2b"), ("same", "00012", "12"), ("same", "msg-X", "msg-X")),
        *(("auto", "1A2B", "1a2b"), ("auto", "6699", "6699")),
        *(("decimal", "6699", "1a2b"), ("decimal", "0006699", "1a2b"), ("decimal", "1A2B", "1a2b")),
        *(("hex", "1A2B", "6699"), ("hex", "00001a2b", "6699"), ("hex", "0x1A2B", "6699"), ("hex", "zz", "zz")),
        ("hex", "6c7c7de2-8bb3-e961-9477-00000000fe37", "6c7c7de2-8bb3-e961-9477-00000000fe37"),
        *(("decimal", "9" * 60, f"{int('9' * 60):x}"), ("hex", "f" * 60, str(int("f" * 60, 16)))),
    ],
)
def test_ids(receipt_ids: str, written: str, reference: str) -> None:
    """As the response had it: what one side writes in decimal the other may write in hexadecimal."""
    found = told(receipt(written), receipt_ids)
    assert found.reference == reference
    assert (found.number is None) == (receipt_ids != "auto")


@QUICK
@given(st.integers(0, 2**64))
def test_ids_in_two_bases(id_: int) -> None:
    """However a number is written in the receipt, it is found again as the response had it."""
    assert told(receipt(str(id_)), "decimal").reference == f"{id_:x}"
    assert told(receipt(f"{id_:x}"), "hex").reference == str(id_)
    assert told(receipt(f"{id_:08X}"), "same").reference == f"{id_:x}"


@pytest.mark.parametrize("receipt_ids", ["same", "decimal", "hex", "auto"])
def test_ids_that_are_too_long(receipt_ids: str) -> None:
    """Numbers that nobody counts are read in no time and kept in bounds."""
    for written in (b"9" * 60_000, b"f" * 60_000, b"\xb2" * 60_000, b"-1", b"1_0", b"\xff"):
        payload = ((int(Tag.MESSAGE_PAYLOAD), b"id:" + written + b" stat:DELIVRD"),)
        assert len(told(DeliverSm(esm_class=4, tlvs=payload), receipt_ids).reference) <= 128


@pytest.mark.parametrize(
    ("source", "destination", "number"),
    [
        (b"33612345678", b"SMStoB", "33612345678"),
        (b"+33612345678", b"38200", "33612345678"),
        (b"SMStoB", b"33612345678", "33612345678"),
        (b"38200", b"0612345678", "0612345678"),
        (b"38200", b"", None),
        (b"\xff\xfe", b"SMS 123456789", None),
        (b"\xb2" * 9, b"+", None),
    ],
)
def test_phone(source: bytes, destination: bytes, number: str | None) -> None:
    """The telephone is the source; operators who put ours there have it in the destination."""
    assert told(receipt("1", source=source, destination=destination)).number == number


def test_where_a_receipt_stands() -> None:
    """In the text, in TLVs, in message_payload, in a data_sm; the same each time."""
    expected = told(receipt("7f", "EXPIRED"))
    tlvs = (tlv(Tag.RECEIPTED_MESSAGE_ID, b"7F"), tlv(Tag.MESSAGE_STATE, 3))
    text = receipt("7f", "EXPIRED").short_message
    payload = (tlv(Tag.MESSAGE_PAYLOAD, text),)
    data: dict[str, Any] = {"source": b"33612345678", "source_ton": 1, "esm_class": 4}
    assert told(receipt("x", short_message=b"", tlvs=tlvs)) == expected
    assert told(receipt("x", short_message=b"", tlvs=tlvs, esm_class=0)) == expected
    assert told(receipt("x", short_message=b"", tlvs=payload)) == expected
    assert told(receipt("7f", "EXPIRED", tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b""),))) == expected
    assert told(DataSm(**data, tlvs=payload)) == expected
    assert told(DataSm(**data, tlvs=tlvs)) == expected


def test_a_reply() -> None:
    """Who wrote what to whom, and when."""
    assert said() == Reply(gateway="A", number="+33612345678", recipient="38200", text="Oui", at=NOW)
    found = read(DataSm(source=b"33612345678", tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b"Non"),)), "A", "auto", NOW)
    assert found == Reply(gateway="A", number="33612345678", recipient="", text="Non", at=NOW)


@pytest.mark.parametrize(
    ("ton", "source", "number"),
    [
        *((1, b"33612345678", "+33612345678"), (1, b"+33612345678", "+33612345678"), (1, b"", "")),
        *((2, b"0612345678", "0612345678"), (0, b"33612345678", "33612345678"), (3, b"38200", "38200")),
        *((5, b"BANQUE", "BANQUE"), (5, b"Caf\xe9", "Café"), (1, b"BANQUE", "BANQUE"), (99, b"1", "1")),
    ],
)
def test_sender(ton: int, source: bytes, number: str) -> None:
    """An international number gets its +; all else is as the network shows it."""
    assert said(source_ton=ton, source=source).number == number


GREEK: Final = bytes((0x10, 0x05, 0x00, 0x1B, 0x65))
"""Septets of both tables, one in each octet."""


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        *((0x00, GREEK, "Δé@€"), (0x00, b"Caf\xe9", "Café"), (0x01, b"A@[", "A@["), (0x03, b"Caf\xe9 @", "Café @")),
        *((0x02, b"\x80\xff", "€ÿ"), (0x04, b"abc", "abc"), (0x08, "да🎉".encode("utf-16-be"), "да🎉")),
        *((0x06, b"\xd4\xd0", "да"), (0x07, b"\xe0", "א"), (0x05, b"ab", "ab"), (0x0B, GREEK, "Δé@€")),
        *((0x10, GREEK, "Δé@€"), (0x11, GREEK, "Δé@€"), (0x1C, GREEK, "Δé@€"), (0x30, GREEK, "Δé@€")),
        *((0x14, b"\xe9@", "é@"), (0x17, b"\xe9@", "é@"), (0x34, b"\xe9@", "é@")),
        *((0x18, b"\4\x34", "д"), (0x19, b"\4\x34", "д"), (0x1B, b"\4\x34", "д"), (0x38, b"\4\x34", "д")),
        *((0xC0, GREEK, "Δé@€"), (0xC8, GREEK, "Δé@€"), (0xD0, GREEK, "Δé@€"), (0xE0, b"\4\x34", "д")),
        *((0xE8, b"\4\x34", "д"), (0xF0, GREEK, "Δé@€"), (0xF1, GREEK, "Δé@€"), (0xF3, GREEK, "Δé@€")),
        *((0xF4, b"\xe9@", "é@"), (0xF5, b"\xe9@", "é@"), (0xFF, b"\xe9@", "é@"), (0xF8, GREEK, "Δé@€")),
        *((0x20, GREEK, "Δé@€"), (0x28, GREEK, "Δé@€"), (0x80, GREEK, "Δé@€"), (0x48, GREEK, "Δé@€")),
    ],
)
def test_alphabets(data_coding: int, octets: bytes, text: str) -> None:
    """By the table of data_coding, with the message classes and groups of 3GPP TS 23.038 §4."""
    assert said(octets, data_coding=data_coding).text == text


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        *((b"\4", 0x08, "�"), (b"\xd8\x3c", 0x08, "�"), (b"\xd8\x3c\0a", 0x08, "�a"), (b"\0\0", 0x08, "")),
        *((b"\x81", 0x03, "�"), (b"a\0b", 0x03, "ab"), (b"\x1b", 0x00, " "), (b"\x81\0", 0x00, "�"), (b"", 0x08, "")),
    ],
)
def test_broken_texts(octets: bytes, data_coding: int, text: str) -> None:
    """What cannot be read shows as such, the rest stays; nothing that a database could not keep is left."""
    assert said(octets, data_coding=data_coding).text == text


@QUICK
@given(gsm7_texts, st.text(scalars, max_size=100))
def test_texts_are_read_back(narrow: str, wide: str) -> None:
    """What was written in either alphabet is what is read."""
    assert decoded(alphabet.encode(narrow), 0x00) == narrow
    assert decoded(wide.encode("utf-16-be"), 0x08) == wide


@pytest.mark.parametrize(
    ("octets", "piece"),
    [
        (b"\5\0\3\x2a\2\1Oui", ("Oui", 0x2A, 1, 2)),
        (b"\6\x08\4\x12\x34\3\3Oui", ("Oui", 0x1234, 3, 3)),
        (b"\x0a\x24\1\0\x05\0\0\3\7\2\2Oui", ("Oui", 7, 2, 2)),
        (b"\x0b\x05\4\x0b\x84\x23\xf0\0\3\7\2\2Oui", ("Oui", 7, 2, 2)),
        (b"\6\x05\4\x0b\x84\x23\xf0Oui", ("Oui", None, 1, 1)),
        (b"\0Oui", ("Oui", None, 1, 1)),
        (b"\1\0Oui", ("Oui", None, 1, 1)),
        (b"\5\0\3\x2a\2\3Oui", ("Oui", None, 1, 1)),
        (b"\5\0\3\x2a\2\0Oui", ("Oui", None, 1, 1)),
        (b"\5\0\3\x2a\0\0Oui", ("Oui", None, 1, 1)),
        (b"\5\7\x09\x2a\2\1Oui", ("Oui", None, 1, 1)),
        (b"\4\0\2\x2a\2Oui", ("Oui", None, 1, 1)),
        (b"\3\0\3\x2aOui", ("Oui", None, 1, 1)),
        (b"\x0aOui", ("\nOui", None, 1, 1)),
        (b"\5\0\3\x2a\2\1", ("", 0x2A, 1, 2)),
        (b"\xff", ("ÿ", None, 1, 1)),
        (b"", ("", None, 1, 1)),
    ],
)
def test_user_data_headers(octets: bytes, piece: tuple[Any, ...]) -> None:
    """Concatenation of either size is found among other elements; a header that is nonsense takes no text away."""
    found = said(octets, esm_class=0x40)
    assert (found.text, found.reference, found.part, found.total) == piece


def test_without_the_indicator() -> None:
    """The same octets are text where esm_class does not say otherwise."""
    assert said(b"\5\0\3\x2a\2\1Oui", data_coding=3).total == 1


@pytest.mark.parametrize(
    ("values", "piece"),
    [
        ((0x1234, 3, 2), (0x1234, 2, 3)),
        *(((None, 3, 2), (None, 1, 1)), ((7, None, 2), (None, 1, 1)), ((7, 3, None), (None, 1, 1))),
        *(((7, 3, 4), (None, 1, 1)), ((7, 3, 0), (None, 1, 1)), ((7, 0, 0), (None, 1, 1))),
    ],
)
def test_sar(values: tuple[int | None, ...], piece: tuple[Any, ...]) -> None:
    """Pieces by their TLVs, where all three are there and make sense."""
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    found = said(tlvs=tuple(tlv(tag, value) for tag, value in zip(tags, values, strict=True) if value is not None))
    assert (found.reference, found.part, found.total) == piece


def test_sar_of_any_width() -> None:
    """Numbers as wide as the TLV that holds them stay within what a database's columns hold."""
    wide = b"\x7f" * 8
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    for total in (wide, b"\1\0", b"\xff"):
        found = said(tlvs=tuple(zip(map(int, tags), (wide, total, b"\1"), strict=True)))
        assert found.total <= MOST_PIECES
        assert found.reference is None or found.reference <= 0xFFFF


def test_a_reply_that_looks_like_a_receipt() -> None:
    """What a telephone wrote is not taken for a receipt because it speaks of one."""
    assert said(b"Salut id:5 stat:DELIVRD").text == "Salut id:5 stat:DELIVRD"
    assert said(b"id").text == "id"


def test_nothing_is_shown() -> None:
    """A reply's text is not in its repr, which may come into a log."""
    assert "Oui" not in repr(said())


@pytest.mark.parametrize("receipt_ids", ["auto", "same", "decimal", "hex"])
@pytest.mark.parametrize("kind", [DeliverSm, DataSm])
def test_any_octets(kind: type[Any], receipt_ids: str) -> None:
    """Whatever comes is a receipt, a reply or nothing; never an exception, never more than can be kept."""

    @QUICK
    @given(bodies(kind), st.sampled_from([None, 0, 0x04, 0x40, 0x44]), st.binary(max_size=80))
    def holds(body: Any, esm_class: int | None, text: bytes) -> None:
        if esm_class is not None:
            body.esm_class, body.tlvs = esm_class, (*body.tlvs, (int(Tag.MESSAGE_PAYLOAD), text))
        found = read(body, "A", receipt_ids, NOW)
        if isinstance(found, Reply):
            assert 1 <= found.part <= found.total <= MOST_PIECES
            assert "\0" not in found.text + found.number + found.recipient
            assert (found.text + found.number + found.recipient).encode()[:0] == b""
        elif isinstance(found, Receipt):
            assert 0 < len(found.reference.encode()) <= 512
            assert (found.error is None) == (found.state is State.DELIVERED)

    holds()

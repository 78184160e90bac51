"""smpp34, a codec by others in another language, writes and reads the same octets."""

from typing import Any, Final

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.fields import Body
from txsmpp.frame import HEADER, Framer, pack
from txsmpp.pdu import DeliverSm, ShortMessage, SubmitSm, decode
from txsmpp.tlv import Tag

from .strategies import KINDS, QUICK, bodies, octet, tlvs
from .vectors import VECTORS, Vector

KIND: Final[dict[type[Body], Any]] = {SubmitSm: smpp34.SubmitSm, DeliverSm: smpp34.DeliverSm}
NAMES: Final = {
    "service_type": "service_type",
    "source_ton": "source_addr_ton",
    "source_npi": "source_addr_npi",
    "source": "source_addr",
    "destination_ton": "dest_addr_ton",
    "destination_npi": "dest_addr_npi",
    "destination": "destination_addr",
    "esm_class": "esm_class",
    "protocol_id": "protocol_id",
    "priority": "priority_flag",
    "schedule_delivery_time": "schedule_delivery_time",
    "validity_period": "validity_period",
    "registered_delivery": "registered_delivery",
    "replace_if_present": "replace_if_present_flag",
    "data_coding": "data_coding",
    "default_message": "sm_default_msg_id",
    "short_message": "short_message",
}
"""Our names, and theirs, which are the standard's."""
TEXTS: Final = ("service_type", "source", "destination", "schedule_delivery_time", "validity_period")


def characters(most: int, least: int = 0) -> st.SearchStrategy[bytes]:
    """Texts that smpp34 has a type for: UTF-8 without NUL, of so many octets at most."""
    ascii_ = st.characters(min_codepoint=1, max_codepoint=127)
    wide = st.text(st.characters(min_codepoint=1, codec="utf-8"), max_size=most)
    plain = st.text(ascii_, min_size=least, max_size=most)
    return st.one_of(plain, *([] if least else [wide])).map(str.encode).filter(lambda value: len(value) <= most)


moments: Final = st.one_of(st.just(b""), characters(16, 16))


def messages(kind: type[ShortMessage]) -> st.SearchStrategy[Any]:
    """All that both can express: every octet of every number, every text of UTF-8, every TLV."""
    return st.builds(
        kind,
        service_type=characters(5),
        source=characters(20),
        destination=characters(20),
        schedule_delivery_time=moments,
        validity_period=moments,
        short_message=st.binary(max_size=254),
        tlvs=tlvs,
        **{name: octet for name in NAMES if name.endswith(("_ton", "_npi"))},
        **dict.fromkeys(("esm_class", "protocol_id", "priority", "registered_delivery"), octet),
        **dict.fromkeys(("replace_if_present", "data_coding", "default_message"), octet),
    )


def theirs(body: ShortMessage, sequence: int) -> Any:
    """The same message as an object of smpp34."""
    values: dict[str, Any] = {}
    for ours, name in NAMES.items():
        value = getattr(body, ours)
        values[name] = value.decode() if isinstance(value, bytes) and ours != "short_message" else value
    parameters = [smpp34.Tlv(tag, value) for tag, value in body.tlvs]
    return KIND[type(body)](**values, tlvs=parameters, sequence_number=sequence)


def same(read: Any, body: ShortMessage) -> bool:
    """Whether smpp34 read what we wrote."""
    for ours, name in NAMES.items():
        value = getattr(body, ours)
        assert getattr(read, name) == (value.decode() if ours in TEXTS else value), name
    return [(parameter.tag, parameter.value) for parameter in read.tlvs] == list(body.tlvs)


@pytest.mark.parametrize("kind", [SubmitSm, DeliverSm])
def test_the_same_octets(kind: type[ShortMessage]) -> None:
    """What both can express both write alike, octet for octet; each reads what the other wrote."""

    @QUICK
    @given(messages(kind), st.integers(1, 0x7FFFFFFF))
    def holds(body: ShortMessage, sequence: int) -> None:
        ours = pack(kind.command, 0, sequence, body.encode())
        written = theirs(body, sequence).encode()
        assert ours == written
        (frame,) = Framer().feed(written)
        assert (frame.command, frame.status, frame.sequence) == (kind.command, 0, sequence)
        assert decode(frame.command, frame.body) == body
        read = smpp34.decode(ours)
        assert type(read) is KIND[kind]
        assert (read.command_id, read.sequence_number) == (kind.command, sequence)
        assert same(read, body)

    holds()


def test_a_large_payload() -> None:
    """The largest message_payload, which no random test draws, is written and read alike."""
    body = SubmitSm(destination=b"33612345678", tlvs=((int(Tag.MESSAGE_PAYLOAD), bytes(range(255)) * 257),))
    assert len(body.tlvs[0][1]) == 65_535
    ours = pack(body.command, 0, 7, body.encode())
    assert ours == theirs(body, 7).encode()
    assert same(smpp34.decode(ours), body)


@pytest.mark.parametrize("kind", KINDS)
def test_headers(kind: type[Body]) -> None:
    """Of every kind that we write, smpp34 reads the header and finds the body where it is."""

    @QUICK
    @given(bodies(kind), st.integers(0, 0xFFFFFFFF), st.integers(1, 0x7FFFFFFF))
    def holds(body: Body, status: int, sequence: int) -> None:
        octets = body.encode()
        read = smpp34.decode(pack(kind.command, status, sequence, octets))
        assert (read.command_id, read.sequence_number) == (kind.command, sequence)
        if isinstance(read, smpp34.RawPdu):
            assert (read.command_length, read.command_status, read.body) == (16 + len(octets), status, octets)
        else:
            assert kind in KIND

    holds()


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_vectors(vector: Vector) -> None:
    """The octets written by hand are whole PDUs to smpp34 too."""
    length, command, _, sequence = HEADER.unpack_from(vector.octets)
    read = smpp34.decode(vector.octets)
    assert (length, command, sequence) == (len(vector.octets), read.command_id, read.sequence_number)


@pytest.mark.parametrize("kind", [SubmitSm, DeliverSm])
def test_what_is_cut_or_changed(kind: type[ShortMessage]) -> None:
    """Where both can read a damaged message, both read the same from it."""
    (vector,) = (vector for vector in VECTORS if type(vector.body) is kind)
    head, data = vector.octets[:16], vector.octets[16:]

    @QUICK
    @given(st.integers(0, len(data) - 1), st.integers(1, 0x7F))
    def holds(at: int, value: int) -> None:
        changed = data[:at] + bytes((value,)) + data[at + 1 :]
        try:
            read, body = smpp34.decode(head + changed), decode(kind.command, changed)
        except (smpp34.SmppError, ValueError):
            return
        assert all(getattr(read, name) == getattr(body, ours) for ours, name in NAMES.items() if ours not in TEXTS)

    holds()

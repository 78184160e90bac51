"""Bodies: written strictly by SMPP 3.4 §4, read as operators send them."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp import binding, pdu
from txsmpp.constants import Command, Npi, Status, Ton, status_name
from txsmpp.fields import Address, Body, DistributionList, Response, Unsuccessful
from txsmpp.frame import Framer, pack
from txsmpp.pdu import BODIES, DeliverSm, Raw, ShortMessage, SubmitMulti, SubmitSm, decode
from txsmpp.tlv import DecodeError, EncodeError

from .strategies import KINDS, QUICK, bodies
from .vectors import VECTORS, Vector

A_TIME = b"261124120000000+"


def outcome(reader: Callable[[bytes], Any], data: bytes) -> Any:
    """What it reads, or the status of its refusal."""
    try:
        return reader(data)
    except DecodeError as error:
        return error.status


def test_every_kind_is_there() -> None:
    """The 27 commands of §5.1.2.1, each with its body and its vector; a response says that it is one."""
    assert len(Command) == len(KINDS) == len(VECTORS) == 27
    assert set(BODIES) == set(Command) == {vector.body.command for vector in VECTORS}
    for command, kind in BODIES.items():
        assert kind.command == command
        assert issubclass(kind, Response) == bool(command & 0x80000000)


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_layout(vector: Vector) -> None:
    """The octets of the standard's tables are read as what they say, and written again."""
    (frame,) = Framer().feed(vector.octets)
    assert (frame.command, frame.status, frame.sequence) == (vector.body.command, vector.status, vector.sequence)
    assert decode(frame.command, frame.body) == vector.body
    assert pack(frame.command, vector.status, vector.sequence, vector.body.encode()) == vector.octets


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind: type[Body]) -> None:
    """Whatever can be written is read as it was."""

    @QUICK
    @given(bodies(kind))
    def holds(body: Body) -> None:
        assert decode(kind.command, body.encode()) == body

    holds()


SIZES: dict[str, dict[type[Body], int]] = {
    "system_id": dict.fromkeys((binding.Bind, binding.BindResponse, binding.Outbind), 16),
    "password": dict.fromkeys((binding.Bind, binding.Outbind), 9),
    "system_type": {binding.Bind: 13},
    "address_range": {binding.Bind: 41},
    "service_type": {ShortMessage: 6, SubmitMulti: 6, pdu.DataSm: 6, pdu.CancelSm: 6},
    "source": {
        **dict.fromkeys((ShortMessage, SubmitMulti, pdu.QuerySm, pdu.CancelSm, pdu.ReplaceSm), 21),
        **dict.fromkeys((pdu.DataSm, pdu.AlertNotification), 65),
    },
    "destination": {ShortMessage: 21, pdu.CancelSm: 21, pdu.DataSm: 65},
    "esme": {pdu.AlertNotification: 65},
    "message_id": {
        **dict.fromkeys((pdu.Identified, pdu.SubmitMultiResponse), 65),
        **dict.fromkeys((pdu.QuerySm, pdu.QuerySmResponse, pdu.CancelSm, pdu.ReplaceSm), 65),
    },
}
"""The C-octet strings of §4 and their octets with the NUL. Bases stand for their kinds."""
TIMES = ("schedule_delivery_time", "validity_period", "final_date")


def largest(kind: type[Body], name: str) -> int:
    """What the table says of that parameter, NUL included."""
    (size,) = (size for base, size in SIZES[name].items() if issubclass(kind, base))
    return size


def whole(kind: type[Body], **values: Any) -> Body:
    """A body of that kind that can be encoded, but for ``values``."""
    if kind is SubmitMulti:
        values = {"destinations": (Address(b"1"),), **values}
    return kind(**values)


def refusal(kind: type[Body], **values: Any) -> str:
    """Why that cannot be encoded."""
    with pytest.raises(EncodeError) as caught:
        whole(kind, **values).encode()
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_each_parameter_is_strict(kind: type[Body]) -> None:
    """Each text takes what §4 gives it and not an octet more, no NUL; each number is an octet. Refusals name it."""
    for field in attrs.fields(kind):  # type: ignore[arg-type]
        name = field.name
        if field.type is int:
            for value in (0, 1, 0x7F, 0x80, 0xFF):
                assert getattr(decode(kind.command, whole(kind, **{name: value}).encode()), name) == value
            for value in (-1, 0x100, 1 << 64, -(1 << 64)):
                assert refusal(kind, **{name: value}).startswith(f"{name}: ")
        elif name in TIMES:
            for written in (b"", A_TIME):
                assert getattr(decode(kind.command, whole(kind, **{name: written}).encode()), name) == written
            for wrong in (b"2", A_TIME[:15], A_TIME + b"0", A_TIME + b"\0", b"\0" + A_TIME[1:], b"\0", b"1" * 17):
                assert refusal(kind, **{name: wrong}).startswith(f"{name}: ")
        elif field.type is bytes and name != "short_message":
            longest = largest(kind, name) - 1
            for fits in (b"", b"\xe4", b"\xff" * longest):
                assert getattr(decode(kind.command, whole(kind, **{name: fits}).encode()), name) == fits
            for wrong in (b"1" * (longest + 1), b"1" * 70_000, b"\0", b"2\0003", b"1" * (longest - 1) + b"\0"):
                assert refusal(kind, **{name: wrong}).startswith(f"{name}: ")
        else:
            assert name in ("short_message", "destinations", "unsuccessful", "tlvs")


@pytest.mark.parametrize("kind", [SubmitSm, DeliverSm, SubmitMulti, pdu.ReplaceSm])
def test_short_message_is_strict(kind: type[Body]) -> None:
    """254 octets of any value fit, 255 do not, though sm_length could say so; 256 would wrap."""
    for size in (0, 1, 253, 254):
        message = bytes(range(size % 256)) if size < 254 else b"\0" * 254
        assert decode(kind.command, whole(kind, short_message=message).encode()).short_message == message
    for size in (255, 256, 257, 65_536):
        assert refusal(kind, short_message=bytes(size)).startswith("short_message: ")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "tlvs" in [name for name, _ in kind.forms()]])
def test_tlvs_are_strict(kind: type[Body]) -> None:
    """A TLV whose length would wrap, one of a size that the standard does not give it, or without NUL, is refused."""
    for wrong in ((0x1400, bytes(65_536)), (0x0427, b""), (0x0427, b"12"), (0x001E, b"1"), (70_000, b""), (0, b"")):
        assert refusal(kind, tlvs=(wrong,)).startswith("tlvs: ")
    body = whole(kind, tlvs=((0x0424, bytes(65_535)),))
    assert decode(kind.command, body.encode()) == body


@pytest.mark.parametrize(
    "destinations",
    [
        (),
        (Address(b"1"),) * 255,
        (Address(b"1" * 21),),
        (Address(b"1\0002"),),
        (Address(b"1", 256, 0),),
        (Address(b"1", 0, -1),),
        (DistributionList(b"1" * 21),),
        (Address(b"1"), DistributionList(b"\0")),
    ],
)
def test_destinations_are_strict(destinations: tuple[Any, ...]) -> None:
    """None, too many, and each address like any other."""
    assert refusal(SubmitMulti, destinations=destinations).startswith("destinations: ")


def test_the_most_destinations() -> None:
    """254 destinations fit, and as many are refused in a response."""
    body = SubmitMulti(destinations=(Address(b"1" * 20, 1, 1), DistributionList(b"2" * 20)) * 127)
    assert decode(body.command, body.encode()) == body
    answer = pdu.SubmitMultiResponse(unsuccessful=(Unsuccessful(b"1" * 20, 1, 1, 0xFFFFFFFF),) * 254)
    assert decode(answer.command, answer.encode()) == answer


@pytest.mark.parametrize(
    "unsuccessful",
    [
        (Unsuccessful(b"1", 1, 1, 0),) * 256,
        (Unsuccessful(b"1" * 21, 1, 1, 0),),
        (Unsuccessful(b"1", 1, 1, 1 << 32),),
        (Unsuccessful(b"1", 1, 1, -1),),
        (Unsuccessful(b"1", 1, 256, 0),),
        (Unsuccessful(b"\0", 1, 1, 0),),
    ],
)
def test_unsuccessful_are_strict(unsuccessful: tuple[Unsuccessful, ...]) -> None:
    """Too many of them, and each parameter of each."""
    assert refusal(pdu.SubmitMultiResponse, unsuccessful=unsuccessful).startswith("unsuccessful: ")


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_every_octet(kind: type[Body]) -> None:
    """A request that ends early is refused with a status, unless the cut is between two TLVs; a response is read."""

    def cut(body: Any) -> None:
        data = body.encode()
        mandatory = len(attrs.evolve(body, tlvs=()).encode()) if hasattr(body, "tlvs") else len(data)
        for end in range(len(data)):
            read = outcome(kind.decode, data[:end])
            if isinstance(read, int):
                assert not issubclass(kind, Response)
                assert read == (Status.ESME_RINVOPTPARSTREAM if end > mandatory else Status.ESME_RINVMSGLEN)
            elif issubclass(kind, Response):
                assert type(read) is kind
            else:
                assert end >= mandatory
                assert read == attrs.evolve(body, tlvs=body.tlvs[: len(read.tlvs)])

    (vector,) = (vector for vector in VECTORS if type(vector.body) is kind)
    cut(vector.body)
    QUICK(given(bodies(kind))(cut))()


@pytest.mark.parametrize("kind", KINDS)
def test_any_octets(kind: type[Body]) -> None:
    """Whatever octets come as a body of any kind, they are read or refused with a status, by type."""

    @QUICK
    @given(st.one_of(st.binary(max_size=120), st.lists(st.sampled_from(b"\0\1\2\xff3"), max_size=60).map(bytes)))
    def holds(data: bytes) -> None:
        read = outcome(kind.decode, data)
        refused = (Status.ESME_RINVMSGLEN, Status.ESME_RINVDESTFLAG, Status.ESME_RINVOPTPARSTREAM)
        assert type(read) is kind or (read in refused and not issubclass(kind, Response))

    holds()


@given(st.one_of(bodies(SubmitSm).map(SubmitSm.encode), st.binary(max_size=60)), st.integers(0, 60), st.binary())
def test_reading_by_hand(data: bytes, at: int, inserted: bytes) -> None:
    """submit_sm and deliver_sm, read by hand for speed, are read as their forms would read them, broken ones too."""

    for broken in (data, data[:at], data[at:], data[:at] + inserted + data[at:]):
        for kind in (SubmitSm, DeliverSm):
            by_the_forms = super(ShortMessage, kind).decode  # type: ignore[misc]
            assert outcome(kind.decode, broken) == outcome(by_the_forms, broken)


@given(st.integers(0, 0xFFFFFFFF).filter(lambda command: command not in BODIES), st.binary())
def test_unknown_commands(command: int, data: bytes) -> None:
    """A command that SMPP 3.4 does not have is kept whole."""
    assert decode(command, data) == Raw(command, data)
    assert decode(command, data).encode() == data


def test_reprs_keep_secrets() -> None:
    """Neither passwords nor what people write can come into a log by a repr."""
    tlvs = ((0x0424, b"SECRET"),)
    for body in (
        *(binding.BindTransceiver(password=b"SECRET"), binding.Outbind(password=b"SECRET")),
        *(SubmitSm(short_message=b"SECRET", tlvs=tlvs), DeliverSm(short_message=b"SECRET", tlvs=tlvs)),
        *(SubmitMulti(short_message=b"SECRET", tlvs=tlvs), pdu.ReplaceSm(short_message=b"SECRET")),
        *(pdu.DataSm(tlvs=tlvs), Raw(0x111, b"SECRET")),
    ):
        assert "SECRET" not in repr(body)
        assert type(body).__name__ in repr(body)


def test_numbers_of_the_standard() -> None:
    """The statuses of §5.1.3 and the types of number and numbering plans of §5.2.5, §5.2.6."""
    statuses = (
        "0 1 2 3 4 5 6 7 8 A B C D E F 11 13 14 15 33 34 40 42 43 44 45 48 49 50 51 53 54 55 58 61 62 63 64 65 66 67"
        " C0 C1 C2 C3 C4 FE FF"
    )
    assert sorted(Status) == [int(status, 16) for status in statuses.split()]
    assert sorted(Ton) == list(range(7))
    assert sorted(Npi) == [0, 1, 3, 4, 6, 8, 9, 10, 14, 18]
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x14) == "ESME_RMSGQFUL"
    assert status_name(0x0450) == "0x00000450"

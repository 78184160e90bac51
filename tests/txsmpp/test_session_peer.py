"""What the peer asks badly: malformed requests, unknown commands, too many, and frames that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.binding import BindTransceiver
from txsmpp.constants import RESPONSE, Command, Status
from txsmpp.events import Answered, Asked, Closed, State
from txsmpp.frame import HEADER, LARGEST, pack
from txsmpp.pdu import BODIES, DeliverSm, SubmitSm
from txsmpp.session import MAY_ASK, Role, Session

from .sessions import (
    DELIVER,
    ENQUIRE,
    INCOMING,
    MESSAGE,
    NACK,
    SUBMIT,
    asked,
    assert_over,
    bound,
    closed,
    contexts,
    heads,
    only,
    request,
    response,
)
from .strategies import QUICK

ROLES = pytest.mark.parametrize("role", Role)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", Status.ESME_RINVMSGLEN),
        (MESSAGE[:-3], Status.ESME_RINVMSGLEN),
        (b"\xff" * 300, Status.ESME_RINVMSGLEN),
        (MESSAGE + b"\x04", Status.ESME_RINVOPTPARSTREAM),
        (MESSAGE + b"\x04\x24\x00\x09short", Status.ESME_RINVOPTPARSTREAM),
    ],
)
@pytest.mark.parametrize(("role", "command"), [(Role.SMSC, SUBMIT), (Role.ESME, DELIVER)])
def test_malformed_requests(role: Role, command: int, body: bytes, status: int) -> None:
    """Each is refused by its own response with the status that says why; the session and the next one are sound."""
    session = bound(role)
    (wish,) = asked(session.receive(pack(command, 0, 8, body) + pack(command, 0, 9, INCOMING)))
    assert wish.sequence == 9
    assert session.output() == pack(command | RESPONSE, status, 8)


@pytest.mark.parametrize("command", [1, 2, 9])
def test_malformed_bind(command: int) -> None:
    """It is refused, and may come again, better."""
    session = Session(Role.SMSC)
    assert session.receive(pack(command, 0, 1, b"no NUL")) == []
    assert session.output() == pack(command | RESPONSE, Status.ESME_RINVMSGLEN, 1)
    only(session.receive(request(BindTransceiver(), 2)), Asked)


def test_malformed_alert() -> None:
    """It has no response of its own, so it is nacked."""
    session = bound(Role.ESME)
    assert session.receive(pack(Command.ALERT_NOTIFICATION, 0, 3, b"\1")) == []
    assert session.output() == pack(NACK, Status.ESME_RINVMSGLEN, 3)


@pytest.mark.parametrize("command", [0, 0x0A, 0x0C, 0x22, 0x101, 0x00010200, 0x7FFFFFFF])
@pytest.mark.parametrize("state", [State.OPEN, State.BOUND_TRX])
@ROLES
def test_unknown_commands(role: Role, state: State, command: int) -> None:
    """Nacked with their number, in every state; the session goes on."""
    session = bound(role, state)
    assert session.receive(pack(command, 0, 0xFFFFFFFF, b"whatever")) == []
    assert session.output() == pack(NACK, Status.ESME_RINVCMDID, 0xFFFFFFFF)
    assert not session.is_closed


@ROLES
def test_unknown_responses(role: Role) -> None:
    """A response is never answered, known or not."""
    session = bound(role)
    stream = b"".join(pack(command, 7, 3) for command in range(0x80000000, 0x80000200))
    assert session.receive(stream) == []
    assert session.output() == b""
    assert session.strays == 0x200


@ROLES
def test_own_kind_of_request_is_not_understood_as_a_response(role: Role) -> None:
    """A request with the number of one of ours answers nothing."""
    session = bound(role)
    command = SUBMIT if role is Role.ESME else DELIVER
    session.request(command, b"", "mine")
    sequence = heads(session.output())[0][2]
    session.receive(pack(DELIVER if role is Role.ESME else SUBMIT, 0, sequence, INCOMING))
    assert session.lost("") == [Closed("", 0, ["mine"])]


@QUICK
@given(st.sampled_from(list(Role)), st.integers(0, 0x1FF), st.binary(max_size=80), st.integers(0, 0xFFFFFFFF))
def test_any_request_is_answered_or_asked(role: Role, command: int, body: bytes, sequence: int) -> None:
    """Whatever one PDU below the response bit says, exactly one thing happens, and never an exception."""
    session = bound(role)
    events = session.receive(pack(command, 0, sequence, body))
    answers = heads(session.output())
    assert len(events) + len(answers) == 1 + (command == Command.UNBIND)
    if answers:
        assert answers[0][2] == sequence
        assert answers[0][0] in (command | RESPONSE, NACK)
    assert session.is_closed is (command == Command.UNBIND)


def test_more_than_the_limit() -> None:
    """Beyond it each is refused as a full queue does, nothing grows, and each answer of ours makes room for one."""
    session = bound(Role.SMSC, asked=3)
    wishes = asked(session.receive(b"".join(request(SubmitSm(), number) for number in range(1, 1001))))
    assert [wish.sequence for wish in wishes] == [1, 2, 3]
    assert heads(session.output()) == [(SUBMIT | RESPONSE, Status.ESME_RMSGQFUL, number) for number in range(4, 1001)]
    session.respond(wishes[1])
    (wish,) = asked(session.receive(request(SubmitSm(), 2000) + request(SubmitSm(), 2001)))
    assert wish.sequence == 2000
    assert heads(session.output())[-1] == (SUBMIT | RESPONSE, Status.ESME_RMSGQFUL, 2001)


def test_the_same_number_twice() -> None:
    """A peer that numbers badly gets as many answers as it asked."""
    session = bound(Role.ESME)
    wishes = asked(session.receive(request(DeliverSm(), 4) * 2))
    for wish in wishes:
        session.respond(wish)
    assert session.output() == response(DELIVER, 4, b"\0") * 2


@pytest.mark.parametrize("length", [0, 1, 15, LARGEST + 1, 0x01000000, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("state", [State.OPEN, State.BOUND_TRX])
@ROLES
def test_frames_that_are_none(role: Role, state: State, length: int) -> None:
    """Too short or too long: nacked without a number and over, with what came before told first."""
    session = bound(role, state)
    before = pack(ENQUIRE, 0, 6)
    end = closed(session.receive(before + length.to_bytes(4, "big") + b"rest of it"))
    assert (end.status, end.unanswered) == (0, [])
    assert session.output() == pack(ENQUIRE | RESPONSE, 0, 6) + pack(NACK, Status.ESME_RINVCMDLEN, 0)
    assert_over(session)


def test_frames_of_other_protocols() -> None:
    """Who dials the wrong port is understood as such within four octets."""
    for wrong in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01", b"SSH-2.0-OpenSSH\r\n", b"\xff" * 99):
        session = Session(Role.SMSC)
        assert session.receive(wrong[:3]) == []
        closed(session.receive(wrong[3:4]))


@pytest.mark.parametrize("size", [16, 17, LARGEST])
def test_frames_at_the_limit(size: int) -> None:
    """The smallest and the largest PDU are taken, one octet at a time or not."""
    data = HEADER.pack(size, ENQUIRE, 0, 3) + bytes(size - 16)
    for step in (1, 4096, size):
        session = bound(Role.ESME)
        for at in range(0, size, step):
            assert session.receive(data[at : at + step]) == []
        assert session.output() == pack(ENQUIRE | RESPONSE, 0, 3)


def test_own_limit_of_frames() -> None:
    """``largest`` holds for the whole PDU."""
    session = bound(Role.ESME, largest=64)
    only(session.receive(pack(DELIVER, 0, 1, INCOMING[:48])), Asked)
    closed(session.receive(pack(DELIVER, 0, 1, INCOMING + b"\0" * 48)))


def test_answers_and_garbage_in_one_read() -> None:
    """What was answered before the garbage is answered; only the rest is not."""
    session = bound(Role.ESME)
    contexts(session, 3)
    events = session.receive(response(SUBMIT, 3) + b"\0\0\0\x0f" + response(SUBMIT, 2))
    assert events[0] == Answered(1, SUBMIT | RESPONSE, 0, b"7\0")
    assert closed(events).unanswered == [0, 2]


def test_every_request_is_known() -> None:
    """The tables of what may be asked name nothing that cannot be decoded."""
    for table in MAY_ASK.values():
        assert table.keys() <= BODIES.keys()

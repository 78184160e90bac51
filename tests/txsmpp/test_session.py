"""The states of a session: who may send what when (SMPP 3.4 §2.3), and how a session comes to be bound."""

from typing import Final

import pytest

from txsmpp.binding import Bind, BindReceiver, BindTransceiver, BindTransmitter, GenericNack, Outbind
from txsmpp.constants import RESPONSE, Command, Status
from txsmpp.events import Asked, Bound, Closed, State, Told
from txsmpp.fields import Address, Body
from txsmpp.frame import pack
from txsmpp.pdu import (
    AlertNotification,
    CancelSm,
    DataSm,
    DeliverSm,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    SubmitSmResponse,
)
from txsmpp.session import Limits, NotNow, Role, Session
from txsmpp.tlv import EncodeError

from .sessions import (
    BINDS,
    ENQUIRE,
    MESSAGE,
    NACK,
    SUBMIT,
    assert_over,
    bound,
    closed,
    contexts,
    heads,
    only,
    request,
    response,
)

O, T, R, X = State.OPEN, State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX  # noqa: E741
STATES: Final = (O, T, R, X)

REQUESTS: Final[tuple[Body, ...]] = (
    SubmitSm(),
    SubmitMulti(destinations=(Address(b"1"),)),
    QuerySm(),
    CancelSm(),
    ReplaceSm(),
    DataSm(),
    DeliverSm(),
)
BY_STANDARD: Final = {
    SubmitSm: (Role.ESME, {T, X}),
    SubmitMulti: (Role.ESME, {T, X}),
    QuerySm: (Role.ESME, {T, X}),
    CancelSm: (Role.ESME, {T, X}),
    ReplaceSm: (Role.ESME, {T, X}),
    DeliverSm: (Role.SMSC, {R, X}),
}
"""§2.3, table 2-1: who may send it, and in which states. data_sm is for both, bound in any way."""


def may_send(role: Role, body: Body, state: State) -> bool:
    """What the standard's table says."""
    if isinstance(body, DataSm):
        return state is not O
    sender, states = BY_STANDARD[type(body)]
    return sender is role and state in states


@pytest.mark.parametrize("body", REQUESTS, ids=lambda body: type(body).__name__)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_what_may_be_sent(role: Role, state: State, body: Body) -> None:
    """Each row of the table for both sides: the request leaves, or NotNow and nothing leaves."""
    session = bound(role, state)
    if may_send(role, body, state):
        session.request(body.command, body.encode(), "mine")
        assert session.output() == pack(body.command, 0, 2 if role is Role.ESME else 1, body.encode())
    else:
        with pytest.raises(NotNow, match=state.value):
            session.request(body.command, body.encode(), "mine")
        assert session.output() == b""
        assert session.lost("") == [Closed("", 0, [])]


@pytest.mark.parametrize("body", REQUESTS, ids=lambda body: type(body).__name__)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_what_may_be_asked(role: Role, state: State, body: Body) -> None:
    """Each row seen from the other side; and an ESME takes a deliver_sm on a transmitter, where receipts may come."""
    session = bound(role, state)
    peer = Role.SMSC if role is Role.ESME else Role.ESME
    lenient = role is Role.ESME and isinstance(body, DeliverSm) and state is T
    events = session.receive(request(body, 77))
    if may_send(peer, body, state) or lenient:
        assert only(events, Asked) == Asked(77, body)
        assert session.output() == b""
    else:
        assert events == []
        assert session.output() == pack(body.command | RESPONSE, Status.ESME_RINVBNDSTS, 77)


@pytest.mark.parametrize("command", [0, 0x0A, 0x15, 0x06, 0x12345, 0x80000004, 0x1_0000_0000, -1])
def test_other_commands_are_not_requests(command: int) -> None:
    """Upkeep, responses and what the standard does not have cannot be sent as requests."""
    session = bound(Role.ESME)
    with pytest.raises(NotNow):
        session.request(command, b"", None)
    assert session.output() == b""


@pytest.mark.parametrize("body", [AlertNotification(source=b"1"), Outbind(system_id=b"SMSC")])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_what_has_no_response(role: Role, state: State, body: Body) -> None:
    """An SMSC tells alerts to a bound receiver and outbinds before the bind; neither takes room in the window."""
    session = bound(role, state, window=1)
    room = session.room
    if role is Role.SMSC and state in ({R, X} if isinstance(body, AlertNotification) else {O}):
        session.tell(body)
        assert session.output() == request(body, 1)
        assert session.room == room
        assert session.lost("") == [Closed("", 0, [])]
    else:
        with pytest.raises(NotNow):
            session.tell(body)
        assert session.output() == b""


def test_an_alert_that_cannot_be_encoded_uses_nothing() -> None:
    """The sequence number goes to the next one, and nothing is sent once the session ends."""
    session = bound(Role.SMSC)
    with pytest.raises(EncodeError):
        session.tell(AlertNotification(source=b"1" * 65))
    session.tell(AlertNotification())
    assert heads(session.output()) == [(Command.ALERT_NOTIFICATION, 0, 1)]
    session.unbind()
    with pytest.raises(NotNow):
        session.tell(AlertNotification())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_being_told(role: Role, state: State) -> None:
    """An ESME takes alerts when bound, an outbind before; otherwise each is nacked, for it has no response."""
    session = bound(role, state)
    for body, wanted in ((AlertNotification(source=b"1"), state is not O), (Outbind(system_id=b"S"), state is O)):
        events = session.receive(request(body, 9))
        if role is Role.ESME and wanted:
            assert events == [Told(body)]
            assert session.output() == b""
        else:
            assert events == []
            assert session.output() == pack(NACK, Status.ESME_RINVBNDSTS, 9)


@pytest.mark.parametrize("kind", BINDS.values(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_being_asked_to_bind(role: Role, state: State, kind: type[Bind]) -> None:
    """Only an SMSC, only once: later it is already bound; an ESME is never bound to."""
    session = bound(role, state)
    events = session.receive(request(kind(), 5))
    if role is Role.SMSC and state is O:
        assert only(events, Asked) == Asked(5, kind())
        return
    assert events == []
    status = Status.ESME_RINVBNDSTS if state is O else Status.ESME_RALYBND
    assert session.output() == pack(kind.command | RESPONSE, status, 5)
    assert session.state is state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", Role)
def test_enquire_link_is_answered_in_every_state(role: Role, state: State) -> None:
    """By the session itself, with the sequence number that came, whatever it is."""
    session = bound(role, state)
    for sequence in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
        assert session.receive(pack(ENQUIRE, 0, sequence, b"surplus")) == []
        assert session.output() == pack(ENQUIRE | RESPONSE, 0, sequence)


@pytest.mark.parametrize("state", BINDS)
def test_binding(state: State) -> None:
    """Each of the three binds leaves whole, and its response makes the state; the window opens only then."""
    session = Session(Role.ESME, Limits(window=3))
    bind = BINDS[state](system_id=b"mairie", password=b"secret", system_type=b"SMS", address_range=b"^336")
    session.bind(bind)
    assert session.output() == request(bind, 1)
    assert (session.state, session.room) == (O, 0)
    with pytest.raises(NotNow):
        session.request(SUBMIT, MESSAGE, None)
    assert session.receive(response(bind.command, 1, b"SMSC\0\x02\x10\0\x01\x34")) == [Bound(state, b"SMSC")]
    assert (session.state, session.room) == (state, 3)
    with pytest.raises(NotNow):
        session.bind(bind)
    assert session.output() == b""


@pytest.mark.parametrize("body", [b"", b"SMSC", b"SMSC\0\x02\x10\0\x09", b"\0" * 40, b"\xff" * 100])
def test_bound_by_a_sloppy_response(body: bytes) -> None:
    """A response without a body, a NUL or a whole TLV binds all the same."""
    session = Session(Role.ESME)
    session.bind(BindTransceiver())
    told = only(session.receive(response(Command.BIND_TRANSCEIVER, 1, body)), Bound)
    assert told == (X, body.partition(b"\0")[0])


@pytest.mark.parametrize("body", [b"", b"SMSC\0", b"\xff"])
@pytest.mark.parametrize("status", [Status.ESME_RBINDFAIL, Status.ESME_RINVPASWD, 0x450, 0xFFFFFFFF])
def test_refused_bind(status: int, body: bytes) -> None:
    """A status ends the session and is told, with a body or without."""
    session = Session(Role.ESME)
    session.bind(BindTransceiver())
    end = closed(session.receive(response(Command.BIND_TRANSCEIVER, 1, body, status)))
    assert (end.status, end.unanswered) == (status, [])
    assert "refused" in end.reason
    assert_over(session)


@pytest.mark.parametrize(("sequence", "status", "told"), [(1, 3, 3), (1, 0, 0x0D), (0, 3, 3), (0, 0, 0)])
def test_nacked_bind(sequence: int, status: int, told: int) -> None:
    """A nack of the bind, or of what has no number, is a refusal, even one that says all is well."""
    session = Session(Role.ESME)
    session.bind(BindReceiver())
    assert closed(session.receive(pack(NACK, status, sequence))).status == told
    assert_over(session)


@pytest.mark.parametrize(
    "stray",
    [
        response(Command.BIND_TRANSCEIVER, 2),
        response(Command.BIND_TRANSMITTER, 1),
        response(Command.SUBMIT_SM, 1),
        pack(NACK, 3, 2),
        pack(0x80001234, 0, 1),
    ],
)
def test_bind_is_not_answered_by_something_else(stray: bytes) -> None:
    """Another number or another command's response is a stray; the true one still counts."""
    session = Session(Role.ESME)
    session.bind(BindTransceiver())
    assert session.receive(stray) == []
    assert (session.strays, session.state) == (1, O)
    assert only(session.receive(response(Command.BIND_TRANSCEIVER, 1)), Bound).state is X


@pytest.mark.parametrize("role", Role)
def test_never_bound(role: Role) -> None:
    """Neither side waits longer than link_seconds, whatever else is said meanwhile; no enquire_link is sent before."""
    session = Session(role, Limits(link_seconds=20, enquire_seconds=5), now=100)
    if role is Role.ESME:
        session.bind(BindTransmitter())
    session.output()
    for now in range(101, 120):
        session.receive(pack(ENQUIRE, 0, now))
        assert session.tick(now) == []
    assert {head[0] for head in heads(session.output())} == {ENQUIRE | RESPONSE}
    assert session.tick(120) == [Closed("not bound in time", 0, [])]
    assert_over(session)


def test_bind_answered_too_late() -> None:
    """The SMSC's decision after the session's end does nothing."""
    session = Session(Role.SMSC)
    wish = only(session.receive(request(BindTransceiver(), 1)), Asked)
    closed(session.tick(20))
    assert session.respond(wish) == []
    assert_over(session)


def test_requests_before_the_bind_is_decided() -> None:
    """Whoever does not wait for the answer to the bind is not bound yet, and cannot bind twice."""
    session = Session(Role.SMSC)
    wish, *rest = session.receive(request(BindTransceiver(), 1) + request(SubmitSm(), 2) + request(BindReceiver(), 3))
    assert rest == []
    assert heads(session.output()) == [
        (SUBMIT | RESPONSE, Status.ESME_RINVBNDSTS, 2),
        (Command.BIND_RECEIVER_RESP, Status.ESME_RALYBND, 3),
    ]
    assert isinstance(wish, Asked)
    session.respond(wish)
    assert session.state is X


def test_bind_again_after_a_refusal() -> None:
    """An SMSC that refuses a bind and does not hang up can be bound to with a better password."""
    session = Session(Role.SMSC)
    first = only(session.receive(request(BindTransceiver(password=b"wrong"), 1)), Asked)
    session.respond(first, Status.ESME_RINVPASWD, b"SMSC\0")
    assert session.output() == pack(Command.BIND_TRANSCEIVER_RESP, Status.ESME_RINVPASWD, 1)
    assert session.state is O
    second = only(session.receive(request(BindReceiver(password=b"right"), 2)), Asked)
    session.respond(second)
    assert session.output() == pack(Command.BIND_RECEIVER_RESP, 0, 2, b"\0")
    assert session.state is R


def test_only_an_esme_binds() -> None:
    """An SMSC cannot, nor an ESME twice before the answer, nor after the end; a bad bind sends nothing."""
    with pytest.raises(NotNow):
        Session(Role.SMSC).bind(BindTransceiver())
    session = Session(Role.ESME)
    with pytest.raises(EncodeError):
        session.bind(BindTransceiver(password=b"much too long"))
    assert session.output() == b""
    session.bind(BindTransceiver())
    with pytest.raises(NotNow):
        session.bind(BindTransceiver())
    session.lost("cut")
    with pytest.raises(NotNow):
        session.bind(BindTransceiver())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", STATES)
def test_closed_is_told_once(role: Role, state: State) -> None:
    """With the contexts that have no answer, in their order; then there is nothing but silence."""
    session = bound(role, state, window=10)
    made = contexts(session, 3) if role is Role.ESME and state in {T, X} else []
    assert session.lost("the cable") == [Closed("the cable", 0, made)]
    assert_over(session)
    with pytest.raises(NotNow):
        session.request(SUBMIT, MESSAGE, None)


@pytest.mark.parametrize("status", [-1, 1 << 32])
def test_a_status_that_is_none(status: int) -> None:
    """It is refused before anything is done: the request can be answered still, and counts."""
    session = bound(Role.SMSC)
    wish = only(session.receive(request(SubmitSm(), 4)), Asked)
    with pytest.raises(EncodeError):
        session.respond(wish, status)
    assert (wish.answered, session.output()) == (False, b"")
    session.respond(wish, 0, SubmitSmResponse(message_id=b"12").encode())
    session.respond(wish, 0, SubmitSmResponse(message_id=b"13").encode())
    assert session.output() == response(SUBMIT, 4, b"12\0")


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (SubmitSm(), b"\0"),
        (DataSm(), b"\0"),
        (QuerySm(), b"\0\0\0\0"),
        (SubmitMulti(destinations=(Address(b"1"),)), b"\0\0"),
        (CancelSm(), b""),
        (ReplaceSm(), b""),
    ],
)
def test_empty_responses(body: Body, written: bytes) -> None:
    """What the standard wants at least: an empty id, zeros, or nothing at all."""
    session = bound(Role.SMSC)
    session.respond(only(session.receive(request(body, 4)), Asked))
    assert session.output() == pack(body.command | RESPONSE, 0, 4, written)


def test_a_nack_is_no_request() -> None:
    """It is never answered."""
    session = bound(Role.SMSC)
    assert session.receive(pack(GenericNack.command, 3, 55)) == []
    assert session.output() == b""

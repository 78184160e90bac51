"""An SMSC: who is let in, who is told what, and how many there may be."""

from collections.abc import Callable, Sequence

import pytest
from twisted.internet.task import Clock

from txsmpp.binding import (
    Bind,
    BindReceiver,
    BindResponse,
    BindTransceiver,
    BindTransceiverResponse,
    BindTransmitter,
)
from txsmpp.constants import RESPONSE, Status
from txsmpp.events import Answered, Asked, Closed, Event, State
from txsmpp.frame import pack
from txsmpp.pdu import AlertNotification, DeliverSm, SubmitSm, SubmitSmResponse, decode
from txsmpp.server import Smsc
from txsmpp.session import Limits
from txsmpp.wire import SWEEP, Wire

from .network import Diary, Line, dial
from .sessions import DELIVER, ENQUIRE, INCOMING, NACK, SUBMIT, UNBIND, request, response

BIND = BindTransceiver(system_id=b"mairie", password=b"secret")


def by_password(bind: Bind, _wire: Wire) -> int:
    """One password for all."""
    return 0 if bind.password == b"secret" else Status.ESME_RINVPASWD


class Rig:
    """An SMSC on a clock."""

    def __init__(
        self, authenticate: Callable[[Bind, Wire], int] = by_password, diary: Diary | None = None, most: int = 1000
    ) -> None:
        self.clock = Clock()
        self.diary = diary or Diary()
        limits = Limits(link_seconds=10, unbind_seconds=3)
        self.smsc = Smsc(b"CENTRE", authenticate, self.diary, self.clock, limits, most)

    def dial(self) -> Line:
        """Connect."""
        line = dial(self.smsc)
        assert line is not None
        return line

    def bound(self, bind: Bind = BIND) -> Line:
        """Connect and bind."""
        line = self.dial()
        line.wire.dataReceived(request(bind, 1))
        (answer,) = line.taken()
        assert answer[:3] == (bind.command | RESPONSE, 0, 1)
        return line


@pytest.mark.parametrize("kind", [BindTransmitter, BindReceiver, BindTransceiver])
@pytest.mark.parametrize(("version", "tlvs"), [(0x34, ((0x0210, b"\x34"),)), (0x50, ((0x0210, b"\x34"),)), (0x33, ())])
def test_accepted(kind: type[Bind], version: int, tlvs: tuple[tuple[int, bytes], ...]) -> None:
    """The answer has our name, and our version for those who know TLVs; the owner is not bothered."""
    rig = Rig()
    line = rig.dial()
    line.wire.dataReceived(request(kind(password=b"secret", interface_version=version), 1))
    (answer,) = line.taken()
    body = decode(answer.command, answer.body)
    assert isinstance(body, BindResponse)
    assert (answer.command, answer.status) == (kind.command | RESPONSE, 0)
    assert (body.system_id, body.tlvs) == (b"CENTRE", tlvs)
    assert (rig.diary.calls, rig.smsc.wires) == ([], {line.wire})


@pytest.mark.parametrize("password", [b"", b"wrong", b"\xff" * 8])
def test_refused(password: bytes) -> None:
    """The status is written, then the connection is hung up; the owner is told nothing."""
    rig = Rig()
    line = rig.dial()
    line.wire.dataReceived(request(BindReceiver(password=password), 1) + request(SubmitSm(), 2))
    assert [frame[:2] for frame in line.taken()][-1] == (BindReceiver.command | RESPONSE, Status.ESME_RINVPASWD)
    line.turn()
    assert line.is_over
    assert (rig.diary.calls, rig.smsc.wires) == ([], set())


def test_authenticate_raises() -> None:
    """The ESME is told that it is our fault, and its place is free again."""

    def fail(_bind: Bind, _wire: Wire) -> int:
        raise ZeroDivisionError

    rig = Rig(fail, most=1)
    for _ in range(3):
        line = rig.dial()
        line.wire.dataReceived(request(BIND, 1))
        assert [frame[:3] for frame in line.taken()] == [(BIND.command | RESPONSE, Status.ESME_RSYSERR, 1)]
        line.turn()
        assert line.is_over
    assert (rig.diary.calls, rig.smsc.wires) == ([], set())


def test_authenticate_closes() -> None:
    """A check that hangs up by itself is obeyed, whatever it gives."""
    rig = Rig(lambda _bind, wire: wire.close("go away") or 0)  # type: ignore[func-returns-value]
    line = rig.dial()
    line.wire.dataReceived(request(BIND, 1))
    assert line.taken() == []
    line.turn()
    assert (line.is_over, rig.smsc.wires, rig.diary.calls) == (True, set(), [])


def test_authenticate_is_told_who() -> None:
    """It is given the bind as it came, and the wire, whose transport knows the address."""
    seen: list[tuple[Bind, object]] = []
    rig = Rig(lambda bind, wire: seen.append((bind, wire)) or 0)  # type: ignore[func-returns-value]
    line = rig.bound()
    assert seen == [(BIND, line.wire)]
    assert line.wire.transport.getPeer().host == "192.168.1.1"


@pytest.mark.parametrize(("rest", "checked"), [(pack(UNBIND, 0, 2), 3), (b"\0\0\0\0", 0), (pack(NACK, 3, 0), 0)])
def test_bind_and_end_in_one_read(rest: bytes, checked: int) -> None:
    """Nobody stays among the bound, the owner is told nothing of a wire it never heard of, the place is free.

    A bind whose session is over already is not checked: nobody would hear of it.
    """
    seen: list[Bind] = []
    rig = Rig(lambda bind, _wire: seen.append(bind) or 0, most=1)  # type: ignore[func-returns-value]
    for _ in range(3):
        line = rig.dial()
        line.wire.dataReceived(request(BIND, 1) + rest)
        line.turn()
        assert line.is_over
        assert rig.smsc.wires == set()
        assert rig.diary.calls == []
    assert len(seen) == checked


def test_too_many() -> None:
    """The one too many is not picked up; an end makes room, however it came."""
    rig = Rig(most=2)
    first = rig.bound()
    second = rig.dial()
    assert dial(rig.smsc) is None
    second.end()
    third = rig.bound()
    assert dial(rig.smsc) is None
    first.wire.dataReceived(b"\0\0\0\0")
    assert dial(rig.smsc) is None
    first.turn()
    rig.bound()
    assert dial(rig.smsc) is None
    third.wire.dataReceived(pack(UNBIND, 0, 2))
    third.turn()
    rig.dial()
    assert dial(rig.smsc) is None


def test_not_bound_in_time() -> None:
    """Who connects and says nothing, or keeps asking whether we are there, is hung up after link_seconds."""
    rig = Rig(most=2)
    quiet, busy = rig.dial(), rig.dial()
    for number in range(10):
        busy.wire.dataReceived(pack(ENQUIRE, 0, number))
        assert not quiet.disconnecting
        rig.clock.advance(SWEEP)
    quiet.turn()
    busy.turn()
    assert quiet.is_over
    assert busy.is_over
    assert len(busy.taken()) == 10
    assert rig.diary.calls == []
    rig.dial()
    rig.dial()


@pytest.mark.parametrize(
    "noise", [b"\0\0\0\0", b"GET / HTTP/1.1\r\n", request(SubmitSm(), 1), pack(0x1234, 0, 1), pack(UNBIND, 0, 1)]
)
def test_owner_hears_of_bound_wires_only(noise: bytes) -> None:
    """Whatever an unbound connection says, and its end, is nobody's business."""
    rig = Rig()
    line = rig.dial()
    line.wire.dataReceived(noise)
    if not line.disconnecting:
        line.end()
    assert rig.diary.calls == []


def test_bound_wires_are_told() -> None:
    """Requests with their wire, answered by the owner; and the end, with the wire no longer among the bound."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Asked):
                wire.respond(event, 0, SubmitSmResponse(message_id=b"42").encode())
            elif isinstance(event, Closed):
                assert wire not in rig.smsc.wires

    rig = Rig(diary=Diary(work))
    one, two = rig.bound(), rig.bound(BindTransmitter(password=b"secret"))
    two.wire.dataReceived(request(SubmitSm(short_message=b"Bonjour"), 7))
    assert two.taken()[0] == (SUBMIT | RESPONSE, 0, 7, b"42\0")
    one.end()
    assert rig.diary.wires == [two.wire, one.wire]
    assert rig.smsc.wires == {two.wire}


def test_deliver_to_a_receiver() -> None:
    """What the SMSC sends is answered; an alert goes along without an answer."""
    rig = Rig()
    line = rig.bound(BindReceiver(password=b"secret"))
    (wire,) = rig.smsc.wires
    assert wire.session.state is State.BOUND_RX
    wire.request(DELIVER, INCOMING, "receipt")
    wire.tell(AlertNotification())
    wire.flush()
    assert [(frame.command, frame.sequence) for frame in line.taken()] == [(DELIVER, 1), (0x102, 2)]
    line.wire.dataReceived(response(DELIVER, 1, b"\0"))
    assert rig.diary.told == [Answered("receipt", DELIVER | RESPONSE, 0, b"\0")]


def test_second_bind() -> None:
    """It is refused without asking the check again, and the first stands."""
    asked: list[Bind] = []
    rig = Rig(lambda bind, _wire: asked.append(bind) or 0)  # type: ignore[func-returns-value]
    line = rig.bound()
    line.wire.dataReceived(request(BindReceiver(), 2))
    assert line.taken()[0][:2] == (BindReceiver.command | RESPONSE, Status.ESME_RALYBND)
    assert (asked, rig.smsc.wires) == ([BIND], {line.wire})


def test_owner_that_raises() -> None:
    """Its wire ends, and is nobody's any more; the others stay."""

    def work(_wire: Wire, events: Sequence[Event]) -> None:
        if isinstance(events[0], Asked):
            body = events[0].body
            assert isinstance(body, SubmitSm | DeliverSm)
            raise ZeroDivisionError(body.short_message)

    rig = Rig(diary=Diary(work), most=2)
    one, two = rig.bound(), rig.bound()
    one.wire.dataReceived(request(SubmitSm(), 7))
    one.turn()
    assert one.is_over
    assert not two.disconnecting
    assert rig.smsc.wires == {two.wire}
    assert rig.diary.ends == [Closed("the owner failed", 0, [])]
    rig.bound()


def test_name_in_the_answer() -> None:
    """As it is on the wire, octet by octet."""
    rig = Rig()
    line = rig.dial()
    line.wire.dataReceived(request(BIND, 0x01020304))
    wanted = BindTransceiverResponse(system_id=b"CENTRE", tlvs=((0x0210, b"\x34"),)).encode()
    assert line.value() == pack(BIND.command | RESPONSE, 0, 0x01020304, wanted)

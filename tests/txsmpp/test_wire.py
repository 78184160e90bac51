"""A session on a transport: what is written when, who is told what, and peers that do not read."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from txsmpp.binding import BindTransceiver
from txsmpp.constants import RESPONSE, Command, Status
from txsmpp.events import Answered, Asked, Bound, Closed, Event, Silent, State
from txsmpp.frame import pack
from txsmpp.pdu import AlertNotification, DeliverSm, SubmitSm
from txsmpp.session import Limits, NotNow, Role, Session
from txsmpp.wire import SWEEP, Wire

from .network import Diary, Line
from .rigs import BOUND, WireRig
from .sessions import DELIVER, ENQUIRE, MESSAGE, NACK, SUBMIT, UNBIND, asked, heads, request, response


def test_bind_is_the_first_word() -> None:
    """It leaves when the connection is made; Bound is told when it is answered."""
    rig = WireRig(bound=False)
    rig.wire.makeConnection(rig.line)
    assert rig.line.writes == [request(BindTransceiver(system_id=b"mairie"), 1)]
    rig.wire.dataReceived(BOUND)
    assert rig.diary.calls == [[Bound(State.BOUND_TRX, b"SMSC")]]


def test_closed_before_it_is_connected() -> None:
    """The end is told at once; a connection that comes all the same is hung up without a word."""
    rig = WireRig(bound=False)
    rig.wire.close("changed its mind")
    assert rig.diary.told == [Closed("changed its mind", 0, [])]
    rig.wire.makeConnection(rig.line)
    assert rig.line.value() == b""
    rig.assert_over()


def test_writes_are_joined() -> None:
    """What the owner gathers while it is told of a read is one write, in its order, after the session's own answers."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        for one in events:
            if isinstance(one, Asked):
                wire.respond(one)
                wire.request(SUBMIT, MESSAGE, one.sequence)
                wire.flush()

    rig = WireRig(Diary(work))
    rig.wire.dataReceived(request(DeliverSm(), 7) + pack(ENQUIRE, 0, 8) + request(DeliverSm(), 9))
    assert len(rig.line.writes) == 1
    deliver = DELIVER | RESPONSE
    assert rig.heads == [(ENQUIRE | RESPONSE, 0, 8), (deliver, 0, 7), (SUBMIT, 0, 2), (deliver, 0, 9), (SUBMIT, 0, 3)]
    assert len(rig.diary.calls) == 2


def test_nothing_is_written_for_nothing() -> None:
    """A read that says nothing, an empty flush, a quiet sweep: no write, nobody is told."""
    rig = WireRig()
    rig.wire.dataReceived(b"\0\0")
    rig.wire.flush()
    rig.sweep(3)
    assert (rig.line.writes, len(rig.diary.calls)) == ([], 1)


def test_flush_outside() -> None:
    """Requests, answers and alerts from outside are gathered until they are flushed, once."""
    rig = WireRig()
    rig.wire.dataReceived(request(DeliverSm(), 7))
    (wish,) = asked(rig.diary.calls[1])
    rig.wire.request(SUBMIT, MESSAGE, "a")
    rig.wire.respond(wish)
    assert rig.line.writes == []
    rig.wire.flush()
    rig.wire.flush()
    assert len(rig.line.writes) == 1
    assert rig.heads == [(SUBMIT, 0, 2), (DELIVER | RESPONSE, 0, 7)]


def test_tell() -> None:
    """An SMSC's alert is gathered like the rest."""
    clock, diary = Clock(), Diary()
    wire = Wire(Session(Role.SMSC), diary, clock)
    line = Line(wire)
    wire.makeConnection(line)
    wire.dataReceived(request(BindTransceiver(), 1))
    wire.respond(asked(diary.told)[0])
    wire.tell(AlertNotification())
    wire.flush()
    assert heads(line.value())[1] == (Command.ALERT_NOTIFICATION, 0, 1)


def test_what_was_gathered_goes_with_the_next_read() -> None:
    """Nothing gathered is forgotten, even if nobody flushes."""
    rig = WireRig()
    rig.wire.request(SUBMIT, MESSAGE, "a")
    rig.wire.dataReceived(b"\0")
    assert rig.heads == [(SUBMIT, 0, 2)]


def test_sweeps() -> None:
    """Time is counted in sweeps: requests run out, the silent peer is asked, and is gone."""
    rig = WireRig(limits=Limits(answer_seconds=3, enquire_seconds=5, link_seconds=4))
    rig.wire.request(SUBMIT, MESSAGE, "a")
    rig.sweep(2)
    assert len(rig.diary.calls) == 1
    rig.sweep()
    assert rig.diary.calls[1:] == [[Silent(["a"])]]
    rig.sweep(2)
    assert rig.heads == [(SUBMIT, 0, 2), (ENQUIRE, 0, 3)]
    rig.sweep(4)
    assert rig.diary.ends == [Closed("the peer is silent", 0, [])]
    rig.assert_over()


def test_unbind() -> None:
    """It leaves at once; its answer hangs up."""
    rig = WireRig()
    rig.wire.unbind()
    assert rig.heads == [(UNBIND, 0, 2)]
    assert not rig.line.disconnecting
    rig.wire.dataReceived(response(UNBIND, 2, b""))
    assert rig.line.disconnecting
    rig.assert_over()


def test_unbind_is_not_answered() -> None:
    """The sweep hangs up."""
    rig = WireRig(limits=Limits(unbind_seconds=3))
    rig.wire.unbind()
    rig.sweep(3)
    rig.assert_over()


def test_peer_unbinds_and_is_answered_later() -> None:
    """The answer that was owed, from outside, writes the rest and hangs up, without a flush."""
    rig = WireRig()
    rig.wire.dataReceived(request(DeliverSm(), 7) + pack(UNBIND, 0, 8))
    (wish,) = asked(rig.diary.calls[1])
    rig.wire.respond(wish)
    assert rig.heads == [(DELIVER | RESPONSE, 0, 7), (UNBIND | RESPONSE, 0, 8)]
    assert rig.diary.ends == [Closed("the peer unbound", 0, [])]
    rig.assert_over()


def test_end_within_happened_is_told_after_the_rest() -> None:
    """The answer that ends the session is given while more is to be told: that comes first, Closed last, not nested."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        for one in events:
            if isinstance(one, Asked):
                wire.respond(one)

    rig = WireRig(Diary(work))
    rig.wire.request(SUBMIT, MESSAGE, "a")
    rig.wire.dataReceived(request(DeliverSm(), 7) + pack(UNBIND, 0, 8) + response(SUBMIT, 2))
    kinds = [[type(event) for event in call] for call in rig.diary.calls[1:]]
    assert kinds == [[Asked, Answered], [Closed]]
    assert rig.heads == [(SUBMIT, 0, 2), (DELIVER | RESPONSE, 0, 7), (UNBIND | RESPONSE, 0, 8)]
    rig.assert_over()


@pytest.mark.parametrize("end", ["close", "unbind"])
def test_close_within_happened(end: str) -> None:
    """What was gathered before is written before the connection is hung up; what comes after is refused."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        if isinstance(events[0], Asked):
            wire.request(SUBMIT, MESSAGE, "a")
            wire.respond(events[0], Status.ESME_RX_P_APPN)
            if end == "close":
                wire.close("enough")
            else:
                wire.unbind()
            with pytest.raises(NotNow):
                wire.request(SUBMIT, MESSAGE, "b")
            assert not rig.line.disconnecting

    rig = WireRig(Diary(work))
    rig.wire.dataReceived(request(DeliverSm(), 7) + request(DeliverSm(), 8))
    assert rig.heads[:2] == [(SUBMIT, 0, 2), (DELIVER | RESPONSE, Status.ESME_RX_P_APPN, 7)]
    if end == "close":
        assert rig.diary.ends == [Closed("enough", 0, ["a"])]
        rig.assert_over()
    else:
        assert not rig.line.disconnecting


def test_close_within_closed() -> None:
    """Whatever the owner does when it is told of the end, there is one end."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        if isinstance(events[-1], Closed):
            wire.close("again")
            wire.unbind()
            wire.flush()

    rig = WireRig(Diary(work))
    rig.wire.close("first")
    assert rig.diary.ends == [Closed("first", 0, [])]
    rig.wire.close("third")
    rig.assert_over()


@pytest.fixture
def failures() -> Iterator[list[Any]]:
    """The exceptions that were logged."""
    found: list[Any] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            found.append(event["log_failure"].type)

    globalLogPublisher.addObserver(observe)
    yield found
    globalLogPublisher.removeObserver(observe)


@pytest.mark.parametrize("by", ["read", "sweep", "respond"])
def test_owner_that_raises(by: str, failures: list[Any]) -> None:
    """It is logged, what was gathered is written, Closed is told with the rest, and the connection is hung up."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        if by == "respond" or not isinstance(events[0], Bound | Closed):
            if isinstance(events[0], Asked):
                wire.respond(events[0])
            if not isinstance(events[0], Closed | Bound):
                raise ZeroDivisionError(by)

    rig = WireRig(Diary(work), Limits(answer_seconds=2))
    rig.wire.request(SUBMIT, MESSAGE, "a")
    if by == "sweep":
        rig.sweep()
        rig.wire.request(SUBMIT, MESSAGE, "b")
        rig.sweep()
    else:
        rig.wire.request(SUBMIT, MESSAGE, "b")
        rig.wire.dataReceived(request(DeliverSm(), 7))
        assert rig.heads[-1] == (DELIVER | RESPONSE, 0, 7)
    assert failures == [ZeroDivisionError]
    assert rig.diary.ends == [Closed("the owner failed", 0, ["b"] if by == "sweep" else ["a", "b"])]
    rig.assert_over()


def test_owner_that_raises_at_the_end() -> None:
    """It was told: the connection is hung up all the same."""

    def work(_wire: Wire, events: Sequence[Event]) -> None:
        if isinstance(events[-1], Closed):
            raise ZeroDivisionError

    closed, garbage, cut = (WireRig(Diary(work)) for _ in range(3))
    closed.wire.close("enough")
    garbage.wire.dataReceived(b"\0\0\0\0")
    cut.line.end()
    for rig in (closed, garbage, cut):
        rig.assert_over()


def test_connection_lost() -> None:
    """Closed with why, and what is unanswered; writing after it harms nobody."""
    rig = WireRig()
    rig.wire.request(SUBMIT, MESSAGE, "a")
    rig.line.end(Failure(ConnectionDone()))
    assert rig.diary.ends == [Closed("Connection was closed cleanly.", 0, ["a"])]
    rig.wire.flush()
    rig.wire.unbind()
    rig.wire.close("late")
    rig.assert_over()


def test_connection_lost_while_telling() -> None:
    """The owner is told when it is done with the rest, and the wire is gone after that."""

    def work(wire: Wire, events: Sequence[Event]) -> None:
        if isinstance(events[0], Asked):
            wire.request(SUBMIT, MESSAGE, "a")
            rig.line.end()
            assert rig.gone == []
            wire.respond(events[0])
        elif isinstance(events[0], Closed):
            assert rig.gone == []

    rig = WireRig(Diary(work))
    rig.wire.dataReceived(request(DeliverSm(), 7) + request(DeliverSm(), 8))
    assert [type(event) for call in rig.diary.calls[1:] for event in call] == [Asked, Asked, Closed]
    assert rig.diary.ends[0].unanswered == ["a"]
    rig.assert_over()


def test_garbage_is_nacked_and_hung_up() -> None:
    """The nack is written, then the connection is lost."""
    rig = WireRig()
    rig.wire.dataReceived(b"GET / HTTP/1.1\r\n\r\n")
    assert rig.heads == [(NACK, Status.ESME_RINVCMDLEN, 0)]
    rig.assert_over()


def test_submits_of_a_smsc() -> None:
    """A wire without a bind says nothing first, and is gone if nothing comes."""
    clock, diary = Clock(), Diary()
    wire = Wire(Session(Role.SMSC, Limits(link_seconds=4)), diary, clock)
    line = Line(wire)
    wire.makeConnection(line)
    wire.dataReceived(request(SubmitSm(), 1))
    assert heads(line.value()) == [(SUBMIT | RESPONSE, Status.ESME_RINVBNDSTS, 1)]
    clock.pump([SWEEP] * 4)
    line.turn()
    assert diary.told == [Closed("not bound in time", 0, [])]
    assert clock.getDelayedCalls() == []

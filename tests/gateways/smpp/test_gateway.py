"""A gateway's life: it binds, shares its load, stops in order, comes back, and says nothing that is secret."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import ILogObserver, LogEvent, eventAsText, globalLogPublisher
from zope.interface import implementer

from smstob.model.message import Handed, Rejected, Unavailable
from tests.fakes import Hearing
from txsmpp.binding import Bind, BindReceiver, BindTransceiver, BindTransmitter
from txsmpp.constants import Command, Status
from txsmpp.frame import pack

from .scene import PASSWORD, PHONE, Scene, keys, receipt, segment

TEXT = "Votre code secret est 4711"


@pytest.fixture
def log() -> Iterator[list[LogEvent]]:
    """Whatever is logged meanwhile."""
    events: list[LogEvent] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        events.append(event)

    globalLogPublisher.addObserver(note)
    yield events
    globalLogPublisher.removeObserver(note)


def test_up() -> None:
    """Bound, it is up, says so once, and hands over what it is given."""
    scene = Scene()
    assert (scene.gateway.state, scene.gateway.capacity) == ("down", 0)
    scene.start()
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 50)
    assert scene.hearing.changes == 1
    scene.submit(2)
    assert scene.outcomes() == [Handed("10"), Handed("11")]
    assert [body.destination for _, body in scene.operator.submits] == [PHONE[1:].encode()] * 2


def test_nothing_before_the_bind() -> None:
    """A connection is not enough: what is given before the bind is answered comes back."""
    scene = Scene()
    scene.gateway.startService()
    scene.submit(2)
    assert scene.outcomes() == [Unavailable(), Unavailable()]
    scene.advance()
    assert scene.operator.submits == []


@pytest.mark.parametrize("status", [Status.ESME_RINVPASWD, Status.ESME_RALYBND, 0x0450])
def test_refused_bind(status: int) -> None:
    """It stays down and tries again, ever later; accepted at last, it is up."""
    scene = Scene()
    scene.operator.bind_status = status
    scene.start()
    scene.advance(600)
    assert (scene.gateway.state, scene.hearing.changes) == ("down", 0)
    assert 10 <= len(scene.operator.binds) <= 25
    scene.operator.bind_status = 0
    scene.advance(80)
    assert (scene.gateway.state, scene.errors) == ("up", [])


def test_unreachable() -> None:
    """Likewise where nobody listens."""
    scene = Scene()
    scene.operator.endpoint.away = True
    scene.start()
    scene.advance(600)
    assert scene.gateway.state == "down"
    assert 10 <= scene.operator.endpoint.tries <= 25
    scene.operator.endpoint.away = False
    scene.advance(80)
    assert scene.gateway.state == "up"


@pytest.mark.parametrize(("window", "binds"), [(1, 1), (10, 1), (10, 4), (3, 7)])
def test_window(window: int, binds: int) -> None:
    """Each link has so many unanswered and never more; the binds share the load; capacity is what is free."""
    scene = Scene(window=window, binds=binds).start()
    scene.operator.holding = True
    assert scene.gateway.capacity == window * binds
    while scene.gateway.capacity:
        before = scene.gateway.capacity
        scene.submit()
        assert scene.gateway.capacity == before - 1
        held = Counter(wire for wire, _ in scene.operator.held)
        assert len(held) == min(binds, len(scene.operator.held))
        assert max(held.values()) - min(held.values()) <= 1
    assert scene.operator.most == dict.fromkeys(scene.operator.smsc.wires, window)
    for answers, free in ((1, 1), (None, window * binds)):
        scene.operator.answer(answers)
        scene.advance()
        assert (scene.gateway.capacity, len(scene.hearing.answers)) == (free, free)


def test_more_than_the_capacity() -> None:
    """The rest of a message waits for the window; nothing more is taken meanwhile."""
    scene = Scene(window=4).start()
    scene.operator.holding = True
    whole = [segment(1, "x", part=part, total=10) for part in range(1, 11)]
    scene.gateway.submit(whole)
    scene.advance()
    assert (len(scene.operator.held), scene.gateway.capacity) == (4, 0)
    for _ in range(20):
        scene.operator.answer(1)
        scene.advance()
    assert [(body.short_message[5]) for _, body in scene.operator.submits] == [*range(1, 11)]
    assert keys(scene.hearing.answers) == [(1, part) for part in range(1, 11)]
    assert (max(scene.operator.most.values()), scene.gateway.capacity) == (4, 4)


def test_joined() -> None:
    """Segments that went as one are handed under the same id."""
    scene = Scene(concatenation="payload").start()
    scene.gateway.submit([segment(1, "x" * 153, part=part, total=3) for part in (1, 2, 3)] + [segment(2)])
    scene.advance()
    assert scene.outcomes() == [Handed("10")] * 3 + [Handed("11")]
    assert keys(scene.hearing.answers) == [(1, 1), (1, 2), (1, 3), (2, 1)]


def test_a_text_that_has_no_room() -> None:
    """What the operator's way cannot carry is refused at once, in French; the others go."""
    scene = Scene(gsm7="latin-1").start()
    scene.gateway.submit([segment(1), segment(2, "€" + "x" * 100), segment(3)])
    scene.advance()
    outcomes = dict(zip(keys(scene.hearing.answers), scene.outcomes(), strict=True))
    assert isinstance(outcomes[2, 1], Rejected)
    assert isinstance(outcomes[1, 1], Handed)
    assert isinstance(outcomes[3, 1], Handed)


@pytest.mark.parametrize("wrong", [{"number": "+" + "3" * 25}, {"text": "🎉"}, {"validity": 0}, {"number": "+3\0"}])
def test_damaged_segments(wrong: dict[str, Any], log: list[LogEvent]) -> None:
    """They are refused and logged, and take no other with them."""
    scene = Scene().start()
    scene.gateway.submit([segment(1), segment(**{"message": 2} | wrong), segment(3)])
    scene.advance()
    outcomes = dict(zip(keys(scene.hearing.answers), scene.outcomes(), strict=True))
    assert isinstance(outcomes.pop((2, 1)), Rejected)
    assert [type(one) for one in outcomes.values()] == [Handed, Handed]
    assert any("message 2 is nothing for SMPP" in eventAsText(one) for one in log)


@pytest.mark.parametrize("bind", ["transmitter", "transceiver", "transmitter+receiver"])
def test_kinds_of_binds(bind: str) -> None:
    """Each can send, and takes receipts by the receiver's link, or by the transmitter's if they come there."""
    scene = Scene(bind=bind).start()
    assert scene.gateway.state == "up"
    scene.submit(3)
    assert len(scene.hearing.answers) == 3
    kinds: dict[str, list[type[Bind]]] = {
        "transmitter": [BindTransmitter],
        "transceiver": [BindTransceiver],
        "transmitter+receiver": [BindTransmitter, BindReceiver],
    }
    assert [type(one) for one in scene.operator.binds] == kinds[bind]
    for number, link in enumerate(scene.operator.endpoint.up, 1):
        link.far.write(pack(Command.DELIVER_SM, 0, 1, receipt(f"a{number}").encode()))
    scene.advance()
    assert [one.reference for one in scene.hearing.receipts] == ["a1", "a2"][: len(kinds[bind])]


def test_receiver_only() -> None:
    """It is never up and takes nothing, and receives all the same."""
    scene = Scene(bind="receiver").start()
    assert (scene.gateway.state, scene.gateway.capacity) == ("receiving", 0)
    scene.submit()
    assert scene.outcomes() == [Unavailable()]
    scene.operator.deliver(receipt("10"))
    scene.advance()
    assert (len(scene.hearing.receipts), scene.operator.statuses()) == (1, [0])
    scene.cut()
    assert scene.gateway.state == "down"


def test_transmitter_lost_beside_a_receiver() -> None:
    """Only the link that sends makes it up; what was ready goes back."""
    scene = Scene(bind="transmitter+receiver", window=2).start()
    scene.operator.holding = True
    scene.gateway.submit([segment(1, part=part, total=4) for part in range(1, 5)])
    scene.advance()
    scene.operator.endpoint.away = True
    sending, receiving = scene.operator.endpoint.links
    sending.cut()
    assert scene.gateway.state == "receiving"
    assert Counter(type(one).__name__ for one in scene.outcomes()) == {"Unknown": 2, "Unavailable": 2}
    receiving.cut()
    assert scene.gateway.state == "down"
    scene.operator.endpoint.away = False
    scene.advance(1)
    assert scene.gateway.state == "up"


def test_another_bind_tells_of_its_room() -> None:
    """Where the first link is full, the second one's window is news."""
    scene = Scene(window=2, binds=2)
    scene.operator.holding = True
    scene.start()
    scene.operator.endpoint.links[1].cut()
    scene.submit(2)
    assert scene.gateway.capacity == 0
    changes = scene.hearing.changes
    scene.advance(1)
    assert scene.gateway.capacity == 2
    assert scene.hearing.changes > changes


def test_stop() -> None:
    """Down at once; what is under way is answered, then it unbinds, and nothing ticks any more."""
    scene = Scene(window=3).start()
    scene.operator.holding = True
    scene.submit(3)
    fired = scene.stop()
    assert (scene.gateway.state, scene.gateway.capacity, scene.hearing.changes) == ("down", 0, 2)
    scene.submit()
    assert scene.outcomes() == [Unavailable()]
    scene.advance(1)
    assert not fired
    assert scene.operator.smsc.wires
    scene.operator.answer()
    scene.advance()
    assert scene.outcomes()[1:] == [Handed("10"), Handed("11"), Handed("12")]
    assert (len(fired), scene.clock.getDelayedCalls()) == (1, [])
    assert [one.reason for one in scene.operator.closed] == ["the peer unbound"]


def test_stop_before_an_operator_that_is_stuck() -> None:
    """It does not wait for ever: what was unanswered is unknown, what was not sent goes back."""
    scene = Scene(window=3).start()
    scene.operator.holding = True
    scene.gateway.submit([segment(1, part=part, total=5) for part in range(1, 6)])
    fired = scene.stop()
    scene.advance(10)
    assert Counter(type(one).__name__ for one in scene.outcomes()) == {"Unknown": 3, "Unavailable": 2}
    assert sorted(keys(scene.hearing.answers)) == [(1, part) for part in range(1, 6)]
    assert (len(fired), scene.clock.getDelayedCalls()) == (1, [])
    scene.start()
    scene.operator.holding = False
    scene.submit(1)
    assert (len(scene.operator.submits), len(scene.hearing.answers)) == (4, 6)


@pytest.mark.parametrize("when", ["connecting", "waiting", "complained", "paused"])
def test_stop_at_any_time(when: str) -> None:
    """Whatever it waits for, no timer is left."""
    scene = Scene()
    if when == "waiting":
        scene.operator.endpoint.away = True
    if when == "connecting":
        scene.gateway.startService()
    else:
        scene.start()
    scene.operator.status = lambda body: Status.ESME_RTHROTTLED if when == "complained" else Status.ESME_RSYSERR
    if when in ("complained", "paused"):
        scene.submit(20)
        assert scene.gateway.capacity == 0
    fired = scene.stop()
    scene.advance()
    assert (scene.gateway.state, len(fired), scene.clock.getDelayedCalls()) == ("down", 1, [])


def test_restart() -> None:
    """Stopped and started, it is as new; also where the first end was not over yet."""
    scene = Scene(window=3).start()
    scene.operator.holding = True
    scene.submit(2)
    scene.stop()
    scene.gateway.startService()
    scene.advance(1)
    scene.operator.answer()
    scene.operator.holding = False
    scene.advance(1)
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 3)
    scene.submit(3)
    assert scene.outcomes() == [Handed(f"1{digit}") for digit in range(5)]
    for _ in range(3):
        scene.stop()
        scene.advance()
        scene.start()
    scene.submit()
    assert scene.outcomes()[-1] == Handed("15")
    scene.stop()
    scene.advance()
    assert scene.clock.getDelayedCalls() == []


def test_restart_after_a_complaint() -> None:
    """What the rate holds back when it comes up again is told as soon as it may leave."""
    scene = Scene().start()
    scene.operator.status = lambda body: Status.ESME_RTHROTTLED
    scene.submit(10)
    scene.stop()
    scene.advance()
    scene.start()
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 0)
    changes = scene.hearing.changes
    scene.advance(2)
    assert scene.gateway.capacity > 0
    assert scene.hearing.changes > changes


def test_unbound_by_the_operator() -> None:
    """It answers, and comes back: with the whole window, for nothing was unanswered."""
    scene = Scene(window=8).start()
    scene.wire().unbind()
    scene.advance()
    assert (scene.gateway.state, len(scene.operator.binds)) == ("down", 1)
    scene.advance(1)
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 8)


def test_log(log: list[LogEvent]) -> None:
    """Neither the password nor a text nor a reply is in the log, whatever happens."""
    scene = Scene(window=3).start()
    scene.submit(2, text=TEXT)
    scene.operator.deliver(receipt("1", short_message=TEXT.encode(), esm_class=0))
    scene.hearing.deaf = True
    scene.operator.deliver(receipt("1", short_message=TEXT.encode(), esm_class=0))
    scene.advance()
    scene.gateway.submit([segment(9, TEXT, number="+" + "3" * 30), segment(10, TEXT + "🎉")])
    scene.operator.holding = True
    scene.submit(3, text=TEXT)
    scene.cut()
    scene.operator.bind_status = Status.ESME_RINVPASWD
    scene.advance(5)
    scene.operator.endpoint.away = True
    scene.advance(100)
    scene.stop()
    written = "\n".join(eventAsText(one) + repr(one) for one in log)
    assert len(log) > 8
    assert PASSWORD not in written
    assert "4711" not in written
    assert "Votre" not in written


def test_beside_one_that_is_hammered() -> None:
    """Garbage on one gateway's links does nothing to another's."""
    scene, hearing = Scene(), Hearing()
    good = scene.another(hearing)
    good.startService()
    scene.advance()
    (healthy,) = scene.operator.endpoint.up
    scene.start()
    for turn in range(200):
        for link in scene.operator.endpoint.up:
            if link is not healthy:
                link.far.write(bytes((turn, 255, turn)) * 40)
        good.submit([segment(1000 + turn)])
        scene.advance(0.5)
    assert len(hearing.answers) == 200
    assert all(isinstance(one.outcome, Handed) for one in hearing.answers)
    assert (healthy.is_up, good.state, scene.errors) == (True, "up", [])
    assert len(scene.operator.endpoint.up) <= 2

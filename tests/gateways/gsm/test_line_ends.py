"""Every message of a line is answered once, at whatever moment it ends, and whatever the time of day is set to."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol

from gateways.gsm.line import ABSENT_SECONDS
from gateways.gsm.modem_events import Doubt, PinWanted, Sent, SentLate
from smstob.model.modem import ModemState
from tests.peers.modem.modem import RESTART_SECONDS
from tests.peers.modem.profiles import PROFILES, SIMCOM

from .line_scene import CLOSED, NOTHING, PATH, Desk, pending
from .pool import NUMBER


class SlowPorts:
    """Ports that open only when they are told to."""

    def __init__(self) -> None:
        self.openings: list[Deferred[ITransport]] = []
        self.given_up = 0

    def paths(self, pattern: str) -> list[str]:
        """See ``IPorts``."""
        return [pattern]

    def real(self, path: str) -> str:
        """See ``IPorts``."""
        return path

    def open(self, path: str, protocol: Protocol) -> "Deferred[ITransport]":
        """See ``IPorts``."""
        opening: Deferred[ITransport] = Deferred(self._give_up)
        self.openings.append(opening)
        return opening

    def _give_up(self, _: Any) -> None:
        self.given_up += 1


MESSAGE_FAULTS: Final[dict[str, dict[str, Any]]] = {
    "hang": {"match": "AT+CMGS", "until": "reopen"},
    "ignore": {"match": "AT+CMGS"},
    "error": {"match": "AT+CMGS"},
    "slow": {"match": "AT+CMGS", "seconds": 30.0},
    "port_loss": {"match": "AT+CMGS"},
    "prompt_lost": {},
    "bare_prompt": {},
    "interrupt_prompt": {},
    "hang_after_pdu": {"taken": True, "until": "reopen"},
    "slow_after_pdu": {"seconds": 70.0},
    "refuse_pdu": {"code": 38},
    "ok_lost": {},
    "reference_lost": {},
    "error_after_reference": {},
    "port_loss_after_pdu": {"taken": True},
    "reset_in_send": {"taken": True},
}


@pytest.mark.parametrize("fault", MESSAGE_FAULTS)
@pytest.mark.parametrize("maker", ["generic", "simcom"])
def test_every_message_has_one_outcome(maker: str, fault: str) -> None:
    """Whatever goes wrong, it is told once, in bounded time; «not sent» is never told of what the network has."""
    desk = Desk(PROFILES[maker]).start()
    desk.modem.faults.set(fault, **MESSAGE_FAULTS[fault])
    desk.send()
    desk.run(lambda: desk.outcomes, 120)
    desk.wait(120)
    (outcome,) = desk.outcomes
    assert isinstance(outcome, Doubt) or isinstance(outcome, Sent) == bool(desk.network.taken)
    assert desk.modem.faults.struck[fault] == 1
    desk.run(desk.is_up, 120)
    desk.send()
    desk.run(lambda: len(desk.outcomes) == 2)
    assert isinstance(desk.outcomes[1], Sent)


def unplug(desk: Desk) -> None:
    """Pull the modem out."""
    desk.ports.unplug(PATH)


def restart(desk: Desk) -> None:
    """The modem starts anew by itself, and says so."""
    desk.modem.insert(desk.modem.sim, desk.timers.seconds())


ENDS: Final[dict[str, Callable[[Desk], None]]] = {
    "stop": lambda desk: desk.line.stop(),
    "sleep": lambda desk: desk.line.sleep(),
    "reset": lambda desk: desk.line.reset("Il est en panne."),
    "unplug": unplug,
    "restart": restart,
}


@pytest.mark.parametrize("end", ENDS)
def test_ends_in_the_middle_of_a_message(end: str) -> None:
    """At whatever moment of a message the line ends, that message is answered once, and truly."""
    for moment in range(0, 400, 6):
        desk = Desk(send_seconds=3.0).start()
        desk.send()
        desk.wait(moment / 100)
        ENDS[end](desk)
        desk.run(lambda desk=desk: desk.outcomes, 100)  # type: ignore[misc]
        desk.wait(20)
        (outcome,) = desk.outcomes
        assert isinstance(outcome, Doubt) or isinstance(outcome, Sent) == bool(desk.network.taken), moment


def test_stop_at_any_moment() -> None:
    """Whenever it is stopped, at its start, while it sends, is lost or silent: nothing is left, and it starts anew."""
    for moment in range(0, 1400, 17):
        desk = Desk(send_seconds=1.0)
        desk.modem.faults.set("hang", match="AT+CMGS", until="reopen")
        desk.line.start()
        if moment > 100:
            desk.ports.plug(PATH, desk.modem)
        for _ in range(moment):
            desk.timers.advance(0.02)
            if desk.is_up() and not desk.outcomes:
                desk.send()
            elif desk.is_up() and moment % 2 and desk.ports.paths("*"):
                desk.modem.faults.set("port_loss", seconds=1.0)
                desk.send()
        desk.line.stop()
        assert (desk.line.state, desk.line.reason) == (ModemState.ABSENT, CLOSED)
        assert (pending(desk), desk.line.facts, desk.line.modem) == ([], None, None), moment
        desk.line.stop()
        tries, changes = len(desk.ports.tries), len(desk.states)
        desk.wait(40)
        assert (len(desk.ports.tries), len(desk.states)) == (tries, changes)
        if moment % 170 == 0:
            desk.modem.faults.clear()
            if not desk.ports.paths("*"):
                desk.ports.plug(PATH, desk.modem)
            desk.line.start()
            desk.run(desk.is_up)


def test_stop_while_it_opens() -> None:
    """An opening that is under way is given up, its failure is nobody's, and another one may begin."""
    slow = SlowPorts()
    desk = Desk(ports=slow)
    desk.line.start()
    desk.wait(60)
    assert len(slow.openings) == 1
    desk.line.stop()
    assert (slow.given_up, pending(desk), desk.line.reason) == (1, [], CLOSED)
    desk.line.start()
    assert len(slow.openings) == 2
    slow.openings[1].errback(OSError(2, "nothing"))
    assert desk.line.reason == NOTHING
    desk.wait(ABSENT_SECONDS + 0.1)
    assert len(slow.openings) == 3


def test_stop_after_a_reset() -> None:
    """A line that is stopped while its reset still leaves closes its port with it."""
    desk = Desk(SIMCOM).start()
    desk.line.reset("Il est en panne.")
    assert pending(desk)
    desk.line.stop()
    assert pending(desk) == []
    desk.wait(RESTART_SECONDS + 1)
    other = Protocol()
    desk.ports.open(PATH, other)
    assert other.transport is not None


def test_sleep() -> None:
    """A port that sleeps is closed, says why, and wakes by a start."""
    desk = Desk().start()
    desk.line.sleep()
    assert (desk.line.state, desk.line.reason) == (ModemState.ABSENT, "C'est un second port du même modem.")
    assert pending(desk) == []
    desk.wait(60)
    assert desk.ports.opened == 1
    desk.line.start()
    desk.run(desk.is_up)


@pytest.mark.parametrize("seconds", [-86_400.0, -3.0, 3.0, 86_400.0])
def test_clock_is_set_while_it_works(seconds: float) -> None:
    """A time of day that is set, at whatever moment, holds nothing up, and gives no modem up."""
    for moment in range(0, 700, 25):
        desk = Desk(send_seconds=3.0)
        desk.ports.plug(PATH, desk.modem)
        desk.line.start()
        desk.wait(moment / 100)
        desk.clock.set_by += seconds
        desk.run(desk.is_up, 15)
        desk.send()
        desk.wait(moment / 200)
        desk.clock.set_by += seconds
        desk.run(lambda desk=desk: desk.outcomes, 15)  # type: ignore[misc]
        assert [type(one) for one in desk.outcomes] == [Sent]
        assert desk.line.take_resets() == 0


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_clock_is_set_before_a_word_of_the_modem(seconds: float) -> None:
    """Whatever a modem says by itself after the clock was set, the message that is under way goes well."""
    for moment in range(11):
        desk = Desk(SIMCOM, send_seconds=10.0).start()
        desk.send()
        desk.wait(moment)
        desk.clock.set_by += seconds
        desk.network.send_message("208011234567890", NUMBER, "Merci", desk.timers.seconds())
        desk.run(lambda desk=desk: desk.outcomes, 15)  # type: ignore[misc]
        assert [type(one) for one in desk.outcomes] == [Sent], moment


@pytest.mark.parametrize("moment", [0, 10, 29, 31])
def test_silence_of_a_minute(moment: int) -> None:
    """A step of the longest command's time is none of the clock: it ends, and the modem is brought back."""
    desk = Desk(send_seconds=1.0).start()
    desk.wait(moment)
    desk.modem.faults.set("hang_after_pdu", until="reopen")
    desk.send("a")
    assert desk.run(lambda: desk.outcomes, 70) > 55
    assert desk.outcomes == [Doubt("a")]
    desk.run(desk.is_up, 60)


def test_clock_is_set_back_again_and_again() -> None:
    """A clock that is set back by an hour every ten seconds: time goes on, and a silent modem is found."""
    desk = Desk().start()
    desk.modem.faults.set("hang", until="reopen")
    latest = desk.line.now()
    for _ in range(12):
        desk.clock.set_by -= 3600.0
        assert desk.line.now() == pytest.approx(latest)
        desk.wait(10)
        assert desk.line.now() == pytest.approx(latest + 10, abs=0.1)
        latest = desk.line.now()
    assert (desk.line.take_resets(), desk.ports.opened) == (1, 2)


def test_late_answer_is_told() -> None:
    """A message in doubt that was sent after all is told to the owner."""
    desk = Desk().start()
    desk.modem.faults.set("slow_after_pdu", seconds=61.0)
    desk.send("late")
    desk.run(lambda: desk.events, 120)
    assert desk.outcomes == [Doubt("late")]
    assert desk.events == [SentLate("late", 0)]


def test_pin_for_a_modem_that_is_gone() -> None:
    """A code that comes when the port was closed is given to nobody; the next opening asks for it anew."""
    desk = Desk(pin="4711")
    desk.ports.plug(PATH, desk.modem)
    desk.line.start()
    desk.run(lambda: desk.events)
    first = desk.line.modem
    assert first is not None
    assert desk.events == [PinWanted("8933012345678901234", "490154203237518", None)]
    desk.ports.unplug(PATH)
    desk.wait(1)
    assert not desk.line.give_pin(first, "4711")
    desk.ports.plug(PATH, desk.modem)
    desk.run(lambda: len(desk.events) == 2)
    assert not desk.line.give_pin(first, "4711")
    desk.line.refuse_pin(first, "Rien.")
    assert desk.line.modem is not None
    assert desk.line.give_pin(desk.line.modem, "4711")
    assert desk.opened == []
    desk.run(desk.is_up)
    assert desk.opened == ["8933012345678901234"]
    assert desk.modem.sim is not None
    assert desk.modem.sim.tries == 3
    assert not desk.line.give_pin(desk.line.modem, "4711")


def test_reply_of_an_earlier_opening() -> None:
    """What was told before the port was lost is settled by nobody, and is told again after it."""
    desk = Desk().start()
    desk.network.send_message("208011234567890", NUMBER, "Merci", desk.timers.seconds())
    desk.run(lambda: desk.events)
    first, (told,) = desk.line.modem, desk.events
    assert first is not None
    desk.ports.unplug(PATH)
    desk.wait(1)
    desk.ports.plug(PATH, desk.modem)
    desk.run(lambda: len(desk.events) == 2)
    desk.line.settle(first, told.index, True)
    desk.wait(60)
    assert desk.modem.sim is not None
    assert len(desk.modem.sim.memory.messages) == 1
    assert desk.line.modem is not None
    desk.line.settle(desk.line.modem, desk.events[1].index, True)
    desk.run(lambda: desk.modem.sim and not desk.modem.sim.memory.messages)
    assert len(desk.events) == 2

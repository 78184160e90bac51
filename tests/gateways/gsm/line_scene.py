"""A line before a simulated modem, on a clock that somebody may set, and what it tells."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITransport
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from zope.interface import implementer

from gateways.gsm.line import Line, Outcome
from gateways.gsm.modem import Modem
from gateways.gsm.modem_events import CardOpened, PinWanted, Received, Reported, SentLate
from gateways.gsm.ports import IPorts
from gateways.gsm.start import Wanted
from gateways.gsm.tpdu import pdu, submit
from smstob.model.message import Segment
from smstob.model.modem import ModemState
from smstob.model.segment import Coding
from tests.gateways.gsm.pool import NUMBER
from tests.peers.modem.card import Sim
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import GENERIC, Profile

PATH: Final = "/dev/ttyUSB0"
RESET: Final = b"\rAT+CFUN=1,1\r"
LOST: Final = "Le modem a été débranché ou a redémarré."
SILENT: Final = "Le modem ne répond pas."
NOTHING: Final = "Il n'y a rien à ce port : branchez le modem, ou corrigez « port »."
TAKEN: Final = "Un autre programme tient ce port : arrêtez-le."
CLOSED: Final = "Son port n'est pas encore ouvert."


@implementer(IReactorTime)
class SetClock:
    """Timers that run by themselves, and a time of day that somebody sets, as with ``WallClock``."""

    def __init__(self, timers: Clock) -> None:
        self.set_by = 0.0
        self._timers = timers

    def seconds(self) -> float:
        """The time of day."""
        return self._timers.seconds() + self.set_by

    def callLater(self, delay: float, callable: Any, *arguments: Any, **named: Any) -> IDelayedCall:
        """See ``IReactorTime``."""
        return self._timers.callLater(delay, callable, *arguments, **named)

    def getDelayedCalls(self) -> Any:
        """See ``IReactorTime``."""
        return self._timers.getDelayedCalls()


class NotedPorts(SimulatedPorts):
    """Notes when they were opened, or tried in vain."""

    def __init__(self, timers: Clock) -> None:
        super().__init__(timers)
        self.tries: list[float] = []
        self._timers = timers

    def open(self, path: str, protocol: Protocol) -> "Deferred[ITransport]":
        """See ``IPorts``."""
        self.tries.append(self._timers.seconds())
        return super().open(path, protocol)

    def spaces(self) -> list[float]:
        """Seconds between two."""
        return [round(late - early, 1) for early, late in pairwise(self.tries)]


class NotedModem(SimulatedModem):
    """Notes all that is written to it, also what it does not hear."""

    written = b""

    def receive(self, data: bytes, now: float) -> None:
        """Bytes of the host's."""
        self.written += data
        super().receive(data, now)


class Desk:
    """A line before a simulated modem, and what it tells."""

    def __init__(self, profile: Profile = GENERIC, ports: IPorts | None = None, **settings: Any) -> None:
        self.timers = Clock()
        self.clock = SetClock(self.timers)
        self.network = SimulatedNetwork()
        sim = Sim(imsi="208011234567890", iccid="8933012345678901234", pin=settings.pop("pin", None))
        self.modem = NotedModem(self.network, sim, profile, **settings)
        self.ports = NotedPorts(self.timers)
        self.line = Line(PATH, Wanted(), ports or self.ports, self.clock, self)
        self.states: list[ModemState] = []
        self.events: list[Any] = []
        self.outcomes: list[Outcome] = []
        self.spared = False
        """Whether another port of the modem works."""
        self.opened: list[str] = []
        """Cards that opened."""

    def changed(self) -> None:
        """See ``Owner``."""
        self.states.append(self.line.state)

    def told(self, event: Reported | Received, modem: Modem) -> None:
        """See ``Owner``."""
        self.events.append(event)

    def sent_late(self, event: SentLate) -> None:
        """See ``Owner``."""
        self.events.append(event)

    def freed(self) -> None:
        """See ``Owner``."""

    def pin_wanted(self, event: PinWanted, modem: Modem) -> None:
        """See ``Owner``."""
        self.events.append(event)

    def card_opened(self, event: CardOpened) -> None:
        """See ``Owner``."""
        self.opened.append(event.card)

    def may_reset(self, imei: str) -> bool:
        """See ``Owner``."""
        return not self.spared

    def run(self, ready: Callable[[], object], seconds: float = 60.0) -> float:
        """Let time pass until it is so; how long that took. Fails after ``seconds``."""
        begin = self.timers.seconds()
        while not ready():
            if self.timers.seconds() > begin + seconds:
                raise AssertionError(f"not in {seconds} s: {self.line.state}, {self.line.reason}, {self.states}")
            self.timers.advance(0.02)
        return self.timers.seconds() - begin

    def wait(self, seconds: float) -> None:
        """Let that time pass."""
        self.timers.pump([0.02] * round(seconds * 50))

    def is_up(self) -> bool:
        """Whether it may be given messages."""
        return self.line.state is ModemState.UP and self.line.is_free

    def is_ill(self) -> bool:
        """Whether it is being brought back."""
        return self.line.state is ModemState.HEALING

    def start(self) -> "Desk":
        """Plug the modem in, and let it start."""
        self.ports.plug(PATH, self.modem)
        self.line.start()
        self.run(self.is_up)
        return self

    def send(self, key: str = "a") -> None:
        """Give it a message."""
        segment = Segment(
            message=1, part=1, total=1, number=NUMBER, text="Oui", coding=Coding.GSM7, flash=False, validity=3600
        )
        self.line.send(key, pdu.write(submit.of_segment(segment, 0))).addCallback(self.outcomes.append)

    def resets(self) -> int:
        """How often the modem was told to restart."""
        return self.modem.written.count(RESET)


def pending(desk: Desk) -> list[Any]:
    """What is still to be called of ours, and not of the simulated modem's."""
    calls: list[Any] = list(desk.timers.getDelayedCalls())
    return [one for one in calls if type(getattr(one.func, "__self__", None)).__module__.startswith("gateways.")]

"""A ``Modem`` at the port of a simulated one, on a clock."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock

from gateways.gsm.modem import Modem
from gateways.gsm.modem_events import Event
from gateways.gsm.start import Wanted
from gateways.gsm.tpdu import pdu, submit
from smstob.model.message import Segment
from smstob.model.modem import ModemState
from smstob.model.segment import Coding
from tests.peers.modem.card import Sim
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import GENERIC, Profile

PATH: Final = "/dev/ttyUSB0"
NUMBER: Final = "+33612345678"


class Attached(Protocol):
    """What opens the port and carries bytes; PINs are given as ``pin`` says."""

    def __init__(self, profile: Profile = GENERIC, sim: Sim | None = None, **settings: Any) -> None:
        self.clock = Clock()
        self.network = SimulatedNetwork()
        self.sim = sim or Sim(imsi="208011234567890", iccid="8933012345678901234")
        self.peer = SimulatedModem(self.network, self.sim, profile, **settings)
        self.ports = SimulatedPorts(self.clock)
        self.modem = Modem(Wanted())
        self.events: list[Event] = []
        self.pin = ""
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Plug the modem in and open its port."""
        self.ports.plug(PATH, self.peer)
        self.ports.open(PATH, self)
        self.modem.opened(self.clock.seconds())
        self.carry()

    def dataReceived(self, data: bytes) -> None:
        """Bytes of the modem's."""
        self.modem.receive(data, self.clock.seconds())
        self.carry()

    def connectionLost(self, reason: Any = None) -> None:
        """The port is gone."""
        self.modem.lost(self.clock.seconds())
        self.carry()

    def carry(self) -> None:
        """Write what there is to write, keep what is told, and come back in time."""
        assert self.transport is not None
        self.transport.write(self.modem.output())
        self.events += self.modem.events()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if (deadline := self.modem.deadline) is not None:
            self._timer = self.clock.callLater(max(0.0, deadline - self.clock.seconds()), self._tick)

    def _tick(self) -> None:
        self.modem.tick(self.clock.seconds())
        self.carry()

    def run(self, ready: Callable[[], object], seconds: float = 60.0) -> None:
        """Let time pass until it is so; fails after ``seconds``."""
        end = self.clock.seconds() + seconds
        while not ready():
            if self.clock.seconds() > end:
                raise AssertionError(f"not in {seconds} s: {self.modem.state}, {self.modem.reason}, {self.events}")
            self.clock.advance(0.01)

    def up(self) -> None:
        """Let it start."""
        self.run(lambda: self.modem.state is ModemState.UP)

    def send(self, key: str = "a", text: str = "Bonjour") -> None:
        """Give it a message, as soon as it takes one."""
        self.run(lambda: self.modem.is_free)
        segment = Segment(
            message=1, part=1, total=1, number=NUMBER, text=text, coding=Coding.GSM7, flash=False, validity=3600
        )
        self.modem.send(key, pdu.write(submit.of_segment(segment, 0)), self.clock.seconds())
        self.carry()

    def told(self, kind: type[Event]) -> list[Any]:
        """The events of that kind so far."""
        return [one for one in self.events if isinstance(one, kind)]

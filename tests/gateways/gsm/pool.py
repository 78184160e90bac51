"""A pool of simulated modems as a gateway, on a clock, and what it tells."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from gateways.gsm.gateway import GsmGateway
from gateways.gsm.settings import GsmSettings
from smstob.model.message import Answer, Outcome, Segment
from smstob.model.modem import ModemReport, ModemState, SimLimits
from smstob.model.segment import Coding
from tests.fakes import Hearing
from tests.peers.modem.card import Sim
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import GENERIC, Profile

NOW: Final = 1_795_000_000
NUMBER: Final = "+33612345678"
FREE: Final = SimLimits(per_minute=0)


def settings(**given: Any) -> GsmSettings:
    """What the configuration says, without limits."""
    defaults: dict[str, Any] = {
        "ports": ("/dev/ttyUSB*",),
        "baudrate": 115_200,
        "pins": {},
        "smsc": "",
        "limits": FREE,
        "again": None,
        "reports": True,
    }
    return GsmSettings(**defaults | given)


def imsi(index: int) -> str:
    """Of the card in the modem of that number."""
    return f"20801{index:010}"


class Pool:
    """So many modems, each at its port, and a gateway."""

    def __init__(
        self,
        modems: int = 1,
        profile: Profile | Sequence[Profile] = GENERIC,
        hearing: Hearing | None = None,
        send_seconds: float = 0.0,
        pin: str | None = None,
        clock: Clock | None = None,
        **given: Any,
    ) -> None:
        self.clock = clock or Clock()
        self.clock.advance(NOW)
        self.network = SimulatedNetwork(epoch=0)
        self.ports = SimulatedPorts(self.clock)
        self.hearing = hearing or Hearing()
        self.given = given
        self.gateway = self.another()
        self.modems: list[SimulatedModem] = []
        profiles = [profile] * modems if isinstance(profile, Profile) else profile
        for index in range(modems):
            sim = Sim(imsi=imsi(index), iccid=f"8933{index:015}", pin=pin)
            modem = SimulatedModem(
                self.network, sim, profiles[index], send_seconds=send_seconds, seed=index, imei=f"35{index:013}"
            )
            self.modems.append(modem)
            self.ports.plug(self.path(index), modem)
        self._serial = count(1)

    @staticmethod
    def path(index: int) -> str:
        """The port of the modem of that number."""
        return f"/dev/ttyUSB{index}"

    def another(self) -> GsmGateway:
        """A gateway at the same ports, as after a restart of the daemon."""
        return GsmGateway("A", settings(**self.given), self.ports, self.clock, self.hearing)

    def start(self) -> "Pool":
        """Start it, until every modem is up."""
        self.gateway.startService()
        self.run(lambda: self.states() == [ModemState.UP] * len(self.modems))
        return self

    def run(self, ready: Callable[[], object], seconds: float = 60.0, step: float = 0.02) -> float:
        """Let time pass until it is so; how long that took. Fails after ``seconds``."""
        begin = self.clock.seconds()
        while not ready():
            if self.clock.seconds() > begin + seconds:
                raise AssertionError(f"not in {seconds} s: {self.gateway.state}, {self.gateway.modems()}")
            self.clock.advance(step)
        return self.clock.seconds() - begin

    def wait(self, seconds: float, step: float = 0.05) -> None:
        """Let that time pass."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end:
            self.clock.advance(step)

    def reports(self) -> list[ModemReport]:
        """The modems as the operator sees them."""
        return list(self.gateway.modems())

    def states(self) -> list[ModemState]:
        """Their states."""
        return [one.state for one in self.reports()]

    def message(self, text: str = "Bonjour", number: str = NUMBER, total: int = 1, **given: Any) -> list[Segment]:
        """The segments of a new message; each has that text."""
        message = next(self._serial)
        defaults: dict[str, Any] = {"coding": Coding.GSM7, "flash": False, "validity": 3600}
        return [
            Segment(message=message, part=part, total=total, number=number, text=text, **defaults | given)
            for part in range(1, total + 1)
        ]

    def submit(self, *messages: Sequence[Segment]) -> None:
        """Give them to the gateway, whatever its capacity."""
        self.gateway.submit([segment for message in messages for segment in message])

    def send(self, *messages: Sequence[Segment], seconds: float = 120.0) -> list[Outcome]:
        """The same, until all are answered: the outcomes, in their order."""
        before = len(self.hearing.answers)
        self.submit(*messages)
        total = sum(map(len, messages))
        self.run(lambda: len(self.hearing.answers) >= before + total, seconds)
        return [answer.outcome for answer in self.hearing.answers[before:]]

    def outcomes(self, message: Sequence[Segment]) -> list[Outcome]:
        """What was answered of a message, in order."""
        return [one.outcome for one in self.hearing.answers if one.message == message[0].message]

    def answered(self) -> list[Answer]:
        """All answers so far."""
        return self.hearing.answers


class PromptGsmGateway(GsmGateway):
    """One modem that takes no time, before a network that takes everything."""

    def __init__(self, clock: Clock, hearing: Hearing) -> None:
        self._time = clock
        network = SimulatedNetwork()
        ports = SimulatedPorts(clock)
        modem = SimulatedModem(network, Sim(imsi=imsi(0), iccid="8933000000000000017"))
        ports.plug("/dev/ttyUSB0", modem)
        super().__init__("A", settings(), ports, clock, hearing)

    def startService(self) -> None:
        """Up when it returns."""
        super().startService()
        for _ in range(3000):
            self._time.advance(0.02)

    def stopService(self) -> "Deferred[Any]":
        """Down when it returns."""
        stopped = super().stopService()
        self._time.advance(1)
        return stopped

"""The gateway on a clock, before an SMSC made of ``txsmpp`` that does what a test tells it."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from random import Random
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from gateways.smpp.gateway import SmppGateway
from gateways.smpp.settings import SmppSettings, parse_settings
from smstob.model.message import Answer, Outcome, Segment
from smstob.model.segment import Coding
from smstob.table import Table
from tests.fakes import Hearing
from txsmpp.binding import Bind
from txsmpp.events import Answered, Asked, Bound, Closed, Event
from txsmpp.fields import Body
from txsmpp.pdu import DeliverSm, SubmitSm, SubmitSmResponse
from txsmpp.server import Smsc
from txsmpp.session import Limits
from txsmpp.wire import Wire

from .memory import Memory

NOW: Final = 1_772_449_200
"""2026-03-02, noon in Paris."""
PHONE: Final = "+33612345678"
PASSWORD: Final = "K7P2-W9X"
GIVEN: Final[dict[str, Any]] = {
    "endpoint": "tcp:smsc.example:2775",
    "system_id": "smstob",
    "password": PASSWORD,
    "source": "SMStoB",
}


def read_settings(**given: Any) -> tuple[SmppSettings, list[str]]:
    """What such a table becomes, and the mistakes that are told; None leaves a key out."""
    mistakes: list[str] = []
    values = {key: value for key, value in (GIVEN | given).items() if value is not None}
    with Table(values, "s", mistakes) as table:
        settings = parse_settings(table)
    return settings, mistakes


def settings(**given: Any) -> SmppSettings:
    """The same, where there are none."""
    read, mistakes = read_settings(**given)
    assert not mistakes, mistakes
    return read


def segment(message: int = 1, text: str = "Bonjour", **rest: Any) -> Segment:
    """One SMS of a message."""
    told: dict[str, Any] = {"part": 1, "total": 1, "number": PHONE, "coding": Coding.GSM7, "flash": False}
    return Segment(message=message, text=text, **(told | {"validity": 3600} | rest))


class Operator:
    """The SMSC: takes everything, and notes it. ``status`` says otherwise, while ``holding`` nothing is answered."""

    def __init__(self, clock: Clock) -> None:
        self.smsc = Smsc(b"OPERATOR", self._authenticate, self, clock, Limits(window=100_000, link_seconds=1e9))
        self.endpoint = Memory(clock, lambda: self.smsc.buildProtocol(None))
        self.status: Callable[[SubmitSm], int] = lambda body: 0
        self.bind_status = 0
        self.holding = False
        self.binds: list[Bind] = []
        self.submits: list[tuple[Wire, SubmitSm]] = []
        """Every submit_sm that came."""
        self.held: list[tuple[Wire, Asked]] = []
        self.most: dict[Wire, int] = {}
        """Submits that were unanswered at once, at most."""
        self.answered: list[Answered] = []
        """What the gateway answered deliver_sm and the like."""
        self.closed: list[Closed] = []
        self._serial = count(0x10)
        self.ids: Callable[[], bytes] = lambda: b"%x" % next(self._serial)
        """Makes the message_id of each response."""

    def _authenticate(self, bind: Bind, wire: Wire) -> int:
        self.binds.append(bind)
        return self.bind_status

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``txsmpp.wire.Owner``."""
        for event in events:
            if isinstance(event, Asked) and isinstance(event.body, SubmitSm):
                self.submits.append((wire, event.body))
                self.held.append((wire, event))
                self.most[wire] = max(self.most.get(wire, 0), sum(one is wire for one, _ in self.held))
            elif isinstance(event, Answered):
                self.answered.append(event)
            elif isinstance(event, Closed):
                self.closed.append(event)
                self.held = [pair for pair in self.held if pair[0] is not wire]
            else:
                assert not isinstance(event, Bound)
        if not self.holding:
            self.answer()

    def answer(self, most: int | None = None, status: int | None = None) -> None:
        """Answer the oldest ``most``, or all, of what is held."""
        chosen, self.held = self.held[:most], self.held[len(self.held) if most is None else most :]
        for wire, asked in chosen:
            assert isinstance(asked.body, SubmitSm)
            told = self.status(asked.body) if status is None else status
            body = b"" if told else SubmitSmResponse(message_id=self.ids()).encode()
            wire.respond(asked, told, body)
            wire.flush()

    def deliver(self, *bodies: Body, wire: Wire | None = None) -> None:
        """Send those, in one go."""
        chosen = wire or next(iter(self.smsc.wires))
        for body in bodies:
            chosen.request(body.command, body.encode(), body)
        chosen.flush()

    def statuses(self) -> list[int]:
        """What the gateway answered to what was delivered."""
        return [event.status for event in self.answered]

    def messages(self) -> list[bytes]:
        """The texts that came."""
        return [body.short_message for _, body in self.submits]


class PromptSmppGateway(SmppGateway):
    """Connected by a network that takes no time to an operator that takes everything."""

    def __init__(self, clock: Clock, hearing: Hearing, name: str = "A", **given: Any) -> None:
        self._time = clock
        super().__init__(name, settings(**given), [Operator(clock).endpoint], clock, hearing, Random(1))

    def startService(self) -> None:
        """Bound when it returns."""
        super().startService()
        self._time.advance(0)

    def submit(self, segments: Sequence[Segment]) -> None:
        """Answered when it returns."""
        super().submit(segments)
        self._time.advance(0)

    def stopService(self) -> "Deferred[Any]":
        """Unbound when it returns."""
        stopped = super().stopService()
        self._time.advance(0)
        return stopped


class Scene:
    """A gateway with those settings, its operator, and what it tells."""

    def __init__(self, **given: Any) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.operator = Operator(self.clock)
        self.hearing = Hearing()
        self.gateway = self.another(self.hearing, "A", **given)
        self._serial = count(1)

    def another(self, hearing: Hearing, name: str = "B", **given: Any) -> SmppGateway:
        """One more gateway to the same operator."""
        return SmppGateway(name, settings(**given), [self.operator.endpoint], self.clock, hearing, Random(1))

    def start(self) -> "Scene":
        """Bind."""
        self.gateway.startService()
        self.advance()
        return self

    def stop(self) -> list[Any]:
        """Begin to stop; what the Deferred fired with gathers in the list."""
        fired: list[Any] = []
        self.gateway.stopService().addBoth(fired.append)
        return fired

    def advance(self, seconds: float = 0.0, step: float = 0.25) -> None:
        """Let time pass, a little at a time."""
        self.clock.advance(0)
        for _ in range(round(seconds / step)):
            self.clock.advance(step)

    def submit(self, messages: int = 1, **rest: Any) -> list[Segment]:
        """Give so many messages of one SMS each."""
        given = [segment(next(self._serial), **rest) for _ in range(messages)]
        self.gateway.submit(given)
        self.advance()
        return given

    def feed(self, seconds: float, step: float = 0.05, **rest: Any) -> None:
        """Keep the gateway's capacity used for that long."""
        for _ in range(round(seconds / step)):
            if capacity := self.gateway.capacity:
                self.submit(capacity, **rest)
            self.clock.advance(step)

    def outcomes(self) -> list[Outcome]:
        """Of all answers, in order."""
        return [answer.outcome for answer in self.hearing.answers]

    def wire(self) -> Wire:
        """The SMSC's end of a link."""
        return next(iter(self.operator.smsc.wires))

    def cut(self) -> None:
        """Every link breaks."""
        for link in self.operator.endpoint.up:
            link.cut()

    @property
    def errors(self) -> list[Exception]:
        """What protocols raised."""
        return [error for link in self.operator.endpoint.links for error in link.errors]


def keys(answers: Iterable[Answer]) -> list[tuple[int, int]]:
    """Which segments were answered."""
    return [(answer.message, answer.part) for answer in answers]


def receipt(id_: str, stat: str = "DELIVRD", **rest: Any) -> DeliverSm:
    """A receipt by the text of Appendix B."""
    text = f"id:{id_} sub:001 dlvrd:001 submit date:2603021100 done date:2603021101 stat:{stat} err:000 text:"
    told: dict[str, Any] = {"source_ton": 1, "source_npi": 1, "source": b"33612345678", "destination": b"SMStoB"}
    told |= {"esm_class": 4, "short_message": text.encode()}
    return DeliverSm(**(told | rest))

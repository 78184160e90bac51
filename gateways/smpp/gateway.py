"""One operator: several binds as one way out."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from random import Random
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.endpoints import clientFromString
from twisted.internet.interfaces import IDelayedCall, IReactorTime, IStreamClientEndpoint
from twisted.logger import Logger
from zope.interface import implementer

from smstob.interfaces import IGateway, INetworkReceiver
from smstob.model.message import Answer, Handed, Outcome, Receipt, Rejected, Reply, Segment, Unavailable, Unknown
from smstob.model.reference import canonical
from txsmpp.client import Client, retry_policy
from txsmpp.constants import Command, Status, status_name
from txsmpp.events import Answered, Asked, Bound, Closed, Event, Late, Silent, State
from txsmpp.pdu import DataSm, DeliverSm
from txsmpp.wire import Wire

from . import inbound
from .encode import Encoder, Part, Submit, Unsendable
from .rate import AdaptiveRate, Refusals
from .settings import SmppSettings, parse_settings
from .statuses import FAULTS, TOO_FAST, UNBOUND, outcome

__all__ = ["SmppGateway", "make_gateway", "parse_settings"]

SENDING: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})
MOST_FAULTS: Final = 10
"""Messages in a row that meet a fault of the operator's, before others may take over."""
COMPLAINTS: Final = 3
"""Messages that are refused within ``WHILE`` seconds, before it is the operator that they tell of."""
WHILE: Final = 10.0
PAUSE: Final = 30.0
"""Seconds for which an operator with a fault is left alone."""

_SUBMIT_SM: Final = int(Command.SUBMIT_SM)


@implementer(IGateway)
class SmppGateway(Service):
    """See ``IGateway``. What comes is acknowledged when it is on disk; else the operator is asked to send it again.

    After a session that ended with messages unanswered the next one begins with one message at a time and
    doubles from there: an operator that fell is not run over as it gets up.
    """

    log = Logger()

    def __init__(
        self,
        name: str,
        settings: SmppSettings,
        endpoints: Sequence[IStreamClientEndpoint],
        clock: IReactorTime,
        receiver: INetworkReceiver,
        random: Random,
    ) -> None:
        self.name = self._name = name
        self.state = "down"
        self._settings = settings
        self._clock = clock
        self._receiver = receiver
        self._encoder = Encoder(settings.writing)
        self._window = settings.limits.window
        self._clients = [
            Client(endpoint, settings.binds, self, clock, settings.limits, retry_policy(random))
            for endpoint in endpoints
        ]
        self._rate = AdaptiveRate(clock.seconds())
        self._ready: deque[Submit] = deque()
        """Encoded, and without a place in a window yet: the rest of one message at most."""
        self._opened: dict[Wire, int] = {}
        """How far the window of each sending wire is opened."""
        self._cautious = 0
        """Of the next sessions, those that begin with one message at a time."""
        self._refusals, self._faults = Refusals(), Refusals()
        self._faulty: set[int] = set()
        """Messages that met a fault since the operator took one."""
        self._unbound = 0
        """Submits in a row for which the operator said that we are not bound."""
        self._heard: set[Wire] = set()
        """Wires where a submit was answered since some were not."""
        self._pause: IDelayedCall | None = None
        self._resume: IDelayedCall | None = None

    @property
    def capacity(self) -> int:
        """See ``IGateway``."""
        if self.state != "up":
            return 0
        room = sum(map(self._room, self._opened)) - len(self._ready)
        return max(0, min(room, self._rate.allows(self._clock.seconds())))

    def startService(self) -> None:
        """Bind."""
        super().startService()
        for client in self._clients:
            client.startService()

    def stopService(self) -> "Deferred[Any]":
        """Unbind when what is under way is answered; fires when that is done."""
        super().stopService()
        for timer in (self._pause, self._resume):
            if timer is not None and timer.active():
                timer.cancel()
        self._pause = self._resume = None
        stopped = DeferredList([client.stopService() for client in self._clients])
        self._update()
        return stopped

    def submit(self, segments: Sequence[Segment]) -> None:
        """See ``IGateway``."""
        answers: list[Answer] = []
        now = self._clock.seconds()
        for _, given in groupby(segments, attrgetter("message")):
            message = list(given)
            refusal: Outcome | None = None if self.state == "up" else Unavailable()
            if refusal is None:
                try:
                    self._ready.extend(self._encoder.encode(message, now))
                except Unsendable as reason:
                    refusal = Rejected(str(reason))
                except ValueError as reason:
                    # EncodeError, or a segment that is damaged: it must not take others with it
                    self.log.error("message {id} is nothing for SMPP: {reason}", id=message[0].message, reason=reason)
                    refusal = Rejected("Ce numéro ou ce texte ne peut pas être transmis à l'opérateur.")
            if refusal is not None:
                answers += [Answer(one.message, one.part, refusal) for one in message]
        self._rate.spend(len(segments) - len(answers))
        self._pump()
        if answers:
            self._receiver.answered(self._name, answers)
        self._resume_later(now)

    def _room(self, wire: Wire) -> int:
        return max(0, wire.session.room - (self._window - self._opened[wire]))

    def _pump(self) -> None:
        """Submit what is ready as far as windows are open, shared among the wires."""
        ready = self._ready
        if not ready:
            return
        while ready and self._opened:
            wire = max(self._opened, key=self._room)
            share = -(-len(ready) // len(self._opened))
            if not (room := min(self._room(wire), share)):
                break
            for _ in range(room):
                one = ready.popleft()
                wire.request(_SUBMIT_SM, one.body, one.parts)
        for wire in tuple(self._opened):
            wire.flush()

    def _resume_later(self, now: float) -> None:
        """Say when there is room again, where it is the operator's complaint that took it."""
        if self.running and self._resume is None and (wait := self._rate.wait(now)):
            self._resume = self._clock.callLater(wait, self._resumed)

    def _resumed(self) -> None:
        self._resume = None
        self._receiver.capacity_changed(self._name)
        self._resume_later(self._clock.seconds())

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``txsmpp.client.Owner``."""
        answers: list[Answer] = []
        late: list[Answer] = []
        asked: list[Asked] = []
        answered = 0
        for event in events:
            if isinstance(event, Answered):
                answered += 1
                self._heard.add(wire)
                told = self._outcome(wire, event)
                answers += [Answer(message, part, told) for message, part in event.context]
            elif isinstance(event, Asked):
                asked.append(event)
            elif isinstance(event, Late):
                self._heard.add(wire)
                if not event.status:
                    late += _each([event.context], _handed(event.message_id))
            elif isinstance(event, Silent):
                answers += _each(event.contexts, Unknown(silent=True))
                self._silent(wire)
            elif isinstance(event, Bound):
                self._bound(wire, event)
            elif isinstance(event, Closed):
                answers += self._closed(wire, event)
        if answered and wire in self._opened:
            self._opened[wire] = min(self._window, self._opened[wire] + answered)
        self._update()
        self._pump()
        if answers:
            self._receiver.answered(self._name, answers)
        if late:
            self._receiver.answered_late(self._name, late)
        if asked:
            self._keep(wire, asked)

    def unreachable(self, reason: str) -> None:
        """See ``txsmpp.client.Owner``."""
        self.log.warn("gateway {name} cannot be reached: {reason}", name=self._name, reason=reason)

    def _outcome(self, wire: Wire, event: Answered) -> Outcome:
        status = event.status
        if not status:
            self._unbound = 0
            self._faulty.clear()
            return _handed(event.message_id)
        message, now = event.context[0][0], self._clock.seconds()
        if status in TOO_FAST:
            if self._refusals.add(message, now) and self._refusals.several(now, COMPLAINTS, WHILE):
                self._rate.complain(now)
                self._resume_later(now)
        elif status in FAULTS:
            if self._faults.add(message, now):
                self._faulty.add(message)
            if len(self._faulty) >= MOST_FAULTS:
                self._pause_for(f"{status_name(status)} to everything")
        elif status in UNBOUND:
            self._unbound += 1
            if self._unbound >= COMPLAINTS:
                # it is bound anew, ever later where that does not help
                self._unbound = 0
                self._opened.pop(wire, None)
                wire.unbind()
        return outcome(status, self._settings.retry_statuses)

    def _bound(self, wire: Wire, event: Bound) -> None:
        self.log.info("gateway {name} is {state}", name=self._name, state=event.state.value)
        if event.state in SENDING:
            self._opened[wire] = 1 if self._cautious else self._window
            self._cautious = max(0, self._cautious - 1)
            if self.state == "up":
                self._receiver.capacity_changed(self._name)

    def _closed(self, wire: Wire, event: Closed) -> list[Answer]:
        self._opened.pop(wire, None)
        self._heard.discard(wire)
        self._cautious += bool(event.unanswered)
        log = self.log.warn if self.running else self.log.info
        log("gateway {name}: {reason}", name=self._name, reason=event.reason)
        return _each(event.unanswered, Unknown())

    def _silent(self, wire: Wire) -> None:
        """Where nothing was answered for as long as an answer may take the link is stuck, or the operator is."""
        if wire not in self._heard:
            if not self._heard:
                self._pause_for("no submit is answered")
            wire.close("no submit is answered")
        self._heard.discard(wire)

    def _pause_for(self, reason: str) -> None:
        self._faulty.clear()
        if self._pause is None and self.running:
            self.log.warn("gateway {name} pauses: {reason}", name=self._name, reason=reason)
            self._pause = self._clock.callLater(PAUSE, self._paused)

    def _paused(self) -> None:
        self._pause = None
        self._update()

    def _update(self) -> None:
        """Say what the state has become; what is ready and cannot leave is given back."""
        if not self.running:
            state = "down"
        elif self._pause is not None:
            state = "paused"
        elif self._opened:
            state = "up"
        else:
            state = "receiving" if any(client.bound for client in self._clients) else "down"
        if state == self.state:
            return
        self.state = state
        back = [] if state == "up" else _each((one.parts for one in self._ready), Unavailable())
        if state == "up":
            self._resume_later(self._clock.seconds())
        else:
            self._ready.clear()
        self._receiver.capacity_changed(self._name)
        if back:
            self._receiver.answered(self._name, back)

    def _keep(self, wire: Wire, asked: Sequence[Asked]) -> None:
        """Have what came kept, and answer it then."""
        now, settings = int(self._clock.seconds()), self._settings
        receipts: list[tuple[Asked, Receipt]] = []
        replies: list[tuple[Asked, Reply]] = []
        for one in asked:
            body = one.body
            if not isinstance(body, DeliverSm | DataSm):
                wire.respond(one, Status.ESME_RINVCMDID)
                continue
            try:
                found = inbound.read(body, self._name, settings.receipt_ids, now, settings.writing.route.source)
            except Exception:
                # it would come again for ever
                self.log.failure("gateway {name} sent what cannot be read", name=self._name)
                wire.respond(one, Status.ESME_RX_R_APPN)
                continue
            if isinstance(found, Receipt):
                receipts.append((one, found))
            elif isinstance(found, Reply):
                replies.append((one, found))
            else:
                wire.respond(one)
        if receipts:
            kept = self._receiver.receipts_received(self._name, [receipt for _, receipt in receipts])
            self._respond_when(kept, wire, [one for one, _ in receipts])
        if replies:
            kept = self._receiver.replies_received(self._name, [reply for _, reply in replies])
            self._respond_when(kept, wire, [one for one, _ in replies])

    def _respond_when(self, kept: "Deferred[None]", wire: Wire, asked: Sequence[Asked]) -> None:
        def respond(status: int) -> None:
            for one in asked:
                wire.respond(one, status)
            wire.flush()

        def refuse(failure: Any) -> None:
            self.log.warn("what {name} sent is not kept: {reason}", name=self._name, reason=failure.getErrorMessage())
            respond(Status.ESME_RX_T_APPN)

        kept.addCallbacks(lambda _: respond(0), refuse)


def _handed(message_id: bytes) -> Handed:
    return Handed(canonical(message_id.decode("latin-1")) if message_id else "")


def _each(contexts: Iterable[Sequence[Part]], told: Outcome) -> list[Answer]:
    return [Answer(message, part, told) for parts in contexts for message, part in parts]


def make_gateway(name: str, settings: SmppSettings, reactor: Any, receiver: INetworkReceiver) -> IGateway:
    """The gateway of one operator."""
    endpoints = [clientFromString(reactor, endpoint) for endpoint in settings.endpoints]
    return SmppGateway(name, settings, endpoints, reactor, receiver, Random())  # noqa: S311

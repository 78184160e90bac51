"""A pool of modems as one way out: whoever is free takes the next message, and who falls ill gives it back."""

from collections import deque
from collections.abc import Sequence
from itertools import groupby
from math import inf
from operator import attrgetter
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from zope.interface import implementer

from smstob.interfaces import IGateway, INetworkReceiver
from smstob.model.alphabet import NotGsm7
from smstob.model.message import Answer, Doubtful, Handed, Outcome, Rejected, Segment, Throttled, Unavailable, Unknown
from smstob.model.modem import ModemReport
from smstob.sim_interfaces import IModems

from .errors import UNEXPLAINED, WITHOUT_VALIDITY, Blame, Verdict
from .fleet import Fleet
from .incoming import Incoming
from .job import TOGETHER, UNEXPLAINED_WAIT, Job, Memory
from .modem import GONE
from .modem_events import Doubt, NotSent, Sent
from .ports import IPorts, Ports
from .settings import GsmSettings, parse_settings
from .station import PATIENCE, Station, Use, is_doubtful
from .tpdu.octets import Unwritable

__all__ = ["GsmGateway", "make_gateway", "parse_settings"]

AHEAD: Final = 2
"""Segments for each modem: one that is sent, and one that waits."""
LOOK_SECONDS: Final = 1.0
"""Between two looks at who may send, where nothing happens before."""
STOP_SECONDS: Final = 6.0
"""For messages that are under way when the service stops; the daemon has eight in all."""
LONGEST_WAIT: Final = 3600.0

_UNSENDABLE: Final = "Un modem ne peut pas envoyer ce message."
_TOO_LONG: Final = "Le message a plus de SMS que les limites des cartes SIM n'en permettent."


@implementer(IGateway, IModems)
class GsmGateway(Service):
    """See ``IGateway``. Its state is «limited» where every card that could send has sent all that it may for now."""

    log = Logger()

    def __init__(
        self, name: str, settings: GsmSettings, ports: IPorts, clock: IReactorTime, receiver: INetworkReceiver
    ) -> None:
        self.name = self._name = name
        self.state = "down"
        self._settings = settings
        self._clock = clock
        self._receiver = receiver
        incoming = Incoming(name, receiver, clock)
        self._fleet = Fleet(settings, ports, clock, receiver.sims, incoming, self._wake, self._sent_late)
        self._jobs: deque[Job] = deque()
        self._works: dict[Deferred[None], Job] = {}
        self._resting: set[Deferred[None]] = set()
        self._memory = Memory()
        self._turn_call: IDelayedCall | None = None
        self._turn_at = 0.0
        self._had_room = False

    @property
    def capacity(self) -> int:
        """See ``IGateway``."""
        if self.state != "up":
            return 0
        room = AHEAD * sum(station.is_serving and not station.paused for station in self._fleet)
        waiting = [job for job in self._jobs if not self._waits_for_card(job)]
        return max(0, room - sum(len(job.left) for job in (*waiting, *self._works.values())))

    def modems(self) -> Sequence[ModemReport]:
        """See ``IModems``."""
        return self._fleet.report(self._name)

    def startService(self) -> None:
        """Open the ports."""
        super().startService()
        self._fleet.start()
        self._wake()

    def stopService(self) -> "Deferred[Any]":
        """Close them when what is under way is answered; fires when that is done."""
        super().stopService()
        self._turn()
        for resting in list(self._resting):
            resting.cancel()
        stopped: Deferred[Any] = DeferredList(list(self._works))
        impatience = self._clock.callLater(STOP_SECONDS, self._hurry, stopped)

        def close(_: Any) -> None:
            if impatience.active():
                impatience.cancel()
            self._close()

        return stopped.addCallback(close)

    def submit(self, segments: Sequence[Segment]) -> None:
        """See ``IGateway``."""
        now = self._clock.seconds()
        for _, given in groupby(segments, attrgetter("message")):
            job = Job.of(list(given), now)
            if self.state == "up":
                self._jobs.append(job)
            else:
                self._end(job, Unavailable())
        self._wake()

    def _hurry(self, works: "Deferred[Any]") -> None:
        """End what is under way: what modems were given is in doubt then, what waits for the database is not sent."""
        self._fleet.stop()
        works.cancel()

    def _close(self) -> None:
        self._fleet.stop()
        self._give_back()
        self._cancel_turn()

    def _give_back(self) -> None:
        while self._jobs:
            self._end(self._jobs.popleft(), Unavailable())

    def _cancel_turn(self) -> None:
        turn, self._turn_call = self._turn_call, None
        if turn is not None and turn.active():
            turn.cancel()

    def _wake(self, delay: float = 0.0) -> None:
        """Take a turn after ``delay`` seconds, or before."""
        if not self.running:
            return
        at = self._clock.seconds() + delay
        if self._turn_call is not None and self._turn_at <= at:
            return
        self._cancel_turn()
        self._turn_at = at
        self._turn_call = self._clock.callLater(delay, self._turn)

    def _turn(self) -> None:
        """Give messages to who is free, and back what nobody will take."""
        self._cancel_turn()
        self._update()
        if not self.running:
            self._give_back()
            return
        for station in sorted((one for one in self._fleet if one.is_free), key=attrgetter("used")):
            if (job := self._next_for(station)) is not None:
                self._jobs.remove(job)
                self._begin(station, job)
        waits = [LOOK_SECONDS]
        for job in list(self._jobs):
            outcome = self._judge(job, waits)
            if outcome is not None:
                self._jobs.remove(job)
                self._end(job, outcome)
        self._wake(min(waits))

    def _update(self) -> None:
        stations = list(self._fleet)
        if not self.running:
            state = "down"
        elif any(one.is_serving for one in stations):
            state = "up"
        else:
            state = "limited" if any(one.limited > PATIENCE for one in stations) else "down"
        had_room, was = self._had_room, self.state
        self.state = state
        self._had_room = self.capacity > 0
        if was != state or (self._had_room and not had_room):
            self._receiver.capacity_changed(self._name)

    def _next_for(self, station: Station) -> Job | None:
        for job in self._jobs:
            if self._is_for(job, station) and station.wait(job.number, len(job.left)) <= 0:
                return job
        return None

    def _is_for(self, job: Job, station: Station) -> bool:
        """Whether ``station`` may have it: it has not refused it, and its card sent what is sent of it already."""
        assert station.card is not None
        card = self._memory.card(job.message, self._clock.seconds())
        is_its = card is None or card == station.card.imsi or not self._fleet.may_return(card)
        return is_its and station not in job.avoided

    def _waits_for_card(self, job: Job) -> bool:
        """Whether what is left of it can only go by a card that sends nothing now, and may soon."""
        card = self._memory.card(job.message, self._clock.seconds())
        if card is None or not self._fleet.may_return(card):
            return False
        return not any(one.card is not None and one.card.imsi == card and one.is_serving for one in self._fleet)

    def _judge(self, job: Job, waits: list[float]) -> Outcome | None:
        """What is answered of a message that nobody takes; None where somebody will, after one of ``waits``."""
        now = self._clock.seconds()
        serving = [one for one in self._fleet if one.is_serving]
        if not serving or not 0 <= now - job.since <= TOGETHER:
            return self._refusal(job) if job.avoided else Unavailable()
        if self._waits_for_card(job):
            return None
        willing = [one for one in serving if self._is_for(job, one)]
        if not willing:
            return self._refusal(job)
        room = min(one.wait(job.number, len(job.left)) for one in willing)
        if room == inf:
            return Rejected(_TOO_LONG)
        if room > PATIENCE:
            return Throttled(min(room, LONGEST_WAIT))
        if room > 0:
            waits.append(room)
        return None

    def _refusal(self, job: Job) -> Outcome:
        """What is answered of a message that was refused by whoever could send it."""
        wait = self._memory.wait(job.message) if job.reason else UNEXPLAINED_WAIT
        return Rejected(job.reason) if wait is None else Throttled(wait)

    def _begin(self, station: Station, job: Job) -> None:
        station.is_busy = True
        work = ensureDeferred(self._work(station, job))
        self._works[work] = job

        def end(failure: Any) -> None:
            del self._works[work]
            station.is_busy = False
            if failure is not None:
                self.log.failure("a message could not be sent by {name}", failure, name=self._name)
                self._end(job, Unknown())
            elif job.left:
                self._jobs.appendleft(job)
            # at once, where the service stops and nothing else wakes it
            self._wake() if self.running else self._turn()

        work.addBoth(end)

    async def _work(self, station: Station, job: Job) -> None:
        """Send what is left of a message by ``station``, as far as that goes."""
        while job.left and await self._is_time(station, job):
            if not await self._send_next(station, job):
                break

    async def _is_time(self, station: Station, job: Job) -> bool:
        """Wait until the card may send again; whether it may then."""
        wait = 0.0
        if station.card is not None:
            wait = station.wait(job.number, len(job.left))
        if 0 < wait <= PATIENCE and self.running:
            resting: Deferred[None] = deferLater(self._clock, wait)
            self._resting.add(resting)
            try:
                await resting
            except Exception:
                return False  # the service stops
            finally:
                self._resting.discard(resting)
        return wait <= PATIENCE and bool(self.running) and station.is_serving and station.line.is_free

    async def _send_next(self, station: Station, job: Job) -> bool:
        """Whether the station may go on with the message."""
        try:
            pdu = job.pdu(reports=self._settings.reports)
        except (NotGsm7, Unwritable) as error:
            self.log.error("message {id} cannot be written: {why}", id=job.message, why=type(error).__name__)
            self._end(job, Rejected(_UNSENDABLE))
            return False
        try:
            told = await station.send(job.left[0], pdu)
        except Exception as error:
            self.log.warn("message {id} waits: {why}", id=job.message, why=str(error))
            self._end(job, Unavailable())
            return False
        if told is None:
            return False
        outcome, use = told
        if isinstance(outcome, NotSent) and outcome.code in WITHOUT_VALIDITY and job.has_validity:
            job.has_validity = False
            return True
        self._take(job, station, outcome, use)
        station.look_after(outcome, job.number)
        return isinstance(outcome, Sent | Doubt) and not station.paused and station.line.is_free

    def _take(self, job: Job, station: Station, outcome: Sent | NotSent | Doubt, use: Use) -> None:
        """Answer what is answered by it."""
        if isinstance(outcome, Sent):
            self._answer(job, Handed(str(use.id)), use)
        elif is_doubtful(outcome):
            self._answer(job, Doubtful(str(use.id), self._settings.again), use)
        elif isinstance(outcome, NotSent):
            self._refused(job, station, outcome.verdict, is_explained=outcome.code not in UNEXPLAINED)

    def _refused(self, job: Job, station: Station, verdict: Verdict, *, is_explained: bool) -> None:
        if verdict.blame is Blame.MESSAGE:
            self._end(job, Rejected(verdict.reason))
        elif verdict is not GONE:
            # whatever the modem blames, the message may be what is wrong
            job.avoided.add(station)
            if is_explained:
                job.reason = verdict.reason
                self._memory.refuse(job.message, self._clock.seconds())

    def _answer(self, job: Job, outcome: Outcome, use: Use) -> None:
        segment = job.left.popleft()
        self._memory.take(job.message)
        if job.left:
            self._memory.begin(job.message, use.card.imsi, self._clock.seconds())
        else:
            self._memory.end(job.message)
        self._receiver.answered(self._name, [Answer(segment.message, segment.part, outcome)])

    def _end(self, job: Job, outcome: Outcome) -> None:
        answers = [Answer(segment.message, segment.part, outcome) for segment in job.left]
        job.left.clear()
        if isinstance(outcome, Rejected):
            self._memory.end(job.message)
        self._receiver.answered(self._name, answers)

    def _sent_late(self, use: Use, reference: int) -> None:
        self._receiver.answered_late(self._name, [Answer(use.message, use.part, Handed(str(use.id)))])


def make_gateway(name: str, settings: GsmSettings, reactor: Any, receiver: INetworkReceiver) -> IGateway:
    """The gateway of a pool of modems."""
    return GsmGateway(name, settings, Ports(reactor, settings.baudrate), reactor, receiver)

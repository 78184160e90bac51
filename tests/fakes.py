"""Gateways whose names say how they behave, a courier, and a database that is away or slow when it is told to be."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, groupby
from typing import Any, Final, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, execute, fail, succeed
from zope.interface import implementer

from smstob.interfaces import ICourier, IGateway, INetworkReceiver
from smstob.model.message import (
    Answer,
    Doubtful,
    Handed,
    Outcome,
    Receipt,
    Rejected,
    Reply,
    Segment,
    Throttled,
    Unavailable,
    Unknown,
)
from smstob.model.modem import ModemReport
from smstob.model.notice import Letter
from smstob.sim_interfaces import IModems
from smstob.storage.database import Connection, Database, Job
from smstob.storage.database import Unavailable as Away
from smstob.storage.workers import InlineWorkers
from tests.sims import KeptSims

T = TypeVar("T")

WRONG: Final = Rejected("Le numéro n'est pas attribué.")


@implementer(INetworkReceiver)
class Hearing:
    """A receiver that notes what it is told; receipts and replies are kept, or not while ``deaf``."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.late: list[Answer] = []
        self.receipts: list[Receipt] = []
        self.replies: list[Reply] = []
        self.changes = 0
        self.deaf = False
        self.told: list[str] = []
        self.sims = KeptSims()

    def answered(self, gateway: str, answers: Sequence[Answer]) -> None:
        """See ``INetworkReceiver``."""
        self.answers += answers
        self.told.append("answers")

    def answered_late(self, gateway: str, answers: Sequence[Answer]) -> None:
        """See ``INetworkReceiver``."""
        self.late += answers
        self.told.append("late")

    def receipts_received(self, gateway: str, receipts: Sequence[Receipt]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        if self.deaf:
            return fail(Away("deaf"))
        self.receipts += receipts
        self.told.append("receipts")
        return succeed(None)

    def replies_received(self, gateway: str, replies: Sequence[Reply]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        if self.deaf:
            return fail(Away("deaf"))
        self.replies += replies
        self.told.append("replies")
        return succeed(None)

    def capacity_changed(self, gateway: str) -> None:
        """See ``INetworkReceiver``."""
        self.changes += 1


@implementer(ICourier)
class KeepingCourier:
    """Keeps letters; ``refusal`` keeps it from that, and while ``slow`` a letter is under way until ``arrive``."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.tries: list[Letter] = []
        self.refusal: Exception | None = None
        self.slow = False
        self._under_way: list[Deferred[None]] = []

    async def carry(self, letter: Letter) -> None:
        """See ``ICourier``."""
        self.tries.append(letter)
        if self.slow:
            arrived: Deferred[None] = Deferred()
            self._under_way.append(arrived)
            await arrived
        if self.refusal is not None:
            raise self.refusal
        self.letters.append(letter)

    def arrive(self) -> None:
        """What is under way arrives."""
        waiting, self._under_way = self._under_way, []
        for one in waiting:
            one.callback(None)


@implementer(IGateway)
class TakingGateway(Service):
    """Takes segments into a window and answers when it is told: ``take`` hands all over, ``answer`` says otherwise."""

    def __init__(self, name: str, receiver: INetworkReceiver, window: int = 50) -> None:
        self.name = self._name = name
        self.state = "down"
        self.capacity = 0
        self.window = window
        self.given: list[Segment] = []
        """Every segment it ever got."""
        self.calls: list[list[Segment]] = []
        """The same, call by call."""
        self.open: dict[tuple[int, int], Segment] = {}
        """Those that it has not answered."""
        self.references: dict[str, Segment] = {}
        self.doubted: dict[str, Segment] = {}
        """Those that it may have taken, by the references that it told then."""
        self._receiver = receiver
        self.run = name
        """What its references begin with."""
        self._serial = count(1)

    def startService(self) -> None:
        """Up."""
        super().startService()
        self.go_up()

    def stopService(self) -> None:
        """Down: what was unanswered is unknown."""
        super().stopService()
        self.go_down()

    def go_up(self) -> None:
        """The link stands."""
        self.state = "up"
        self._count()
        self._receiver.capacity_changed(self._name)

    def go_down(self) -> None:
        """The link breaks; nobody knows what became of the unanswered segments."""
        self.state, self.capacity = "down", 0
        self._receiver.capacity_changed(self._name)
        self.answer(Unknown())

    def submit(self, segments: Sequence[Segment]) -> None:
        """See ``IGateway``. Being given more than the capacity, or half a message, is a fault of the caller."""
        if self.state == "up":
            excess = {one.message for one in segments[max(0, self.capacity - 1) :]}
            assert len(segments) <= self.capacity or (self.capacity and len(excess) == 1), "more than the capacity"
        messages = [message for message, _ in groupby(one.message for one in segments)]
        assert len(set(messages)) == len(messages), "segments of a message lie apart"
        assert not {message for message, _ in self.open} & set(messages), "a message comes in two calls"
        assert list(segments) == sorted(segments, key=lambda one: (messages.index(one.message), one.part))
        self.given += segments
        self.calls.append(list(segments))
        outcome = self.outcome() if self.state == "up" else Unavailable()
        self.open |= {(one.message, one.part): one for one in segments}
        self._count()
        if outcome is not None:
            self.answer(outcome, segments)

    def outcome(self) -> Outcome | None:
        """What every segment is answered at once; None for later."""
        return None

    def take(self, most: int | None = None) -> list[str]:
        """Hand over the oldest ``most`` unanswered segments, or all; gives their references."""
        segments = list(self.open.values())[:most]
        references = [f"{self.run}-{next(self._serial)}" for _ in segments]
        self.references |= dict(zip(references, segments, strict=True))
        self._tell([self._closed(*pair) for pair in zip(segments, map(Handed, references), strict=True)])
        return references

    def answer(self, outcome: Outcome, segments: Sequence[Segment] | None = None) -> None:
        """Answer ``segments``, or all unanswered, in that way; what is doubtful gets a reference of its own."""
        if isinstance(outcome, Handed):
            self.take()
        else:
            self._tell([self._closed(one, outcome) for one in segments or list(self.open.values())])

    def _closed(self, segment: Segment, outcome: Outcome) -> Answer:
        del self.open[segment.message, segment.part]
        if isinstance(outcome, Doubtful):
            outcome = Doubtful(f"{self.run}-?{next(self._serial)}", outcome.again)
            self.doubted[outcome.reference] = segment
        return Answer(segment.message, segment.part, outcome)

    def _tell(self, answers: list[Answer]) -> None:
        self._count()
        if answers:
            self._receiver.answered(self._name, answers)

    def _count(self) -> None:
        self.capacity = max(0, self.window - len(self.open)) if self.state == "up" else 0


class PromptGateway(TakingGateway):
    """Hands over at once."""

    def outcome(self) -> Outcome | None:
        """Handed, under a reference that ``take`` makes."""
        return Handed("")


class RejectingGateway(TakingGateway):
    """Refuses all for good."""

    def outcome(self) -> Outcome | None:
        """A number that is nobody's."""
        return WRONG


class ThrottlingGateway(TakingGateway):
    """Finds everything too fast."""

    delay = 5.0

    def outcome(self) -> Outcome | None:
        """Come again in ``delay`` seconds."""
        return Throttled(self.delay)


class UnknownGateway(TakingGateway):
    """Never knows whether it took something."""

    def outcome(self) -> Outcome | None:
        """Nobody knows."""
        return Unknown()


class SilentGateway(TakingGateway):
    """Never answers."""

    def take(self, most: int | None = None) -> list[str]:
        """Nothing, ever."""
        return []


class DownGateway(TakingGateway):
    """Does not come up when it is started; ``go_up`` mends it."""

    def startService(self) -> None:
        """Still down."""
        Service.startService(self)


class FailingGateway(TakingGateway):
    """Somebody's module with a bug: takes the first segment, then raises."""

    def submit(self, segments: Sequence[Segment]) -> None:
        """Take one, forget the others."""
        super().submit(segments[:1])
        self.take()
        raise RuntimeError("a bug")


class ChangingGateway(TakingGateway):
    """Does what ``mood`` says: an outcome, or None for silence."""

    mood: Outcome | None = None

    def outcome(self) -> Outcome | None:
        """As the mood is."""
        return self.mood


@implementer(IModems)
class ModemGateway(PromptGateway):
    """Has modems: ``reports`` tells of them."""

    reports: Sequence[ModemReport] = ()

    def modems(self) -> Sequence[ModemReport]:
        """See ``IModems``."""
        return self.reports


class SlowWorkers(InlineWorkers[Job]):
    """Writes at once; while ``held``, when ``go`` is called."""

    def __init__(self) -> None:
        self.held = False
        self._jobs: deque[Job] = deque()

    def put(self, job: Job) -> None:
        """See ``Workers``."""
        if self.held:
            self._jobs.append(job)
        else:
            super().put(job)

    def waiting(self) -> int:
        """See ``Workers``."""
        return len(self._jobs)

    def step(self) -> None:
        """Write the first that waits."""
        super().put(self._jobs.popleft())

    def go(self) -> None:
        """Write what waits, in order, and no longer hold."""
        self.held = False
        while self._jobs:
            super().put(self._jobs.popleft())

    def stop(self) -> None:
        """See ``Workers``."""
        self.go()


class FlakyDatabase(Database):
    """Refuses all while ``away``."""

    away = False

    def transact(self, work: Callable[[Connection], T]) -> "Deferred[T]":
        """See ``Database``."""
        return fail(Away("away")) if self.away else super().transact(work)

    def batch(self, work: Any, items: Sequence[Any], weight: int = 1) -> "Deferred[list[Any]]":
        """See ``Database``."""
        return fail(Away("away")) if self.away else super().batch(work, items, weight)

    def read(self, work: Callable[[Connection], T], long: bool = False) -> "Deferred[T]":
        """See ``Database``."""
        return fail(Away("away")) if self.away else super().read(work, long)


class Thread:
    """Runs work when it is told, as a busy pool of threads would."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Deferred[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def __call__(self, work: Callable[..., Any], *arguments: Any) -> "Deferred[Any]":
        """Put it off."""
        done: Deferred[Any] = Deferred()
        self.jobs.append((done, work, arguments))
        return done

    def go(self) -> None:
        """Do all that waits."""
        jobs, self.jobs = self.jobs, []
        for done, work, arguments in jobs:
            execute(work, *arguments).chainDeferred(done)

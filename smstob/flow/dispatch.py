"""The third verb: from the queue to a gateway, at its rate, and on to the next gateway when it is down."""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from ..interfaces import IGateway
from ..model.account import Format
from ..model.message import Answer, Doubtful, Handed, Outcome, Rejected, Segment, Unknown
from ..model.segment import split
from ..storage import queue
from ..storage.database import Database
from .settle import Flight, Settler

BATCH: Final = 200
"""Messages that one claim takes at most."""

LEASE: Final = 60
"""Seconds after which a claim that nobody renews is void."""

TICK: Final = 0.05
"""Seconds between two looks at a rate limit."""

UNSENDABLE: Final = "Le message ne peut pas être préparé pour l'envoi."


@attrs.define
class Counts:
    """Segments since the daemon started."""

    sent: int = 0
    failed: int = 0
    repeated: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count what a gateway said of one; what it may have taken, and gets no more, failed as far as one knows."""
        match outcome:
            case Handed():
                self.sent += 1
            case Rejected() | Doubtful(again=None):
                self.failed += 1
            case Unknown() | Doubtful():
                self.repeated += 1


class Pace:
    """How many segments may leave now, at ``throughput`` segments a second; 0 is no limit."""

    def __init__(self, throughput: float, now: float) -> None:
        self._throughput = throughput
        # more than may gather between two looks, so that nothing of the rate is lost
        self._burst = 1.0 + throughput / 10
        # a second's worth: what is claimed beyond that could not be overtaken by what is urgent
        self.batch = min(BATCH, max(1, int(throughput))) if throughput else BATCH
        self._allowed = self._burst
        self._at = now

    def allows(self, now: float) -> int:
        """Segments that may leave at ``now``; 0 or less where more have left than the rate allows."""
        if not self._throughput:
            return 1_000_000
        self._allowed = min(self._burst, self._allowed + max(0.0, now - self._at) * self._throughput)
        self._at = now
        return int(self._allowed)

    def spend(self, segments: int) -> None:
        """So many leave; the last message's may be more than are allowed, and those after wait the longer."""
        self._allowed -= segments


class Dispatcher:
    """Claims for one gateway, keeps its window full, and gathers what it answers.

    Messages are claimed in batches and their results written in batches; what is claimed and not yet
    given to the gateway waits in ``_backlog``, never more than a batch.
    """

    log = Logger()

    def __init__(
        self,
        gateway: IGateway,
        throughput: float,
        database: Database,
        settler: Settler,
        clock: IReactorTime,
        lease: str,
        random: Random,
    ) -> None:
        self.gateway = gateway
        self.counts = Counts()
        self._database = database
        self._settler = settler
        self._clock = clock
        self._lease = lease
        self._random = random
        self._pace = Pace(throughput, clock.seconds())
        self._backlog: deque[Segment] = deque()
        self._flights: dict[int, Flight] = {}
        self._settling: set[int] = set()
        self._claiming = False
        self._running = False
        self._more = False
        self._turn: IDelayedCall | None = None

    def start(self) -> None:
        """Begin to claim."""
        self._running = True
        self.wake()

    def stop(self) -> "Deferred[None] | None":
        """Claim no more, and give back what the gateway has not seen; fires when that is on disk."""
        self._running = False
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        return self.give_back()

    def wake(self, delay: float = 0.0) -> None:
        """There may be something to send, after ``delay`` seconds."""
        if self._running and self._turn is None:
            self._turn = self._clock.callLater(delay, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        self._feed()
        room = min(self.gateway.capacity, self._pace.batch) - len(self._backlog)
        if room > 0 and not self._claiming:
            self._claim(room)
        elif self._claiming:
            self._more = True

    def _claim(self, room: int) -> None:
        self._claiming, self._more = True, False
        now = int(self._clock.seconds())
        claimed = self._database.transact(
            lambda connection: queue.claim(connection, self.gateway.name, self._lease, now, now + LEASE, room)
        )
        claimed.addCallbacks(self._claimed, self._claim_failed, callbackArgs=(room,))
        claimed.addErrback(lambda failure: self.log.failure("what was claimed could not be given", failure))

    def _claim_failed(self, failure: Any) -> None:
        self._claiming = False
        self.log.warn("cannot claim: {reason}", reason=failure.getErrorMessage())
        self.wake(1.0)

    def _claimed(self, messages: Sequence[queue.Claimed], room: int) -> None:
        self._claiming = False
        now = self._clock.seconds()
        ended = []
        for message in messages:
            segments = self._prepared(message, now)
            flight = Flight(message, self.gateway.name, {segment.part for segment in segments})
            if segments and now < message.deadline:
                self._flights[message.id] = flight
                self._backlog.extend(segments)
                continue
            flight.unavailable = True
            flight.rejected = None if segments else UNSENDABLE
            ended.append(flight.settlement(now, 0.0))
        if ended:
            self._settler.settle(ended)
        if not self._running or self.gateway.state != "up":
            # it stopped, or went down, while the claim was under way
            self.give_back()
        self._feed()
        if len(messages) == room or self._more:
            self.wake()

    def _prepared(self, message: queue.Claimed, now: float) -> list[Segment]:
        """The segments of ``message``; none where it is damaged, which must not hold up the others."""
        try:
            return segments_of(message, now)
        except Exception:
            self.log.failure("message {id} cannot be prepared", id=message.id)
            return []

    def _feed(self) -> None:
        """Give the gateway what it takes and the rate allows."""
        if not self._backlog or not self._running:
            return
        allowed = self._pace.allows(self._clock.seconds())
        count = min(len(self._backlog), self.gateway.capacity, allowed)
        if count > 0:
            segments = [self._backlog.popleft() for _ in range(count)]
            # the gateway may join a message's segments
            while self._backlog and self._backlog[0].message == segments[-1].message:
                segments.append(self._backlog.popleft())
            self._pace.spend(len(segments))
            self._submit(segments)
        if self._backlog and allowed <= count and self.gateway.capacity > 0:
            self.wake(TICK)

    def _submit(self, segments: Sequence[Segment]) -> None:
        try:
            self.gateway.submit(segments)
        except Exception:
            self.log.failure("gateway {name} failed", name=self.gateway.name)
            self.answered([Answer(one.message, one.part, Unknown()) for one in segments])

    def answered(self, answers: Sequence[Answer]) -> None:
        """What became of segments; what is then complete goes to disk as one batch."""
        now = self._clock.seconds()
        settlements = []
        for answer in answers:
            self.counts.add(answer.outcome)
            flight = self._flights.get(answer.message)
            if flight is not None and flight.take(answer):
                del self._flights[answer.message]
                self._settling.add(answer.message)
                settlements.append(flight.settlement(now, self._random.random()))
        if settlements:
            done = self._settler.settle(settlements)
            done.addCallback(lambda _: self._settling.difference_update(one.id for one in settlements))
        self.wake()

    def held(self) -> list[int]:
        """Ids of the messages whose leases this dispatcher needs."""
        return [*self._flights, *self._settling]

    def give_back(self) -> "Deferred[None] | None":
        """Return to the queue what the gateway has not seen."""
        untouched = list(dict.fromkeys(segment.message for segment in self._backlog))
        if not untouched:
            return None
        self._backlog.clear()
        for id_ in untouched:
            del self._flights[id_]
        now = int(self._clock.seconds())
        given = self._database.transact(
            lambda connection: queue.release(connection, untouched, self._lease, now)
        )
        return given.addErrback(lambda _: None)  # the leases run out by themselves


def segments_of(message: queue.Claimed, now: float) -> list[Segment]:
    """The segments of ``message`` that are to be sent: no gateway took them, nor may one have for good."""
    texts = split(message.text)
    return [
        Segment(
            message=message.id,
            part=part,
            total=len(texts),
            number=message.number,
            text=text,
            coding=message.coding,
            flash=message.format is Format.FLASH,
            validity=max(1, message.deadline - int(now)),
        )
        for part, text in enumerate(texts, 1)
        if part not in message.handed | message.left
    ]

"""The fourth verb: what gateways answer and networks report becomes states and refunds on disk."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, Final, TypeVar

import attrs
from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from ..model import retry
from ..model.message import Answer, Doubtful, Handed, Receipt, Rejected, State, Throttled, Unavailable, Unknown
from ..storage import receipts
from ..storage.database import Connection, Database
from ..storage.database import Unavailable as Away
from ..storage.queue import Claimed
from ..storage.settlement import Settlement, TakenLate, settle, settle_late

R = TypeVar("R", bound=Settlement | TakenLate)

AGAIN: Final = 1.0
"""Seconds before results that the database could not take are given to it again."""

EXPIRED: Final = "La durée de validité s'est écoulée avant que le message ait pu partir."
MOST_REPEATS: Final = 10
"""Tries of which nobody knows the outcome, before a message's end is left unknown.

A link may be cut many times, most often before the operator has read what is on it, and nothing that was
accepted may be lost: these tries are 2, 8, 32 and then 60 s apart, twice as steep as others.
"""

MOST_SILENT: Final = 3
"""Likewise where the link stands and the operator does not answer: it may well have taken each of them.

A telephone must not ring ten times because of that. Whatever was repeated before counts, for it may have rung then.
"""

UNTOLD: Final = "Le réseau n'a pas dit s'il a pris le message."
UNREPORTED: Final = "Le réseau n'a pas rendu compte de la remise."
PARTLY: Final = "Une partie du message n'a pas pu partir."


@attrs.define(eq=False)
class Flight:
    """A claimed message whose segments are at the gateway."""

    message: Claimed
    gateway: str
    awaited: set[int]
    """Parts that the gateway has not answered."""
    parts: list[tuple[int, str]] = attrs.field(factory=list)
    doubtful: list[tuple[int, str, bool]] = attrs.field(factory=list)
    """Parts that the gateway may have taken, with their references; whether they are to go out again."""
    rejected: str | None = None
    unknown: bool = False
    silent: bool = False
    unavailable: bool = False
    wait: float = 0.0
    again: float = 0.0
    """Seconds before what is doubtful goes out again."""

    def take(self, answer: Answer) -> bool:
        """Note one answer; true when it was the last. What was answered before is not asked again."""
        if answer.part not in self.awaited:
            return False
        self.awaited.discard(answer.part)
        outcome = answer.outcome
        if isinstance(outcome, Handed):
            self.parts.append((answer.part, outcome.reference))
        elif isinstance(outcome, Rejected):
            self.rejected = outcome.reason
        elif isinstance(outcome, Unknown):
            self.unknown = True
            self.silent = self.silent or outcome.silent
        elif isinstance(outcome, Doubtful):
            again = None if self.message.repeats + 1 >= MOST_SILENT else outcome.again
            self.doubtful.append((answer.part, outcome.reference, again is not None))
            self.again = max(self.again, again or 0.0)
        elif isinstance(outcome, Throttled):
            self.wait = max(self.wait, outcome.delay)
        elif isinstance(outcome, Unavailable):
            self.unavailable = True
        return not self.awaited

    def settlement(self, now: float, chance: float) -> Settlement:
        """What becomes of the message, all its segments being answered.

        ``chance``, 0 to 1, spreads the next tries.
        """
        message = self.message
        taken = {part for part, _ in self.parts} | message.handed
        left = {part for part, _, again in self.doubtful if not again} | message.left
        noted = taken | left | {part for part, *_ in self.doubtful} | message.doubtful
        repeated = self.unknown or any(again for *_, again in self.doubtful)
        at = int(now)
        attempts = message.attempts + (not self.unavailable)
        state, error, due = State.QUEUED, None, at
        if len(taken) == message.segments:
            state = State.HANDED
        elif len(taken | left) == message.segments:
            state, error = State.UNKNOWN, UNTOLD
        elif self.rejected is not None:
            state, error = (State.FAILED if noted else State.REJECTED), self.rejected
        elif now >= message.deadline and len(noted) == message.segments:
            state, error = State.UNKNOWN, UNTOLD
        elif now >= message.deadline:
            state, error = (State.FAILED, PARTLY) if noted else (State.EXPIRED, EXPIRED)
        elif self.unknown and message.repeats + 1 >= (MOST_SILENT if self.silent else MOST_REPEATS):
            state, error = State.UNKNOWN, UNTOLD
        elif self.unavailable and not self.unknown:
            due = at + 1
        else:
            tries = max(1, attempts)
            wait = max(self.wait, retry.delay(2 * tries if self.unknown else tries, chance))
            due = at + max(1, round(wait))
        return Settlement(
            id=message.id,
            lease=message.lease,
            state=state,
            gateway=self.gateway,
            due=min(max(due, ceil(now + self.again)), message.deadline),
            attempts=attempts,
            repeated=int(repeated),
            error=error,
            at=at,
            parts=tuple(self.parts),
            doubtful=tuple(self.doubtful),
        )


class Settler:
    """Writes results in batches; what the database cannot take is kept and given again."""

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, woken: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._woken = woken

    def settle(self, settlements: Sequence[Settlement]) -> "Deferred[None]":
        """Record what became of messages; fires when it is on disk, however long that takes.

        One that the database can never take holds up no other: it is given up, and its lease runs out.
        """
        return self._write(record, settlements)

    def settle_late(self, taken: Sequence[TakenLate]) -> "Deferred[None]":
        """Likewise what gateways took after all, when nobody waited for their answer any more."""
        return self._write(_record_late, taken)

    def _write(self, work: Callable[[Connection, Sequence[R]], bool], results: Sequence[R]) -> "Deferred[None]":
        recorded = self._database.transact(lambda connection: work(connection, results))
        done: Deferred[None] = recorded.addCallback(self._recorded)
        return done.addErrback(self._failed, work, results)

    def _recorded(self, matched: bool) -> None:
        if matched:
            # a receipt may have sent a message back to the queue
            self._woken()

    def _failed(
        self, failure: Any, work: Callable[[Connection, Sequence[R]], bool], results: Sequence[R]
    ) -> "Deferred[None]":
        if failure.check(Away):
            self.log.warn(
                "{count} results are not on disk yet: {reason}", count=len(results), reason=failure.getErrorMessage()
            )
            again: Deferred[None] = Deferred()
            self._clock.callLater(AGAIN, again.callback, None)
            return again.addCallback(lambda _: self._write(work, results))
        if len(results) != 1:
            # one of them spoils the transaction of all
            each: Deferred[Any] = gatherResults([self._write(work, [one]) for one in results])
            return each.addCallback(lambda _: None)
        (one,) = results
        self.log.failure("the result of message {id} cannot be recorded", failure, id=one.id)
        if isinstance(one, Settlement) and (one.parts or one.doubtful or one.error):
            # better without what the gateway said of it than sent again and again
            return self.settle([attrs.evolve(one, parts=(), doubtful=(), error=None)])
        return succeed(None)

    def receive(self, received: Sequence[Receipt]) -> "Deferred[None]":
        """Record receipts; fires when they are on disk, fails where the database is away."""
        done = self._database.batch(receipts.receive, received)
        return done.addCallback(lambda results: self._woken() if any(results) else None)


def record(connection: Connection, settlements: Sequence[Settlement]) -> bool:
    """Settle messages; whether receipts were there already that fit what was taken."""
    settle(connection, settlements)
    return _match_parked(connection, settlements)


def _record_late(connection: Connection, taken: Sequence[TakenLate]) -> bool:
    settle_late(connection, taken)
    return _match_parked(connection, taken)


def _match_parked(connection: Connection, results: Sequence[R]) -> bool:
    references = [reference for one in results for _, reference in one.parts]
    references += [reference for one in results if isinstance(one, Settlement) for _, reference, _ in one.doubtful]
    return receipts.match_parked(connection, references) > 0

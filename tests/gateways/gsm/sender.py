"""What the house does with a pool's answers: it gives no more than there is room for, and again what was not taken."""

from collections.abc import Callable, Sequence
from typing import Final

from smstob.model.message import Doubtful, Handed, Outcome, Rejected, Segment, Throttled, Unavailable, Unknown
from tests.gateways.gsm.pool import Pool

STEP: Final = 0.1
"""Seconds between two looks at what was answered."""
AGAIN: Final = 1.0
"""Seconds after which what was not taken is given again, where the gateway does not say."""


class Sender:
    """Gives messages to a pool until each has its end, and notes all that is told of them, and when."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.told: dict[int, list[tuple[float, Outcome]]] = {}
        """By message: what was answered of its parts, and after how many seconds."""
        self._begin = pool.clock.seconds()
        self._seen = len(pool.hearing.answers)
        self._left: dict[int, dict[int, Segment]] = {}
        self._due: dict[int, float] = {}
        """By message: when it is given next; those that are under way are not in it."""

    def give(self, *messages: Sequence[Segment]) -> None:
        """Take messages in; they are given as soon as there is room."""
        for message in messages:
            key = message[0].message
            self._left[key] = {one.part: one for one in message}
            self._due[key] = 0.0
            self.told.setdefault(key, [])

    def run(self, ready: Callable[[], object], seconds: float, step: float = STEP) -> float:
        """Let time pass until it is so; how long that took. Fails after ``seconds``."""

        def turn() -> object:
            self._look()
            self._submit()
            return ready()

        return self.pool.run(turn, seconds, step)

    def wait(self, seconds: float, step: float = STEP) -> None:
        """Let that time pass."""
        end = self.pool.clock.seconds() + seconds
        self.run(lambda: self.pool.clock.seconds() >= end, seconds + step, step)

    def finish(self, *messages: Sequence[Segment], seconds: float = 120.0, step: float = STEP) -> float:
        """Give these, until every part of them has its end: how long that took."""
        self.give(*messages)
        keys = [one[0].message for one in messages]
        return self.run(lambda: not any(self._left[key] for key in keys), seconds, step)

    def outcomes(self, message: Sequence[Segment]) -> list[Outcome]:
        """All that was answered of it."""
        return [outcome for _, outcome in self.told[message[0].message]]

    def are_handed(self, *messages: Sequence[Segment]) -> bool:
        """Whether every part of these was handed, each once, and nothing worse was said than «later»."""
        return all(
            sum(isinstance(one, Handed) for one in self.outcomes(message)) == len(message)
            and not any(isinstance(one, Rejected | Doubtful | Unknown) for one in self.outcomes(message))
            for message in messages
        )

    def _look(self) -> None:
        now = self.pool.clock.seconds()
        answers, self._seen = self.pool.hearing.answers[self._seen :], len(self.pool.hearing.answers)
        for one in answers:
            left = self._left.get(one.message)
            if left is None:
                continue  # somebody else gave it
            assert one.part in left, f"{one} was answered before"
            self.told[one.message].append((now - self._begin, one.outcome))
            if isinstance(one.outcome, Throttled | Unavailable):
                wait = one.outcome.delay if isinstance(one.outcome, Throttled) else AGAIN
                self._due[one.message] = now + wait
            else:
                del left[one.part]

    def _submit(self) -> None:
        now, gateway = self.pool.clock.seconds(), self.pool.gateway
        for key, due in list(self._due.items()):
            if due <= now and self._left[key] and gateway.capacity > 0:
                del self._due[key]
                gateway.submit(list(self._left[key].values()))

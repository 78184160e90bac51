"""How fast an operator takes messages: as fast as it says nothing, slower where it says so."""

from itertools import islice, takewhile
from typing import Final

PAUSE: Final = 1.0
"""Seconds in which nothing leaves after the operator found it too fast."""
LEAST: Final = 1.0
"""Submits a second, at least: an operator that takes nothing at all is another fault."""
DECREASE: Final = 0.7
"""What is left of the rate each time."""
INCREASE: Final = 1.1
"""What becomes of it in a second without complaint."""
FREE: Final = 60.0
"""Seconds without complaint after which there is no limit any more."""
_WHILE: Final = 1.0


class AdaptiveRate:
    """Submits that may leave, by what the operator says of them. ``now`` are seconds of a clock handed in.

    The rate that was in fact reached is measured; a complaint limits it to a part of that, each second without one
    raises the limit, a minute without one lifts it.
    """

    def __init__(self, now: float) -> None:
        self.limit: float | None = None
        """Submits a second; None where there is no limit."""
        self._begun = now
        self._count = 0
        self._measured = 0.0
        self._allowed = 0.0
        self._at = now
        self._until = now
        self._complained = now

    def allows(self, now: float) -> int:
        """How many may leave at ``now``; a large number where there is no limit."""
        self._measure(now)
        if self.limit is None:
            return 1_000_000
        if now - self._complained >= FREE:
            self.limit = None
            return 1_000_000
        if now < self._until:
            return 0
        elapsed = max(0.0, now - self._at)
        self.limit *= INCREASE ** min(elapsed, FREE)
        self._allowed = min(1.0 + self.limit / 10, self._allowed + elapsed * self.limit)
        self._at = now
        return int(self._allowed)

    def wait(self, now: float) -> float:
        """Seconds until one more may leave; 0 where one may."""
        if self.limit is None or self.allows(now):
            return 0.0
        return max(self._until - now, (1.0 - self._allowed) / self.limit, 0.01)

    def spend(self, submits: int) -> None:
        """So many leave."""
        self._count += submits
        self._allowed -= submits

    def complain(self, now: float) -> None:
        """The operator found it too fast; several complaints within the pause are one."""
        self._measure(now)
        if now < self._until:
            return
        reached = self.limit if self.limit is not None else max(self._measured, self._count / _WHILE)
        self.limit = max(LEAST, reached * DECREASE)
        self._until = self._at = now + PAUSE
        self._allowed = 0.0
        self._complained = now

    def _measure(self, now: float) -> None:
        elapsed = now - self._begun
        if elapsed >= _WHILE:
            self._measured = self._count / elapsed
            self._begun, self._count = now, 0
        elif elapsed < 0:
            # the clock was set back
            self._begun = self._at = self._until = self._complained = now


class Refusals:
    """Who was refused, to tell an operator's trouble from a message's: a telephone may be full for days.

    A message counts the first few times; what it meets after that is its own. ``now`` as above.
    """

    COUNTED: Final = 3
    """Refusals of one message that count."""
    KEPT: Final = 600.0
    """Seconds after its last one in which a message is remembered."""
    MOST: Final = 10_000
    """Messages that are."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[float, int]] = {}
        """When each was refused last, and how often; the latest stands last."""

    def add(self, message: int, now: float) -> bool:
        """Note a refusal; whether it counts."""
        while self._last:
            oldest = next(iter(self._last))
            if len(self._last) <= self.MOST and abs(now - self._last[oldest][0]) < self.KEPT:
                break
            del self._last[oldest]
        _, often = self._last.pop(message, (now, 0))
        self._last[message] = (now, often + 1)
        return often < self.COUNTED

    def several(self, now: float, least: int, seconds: float) -> bool:
        """Whether at least so many messages were refused in the last ``seconds``."""
        recent = takewhile(lambda last: now - last[0] < seconds, reversed(self._last.values()))
        return sum(1 for _ in islice(recent, least)) == least

"""What a SIM card may still send: operators block cards that send like machines, or to too many people."""

from collections import deque
from collections.abc import Mapping
from itertools import islice
from math import inf
from typing import Final

from smstob.model.modem import SimLimits, SimUses

MINUTE: Final = 60
DAY: Final = 86_400
MONTH: Final = 31 * DAY
JITTER: Final = 1.0
"""Seconds by which modems differ from one message to the next: the network counts when it takes them."""


class _Window:
    """Segments of the last ``seconds``, by whole minutes."""

    def __init__(self, seconds: int, minutes: Mapping[int, int]) -> None:
        self._seconds = seconds
        self._minutes = deque([minute, count] for minute, count in sorted(minutes.items()))
        self._total = sum(minutes.values())

    def add(self, now: float) -> None:
        """A segment leaves; with a clock that was set back it counts in the last minute that there is."""
        minute = int(now) // MINUTE
        if self._minutes and self._minutes[-1][0] >= minute:
            self._minutes[-1][1] += 1
        else:
            self._minutes.append([minute, 1])
        self._total += 1

    def total(self, now: float) -> int:
        """How many there are; what is older is forgotten."""
        while self._minutes and self._end(self._minutes[0][0]) <= now:
            self._total -= self._minutes.popleft()[1]
        return self._total

    def room_at(self, segments: int, limit: int, now: float) -> float:
        """When there is room for so many; 0 is no limit."""
        if not limit:
            return now
        if segments > limit:
            return inf
        excess = self.total(now) + segments - limit
        at = now
        for minute, count in self._minutes:
            if excess <= 0:
                break
            excess -= count
            at = self._end(minute)
        return at

    def _end(self, minute: int) -> int:
        return (minute + 1) * MINUTE + self._seconds


class Guard:
    """The limits of one card, and what it used of them. Times are Unix seconds.

    It counts in whole minutes, and a minute that is partly in a window counts whole: a limit may be reached a minute
    early, and never exceeded. After a restart it begins with what was kept of the uses of the last 31 days.
    """

    def __init__(self, limits: SimLimits, uses: SimUses) -> None:
        self.limits = limits
        self._day = _Window(DAY, uses.minutes)
        self._month = _Window(MONTH, uses.minutes)
        self._numbers = dict(sorted(uses.numbers.items(), key=lambda one: one[1]))
        """When each was last sent to, the longest ago first."""
        # what is kept are whole seconds: it may have been at the end of that one
        self._last: float = uses.last + 1 if uses.last else 0

    def allowed_at(self, number: str, now: float, segments: int = 1) -> float:
        """When a message of so many segments to ``number`` may begin: ``now`` or later; infinity where it never may.

        There is room for all of them then. How long the next one waits for its distance is asked anew, with 1.
        """
        return max(self._spaced(now), self._room_at(segments, now), self._known(number, now))

    def resumes(self, now: float) -> float:
        """When there is room for a segment to who is written to already: ``now`` or later, whatever the distance."""
        return self._room_at(1, now)

    def why(self, now: float) -> str:
        """Which limit it has reached, in French; empty where it has reached none."""
        if self.limits.per_day and self.day(now) >= self.limits.per_day:
            return f"La carte SIM a envoyé {self.limits.per_day} SMS en 24 heures, sa limite (per_day)."
        if self.limits.per_month and self.month(now) >= self.limits.per_month:
            return f"La carte SIM a envoyé {self.limits.per_month} SMS en 31 jours, sa limite (per_month)."
        return ""

    def knows_enough(self, now: float) -> bool:
        """Whether it may send to no other numbers than those of the last 31 days."""
        limit = self.limits.recipients_per_month
        return bool(limit) and self.recipients(now) >= limit

    def use(self, number: str, now: float) -> None:
        """A segment to ``number`` is about to leave."""
        self._day.add(now)
        self._month.add(now)
        self._numbers[number] = max(int(now), self._numbers.pop(number, 0))
        self._last = max(self._last, now)

    def day(self, now: float) -> int:
        """Segments of the last 24 hours."""
        return self._day.total(now)

    def month(self, now: float) -> int:
        """Segments of the last 31 days."""
        return self._month.total(now)

    def recipients(self, now: float) -> int:
        """Different numbers of the last 31 days; older ones are forgotten."""
        while self._numbers and (oldest := next(iter(self._numbers.items())))[1] + MONTH <= now:
            del self._numbers[oldest[0]]
        return len(self._numbers)

    def _spaced(self, now: float) -> float:
        if not self.limits.per_minute:
            return now
        distance = (MINUTE + JITTER) / self.limits.per_minute
        # a clock that was set back must not stop the card for longer than that
        return now if self._last > now + distance else max(now, self._last + distance)

    def _room_at(self, segments: int, now: float) -> float:
        return max(
            self._day.room_at(segments, self.limits.per_day, now),
            self._month.room_at(segments, self.limits.per_month, now),
        )

    def _known(self, number: str, now: float) -> float:
        if not self.knows_enough(now) or number in self._numbers:
            return now
        excess = len(self._numbers) - self.limits.recipients_per_month
        return next(islice(self._numbers.values(), excess, None)) + MONTH

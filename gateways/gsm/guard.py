"""What a SIM card may still send: operators block cards that send like machines, or to too many people."""

from collections.abc import Iterator
from math import inf
from typing import Final

from smstob.model.modem import SimLimits, SimUses

MINUTE: Final = 60
DAY: Final = 86_400
MONTH: Final = 31 * DAY


class Guard:
    """The limits of one card, and what it used of them. Times are Unix seconds.

    It counts in whole minutes, and a minute that is partly in a window counts whole: a limit may be reached a minute
    early, and never exceeded. After a restart it begins with what was kept of the uses of the last 31 days.
    """

    def __init__(self, limits: SimLimits, uses: SimUses) -> None:
        self.limits = limits
        self._minutes = dict(uses.minutes)
        self._numbers = dict(uses.numbers)
        # what is kept are whole seconds: it may have been at the end of that one
        self._last: float = uses.last + 1 if uses.last else 0

    def allowed_at(self, number: str, now: float, segments: int = 1) -> float:
        """When a message of so many segments to ``number`` may begin: ``now`` or later; infinity where it never may.

        There is room for all of them then. How long the next one waits for its distance is asked anew, with 1.
        """
        return max(
            self._spaced(now),
            self._windowed(now, DAY, self.limits.per_day, segments),
            self._windowed(now, MONTH, self.limits.per_month, segments),
            self._known(number, now),
        )

    def use(self, number: str, now: float) -> None:
        """A segment to ``number`` is about to leave."""
        minute = int(now) // MINUTE
        self._minutes[minute] = self._minutes.get(minute, 0) + 1
        self._numbers[number] = max(int(now), self._numbers.get(number, 0))
        self._last = max(self._last, now)

    def used(self, window: int, now: float) -> int:
        """Segments of the last ``window`` seconds."""
        return sum(count for _, count in self._within(window, now))

    def recipients(self, now: float) -> int:
        """Different numbers of the last 31 days; older ones are forgotten."""
        self._numbers = {number: at for number, at in self._numbers.items() if at + MONTH > now}
        return len(self._numbers)

    def _spaced(self, now: float) -> float:
        if not self.limits.per_minute:
            return now
        distance = MINUTE / self.limits.per_minute
        # a clock that was set back must not stop the card for longer than that
        return now if self._last > now + distance else max(now, self._last + distance)

    def _windowed(self, now: float, window: int, limit: int, segments: int) -> float:
        if not limit:
            return now
        if segments > limit:
            return inf
        used = sorted(self._within(window, now))
        excess = sum(count for _, count in used) + segments - limit
        at = now
        for minute, count in used:
            if excess <= 0:
                break
            excess -= count
            at = (minute + 1) * MINUTE + window
        return at

    def _known(self, number: str, now: float) -> float:
        limit = self.limits.recipients_per_month
        if not limit or self.recipients(now) < limit or number in self._numbers:
            return now
        oldest = sorted(self._numbers.values())
        return oldest[len(oldest) - limit] + MONTH

    def _within(self, window: int, now: float) -> Iterator[tuple[int, int]]:
        """Minutes that are in the window at least in part, and what they count; a clock set back leaves some ahead."""
        self._minutes = {
            minute: count for minute, count in self._minutes.items() if (minute + 1) * MINUTE + MONTH > now
        }
        return (one for one in self._minutes.items() if (one[0] + 1) * MINUTE + window > now)

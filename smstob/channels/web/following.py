"""What goes on for a while, told to a script as it changes; and bounds on how much of such is done at once."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from twisted.internet.defer import DeferredLock
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from ...model.refusal import Unavailable

EVERY: Final = 1.0
"""Seconds between two looks while things change."""

RARELY: Final = 6.0
"""Seconds between two looks, at most, while nothing does."""

LONGEST: Final = 300.0
"""Seconds after which who follows has to ask again."""

Look = Callable[[], Awaitable[tuple[Any, bool]]]
"""Gives a JSON value, never None, and whether it is the last one."""


class Places:
    """So many at once, ``most`` in all and ``each`` for one."""

    def __init__(self, most: int, each: int) -> None:
        self._most = most
        self._each = each
        self._taken: Counter[int] = Counter()

    def has_room(self, whose: int) -> bool:
        """Whether one more fits."""
        return self._taken.total() < self._most and self._taken[whose] < self._each

    @contextmanager
    def taken(self, whose: int) -> Iterator[None]:
        """Hold a place; ``has_room`` was asked just before."""
        self._taken[whose] += 1
        try:
            yield
        finally:
            self._taken[whose] -= 1
            if not self._taken[whose]:
                del self._taken[whose]

    async def held(self, whose: int, values: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The same values; the place is held from the first until they end, or nobody wants them any more."""
        with self.taken(whose):
            async for value in values:
                yield value


class Turns:
    """What one asks for is done one after the other: who asks for much waits for nobody but himself."""

    def __init__(self) -> None:
        self._locks: dict[int, DeferredLock] = {}

    @asynccontextmanager
    async def turn(self, whose: int) -> AsyncIterator[None]:
        """Wait until those before have ended."""
        lock = self._locks.setdefault(whose, DeferredLock())
        await lock.acquire()
        try:
            yield
        finally:
            lock.release()
            if not lock.locked:
                del self._locks[whose]


async def changes(clock: IReactorTime, look: Look, seen: Any = None) -> AsyncIterator[Any]:
    """What ``look`` gives, each time that it is another (than ``seen``, at first), until its last or LONGEST.

    In between None, by which nobody on the way takes the line for dead. While the database is away nothing changes.
    """
    passed, pause = 0.0, EVERY
    while True:
        try:
            value, last = await look()
        except Unavailable:
            value, last = seen, False
        yield value if value != seen else None
        if last or passed >= LONGEST:
            return
        pause = EVERY if value != seen else min(pause * 1.5, RARELY)
        seen = value
        passed += pause
        await deferLater(clock, pause)

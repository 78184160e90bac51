"""What goes on for a while, told to a script as it changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from ...model.refusal import Unavailable

EVERY: Final = 1.0
"""Seconds between two looks."""

SILENCE: Final = 15.0
"""Seconds after which the same is told once more, so that nobody on the way takes the line for dead."""

Look = Callable[[], Awaitable[tuple[Any, bool]]]
"""Gives a JSON value, and whether it is the last one."""


async def changes(clock: IReactorTime, look: Look) -> AsyncIterator[Any]:
    """What ``look`` gives, each time that it is another, until its last. While the database is away, nothing."""
    told: Any = None
    at = clock.seconds() - SILENCE
    last = False
    while not last:
        try:
            value, last = await look()
        except Unavailable:
            value = told
        if value != told or clock.seconds() - at >= SILENCE:
            told, at = value, clock.seconds()
            yield value
        if not last:
            await deferLater(clock, EVERY)

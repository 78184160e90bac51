"""The time of day, for instants that are written down."""

import time
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import alsoProvides, implementer, providedBy


@implementer(IReactorTime)
class WallClock:
    """A reactor whose ``seconds`` are the time of day.

    The reactor's own, by which timers run, are monotonic (see ``tap``): a clock that is set back does
    not hold them up.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        # endpoints ask what it can do before they use it
        alsoProvides(self, *providedBy(reactor))

    def seconds(self) -> float:
        """Unix seconds."""
        return time.time()

    def callLater(self, delay: float, callable: Any, *arguments: Any, **named: Any) -> IDelayedCall:
        """See ``IReactorTime``."""
        called: IDelayedCall = self._reactor.callLater(delay, callable, *arguments, **named)
        return called

    def getDelayedCalls(self) -> Any:
        """See ``IReactorTime``."""
        return self._reactor.getDelayedCalls()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

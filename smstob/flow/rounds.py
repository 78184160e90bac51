"""What is done again and again while the daemon runs, one round after the other."""

from collections.abc import Coroutine
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ..storage.database import Unavailable


class Rounds(Service):
    """A service whose ``round`` is done every so many seconds of ``timers``; never two at a time.

    ``what`` is what waits where the database is away, for the log.
    """

    log = Logger()

    def __init__(self, timers: IReactorTime, every: float, what: str) -> None:
        self._every = every
        self._what = what
        self._under_way: Deferred[None] | None = None
        self._loop = LoopingCall(self.look)
        self._loop.clock = timers

    def round(self) -> Coroutine[Any, Any, None]:
        """One round. What it fails with is logged, and the next one comes all the same."""
        raise NotImplementedError

    def startService(self) -> None:
        """Begin, at once."""
        super().startService()
        self._loop.start(self._every)

    def stopService(self) -> "Deferred[None]":
        """Begin no other; fires when the round that is under way has ended."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        if self._under_way is None:
            return succeed(None)
        over: Deferred[None] = Deferred()
        self._under_way.addCallback(lambda _: over.callback(None))
        return over

    def look(self) -> None:
        """Begin a round, unless the last one is not over."""
        if self._under_way is None:
            self._under_way = Deferred.fromCoroutine(self.round())
            self._under_way.addErrback(self._failed)
            self._under_way.addCallback(self._ended)

    def _ended(self, _result: Any) -> None:
        self._under_way = None

    def _failed(self, failure: Any) -> None:
        if failure.check(Unavailable):
            self.log.warn("{what} wait for the database: {why}", what=self._what, why=failure.getErrorMessage())
        else:
            self.log.failure("{what} could not be looked after", failure, what=self._what)

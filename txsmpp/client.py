"""An ESME: binds to an SMSC that are kept up."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final, Protocol

from twisted.application.internet import backoffPolicy
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.endpoints import connectProtocol
from twisted.internet.interfaces import IDelayedCall, IReactorTime, IStreamClientEndpoint
from twisted.python.failure import Failure

from .binding import Bind
from .events import Bound, Closed, Event
from .session import Limits, Role, Session
from .wire import Wire

FIRST_DELAY: Final = 0.25
LONGEST_DELAY: Final = 60.0
STEADY: Final = 10.0
"""Seconds of a bound session after which the tries are counted anew: some peers accept a bind and hang up."""

Retry = Callable[[int], float]


def retry_policy(random: Random, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> Retry:
    """Seconds before the n-th try in a row, from 1: twice as many each time, and up to a quarter more by chance.

    So clients that lost one SMSC together do not come back together.
    """
    policy = backoffPolicy(first, longest, 2.0, jitter=lambda: 0.0)

    def delay(attempt: int) -> float:
        return policy(attempt - 1) * (1 + random.random() / 4)

    return delay


class Owner(Protocol):
    """Who is told what happens."""

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``wire.Owner``. A wire whose bind is refused tells nothing but ``Closed``."""

    def unreachable(self, reason: str) -> None:
        """A connection could not be made; it is tried again."""


class Client(Service):
    """Keeps one connection for each of ``binds``; a session that ends is begun anew. Raises EncodeError of a bind."""

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        binds: Sequence[Bind],
        owner: Owner,
        clock: IReactorTime,
        limits: Limits,
        retry: Retry,
    ) -> None:
        self.bound: list[Wire] = []
        """The wires that are bound now."""
        self._lines = [_Line(endpoint, bind, self, clock, limits, retry) for bind in binds]
        self._owner = owner

    def startService(self) -> None:
        """Connect."""
        super().startService()
        for line in self._lines:
            line.start()

    def stopService(self) -> "Deferred[Any]":
        """Unbind in order; fires when every connection is at its end."""
        super().stopService()
        return DeferredList([line.stop() for line in self._lines])

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``wire.Owner``."""
        if wire not in self.bound and any(isinstance(event, Bound) for event in events):
            self.bound.append(wire)
        if isinstance(events[-1], Closed) and wire in self.bound:
            self.bound.remove(wire)
        self._owner.happened(wire, events)

    def unreachable(self, reason: str) -> None:
        """See ``Owner``."""
        self._owner.unreachable(reason)


class _Line:
    """One bind: connected, or trying to be.

    Twisted's ClientService is not used: it has no way on from a connection that is lost while it is being prepared,
    which is what a refused bind is.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        bind: Bind,
        client: Client,
        clock: IReactorTime,
        limits: Limits,
        retry: Retry,
    ) -> None:
        bind.encode()  # a connection would be too late to find out
        self._endpoint = endpoint
        self._bind = bind
        self._client = client
        self._clock = clock
        self._limits = limits
        self._retry = retry
        self._tries = 0
        self._was_bound = False
        self._waiting: IDelayedCall | None = None
        self._connecting: Deferred[Wire] | None = None
        self._wire: Wire | None = None
        self._running = False
        self._stopped: list[Deferred[None]] = []

    @property
    def _is_idle(self) -> bool:
        return self._wire is None and self._connecting is None and self._waiting is None

    def start(self) -> None:
        """Begin to connect."""
        self._running = True
        self._tries = 0
        if self._is_idle:
            self._connect()

    def stop(self) -> "Deferred[None]":
        """Unbind; fires when there is no connection any more."""
        self._running = False
        stopped = Deferred[None]()
        self._stopped.append(stopped)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._wire is not None:
            self._wire.unbind()
        elif self._connecting is not None:
            self._connecting.cancel()
        else:
            self._ended()
        return stopped

    def _connect(self) -> None:
        self._waiting = None
        self._was_bound = False
        wire = Wire(Session(Role.ESME, self._limits), self, self._clock, self._bind)
        self._connecting = connectProtocol(self._endpoint, wire)
        self._connecting.addCallbacks(self._connected, self._failed)

    def _connected(self, wire: Wire) -> None:
        self._connecting = None
        self._wire = wire
        wire.gone.addCallback(lambda _: self._ended())
        if not self._running:
            wire.unbind()

    def _failed(self, failure: Failure) -> None:
        self._connecting = None
        try:
            if self._running:
                self._client.unreachable(failure.getErrorMessage())
        finally:
            self._ended()

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``wire.Owner``."""
        self._was_bound = self._was_bound or any(isinstance(event, Bound) for event in events)
        self._client.happened(wire, events)

    def _ended(self) -> None:
        if self._was_bound and self._wire is not None and self._wire.lasted >= STEADY:
            self._tries = 0
        self._wire = None
        # whoever is told may have started anew
        if self._running and self._is_idle:
            self._tries += 1
            self._waiting = self._clock.callLater(self._retry(self._tries), self._connect)
        stopped, self._stopped = self._stopped, []
        for one in stopped:
            one.callback(None)

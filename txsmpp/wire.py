"""A session on a Twisted transport: what is written is joined, and time-outs are one sweep a second."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from .binding import Bind
from .events import Asked, Event
from .session import Session

SWEEP: Final = 1.0
"""Seconds between two looks at the time-outs."""
PATIENCE: Final = 5
"""Sweeps in which a peer that does not read may take what it is owed, before it is cut off."""


class Owner(Protocol):
    """Who is told what happens on wires. What it raises ends the wire."""

    def happened(self, wire: "Wire", events: Sequence[Event]) -> None:
        """Events of one read, in order. ``Closed`` is the last that a wire tells."""


@implementer(IPushProducer)
class Wire(TwistedProtocol):
    """One connection. ``bind`` is an ESME's first word.

    ``request`` and ``respond`` only gather what ``flush`` writes; what the owner gathers while it is told of events
    is written when it is done. While the peer does not read, it is not read from.
    """

    def __init__(self, session: Session, owner: Owner, clock: IReactorTime, bind: Bind | None = None) -> None:
        self.session = session
        self._owner = owner
        self._clock = clock
        self._bind = bind
        self._sweep: IDelayedCall | None = None
        self._sweeps = 0
        self._telling = False
        self._patience = PATIENCE

    def connectionMade(self) -> None:
        """Twisted connected it."""
        transport: Any = self.transport
        for name in ("setTcpNoDelay", "setTcpKeepAlive"):
            if (setting := getattr(transport, name, None)) is not None:
                setting(True)
        transport.registerProducer(self, True)
        self._sweep = self._clock.callLater(SWEEP, self._swept)
        if self._bind is not None:
            self.session.bind(self._bind)
        self.flush()

    def dataReceived(self, data: bytes) -> None:
        """Octets came."""
        self._tell(self.session.receive(data))

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008
        """The connection is gone."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        self._tell(self.session.lost(reason.getErrorMessage()))

    def request(self, command: int, body: bytes, context: Any) -> None:
        """See ``Session.request``."""
        self.session.request(command, body, context)

    def respond(self, asked: Asked, status: int = 0, body: bytes = b"") -> None:
        """See ``Session.respond``."""
        if events := self.session.respond(asked, status, body):
            self._tell(events)

    def unbind(self) -> None:
        """See ``Session.unbind``."""
        self._tell(self.session.unbind())

    def close(self, reason: str) -> None:
        """End without further ado, when all that was gathered is written."""
        self._tell(self.session.lost(reason))

    def flush(self) -> None:
        """Write what was gathered."""
        if not self._telling and self.transport is not None and (data := self.session.output()):
            self.transport.write(data)

    def _tell(self, events: Sequence[Event]) -> None:
        if self._telling:
            # what the owner did while it was told of something: the outer call writes, and hangs up
            if events:
                self._owner.happened(self, events)
            return
        self._telling = True
        try:
            if events:
                self._owner.happened(self, events)
        finally:
            self._telling = False
        self.flush()
        if self.session.is_closed and self._patience == PATIENCE:
            self._hang_up()

    def _hang_up(self) -> None:
        self._patience -= 1
        if self._sweep is not None:
            transport: Any = self.transport
            # with a producer it would wait for more
            transport.unregisterProducer()
            transport.loseConnection()

    def _swept(self) -> None:
        self._sweep = self._clock.callLater(SWEEP, self._swept)
        self._sweeps += 1
        if self.session.is_closed:
            self._patience -= 1
            if self._patience <= 0:
                transport: Any = self.transport
                transport.abortConnection()
            return
        self._tell(self.session.tick(self._sweeps * SWEEP))

    def pauseProducing(self) -> None:
        """What is owed to the peer piles up: read no more."""
        transport: Any = self.transport
        transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The peer reads again."""
        transport: Any = self.transport
        transport.resumeProducing()

    def stopProducing(self) -> None:
        """The connection ends; ``connectionLost`` tells."""

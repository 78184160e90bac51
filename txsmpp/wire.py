"""A session on a Twisted transport: what is written is joined, and time-outs are one sweep a second."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from .binding import Bind
from .events import Asked, Event
from .fields import Body
from .session import Session

SWEEP: Final = 1.0
"""Seconds between two looks at the time-outs."""
PATIENCE: Final = 3
"""Sweeps in which a peer that does not read may take what it is owed, before it is cut off."""


_log: Final = Logger()


class Owner(Protocol):
    """Who is told what happens on wires. What it raises is logged, and ends the wire."""

    def happened(self, wire: "Wire", events: Sequence[Event]) -> None:
        """Events of one read, in order. ``Closed`` is the last that a wire tells.

        It is never called while it is at work: what it does to the wire is told when it is done.
        """


@implementer(IPushProducer)
class Wire(TwistedProtocol):
    """One connection. ``bind`` is an ESME's first word.

    ``request`` and ``respond`` only gather what ``flush`` writes; what the owner gathers while it is told of events
    is written when it is done. While the peer does not read, it is not read from.
    """

    def __init__(self, session: Session, owner: Owner, clock: IReactorTime, bind: Bind | None = None) -> None:
        self.session = session
        self.gone: Deferred[None] = Deferred()
        """Fires when the connection is no more and all is told."""
        self._owner = owner
        self._clock = clock
        self._bind = bind
        self._sweep: IDelayedCall | None = None
        self._sweeps = 0
        self._untold: list[Event] = []
        self._telling = False
        self._patience = PATIENCE
        self._has_read = False
        self._hung_up = False
        self._lost = False

    @property
    def lasted(self) -> float:
        """Seconds since it was connected."""
        return self._sweeps * SWEEP

    def connectionMade(self) -> None:
        """Twisted connected it."""
        transport: Any = self.transport
        for name in ("setTcpNoDelay", "setTcpKeepAlive"):
            if (setting := getattr(transport, name, None)) is not None:
                setting(True)
        transport.registerProducer(self, True)
        self._sweep = self._clock.callLater(SWEEP, self._swept)
        if self._bind is not None and not self.session.is_closed:
            self.session.bind(self._bind)
        self._tell(())

    def dataReceived(self, data: bytes) -> None:
        """Octets came."""
        self._has_read = True
        self._tell(self.session.receive(data))

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008
        """The connection is gone."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        self._lost = True
        self._tell(self.session.lost(reason.getErrorMessage()))

    def request(self, command: int, body: bytes, context: Any) -> None:
        """See ``Session.request``."""
        self.session.request(command, body, context)

    def tell(self, body: Body) -> None:
        """See ``Session.tell``."""
        self.session.tell(body)

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
        self._untold += events
        if self._telling:
            # what the owner did while it was told of something: the outer call tells it, writes, and hangs up
            return
        self._telling = True
        try:
            while self._untold:
                told, self._untold = self._untold, []
                self._inform(told)
        finally:
            self._telling = False
        self.flush()
        if self.session.is_closed:
            self._part()

    def _inform(self, events: Sequence[Event]) -> None:
        try:
            self._owner.happened(self, events)
        except Exception:
            _log.failure("The owner of an SMPP session failed: the session is ended.")
            self._untold += self.session.lost("the owner failed")

    def _part(self) -> None:
        if self._lost:
            if not self.gone.called:
                self.gone.callback(None)
        elif self._sweep is not None and not self._hung_up:
            self._hung_up = True
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
        # TLS pauses who writes before its handshake is done, which must be read
        if self._has_read:
            transport: Any = self.transport
            transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The peer reads again."""
        transport: Any = self.transport
        transport.resumeProducing()

    def stopProducing(self) -> None:
        """The connection ends; ``connectionLost`` tells."""

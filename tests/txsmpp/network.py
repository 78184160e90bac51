"""Connections in memory for tests of wires, clients and servers: octets move when the test says so."""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.interfaces import IProtocol, IStreamClientEndpoint
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from txsmpp.events import Closed, Event
from txsmpp.frame import Frame
from txsmpp.wire import Wire

from .sessions import frames


class Diary:
    """An owner that writes down what it is told, and does what ``then`` says."""

    def __init__(self, then: Callable[[Wire, Sequence[Event]], object] | None = None) -> None:
        self.told: list[Event] = []
        self.calls: list[list[Event]] = []
        self.wires: list[Wire] = []
        self.reasons: list[str] = []
        self.then = then
        self._at_work = False

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``wire.Owner``; it is never told while it is told."""
        assert events
        assert not self._at_work
        assert not any(isinstance(event, Closed) for event, of in zip(self.told, self.wires, strict=True) if of is wire)
        self.calls.append(list(events))
        self.told += events
        self.wires += [wire] * len(events)
        self._at_work = True
        try:
            if self.then is not None:
                self.then(wire, events)
        finally:
            self._at_work = False

    def unreachable(self, reason: str) -> None:
        """See ``client.Owner``."""
        self.reasons.append(reason)

    @property
    def ends(self) -> list[Closed]:
        """What it was told of ends."""
        return [event for event in self.told if isinstance(event, Closed)]


class Line(StringTransport):
    """A transport whose other end is the test: it hangs up when told, unless the peer does not read."""

    def __init__(self, wire: IProtocol, *, reads: bool = True) -> None:
        super().__init__()
        self.wire: Any = wire
        self.writes: list[bytes] = []
        self.is_over = False
        self.is_aborted = False
        self.reads = reads

    def write(self, data: bytes) -> None:
        """Write down each write of its own."""
        if not (self.disconnecting or self.is_over):
            self.writes.append(data)
            super().write(data)

    def taken(self) -> list[Frame]:
        """The PDUs written since the last time."""
        data = self.value()
        self.clear()
        return frames(data)

    def abortConnection(self) -> None:  # noqa: N802
        """See ``ITCPTransport``: the end comes with the next turn."""
        self.is_aborted = True

    def turn(self) -> None:
        """The reactor's turn: a connection that is to be lost is lost."""
        if self.is_over:
            return
        if self.is_aborted:
            self.end(Failure(ConnectionAborted()))
        # without a reader it waits for ever, and with a producer too
        elif self.disconnecting and self.reads and self.producer is None:
            self.end(Failure(ConnectionDone()))

    def end(self, reason: Failure | None = None) -> None:
        """The connection ends."""
        assert not self.is_over
        self.is_over = True
        self.wire.connectionLost(reason or Failure(ConnectionLost()))


@implementer(IStreamClientEndpoint)
class Exchange:
    """An endpoint where the test picks up, or does not."""

    def __init__(self) -> None:
        self.calling: list[tuple[Any, Deferred[Any]]] = []
        self.cancelled = 0
        self.lines: list[Line] = []

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":  # noqa: N803
        """See ``IStreamClientEndpoint``."""
        call: Deferred[Any] = Deferred(self._cancel)
        self.calling.append((protocolFactory, call))
        return call

    def _cancel(self, call: "Deferred[Any]") -> None:
        self.cancelled += 1
        self.calling = [one for one in self.calling if one[1] is not call]
        call.errback(Failure(CancelledError()))

    def pick_up(self) -> Line:
        """Connect the oldest call."""
        factory, call = self.calling.pop(0)
        protocol = factory.buildProtocol(None)
        line = Line(protocol)
        self.lines.append(line)
        protocol.makeConnection(line)
        call.callback(protocol)
        return line

    def refuse(self) -> None:
        """Nobody is there."""
        _, call = self.calling.pop(0)
        call.errback(Failure(ConnectionRefusedError()))

    def turn(self) -> None:
        """See ``Line.turn``."""
        for line in self.lines:
            line.turn()


def dial(factory: ServerFactory) -> Line | None:
    """Connect to a server; None where it does not pick up."""
    protocol = factory.buildProtocol(None)
    if protocol is None:
        return None
    line = Line(protocol)
    protocol.makeConnection(line)
    return line

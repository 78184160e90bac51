"""The HTTP server: twisted.web with absolute deadlines and with bounds on what it holds.

Twisted's own time-out begins anew with every byte and a body has no bound, so a few slow clients could
hold every connection. Here one sweep a second closes what is late; a request has no timer of its own.
"""

from collections import Counter
from io import BytesIO
from typing import Any, Final

import attrs
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.internet.task import LoopingCall
from twisted.web.http import HTTPChannel
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

HEADER_BYTES: Final = 131_072
"""A request line and its headers, in all: a GET carries its text in the request line."""

NEVER: Final = float("inf")


@attrs.frozen(kw_only=True)
class Bounds:
    """What a client may take; seconds, bytes and connections."""

    connections: int = 4000
    connections_per_address: int = 1000
    header_seconds: float = 10
    body_seconds: float = 30
    idle_seconds: float = 60
    body_bytes: int = 1_048_576


class BoundedRequest(Request):
    """A request whose body is kept in memory, up to its bound."""

    def gotLength(self, length: int | None) -> None:
        """A body begins."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body, which may not say in advance how long it is."""
        if self.content.tell() + len(data) > self.channel.bounds.body_bytes:
            self.channel.refuse(413, b"Content Too Large")
        else:
            self.content.write(data)


class BoundedChannel(HTTPChannel):
    """One connection; ``deadline`` is when it is closed unless its client gets on."""

    MAX_LENGTH = HEADER_BYTES
    totalHeadersSize = HEADER_BYTES
    requestFactory = BoundedRequest

    bounds: Bounds
    clock: IReactorTime
    deadline: float = NEVER
    site: "BoundedSite"
    _waiting = True
    _refused = False

    def connectionMade(self) -> None:
        """A client is here."""
        self.deadline = self.clock.seconds() + self.bounds.idle_seconds
        self.site.opened(self)
        super().connectionMade()

    def connectionLost(self, reason: Any) -> None:
        """It is gone."""
        self.site.closed(self)
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:
        """Bytes of a request; the first ones start its clock."""
        if self._refused:
            return
        if self._waiting:
            self._waiting = False
            self.deadline = self.clock.seconds() + self.bounds.header_seconds
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:
        """What follows is the body."""
        super().allHeadersReceived()
        if self.length is not None and self.length > self.bounds.body_bytes:
            self.refuse(413, b"Content Too Large")
        elif self.length != 0:
            self.deadline = self.clock.seconds() + self.bounds.body_seconds

    def allContentReceived(self) -> None:
        """The request is whole: now it is our turn."""
        if not self._refused:
            self.deadline = NEVER
            super().allContentReceived()

    def rawDataReceived(self, data: bytes) -> None:
        """A piece of a body, or of the next request while this one is answered."""
        if not self._refused:
            super().rawDataReceived(data)

    def requestDone(self, request: Any) -> None:
        """Answered; the next request may be here in part."""
        self._waiting = not self._dataBuffer
        limit = self.bounds.idle_seconds if self._waiting else self.bounds.header_seconds
        self.deadline = self.clock.seconds() + limit
        super().requestDone(request)

    def lineLengthExceeded(self, line: bytes) -> None:
        """The request line or a header is too long."""
        self.refuse(414, b"URI Too Long")

    def refuse(self, status: int, reason: bytes) -> None:
        """Answer without reading on, and close."""
        if not self._refused:
            self._refused = True
            self.transport.write(b"HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (status, reason))
            self.loseConnection()


class Busy(Protocol):
    """One connection too many: told so, and closed."""

    def connectionMade(self) -> None:
        """A client is here."""
        self.transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
            b"Connection: close\r\n\r\n99"
        )
        self.transport.loseConnection()


class BoundedSite(Site):
    """The server of ``resource``. Writes no access log: a request line holds passwords and texts."""

    protocol = BoundedChannel
    requestFactory = BoundedRequest
    displayTracebacks = False

    def __init__(self, resource: IResource, bounds: Bounds, clock: IReactorTime) -> None:
        super().__init__(resource, timeout=None, reactor=clock, parsePOSTFormSubmission=False)
        self._bounds = bounds
        self._clock = clock
        self._channels: set[BoundedChannel] = set()
        self._addresses: Counter[str] = Counter()
        self._sweep = LoopingCall(self.close_late)
        self._sweep.clock = clock

    def startFactory(self) -> None:
        """The first port listens."""
        super().startFactory()
        if not self._sweep.running:
            self._sweep.start(1.0, now=False)

    def stopFactory(self) -> None:
        """The last port has closed."""
        super().stopFactory()
        if self._sweep.running:
            self._sweep.stop()

    def buildProtocol(self, addr: IAddress) -> Any:
        """A channel, or the answer that there are too many."""
        mine = self._addresses[_host(addr)]
        if len(self._channels) >= self._bounds.connections or mine >= self._bounds.connections_per_address:
            return Busy()
        channel = super().buildProtocol(addr)
        channel.bounds = self._bounds
        channel.clock = self._clock
        return channel

    def opened(self, channel: BoundedChannel) -> None:
        """Count a connection."""
        self._channels.add(channel)
        self._addresses[_host(channel.getPeer())] += 1

    def closed(self, channel: BoundedChannel) -> None:
        """Count one less."""
        self._channels.discard(channel)
        host = _host(channel.getPeer())
        self._addresses[host] -= 1
        if self._addresses[host] <= 0:
            del self._addresses[host]

    def close_late(self) -> None:
        """Close the connections whose deadline has passed."""
        now = self._clock.seconds()
        for channel in [channel for channel in self._channels if channel.deadline < now]:
            channel.forceAbortClient()

    def log(self, request: Any) -> None:
        """Nothing: see the class."""


def _host(address: IAddress) -> str:
    return str(getattr(address, "host", ""))

"""The HTTP server: twisted.web with absolute deadlines and with bounds on what it holds.

Twisted's own time-out begins anew with every byte and a body has no bound, so a few slow clients could
hold every connection. Here one sweep a second closes what is late; a request has no timer of its own.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any, Final

import attrs
from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, datetimeToString
from twisted.web.resource import IResource
from twisted.web.server import Request, Site
from zope.interface import implementer

from ...model.address import Network, is_in, network_of

HEADER_BYTES: Final = 131_072
"""A request line and its headers, in all: a GET carries its text in the request line."""

LINGER: Final = 2.0
"""Seconds for which a client that is refused may go on sending, so that it comes to read why."""

NEVER: Final = float("inf")


@attrs.frozen(kw_only=True)
class Bounds:
    """What a client may take; seconds, bytes and connections."""

    connections: int = 4000
    connections_per_address: int = 1000
    header_seconds: float = 10
    body_seconds: float = 30
    idle_seconds: float = 60
    body_bytes: int = 262_144
    all_bodies_bytes: int = 67_108_864
    """Of all bodies that are held at once."""
    upload_bytes: int = 11_534_336
    """The longest body where files are uploaded: ten megabytes, and what is around them."""
    upload_seconds: float = 300
    all_uploads_bytes: int = 134_217_728
    """Of all of these that are held at once; they have a bound of their own, so that they hold up nothing else."""

    def body(self, upload: bool) -> int:
        """Bytes of the longest body."""
        return self.upload_bytes if upload else self.body_bytes

    def all_bodies(self, upload: bool) -> int:
        """Bytes of all bodies that are held at once."""
        return self.all_uploads_bytes if upload else self.all_bodies_bytes


class BoundedRequest(Request):
    """A request whose body is kept in memory, up to its bound."""

    channel: Any
    content: Any
    held = 0
    """Bytes of the body that are here."""
    upload = False
    """Whether it may be as long as an upload."""

    def gotLength(self, length: int | None) -> None:
        """A body begins."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body, which may not say in advance how long it is."""
        if self.content.tell() + len(data) > self.channel.bounds.body(self.upload):
            self.channel.refuse_body()
        elif not self.channel.site.hold(self, len(data)):
            self.channel.refuse(503, b"Service Unavailable", b"99")
        else:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """It is whole. A leaf of the site's own gets it at once, and takes its parameters apart by itself."""
        address = path.partition(b"?")[0]
        leaf = self.channel.site.leaves.get(address)
        if leaf is None:
            super().requestReceived(command, path, version)
            return
        self.site = self.channel.site
        self.method, self.uri, self.path, self.clientproto, self.args = command, path, address, version, {}
        self.content.seek(0)
        self.responseHeaders.setRawHeaders(b"Date", [datetimeToString()])
        try:
            self.render(leaf)
        except Exception:
            self.processingFailed(Failure())

    def __repr__(self) -> str:
        # Twisted logs requests: without their address, which holds passwords and texts
        return f"<{type(self).__name__}>"


@implementer(IHalfCloseableProtocol)
class BoundedChannel(HTTPChannel):
    """One connection; ``deadline`` is when it is closed unless its client gets on."""

    MAX_LENGTH = HEADER_BYTES
    totalHeadersSize = HEADER_BYTES
    requestFactory = BoundedRequest

    transport: Any
    bounds: Bounds
    clock: IReactorTime
    deadline: float = NEVER
    site: "BoundedSite"
    whose: str
    """The network that its client is counted in; empty for a proxy."""
    _waiting = True
    _refused = False
    _ended = False

    def connectionMade(self) -> None:
        """A client is here."""
        self.deadline = self.clock.seconds() + self.bounds.idle_seconds
        self.site.opened(self)
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is gone."""
        self.site.closed(self)
        for request in self.requests:
            self.site.let_go(request)
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:
        """Bytes of a request; the first ones start its clock."""
        if self._refused:
            return
        if self._waiting:
            self._waiting = False
            self.deadline = self.clock.seconds() + self.bounds.header_seconds
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """A line of a header."""
        if not self._refused:
            super().lineReceived(line)

    def headerReceived(self, line: bytes) -> bool:
        """A header; gives whether the request can still be understood."""
        try:
            return bool(super().headerReceived(line))
        except ValueError:
            # a length of more digits than Python reads
            self.refuse(413, b"Content Too Large")
            return False

    def allHeadersReceived(self) -> None:
        """What follows is the body."""
        request = self.requests[-1]
        request.upload = self._address in self.site.uploads
        if self.length is not None and self.length > self.bounds.body(request.upload):
            self.refuse_body()
            return
        super().allHeadersReceived()
        if self.length != 0:
            seconds = self.bounds.upload_seconds if request.upload else self.bounds.body_seconds
            self.deadline = self.clock.seconds() + seconds

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
        self.site.let_go(request)
        self._waiting = not self._dataBuffer
        limit = self.bounds.idle_seconds if self._waiting else self.bounds.header_seconds
        self.deadline = self.clock.seconds() + limit
        super().requestDone(request)
        if self._ended:
            self.readConnectionLost()

    def readConnectionLost(self) -> None:
        """The client has no more to say. What it asked for is still answered."""
        self._ended = True
        if self.deadline < NEVER:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """We have no more to say, as after ``refuse``."""

    def lineLengthExceeded(self, line: bytes) -> None:
        """The request line or a header is too long."""
        self.refuse(414, b"URI Too Long")

    def pauseProducing(self) -> None:
        """The client does not read its answers: nothing more of it is read, be it while one is made."""
        super().pauseProducing()
        self.transport.pauseProducing()

    def _respondToBadRequestAndDisconnect(self) -> None:
        # Twisted's, for what it cannot parse
        self.refuse(400, b"Bad Request")

    @property
    def _address(self) -> bytes:
        address: bytes = self._path.partition(b"?")[0]
        return address

    def refuse_body(self) -> None:
        """A body is too long; who uploads a file is a person, who gets a page."""
        page = self.site.uploads.get(self._address, b"")
        self.refuse(413, b"Content Too Large", page, b"text/html; charset=utf-8" if page else b"text/plain")

    def refuse(self, status: int, reason: bytes, body: bytes = b"", kind: bytes = b"text/plain") -> None:
        """Answer without heeding what else comes; closed when the client closes, or after ``LINGER``.

        Closed at once, with bytes of it unread, the connection would be reset and the answer lost.
        """
        if self._refused:
            return
        self._refused = True
        self.deadline = self.clock.seconds() + LINGER
        self.transport.write(_last_answer(status, reason, body, kind))
        _say_no_more(self.transport)


class Busy(Protocol):
    """One connection too many: told so, and closed as after ``refuse``."""

    transport: Any
    deadline: float = NEVER

    def __init__(self, others: "set[Busy]", most: int, clock: IReactorTime) -> None:
        self._others = others
        self._most = most
        self._clock = clock

    def connectionMade(self) -> None:
        """A client is here."""
        self.transport.write(_last_answer(503, b"Service Unavailable", b"99"))
        if len(self._others) < self._most:
            self._others.add(self)
            self.deadline = self._clock.seconds() + LINGER
            _say_no_more(self.transport)
        else:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It has read that, or gave up."""
        self._others.discard(self)


def _last_answer(status: int, reason: bytes, body: bytes, kind: bytes = b"text/plain") -> bytes:
    head = b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    return head % (status, reason, kind, len(body)) + body


def _say_no_more(transport: Any) -> None:
    if hasattr(transport, "loseWriteConnection"):
        transport.loseWriteConnection()
    else:
        transport.loseConnection()


class BoundedSite(Site):
    """The server of ``resource``. Writes no access log: a request line holds passwords and texts.

    The connections of ``trusted_proxies``, and those by a UNIX socket, are bounded only in all.
    """

    protocol: Any = BoundedChannel
    requestFactory = BoundedRequest
    displayTracebacks = False

    def __init__(
        self,
        resource: IResource,
        bounds: Bounds,
        clock: IReactorTime,
        trusted_proxies: Collection[Network] = (),
        uploads: Mapping[bytes, bytes] | None = None,
    ) -> None:
        super().__init__(resource, timeout=None, reactor=clock, parsePOSTFormSubmission=False)
        self.uploads = uploads or {}
        """The addresses whose bodies may be as long as an upload, each with the page for who sends more."""
        self.held = {False: 0, True: 0}
        """Bytes of bodies that are here: of those that are no uploads, and of uploads."""
        self._bounds = bounds
        self._clock = clock
        self._trusted_proxies = trusted_proxies
        children = getattr(resource, "children", {}).items()
        self.leaves: dict[bytes, IResource] = {b"/" + name: child for name, child in children if child.isLeaf}
        """The resources that take their requests without being looked for, by address."""
        self._channels: set[BoundedChannel] = set()
        self._busy: set[Busy] = set()
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

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel, or the answer that there are too many."""
        whose = self._whose(addr)
        too_many = bool(whose) and self._addresses[whose] >= self._bounds.connections_per_address
        if too_many or len(self._channels) >= self._bounds.connections:
            return Busy(self._busy, self._bounds.connections, self._clock)
        channel = super().buildProtocol(addr)
        channel.bounds = self._bounds
        channel.clock = self._clock
        channel.whose = whose
        return channel

    def _whose(self, address: IAddress | None) -> str:
        host = str(getattr(address, "host", ""))
        return "" if is_in(host, self._trusted_proxies) else network_of(host)

    def opened(self, channel: BoundedChannel) -> None:
        """Count a connection."""
        self._channels.add(channel)
        self._addresses[channel.whose] += 1

    def closed(self, channel: BoundedChannel) -> None:
        """Count one less."""
        self._channels.discard(channel)
        # not the peer's address: behind haproxy: that has become another meanwhile
        self._addresses[channel.whose] -= 1
        if not self._addresses[channel.whose]:
            del self._addresses[channel.whose]

    def hold(self, request: BoundedRequest, count: int) -> bool:
        """Count bytes of a body that are to be kept; false where there are too many."""
        if self.held[request.upload] + count > self._bounds.all_bodies(request.upload):
            return False
        request.held += count
        self.held[request.upload] += count
        return True

    def let_go(self, request: BoundedRequest) -> None:
        """A request's body is not needed any more."""
        self.held[request.upload] -= request.held
        request.held = 0

    def close_late(self) -> None:
        """Close the connections whose deadline has passed."""
        now = self._clock.seconds()
        connections: list[BoundedChannel | Busy] = [*self._channels, *self._busy]
        for connection in connections:
            if connection.deadline < now:
                connection.transport.abortConnection()

    def log(self, request: Any) -> None:
        """Nothing: see the class."""

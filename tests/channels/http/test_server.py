"""The HTTP server's clocks and bounds, in memory."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any, Final

import attrs
import pytest
from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from smstob.channels.http.server import LINGER, BoundedSite, Bounds

BOUNDS: Final = Bounds(
    connections=4, connections_per_address=2, header_seconds=10, body_seconds=30, idle_seconds=60, body_bytes=100
)
GET: Final = b"GET / HTTP/1.1\r\n\r\n"
POST: Final = b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"


class Wire(StringTransport):
    """A transport in memory that notes a half-close, and tells its protocol when it is closed."""

    def __init__(self, peer: str) -> None:
        address: Any = IPv4Address("TCP", peer, 1234) if peer else UNIXAddress(None)
        super().__init__(peerAddress=address)
        self.half_closed = False
        self.closed = False
        self.channel: Any = None

    def loseWriteConnection(self) -> None:  # noqa: N802
        """Our side has no more to say."""
        self.half_closed = True

    def loseConnection(self) -> None:  # noqa: N802
        """Close."""
        super().loseConnection()
        self._close()

    def abortConnection(self) -> None:  # noqa: N802
        """Close without ado."""
        super().abortConnection()
        self._close()

    def _close(self) -> None:
        if not self.closed:
            self.closed = True
            self.channel.connectionLost(Failure(ConnectionDone()))

    @property
    def answers(self) -> int:
        """How many whole answers were written."""
        return bytes(self.value()).count(b"\r\n\r\nok")


class Slow(Resource):
    """Answers when it is told to."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Request] = []

    def render(self, request: Request) -> int:
        """Note the request."""
        self.asked.append(request)
        later: int = NOT_DONE_YET
        return later

    def answer(self) -> None:
        """Answer the oldest."""
        request = self.asked.pop(0)
        request.setHeader(b"Content-Length", b"2")
        request.write(b"ok")
        request.finish()


@attrs.define
class Server:
    """A site on a clock."""

    bounds: Bounds = BOUNDS
    clock: Clock = attrs.field(factory=Clock)
    resource: Slow = attrs.field(factory=Slow)
    site: BoundedSite = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.site = BoundedSite(self.resource, self.bounds, self.clock, [ip_network("198.51.100.0/24")])
        self.site.doStart()

    def connect(self, peer: str = "192.0.2.1") -> Wire:
        """A client."""
        wire = Wire(peer)
        wire.channel = self.site.buildProtocol(wire.getPeer())
        wire.channel.makeConnection(wire)
        return wire

    def closes_after(self, wire: Wire, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        """Fail unless ``wire`` is open for ``seconds``, and closed a sweep later; ``each`` is done every tenth."""
        for _ in range(int(seconds * 10) - 1):
            self.clock.advance(0.1)
            each()
            assert not wire.closed
        self.clock.pump([0.1] * 12)
        assert wire.closed


def test_idle() -> None:
    """Who says nothing is let go after ``idle_seconds``, at first and between two requests."""
    server = Server()
    server.closes_after(server.connect(), 60)
    wire = server.connect()
    server.clock.pump([1] * 50)
    wire.channel.dataReceived(GET)
    server.resource.answer()
    server.closes_after(wire, 60)
    assert wire.answers == 1


@pytest.mark.parametrize(
    ("first", "then", "seconds"),
    [
        (b"G", b"E", 10),
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n", 10),
        (b"\r\n", b"", 10),
        (POST.replace(b"10", b"99"), b"", 30),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"", 30),
    ],
)
def test_deadline(first: bytes, then: bytes, seconds: float) -> None:
    """A header and a body have a time of their own, however steadily bytes come."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(first)
    server.closes_after(wire, seconds, lambda: wire.channel.dataReceived(then))
    assert not server.resource.asked


def test_body_begins_anew() -> None:
    """The body's time begins where the header's ends."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(POST[:20])
    server.clock.pump([1] * 9)
    wire.channel.dataReceived(POST[20:])
    server.closes_after(wire, 30)


def test_our_turn() -> None:
    """While we owe the answer there is no deadline; what is sent meanwhile waits its turn."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(GET + GET + GET[:5])
    server.clock.pump([1] * 1000)
    assert not wire.closed
    assert len(server.resource.asked) == 1
    server.resource.answer()
    server.clock.pump([1] * 1000)
    server.resource.answer()
    assert wire.answers == 2
    server.closes_after(wire, 10)


def test_connections() -> None:
    """Two from an address, four in all; who leaves makes room. The others are told 503 and 99."""
    server = Server()
    first = [server.connect("192.0.2.1"), server.connect("192.0.2.1")]
    busy = server.connect("192.0.2.1")
    assert busy.value().startswith(b"HTTP/1.1 503 ")
    assert busy.value().endswith(b"\r\n\r\n99")
    server.closes_after(busy, LINGER)
    second = [server.connect("192.0.2.2"), server.connect("192.0.2.2")]
    assert server.connect("192.0.2.3").value().endswith(b"99")
    first[0].loseConnection()
    assert not server.connect("192.0.2.3").value()
    assert server.connect("192.0.2.1").value().endswith(b"99")
    second[0].loseConnection()
    assert not server.connect("192.0.2.1").value()


@pytest.mark.parametrize("peer", ["198.51.100.7", "::ffff:198.51.100.7", ""])
def test_proxies_are_not_counted(peer: str) -> None:
    """A trusted proxy, or whoever comes by a UNIX socket, has the customers of many: it is bounded only in all."""
    server = Server()
    wires = [server.connect(peer) for _ in range(4)]
    assert not any(wire.value() for wire in wires)
    assert server.connect(peer).value().endswith(b"99")
    wires[0].loseConnection()
    assert not server.connect(peer).value()


def test_connections_of_a_network() -> None:
    """A customer's whole IPv6 /64 counts as one address; IPv4 clients of an IPv6 port each count alone."""
    server = Server()
    for peer in ("2001:db8::1", "2001:db8::2"):
        assert not server.connect(peer).value()
    assert server.connect("2001:db8::3").value().endswith(b"99")
    for peer in ("::ffff:192.0.2.1", "::ffff:192.0.2.2"):
        assert not server.connect(peer).value()
    assert not Server().connect("2001:db8:0:1::1").value()


def test_peer_that_changes() -> None:
    """Behind ``haproxy:`` a peer turns into the client once its first line is read: it is counted as it came."""
    server = Server()
    for client in range(9):
        wire = server.connect("192.0.2.1")
        assert not wire.value()
        wire.peerAddr = IPv4Address("TCP", f"203.0.113.{client}", 1234)
        wire.loseConnection()


def test_all_bodies() -> None:
    """All bodies together have a budget; it comes back with an answer, or when a client leaves."""
    server = Server(attrs.evolve(BOUNDS, all_bodies_bytes=25))
    first, second, third = (server.connect(f"192.0.2.{number}") for number in range(3))
    first.channel.dataReceived(POST + b"a" * 10)
    second.channel.dataReceived(POST + b"a" * 9)
    third.channel.dataReceived(POST + b"a" * 7)
    assert third.value().startswith(b"HTTP/1.1 503 ")
    assert third.value().endswith(b"\r\n\r\n99")
    assert server.site.held[False] == 19
    second.loseConnection()
    assert server.site.held[False] == 10
    server.resource.answer()
    third.loseConnection()
    assert server.site.held[False] == 0
    first.channel.dataReceived(POST + b"a" * 10)
    server.resource.answer()
    assert first.answers == 2
    assert server.site.held[False] == 0


def test_many_too_many() -> None:
    """Of those turned away as many linger as may be served; the next are closed at once."""
    server = Server()
    for _ in range(2):
        server.connect()
    turned_away = [server.connect() for _ in range(5)]
    assert [wire.closed for wire in turned_away] == [False] * 4 + [True]
    turned_away[0].loseConnection()
    assert not server.connect().closed
    assert server.connect().closed


@pytest.mark.parametrize(
    "request_",
    [
        POST.replace(b"10", b"101"),
        POST.replace(b"10", b"9" * 5000),
        POST.replace(b"10\r\n", b"9" * 5000 + b"\r\nX: y\r\n"),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"a" * 101,
    ],
)
def test_refused(request_: bytes) -> None:
    """Too long a body is refused once; what still comes is not heeded, and the client has time to read why."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(request_ + GET)
    assert wire.value().startswith(b"HTTP/1.1 413 ")
    assert wire.half_closed
    server.closes_after(wire, LINGER, lambda: wire.channel.dataReceived(GET))
    assert not server.resource.asked
    assert wire.value().count(b"HTTP/1.1") == 1


def test_refused_client_closes() -> None:
    """A client that has read the refusal and closes is not kept."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(POST.replace(b"10", b"101"))
    wire.channel.readConnectionLost()
    assert wire.closed


def test_half_closed() -> None:
    """A client that has no more to say gets its answers, and is closed after the last."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(GET + GET + GET[:-1])
    wire.channel.readConnectionLost()
    server.resource.answer()
    assert not wire.closed
    server.resource.answer()
    assert wire.closed
    assert wire.answers == 2
    assert not server.resource.asked


@pytest.mark.parametrize("said", [b"", GET[:-1], POST, POST + b"a" * 9])
def test_half_closed_too_soon(said: bytes) -> None:
    """A request that is not whole is none."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(said)
    wire.channel.readConnectionLost()
    assert wire.closed
    assert not server.resource.asked


def test_gone() -> None:
    """A client that left before its answer leaves nothing behind."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(GET)
    failed: list[Any] = []
    server.resource.asked[0].notifyFinish().addErrback(failed.append)
    wire.loseConnection()
    assert len(failed) == 1
    for _ in range(2):
        assert not server.connect().closed


def test_client_that_does_not_read() -> None:
    """While a client does not take its answers nothing more of it is read, be it in the middle of a request."""
    server = Server()
    wire = server.connect()
    wire.channel.dataReceived(GET + GET)
    wire.channel.pauseProducing()
    for _ in range(2):
        assert wire.producerState == "paused"
        server.resource.answer()
    assert wire.producerState == "paused"
    wire.channel.resumeProducing()
    assert wire.producerState == "producing"


def test_stopped() -> None:
    """The sweep ends with the last port."""
    server = Server()
    server.site.doStart()
    server.site.doStop()
    assert server.clock.getDelayedCalls()
    server.site.doStop()
    assert not server.clock.getDelayedCalls()


def test_nothing_is_told_of_a_request() -> None:
    """Twisted logs requests by their ``repr``: it has no address, for that holds passwords and texts."""
    server = Server()
    server.connect().channel.dataReceived(b"GET /?pass=secret HTTP/1.1\r\n\r\n")
    assert repr(server.resource.asked[0]) == "<BoundedRequest>"

"""A network in memory: both ends of a connection on one Clock, which carries every octet."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

ADDRESS: Final = IPv4Address("TCP", "192.0.2.1", 2775)


class End:
    """One end's transport. What it writes arrives after ``link.latency``, unless the link was cut meanwhile."""

    def __init__(self, link: "Link", protocol: Any) -> None:
        self.link = link
        self.protocol = protocol
        self.other: End
        self.connected = True
        self.closing = False
        self.aborted = False

    def write(self, data: bytes) -> None:
        """Octets for the other end."""
        if self.connected and not self.closing:
            self.link.carried += data
            self.link.clock.callLater(self.link.latency, self.other.arrived, data)

    def arrived(self, data: bytes) -> None:
        """Octets of the other end's; what the protocol raises ends the connection, as Twisted's reactors do."""
        if self.connected:
            try:
                self.protocol.dataReceived(data)
            except Exception as error:
                self.link.errors.append(error)
                self.link.cut()

    def loseConnection(self) -> None:  # noqa: N802
        """Close, when all is written."""
        if not self.closing:
            self.closing = True
            self.link.clock.callLater(self.link.latency, self.link.end, ConnectionDone())

    def abortConnection(self) -> None:  # noqa: N802
        """Close at once."""
        self.aborted = True
        self.link.cut()

    def lost(self, reason: Exception) -> None:
        """Tell the protocol, once."""
        if self.connected:
            self.connected = False
            self.protocol.connectionLost(Failure(reason))

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802
        """Nothing ever piles up here."""

    def unregisterProducer(self) -> None:  # noqa: N802
        """See ``registerProducer``."""

    def getPeer(self) -> str:  # noqa: N802
        """Who is at the other end."""
        return "memory"


class Link:
    """A connection between two protocols."""

    def __init__(self, clock: Clock, near: Any, far: Any, latency: float) -> None:
        self.clock = clock
        self.latency = latency
        self.errors: list[Exception] = []
        self.carried = bytearray()
        """All that was written, by both."""
        self.near, self.far = End(self, near), End(self, far)
        self.near.other, self.far.other = self.far, self.near

    @property
    def is_up(self) -> bool:
        """Whether it still carries."""
        return self.near.connected

    def begin(self) -> None:
        """Tell both protocols."""
        for end in (self.far, self.near):
            end.protocol.makeConnection(end)

    def cut(self) -> None:
        """What is under way is lost, and both ends know."""
        self.end(ConnectionLost())

    def end(self, reason: Exception) -> None:
        """Tell both ends."""
        for end in (self.near, self.far):
            end.lost(reason)


@implementer(IStreamClientEndpoint)
class Memory:
    """Connects to whatever ``listener`` builds; refused while ``away``."""

    def __init__(self, clock: Clock, listener: Callable[[], Protocol | None]) -> None:
        self.clock = clock
        self.away = False
        self.latency = 0.0
        self.links: list[Link] = []
        """Every connection that there was."""
        self.tries = 0
        self._listener = listener

    @property
    def up(self) -> list[Link]:
        """The connections that stand."""
        return [link for link in self.links if link.is_up]

    def connect(self, factory: IProtocolFactory) -> "Deferred[Any]":
        """See ``IStreamClientEndpoint``."""
        self.tries += 1
        far = None if self.away else self._listener()
        near = None if far is None else factory.buildProtocol(ADDRESS)
        if near is None or far is None:
            return fail(ConnectionRefusedError("away"))
        link = Link(self.clock, near, far, self.latency)
        self.links.append(link)
        link.begin()
        return succeed(near)

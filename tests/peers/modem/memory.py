"""Ports in memory, on a clock: hundreds of hours in seconds."""

from errno import EBUSY, ENOENT
from fnmatch import fnmatchcase
from typing import Any, Final

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from .driver import Driver
from .modem import SimulatedModem

LATENCY: Final = 0.001
"""Seconds that bytes are under way."""


@implementer(ITransport)
class Connection:
    """A host's end of an open port."""

    disconnecting = False

    def __init__(self, port: "_Port", protocol: Protocol) -> None:
        self.is_open = True
        self._port = port
        self._protocol = protocol
        self._clock = port.clock

    def write(self, data: bytes) -> None:
        """Bytes for the modem."""
        if self.is_open and data:
            self._clock.callLater(LATENCY, self._written, bytes(data))

    def writeSequence(self, data: Any) -> None:  # noqa: N802
        """The same, in pieces."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:  # noqa: N802
        """Close the port, once what was written is written."""
        if not self.disconnecting:
            self.disconnecting = True
            self._clock.callLater(LATENCY, self.lost)

    def abortConnection(self) -> None:  # noqa: N802
        """The same."""
        self.loseConnection()

    def getPeer(self) -> Any:  # noqa: N802
        """What it is connected to."""
        return self._port.path

    def getHost(self) -> Any:  # noqa: N802
        """The same."""
        return self._port.path

    def arrived(self, data: bytes) -> None:
        """Bytes of the modem's come in."""
        if self.is_open:
            self._protocol.dataReceived(data)

    def lost(self) -> None:
        """Tell the protocol, once; whatever the reason, it is the one of an unplugged serial port."""
        if self.is_open:
            self.is_open = False
            self._port.closed(self)
            self._protocol.connectionLost(Failure(ConnectionDone()))

    def _written(self, data: bytes) -> None:
        if self.is_open:
            self._port.driver.heard(data)


class _Port:
    """A modem's port, wherever it is."""

    def __init__(self, clock: Clock, path: str, modem: SimulatedModem) -> None:
        self.clock = clock
        self.path = path
        self.is_there = False
        self.connection: Connection | None = None
        self.driver = Driver(clock, modem, self)

    def came(self, path: str) -> None:
        self.path = path or self.path
        self.is_there = True

    def went(self) -> None:
        self.is_there = False
        if self.connection:
            self.clock.callLater(LATENCY, self.connection.lost)

    def said(self, data: bytes) -> None:
        if self.connection:
            self.clock.callLater(LATENCY, self.connection.arrived, data)

    def open(self, protocol: Protocol) -> Connection:
        self.connection = Connection(self, protocol)
        protocol.makeConnection(self.connection)
        self.driver.opened()
        return self.connection

    def closed(self, connection: Connection) -> None:
        if self.connection is connection:
            self.connection = None


class SimulatedPorts:
    """The ports of one machine, as the gateway asks for them."""

    def __init__(self, clock: Clock) -> None:
        self.opened = 0
        """How often a port was opened."""
        self._clock = clock
        self._ports: list[_Port] = []

    def plug(self, path: str, modem: SimulatedModem) -> None:
        """Plug the modem in: its port is there at once."""
        if any(port.path == path for port in self._ports):
            raise ValueError(f"{path} is taken")
        port = _Port(self._clock, path, modem)
        self._ports.append(port)
        port.driver.plug()

    def unplug(self, path: str) -> SimulatedModem:
        """Pull the modem out that was plugged in, or is now, at ``path``."""
        port = next(port for port in self._ports if port.path == path)
        self._ports.remove(port)
        port.driver.unplug()
        return port.driver.modem

    def paths(self, pattern: str) -> list[str]:
        """The ports that are there and fit, ``*`` and ``?`` as in a shell."""
        return sorted(port.path for port in self._ports if port.is_there and fnmatchcase(port.path, pattern))

    def real(self, path: str) -> str:
        """No links."""
        return path

    def open(self, path: str, protocol: Protocol) -> "Deferred[ITransport]":
        """Open a port for ``protocol``; fails with OSError where it is not there, or is open."""
        port = next((port for port in self._ports if port.path == path and port.is_there), None)
        if port is None:
            return fail(FileNotFoundError(ENOENT, "no such port", path))
        if port.connection is not None:
            return fail(OSError(EBUSY, "it is open", path))
        self.opened += 1
        return succeed(port.open(protocol))

"""A modem on a pseudo-terminal, or on a TCP port of 127.0.0.1, by a Twisted reactor."""

import os
import select
import tty
from functools import partial
from pathlib import Path
from typing import Any, Final

from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from zope.interface import implementer

from .driver import Driver
from .modem import SimulatedModem

LOOK_SECONDS: Final = 0.02
"""How often it is looked whether a host opened the terminal: the system does not tell."""
_CHUNK: Final = 65536


@implementer(IReadDescriptor)
class _Terminal:
    """A pseudo-terminal from when the port comes to when it goes."""

    def __init__(self, reactor: Any, link: Path, driver: Driver) -> None:
        self.link = link
        self._reactor = reactor
        self._driver = driver
        self._master, host = os.openpty()
        tty.setraw(host)
        self._name = os.ttyname(host)
        os.close(host)
        os.set_blocking(self._master, False)
        self.is_open = False
        link.symlink_to(self._name)
        self._looking = LoopingCall(self._look)
        self._looking.clock = reactor
        self._looking.start(LOOK_SECONDS)

    def close(self) -> None:
        """The port goes: who has it open sees its end."""
        self.link.unlink(missing_ok=True)
        self._looking.stop()
        self._closed()
        os.close(self._master)

    def write(self, data: bytes) -> None:
        """What the modem says. A terminal that nobody reads has room for 4 kB or so; more is lost, as on a wire."""
        if self.is_open:
            try:
                os.write(self._master, data)
            except BlockingIOError:
                return

    def fileno(self) -> int:
        """The modem's end."""
        return self._master

    def logPrefix(self) -> str:  # noqa: N802
        """For the log."""
        return "modem"

    def doRead(self) -> None:  # noqa: N802
        """The host wrote, or closed the terminal."""
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._driver.heard(data)
        else:
            self._closed()

    def connectionLost(self, reason: Failure) -> None:
        """The reactor found the host gone."""
        self._closed()

    def _look(self) -> None:
        if self.is_open:
            return
        poll = select.poll()
        poll.register(self._master, 0)
        if not poll.poll(0):
            self.is_open = True
            self._reactor.addReader(self)
            self._driver.opened()

    def _closed(self) -> None:
        self.is_open = False
        self._reactor.removeReader(self)


class PtyModem:
    """A modem whose port is ``directory / name``, a symbolic link as those of /dev/serial/by-id."""

    def __init__(self, reactor: Any, modem: SimulatedModem, directory: Path, name: str) -> None:
        self.driver = Driver(reactor, modem, self)
        self.path = directory / name
        self._reactor = reactor
        self._terminal: _Terminal | None = None

    @property
    def is_open(self) -> bool:
        """Whether a host has the port open."""
        return self._terminal is not None and self._terminal.is_open

    def came(self, path: str) -> None:
        """See ``Outlet``; ``path`` is another name in the directory."""
        self.path = self.path.with_name(path or self.path.name)
        self._terminal = _Terminal(self._reactor, self.path, self.driver)

    def went(self) -> None:
        """See ``Outlet``."""
        if self._terminal:
            self._terminal.close()
            self._terminal = None

    def said(self, data: bytes) -> None:
        """See ``Outlet``."""
        if self._terminal:
            self._terminal.write(data)


class _Line(Protocol):
    """A connection to a modem on TCP: one at a time."""

    def __init__(self, modem: "TcpModem") -> None:
        self._modem = modem

    def connectionMade(self) -> None:
        self._modem.connected(self)

    def dataReceived(self, data: bytes) -> None:
        if self._modem.line is self:
            self._modem.driver.heard(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        if self._modem.line is self:
            self._modem.line = None


class TcpModem:
    """A modem behind a TCP port: the bytes as they are, for ``socket://127.0.0.1:PORT``. 0 is any free one.

    As ser2net does, it listens without the modem too, and then hangs up at once; so it does on a second caller.
    """

    def __init__(self, reactor: Any, modem: SimulatedModem, port: int = 0) -> None:
        self.driver = Driver(reactor, modem, self)
        self.line: _Line | None = None
        self._is_there = False
        factory = Factory.forProtocol(partial(_Line, self))
        self.listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
        self.port: int = self.listening.getHost().port

    @property
    def is_open(self) -> bool:
        """Whether a host has the port open."""
        return self.line is not None

    def connected(self, line: _Line) -> None:
        """A host calls."""
        if not self._is_there or self.line is not None:
            _hang_up(line)
            return
        self.line = line
        self.driver.opened()

    def came(self, path: str) -> None:
        """See ``Outlet``; the port is always the same."""
        self._is_there = True

    def went(self) -> None:
        """See ``Outlet``."""
        self._is_there = False
        if self.line is not None:
            _hang_up(self.line)

    def said(self, data: bytes) -> None:
        """See ``Outlet``."""
        if self.line is not None and self.line.transport is not None:
            self.line.transport.write(data)


def _hang_up(line: _Line) -> None:
    if line.transport is not None:
        line.transport.loseConnection()

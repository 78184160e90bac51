"""Ports of this machine, and those behind a server of ports."""

import errno
import os
import stat
import termios
from contextlib import suppress
from glob import glob
from typing import Any, Final, Protocol

import serial
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectError, ConnectionAborted
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as Connection
from twisted.internet.serialport import SerialPort
from twisted.python.failure import Failure

from .settings import SOCKET

CONNECT_SECONDS: Final = 10.0
"""For a server of ports."""

_REASONS: Final = {
    errno.ENOENT: "Il n'y a rien à ce port : branchez le modem, ou corrigez « port ».",
    errno.EACCES: "Le service n'a pas le droit d'ouvrir ce port : mettez-le dans le groupe dialout.",
    errno.EPERM: "Le service n'a pas le droit d'ouvrir ce port : reprenez config/smstob.service.",
    errno.EBUSY: "Un autre programme tient ce port : arrêtez-le.",
    errno.EAGAIN: "Un autre programme tient ce port : arrêtez-le.",
    errno.ENOTTY: "Ce n'est pas un port série : corrigez « port ».",
    errno.ENODEV: "Le modem de ce port n'est plus là : rebranchez-le.",
    errno.ENXIO: "Le modem de ce port n'est plus là : rebranchez-le.",
}


class IPorts(Protocol):
    """Where modems are."""

    def paths(self, pattern: str) -> list[str]:
        """The ports that are there and fit ``pattern``."""

    def real(self, path: str) -> str:
        """The same for all links that lead to one port."""

    def open(self, path: str, protocol: Connection) -> "Deferred[ITransport]":
        """Open a port for ``protocol`` alone; fails with OSError, or what a connection fails with.

        Its transport has ``abortConnection``; whatever ends it, the protocol's ``connectionLost`` says so.
        """


class Ports:
    """Serial ports, locked against other programs, and ``socket://host:port``."""

    def __init__(self, reactor: Any, baudrate: int) -> None:
        self._reactor = reactor
        self._baudrate = baudrate

    def paths(self, pattern: str) -> list[str]:
        """See ``IPorts``."""
        if SOCKET.fullmatch(pattern):
            return [pattern]
        return sorted(path for path in glob(pattern) if os.path.exists(path))

    def real(self, path: str) -> str:
        """See ``IPorts``."""
        return path if SOCKET.fullmatch(path) else os.path.realpath(path)

    def open(self, path: str, protocol: Connection) -> "Deferred[ITransport]":
        """See ``IPorts``."""
        if (far := SOCKET.fullmatch(path)) is not None:
            host, port = far["host"].strip("[]"), int(far["port"])
            endpoint = HostnameEndpoint(self._reactor, host, port, timeout=CONNECT_SECONDS)
            return endpoint.connect(_Single(protocol)).addCallback(_transport)
        try:
            # a file takes everything and answers nothing
            if not stat.S_ISCHR(os.stat(path).st_mode):
                raise OSError(errno.ENOTTY, "no serial port", path)
            return succeed(_LockedPort(protocol, path, self._reactor, baudrate=self._baudrate))
        except (OSError, ValueError, termios.error) as error:
            is_explained = isinstance(error, OSError) and error.errno is not None
            return fail(error if is_explained else OSError(errno.ENOTTY, str(error), path))


class _Single(Factory):
    """Gives a connection the protocol that there is already."""

    def __init__(self, protocol: Connection) -> None:
        self._protocol = protocol

    def buildProtocol(self, address: Any) -> Connection:
        """See ``IProtocolFactory``."""
        return self._protocol


def _transport(protocol: Any) -> ITransport:
    transport: ITransport = protocol.transport
    return transport


class _Locked(serial.Serial):
    def __init__(self, path: str, **named: Any) -> None:
        super().__init__(path, exclusive=True, **named)


class _LockedPort(SerialPort):
    """A serial port that no other program opens meanwhile."""

    # Twisted has no other way to say so
    _serialFactory = _Locked  # type: ignore[assignment]  # noqa: N815

    def abortConnection(self) -> None:  # noqa: N802
        """Close it at once: a modem that hangs does not take what is still to be written, and closing waits for it."""
        if not self.disconnected:
            with suppress(OSError, termios.error):  # it may be gone
                self.flushOutput()
            self.connectionLost(Failure(ConnectionAborted()))


def why_closed(failure: Failure) -> str:
    """Why a port does not open, in French, and what to do."""
    error = failure.value
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    if isinstance(error, ConnectError):
        return "Le serveur de ports ne répond pas : vérifiez son adresse, et qu'il tourne sans que nul ne le tienne."
    return f"Ce port ne s'ouvre pas : vérifiez « port » et le branchement ({type(error).__name__})."

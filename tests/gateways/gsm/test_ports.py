"""Real ports: pseudo-terminals and TCP, opened at their speed, for nobody else, and closed at once."""

import errno
import os
import socket
import termios
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
import serial
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import DNSLookupError, TimeoutError
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from gateways.gsm.ports import Ports, why_closed
from tests.peers.modem.card import Sim
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.pty import PtyModem, TcpModem
from tests.ports import free_port
from tests.txsmpp.reactor import in_reactor, until

reactor: Any = global_reactor

TAKEN: Final = "Un autre programme tient ce port : arrêtez-le."
NOTHING: Final = "Il n'y a rien à ce port : branchez le modem, ou corrigez « port »."
NO_PORT: Final = "Ce n'est pas un port série : corrigez « port »."
GONE: Final = "Le modem de ce port n'est plus là : rebranchez-le."
SERVER: Final = "Le serveur de ports ne répond pas : vérifiez "
UNKNOWN: Final = "Ce port ne s'ouvre pas : vérifiez « port » et le branchement ({})."
FORBIDDEN: Final = "Le service n'a pas le droit d'ouvrir ce port : mettez-le dans le groupe dialout."


class Host(Protocol):
    """What is heard at a port, and how often it was lost."""

    def __init__(self) -> None:
        self.heard = b""
        self.opened = 0
        self.losses: list[Failure] = []

    def connectionMade(self) -> None:
        """The port is open."""
        self.opened += 1

    def dataReceived(self, data: bytes) -> None:
        """Bytes came."""
        self.heard += data

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The port went, or was closed."""
        assert reason is not None
        self.losses.append(reason)

    @property
    def port(self) -> Any:
        """What carries it."""
        assert self.transport is not None
        return self.transport


@attrs.define
class Line:
    """A pseudo-terminal, and the modem's end of it, which nobody reads."""

    master: int
    path: str

    def read(self) -> bytes:
        """What has been written, if anything."""
        try:
            return os.read(self.master, 1 << 20)
        except (BlockingIOError, OSError):
            return b""


@pytest.fixture
def line() -> Iterator[Line]:
    """A terminal whose other end is ours."""
    master, host = os.openpty()
    tty.setraw(host)
    os.set_blocking(master, False)
    yield Line(master, os.ttyname(host))
    os.close(master)
    os.close(host)


def modem() -> SimulatedModem:
    """One with a card."""
    return SimulatedModem(SimulatedNetwork(), Sim(imsi="208011234567890", iccid="8933012345678901234"))


def ports(baudrate: int = 115_200) -> Ports:
    """Those of this machine."""
    return Ports(reactor, baudrate)


async def opened(path: str, baudrate: int = 115_200) -> Host:
    """A host at the open port."""
    host = Host()
    assert await ports(baudrate).open(path, host) is host.transport
    assert host.opened == 1
    return host


async def talk(path: str) -> None:
    """Open the port, ask the modem there who it is, and close it: that is told once."""
    host = await opened(path)
    host.port.write(b"ATE0\rAT+CIMI\r")
    await until(lambda: b"208011234567890\r\n\r\nOK" in host.heard, "the modem answers")
    host.port.abortConnection()
    await until(lambda: host.losses, "it is closed")
    assert len(host.losses) == 1


async def refused(path: str) -> str:
    """Why the port does not open."""
    host, failures = Host(), list[Failure]()
    await ports().open(path, host).addErrback(failures.append)
    (failure,) = failures
    assert (host.opened, host.losses) == (0, [])
    return why_closed(failure)


@in_reactor
async def test_dialogue(tmp_path: Path) -> None:
    """A modem at a pseudo-terminal answers, is closed, and answers again when it is opened anew."""
    simulated = PtyModem(reactor, modem(), tmp_path, "modem")
    simulated.driver.plug()
    for _ in range(2):
        await talk(str(simulated.path))
        await until(lambda: not simulated.is_open, "the modem sees that it is closed")
    simulated.driver.unplug()


@in_reactor
async def test_unplugged(tmp_path: Path) -> None:
    """A modem that is pulled out is lost, once, and its port is not there any more; plugged in, it opens again."""
    simulated = PtyModem(reactor, modem(), tmp_path, "modem")
    simulated.driver.plug()
    host = await opened(str(simulated.path))
    await until(lambda: simulated.is_open, "the modem sees that it is open")
    simulated.driver.unplug()
    await until(lambda: host.losses, "the loss is told")
    assert await refused(str(simulated.path)) == NOTHING
    host.port.abortConnection()
    assert len(host.losses) == 1
    simulated.driver.plug()
    again = await opened(str(simulated.path))
    again.port.abortConnection()
    simulated.driver.unplug()


@pytest.mark.parametrize("baudrate", [9600, 115_200, 460_800])
def test_speed(line: Line, baudrate: int) -> None:
    """The port is opened at the speed that was asked for, with eight bits and no flow control by characters."""
    host = Host()
    ports(baudrate).open(line.path, host)
    kind, _, control, _, speed_in, speed_out, _ = termios.tcgetattr(host.port.fileno())
    assert speed_in == speed_out == getattr(termios, f"B{baudrate}")
    assert control & termios.CSIZE == termios.CS8
    assert not kind & (termios.IXON | termios.IXOFF | termios.ICRNL)
    host.port.abortConnection()


def test_for_nobody_else(line: Line) -> None:
    """Who opens an open port fails, be it ourselves or another program that asks; closed, it can be opened."""
    host, failures = Host(), list[Failure]()
    ports().open(line.path, host)
    second = Host()
    ports().open(line.path, second).addErrback(failures.append)
    assert [why_closed(failure) for failure in failures] == [TAKEN]
    assert second.opened == 0
    with pytest.raises(serial.SerialException):
        serial.Serial(line.path, exclusive=True)
    host.port.write(b"AT\r")
    host.port.abortConnection()
    with serial.Serial(line.path, exclusive=True):
        ports().open(line.path, second).addErrback(failures.append)
        assert why_closed(failures[1]) == TAKEN
    ports().open(line.path, second)
    assert second.opened == 1
    second.port.abortConnection()


@in_reactor
async def test_closed_at_once(line: Line) -> None:
    """A port whose modem takes nothing closes in the call itself, once, and what was to be written is dropped."""
    host = await opened(line.path)
    host.port.write(b"AT+CMGS=20\r" * 100_000)
    descriptor = host.port.fileno()
    host.port.abortConnection()
    assert len(host.losses) == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    host.port.abortConnection()
    host.port.write(b"AT\r")
    assert len(host.losses) == 1
    line.read()
    again = await opened(line.path)
    again.port.write(b"AT\r")
    await until(lambda: line.read() == b"AT\r", "nothing of before comes")
    again.port.abortConnection()


def test_missing(tmp_path: Path) -> None:
    """A path that leads nowhere, or through a file: what to do is told."""
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nothing", tmp_path / "dangling"):
        assert why(str(path)) == NOTHING
    assert why(str(tmp_path / "file" / "modem")) == UNKNOWN.format("NotADirectoryError")


def why(path: str) -> str:
    """Why the port does not open; that is known at once."""
    failures = list[Failure]()
    ports().open(path, Host()).addErrback(failures.append)
    (failure,) = failures
    return why_closed(failure)


def test_no_serial_port(tmp_path: Path) -> None:
    """A file, a directory, a pipe, a socket and a device that is no terminal are none: none holds anything up."""
    (tmp_path / "file").write_text("OK\n" * 100)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("file", "pipe", "link", "socket", "."):
            assert why(str(tmp_path / name)) == NO_PORT, name
    assert (tmp_path / "file").read_text() == "OK\n" * 100
    assert why("/dev/tty\0USB0") == NO_PORT
    assert why("/dev/null") == NO_PORT


def test_what_does_not_open_stays_closed(line: Line, tmp_path: Path) -> None:
    """Hours of trying a port that is taken, missing or none leave no file open."""
    host = Host()
    ports().open(line.path, host)
    before = sorted(os.listdir("/proc/self/fd"))
    for path in (line.path, str(tmp_path), "/dev/null", "/dev/nothing") * 20:
        why(path)
    assert sorted(os.listdir("/proc/self/fd")) == before
    host.port.abortConnection()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileNotFoundError(errno.ENOENT, "no", "/dev/x"), NOTHING),
        (PermissionError(errno.EACCES, "no", "/dev/x"), FORBIDDEN),
        (
            PermissionError(errno.EPERM, "no", "/dev/x"),
            "Le service n'a pas le droit d'ouvrir ce port : reprenez config/smstob.service.",
        ),
        (OSError(errno.EBUSY, "no"), TAKEN),
        (BlockingIOError(errno.EAGAIN, "no"), TAKEN),
        (OSError(errno.ENOTTY, "no"), NO_PORT),
        (OSError(errno.ENODEV, "no"), GONE),
        (OSError(errno.ENXIO, "no"), GONE),
        (serial.SerialException(errno.EACCES, "no"), FORBIDDEN),
        (serial.SerialException(errno.ENOENT, "no"), NOTHING),
        (OSError(errno.EIO, "Input/output error"), UNKNOWN.format("OSError")),
        (DNSLookupError("no such host"), UNKNOWN.format("DNSLookupError")),
        (ValueError(), UNKNOWN.format("ValueError")),
        (CancelledError(), UNKNOWN.format("CancelledError")),
    ],
)
def test_reasons(error: Exception, told: str) -> None:
    """Whatever an opening fails with becomes one sentence, with what to do where that is known."""
    assert why_closed(Failure(error)) == told


def test_paths(tmp_path: Path) -> None:
    """A pattern finds what is there, and links that lead there; all links to one port have one real path."""
    for name in ("ttyUSB0", "ttyUSB1", "ttyUSB10"):
        (tmp_path / name).write_text("")
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    (tmp_path / "by-path").symlink_to(tmp_path / "by-id")
    (tmp_path / "by-gone").symlink_to(tmp_path / "ttyUSB7")
    found = ports()
    assert found.paths(f"{tmp_path}/ttyUSB?") == [f"{tmp_path}/ttyUSB0", f"{tmp_path}/ttyUSB1"]
    assert found.paths(f"{tmp_path}/by-[ip]*") == [f"{tmp_path}/by-id", f"{tmp_path}/by-path"]
    assert found.paths(f"{tmp_path}/none*") == []
    assert found.paths(f"{tmp_path}/by-*") == [f"{tmp_path}/by-id", f"{tmp_path}/by-path"]
    assert {found.real(path) for path in found.paths(f"{tmp_path}/by-*")} == {os.path.realpath(tmp_path / "ttyUSB0")}
    assert found.real("/dev/nothing") == "/dev/nothing"
    for url in ("socket://[::1]:4000", "socket://modems:4000"):
        assert (found.paths(url), found.real(url)) == ([url], url)


@in_reactor
async def test_socket() -> None:
    """A modem behind a server of ports answers; closed, the server sees that, and takes the next call."""
    simulated = TcpModem(reactor, modem())
    simulated.driver.plug()
    for _ in range(2):
        await talk(f"socket://127.0.0.1:{simulated.port}")
        await until(lambda: not simulated.is_open, "the server sees that it is closed")
    await simulated.listening.stopListening()


@in_reactor
async def test_socket_without_modem() -> None:
    """A server of ports whose modem is unplugged hangs up: the port is lost, as a serial one is."""
    simulated = TcpModem(reactor, modem())
    simulated.driver.plug()
    host = await opened(f"socket://127.0.0.1:{simulated.port}")
    await until(lambda: simulated.is_open, "the server has taken the call")
    simulated.driver.unplug()
    await until(lambda: host.losses, "the loss is told")
    again = await opened(f"socket://127.0.0.1:{simulated.port}")
    await until(lambda: again.losses, "the loss is told again")
    await simulated.listening.stopListening()


@in_reactor
async def test_socket_refused() -> None:
    """Where no server listens, the port does not open, and that is told."""
    assert (await refused(f"socket://127.0.0.1:{free_port()}")).startswith(SERVER)
    for error in (Refused(), TimeoutError()):
        assert why_closed(Failure(error)).startswith(SERVER)


@in_reactor
async def test_socket_given_up() -> None:
    """An opening that is given up ends at once, and the port does not open after all."""
    host, failures = Host(), list[Failure]()
    simulated = TcpModem(reactor, modem())
    opening: Deferred[Any] = ports().open(f"socket://127.0.0.1:{simulated.port}", host)
    opening.addErrback(failures.append)
    opening.cancel()
    assert len(failures) == 1
    await opened(f"socket://127.0.0.1:{simulated.port}")
    assert host.opened == 0
    await simulated.listening.stopListening()


@in_reactor
async def test_socket_of_ipv6() -> None:
    """Its address stands between brackets."""
    try:
        listening = reactor.listenTCP(0, Factory.forProtocol(Host), interface="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    host = await opened(f"socket://[::1]:{listening.getHost().port}")
    host.port.abortConnection()
    await until(lambda: host.losses, "it is closed")
    await listening.stopListening()

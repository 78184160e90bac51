"""The simulated modem's ports: in memory on a clock, on a pseudo-terminal with ``SerialPort``, on TCP, in a process."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import serial
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from tests.daemon import wait_until
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import GENERIC, HUAWEI, Profile
from tests.peers.modem_bench import ModemBench
from tests.peers.modem_host import IMSI, PDU, card
from tests.peers.script import ScriptError

PATH = "/dev/serial/by-id/usb-1"


class Listener(Protocol):
    """What a host hears."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.losses: list[Failure] = []

    @property
    def heard(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)

    def dataReceived(self, data: bytes) -> None:
        """Bytes came."""
        self.pieces.append(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The port went."""
        assert reason
        self.losses.append(reason)

    def say(self, line: bytes) -> None:
        """Write a command."""
        assert self.transport
        self.transport.write(line + b"\r")


@attrs.define
class Desk:
    """A machine with its ports, and time."""

    clock: Clock = attrs.field(factory=Clock)
    network: SimulatedNetwork = attrs.field(factory=SimulatedNetwork)
    ports: SimulatedPorts = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ports = SimulatedPorts(self.clock)

    def plugged(self, profile: Profile = GENERIC, path: str = PATH, **settings: Any) -> SimulatedModem:
        """A modem that is plugged in."""
        modem = SimulatedModem(self.network, card(), profile, **settings)
        self.ports.plug(path, modem)
        return modem

    def opened(self, path: str = PATH) -> Listener:
        """A host at the port."""
        listener = Listener()
        outcomes: list[Any] = []
        self.ports.open(path, listener).addCallback(outcomes.append)
        assert outcomes == [listener.transport]
        return listener

    def wait(self, seconds: float) -> None:
        """Let time pass, in small steps."""
        self.clock.pump([0.01] * int(seconds * 100))


def error_of(outcome: "Deferred[Any]") -> Exception:
    """Why it failed."""
    failures: list[Failure] = []
    outcome.addErrback(failures.append)
    (failure,) = failures
    assert isinstance(failure.value, Exception)
    return failure.value


def test_memory_carries_both_ways() -> None:
    """What is written is heard a moment later, and what is answered too."""
    desk = Desk()
    desk.plugged()
    host = desk.opened()
    host.say(b"AT")
    assert host.heard == b""
    desk.wait(0.1)
    assert host.heard == b"AT\r\r\nOK\r\n"


def test_memory_paths() -> None:
    """A pattern finds the ports that are there."""
    desk = Desk()
    desk.plugged(path="/dev/ttyUSB0")
    desk.ports.plug("/dev/ttyUSB10", SimulatedModem(desk.network, None))
    assert desk.ports.paths("/dev/ttyUSB?") == ["/dev/ttyUSB0"]
    assert desk.ports.paths("/dev/tty*") == ["/dev/ttyUSB0", "/dev/ttyUSB10"]
    assert desk.ports.paths("/dev/ttyUSB10") == ["/dev/ttyUSB10"]
    desk.ports.unplug("/dev/ttyUSB0")
    assert desk.ports.paths("/dev/tty*") == ["/dev/ttyUSB10"]
    with pytest.raises(ValueError, match="taken"):
        desk.ports.plug("/dev/ttyUSB10", SimulatedModem(desk.network, None))


def test_memory_refuses() -> None:
    """A port that is not there, or is open, does not open."""
    desk = Desk()
    assert isinstance(error_of(desk.ports.open(PATH, Listener())), FileNotFoundError)
    desk.plugged()
    host = desk.opened()
    assert isinstance(error_of(desk.ports.open(PATH, Listener())), OSError)
    assert host.transport
    host.transport.loseConnection()
    desk.wait(0.1)
    desk.opened()
    assert desk.ports.opened == 2


@pytest.mark.parametrize("by", ["unplug", "restart", "close"])
def test_memory_loss(by: str) -> None:
    """However the port goes, the protocol is told once, after all that was said."""
    desk = Desk()
    desk.plugged(HUAWEI)
    host = desk.opened()
    if by == "unplug":
        desk.ports.unplug(PATH)
    elif by == "restart":
        host.say(b"AT+CFUN=1,1")
    else:
        assert host.transport
        host.transport.loseConnection()
    desk.wait(0.1)
    (reason,) = host.losses
    assert reason.check(ConnectionDone)
    assert host.heard.endswith(b"\r\nOK\r\n" if by == "restart" else b"")
    assert desk.ports.paths("*") == ([PATH] if by == "close" else [])
    host.say(b"AT")
    desk.wait(10)
    assert len(host.losses) == 1
    assert desk.ports.paths("*") == ([] if by == "unplug" else [PATH])


def test_memory_another_path() -> None:
    """A stick may come back under another name."""
    desk = Desk()
    modem = desk.plugged()
    modem.faults.set("port_loss", seconds=2.0, path="/dev/ttyUSB5")
    desk.opened().say(b"AT")
    desk.wait(3)
    assert desk.ports.paths("*") == ["/dev/ttyUSB5"]
    desk.opened("/dev/ttyUSB5")
    assert desk.ports.unplug("/dev/ttyUSB5") is modem


def test_memory_wakes_for_messages() -> None:
    """What comes for a modem that has nothing to do is told without anybody asking."""
    desk = Desk()
    desk.plugged()
    host = desk.opened()
    host.say(b"AT+CNMI=1,1,0,1,0")
    desk.wait(0.1)
    desk.network.send_message(IMSI, "36105", "Oui", desk.clock.seconds())
    desk.wait(0.1)
    assert host.heard.endswith(b'\r\n+CMTI: "SM",1\r\n')


def test_memory_heals_by_reopening() -> None:
    """A hang that a new opening ends."""
    desk = Desk()
    modem = desk.plugged()
    host = desk.opened()
    modem.faults.set("hang", until="reopen")
    host.say(b"AT")
    desk.wait(60)
    assert host.heard == b"AT\r"
    assert host.transport
    host.transport.loseConnection()
    desk.wait(0.1)
    host = desk.opened()
    host.say(b"AT")
    desk.wait(0.1)
    assert host.heard.endswith(b"OK\r\n")


def test_memory_pieces_come_apart() -> None:
    """Bytes that come a few at a time are several calls."""
    desk = Desk()
    desk.plugged().faults.set("pieces", count=None)
    host = desk.opened()
    host.say(b"AT+CGSN")
    desk.wait(0.1)
    assert len(host.pieces) > 3
    assert host.heard.endswith(b"490154203237518\r\n\r\nOK\r\n")


def test_memory_for_days() -> None:
    """Time that nothing depends on costs nothing; what depends on it happens when it should."""
    desk = Desk()
    desk.plugged(send_seconds=3.0)
    host = desk.opened()
    host.say(b"ATE0+CNMI=1,1,0,1,0")
    desk.wait(0.1)
    host.say(b"AT+CMGS=18")
    desk.wait(0.1)
    assert host.transport
    host.transport.write(PDU.encode() + b"\x1a")
    desk.clock.pump([3600.0] * 240)
    assert host.heard.count(b"+CMGS: 0") == 1
    assert host.heard.count(b"+CDS: 25") == 1
    assert desk.clock.getDelayedCalls() == []


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ModemBench]:
    """A modem in its own process."""
    with ModemBench(tmp_path) as bench:
        yield bench
    assert bench.complaints() == ""


def talk(port: Any, line: bytes, until: bytes = b"OK\r\n") -> bytes:
    """Write a line, and read until that comes."""
    port.write(line)
    answer: bytes = port.read_until(until)
    assert answer.endswith(until), answer
    return answer


def test_pty(bench: ModemBench) -> None:
    """Another's library opens the port, sends, and finds it gone when the modem is unplugged; then it is back."""
    assert bench.path().is_symlink()
    with serial.Serial(str(bench.path()), 115200, timeout=20) as port:
        talk(port, b"ATE0\r")
        talk(port, b"AT+CMGS=18\r", b"> ")
        assert talk(port, PDU.encode() + b"\x1a") == b"\r\n+CMGS: 0\r\n\r\nOK\r\n"
        (taken,) = bench.taken(1)
        assert (taken["number"], taken["text"], taken["mr"]) == ("+33612345678", "Test", 0)
        bench.do("unplug")
        assert not bench.path().exists()
        with pytest.raises(serial.SerialException):
            port.read(1)
    bench.do("plug")
    with serial.Serial(str(bench.path()), 115200, timeout=20) as port:
        assert talk(port, b"AT+CPIN?\r") == b"AT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"


def test_pty_opened_again(bench: ModemBench) -> None:
    """The modem sees that it was closed and opened: that ends a fault."""
    with serial.Serial(str(bench.path()), 115200, timeout=20) as port:
        talk(port, b"ATE0\r")
        bench.fault("hang", until="reopen")
        port.write(b"AT\r")
        wait_until(lambda: bench.do("struck") == {"hang": 1}, "the modem hangs", 10)
        port.write(b"AT\r")
        port.timeout = 0.2
        assert port.read(1) == b""
    wait_until(lambda: not bench.do("is_open"), "the port is closed", 10)
    with serial.Serial(str(bench.path()), 115200, timeout=20) as port:
        talk(port, b"AT\r")


def test_pty_with_serialport(bench: ModemBench) -> None:
    """Twisted's SerialPort holds a dialogue with it, by a reactor of its own, and is told of the loss."""
    from twisted.internet.epollreactor import EPollReactor
    from twisted.internet.serialport import SerialPort

    reactor: Any = EPollReactor()
    host = Listener()
    SerialPort(host, str(bench.path()), reactor, baudrate=115200)
    host.say(b"AT+CGMI")
    turn(reactor, lambda: host.heard.endswith(b"OK\r\n"))
    assert host.heard == b"AT+CGMI\r\r\nSimulator\r\n\r\nOK\r\n"
    bench.do("unplug")
    turn(reactor, lambda: bool(host.losses))
    assert not os.path.lexists(bench.path())


def turn(reactor: Any, condition: Callable[[], bool]) -> None:
    """Let a reactor that does not run do its work until the condition holds."""

    def turned() -> bool:
        reactor.runUntilCurrent()
        reactor.doIteration(0.01)
        return condition()

    wait_until(turned, "the reactor's work", 20)


def test_tcp(tmp_path: Path) -> None:
    """The same bytes on a TCP port; without the modem, or with another host, it hangs up."""
    with ModemBench(tmp_path, tcp=True, profile="quectel") as bench:
        url = f"socket://127.0.0.1:{bench.port}"
        with serial.serial_for_url(url, timeout=20) as port:
            talk(port, b"AT\r")
            with serial.serial_for_url(url, timeout=20) as second, pytest.raises(serial.SerialException):
                second.read(1)
            talk(port, b"AT\r")
            bench.do("unplug")
            with pytest.raises(serial.SerialException):
                port.read(1000)
        bench.do("plug")
        with serial.serial_for_url(url, timeout=20) as port:
            talk(port, b"AT\r")
    assert bench.complaints() == ""


def test_bench_obeys(tmp_path: Path) -> None:
    """Several modems on one network, told by lines what to do; what cannot be done is said, and it goes on."""
    with ModemBench(tmp_path, count=2, pin="8642", mr=250, profile="simcom") as bench:
        with serial.Serial(str(bench.path(2)), 115200, timeout=20) as port:
            port.write(b"AT\r")
            talk(port, b"ATE0\r")
            talk(port, b'AT+CPIN="8642"\r', b"SMS Ready\r\n")
            assert talk(port, b"AT+CIMI\r") == b"\r\n208010000000002\r\n\r\nOK\r\n"
            talk(port, b"AT+CNMI=1,1,0,1,0\r")
            bench.do("answers", answers={"78": [38, 1]})
            bench.do("plans", plans={"678": [[0x46, 0.0]]})
            talk(port, b"AT+CMGS=18\r", b"> ")
            talk(port, PDU.encode() + b"\x1a", b"+CMS ERROR: 38\r\n")
            talk(port, b"AT+CMGS=18\r", b"> ")
            talk(port, PDU.encode() + b"\x1a", b"+CMGS: 251\r\n")
            assert port.read_until(b"46\r\n").endswith(b"46\r\n")
            assert bench.do("send_message", modem=2, sender="Mairie", text="Où ?") == 1
            assert port.read_until(b"+CMTI").endswith(b"+CMTI")
        assert bench.do("counts") == {"taken": 1, "report": 1, "message": 1}
        assert "AT+CPIN=…" in bench.do("commands", modem=2)
        bench.do("sim", modem=1, tries=0)
        for action, what in (("dance", {}), ("sim", {"colour": 1}), ("fault", {"fault": "hiccup"}), ("plug", {"x": 1})):
            with pytest.raises(ScriptError):
                bench.do(action, **what)
        assert bench.do("taken")[0]["sim"] == "208010000000002"
    assert bench.complaints() == ""
    assert not bench.path(1).exists()

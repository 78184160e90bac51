"""The real daemon with a modem in another process: over a serial port, over TCP, and through what befalls both."""

import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final

import pytest
import serial

from smstob.model.modem import ModemState
from tests.daemon import EXIT, e164, fresh_number
from tests.journeys.mail import DOMAIN, mailbox
from tests.journeys.modem_daemon import ICCID, FrailBench, ModemDaemon, running, times
from tests.peers.modem_bench import ModemBench
from tests.ports import free_port

TEXT: Final = "Rendez-vous samedi"
UNACCENTED: Final = "Rendez-vous dimanche"
LONG: Final = "Bonjour, c'est bien noté : nous serons six samedi à la salle des fêtes. " * 5
BACK: Final = 60
"""Seconds in which a modem that is there again has to be back."""
CROWD: Final = 30
PIN: Final = "8642"
STOP: Final = 30
"""Seconds in which a daemon must have ended, whatever its modem does."""
HOLD: Final = "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); print(flush=True); sys.stdin.read()"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where ports are; the daemon has a directory of its own."""
    directory = tmp_path / "ports"
    directory.mkdir()
    return directory


def ask(port: Path | str, *commands: str) -> str:
    """What the modem answers to another program, all in one; no daemon may have its port open."""
    with serial.serial_for_url(str(port), timeout=5) as line:
        answers = []
        for command in commands:
            line.write(f"{command}\r".encode())
            answers.append(line.read_until(b"OK\r\n").decode("latin-1"))
        return "".join(answers)


@contextmanager
def held(port: Path) -> Iterator[IO[bytes]]:
    """Another program has it for itself alone, until the end or that of its input, which this gives."""
    command = [sys.executable, "-c", HOLD, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == b"\n"
        yield program.stdin


def struck(bench: ModemBench, times: int) -> bool:
    """Whether faults happened so many times."""
    return bool(sum(bench.do("struck").values()) == times)


@pytest.mark.parametrize("by", ["pty", "tcp"])
def test_there_and_back(tmp_path: Path, place: Path, by: str) -> None:
    """A call reaches a telephone and is delivered; what telephones write back is read, joined, and off the card."""
    pins = tmp_path / "pin"
    pins.write_text(f"{ICCID} {PIN}\n", encoding="utf-8")
    way = {"tcp": True} if by == "tcp" else {"profile": "huawei", "pin": PIN}
    with ModemBench(place, **way) as bench:
        port = f"socket://127.0.0.1:{bench.port}" if by == "tcp" else bench.path()
        with running(ModemDaemon(tmp_path, port, pin_file=str(pins))) as daemon:
            daemon.modem_is(ModemState.UP)
            email, number = daemon.provision(5), fresh_number()
            assert daemon.sms(email, number, TEXT) == "80"
            bench.do("send_message", sender="+33687654321", text="Ici")
            bench.do("send_message", sender="+33687654322", text=LONG)
            (taken,) = bench.taken(1)
            assert (taken["number"], taken["text"]) == (e164(number), TEXT)
            daemon.ended(delivered=1)
            daemon.wait(lambda: len(daemon.replies()) == 2, "both replies", 20)
            replies = {one["from"]: one["text"] for one in daemon.console("reply", "list")}
            assert replies == {"+33687654321": "Ici", "+33687654322": LONG}
            (modem,) = daemon.console("modem", "list")
            assert (modem["card"], modem["port"], modem["sent"]) == (ICCID, str(port), 1)
        told = ask(port, "ATE0", "AT+CMGF=0", "AT+CMGL=4")
        assert told.count("OK") == 3
        assert "+CMGL" not in told
        assert bench.do("commands").count("AT+CPIN=…") == (by == "pty")
        assert bench.complaints() == ""


@pytest.mark.parametrize(("unknown", "tcp"), [("fail", False), ("retry", True)])
def test_killed(tmp_path: Path, place: Path, unknown: str, tcp: bool) -> None:
    """kill -9 with one at the modem: it is unknown, or waits for its report; all others go once."""
    with ModemBench(place, send_seconds=0.05, tcp=True) if tcp else ModemBench(place, send_seconds=0.05) as bench:
        port = f"socket://127.0.0.1:{bench.port}" if tcp else bench.path()
        with running(ModemDaemon(tmp_path, port, unknown=unknown)) as daemon:
            daemon.send(CROWD, TEXT)
            bench.taken(CROWD // 3, 30)
            bench.fault("slow_after_pdu", seconds=1)
            daemon.wait(lambda: bench.do("struck"), "one is at the modem")
            daemon.kill()
            assert len(bench.do("taken")) < CROWD
            daemon.start()
            # a report that came while nobody had the port open is lost, so that the one may stay unknown
            waiting = int(unknown == "retry")
            daemon.wait(lambda: daemon.states()["queued"] <= waiting, "the others are sent", 40)
            daemon.wait(lambda: len(times(bench)) >= CROWD - 1, "the others are at the network", 10)
        counted = times(bench)
        assert set(counted.values()) == {1}


def test_limits_outlive_the_daemon(tmp_path: Path, place: Path) -> None:
    """What a card sent counts when its daemon was killed: it stops at its limit of the day, and says until when."""
    with ModemBench(place) as bench:
        with running(ModemDaemon(tmp_path, bench.path(), per_minute=240, per_day=12)) as daemon:
            daemon.send(CROWD, TEXT)
            bench.taken(5, 30)
            daemon.kill()
            before = len(bench.do("taken"))
            daemon.start()
            modem = daemon.modem_is(ModemState.LIMITED)
            assert modem.day == modem.month == 12
            assert "per_day" in modem.reason
            assert modem.until
        taken = bench.do("taken")
        # what was under way at the kill may have gone nowhere, and counts
        assert 11 <= len(taken) <= 12
        for run in taken[:before], taken[before:]:
            spent = run[-1]["at"] - run[0]["at"]
            assert spent > (len(run) - 2) * 60 / 240, "evenly spaced, but for how long the way of each took"


def test_wrong_pin(tmp_path: Path, place: Path) -> None:
    """It is given once, in all the lives of the daemon; the right one when the operator says so."""
    pins = tmp_path / "pin"
    pins.write_text("1111\n", encoding="utf-8")
    with (
        ModemBench(place, pin=PIN, profile="huawei") as bench,
        running(ModemDaemon(tmp_path, bench.path(), pin_file=str(pins))) as daemon,
    ):
        assert "a refusé son code PIN" in daemon.modem_is(ModemState.LOCKED).reason
        daemon.terminate()
        assert "^CPIN: SIM PIN,2," in ask(bench.path(), "AT^CPIN?")
        daemon.start()
        daemon.modem_is(ModemState.LOCKED)
        (modem,) = daemon.console("modem", "list")
        assert (modem["state"], f"smstob modem retry-pin {ICCID}" in modem["reason"]) == ("locked", True)
        daemon.terminate()
        assert "^CPIN: SIM PIN,2," in ask(bench.path(), "AT^CPIN?")
        pins.write_text(f"{PIN}\n", encoding="utf-8")
        daemon.start()
        assert "un autre est configuré" in daemon.modem_is(ModemState.LOCKED).reason
        assert daemon.console("modem", "retry-pin", ICCID) == {"card": ICCID}
        # or it would be asked again within half a minute
        bench.do("unplug")
        bench.do("plug")
        daemon.modem_is(ModemState.UP, seconds=BACK)
        assert bench.do("commands").count("AT+CPIN=…") == 2
        assert "CPIN=" not in daemon.logged()


def test_port_comes_back_elsewhere(tmp_path: Path, place: Path) -> None:
    """Its port dies, and comes under another name: what was accepted meanwhile leaves then, and it is one modem."""
    first, second = place / "usb1", place / "usb2"
    first.mkdir()
    second.mkdir()
    with running(ModemDaemon(tmp_path, place / "usb*" / "modem-*")) as daemon:
        with FrailBench(first) as lost:
            daemon.modem_is(ModemState.UP, lost.path())
            lost.kill()
        assert daemon.modem_is(ModemState.ABSENT, lost.path()).reason
        daemon.gateway_is("down")
        daemon.send(5, TEXT)
        (modem,) = daemon.console("modem", "list")
        assert (modem["state"], modem["port"], modem["card"]) == ("absent", str(lost.path()), ICCID)
        with ModemBench(second) as bench:
            daemon.modem_is(ModemState.UP, bench.path(), BACK)
            daemon.ended(delivered=5)
            assert sorted(times(bench).values()) == [1] * 5
            assert [one.port for one in daemon.modems()] == [str(bench.path())]


def test_held_by_another_program(tmp_path: Path, place: Path) -> None:
    """The operator reads that another program has the port; once that lets go of it, the daemon has it for itself."""
    with (
        ModemBench(place) as bench,
        held(bench.path()) as program,
        running(ModemDaemon(tmp_path, bench.path())) as daemon,
    ):
        assert daemon.modem_is(ModemState.ABSENT).reason == "Un autre programme tient ce port : arrêtez-le."
        program.close()
        daemon.modem_is(ModemState.UP)
        with pytest.raises(serial.SerialException):
            serial.Serial(str(bench.path()), exclusive=True)


def test_stopped_while_sending(tmp_path: Path, place: Path) -> None:
    """SIGTERM with a message at a slow modem, then at one that hangs: each is sent or unknown, never sent twice."""
    with ModemBench(place) as bench, running(ModemDaemon(tmp_path, bench.path())) as daemon:
        for slow, states in ((2, {"handed": 1}), (60, {"handed": 1, "unknown": 1})):
            daemon.modem_is(ModemState.UP)
            bench.fault("slow_after_pdu", seconds=slow)
            daemon.send(1, TEXT, f"065{len(states)}")
            daemon.wait(partial(struck, bench, len(states)), "it is under way")
            ending, seconds = daemon.stop(STOP)
            assert (ending, daemon.states()) == (-signal.SIGTERM, states), f"{seconds:.1f} s"
            assert seconds < EXIT
            daemon.start()
        daemon.wait(lambda: len(daemon.modems()) == 1, "they are told of")
        assert daemon.states() == {"handed": 1, "unknown": 1}
        assert len(bench.do("taken")) == 1


def test_stopped_while_sending_with_a_letter(tmp_path: Path, place: Path) -> None:
    """The same while a letter is at a silent mail server: the two waits are no longer than the daemon has."""
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent, ModemBench(place) as bench:
        tables = {
            "service": {"domain": DOMAIN},
            "smtp": {"listen": [f"tcp:{port}:interface=127.0.0.1"]},
            "mail": {"smarthost": f"tcp:127.0.0.1:{silent.getsockname()[1]}"},
        }
        with running(ModemDaemon(tmp_path, bench.path(), tables=tables)) as daemon:
            daemon.modem_is(ModemState.UP)
            bench.fault("slow_after_pdu", seconds=60)
            email = daemon.provision(1)
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.sendmail(email, mailbox(fresh_number()), f"From: {email}\r\n\r\n{UNACCENTED}\r\n")
            daemon.wait(lambda: bench.do("struck"), "it is under way")
            silent.settimeout(20)
            with silent.accept()[0]:
                ending, seconds = daemon.stop(STOP)
            assert (ending, daemon.states()) == (-signal.SIGTERM, {"unknown": 1}), f"{seconds:.1f} s"

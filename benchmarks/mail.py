"""How many mails a second the e-mail door accepts, and what each costs the daemon.

A real daemon with SQLite and the sink gateway in a directory of its own, on loopback; the mails come from this
process, one after the other on each connection, as a relay that keeps its connections gives them.
"""

import argparse
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from .accept_rate import settle
from .load import PATIENCE
from .target import EMAIL, PASSWORD, SINK, Target

DOMAIN: Final = "smstob.com"
MAILS_A_SESSION: Final = 150
"""After which a connection is opened anew, as the server wants it (it takes 200)."""


def mails(many: int, run: int) -> Iterator[tuple[bytes, bytes]]:
    """Envelope and text of so many mails, each with another number and text."""
    for serial in range(many):
        number = f"06{(run * 1_000_003 + serial) % 39_000_000:08d}"
        envelope = f"MAIL FROM:<{EMAIL}> BODY=8BITMIME\r\nRCPT TO:<{PASSWORD}.{number}@{DOMAIN}>\r\nDATA\r\n"
        text = (
            f"Received: from poste.example.fr by relais.example.fr; Tue, 24 Nov 2026 08:00:00 +0100\r\n"
            f"From: =?utf-8?q?Soci=C3=A9t=C3=A9?= <{EMAIL}>\r\nTo: {PASSWORD}.{number}@{DOMAIN}\r\nSubject: SMS\r\n"
            f"Message-ID: <{run}.{serial}@example.fr>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            f"Votre code est {serial:06d}, valable dix minutes à compter de cet e-mail.\r\n-- \r\nSociété\r\n.\r\n"
        )
        yield envelope.encode(), text.encode()


class Relay:
    """A connection that gives one mail after the other; ``advance`` whenever it can be read."""

    def __init__(self, port: int, waiting: Iterator[tuple[bytes, bytes]]) -> None:
        self._port = port
        self._waiting = waiting
        self._text = b""
        self._received = b""
        self.accepted = 0
        self.connect()

    def connect(self) -> None:
        """Open it, anew or not, up to the answer to EHLO."""
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = MAILS_A_SESSION
        self.socket.sendall(b"EHLO relais.example.fr\r\n")
        while b"\r\n250 " not in self._received:
            self._received += self.socket.recv(65536)
        self._received = b""

    def give(self) -> bool:
        """Begin the next mail; false where there is none."""
        found = next(self._waiting, None)
        if found is None:
            return False
        envelope, self._text = found
        self.socket.sendall(envelope)
        return True

    def advance(self) -> bool:
        """Go on with what the server said; true where a mail has its answer."""
        more = self.socket.recv(65536)
        self._received += more
        line = self._received.rstrip(b"\r\n").rpartition(b"\r\n")[2]
        if not more or line[:1] in (b"4", b"5"):
            raise SystemExit(f"refused: {line.decode()}")
        if self._text and line[:4] == b"354 ":
            self.socket.sendall(self._text)
            self._text = self._received = b""
        elif not self._text and line[:4] == b"250 ":
            self._received = b""
            self.accepted += 1
            self._left -= 1
            return True
        return False

    @property
    def tired(self) -> bool:
        """Whether it should be opened anew."""
        return self._left <= 0


def drive(port: int, many: int, run: int, connections: int) -> float:
    """Give so many mails over so many connections; the seconds from the first to the last answer."""
    waiting = mails(many, run)
    selector = selectors.DefaultSelector()
    relays = [Relay(port, waiting) for _ in range(connections)]
    begin = time.perf_counter()
    for relay in relays:
        if relay.give():
            selector.register(relay.socket, selectors.EVENT_READ, relay)
    while selector.get_map():
        events = selector.select(PATIENCE)
        if not events:
            raise TimeoutError("the daemon does not answer")
        for key, _ in events:
            relay = key.data
            if not relay.advance():
                continue
            if relay.tired:
                selector.unregister(relay.socket)
                relay.socket.close()
                relay.connect()
                selector.register(relay.socket, selectors.EVENT_READ, relay)
            if not relay.give():
                selector.unregister(relay.socket)
    seconds = time.perf_counter() - begin
    assert sum(relay.accepted for relay in relays) == many
    for relay in relays:
        relay.socket.close()
    return seconds


@attrs.frozen
class Case:
    """A line of the table."""

    connections: int
    confirmations: str


CASES: Final = (Case(1, "none"), Case(16, "none"), Case(1, "all"), Case(16, "all"))


def measure(case: Case, many: int, run: int) -> dict[str, float]:
    """One run against a fresh daemon."""
    with tempfile.TemporaryDirectory(prefix="smstob-bench-") as name:
        target = Target(Path(name), 256, SINK.format(receipts="delivered"), smtp=True)
        try:
            target.set_account(f"confirmations={case.confirmations}")
            drive(target.smtp_port, 20, 1000 + run, 1)
            settle(target, 20)
            before = target.cpu()
            seconds = drive(target.smtp_port, many, run, case.connections)
            answered = target.cpu()
            settle(target, 20 + many)
            total = target.cpu()
            target.verify()
            return {
                "mails/s": many / seconds,
                "accept CPU µs": 1e6 * (answered - before) / many,
                "CPU µs": 1e6 * (total - before) / many,
                "RSS MB": target.memory(),
            }
        finally:
            target.stop()


def main() -> None:
    """Print the median of the rounds for each number of connections, without and with confirmations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for case in CASES:
        runs = [measure(case, arguments.mails, run) for run in range(arguments.rounds)]
        print(f"{case.connections:>2} connections, confirmations {case.confirmations:<4}", end="")
        for name in runs[0]:
            values = [run[name] for run in runs]
            print(f"  {name} {statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f})", end="")
        print(flush=True)


if __name__ == "__main__":
    main()

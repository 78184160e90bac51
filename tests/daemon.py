"""The real daemon, for tests that call it as its customers do: over sockets, and killed as machines are."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import argon2
import attrs
import pytest
from twisted.python.failure import Failure

from smstob.admin.desk import Desk
from smstob.assembly import open_inline
from smstob.model.contact import Recipient
from smstob.model.ledger import Reason
from smstob.model.merge import Variables
from smstob.model.number import parse_number
from smstob.model.report import MessageReport
from smstob.storage import accounts, contacts, history, ledger
from smstob.storage.database import Connection, Database
from tests.configurations import toml
from tests.ports import START, free_port

T = TypeVar("T")
Headers = Mapping[str, str] | None

BIN: Final = Path(sys.executable).parent
PASSWORD: Final = "Mot2PasseDesEssais"
EXIT: Final = 10
"""Seconds in which a daemon that is told to stop must have ended."""

GENEROUS: Final = dict.fromkeys(
    ("login_failures", "login_failures_per_address", "login_failures_per_account"), 1_000_000
)
"""Limits of a daemon that many tests share: wrong passwords shut nobody out."""

_RUNNING: Final[list["RunningDaemon"]] = []
_SERIAL: Final = count(1)
_AMISS: Final = ("Traceback", "Unhandled", "#error", "#critical", "http.php?", "pass=", PASSWORD)


@cache
def password_hash() -> str:
    """The hash of ``PASSWORD``, as cheap as argon2 gets: its cost is in the hash, and the daemon goes by that."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def fresh_email() -> str:
    """An address that no other test has."""
    return f"client{next(_SERIAL)}@exemple.fr"


def fresh_number() -> str:
    """A mobile number, as typed, that no other test has."""
    return f"067{next(_SERIAL):07}"


def e164(national: str) -> str:
    """``fresh_number``'s international form."""
    return "+33" + national[1:]


def wait_until(ready: Callable[[], T], what: str, seconds: float = 10) -> T:
    """Ask ``ready`` until it says something true; fail with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > end:
            raise pytest.fail.Exception(f"not within {seconds} s: {what}")
        time.sleep(0.005)
    return found


@attrs.frozen
class Sent:
    """A line of the sink's journal: what reached the network."""

    to: str
    text: str
    coding: str
    flash: bool
    validity: int
    udh: str | None


@attrs.frozen
class Reply:
    """What the HTTP server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The two digits; fails unless the answer has the form that callers rely on."""
        assert re.fullmatch(rb"[89][0-9]", self.body), self
        assert self.status == (503 if self.body == b"99" else 200), self
        assert self.headers["content-type"].startswith("text/plain"), self
        return self.body.decode()


def receive(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; a reset ends it too."""
    received = b""
    with suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    return received


class RunningDaemon:
    """``twistd smstob`` on a free port, with a database and a sink of its own in ``directory``.

    ``settings`` are top-level tables of the configuration that replace the ones here.
    """

    def __init__(self, directory: Path, settings: Mapping[str, Any] | None = None) -> None:
        self.directory = directory
        self.port = free_port()
        self.config = directory / "smstob.toml"
        self.log = directory / "daemon.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._journal = directory / "sink.jsonl"
        self._sent: list[Sent] = []
        self._read = 0
        self._told: set[str] = set()
        self._database: Database | None = None
        self.configure(settings or {})

    wait = staticmethod(wait_until)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Write the configuration, for the next start."""
        tables: dict[str, Any] = {
            "database": {"url": f"sqlite:///{self.directory / 'smstob.db'}"},
            "web": {"listen": [f"tcp:{self.port}:interface=127.0.0.1"]},
            "smtp": {"listen": []},
            "metrics": {"listen": []},
            "mail": {"outbox": str(self.directory / "outbox")},
            "limits": GENEROUS,
            "gateways": {"sink": self.sink()},
            "routes": [{"prefix": "+", "gateways": ["sink"]}],
        }
        self.config.write_text(toml(tables | dict(settings)), encoding="utf-8")

    def sink(self, **settings: Any) -> dict[str, Any]:
        """The table of a gateway that writes to this daemon's journal."""
        told = {"journal": str(self._journal), "receipt_delay": 0.02, "late_delay": 1}
        return {"type": "sink", "settings": told | settings}

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self.spawn()
        _RUNNING.append(self)
        self.wait(self._answers, "the daemon answers", START)

    def spawn(self) -> "subprocess.Popen[bytes]":
        """A process on this configuration, be it the first or not."""
        command: list[str | Path] = [BIN / "twistd", "--nodaemon", "--pidfile=", "smstob", "--config", self.config]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=self.directory, stdout=log, stderr=log)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the daemon ended:\n{self.logged()}"
        try:
            return self.request("GET", "/http.php").body == b"87"
        except OSError:
            return False

    def terminate(self) -> float:
        """End it as the system does; gives the seconds that it took, never more than ``EXIT``."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            # twistd ends by the signal that it was sent
            assert self.process.wait(EXIT) in (0, -signal.SIGTERM)
        finally:
            self.kill()
        return time.monotonic() - begun

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            _RUNNING.remove(self)

    def logged(self) -> str:
        """The whole log."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def connect(self, source: str | None = None) -> socket.socket:
        """A connection, from the address ``source`` of this machine (127.0.0.0/8) where given."""
        address = None if source is None else (source, 0)
        return socket.create_connection(("127.0.0.1", self.port), timeout=15, source_address=address)

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: Headers = None, source: str | None = None
    ) -> Reply:
        """One request on a connection of its own."""
        address = None if source is None else (source, 0)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15, source_address=address)
        with closing(connection):
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, told, answer.read())

    def exchange(self, data: bytes) -> bytes:
        """Send bytes as they are and give all that comes back until the daemon closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return receive(connection)

    def call(
        self, fields: Mapping[str, str | bytes] | bytes, method: str = "GET", source: str | None = None
    ) -> str:
        """Call ``http.php``, with parameters or with a query made already; gives the code."""
        if not isinstance(fields, bytes):
            self._told.update(value for value in (fields.get("message"), fields.get("pass")) if isinstance(value, str))
            fields = urlencode(fields).encode()
        if method == "GET":
            return self.request("GET", f"/http.php?{fields.decode('latin-1')}", source=source).code
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request(method, "/http.php", fields, headers, source).code

    def sms(self, email: str, numero: str | bytes, message: str | bytes, **more: str | bytes) -> str:
        """Call ``http.php`` with the right password; gives the code."""
        return self.call({"email": email, "pass": PASSWORD, "numero": numero, "message": message, **more})

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction, as the operator's command would while the daemon runs."""
        if self._database is None:
            self._database = open_inline(Desk(str(self.config)).settings)
        found: list[T | Failure] = []
        self._database.transact(work).addBoth(found.append)
        (outcome,) = found
        if isinstance(outcome, Failure):
            outcome.raiseException()
        return outcome

    def provision(
        self,
        credits_: int = 100,
        *,
        groups: Mapping[str, Sequence[tuple[str, ...]]] | None = None,
        options: Mapping[str, Any] | None = None,
        email: str | None = None,
    ) -> str:
        """An account with ``PASSWORD``; gives its e-mail. Contacts are (number, name, v1, v2, v3)."""
        address = email or fresh_email()
        now = int(time.time())

        def create(connection: Connection) -> None:
            account = accounts.create(connection, address, password_hash(), now).id
            if credits_:
                ledger.issue(connection, account, credits_, Reason.TOP_UP, address, now, "essai")
            if options:
                accounts.set_options(connection, account, options)
            for name, book in (groups or {}).items():
                group = contacts.create_group(connection, account, name)
                contacts.add(connection, account, group, [recipient(*who) for who in book])

        self.transact(create)
        return address

    def account_id(self, connection: Connection, email: str) -> int:
        """The id of an account."""
        found = accounts.by_email(connection, email)
        assert found is not None
        return found.id

    def change(self, email: str, change: Callable[[Connection, int], T]) -> T:
        """Run ``change(connection, account)`` on an account."""
        return self.transact(lambda connection: change(connection, self.account_id(connection, email)))

    def set_options(self, email: str, changes: Mapping[str, Any]) -> None:
        """Change options of an account."""
        self.change(email, lambda connection, account: accounts.set_options(connection, account, changes))

    def balance(self, email: str) -> int:
        """The credits of an account."""
        return self.change(email, ledger.balance_of)

    def messages(self, email: str) -> list[MessageReport]:
        """The messages of an account, oldest first."""
        return self.change(email, lambda connection, account: history.messages(connection, account, limit=10**6))[::-1]

    def verify(self) -> None:
        """Fail unless the ledger adds up."""
        assert (verification := self.transact(ledger.verify)).sound, verification

    def journal(self) -> list[Sent]:
        """All that the sink was handed so far, by any run of this daemon."""
        if self._journal.exists():
            with self._journal.open("rb") as file:
                file.seek(self._read)
                data = file.read()
            lines = data[: data.rfind(b"\n") + 1]
            self._read += len(lines)
            self._sent += [_sent(line) for line in lines.splitlines()]
        return self._sent

    def sent_to(self, *numbers: str, segments: int = 0) -> list[Sent]:
        """What reached ``numbers``, once there are so many segments of it: one a number unless told."""
        wanted = segments or len(numbers)

        def arrived() -> list[Sent]:
            found = [one for one in self.journal() if one.to in numbers]
            return found if len(found) >= wanted else []

        return self.wait(arrived, f"{wanted} segments for {numbers}")

    def settled(self, seconds: float = 15) -> None:
        """Wait until nothing is on its way: every message that is due has its end, or awaits none."""

        def busy() -> bool:
            return not any(told.state == "queued" and told.due <= time.time() for told in self._all_messages())

        self.wait(busy, "the queue is empty", seconds)

    def _all_messages(self) -> list[MessageReport]:
        return self.transact(lambda connection: history.messages(connection, limit=10**6))

    def check(self) -> None:
        """Fail if the log tells of a fault or a secret, or unless the books agree with each other."""
        logged = self.logged()
        told = [secret for secret in self._told if len(secret) > 9]
        for amiss in (*_AMISS, *told):
            assert amiss not in logged, f"{amiss!r} is in the log:\n{logged}"
        self.verify()

    def check_sent(self) -> None:
        """Fail unless the sink was handed what history says, each segment once."""
        self.settled()
        handed = [told for told in self._all_messages() if told.handed is not None]
        counted = Counter(one.to for one in self.journal())
        assert counted == Counter(told.to for told in handed for _ in range(told.segments))

    def close(self) -> None:
        """End everything, whatever state it is in."""
        self.kill()
        if self._database is not None:
            self._database.stop()


def recipient(number: str, name: str = "", v1: str = "", v2: str = "", v3: str = "") -> Recipient:
    """A contact."""
    parsed = parse_number(number)
    return Recipient(parsed.e164, number, parsed.country, Variables(name, v1, v2, v3))


def _sent(line: bytes) -> Sent:
    # a kill may cut a line short: the next run's first line is then behind it
    told = json.loads(line[line.rfind(b'{"to": ') :])
    return Sent(told["to"], told["text"], told["coding"], told["class"] == 0, told["validity"], told["udh"])


def texts(sent: Iterable[Sent]) -> Counter[str]:
    """How often each text is in a journal."""
    return Counter(one.text for one in sent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show the logs of the running daemons with a test that failed; for a ``conftest.py`` to import."""
    report = yield
    if report.failed:
        for daemon in _RUNNING:
            report.sections.append((f"log of {daemon.directory}", daemon.logged()[-5000:]))
    return report


def running(directory: Path, settings: Mapping[str, Any] | None = None) -> Generator[RunningDaemon, None, None]:
    """A daemon for a fixture: started, and at the end stopped and checked."""
    daemon = RunningDaemon(directory, settings)
    try:
        daemon.start()
        yield daemon
        daemon.check_sent()
        daemon.terminate()
        daemon.check()
    finally:
        daemon.close()

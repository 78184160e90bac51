"""A daemon whose ways out are operators, for journeys over SMPP."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from sqlalchemy import func, select
from twisted.internet.task import Clock

from smstob.flow.report import Reporter
from smstob.model.report import GatewayReport
from smstob.storage.database import Connection
from smstob.storage.schema import message
from tests.daemon import BIN, RunningDaemon
from tests.house import outcome_of
from tests.peers.script import Script

T = TypeVar("T")

SECRET: Final = "Mt9scret"
"""The password of every bind; the longest that SMPP has."""

WINDOW: Final = 50

_SERIAL: Final = count(1)


def smpp(smsc: Script | str, **settings: Any) -> dict[str, Any]:
    """The table of a gateway to ``smsc``, or to an endpoint."""
    endpoint = smsc if isinstance(smsc, str) else f"tcp:127.0.0.1:{smsc.port}"
    told = {"endpoint": endpoint, "system_id": "smstob", "password": SECRET, "window": WINDOW, "source": "SMStoB"}
    return {"type": "smpp", "settings": told | settings}


def number(ending: str = "01", prefix: str = "0651") -> str:
    """A mobile number, as typed, that no other test has; an SMSC may go by its ``ending``."""
    serial = f"{next(_SERIAL):0{10 - len(prefix) - len(ending)}}"
    return prefix + serial + ending


def crowd(size: int, prefix: str = "0652") -> list[tuple[str, ...]]:
    """Contacts, for a group to which one call sends."""
    return [(f"{prefix}{index:06}", f"n° {index}") for index in range(size)]


class OperatorDaemon(RunningDaemon):
    """A daemon with ``gateways``; without ``routes``, what leaves by the first falls back on the others in order.

    ``tables`` replace others of the configuration.
    """

    def __init__(
        self,
        directory: Path,
        gateways: Mapping[str, Mapping[str, Any]],
        routes: Mapping[str, Sequence[str]] | None = None,
        **tables: Any,
    ) -> None:
        super().__init__(directory)
        self._tables = tables
        self.lead(gateways, routes)

    def lead(
        self, gateways: Mapping[str, Mapping[str, Any]], routes: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Have other gateways and routes (gateways by prefix) from the next start on."""
        chosen = routes or {"+": list(gateways)}
        self._types = {name: str(table["type"]) for name, table in gateways.items()}
        ways = [{"prefix": prefix, "gateways": list(names)} for prefix, names in chosen.items()]
        self.configure({"gateways": gateways, "routes": ways} | self._tables)

    def check(self) -> None:
        """See ``RunningDaemon``; nor does the log tell an operator's password."""
        super().check()
        assert SECRET not in self.logged()

    def look(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that only reads: to ask again and again holds up nobody."""
        self._open()
        assert self._database is not None
        return outcome_of(self._database.read(work))

    def _open(self) -> None:
        if self._database is None:
            self.transact(lambda _: None)

    def states(self) -> Counter[str]:
        """How many messages there are in each state."""
        counted = select(message.c.state, func.count()).group_by(message.c.state)
        return self.look(lambda connection: Counter({row[0]: row[1] for row in connection.execute(counted)}))

    def ended(self, seconds: float = 20, **states: int) -> None:
        """Wait until the messages are in these states, and no others."""
        try:
            self.wait(lambda: self.states() == states, f"{states}", seconds)
        except pytest.fail.Exception as late:
            raise AssertionError(f"{late}; now {self.states()}") from None

    def gateways(self) -> dict[str, GatewayReport]:
        """What ``smstob gateway list`` says, asked more cheaply."""
        self._open()
        assert self._database is not None
        clock = Clock()
        clock.advance(time.time())
        reporter = Reporter(self._database, clock, self._types)
        return {told.name: told for told in outcome_of(reporter.gateways())}

    def gateway_is(self, state: str, name: str = "main", seconds: float = 15) -> None:
        """Wait until the operator is told that."""
        self.wait(lambda: self.gateways()[name].state == state, f"{name} is {state}", seconds)

    def console(self, *arguments: str) -> Any:
        """What the operator's own command prints with ``--json``."""
        command = [str(BIN / "smstob"), "--config", str(self.config), "--json", *arguments]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def crowd(self, size: int, text: str, prefix: str = "0652") -> str:
        """Send to so many with one call; gives the account, which has no credit left."""
        email = self.provision(size, groups={"Foule": crowd(size, prefix)})
        assert self.sms(email, "Foule", text) == "80"
        return email


@contextmanager
def running(daemon: OperatorDaemon) -> Iterator[OperatorDaemon]:
    """``daemon`` started; at the end stopped in order, and its log and books checked."""
    try:
        daemon.start()
        yield daemon
        if daemon.process is not None:
            daemon.terminate()
        daemon.check()
    finally:
        daemon.close()

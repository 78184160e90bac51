"""A daemon whose way out is a pool of modems, for journeys over serial ports."""

import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from twisted.internet.task import Clock

from smstob.flow.report import Reporter
from smstob.model.modem import ModemReport, ModemState
from smstob.model.report import ReplyReport
from tests.house import outcome_of
from tests.journeys import operator
from tests.journeys.operator import OperatorDaemon, crowd
from tests.peers.modem_bench import ModemBench

ICCID: Final = "8933010000000000001"
"""Of the card in a bench's first modem."""


def gsm(port: Path | str, **settings: Any) -> dict[str, Any]:
    """The table of a pool at ``port``, with no limits but those that are given."""
    return {"type": "gsm", "settings": {"port": str(port), "per_minute": 0} | settings}


class ModemDaemon(OperatorDaemon):
    """A daemon with one gateway, ``main``: a pool at ``port``, with ``settings``.

    ``tables`` replace others of the configuration.
    """

    def __init__(
        self, directory: Path, port: Path | str, *, tables: Mapping[str, Any] | None = None, **settings: Any
    ) -> None:
        super().__init__(directory, {"main": gsm(port, **settings)}, **dict(tables or {}))

    def modems(self) -> list[ModemReport]:
        """What ``smstob modem list`` says, asked more cheaply; after a kill it has those of the dead daemon too."""
        return outcome_of(self._reporter().modems())

    def replies(self) -> list[ReplyReport]:
        """What ``smstob reply list`` says, likewise."""
        return outcome_of(self._reporter().replies(100))

    def _reporter(self) -> Reporter:
        self._open()
        assert self._database is not None
        clock = Clock()
        clock.advance(time.time())
        return Reporter(self._database, clock, self._types)

    def modem_is(self, state: ModemState, port: Path | None = None, seconds: float = 30) -> ModemReport:
        """Wait until that is what the operator is told of one, at ``port`` where given; gives all that is told."""

        def found() -> ModemReport | None:
            fitting = (one for one in self.modems() if one.state is state and str(port or one.port) == one.port)
            return next(fitting, None)

        try:
            told = self.wait(found, f"a modem is {state}", seconds)
        except pytest.fail.Exception as late:
            raise AssertionError(f"{late}; now {self.modems()}") from None
        assert told is not None
        return told

    def send(self, size: int, text: str, prefix: str = "0652") -> str:
        """Send to so many different numbers with one call; gives the account."""
        email = self.provision(10 * size, groups={"Foule": crowd(size, prefix)})
        assert self.sms(email, "Foule", text) == "80"
        return email

    def stop(self, most: float) -> tuple[int, float]:
        """SIGTERM; how it ended, and in how many seconds, never more than ``most``."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            ending = self.process.wait(most)
        finally:
            self.kill()
        return ending, time.monotonic() - begun


class FrailBench(ModemBench):
    """Modems that may vanish at once."""

    def kill(self) -> None:
        """End it as a power cut does; its ports are gone, and the links to them go as udev has them go."""
        assert self._process is not None
        self._process.kill()
        self.close()
        for link in self.directory.glob("modem-[0-9]*"):
            # or it leads to the next terminal of that number
            link.unlink()


@contextmanager
def running(daemon: ModemDaemon) -> Iterator[ModemDaemon]:
    """See ``operator.running``."""
    with operator.running(daemon):
        yield daemon


def times(bench: ModemBench) -> Counter[str]:
    """How often the network took a message to each number."""
    return Counter(taken["number"] for taken in bench.do("taken"))

"""A wire and a client ready to be tested: on a clock, with connections in memory."""

from collections.abc import Sequence
from typing import Any

from twisted.internet.task import Clock

from txsmpp.binding import Bind, BindTransceiver
from txsmpp.client import Client, Retry
from txsmpp.constants import Command
from txsmpp.events import Closed
from txsmpp.session import Limits, Role, Session
from txsmpp.wire import SWEEP, Wire

from .network import Diary, Exchange, Line
from .sessions import response

BOUND = response(Command.BIND_TRANSCEIVER, 1, b"SMSC\0")
TRANSCEIVER = BindTransceiver(system_id=b"mairie", password=b"secret")


class WireRig:
    """A wire on a line, bound unless told."""

    def __init__(self, diary: Diary | None = None, limits: Limits | None = None, *, bound: bool = True) -> None:
        self.clock = Clock()
        self.diary = diary or Diary()
        session = Session(Role.ESME, limits)
        self.wire = Wire(session, self.diary, self.clock, BindTransceiver(system_id=b"mairie"))
        self.line = Line(self.wire)
        self.gone: list[None] = []
        self.wire.gone.addCallback(self.gone.append)
        if bound:
            self.wire.makeConnection(self.line)
            self.wire.dataReceived(BOUND)
            self.line.clear()
            self.line.writes.clear()

    @property
    def heads(self) -> list[tuple[int, int, int]]:
        """What was written since the last time."""
        return [frame[:3] for frame in self.line.taken()]

    def sweep(self, times: int = 1) -> None:
        """Time passes."""
        for _ in range(times):
            self.clock.advance(SWEEP)
            self.line.turn()

    def assert_over(self) -> None:
        """Nothing is left running, and one Closed was told."""
        self.line.turn()
        assert self.gone == [None]
        assert self.clock.getDelayedCalls() == []
        assert len(self.diary.ends) == 1
        assert isinstance(self.diary.told[-1], Closed)


def steady(attempt: int) -> float:
    """One more second each time."""
    return float(attempt)


class ClientRig:
    """A client on a clock; ``line`` is the newest connection."""

    def __init__(
        self, binds: Sequence[Bind] = (TRANSCEIVER,), retry: Retry = steady, diary: Diary | None = None
    ) -> None:
        self.clock = Clock()
        self.exchange = Exchange()
        self.diary = diary or Diary()
        self.client = Client(self.exchange, binds, self.diary, self.clock, Limits(unbind_seconds=3), retry)
        self.client.startService()

    @property
    def calls(self) -> int:
        """Connections that it tries to make."""
        return len(self.exchange.calling)

    def bind(self, status: int = 0) -> Line:
        """Pick up, and answer the bind."""
        line = self.exchange.pick_up()
        (bind,) = line.taken()
        line.wire.dataReceived(response(bind.command, bind.sequence, b"SMSC\0", status))
        self.exchange.turn()
        return line

    def stop(self) -> list[Any]:
        """Stop; the list fills when it is stopped."""
        fired: list[Any] = []
        self.client.stopService().addCallback(fired.append)
        return fired

    def pause(self) -> float:
        """Seconds until it connects again; it has."""
        before, (delayed,) = self.calls, self.clock.getDelayedCalls()
        seconds = delayed.getTime() - self.clock.seconds()
        self.clock.advance(seconds - 1e-6)
        assert self.calls == before
        self.clock.advance(2e-6)
        assert self.calls == before + 1
        return round(seconds, 9)

    def assert_quiet(self) -> None:
        """Nothing is going on, now or later."""
        assert self.clock.getDelayedCalls() == []
        assert self.calls == 0
        assert self.client.bound == []
        assert all(line.is_over for line in self.exchange.lines)

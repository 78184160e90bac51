"""Rounds: one after the other, whatever becomes of each."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure

from smstob.flow.rounds import Rounds
from smstob.storage.database import Unavailable


class Slow(Rounds):
    """Rounds that end when they are told."""

    def __init__(self, timers: Clock) -> None:
        super().__init__(timers, 1.0, "straws")
        self.begun: list[Deferred[None]] = []

    async def round(self) -> None:
        """Wait."""
        waited: Deferred[None] = Deferred()
        self.begun.append(waited)
        await waited


def test_never_two_at_a_time() -> None:
    """At once, then every second; while one goes on no other begins."""
    clock = Clock()
    rounds = Slow(clock)
    rounds.startService()
    clock.pump([1, 1, 1])
    assert len(rounds.begun) == 1
    rounds.begun[0].callback(None)
    clock.advance(1)
    assert len(rounds.begun) == 2


def test_the_next_one_comes_all_the_same() -> None:
    """After a database that is away, which is a line in the log, and after a fault, which is told whole."""
    clock, told = Clock(), list[str]()
    rounds = Slow(clock)

    def note(event: dict[str, object]) -> None:
        told.append(f"{event['log_level']} {event.get('what')} {'log_failure' in event}")

    globalLogPublisher.addObserver(note)  # type: ignore[arg-type]
    rounds.startService()
    for error in (Unavailable("away"), ValueError("a fault")):
        rounds.begun[-1].errback(Failure(error))
        clock.advance(1)
    globalLogPublisher.removeObserver(note)  # type: ignore[arg-type]
    assert len(rounds.begun) == 3
    assert [("warn" in one, "straws" in one, "True" in one) for one in told] == [
        *((True, True, False), (False, True, True))
    ]


def test_stopped() -> None:
    """No other begins; it is over when the last one is, and at once where there is none."""
    clock = Clock()
    rounds, over = Slow(clock), list[object]()
    rounds.startService()
    rounds.stopService().addCallback(over.append)
    clock.advance(5)
    assert over == []
    rounds.begun[0].callback(None)
    assert over == [None]
    rounds.startService()
    rounds.begun[1].callback(None)
    rounds.stopService().addCallback(over.append)
    assert over == [None, None]
    assert len(rounds.begun) == 2

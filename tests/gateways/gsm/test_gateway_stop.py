"""The end of a pool, whatever it is doing: every segment is answered once, in bounded time, and nothing is left."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from twisted.internet.protocol import Protocol

from gateways.gsm.gateway import STOP_SECONDS
from smstob.model.message import Doubtful, Handed, Outcome, Segment, Unavailable, Unknown
from smstob.model.modem import ModemState, SimLimits
from tests.fakes import Hearing
from tests.gateways.gsm.pool import Pool
from tests.gateways.gsm.sender import Sender
from tests.peers.modem.faults import UNPLUG
from tests.sims import HeldSims

SOON: Final = 0.1
"""Seconds in which what can be done at once is done."""


class Scene:
    """A pool at work that is stopped."""

    def __init__(self, modems: int = 2, *, hearing: Hearing | None = None, **given: Any) -> None:
        self.pool = Pool(modems, hearing=hearing, **given)
        self.given: list[Segment] = []

    def start(self) -> "Scene":
        """Until all modems are up."""
        self.pool.start()
        self.pool.wait(3)
        return self

    def give(self, *totals: int) -> "Scene":
        """Messages of so many parts each."""
        for total in totals:
            message = self.pool.message(total=total)
            self.given += message
            self.pool.submit(message)
        return self

    def stop(self, meanwhile: Callable[[], object] = lambda: None) -> float:
        """Stop it, and do something ``meanwhile``: how long it took. It leaves nothing, then and later."""
        pool, stopped = self.pool, list[Any]()
        pool.gateway.stopService().addBoth(stopped.append)
        meanwhile()
        took = pool.run(lambda: stopped, STOP_SECONDS + SOON)
        self._check()
        answers, taken, opened = list(pool.answered()), len(pool.network.taken), pool.ports.opened
        pool.wait(30)
        assert (pool.answered(), len(pool.network.taken), pool.ports.opened) == (answers, taken, opened)
        assert stopped == [None]
        return took

    def outcomes(self) -> list[Outcome]:
        """What was answered, in the order in which it was given."""
        told = {(one.message, one.part): one.outcome for one in self.pool.answered()}
        return [told[one.message, one.part] for one in self.given]

    def kinds(self) -> list[str]:
        """Of what kinds that is."""
        return [type(one).__name__ for one in self.outcomes()]

    def starts_again(self) -> None:
        """It works as before."""
        pool = self.pool
        for modem in pool.modems:
            modem.faults.clear()
            modem.faults.end(UNPLUG)
        pool.gateway.startService()
        pool.run(lambda: pool.gateway.capacity > 0, 90)
        again = pool.message()
        self.given += again
        Sender(pool).finish(again)
        assert "Handed" in self.kinds()[-1:]

    def _check(self) -> None:
        pool = self.pool
        assert left(pool) == []
        assert (pool.gateway.state, pool.gateway.capacity, pool.reports()) == ("down", 0, [])
        answered = Counter((one.message, one.part) for one in pool.answered())
        assert answered == Counter((one.message, one.part) for one in self.given)
        outcomes = self.outcomes()
        handed = sum(isinstance(one, Handed) for one in outcomes)
        perhaps = sum(isinstance(one, Doubtful | Unknown) for one in outcomes)
        # what left is told as handed or in doubt: else it would go out twice
        assert handed <= len(pool.network.taken) <= handed + perhaps
        pool.wait(SOON)
        for path in pool.ports.paths("*"):
            other, failures = Protocol(), list[Any]()
            pool.ports.open(path, other).addErrback(failures.append)
            assert failures == [], "the port is still open"
            assert other.transport is not None
            other.transport.loseConnection()
        pool.ports.opened -= len(pool.ports.paths("*"))


def left(pool: Pool) -> list[Any]:
    """What is still to be called, but for what simulated modems do."""
    calls: Sequence[Any] = pool.clock.getDelayedCalls()
    return [one for one in calls if not type(getattr(one.func, "__self__", pool)).__module__.startswith("tests.")]


def test_nothing_to_do() -> None:
    """An idle pool is down at once, and works when it is started again; as often as one likes."""
    scene = Scene().start()
    for _ in range(3):
        assert scene.stop() == 0
        scene.starts_again()


def test_never_started() -> None:
    """One that was never started may be stopped, and then started."""
    scene = Scene()
    assert scene.stop() == 0
    scene.starts_again()


def test_at_any_moment_of_its_start() -> None:
    """Whenever it is stopped in its first seconds, nothing is left; what was given meanwhile is answered."""
    for moment in range(0, 600, 23):
        scene = Scene()
        scene.pool.gateway.startService()
        scene.pool.wait(moment / 100, 0.01)
        scene.give(2, 1, 1)
        scene.stop()
    scene.starts_again()


def test_at_any_moment_of_its_work() -> None:
    """Whenever it is stopped, what a modem has is waited for, and what waits is given back at once."""
    for moment in range(0, 800, 37):
        scene = Scene(send_seconds=3.0).start().give(1, 1, 3, 1, 1)
        scene.pool.wait(moment / 100, 0.01)
        done = len(scene.pool.answered())
        took = scene.stop()
        assert took < 4
        assert scene.kinds().count("Handed") <= done + 2
        assert set(scene.kinds()) <= {"Handed", "Unavailable"}, moment
    scene.starts_again()


def test_what_is_given_after_it() -> None:
    """What is given while it stops, and when it is down, is given back at once."""
    scene = Scene(send_seconds=3.0).start().give(1)
    scene.pool.wait(1)
    scene.stop(lambda: scene.give(2) and scene.pool.run(lambda: len(scene.pool.answered()) >= 2, SOON))
    scene.give(1)
    assert scene.outcomes() == [Handed("1"), Unavailable(), Unavailable(), Unavailable()]


@pytest.mark.parametrize("wait", [0.5, 5.0, 29.0])
def test_between_two_parts(wait: float) -> None:
    """The rest of a message that waits for its card's distance is given back at once."""
    scene = Scene(1, limits=SimLimits(per_minute=2)).start().give(3, 1)
    scene.pool.run(lambda: len(scene.pool.answered()) == 1)
    scene.pool.wait(wait)
    assert scene.stop() == 0
    assert scene.outcomes() == [Handed("1"), *[Unavailable()] * 3]
    scene.starts_again()


@pytest.mark.parametrize("seconds", [3.0, 5.0])
def test_slow_modem(seconds: float) -> None:
    """A modem that answers in time is waited for; the parts after that do not leave."""
    scene = Scene(1).start()
    scene.pool.modems[0].faults.set("slow_after_pdu", seconds=seconds)
    scene.give(3, 1, 1)
    scene.pool.wait(1)

    def look() -> None:
        assert [one.message for one in scene.pool.answered()] == [2, 3], "what waits is given back at once"

    assert seconds - 1.5 < scene.stop(look) < seconds
    assert scene.outcomes() == [Handed("1"), *[Unavailable()] * 4]
    scene.starts_again()


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("again", [None, 600.0])
def test_silent_modem(taken: bool, again: float | None) -> None:
    """One that does not answer is waited for while there is time: what it was given is in doubt, the rest stays."""
    scene = Scene(1, again=again).start()
    scene.pool.modems[0].faults.set("hang_after_pdu", taken=taken, until="reopen")
    scene.give(3)
    scene.pool.wait(1)
    assert STOP_SECONDS <= scene.stop() <= STOP_SECONDS + SOON
    assert scene.outcomes() == [Doubtful("1", again), Unavailable(), Unavailable()]
    scene.starts_again()


def test_modem_that_is_pulled_out() -> None:
    """A port that goes while its message is waited for ends the wait."""
    scene = Scene(1, send_seconds=10.0).start().give(2)
    scene.pool.wait(1)
    assert scene.stop(lambda: scene.pool.ports.unplug(scene.pool.path(0))) < 1
    assert scene.outcomes() == [Doubtful("1"), Unavailable()]


def held(**given: Any) -> tuple[Scene, HeldSims]:
    """A scene whose database is slow."""
    hearing = Hearing()
    hearing.sims = sims = HeldSims()
    return Scene(hearing=hearing, **given), sims


def test_slow_database() -> None:
    """What a modem was given is sent when it is counted in time; parts after that, and what waited, do not leave."""
    scene, sims = held()
    scene.start().give(2, 1, 1)
    scene.pool.wait(5)
    assert len(sims.waiting) == 2

    def answer() -> None:
        scene.pool.wait(4)
        sims.go()

    assert scene.stop(answer) < 1
    assert scene.outcomes() == [Handed("1"), Unavailable(), Handed("2"), Unavailable()]


@pytest.mark.parametrize("modems", [1, 3])
def test_database_that_never_answers(modems: int) -> None:
    """It is waited for as long as for a modem; nothing left, and nothing leaves when it answers after all."""
    scene, sims = held(modems=modems)
    scene.start().give(2, 1, 1)
    scene.pool.wait(5)
    assert STOP_SECONDS <= scene.stop() <= STOP_SECONDS + SOON
    assert scene.outcomes() == [Unavailable()] * 4
    sims.go()
    scene.pool.wait(30)
    assert not scene.pool.network.taken
    assert left(scene.pool) == []
    scene.pool.gateway.startService()
    scene.pool.run(lambda: scene.pool.gateway.state == "up")


def test_cards_that_are_never_read() -> None:
    """A database that does not tell what cards have sent holds up no stop; told then, it starts nothing."""
    scene, sims = held()
    sims.holds_reading = True
    scene.pool.gateway.startService()
    scene.pool.wait(20)
    scene.give(1)
    assert scene.stop() == 0
    sims.go()
    scene.pool.wait(30)
    assert (scene.pool.gateway.state, left(scene.pool)) == ("down", [])
    sims.holds_reading = False
    scene.pool.gateway.startService()
    scene.pool.run(lambda: scene.pool.states() == [ModemState.UP] * 2)


def test_database_that_is_away() -> None:
    """Cards that could not be read are not asked for any more once it is stopped."""
    scene = Scene()
    scene.pool.hearing.sims.away = True
    scene.pool.gateway.startService()
    scene.pool.wait(22)
    assert scene.stop() == 0
    scene.pool.hearing.sims.away = False
    scene.starts_again()


@pytest.mark.parametrize("code", [8, 38, 331, 500])
def test_in_a_pause(code: int) -> None:
    """A modem that is left alone for a while is stopped at once, and what waits for it is given back."""
    scene = Scene(1).start()
    scene.pool.modems[0].faults.set("refuse_pdu", code=code, count=2)
    for index in range(4):
        message = scene.pool.message(number=f"+3361234567{index}")
        scene.given += message
        scene.pool.submit(message)
    scene.pool.wait(2)
    assert scene.stop() < 1
    assert "Rejected" not in scene.kinds()
    if code != 8:
        scene.starts_again()


def test_while_it_heals() -> None:
    """A modem that is being brought back, or is not there, holds up nothing."""
    scene = Scene().start()
    scene.pool.modems[0].faults.set("hang")
    scene.pool.ports.unplug(scene.pool.path(1))
    for _ in range(40):
        scene.pool.wait(3)
        if scene.pool.states()[0] is ModemState.HEALING:
            break
    scene.give(2)
    assert scene.stop() == 0
    assert scene.outcomes() == [Unavailable()] * 2


def test_rest_that_waits_for_its_card() -> None:
    """The rest of a message that waits for the card of its first parts is given back at once."""
    scene = Scene(send_seconds=1.0).start().give(4)
    scene.pool.run(lambda: len(scene.pool.answered()) == 2)
    sim = scene.pool.network.taken[0].sim
    index = next(at for at, modem in enumerate(scene.pool.modems) if modem.sim is not None and modem.sim.imsi == sim)
    scene.pool.ports.unplug(scene.pool.path(index))
    scene.pool.wait(5)
    assert scene.stop() == 0
    assert scene.kinds() in (
        ["Handed", "Handed", "Doubtful", "Unavailable"],
        ["Handed", "Handed", *["Unavailable"] * 2],
    )


def test_stopped_twice() -> None:
    """A stop in a stop, as of an impatient operator, ends with it."""
    scene, again = Scene(1, send_seconds=3.0).start().give(2), list[Any]()
    scene.pool.wait(1)
    scene.stop(lambda: scene.pool.gateway.stopService().addBoth(again.append))
    assert again == [None]

"""From the queue to a gateway: at its rate, within its window, the urgent first, and nothing held or lost."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from smstob.flow import dispatch
from smstob.flow.settle import MOST_REPEATS, MOST_SILENT
from smstob.model.account import Format
from smstob.model.message import Answer, Handed, State, Unavailable, Unknown
from smstob.model.route import Route
from smstob.model.segment import split
from smstob.storage import queue
from tests.fakes import (
    ChangingGateway,
    FailingGateway,
    PromptGateway,
    SilentGateway,
    TakingGateway,
    ThrottlingGateway,
)
from tests.house import NUMBER, G, House, numbers

LONG = "x" * 400
"""Three segments."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a rich account, without a gateway."""
    made = House(tmp_path / "a.db", (Route("+", ("A", "B")),))
    made.account()
    return made


def started(house: House, kind: type[G], **settings: Any) -> G:
    """A gateway of that kind, and everything running."""
    gateway = house.gateway(kind, **settings)
    house.open()
    return gateway


def backlog(house: House) -> int:
    """Segments that the dispatcher keeps."""
    return len(house.network.dispatchers["A"]._backlog)


@pytest.mark.parametrize(("throughput", "text"), [(0, "x"), (0, LONG), (40, LONG), (200, "x")])
def test_window_and_backlog(house: House, throughput: int, text: str) -> None:
    """Never more messages at the gateway than it takes (it would say so), and a bounded backlog."""
    gateway = started(house, TakingGateway, throughput=throughput, window=10)
    house.accepted(",".join(numbers(300)), text)
    for _ in range(2000):
        house.advance(0.05)
        assert backlog(house) <= 3 * min(10, throughput or 10)
        gateway.take(3)
        if State.QUEUED not in house.states():
            break
    assert house.states() == {State.HANDED: 300}
    assert len(gateway.given) == len(gateway.references)


def test_never_answering_twice_matters_not(house: House) -> None:
    """A gateway that answers a segment twice spoils neither that message nor its neighbours."""
    gateway = started(house, TakingGateway)
    house.accepted(text=LONG)
    house.advance(0.1)
    first = gateway.given[0]
    gateway.take(1)
    gateway._receiver.answered("A", [Answer(first.message, first.part, Handed("again"))])
    assert house.states() == {State.QUEUED: 1}
    gateway.take()
    assert house.states() == {State.HANDED: 1}


@pytest.mark.parametrize("rate", [0.5, 3, 9, 11, 30, 100, 450])
def test_throughput(house: House, rate: float) -> None:
    """Over minutes the rate is the one agreed, to a hundredth; no stretch is above it by more than a burst."""
    gateway = started(house, PromptGateway, throughput=rate, window=1000)
    seconds = 120 if rate < 50 else 20
    house.accepted(",".join(numbers(int(rate * seconds * 1.2) + 10)))
    left = [0]
    for _ in range(seconds * 20):
        house.clock.advance(0.05)
        left.append(len(gateway.given))
    assert left[-1] == pytest.approx(rate * seconds, rel=0.01, abs=2)
    burst = 1 + rate / 10
    for span in (1, 2, 7, 20, 100):
        most = max(after - before for before, after in zip(left, left[span:], strict=False))
        assert most <= rate * span * 0.05 + burst + 1e-6


def test_no_limit(house: House) -> None:
    """Without a limit all leaves at once."""
    gateway = started(house, PromptGateway, window=500)
    house.accepted(",".join(numbers(3000)))
    house.advance(0.5, 0.01)
    assert len(gateway.given) == 3000


def test_window_is_filled_at_once(house: House) -> None:
    """A window larger than a batch is filled without waiting for an answer or for the next second."""
    gateway = started(house, SilentGateway, window=500)
    house.advance(0.1)
    house.accepted(",".join(numbers(600)))
    house.advance(0.1)
    assert len(gateway.given) == 500


def test_single_overtakes_a_group(house: House) -> None:
    """A single message leaves within a second's worth of a running group of 10,000."""
    gateway = started(house, PromptGateway, throughput=50, window=1000)
    house.accepted(",".join(numbers(10_000)))
    house.advance(3)
    before = len(gateway.given)
    house.accepted("0799999999")
    house.advance(2)
    position = [segment.number for segment in gateway.given[before:]].index("+33799999999")
    assert position <= 50 + 6


def test_deferred_leaves_at_its_minute(house: House) -> None:
    """Not a moment before, and within two seconds after; after a restart too."""
    gateway = started(house, PromptGateway)
    made = house.accepted(when="120502032026")
    assert made.due == house.now + 300
    house.advance(299.5, 0.5)
    assert gateway.given == []
    house.advance(2.5, 0.5)
    assert len(gateway.given) == 1


@pytest.mark.parametrize(("silent", "most", "lasts"), [(True, MOST_SILENT, 7), (False, MOST_REPEATS, 300)])
def test_retry_backs_off_within_validity(house: House, silent: bool, most: int, lasts: int) -> None:
    """A gateway that never knows is asked again ever later, for minutes, and seldom where it may have taken it."""
    gateway = house.gateway(ChangingGateway)
    gateway.mood = Unknown(silent)
    house.open()
    house.accepted()
    times = [0.0]
    for step in range(1000):
        house.advance(0.5, 0.5)
        if len(gateway.given) > len(times):
            times.append(step / 2)
    assert house.states() == {State.UNKNOWN: 1}
    assert len(times) == most
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[:3] == sorted(gaps[:3])
    assert gaps[0] >= 1
    assert times[-1] > lasts
    assert house.network.dispatchers["A"].counts.repeated == most


def test_oldest_due_is_as_promised(house: House) -> None:
    """How long the first has been waiting counts from when it was due, however often it was tried."""
    started(house, ThrottlingGateway)
    house.accepted()
    house.advance(20, 0.5)
    assert house.read(lambda connection: queue.depth(connection, house.now)).oldest_due_age == 20


def test_unknown_is_counted_and_sent_again(house: House) -> None:
    """A segment whose fate nobody knows goes again, and the message says that it may be a repeat."""
    gateway = started(house, TakingGateway)
    house.accepted()
    house.advance(0.1)
    gateway.answer(Unknown())
    house.advance(2)
    gateway.take()
    (row,) = house.messages()
    assert (row.state, row.repeats, len(gateway.given)) == ("handed", 1, 2)


def test_throttled_waits_as_long_as_it_is_told(house: House) -> None:
    """The delay that the gateway names is kept, not another."""
    gateway = started(house, ThrottlingGateway)
    house.accepted()
    house.advance(4.5)
    assert len(gateway.given) == 1
    house.advance(2)
    assert len(gateway.given) == 2
    assert house.messages()[0].repeats == 0


def test_only_the_missing_part_goes_again(house: House) -> None:
    """A part that has a reference is never sent again."""
    gateway = started(house, TakingGateway)
    house.accepted(text=LONG)
    house.advance(0.1)
    gateway.take(1)
    gateway.answer(Unavailable())
    house.advance(3)
    assert [segment.part for segment in gateway.given] == [1, 2, 3, 2, 3]
    gateway.take()
    assert house.states() == {State.HANDED: 1}


def test_only_the_missing_part_goes_after_a_broken_link(house: House) -> None:
    """The link breaks when one part is taken and the others are not answered: they alone are sent later."""
    gateway = started(house, TakingGateway, window=1)
    house.accepted(text=LONG)
    house.advance(0.1)
    gateway.take(1)
    gateway.go_down()
    gateway.go_up()
    house.advance(3)
    gateway.take()
    assert house.states() == {State.HANDED: 1}
    assert sorted(segment.part for segment in gateway.references.values()) == [1, 2, 3]


def test_broken_link_with_a_part_unanswered(house: House) -> None:
    """What the gateway may have taken is unknown, the rest of the message is not held back by a dead link."""
    gateway = started(house, TakingGateway, window=2)
    house.accepted(text=LONG)
    house.advance(0.1)
    gateway.take(1)
    house.advance(0.1)
    gateway.go_down()
    (row,) = house.messages()
    assert (row.state, row.lease, row.repeats) == ("queued", None, 1)


def test_silent_gateway(house: House) -> None:
    """Leases of what is unanswered are renewed: nothing is claimed twice, however long it takes or jumps."""
    gateway = started(house, SilentGateway, window=20)
    house.accepted(",".join(numbers(30)))
    house.advance(200, 0.5)
    house.clock.advance(3600)
    house.advance(20, 0.5)
    assert len(gateway.given) == 20
    assert [row.repeats for row in house.messages()] == [0] * 30


def test_database_away_longer_than_a_lease(house: House) -> None:
    """Its own leases that ran out meanwhile are renewed before anything is recovered."""
    gateway = started(house, SilentGateway)
    house.accepted()
    house.advance(1)
    house.database.away = True
    house.advance(dispatch.LEASE * 2, 0.5)
    house.database.away = False
    house.advance(dispatch.LEASE * 2, 0.5)
    assert len(gateway.given) == 1


def test_claim_fails_and_goes_on(house: House) -> None:
    """A database that is away stops claims for a while only."""
    gateway = started(house, PromptGateway)
    house.accepted(",".join(numbers(3)), when="120102032026")
    house.database.away = True
    house.advance(90, 0.5)
    assert gateway.given == []
    house.database.away = False
    house.advance(3)
    assert len(gateway.given) == 3


def test_slow_database(house: House) -> None:
    """While a claim waits no second one is made, and no wake is lost."""
    gateway = started(house, PromptGateway)
    house.workers.held = True
    house.network.wake()
    house.advance(3)
    house.workers.go()
    house.workers.held = True
    house.network.wake()
    house.advance(0.1)
    house.workers.held = False
    house.accepted()
    house.workers.go()
    house.advance(0.2)
    assert len(gateway.given) == 1


def test_stop_gives_back(house: House) -> None:
    """What the gateway has not seen is queued again without a lease and without a repeat; what it has stays its own."""
    gateway = started(house, TakingGateway, throughput=10, window=5)
    house.accepted(",".join(numbers(30)))
    house.advance(0.1)
    assert len(gateway.given) == 2
    assert backlog(house) > 0
    house.network.stop()
    assert backlog(house) == 0
    leased = [row.id for row in house.messages() if row.lease]
    assert sorted(leased) == sorted(segment.message for segment in gateway.given)
    assert {row.repeats for row in house.messages()} == {0}
    gateway.take()
    assert house.states() == {State.HANDED: 2, State.QUEUED: 28}
    house.advance(5)
    assert len(gateway.given) == 2


def test_stop_while_a_claim_waits(house: House) -> None:
    """What a claim brings after the stop goes back too."""
    gateway = started(house, PromptGateway)
    house.accepted()
    house.workers.held = True
    house.advance(0.1)
    house.network.stop()
    house.workers.go()
    (row,) = house.messages()
    assert (row.state, row.lease, row.repeats, gateway.given) == ("queued", None, 0, [])


def test_down_while_a_claim_waits(house: House) -> None:
    """What a claim brings after the gateway went down leaves by the route's next one."""
    second = house.gateway(PromptGateway, name="B")
    first = started(house, PromptGateway)
    house.accepted()
    house.workers.held = True
    house.advance(0.1)
    first.go_down()
    house.workers.held = False
    house.workers.go()
    house.advance(3)
    assert (len(first.given), len(second.given), house.states()) == (0, 1, {State.HANDED: 1})


def test_bug_in_a_gateway(house: House) -> None:
    """A gateway that raises stops neither itself nor the messages: what it did not answer is unknown."""
    gateway = started(house, FailingGateway, window=3)
    house.accepted(",".join(numbers(3)))
    house.advance(60)
    assert sorted(segment.message for segment in gateway.references.values()) == [1, 2, 3]
    assert house.states() == {State.HANDED: 3}
    assert house.network.held() == []


def test_damaged_message(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that cannot be prepared is refused and refunded; its neighbours leave."""
    gateway = house.gateway(PromptGateway)
    house.accepted(",".join(numbers(3)))
    text = "UPDATE message SET text = '' WHERE id = 2"
    house.write(lambda connection: connection.exec_driver_sql(text))

    def poisoned(text: str) -> tuple[str, ...]:
        if not text:
            raise ValueError("damaged")
        return split(text)

    monkeypatch.setattr(dispatch, "split", poisoned)
    house.open()
    house.advance(3)
    assert house.states() == {State.HANDED: 2, State.REJECTED: 1}
    assert len(gateway.given) == 2
    assert house.network.held() == []
    assert house.verification().sound


def test_expired_in_the_queue(house: House) -> None:
    """What is claimed after its validity is not sent but refunded."""
    gateway = house.gateway(ChangingGateway)
    gateway.mood = Handed("")
    gateway.startService()
    house.accepted(validity=1)
    house.clock.advance(3600)
    house.network.start()  # without the upkeep, which would see to it too
    house.advance(1)
    assert gateway.given == []
    assert house.states() == {State.EXPIRED: 1}
    assert house.code(NUMBER) == 80


def test_crash_counts_what_was_in_flight(house: House, tmp_path: Path) -> None:
    """After a crash what was unanswered goes again, as a repeat, and only that."""
    gateway = started(house, TakingGateway, window=4)
    house.accepted(",".join(numbers(6)))
    house.advance(0.1)
    gateway.take(2)
    house.advance(0.1)
    house.close()
    after = House(tmp_path / "a.db", (Route("+", ("A",)),), start=house.clock.seconds())
    second = started(after, PromptGateway)
    after.advance(2)
    assert len(second.given) == 4
    repeats = {row.id: row.repeats for row in after.messages()}
    assert sum(repeats.values()) == 4
    assert after.read(queue.gateways_in_use) == set()


def test_what_a_segment_says(house: House) -> None:
    """Number, parts, coding, class and the seconds that are left."""
    gateway = started(house, TakingGateway)
    house.accepted(text=LONG, validity=1, format=Format.FLASH)
    house.advance(0.1)
    assert "".join(segment.text for segment in gateway.given) == LONG
    assert {(one.number, one.total, one.flash, one.coding.value) for one in gateway.given} == {
        ("+33612345678", 3, True, "gsm7")
    }
    assert all(3599 <= one.validity <= 3600 for one in gateway.given)

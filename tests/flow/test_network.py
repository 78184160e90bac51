"""All gateways together: who takes over from whom, and that nothing is lost or sent twice by it."""

from collections import Counter
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from smstob.flow.dispatch import BATCH
from smstob.flow.report import Reporter
from smstob.interfaces import INetworkReceiver, IReporter
from smstob.model.message import Reply, State
from smstob.model.route import Route
from smstob.storage.database import Unavailable
from tests.fakes import DownGateway, PromptGateway, TakingGateway
from tests.house import House, numbers, outcome_of

BOTH = (Route("+", ("A", "B")),)


def house_of(path: Path, *routes: Route) -> House:
    """A house with an account and those routes."""
    house = House(path / "a.db", routes or BOTH)
    house.account()
    return house


def recipients(*gateways: TakingGateway) -> Counter[str]:
    """How often each number was taken by a network."""
    return Counter(segment.number for gateway in gateways for segment in gateway.references.values())


def gateways_of(house: House) -> Counter[str]:
    """Where messages stand."""
    return Counter(row.gateway for row in house.messages())


def test_fail_over(tmp_path: Path) -> None:
    """A goes down with 1,000 queued: B takes all of them, none twice; A is back and gets what is new."""
    house = house_of(tmp_path)
    assert verifyObject(INetworkReceiver, house.network)
    first = house.gateway(PromptGateway, "A", throughput=10)
    second = house.gateway(PromptGateway, "B", window=300)
    house.open()
    house.accepted(",".join(numbers(1000)))
    house.advance(3)
    assert 20 < len(first.references) < 50
    first.go_down()
    house.advance(12)
    assert house.states() == {State.HANDED: 1000}
    assert recipients(first, second) == dict.fromkeys(numbers(1000), 1)
    assert house.code("0799999998") == 80
    house.advance(1)
    assert recipients(second)["+33799999998"] == 1
    first.go_up()
    house.accepted("0799999999")
    house.advance(1)
    assert recipients(first)["+33799999999"] == 1


def test_unanswered_at_a_broken_link_goes_elsewhere(tmp_path: Path) -> None:
    """What A may have taken goes by B as a repeat; the rest goes by B without."""
    house = house_of(tmp_path)
    first = house.gateway(TakingGateway, "A", window=10)
    house.gateway(PromptGateway, "B")
    house.open()
    house.accepted(",".join(numbers(30)))
    house.advance(0.2)
    first.go_down()
    house.advance(5)
    assert house.states() == {State.HANDED: 30}
    assert sum(row.repeats for row in house.messages()) == 10
    assert gateways_of(house) == {"B": 30}


def test_parts_go_by_two_gateways(tmp_path: Path) -> None:
    """A message of which A took a part before it went down gets its other parts by B: each has one reference."""
    house = house_of(tmp_path)
    first = house.gateway(TakingGateway, "A", window=1)
    second = house.gateway(PromptGateway, "B")
    house.open()
    house.accepted(text="x" * 400)
    house.advance(0.1)
    first.take(1)
    first.go_down()
    house.advance(5)
    assert house.states() == {State.HANDED: 1}
    parts = [segment.part for one in (first, second) for segment in one.references.values()]
    assert sorted(parts) == [1, 2, 3]


def test_all_down(tmp_path: Path) -> None:
    """Nothing is lost: all waits at the preferred gateway, and leaves by whichever is back first."""
    house = house_of(tmp_path)
    first = house.gateway(DownGateway, "A")
    second = house.gateway(DownGateway, "B")
    house.open()
    house.accepted(",".join(numbers(50)))
    house.advance(600, 1)
    assert gateways_of(house) == {"A": 50}
    assert first.given == second.given == []
    second.go_up()
    house.advance(5)
    assert len(second.take()) == 50
    assert house.states() == {State.HANDED: 50}


def test_back_before_anything_moved(tmp_path: Path) -> None:
    """A link that only flickers loses and repeats nothing."""
    house = house_of(tmp_path)
    gateway = house.gateway(PromptGateway, "A", throughput=5)
    house.open()
    house.accepted(",".join(numbers(20)))
    for _ in range(10):
        gateway.go_down()
        gateway.go_up()
        house.advance(0.3)
    house.advance(10)
    assert recipients(gateway) == dict.fromkeys(numbers(20), 1)


def test_gateway_gone_from_the_configuration(tmp_path: Path) -> None:
    """What waits at a gateway that is no longer configured leaves by the route's gateway, deferred ones too."""
    before = house_of(tmp_path, Route("+", ("old",)))
    before.gateway(DownGateway, "old")
    before.accepted(",".join(numbers(30)))
    before.accepted(text="plus tard", when="120302032026")
    before.close()
    house = House(tmp_path / "a.db", BOTH)
    house.gateway(PromptGateway, "A")
    house.open()
    house.advance(3)
    assert house.states() == {State.HANDED: 30, State.QUEUED: 1}
    house.advance(200, 1)
    assert house.states() == {State.HANDED: 31}


def test_longest_prefix_rules_the_detour(tmp_path: Path) -> None:
    """When A goes down each message goes where its own route leads, and stays where there is none other."""
    house = house_of(tmp_path, Route("+", ("A", "B")), Route("+33", ("A", "C")), Route("+3373", ("A",)))
    first = house.gateway(DownGateway, "A")
    house.gateway(PromptGateway, "B")
    house.gateway(PromptGateway, "C")
    house.gateways["B"].state = "down"
    house.network.down |= {"B", "C"}
    house.accepted("0612345678,0730000001,0692123456")
    assert gateways_of(house) == {"A": 3}
    house.open()
    house.advance(5)
    where = {row.number: (row.gateway, row.state) for row in house.messages()}
    assert where == {
        "+33612345678": ("C", "handed"),
        "+33730000001": ("A", "queued"),
        "+262692123456": ("B", "handed"),
    }
    first.go_up()
    house.advance(2)
    first.take()
    assert house.states() == {State.HANDED: 3}


def test_detour_does_not_dribble(tmp_path: Path) -> None:
    """Thousands that wait at a gateway that goes down are moved at once."""
    house = house_of(tmp_path)
    house.gateway(DownGateway, "A")
    house.gateway(DownGateway, "B")
    house.accepted(",".join(numbers(1500)))
    house.open()
    house.gateways["B"].go_up()
    house.advance(1.1)
    assert gateways_of(house) == {"B": 1500}


def test_what_has_no_other_way_is_in_nobodys_way(tmp_path: Path) -> None:
    """Messages that must stay, however many and however early, do not keep the others from moving."""
    house = house_of(tmp_path, Route("+", ("A", "B")), Route("+3373", ("A",)))
    house.gateway(DownGateway, "A")
    house.gateway(DownGateway, "B")
    house.accepted(",".join(numbers(3 * BATCH + 50, 730_000_000)))
    house.accepted(",".join(numbers(BATCH + 1)))
    house.open()
    house.gateways["B"].go_up()
    house.advance(8)
    assert gateways_of(house) == {"A": 3 * BATCH + 50, "B": BATCH + 1}
    house.accepted("0699999999", "encore")
    house.advance(8)
    assert gateways_of(house)["B"] == BATCH + 2


@pytest.mark.parametrize("window", [1, 7])
def test_new_submissions_avoid_the_down_gateway(tmp_path: Path, window: int) -> None:
    """From the moment that a gateway is down nothing new is queued at it, where the route has another."""
    house = house_of(tmp_path)
    first = house.gateway(PromptGateway, "A", window=window)
    house.gateway(PromptGateway, "B")
    house.open()
    first.go_down()
    house.workers.held = True
    house.workers.go()
    house.accepted()
    assert gateways_of(house) == {"B": 1}
    first.go_up()
    house.accepted(text="2")
    assert gateways_of(house) == {"A": 1, "B": 1}


def test_replies_are_on_disk_before_it_is_said(tmp_path: Path) -> None:
    """What a telephone sends back is told when it is committed, and not taken while the database is away."""
    house = house_of(tmp_path)
    told = [Reply("A", "+33612345678", "36111", text, house.now) for text in ("Oui", "STOP")]
    house.workers.held = True
    fired: list[None] = []
    house.network.replies_received("A", told).addCallback(fired.append)
    assert not fired
    house.workers.go()
    assert fired
    house.database.away = True
    with pytest.raises(Unavailable):
        outcome_of(house.network.replies_received("A", told))
    house.database.away = False
    outcome_of(house.network.replies_received("A", []))
    reporter = Reporter(house.database, house.clock, {})
    assert verifyObject(IReporter, reporter)
    assert [one.text for one in outcome_of(reporter.replies(10))] == ["STOP", "Oui"]
    assert [one.text for one in outcome_of(reporter.replies(1))] == ["STOP"]


def test_strange_gateway_is_no_harm(tmp_path: Path) -> None:
    """News of a gateway that is not added yet, and wakes for one that is not here, are nothing."""
    house = house_of(tmp_path)
    house.network.capacity_changed("nobody")
    house.network.wake(["nobody"])
    assert house.network.held() == []

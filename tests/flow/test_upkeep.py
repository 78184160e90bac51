"""What time alone brings about, and that one failing task does not stop the others."""

from pathlib import Path

import attrs
import pytest

from smstob.flow import upkeep
from smstob.model.message import Answer, Handed, State
from smstob.model.modem import ModemReport, ModemState
from smstob.model.report import GatewayStatus
from smstob.storage import duplicates, history, queue, receipts, status
from tests.fakes import DownGateway, ModemGateway, PromptGateway, SilentGateway, TakingGateway
from tests.house import House, numbers, outcome_of
from tests.sims import segment_to


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with an account, without a gateway."""
    made = House(tmp_path / "a.db")
    made.account(credits=1000)
    return made


def statuses(house: House) -> list[GatewayStatus]:
    """What is told of gateways."""
    return house.read(history.statuses)


def modems(house: House, since: int = 0) -> list[ModemReport]:
    """What is told of modems from then on."""
    return house.read(lambda connection: status.modems(connection, since))


def count(house: House, table: str) -> int:
    """Rows of a table."""
    found: int = house.read(lambda connection: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
    return found


def test_expiry_in_the_queue_of_a_down_gateway(house: House) -> None:
    """What ran out of validity is refunded and may be sent again; what has time left stays."""
    house.gateway(DownGateway)
    house.open()
    account = house.account("autre@b.fr")
    house.accepted(",".join(numbers(300)), validity=1)
    house.accepted(text="plus long", validity=2, sender=account)
    house.clock.advance(3590)
    house.advance(5, 1)
    assert house.states() == {State.QUEUED: 301}
    house.advance(100, 1)
    assert house.states() == {State.EXPIRED: 300, State.QUEUED: 1}
    assert house.verification().sound
    assert house.accepted(",".join(numbers(300))).messages == 300


def test_refunds_do_not_dribble(house: House) -> None:
    """Thousands that run out together are refunded together."""
    house.gateway(DownGateway)
    house.open()
    house.accepted(",".join(numbers(1000)), validity=1)
    house.clock.advance(3600)
    house.advance(32, 1)
    assert house.states() == {State.EXPIRED: 1000}


def test_slices_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One task does not keep the others waiting for ever."""
    monkeypatch.setattr(upkeep, "SLICES", 2)
    house.gateway(DownGateway)
    house.accepted(",".join(numbers(1000)), validity=1)
    house.clock.advance(3600)
    house.open()
    assert house.states() == {State.EXPIRED: 400, State.QUEUED: 600}
    house.advance(31, 1)
    assert house.states() == {State.EXPIRED: 800, State.QUEUED: 200}


def test_partly_handed_expires_as_failed(house: House) -> None:
    """A message of which a part was taken is spent when its validity runs out."""
    gateway = house.gateway(TakingGateway, window=1)
    house.open()
    house.accepted(text="x" * 200, validity=1)
    house.advance(0.1)
    gateway.take(1)
    gateway.go_down()
    house.clock.advance(3600)
    house.advance(40, 1)
    assert house.states() == {State.FAILED: 1}
    assert house.verification().entries == 2


def test_leases_of_a_dead_daemon_are_recovered(house: House) -> None:
    """What another daemon claimed and left is sent when its lease runs out, as a repeat; not before."""
    gateway = house.gateway(PromptGateway)
    house.open()
    house.accepted(when="120102032026")
    now = house.now + 60
    house.write(lambda connection: queue.claim(connection, "A", "other", now, now + 60, 10))
    house.advance(115, 1)
    assert gateway.given == []
    house.advance(15, 1)
    assert len(gateway.given) == 1
    assert house.messages()[0].repeats == 1


def test_own_leases_are_renewed_before_others_are_recovered(house: House) -> None:
    """After a long sleep of the machine nothing of one's own is taken for a dead daemon's."""
    gateway = house.gateway(SilentGateway)
    house.open()
    house.accepted()
    for _ in range(5):
        house.advance(7, 1)
        house.clock.advance(10_000)
    assert len(gateway.given) == 1


def test_status_is_written_when_it_changed(house: House) -> None:
    """At once, when a state or a count changed, and every minute; not every time."""
    gateway = house.gateway(PromptGateway)
    house.open()
    first = house.now
    assert [(one.name, one.daemon, one.state, one.at) for one in statuses(house)] == [("A", "house", "up", first)]
    house.advance(30, 1)
    assert statuses(house)[0].at == first
    house.accepted()
    house.advance(3, 1)
    assert statuses(house)[0].sent == 1
    gateway.go_down()
    house.advance(3, 1)
    assert statuses(house)[0].state == "down"
    told = statuses(house)[0].at
    house.advance(62, 1)
    assert statuses(house)[0].at == told + 60


def test_modems_are_told_with_the_gateways(house: House) -> None:
    """Of gateways that have modems, when one changed and every minute; gone with the daemon."""
    gateway = house.gateway(ModemGateway)
    house.gateway(PromptGateway, "B")
    modem = ModemReport(gateway="A", port="/dev/ttyUSB0", state=ModemState.STARTING, since=house.now)
    gateway.reports = [modem]
    house.open()
    first = house.now
    assert modems(house) == [modem]
    house.advance(30, 1)
    assert modems(house, first + 1) == []
    gateway.reports = [attrs.evolve(modem, state=ModemState.UP), attrs.evolve(modem, port="/dev/ttyUSB1")]
    house.advance(3, 1)
    assert modems(house, first + 30) == gateway.reports
    house.advance(62, 1)
    assert modems(house, first + 90) == gateway.reports
    gateway.reports = []
    house.advance(3, 1)
    assert modems(house) == []
    gateway.reports = [modem]
    house.advance(3, 1)
    assert house.upkeep is not None
    outcome_of(house.upkeep.stopService())
    assert modems(house) == []


def test_modems_of_silent_daemons_are_forgotten(house: House) -> None:
    """As their gateways are."""
    house.gateway(PromptGateway)
    modem = ModemReport(gateway="A", port="/dev/ttyUSB0", state=ModemState.UP, since=house.now)
    house.write(lambda connection: status.write_modems(connection, "dead", [modem], house.now))
    house.open()
    assert modems(house) == [modem]
    house.advance(upkeep.SILENT + 62, 1)
    assert modems(house) == []


def test_uses_of_sim_cards_go(house: House) -> None:
    """When no limit looks back so far."""
    house.gateway(PromptGateway)
    outcome_of(house.network.sims.use("208", segment_to("+33612345678"), house.now, None))
    house.open()
    house.clock.advance(31 * 86_400)
    house.advance(3700, 10)
    assert count(house, "sim_use") == 1
    house.clock.advance(86_400)
    house.advance(3700, 10)
    assert count(house, "sim_use") == 0


def test_rate_is_per_second(house: House) -> None:
    """Segments a second of late."""
    house.gateway(PromptGateway, throughput=10)
    house.open()
    house.accepted(",".join(numbers(100)))
    house.advance(6.5)
    assert statuses(house)[0].rate == pytest.approx(10, abs=1)


def test_silent_daemons_are_forgotten(house: House) -> None:
    """What a daemon wrote goes when it is not heard of, and at once when it stops."""
    house.gateway(PromptGateway)
    dead = GatewayStatus(
        name="A", daemon="dead", type="t", state="up", sent=0, failed=0, repeated=0, rate=0.0, at=house.now
    )
    house.write(lambda connection: status.write(connection, "dead", [dead]))
    house.open()
    assert {one.daemon for one in statuses(house)} == {"house", "dead"}
    house.advance(upkeep.SILENT + 62, 1)
    assert {one.daemon for one in statuses(house)} == {"house"}
    assert house.upkeep is not None
    outcome_of(house.upkeep.stopService())
    assert statuses(house) == []
    house.advance(100, 1)
    assert statuses(house) == []


def test_old_rows_go(house: House) -> None:
    """Texts older than the duplicate window, and receipts that nothing ever fitted, are dropped within the hour."""
    house.gateway(PromptGateway)
    house.open()
    house.accepted()
    outcome_of(house.receipt("A", "nobody's"))
    assert (count(house, "duplicate"), count(house, "parked_receipt")) == (1, 1)
    house.advance(upkeep.PARKED - 100, 10)
    assert count(house, "parked_receipt") == 1
    house.advance(500, 10)
    assert (count(house, "duplicate"), count(house, "parked_receipt")) == (1, 0)
    house.clock.advance(duplicates.WINDOW)
    house.advance(3700, 10)
    assert count(house, "duplicate") == 0


def test_old_receipt_does_not_meet_a_new_message(house: House) -> None:
    """The operator gives a reference again after an hour; what it said twice of the first is not said of the second."""
    gateway = house.gateway(TakingGateway)
    house.open()
    house.accepted(text="un")
    house.advance(0.1)
    (reference,) = gateway.take()
    for _ in range(2):
        outcome_of(house.receipt("A", reference))
    house.advance(upkeep.PARKED + 400, 10)
    house.accepted(text="deux")
    house.advance(2)
    (segment,) = gateway.open.values()
    house.network.answered("A", [Answer(segment.message, 1, Handed(reference))])
    assert house.states() == {State.DELIVERED: 1, State.HANDED: 1}


def test_nobody_waits_for_ever(house: House) -> None:
    """Without receipts a message is unknown a day after its validity, with a reason; a late receipt still counts."""
    gateway = house.gateway(PromptGateway)
    house.open()
    house.accepted(",".join(numbers(500)), validity=1)
    house.advance(1)
    house.clock.advance(3600 + upkeep.AWAITED - 10)
    house.advance(5, 1)
    assert house.states() == {State.HANDED: 500}
    house.advance(70, 1)
    assert house.states() == {State.UNKNOWN: 500}
    assert {row.error for row in house.messages()} == {"Le réseau n'a pas rendu compte de la remise."}
    first, second, *_ = gateway.references
    outcome_of(house.receipt("A", first))
    outcome_of(house.receipt("A", second, State.FAILED))
    assert house.states() == {State.UNKNOWN: 498, State.DELIVERED: 1, State.FAILED: 1}
    assert house.verification().entries == 2


def test_receipt_of_the_last_hour(house: House) -> None:
    """An operator that tries for 72 hours, as it was asked to, and then reports, is heard."""
    gateway = house.gateway(PromptGateway)
    house.open()
    house.accepted(validity=72)
    house.advance(1)
    for _ in range(72):
        house.clock.advance(3590)
        house.advance(10, 1)
    (reference,) = gateway.references
    outcome_of(house.receipt("A", reference, State.EXPIRED))
    assert house.states() == {State.EXPIRED: 1}


def test_failing_task_does_not_stop_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expiry goes on though recovery and pruning fail each time; a database that was away is no harm."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    house.gateway(DownGateway)
    house.open()
    monkeypatch.setattr(queue, "recover", fail)
    monkeypatch.setattr(queue, "renew", fail)
    monkeypatch.setattr(receipts, "prune_parked", fail)
    house.accepted(validity=1)
    house.database.away = True
    house.clock.advance(3600)
    house.advance(100, 1)
    house.database.away = False
    house.advance(40, 1)
    assert house.states() == {State.EXPIRED: 1}


def test_slow_database_starves_no_task(house: House) -> None:
    """Every task has its turn though each lasts longer than a second: none waits for an even one for ever."""
    house.gateway(DownGateway)
    house.accepted(validity=1)
    house.open()
    house.clock.advance(3600)
    house.advance(1, 1)
    for _ in range(60):
        house.workers.held = True
        house.advance(1.5, 0.5)
        house.workers.go()
    assert house.states() == {State.EXPIRED: 1}


def test_stop_and_start_again(house: House) -> None:
    """Stopped, it does nothing more; what still runs ends without a word."""
    house.gateway(PromptGateway)
    house.open()
    assert house.upkeep is not None
    house.workers.held = True
    house.advance(1, 1)
    stopped = house.upkeep.stopService()
    house.workers.go()
    outcome_of(stopped)
    assert statuses(house) == []
    house.advance(10, 1)
    house.upkeep.startService()
    assert [one.daemon for one in statuses(house)] == ["house"]

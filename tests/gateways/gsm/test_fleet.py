"""Modems wherever they are plugged in: found anew, used by one of their ports, with the card that is in them."""

from typing import Any, Final

import pytest
from twisted.internet.defer import Deferred

from gateways.gsm.fleet import FORGET_SECONDS, LOAD_SECONDS, SCAN_SECONDS
from smstob.model.message import Handed, State
from smstob.model.modem import ModemReport, ModemState, SimLimits, SimUses
from tests.fakes import Hearing
from tests.gateways.gsm.pool import NOW, NUMBER, Pool, imsi
from tests.peers.modem import tpdus
from tests.peers.modem.card import Sim
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import Refusal
from tests.peers.modem.profiles import SIMCOM
from tests.sims import KeptSims, segment_to

START: Final = 10.0
"""Seconds in which a modem starts, at most."""


def by_port(pool: Pool) -> dict[str, ModemReport]:
    """The modems that the operator sees, by their ports."""
    return {one.port: one for one in pool.reports()}


def second_port(pool: Pool, index: int = 0) -> SimulatedModem:
    """Another port of the modem of that number: the same IMEI, the same card."""
    modem = pool.modems[index]
    return SimulatedModem(pool.network, modem.sim, modem.state.profile, imei=modem.state.imei)


def commands(modem: SimulatedModem) -> int:
    """How much it was asked since the last time."""
    count = len(modem.commands)
    modem.commands.clear()
    return count


class TestReturn:
    """A modem that was pulled out."""

    def test_under_another_path(self) -> None:
        """It is found within a scan and its start, with its counts, and is shown only where it is."""
        pool = Pool(2).start()
        pool.send(*(pool.message() for _ in range(4)))
        pool.network.answers["678"] = Refusal(1, 1)
        pool.send(pool.message())
        before = {one.imei: (one.sent, one.failed) for one in pool.reports()}
        assert [sum(counts) for counts in zip(*before.values(), strict=True)] == [4, 1]
        moved = pool.modems[0]
        pool.ports.unplug("/dev/ttyUSB0")
        pool.ports.plug("/dev/ttyUSB5", moved)
        took = pool.run(lambda: "/dev/ttyUSB0" not in by_port(pool), SCAN_SECONDS + START)
        assert took < SCAN_SECONDS + START
        assert {one.imei: (one.sent, one.failed) for one in pool.reports()} == before
        assert {one.port for one in pool.reports()} == {"/dev/ttyUSB1", "/dev/ttyUSB5"}
        pool.run(lambda: pool.states() == [ModemState.UP] * 2)

    def test_missing(self) -> None:
        """One that does not come back stays in sight as absent, with all that is known of it."""
        pool = Pool(2).start()
        pool.send(pool.message())
        known = by_port(pool)["/dev/ttyUSB0"]
        pool.ports.unplug("/dev/ttyUSB0")
        pool.wait(3600, 0.5)
        missing = by_port(pool)["/dev/ttyUSB0"]
        assert missing.state is ModemState.ABSENT
        assert missing.reason == "Il n'y a rien à ce port : branchez le modem, ou corrigez « port »."
        assert (missing.imei, missing.card, missing.sim, missing.sent, missing.model) == (
            known.imei,
            known.card,
            known.sim,
            known.sent,
            known.model,
        )
        assert pool.gateway.state == "up"

    def test_that_was_never_known(self) -> None:
        """A port behind which nothing was found goes out of sight some minutes after it went."""
        pool = Pool()
        pool.modems[0].faults.set("ignore", count=None)
        pool.gateway.startService()
        pool.wait(20)
        assert len(pool.reports()) == 1
        pool.ports.unplug("/dev/ttyUSB0")
        pool.wait(FORGET_SECONDS - SCAN_SECONDS)
        assert len(pool.reports()) == 1
        pool.wait(3 * SCAN_SECONDS)
        assert pool.reports() == []

    def test_another_modem_at_its_path(self) -> None:
        """Two modems that change places take their counts with them, and neither is lost."""
        pool = Pool(2).start()
        pool.send(pool.message())
        sent = {one.imei: one.sent for one in pool.reports()}
        first, second = pool.ports.unplug("/dev/ttyUSB0"), pool.ports.unplug("/dev/ttyUSB1")
        pool.wait(1)
        pool.ports.plug("/dev/ttyUSB0", second)
        pool.ports.plug("/dev/ttyUSB1", first)
        pool.run(lambda: pool.states() == [ModemState.UP] * 2, FORGET_SECONDS + SCAN_SECONDS + START)
        assert {one.imei: one.sent for one in pool.reports()} == sent
        assert by_port(pool)["/dev/ttyUSB0"].imei == second.state.imei

    def test_at_fixed_ports(self) -> None:
        """Ports that are named one by one all stay in sight, and one modem that moves between them is known once."""
        pool = Pool(1, ports=("/dev/ttyUSB0", "/dev/ttyUSB1"))
        pool.gateway.startService()
        pool.run(lambda: ModemState.UP in pool.states())
        pool.send(pool.message())
        pool.ports.plug("/dev/ttyUSB1", pool.ports.unplug("/dev/ttyUSB0"))
        pool.run(lambda: by_port(pool)["/dev/ttyUSB1"].state is ModemState.UP)
        first, second = pool.reports()
        assert (first.port, first.state, first.imei) == ("/dev/ttyUSB0", ModemState.ABSENT, "")
        assert (second.imei, second.sent) == (pool.modems[0].state.imei, 1)


class TestSecondPort:
    """A modem with two ports that answer."""

    def test_sleeps(self) -> None:
        """Only one of them is used and shown; the other is not asked anything more."""
        pool = Pool().start()
        second = second_port(pool)
        pool.ports.plug("/dev/ttyUSB1", second)
        pool.run(lambda: len(pool.ports.paths("*")) == 2)
        pool.wait(SCAN_SECONDS + START)
        assert [(one.port, one.state) for one in pool.reports()] == [("/dev/ttyUSB0", ModemState.UP)]
        commands(second)
        pool.wait(600, 0.2)
        assert commands(second) == 0
        assert commands(pool.modems[0]) > 0
        assert pool.send(*(pool.message() for _ in range(5))) == [Handed(str(use)) for use in range(1, 6)]
        assert {one.modem for one in pool.network.taken} == {second.state.imei}
        assert len(pool.network.taken) == 5

    def test_wakes(self) -> None:
        """After two minutes without the first, and not long before, the second is used, with the modem's counts."""
        pool = Pool().start()
        pool.send(pool.message())
        second = second_port(pool)
        pool.ports.plug("/dev/ttyUSB1", second)
        pool.wait(SCAN_SECONDS + START)
        commands(second)
        pool.ports.unplug("/dev/ttyUSB0")
        pool.wait(FORGET_SECONDS - SCAN_SECONDS - 1, 0.1)
        assert commands(second) == 0
        pool.run(lambda: pool.states() == [ModemState.UP], 3 * SCAN_SECONDS + START)
        (report,) = pool.reports()
        assert (report.port, report.sent) == ("/dev/ttyUSB1", 1)
        pool.send(pool.message())
        assert len(pool.network.taken) == 2

    def test_of_a_modem_that_resets(self) -> None:
        """A reset of the modem, whose first port comes back, changes nothing: one port, one start, the same counts."""
        pool = Pool().start()
        pool.send(pool.message())
        second = second_port(pool)
        pool.ports.plug("/dev/ttyUSB1", second)
        pool.wait(SCAN_SECONDS + START)
        pool.modems[0].faults.set("port_loss", seconds=10.0)
        pool.wait(60)
        (report,) = pool.reports()
        assert (report.port, report.state, report.sent) == ("/dev/ttyUSB0", ModemState.UP, 1)
        commands(second)
        pool.wait(120, 0.1)
        assert commands(second) == 0

    def test_goes(self) -> None:
        """A second port that goes is forgotten; come back, it sleeps again."""
        pool = Pool().start()
        second = second_port(pool)
        for _ in range(2):
            pool.ports.plug("/dev/ttyUSB1", second)
            pool.wait(SCAN_SECONDS + START)
            assert len(pool.reports()) == 1
            pool.ports.unplug("/dev/ttyUSB1")
            pool.wait(SCAN_SECONDS + 1)
        assert [one.state for one in pool.reports()] == [ModemState.UP]

    def test_two_modems_are_two(self) -> None:
        """Modems of one kind with cards of their own are both used."""
        pool = Pool(2).start()
        pool.wait(60)
        assert pool.states() == [ModemState.UP] * 2
        pool.send(*(pool.message() for _ in range(6)))
        assert len({one.modem for one in pool.network.taken}) == 2

    def test_without_imei(self) -> None:
        """Modems that do not tell their IMEI are never taken for one."""
        pool = Pool(2)
        for modem in pool.modems:
            modem.state.imei = "0"
        pool.start()
        pool.wait(30)
        assert pool.states() == [ModemState.UP] * 2


class TestCard:
    """The SIM card in a modem."""

    def test_swapped(self) -> None:
        """After a change of cards what is sent counts for the new one, whose own limits and uses hold."""
        pool = Pool(profile=SIMCOM, limits=SimLimits(per_minute=0, per_day=3)).start()
        pool.send(pool.message(), pool.message())
        other = "208019999999999"
        pool.hearing.sims.use(other, segment_to(NUMBER), NOW - 60, None)
        pool.modems[0].insert(Sim(imsi=other, iccid="8933999999999999999"), pool.clock.seconds())
        pool.run(lambda: pool.reports()[0].sim == other and pool.states() == [ModemState.UP])
        (report,) = pool.reports()
        assert (report.card, report.day, report.sent) == ("8933999999999999999", 1, 2)
        pool.send(pool.message(), pool.message())
        assert [one.sim for one in pool.hearing.sims.kept] == [imsi(0)] * 2 + [other] * 3
        assert [one.sim for one in pool.network.taken] == [imsi(0)] * 2 + [other] * 2
        pool.run(lambda: pool.states() == [ModemState.LIMITED])

    def test_swapped_and_back(self) -> None:
        """The first card's uses are known when it is back."""
        pool = Pool(profile=SIMCOM, limits=SimLimits(per_minute=0, per_day=3)).start()
        pool.send(pool.message(), pool.message())
        first = pool.modems[0].sim
        pool.modems[0].insert(Sim(imsi="208019999999999", iccid="8933999999999999999"), pool.clock.seconds())
        pool.run(lambda: pool.reports()[0].sim == "208019999999999" and pool.states() == [ModemState.UP])
        pool.modems[0].insert(first, pool.clock.seconds())
        pool.run(lambda: pool.reports()[0].sim == imsi(0) and pool.states() == [ModemState.UP])
        assert pool.reports()[0].day == 2

    def test_in_another_modem(self) -> None:
        """A card that moves takes its uses with it; the modem that it left asks for one."""
        pool = Pool(2, profile=SIMCOM, limits=SimLimits(per_minute=0, per_day=5)).start()
        pool.send(*(pool.message() for _ in range(4)))
        card = pool.modems[0].sim
        pool.modems[0].insert(None, pool.clock.seconds())
        pool.wait(1)
        pool.modems[1].insert(card, pool.clock.seconds())
        pool.run(lambda: by_port(pool)["/dev/ttyUSB1"].sim == imsi(0))
        pool.run(lambda: set(pool.states()) == {ModemState.LOCKED, ModemState.UP})
        first, second = (by_port(pool)[pool.path(index)] for index in range(2))
        assert (first.reason, second.day) == ("Le modem n'a pas de carte SIM : insérez-la.", 2)
        pool.send(pool.message())
        assert pool.network.taken[-1].sim == imsi(0)

    def test_uses_cannot_be_read(self) -> None:
        """While the database is away a modem is starting, and sends nothing; with it, it is up within seconds."""
        pool = Pool()
        pool.hearing.sims.away = True
        pool.gateway.startService()
        pool.wait(60)
        (report,) = pool.reports()
        assert (report.state, report.reason) == (
            ModemState.STARTING,
            "Ce que sa carte SIM a déjà envoyé est relu.",
        )
        assert (pool.gateway.state, pool.gateway.capacity) == ("down", 0)
        pool.hearing.sims.away = False
        pool.run(lambda: pool.states() == [ModemState.UP] and pool.gateway.capacity, LOAD_SECONDS + 1)

    def test_uses_are_read_once(self) -> None:
        """However long the reading takes, and however often the modem tells something meanwhile, it is done once."""
        hearing = Hearing()
        hearing.sims = slow = SlowSims()
        pool = Pool(hearing=hearing)
        pool.gateway.startService()
        pool.wait(120)
        assert (len(slow.readings), pool.states()) == (1, [ModemState.STARTING])
        slow.readings[0].callback(SimUses(minutes={NOW // 60: 7}))
        pool.run(lambda: pool.states() == [ModemState.UP])
        assert pool.reports()[0].day == 7

    def test_swapped_while_its_uses_are_read(self) -> None:
        """What was read of one card does not count for the next."""
        hearing = Hearing()
        hearing.sims = slow = SlowSims()
        pool = Pool(profile=SIMCOM, hearing=hearing)
        pool.gateway.startService()
        pool.run(lambda: slow.readings)
        pool.modems[0].insert(Sim(imsi="208019999999999", iccid="8933999999999999999"), pool.clock.seconds())
        pool.run(lambda: pool.reports()[0].sim == "208019999999999")
        slow.readings[0].callback(SimUses(minutes={NOW // 60: 7}))
        pool.run(lambda: len(slow.readings) == 2)
        assert slow.asked == [imsi(0), "208019999999999"]
        assert pool.states() == [ModemState.STARTING]
        slow.readings[1].callback(SimUses(minutes={NOW // 60: 2}))
        pool.run(lambda: pool.states() == [ModemState.UP])
        assert pool.reports()[0].day == 2


class SlowSims(KeptSims):
    """Tells what cards sent only when a test does."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.readings: list[Deferred[SimUses]] = []

    def used(self, sim: str, since: int) -> "Deferred[SimUses]":
        """See ``ISims``."""
        self.asked.append(sim)
        self.readings.append(Deferred())
        return self.readings[-1]


class TestEarly:
    """What comes before it is known what modem and card it is."""

    def test_report(self) -> None:
        """A report that a modem tells as its port opens is kept once its card is known, and finds its message."""
        pool = Pool()
        sims = pool.hearing.sims
        sims.use(imsi(0), segment_to(NUMBER), NOW - 60, None)
        sims.took(1, 9)
        pool.modems[0].state.session.cnmi = (2, 1, 0, 1, 0)
        report = tpdus.status_report(9, NUMBER, NOW - 60, NOW - 50, zone=4, status=0)
        pool.network.bring(imsi(0), report, pool.clock.seconds() + 0.5)
        pool.gateway.startService()
        pool.run(lambda: pool.network.brought["report"])
        assert (pool.gateway.state, pool.hearing.receipts) == ("down", [])
        pool.run(lambda: pool.hearing.receipts)
        (receipt,) = pool.hearing.receipts
        assert (receipt.reference, receipt.state) == ("1", State.DELIVERED)

    def test_reply(self) -> None:
        """The same with a reply that no memory keeps; and in the order in which they came."""
        pool = Pool()
        pool.modems[0].state.session.cnmi = (2, 2, 0, 0, 0)
        for text in ("un", "deux", "trois"):
            pool.network.send_message(imsi(0), NUMBER, text, pool.clock.seconds(), wait=0.3)
        pool.gateway.startService()
        pool.run(lambda: pool.network.brought["message"] == 3)
        assert pool.hearing.replies == []
        pool.run(lambda: len(pool.hearing.replies) == 3)
        assert [one.text for one in pool.hearing.replies] == ["un", "deux", "trois"]

    def test_while_uses_are_read(self) -> None:
        """What comes while the database does not tell what the card sent is kept as soon as it can be."""
        pool = Pool()
        pool.hearing.sims.away = pool.hearing.deaf = True
        pool.network.send_message(imsi(0), NUMBER, "Merci", pool.clock.seconds())
        pool.gateway.startService()
        pool.wait(30)
        pool.hearing.sims.away = pool.hearing.deaf = False
        pool.run(lambda: pool.hearing.replies, 90)
        pool.wait(120)
        assert [one.text for one in pool.hearing.replies] == ["Merci"]
        sim = pool.modems[0].sim
        assert sim is not None
        assert not sim.memory.messages


def test_stop_and_start() -> None:
    """A stop closes every port and leaves nothing to be called; a start finds all anew, with the counts."""
    pool = Pool(3).start()
    pool.send(*(pool.message() for _ in range(6)))
    stopped: list[Any] = []
    pool.gateway.stopService().addCallback(stopped.append)
    assert stopped == [None]
    pool.wait(1)
    assert pool.clock.getDelayedCalls() == []
    assert pool.reports() == []
    pool.gateway.startService()
    pool.run(lambda: pool.states() == [ModemState.UP] * 3)
    assert sum(one.sent for one in pool.reports()) == 6


def test_stop_before_anything_is_known() -> None:
    """At whatever moment of the start it stops, nothing is left to be called."""
    for moment in range(0, 800, 13):
        pool = Pool(2)
        pool.gateway.startService()
        pool.wait(moment / 100, 0.02)
        pool.gateway.stopService()
        pool.wait(1)
        assert pool.clock.getDelayedCalls() == [], moment


def test_found_while_running() -> None:
    """A modem that is plugged in serves within a scan and its start."""
    pool = Pool().start()
    late = SimulatedModem(
        pool.network, Sim(imsi="208019999999999", iccid="8933999999999999999"), imei="359999999999999"
    )
    pool.ports.plug("/dev/ttyUSB9", late)
    pool.run(lambda: pool.states() == [ModemState.UP] * 2, SCAN_SECONDS + START)


@pytest.mark.parametrize("patterns", [("/dev/ttyUSB*", "/dev/ttyUSB0"), ("/dev/ttyUSB0", "/dev/ttyUSB?", "/dev/tty*")])
def test_port_that_fits_twice(patterns: tuple[str, ...]) -> None:
    """A port that is named and fits a pattern too is opened once, and stands where it is first named."""
    pool = Pool(2, ports=patterns)
    pool.start()
    pool.wait(30)
    assert [one.port for one in pool.reports()] == ["/dev/ttyUSB0", "/dev/ttyUSB1"]
    assert pool.ports.opened == 2

"""Faults of gateways/gsm that the tests of the small rooms found: each failed on 7851731, or (19, 20) on an edit since.

Run: cd /work/main && cp /tmp/b/found_a.py tests/gateways/gsm/test_found_a.py && .venv/bin/pytest tests/gateways/gsm/test_found_a.py
"""

from random import Random
from typing import Any

import pytest
from twisted.internet.defer import ensureDeferred
from twisted.internet.protocol import Protocol

from gateways.gsm.at_lines import Kind, Result
from gateways.gsm.errors import judge
from gateways.gsm.health import Health
from gateways.gsm.modem_events import Doubt, NotSent, Sent
from gateways.gsm.pins import Pins
from gateways.gsm.ports import Ports, why_closed
from gateways.gsm.settings import ANY
from smstob.model.modem import ModemState, SimLimits
from tests.gateways.gsm.line_scene import LOST, PATH, Desk, pending
from tests.gateways.gsm.pool import NOW, NUMBER, Pool, imsi
from tests.peers.modem.card import Sim
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.profiles import GENERIC, HUAWEI, QUECTEL, SIMCOM
from tests.sims import KeptSims


def test_1_pin_that_was_accepted_is_given_after_a_restart() -> None:
    """station.py/pins.py: nobody calls Pins.accepted when the card opens; after any restart the card counts as refusing."""
    pool = Pool(pin="4711", pins={ANY: "4711"}).start()
    assert pool.hearing.sims.pins == {}
    pool.modems[0].faults.set("port_loss", seconds=2.0)
    pool.wait(40)
    assert pool.states() == [ModemState.UP], pool.reports()[0].reason


def test_2_resets_go_with_the_modem() -> None:
    """station.py: Counts.resets is never written; line.resets is of the port."""
    pool = Pool().start()
    pool.modems[0].faults.set("port_loss", seconds=2.0, path="/dev/ttyUSB7")
    pool.wait(60)
    (report,) = pool.reports()
    assert (report.port, report.resets) == ("/dev/ttyUSB7", 1)


def test_3_resets_of_a_port_that_stays() -> None:
    """line.py: Modem.resets is added only when the port closes: a SIMCom that restarts all day shows 0."""
    pool = Pool(profile=SIMCOM).start()
    for _ in range(3):
        pool.modems[0].insert(pool.modems[0].sim, pool.clock.seconds())
        pool.wait(30)
    assert pool.reports()[0].resets == 3


def test_4_starting_is_shown_as_starting() -> None:
    """line.py: opened() does not look at the modem's state: «absent», with the old reason, until it is up."""
    desk = Desk()
    desk.ports.plug(PATH, desk.modem)
    desk.modem.faults.set("sim_busy", seconds=40.0)
    desk.line.start()
    desk.wait(10)
    assert desk.line.state is ModemState.STARTING, desk.line.reason


def test_5_stop_after_a_reset_closes_the_port() -> None:
    """line.py: stop() within RESET_SECONDS of a reset leaves a delayed call, and the port open."""
    desk = Desk().start()
    desk.line.reset("Il est en panne.")
    desk.line.stop()
    assert pending(desk) == []


def test_6_set_up_in_the_middle_of_a_message() -> None:
    """modem.py: _start_anew ends a job that was handed over with NotSent, though the network has it (latent: the
    station calls set_up only between messages)."""
    desk = Desk(send_seconds=3.0).start()
    desk.send()
    desk.wait(1)
    desk.line.set_up()
    desk.wait(30)
    assert not (isinstance(desk.outcomes[0], NotSent) and desk.network.taken)


def test_7_cme_error_10_is_no_barring() -> None:
    """health.py: a +CME ERROR's code is taken for a +CMS ERROR's: 10 (no SIM card) is a pause of ten minutes."""
    remedy = Health().failed(judge(Result(Kind.CME, 10)), 10, NUMBER)
    assert (remedy.pause, remedy.set_up) == (0, True), remedy


def test_7_in_the_pool() -> None:
    """The same: the card goes out for a moment, and the modem is left out for ten minutes."""
    pool = Pool().start()
    pool.modems[0].faults.set("error", match="AT+CMGS", code=10, cme=True)
    pool.submit(pool.message())
    pool.wait(60)
    assert pool.states() == [ModemState.UP], pool.reports()[0]


@pytest.mark.parametrize("profile", [GENERIC, HUAWEI, QUECTEL])
def test_8_card_swapped_in_silence(profile: Any) -> None:
    """modem.py: a modem that starts anew without a word (GENERIC; CNMI is lost, which the look sees) keeps its facts:
    the new card's messages count for the old one, its limits and reports too."""
    pool = Pool(profile=profile, limits=SimLimits(per_minute=0, per_day=3)).start()
    pool.modems[0].insert(Sim(imsi="208019999999999", iccid="8933999999999999999"), pool.clock.seconds())
    pool.wait(100)
    pool.send(pool.message())
    assert pool.network.taken[0].sim == "208019999999999"
    assert pool.hearing.sims.kept[0].sim == "208019999999999"


def test_8_card_taken_out_in_silence() -> None:
    """The same: without a card it is «searching», and nobody is told to insert one."""
    pool = Pool().start()
    pool.modems[0].insert(None, pool.clock.seconds())
    pool.wait(100)
    assert pool.states() == [ModemState.LOCKED], pool.reports()[0].reason


@pytest.mark.parametrize("modems", [2, 4, 8])
def test_9_modems_that_change_places(modems: int) -> None:
    """fleet.py: _is_first_port compares with the stale ``known`` of a port whose modem is not identified anew:
    after a hub's power glitch some modems sleep for two minutes as «second ports»."""
    pool = Pool(modems).start()
    pulled = [pool.ports.unplug(pool.path(index)) for index in range(modems)]
    pool.wait(1)
    for index, modem in enumerate(pulled[1:] + pulled[:1]):
        pool.ports.plug(pool.path(index), modem)
    pool.run(lambda: pool.states() == [ModemState.UP] * modems, 20)


def test_10_fixed_ports_do_not_share_counts() -> None:
    """fleet.py: at fixed ports the old station keeps the modem's Counts: its messages are shown twice."""
    pool = Pool(1, ports=("/dev/ttyUSB0", "/dev/ttyUSB1"))
    pool.gateway.startService()
    pool.run(lambda: ModemState.UP in pool.states())
    pool.send(pool.message())
    pool.ports.plug("/dev/ttyUSB1", pool.ports.unplug("/dev/ttyUSB0"))
    pool.run(lambda: pool.states()[1] is ModemState.UP)
    assert [one.sent for one in pool.reports()] == [0, 1]


def test_11_fixed_second_port_wakes() -> None:
    """fleet.py: a sleeping fixed port whose ``known`` was set to None never wakes while any unknown port is open
    (None == None)."""
    pool = Pool(1, ports=("/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2"))
    first = pool.modems[0]
    second = SimulatedModem(pool.network, first.sim, first.state.profile, imei=first.state.imei)
    other = SimulatedModem(pool.network, Sim(imsi=imsi(5), iccid="8933000000000000055"))
    other.faults.set("sim_busy")  # opened, and never known
    pool.ports.plug("/dev/ttyUSB2", other)
    pool.gateway.startService()
    pool.run(lambda: ModemState.UP in pool.states())
    pool.ports.plug("/dev/ttyUSB1", second)
    pool.wait(20)
    first.faults.set("port_loss", seconds=1.0)
    pool.wait(60)
    pool.ports.unplug("/dev/ttyUSB0")
    pool.wait(300)
    assert ModemState.UP in pool.states(), pool.reports()


def test_12_link_that_leads_nowhere(tmp_path: Any) -> None:
    """ports.py: glob gives links whose target is gone, which ``paths`` calls there."""
    from twisted.internet import reactor

    (tmp_path / "by-id-a").symlink_to(tmp_path / "ttyUSB0")
    ports: Any = Ports(reactor, 9600)
    assert ports.paths(f"{tmp_path}/*") == []


def test_13_device_that_is_no_terminal() -> None:
    """ports.py: pyserial's «Could not configure port: (25, …)» has no errno: an English reason instead of ENOTTY's."""
    from twisted.internet import reactor

    failures: list[Any] = []
    ports: Any = Ports(reactor, 9600)
    ports.open("/dev/null", Protocol()).addErrback(failures.append)
    assert why_closed(failures[0]) == "Ce n'est pas un port série : corrigez « port »."


def test_15_clock_set_forward_in_a_message() -> None:
    """line.py: ``now`` rises with a clock that is set forward by an hour (NTP after a start): the next byte makes every
    deadline pass, and a message that goes well is told as in doubt (with unknown = "retry" it goes out twice)."""
    desk = Desk(HUAWEI, send_seconds=10.0).start()
    desk.modem.state.session.quiet = False
    desk.modem._life.noise_at = desk.timers.seconds()
    desk.send()
    desk.wait(1)
    desk.clock.set_by += 3600
    desk.wait(30)
    assert [type(one) for one in desk.outcomes] == [Sent], desk.outcomes


def test_16_early_of_a_port_that_is_gone() -> None:
    """fleet.py: what came early from a station that was removed stays in the list of 100 for ever, and enough of it leaves no room for others."""
    pool = Pool(1)
    pool.modems[0].state.session.cnmi = (2, 2, 0, 0, 0)
    pool.modems[0].faults.set("sim_busy", match="AT+CPIN", seconds=0.0)
    pool.modems[0].faults.set("ignore", match="AT+CIMI", count=None)
    pool.network.send_message(imsi(0), NUMBER, "x", pool.clock.seconds(), wait=0.3)
    pool.gateway.startService()
    pool.wait(3)
    fleet: Any = pool.gateway._fleet
    assert len(fleet._early) == 1
    pool.ports.unplug("/dev/ttyUSB0")
    pool.wait(200)
    assert pool.reports() == []
    assert fleet._early == []


def test_17_open_before_its_facts_are_known() -> None:
    """station.py/pins.py: a card that accepted its code, whose port goes before the start is over, must not count as
    refusing (``Pins.accepted`` at the end of the start is too late)."""
    pool = Pool(pin="4711", pins={ANY: "4711"})
    pool.modems[0].faults.set("port_loss", match="AT+CIMI", seconds=2.0)
    pool.gateway.startService()
    pool.wait(60)
    assert pool.states() == [ModemState.UP], pool.reports()[0].reason


def test_19_another_modem_at_a_port_that_sleeps() -> None:
    """fleet.py (edited since: a sleeping port that goes is kept for 120 s): who is plugged in there meanwhile, be it
    another modem with its own card, is never opened while the first port's card is in use: lost for ever."""
    pool = Pool().start()
    first = pool.modems[0]
    pool.ports.plug("/dev/ttyUSB1", SimulatedModem(pool.network, first.sim, GENERIC, imei=first.state.imei))
    pool.wait(20)
    pool.ports.unplug("/dev/ttyUSB1")
    pool.wait(6)
    pool.ports.plug("/dev/ttyUSB1", SimulatedModem(pool.network, Sim(imsi=imsi(7), iccid="8933000000000000077")))
    pool.run(lambda: pool.states() == [ModemState.UP] * 2, 600)


def test_20_time_goes_on_after_a_minute_of_silence() -> None:
    """line.py (edited since): LONGEST_STEP is 60 s, and so are SEND_SECONDS and LIST_SECONDS: the timer of such a
    command comes after a step of more than 60 s, which ``now`` takes for a clock that was set: it never times out."""
    desk = Desk(send_seconds=1.0).start()
    desk.wait(10)
    desk.modem.faults.set("hang_after_pdu")
    desk.send()
    desk.run(lambda: desk.outcomes, 600)


@pytest.mark.parametrize("seed", range(10))
def test_18_modems_that_change_places_at_random(seed: int) -> None:
    """As 9, weaker: whatever is pulled out and plugged in anywhere, within three minutes all are up, each once."""
    random = Random(seed)
    pool = Pool(6).start()
    places = list(range(6))
    for _ in range(8):
        moved = random.sample(range(6), random.randint(1, 6))
        modems = {index: pool.ports.unplug(pool.path(places[index])) for index in moved}
        targets = [places[index] for index in moved]
        random.shuffle(targets)
        pool.wait(random.random() * 8)
        for index, target in zip(moved, targets, strict=True):
            places[index] = target
            pool.ports.plug(pool.path(target), modems[index])
            pool.wait(random.random() * 3)
    pool.run(lambda: pool.states() == [ModemState.UP] * 6, 180)
    assert len({one.imei for one in pool.reports()}) == 6

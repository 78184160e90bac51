"""Modems that are pulled out, swapped and plugged in elsewhere, in any order: each is found, once, with its counts."""

from random import Random

import pytest

from gateways.gsm.fleet import FORGET_SECONDS, MOST_EARLY
from smstob.model.modem import ModemState, SimLimits
from tests.gateways.gsm.pool import NUMBER, Pool, imsi
from tests.peers.modem.card import Sim
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.profiles import GENERIC, HUAWEI, QUECTEL, SIMCOM, Profile

OTHER = "208019999999999"
"""The IMSI of another card."""


def second_port(pool: Pool) -> SimulatedModem:
    """Another port of the first modem: the same IMEI, the same card."""
    modem = pool.modems[0]
    return SimulatedModem(pool.network, modem.sim, modem.state.profile, imei=modem.state.imei)


class TestCounts:
    """What is remembered of a modem."""

    def test_resets_go_with_the_modem(self) -> None:
        """How often it had to be brought back is told at the port where it is now."""
        pool = Pool().start()
        pool.modems[0].faults.set("port_loss", seconds=2.0, path="/dev/ttyUSB7")
        pool.wait(60)
        (report,) = pool.reports()
        assert (report.port, report.resets) == ("/dev/ttyUSB7", 1)

    def test_resets_of_a_port_that_stays(self) -> None:
        """A modem that starts anew by itself, while its port stays, is counted each time."""
        pool = Pool(profile=SIMCOM).start()
        for restarts in range(1, 4):
            pool.modems[0].insert(pool.modems[0].sim, pool.clock.seconds())
            pool.wait(30)
            assert pool.reports()[0].resets == restarts

    def test_fixed_ports_do_not_share_counts(self) -> None:
        """Where it was before, at a port that is named, nothing is counted any more."""
        pool = Pool(1, ports=("/dev/ttyUSB0", "/dev/ttyUSB1"))
        pool.gateway.startService()
        pool.run(lambda: ModemState.UP in pool.states())
        pool.send(pool.message())
        pool.ports.plug("/dev/ttyUSB1", pool.ports.unplug("/dev/ttyUSB0"))
        pool.run(lambda: pool.states()[1] is ModemState.UP)
        assert [one.sent for one in pool.reports()] == [0, 1]


class TestCard:
    """A card that is changed without a word from its modem."""

    @pytest.mark.parametrize("profile", [GENERIC, HUAWEI, QUECTEL])
    def test_swapped_in_silence(self, profile: Profile) -> None:
        """Within two looks what is sent counts for the new card."""
        pool = Pool(profile=profile, limits=SimLimits(per_minute=0, per_day=3)).start()
        pool.modems[0].insert(Sim(imsi=OTHER, iccid="8933999999999999999"), pool.clock.seconds())
        pool.wait(100)
        pool.send(pool.message())
        assert pool.network.taken[0].sim == OTHER
        assert pool.hearing.sims.kept[0].sim == OTHER

    def test_taken_out_in_silence(self) -> None:
        """A modem without a card is told as such, and not as searching for its network."""
        pool = Pool().start()
        pool.modems[0].insert(None, pool.clock.seconds())
        pool.wait(100)
        (report,) = pool.reports()
        assert (report.state, report.reason) == (ModemState.LOCKED, "Le modem n'a pas de carte SIM : insérez-la.")


class TestPlaces:
    """Modems at each other's ports."""

    @pytest.mark.parametrize("modems", [2, 4, 8])
    def test_change_places(self, modems: int) -> None:
        """After a hub's loss of power, when every port is another's, all are up within seconds."""
        pool = Pool(modems).start()
        pulled = [pool.ports.unplug(pool.path(index)) for index in range(modems)]
        pool.wait(1)
        for index, modem in enumerate(pulled[1:] + pulled[:1]):
            pool.ports.plug(pool.path(index), modem)
        pool.run(lambda: pool.states() == [ModemState.UP] * modems, 20)
        assert {one.imei for one in pool.reports()} == {one.state.imei for one in pulled}

    @pytest.mark.parametrize("seed", range(6))
    def test_change_places_at_random(self, seed: int) -> None:
        """Whatever is pulled out and plugged in anywhere, within three minutes all are up, each once."""
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
        pool.run(lambda: pool.states() == [ModemState.UP] * 6, FORGET_SECONDS + 60)
        assert len({one.imei for one in pool.reports()}) == 6

    def test_second_fixed_port_wakes(self) -> None:
        """A second port that is named wakes when the first is gone, though at another port nothing is ever known."""
        pool = Pool(1, ports=("/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2"))
        unknown = SimulatedModem(pool.network, Sim(imsi=imsi(5), iccid="8933000000000000055"))
        unknown.faults.set("sim_busy")
        pool.ports.plug("/dev/ttyUSB2", unknown)
        pool.gateway.startService()
        pool.run(lambda: ModemState.UP in pool.states())
        pool.ports.plug("/dev/ttyUSB1", second_port(pool))
        pool.wait(20)
        pool.modems[0].faults.set("port_loss", seconds=1.0)
        pool.wait(60)
        pool.ports.unplug("/dev/ttyUSB0")
        pool.wait(300)
        assert ModemState.UP in pool.states()

    def test_another_modem_at_a_port_that_sleeps(self) -> None:
        """Who is plugged in where a second port slept is found, while the first port is still used."""
        pool = Pool().start()
        pool.ports.plug("/dev/ttyUSB1", second_port(pool))
        pool.wait(20)
        pool.ports.unplug("/dev/ttyUSB1")
        pool.wait(6)
        pool.ports.plug("/dev/ttyUSB1", SimulatedModem(pool.network, Sim(imsi=imsi(7), iccid="8933000000000000077")))
        pool.run(lambda: pool.states() == [ModemState.UP] * 2, 600)


def plug_stranger(pool: Pool, path: str, index: int) -> SimulatedModem:
    """Plug a modem in that keeps nothing of what people write to its card, and tells it at once."""
    modem = SimulatedModem(pool.network, Sim(imsi=imsi(index), iccid=f"8933{index:015}"), imei=f"35{index:013}")
    pool.ports.plug(path, modem)
    modem.state.session.cnmi = (2, 2, 0, 0, 0)
    return modem


def plug_nameless(pool: Pool, told: int) -> None:
    """Another, which never says whose card it has; what it told goes with it when it is pulled out for long."""
    for index in range(told):
        pool.network.send_message(imsi(8), NUMBER, f"perdu {index}", pool.clock.seconds(), wait=0.3)
    plug_stranger(pool, "/dev/ttyUSB0", 8).faults.set("ignore", match="AT+CIMI", count=None)
    pool.gateway.startService()
    pool.run(lambda: pool.network.brought["message"] == told)
    pool.wait(2)
    pool.ports.unplug("/dev/ttyUSB0")
    pool.run(lambda: pool.reports() == [], FORGET_SECONDS + 60)


class TestEarly:
    """What comes from a port before it is known whose it is."""

    def test_of_a_port_that_is_gone(self) -> None:
        """However much it told, there is room for what others tell, and what it told is nobody's."""
        pool = Pool(0)
        plug_nameless(pool, MOST_EARLY + 20)
        pool.network.send_message(imsi(9), NUMBER, "gardé", pool.clock.seconds(), wait=5.5)
        plug_stranger(pool, "/dev/ttyUSB1", 9)
        pool.run(lambda: pool.hearing.replies)
        assert pool.states() != [ModemState.ABSENT]
        pool.wait(60)
        assert [one.text for one in pool.hearing.replies] == ["gardé"]

    def test_of_another_modem_at_its_path(self) -> None:
        """It is not kept as what came to the card of the next modem at the same path."""
        pool = Pool(0)
        plug_nameless(pool, 3)
        plug_stranger(pool, "/dev/ttyUSB0", 9)
        pool.run(lambda: pool.states() == [ModemState.UP])
        pool.wait(60)
        assert pool.hearing.replies == []

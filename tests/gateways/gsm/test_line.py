"""A port and its modem: opened again whatever is lost, and brought back step by step."""

import pytest
from twisted.internet.protocol import Protocol

from gateways.gsm.line import ABSENT_SECONDS, WAITS
from gateways.gsm.modem_events import NotSent, Sent
from smstob.model.modem import ModemState
from tests.peers.modem.profiles import PROFILES

from .line_scene import CLOSED, LOST, NOTHING, PATH, SILENT, TAKEN, Desk


def test_sends() -> None:
    """A modem that is plugged in starts within seconds, and sends."""
    desk = Desk()
    desk.ports.plug(PATH, desk.modem)
    assert (desk.line.state, desk.line.reason, desk.line.facts) == (ModemState.ABSENT, CLOSED, None)
    desk.line.start()
    assert desk.run(desk.is_up) < 10
    assert desk.states == [ModemState.STARTING, ModemState.UP]
    desk.send()
    assert not desk.line.is_free
    desk.run(lambda: desk.outcomes)
    assert desk.outcomes == [Sent("a", 0)]
    desk.run(lambda: desk.line.is_free)


def test_only_one_at_a_time() -> None:
    """A second message is refused, before the modem is ready as well as while one is under way; the first goes on."""
    desk = Desk()
    with pytest.raises(RuntimeError, match="not free"):
        desk.send()
    desk.start()
    desk.send()
    with pytest.raises(RuntimeError, match="not free"):
        desk.send("b")
    desk.run(lambda: desk.outcomes)
    assert len(desk.network.taken) == 1


def test_missing_port() -> None:
    """A port that is not there is tried every five seconds, which is told once; then the modem starts."""
    desk = Desk()
    desk.line.start()
    desk.wait(600)
    assert (desk.line.reason, desk.states) == (NOTHING, [ModemState.ABSENT])
    desk.ports.plug(PATH, desk.modem)
    desk.run(lambda: desk.ports.opened, ABSENT_SECONDS)
    desk.run(desk.is_up)


def test_port_that_is_taken() -> None:
    """A port that another program has open is told as such; when that one ends, the modem starts."""
    desk = Desk()
    desk.ports.plug(PATH, desk.modem)
    other = Protocol()
    desk.ports.open(PATH, other)
    desk.line.start()
    desk.wait(60)
    assert (desk.line.state, desk.line.reason) == (ModemState.ABSENT, TAKEN)
    assert other.transport is not None
    other.transport.loseConnection()
    desk.run(desk.is_up, ABSENT_SECONDS + 10)


def test_starting() -> None:
    """While it starts, however long its card takes for that, it is told as starting."""
    desk = Desk()
    desk.ports.plug(PATH, desk.modem)
    desk.modem.faults.set("sim_busy", seconds=40.0)
    desk.line.start()
    desk.wait(10)
    assert (desk.line.state, desk.line.reason) == (ModemState.STARTING, "Le modem est mis en route.")
    desk.run(desk.is_up)


@pytest.mark.parametrize("maker", PROFILES)
def test_hangs_until_its_port_is_opened_anew(maker: str) -> None:
    """A modem that says nothing more until its port is opened again is back without a reset, within a minute."""
    desk = Desk(PROFILES[maker]).start()
    desk.modem.faults.set("hang", until="reopen")
    assert desk.run(desk.is_ill, 90) < 70
    assert desk.line.reason == SILENT
    assert desk.run(desk.is_up) < 15
    assert desk.states[-2:] == [ModemState.HEALING, ModemState.UP]
    assert (desk.resets(), desk.line.take_resets()) == (0, 1)


@pytest.mark.parametrize("maker", PROFILES)
def test_hangs_until_it_restarts(maker: str) -> None:
    """One that is deaf to all but a restart is told to restart, blindly, and is back within two minutes."""
    desk = Desk(PROFILES[maker]).start()
    desk.modem.faults.set("hang", until="restart")
    desk.run(desk.is_ill, 90)
    desk.run(desk.is_up, 120)
    assert desk.line.take_resets() == 1
    desk.send()
    desk.run(lambda: desk.outcomes)
    assert isinstance(desk.outcomes[0], Sent)


def test_never_heals() -> None:
    """One that nothing brings back is tried for ever, with a reset every second time, and is told as being healed."""
    desk = Desk().start()
    desk.modem.faults.set("hang")
    desk.run(desk.is_ill, 90)
    desk.wait(3600)
    opened, resets = desk.ports.opened, desk.resets()
    desk.wait(3600)
    assert 3600 / 45 < desk.ports.opened - opened < 3600 / 30
    assert (desk.ports.opened - opened) // 2 == pytest.approx(desk.resets() - resets, abs=1)
    assert desk.states.count(ModemState.UP) == 1
    assert desk.line.state is ModemState.HEALING
    assert desk.line.take_resets() == 1
    desk.ports.unplug(PATH)
    desk.run(lambda: desk.line.state is ModemState.ABSENT)
    desk.ports.plug(PATH, desk.modem)
    desk.run(desk.is_up)


def test_never_answered() -> None:
    """What never said a word, such as another device's port, is never told to restart, however often it is tried."""
    desk = Desk()
    desk.modem.faults.set("ignore", count=None)
    desk.ports.plug(PATH, desk.modem)
    desk.modem.state.session.echo = False
    desk.line.start()
    desk.wait(1800)
    assert desk.ports.opened > 30
    assert desk.resets() == 0
    assert desk.line.state is ModemState.HEALING
    desk.modem.faults.clear()
    desk.run(desk.is_up, 60)


def test_back_off_of_a_silent_modem() -> None:
    """After each silence in a row it is left alone for longer; when it is well, the next begins anew."""
    desk = Desk().start()
    desk.modem.faults.set("hang")
    desk.run(desk.is_ill, 90)
    desk.ports.tries.clear()
    desk.wait(400)
    silence = desk.ports.spaces()[0] - WAITS[1]
    assert 5 <= silence <= 35
    waits = [*WAITS[1:], WAITS[-1], WAITS[-1]]
    assert desk.ports.spaces()[:6] == pytest.approx([silence + wait for wait in waits], abs=1)
    desk.ports.unplug(PATH)
    desk.ports.plug(PATH, desk.modem)
    desk.run(desk.is_up, 90)
    desk.modem.faults.set("hang", until="reopen")
    desk.run(desk.is_ill, 90)
    assert desk.run(lambda: desk.ports.tries[-1] == desk.timers.seconds(), WAITS[0] + 0.1) > 0


def test_back_off_of_a_modem_that_never_starts() -> None:
    """One that drops its port at every start, as with too little power, is tried ever less often too."""
    desk = Desk()
    desk.modem.faults.set("port_loss", match="AT+CIMI", count=None, seconds=0.1)
    desk.ports.plug(PATH, desk.modem)
    desk.line.start()
    desk.wait(300)
    assert desk.line.take_resets() == 0
    assert desk.ports.spaces()[:6] == pytest.approx([*WAITS, WAITS[-1]], abs=4)
    desk.modem.faults.clear()
    desk.run(desk.is_up, 60)


def test_lost_and_back() -> None:
    """A port that goes and comes back is told as lost at once, and serves some seconds after its return."""
    desk = Desk().start()
    desk.modem.faults.set("port_loss", seconds=20.0)
    desk.send()
    desk.run(lambda: desk.outcomes)
    assert isinstance(desk.outcomes[0], NotSent)
    desk.wait(0.1)
    assert (desk.line.state, desk.line.reason, desk.line.facts) == (ModemState.ABSENT, LOST, None)
    desk.wait(10)
    assert (desk.line.state, desk.line.reason) == (ModemState.ABSENT, NOTHING)
    desk.wait(9)
    assert desk.run(desk.is_up) < ABSENT_SECONDS + 5
    assert desk.line.take_resets() == 1


def test_told_to_reset() -> None:
    """A modem that does not do its work is restarted when its owner says so, and comes back."""
    desk = Desk().start()
    desk.line.reset("Le réseau ne répond plus aux envois de ce modem.")
    assert (desk.line.state, desk.line.reason) == (
        ModemState.HEALING,
        "Le réseau ne répond plus aux envois de ce modem.",
    )
    desk.run(desk.is_up)
    assert (desk.resets(), desk.line.take_resets()) == (1, 1)
    desk.line.stop()
    desk.line.reset("Rien.")
    desk.line.set_up()
    assert (desk.line.state, desk.line.reason) == (ModemState.ABSENT, CLOSED)


def test_reset_that_is_not_allowed() -> None:
    """A modem whose other port works is never restarted from this one, however long it is silent or ill."""
    desk = Desk().start()
    desk.spared = True
    desk.line.reset("Il est en panne.")
    desk.run(desk.is_up)
    desk.modem.faults.set("hang")
    desk.run(desk.is_ill, 90)
    desk.wait(300)
    assert desk.ports.opened > 5
    assert desk.resets() == 0

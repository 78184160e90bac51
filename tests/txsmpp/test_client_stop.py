"""The end of a client, and its new beginning, whatever it is at."""

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from txsmpp.constants import Status
from txsmpp.events import Closed, Event
from txsmpp.wire import PATIENCE, SWEEP, Wire

from .network import Diary
from .rigs import ClientRig
from .sessions import MESSAGE, SUBMIT, UNBIND, response


def test_stop_while_connecting() -> None:
    """The attempt is given up, nobody is told that it failed, and it is stopped at once."""
    rig = ClientRig()
    assert rig.stop() != []
    assert rig.exchange.cancelled == 1
    assert rig.diary.reasons == []
    rig.assert_quiet()


def test_stop_while_waiting() -> None:
    """There is no next attempt."""
    rig = ClientRig()
    rig.exchange.refuse()
    assert rig.stop() != []
    rig.assert_quiet()
    rig.clock.advance(1000)
    rig.assert_quiet()


def test_stop_while_binding() -> None:
    """A session that is not bound has nothing to unbind: hung up, and stopped when that is done."""
    rig = ClientRig()
    line = rig.exchange.pick_up()
    fired = rig.stop()
    assert (fired, line.disconnecting) == ([], True)
    rig.exchange.turn()
    assert fired != []
    rig.assert_quiet()


def test_stop_while_bound() -> None:
    """It drains and unbinds; it is stopped when the connection is gone, not when the unbind is answered."""
    rig = ClientRig()
    line = rig.bind()
    rig.client.bound[0].request(SUBMIT, MESSAGE, "a")
    fired = rig.stop()
    assert [frame[:3] for frame in line.taken()] == [(SUBMIT, 0, 2)]
    line.wire.dataReceived(response(SUBMIT, 2))
    assert [frame[:3] for frame in line.taken()] == [(UNBIND, 0, 3)]
    line.wire.dataReceived(response(UNBIND, 3, b""))
    assert rig.diary.ends == [Closed("unbound", 0, [])]
    assert fired == []
    rig.exchange.turn()
    assert fired != []
    rig.assert_quiet()


@pytest.mark.parametrize("reads", [True, False])
def test_stop_and_the_peer_says_nothing(reads: bool) -> None:
    """It is stopped within unbind_seconds; and PATIENCE more where the peer does not even read."""
    rig = ClientRig()
    line = rig.bind()
    line.reads = reads
    fired = rig.stop()
    for _ in range(3):
        assert not line.disconnecting
        rig.clock.advance(SWEEP)
        rig.exchange.turn()
    for _ in range(0 if reads else PATIENCE):
        assert fired == []
        rig.clock.advance(SWEEP)
        rig.exchange.turn()
    assert fired != []
    rig.assert_quiet()


def test_stop_while_closing() -> None:
    """A session that is over, its connection not yet: stopped when it is."""
    rig = ClientRig()
    line = rig.bind()
    line.reads = False
    rig.client.bound[0].close("enough")
    fired = rig.stop()
    assert fired == []
    line.reads = True
    rig.exchange.turn()
    assert fired != []
    rig.assert_quiet()


def test_stop_twice() -> None:
    """Both are told."""
    rig = ClientRig()
    rig.bind()
    first, second = rig.stop(), rig.stop()
    rig.clock.pump([SWEEP] * 3)
    assert (first, second) == ([], [])
    rig.exchange.turn()
    assert first != []
    assert second != []
    assert rig.stop() != []
    rig.assert_quiet()


def test_start_again() -> None:
    """After it is stopped it begins as the first time, without a pause."""
    rig = ClientRig()
    for _ in range(3):
        rig.exchange.refuse()
        rig.pause()
    rig.stop()
    rig.client.startService()
    assert rig.calls == 1
    rig.exchange.refuse()
    assert rig.pause() == 1
    rig.bind()
    assert len(rig.client.bound) == 1


def test_start_while_stopping() -> None:
    """The old connection ends, which stops it; then there is one new one, and no more."""
    rig = ClientRig()
    line = rig.bind()
    fired = rig.stop()
    rig.client.startService()
    assert (rig.calls, fired) == (0, [])
    assert line.taken()[0].command == UNBIND
    line.wire.dataReceived(response(UNBIND, 2, b""))
    rig.exchange.turn()
    assert fired != []
    assert rig.pause() == 1
    rig.bind()
    assert (rig.calls, len(rig.client.bound)) == (0, 1)


def test_start_when_it_is_stopped() -> None:
    """Who starts it as soon as it is told that it is stopped gets one connection, not two."""
    rig = ClientRig()
    rig.bind()
    rig.client.stopService().addCallback(lambda _: rig.client.startService())
    rig.clock.pump([SWEEP] * 3)
    rig.exchange.turn()
    rig.clock.advance(100)
    assert (rig.calls, len(rig.exchange.lines)) == (1, 1)


def test_owner_that_stops_when_it_is_told() -> None:
    """Of a refusal, of a bind, of an end, of an unreachable SMSC: it is stopped, and stays so."""

    class Quitter(Diary):
        def unreachable(self, reason: str) -> None:
            super().unreachable(reason)
            stopping.append(rig.client.stopService())

    def work(_wire: Wire, _events: Sequence[Event]) -> None:
        stopping.append(rig.client.stopService())

    stopping: list[Deferred[Any]] = []
    for case in ("refused", "bound", "closed", "unreachable"):
        stopping.clear()
        rig = ClientRig(diary=Quitter(work))
        if case == "unreachable":
            rig.exchange.refuse()
        elif case == "closed":
            rig.exchange.pick_up().end()
        else:
            rig.bind(Status.ESME_RBINDFAIL if case == "refused" else 0)
            for _ in range(4):
                rig.clock.advance(SWEEP)
                rig.exchange.turn()
        assert stopping
        assert all(one.called for one in stopping)
        rig.assert_quiet()


def test_owner_that_starts_again_when_it_is_told() -> None:
    """Who stops and starts the client because the SMSC is unreachable gets one connection at once, not two."""

    class Restless(Diary):
        def unreachable(self, reason: str) -> None:
            super().unreachable(reason)
            rig.client.stopService()
            rig.client.startService()

    rig = ClientRig(diary=Restless())
    rig.exchange.refuse()
    assert rig.calls == 1
    rig.clock.advance(100)
    assert rig.calls == 1

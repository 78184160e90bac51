"""A client that is kept up: on a clock, with an exchange where the test picks up, refuses, or cuts."""

from collections.abc import Sequence
from random import Random
from typing import Any

import attrs
import pytest
from twisted.internet.task import Clock

from txsmpp.binding import BindReceiver, BindTransmitter, Outbind
from txsmpp.client import FIRST_DELAY, LONGEST_DELAY, STEADY, Client, retry_policy
from txsmpp.constants import RESPONSE, Status
from txsmpp.events import Asked, Bound, Event, State
from txsmpp.frame import pack
from txsmpp.pdu import DeliverSm
from txsmpp.session import Limits
from txsmpp.tlv import EncodeError
from txsmpp.wire import SWEEP, Wire

from .network import Diary, Exchange
from .rigs import TRANSCEIVER, ClientRig, steady
from .sessions import MESSAGE, SUBMIT, UNBIND, request, response

PAIR = (BindTransmitter(system_id=b"mairie"), BindReceiver(system_id=b"mairie"))


def test_bound() -> None:
    """It connects once, binds, and its wire can be used."""
    rig = ClientRig()
    assert rig.calls == 1
    line = rig.bind()
    assert rig.diary.told == [Bound(State.BOUND_TRX, b"SMSC")]
    (wire,) = rig.client.bound
    wire.request(SUBMIT, MESSAGE, "a")
    wire.flush()
    assert [frame[:3] for frame in line.taken()] == [(SUBMIT, 0, 2)]


@pytest.mark.parametrize("field", ["system_id", "password", "system_type", "address_range"])
def test_bind_that_cannot_be_sent(field: str) -> None:
    """It is found out when the client is made, not at each connection."""
    wrong: Any = {field: b"x" * 60}
    bind = attrs.evolve(TRANSCEIVER, **wrong)
    with pytest.raises(EncodeError, match=field):
        Client(Exchange(), [bind], Diary(), Clock(), Limits(), steady)


def test_retry_policy() -> None:
    """It begins with the first delay, doubles to the longest, and adds up to a quarter, another at each try."""
    policy, same = retry_policy(Random(1)), Random(1)
    delays = [policy(attempt) for attempt in range(1, 13)]
    plain = [FIRST_DELAY * 2**number for number in range(8)] + [LONGEST_DELAY] * 4
    assert plain[0] == 0.25
    assert delays == [delay * (1 + same.random() / 4) for delay in plain]
    assert all(delay <= late <= delay * 1.25 for delay, late in zip(plain, delays, strict=True))
    assert retry_policy(Random(), 3, 5)(10_000) <= 6.25


def test_back_off() -> None:
    """Refused connections: told each time, tried after exactly what the policy says, up to a minute and a quarter."""
    rig = ClientRig(retry=retry_policy(Random(7)))
    expected = retry_policy(Random(7))
    for attempt in range(1, 14):
        rig.exchange.refuse()
        assert len(rig.diary.reasons) == attempt
        assert rig.pause() == pytest.approx(expected(attempt), abs=1e-6)
    assert "refused" in rig.diary.reasons[0]
    assert rig.diary.told == []


def test_back_off_of_refused_binds() -> None:
    """A bind that is refused is told with its status, and counts as a failure like others: the pauses grow."""
    rig = ClientRig(retry=retry_policy(Random(7)))
    expected = retry_policy(Random(7))
    for attempt in range(1, 12):
        line = rig.bind(Status.ESME_RINVPASWD)
        assert line.is_over
        assert (len(rig.diary.told), rig.client.bound) == (attempt, [])
        assert rig.diary.ends[-1].status == Status.ESME_RINVPASWD
        assert rig.pause() == pytest.approx(expected(attempt), abs=1e-6)
    assert rig.diary.reasons == []


def test_a_steady_session_begins_the_pauses_anew() -> None:
    """After failures, and a session that lasted, the first pause is the first again; one cut at once counts."""
    rig = ClientRig()
    for attempt in (1, 2, 3):
        rig.exchange.refuse()
        assert rig.pause() == attempt
    rig.bind().end()
    assert rig.client.bound == []
    assert rig.pause() == 4
    line = rig.bind()
    rig.clock.pump([SWEEP] * int(STEADY))
    line.end()
    assert rig.pause() == 1
    rig.exchange.refuse()
    assert rig.pause() == 2


@pytest.mark.parametrize("cut", ["lost", "garbage", "silence", "unbound"])
def test_end_during_the_bind(cut: str) -> None:
    """However a connection ends before its bind is answered: told once, not bound, tried again with longer pauses."""
    rig = ClientRig()
    for attempt in (1, 2):
        line = rig.exchange.pick_up()
        match cut:
            case "lost":
                line.end()
            case "garbage":
                line.wire.dataReceived(b"HTTP/1.1 400 Bad Request")
            case "unbound":
                line.wire.dataReceived(pack(UNBIND, 0, 1))
            case _:
                rig.clock.pump([SWEEP] * 20)
        rig.exchange.turn()
        assert len(rig.diary.ends) == len(rig.diary.told) == attempt
        assert rig.pause() == attempt
    assert rig.client.bound == []


def test_outbind_before_bound() -> None:
    """An SMSC that outbinds though it is bound to already: told, and bound in the same read all the same."""
    rig = ClientRig()
    rig.exchange.refuse()
    rig.pause()
    line = rig.exchange.pick_up()
    line.wire.dataReceived(request(Outbind(system_id=b"S"), 1) + response(TRANSCEIVER.command, 1, b"SMSC\0"))
    assert [type(event).__name__ for event in rig.diary.told] == ["Told", "Bound"]
    assert len(rig.client.bound) == 1
    line.end()
    assert rig.client.bound == []


def test_bound_and_over_in_one_read() -> None:
    """Nobody is given the wire, and the pauses go on growing: this is not an SMSC that takes anything."""
    rig = ClientRig(diary=Diary(lambda _wire, _events: bounds.append(len(rig.client.bound))))
    bounds: list[int] = []
    rig.exchange.refuse()
    rig.pause()
    line = rig.exchange.pick_up()
    line.wire.dataReceived(response(TRANSCEIVER.command, 1, b"SMSC\0") + pack(UNBIND, 0, 1))
    assert bounds == [0]
    assert [frame[:3] for frame in line.taken()[1:]] == [(UNBIND | RESPONSE, 0, 1)]
    rig.exchange.turn()
    assert rig.pause() == 2


def test_transmitter_and_receiver() -> None:
    """Each bind has a connection of its own, and fails and comes back by itself."""
    rig = ClientRig(PAIR)
    assert rig.calls == 2
    first, second = rig.bind(), rig.bind()
    assert [wire.session.state for wire in rig.client.bound] == [State.BOUND_TX, State.BOUND_RX]
    first.end()
    assert [wire.session.state for wire in rig.client.bound] == [State.BOUND_RX]
    second.wire.dataReceived(request(DeliverSm(), 9))
    assert isinstance(rig.diary.told[-1], Asked)
    assert rig.calls == 0
    rig.clock.advance(1)
    assert rig.calls == 1
    rig.bind()
    assert {wire.session.state for wire in rig.client.bound} == {State.BOUND_TX, State.BOUND_RX}


def test_several_binds_at_once() -> None:
    """Five links of one kind; only those that are lost are made again."""
    rig = ClientRig([TRANSCEIVER] * 5)
    lines = [rig.bind() for _ in range(5)]
    assert len(rig.client.bound) == 5
    for line in lines[1:4]:
        line.end()
    assert len(rig.client.bound) == 2
    rig.clock.advance(1)
    assert rig.calls == 3


def test_owner_that_raises() -> None:
    """In either of its methods: the client goes on."""

    class Clumsy(Diary):
        def unreachable(self, reason: str) -> None:
            super().unreachable(reason)
            raise ZeroDivisionError

    def work(_wire: Wire, events: Sequence[Event]) -> None:
        raise ZeroDivisionError(events)

    rig = ClientRig(diary=Clumsy(work))
    rig.exchange.refuse()
    assert rig.pause() == 1
    line = rig.bind()
    assert (line.is_over, rig.client.bound) == (True, [])
    assert rig.pause() == 2
    assert rig.stop() != []
    rig.assert_quiet()


def test_wires_are_new() -> None:
    """Each connection has a session of its own: numbers begin anew, and what was unanswered stays with its end."""
    rig = ClientRig()
    line = rig.bind()
    rig.client.bound[0].request(SUBMIT, MESSAGE, "a")
    line.end()
    assert rig.diary.ends[0].unanswered == ["a"]
    rig.pause()
    line = rig.bind()
    rig.client.bound[0].request(SUBMIT, MESSAGE, "b")
    rig.client.bound[0].flush()
    assert [frame[:3] for frame in line.taken()] == [(SUBMIT, 0, 2)]
    assert len({id(wire) for wire in rig.diary.wires}) == 2

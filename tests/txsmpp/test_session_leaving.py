"""The end of a session in order: unbind by us, by the peer, by both, and what happens meanwhile."""

from typing import Any

import pytest

from txsmpp.constants import RESPONSE, Command, Status
from txsmpp.events import Answered, Asked, Closed, Silent, State, Told
from txsmpp.frame import pack
from txsmpp.pdu import AlertNotification, DeliverSm, SubmitSm
from txsmpp.session import NotNow, Role, Session

from .sessions import (
    DELIVER,
    ENQUIRE,
    MESSAGE,
    NACK,
    SUBMIT,
    UNBIND,
    asked,
    assert_over,
    bound,
    closed,
    contexts,
    heads,
    only,
    request,
    response,
)

UNBOUND = response(UNBIND, 2, b"")
ROLES = pytest.mark.parametrize("role", Role)


def leaving(role: Role, **limits: Any) -> Session:
    """A session that has sent its unbind: number 2 of an ESME's."""
    session = bound(role, **limits)
    assert session.unbind() == []
    assert heads(session.output()) == [(UNBIND, 0, 2 if role is Role.ESME else 1)]
    return session


@ROLES
@pytest.mark.parametrize("state", [State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX])
def test_idle(role: Role, state: State) -> None:
    """Nothing is under way: unbind at once, over with its response."""
    session = bound(role, state)
    assert session.unbind() == []
    ((command, status, sequence),) = heads(session.output())
    assert (command, status) == (UNBIND, 0)
    assert session.unbind() == []
    assert session.output() == b""
    assert session.receive(response(UNBIND, sequence, b"")) == [Closed("unbound", 0, [])]
    assert_over(session)


@pytest.mark.parametrize("answer", [response(UNBIND, 2, b"", 0x08), pack(NACK, 3, 2), response(UNBIND, 2, b"more")])
def test_refused_unbind(answer: bytes) -> None:
    """Whatever the peer thinks of it, the session is over."""
    session = leaving(Role.ESME)
    assert session.receive(answer) == [Closed("unbound", 0, [])]
    assert_over(session)


@ROLES
def test_not_bound(role: Role) -> None:
    """Before the bind there is nothing to unbind: it is over at once, without a word."""
    session = bound(role, State.OPEN)
    closed(session.unbind())
    assert_over(session)


def test_drains_what_is_pending() -> None:
    """The unbind waits for all responses, in whatever form, and no request joins them."""
    session = bound(Role.ESME)
    contexts(session, 3)
    session.output()
    assert session.unbind() == []
    assert session.room == 0
    with pytest.raises(NotNow):
        session.request(SUBMIT, MESSAGE, 3)
    assert session.receive(response(SUBMIT, 3)) == [Answered(1, SUBMIT | RESPONSE, 0, b"7\0")]
    only(session.receive(pack(NACK, 3, 2)), Answered)
    assert session.output() == b""
    only(session.receive(response(SUBMIT, 4)), Answered)
    assert heads(session.output()) == [(UNBIND, 0, 5)]
    assert session.receive(response(UNBIND, 5, b"")) == [Closed("unbound", 0, [])]


def test_drains_what_is_owed() -> None:
    """The unbind waits for our own answers too, and follows the last of them."""
    session = bound(Role.SMSC)
    first, second = asked(session.receive(request(SubmitSm(), 5) + request(SubmitSm(), 6)))
    session.unbind()
    session.respond(second)
    assert heads(session.output()) == [(SUBMIT | RESPONSE, 0, 6)]
    session.respond(first, Status.ESME_RTHROTTLED)
    assert heads(session.output()) == [(SUBMIT | RESPONSE, 0x58, 5), (UNBIND, 0, 1)]


def test_drains_both() -> None:
    """Pending and owed, whichever ends last."""
    for pending_last in (False, True):
        session = bound(Role.ESME)
        contexts(session, 1)
        (wish,) = asked(session.receive(request(DeliverSm(), 1)))
        session.unbind()
        session.output()
        for pending in (not pending_last, pending_last):
            assert UNBIND not in {head[0] for head in heads(session.output())}
            if pending:
                session.receive(response(SUBMIT, 2))
            else:
                session.respond(wish)
        assert heads(session.output())[-1] == (UNBIND, 0, 3)


def test_drained_by_time() -> None:
    """A request that is given up is no reason to stay."""
    session = bound(Role.ESME, answer_seconds=2, unbind_seconds=5)
    contexts(session, 1)
    session.unbind()
    session.output()
    assert session.tick(2) == [Silent([0])]
    assert heads(session.output()) == [(UNBIND, 0, 3)]


@ROLES
def test_unbind_is_not_answered(role: Role) -> None:
    """It is over after unbind_seconds all the same, and no second unbind is sent."""
    session = leaving(role, unbind_seconds=3)
    assert session.tick(2.9) == []
    assert session.tick(3) == [Closed("unbound", 0, [])]
    assert session.output() == b""
    assert_over(session)


def test_draining_takes_too_long() -> None:
    """After unbind_seconds the unbind goes and the session ends, with what has no answer; later answers are void."""
    session = bound(Role.ESME, unbind_seconds=3)
    session.tick(10)
    contexts(session, 2)
    (wish,) = asked(session.receive(request(DeliverSm(), 1)))
    session.unbind()
    session.output()
    assert session.tick(12.9) == []
    assert session.tick(13) == [Closed("unbound, with something unfinished", 0, [0, 1])]
    assert heads(session.output()) == [(UNBIND, 0, 4)]
    assert session.respond(wish) == []
    assert_over(session)


@ROLES
def test_peer_unbinds(role: Role) -> None:
    """Answered at once where nothing is under way."""
    session = bound(role)
    assert session.receive(pack(UNBIND, 0, 99)) == [Closed("the peer unbound", 0, [])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 99)
    assert_over(session)


@ROLES
def test_peer_unbinds_and_owes(role: Role) -> None:
    """What it owes may come right behind its unbind, and is waited for: a message is not sent twice for nothing."""
    session = bound(role, unbind_seconds=3)
    command = SUBMIT if role is Role.ESME else DELIVER
    session.request(command, b"", "first")
    session.request(command, b"", "second")
    sequences = [sequence for _, _, sequence in heads(session.output())]
    first, second = (response(command, sequence) for sequence in sequences)
    assert [type(one) for one in session.receive(pack(UNBIND, 0, 99) + first)] == [Answered]
    assert session.output() == b""
    assert session.room == 0
    *_, end = session.receive(second)
    assert end == Closed("the peer unbound", 0, [])
    assert session.output() == pack(UNBIND | RESPONSE, 0, 99)
    assert_over(session)


def test_peer_unbinds_and_answers_in_one_read() -> None:
    """However the octets are cut, the answer behind its unbind ends the session in order."""
    session = bound(Role.ESME)
    contexts(session, 1)
    session.output()
    events = session.receive(pack(UNBIND, 0, 9) + response(SUBMIT, 2))
    assert events == [Answered(0, SUBMIT | RESPONSE, 0, b"7\0"), Closed("the peer unbound", 0, [])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 9)
    assert_over(session)


@ROLES
def test_peer_unbinds_and_never_answers(role: Role) -> None:
    """It is waited for no longer than unbind_seconds; what it owes is unanswered."""
    session = bound(role, unbind_seconds=3)
    session.request(SUBMIT if role is Role.ESME else DELIVER, b"", "mine")
    session.output()
    assert session.receive(pack(UNBIND, 0, 99)) == session.tick(2.9) == []
    assert session.tick(3) == [Closed("unbound, with something unfinished", 0, ["mine"])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 99)


@ROLES
def test_peer_unbinds_before_the_bind(role: Role) -> None:
    """Polite to the end: it is answered."""
    session = bound(role, State.OPEN)
    assert session.receive(pack(UNBIND, 0, 4)) == [Closed("the peer unbound", 0, [])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 4)


def test_peer_unbinds_while_its_bind_is_looked_at() -> None:
    """It is told of its bind, then of its unbind, and nothing can be sent between."""
    session = Session(Role.SMSC)
    bind = pack(Command.BIND_TRANSCEIVER, 0, 1, b"a\0b\0\0\x34\0\0\0")
    (wish,) = asked(session.receive(bind + pack(UNBIND, 0, 2)))
    assert session.room == 0
    assert session.respond(wish) == [Closed("the peer unbound", 0, [])]
    assert heads(session.output()) == [(Command.BIND_TRANSCEIVER_RESP, 0, 1), (UNBIND | RESPONSE, 0, 2)]


def test_peer_unbinds_and_is_owed() -> None:
    """The answer to its unbind is the last it gets, after the others; ours that come meanwhile are told."""
    session = bound(Role.ESME)
    contexts(session, 1)
    first, second = asked(session.receive(request(DeliverSm(), 1) + request(DeliverSm(), 2) + pack(UNBIND, 0, 3)))
    session.output()
    assert session.room == 0
    with pytest.raises(NotNow):
        session.request(SUBMIT, MESSAGE, 3)
    assert session.respond(second) == []
    assert heads(session.output()) == [(DELIVER | RESPONSE, 0, 2)]
    only(session.receive(response(SUBMIT, 2)), Answered)
    assert session.unbind() == []
    assert session.output() == b""
    assert session.respond(first) == [Closed("the peer unbound", 0, [])]
    assert heads(session.output()) == [(DELIVER | RESPONSE, 0, 1), (UNBIND | RESPONSE, 0, 3)]


def test_peer_unbinds_and_is_owed_too_long() -> None:
    """It is answered after unbind_seconds though we still owe, and the session ends."""
    session = bound(Role.SMSC, unbind_seconds=3)
    session.tick(1)
    asked(session.receive(request(SubmitSm(), 1) + pack(UNBIND, 0, 2)))
    assert session.tick(3.9) == []
    assert session.tick(4) == [Closed("unbound, with something unfinished", 0, [])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 2)


@ROLES
def test_both_at_once(role: Role) -> None:
    """Two unbinds cross: each side answers the other's and is over, once."""
    session = leaving(role)
    assert session.receive(pack(UNBIND, 0, 7) + UNBOUND) == [Closed("the peer unbound", 0, [])]
    assert session.output() == pack(UNBIND | RESPONSE, 0, 7)
    assert_over(session)


def test_both_at_once_while_draining() -> None:
    """The peer's unbind overtakes ours that still waits: ours is not sent any more."""
    session = bound(Role.ESME)
    contexts(session, 1)
    (wish,) = asked(session.receive(request(DeliverSm(), 1)))
    session.unbind()
    session.output()
    assert session.receive(pack(UNBIND, 0, 2)) == []
    assert session.respond(wish) == []
    *_, end = session.receive(response(SUBMIT, 2))
    assert end == Closed("the peer unbound", 0, [])
    assert heads(session.output()) == [(DELIVER | RESPONSE, 0, 1), (UNBIND | RESPONSE, 0, 2)]


def test_the_last_response_and_the_unbinds_in_one_read() -> None:
    """The response sends our unbind at once, so that an answer right behind it is understood."""
    session = bound(Role.ESME)
    contexts(session, 1)
    session.unbind()
    events = session.receive(response(SUBMIT, 2) + response(UNBIND, 3, b""))
    assert events == [Answered(0, SUBMIT | RESPONSE, 0, b"7\0"), Closed("unbound", 0, [])]
    assert session.strays == 0


@pytest.mark.parametrize("by_peer", [False, True])
def test_requests_while_leaving(by_peer: bool) -> None:
    """They come too late: refused for the time being, so that they come again; alerts are told, enquiries answered."""
    session = bound(Role.ESME)
    (wish,) = asked(session.receive(request(DeliverSm(), 1)))
    if by_peer:
        session.receive(pack(UNBIND, 0, 2))
    else:
        session.unbind()
    events = session.receive(request(DeliverSm(), 3) + request(AlertNotification(), 4) + pack(ENQUIRE, 0, 5))
    assert events == [Told(AlertNotification())]
    assert heads(session.output()) == [
        (DELIVER | RESPONSE, Status.ESME_RX_T_APPN, 3),
        (ENQUIRE | RESPONSE, 0, 5),
    ]
    session.respond(wish)
    assert heads(session.output())[0] == (DELIVER | RESPONSE, 0, 1)


@ROLES
def test_lost_while_leaving(role: Role) -> None:
    """The connection's end is the session's, whatever was awaited."""
    session = leaving(role)
    assert session.lost("cut") == [Closed("cut", 0, [])]
    assert_over(session)


def test_garbage_while_leaving() -> None:
    """It is nacked, and the end."""
    session = leaving(Role.ESME)
    end = closed(session.receive(b"\0\0\0\1"))
    assert "1 octets" in end.reason
    assert heads(session.output()) == [(NACK, Status.ESME_RINVCMDLEN, 0)]


def test_no_time_for_an_end() -> None:
    """With unbind_seconds of 0 the next sweep ends it."""
    session = bound(Role.ESME, unbind_seconds=0)
    contexts(session, 1)
    session.unbind()
    assert session.tick(0) == [Closed("unbound, with something unfinished", 0, [0])]


def test_answered_is_asked_once() -> None:
    """A second answer to the same request neither is sent nor frees anything."""
    session = bound(Role.SMSC, asked=1)
    wish = only(session.receive(request(SubmitSm(), 1)), Asked)
    session.respond(wish)
    session.respond(wish, Status.ESME_RSYSERR)
    session.respond(wish)
    assert heads(session.output()) == [(SUBMIT | RESPONSE, 0, 1)]
    asked(session.receive(request(SubmitSm(), 2)))
    assert session.receive(request(SubmitSm(), 3)) == []
    assert heads(session.output()) == [(SUBMIT | RESPONSE, Status.ESME_RMSGQFUL, 3)]

"""Requests of ours: the window, sequence numbers, responses of all kinds, and those that never come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.constants import LARGEST_SEQUENCE, RESPONSE, Command, Status
from txsmpp.events import Answered, Closed, Event, Late, Silent
from txsmpp.frame import pack
from txsmpp.session import NotNow, Role

from .sessions import ENQUIRE, MESSAGE, NACK, SUBMIT, bound, closed, contexts, heads, only, response
from .strategies import QUICK


def answered(events: list[Event]) -> list[Any]:
    """The contexts of responses; there is nothing else."""
    assert all(isinstance(event, Answered) for event in events), events
    return [event.context for event in events if isinstance(event, Answered)]


def test_window_fills() -> None:
    """So many and no more; NotNow leaves nothing behind, and each response makes room for one."""
    session = bound(Role.ESME, window=3)
    contexts(session, 3)
    assert session.room == 0
    for _ in range(2):
        with pytest.raises(NotNow, match="3 unanswered"):
            session.request(SUBMIT, MESSAGE, "one too many")
    assert heads(session.output()) == [(SUBMIT, 0, 2), (SUBMIT, 0, 3), (SUBMIT, 0, 4)]
    assert answered(session.receive(response(SUBMIT, 3))) == [1]
    assert session.room == 1
    session.request(SUBMIT, MESSAGE, 3)
    assert heads(session.output()) == [(SUBMIT, 0, 5)]
    assert session.lost("") == [Closed("", 0, [0, 2, 3])]


@pytest.mark.parametrize("window", [0, -1])
def test_no_window(window: int) -> None:
    """Nothing is sent, and room is none rather than less."""
    session = bound(Role.ESME, window=window)
    assert session.room == 0
    with pytest.raises(NotNow):
        session.request(SUBMIT, MESSAGE, None)


def test_enquiries_are_outside_the_window() -> None:
    """A full window does not keep us from asking whether the peer is there."""
    session = bound(Role.ESME, window=1, enquire_seconds=5)
    contexts(session, 1)
    session.output()
    assert session.tick(5) == []
    assert heads(session.output()) == [(ENQUIRE, 0, 3)]


def test_sequence_numbers_go_round() -> None:
    """After 0x7FFFFFFF comes 1, never 0, and what is unanswered is passed over: requests and enquire_links alike."""
    session = bound(Role.ESME, window=10, enquire_seconds=5)
    contexts(session, 2)
    session.tick(5)
    assert heads(session.output()) == [(SUBMIT, 0, 2), (SUBMIT, 0, 3), (ENQUIRE, 0, 4)]
    answered(session.receive(response(SUBMIT, 2)))
    session._sequence = LARGEST_SEQUENCE - 1
    contexts(session, 4, first=2)
    assert [sequence for _, _, sequence in heads(session.output())] == [LARGEST_SEQUENCE, 1, 2, 5]
    assert answered(session.receive(b"".join(response(SUBMIT, number) for number in (5, 3, LARGEST_SEQUENCE)))) == [
        5,
        1,
        2,
    ]


@QUICK
@given(st.data())
def test_responses_in_any_order(data: st.DataObject) -> None:
    """Each comes back once with its own context, status and body, whatever the order; a second one is a stray."""
    count = data.draw(st.integers(1, 30))
    session = bound(Role.ESME, window=count)
    contexts(session, count)
    order = data.draw(st.permutations(range(count)))
    twice = data.draw(st.sets(st.sampled_from(order)))
    stream, told = b"", []
    for context in order:
        status = data.draw(st.sampled_from([0, 0x58, 0x450]))
        body = b"" if status else b"id%d\0" % context
        told.append(Answered(context, SUBMIT | RESPONSE, status, body))
        stream += response(SUBMIT, context + 2, body, status) * (1 + (context in twice))
    assert session.receive(stream) == told
    assert (session.strays, session.room) == (len(twice), count)
    assert session.lost("") == [Closed("", 0, [])]


@pytest.mark.parametrize(
    "stray",
    [
        response(SUBMIT, 9),
        response(SUBMIT, 0),
        response(SUBMIT, 0x80000002),
        response(SUBMIT, 1),
        response(Command.DATA_SM, 2),
        response(Command.QUERY_SM, 2, b"\xff" * 9),
        response(ENQUIRE, 2, b""),
        response(Command.UNBIND, 2, b""),
        response(Command.BIND_TRANSCEIVER, 2),
        pack(NACK, 3, 9),
        pack(NACK, 0, 0xFFFFFFFF),
        pack(0x80ABCDEF, 0, 2),
        pack(0xFFFFFFFF, 0, 2, b"anything"),
    ],
)
def test_strays(stray: bytes) -> None:
    """An unknown number or the wrong command answers nothing and says nothing; the true response still does."""
    session = bound(Role.ESME)
    contexts(session, 1)
    session.output()
    assert session.receive(stray) == []
    assert (session.strays, session.output(), session.room) == (1, b"", 9)
    assert answered(session.receive(response(SUBMIT, 2))) == [0]


@pytest.mark.parametrize(("status", "told"), [(3, 3), (0x58, 0x58), (0, Status.ESME_RUNKNOWNERR)])
def test_nack_answers_a_request(status: int, told: int) -> None:
    """It is never a success, and its body is nobody's."""
    session = bound(Role.ESME)
    contexts(session, 1)
    assert session.receive(pack(NACK, status, 2, b"body")) == [Answered(0, NACK, told, b"")]
    assert session.room == 10


def test_nack_of_nothing() -> None:
    """With sequence number 0 the peer lost its place in the stream: all that is unanswered stays so."""
    session = bound(Role.ESME)
    contexts(session, 2)
    end = closed(session.receive(pack(NACK, 2, 0) + response(SUBMIT, 2)))
    assert (end.status, end.unanswered) == (2, [0, 1])
    assert "ESME_RINVCMDLEN" in end.reason


def test_nacked_enquiry() -> None:
    """Who nacks an enquire_link is there."""
    session = bound(Role.ESME, enquire_seconds=5)
    session.tick(5)
    assert session.receive(pack(NACK, 3, 2)) == []
    assert session.strays == 0
    session.output()
    session.tick(10)
    assert heads(session.output()) == [(ENQUIRE, 0, 3)]


def test_message_id() -> None:
    """To the first NUL, or all where there is none."""
    for body, told in ((b"12ab\0", b"12ab"), (b"12ab", b"12ab"), (b"", b""), (b"\0", b""), (b"1\0\0\x1d", b"1")):
        session = bound(Role.ESME)
        contexts(session, 1)
        assert only(session.receive(response(SUBMIT, 2, body)), Answered).message_id == told


def test_time_outs() -> None:
    """A sweep tells exactly what is late by then, in the order of sending, and makes room; the session goes on."""
    session = bound(Role.ESME, window=10, answer_seconds=60, enquire_seconds=1000)
    for now in (0.0, 1.0, 2.0):
        session.tick(now)
        contexts(session, 2, first=int(now) * 2)
    answered(session.receive(response(SUBMIT, 3)))
    assert session.tick(59.9) == []
    assert session.tick(60.5) == [Silent([0])]
    assert session.room == 6
    assert session.tick(60.9) == []
    assert session.tick(70) == [Silent([2, 3, 4, 5])]
    assert (session.room, session.is_closed) == (10, False)


@QUICK
@given(
    st.lists(st.tuples(st.floats(0, 20), st.integers(0, 5), st.sets(st.integers(0, 40))), max_size=20),
    st.floats(0.5, 30),
)
def test_time_outs_against_a_model(steps: list[tuple[float, int, set[int]]], seconds: float) -> None:
    """Whatever is sent and answered when, Silent has what is as old as answer_seconds, and Closed has the rest.

    What is answered after Silent is told as Late, once.
    """
    session = bound(Role.ESME, window=1000, answer_seconds=seconds, enquire_seconds=1e9)
    now, made, waiting, silent = 0.0, 0, dict[int, float](), set[int]()
    for pause, count, answers in steps:
        now += pause
        late = [context for context, at in waiting.items() if at <= now - seconds]
        for context in late:
            del waiting[context]
        silent.update(late)
        assert session.tick(now) == ([Silent(late)] if late else [])
        waiting |= dict.fromkeys(contexts(session, count, first=made), now)
        made += count
        hit = [(context, Late if context in silent else Answered) for context in sorted({*waiting, *silent} & answers)]
        told = session.receive(b"".join(response(SUBMIT, context + 2) for context in sorted(answers)))
        assert [(event.context, type(event)) for event in told if isinstance(event, Answered | Late)] == hit
        assert len(told) == len(hit)
        for context in answers:
            waiting.pop(context, None)
            silent.discard(context)
    assert session.lost("") == [Closed("", 0, list(waiting))]


def test_late_and_leaving() -> None:
    """The sweep that ends a session tells what is late with the rest, once."""
    session = bound(Role.ESME, answer_seconds=2, unbind_seconds=3)
    contexts(session, 2)
    session.unbind()
    assert session.tick(5) == [Closed("unbound, with something unfinished", 0, [0, 1])]


def test_silent_peer_is_asked() -> None:
    """After enquire_seconds of silence, once; an answer begins the silence anew."""
    session = bound(Role.ESME, enquire_seconds=30, link_seconds=20)
    assert [session.tick(now) for now in range(1, 30)] == [[]] * 29
    assert session.output() == b""
    assert [session.tick(now) for now in range(30, 45)] == [[]] * 15
    assert session.output() == pack(ENQUIRE, 0, 2)
    assert session.receive(response(ENQUIRE, 2, b"")) == []
    assert [session.tick(now) for now in range(45, 74)] == [[]] * 29
    assert session.output() == b""
    session.tick(74)
    assert session.output() == pack(ENQUIRE, 0, 3)


def test_silent_peer_is_gone() -> None:
    """link_seconds after it was asked, with all that is unanswered."""
    session = bound(Role.SMSC, enquire_seconds=30, link_seconds=20)
    session.request(Command.DELIVER_SM, b"", "mine")
    session.tick(30)
    assert session.tick(49.9) == []
    assert session.tick(50) == [Closed("the peer is silent", 0, ["mine"])]


def test_late_and_gone() -> None:
    """The same sweep finds requests late and the peer gone: each context is told once."""
    session = bound(Role.ESME, enquire_seconds=30, link_seconds=20, answer_seconds=50)
    contexts(session, 1)
    session.tick(30)
    contexts(session, 1, first=1)
    assert session.tick(50) == [Silent([0]), Closed("the peer is silent", 0, [1])]


@pytest.mark.parametrize("life", [b"\0", pack(ENQUIRE, 0, 1), response(SUBMIT, 2), pack(0x1234, 0, 5)])
@pytest.mark.parametrize("at", [30, 31, 49])
def test_other_traffic_is_life(at: int, life: bytes) -> None:
    """Any octet after the question counts as its answer, even before the next sweep."""
    session = bound(Role.ESME, enquire_seconds=30, link_seconds=20)
    session.tick(30)
    session.tick(at)
    session.receive(life)
    for now in range(at + 1, at + 30):
        assert session.tick(now) == []


def test_peer_dies_after_it_left_a_question_open() -> None:
    """A peer that never answers enquire_link but talks is asked anew whenever it is silent, and found dead at last."""
    session = bound(Role.ESME, enquire_seconds=30, link_seconds=20)
    for round_ in range(3):
        begin = round_ * 40
        session.tick(begin + 30)
        assert heads(session.output()) == [(ENQUIRE, 0, 2 + round_)]
        session.tick(begin + 40)
        session.receive(pack(ENQUIRE, 0, 1))
        session.output()
    session.tick(150)
    assert heads(session.output()) == [(ENQUIRE, 0, 5)]
    assert session.tick(169) == []
    assert session.tick(170) == [Closed("the peer is silent", 0, [])]
    assert session.strays == 0


def test_enquiry_answered_after_other_traffic() -> None:
    """The late answer to a question that was dropped is a stray, and harms nobody."""
    session = bound(Role.ESME, enquire_seconds=30, link_seconds=20)
    session.tick(30)
    session.receive(pack(ENQUIRE, 0, 1))
    session.tick(31)
    assert session.receive(response(ENQUIRE, 2, b"")) == []
    assert session.strays == 1


def test_busy_peer_is_not_asked() -> None:
    """While something comes, no enquire_link goes."""
    session = bound(Role.ESME, enquire_seconds=2)
    for now in range(1, 100):
        session.receive(pack(ENQUIRE, 0, now))
        session.tick(now)
    assert {head[0] for head in heads(session.output())} == {ENQUIRE | RESPONSE}

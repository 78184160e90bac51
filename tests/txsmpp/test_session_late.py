"""Answers that come after their request was told in Silent: heard once, outside the window, while they are kept."""

import pytest

from txsmpp import session as session_module
from txsmpp.constants import LARGEST_SEQUENCE, RESPONSE, Command, Status
from txsmpp.events import Answered, Closed, Event, Late, Silent
from txsmpp.frame import pack
from txsmpp.session import Role, Session

from .sessions import DELIVER, ENQUIRE, MESSAGE, NACK, SUBMIT, UNBIND, bound, contexts, heads, only, response


def silent(count: int) -> Session:
    """An ESME whose ``count`` requests, from sequence number 2 on, were told in Silent."""
    session = bound(Role.ESME, window=count, answer_seconds=60, enquire_seconds=1e9)
    made = contexts(session, count)
    session.output()
    assert session.tick(60) == [Silent(made)]
    return session


def kinds(events: list[Event]) -> list[type[Event]]:
    """Their types: tuples of two types may be equal."""
    return [type(event) for event in events]


@pytest.mark.parametrize(("status", "body"), [(0, b"12ab\0"), (0, b""), (0x58, b""), (0x450, b"7\0")])
def test_late(status: int, body: bytes) -> None:
    """It is told with its context, command, status and body, as an answer is; a second one is a stray."""
    session = silent(2)
    late = only(session.receive(response(SUBMIT, 3, body, status)), Late)
    assert late == Late(1, SUBMIT | RESPONSE, status, body)
    assert late.message_id == body.rstrip(b"\0")
    assert session.strays == 0
    assert session.receive(response(SUBMIT, 3, body, status)) == []
    assert (session.strays, session.output()) == (1, b"")


def test_late_is_not_answered() -> None:
    """Who asks for one does not get the other."""
    assert not isinstance(Late(1, 2, 3, b""), Answered)
    assert not isinstance(Answered(1, 2, 3, b""), Late)
    assert repr(Late(1, 2, 3, b"")) == "Late(context=1, command=2, status=3, body=b'')"


@pytest.mark.parametrize(("status", "told"), [(3, 3), (0, Status.ESME_RUNKNOWNERR)])
def test_late_nack(status: int, told: int) -> None:
    """A generic_nack is late as a response is, and never a success."""
    session = silent(1)
    late = only(session.receive(pack(NACK, status, 2, b"body")), Late)
    assert late == Late(0, NACK, told, b"")


def test_late_smsc() -> None:
    """An SMSC hears of its deliver_sm as an ESME does of its submit_sm."""
    session = bound(Role.SMSC, answer_seconds=60, enquire_seconds=1e9)
    session.request(DELIVER, b"", "mine")
    assert session.tick(60) == [Silent(["mine"])]
    assert only(session.receive(response(DELIVER, 1, b"\0")), Late).context == "mine"


@pytest.mark.parametrize("stray", [response(Command.DATA_SM, 2), response(ENQUIRE, 2, b""), response(UNBIND, 2, b"")])
def test_wrong_response(stray: bytes) -> None:
    """The wrong command under the right number is a stray, and the true response is still heard."""
    session = silent(1)
    assert session.receive(stray) == []
    assert session.strays == 1
    only(session.receive(response(SUBMIT, 2)), Late)


def test_outside_the_window() -> None:
    """What is silent takes no room, and what comes late makes none."""
    session = silent(3)
    assert session.room == 3
    contexts(session, 2, first=3)
    events = session.receive(response(SUBMIT, 2) + response(SUBMIT, 5) + response(SUBMIT, 3))
    assert kinds(events) == [Late, Answered, Late]
    assert session.room == 2
    assert session.lost("") == [Closed("", 0, [4])]


def test_numbers_are_not_used_again() -> None:
    """While a late answer may come, its number is nobody else's; then it may be."""
    session = silent(3)
    only(session.receive(response(SUBMIT, 3)), Late)
    session._sequence = LARGEST_SEQUENCE
    contexts(session, 3, first=3)
    assert [sequence for _, _, sequence in heads(session.output())] == [1, 3, 5]
    events = session.receive(b"".join(response(SUBMIT, sequence) for sequence in range(1, 6)))
    assert kinds(events) == [Answered, Late, Answered, Late, Answered]
    assert [event.context for event in events if isinstance(event, Answered | Late)] == [3, 0, 4, 2, 5]


def test_oldest_are_forgotten() -> None:
    """Of more than 10,000 the newest are kept, in one sweep and over several; the others' answers are strays."""
    kept = session_module._KEPT
    assert kept == 10_000
    session = silent(kept + 5)
    assert session.receive(b"".join(response(SUBMIT, 2 + number) for number in range(5))) == []
    assert session.strays == 5
    contexts(session, 3, first=kept + 5)
    session.tick(120)
    last = range(5, kept + 8)
    events = session.receive(b"".join(response(SUBMIT, 2 + number) for number in last))
    assert [event.context for event in events if isinstance(event, Late)] == list(last[3:])
    assert session.strays == 8


def test_end_tells_nothing_of_them() -> None:
    """They had their end: the session's has those that are unanswered, and nothing follows it."""
    session = silent(2)
    contexts(session, 1, first=2)
    assert session.lost("cut") == [Closed("cut", 0, [2])]
    assert session.receive(response(SUBMIT, 2)) == []


def test_leaving_does_not_wait_for_them() -> None:
    """An unbind goes out at once though late answers may come; one that comes before its response is told."""
    session = silent(2)
    assert session.unbind() == []
    assert heads(session.output()) == [(UNBIND, 0, 4)]
    events = session.receive(response(SUBMIT, 3) + response(UNBIND, 4, b"") + response(SUBMIT, 2))
    assert kinds(events) == [Late, Closed]
    assert events[1] == Closed("unbound", 0, [])


def test_late_and_nack_of_nothing() -> None:
    """A generic_nack with sequence number 0 is no late answer: the session ends."""
    assert kinds(silent(1).receive(pack(NACK, 2, 0))) == [Closed]


def test_message_that_is_never_late() -> None:
    """What was answered in time is not heard again as late, though a sweep follows."""
    session = bound(Role.ESME, answer_seconds=60, enquire_seconds=1e9)
    session.request(SUBMIT, MESSAGE, 0)
    only(session.receive(response(SUBMIT, 2)), Answered)
    assert session.tick(100) == []
    assert session.receive(response(SUBMIT, 2)) == []
    assert session.strays == 1

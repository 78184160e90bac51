"""However the network cuts a stream, a session says the same: a property of every stream, sound or not."""

from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from txsmpp.constants import RESPONSE
from txsmpp.events import Closed, Event, State
from txsmpp.frame import pack
from txsmpp.pdu import BODIES
from txsmpp.session import Limits, Role, Session

from .sessions import DELIVER, INCOMING, MESSAGE, NACK, SUBMIT, assert_over, bound, heads
from .strategies import KINDS, bodies

COMMANDS = sorted(BODIES)

sequences = st.one_of(st.integers(0, 6), st.integers(0, 0xFFFFFFFF))
statuses = st.one_of(st.just(0), st.sampled_from([3, 0x14, 0x58, 0x450, 0xFFFFFFFF]))
anything = st.sampled_from(KINDS).flatmap(bodies)
written = st.builds(
    lambda body, status, at: pack(body.command, status, at, body.encode()), anything, statuses, sequences
)
likely = st.builds(
    lambda command, status, at: pack(command, status, at, MESSAGE if command in (SUBMIT, DELIVER) else b"7\0"),
    st.sampled_from([*COMMANDS, *[SUBMIT, DELIVER, SUBMIT | RESPONSE, DELIVER | RESPONSE, NACK] * 4]),
    statuses,
    sequences,
)
strange = st.builds(pack, st.integers(0, 0xFFFFFFFF), statuses, sequences, st.binary(max_size=40))
pdus = st.one_of(likely, likely, written, strange)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """PDUs one after another; in one of three, some octets are wrong, missing or too many."""
    data = b"".join(draw(st.lists(pdus, min_size=1, max_size=8)))
    if draw(st.integers(0, 2)):
        return data
    spoiled = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(spoiled) - 1))
        match draw(st.integers(0, 2)):
            case 0:
                spoiled[at] = draw(st.integers(0, 255))
            case 1:
                del spoiled[at:]
                spoiled += b"\0"
            case _:
                spoiled[at:at] = draw(st.binary(max_size=5))
    return bytes(spoiled)


@attrs.frozen
class Start:
    """How a session comes to the stream."""

    role: Role
    state: State
    own: int
    owed: int
    silent: bool
    unbinds: bool
    asked: int

    def session(self) -> Session:
        """One of many that are the same."""
        session = bound(self.role, self.state, Limits(window=5, asked=self.asked))
        command = SUBMIT if self.role is Role.ESME else DELIVER
        if self.state is State.BOUND_TRX:
            for context in range(self.own):
                session.request(command, MESSAGE, context)
            if self.silent:
                session.tick(60)
                session.request(command, MESSAGE, "after the silence")
            for sequence in range(self.owed):
                session.receive(pack(DELIVER if self.role is Role.ESME else SUBMIT, 0, sequence, INCOMING))
        if self.unbinds and self.state is not State.OPEN:
            session.unbind()
        return session


starts = st.builds(
    Start,
    st.sampled_from(Role),
    st.sampled_from([State.OPEN, State.BOUND_TX, State.BOUND_TRX, State.BOUND_TRX]),
    st.integers(0, 5),
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
    st.sampled_from([2, 3, 1000]),
)


def outcome(session: Session, pieces: list[bytes]) -> tuple[Any, ...]:
    """All that can be seen of a session that received these pieces."""
    events: list[Event] = []
    for piece in pieces:
        events += session.receive(piece)
    seen = session.state, session.room, session.strays, session.output()
    # the next sequence number, the time-outs, and what was left
    late = session.tick(1), session.output(), session.tick(1000), session.output(), session.lost("the end")
    return events, seen, late


@settings(deadline=None, max_examples=400)
@given(starts, streams(), st.data())
def test_cuts_change_nothing(start: Start, data: bytes, more: st.DataObject) -> None:
    """Octet by octet, at random, or at once: the same events, the same octets written, the same end."""
    whole = outcome(start.session(), [data])
    assert outcome(start.session(), [data[at : at + 1] for at in range(len(data))]) == whole
    cuts = sorted(more.draw(st.sets(st.integers(0, len(data)), max_size=10)))
    edges = [0, *cuts, len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(edges)]
    assert outcome(start.session(), pieces) == whole


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(Role), st.sampled_from(list(State)[:4]), st.binary(max_size=200))
def test_noise(role: Role, state: State, data: bytes) -> None:
    """Whatever comes, there is no exception; either the session goes on, or it ends with one Closed."""
    session = bound(role, state)
    events = session.receive(data)
    assert [type(event) for event in events].count(Closed) == session.is_closed
    # what is written is whole PDUs, and never a request
    assert all(command & RESPONSE for command, _, _ in heads(session.output()))
    if session.is_closed:
        assert_over(session)

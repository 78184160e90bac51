"""An ESME and an SMSC joined by two queues of octets that delay and cut: nothing is lost, nothing is told twice."""

from collections import Counter
from random import Random
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from txsmpp.constants import LARGEST_SEQUENCE, Status
from txsmpp.events import Answered, Asked, Bound, Closed, Event, Late, Silent, State
from txsmpp.pdu import DeliverSm, SubmitSm
from txsmpp.session import Limits, Role, Session

from .sessions import BINDS, frames

LIMITS: Final = Limits(
    window=4, asked=3, answer_seconds=10, enquire_seconds=6, link_seconds=5, unbind_seconds=4, largest=500
)
OWN: Final = {Role.ESME: SubmitSm, Role.SMSC: DeliverSm}
BY_ITSELF: Final = {int(Status.ESME_RMSGQFUL), int(Status.ESME_RX_T_APPN)}
"""What a session refuses without asking anybody."""

sides = st.sampled_from(Role)


def other(side: Role) -> Role:
    """Its peer."""
    return Role.SMSC if side is Role.ESME else Role.ESME


@attrs.define
class End:
    """One side: its session, what is on its way to it, and all that it was told."""

    session: Session
    coming: bytes = b""
    sent: int = 0
    told: Counter[int] = attrs.field(factory=Counter)
    answered: dict[int, int] = attrs.field(factory=dict)
    """Context → status, be it late."""
    silent: set[int] = attrs.field(factory=set)
    """Contexts told in Silent that may still be answered late."""
    wishes: list[Asked] = attrs.field(factory=list)
    seen: Counter[int] = attrs.field(factory=Counter)
    """The peer's contexts that it was asked."""
    decided: dict[int, int] = attrs.field(factory=dict)
    """The peer's contexts that it answered, with the status."""
    is_over: bool = False

    def take(self, events: list[Event]) -> None:
        """Be told."""
        for event in events:
            assert not self.is_over, f"{event} after Closed"
            match event:
                case Answered(context=context, status=status):
                    self.told[context] += 1
                    self.answered[context] = status
                case Silent(contexts=late):
                    self.told.update(late)
                    self.silent.update(late)
                case Late(context=context, status=status):
                    # KeyError where it was not silent, or is answered twice
                    self.silent.remove(context)
                    self.answered[context] = status
                case Closed(unanswered=rest):
                    self.told.update(rest)
                    self.is_over = True
                case Asked(body=body) if isinstance(body, SubmitSm | DeliverSm):
                    self.seen[int(body.short_message)] += 1
                    self.wishes.append(event)
                case Asked():
                    self.session.respond(event)
                case Bound():
                    pass
                case _:
                    raise AssertionError(event)


class Pair(RuleBasedStateMachine):
    """What may happen between two ends, in any order."""

    @initialize(state=st.sampled_from([*BINDS, State.BOUND_TRX]), at_once=st.booleans())
    def begin(self, state: State, at_once: bool) -> None:
        """The ESME asks to be bound; it is, or that is on its way."""
        self.now = 0.0
        self.ends = {side: End(Session(side, LIMITS)) for side in Role}
        bind = BINDS[state](system_id=b"mairie")
        self.ends[Role.ESME].session.bind(bind)
        self.write()
        if at_once:
            self.arrive(Role.SMSC, 100_000)
            self.arrive(Role.ESME, 100_000)

    def write(self) -> None:
        """What the sessions want written is on its way."""
        for side, end in self.ends.items():
            data = end.session.output()
            assert all(0 < frame.sequence <= LARGEST_SEQUENCE for frame in frames(data))
            self.ends[other(side)].coming += data

    @rule(side=sides, count=st.integers(1, 6))
    def ask(self, side: Role, count: int) -> None:
        """Send as many requests as there is room for."""
        end, kind = self.ends[side], OWN[side]
        allowed = self.ends[side].session.state in (
            State.BOUND_TRX,
            State.BOUND_TX if side is Role.ESME else State.BOUND_RX,
        )
        for _ in range(min(count, end.session.room) if allowed else 0):
            end.session.request(kind.command, kind(short_message=b"%d" % end.sent).encode(), end.sent)
            end.sent += 1
        self.write()

    @rule(side=sides, status=st.sampled_from([0, 0, 0x58]), which=st.integers(0, 10))
    def answer(self, side: Role, status: int, which: int) -> None:
        """Answer one of the peer's requests, if there is one."""
        end = self.ends[side]
        if not end.wishes:
            return
        wish = end.wishes.pop(which % len(end.wishes))
        body: Any = wish.body
        if not end.session.is_closed:
            end.decided[int(body.short_message)] = status
        end.take(end.session.respond(wish, status, b"7\0"))
        assert end.session.respond(wish) == []
        self.write()

    @rule(side=sides, size=st.one_of(st.integers(1, 60), st.just(100_000)))
    def arrive(self, side: Role, size: int) -> None:
        """Some octets arrive."""
        end = self.ends[side]
        data, end.coming = end.coming[:size], end.coming[size:]
        if data:
            end.take(end.session.receive(data))
        self.write()

    @rule(seconds=st.floats(0.1, 4))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        for end in self.ends.values():
            end.take(end.session.tick(self.now))
        self.write()

    @precondition(lambda self: self.now > 2)
    @rule(side=sides)
    def unbind(self, side: Role) -> None:
        """One side leaves."""
        end = self.ends[side]
        end.take(end.session.unbind())
        self.write()

    @precondition(lambda self: self.now > 8)
    @rule(side=sides)
    def cut(self, side: Role) -> None:
        """One side sees the end of the connection; what was on its way to it is lost."""
        end = self.ends[side]
        end.coming = b""
        end.take(end.session.lost("cut"))

    @invariant()
    def nothing_is_told_twice(self) -> None:
        """A context has one end at most, the window holds, and a request is asked at most once."""
        for end in getattr(self, "ends", {}).values():
            assert all(count == 1 for count in end.told.values())
            assert end.sent - end.told.total() <= LIMITS.window
            assert all(count == 1 for count in end.seen.values())
            assert len([wish for wish in end.wishes if not wish.answered]) <= LIMITS.asked or end.is_over
            assert end.is_over is end.session.is_closed

    @invariant()
    def answers_are_the_peers(self) -> None:
        """Each status is what the other side decided, or what its session refuses by itself."""
        for side, end in getattr(self, "ends", {}).items():
            decided = self.ends[other(side)].decided
            for context, status in end.answered.items():
                assert decided[context] == status if context in decided else status in BY_ITSELF

    def teardown(self) -> None:
        """Everything arrives at last: what was decided is known, however late; then the connection ends, all told."""
        if not hasattr(self, "ends"):
            return
        while any(end.coming for end in self.ends.values()):
            for side in Role:
                self.arrive(side, 100_000)
        for side, end in self.ends.items():
            if not end.is_over:
                assert set(self.ends[other(side)].decided) <= set(end.answered)
            end.take(end.session.lost("over"))
            assert end.told == Counter(range(end.sent))
            assert set(self.ends[other(side)].seen) <= set(end.told)


TestPair = Pair.TestCase
TestPair.settings = settings(
    deadline=None, max_examples=250, stateful_step_count=60, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("seed", range(60))
def test_long_lives(seed: int) -> None:
    """The same with thousands of requests, which hypothesis' short stories do not come to."""
    random = Random(seed)
    pair = Pair()
    pair.begin(random.choice([*BINDS, State.BOUND_TRX]), at_once=True)
    steps = {
        "ask": lambda side: pair.ask(side, random.randint(1, 4)),
        "answer": lambda side: pair.answer(side, random.choice([0, 0, 0x58]), random.randint(0, 9)),
        "arrive": lambda side: pair.arrive(side, random.choice([random.randint(1, 60), 1000])),
        "wait": lambda _: pair.wait(random.uniform(0.1, 1.5)),
        "unbind": pair.unbind,
        "cut": pair.cut,
    }
    last = ["unbind", "cut", "wait"][seed % 3]
    for _ in range(400):
        (step,) = random.choices(["ask", "answer", "arrive", "wait"], [30, 40, 60, 2])
        steps[step](random.choice(list(Role)))
        pair.nothing_is_told_twice()
        pair.answers_are_the_peers()
    steps[last](random.choice(list(Role)))
    for _ in range(100):
        steps[random.choice(["ask", "answer", "arrive"])](random.choice(list(Role)))
        pair.nothing_is_told_twice()
        pair.answers_are_the_peers()
    assert pair.ends[Role.ESME].sent + pair.ends[Role.SMSC].sent > 20
    pair.teardown()

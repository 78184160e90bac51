"""Everything at once, by chance: senders, clocks, gateways, receipts, crashes. The promises hold after each step."""

import os
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select
from twisted.internet.defer import Deferred

from smstob.model.account import Account, Format
from smstob.model.draft import Credentials
from smstob.model.ledger import PurseKind, Reason
from smstob.model.message import (
    TRANSITIONS,
    Answer,
    Doubtful,
    Handed,
    Outcome,
    Segment,
    State,
    Throttled,
    Unavailable,
    Unknown,
)
from smstob.model.moment import format_moment
from smstob.model.route import Route
from smstob.model.submission import Submission
from smstob.storage import accounts, settlement, submissions
from smstob.storage.database import Connection
from smstob.storage.schema import ledger_entry, purse
from tests.fakes import WRONG, ChangingGateway
from tests.house import ADDRESS, PARIS, PASSWORD, House, numbers, outcome_of
from tests.tallies import recounted, tallied

ROUTES: Final = (Route("+", ("A", "B")), Route("+336900", ("B",)))
RICH, POOR = "riche@exemple.fr", "pauvre@exemple.fr"
CREDITS: Final = {RICH: 100_000, POOR: 12}
TEXTS: Final = ("Bonjour", "Bonsoir", "long " * 50, "très long " * 45)
GATEWAYS: Final = st.sampled_from(["A", "B"])
MOODS: Final = st.sampled_from(
    [
        *(None, *[Handed("")] * 4, WRONG, Throttled(3.0), Unavailable()),
        *(Unknown(), Unknown(silent=True), Doubtful(""), Doubtful("", 120.0)),
    ]
)
ANSWERS: Final = st.sampled_from([Handed(""), Unknown(), WRONG, Doubtful(""), Doubtful("", 3.0)])
CHOICES: Final = st.randoms(use_true_random=False)
TIMES: Final = st.sampled_from([0.05, 1.0, 2.0, 7.0, 61.0, 301.0, 3700.0, 100_000.0])
SUBMITTED: Final[dict[str, Any]] = {
    "email": st.sampled_from([RICH, RICH, POOR]),
    "destination": st.sampled_from([*numbers(3), *numbers(2, 690_000_000), "Tous", ",".join(numbers(4))]),
    "text": st.sampled_from(TEXTS),
    "minutes": st.sampled_from([0, 0, 0, 1, 3]),
    "format_": st.sampled_from([None, None, Format.FLASH, Format.NORMAL_THEN_FLASH]),
    "reference": st.sampled_from([None, None, "une", "deux"]),
    "validity": st.sampled_from([1, 2]),
}
NOT_REFUNDED: Final = {State.QUEUED, State.HANDED, State.DELIVERED, State.FAILED, State.UNKNOWN}
EXAMPLES: Final = int(os.environ.get("SMSTOB_SIMULATIONS", "75"))


class OnceGateway(ChangingGateway):
    """Remembers what it may have taken and is never to be given again: ``again`` has what it, or another, was given."""

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        self.ended: set[tuple[int, int, bool]] = set()
        self.again: list[Segment] = []

    def submit(self, segments: Sequence[Segment]) -> None:
        """See ``IGateway``."""
        self.again += [one for one in segments if _key(one) in self.ended]
        super().submit(segments)

    def _closed(self, segment: Segment, outcome: Outcome) -> Answer:
        if outcome == Doubtful(""):
            self.ended.add(_key(segment))
        return super()._closed(segment, outcome)


def _key(segment: Segment) -> tuple[int, int, bool]:
    return segment.message, segment.part, segment.flash


def _closure() -> dict[State, set[State]]:
    """Where a message may be after any number of transitions."""
    reached = {state: {state} | set(after) for state, after in TRANSITIONS.items()}
    for _ in State:
        reached = {state: set().union(*(reached[one] for one in after)) for state, after in reached.items()}
    return reached


REACHED: Final = _closure()


def _sender(email: str) -> Credentials:
    return Credentials(email=email, secret=PASSWORD, address=ADDRESS)


class Simulation(RuleBasedStateMachine):
    """One daemon's life on one file; what gateways really took is remembered outside of it."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(mkdtemp(prefix="smstob"))
        self.states: dict[int, State] = {}
        self.accepted = 0
        self.submissions: list[int] = []
        self.pending: list[Any] = []
        self.handed: dict[tuple[int, int, bool], str] = {}
        self.counted: set[str] = set()
        self.told: list[tuple[str, str]] = []
        self.maybe: dict[tuple[str, str], tuple[int, int]] = {}
        self.doubtful: set[int] = set()
        self.ended: set[tuple[int, int, bool]] = set()
        self.runs = 0
        self.serial = 0
        self.house = House(self.path / "a.db", ROUTES)
        for email, credits in CREDITS.items():
            account = self.house.account(email, credits)
            self.house.group(account, "Tous", numbers(12))
        self._open()

    def _open(self) -> None:
        self.runs += 1
        for name in ("A", "B"):
            gateway = self.house.gateway(OnceGateway, name, throughput=20 if name == "A" else 0, window=7)
            gateway.ended = self.ended
            gateway.run = f"{name}{self.runs}"
            gateway.mood = Handed("")
        self.house.open()

    def _gateway(self, name: str) -> OnceGateway:
        gateway = self.house.gateways[name]
        assert isinstance(gateway, OnceGateway)
        return gateway

    @rule(**SUBMITTED)
    def submit_again(self, **rest: Any) -> None:
        """Submitting is what happens most."""
        self.submit_once(**rest)

    @rule(**SUBMITTED)
    def submit(self, **rest: Any) -> None:
        """Somebody sends."""
        self.submit_once(**rest)

    def submit_once(self, email: str, destination: str, minutes: int, format_: Any, **rest: Any) -> None:
        """A draft is handed in; its answer may take a while."""
        when = format_moment(self.house.now + 60 * minutes, PARIS) if minutes else ""
        draft = self.house.draft(destination, sender=_sender(email), when=when, format=format_, **rest)
        waited: list[Any] = []
        self.pending.append(waited)
        Deferred.fromCoroutine(self.house.submitter.submit(draft)).addBoth(waited.append)

    @rule(seconds=TIMES)
    def wait(self, seconds: float) -> None:
        """Time passes; a long while at once, as when a machine slept."""
        self.house.clock.advance(seconds)
        self.house.advance(0.2, 0.1)

    @rule(name=GATEWAYS, mood=MOODS)
    def change(self, name: str, mood: Outcome | None) -> None:
        """A gateway answers otherwise from now on."""
        self._gateway(name).mood = mood

    @rule(name=GATEWAYS, up=st.booleans())
    def link(self, name: str, up: bool) -> None:
        """A link breaks, or stands again."""
        gateway = self._gateway(name)
        if up != (gateway.state == "up"):
            (gateway.go_up if up else gateway.go_down)()

    @rule(name=GATEWAYS, most=st.sampled_from([1, 3, None]), outcome=ANSWERS)
    def answer(self, name: str, most: int | None, outcome: Outcome) -> None:
        """A gateway answers some of what it took in silence."""
        gateway = self._gateway(name)
        if isinstance(outcome, Handed):
            gateway.take(most)
        else:
            gateway.answer(outcome, list(gateway.open.values())[:most])

    @precondition(lambda self: self.told)
    @rule(which=CHOICES, state=st.sampled_from([State.DELIVERED, State.FAILED, State.EXPIRED]))
    def receive(self, which: Any, state: State) -> None:
        """A receipt comes; perhaps for the second time."""
        gateway, reference = which.choice(self.told)
        self.house.receipt(gateway, reference, state).addErrback(lambda _: None)

    @precondition(lambda self: self.maybe)
    @rule(which=CHOICES, state=st.sampled_from([None, State.DELIVERED, State.FAILED]))
    def settle_doubt(self, which: Any, state: State | None) -> None:
        """The network says what became of a part that may have left; or its gateway, that it took it."""
        (gateway, reference), (message, part) = which.choice(list(self.maybe.items()))
        if state is None:
            self.house.network.answered_late(gateway, [Answer(message, part, Handed(reference))])
        else:
            self.house.receipt(gateway, reference, state).addErrback(lambda _: None)

    @rule(name=GATEWAYS)
    def receive_early(self, name: str) -> None:
        """A receipt overtakes the answer, or speaks of nothing."""
        following = len(self._gateway(name).references) + 1
        self.house.receipt(name, f"{self._gateway(name).run}-{following}").addErrback(lambda _: None)

    @precondition(lambda self: self.submissions)
    @rule(which=CHOICES)
    def cancel(self, which: Any) -> None:
        """A submission is cancelled."""
        chosen, now = which.choice(self.submissions), self.house.now
        done = self.house.database.transact(lambda connection: settlement.cancel(connection, chosen, now))
        done.addErrback(lambda _: None)

    @precondition(lambda self: self.submissions)
    @rule(which=CHOICES, minutes=st.sampled_from([0, 1, 5]))
    def postpone(self, which: Any, minutes: int) -> None:
        """A submission is to leave at another minute, if it has not."""
        chosen = which.choice(self.submissions)
        when = format_moment(self.house.now + 60 * minutes, PARIS)
        Deferred.fromCoroutine(self.house.deferrals.postpone(self._account(chosen).id, chosen, when))

    @precondition(lambda self: self.submissions)
    @rule(which=CHOICES, destination=st.sampled_from([numbers(1)[0], "Tous", "faux"]), text=st.sampled_from(TEXTS))
    def replace(self, which: Any, destination: str, text: str) -> None:
        """A submission is replaced by another, perhaps the same; or not."""
        chosen = which.choice(self.submissions)
        draft = self.house.draft(destination, text, sender=self._account(chosen))
        waited: list[Any] = []
        self.pending.append(waited)
        Deferred.fromCoroutine(self.house.deferrals.replace(chosen, draft)).addBoth(waited.append)

    def _account(self, submission: int) -> Account:
        def look(connection: Connection) -> Account | None:
            return accounts.by_id(connection, submissions.account_of(connection, submission) or 0)

        found = self.house.read(look)
        assert found is not None
        return found

    @rule(seconds=TIMES, then=st.booleans())
    def refuse(self, seconds: float, then: bool) -> None:
        """The database refuses everything for a while, though gateways answer; perhaps the daemon dies of it."""
        self._group_in_flight("A", "pendant la panne")
        self.house.database.away = True
        for name in ("A", "B"):
            self._gateway(name).take(3)
            self._gateway(name).mood = Handed("")
        self.house.clock.advance(seconds)
        self.house.advance(0.2, 0.1)
        if then:
            self.crash()
        self.house.database.away = False

    @rule(held=st.sampled_from([True, False, False]))
    def hold(self, held: bool) -> None:
        """The database is slow, or no longer."""
        if held:
            self.house.workers.held = True
        else:
            self.house.workers.go()

    def _group_in_flight(self, name: str, text: str) -> ChangingGateway:
        gateway = self._gateway(name)
        gateway.mood = None
        self.house.workers.go()
        self.serial += 1
        self.house.submit("Tous", f"{self.serial} {text}", sender=_sender(RICH))
        self.house.advance(0.2, 0.1)
        return gateway

    @rule(name=GATEWAYS, text=st.sampled_from(TEXTS), most=st.sampled_from([0, 3, None]), seconds=TIMES)
    def break_in_the_middle(self, name: str, text: str, most: int | None, seconds: float) -> None:
        """A group leaves, and the gateway, silent, takes a few of it before its link breaks for a while."""
        gateway = self._group_in_flight(name, text)
        gateway.take(most)
        gateway.go_down()
        self.house.clock.advance(seconds)
        gateway.mood = Handed("")
        gateway.go_up()

    @rule()
    def crash(self) -> None:
        """The daemon is killed, and starts anew on the same file."""
        self._note_what_was_taken()
        self.doubtful |= {row.id for row in self.house.messages() if row.state == "queued" and row.lease}
        self.ended = {key for key in self.ended if key[0] not in self.doubtful}
        self.house.close()
        self.pending.clear()
        self.house = House(self.path / "a.db", ROUTES, self.house.clock.seconds())
        self._open()

    def _note_what_was_taken(self) -> None:
        for name, gateway in self.house.gateways.items():
            for reference, segment in gateway.doubted.items():
                self.maybe[name, reference] = segment.message, segment.part
            for reference, segment in gateway.references.items():
                if reference in self.counted:
                    continue
                self.counted.add(reference)
                self.told.append((name, reference))
                key = _key(segment)
                assert key not in self.handed or segment.message in self.doubtful, f"{key} was taken twice"
                self.handed[key] = reference

    @invariant()
    def money_is_exact(self) -> None:
        """The ledger verifies, nobody is below zero, and what is not refunded is spent."""
        verification = self.house.verification()
        assert verification.sound, verification
        with self.house.engines.reader.begin() as connection:
            refunds = connection.execute(select(ledger_entry).where(ledger_entry.c.reason == Reason.REFUND.value)).all()
            balances = select(purse.c.balance).where(purse.c.kind == PurseKind.ACCOUNT.value)
            purses = list(connection.execute(balances).scalars())
        rows = {row.id: row for row in self.house.messages()}
        refunded = {int(entry.reference): entry.amount for entry in refunds}
        assert len(refunded) == len(refunds)
        assert min(purses) >= 0
        for id_, amount in refunded.items():
            assert State(rows[id_].state) not in NOT_REFUNDED
            assert amount == rows[id_].credits
        left = {message for message, _ in self.maybe.values()} - self.doubtful
        assert not left & refunded.keys(), "what may have left was refunded"
        kept = sum(row.credits for row in rows.values() if row.id not in refunded)
        assert sum(purses) + kept == sum(CREDITS.values())
        for id_, row in rows.items():
            parts = {part for message, part, _ in self.handed if message == id_}
            if State(row.state) in (State.REJECTED, State.EXPIRED, State.CANCELLED) and not parts:
                assert id_ in refunded
            if len(parts) == row.segments and id_ not in self.doubtful:
                assert id_ not in refunded, "what a gateway took was refunded"

    @invariant()
    def days_are_exact(self) -> None:
        """The tally of each day is what a recount of all messages gives."""
        assert self.house.read(tallied) == self.house.read(recounted)

    @invariant()
    def states_follow_each_other(self) -> None:
        """No message disappears, and none goes where the table does not lead."""
        self._note_what_was_taken()
        assert not [one for name in ("A", "B") for one in self._gateway(name).again], "sent again, though never to be"
        now = {row.id: State(row.state) for row in self.house.messages()}
        for id_, before in self.states.items():
            assert now[id_] in REACHED[before], f"message {id_}: {before} → {now[id_]}"
        self.states = now
        for waited in self.pending:
            if waited and isinstance(waited[0], Submission):
                assert self.house.read(lambda connection, id_=waited[0].id: submissions.account_of(connection, id_))  # type: ignore[misc]
                self.submissions.append(waited[0].id)
        self.pending = [waited for waited in self.pending if not waited]

    def teardown(self) -> None:
        """All is mended: then every message leaves, or has ended."""
        self.house.database.away = False
        self.house.workers.go()
        for name in ("A", "B"):
            gateway = self._gateway(name)
            gateway.mood = Handed("")
            gateway.take()
            gateway.go_up()
        for _ in range(40):
            self.house.clock.advance(61)
            self.house.advance(0.5, 0.1)
            if State.QUEUED not in self.house.states():
                break
        self.states_follow_each_other()
        self.money_is_exact()
        self.days_are_exact()
        assert State.QUEUED not in self.house.states()
        for name, reference in self.told:
            outcome_of(self.house.receipt(name, reference))
        self.house.advance(6, 0.5)
        self.states_follow_each_other()
        self.days_are_exact()
        assert not {State.QUEUED} & set(self.house.states())
        assert sum(len(dispatcher.held()) for dispatcher in self.house.network.dispatchers.values()) == 0
        self.house.close()
        rmtree(self.path)


TestSimulation = Simulation.TestCase
TestSimulation.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, derandomize="SMSTOB_SIMULATIONS" not in os.environ
)

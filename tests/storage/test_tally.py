"""The days' tally: what happens is counted when it happens, and is always what a recount gives."""

from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from smstob.model.account import Account, Format
from smstob.model.message import State
from smstob.model.report import DayReport
from smstob.model.submission import Submission
from smstob.storage import deferrals, receipts, settlement, submissions, tally
from smstob.storage.settlement import TakenLate
from tests.tallies import recounted, tallied

from .scenes import (
    DAY,
    GATEWAY,
    NOW,
    accept_one,
    ask,
    claim,
    composed,
    message_ids,
    open_account,
    receipt,
    row,
    send,
    settled,
    undone,
)

TODAY = NOW // DAY


def reports(connection: Connection, account: Account) -> list[DayReport]:
    """What is told of all days."""
    return tally.days(connection, account.id, 0, 10**6)


def test_accepted(connection: Connection) -> None:
    """A batch for several accounts and days; what is refused is not counted."""
    one, two = open_account(connection, 100), open_account(connection, 3)
    lot = [
        ask(one, composed(one, "a", segments=2, credits_=4)),
        ask(one, composed(one, "b"), composed(one, "c"), due=NOW + DAY),
        ask(one, composed(one, "a", segments=2)),
        ask(two, composed(two, "d", segments=3)),
        ask(two, composed(two, "e")),
        ask(one, composed(one, "f")),
    ]
    submissions.accept(connection, lot)
    assert tallied(connection) == {
        (one.id, TODAY, "accepted"): (2, 3, 5),
        (one.id, TODAY + 1, "accepted"): (2, 2, 2),
        (two.id, TODAY, "accepted"): (1, 3, 3),
    }
    assert [(day.day, day.messages) for day in reports(connection, one)] == [(TODAY, 2), (TODAY + 1, 2)]
    assert tally.days(connection, one.id, TODAY + 1, TODAY + 1) == reports(connection, one)[1:]
    assert tally.days(connection, one.id, TODAY + 2, TODAY) == []


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED, State.EXPIRED, State.UNKNOWN, State.HANDED])
@pytest.mark.parametrize("confirmations", ["all", "none"])
def test_failures(connection: Connection, state: State, confirmations: str) -> None:
    """Whoever is told of it, or nobody; what nobody knows is no failure."""
    account = open_account(connection, 100, confirmations=confirmations)
    id_ = send(connection, account, segments=3)
    claim(connection)
    settlement.settle(connection, [settled(id_, state)])
    failed = int(state in (State.FAILED, State.REJECTED, State.EXPIRED))
    assert reports(connection, account) == [
        DayReport(day=TODAY, messages=1, segments=3, credits=3, failed=failed, cancelled=0)
    ]
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert tallied(connection) == recounted(connection)


def test_receipts_of_what_nobody_knew(connection: Connection) -> None:
    """Unknown, then delivered: no failure. Unknown, then failed: one, once."""
    account = open_account(connection, 100)
    ids = [send(connection, account, text) for text in ("a", "b")]
    claim(connection)
    settlement.settle(connection, [settled(id_, parts=[f"r{id_}"]) for id_ in ids])
    assert receipts.give_up(connection, NOW + 99 * DAY, "rien", NOW + 99 * DAY, 9) == 2
    assert reports(connection, account)[0].failed == 0
    told = [receipt(f"r{ids[0]}"), receipt(f"r{ids[1]}", State.FAILED)]
    assert receipts.receive(connection, told) == [True, True]
    receipts.receive(connection, told)
    assert reports(connection, account)[0].failed == 1


def test_normal_then_flash(connection: Connection) -> None:
    """What goes out once more has not failed; what then fails has, once."""
    account = open_account(connection, 100)
    id_ = send(connection, account, format=Format.NORMAL_THEN_FLASH)
    claim(connection)
    settlement.settle(connection, [settled(id_, parts=["r1"])])
    receipts.receive(connection, [receipt("r1", State.FAILED)])
    assert (row(connection, id_).state, reports(connection, account)[0].failed) == ("queued", 0)
    claim(connection, NOW + 9)
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert (row(connection, id_).state, reports(connection, account)[0].failed) == ("failed", 1)


def test_cancelled_and_expired(connection: Connection) -> None:
    """What was cancelled was not sent that day; a day of nothing else is still told."""
    account = open_account(connection, 100)
    both = composed(account, "a", segments=2), composed(account, "b")
    made = accept_one(connection, ask(account, *both, due=NOW + DAY))
    other = send(connection, account, "c", validity=1)
    assert settlement.expire(connection, [other], "trop tard", "muet", NOW + 3600) == 1
    assert settlement.cancel(connection, made.id, NOW) == (2, 3)
    assert reports(connection, account) == [
        DayReport(day=TODAY, messages=1, segments=1, credits=1, failed=1, cancelled=0),
        DayReport(day=TODAY + 1, messages=0, segments=0, credits=0, failed=0, cancelled=2),
    ]
    assert tallied(connection) == recounted(connection)


def test_postponed(connection: Connection) -> None:
    """The counts go with the submission to its new day; nothing is told of the old one."""
    account = open_account(connection, 100)
    made = accept_one(connection, ask(account, composed(account, "a", segments=2), due=NOW + DAY))
    for day in (5, 5, 2):
        assert deferrals.postpone(connection, account.id, made.id, NOW + day * DAY, TODAY + day) == frozenset({GATEWAY})
        assert [(one.day, one.segments) for one in reports(connection, account)] == [(TODAY + day, 2)]
        assert tallied(connection) == recounted(connection)


Step = tuple[str, Random]
KINDS = ["accept", "accept", "claim", "settle", "settle", "settle", "late", "receive", "expire", "give up"]
chances = st.builds(Random, st.integers(0, 10**9))
steps = st.lists(st.tuples(st.sampled_from([*KINDS, "cancel", "postpone", "replace"]), chances), max_size=40)


class Life:
    """Whatever may happen to messages, without rhyme or reason."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.accounts = [open_account(connection, 60), open_account(connection, 60, duplicates=False)]
        self.submissions: list[int] = []
        self.now = NOW

    def step(self, kind: str, chance: Random) -> None:
        """One thing happens."""
        self.now += chance.choice([0, 1, 60, 4000])
        messages = [id_ for one in self.submissions for id_ in message_ids(self.connection, one)]
        work = getattr(self, kind.replace(" ", "_"))
        if messages or kind == "accept":
            work(chance, messages)

    def _asked(self, chance: Random) -> Any:
        account = chance.choice(self.accounts)
        lot = [
            composed(account, chance.choice("abc"), f"+336123456{chance.randrange(5):02}", chance.randint(1, 2))
            for _ in range(chance.randint(1, 3))
        ]
        due = self.now + chance.choice([1, 1, 2]) * DAY if chance.random() < 0.4 else None
        format_ = chance.choice([Format.NORMAL, Format.NORMAL_THEN_FLASH])
        return ask(account, *lot, at=self.now, due=due, validity=1, format=format_)

    def _submission(self, chance: Random) -> tuple[int, int]:
        id_ = chance.choice(self.submissions)
        account = submissions.account_of(self.connection, id_)
        assert account is not None
        return account, id_

    def accept(self, chance: Random, _: list[int]) -> None:
        """Some of several are accepted."""
        decided = submissions.accept(self.connection, [self._asked(chance) for _ in range(3)])
        self.submissions += [one.id for one in decided if isinstance(one, Submission)]

    def claim(self, chance: Random, _: list[int]) -> None:
        """Somebody takes some."""
        claim(self.connection, self.now, chance.randint(1, 5))

    def settle(self, chance: Random, messages: list[int]) -> None:
        """Gateways have answered for some of them."""
        states = [State.HANDED, State.REJECTED, State.EXPIRED, State.FAILED, State.UNKNOWN, State.QUEUED]
        lot = [
            settled(
                chance.choice(messages),
                chance.choice(states),
                [f"r{chance.randrange(9)}" for _ in range(chance.randint(0, 2))],
                at=self.now,
                repeated=chance.randint(0, 1),
            )
            for _ in range(4)
        ]
        settlement.settle(self.connection, lot)

    def late(self, chance: Random, messages: list[int]) -> None:
        """A gateway took something after all."""
        parts = ((1, f"r{chance.randrange(9)}"),)
        taken = TakenLate(id=chance.choice(messages), gateway=GATEWAY, at=self.now, parts=parts)
        settlement.settle_late(self.connection, [taken])

    def receive(self, chance: Random, _: list[int]) -> None:
        """Receipts come."""
        ends = [State.DELIVERED, State.FAILED, State.EXPIRED]
        lot = [receipt(f"r{chance.randrange(9)}", chance.choice(ends), self.now) for _ in range(3)]
        receipts.receive(self.connection, lot)

    def expire(self, chance: Random, messages: list[int]) -> None:
        """Validity ends."""
        some = chance.sample(messages, min(3, len(messages)))
        settlement.expire(self.connection, some, "trop tard", "muet", self.now)

    def give_up(self, chance: Random, _: list[int]) -> None:
        """Receipts do not come."""
        receipts.give_up(self.connection, self.now, "rien", self.now, chance.randint(1, 3))

    def cancel(self, chance: Random, _: list[int]) -> None:
        """Somebody takes it back."""
        settlement.cancel(self.connection, self._submission(chance)[1], self.now)

    def postpone(self, chance: Random, _: list[int]) -> None:
        """Or puts it off."""
        due = self.now + chance.choice([0, 1, 2]) * DAY
        deferrals.postpone(self.connection, *self._submission(chance), due, due // DAY)

    def replace(self, chance: Random, _: list[int]) -> None:
        """Or sends something else for it, or does not."""
        chosen, asked = chance.choice(self.submissions), self._asked(chance)
        with suppress(deferrals.NotReplaced), self.connection.begin_nested():
            made = deferrals.replace(self.connection, chosen, asked)
            self.submissions += [made.id] if made is not None else []


def test_whatever_happens(connection: Connection) -> None:
    """The tally is a recount after every step."""

    # inside, since pytest-twisted breaks a property that is also parametrized
    @settings(deadline=None, max_examples=25)
    @given(steps)
    def holds(drawn: list[Step]) -> None:
        with undone(connection):
            life = Life(connection)
            for kind, chance in drawn:
                life.step(kind, chance)
                assert tallied(connection) == recounted(connection)

    holds()

"""The ledger: whatever happens credits are only moved, and what is amiss is found."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from smstob.model.account import Account
from smstob.model.ledger import ISSUED, SPENT, LedgerEntry, NotEnoughCredit, Reason
from smstob.model.message import State
from smstob.model.refusal import Code, Refusal
from smstob.model.submission import Submission
from smstob.storage import ledger, settlement, submissions
from smstob.storage.schema import ledger_entry, purse

from .scenes import NOW, accept_one, ask, claim, composed, credits_of, message_ids, open_account, send, settled, undone

small = st.integers(1, 6)


class Bank(RuleBasedStateMachine):
    """Everything that moves credits, against plain sums."""

    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.undone = self.connection.begin_nested()
        self.people: list[Account] = []
        self.balances: Counter[int] = Counter()
        self.entries = 0
        self.waiting: dict[int, tuple[int, int, int]] = {}
        self.number = 0

    def teardown(self) -> None:
        """Leave the database as it was."""
        self.undone.rollback()

    def _next(self) -> str:
        self.number += 1
        return f"n{self.number}"

    @rule()
    def someone_comes(self) -> None:
        """Another account, with nothing."""
        self.people.append(open_account(self.connection, 0))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), amount=st.integers(-9, 9).filter(bool))
    def issue_or_take_back(self, data: st.DataObject, amount: int) -> None:
        """A payment or an adjustment; more than there is cannot be taken back."""
        account = data.draw(st.sampled_from(self.people))
        reason = Reason.TOP_UP if amount > 0 else Reason.ADJUSTMENT
        nested = self.connection.begin_nested()
        try:
            told = ledger.issue(self.connection, account.id, amount, reason, self._next(), NOW, "note")
        except NotEnoughCredit:
            nested.rollback()
            assert self.balances[account.id] + amount < 0
        else:
            nested.commit()
            self.balances[account.id] += amount
            self.entries += 1
            assert told == self.balances[account.id] >= 0

    @precondition(lambda self: self.people)
    @rule(data=st.data(), prices=st.lists(small, min_size=1, max_size=3))
    def submit(self, data: st.DataObject, prices: list[int]) -> None:
        """A submission of some messages: paid whole or 83."""
        account = data.draw(st.sampled_from(self.people))
        text = self._next()
        messages = [composed(account, text, f"+3360000000{nth}", credits_=one) for nth, one in enumerate(prices)]
        (told,) = submissions.accept(self.connection, [ask(account, *messages)])
        if sum(prices) > self.balances[account.id]:
            assert told == Refusal(Code.NO_CREDIT)
            return
        assert isinstance(told, Submission)
        self.balances[account.id] -= sum(prices)
        self.entries += 1
        for id_, price in zip(message_ids(self.connection, told.id), prices, strict=True):
            self.waiting[id_] = (account.id, price, told.id)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), state=st.sampled_from([State.HANDED, State.REJECTED, State.EXPIRED, State.FAILED]))
    def settle(self, data: st.DataObject, state: State) -> None:
        """A message ends, twice over: what no gateway took is given back, once."""
        id_ = data.draw(st.sampled_from(sorted(self.waiting)))
        account, price, _ = self.waiting.pop(id_)
        told = settlement.settle(self.connection, [settled(id_, state), settled(id_, State.REJECTED)])
        assert told == [True, False]
        assert settlement.settle(self.connection, [settled(id_, State.REJECTED)]) == [False]
        if state in (State.REJECTED, State.EXPIRED):
            self.balances[account] += price
            self.entries += 1

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """What is left of a submission is given back."""
        submission = data.draw(st.sampled_from(sorted({one[2] for one in self.waiting.values()})))
        gone = [id_ for id_, one in self.waiting.items() if one[2] == submission]
        assert settlement.cancel(self.connection, submission, NOW)[0] == len(gone)
        assert settlement.cancel(self.connection, submission, NOW) == (0, 0)
        for id_ in gone:
            account, price, _ = self.waiting.pop(id_)
            self.balances[account] += price
            self.entries += 1

    @precondition(lambda self: len(self.people) > 1)
    @rule(amounts=st.lists(st.tuples(small, small, small), min_size=1, max_size=3))
    def transfer(self, amounts: list[tuple[int, int, int]]) -> None:
        """Several transfers as one: all, or none where one purse would end below zero."""
        moved: Counter[int] = Counter()
        entries = []
        for source, target, amount in amounts:
            giver, taker = (self.people[nth % len(self.people)].id for nth in (source, target))
            if giver == taker:
                continue
            moved[giver] -= amount
            moved[taker] += amount
            own, others = (ledger.purse_of(self.connection, one) for one in (giver, taker))
            entries.append(LedgerEntry(NOW, Reason.TRANSFER, self._next(), own, others, amount))
        nested = self.connection.begin_nested()
        try:
            ledger.record(self.connection, entries)
        except NotEnoughCredit:
            nested.rollback()
            assert any(self.balances[one] + change < 0 for one, change in moved.items())
        else:
            nested.commit()
            self.balances.update(moved)
            self.entries += len(entries)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Purses sum to zero, balances are the model's, none is negative, and ``verify`` agrees."""
        rows = self.connection.execute(select(purse)).all()
        assert sum(one.balance for one in rows) == 0
        told = {one.account_id: one.balance for one in rows if one.account_id is not None}
        assert told == {account.id: self.balances[account.id] for account in self.people}
        assert min(told.values(), default=0) >= 0
        verification = ledger.verify(self.connection)
        assert verification.sound
        assert verification.entries == self.entries


def test_bank(connection: Connection) -> None:
    """Some thousand random steps on each database."""

    class ThisBank(Bank):
        pass

    ThisBank.connection = connection
    run_state_machine_as_test(
        ThisBank,
        settings=settings(
            deadline=None, max_examples=15, stateful_step_count=40, suppress_health_check=list(HealthCheck)
        ),
    )


def test_too_much_changes_nothing(connection: Connection) -> None:
    """NotEnoughCredit gives the transaction up: neither entry nor balance remains, of the others neither."""
    account, other = open_account(connection, 5), open_account(connection, 5)
    own, others = (ledger.purse_of(connection, one.id) for one in (account, other))
    with undone(connection), pytest.raises(NotEnoughCredit):
        ledger.record(
            connection,
            [
                LedgerEntry(NOW, Reason.TRANSFER, "a", others, own, 1),
                LedgerEntry(NOW, Reason.TRANSFER, "b", own, SPENT, 7),
            ],
        )
    assert (credits_of(connection, account), credits_of(connection, other)) == (5, 5)
    with undone(connection), pytest.raises(NotEnoughCredit):
        ledger.issue(connection, account.id, -6, Reason.ADJUSTMENT, "c", NOW, "")


def test_nothing_is_entered_twice(connection: Connection) -> None:
    """The same reason and reference again is refused by the database: no double payment, no second refund."""
    account = open_account(connection, 5)
    ledger.issue(connection, account.id, 3, Reason.TOP_UP, "ordre 1", NOW, "")
    with undone(connection), pytest.raises(IntegrityError):
        ledger.issue(connection, account.id, 3, Reason.TOP_UP, "ordre 1", NOW + 1, "")
    ledger.issue(connection, account.id, 3, Reason.TRIAL, "ordre 1", NOW, "")
    id_ = send(connection, account)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    with undone(connection), pytest.raises(IntegrityError):
        settlement.refund(connection, {id_: NOW})
    assert credits_of(connection, account) == 11


@pytest.mark.parametrize("victim", ["account", "spent", "issued"])
def test_planted_damage_is_found(connection: Connection, victim: str) -> None:
    """A balance that was changed by hand is named, and so is the sum that no longer is zero."""
    account = open_account(connection, 7)
    assert ledger.verify(connection).sound
    connection.execute(update(purse).where(purse.c.kind == victim).values(balance=purse.c.balance + 2))
    found = ledger.verify(connection)
    assert not found.sound
    assert found.sum == 2
    (told,) = found.differences
    assert victim in told
    if victim == "account":
        assert told.endswith(f"(account, account {account.id}): balance 9, entries 7")


def test_damage_that_evens_out_is_found(connection: Connection) -> None:
    """Credits moved from purse to purse without an entry: the sum is zero, both purses are named."""
    account, other = open_account(connection, 7), open_account(connection, 7)
    for one, change in ((account, 1), (other, -1)):
        connection.execute(update(purse).where(purse.c.account_id == one.id).values(balance=purse.c.balance + change))
    found = ledger.verify(connection)
    assert (found.sum, len(found.differences), found.sound) == (0, 2, False)


def test_entry_without_its_balance_is_found(connection: Connection) -> None:
    """An entry slipped in by hand shows in both of its purses."""
    own = ledger.purse_of(connection, open_account(connection, 7).id)
    values = {"at": NOW, "reason": "trial", "reference": "x", "source_id": ISSUED, "target_id": own, "amount": 1}
    connection.execute(ledger_entry.insert().values(values))
    assert len(ledger.verify(connection).differences) == 2


def test_movements_run_to_the_balance(connection: Connection) -> None:
    """Oldest first, signed, each with the balance after it; the last ones where there are more."""
    account, other = open_account(connection, 5), open_account(connection, 9)
    send(connection, account, segments=3)
    send(connection, other)
    ledger.issue(connection, account.id, 4, Reason.TOP_UP, "chèque", NOW + 9, "n° 7")
    ledger.issue(connection, account.id, -1, Reason.ADJUSTMENT, "erreur", NOW + 10, "")
    told = ledger.movements(connection, account.id, 10)
    assert [(one.amount, one.balance) for one in told] == [(5, 5), (-3, 2), (4, 6), (-1, 5)]
    assert (told[2].at, told[2].reason, told[2].reference, told[2].note) == (NOW + 9, "top-up", "chèque", "n° 7")
    assert ledger.movements(connection, account.id, 2) == told[-2:]


def test_amounts_beyond_32_bits(connection: Connection) -> None:
    """A purse holds more than four thousand million credits."""
    account = open_account(connection, 5_000_000_000)
    ledger.issue(connection, account.id, 5_000_000_000, Reason.TOP_UP, "encore", NOW, "")
    assert credits_of(connection, account) == 10_000_000_000
    told: Any = ledger.movements(connection, account.id, 1)
    assert told[0].balance == 10_000_000_000


def test_movements_know_their_submission(connection: Connection) -> None:
    """A debit and each refund name what was paid; a payment names none."""
    account = open_account(connection, 5)
    send(connection, open_account(connection, 5))
    made = accept_one(connection, ask(account, composed(account)))
    settlement.cancel(connection, made.id, NOW)
    told = ledger.movements(connection, account.id, 10)
    assert [(one.reason, one.submission) for one in told][1:] == [("debit", made.id), ("refund", made.id)]
    assert told[0].submission is None

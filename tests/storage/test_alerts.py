"""Alerts: owed in the transaction that crosses the threshold, once, and anew after new credits."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from smstob.model.account import Account
from smstob.model.ledger import SPENT, LedgerEntry, NotEnoughCredit, Reason
from smstob.model.message import State
from smstob.model.notice import Kind
from smstob.model.submission import Submission
from smstob.storage import accounts, alerts, ledger, notices, settlement, submissions
from smstob.storage.engine import Engines
from smstob.storage.notices import Owed
from smstob.storage.schema import notice, purse

from .scenes import NOW, accept_one, ask, claim, composed, open_account, send, settled, undone

PHONE = "+33612345678"


def alerted(connection: Connection, credits_: int = 10, threshold: int | None = 5, **options: Any) -> Account:
    """An account with that many credits that wants an alert at that threshold."""
    wanted = {"alert_phone": PHONE, **options}
    return open_account(connection, credits_, alert_threshold=threshold, duplicates=False, **wanted)


def rows(connection: Connection, account: Account) -> list[tuple[str, int, str, int]]:
    """What the alerts of an account are about, when they arose, to whom, and when they are due."""
    mine = (notice.c.account_id == account.id) & (notice.c.kind == Kind.ALERT.value)
    columns = (notice.c.about, notice.c.since, notice.c.recipient, notice.c.due)
    return [tuple(row) for row in connection.execute(select(*columns).where(mine).order_by(notice.c.id))]


def balances(connection: Connection, account: Account) -> list[int]:
    """Those that its alerts are about."""
    return [int(row[0]) for row in rows(connection, account)]


def spend(connection: Connection, account: Account, credits_: int, at: int = NOW) -> int:
    """One message that costs so much; gives its id."""
    return send(connection, account, f"Texte {at} {credits_}", segments=credits_, at=at)


def top_up(connection: Connection, account: Account, credits_: int, reason: Reason = Reason.TOP_UP) -> None:
    """Credits come, or go where they are negative."""
    nth = connection.exec_driver_sql("SELECT count(*) FROM ledger_entry").scalar_one()
    ledger.issue(connection, account.id, credits_, reason, f"alerts {nth}", NOW, "essai")


def owed(connection: Connection, now: int = NOW) -> list[Owed]:
    """The alerts that are due."""
    return [one for one in notices.claim(connection, now, now + 60, 100) if one.kind is Kind.ALERT]


@pytest.mark.parametrize(("credits_", "about"), [(4, []), (5, [5]), (6, [4]), (10, [0])])
def test_crossing_by_a_message(connection: Connection, credits_: int, about: list[int]) -> None:
    """Exactly at the threshold counts; above it does not."""
    account = alerted(connection)
    spend(connection, account, credits_, NOW + 7)
    assert rows(connection, account) == [(str(left), NOW + 7, account.email, NOW + 7) for left in about]


def test_crossing_by_a_group(connection: Connection) -> None:
    """One alert for a submission of many."""
    account = alerted(connection)
    accept_one(connection, ask(account, *(composed(account, number=f"+3361234560{nth}") for nth in range(7))))
    assert balances(connection, account) == [3]


def test_crossing_in_a_batch(connection: Connection) -> None:
    """Of many accounts at once those that cross are alerted, each for itself and of what it has left at the end."""
    first, second, third = (alerted(connection, credits_) for credits_ in (10, 7, 50))
    asked = [ask(one, composed(one, f"n° {nth}")) for nth in range(4) for one in (third, second, first)]
    assert all(isinstance(one, Submission) for one in submissions.accept(connection, asked))
    assert [balances(connection, one) for one in (first, second, third)] == [[], [3], []]


def test_crossing_by_an_adjustment_and_a_transfer(connection: Connection) -> None:
    """Whatever takes credits; who gets them is not alerted, however few he has."""
    giver, receiver, adjusted = (alerted(connection) for _ in range(3))
    top_up(connection, adjusted, -6, Reason.ADJUSTMENT)
    assert balances(connection, adjusted) == [4]
    top_up(connection, receiver, -4, Reason.ADJUSTMENT)
    purses = [ledger.purse_of(connection, one.id) for one in (giver, receiver)]
    ledger.record(connection, [LedgerEntry(NOW, Reason.TRANSFER, "t", purses[0], purses[1], 8)])
    assert balances(connection, giver) == [2]
    assert balances(connection, receiver) == []


def test_once_below(connection: Connection) -> None:
    """A thousand messages below the threshold are one alert."""
    account = alerted(connection, 1010, 1000)
    for _ in range(10):
        submissions.accept(connection, [ask(account, composed(account, f"{nth}")) for nth in range(100)])
    assert balances(connection, account) == [910]


def test_below_from_the_start(connection: Connection) -> None:
    """A threshold above the balance alerts at the first debit."""
    account = alerted(connection, 10, 500)
    assert rows(connection, account) == []
    spend(connection, account, 1)
    spend(connection, account, 1, NOW + 1)
    assert balances(connection, account) == [9]


@pytest.mark.parametrize("reason", [Reason.TOP_UP, Reason.TRIAL, Reason.ADJUSTMENT, Reason.TRANSFER])
def test_armed_by_new_credits(connection: Connection, reason: Reason) -> None:
    """The next time that the balance falls to the threshold is another crossing, in the same second too."""
    account = alerted(connection)
    spend(connection, account, 6)
    top_up(connection, account, 10, reason)
    spend(connection, account, 10, NOW)
    assert balances(connection, account) == [4, 4]


def test_too_few_new_credits(connection: Connection) -> None:
    """Who is at his threshold still has not crossed it again."""
    account = alerted(connection)
    spend(connection, account, 6)
    top_up(connection, account, 1)
    spend(connection, account, 2)
    assert balances(connection, account) == [4]
    top_up(connection, account, 3)
    spend(connection, account, 1)
    assert balances(connection, account) == [4, 5]


def test_not_armed_by_refunds(connection: Connection) -> None:
    """Messages that fail give back credits: who sends on is not alerted each time."""
    account = alerted(connection)
    id_ = spend(connection, account, 6)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert ledger.balance_of(connection, account.id) == 10
    spend(connection, account, 6, NOW + 1)
    assert balances(connection, account) == [4]


@pytest.mark.parametrize(
    ("changes", "alerts_"),
    [
        ({"alert_threshold": 3}, [4, 3]),
        ({"alert_phone": "+33612345679"}, [4, 3]),
        ({"alert_threshold": 5, "alert_phone": PHONE, "validity": 12}, [4]),
        ({"alert_threshold": None}, [4]),
        ({"alert_phone": None}, [4]),
        ({"alert_threshold": 2}, [4]),
    ],
)
def test_armed_by_other_options(connection: Connection, changes: dict[str, Any], alerts_: list[int]) -> None:
    """Another threshold or telephone alerts anew; the same ones, saved again, do not."""
    account = alerted(connection)
    spend(connection, account, 6)
    accounts.set_options(connection, account.id, changes)
    top_up(connection, account, -1, Reason.ADJUSTMENT)
    assert balances(connection, account) == alerts_


@pytest.mark.parametrize("options", [{"alert_phone": None}, {"threshold": None}])
def test_nobody_asked(connection: Connection, options: dict[str, Any]) -> None:
    """Without a threshold or a telephone there is no alert; with both there is, from the next debit on."""
    account = alerted(connection, **options)
    spend(connection, account, 9)
    assert rows(connection, account) == []
    accounts.set_options(connection, account.id, {"alert_threshold": 5, "alert_phone": PHONE})
    top_up(connection, account, -1, Reason.ADJUSTMENT)
    assert balances(connection, account) == [0]


def test_closed_account(connection: Connection) -> None:
    """Is not alerted of what the operator takes back."""
    account = alerted(connection)
    accounts.set_disabled(connection, account.id, disabled=True)
    top_up(connection, account, -8, Reason.ADJUSTMENT)
    assert rows(connection, account) == []


def test_threshold_of_zero(connection: Connection) -> None:
    """The last credit alerts."""
    account = alerted(connection, 2, 0)
    spend(connection, account, 1)
    assert rows(connection, account) == []
    spend(connection, account, 1, NOW + 1)
    assert balances(connection, account) == [0]


def test_given_up_together(connection: Connection) -> None:
    """Where the credits are not moved nothing is owed, and the next crossing is the first."""
    account = alerted(connection)
    own = ledger.purse_of(connection, account.id)
    with undone(connection), pytest.raises(NotEnoughCredit):
        ledger.record(
            connection,
            [LedgerEntry(NOW, Reason.DEBIT, f"{nth}", own, SPENT, 6) for nth in range(900_000, 900_002)],
        )
    with undone(connection):
        spend(connection, account, 6)
        assert balances(connection, account) == [4]
    assert rows(connection, account) == []
    spend(connection, account, 6)
    assert balances(connection, account) == [4]


def test_one_statement_more(connection: Connection) -> None:
    """A batch of debits costs one, however many accounts it is of; a refund none."""
    people = [alerted(connection, 1000) for _ in range(20)]
    seen: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
    asked = [ask(one, composed(one, f"{nth}")) for nth in range(3) for one in people]
    submissions.accept(connection, asked)
    assert sum("alerted_at" in statement for statement in seen) == 1
    seen.clear()
    own = ledger.purse_of(connection, people[0].id)
    ledger.record(connection, [LedgerEntry(NOW, Reason.REFUND, "900000", SPENT, own, 1)])
    assert not [statement for statement in seen if "alerted_at" in statement]


def hold(connection: Connection, one: Owed, now: int = NOW + 1) -> int | None:
    """What is told of it."""
    return alerts.hold(connection, one, now, now + 180)


def test_told(connection: Connection) -> None:
    """The balance as it is by then; who is not its claimant any more tells nothing."""
    account = alerted(connection)
    spend(connection, account, 6)
    spend(connection, account, 1, NOW + 1)
    (mine,) = owed(connection)
    assert hold(connection, mine) == 3
    assert owed(connection, NOW + 100) == []
    (theirs,) = owed(connection, NOW + 181)
    assert hold(connection, mine, NOW + 182) is None
    assert hold(connection, theirs, NOW + 182) == 3


def test_above_again_before_it_is_told(connection: Connection) -> None:
    """Nothing is told; and where refunds brought it there, the next crossing is told all the same."""
    account = alerted(connection)
    id_ = spend(connection, account, 6)
    (one,) = owed(connection)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert hold(connection, one) is None
    assert owed(connection, NOW + 1000) == []
    spend(connection, account, 5, NOW + 2)
    assert balances(connection, account) == [4, 5]


@pytest.mark.parametrize("changes", [{"alert_threshold": 4}, {"alert_phone": "+33612345679"}, {"alert_phone": None}])
def test_other_options_before_it_is_told(connection: Connection, changes: dict[str, Any]) -> None:
    """The alert by the old ones is needless: by the new ones there is another, or none."""
    account = alerted(connection)
    spend(connection, account, 6)
    (one,) = owed(connection)
    accounts.set_options(connection, account.id, changes)
    assert hold(connection, one) is None
    assert owed(connection, NOW + 1000) == []


def test_closed_before_it_is_told(connection: Connection) -> None:
    """Nobody is told; opened again, the next debit alerts."""
    account = alerted(connection)
    spend(connection, account, 6)
    (one,) = owed(connection)
    accounts.set_disabled(connection, account.id, disabled=True)
    assert hold(connection, one) is None
    accounts.set_disabled(connection, account.id, disabled=False)
    top_up(connection, account, -1, Reason.ADJUSTMENT)
    assert balances(connection, account) == [4, 3]


def test_topped_up_and_crossed_again_before_it_is_told(connection: Connection) -> None:
    """Two crossings are one alert, the later."""
    account = alerted(connection)
    spend(connection, account, 6, NOW)
    top_up(connection, account, 10)
    spend(connection, account, 10, NOW + 5)
    early, late = owed(connection, NOW + 5)
    assert hold(connection, early, NOW + 6) is None
    assert hold(connection, late, NOW + 6) == 4


def test_two_daemons(postgresql_engines: Engines) -> None:
    """Sixteen threads debit one purse at once: one alert, at the very crossing."""
    with postgresql_engines.writer.begin() as connection:
        account = alerted(connection, 200, 100)
        other = alerted(connection, 200, 100)

    def work(nth: int) -> None:
        with postgresql_engines.writer.begin() as connection:
            asked = [ask(one, composed(one, f"{nth} {turn}")) for turn in range(5) for one in (account, other)]
            assert all(isinstance(one, Submission) for one in submissions.accept(connection, asked))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(32)))
    with postgresql_engines.writer.begin() as connection:
        for one in (account, other):
            assert ledger.balance_of(connection, one.id) == 40
            assert balances(connection, one) == [100]
            kept = connection.execute(select(purse.c.alerted_at).where(purse.c.account_id == one.id)).scalar_one()
            assert kept == NOW


def test_two_daemons_spend_and_top_up(postgresql_engines: Engines) -> None:
    """Whoever comes first, nobody waits crosswise; as many alerts as crossings at the most, and one at the least."""
    with postgresql_engines.writer.begin() as connection:
        account = alerted(connection, 60, 50)

    def work(nth: int) -> None:
        with postgresql_engines.writer.begin() as connection:
            if nth % 4 == 0:
                ledger.issue(connection, account.id, 30, Reason.TOP_UP, f"n {nth}", NOW, "essai")
            elif nth % 4 == 1:
                accounts.set_options(connection, account.id, {"alert_threshold": 50 + nth % 3})
            else:
                version = accounts.by_id(connection, account.id)
                assert version is not None
                submissions.accept(connection, [ask(version, composed(version, f"{nth} {turn}")) for turn in range(9)])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(64)))
    with postgresql_engines.writer.begin() as connection:
        assert ledger.verify(connection).sound
        top_up(connection, account, 1000)
        before = len(rows(connection, account))
        top_up(connection, account, -ledger.balance_of(connection, account.id), Reason.ADJUSTMENT)
        assert len(rows(connection, account)) == before + 1

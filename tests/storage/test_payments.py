"""Payments: credits and an invoice for each order, once, in one transaction; and money that goes back."""

import random
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from smstob.model.invoice import InvoiceKind, InvoiceQuery
from smstob.model.ledger import Reason
from smstob.model.notice import Kind
from smstob.model.order import Order, OrderState
from smstob.model.vat import Taxation, taxed
from smstob.storage import invoices, ledger, notices, orders, payments
from smstob.storage.billing_schema import invoice, payment_event
from smstob.storage.engine import Engines
from smstob.storage.payments import Verdict

from .orders import SELLER, TODAY, ordered, payment
from .scenes import NOW, credits_of, open_account, undone
from .test_two_daemons import blocked


def _pay(connection: Connection, order: Order, event: str = "", **other: Any) -> Verdict:
    return payments.pay(connection, payment(order, event, **other), SELLER)[0]


def _refund(connection: Connection, order: Order, event: str, cents: int | None = None, **other: Any) -> Verdict:
    return payments.refund(connection, payment(order, event, cents=cents, **other), SELLER)[0]


def _now(connection: Connection, order: Order) -> Order:
    found = orders.find(connection, order.reference)
    assert found is not None
    return found


def test_paid(connection: Connection) -> None:
    """Its credits are there, its invoice says all, and a letter is owed, all at once."""
    account = open_account(connection, 7)
    order = ordered(connection, account)
    verdict, paid = payments.pay(connection, payment(order), SELLER)
    assert verdict is Verdict.DONE
    assert paid is not None
    assert (paid.state, paid.paid_at, paid.received) == (OrderState.PAID, NOW, TODAY)
    assert paid.invoices == ("F2027-000001",)
    assert credits_of(connection, account) == 107
    (last,) = ledger.movements(connection, account.id, 1)
    assert (last.reason, last.reference, last.amount) == (Reason.TOP_UP, order.reference, 100)
    said = invoices.find(connection, "F2027-000001", account.id)
    assert said is not None
    assert (said.order, said.credits, said.amounts, said.email) == (order.reference, 100, order.amounts, account.email)
    assert (said.seller, said.customer, said.issued, said.paid) == (SELLER, order.customer, TODAY, TODAY)
    owed = notices.claim(connection, NOW, NOW + 180, 10)
    assert [(one.kind, one.about, one.recipient) for one in owed] == [(Kind.INVOICED, said.number, account.email)]


@pytest.mark.parametrize("again", ["", "evt_2"])
def test_told_again(connection: Connection, again: str) -> None:
    """The same call, or another that tells of the same payment, changes nothing."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    assert _pay(connection, order) is Verdict.DONE
    assert _pay(connection, order, again) is Verdict.REPEATED
    assert credits_of(connection, account) == 100
    assert len(_now(connection, order).invoices) == 1


def test_paid_by_another_payment_too(connection: Connection) -> None:
    """It counts once; that somebody is owed money is said."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    assert _pay(connection, order) is Verdict.DONE
    assert _pay(connection, order, "evt_2", provider_reference="cs_other") is Verdict.PAID_TWICE
    assert _pay(connection, order, "evt_2", provider_reference="cs_other") is Verdict.REPEATED
    assert credits_of(connection, account) == 100


def test_what_was_paid_twice_is_paid_back(connection: Connection) -> None:
    """That the provider pays one of them back leaves the order paid; the operator may still pay the other back."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    _pay(connection, order)
    _pay(connection, order, "evt_2", provider_reference="cs_other")
    back = payment(order, "evt_3", cents=2280)
    assert payments.refund(connection, back, SELLER)[0] is Verdict.PAID_TWICE
    assert credits_of(connection, account) == 100
    assert _now(connection, order).state is OrderState.PAID
    assert len(_now(connection, order).invoices) == 1
    by_hand = payment(order, "refunded", provider=payments.BY_HAND)
    assert payments.refund(connection, by_hand, SELLER)[0] is Verdict.DONE
    assert credits_of(connection, account) == 0


def test_confirmed_by_mistake(connection: Connection) -> None:
    """An order that is paid already, confirmed by hand, is none that was paid to the provider twice."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    _pay(connection, order)
    told = payment(order, "by hand", provider=payments.BY_HAND, provider_reference="", cents=None)
    assert payments.pay(connection, told, SELLER)[0] is Verdict.PAID_TWICE
    assert payments.refund(connection, payment(order, "evt_2", cents=2280), SELLER)[0] is Verdict.DONE
    assert credits_of(connection, account) == 0


@pytest.mark.parametrize("cents", [0, 1, 1900, 2279, 2281, -2280, 10**15])
def test_another_amount(connection: Connection, cents: int) -> None:
    """Nothing comes of it, and the right one counts afterwards, under the same event."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    assert order.amounts.gross == 2280
    assert _pay(connection, order, cents=cents) is Verdict.WRONG_AMOUNT
    assert _now(connection, order) == order
    assert credits_of(connection, account) == 0
    assert _pay(connection, order, cents=2280) is Verdict.DONE


def test_no_such_order(connection: Connection) -> None:
    """Nothing is kept of it: not even the event."""
    order = ordered(connection, open_account(connection))
    told = attrs.evolve(payment(order), order="RF97SMS000042")
    assert payments.pay(connection, told, SELLER) == (Verdict.UNKNOWN, None)
    assert payments.refund(connection, told, SELLER) == (Verdict.UNKNOWN, None)
    assert connection.execute(select(func.count()).select_from(payment_event)).scalar_one() == 0


def test_paid_after_all(connection: Connection) -> None:
    """Money that comes for an order that was cancelled counts."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    assert payments.cancel(connection, order.reference, account.id)[0] is Verdict.DONE
    assert payments.cancel(connection, order.reference, account.id)[0] is Verdict.REPEATED
    assert _pay(connection, order) is Verdict.DONE
    assert payments.cancel(connection, order.reference, None)[0] is Verdict.REPEATED
    assert credits_of(connection, account) == 100


def test_others_cancel_nothing(connection: Connection) -> None:
    """An account cancels its own orders alone."""
    order = ordered(connection, open_account(connection))
    assert payments.cancel(connection, order.reference, open_account(connection).id) == (Verdict.UNKNOWN, None)
    assert _now(connection, order).state is OrderState.OPEN


def test_refunded(connection: Connection) -> None:
    """A credit note that names the invoice, and the credits back; not twice."""
    account = open_account(connection, 7)
    order = ordered(connection, account)
    _pay(connection, order)
    assert _refund(connection, order, "evt_2") is Verdict.DONE
    now = _now(connection, order)
    assert (now.state, now.refunded, now.taken_back) == (OrderState.REFUNDED, 2280, 100)
    assert now.invoices == ("F2027-000001", "A2027-000001")
    note = invoices.find(connection, "A2027-000001")
    assert note is not None
    assert (note.kind, note.corrects, note.amounts) == (InvoiceKind.CREDIT_NOTE, "F2027-000001", order.amounts)
    assert credits_of(connection, account) == 7
    for event in ("evt_2", "evt_3"):
        assert _refund(connection, order, event) is Verdict.REPEATED
    assert credits_of(connection, account) == 7


def test_credits_that_are_used_stay_used(connection: Connection) -> None:
    """No balance falls below zero: as many are taken back as there are."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    _pay(connection, order)
    ledger.issue(connection, account.id, -70, Reason.ADJUSTMENT, "used", NOW, "")
    assert _refund(connection, order, "evt_2") is Verdict.DONE
    assert _now(connection, order).taken_back == 30
    assert credits_of(connection, account) == 0
    other = ordered(connection, account)
    _pay(connection, other)
    ledger.issue(connection, account.id, -100, Reason.ADJUSTMENT, "all", NOW, "")
    assert _refund(connection, other, "evt_4") is Verdict.DONE
    assert _now(connection, other).taken_back == 0


def test_paid_back_before_it_was_paid(connection: Connection) -> None:
    """Calls come in any order: this one is asked for again, and counts then."""
    account = open_account(connection, 0)
    order = ordered(connection, account)
    assert _refund(connection, order, "evt_2") is Verdict.TOO_EARLY
    _pay(connection, order)
    assert _refund(connection, order, "evt_2") is Verdict.DONE


@pytest.mark.parametrize("cents", [0, -5, 2281, 10**15])
def test_more_paid_back_than_paid(connection: Connection, cents: int) -> None:
    """Changes nothing."""
    order = ordered(connection, open_account(connection))
    _pay(connection, order)
    assert _refund(connection, order, "evt_2", cents) is Verdict.WRONG_AMOUNT
    assert _now(connection, order).refunded == 0


def test_parts_add_up(engines: Engines) -> None:
    """However it is paid back, in parts and out of turn: credits, net and tax of all credit notes are the order's."""

    @settings(max_examples=40, deadline=None)
    @given(
        st.integers(100, 50_000),
        st.sampled_from([0, 550, 850, 2000]),
        st.lists(st.floats(0, 1), max_size=6),
        st.randoms(use_true_random=False),
    )
    def hold(credits_: int, rate: int, shares: list[float], chance: random.Random) -> None:
        with engines.writer.connect() as connection, connection.begin() as whole:
            account = open_account(connection, 0)
            amounts = taxed(credits_ * 19, rate, Taxation.STANDARD)
            order = ordered(connection, account, credits_=credits_, amounts=amounts)
            _pay(connection, order)
            totals = [max(1, round(share * amounts.gross)) for share in shares]
            chance.shuffle(totals)
            for number, total in enumerate([*totals, amounts.gross]):
                assert _refund(connection, order, f"r{number}", total) in (Verdict.DONE, Verdict.REPEATED)
            notes = invoices.of_order(connection, order.id)[1:]
            assert sum(one.amounts.net for one in notes) == amounts.net
            assert sum(one.amounts.vat for one in notes) == amounts.vat
            assert sum(one.credits for one in notes) == credits_
            assert all(one.amounts.net >= 0 and one.amounts.vat >= 0 for one in notes)
            assert credits_of(connection, account) == 0
            assert _now(connection, order).state is OrderState.REFUNDED
            whole.rollback()

    hold()


def test_numbers_follow_the_years(connection: Connection) -> None:
    """Each year and kind begins at one; a clock that is set back changes neither the order of days nor the year."""
    days = [("invoice", 20_453), ("invoice", 20_454), ("credit-note", 20_454), ("invoice", 20_452), ("invoice", 20_819)]
    found = [invoices.allot(connection, InvoiceKind(kind), day) for kind, day in days]
    assert found == [
        ("F2025-000001", 20_453),
        ("F2026-000001", 20_454),
        ("A2026-000001", 20_454),
        ("F2026-000002", 20_454),
        ("F2027-000001", 20_819),
    ]


def test_a_number_that_was_not_used_is_free_again(connection: Connection) -> None:
    """What fails after its number leaves no gap."""
    order = ordered(connection, open_account(connection))
    with undone(connection):
        _pay(connection, order)
    assert _now(connection, order).invoices == ()
    _pay(connection, order)
    assert _now(connection, order).invoices == ("F2027-000001",)


@pytest.mark.parametrize("statement", ["UPDATE invoice SET net = 1", "DELETE FROM invoice"])
def test_invoices_are_never_changed(connection: Connection, statement: str) -> None:
    """The database itself refuses."""
    _pay(connection, ordered(connection, open_account(connection)))
    with pytest.raises(DBAPIError, match="invoices are never changed"), connection.begin_nested():
        connection.exec_driver_sql(statement)


def test_reports(connection: Connection) -> None:
    """Newest first, by account, by days, and page by page."""
    one, other = open_account(connection), open_account(connection)
    made = [ordered(connection, account) for account in (one, other, one)]
    for number, order in enumerate(made):
        _pay(connection, order, today=TODAY + number)
    _refund(connection, made[2], "r", today=TODAY + 3)
    every = invoices.reports(connection, InvoiceQuery())
    assert [report.number for report in every] == ["A2027-000001", "F2027-000003", "F2027-000002", "F2027-000001"]
    assert every[0].corrects == "F2027-000003"
    assert [report.order for report in invoices.reports(connection, InvoiceQuery(account=other.id))] == [
        made[1].reference
    ]
    period = InvoiceQuery(first=TODAY + 1, last=TODAY + 2)
    assert [report.order for report in invoices.reports(connection, period)] == [made[2].reference, made[1].reference]
    paged = InvoiceQuery(before=every[1].id, limit=1)
    assert [report.number for report in invoices.reports(connection, paged)] == ["F2027-000002"]


def test_two_daemons_are_told_at_once(postgresql_engines: Engines) -> None:
    """The second waits, and then finds that it is paid."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection, 0)
        order = ordered(connection, account)
    with postgresql_engines.writer.begin() as connection:
        assert _pay(connection, order) is Verdict.DONE
        again = partial(_pay, order=order, event="evt_2")
        with blocked(postgresql_engines, again) as second:
            connection.commit()
    assert second.result() is Verdict.REPEATED
    with postgresql_engines.writer.begin() as connection:
        assert credits_of(connection, account) == 100
        assert connection.execute(select(func.count()).select_from(invoice)).scalar_one() == 1


def test_two_daemons_want_a_number(postgresql_engines: Engines) -> None:
    """The second waits for the first's commit; where there is none, it has the number."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection, 0)
        first, other = ordered(connection, account), ordered(connection, open_account(connection, 0))
    with postgresql_engines.writer.connect() as connection, connection.begin() as given_up:
        _pay(connection, first)
        with blocked(postgresql_engines, partial(_pay, order=other, event="evt_2")) as second:
            given_up.rollback()
    assert second.result() is Verdict.DONE
    with postgresql_engines.writer.begin() as connection:
        assert _now(connection, other).invoices == ("F2027-000001",)

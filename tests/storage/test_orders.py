"""Orders as they are kept: made once, found by whom they concern, reminded of, and given up."""

from functools import partial

import pytest
from sqlalchemy import Connection

from smstob.model.customer import Customer
from smstob.model.notice import Kind
from smstob.model.order import MOST_OPEN, Order, OrderFault, OrderQuery, OrderState, read_reference, reference_of
from smstob.storage import accounts, customers, notices, orders, payments
from smstob.storage.engine import Engines

from .orders import CUSTOMER, SELLER, ordered, payment, wanted
from .scenes import DAY, NOW, open_account
from .test_two_daemons import blocked


def _kinds(connection: Connection, now: int = NOW) -> list[tuple[Kind, int]]:
    return [(one.kind, one.account) for one in notices.claim(connection, now, now + 180, 100)]


def test_created(connection: Connection) -> None:
    """All that was wanted is found again, under a reference with check digits."""
    account = open_account(connection)
    made = ordered(connection, account)
    assert made.reference == reference_of(made.id)
    assert read_reference(made.reference) == made.reference
    assert (made.state, made.credits, made.customer) == (OrderState.OPEN, 100, CUSTOMER)
    assert (made.email, made.invoices, made.by_hand) == (account.email, (), False)
    assert orders.find(connection, made.reference, account.id) == made
    assert _kinds(connection) == []


def test_same_key_same_order(connection: Connection) -> None:
    """A form that is sent twice makes one order, even with other numbers in it; another account's is another."""
    one, other = open_account(connection), open_account(connection)
    first = orders.create(connection, wanted(one, key="k"))
    assert orders.create(connection, wanted(one, key="k", credits_=500)) == first
    second = orders.create(connection, wanted(other, key="k"))
    assert isinstance(second, Order)
    assert second.account == other.id


def test_paid_by_hand(connection: Connection) -> None:
    """Who orders is told how to pay: once."""
    account = open_account(connection)
    for _ in range(2):
        orders.create(connection, wanted(account, key="k", method="cheque", by_hand=True))
    assert _kinds(connection) == [(Kind.ORDERED, account.id)]


def test_not_too_many(connection: Connection) -> None:
    """Those that wait are bounded; those that were settled do not count."""
    account = open_account(connection)
    made = [ordered(connection, account) for _ in range(MOST_OPEN)]
    assert orders.create(connection, wanted(account)) is OrderFault.TOO_MANY
    payments.cancel(connection, made[0].reference, None)
    payments.pay(connection, payment(made[1]), SELLER)
    for _ in range(2):
        ordered(connection, account)
    assert orders.create(connection, wanted(account)) is OrderFault.TOO_MANY


def test_closed_accounts_order_nothing(connection: Connection) -> None:
    """Nor does one that is not there."""
    account = open_account(connection)
    accounts.set_disabled(connection, account.id, True)
    assert orders.create(connection, wanted(account)) is OrderFault.UNKNOWN


def test_others_orders_are_not_there(connection: Connection) -> None:
    """Neither to find nor to list."""
    mine, other = open_account(connection), open_account(connection)
    made = ordered(connection, mine)
    assert orders.find(connection, made.reference, other.id) is None
    assert orders.orders(connection, OrderQuery(account=other.id)) == []


@pytest.mark.parametrize("reference", ["", "RF97SMS000042", "x" * 10_000, "'; DROP TABLE account; --", "é\ud800"[:1]])
def test_no_such_reference(connection: Connection, reference: str) -> None:
    """Whatever is asked for."""
    ordered(connection, open_account(connection))
    assert orders.find(connection, reference) is None


def test_listed(connection: Connection) -> None:
    """Newest first: by state, by way of payment, page by page."""
    account = open_account(connection)
    card, cheque, paid = (
        ordered(connection, account, **other) for other in ({}, {"method": "cheque", "by_hand": True}, {})
    )
    payments.pay(connection, payment(paid), SELLER)

    def listed(**query: object) -> list[int]:
        return [one.id for one in orders.orders(connection, OrderQuery(account=account.id, **query))]  # type: ignore[arg-type]

    assert listed() == [paid.id, cheque.id, card.id]
    assert listed(state=OrderState.PAID) == [paid.id]
    assert listed(by_hand=True) == [cheque.id]
    assert listed(state=OrderState.OPEN, by_hand=False) == [card.id]
    assert listed(limit=1, before=paid.id) == [cheque.id]


def test_what_its_provider_calls_it(connection: Connection) -> None:
    """It is noted while the order is open."""
    made = ordered(connection, open_account(connection))
    orders.note_start(connection, made.reference, "cs_1")
    found = orders.find(connection, made.reference)
    assert found is not None
    assert found.provider_reference == "cs_1"
    payments.cancel(connection, made.reference, None)
    orders.note_start(connection, made.reference, "cs_2")
    found = orders.find(connection, made.reference)
    assert found is not None
    assert found.provider_reference == "cs_1"


def test_reminded_once(connection: Connection) -> None:
    """Who has not paid by hand after a while; nobody who paid, who is to pay elsewhere, or whose order is new."""
    account = open_account(connection)
    by_hand = {"method": "cheque", "by_hand": True}
    late = ordered(connection, account, **by_hand)
    for other in (ordered(connection, account, **by_hand), ordered(connection, account, **by_hand)):
        payments.pay(connection, payment(other), SELLER)
    ordered(connection, account)
    ordered(connection, account, at=NOW + 2 * DAY, **by_hand)
    _kinds(connection)
    for _ in range(2):
        orders.remind(connection, NOW - DAY, NOW + DAY, NOW + 16 * DAY, 10)
    owed = notices.claim(connection, NOW + 16 * DAY, NOW + 17 * DAY, 100)
    assert [one.about for one in owed if one.kind is Kind.REMINDED] == [late.reference]


def test_lapsed(connection: Connection) -> None:
    """Orders that nobody pays any more are cancelled; who was to pay by hand is told."""
    account = open_account(connection)
    by_hand = ordered(connection, account, method="cheque", by_hand=True)
    card, young = ordered(connection, account), ordered(connection, account, at=NOW + DAY)
    assert orders.lapse(connection, NOW + 1, NOW + 1, NOW + DAY, 10) == 2
    assert orders.lapse(connection, NOW + 1, NOW + 1, NOW + DAY, 10) == 0
    states = {one.id: one.state for one in orders.orders(connection, OrderQuery(account=account.id))}
    assert states == {
        by_hand.id: OrderState.CANCELLED, card.id: OrderState.CANCELLED, young.id: OrderState.OPEN
    }  # fmt: skip
    assert [kind for kind, _ in _kinds(connection, NOW + DAY)].count(Kind.LAPSED) == 1


def test_each_in_its_turn(connection: Connection) -> None:
    """Orders that a provider is asked after: those that were started, page by page."""
    account = open_account(connection)
    made = [ordered(connection, account) for _ in range(4)]
    ordered(connection, account, method="cheque", by_hand=True)
    for one in made[:3]:
        orders.note_start(connection, one.reference, f"cs_{one.id}")
    first = orders.waiting(connection, False, NOW, NOW + 1, 2)
    assert [one.id for one in first] == [made[0].id, made[1].id]
    assert [one.id for one in orders.waiting(connection, False, NOW, NOW + 1, 2, first[-1].id)] == [made[2].id]
    assert orders.waiting(connection, False, NOW + 1, NOW + 2, 2) == []


def test_customers(connection: Connection) -> None:
    """Details are an account's own, and the last ones count."""
    one, other = open_account(connection), open_account(connection)
    assert customers.find(connection, one.id) == Customer()
    for details in (CUSTOMER, Customer(name="Été & Cie", address="a\nb", postcode="1", city="c", country="BE")):
        customers.keep(connection, one.id, details)
        assert customers.find(connection, one.id) == details
    assert customers.find(connection, other.id) == Customer()


def test_two_daemons_get_the_same_form(postgresql_engines: Engines) -> None:
    """The second waits for the first, and gives its order; nor do two slip in where there is room for one."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection)
        for _ in range(MOST_OPEN - 1):
            ordered(connection, account)
    with postgresql_engines.writer.begin() as connection:
        first = orders.create(connection, wanted(account, key="k"))
        with blocked(postgresql_engines, partial(orders.create, wanted=wanted(account, key="k"))) as second:
            connection.commit()
    assert second.result() == first
    with postgresql_engines.writer.begin() as connection:
        assert orders.create(connection, wanted(account)) is OrderFault.TOO_MANY

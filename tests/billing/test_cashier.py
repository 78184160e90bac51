"""The cashier: prices by the case, orders, what providers tell in whatever order, money by hand."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from smstob.model.customer import Customer, CustomerFault
from smstob.model.invoice import InvoiceQuery
from smstob.model.order import (
    Instructions,
    NotGenuine,
    Order,
    OrderFault,
    OrderQuery,
    OrderState,
    PaymentKind,
    Quote,
    Redirection,
)
from smstob.model.refusal import Unavailable
from smstob.model.vat import Taxation
from smstob.storage import customers
from tests.house import SELLER, House, outcome_of

from .providers import call_of, event_of
from .scene import DETAILS, customer, found, ordered

TODAY = date(2026, 3, 2)


def _told(house: House, event: Any, provider: str = "carte") -> None:
    outcome_of(house.cashier.notified(provider, {}, call_of(event)))


def test_details(house: House) -> None:
    """They are kept whole or not at all, and each fault is told at its field."""
    account = house.account()
    assert outcome_of(house.cashier.customer(account.id)) == Customer()
    details, faults = outcome_of(house.cashier.set_customer(account.id, {**DETAILS, "siren": "732 829 321"}))
    assert faults == {"siren": CustomerFault.BAD_SIREN}
    assert outcome_of(house.cashier.customer(account.id)) == Customer()
    details, faults = outcome_of(house.cashier.set_customer(account.id, {**DETAILS, "siren": "732 829 320 00074"}))
    assert not faults
    assert details.siren == "732829320"
    assert outcome_of(house.cashier.customer(account.id)) == details


@pytest.mark.parametrize(
    ("credits", "net", "gross", "better"),
    [
        (100, 1900, 2280, None),
        (447, 8493, 10192, None),
        (448, 8512, 10214, 500),
        (500, 8500, 10200, None),
        (10_000_000, 105_000_000, 126_000_000, None),
    ],
)
def test_quote(house: House, credits: int, net: int, gross: int, better: int | None) -> None:
    """Cents, halves up on the sum; and more for less, where that is so."""
    quote = outcome_of(house.cashier.quote(house.account().id, credits))
    assert isinstance(quote, Quote)
    assert (quote.amounts.net, quote.amounts.gross, quote.better_credits) == (net, gross, better)


@pytest.mark.parametrize("credits", [-5, 0, 99, 10_000_001, 10**30])
def test_no_such_quantity(house: House, credits: int) -> None:
    """Neither a quote nor an order."""
    account = customer(house)
    assert outcome_of(house.cashier.quote(account.id, credits)) is OrderFault.BAD_QUANTITY
    assert outcome_of(house.cashier.order(account.id, credits, "carte", "k")) is OrderFault.BAD_QUANTITY
    assert outcome_of(house.cashier.orders(OrderQuery())) == []


@pytest.mark.parametrize(
    ("country", "number", "case", "vat"),
    [
        ("FR", "", Taxation.STANDARD, 380),
        ("FR", "FR44732829320", Taxation.STANDARD, 380),
        ("RE", "", Taxation.STANDARD, 380),
        ("BE", "", Taxation.STANDARD, 380),
        ("BE", "BE0428759497", Taxation.REVERSE_CHARGE, 0),
        ("CH", "", Taxation.STANDARD, 380),
        ("CH", "CHE-116.281.710", Taxation.OUTSIDE, 0),
    ],
)
def test_tax(house: House, country: str, number: str, case: Taxation, vat: int) -> None:
    """By where the customer is, and whether it shows that it is a business."""
    account = house.account()
    typed = {**DETAILS, "country": country, "vat_number": number}
    _, faults = outcome_of(house.cashier.set_customer(account.id, typed))
    assert not faults
    quote = outcome_of(house.cashier.quote(account.id, 100))
    assert isinstance(quote, Quote)
    assert (quote.amounts.taxation, quote.amounts.vat) == (case, vat)


def test_order_by_card(house: House) -> None:
    """Redirected to the bank; the bank calls; credits and invoice are there; it calls again."""
    account = customer(house)
    order = ordered(house, account)
    start = outcome_of(house.cashier.start(account.id, order.reference))
    assert start == Redirection(url=f"https://banque.exemple.fr/{order.reference}", provider_reference=f"cs_{order.id}")
    assert found(house, order).provider_reference == start.provider_reference
    for _ in range(3):
        _told(house, event_of(order))
    assert house.balance(account) == 100
    paid = found(house, order)
    assert (paid.state, paid.invoices) == (OrderState.PAID, ("F2026-000001",))
    assert outcome_of(house.cashier.start(account.id, order.reference)) is OrderFault.SETTLED
    document = outcome_of(house.invoices.document("F2026-000001", account.id))
    assert document is not None
    assert SELLER.name.encode() in document.pdf
    assert house.verification().sound


def test_details_of_the_invoice_are_those_of_the_order(house: House) -> None:
    """Whoever changes them in between gets what was agreed on."""
    account = customer(house)
    order = ordered(house, account)
    house.write(lambda connection: customers.keep(connection, account.id, Customer(name="Autre", country="BE")))
    _told(house, event_of(order))
    (report,) = outcome_of(house.invoices.invoices(InvoiceQuery(account=account.id)))
    assert (report.customer, report.amounts.gross) == ("Mairie", 2280)


def test_first_whom_it_is_for(house: House) -> None:
    """No order without somebody to invoice; none by a way that there is not."""
    account = house.account()
    assert outcome_of(house.cashier.order(account.id, 100, "carte", "k")) is OrderFault.NO_CUSTOMER
    assert outcome_of(house.cashier.order(customer(house, "a@b.fr").id, 100, "or", "k")) is OrderFault.BAD_METHOD


def test_double_click(house: House) -> None:
    """The same form makes the same order."""
    account = customer(house)
    assert ordered(house, account).id == ordered(house, account, 500, "cheque").id
    assert ordered(house, account, key="k2").id != ordered(house, account).id


def test_others_orders(house: House) -> None:
    """Are not there: neither to start, nor to check, nor to cancel."""
    order = ordered(house, customer(house))
    other = house.account("autre@exemple.fr").id
    assert outcome_of(house.cashier.start(other, order.reference)) is OrderFault.UNKNOWN
    assert outcome_of(house.cashier.check(other, order.reference)) is None
    assert outcome_of(house.cashier.cancel(order.reference, other)) is OrderFault.UNKNOWN
    assert found(house, order).state is OrderState.OPEN


FORGED: list[Callable[[dict[str, Any]], Any]] = [
    lambda told: told | {"genuine": False},
    lambda told: {key: value for key, value in told.items() if key != "genuine"},
]


@pytest.mark.parametrize("forge", FORGED)
def test_forged(house: House, forge: Callable[[dict[str, Any]], Any]) -> None:
    """Nothing comes of it."""
    account = customer(house)
    order = ordered(house, account)
    body = json.dumps(forge(json.loads(call_of(event_of(order))))).encode()
    with pytest.raises(NotGenuine):
        outcome_of(house.cashier.notified("carte", {}, body))
    with pytest.raises(NotGenuine):
        outcome_of(house.cashier.notified("cheque", {}, call_of(event_of(order))))
    with pytest.raises(KeyError):
        outcome_of(house.cashier.notified("or", {}, call_of(event_of(order))))
    assert house.balance(account) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"cents": 2279},
        {"cents": 10**25},
        {"cents": -2280},
        {"currency": "USD"},
        {"currency": ""},
        {"order": "RF97SMS000042"},
        {"order": ""},
        {"order": "\x00\ud800"},
        {"currency": "eur"},
    ],
)
def test_what_does_not_fit_changes_nothing(house: House, other: dict[str, Any]) -> None:
    """It is taken, so that it is not told for ever; and the right one counts afterwards."""
    account = customer(house)
    order = ordered(house, account)
    _told(house, event_of(order, **other))
    assert found(house, order).state is OrderState.OPEN
    assert house.balance(account) == 0
    _told(house, event_of(order))
    assert house.balance(account) == 100


def test_of_no_concern(house: House) -> None:
    """What a provider tells besides."""
    order = ordered(house, customer(house))
    body = json.dumps({"genuine": True, "kind": "other"}).encode()
    outcome_of(house.cashier.notified("carte", {}, body))
    assert found(house, order).state is OrderState.OPEN


def test_refund_by_the_provider(house: House) -> None:
    """First it is told too early, and has to be told again; parts add up; what comes out of turn is passed over."""
    account = customer(house)
    order = ordered(house, account, 1000)
    half, whole = (
        event_of(order, f"r{cents}", PaymentKind.REFUNDED, cents=cents) for cents in (9300, order.amounts.gross)
    )
    with pytest.raises(Unavailable):
        _told(house, half)
    _told(house, event_of(order))
    _told(house, half)
    assert (house.balance(account), found(house, order).state) == (500, OrderState.PAID)
    _told(house, whole)
    _told(house, half)
    assert (house.balance(account), found(house, order).state) == (0, OrderState.REFUNDED)
    assert found(house, order).invoices == ("F2026-000001", "A2026-000001", "A2026-000002")


def test_database_away(house: House) -> None:
    """The provider is to call again: nothing is lost."""
    account = customer(house)
    order = ordered(house, account)
    house.database.away = True
    with pytest.raises(Unavailable):
        _told(house, event_of(order))
    house.database.away = False
    _told(house, event_of(order))
    assert house.balance(account) == 100


def test_provider_away(house: House) -> None:
    """The order stands, and can be paid when it is back."""
    account = customer(house)
    made = outcome_of(house.cashier.order(account.id, 100, "carte", "k"))
    assert isinstance(made, Order)
    house.bank.away = True
    assert outcome_of(house.cashier.start(account.id, made.reference)) is OrderFault.PROVIDER_AWAY
    house.bank.away = False
    assert isinstance(outcome_of(house.cashier.start(account.id, made.reference)), Redirection)


def test_who_comes_back_first(house: House) -> None:
    """Whoever is back before the bank called has his credits by the question; the call then changes nothing."""
    account = customer(house)
    order = ordered(house, account)
    checked = outcome_of(house.cashier.check(account.id, order.reference))
    assert checked is not None
    assert checked.state is OrderState.OPEN
    house.bank.known[order.reference] = event_of(order, "looked")
    checked = outcome_of(house.cashier.check(account.id, order.reference))
    assert checked is not None
    assert checked.state is OrderState.PAID
    _told(house, event_of(order))
    assert house.balance(account) == 100
    house.bank.away = True
    assert outcome_of(house.cashier.check(account.id, order.reference)) == checked


def test_by_cheque(house: House) -> None:
    """The customer is told where to send it; the operator records it once."""
    account = customer(house)
    order = ordered(house, account, method="cheque")
    assert isinstance(outcome_of(house.cashier.start(account.id, order.reference)), Instructions)
    paid = outcome_of(house.cashier.confirm(order.reference, TODAY - timedelta(2), " chèque\n n° 12 \x00"))
    assert isinstance(paid, Order)
    assert (paid.state, paid.note, paid.invoices) == (OrderState.PAID, "chèque n° 12", ("F2026-000001",))
    assert outcome_of(house.cashier.confirm(order.reference, TODAY, "")) is OrderFault.SETTLED
    assert house.balance(account) == 100
    refunded = outcome_of(house.cashier.refund(order.reference, "erreur"))
    assert isinstance(refunded, Order)
    assert refunded.state is OrderState.REFUNDED
    assert outcome_of(house.cashier.refund(order.reference, "")) is OrderFault.SETTLED
    assert house.balance(account) == 0


@pytest.mark.parametrize("day", [TODAY + timedelta(1), TODAY - timedelta(32), date(1970, 1, 1), date(9999, 12, 31)])
def test_not_on_that_day(house: House, day: date) -> None:
    """Money neither comes tomorrow nor came long before its order."""
    order = ordered(house, customer(house), method="cheque")
    assert outcome_of(house.cashier.confirm(order.reference, day, "")) is OrderFault.BAD_DATE
    assert found(house, order).state is OrderState.OPEN


def test_unknown_to_the_operator(house: House) -> None:
    """A reference that is none."""
    for reference in ("", "RF97SMS000042", "\x00"):
        assert outcome_of(house.cashier.confirm(reference, TODAY, "")) is OrderFault.UNKNOWN
        assert outcome_of(house.cashier.refund(reference, "")) is OrderFault.UNKNOWN
        assert outcome_of(house.cashier.cancel(reference)) is OrderFault.UNKNOWN


def test_refund_of_what_was_not_paid(house: House) -> None:
    """Is none."""
    order = ordered(house, customer(house), method="cheque")
    assert outcome_of(house.cashier.refund(order.reference, "")) is OrderFault.SETTLED


def test_time_goes_by(house: House) -> None:
    """Who was to pay by hand is reminded, then given up; the bank is asked where it did not call."""
    account = customer(house)
    cheque, card, lost = (ordered(house, account, method=way, key=way + key) for way, key in
                          (("cheque", ""), ("carte", ""), ("carte", "2")))  # fmt: skip
    house.order_upkeep.startService()
    house.bank.known[lost.reference] = event_of(lost, "looked")
    house.advance(1300, step=10)
    assert found(house, lost).state is OrderState.PAID
    assert house.balance(account) == 100
    house.advance(4 * 86_400, step=60)
    assert found(house, card).state is OrderState.CANCELLED
    house.advance(12 * 86_400, step=600)
    assert found(house, cheque).state is OrderState.OPEN
    house.advance(46 * 86_400, step=3600)
    assert found(house, cheque).state is OrderState.CANCELLED
    paid = outcome_of(house.cashier.confirm(cheque.reference, TODAY + timedelta(20), ""))
    assert isinstance(paid, Order)
    assert house.balance(account) == 200
    outcome_of(house.order_upkeep.stopService())

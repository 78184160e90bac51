"""References of orders, their states, and invoices as they are kept."""

import attrs
import pytest
import stdnum.iso11649
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.customer import Customer
from smstob.model.invoice import Invoice, InvoiceKind, Seller, number_of
from smstob.model.order import TRANSITIONS, OrderState, read_reference, reference_of
from smstob.model.vat import Amounts, Taxation


@given(st.integers(1, 10**14))
def test_reference(order: int) -> None:
    """It is a creditor reference of ISO 11649, different for each order, and read as people type it."""
    made = reference_of(order)
    assert stdnum.iso11649.is_valid(made)
    assert made.endswith(f"SMS{order:06}")
    assert read_reference(f" {made[:4].lower()} {made[4:]} ") == made


@given(st.integers(1, 999_999), st.integers(0, 12), st.sampled_from("0123456789SMRF"))
def test_a_typing_mistake(order: int, place: int, sign: str) -> None:
    """Of one sign is noticed."""
    made = reference_of(order)
    wrong = made[:place] + sign + made[place + 1 :]
    assert wrong == made or read_reference(wrong) is None


@pytest.mark.parametrize("typed", ["", "RF", "RF97", "'; DROP", "é" * 30, "RF97SMS000042" * 50, "\x00"])
def test_no_reference(typed: str) -> None:
    """Whatever is typed."""
    assert read_reference(typed) is None


def test_states() -> None:
    """Paid is never open again, and refunded is the end."""
    assert OrderState.PAID in TRANSITIONS[OrderState.CANCELLED]
    assert TRANSITIONS[OrderState.PAID] == {OrderState.REFUNDED}
    assert not TRANSITIONS[OrderState.REFUNDED]


def test_numbers() -> None:
    """Fixed in width, a letter for each kind."""
    assert number_of(InvoiceKind.INVOICE, 2026, 42) == "F2026-000042"
    assert number_of(InvoiceKind.CREDIT_NOTE, 2026, 1_234_567) == "A2026-1234567"


@given(st.text(), st.text(), st.sampled_from(Taxation), st.integers(0, 10**12))
def test_kept(name: str, address: str, case: Taxation, net: int) -> None:
    """What is read again is the same, whatever is in it."""
    made = Invoice(
        kind=InvoiceKind.CREDIT_NOTE,
        number="A2026-000001",
        issued=20_000,
        seller=Seller(name=name, vat_on_debits=True),
        customer=Customer(name=name, address=address),
        email="a@b.fr",
        order="RF97SMS000042",
        method="card",
        paid=20_000,
        credits=100,
        amounts=Amounts(net=net, vat=1, rate=2000, taxation=case),
        corrects="F2026-000001",
        corrects_issued=19_999,
    )
    assert Invoice.from_json(made.as_json()) == made
    assert attrs.evolve(made, number="A").as_json() != made.as_json()

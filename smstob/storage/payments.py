"""What providers and the operator tell of money: each once, with all that follows from it in one transaction."""

from collections.abc import Callable
from enum import Enum
from typing import Final

import attrs
from sqlalchemy import Connection

from ..model.invoice import Invoice, InvoiceKind, Seller
from ..model.ledger import Reason
from ..model.notice import Kind
from ..model.order import TRANSITIONS, Order, OrderState
from ..model.price import rounded
from . import bulk, invoices, ledger, notices, orders

BY_HAND: Final = "operator"
"""What the operator records has this provider's name."""


_TWICE: Final = "paid-twice"
"""The kind of an event that told of a payment beside the one that counted."""


class Verdict(Enum):
    """What became of what was told."""

    DONE = "done"
    REPEATED = "repeated"
    """It was told before, or the order is there already."""
    UNKNOWN = "unknown order"
    WRONG_AMOUNT = "another amount"
    TOO_EARLY = "paid back before it was paid"
    PAID_TWICE = "paid twice"
    """By another payment than the one that counted: somebody has to be paid back."""


@attrs.frozen(kw_only=True)
class Payment:
    """Money that came for an order, or went back."""

    provider: str
    event: str
    """The provider's id for what it tells: once for each."""
    order: str
    """The reference."""
    provider_reference: str = ""
    cents: int | None = None
    """That came, or went back in all since the order; None for all of it."""
    day: int
    """When, since 1970-01-01 on the service's clocks."""
    today: int
    """Likewise: the day of issue."""
    at: int
    """Unix seconds: now."""
    note: str = ""
    method: str
    """The kind of payment, for the invoice."""


Work = Callable[[Connection], tuple[Verdict, Order | None]]


def pay(connection: Connection, told: Payment, seller: Seller) -> tuple[Verdict, Order | None]:
    """The order is paid: its credits, its invoice, and a letter with that. Never twice."""
    order = orders.find(connection, told.order, lock=True)
    if order is None:
        return Verdict.UNKNOWN, None
    if told.cents not in (None, order.amounts.gross):
        return Verdict.WRONG_AMOUNT, order
    settled = OrderState.PAID not in TRANSITIONS[order.state]
    twice = settled and told.provider_reference != order.provider_reference
    if not _is_new(connection, told, order, _TWICE if twice else "paid") or (settled and not twice):
        return Verdict.REPEATED, order
    if twice:
        return Verdict.PAID_TWICE, order
    paid = {"state": OrderState.PAID.value, "paid_at": told.at, "received": told.day, "note": told.note}
    if told.provider_reference:
        paid["provider_reference"] = told.provider_reference
    orders.change(connection, order, **paid)
    note = f"Commande {order.reference}"
    ledger.issue(connection, order.account, order.credits, Reason.TOP_UP, order.reference, told.at, note)
    number, issued = invoices.allot(connection, InvoiceKind.INVOICE, told.today)
    made = Invoice(
        kind=InvoiceKind.INVOICE,
        number=number,
        issued=issued,
        seller=seller,
        customer=order.customer,
        email=order.email,
        order=order.reference,
        method=told.method,
        paid=told.day,
        credits=order.credits,
        amounts=order.amounts,
        note=told.note,
    )
    invoices.issue(connection, order.id, order.account, f"order:{order.id}", made, told.at)
    _owe(connection, order, number, told.at)
    return Verdict.DONE, orders.find(connection, order.reference)


def _is_new(connection: Connection, told: Payment, order: Order, kind: str) -> bool:
    statement = (
        "INSERT INTO payment_event (provider, event, order_id, kind, cents, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (provider, event) DO NOTHING"
    )
    cents = order.amounts.gross if told.cents is None else told.cents
    return bulk.execute(connection, statement, told.provider, told.event, order.id, kind, cents, told.at) > 0


def _was_paid_twice(connection: Connection, told: Payment, order: Order) -> bool:
    statement = "SELECT 1 FROM payment_event WHERE provider = ? AND order_id = ? AND kind = ?"
    return bool(bulk.query(connection, statement, told.provider, order.id, _TWICE))


def _owe(connection: Connection, order: Order, number: str, now: int) -> None:
    key = f"{Kind.INVOICED}:{number}"
    notices.owe_about(connection, Kind.INVOICED, order.account, order.email, number, key, now)


def refund(connection: Connection, told: Payment, seller: Seller) -> tuple[Verdict, Order | None]:
    """Money went back: a credit note for it, and its share of the credits back as far as they are there. Never twice.

    ``told.cents`` is all that went back since the order: what comes out of turn changes nothing. Nor does what a
    provider pays back of an order that was paid to it twice: most likely that is the payment that did not count.
    """
    order = orders.find(connection, told.order, lock=True)
    if order is None:
        return Verdict.UNKNOWN, None
    total = order.amounts.gross if told.cents is None else told.cents
    if order.state not in (OrderState.PAID, OrderState.REFUNDED):
        return Verdict.TOO_EARLY, order
    if not 0 < total <= order.amounts.gross:
        return Verdict.WRONG_AMOUNT, order
    if _was_paid_twice(connection, told, order):
        return Verdict.PAID_TWICE, order
    if total <= order.refunded or not _is_new(connection, told, order, "refunded"):
        return Verdict.REPEATED, order
    original = invoices.of_order(connection, order.id)[0]
    number, issued = invoices.allot(connection, InvoiceKind.CREDIT_NOTE, told.today)
    share = _share(order.credits, order, total)
    # nobody sends from it between this look and the commit
    purse = "SELECT balance FROM purse WHERE account_id = ? " + bulk.locking(connection)
    ((balance,),) = bulk.query(connection, purse, order.account)
    taken = min(share, balance)
    if taken:
        note = f"Avoir {number}"
        ledger.issue(connection, order.account, -taken, Reason.ADJUSTMENT, number, told.at, note)
    net = _share(order.amounts.net, order, total)
    amounts = attrs.evolve(order.amounts, net=net, vat=total - order.refunded - net)
    state = OrderState.REFUNDED if total == order.amounts.gross else OrderState.PAID
    changed = {"state": state.value, "refunded": total, "taken_back": order.taken_back + taken}
    orders.change(connection, order, **changed)
    made = attrs.evolve(
        original,
        kind=InvoiceKind.CREDIT_NOTE,
        number=number,
        issued=issued,
        seller=seller,
        paid=told.day,
        method=told.method,
        credits=share,
        amounts=amounts,
        corrects=original.number,
        corrects_issued=original.issued,
        note=told.note,
    )
    invoices.issue(connection, order.id, order.account, f"refund:{told.provider}:{told.event}", made, told.at)
    _owe(connection, order, number, told.at)
    return Verdict.DONE, orders.find(connection, order.reference)


def _share(whole: int, order: Order, total: int) -> int:
    """What of ``whole`` goes back now, so that all parts together are ``whole`` when all went back."""
    gross = order.amounts.gross
    return rounded(whole * total, gross) - rounded(whole * order.refunded, gross)


def cancel(connection: Connection, reference: str, account: int | None) -> tuple[Verdict, Order | None]:
    """Expect the money of an open order no longer."""
    order = orders.find(connection, reference, account, lock=True)
    if order is None:
        return Verdict.UNKNOWN, None
    if OrderState.CANCELLED not in TRANSITIONS[order.state]:
        return Verdict.REPEATED, order
    orders.change(connection, order, state=OrderState.CANCELLED.value)
    return Verdict.DONE, orders.find(connection, reference)

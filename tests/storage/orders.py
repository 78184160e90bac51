"""What tests of orders begin with."""

from itertools import count
from typing import Any, Final

import attrs
from sqlalchemy import Connection

from smstob.model.account import Account
from smstob.model.customer import Customer
from smstob.model.invoice import Seller
from smstob.model.order import Order
from smstob.model.vat import Amounts, Taxation, taxed
from smstob.storage import orders
from smstob.storage.orders import Wanted
from smstob.storage.payments import Payment

from .scenes import NOW

TODAY: Final = NOW // 86_400
SELLER: Final = Seller(name="SMStoB", siren="732829320")
CUSTOMER: Final = Customer(name="Mairie", address="1 place", postcode="35000", city="Rennes")
HUNDRED: Final = taxed(1900, 2000, Taxation.STANDARD)
_KEYS: Final = count(1)


def wanted(account: Account, credits_: int = 100, amounts: Amounts = HUNDRED, **other: Any) -> Wanted:
    """An order by card, with a key of its own."""
    made = Wanted(
        account=account.id,
        key=f"k{next(_KEYS)}",
        method="carte",
        by_hand=False,
        credits=credits_,
        amounts=amounts,
        customer=CUSTOMER,
        at=NOW,
    )
    return attrs.evolve(made, **other)


def ordered(connection: Connection, account: Account, **other: Any) -> Order:
    """An open order."""
    made = orders.create(connection, wanted(account, **other))
    assert isinstance(made, Order)
    return made


def payment(order: Order, event: str = "", **other: Any) -> Payment:
    """All of it was paid, or paid back, by a card."""
    told = Payment(
        provider="carte",
        event=event or f"paid_{order.id}",
        order=order.reference,
        provider_reference=f"cs_{order.id}",
        day=TODAY,
        today=TODAY,
        at=NOW,
        method="card",
    )
    return attrs.evolve(told, **other)

"""What tests of the rooms of money begin with."""

from typing import Any, Final

from smstob.model.account import Account
from smstob.model.order import Order
from smstob.storage import customers
from tests.house import House, outcome_of
from tests.storage.orders import CUSTOMER

DETAILS: Final = {"name": "Mairie", "address": "1 place", "postcode": "35000", "city": "Rennes", "country": "FR"}


def customer(house: House, email: str = "mairie@exemple.fr", credits: int = 0) -> Account:
    """An account that said whom its invoices are for."""
    account = house.account(email, credits)
    house.write(lambda connection: customers.keep(connection, account.id, CUSTOMER))
    return account


def ordered(house: House, account: Account, credits: int = 100, method: str = "carte", key: str = "k") -> Order:
    """An order that was made and started."""
    made = outcome_of(house.cashier.order(account.id, credits, method, key))
    assert isinstance(made, Order), made
    outcome_of(house.cashier.start(account.id, made.reference))
    return found(house, made)


def found(house: House, order: Order) -> Order:
    """As it is now."""
    now: Any = outcome_of(house.cashier.find(order.reference))
    assert isinstance(now, Order)
    return now

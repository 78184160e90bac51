"""A thousand payments at once, each told several times: numbers without a gap, every credit once, the sum zero."""

import random

from sqlalchemy import Connection, select
from twisted.internet.defer import Deferred

from smstob.model.order import Order
from smstob.storage import orders
from smstob.storage.billing_schema import invoice
from tests.house import House, outcome_of
from tests.storage.orders import wanted

from .providers import call_of, event_of
from .scene import customer

THOUSAND = 1000
SEED = 20


def _numbers(connection: Connection) -> list[str]:
    return sorted(connection.execute(select(invoice.c.number)).scalars())


def test_one_daemon(house: House) -> None:
    """Through the cashier, while each waits for those before."""
    chance = random.Random(SEED)
    accounts = [customer(house, f"a{number}@exemple.fr") for number in range(10)]

    def make(connection: Connection) -> list[Order]:
        made = [orders.create(connection, wanted(accounts[number % 10], at=house.now)) for number in range(200)]
        return [one for one in made if isinstance(one, Order)]

    made = house.write(make)
    calls = [call_of(event_of(order, f"evt_{order.id}")) for order in made for _ in range(5)]
    chance.shuffle(calls)
    assert len(calls) == THOUSAND
    house.workers.held = True
    waited = [Deferred.fromCoroutine(house.cashier.notified("carte", {}, call)) for call in calls]
    house.workers.go()
    for one in waited:
        outcome_of(one)
    assert house.read(_numbers) == [f"F2026-{number + 1:06}" for number in range(200)]
    assert [house.balance(account) for account in accounts] == [20 * 100] * 10
    assert house.verification().sound

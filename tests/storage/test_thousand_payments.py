"""A thousand payments at the doors of several daemons: numbers without a gap, every credit once, the sum zero."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import select

from smstob.model.order import Order
from smstob.storage import ledger, orders, payments
from smstob.storage.billing_schema import invoice
from smstob.storage.engine import Engines, open_engines

from .orders import SELLER, payment, wanted
from .scenes import open_account


def test_four_writers(postgresql_engines: Engines) -> None:
    """Each has all the payments, in an order of its own."""
    with postgresql_engines.writer.begin() as connection:
        accounts = [open_account(connection, 0) for _ in range(25)]
        made = [orders.create(connection, wanted(accounts[number % 25])) for number in range(250)]
    told = [payment(one) for one in made if isinstance(one, Order)]
    assert len(told) == 250

    def daemon(seed: int) -> None:
        chance = random.Random(seed)
        mine = list(told)
        chance.shuffle(mine)
        engines = open_engines(postgresql_engines.writer.url.render_as_string(hide_password=False))
        for one in mine:
            with engines.writer.begin() as connection:
                payments.pay(connection, one, SELLER)
        engines.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(daemon, range(4)))
    with postgresql_engines.writer.begin() as connection:
        numbers = sorted(connection.execute(select(invoice.c.number)).scalars())
        assert numbers == [f"F2027-{number + 1:06}" for number in range(250)]
        assert ledger.verify(connection).sound
        balances = list(map(partial(ledger.balance_of, connection), (account.id for account in accounts)))
        assert balances == [10 * 100] * 25

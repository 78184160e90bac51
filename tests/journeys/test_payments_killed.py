"""Money that came is never lost, nor counted twice: the daemon is killed again and again while payments are told."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from typing import Any, Final

import pytest
from sqlalchemy import Connection, select

from payments.stripe import METADATA
from smstob.model.customer import Customer
from smstob.model.order import Order, OrderQuery, OrderState
from smstob.model.vat import Taxation, taxed
from smstob.storage import customers, orders
from smstob.storage.billing_schema import invoice
from smstob.storage.orders import Wanted
from smstob.storage.schema import notice
from tests.daemon import RunningDaemon, running
from tests.payments.fake_stripe import KEY, SECRET, call

ORDERS: Final = 120
KILLS: Final = 6
TELLERS: Final = 6
SEED: Final = 12
CUSTOMER: Final = Customer(name="Mairie", address="1 place", postcode="35000", city="Rennes")
COMPANY: Final = {
    "name": "SMStoB",
    "address": "1 rue",
    "postcode": "35000",
    "city": "Rennes",
    "siren": "732829320",
    "vat_number": "FR44732829320",
}


@pytest.fixture
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon that sells by card."""
    card = {"type": "stripe", "settings": {"key": KEY, "webhook_secret": SECRET}}
    settings = {"payments": {"carte": card}, "company": COMPANY}
    yield from running(tmp_path_factory.mktemp("seller"), settings)


def _ordered(daemon: RunningDaemon, emails: list[str]) -> list[Order]:
    def make(connection: Connection) -> list[Order]:
        made = []
        for number in range(ORDERS):
            account = daemon.account_id(connection, emails[number % len(emails)])
            customers.keep(connection, account, CUSTOMER)
            wanted = Wanted(
                account=account,
                key=f"k{number}",
                method="carte",
                by_hand=False,
                credits=100 + number,
                amounts=taxed((100 + number) * 19, 2000, Taxation.STANDARD),
                customer=CUSTOMER,
                at=int(time.time()),
            )
            order = orders.create(connection, wanted)
            assert isinstance(order, Order)
            made.append(order)
        return made

    return daemon.transact(make)


def _event(order: Order) -> dict[str, Any]:
    session = {
        "id": f"cs_{order.id}",
        "object": "checkout.session",
        "client_reference_id": order.reference,
        "payment_status": "paid",
        "amount_total": order.amounts.gross,
        "currency": "eur",
        "metadata": {METADATA: order.reference},
        "payment_intent": f"pi_{order.id}",
    }
    return {
        "id": f"evt_{order.id}",
        "object": "event",
        "type": "checkout.session.completed",
        "data": {"object": session},
    }


class Bank:
    """Tells of every payment until it is answered 200, as Stripe does; of some it tells again all the same."""

    def __init__(self, daemon: RunningDaemon, told: list[Order]) -> None:
        self.daemon = daemon
        chance = random.Random(SEED)
        self._waiting = told + chance.sample(told, ORDERS // 2)
        chance.shuffle(self._waiting)
        self._lock = threading.Lock()
        self.statuses: Counter[int] = Counter()

    def tell(self) -> None:
        """Until there is nothing more to tell."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                order = self._waiting.pop()
            while not self._told(order):
                time.sleep(0.05)

    def _told(self, order: Order) -> bool:
        signed = call(json.dumps(_event(order)).encode(), time.time())
        try:
            reply = self.daemon.request("POST", "/paiement/avis/carte", signed.body, dict(signed.headers))
        except (OSError, HTTPException):
            return False
        with self._lock:
            self.statuses[reply.status] += 1
        return reply.status == 200

    def has_told(self, count: int) -> bool:
        """Whether so many calls were answered 200."""
        return self.statuses[200] >= count


def test_killed_while_payments_are_told(seller: RunningDaemon) -> None:
    """Every order is paid once, with its credits, its invoice and its letter; numbers have no gap."""
    emails = [seller.provision(0) for _ in range(7)]
    made = _ordered(seller, emails)
    bank = Bank(seller, made)
    with ThreadPoolExecutor(TELLERS) as pool:
        tellers = [pool.submit(bank.tell) for _ in range(TELLERS)]
        for number in range(KILLS):
            seller.wait(partial(bank.has_told, (number + 1) * ORDERS // (KILLS + 1)), "some payments are told", 60)
            seller.kill()
            seller.start()
        for teller in tellers:
            teller.result()
    assert set(bank.statuses) <= {200, 503}
    seller.verify()
    paid = seller.transact(lambda connection: orders.orders(connection, OrderQuery(limit=1000)))
    assert Counter(one.state for one in paid) == {OrderState.PAID: ORDERS}
    assert all(len(one.invoices) == 1 for one in paid)
    bought = Counter[str]()
    for one in paid:
        bought[one.email] += one.credits
    assert {email: seller.balance(email) for email in emails} == bought
    numbers = seller.transact(lambda connection: sorted(connection.execute(select(invoice.c.number)).scalars()))
    year = numbers[0][:5]
    assert numbers == [f"{year}-{place + 1:06}" for place in range(ORDERS)]

    def owed(connection: Connection) -> list[str]:
        told = select(notice.c.about).where(notice.c.kind == "invoiced")
        return sorted(connection.execute(told).scalars())

    assert seller.transact(owed) == numbers

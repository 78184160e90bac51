"""A card payment as a whole: from our page to Stripe's, and by Stripe's call through the door into the ledger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource

from payments.stripe import StripeCheckout, StripeSettings
from smstob.billing.cashier import Cashier
from smstob.channels.http.notifications import NotificationResource
from smstob.channels.http.server import BoundedSite, Bounds
from smstob.channels.web.front import Front
from smstob.model.account import Account
from smstob.model.order import Order, OrderFault, OrderState, Redirection
from smstob.model.terms import Terms
from smstob.storage import customers
from tests.contracts.reactor import in_reactor
from tests.house import BASE_URL, PARIS, SELLER, House

from .fake_stripe import KEY, SECRET, FakeStripe, ask, call
from .orders import ORDER

reactor: Any = global_reactor
CREDITS: Final = 1000


@attrs.frozen
class Scene:
    """A shop with its door open, a Stripe that calls there, and a customer."""

    house: House
    cashier: Cashier
    stripe: FakeStripe
    account: Account

    async def order(self) -> Order:
        """An order, and where it is paid noted."""
        made = await self.cashier.order(self.account.id, CREDITS, "carte", "k")
        assert isinstance(made, Order)
        assert isinstance(await self.cashier.start(self.account.id, made.reference), Redirection)
        return await self.again(made)

    async def again(self, order: Order) -> Order:
        """The order as it is now."""
        found = await self.cashier.find(order.reference)
        assert found is not None
        return found

    @property
    def credits(self) -> int:
        """The customer's."""
        return self.house.balance(self.account)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Nothing is ordered yet."""
    house = House(tmp_path / "smstob.db")
    with FakeStripe(house.clock.seconds, reactor) as stripe:
        provider = StripeCheckout("carte", StripeSettings(KEY, SECRET, stripe.api), house.clock, deferToThread, 2)
        cashier = Cashier(house.database, [provider], Terms(), SELLER, PARIS, house.clock, BASE_URL)
        nobody: Any = None
        front = Front(Resource(), NotificationResource(cashier, nobody), Resource())
        door = reactor.listenTCP(0, BoundedSite(front, Bounds(), reactor), interface="127.0.0.1")
        stripe.webhook = f"http://127.0.0.1:{door.getHost().port}/paiement/avis/carte"
        account = house.account(credits=0)
        house.write(lambda connection: customers.keep(connection, account.id, ORDER.customer))
        yield Scene(house, cashier, stripe, account)
        door.stopListening()
        house.close()


@in_reactor
async def test_from_page_to_ledger(scene: Scene) -> None:
    """The customer presses the button at Stripe's; when he is back on our page his credits are there."""
    order = await scene.order()
    url = scene.stripe.sessions[order.provider_reference]["url"]
    _, _, page = await deferToThread(ask, "GET", url)
    assert b"186,00 EUR" in page
    status, headers, _ = await deferToThread(ask, "POST", url)
    assert (status, order.reference in headers["location"]) == (302, True)
    assert (await scene.again(order)).state is OrderState.PAID
    assert scene.credits == CREDITS
    assert await scene.cashier.start(scene.account.id, order.reference) is OrderFault.SETTLED


@in_reactor
async def test_told_again_and_looked_for(scene: Scene) -> None:
    """Stripe repeats itself, and was asked before it called: the credits come once."""
    order = await scene.order()
    paid = scene.stripe.pay(order.provider_reference)
    assert (await scene.cashier.check(scene.account.id, order.reference) or order).state is OrderState.PAID
    assert [await scene.stripe.send(paid) for _ in range(3)] == [200] * 3
    later = scene.stripe.event(
        "checkout.session.async_payment_succeeded", scene.stripe.sessions[order.provider_reference]
    )
    assert await scene.stripe.send(later) == 200
    assert scene.credits == CREDITS
    assert len((await scene.again(order)).invoices) == 1


@in_reactor
async def test_forged(scene: Scene) -> None:
    """Who does not know the secret gets no credits, nor who calls another provider."""
    order = await scene.order()
    paid = scene.stripe.pay(order.provider_reference)
    assert await scene.stripe.send(call(paid.body, scene.house.now, "whsec_other")) == 400
    assert await scene.stripe.send(call(paid.body, scene.house.now - 301)) == 400
    scene.stripe.webhook = scene.stripe.webhook.replace("carte", "cheque")
    assert await scene.stripe.send(paid) == 404
    assert scene.credits == 0


@in_reactor
async def test_another_amount(scene: Scene) -> None:
    """What is not the order's price pays nothing; Stripe is not asked to tell it again."""
    order = await scene.order()
    scene.stripe.sessions[order.provider_reference]["amount_total"] -= 1
    assert await scene.stripe.send(scene.stripe.pay(order.provider_reference)) == 200
    assert (scene.credits, (await scene.again(order)).state) == (0, OrderState.OPEN)


@in_reactor
async def test_second_page(scene: Scene) -> None:
    """A page that expired is replaced, and the order is paid by the second."""
    order = await scene.order()
    assert await scene.stripe.send(scene.stripe.expire(order.provider_reference)) == 200
    await scene.cashier.start(scene.account.id, order.reference)
    second = await scene.again(order)
    assert second.provider_reference != order.provider_reference
    assert await scene.stripe.send(scene.stripe.pay(second.provider_reference)) == 200
    assert scene.credits == CREDITS


@in_reactor
async def test_paid_back(scene: Scene) -> None:
    """A refund at Stripe's takes credits back, in its share, then all; told before the payment it comes again."""
    order = await scene.order()
    session, gross = order.provider_reference, order.amounts.gross
    paid = scene.stripe.pay(session)
    assert await scene.stripe.send(scene.stripe.refund(session, gross)) == 503
    assert await scene.stripe.send(paid) == 200
    assert await scene.stripe.send(scene.stripe.refund(session, gross // 2)) == 200
    assert scene.credits == CREDITS // 2
    assert await scene.stripe.send(scene.stripe.refund(session, gross)) == 200
    assert (scene.credits, (await scene.again(order)).state) == (0, OrderState.REFUNDED)
    assert scene.house.verification().sound

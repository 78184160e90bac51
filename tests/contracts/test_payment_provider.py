"""What every IPaymentProvider promises: one way for one order, and events only of what it has proven."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread
from zope.interface.verify import verifyObject

from payments.cheque import Cheque, ChequeSettings
from payments.stripe import StripeCheckout, StripeSettings
from payments.test import TestBank
from payments.transfer import Transfer, TransferSettings
from smstob.billing_interfaces import IPaymentProvider
from smstob.model.order import (
    Instructions,
    NotGenuine,
    Order,
    PaymentKind,
    ProviderAway,
    Redirection,
    Start,
    reference_of,
)
from tests.billing.providers import StrawBank, StrawPost, call_of, event_of
from tests.payments.fake_stripe import KEY, SECRET, Call, FakeStripe, call
from tests.payments.orders import BASE, NOW, ORDER, RETURN, started

from .reactor import in_reactor

LONGEST: Final = 200
"""Characters of what a provider calls an order that can be kept."""


@attrs.frozen
class Bench:
    """A provider, and a way to pay: how it calls then, where it does."""

    provider: Any
    pay: Callable[[Order], Call] | None = None
    obstruct: Callable[[], None] | None = None
    """Nobody answers it any more."""

    async def begin(self, order: Order = ORDER) -> Start:
        """How the order is paid."""
        start: Start = await self.provider.start(order, RETURN)
        return start


def cheque() -> Iterator[Bench]:
    """By post."""
    yield Bench(Cheque("cheque", ChequeSettings("SMStoB", "1 rue de la Poste")))


def transfer() -> Iterator[Bench]:
    """By a bank."""
    yield Bench(Transfer("virement", TransferSettings("SMStoB", "FR7630006000011234567890189", "")))


def bank() -> Iterator[Bench]:
    """The one that takes no money."""
    made = TestBank("essai", BASE, b"k" * 32)
    yield Bench(made, lambda order: Call({}, made.signed(order.reference, order.amounts.gross, "paid")))


def stripe() -> Iterator[Bench]:
    """By card, before a server on loopback."""
    clock = Clock()
    clock.advance(NOW)
    with FakeStripe(clock.seconds, global_reactor) as account:
        settings = StripeSettings(KEY, SECRET, account.api)
        made = StripeCheckout("carte", settings, clock, deferToThread, 1)

        def obstruct() -> None:
            account.plan = [503] * 100

        yield Bench(made, lambda order: account.pay(order.provider_reference), obstruct)


def straw() -> Iterator[Bench]:
    """The fake bank that the cashier's tests use."""
    made = StrawBank()

    def obstruct() -> None:
        made.away = True

    yield Bench(made, lambda order: Call({}, call_of(event_of(order))), obstruct)


def straw_post() -> Iterator[Bench]:
    """The fake post."""
    yield Bench(StrawPost())


@pytest.fixture(params=[cheque, transfer, bank, stripe, straw, straw_post])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Every provider."""
    yield from request.param()


def test_interface(bench: Bench) -> None:
    """It has what the interface names; who is paid by hand is who does not call."""
    assert verifyObject(IPaymentProvider, bench.provider)
    method = bench.provider.method
    assert method.name
    assert method.kind in ("card", "cheque", "transfer", "test")
    assert method.by_hand == (method.kind in ("cheque", "transfer")) == (bench.pay is None)


@in_reactor
async def test_same_order_same_way(bench: Bench) -> None:
    """However often it is asked, also once it is noted how; and by hand the customer is told, else sent."""
    first = await bench.begin()
    assert await bench.begin() == first
    assert isinstance(first, Instructions) == bench.provider.method.by_hand
    if isinstance(first, Redirection):
        assert await bench.begin(started(first.provider_reference)) == first
        assert first.url.startswith(("http://", "https://"))
        assert 0 < len(first.provider_reference) <= LONGEST
    else:
        assert first.payee
        assert first.address or first.iban


@in_reactor
async def test_other_order_other_way(bench: Bench) -> None:
    """Two orders of one account are not paid by one payment."""
    first = await bench.begin()
    second = await bench.begin(attrs.evolve(ORDER, id=8, reference=reference_of(8)))
    if isinstance(first, Redirection) and isinstance(second, Redirection):
        assert first.url != second.url
        assert first.provider_reference != second.provider_reference


@in_reactor
async def test_nothing_came_yet(bench: Bench) -> None:
    """Of an order that nobody paid nothing is known, whether it was started or not."""
    assert await bench.provider.look(ORDER) is None
    start = await bench.begin()
    if isinstance(start, Redirection):
        assert await bench.provider.look(started(start.provider_reference)) is None


@in_reactor
async def test_paid(bench: Bench) -> None:
    """A call names the order, what it was started as, and the sum; told again, and looked for, it is the same."""
    start = await bench.begin()
    if bench.pay is None or not isinstance(start, Redirection):
        return
    order = started(start.provider_reference)
    made = bench.pay(order)
    told = bench.provider.read(made.headers, made.body)
    assert told is not None
    assert (told.kind, told.order, told.currency) == (PaymentKind.PAID, ORDER.reference, "EUR")
    assert told.cents == ORDER.amounts.gross
    assert 0 < len(told.id) <= LONGEST
    assert bench.provider.read(made.headers, made.body) == told
    looked = await bench.provider.look(order)
    assert looked is None or attrs.evolve(looked, id=told.id) == told


@in_reactor
async def test_altered(bench: Bench) -> None:
    """One letter less or more, another's signature or none: not genuine."""
    start = await bench.begin()
    if bench.pay is None or not isinstance(start, Redirection):
        return
    made = bench.pay(started(start.provider_reference))
    other = call(made.body, NOW, "whsec_other")
    if isinstance(bench.provider, StrawBank):
        return  # believes whatever says that it is genuine
    for headers, body in (
        (made.headers, made.body[:-1]),
        (made.headers, made.body + b"1"),
        (made.headers, made.body.replace(ORDER.reference.encode(), reference_of(8).encode())),
        (made.headers, made.body.replace(b"18600", b"18601")),
        (other.headers, made.body.replace(b"signature=", b"signature=0")),
    ):
        with pytest.raises(NotGenuine):
            bench.provider.read(headers, body)


@pytest.mark.parametrize("body", [b"{}", b'{"id": "evt_1", "kind": "paid"}'])
def test_forged(bench: Bench, body: bytes) -> None:
    """Whoever has no secret is refused; by hand everybody is."""
    for headers in ({}, {"stripe-signature": f"t={NOW},v1={'0' * 64}"}):
        with pytest.raises(NotGenuine):
            bench.provider.read(headers, body)


@in_reactor
async def test_away(bench: Bench) -> None:
    """Who asks somebody that does not answer is told so, and nothing else is raised."""
    start = await bench.begin()
    if bench.obstruct is None or not isinstance(start, Redirection):
        return
    bench.obstruct()
    with pytest.raises(ProviderAway) as away:
        await bench.begin(started(start.provider_reference))
    assert str(away.value)
    with pytest.raises(ProviderAway):
        await bench.provider.look(started(start.provider_reference))

"""The cashier: credits are ordered, paid by whatever way, and there once."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..billing_interfaces import ICashier, IPaymentProvider
from ..model.customer import Customer, CustomerFault, read_customer
from ..model.identity import bounded
from ..model.invoice import Seller
from ..model.moment import day_of, days_until
from ..model.order import (
    LONGEST_NOTE,
    Method,
    Order,
    OrderFault,
    OrderQuery,
    OrderState,
    PaymentEvent,
    PaymentKind,
    ProviderAway,
    Quote,
    Redirection,
    Start,
)
from ..model.price import MOST_ORDER
from ..model.terms import Terms
from ..model.text import storable
from ..model.vat import Amounts, taxation, taxed
from ..storage import customers, orders, payments
from ..storage.database import Connection, Database, Unavailable
from ..storage.payments import BY_HAND, Payment, Verdict

EARLIEST: Final = 31
"""Days before its order that a payment may have come."""


@implementer(ICashier)
class Cashier:
    """See ``ICashier``. ``clock`` has the time of day; days are those of ``zone``."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        providers: Sequence[IPaymentProvider],
        terms: Terms,
        seller: Seller,
        zone: ZoneInfo,
        clock: IReactorTime,
        base_url: str,
    ) -> None:
        self.prices = terms.prices
        self.methods: Sequence[Method] = tuple(one.method for one in providers)
        self._providers = {one.method.name: one for one in providers}
        self._database = database
        self._terms = terms
        self._seller = seller
        self._zone = zone
        self._clock = clock
        self._base_url = base_url

    def _now(self) -> int:
        return int(self._clock.seconds())

    def _today(self) -> int:
        return day_of(self._clock.seconds(), self._zone)

    async def customer(self, account: int) -> Customer:
        """See ``ICashier``."""
        return await self._database.read(lambda connection: customers.find(connection, account))

    async def set_customer(
        self, account: int, typed: Mapping[str, str]
    ) -> tuple[Customer, Mapping[str, CustomerFault]]:
        """See ``ICashier``."""
        details, faults = read_customer(typed)
        if not faults:
            await self._database.transact(lambda connection: customers.keep(connection, account, details))
        return details, faults

    async def quote(self, account: int, credits: int) -> Quote | OrderFault:
        """See ``ICashier``."""
        if not self.prices.least <= credits <= MOST_ORDER:
            return OrderFault.BAD_QUANTITY
        amounts = self._amounts(credits, await self.customer(account))
        better = self.prices.better(credits)
        return Quote(
            credits=credits,
            amounts=amounts,
            better_credits=None if better is None else better.credits,
            better_net=None if better is None else better.cents,
        )

    def _amounts(self, credits: int, customer: Customer) -> Amounts:
        case = taxation(
            franchise=self._terms.franchise, country=customer.country, business=bool(customer.vat_number)
        )
        return taxed(self.prices.net(credits), self._terms.vat_rate, case)

    async def order(self, account: int, credits: int, method: str, key: str) -> Order | OrderFault:
        """See ``ICashier``."""
        provider = self._providers.get(method)
        if provider is None:
            return OrderFault.BAD_METHOD
        if not self.prices.least <= credits <= MOST_ORDER:
            return OrderFault.BAD_QUANTITY
        now = self._now()

        def work(connection: Connection) -> Order | OrderFault:
            customer = customers.find(connection, account)
            if not customer.known:
                return OrderFault.NO_CUSTOMER
            wanted = orders.Wanted(
                account=account,
                key=storable(key)[:100],
                method=method,
                by_hand=provider.method.by_hand,
                credits=credits,
                amounts=self._amounts(credits, customer),
                customer=customer,
                at=now,
            )
            return orders.create(connection, wanted)

        return await self._database.transact(work)

    async def start(self, account: int, reference: str) -> Start | OrderFault:
        """See ``ICashier``."""
        order = await self.find(reference, account)
        if order is None:
            return OrderFault.UNKNOWN
        if order.state is not OrderState.OPEN:
            return OrderFault.SETTLED
        provider = self._providers.get(order.method)
        if provider is None:
            return OrderFault.BAD_METHOD
        try:
            start = await provider.start(order, f"{self._base_url}/credits/commandes/{reference}?retour=1")
        except ProviderAway as why:
            self.log.warn("order {reference} cannot be paid now: {why}", reference=reference, why=str(why))
            return OrderFault.PROVIDER_AWAY
        if isinstance(start, Redirection) and start.provider_reference != order.provider_reference:
            noted = partial(
                orders.note_start, reference=reference, provider_reference=start.provider_reference
            )
            await self._database.transact(noted)
        return start

    def orders(self, query: OrderQuery) -> "Deferred[list[Order]]":
        """See ``ICashier``."""
        return self._database.read(lambda connection: orders.orders(connection, query))

    def find(self, reference: str, account: int | None = None) -> "Deferred[Order | None]":
        """See ``ICashier``."""
        reference = storable(reference)
        return self._database.read(lambda connection: orders.find(connection, reference, account))

    async def notified(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """See ``ICashier``."""
        event = self._providers[provider].read(headers, body)
        if event is not None:
            await self._take(provider, event)

    async def _take(self, provider: str, event: PaymentEvent) -> Order | None:
        """Let what a provider has proven count."""
        if event.kind is PaymentKind.FAILED:
            self.log.info("order {reference} was not paid: it can be tried again", reference=event.order)
            return None
        if event.currency != "EUR":
            self._told(event, Verdict.WRONG_AMOUNT)
            return None
        told = Payment(
            provider=provider,
            event=event.id,
            order=storable(event.order),
            provider_reference=event.provider_reference,
            cents=bounded(event.cents),
            day=self._today(),
            today=self._today(),
            at=self._now(),
            method=self._providers[provider].method.kind,
        )
        work = payments.pay if event.kind is PaymentKind.PAID else payments.refund
        verdict, order = await self._database.transact(lambda connection: work(connection, told, self._seller))
        self._told(event, verdict)
        if verdict is Verdict.TOO_EARLY:
            # it is told again, and by then it may be paid
            raise Unavailable(verdict.value)
        return order

    def _told(self, event: PaymentEvent, verdict: Verdict) -> None:
        told = self.log.info if verdict in (Verdict.DONE, Verdict.REPEATED) else self.log.error
        told(
            "order {reference} {kind}, event {event} of {cents} {currency}: {verdict}",
            reference=event.order[:40], kind=event.kind.value, event=event.id[:100], cents=event.cents,
            currency=event.currency[:3], verdict=verdict.value,
        )  # fmt: skip

    async def check(self, account: int, reference: str) -> Order | None:
        """See ``ICashier``."""
        order = await self.find(reference, account)
        return order if order is None else await self.look(order) or await self.find(reference, account)

    async def look(self, order: Order) -> Order | None:
        """Ask its provider what became of an open order; None where there is nothing new."""
        provider = self._providers.get(order.method)
        if provider is None or order.state is not OrderState.OPEN or not order.provider_reference:
            return None
        try:
            event = await provider.look(order)
        except ProviderAway as why:
            self.log.warn("nothing is known of order {reference}: {why}", reference=order.reference, why=str(why))
            return None
        return None if event is None else await self._take(order.method, event)

    async def confirm(self, reference: str, received: date, note: str) -> Order | OrderFault:
        """See ``ICashier``."""
        order = await self.find(reference)
        if order is None:
            return OrderFault.UNKNOWN
        day, ordered = days_until(received), day_of(order.created, self._zone)
        if not ordered - EARLIEST <= day <= self._today():
            return OrderFault.BAD_DATE
        told = self._by_hand(order, f"paid:{order.reference}", day, note)
        return await self._decide(lambda connection: payments.pay(connection, told, self._seller))

    def _by_hand(self, order: Order, event: str, day: int, note: str) -> Payment:
        provider = self._providers.get(order.method)
        return Payment(
            provider=BY_HAND,
            event=event,
            order=order.reference,
            day=day,
            today=self._today(),
            at=self._now(),
            note=" ".join(storable(note).split())[:LONGEST_NOTE],
            method=order.method if provider is None else provider.method.kind,
        )

    async def _decide(self, work: payments.Work) -> Order | OrderFault:
        verdict, order = await self._database.transact(work)
        if order is None or verdict is Verdict.UNKNOWN:
            return OrderFault.UNKNOWN
        return order if verdict is Verdict.DONE else OrderFault.SETTLED

    async def cancel(self, reference: str, account: int | None = None) -> Order | OrderFault:
        """See ``ICashier``."""
        reference = storable(reference)
        return await self._decide(lambda connection: payments.cancel(connection, reference, account))

    async def refund(self, reference: str, note: str) -> Order | OrderFault:
        """See ``ICashier``."""
        order = await self.find(reference)
        if order is None:
            return OrderFault.UNKNOWN
        told = self._by_hand(order, f"refunded:{order.reference}", self._today(), note)
        return await self._decide(lambda connection: payments.refund(connection, told, self._seller))

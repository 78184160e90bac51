"""Payment providers of straw: what they are told to tell, they tell."""

import json
from collections.abc import Mapping
from typing import Any

import attrs
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider
from smstob.model.order import (
    Instructions,
    Method,
    NotGenuine,
    Order,
    PaymentEvent,
    PaymentKind,
    ProviderAway,
    Redirection,
    Start,
)


@implementer(IPaymentProvider)
class StrawBank:
    """A page to pay on; its calls are JSON that says so with the word ``genuine``."""

    def __init__(self, name: str = "carte") -> None:
        self.method = Method(name=name, kind="card", by_hand=False)
        self.away = False
        self.started: list[str] = []
        self.known: dict[str, PaymentEvent] = {}
        """What it answers who looks, by reference."""

    async def start(self, order: Order, return_url: str) -> Start:
        """Always the same page for the same order."""
        if self.away:
            raise ProviderAway("nobody is there")
        self.started.append(order.reference)
        return Redirection(url=f"https://banque.exemple.fr/{order.reference}", provider_reference=f"cs_{order.id}")

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """The event in the body."""
        told = json.loads(body)
        if not told.pop("genuine", False):
            raise NotGenuine("it does not say that it is")
        return None if told.get("kind") == "other" else PaymentEvent(**told | {"kind": PaymentKind(told["kind"])})

    async def look(self, order: Order) -> PaymentEvent | None:
        """What it knows."""
        if self.away:
            raise ProviderAway("nobody is there")
        return self.known.get(order.reference)


@implementer(IPaymentProvider)
class StrawPost:
    """Cheques."""

    def __init__(self, name: str = "cheque") -> None:
        self.method = Method(name=name, kind="cheque", by_hand=True)

    async def start(self, order: Order, return_url: str) -> Start:
        """Where they are sent."""
        return Instructions(payee="SMStoB", address="1 rue du Test\n35000 Rennes")

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """Nobody calls."""
        raise NotGenuine("cheques do not call")

    async def look(self, order: Order) -> PaymentEvent | None:
        """Nobody knows."""
        return None


def event_of(paid: Order, id_: str = "evt_1", kind: PaymentKind = PaymentKind.PAID, /, **other: Any) -> PaymentEvent:
    """What the bank tells of an order: that all of it was paid, unless it is said otherwise."""
    told = PaymentEvent(
        id=id_,
        kind=kind,
        order=paid.reference,
        provider_reference=f"cs_{paid.id}",
        cents=paid.amounts.gross,
        currency="EUR",
    )
    return attrs.evolve(told, **other)


def call_of(event: PaymentEvent) -> bytes:
    """The call by which it is told."""
    return json.dumps(attrs.asdict(event) | {"genuine": True}).encode()

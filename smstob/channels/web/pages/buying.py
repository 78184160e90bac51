"""Acheter: what credits cost, how many, paid how; and on to where they are paid."""

import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import attrs

from ....billing_interfaces import ICashier
from ....model.order import Instructions, OrderFault, Quote
from ....model.price import MOST_ORDER, Tier
from ....model.vat import Amounts, taxed
from .. import billing_labels
from ..following import Turns
from ..language import Language
from ..visit import Answer, Fields, Missing, Page, Redirect, Visit, get, post, quantity
from .customer import BUY, address_of
from .customer import HERE as CUSTOMER

ORDERS: Final = "/credits/commandes"


@attrs.frozen(kw_only=True)
class Choice:
    """What somebody is about to order, as typed."""

    quantity: str = ""
    method: str = ""

    @classmethod
    def read(cls, fields: Fields) -> "Choice":
        """The fields ``quantite`` and ``moyen``."""
        return cls(quantity=fields.line("quantite")[:40], method=fields.line("moyen")[:60])

    @property
    def credits(self) -> int:
        """How many; 0 for what is no whole number. Thousands may be set apart."""
        return quantity(self.quantity) or 0


class BuyingPages:
    """The counter."""

    def __init__(self, cashier: ICashier) -> None:
        self._cashier = cashier
        self._turns = Turns()

    @get(BUY)
    async def form(self, visit: Visit) -> Answer:
        """Prices, a calculator, and what it takes to order."""
        choice = Choice.read(visit.query)
        if not choice.quantity:
            least = visit.language.number(self._cashier.prices.least)
            choice = attrs.evolve(choice, quantity=least)
        return await self._form(visit, choice)

    @post(f"{BUY}/calculer")
    async def reckon(self, visit: Visit) -> Answer:
        """What so many cost, for browsers without scripts."""
        return await self._form(visit, Choice.read(visit.form), key=_key_of(visit))

    @post(BUY)
    async def order(self, visit: Visit) -> Answer:
        """Order them: the same form sent twice makes one order."""
        choice, key = Choice.read(visit.form), _key_of(visit)
        # a page that comes out of the browser's memory may be filled in anew: that is another order
        made = await self._cashier.order(
            visit.account.id, choice.credits, choice.method, f"{key}.{choice.credits}.{choice.method}"
        )
        if made is OrderFault.NO_CUSTOMER:
            order = {"quantite": choice.quantity, "moyen": choice.method}
            return Redirect(to=f"{CUSTOMER}?{urlencode(order)}")
        if isinstance(made, OrderFault):
            return await self._form(visit, choice, made, key)
        here = f"{ORDERS}/{made.reference}"
        return Redirect(to=here, told="ordered") if made.by_hand else Redirect(to=f"{here}/payer")

    async def _form(self, visit: Visit, choice: Choice, fault: OrderFault | None = None, key: str = "") -> Page:
        account, prices = visit.account.id, self._cashier.prices
        quote = await self._cashier.quote(account, choice.credits)
        errors = {**self._told(quote, visit.language), **self._told(fault, visit.language)}
        # what is added is the account's case, whatever the quantity
        known = quote if isinstance(quote, Quote) else await self._cashier.quote(account, prices.least)
        assert isinstance(known, Quote), known
        customer = await self._cashier.customer(account)
        methods = self._cashier.methods
        values = {
            "tiers": [(tier, _amounts(tier, known.amounts)) for tier in prices.tiers],
            "choice": choice,
            "quote": quote if isinstance(quote, Quote) else None,
            "tier": prices.tier(choice.credits),
            "case": known.amounts,
            "why_no_vat": billing_labels.TAXATIONS[known.amounts.taxation],
            "methods": methods,
            "labels": billing_labels.METHODS,
            "chosen": choice.method or (methods[0].name if methods else ""),
            "customer": address_of(customer, visit.language) if customer.known else [],
            "key": key or secrets.token_urlsafe(16),
            "errors": errors,
            "wrong": self._told(OrderFault.BAD_QUANTITY, visit.language)["quantite"],
            "list": [(tier.credits, tier.tenths) for tier in prices.tiers],
            "most": MOST_ORDER,
        }
        return Page(template="credits/buy.html", values=values, status=422 if errors else 200)

    def _told(self, fault: OrderFault | Quote | None, language: Language) -> Mapping[str, str]:
        if not isinstance(fault, OrderFault):
            return {}
        bounds = {}
        if fault is OrderFault.BAD_QUANTITY:
            bounds = {"least": language.number(self._cashier.prices.least), "most": language.number(MOST_ORDER)}
        return {_PLACES.get(fault, ""): language.say(billing_labels.ORDER_FAULTS[fault], **bounds)}

    @get(f"{ORDERS}/<reference>/payer")
    async def pay(self, visit: Visit, reference: str) -> Answer:
        """On to where it is paid; a link, since a form of ours is not let through to another's site."""
        async with self._turns.turn(visit.account.id):
            start = await self._cashier.start(visit.account.id, reference)
        if start is OrderFault.UNKNOWN:
            raise Missing
        if start is OrderFault.SETTLED or isinstance(start, Instructions):
            return Redirect(to=f"{ORDERS}/{reference}")
        order = await self._cashier.find(reference, visit.account.id)
        if order is None:
            raise Missing
        host = "" if isinstance(start, OrderFault) else _host_of(start.url)
        fault = start if isinstance(start, OrderFault) else OrderFault.PROVIDER_AWAY
        values: dict[str, Any] = {
            "order": order,
            "url": "" if isinstance(start, OrderFault) or not host else start.url,
            "host": host,
            "why": "" if host else billing_labels.why_unpayable(fault),
        }
        return Page(template="credits/pay.html", values=values, status=200 if host else 503)


def _key_of(visit: Visit) -> str:
    return visit.form.line("cle")[:30] or secrets.token_urlsafe(16)


def _amounts(tier: Tier, case: Amounts) -> Amounts:
    return taxed(tier.cents, case.rate, case.taxation)


def _host_of(url: str) -> str:
    """Whose page it is; nothing for what no browser should be led to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


_PLACES: Final = {OrderFault.BAD_QUANTITY: "quantite", OrderFault.BAD_METHOD: "moyen"}
"""The field that each fault speaks of."""

"""Commandes et factures: what was ordered, what to do about it now, and the invoices as files."""

from typing import Any, Final

import segno
from markupsafe import Markup
from twisted.internet.interfaces import IReactorTime

from ....billing_interfaces import ICashier, IInvoices
from ....model.order import Instructions, Order, OrderFault, OrderQuery, OrderState
from .. import billing_labels
from ..following import Places, Turns, changes
from ..visit import Answer, Download, Events, Json, Missing, Page, Redirect, Visit, get, post
from .buying import ORDERS
from .customer import address_of

SHOWN: Final = 30
"""Orders on a page."""

RETURNS: Final = 12
"""Times that a page without scripts looks by itself whether the payment came."""

ASKED: Final = 4
"""Of so many looks one asks the provider; the others see whether it called."""


class OrderPages:
    """One's own orders."""

    def __init__(self, cashier: ICashier, invoices: IInvoices, clock: IReactorTime) -> None:
        self._cashier = cashier
        self._invoices = invoices
        self._clock = clock
        self._followers = Places(most=200, each=4)
        self._turns = Turns()

    @get(ORDERS)
    async def orders(self, visit: Visit) -> Answer:
        """All of them, the newest first, with their invoices."""
        before = visit.query.number("avant")
        query = OrderQuery(account=visit.account.id, before=before, limit=SHOWN + 1)
        found = await self._cashier.orders(query)
        values: dict[str, Any] = {
            "orders": found[:SHOWN],
            "kinds": self._kinds(),
            "order_states": billing_labels.ORDER_STATES,
            "first": ORDERS if before is not None else "",
            "next": f"{ORDERS}?avant={found[SHOWN - 1].id}" if found[SHOWN:] else "",
        }
        return Page(template="credits/orders.html", values=values)

    @get(f"{ORDERS}/<reference>")
    async def order(self, visit: Visit, reference: str) -> Answer:
        """One order; ``retour`` says that its customer comes back from where he paid, and how often he looked."""
        order = await self._own(visit, reference)
        looks = min(visit.query.number("retour") or 0, RETURNS)
        if looks % ASKED == 1 and _paid_elsewhere(order):
            order = await self._check(visit.account.id, reference) or order
        here, awaited = f"{ORDERS}/{reference}", bool(looks) and _paid_elsewhere(order)
        values = {
            "order": order,
            "kinds": self._kinds(),
            "order_states": billing_labels.ORDER_STATES,
            "why_no_vat": billing_labels.TAXATIONS[order.amounts.taxation],
            "customer": address_of(order.customer, visit.language),
            "awaited": awaited,
            "watched": f"{here}/suivi" if awaited else "",
            "again": f"{min(3 * looks, 20)}; url={here}?retour={looks + 1}" if awaited and looks < RETURNS else "",
            **await self._way_to_pay(order),
        }
        return Page(template="credits/order.html", values=values)

    async def _check(self, account: int, reference: str) -> Order | None:
        """See ``ICashier.check``: one at a time for each account, since providers may hang."""
        async with self._turns.turn(account):
            return await self._cashier.check(account, reference)

    async def _own(self, visit: Visit, reference: str) -> Order:
        order = await self._cashier.find(reference, visit.account.id)
        if order is None:
            raise Missing
        return order

    def _kinds(self) -> dict[str, str]:
        """What each way to pay is called, by its name in the configuration."""
        labels = billing_labels.METHODS
        return {one.name: labels[one.kind][0] for one in self._cashier.methods if one.kind in labels}

    async def _way_to_pay(self, order: Order) -> dict[str, Any]:
        """Instructions, where it is paid by hand and still waits; or why there are none."""
        if order.state is not OrderState.OPEN or not order.by_hand:
            return {"how": None, "picture": "", "why": ""}
        start = await self._cashier.start(order.account, order.reference)
        how = start if isinstance(start, Instructions) else None
        why = billing_labels.why_unpayable(start) if isinstance(start, OrderFault) else ""
        return {"how": how, "picture": _picture(how.epc) if how and how.epc else "", "why": why}

    @get(f"{ORDERS}/<reference>/suivi")
    async def follow(self, visit: Visit, reference: str) -> Answer:
        """Whether its payment came, for a script."""
        assert visit.session is not None
        whose, account, looks = visit.session.id, visit.account.id, 0
        order = await self._own(visit, reference)
        if not self._followers.has_room(whose):
            return Json({"error": "busy"}, 503)

        async def look() -> tuple[Any, bool]:
            nonlocal order, looks
            looks += 1
            found = (
                self._check(account, reference)
                if looks % ASKED == 0
                else self._cashier.find(reference, account)
            )
            order = await found or order
            return order.state.value, not _paid_elsewhere(order)

        seen = OrderState.OPEN.value
        return Events(self._followers.held(whose, changes(self._clock, look, seen)))

    @post(f"{ORDERS}/<reference>/annuler")
    async def cancel(self, visit: Visit, reference: str) -> Answer:
        """Nobody waits for its payment any more."""
        order = await self._cashier.cancel(reference, visit.account.id)
        if order is OrderFault.UNKNOWN:
            raise Missing
        told = "order-settled" if isinstance(order, OrderFault) else "order-cancelled"
        return Redirect(to=f"{ORDERS}/{reference}", told=told)

    @get("/factures/<number>.pdf")
    async def invoice(self, visit: Visit, number: str) -> Answer:
        """An invoice or a credit note, as a file."""
        document = await self._invoices.document(number, visit.account.id)
        if document is None:
            raise Missing
        return Download(f"{document.number}.pdf", "application/pdf", document.pdf)


def _paid_elsewhere(order: Order) -> bool:
    """Whether it waits for what a provider tells."""
    return order.state is OrderState.OPEN and not order.by_hand


def _picture(epc: str) -> Markup:
    """A QR code that applications of banks read (EPC069-12): level M, on white with its quiet zone."""
    code = segno.make(epc, error="m", boost_error=False, micro=False, encoding="utf-8")
    svg: str = code.svg_inline(light="white", border=4, omitsize=True)
    return Markup(svg)  # noqa: S704 (segno's own, of squares)

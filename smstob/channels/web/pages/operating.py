"""Paiements: what the operator's people record, cancel and pay back, and what the accountant gets."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from ....billing_interfaces import ICashier, IInvoices
from ....model.invoice import InvoiceQuery
from ....model.order import LONGEST_NOTE, TRANSITIONS, Order, OrderFault, OrderQuery, OrderState, read_reference
from .. import billing_labels
from ..following import Places
from ..labels import N_
from ..language import Language
from ..rendering import EPOCH
from ..visit import Access, Answer, Download, Missing, Page, Redirect, Visit, get, post
from .customer import address_of

PAYMENTS: Final = "/exploitation/paiements"

SHOWN: Final = 50
"""Orders on a page."""

SEARCHED: Final = 2_000
"""Orders among which an e-mail or a name is looked for: the newest."""

RECENT: Final = 20
"""Payments and invoices that are shown beside what waits."""

LONGEST_PERIOD: Final = 400
"""Days of one export."""

NO_PERIOD: Final = N_("Indiquez deux dates, la première d'abord : 400 jours au plus.")
TOO_LONG_A_PERIOD: Final = N_("Cette période a trop de factures pour un seul fichier : choisissez-la plus courte.")
NO_DATE: Final = N_("Indiquez la date à laquelle l'argent est venu.")


class OperatingPages:
    """Money by hand."""

    def __init__(self, cashier: ICashier, invoices: IInvoices, clock: IReactorTime) -> None:
        self._cashier = cashier
        self._invoices = invoices
        self._clock = clock
        self._exports = Places(most=1, each=1)

    @get(PAYMENTS, Access.OPERATOR)
    async def payments(self, visit: Visit) -> Answer:
        """What waits for its payment, or what a search finds; then what came last."""
        return await self._payments(visit)

    async def _payments(self, visit: Visit, error: str = "", status: int = 200) -> Page:
        search, before = visit.query.line("q")[:100], visit.query.number("avant")
        if search:
            found = await self._found(search)
        else:
            waiting = OrderQuery(state=OrderState.OPEN, by_hand=True, before=before, limit=SHOWN + 1)
            found = await self._cashier.orders(waiting)
        more = not search and len(found) > SHOWN
        today = self._today(visit.language)
        last = today.replace(day=1) - timedelta(days=1)
        values: dict[str, Any] = {
            "search": search,
            "orders": found[:SHOWN],
            "cut": bool(search) and len(found) > SHOWN,
            "first": PAYMENTS if before is not None else "",
            "next": f"{PAYMENTS}?avant={found[SHOWN - 1].id}" if more else "",
            "paid": await self._cashier.orders(OrderQuery(state=OrderState.PAID, limit=RECENT)),
            "invoices": await self._invoices.invoices(InvoiceQuery(limit=RECENT)),
            "du": visit.query.line("du")[:10] or last.replace(day=1).isoformat(),
            "au": visit.query.line("au")[:10] or last.isoformat(),
            "error": error,
            **self._labels(),
        }
        return Page(template="operating/payments.html", values=values, status=status)

    async def _found(self, search: str) -> list[Order]:
        """The order of that reference; else those whose e-mail or customer has these letters in it."""
        if (reference := read_reference(search)) is not None:
            order = await self._cashier.find(reference)
            return [] if order is None else [order]
        letters = search.casefold()
        orders = await self._cashier.orders(OrderQuery(limit=SEARCHED))
        return [
            one
            for one in orders
            if any(letters in text.casefold() for text in (one.email, one.customer.name, one.reference))
        ]

    def _labels(self) -> dict[str, Any]:
        labels = billing_labels.METHODS
        kinds = {one.name: labels[one.kind][0] for one in self._cashier.methods if one.kind in labels}
        return {"kinds": kinds, "order_states": billing_labels.ORDER_STATES}

    def _today(self, language: Language) -> date:
        return datetime.fromtimestamp(self._clock.seconds(), language.zone).date()

    @get(f"{PAYMENTS}/<reference>", Access.OPERATOR)
    async def order(self, visit: Visit, reference: str) -> Answer:
        """One order, and what can be done about it."""
        return await self._order(visit, reference)

    async def _order(
        self,
        visit: Visit,
        reference: str,
        errors: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Page:
        order = await self._cashier.find(reference)
        if order is None:
            raise Missing
        values = {
            "order": order,
            "customer": address_of(order.customer, visit.language),
            "why_no_vat": billing_labels.TAXATIONS[order.amounts.taxation],
            "typed": typed or {"date": self._today(visit.language).isoformat(), "note": ""},
            "today": self._today(visit.language).isoformat(),
            "longest": LONGEST_NOTE,
            "errors": errors or {},
            **self._labels(),
        }
        return Page(template="operating/order.html", values=values, status=422 if errors else 200)

    @post(f"{PAYMENTS}/<reference>/verifier", Access.OPERATOR)
    async def check(self, visit: Visit, reference: str) -> Answer:
        """A second look before the credits are given."""
        typed = _typed(visit)
        if _day(typed["date"]) is None:
            return await self._order(visit, reference, {"date": visit.language.say(NO_DATE)}, typed)
        return await self._second_look(visit, reference, "confirmer", typed)

    @post(f"{PAYMENTS}/<reference>/verifier-remboursement", Access.OPERATOR)
    async def check_refund(self, visit: Visit, reference: str) -> Answer:
        """A second look before they are taken back."""
        return await self._second_look(visit, reference, "rembourser", _typed(visit))

    async def _second_look(self, visit: Visit, reference: str, action: str, typed: Mapping[str, str]) -> Answer:
        order = await self._cashier.find(reference)
        if order is None:
            raise Missing
        after = OrderState.REFUNDED if action == "rembourser" else OrderState.PAID
        if after not in TRANSITIONS[order.state]:
            return Redirect(to=f"{PAYMENTS}/{reference}", told="order-settled")
        day = _day(typed["date"])
        values = {
            "order": order,
            "customer": address_of(order.customer, visit.language),
            "action": action,
            "typed": typed,
            "day": (day - EPOCH).days if day is not None else 0,
            **self._labels(),
        }
        return Page(template="operating/confirm.html", values=values)

    @post(f"{PAYMENTS}/<reference>/confirmer", Access.OPERATOR)
    async def confirm(self, visit: Visit, reference: str) -> Answer:
        """The money is there: credits and invoice, once."""
        typed = _typed(visit)
        day = _day(typed["date"])
        if day is None:
            return await self._order(visit, reference, {"date": visit.language.say(NO_DATE)}, typed)
        made = await self._cashier.confirm(reference, day, typed["note"])
        if made is OrderFault.BAD_DATE:
            why = visit.language.say(billing_labels.ORDER_FAULTS[made])
            return await self._order(visit, reference, {"date": why}, typed)
        return _done(made, reference, "payment-recorded")

    @post(f"{PAYMENTS}/<reference>/annuler", Access.OPERATOR)
    async def cancel(self, visit: Visit, reference: str) -> Answer:
        """Wait for it no longer."""
        return _done(await self._cashier.cancel(reference), reference, "order-cancelled")

    @post(f"{PAYMENTS}/<reference>/rembourser", Access.OPERATOR)
    async def refund(self, visit: Visit, reference: str) -> Answer:
        """All of it was paid back: a credit note."""
        return _done(await self._cashier.refund(reference, _typed(visit)["note"]), reference, "order-refunded")

    @get("/exploitation/factures/<number>.pdf", Access.OPERATOR)
    async def invoice(self, visit: Visit, number: str) -> Answer:
        """Anyone's invoice."""
        document = await self._invoices.document(number)
        if document is None:
            raise Missing
        return Download(f"{document.number}.pdf", "application/pdf", document.pdf)

    @get("/exploitation/factures/export", Access.OPERATOR)
    async def export(self, visit: Visit) -> Answer:
        """A period for the accountant; one at a time, since each has all its documents."""
        first, last = (_day(visit.query.line(name)) for name in ("du", "au"))
        if first is None or last is None or not 0 <= (last - first).days < LONGEST_PERIOD:
            return await self._payments(visit, visit.language.say(NO_PERIOD), 422)
        if not self._exports.has_room(0):
            return Page(template="history/busy.html", values={"again": PAYMENTS}, status=429)
        with self._exports.taken(0):
            content = await self._invoices.export((first - EPOCH).days, (last - EPOCH).days)
        if content is None:
            return await self._payments(visit, visit.language.say(TOO_LONG_A_PERIOD), 422)
        return Download(f"factures-{first}-{last}.zip", "application/zip", content)


def _typed(visit: Visit) -> dict[str, str]:
    return {"date": visit.form.line("date")[:10], "note": " ".join(visit.form.text("note").split())[:LONGEST_NOTE]}


def _day(typed: str) -> date | None:
    """The date of a browser's field."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if len(typed) == len("2026-03-02") and day >= EPOCH else None


def _done(made: Order | OrderFault, reference: str, told: str) -> Answer:
    """Back to the order, which says what became of it: of what was done twice, that nothing more was."""
    if made is OrderFault.UNKNOWN:
        raise Missing
    return Redirect(to=f"{PAYMENTS}/{reference}", told="order-settled" if isinstance(made, OrderFault) else told)

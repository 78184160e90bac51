"""Banque d'essai: the page that plays a bank's where no money is wanted. It is there only with the test provider."""

from collections.abc import Callable
from typing import Final

from ....billing_interfaces import ICashier
from ....model.order import Order, OrderState
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post
from .buying import ORDERS

HERE: Final = "/paiement/essai/<reference>"

RESULTS: Final = {"payer": "paid", "refuser": "failed"}
"""For each button what the provider is to tell."""

Signed = Callable[[str, int, str], tuple[str, bytes]]
"""Of an order's reference, its cents and a result: the provider's name, and what it would call us with."""


class BankPages:
    """Pay or not, by a click."""

    def __init__(self, cashier: ICashier, signed: Signed) -> None:
        self._cashier = cashier
        self._signed = signed

    @get(HERE)
    async def bank(self, visit: Visit, reference: str) -> Answer:
        """What is to be paid, and two buttons."""
        order = await self._own(visit, reference)
        if order.state is not OrderState.OPEN:
            return Redirect(to=f"{ORDERS}/{reference}")
        return Page(template="credits/test_bank.html", values={"order": order})

    @post(HERE)
    async def decide(self, visit: Visit, reference: str) -> Answer:
        """The provider calls, as it would over the network; then the customer comes back."""
        order = await self._own(visit, reference)
        result = RESULTS.get(visit.form.text("faire"))
        if result is None:
            raise Missing
        provider, body = self._signed(reference, order.amounts.gross, result)
        await self._cashier.notified(provider, {}, body)
        return Redirect(to=f"{ORDERS}/{reference}?retour=1" if result == "paid" else f"{ORDERS}/{reference}")

    async def _own(self, visit: Visit, reference: str) -> Order:
        order = await self._cashier.find(reference, visit.account.id)
        # what is to be paid with money is not paid here
        kinds = {one.name: one.kind for one in self._cashier.methods}
        if order is None or kinds.get(order.method) != "test":
            raise Missing
        return order

"""Cheques: the customer sends one and says the order's reference, the operator records it."""

from collections.abc import Mapping
from typing import Any, Final

import attrs
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider
from smstob.interfaces import SettingsTable
from smstob.model.order import Instructions, Method, NotGenuine, Order, PaymentEvent, Start

LONGEST_PAYEE: Final = 100
LONGEST_ADDRESS: Final = 400
"""Characters."""


@attrs.frozen
class ChequeSettings:
    """To whom cheques are made out, and where they are sent."""

    payee: str
    address: str
    """Lines."""


def parse_settings(table: SettingsTable) -> ChequeSettings:
    """``payee`` and ``address``."""
    payee = " ".join(table.text("payee").split())
    address = "\n".join(filter(None, (" ".join(line.split()) for line in table.text("address").splitlines())))
    if not (0 < len(payee) <= LONGEST_PAYEE and payee.isprintable()):
        table.mistake("payee", f"attendu : l'ordre du chèque, {LONGEST_PAYEE} caractères au plus")
    if not (0 < len(address) <= LONGEST_ADDRESS and address.replace("\n", "").isprintable()):
        table.mistake("address", f"attendu : une adresse postale, {LONGEST_ADDRESS} caractères au plus")
    return ChequeSettings(payee, address)


def make_provider(name: str, settings: ChequeSettings, _base_url: str, _clock: Any, _run_in_thread: Any) -> "Cheque":
    """See ``IPaymentProviderMaker``."""
    return Cheque(name, settings)


@implementer(IPaymentProvider)
class Cheque:
    """See ``IPaymentProvider``."""

    def __init__(self, name: str, settings: ChequeSettings) -> None:
        self.method = Method(name=name, kind="cheque", by_hand=True)
        self._settings = settings

    async def start(self, order: Order, return_url: str) -> Start:
        """See ``IPaymentProvider``."""
        return Instructions(payee=self._settings.payee, address=self._settings.address)

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """See ``IPaymentProvider``: nobody calls for a cheque."""
        raise NotGenuine("cheques are recorded by the operator")

    async def look(self, order: Order) -> PaymentEvent | None:
        """See ``IPaymentProvider``."""
        return None

"""Bank transfers: the customer's bank says the order's reference (ISO 11649), the operator records the money."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import stdnum.bic
import stdnum.exceptions
import stdnum.iban
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider
from smstob.interfaces import SettingsTable
from smstob.model.order import Instructions, Method, NotGenuine, Order, PaymentEvent, Start

LONGEST_HOLDER: Final = 70
"""Characters of a name in a credit transfer (EPC069-12)."""

MOST: Final = 99_999_999_999
"""Cents of one credit transfer, likewise."""


@attrs.frozen
class TransferSettings:
    """The account that is paid into."""

    holder: str
    iban: str
    bic: str
    """May be empty."""


def parse_settings(table: SettingsTable) -> TransferSettings:
    """``holder``, ``iban`` and, where it is wanted, ``bic``."""
    holder = " ".join(table.text("holder").split())
    if not (0 < len(holder) <= LONGEST_HOLDER and holder.isprintable()):
        table.mistake("holder", f"attendu : le nom du titulaire, {LONGEST_HOLDER} caractères au plus")
    iban = _valid(stdnum.iban.validate, table.text("iban"))
    if iban is None:
        table.mistake("iban", "ce n'est pas un IBAN : un chiffre manque ou est faux")
    typed = table.text("bic", "").strip()
    bic = _valid(stdnum.bic.validate, typed) if typed else ""
    if bic is None:
        table.mistake("bic", "ce n'est pas un BIC : attendu 8 ou 11 caractères, comme BNPAFRPP")
    return TransferSettings(holder, iban or "", bic or "")


def _valid(validate: Callable[[str], str], typed: str) -> str | None:
    try:
        return validate(typed)
    except stdnum.exceptions.ValidationError:
        return None


def make_provider(
    name: str, settings: TransferSettings, _base_url: str, _clock: Any, _run_in_thread: Any
) -> "Transfer":
    """See ``IPaymentProviderMaker``."""
    return Transfer(name, settings)


@implementer(IPaymentProvider)
class Transfer:
    """See ``IPaymentProvider``."""

    def __init__(self, name: str, settings: TransferSettings) -> None:
        self.method = Method(name=name, kind="transfer", by_hand=True)
        self._settings = settings

    async def start(self, order: Order, return_url: str) -> Start:
        """See ``IPaymentProvider``."""
        account = self._settings
        code = epc(account, order.amounts.gross, order.reference)
        return Instructions(payee=account.holder, iban=account.iban, bic=account.bic, epc=code)

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """See ``IPaymentProvider``: nobody calls for a transfer."""
        raise NotGenuine("transfers are recorded by the operator")

    async def look(self, order: Order) -> PaymentEvent | None:
        """See ``IPaymentProvider``."""
        return None


def epc(account: TransferSettings, cents: int, reference: str) -> str:
    """What a credit transfer's QR code holds: version 002, UTF-8, a structured reference. Empty beyond ``MOST``."""
    if cents > MOST:
        return ""
    amount = f"EUR{cents // 100}.{cents % 100:02}"
    return "\n".join(("BCD", "002", "1", "SCT", account.bic, account.holder, account.iban, amount, "", reference))

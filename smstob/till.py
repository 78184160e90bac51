"""The rooms of money, put together of the settings: for the daemon, and for the operator's command."""

from collections.abc import Callable
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.plugin import getPlugins

import twisted.plugins

from .billing.cashier import Cashier
from .billing.invoices import Invoices
from .billing.sharing import Sharing
from .billing.transfers import Transfers
from .billing.trials import Trials
from .billing_interfaces import IPaymentProvider, IPaymentProviderMaker
from .model.invoice import Document, Invoice
from .settings import Settings
from .storage.database import Database

TEST: Final = "test"
"""The kind of payment in which no money moves."""

InThread = Callable[..., "Deferred[Any]"]


@attrs.frozen(kw_only=True)
class Till:
    """Whoever sells, invoices, transfers, shares and gives to try."""

    cashier: Cashier
    invoices: Invoices
    transfers: Transfers
    sharing: Sharing
    trials: Trials
    test_bank: Callable[[str, int, str], tuple[str, bytes]] | None
    """How the test provider would tell what became of an order; None where there is none."""


def payment_makers() -> dict[str, IPaymentProviderMaker]:
    """The types of payment that are installed, by name."""
    return {maker.name: maker for maker in getPlugins(IPaymentProviderMaker, twisted.plugins)}


def open_till(
    settings: Settings, database: Database, clock: IReactorTime, in_thread: InThread, in_payer: InThread
) -> Till:
    """The rooms as the settings want them. ``clock`` has the time of day.

    ``in_thread`` does what takes long, ``in_payer`` what waits for payment providers: they may hang, and then nothing
    else does.
    """
    zone, base_url, audiotel = settings.service.timezone, settings.service.base_url, settings.audiotel
    providers = [
        one.maker.make_provider(one.name, one.settings, base_url, clock, in_payer) for one in settings.payments
    ]
    terms, seller = settings.billing, settings.seller
    return Till(
        cashier=Cashier(database, providers, terms, seller, zone, clock, base_url),
        invoices=Invoices(database, clock, in_thread, _make_document, _as_csv),
        transfers=Transfers(database, clock, zone),
        sharing=Sharing(database, clock, zone, in_thread),
        trials=Trials(database, clock, audiotel.secret, audiotel.number, audiotel.price),
        test_bank=_test_bank(providers),
    )


def _test_bank(providers: list[IPaymentProvider]) -> Callable[[str, int, str], tuple[str, bytes]] | None:
    for one in providers:
        if one.method.kind == TEST:
            bank: Any = one
            return lambda reference, cents, result: (bank.method.name, bank.signed(reference, cents, result))
    return None


# fonts and schemas take a third of a second, which whoever makes no document does without
def _make_document(said: Invoice) -> Document:
    from .billing.documents import make_document

    return make_document(said)


def _as_csv(said: list[Invoice]) -> bytes:
    from .billing.accountant import export_csv

    return export_csv(said)

"""The ways to be paid that come with SMStoB. Each line names a module, which is imported when it is used."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from twisted.plugin import IPlugin
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider, IPaymentProviderMaker
from smstob.interfaces import SettingsTable


@implementer(IPlugin, IPaymentProviderMaker)
class PaymentProviderMaker:
    """Makes the providers of ``module``, which has ``parse_settings`` and ``make_provider``."""

    def __init__(self, name: str, module: str, description: str) -> None:
        self.name = name
        self.description = description
        self._module = module

    def parse_settings(self, table: SettingsTable) -> Any:
        """See ``IPaymentProviderMaker``."""
        return import_module(self._module).parse_settings(table)

    def make_provider(
        self, name: str, settings: Any, base_url: str, clock: Any, run_in_thread: Any
    ) -> IPaymentProvider:
        """See ``IPaymentProviderMaker``."""
        make: Callable[..., IPaymentProvider] = import_module(self._module).make_provider
        return make(name, settings, base_url, clock, run_in_thread)


stripe = PaymentProviderMaker("stripe", "payments.stripe", "Carte bancaire, par Stripe Checkout")
cheque = PaymentProviderMaker("cheque", "payments.cheque", "Chèque, que l'exploitant enregistre")
transfer = PaymentProviderMaker("transfer", "payments.transfer", "Virement, que l'exploitant enregistre")
test = PaymentProviderMaker("test", "payments.test", "N'encaisse rien : une banque d'essai")

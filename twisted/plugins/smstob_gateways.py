"""The gateways that come with SMStoB. Each line names a module, which is imported when it is used."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from twisted.plugin import IPlugin
from zope.interface import implementer

from smstob.interfaces import IGateway, IGatewayMaker, INetworkReceiver, SettingsTable


@implementer(IPlugin, IGatewayMaker)
class GatewayMaker:
    """Makes the gateways of ``module``, which has ``parse_settings`` and ``make_gateway``."""

    def __init__(self, name: str, module: str, description: str) -> None:
        self.name = name
        self.description = description
        self._module = module

    def parse_settings(self, table: SettingsTable) -> Any:
        """See ``IGatewayMaker``."""
        return import_module(self._module).parse_settings(table)

    def make_gateway(self, name: str, settings: Any, reactor: Any, receiver: INetworkReceiver) -> IGateway:
        """See ``IGatewayMaker``."""
        make: Callable[..., IGateway] = import_module(self._module).make_gateway
        return make(name, settings, reactor, receiver)


sink = GatewayMaker("sink", "gateways.sink", "N'envoie rien : écrit un journal et simule les accusés de réception")
smpp = GatewayMaker("smpp", "gateways.smpp.gateway", "Un opérateur, par SMPP 3.4")
gsm = GatewayMaker("gsm", "gateways.gsm.gateway", "Des modems GSM et leurs cartes SIM")

"""Configurations for tests: makers that make nothing, texts of files, and how to read and write them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from twisted.plugin import IPlugin
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider, IPaymentProviderMaker
from smstob.configuration import load
from smstob.interfaces import IGateway, IGatewayMaker, INetworkReceiver, SettingsTable
from smstob.settings import Settings, SettingsError

CONTRACT: Final = """\
[service]
timezone = "Europe/Paris"
domain = "smstob.com"                 # the mail domain
base_url = "http://127.0.0.1:8080"
[database]
url = "sqlite:///var/smstob.db"       # or postgresql+psycopg://…
[web]
listen = ["tcp:8080:interface=127.0.0.1"]   # Twisted endpoint strings
[smtp]
listen = ["tcp:2525:interface=127.0.0.1"]
[mail]
outbox = "var/outbox"                 # or smarthost = "tls:…", sender = "…"
[metrics]
listen = ["tcp:9090:interface=127.0.0.1"]   # /metrics /healthz /readyz
[limits]                              # rates, sizes, connections; documented in the example file
[gateways.main]
type = "smpp"
throughput = 100                      # segments a second; 0 = no limit
[gateways.main.settings]
endpoint = "tcp:127.0.0.1:2775"
system_id = "smstob"
password = "secret"                   # or password_file
bind = "transceiver"                  # transmitter, receiver
window = 50
source = "SMStoB"
[gateways.sink]
type = "sink"
[gateways.sink.settings]
journal = "var/sink.jsonl"            # one JSON line per segment
receipts = "delivered"                # delivered, failed, none; and sandbox numbers that give each state
receipt_delay = 0.5
[gateways.modem]
type = "gsm"
[gateways.modem.settings]
port = "/dev/ttyUSB0"                 # or socket://host:port
pin_file = "…"
[[routes]]
prefix = "+"
gateways = ["main", "sink"]           # in order of preference
"""

MINIMAL: Final = """\
[gateways.sink]
type = "sink"
settings = {journal = "var/sink.jsonl"}
[[routes]]
prefix = "+"
gateways = ["sink"]
"""


COMPANY: Final[Mapping[str, str]] = {
    "name": "Essai SARL",
    "address": "1 rue de l'Essai",
    "postcode": "35000",
    "city": "Rennes",
    "siren": "123 456 782",
    "vat_number": "FR 11 123456782",
}
"""All that who takes money has to say, as people type it."""


class Maker:
    """What the makers of gateways of this file have in common: they make nothing."""

    name: str
    description = "Pour les tests."

    def make_gateway(self, name: str, settings: Any, reactor: Any, receiver: INetworkReceiver) -> IGateway:
        """No gateway: the configuration is read, not used."""
        raise NotImplementedError


@implementer(IPlugin, IGatewayMaker)
class SinkMaker(Maker):
    """Reads the sink's keys."""

    name = "sink"

    def parse_settings(self, table: SettingsTable) -> Any:
        """Read all of them."""
        return {
            "journal": table.text("journal"),
            "receipts": table.choice("receipts", ["delivered", "failed", "none"], "delivered"),
            "receipt_delay": table.number("receipt_delay", 0.5),
            "late_delay": table.number("late_delay", 60),
        }


@implementer(IPlugin, IGatewayMaker)
class SmppMaker(Maker):
    """Reads the contract's keys of an SMPP gateway, and looks at one of them itself."""

    name = "smpp"

    def parse_settings(self, table: SettingsTable) -> Any:
        """Read all of them; ``verbose`` is here for its type."""
        source = table.text("source", "")
        if len(source) > 11:
            table.mistake("source", "11 caractères au plus")
        return {
            "endpoint": table.text("endpoint"),
            "system_id": table.text("system_id"),
            "password": table.secret("password"),
            "bind": table.choice("bind", ["transceiver", "transmitter", "receiver"]),
            "window": table.number("window", 50, least=1, most=1000),
            "source": source,
            "verbose": table.flag("verbose", False),
        }


@implementer(IPlugin, IGatewayMaker)
class GsmMaker(Maker):
    """Reads the contract's keys of a modem."""

    name = "gsm"

    def parse_settings(self, table: SettingsTable) -> Any:
        """Read all of them."""
        return {
            "port": table.text("port"),
            "baudrate": table.number("baudrate", 115_200),
            "pin": table.secret("pin", ""),
            "smsc": table.text("smsc", ""),
            "per_minute": table.number("per_minute", 15),
            "per_day": table.number("per_day", 0),
            "per_month": table.number("per_month", 0),
            "recipients_per_month": table.number("recipients_per_month", 0),
            "unknown": table.choice("unknown", ["fail", "retry"], "fail"),
            "unknown_minutes": table.number("unknown_minutes", 10),
            "reports": table.flag("reports", True),
        }


@implementer(IPlugin, IGatewayMaker)
class ClumsyMaker(Maker):
    """Somebody's module with a bug."""

    name = "clumsy"

    def parse_settings(self, table: SettingsTable) -> Any:
        """Raise, with a secret in the error."""
        return int(table.secret("password"))


MAKERS: Final[Mapping[str, IGatewayMaker]] = {
    "sink": SinkMaker(),
    "smpp": SmppMaker(),
    "gsm": GsmMaker(),
    "clumsy": ClumsyMaker(),
}


@implementer(IPlugin, IPaymentProviderMaker)
class PaymentMaker:
    """Reads texts and secrets of the names that it is made with, or fails where it is ``broken``."""

    description = "Pour les tests."

    def __init__(self, name: str, texts: Sequence[str] = (), secrets: Sequence[str] = (), broken: bool = False) -> None:
        self.name = name
        self._texts = texts
        self._secrets = secrets
        self._broken = broken

    def parse_settings(self, table: SettingsTable) -> Any:
        """Read all of them."""
        read = {key: table.text(key, "") for key in self._texts} | {key: table.secret(key) for key in self._secrets}
        if self._broken:
            raise ValueError(read)
        return read

    def make_provider(
        self, name: str, settings: Any, base_url: str, clock: Any, run_in_thread: Any
    ) -> IPaymentProvider:
        """No provider: the configuration is read, not used."""
        raise NotImplementedError


PAYMENT_MAKERS: Final[Mapping[str, IPaymentProviderMaker]] = {
    "test": PaymentMaker("test"),
    "cheque": PaymentMaker("cheque", ("payee", "address")),
    "transfer": PaymentMaker("transfer", ("holder", "iban", "bic")),
    "stripe": PaymentMaker("stripe", (), ("key", "webhook_secret")),
    "broken": PaymentMaker("broken", (), ("key",), broken=True),
}


def read(
    content: str | bytes,
    makers: Mapping[str, IGatewayMaker] = MAKERS,
    payment_makers: Mapping[str, IPaymentProviderMaker] = PAYMENT_MAKERS,
) -> Settings:
    """Load a file with that content."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "smstob.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load(path, makers, payment_makers)


def mistakes(content: str | bytes) -> list[str]:
    """The mistakes that a file with that content is refused for, each one line."""
    with pytest.raises(SettingsError) as refused:
        read(content)
    assert str(refused.value).splitlines() == list(refused.value.mistakes)
    return list(refused.value.mistakes)


def keys(content: str | bytes) -> list[str]:
    """The keys that those mistakes name, in their order."""
    return [line.partition(" : ")[0] for line in mistakes(content)]


def toml(value: object) -> str:
    """``value`` as TOML: a whole document for a dict, tables within written in line."""
    assert isinstance(value, dict)
    return "".join(f"{_text(key)} = {_inline(item)}\n" for key, item in value.items())


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(value: object) -> str:
    match value:
        case str():
            return _text(value)
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{_text(key)} = {_inline(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)

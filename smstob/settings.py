"""The configuration as values; ``configuration`` reads them from the operator's file. Imports model and interfaces."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from .billing_interfaces import IPaymentProviderMaker
from .interfaces import IGatewayMaker
from .model.account import SenderChecks
from .model.company import Company
from .model.invoice import Seller
from .model.route import Route
from .model.terms import Terms


class SettingsError(Exception):
    """The configuration cannot be used: ``mistakes`` has a French line for each, ``str`` all of them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@attrs.frozen(kw_only=True)
class Service:
    """Who the service is."""

    timezone: ZoneInfo
    """Where the dates that senders type are meant."""
    domain: str
    """The mail domain, in lower case."""
    base_url: str
    """Where customers find the pages, without a slash at the end."""


@attrs.frozen(kw_only=True)
class DatabaseSettings:
    """Where everything is kept."""

    url: str = attrs.field(repr=False)
    """For SQLAlchemy: ``sqlite:///PATH`` or ``postgresql+psycopg://…``; may hold a password."""
    batch: int = 256
    """The most units of work in one transaction."""
    backlog: int = 10000
    """The most units of work that wait; beyond, the service cannot accept (99)."""


@attrs.frozen(kw_only=True)
class Web:
    """The pages and ``http.php``."""

    listen: tuple[str, ...]
    """Twisted server endpoint strings."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks (CIDR) whose ``X-Forwarded-For`` is believed."""
    operators: tuple[str, ...] = ()
    """The e-mails of the accounts whose holders see the operator's pages, canonical."""


@attrs.frozen(kw_only=True)
class Smtp:
    """The e-mail channel's server."""

    listen: tuple[str, ...]
    """Twisted server endpoint strings."""
    certificate: str | None = None
    """A PEM file, with its chain, for STARTTLS; None for none."""
    key: str | None = None
    """The PEM file of its private key; the certificate's where None."""
    trusted_relays: tuple[str, ...] = ()
    """Addresses or networks (CIDR) whose XFORWARD and Authentication-Results are believed."""
    authserv_id: str | None = None
    """By which name they sign Authentication-Results (RFC 8601); None for not at all."""
    sender_checks: SenderChecks = SenderChecks.OFF
    """What is asked of every sender; an account may ask for more."""
    nameservers: tuple[tuple[str, int], ...] = ()
    """Address and port of those that are asked; empty for the system's."""
    connections: int = 500
    """At a time, in all."""
    connections_per_address: int = 20
    """At a time from one address that is no trusted relay's."""
    message_bytes: int = 1_048_576
    """The longest mail."""
    recipients: int = 100
    """The most of one mail."""


@attrs.frozen(kw_only=True)
class Mail:
    """How mails leave: as files in ``outbox``, or through ``smarthost``; never both."""

    outbox: str | None
    """A directory."""
    smarthost: str | None
    """A Twisted client endpoint string."""
    username: str | None
    """For the smarthost; None where it asks for none."""
    password: str | None = attrs.field(repr=False)
    sender: str | None
    """The From address; None for one in the service's domain."""


@attrs.frozen(kw_only=True)
class Metrics:
    """What watches the daemon: ``/metrics``, ``/healthz``, ``/readyz``."""

    listen: tuple[str, ...]
    """Twisted server endpoint strings."""


@attrs.frozen(kw_only=True)
class Limits:
    """What protects the daemon from too much."""

    connections: int = 4000
    """HTTP connections at a time, in all."""
    connections_per_address: int = 1000
    """HTTP connections at a time from one address."""
    header_seconds: float = 10.0
    """For a request's header to arrive, from its first byte."""
    body_seconds: float = 30.0
    """For a request's body to arrive."""
    idle_seconds: float = 60.0
    """That a connection without a request is kept."""
    body_bytes: int = 262144
    """The longest body of a request."""
    requests_per_second: float = 0.0
    """From one address; 0 for no limit."""
    login_failures: int = 10
    """Of one account from one address in 15 minutes."""
    login_failures_per_address: int = 60
    """From one address in 15 minutes, of all accounts."""
    login_failures_per_account: int = 100
    """Of one account in an hour; closes it only to addresses that it never logged in from."""
    recipients: int = 100000
    """The most recipients of one submission."""


@attrs.frozen(kw_only=True)
class GatewaySettings:
    """One gateway to make: ``maker.make_gateway(name, settings, …)``."""

    name: str
    type: str
    throughput: float
    """Segments a second; 0 for no limit."""
    settings: Any = attrs.field(repr=False)
    """What the maker's ``parse_settings`` gave; may hold secrets."""
    maker: IGatewayMaker


@attrs.frozen(kw_only=True)
class PaymentSettings:
    """One way to be paid: ``maker.make_provider(name, settings, …)``."""

    name: str
    type: str
    settings: Any = attrs.field(repr=False)
    """What the maker's ``parse_settings`` gave; may hold secrets."""
    maker: IPaymentProviderMaker


@attrs.frozen(kw_only=True)
class Audiotel:
    """The premium number that gives credits to try the service."""

    number: str = ""
    """As it is shown; empty where there is no trial."""
    price: str = ""
    """What a call costs, as the law wants it shown."""
    secret: str = attrs.field(default="", repr=False)
    """By which the number's provider signs its call-backs."""
    addresses: tuple[str, ...] = ()
    """Addresses or networks (CIDR) that may call back; empty for all."""


@attrs.frozen(kw_only=True)
class Settings:
    """The whole configuration, checked."""

    service: Service
    database: DatabaseSettings
    web: Web
    smtp: Smtp
    mail: Mail
    metrics: Metrics
    company: Company
    billing: Terms
    payments: tuple[PaymentSettings, ...]
    """The ways to pay, as customers see them in order; names are unique. Where there is none, nothing is sold."""
    audiotel: Audiotel
    limits: Limits
    gateways: tuple[GatewaySettings, ...]
    """At least one; names are unique."""
    routes: tuple[Route, ...]
    """At least one; prefixes are unique, and every gateway named is among ``gateways``."""
    countries: Mapping[str, int]
    """Credits a segment for each open country (ISO 3166-1 alpha-2), at least 1."""

    @property
    def seller(self) -> Seller:
        """Who invoices."""
        company = self.company
        return Seller(
            name=company.name,
            legal_form=company.legal_form,
            address=company.address,
            postcode=company.postcode,
            city=company.city,
            country=company.country,
            siren=company.siren,
            register=company.register,
            vat_number=company.vat_number,
            email=company.email,
            phone=company.phone,
            vat_on_debits=self.billing.vat_on_debits,
        )

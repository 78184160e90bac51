"""How the configuration is read from the operator's TOML file; ``config/smstob.toml`` is the manual of all keys.

Paths that are not absolute start at the daemon's working directory. Imports model, interfaces, the values of
``settings`` and the table reader: no SQL, no Twisted.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import attrs

from .billing_configuration import needed_of, read_audiotel, read_billing, read_company, read_payments
from .billing_interfaces import IPaymentProviderMaker
from .interfaces import IGatewayMaker
from .maker_settings import check_name, made_of
from .model.account import SenderChecks, canonical_email, is_email
from .model.number import calling_code
from .model.route import Route
from .model.tariff import FRANCE_AND_OVERSEAS
from .settings import (
    DatabaseSettings,
    GatewaySettings,
    Limits,
    Mail,
    Metrics,
    Service,
    Settings,
    SettingsError,
    Smtp,
    Web,
)
from .table import Table, shown, why_not_toml, why_unreadable

LONGEST_PATH: Final = 4096
NO_PAYMENTS: Final[Mapping[str, IPaymentProviderMaker]] = MappingProxyType({})


def load(
    path: str | Path,
    makers: Mapping[str, IGatewayMaker],
    payment_makers: Mapping[str, IPaymentProviderMaker] = NO_PAYMENTS,
) -> Settings:
    """Read the file at ``path``; makers are those of all known types of gateways and payments, by their names.

    Raises SettingsError with all mistakes together. No secret is in its text. Where a maker's
    ``parse_settings`` raises, that is a mistake of its gateway or payment.
    """
    mistakes: list[str] = []
    with Table(_read(path), "", mistakes) as root:
        every = root.table("gateways")
        service, billing = _service(root), read_billing(root)
        payments = read_payments(root, payment_makers, service.base_url)
        settings = Settings(
            service=service,
            database=_database(root),
            web=_web(root),
            smtp=_smtp(root),
            mail=_mail(root),
            metrics=Metrics(listen=_listen(root, "metrics", 9090)),
            company=read_company(root, needed_of(payments, billing)),
            billing=billing,
            payments=payments,
            audiotel=read_audiotel(root),
            limits=_limits(root),
            gateways=_gateways(root, every, makers),
            routes=_routes(root, list(every)),
            countries=_countries(root),
        )
        if not mistakes:
            _check_routes(root.table("countries"), settings)
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def _read(path: str | Path) -> dict[str, Any]:
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise SettingsError([f"{shown(str(path), LONGEST_PATH)} : {why_unreadable(error)}"]) from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        why = "trop de niveaux"
    except ValueError as error:
        why = why_not_toml(error, text)
    raise SettingsError([f"{shown(str(path), LONGEST_PATH)} : {why}"])


def _service(root: Table) -> Service:
    with root.table("service") as table:
        name = table.text("timezone", "Europe/Paris")
        try:
            timezone = ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            table.mistake("timezone", f"{shown(name)} n'est pas un fuseau horaire connu")
            timezone = ZoneInfo("UTC")
        domain = table.text("domain", "smstob.com").lower()
        if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
            table.mistake("domain", f"{shown(domain)} n'est pas un nom de domaine")
        base_url = table.text("base_url", "http://127.0.0.1:8080").rstrip("/")
        if not _is_base_url(base_url):
            table.mistake("base_url", "attendu : http:// ou https://, un hôte, au besoin :PORT et /CHEMIN")
    return Service(timezone=timezone, domain=domain, base_url=base_url)


_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def _is_base_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and not (parts.query or parts.fragment or "@" in parts.netloc)
            and re.fullmatch(r"[!-~]+", url) is not None
        )
    except ValueError:
        return False


def _database(root: Table) -> DatabaseSettings:
    default = DatabaseSettings(url="sqlite:///var/smstob.db")
    with root.table("database") as table:
        url = table.secret("url", default.url)
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        found = _DATABASE_URL.fullmatch(url)
        if url.partition("?")[0] in _IN_MEMORY:
            table.mistake("url", "une base en mémoire ne garde rien ; attendu : sqlite:///CHEMIN")
        elif os.path.isdir(url.removeprefix("sqlite:///")):
            table.mistake("url", "c'est un répertoire ; attendu : sqlite:///CHEMIN_DU_FICHIER")
        elif found and found["port"] and not 0 < int(found["port"]) < 65536:
            table.mistake("url", "le port n'est pas de 1 à 65535")
        elif not found:
            wanted = "sqlite:///CHEMIN ou postgresql+psycopg://UTILISATEUR:MOT_DE_PASSE@HÔTE:PORT/BASE"
            table.mistake("url", f"attendu : {wanted}")
        return DatabaseSettings(
            url=url,
            batch=table.whole("batch", default.batch, least=1, most=100_000),
            backlog=table.whole("backlog", default.backlog, least=1, most=10_000_000),
        )


_IN_MEMORY: Final = ("sqlite://", "sqlite:///", "sqlite:///:memory:")
_DATABASE_URL = re.compile(
    r"sqlite:///[^?\x00-\x1f]+"
    r"|postgresql\+psycopg://([^:/@\s]*(:[^@\s]*)?@)?(\[[^\]/?\s]+\]|[^:/?@\[\]\s]*)(:(?P<port>[0-9]{1,9}))?"
    r"(/[^?\s]*)?(\?\S*)?"
)


def _web(root: Table) -> Web:
    with root.table("web") as table:
        proxies = table.networks("trusted_proxies")
        operators = []
        for typed in table.texts("operators", ()):
            operators.append(canonical_email(typed))
            if not is_email(operators[-1]):
                table.mistake("operators", f"{shown(typed)} n'est pas une adresse e-mail")
        listen = table.endpoints("listen", _endpoint(8080))
        if not listen:
            table.mistake("listen", "il faut au moins un point d'écoute")
        return Web(listen=listen, trusted_proxies=proxies, operators=tuple(dict.fromkeys(operators)))


def _smtp(root: Table) -> Smtp:
    with root.table("smtp") as table:
        certificate, key = (_readable(table, name) for name in ("certificate", "key"))
        if key and not certificate:
            table.mistake("key", "certificate n'est pas donné : l'un ne va pas sans l'autre")
        nameservers = []
        for one in table.texts("nameservers", ()):
            try:
                nameservers.append(_nameserver(one))
            except ValueError:
                table.mistake("nameservers", f"{shown(one)} : attendu : ADRESSE_IP ou ADRESSE_IP:PORT")
        name = table.given_text("authserv_id")
        if name and not re.fullmatch(r"[!-:<-~]{1,253}", name):
            table.mistake("authserv_id", f"{shown(name)} n'est pas un nom de serveur")
        levels = [one.value for one in SenderChecks]
        return Smtp(
            listen=table.endpoints("listen", _endpoint(2525)),
            certificate=certificate,
            key=key,
            trusted_relays=table.networks("trusted_relays"),
            authserv_id=name,
            sender_checks=SenderChecks(table.choice("sender_checks", levels, SenderChecks.OFF)),
            nameservers=tuple(nameservers),
            connections=table.whole("connections", 500, least=1, most=100_000),
            connections_per_address=table.whole("connections_per_address", 20, least=1, most=100_000),
            message_bytes=table.whole("message_bytes", 1_048_576, least=65_536, most=2**26),
            recipients=table.whole("recipients", 100, least=100, most=10_000),
        )


def _readable(table: Table, key: str) -> str | None:
    path = table.given_text(key)
    if path:
        try:
            with open(path, "rb") as file:
                file.read(1)
        except (OSError, ValueError) as error:
            table.mistake(key, f"{shown(path, LONGEST_PATH)} : {why_unreadable(error)}")
    return path


def _nameserver(text: str) -> tuple[str, int]:
    found = _NAMESERVER.fullmatch(text)
    address, port = (found["six"] or found["four"], int(found["port"] or 53)) if found else (text, 53)
    if not 0 < port < 65536:
        raise ValueError(text)
    return str(ip_address(address)), port


_NAMESERVER = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:]+))(?::(?P<port>[0-9]{1,5}))?")


def _listen(root: Table, section: str, port: int) -> tuple[str, ...]:
    with root.table(section) as table:
        return table.endpoints("listen", _endpoint(port))


def _endpoint(port: int) -> tuple[str, ...]:
    return (f"tcp:{port}:interface=127.0.0.1",)


def _mail(root: Table) -> Mail:
    with root.table("mail") as table:
        outbox, smarthost = table.given_text("outbox"), table.given_text("smarthost")
        if outbox and smarthost:
            table.mistake("outbox", "smarthost est donné : l'un ou l'autre, pas les deux")
        if smarthost and not re.fullmatch(r"(?:tcp|tls|unix):\S+", smarthost):
            table.mistake("smarthost", "attendu : tls:HÔTE:PORT ou tcp:HÔTE:PORT")
        username = table.given_text("username")
        password = table.secret("password", "") or None
        if bool(username) != bool(password):
            table.mistake("username", "username et password vont ensemble")
        elif username and not smarthost:
            table.mistake("username", "smarthost n'est pas donné : il n'y a pas de serveur où s'identifier")
        sender = table.given_text("sender")
        if sender and not is_email(canonical_email(sender)):
            table.mistake("sender", f"{shown(sender)} n'est pas une adresse")
    return Mail(
        outbox=outbox or (None if smarthost else "var/outbox"),
        smarthost=smarthost,
        username=username,
        password=password,
        sender=sender,
    )


def _limits(root: Table) -> Limits:
    values: dict[str, Any] = {}
    with root.table("limits") as table:
        for field in attrs.fields(Limits):
            least, most = _BOUNDS.get(field.name, (1, 1_000_000))
            read = table.whole if field.type is int else table.number
            values[field.name] = read(field.name, field.default, least=least, most=most)
    return Limits(**values)


_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "header_seconds": (1, 3600),
    "body_seconds": (1, 3600),
    "idle_seconds": (1, 3600),
    "body_bytes": (1024, 2**26),
    "requests_per_second": (0, 1_000_000),
}


def _gateways(root: Table, every: Table, makers: Mapping[str, IGatewayMaker]) -> tuple[GatewaySettings, ...]:
    if not list(every):
        root.mistake("gateways", "aucune passerelle ; il en faut au moins une : [gateways.NOM]")
    gateways = [_gateway(name, every.table(name), makers) for name in every]
    return tuple(gateway for gateway in gateways if gateway is not None)


def _gateway(name: str, table: Table, makers: Mapping[str, IGatewayMaker]) -> GatewaySettings | None:
    """The gateway; None where its type is unknown or its maker failed, which is noted then."""
    check_name(table, name)
    with table:
        given = table.text("type")
        throughput = table.number("throughput", 0, most=100_000)
        inner = table.table("settings")
    made = made_of(table, given, inner, makers)
    if made is None:
        return None
    maker, settings = made
    return GatewaySettings(name=name, type=given, throughput=throughput, settings=settings, maker=maker)


def _routes(root: Table, known: Sequence[str]) -> tuple[Route, ...]:
    tables = root.tables("routes")
    if not tables:
        root.mistake("routes", "aucune route ; il en faut au moins une : [[routes]]")
    first: dict[str, int] = {}
    routes = []
    for number, table in enumerate(tables, 1):
        with table:
            prefix, gateways = table.text("prefix"), table.texts("gateways")
        if not re.fullmatch(r"\+[0-9]{0,15}", prefix):
            table.mistake("prefix", f"{shown(prefix)} : attendu : + puis des chiffres, comme + ou +33")
        elif first.setdefault(prefix, number) != number:
            table.mistake("prefix", f"{shown(prefix)} est déjà le préfixe de routes[{first[prefix]}]")
        if not gateways:
            table.mistake("gateways", "il en faut au moins une")
        for name in dict.fromkeys(gateways):
            if name not in known:
                table.mistake("gateways", f"{shown(name)} n'est pas une passerelle de ce fichier")
            if gateways.count(name) > 1:
                table.mistake("gateways", f"{shown(name)} est donné plusieurs fois")
        routes.append(Route(prefix=prefix, gateways=gateways))
    return tuple(routes)


def _countries(root: Table) -> Mapping[str, int]:
    prices = dict(FRANCE_AND_OVERSEAS)
    with root.table("countries") as table:
        for country in table:
            if not re.fullmatch(r"[A-Z]{2}", country):
                table.mistake(country, "attendu : un code de pays de deux capitales (ISO 3166), comme FR")
            prices[country] = table.whole(country, 0, most=10_000)
    return MappingProxyType({country: price for country, price in prices.items() if price})


def _check_routes(table: Table, settings: Settings) -> None:
    """Every open country must have a route; one to a part of it is enough."""
    prefixes = [route.prefix.removeprefix("+") for route in settings.routes]
    if "" in prefixes:
        return
    for country in settings.countries:
        code = calling_code(country)
        if code is None:
            table.mistake(country, "ce n'est pas un pays qui a un indicatif téléphonique")
        elif not any(code.startswith(prefix) or prefix.startswith(code) for prefix in prefixes):
            table.mistake(country, f"aucune route ne prend +{code} ; ajoutez-en une, ou fermez ce pays : {country} = 0")

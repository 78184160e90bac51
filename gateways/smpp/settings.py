"""What the configuration says of an operator."""

import re
from collections.abc import Sequence
from typing import Any, Final
from warnings import catch_warnings, simplefilter

import attrs
from twisted.internet.endpoints import clientFromString

from smstob.interfaces import SettingsTable
from txsmpp.binding import Bind, BindReceiver, BindTransceiver, BindTransmitter
from txsmpp.constants import Npi, Ton
from txsmpp.fields import Body
from txsmpp.pdu import SubmitSm
from txsmpp.session import Limits
from txsmpp.tlv import EncodeError

BINDS: Final[dict[str, tuple[type[Bind], ...]]] = {
    "transceiver": (BindTransceiver,),
    "transmitter": (BindTransmitter,),
    "receiver": (BindReceiver,),
    "transmitter+receiver": (BindTransmitter, BindReceiver),
}
TONS: Final = {ton.name.lower(): ton for ton in Ton}
NPIS: Final = {npi.name.lower(): npi for npi in Npi}
GSM7: Final = {"unpacked": 0x00, "packed": 0x00, "latin-1": 0x03, "ucs-2": 0x08}
"""How GSM-7 texts are written, with the data_coding that says so."""
VENDOR: Final = 0x0400
"""The first status that is no longer the standard's."""
_AUTO: Final = "auto"
_PORT: Final = re.compile(r"(?:tcp|ssl|tls):(?:host=)?(?:[^:\\]|\\.)+:(?:port=)?(-?[0-9]+)(?::.*)?")
_HEXADECIMAL: Final = re.compile("(0[xX])?[0-9a-fA-F]{1,8}")


@attrs.frozen(kw_only=True)
class Writing:
    """How an operator wants texts."""

    route: SubmitSm
    """What is the same for all messages."""
    concatenation: str
    """udh, sar or payload."""
    gsm7: str
    """A key of ``GSM7``."""
    gsm7_data_coding: int
    ucs2_data_coding: int
    flash: str
    """class, f0 or subunit."""
    validity: str
    """relative, absolute or none."""


@attrs.frozen(kw_only=True)
class SmppSettings:
    """All of them."""

    endpoints: tuple[str, ...]
    """Of one operator: each is bound to by all ``binds``."""
    binds: tuple[Bind, ...]
    limits: Limits
    writing: Writing
    receipt_ids: str
    """auto, same, decimal or hex: how receipts write the ids of responses."""
    retry_statuses: frozenset[int]
    """Of the operator's own statuses, those that are no refusal for good."""


def parse_settings(table: SettingsTable) -> SmppSettings:
    """Read the table of an SMPP gateway."""
    return SmppSettings(
        endpoints=_endpoints(table),
        binds=_binds(table),
        limits=Limits(
            window=_whole(table, "window", 50, 1, 10_000),
            answer_seconds=table.number("response_seconds", 60, least=1, most=600),
            enquire_seconds=table.number("enquire_seconds", 30, least=1, most=3600),
            link_seconds=table.number("link_seconds", 20, least=1, most=600),
        ),
        writing=_writing(table),
        receipt_ids=table.choice("receipt_ids", (_AUTO, "same", "decimal", "hex"), _AUTO),
        retry_statuses=_statuses(table, "retry_statuses"),
    )


def _endpoints(table: SettingsTable) -> tuple[str, ...]:
    endpoints = tuple(table.text("endpoint").split())
    try:
        with catch_warnings():
            # that there is no reactor yet, which would resolve the name
            simplefilter("ignore", DeprecationWarning)
            for endpoint in endpoints or ("",):
                clientFromString(None, endpoint)
                port = _PORT.fullmatch(endpoint)
                if port is not None and not 1 <= int(port[1]) <= 65_535:
                    raise ValueError(port[1])
    except Exception:
        table.mistake("endpoint", "ce n'est pas l'adresse d'un opérateur : tcp:HÔTE:PORT ou tls:HÔTE:PORT")
    return endpoints


def _binds(table: SettingsTable) -> tuple[Bind, ...]:
    password = _ascii(table, "password", table.secret("password", ""))
    system_id = _octets(table, "system_id")
    system_type, address_range = _octets(table, "system_type", ""), _octets(table, "address_range", "")
    kinds = BINDS[table.choice("bind", tuple(BINDS), "transceiver")]
    several = _whole(table, "binds", 1, 1, 64)
    given: dict[str, Any] = {"system_id": system_id, "system_type": system_type, "address_range": address_range}
    for key, value in given.items():
        _check(table, key, BindTransceiver(**{key: value}))
    _check(table, "password", BindTransceiver(password=password))
    return tuple(kind(**given, password=password) for _ in range(several) for kind in kinds)


def _check(table: SettingsTable, key: str, body: Body) -> None:
    try:
        body.encode()
    except EncodeError:
        table.mistake(key, "trop long pour SMPP")


def _octets(table: SettingsTable, key: str, default: str | None = None) -> bytes:
    return _ascii(table, key, table.text(key, default))


def _ascii(table: SettingsTable, key: str, text: str) -> bytes:
    if not (text.isascii() and text.isprintable()):
        table.mistake(key, "SMPP n'a que des caractères ASCII, sans retour à la ligne")
        return b""
    return text.encode()


def _writing(table: SettingsTable) -> Writing:
    gsm7 = table.choice("gsm7", tuple(GSM7), "unpacked")
    return Writing(
        route=_route(table),
        concatenation=table.choice("concatenation", ("udh", "sar", "payload"), "udh"),
        gsm7=gsm7,
        gsm7_data_coding=_byte(table, "gsm7_data_coding", GSM7.get(gsm7, 0)),
        ucs2_data_coding=_byte(table, "ucs2_data_coding", 0x08),
        flash=table.choice("flash", ("class", "f0", "subunit"), "class"),
        validity=table.choice("validity", ("relative", "absolute", "none"), "relative"),
    )


def _route(table: SettingsTable) -> SubmitSm:
    source = _octets(table, "source", "")
    ton = TONS.get(table.choice("source_ton", (_AUTO, *TONS), _AUTO), _ton(source))
    npi = NPIS.get(table.choice("source_npi", (_AUTO, *NPIS), _AUTO), _npi(ton))
    plain = source.removeprefix(b"+").removeprefix(b"00") if ton is Ton.INTERNATIONAL else source
    route = SubmitSm(
        service_type=_octets(table, "service_type", ""),
        source=plain,
        source_ton=ton,
        source_npi=npi,
        destination_ton=Ton.INTERNATIONAL,
        destination_npi=Npi.ISDN,
        registered_delivery=int(table.flag("receipts", True)),
    )
    for key, body in (("service_type", SubmitSm(service_type=route.service_type)), ("source", SubmitSm(source=plain))):
        _check(table, key, body)
    if ton is Ton.ALPHANUMERIC and (len(plain) > 11 or plain == b"+"):
        table.mistake("source", "un expéditeur en lettres a 11 caractères au plus")
    if ton in (Ton.INTERNATIONAL, Ton.NATIONAL) and not plain.isdigit():
        table.mistake("source", "un numéro de ce type n'a que des chiffres")
    return route


def _ton(source: bytes) -> Ton:
    """What an address is by its look: a name, a short code, a number with its country."""
    if not source:
        return Ton.UNKNOWN
    digits = source.removeprefix(b"+")
    if not digits.isdigit():
        return Ton.ALPHANUMERIC
    if digits.startswith(b"0") and not digits.startswith(b"00"):
        return Ton.NATIONAL
    if source != digits or len(digits) > 8:
        return Ton.INTERNATIONAL
    return Ton.NETWORK_SPECIFIC


def _npi(ton: Ton) -> Npi:
    return Npi.ISDN if ton in (Ton.INTERNATIONAL, Ton.NATIONAL, Ton.SUBSCRIBER_NUMBER) else Npi.UNKNOWN


def _byte(table: SettingsTable, key: str, default: int) -> int:
    return _whole(table, key, default, 0, 255)


def _whole(table: SettingsTable, key: str, default: int, least: int, most: int) -> int:
    number = table.number(key, default, least=least, most=most)
    if number != int(number):
        table.mistake(key, "il faut un nombre entier")
    return int(number)


def _statuses(table: SettingsTable, key: str) -> frozenset[int]:
    words: Sequence[str] = table.text(key, "").replace(",", " ").split()
    statuses = frozenset(int(word, 16) for word in words if _HEXADECIMAL.fullmatch(word))
    if not all(map(_HEXADECIMAL.fullmatch, words)) or min(statuses, default=VENDOR) < VENDOR:
        table.mistake(key, "des codes propres à l'opérateur, en hexadécimal, à partir de 0x0400 : 0x0450 0x0451")
    return statuses

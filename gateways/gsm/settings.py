"""What the configuration says of a pool of modems."""

import re
from collections.abc import Mapping
from typing import Final

import attrs

from smstob.interfaces import SettingsTable
from smstob.model.modem import SimLimits

ANY: Final = ""
"""Stands for every card in ``GsmSettings.pins``."""
SOCKET: Final = re.compile(r"socket://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")
"""A modem behind a server of ports."""

_PIN: Final = re.compile("[0-9]{4,8}")
_CARD: Final = re.compile("[0-9]{14,22}")
_SMSC: Final = re.compile(r"\+?[0-9]{3,20}|")


@attrs.frozen(kw_only=True)
class GsmSettings:
    """All of them."""

    ports: tuple[str, ...]
    """Paths, with ``*`` and ``?`` as in a shell, and what ``SOCKET`` matches."""
    baudrate: int
    """Bits per second."""
    pins: Mapping[str, str] = attrs.field(repr=False)
    """ICCID of a card or IMEI of its modem → PIN; or ``ANY``."""
    smsc: str
    """The service centre's number, empty for each card's own."""
    limits: SimLimits
    """Of each card."""
    again: float | None
    """Seconds after which a segment of which nobody knows goes out again; None is never."""
    reports: bool
    """Whether a status report is asked for."""


def parse_settings(table: SettingsTable) -> GsmSettings:
    """Read the table of a pool of modems."""
    again = table.choice("unknown", ("fail", "retry"), "fail") == "retry"
    minutes = table.number("unknown_minutes", 10, least=1, most=4320)
    return GsmSettings(
        ports=_ports(table),
        baudrate=_whole(table, "baudrate", 115_200, 300, 4_000_000),
        pins=_pins(table),
        smsc=_smsc(table),
        limits=SimLimits(
            per_minute=_whole(table, "per_minute", 15, 0, 600),
            per_day=_whole(table, "per_day", 0),
            per_month=_whole(table, "per_month", 0),
            recipients_per_month=_whole(table, "recipients_per_month", 0),
        ),
        again=60 * minutes if again else None,
        reports=table.flag("reports", True),
    )


def _ports(table: SettingsTable) -> tuple[str, ...]:
    ports = tuple(dict.fromkeys(table.text("port").split()))
    if not ports or not all(map(_is_port, ports)):
        table.mistake("port", "un port (/dev/…) ou socket://HÔTE:PORT ; plusieurs, avec une espace entre eux")
    return ports


def _is_port(port: str) -> bool:
    if (far := SOCKET.fullmatch(port)) is not None:
        return 1 <= int(far["port"]) <= 65_535
    return port.startswith("/") and not port.endswith(",")


def _pins(table: SettingsTable) -> dict[str, str]:
    """One code for all, or a line for each card; what is wrong is told without any of it."""
    pins: dict[str, str] = {}
    lines = [line.split() for line in table.secret("pin", "").splitlines() if line.strip()]
    for words in lines:
        card, code = (ANY, words[0]) if len(words) == 1 else (words[0], words[-1])
        is_card = bool(_CARD.fullmatch(card)) if len(words) == 2 else len(lines) == 1 == len(words)
        if not is_card or not _PIN.fullmatch(code) or card in pins:
            table.mistake("pin", "un code de 4 à 8 chiffres, ou une ligne « ICCID CODE » ou « IMEI CODE » par carte")
            return {}
        pins[card] = code
    return pins


def _smsc(table: SettingsTable) -> str:
    smsc = table.text("smsc", "")
    if not _SMSC.fullmatch(smsc):
        table.mistake("smsc", "un numéro de téléphone, par exemple +33609001390")
    return smsc


def _whole(table: SettingsTable, key: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
    number = table.number(key, default, least=least, most=most)
    if number != int(number):
        table.mistake(key, "il faut un nombre entier")
    return int(number)

"""What the program must know before it sends: the brochure's three settings, and what mail servers ask besides."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs

from ..model.account import Characters, canonical_email, is_email
from ..model.text import storable
from . import places

FILE: Final = "settings.json"

PORTS: Final = range(1, 65_536)

LONGEST: Final = 65_536
"""Octets of the file: a longer one is none of ours."""


class Security(StrEnum):
    """How the connection to the mail server is kept from others."""

    STARTTLS = "starttls"
    """From its first commands on (RFC 3207): port 587."""
    TLS = "tls"
    """From the first octet on (RFC 8314): port 465."""
    NONE = "none"
    """Not at all: within a firm's own network."""

    @property
    def port(self) -> int:
        """The usual one."""
        return {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}[self]


class Wrong(StrEnum):
    """What is wrong with settings, by field."""

    SERVER = "server"
    PORT = "port"
    EMAIL = "email"
    DOMAIN = "domain"


@attrs.frozen(kw_only=True)
class Settings:
    """All but the passwords, which ``vault`` keeps."""

    server: str = ""
    """Of outgoing mail (SMTP), a name or an address."""
    port: int = Security.STARTTLS.port
    security: Security = Security.STARTTLS
    user: str = ""
    """By which the mail server knows its customer; empty where it asks nobody."""
    email: str = ""
    """The account's."""
    domain: str = ""
    """Where the service takes mails."""
    characters: Characters = Characters.ADAPT
    """What is done with characters that GSM-7 lacks: as the account's option says."""
    language: str = ""
    """``fr``, ``en``, or empty for the system's."""

    def faults(self) -> list[Wrong]:
        """What keeps the program from sending with them."""
        wrong = []
        if not _is_host(self.server):
            wrong.append(Wrong.SERVER)
        if self.port not in PORTS:
            wrong.append(Wrong.PORT)
        if not is_email(canonical_email(self.email)) or not self.email.isascii():
            wrong.append(Wrong.EMAIL)
        if not is_email(f"sms@{self.domain.lower()}") or not self.domain.isascii():
            wrong.append(Wrong.DOMAIN)
        return wrong


def _is_host(name: str) -> bool:
    return 0 < len(name) <= 253 and name.isprintable() and not any(sign in name for sign in " @/<>()[],;\"'")


@attrs.frozen
class Found:
    """What was found of settings."""

    settings: Settings
    broken: Path | None = None
    """Where a file that could not be read was put, so that nothing of it is lost."""


def read(place: Path, default: Settings) -> Found:
    """The settings kept in that folder, ``default`` where there are none.

    A value that makes no sense is that of ``default``. Raises OSError where the file cannot be opened.
    """
    path = place / FILE
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except FileNotFoundError:
        return Found(default)
    try:
        told: Any = json.loads(content)
        if not isinstance(told, dict) or len(content) > LONGEST:
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        aside = path.with_name(f"{FILE}.broken")
        path.replace(aside)
        return Found(default, aside)
    return Found(attrs.evolve(default, **_known(told)))


def write(place: Path, settings: Settings) -> None:
    """Keep them in that folder. Raises OSError."""
    places.make(place)
    places.write(place / FILE, storable(json.dumps(attrs.asdict(settings), ensure_ascii=False, indent=2)).encode())


def _known(told: dict[str, Any]) -> dict[str, Any]:
    texts = ("server", "user", "email", "domain", "language")
    known: dict[str, Any] = {
        name: storable(told[name]).strip() for name in texts if isinstance(told.get(name), str)
    }
    # True is an int, too
    if type(told.get("port")) is int and told["port"] in PORTS:
        known["port"] = told["port"]
    for name, kind in (("security", Security), ("characters", Characters)):
        if told.get(name) in list(kind):
            known[name] = kind(told[name])
    return known

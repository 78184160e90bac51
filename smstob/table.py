"""A table of the configuration, read key by key, that gathers every mistake instead of stopping at one.

Imports the standard library only.
"""

import datetime
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

T = TypeVar("T")

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_KINDS: Final[Mapping[type, str]] = {
    bool: "true ou false",
    str: "un texte",
    int: "un nombre entier",
    float: "un nombre",
    list: "une liste",
    dict: "une table",
    datetime.datetime: "une date",
    datetime.date: "une date",
    datetime.time: "une heure",
}


def shown(text: str, most: int = 60) -> str:
    """``text`` between French quotes, on one line and at most so long: fit for a mistake's reason."""
    cut = text if len(text) <= most else text[:most] + "…"
    return f"« {cut if cut.isprintable() else json.dumps(cut)[1:-1]} »"


def why_unreadable(error: OSError | ValueError) -> str:
    """Why a file could not be read as UTF-8 text, in French; never anything of its content."""
    match error:
        case FileNotFoundError():
            return "ce fichier n'existe pas"
        case IsADirectoryError():
            return "c'est un répertoire, pas un fichier"
        case PermissionError():
            return "ce fichier existe mais le service n'a pas le droit de le lire"
        case UnicodeDecodeError():
            return "ce fichier n'est pas en UTF-8"
        case OSError():
            return f"ce fichier est illisible ({error.strerror})"
        case _:
            return "ce n'est pas un nom de fichier"


def why_not_toml(error: ValueError, text: str) -> str:
    """Where and what a TOML mistake is, in French, from tomllib's ``Invalid value (at line 3, column 5)``."""
    what, _, where = str(error).partition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)\)", where)
    if numbers:
        line, column = int(numbers[1]), int(numbers[2])
    elif where:
        lines = text.rstrip().split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    else:
        return "ce n'est pas du TOML : un nombre est trop long"
    return f"ligne {line}, colonne {column} : ce n'est pas du TOML ({what})"


class Table:
    """One table of the configuration (a ``SettingsTable``, see ``smstob.interfaces``).

    ``name`` is its full key (empty for the whole file) and prefixes each mistake, as in
    ``gateways.main.settings.window : …``; mistakes are appended to ``mistakes``, one line each.
    Every method notes a mistake where the value is missing without a default or of a wrong type,
    and gives the default (or an empty or least value), so that reading goes on; further mistakes at
    that key would only follow from this one and are left out. As a context manager, ``close`` is
    called at the end.
    """

    def __init__(self, values: Mapping[str, Any], name: str, mistakes: list[str]) -> None:
        self._values = values
        self._name = name
        self._mistakes = mistakes
        self._asked: set[str] = set()
        self._unread: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        """The keys that the file gives, in its order."""
        return iter(self._values)

    def mistake(self, key: str, reason: str) -> None:
        """Note a mistake at ``key`` (empty: at the table itself); ``reason`` in French, without secrets."""
        if key not in self._unread:
            self._mistakes.append(f"{self._full(key)} : {reason}")

    def close(self) -> None:
        """Note every key that nobody asked for as a mistake, with the nearest known key if one is near."""
        for key in self._values:
            if key in self._asked:
                continue
            free = sorted(self._asked.difference(self._values))
            near = difflib.get_close_matches(key[:60], free, n=1)
            self.mistake(key, "clé inconnue" + (f" (peut-être {near[0]} ?)" if near else ""))

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        return self._value(key, str, default or "", required=default is None)

    def given_text(self, key: str) -> str | None:
        """A string that is not blank, or None where the key is not given."""
        text = self.text(key, "")
        if key in self and isinstance(self._values[key], str) and not text.strip():
            self.mistake(key, "ce texte est vide")
        return text or None

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        items = self._value(key, list, list(default or ()), required=default is None)
        for item in items:
            if not isinstance(item, str):
                self._refuse(key, _unlike("une liste de textes", item))
                return tuple(default or ())
        return tuple(items)

    def endpoints(self, key: str, default: Sequence[str]) -> tuple[str, ...]:
        """A list of Twisted server endpoint strings."""
        endpoints = self.texts(key, default)
        for endpoint in endpoints:
            if not _is_server_endpoint(endpoint):
                wanted = "tcp:PORT:interface=ADRESSE, tcp6:…, ssl:…, tls:…, unix:CHEMIN, systemd:…, haproxy:tcp:…"
                self.mistake(key, f"{shown(endpoint)} n'est pas un point d'écoute ; attendu : {wanted}")
        return endpoints

    def networks(self, key: str) -> tuple[str, ...]:
        """A list of IP addresses and networks (CIDR); empty where the key is missing."""
        networks = self.texts(key, ())
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                self.mistake(key, f"{shown(network)} n'est ni une adresse IP ni un réseau")
        return networks

    def number(self, key: str, default: float | None = None, *, least: float = 0, most: float = 1e9) -> float:
        """A number from ``least`` to ``most``, whole or not."""
        return float(self._number(key, (int, float), default, least, most))

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number from ``least`` to ``most``."""
        return int(self._number(key, (int,), default, least, most))

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of ``choices``; the first of them after a mistake without default."""
        fallback = choices[0] if default is None else default
        value = self._value(key, str, fallback, required=default is None)
        if value in choices:
            return value
        self._refuse(key, f"{shown(value)} n'existe pas ; valeurs possibles : {', '.join(choices)}")
        return fallback

    def flag(self, key: str, default: bool) -> bool:
        """A boolean."""
        return self._value(key, bool, default, required=False)

    def secret(self, key: str, default: str | None = None) -> str:
        """A string, or the content of the UTF-8 file that ``key``_file names, less one line end at its end.

        Never part of a mistake's reason. A path that is not absolute starts at the working directory.
        """
        file_key = f"{key}_file"
        self._asked |= {key, file_key}
        if file_key not in self:
            if key not in self and default is None:
                self._refuse(key, f"cette clé manque ({key} ou {file_key})")
                return ""
            return self.text(key, default)
        if key in self:
            self.mistake(file_key, f"{key} est déjà donné : l'un ou l'autre, pas les deux")
        content = self._content(file_key)
        if content is None:
            self._unread.add(key)
            return default or ""
        return content

    def table(self, key: str) -> "Table":
        """A table within this one; an empty one where the key is missing."""
        return self._child(self._value(key, dict, {}, required=False), self._full(key))

    def tables(self, key: str) -> list["Table"]:
        """The tables of an array (``[[key]]``), called ``key[1]``, ``key[2]`` … in mistakes; or none."""
        items = self._value(key, list, [], required=False)
        children = []
        for number, item in enumerate(items, 1):
            name = f"{self._full(key)}[{number}]"
            if isinstance(item, dict):
                children.append(self._child(item, name))
            else:
                self._child({}, name).mistake("", _unlike(_KINDS[dict], item))
        return children

    def _refuse(self, key: str, reason: str) -> None:
        """Note a mistake at a value that is not used: whatever follows from its default is none."""
        self.mistake(key, reason)
        self._unread.add(key)

    def _content(self, file_key: str) -> str | None:
        """What the file that ``file_key`` names has; None after a mistake, which does not name the file.

        A secret may have been typed in the place of the file's name.
        """
        path = self.text(file_key)
        if file_key in self._unread:
            return None
        try:
            content = Path(path).read_text("utf-8").removesuffix("\n")
        except (OSError, ValueError) as error:
            self._refuse(file_key, why_unreadable(error))
            return None
        if not content:
            self._refuse(file_key, "ce fichier est vide")
            return None
        return content

    def _child(self, values: Mapping[str, Any], name: str) -> "Table":
        return Table(values, name, self._mistakes)

    def _full(self, key: str) -> str:
        if not key:
            return self._name
        if not _BARE_KEY.fullmatch(key):
            key = json.dumps(key, ensure_ascii=not key.isprintable())
        return f"{self._name}.{key}" if self._name else key

    def _value(self, key: str, kind: type[T], default: T, *, required: bool) -> T:
        self._asked.add(key)
        if key not in self._values:
            if required:
                self._refuse(key, f"cette clé manque ; attendu : {_KINDS[kind]}")
            return default
        value = self._values[key]
        if type(value) is not kind:
            self._refuse(key, _unlike(_KINDS[kind], value))
            return default
        return value

    def _number(self, key: str, kinds: tuple[type, ...], default: float | None, least: float, most: float) -> float:
        self._asked.add(key)
        wanted = f"{_KINDS[kinds[-1]]} de {least:.15g} à {most:.15g}"
        fallback = least if default is None else default
        if key not in self._values:
            if default is None:
                self._refuse(key, f"cette clé manque ; attendu : {wanted}")
            return fallback
        value = self._values[key]
        if type(value) not in kinds:
            self._refuse(key, _unlike(wanted, value))
            return fallback
        if not least <= value <= most:
            self._refuse(key, f"hors des bornes ; attendu : {wanted}")
            return fallback
        return float(value) if isinstance(value, float) else int(value)


def _unlike(wanted: str, value: object) -> str:
    """Says the kind of ``value`` and not ``value``: it may be a secret in the wrong place."""
    return f"attendu : {wanted} ; reçu : {_KINDS[type(value)]}"


def _is_server_endpoint(text: str) -> bool:
    """Whether ``text`` looks like one; Twisted knows for sure only when it listens."""
    while text.startswith("haproxy:"):
        text = text.removeprefix("haproxy:")
    scheme, _, rest = text.partition(":")
    if scheme in ("tcp", "tcp6"):
        port = _PORT.fullmatch(rest)
        return port is not None and int(port[1]) < 65536
    return scheme in ("ssl", "tls", "unix", "systemd") and bool(rest)


_PORT = re.compile(r"(?:port=)?([0-9]{1,5})(?::(?:interface|backlog)=(?:[^:\\\s]|\\.)*)*")

"""The options of an account, from ``OPTION=VALUE`` and back; all mistakes are told together."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from ..model.account import SEGMENTS, VALIDITY_HOURS, Characters, Confirmations, Format, Options, SenderChecks
from ..model.number import NotANumber, parse_number
from ..model.tariff import Tariff
from ..table import shown
from .desk import Mistake

_THRESHOLDS: Final = range(1_000_000_001)


def _whole(allowed: range) -> Callable[[str, Tariff], int]:
    def read(typed: str, _tariff: Tariff) -> int:
        if re.fullmatch(r"[0-9]{1,10}", typed) and int(typed) in allowed:
            return int(typed)
        raise ValueError(f"attendu : un nombre entier de {allowed[0]} à {allowed[-1]}")

    return read


def _choice(values: Mapping[str, Any]) -> Callable[[str, Tariff], Any]:
    def read(typed: str, _tariff: Tariff) -> Any:
        if (value := values.get(typed.lower())) is not None:
            return value
        raise ValueError(f"attendu : {', '.join(values)}")

    return read


def _threshold(typed: str, tariff: Tariff) -> int | None:
    return _whole(_THRESHOLDS)(typed, tariff) if typed else None


def _phone(typed: str, tariff: Tariff) -> str | None:
    if not typed:
        return None
    try:
        number = parse_number(typed)
    except NotANumber:
        raise ValueError("ce n'est pas un numéro de mobile") from None
    if tariff.price(number.country) is None:
        raise ValueError(f"les envois vers ce pays ({number.country}) ne sont pas ouverts")
    return number.e164


_READERS: Final[Mapping[str, tuple[str, Callable[[str, Tariff], Any]]]] = MappingProxyType(
    {
        "duplicates": ("on/off", _choice({"on": True, "off": False})),
        "format": ("normal/flash/normal+flash", _choice({one.value: one for one in Format})),
        "validity": ("1..72", _whole(VALIDITY_HOURS)),
        "confirmations": ("all/errors/none", _choice({one.value: one for one in Confirmations})),
        "characters": ("adapt/as-is", _choice({one.value: one for one in Characters})),
        "max_segments": ("1..10", _whole(SEGMENTS)),
        "sender_checks": ("off/marked/required", _choice({one.value: one for one in SenderChecks})),
        "alert_threshold": ("N ou rien", _threshold),
        "alert_phone": ("NUMÉRO ou rien", _phone),
    }
)


def spelled() -> str:
    """Every option with its values, for the help."""
    return " ".join(f"{name}={values}" for name, (values, _) in _READERS.items())


def read_options(typed: Sequence[str], tariff: Tariff) -> dict[str, Any]:
    """Changes by the names of ``Options``' fields. Raises ``Mistake`` with every one that is wrong."""
    changes: dict[str, Any] = {}
    mistakes = []
    for one in typed:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals:
            mistakes.append(f"{shown(one)} : attendu : OPTION=VALEUR")
        elif name not in _READERS:
            mistakes.append(f"{shown(name)} n'est pas une option (options : {', '.join(_READERS)})")
        elif name in changes:
            mistakes.append(f"{name} est donné plusieurs fois")
        else:
            changes[name] = None
            try:
                changes[name] = _READERS[name][1](value, tariff)
            except ValueError as error:
                mistakes.append(f"{name} : {error}")
    if mistakes:
        raise Mistake(" ; ".join(mistakes) + ". Rien n'a été changé")
    return changes


def shown_options(options: Options) -> dict[str, Any]:
    """Options by name as JSON values."""
    values = attrs.asdict(options)
    return {name: getattr(value, "value", value) for name, value in values.items()}

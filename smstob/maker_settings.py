"""Tables that a plugin's maker reads, of gateways and of payments. Imports the interfaces and the table reader."""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from .billing_interfaces import IPaymentProviderMaker
from .interfaces import IGatewayMaker
from .table import Table, shown

M = TypeVar("M", IGatewayMaker, IPaymentProviderMaker)


def check_name(table: Table, name: str) -> None:
    """Note a mistake where ``name``, by which the operator calls the table, is no name."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
        table.mistake("", "attendu : un nom de 40 caractères au plus, lettres sans accent, chiffres, - et _")


def made_of(table: Table, given: str, inner: Table, makers: Mapping[str, M]) -> tuple[M, Any] | None:
    """The maker of the type that ``table`` has ``given``, and what it reads of ``inner``.

    None where the type is unknown or its maker failed, which is noted then.
    """
    maker = makers.get(given)
    if maker is None:
        known = ", ".join(sorted(makers)) or "aucun"
        table.mistake("type", f"{shown(given)} n'est pas un type connu ; types connus : {known}")
        return None
    try:
        with inner:
            return maker, maker.parse_settings(inner)
    except Exception as error:  # a maker is anyone's code; the mistakes of the others are told too
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(at.filename).name}, ligne {at.lineno}"
        inner.mistake("", f"le module du type {given} a échoué ({type(error).__name__}, {where})")
        return None

"""What a command answers, as a table for people and as one JSON value for programs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from ..model.ledger import Reason
from ..model.message import State
from ..model.modem import ModemState
from ..model.order import OrderState

LONGEST_TEXT: Final = 40

STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        State.QUEUED: "en attente",
        State.HANDED: "envoyé",
        State.DELIVERED: "remis",
        State.FAILED: "échec",
        State.UNKNOWN: "sans nouvelle",
        State.REJECTED: "refusé",
        State.EXPIRED: "expiré",
        State.CANCELLED: "annulé",
    }
)
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Reason.TOP_UP: "achat",
        Reason.DEBIT: "envoi",
        Reason.REFUND: "remboursement",
        Reason.TRANSFER: "transfert",
        Reason.TRIAL: "essai",
        Reason.ADJUSTMENT: "opérateur",
    }
)
ORDER_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        OrderState.OPEN: "à payer",
        OrderState.PAID: "payée",
        OrderState.CANCELLED: "annulée",
        OrderState.REFUNDED: "remboursée",
    }
)
GATEWAY_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "up": "en marche",
        "down": "en panne",
        "paused": "suspendue",
        "receiving": "en réception seule",
        "stopped": "arrêtée",
    }
)
MODEM_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ModemState.ABSENT: "absent",
        ModemState.STARTING: "démarre",
        ModemState.LOCKED: "bloqué",
        ModemState.SEARCHING: "cherche le réseau",
        ModemState.UP: "en service",
        ModemState.PAUSED: "en pause",
        ModemState.LIMITED: "limite atteinte",
        ModemState.HEALING: "se remet en marche",
    }
)


@attrs.frozen
class Report:
    """A command's answer."""

    value: Any
    """For ``--json``."""
    text: str
    """For people."""
    complaint: str | None = None
    """A sentence for stderr where the answer is bad news: the command ends with 1 then."""


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> str:
    """Aligned columns, numbers to the right; ``nothing`` where there are no rows."""
    if not rows:
        return nothing
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    right = [all(isinstance(row[column], int | float) for row in rows) for column in range(len(headers))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in (headers, *cells)
    )


def one_line(cell: object) -> str:
    """A cell of a table; what customers wrote cannot break the line nor command the terminal."""
    match cell:
        case None:
            return "-"
        case int():
            return grouped(cell)
        case float():
            return f"{cell:.1f}".replace(".", ",")
        case _:
            return "".join(char if char.isprintable() else " " for char in str(cell))


def cut(text: str) -> str:
    """A text, shortened for a table."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def grouped(number: int) -> str:
    """A whole number, its thousands apart."""
    return f"{number:,}".replace(",", " ")


def euros(cents: int) -> str:
    """An amount that is not negative as programs take it, exact: ``22.80``."""
    return f"{cents // 100}.{cents % 100:02}"


def price(cents: int) -> str:
    """Likewise, as people read it."""
    return f"{grouped(cents // 100)},{cents % 100:02} €"


def plural(number: int, word: str) -> str:
    """``number`` of what ``word`` says, in the plural where there are two or more (every word takes an s)."""
    words = word if abs(number) < 2 else " ".join(f"{part}s" for part in word.split(" "))
    return f"{grouped(number)} {words}"

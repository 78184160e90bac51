"""How things are written in French: counts, dates, numbers, and what strangers typed."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

NBSP: Final = "\u00a0"

SHOWN: Final = 80
"""Characters of a text that somebody else wrote."""

_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_NATIONAL: Final = re.compile(r"0[1-9][0-9]{8}")
_BETWEEN_DIGITS: Final = re.compile(r"[ .\-/\u00a0\u202f]+")


def counted(number: int, noun: str, several: str | None = None) -> str:
    """``1 200 crédits``: the number and its noun. Zero is singular; ``several`` where an s does not make the plural."""
    return f"{thousands(number)}{NBSP}{noun if abs(number) < 2 else several or noun + 's'}"


def thousands(number: int) -> str:
    """``12 345``, which no line end parts."""
    return f"{number:,}".replace(",", NBSP)


def euros(cents: int) -> str:
    """``1 234,50 €``, which no line end parts."""
    return f"{thousands(cents // 100)},{cents % 100:02}{NBSP}€"


def full_date(instant: int, zone: ZoneInfo) -> str:
    """``mardi 15 septembre 2026 à 12 h 30``, on the clocks of ``zone``; ``instant`` in Unix seconds."""
    moment = datetime.fromtimestamp(instant, zone)
    return f"{_DAYS[moment.weekday()]} {day(instant, zone)} à {moment.hour}{NBSP}h{NBSP}{moment.minute:02}"


def day(instant: int, zone: ZoneInfo) -> str:
    """``15 septembre 2026``, on the clocks of ``zone``; ``instant`` in Unix seconds."""
    moment = datetime.fromtimestamp(instant, zone)
    return f"{'1er' if moment.day == 1 else moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def short_date(instant: int, zone: ZoneInfo) -> str:
    """``15/09/2026 à 12:30``, on the clocks of ``zone``; ``instant`` in Unix seconds."""
    return f"{datetime.fromtimestamp(instant, zone):%d/%m/%Y à %H:%M}"


def shown(text: str, limit: int = SHOWN) -> str:
    """One line of what somebody typed: nothing that a screen obeys, ``limit`` characters at most.

    Controls and white space become single spaces; what overrides the direction of a script, joins or is no
    character at all (Unicode's C categories) goes.
    """
    # a hundred thousand characters are not looked at for eighty
    looked = text[: 4 * limit]
    plain = "".join(
        " " if category in {"Cc", "Zl", "Zp"} else char
        for char in looked
        if (category := unicodedata.category(char)) == "Cc" or category[0] != "C"
    )
    # plain split() also takes the no-break space for one
    line = " ".join(plain.split())
    if len(line) <= limit and len(looked) == len(text):
        return line
    return line[: limit - 1].rstrip() + "…"


def shown_number(typed: str) -> str:
    """A national number in pairs of digits, ``06 12 34 56 78``; everything else as ``shown``."""
    digits = _BETWEEN_DIGITS.sub("", typed) if len(typed) <= SHOWN else ""
    if _NATIONAL.fullmatch(digits):
        return NBSP.join(digits[at : at + 2] for at in range(0, 10, 2))
    return shown(typed)


def listed(parts: Sequence[str]) -> str:
    """``a, b et c``."""
    return " et ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""

"""What the lines of a modem's answers say (3GPP TS 27.005, 27.007)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

REGISTERED: Final = frozenset({1, 5, 6, 7})
"""Of +CREG: home and roaming, 6 and 7 for SMS only (27.007 §7.2)."""
ROAMING: Final = frozenset({5, 7})
DENIED: Final = 3

_VALUE: Final = re.compile(r'"([^"]*)"|\(([^)]*)\)|([^,]+)|(?<=,)(?=,|$)')
_NO_SIGNAL: Final = 99
_STRONGEST: Final = 31


def values(line: str) -> list[str]:
    """The values after the name, without quotation marks and parentheses; empty ones are empty."""
    _, _, told = line.partition(":")
    return [(one[1] or one[2] or one[3] or "").strip() for one in _VALUE.finditer(told.strip())]


def whole(value: str) -> int | None:
    """The number, or None."""
    return int(value) if re.fullmatch("[0-9]{1,6}", value) else None


def registration(lines: Iterable[str]) -> int | None:
    """The state of the first answer to +CREG? and the like."""
    for line in lines:
        told = values(line)
        if len(told) > 1 and (state := whole(told[1])) is not None:
            return state
    return None


def signal(lines: Iterable[str]) -> int | None:
    """The strength in dBm that +CSQ tells; None where it is not known."""
    for line in lines:
        strength = whole(values(line)[0]) if values(line) else None
        if strength is not None and strength != _NO_SIGNAL:
            return -113 + 2 * min(strength, _STRONGEST)
    return None


def network(lines: Iterable[str]) -> str:
    """The operator's name that +COPS? tells, or nothing."""
    return next((told[2] for told in map(values, lines) if len(told) > 2), "")


def identity(lines: Iterable[str]) -> str:
    """The first digits of an answer that tells a serial number, an IMSI or an ICCID."""
    for line in lines:
        if found := re.search("[0-9]{10,22}", line):
            return found[0]
    return ""


def name(lines: Sequence[str]) -> str:
    """A maker's or a model's name."""
    told = lines[0] if lines else ""
    return re.sub(r"^\+\w+: ?", "", told).strip('" ')[:40]


def centre(lines: Iterable[str]) -> str:
    """The service centre's number that +CSCA? tells; in hexadecimal where another program left that alphabet."""
    for line in lines:
        told = values(line)
        if told and told[0]:
            return _from_ucs2(told[0])
    return ""


def _from_ucs2(told: str) -> str:
    if len(told) % 4 == 0 and re.fullmatch("(?:00[23][0-9A-Fa-f])+", told):
        return bytes.fromhex(told).decode("utf-16-be")
    return told


@attrs.frozen
class Storage:
    """The memory of received messages."""

    memory: str
    used: int
    total: int

    @property
    def is_filling(self) -> bool:
        """Whether four fifths of it are taken."""
        return self.total > 0 and 5 * self.used >= 4 * self.total


def storage(lines: Iterable[str]) -> Storage | None:
    """The memory that +CPMS? names first."""
    for line in lines:
        told = values(line)
        numbers = [whole(value) for value in told[1:3]]
        if len(numbers) == 2 and None not in numbers:
            return Storage(told[0], numbers[0] or 0, numbers[1] or 0)
    return None


def choices(line: str) -> list[frozenset[str]]:
    """What each place of a command may hold, as its test form tells: ``(0-2),(0,1)`` or ``("SM","ME")``."""
    _, _, told = line.partition(":")
    return [frozenset(_each(group)) for group in re.findall(r"\(([^()]*)\)", told)]


def _each(group: str) -> Iterator[str]:
    for value in group.split(","):
        first, dash, last = (one.strip(' "') for one in value.partition("-"))
        low, high = whole(first), whole(last)
        if dash and low is not None and high is not None:
            yield from (str(number) for number in range(low, min(high, 255) + 1))
        elif first:
            yield first


@attrs.frozen
class Stored:
    """A message in the modem's memory."""

    index: int
    pdu: str = attrs.field(repr=False)
    """Hexadecimal."""


def stored(lines: Iterable[str], index: int | None = None) -> list[Stored]:
    """What +CMGL and +CMGR give: each header's line with the PDU's after it; a header alone counts for nothing.

    +CMGR does not repeat the ``index`` that it was asked for.
    """
    found: list[Stored] = []
    place: int | None = None
    for line in lines:
        if line.startswith("+CMG"):
            told = values(line)
            place = index if index is not None else whole(told[0]) if told else None
        elif place is not None:
            found.append(Stored(place, line))
            place = None
    return found

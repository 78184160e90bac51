"""Times as SMPP 3.4 writes them (§7.1.1): 16 ASCII characters, of a moment or of a span from now.

``YYMMDDhhmmsstnnp`` is a moment: tenths of a second ``t``, then ``nn`` quarters of an hour ahead of (``+``) or behind
(``-``) UTC. ``YYMMDDhhmmss000R`` is a span. The years of a moment are 2000 to 2099: two digits say no more.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

LONGEST: Final = 31 * 86_400
"""The longest span that ``relative`` writes, in seconds: 31 days."""

_QUARTER: Final = timedelta(minutes=15)
_FARTHEST: Final = 48  # quarters of an hour that nn may say (§7.1.1): 12 hours

_MOMENT: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d?)(\d\d)([+-])")
_SPAN: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d{0,3}R")


class TimeError(ValueError):
    """These bytes are no time of §7.1.1, or one that the calendar does not have."""


def relative(seconds: int) -> bytes:
    """The span of that many seconds (§7.1.1.2), as in ``b"000001000000000R"`` for a day.

    Written in days, hours, minutes and seconds only, which every SMSC reads as the same span: a month or a year of the
    format is 28 to 366 days long, as the reader pleases. ``DD`` goes to 31 (§7.1.1), so a span is of 1 second to
    ``LONGEST``: ``ValueError`` beyond, where ``absolute`` says what is meant.
    """
    if not 1 <= seconds <= LONGEST:
        raise ValueError(f"a span is of 1 to {LONGEST} seconds, not {seconds}")
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return b"0000%02d%02d%02d%02d000R" % (day, hour, minute, second)


def absolute(moment: datetime) -> bytes:
    """The moment (§7.1.1.1), as in ``b"260905143000012-"`` for half past 14 at -03:00, cut to the tenth of a second.

    The moment's own zone is kept where the format has it: whole quarters of an hour, at most twelve hours from UTC. Any
    other is written in UTC. ``ValueError`` for a naive moment and for a year that two digits do not say.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment} has no zone")
    if not 2000 <= moment.year <= 2099:
        raise ValueError(f"{moment} is not of the years 2000 to 2099")
    quarters, rest = divmod(offset, _QUARTER)
    if rest or abs(quarters) > _FARTHEST:
        return absolute(moment.astimezone(UTC))
    tenths, sign = moment.microsecond // 100_000, "-" if quarters < 0 else "+"
    return f"{moment:%y%m%d%H%M%S}{tenths}{abs(quarters):02}{sign}".encode()


def parse(value: bytes, now: datetime) -> datetime | None:
    """The moment that the bytes of a time field say, without its final NUL; None for ``b""``, which is none (§5.2.15).

    A moment comes back in the zone it was written in, a span as ``now`` and the span, in UTC: years and months by the
    calendar (a day that the month lacks is its last), the rest as time that passes. Missing tenths are taken for 0.
    ``TimeError`` for any other bytes, ``ValueError`` where ``now`` is naive.
    """
    if now.tzinfo is None:
        raise ValueError(f"{now} has no zone")
    if not value:
        return None
    try:
        if span := _SPAN.fullmatch(value):
            return _after(now.astimezone(UTC), *map(int, span.groups()))
        if moment := _MOMENT.fullmatch(value):
            *digits, sign = moment.groups(default=b"")
            year, month, day, hour, minute, second, tenths, quarters = (int(digit or 0) for digit in digits)
            zone = timezone(quarters * (-_QUARTER if sign == b"-" else _QUARTER))
            return datetime(2000 + year, month, day, hour, minute, second, tenths * 100_000, zone)
    except (ValueError, OverflowError) as failure:
        raise TimeError(f"{value!r}: {failure}") from None
    raise TimeError(f"{value[:32]!r} is no time")


def _after(now: datetime, years: int, months: int, days: int, hours: int, minutes: int, seconds: int) -> datetime:
    """``now`` and that much; ``OverflowError`` or ``ValueError`` beyond the year 9999."""
    year, month = divmod(now.year * 12 + now.month - 1 + years * 12 + months, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day) + timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds
    )

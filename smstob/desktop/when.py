"""A date and a time as people type them, made the twelve digits that mails have. Pure."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..model.moment import BadMoment

_DATE: Final = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})(?:[/. -]([0-9]{4}|[0-9]{2}))?")
_DIGITS_DATE: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_TIME: Final = re.compile(r"([0-9]{1,2}) ?[:hH.] ?([0-9]{2})?")
_DIGITS_TIME: Final = re.compile(r"([0-9]{2})([0-9]{2})")
_CENTURY: Final = 2000

HOUR: Final = 3600


def moment_of(typed_date: str, typed_time: str, today: date) -> str:
    """``hhmmjjmmaaaa`` of what was typed. Raises BadMoment, whose message is as ``parse_moment``'s.

    A date without a year is the next of its kind.
    """
    day = day_of(typed_date, today)
    found = _TIME.fullmatch(typed_time.strip()) or _DIGITS_TIME.fullmatch(typed_time.strip())
    if found is None:
        raise BadMoment("no such date or time")
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{hour:02}{minute:02}{day:%d%m}{day.year:04}"


def day_of(typed: str, today: date) -> date:
    """The day that was typed. Raises BadMoment."""
    found = _DATE.fullmatch(typed.strip()) or _DIGITS_DATE.fullmatch(typed.strip())
    if found is None:
        raise BadMoment("no such date or time")
    day, month = int(found[1]), int(found[2])
    try:
        if found[3] is not None:
            year = int(found[3])
            return date(year if len(found[3]) > 2 else _CENTURY + year, month, day)
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError as error:
        raise BadMoment("no such date or time") from error


def written(day: date) -> str:
    """As it is typed."""
    return f"{day:%d/%m}/{day.year:04}"


def today(now: float, zone: ZoneInfo) -> date:
    """The day that it is."""
    return datetime.fromtimestamp(now, zone).date()


def next_hour(now: float, zone: ZoneInfo) -> datetime:
    """The next full one, on the clocks of ``zone``."""
    later = datetime.fromtimestamp(now, UTC) + timedelta(seconds=HOUR)
    return later.astimezone(zone).replace(minute=0, second=0, microsecond=0)

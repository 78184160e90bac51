"""When to send: the twelve digits that people type, and instants."""

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo


class BadMoment(ValueError):
    """What was typed is no moment at which a message can be sent."""


AHEAD: Final = 366 * 86400
"""Seconds by which a submission may be deferred at most."""

_TYPED: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4})")


def parse_moment(typed: str, zone: ZoneInfo, now: float) -> int:
    """The instant, in whole Unix seconds, that ``hhmmjjmmaaaa`` means on the clocks of ``zone``.

    Where clocks show it twice (autumn) the first is meant. In the minute that runs at ``now`` (Unix seconds)
    the answer is ``now``, cut to whole seconds. Raises BadMoment unless ``typed`` is twelve ASCII digits, a
    real date and time that clocks show, not past, and at most AHEAD from ``now``.
    """
    wall = _wall_time(typed)
    instant = int(wall.replace(tzinfo=zone).timestamp())
    if instant + 60 <= now:
        raise BadMoment("past")
    if instant - now > AHEAD:
        raise BadMoment("too far ahead")
    if datetime.fromtimestamp(instant, zone).replace(tzinfo=None) != wall:
        raise BadMoment("skipped by the spring change")
    return max(instant, int(now))


def format_moment(instant: float, zone: ZoneInfo) -> str:
    """The minute of ``instant`` (Unix seconds) as ``hhmmjjmmaaaa`` on the clocks of ``zone``."""
    return f"{datetime.fromtimestamp(instant, zone):%H%M%d%m%Y}"


def day_of(instant: float, zone: ZoneInfo) -> int:
    """The day of ``instant`` (Unix seconds) on the clocks of ``zone``, in days since 1970-01-01."""
    return datetime.fromtimestamp(instant, zone).toordinal() - _EPOCH


def date_of(day: int) -> date:
    """The date that is so many days after 1970-01-01."""
    return date.fromordinal(day + _EPOCH)


def days_until(wanted: date) -> int:
    """Its days since 1970-01-01."""
    return wanted.toordinal() - _EPOCH


_EPOCH: Final = date(1970, 1, 1).toordinal()


def _wall_time(typed: str) -> datetime:
    digits = _TYPED.fullmatch(typed)
    if digits is None:
        raise BadMoment("not twelve digits")
    hour, minute, day, month, year = map(int, digits.groups())
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 (the zone's clocks may not show it)
    except ValueError as error:
        raise BadMoment("no such date or time") from error

"""Dates and times as browsers' fields have them (``aaaa-mm-jj``, ``hh:mm``), and what they mean."""

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from .visit import Fields

_DATE: Final = re.compile(r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}")


def typed_moment(date_: str, time: str) -> str:
    """``hhmmjjmmaaaa`` of the two fields; what is no date stays none, so that it is refused."""
    year, _, rest = date_.partition("-")
    month, _, day = rest.partition("-")
    return f"{time[:5].replace(':', '')}{day}{month}{year}" or "-"


def fields_of(instant: int, zone: ZoneInfo) -> tuple[str, str]:
    """The date and the time that show ``instant`` (Unix seconds) on the clocks of ``zone``."""
    moment = datetime.fromtimestamp(instant, zone)
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"


@attrs.frozen(kw_only=True)
class Period:
    """Days from and to, as a filter has them: both count, and either may be left out."""

    first: str = ""
    last: str = ""
    """As typed."""
    since: int | None = None
    until: int | None = None
    """Unix seconds: from, and before."""
    wrong: bool = False
    """Whether what was typed is no period: then it is none."""

    @classmethod
    def read(cls, query: Fields, zone: ZoneInfo) -> "Period":
        """The fields ``du`` and ``au``."""
        first, last = query.line("du")[:10], query.line("au")[:10]
        try:
            since = _midnight(first, zone) if first else None
            until = _midnight(last, zone, days=1) if last else None
        except ValueError:
            return cls(first=first, last=last, wrong=True)
        if since is not None and until is not None and since >= until:
            return cls(first=first, last=last, wrong=True)
        return cls(first=first, last=last, since=since, until=until)


def _midnight(typed: str, zone: ZoneInfo, days: int = 0) -> int:
    """When the day begins that lies ``days`` after. Raises ValueError."""
    if not _DATE.fullmatch(typed):
        raise ValueError(typed)
    day = date.fromisoformat(typed) + timedelta(days=days)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())

"""Moments in semi-octets and validity periods in one octet (3GPP TS 23.040 §9.2.3.11, §9.2.3.12)."""

from datetime import datetime, timedelta, timezone
from typing import Final

from .octets import Unwritable

MOMENT: Final = 7
"""Octets of a moment."""

_CENTURY: Final = 2000
_WEST: Final = 0x08
_QUARTER: Final = timedelta(minutes=15)
_MOST_QUARTERS: Final = 79

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800
LONGEST: Final = 63 * _WEEK
"""Seconds of the longest validity period."""


def read_moment(octets: bytes) -> datetime | None:
    """The moment of seven octets, in the zone that they say; None where they are none, as networks do send."""
    *written, zone = octets
    if any(octet & 0xF > 9 or octet >> 4 > 9 for octet in written) or zone >> 4 > 9:
        return None
    year, month, day, hour, minute, second = (_two_digits(octet) for octet in written)
    quarters = _two_digits(zone & ~_WEST)
    try:
        east = timezone(-quarters * _QUARTER if zone & _WEST else quarters * _QUARTER)
        return datetime(_CENTURY + year, month, day, hour, minute, second, tzinfo=east)
    except ValueError:
        return None


def write_moment(moment: datetime | None) -> bytes:
    """The seven octets of an aware ``moment``, to the second; zeros for None.

    Raises Unwritable outside of 2000 to 2099 and of zones of whole quarters of an hour.
    """
    if moment is None:
        return bytes(MOMENT)
    offset = moment.utcoffset()
    if offset is None or offset % _QUARTER or abs(offset) > _MOST_QUARTERS * _QUARTER:
        raise Unwritable("the zone is not one of quarters of an hour")
    if not 0 <= moment.year - _CENTURY <= 99:
        raise Unwritable("the year is not in this century")
    zone = _semi_octets(abs(offset) // _QUARTER) | (_WEST if offset < timedelta() else 0)
    day = (moment.year - _CENTURY, moment.month, moment.day)
    return bytes((*map(_semi_octets, (*day, moment.hour, moment.minute, moment.second)), zone))


def read_validity(octet: int) -> int:
    """The seconds of a relative validity period."""
    if octet < 144:
        return (octet + 1) * 5 * _MINUTE
    if octet < 168:
        return 12 * _HOUR + (octet - 143) * 30 * _MINUTE
    if octet < 197:
        return (octet - 166) * _DAY
    return (octet - 192) * _WEEK


def write_validity(seconds: int) -> int:
    """The shortest relative validity period that is not shorter than ``seconds``; the longest where there is none.

    Longer rather than shorter: of three days of which a minute is over, two would be left.
    """
    return next((octet for octet in range(0xFF) if read_validity(octet) >= seconds), 0xFF)


def _two_digits(octet: int) -> int:
    return (octet & 0xF) * 10 + (octet >> 4)


def _semi_octets(number: int) -> int:
    return number // 10 | number % 10 << 4

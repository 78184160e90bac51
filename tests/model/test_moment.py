"""The moment of sending."""

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.moment import BadMoment, day_of, format_moment, parse_moment

from .strategies import QUICK

PARIS = ZoneInfo("Europe/Paris")


def instant_of(text: str) -> int:
    """The Unix seconds of an ISO date and time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = instant_of("2026-11-23T10:20:30")
"""11:20:30 in Paris."""


def last_sunday(year: int, month: int) -> int:
    """The day on which clocks change, by directive 2000/84/EC, at 01:00 UTC."""
    return max(week[calendar.SUNDAY] for week in calendar.monthcalendar(year, month))


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("112123112026", "2026-11-23T10:21:00"),
        ("000024112026", "2026-11-23T23:00:00"),
        ("235931122026", "2026-12-31T22:59:00"),
        ("083014072027", "2027-07-14T06:30:00"),
        ("112024112027", "2027-11-24T10:20:00"),
    ],
)
def test_moments_are_wall_time(typed: str, instant: str) -> None:
    """Twelve digits are the time on the clocks of Paris, summer and winter, and are written back the same."""
    assert parse_moment(typed, PARIS, NOW) == instant_of(instant)
    assert format_moment(instant_of(instant), PARIS) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "1121231120", "11212311202", "1121231120260", " 112123112026", "112123112026 ", "112123112026\n",
        "11:2123112026", "11h21 23/11/26", "112123-12026", "+11212311202", "11_123112026", "١١٢١٢٣١١٢٠٢٦",
        "１１２１２３１１２０２６", "11212311202\u0666", "1121231120²6", "abcdefghijkl", "\x00" * 12,
        "240024112026", "236024112026", "990024112026", "120000122026", "120032122026", "120031112026",
        "120001002027", "120001132027", "120029022027", "120030022027", "120001010000", "000000000000", "999999999999",
        "000001010001", "235931129999", "1" * 1_000_000,
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(typed: str) -> None:
    """Anything but twelve ASCII digits of a real date and time, in the years that can be."""
    with pytest.raises(BadMoment):
        parse_moment(typed, PARIS, NOW)


def test_29_february_is_a_day_of_leap_years_only() -> None:
    """2028 has one, 2026, 2027 and 2100 do not."""
    assert parse_moment("120029022028", PARIS, instant_of("2028-01-01")) == instant_of("2028-02-29T11:00")
    for year in (2026, 2027, 2100):
        with pytest.raises(BadMoment):
            parse_moment(f"12002902{year}", PARIS, instant_of(f"{year}-01-01"))


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 29.25, 59, 59.999])
def test_the_running_minute_is_now(seconds: float) -> None:
    """From its first second to its last a minute may be asked for, and means at once."""
    minute = instant_of("2026-11-23T10:20:00")
    assert parse_moment("112023112026", PARIS, minute + seconds) == minute + int(seconds)


def test_the_minute_before_is_past() -> None:
    """As soon as a minute is over it is refused; before it begins it is its first second."""
    minute = instant_of("2026-11-23T10:20:00")
    with pytest.raises(BadMoment):
        parse_moment("112023112026", PARIS, minute + 60)
    assert parse_moment("112023112026", PARIS, minute - 0.001) == minute
    for past in ("111923112026", "112022112026", "112023112025"):
        with pytest.raises(BadMoment):
            parse_moment(past, PARIS, minute)


def test_366_days_ahead_are_the_most() -> None:
    """To the second: 366 times 24 hours are accepted, one second more is not."""
    minute = instant_of("2027-11-24T10:20:00")
    assert parse_moment("112024112027", PARIS, minute - 366 * 86400) == minute
    for too_early in (minute - 366 * 86400 - 1, minute - 366 * 86400 - 0.001):
        with pytest.raises(BadMoment):
            parse_moment("112024112027", PARIS, too_early)


@pytest.mark.parametrize("year", range(2024, 2038))
def test_the_hour_that_spring_skips(year: int) -> None:
    """Every minute to 05:00 of the day: 02:00-02:59 do not exist, before it is UTC+1 and after UTC+2."""
    midnight = datetime(year, 3, last_sunday(year, 3), tzinfo=UTC)
    now = midnight.timestamp() - 86400
    for minutes in range(5 * 60 + 1):
        wall = midnight + timedelta(minutes=minutes)
        typed = f"{wall:%H%M%d%m%Y}"
        if wall.hour == 2:
            with pytest.raises(BadMoment):
                parse_moment(typed, PARIS, now)
            continue
        instant = int(wall.timestamp()) - (3600 if wall.hour < 2 else 7200)
        assert parse_moment(typed, PARIS, now) == instant
        assert format_moment(instant, PARIS) == typed


@pytest.mark.parametrize("year", range(2024, 2038))
def test_the_hour_that_autumn_repeats(year: int) -> None:
    """Every minute to 05:00 of the day: 02:00-02:59 are the first of the two, still UTC+2; later is UTC+1."""
    midnight = datetime(year, 10, last_sunday(year, 10), tzinfo=UTC)
    now = midnight.timestamp() - 86400
    for minutes in range(5 * 60 + 1):
        wall = midnight + timedelta(minutes=minutes)
        typed = f"{wall:%H%M%d%m%Y}"
        instant = int(wall.timestamp()) - (7200 if wall.hour <= 2 else 3600)
        assert parse_moment(typed, PARIS, now) == instant
        assert format_moment(instant, PARIS) == typed
        assert format_moment(instant + 3600, PARIS) == (typed if wall.hour == 2 else format_later(wall))


def format_later(wall: datetime) -> str:
    """What clocks show an hour after ``wall`` on the day of the autumn change, outside the repeated hour."""
    return f"{wall + timedelta(hours=1):%H%M%d%m%Y}"


def test_in_the_second_of_two_hours_the_first_is_past() -> None:
    """At 02:30 for the second time, 02:30 means the first time, an hour ago."""
    with pytest.raises(BadMoment):
        parse_moment("023025102026", PARIS, instant_of("2026-10-25T01:30:10"))


@QUICK
@given(
    st.integers(min_value=instant_of("2024-01-01") // 60, max_value=instant_of("2037-12-31") // 60),
    st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Asia/Kolkata", "UTC"]),
    st.floats(min_value=0, max_value=366 * 86400),
)
def test_what_is_formatted_is_parsed_back(minute: int, name: str, before: float) -> None:
    """Any minute of any zone, seen from up to 366 days before, is itself, or the first of a repeated pair."""
    zone = ZoneInfo(name)
    instant = minute * 60
    typed = format_moment(instant, zone)
    if datetime.fromtimestamp(instant, zone).fold:
        instant -= 3600
        before = 0
    assert parse_moment(typed, zone, instant - int(before)) == instant


@QUICK
@given(st.text(max_size=14) | st.text("0123456789", min_size=11, max_size=13))
def test_any_text_is_a_moment_or_refused(typed: str) -> None:
    """Nothing but BadMoment is ever raised, and what is taken is within the limits."""
    try:
        instant = parse_moment(typed, PARIS, NOW)
    except BadMoment:
        return
    assert NOW <= instant <= NOW + 366 * 86400


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("1970-01-01T00:00:00", "UTC", 0),
        ("1970-01-01T23:30:00", "Europe/Paris", 1),
        ("1969-12-31T23:59:59", "UTC", -1),
        ("2026-03-28T22:59:59", "Europe/Paris", 20_540),
        ("2026-03-28T23:00:00", "Europe/Paris", 20_541),
        ("2026-03-29T21:59:59", "Europe/Paris", 20_541),
        ("2026-03-29T22:00:00", "Europe/Paris", 20_542),
        ("2026-10-25T22:59:59", "Europe/Paris", 20_751),
        ("2026-10-25T23:00:00", "Europe/Paris", 20_752),
        ("2026-01-01T03:59:59", "America/Martinique", 20_453),
    ],
)
def test_days_are_those_of_the_clocks(instant: str, zone: str, day: int) -> None:
    """Of 23, 24 or 25 hours, from one midnight of the zone to the next."""
    assert day_of(instant_of(instant), ZoneInfo(zone)) == day

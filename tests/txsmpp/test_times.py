"""Times of SMPP 3.4 §7.1.1: what we write, what we read, and that the two agree."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp import times
from txsmpp.times import TimeError

NOW = datetime(2026, 9, 5, 14, 30, 12, tzinfo=UTC)
BRAZIL = timezone(timedelta(hours=-3))
NEPAL = timezone(timedelta(hours=5, minutes=45))

quarters = st.integers(-48, 48).map(lambda count: timezone(count * timedelta(minutes=15)))
seconds = st.timedeltas(timedelta(minutes=-23 * 60 - 59), timedelta(minutes=23 * 60 + 59)).map(
    lambda delta: timezone(timedelta(seconds=int(delta.total_seconds())))
)
# Days off both ends of the century, where a change of zone would leave it.
first, last = datetime(2000, 1, 3), datetime(2099, 12, 29)  # noqa: DTZ001
moments = st.datetimes(first, last, timezones=quarters)
odd_moments = st.datetimes(first, last, timezones=seconds)
nows = st.datetimes(datetime(1970, 1, 3), datetime(9000, 1, 1), timezones=quarters)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (1, b"000000000001000R"),
        (59, b"000000000059000R"),
        (60, b"000000000100000R"),
        (600, b"000000001000000R"),
        (3_599, b"000000005959000R"),
        (3_600, b"000000010000000R"),
        (86_399, b"000000235959000R"),
        (86_400, b"000001000000000R"),
        (3 * 86_400 + 3_661, b"000003010101000R"),
        (7 * 86_400, b"000007000000000R"),
        (30 * 86_400, b"000030000000000R"),
        (31 * 86_400, b"000031000000000R"),
    ],
)
def test_a_span_is_written_in_days_to_seconds(span: int, written: bytes) -> None:
    """Years and months stay 00, so that no SMSC has to guess how long they are; DD stays within 31."""
    assert times.relative(span) == written


@pytest.mark.parametrize("span", [0, -1, -86_400, 31 * 86_400 + 1, 63 * 86_400, 10**18])
def test_a_span_that_cannot_be_said_is_refused(span: int) -> None:
    """Nothing, the past and more than 31 days raise, rather than run over into a neighbouring field."""
    with pytest.raises(ValueError, match="a span is of"):
        times.relative(span)


@given(st.integers(1, times.LONGEST), nows)
def test_a_span_is_read_as_it_was_written(span: int, now: datetime) -> None:
    """parse(relative(n), now) is n seconds after now, to the second."""
    written = times.relative(span)
    assert len(written) == 16
    assert times.parse(written, now) == now + timedelta(seconds=span)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOW, b"260905143012000+"),
        (NOW.replace(microsecond=999_999), b"260905143012900+"),
        (NOW.replace(tzinfo=BRAZIL), b"260905143012012-"),
        (NOW.replace(tzinfo=NEPAL), b"260905143012023+"),
        (NOW.replace(tzinfo=timezone(timedelta(hours=12))), b"260905143012048+"),
        (NOW.replace(tzinfo=timezone(timedelta(hours=-12))), b"260905143012048-"),
        (NOW.replace(tzinfo=timezone(timedelta(minutes=-15))), b"260905143012001-"),
        (NOW.replace(tzinfo=ZoneInfo("Europe/Paris")), b"260905143012008+"),
        (datetime(2026, 1, 5, 14, 30, tzinfo=ZoneInfo("Europe/Paris")), b"260105143000004+"),
        (NOW.replace(tzinfo=ZoneInfo("America/St_Johns")), b"260905143012010-"),
        # No whole quarters, or more than twelve hours: UTC.
        (NOW.replace(tzinfo=timezone(timedelta(minutes=20))), b"260905141012000+"),
        (NOW.replace(tzinfo=timezone(timedelta(minutes=-7, seconds=-3))), b"260905143715000+"),
        (NOW.replace(tzinfo=ZoneInfo("Pacific/Kiritimati")), b"260905003012000+"),
        (datetime(2000, 1, 1, tzinfo=UTC), b"000101000000000+"),
        (datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), b"991231235959900+"),
    ],
)
def test_a_moment_is_written_in_its_zone(moment: datetime, written: bytes) -> None:
    """Quarters of an hour east and west, with -03:00 as ``12-``; UTC where the format has no such zone."""
    assert times.absolute(moment) == written


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 9, 5),  # noqa: DTZ001
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, tzinfo=timezone(timedelta(minutes=-7))),
        datetime(2000, 1, 1, tzinfo=timezone(timedelta(minutes=7))),
        datetime.min.replace(tzinfo=timezone(timedelta(minutes=7))),
        datetime.max.replace(tzinfo=timezone(timedelta(minutes=-7))),
    ],
)
def test_a_moment_that_cannot_be_said_is_refused(moment: datetime) -> None:
    """A naive moment, and years that two digits would move by a century, here or once in UTC."""
    with pytest.raises(ValueError, match=r"has no zone|is not of the years"):
        times.absolute(moment)


@given(moments)
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    """parse(absolute(m)) is m cut to the tenth of a second, in m's own zone."""
    read = times.parse(times.absolute(moment), NOW)
    assert read == moment.replace(microsecond=moment.microsecond // 100_000 * 100_000)
    assert read.utcoffset() == moment.utcoffset()


@given(odd_moments)
def test_a_moment_of_any_zone_is_read_as_it_was_written(moment: datetime) -> None:
    """Zones of odd minutes and seconds, and those far from UTC, lose nothing but their name."""
    written = times.absolute(moment)
    assert len(written) == 16
    assert times.parse(written, NOW) == moment.replace(microsecond=moment.microsecond // 100_000 * 100_000)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (b"", None),
        (b"260905143012900+", NOW.replace(microsecond=900_000)),
        (b"260905143012000-", NOW),
        (b"260905143012012-", NOW.replace(tzinfo=BRAZIL)),
        (b"26090514301212-", NOW.replace(tzinfo=BRAZIL)),
        (b"26090514301200+", NOW),
        (b"260905143012095+", NOW.replace(tzinfo=timezone(timedelta(hours=23, minutes=45)))),
        (b"240229000000000+", datetime(2024, 2, 29, tzinfo=UTC)),
        # Spans: with and without what §7.1.1.2 ignores.
        (b"000000001000000R", NOW + timedelta(minutes=10)),
        (b"000000001000948R", NOW + timedelta(minutes=10)),
        (b"00000000100000R", NOW + timedelta(minutes=10)),
        (b"000000001000R", NOW + timedelta(minutes=10)),
        (b"000063000000000R", NOW + timedelta(days=63)),
        (b"000000000000000R", NOW),
        (b"000099999999000R", NOW + timedelta(days=99, hours=99, minutes=99, seconds=99)),
        (b"000100000000000R", NOW.replace(month=10)),
        (b"000400000000000R", NOW.replace(year=2027, month=1)),
        (b"010000000000000R", NOW.replace(year=2027)),
        (
            b"020610233429000R",
            datetime(2029, 3, 15, 14, 30, 12, tzinfo=UTC) + timedelta(hours=23, minutes=34, seconds=29),
        ),
    ],
)
def test_times_that_are_read(written: bytes, moment: datetime | None) -> None:
    """Both formats of §7.1.1, tenths or none, months and years by the calendar, ``b""`` as no time."""
    assert times.parse(written, NOW) == moment


@pytest.mark.parametrize(
    ("now", "written", "moment"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), b"000100000000000R", datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), b"010000000000000R", datetime(2025, 2, 28, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), b"000000000001000R", datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), b"000100000000000R", datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_month_ends_with_its_last_day(now: datetime, written: bytes, moment: datetime) -> None:
    """A month after the 31st, a year after the 29th of February and the turn of the year stay in the calendar."""
    assert times.parse(written, now) == moment


def test_a_span_is_time_that_passes_when_the_clocks_change() -> None:
    """Two hours over the end of summer time are two hours, although the wall clock moves by one."""
    before = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert times.parse(b"000000020000000R", before) == before.astimezone(UTC) + timedelta(hours=2)


@pytest.mark.parametrize(
    "written",
    [
        b" ",
        b"0",
        b"R",
        b"+",
        b"hello",
        b"260905143012",
        b"260905143012+",
        b"2609051430120+",
        b"260905143012000",
        b"260905143012000r",
        b"260905143012000Z",
        b"260905143012000+\0",
        b"260905143012000+\n",
        b" 260905143012000+",
        b"2609051430120000+",
        b"0000000010000000R",
        b"000000001000000RR",
        b"00000000100R",
        b"-00000001000000R",
        b"261305143012000+",
        b"260005143012000+",
        b"260900143012000+",
        b"260931143012000+",
        b"260229000000000+",
        b"260905243012000+",
        b"260905146012000+",
        b"260905143060000+",
        b"260905143012096+",
        b"260905143012099-",
        b"2609051430120\xb2\xb3+",
        "٢٦٠٩٠٥١٤٣٠١٢٠٠٠+".encode(),
        b"\0" * 16,
        b"9" * 65_536,
    ],
)
def test_what_is_no_time_is_refused(written: bytes) -> None:
    """The typed error, for lengths, letters, digits of other scripts and dates that the calendar lacks."""
    with pytest.raises(TimeError):
        times.parse(written, NOW)


def test_a_span_beyond_the_calendar_is_refused() -> None:
    """The end of the year 9999 is the typed error too, not an OverflowError."""
    for written in (b"990000000000000R", b"000099000000000R"):
        with pytest.raises(TimeError):
            times.parse(written, datetime(9999, 12, 1, tzinfo=UTC))


def test_a_naive_now_is_refused() -> None:
    """Whatever the bytes: else a span would be read in the zone of the machine."""
    for written in (b"", b"000000001000000R", b"260905143012000+"):
        with pytest.raises(ValueError, match="has no zone"):
            times.parse(written, NOW.replace(tzinfo=None))


@given(st.one_of(st.binary(max_size=40), st.from_regex(rb"\d{10,17}[+\-R]?", fullmatch=True)))
def test_any_bytes_are_a_moment_or_the_typed_error(written: bytes) -> None:
    """Nothing else comes out: a moment with a zone, None for ``b""`` alone, or TimeError."""
    try:
        moment = times.parse(written, NOW)
    except TimeError:
        return
    assert (moment is None) == (written == b"")
    assert moment is None or moment.tzinfo is not None

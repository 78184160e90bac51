"""Moments and validity periods, by the rules of 3GPP TS 23.040."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.tpdu.times import LONGEST, read_moment, read_validity, write_moment, write_validity

from .tpdus import QUICK, moments

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800


@pytest.mark.parametrize(
    ("octet", "seconds"),
    [
        *((0, 5 * MINUTE), (11, HOUR), (142, 715 * MINUTE), (143, 12 * HOUR)),
        *((144, 12 * HOUR + 30 * MINUTE), (166, 23 * HOUR + 30 * MINUTE), (167, DAY)),
        *((168, 2 * DAY), (169, 3 * DAY), (196, 30 * DAY), (197, 5 * WEEK), (255, 63 * WEEK)),
    ],
)
def test_validity(octet: int, seconds: int) -> None:
    """Both ends of each range of §9.2.3.12.1."""
    assert read_validity(octet) == seconds
    assert write_validity(seconds) == octet
    assert write_validity(seconds - 1) == octet


@given(st.integers(0, LONGEST))
@QUICK
def test_never_shorter(seconds: int) -> None:
    """The network may try as long as was asked; the next shorter period would be too short."""
    octet = write_validity(seconds)
    assert read_validity(octet) >= seconds
    assert octet == 0 or read_validity(octet - 1) < seconds


def test_beyond_the_ends() -> None:
    """Less than nothing is five minutes, more than 63 weeks is 63 weeks."""
    assert (write_validity(-5), write_validity(LONGEST + 1)) == (0, 255)


@pytest.mark.parametrize(
    ("digits", "quarters"),
    [("00", 0), ("40", 4), ("80", 8), ("23", 32), ("32", 23), ("48", -4), ("49", -14), ("97", 79), ("9F", -79)],
)
def test_zones(digits: str, quarters: int) -> None:
    """Quarters of an hour, tens in the low half, whose highest bit says west."""
    moment = datetime(2026, 11, 26, 3, 4, 5, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    written = bytes.fromhex("621162304050" + digits)
    assert read_moment(written) == moment
    assert (read_moment(written) or moment).utcoffset() == moment.utcoffset()
    assert write_moment(moment) == written


@given(moments)
@QUICK
def test_moments(moment: datetime) -> None:
    """They read back the same, zone included."""
    read = read_moment(write_moment(moment))
    assert read == moment
    assert read.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "digits",
    [
        *("00000000000000", "62312162304050", "62920362304050", "62112642304050", "62112630064050"),
        *("621162304006" + "40", "6A116230405040", "A6116230405040", "FFFFFFFFFFFFFF", "621162304050F0"),
    ],
)
def test_no_moments(digits: str) -> None:
    """Zeros, month 13, day 30 of February, hour 24, minute 60, second 60, digits that are none: no moment, no error."""
    assert read_moment(bytes.fromhex(digits)) is None


@given(st.binary(min_size=7, max_size=7))
@QUICK
def test_any_octets(octets: bytes) -> None:
    """Whatever they are, they are a moment or none."""
    moment = read_moment(octets)
    assert moment is None or moment.tzinfo is not None

"""Counts, dates, numbers, and what strangers typed."""

import unicodedata
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.couriers.mail.french import counted, full_date, listed, short_date, shown, shown_number

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 crédit"), (1, "1 crédit"), (2, "2 crédits"), (999, "999 crédits"), (12345, "12 345 crédits")],
)
def test_counted(number: int, told: str) -> None:
    """Zero and one are singular, thousands are parted, and no line ends between a number and its noun."""
    assert counted(number, "crédit") == told.replace(" ", "\u00a0")


def test_counted_irregular() -> None:
    """A plural of its own."""
    assert counted(2, "SMS", "SMS") == "2\u00a0SMS"


@pytest.mark.parametrize(
    ("instant", "full", "short"),
    [
        (1_789_468_200, "mardi 15 septembre 2026 à 12 h 30", "15/09/2026 à 12:30"),
        (1_772_319_600, "dimanche 1er mars 2026 à 0 h 00", "01/03/2026 à 00:00"),
        (1_798_757_940, "jeudi 31 décembre 2026 à 23 h 59", "31/12/2026 à 23:59"),
        (1_785_830_700, "mardi 4 août 2026 à 10 h 05", "04/08/2026 à 10:05"),
        (1_739_530_800, "vendredi 14 février 2025 à 12 h 00", "14/02/2025 à 12:00"),
    ],
)
def test_dates(instant: int, full: str, short: str) -> None:
    """Days, months, the first of a month, midnight; summer and winter."""
    assert full_date(instant, PARIS).replace("\u00a0", " ") == full
    assert short_date(instant, PARIS) == short


def test_date_is_of_the_zone() -> None:
    """The same instant is another hour overseas."""
    assert short_date(1_789_468_200, ZoneInfo("Indian/Reunion")) == "15/09/2026 à 14:30"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0660919010", "06 60 91 90 10"),
        ("06.60.91.90.10", "06 60 91 90 10"),
        ("06 60-91/90 10", "06 60 91 90 10"),
        ("+33660919010", "+33660919010"),
        ("06609190", "06609190"),
        ("Clients", "Clients"),
        ("0660919010;0660919011", "0660919010;0660919011"),
    ],
)
def test_shown_number(typed: str, told: str) -> None:
    """National numbers in pairs; the rest as typed."""
    assert shown_number(typed).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a\r\nBcc: b@c.fr", "a Bcc: b@c.fr"),
        ("\u202egro.live\u202c", "gro.live"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\x00\x1b[31mb", "a [31mb"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\u00a0 a \u2003 b ", "a b"),
        ("é" * 80, "é" * 80),
        ("é" * 81, "é" * 79 + "…"),
        ("a" * 10_000, "a" * 79 + "…"),
        ("\u200b" * 10_000 + "a", "…"),
        ("", ""),
    ],
)
def test_shown(typed: str, told: str) -> None:
    """One line of what is harmless, eighty characters of it; what was cut says so."""
    assert shown(typed) == told


@given(st.text(st.characters(), max_size=400))
def test_shown_is_one_harmless_line(typed: str) -> None:
    """Whatever was typed: a bounded line of characters that UTF-8 can write, none of them a control."""
    line = shown(typed)
    assert len(line) <= 80
    assert len(line.splitlines()) <= 1
    assert not [char for char in line if unicodedata.category(char)[0] == "C"]
    line.encode()


def test_listed() -> None:
    """As it is said."""
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a et b", "a, b et c"]

"""How far submissions are, as scripts follow it and as charts show it. Pure."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import attrs

from ...model.report import DayReport, SubmissionReport
from .language import Language
from .rendering import EPOCH

SOON: Final = 300
"""Seconds before its time from which a deferred submission is followed."""

WEEKLY: Final = 60
"""Days of a chart from which it has a bar for each week."""


def is_deferred(report: SubmissionReport, now: float) -> bool:
    """Whether it can still be changed: something of it waits for a time to come."""
    return report.due > now and report.count("queued") > 0


def moves(reports: Iterable[SubmissionReport], now: float) -> bool:
    """Whether something is soon to be seen of one of them."""
    return any(report.underway and report.due <= now + SOON for report in reports)


def mark_of(reports: Sequence[SubmissionReport]) -> str:
    """A word that is another when one of them got on, or another one came."""
    known = [(report.id, report.due, sorted(report.states.items())) for report in reports]
    return f"{zlib.crc32(repr(known).encode()):08x}"


@attrs.frozen(kw_only=True)
class Bar:
    """A day, or some, of a chart."""

    label: str
    """Below it."""
    span: str
    """In full."""
    whole: int
    part: int
    """Messages that were sent, and those of them that did not arrive."""
    credits: int


def bars(days: Iterable[DayReport], first: int, last: int, language: Language) -> list[Bar]:
    """A bar for each day from ``first`` to ``last`` (since 1970-01-01), or for each seven where they are many."""
    known = {day.day: day for day in days}
    step = 7 if last - first >= WEEKLY else 1
    starts = range(first, last + 1, step)
    return [_bar([known[day] for day in range(at, at + step) if day in known], at, step, language) for at in starts]


def _bar(days: Sequence[DayReport], first: int, step: int, language: Language) -> Bar:
    begins, ends = EPOCH + timedelta(days=first), EPOCH + timedelta(days=first + step - 1)
    span = language.full_day(begins)
    return Bar(
        label=language.day(begins),
        span=f"{language.day(begins)} – {language.full_day(ends)}" if step > 1 else span,
        whole=sum(day.messages for day in days),
        part=sum(day.failed for day in days),
        credits=sum(day.credits for day in days),
    )

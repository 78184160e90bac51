"""Dates in words, as people say them."""

from datetime import date
from typing import Final

from ..wording import N_, Wording

DAYS: Final = (
    N_("lundi"), N_("mardi"), N_("mercredi"), N_("jeudi"), N_("vendredi"), N_("samedi"), N_("dimanche"),
)  # fmt: skip
MONTHS: Final = (
    N_("janvier"), N_("février"), N_("mars"), N_("avril"), N_("mai"), N_("juin"), N_("juillet"), N_("août"),
    N_("septembre"), N_("octobre"), N_("novembre"), N_("décembre"),
)  # fmt: skip


def month_of(say: Wording, day: date) -> str:
    """«novembre 2025»."""
    return f"{say(MONTHS[day.month - 1])} {day.year}"


def day_in_words(say: Wording, day: date) -> str:
    """«jeudi 27 novembre 2025»."""
    return f"{say(DAYS[day.weekday()])} {day.day} {month_of(say, day)}"

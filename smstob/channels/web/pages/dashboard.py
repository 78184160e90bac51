"""Accueil: how things stand, what comes next, and how to begin."""

from typing import Any, Final

import attrs
from twisted.internet.interfaces import IReactorTime

from ....interfaces import IBook, IReporter
from ....model.contact import ContactQuery
from ....model.moment import day_of
from ....model.report import DayReport, SubmissionQuery, SubmissionReport
from .. import progress
from ..rendering import EPOCH
from ..visit import Answer, Page, Visit, get

LATEST: Final = 5
"""Submissions that are shown; who has as many is no beginner."""

NEXT: Final = 3
"""Deferred submissions that are shown."""

PERIODS: Final = {"30": 30, "90": 91, "365": 364}
"""Days of the chart, by what the address says: whole weeks where its bars are weeks."""


@attrs.frozen(kw_only=True)
class Steps:
    """What a new customer has done of what there is to do."""

    credit: bool
    sent: bool
    contacts: bool
    mailed: bool


@attrs.frozen(kw_only=True)
class Sums:
    """Of some days."""

    messages: int
    credits: int
    failed: int

    @classmethod
    def of(cls, days: list[DayReport], first: int) -> "Sums":
        """Of those from ``first`` on."""
        counted = [day for day in days if day.day >= first]
        return cls(
            messages=sum(day.messages for day in counted),
            credits=sum(day.credits for day in counted),
            failed=sum(day.failed for day in counted),
        )


class DashboardPages:
    """Where who has logged in comes to."""

    def __init__(self, reporter: IReporter, book: IBook, clock: IReactorTime) -> None:
        self._reporter = reporter
        self._book = book
        self._clock = clock

    @get("/accueil")
    async def dashboard(self, visit: Visit) -> Answer:
        """All of it."""
        account, language, now = visit.account.id, visit.language, self._clock.seconds()
        today = day_of(now, language.zone)
        month = (language.moment(int(now)).date().replace(day=1) - EPOCH).days
        period = visit.query.text("periode")
        period = period if period in PERIODS else "30"
        first = today + 1 - PERIODS[period]
        days = await self._reporter.days(account, min(first, month), today)
        latest = await self._reporter.submissions(account, SubmissionQuery(limit=LATEST))
        values: dict[str, Any] = {
            "today": Sums.of(days, today),
            "month": Sums.of(days, month),
            "bars": progress.bars([day for day in days if day.day >= first], first, today, language),
            "weekly": PERIODS[period] > progress.WEEKLY,
            "period": period,
            "latest": latest,
            "scheduled": (await self._reporter.scheduled(account))[:NEXT],
            "steps": await self._steps(account, latest),
            "now": now,
            "watched": "/historique/suivi" if progress.moves(latest, now) else "",
        }
        return Page(template="dashboard.html", values=values)

    async def _steps(self, account: int, latest: list[SubmissionReport]) -> Steps | None:
        """What is left to do for who has just come; None for others."""
        if len(latest) == LATEST:
            return None
        contacts = await self._book.contacts(account, ContactQuery(limit=1))
        steps = Steps(
            credit=await self._reporter.balance(account) > 0 or bool(latest),
            sent=bool(latest),
            contacts=contacts.total > 0,
            mailed=any(report.channel == "mail" for report in latest),
        )
        return None if all(attrs.astuple(steps)) else steps

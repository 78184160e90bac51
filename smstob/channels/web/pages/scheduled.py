"""Programmés: what leaves later, changed or taken back before."""

from typing import Final

from ....interfaces import IDeferrals, IReporter
from ....model.refusal import Code, Refusal
from ....model.report import SubmissionReport
from .. import labels
from ..moments import fields_of, typed_moment
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post

HERE: Final = "/programmes"


class ScheduledPages:
    """Deferred submissions."""

    def __init__(self, reporter: IReporter, deferrals: IDeferrals) -> None:
        self._reporter = reporter
        self._deferrals = deferrals

    @get(HERE)
    async def scheduled(self, visit: Visit) -> Answer:
        """All of them, the earliest first."""
        return await self._list(visit)

    async def _list(self, visit: Visit, wrong: int | None = None, code: Code | None = None) -> Page:
        """With what is wrong with the time of one of them."""
        reports = await self._reporter.scheduled(visit.account.id)
        zone = visit.language.zone
        times = {report.id: fields_of(report.due, zone) for report in reports}
        if wrong is not None:
            times[wrong] = visit.form.line("date")[:10], visit.form.line("heure")[:8]
        values = {
            "reports": reports,
            "times": times,
            "wrong": wrong,
            "error": visit.language.say(labels.REFUSALS[code]) if code is not None else "",
        }
        return Page(template="scheduled/list.html", values=values, status=_STATUS.get(code, 422) if code else 200)

    @post("/programmes/<int:id>/heure")
    async def postpone(self, visit: Visit, id: int) -> Answer:
        """Another time for what is still to leave."""
        report = await self._one(visit, id)
        if not report.count("queued"):
            return self._back(visit, id, "nothing-left")
        when = typed_moment(visit.form.line("date"), visit.form.line("heure"))
        found = await self._deferrals.postpone(visit.account.id, id, when)
        if isinstance(found, Refusal):
            return await self._list(visit, id, found.code)
        return self._back(visit, id, "nothing-left" if found is None else "postponed")

    @post("/programmes/<int:id>/annuler")
    async def cancel(self, visit: Visit, id: int) -> Answer:
        """Nothing of it leaves any more, and it is refunded."""
        await self._one(visit, id)
        found = await self._deferrals.cancel(visit.account.id, id)
        if found is None:
            return self._back(visit, id, "nothing-left")
        return self._back(visit, id, "cancelled", found[0])

    async def _one(self, visit: Visit, id_: int) -> SubmissionReport:
        report = await self._reporter.submission(visit.account.id, id_)
        if report is None:
            raise Missing
        return report

    def _back(self, visit: Visit, id_: int, told: str, count: int = 0) -> Redirect:
        to = f"/historique/{id_}" if visit.form.text("retour") == "envoi" else HERE
        return Redirect(to=to, told=told, count=count)


_STATUS: Final = {Code.UNAVAILABLE: 503}

"""Historique: submissions, messages, one submission as it gets on; and their files."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import attrs
from twisted.internet.interfaces import IReactorTime

from ....interfaces import IReporter
from ....model.number import NotANumber, parse_number
from ....model.report import MessageQuery, MessageReport, SubmissionQuery, SubmissionReport
from .. import labels, progress, tables
from ..following import Look, Places, changes
from ..moments import Period, fields_of
from ..rendering import phone
from ..visit import Answer, Download, Events, Fields, Json, Missing, Page, Visit, get, whole

SHOWN: Final = 50
"""Submissions or messages on a page."""

EXPORTED: Final = 100_000
"""Messages of a file, at most."""

SLICE: Final = 500
"""Of these read and written at once: in between others have their turn."""


LONGEST_FILTER: Final = 254
"""Characters, as many as an address has."""


class HistoryPages:
    """What was sent, and what became of it."""

    def __init__(self, reporter: IReporter, clock: IReactorTime) -> None:
        self._reporter = reporter
        self._clock = clock
        self._followers = Places(most=200, each=4)
        self._exports = Places(most=4, each=1)

    @get("/historique")
    async def submissions(self, visit: Visit) -> Answer:
        """Submissions, newest first."""
        period = Period.read(visit.query, visit.language.zone)
        query = _submissions_wanted(visit.query, period)
        found = [] if period.wrong else await self._reporter.submissions(visit.account.id, query)
        reports, more = found[:SHOWN], len(found) > SHOWN
        kept = _kept(visit.query, "du", "au", "voie", "expediteur", "q")
        now = self._clock.seconds()
        seen = {**kept, "avant": visit.query.text("avant"), "vu": progress.mark_of(found)}
        values = {
            "reports": reports,
            "now": now,
            "period": period,
            "filters": kept,
            # most accounts send everything themselves
            "by_sender": query.sender is not None or any(report.sender for report in reports),
            "watched": f"/historique/suivi?{urlencode(seen)}" if progress.moves(reports, now) else "",
            "first": _address("/historique", kept) if query.before is not None else "",
            "next": _address("/historique", kept, avant=f"{reports[-1].created}.{reports[-1].id}") if more else "",
            "export": _address("/historique/export", _kept(visit.query, "du", "au")),
        }
        return Page(template="history/submissions.html", values=values, status=422 if period.wrong else 200)

    @get("/historique/suivi")
    async def follow_submissions(self, visit: Visit) -> Answer:
        """Whether something changed in that list."""
        query = _submissions_wanted(visit.query, Period.read(visit.query, visit.language.zone))

        async def look() -> tuple[Any, bool]:
            found = await self._reporter.submissions(visit.account.id, query)
            return progress.mark_of(found), not progress.moves(found[:SHOWN], self._clock.seconds())

        return self._followed(visit, look)

    def _followed(self, visit: Visit, look: Look) -> Answer:
        assert visit.session is not None
        whose = visit.session.id
        if not self._followers.has_room(whose):
            return Json({"error": "busy"}, 503)
        seen = visit.query.text("vu") or None
        return Events(self._followers.held(whose, changes(self._clock, look, seen)))

    @get("/historique/messages")
    async def messages(self, visit: Visit) -> Answer:
        """Messages of all submissions, newest first."""
        period = Period.read(visit.query, visit.language.zone)
        query, wrong_number = _messages_wanted(visit.query, period)
        wrong = wrong_number or period.wrong
        found = [] if wrong else await self._reporter.history(visit.account.id, query)
        kept = _kept(visit.query, "du", "au", "numero", "etat")
        values = {
            "messages": found[:SHOWN],
            "now": self._clock.seconds(),
            "period": period,
            "filters": kept,
            "wrong_number": wrong_number,
            "first": _address("/historique/messages", kept) if query.before is not None else "",
            "next": _address("/historique/messages", kept, avant=str(found[SHOWN - 1].id)) if found[SHOWN:] else "",
            "export": _address("/historique/export", kept),
        }
        return Page(template="history/messages.html", values=values, status=422 if wrong else 200)

    @get("/historique/<int:id>")
    async def submission(self, visit: Visit, id: int) -> Answer:
        """One submission: figures, and every message with what became of it."""
        report = await self._one(visit, id)
        state = _state(visit.query)
        query = MessageQuery(submission=id, state=state, before=visit.query.number("avant"), limit=SHOWN + 1)
        found = await self._reporter.history(visit.account.id, query)
        now, here = self._clock.seconds(), f"/historique/{id}"
        kept = _kept(visit.query, "etat")
        date, time = fields_of(report.due, visit.language.zone)
        values = {
            "report": report,
            "messages": found[:SHOWN],
            "state": state,
            "now": now,
            "deferred": progress.is_deferred(report, now),
            "date": date,
            "time": time,
            "watched": f"{here}/suivi?vu={progress.mark_of([report])}" if progress.moves([report], now) else "",
            "first": _address(here, kept) if query.before is not None else "",
            "next": _address(here, kept, avant=str(found[SHOWN - 1].id)) if found[SHOWN:] else "",
        }
        return Page(template="history/submission.html", values=values)

    async def _one(self, visit: Visit, id_: int) -> SubmissionReport:
        report = await self._reporter.submission(visit.account.id, id_)
        if report is None:
            raise Missing
        return report

    @get("/historique/<int:id>/suivi")
    async def follow_submission(self, visit: Visit, id: int) -> Answer:
        """Whether it got on."""
        await self._one(visit, id)

        async def look() -> tuple[Any, bool]:
            report = await self._one(visit, id)
            return progress.mark_of([report]), not progress.moves([report], self._clock.seconds())

        return self._followed(visit, look)

    @get("/historique/<int:id>/export")
    async def export_submission(self, visit: Visit, id: int) -> Answer:
        """All messages of one submission."""
        await self._one(visit, id)
        return await self._exported(visit, MessageQuery(submission=id), f"envoi-{id}.csv")

    @get("/historique/export")
    async def export_messages(self, visit: Visit) -> Answer:
        """The messages that the filters leave."""
        period = Period.read(visit.query, visit.language.zone)
        query, wrong_number = _messages_wanted(visit.query, period)
        if wrong_number or period.wrong:
            return await self.messages(visit)
        return await self._exported(visit, query, "messages.csv")

    async def _exported(self, visit: Visit, query: MessageQuery, name: str) -> Answer:
        """A file of what ``query`` finds, newest first."""
        account = visit.account.id
        if not self._exports.has_room(account):
            return Page(template="history/busy.html", status=429)
        with self._exports.taken(account):
            parts = [tables.MARK, tables.rows([[visit.language.say(title) for title in _TITLES]])]
            left, before = EXPORTED, None
            while left > 0:
                slice_ = attrs.evolve(query, before=before, limit=min(SLICE, left))
                found = await self._reporter.history(account, slice_)
                parts.append(tables.rows(_cells(one, visit) for one in found))
                if len(found) < slice_.limit:
                    break
                left, before = left - len(found), found[-1].id
            return Download(name, tables.TYPE, b"".join(parts))


def _submissions_wanted(query: Fields, period: Period) -> SubmissionQuery:
    """One more than is shown: whether there are more."""
    created, _, id_ = query.text("avant").partition(".")
    cursor = whole(created), whole(id_)
    channel = query.text("voie")
    return SubmissionQuery(
        channel=channel if channel in labels.CHANNELS else None,
        sender=query.line("expediteur")[:LONGEST_FILTER],
        search=query.line("q")[:LONGEST_FILTER],
        since=period.since,
        until=period.until,
        before=None if cursor[0] is None or cursor[1] is None else (cursor[0], cursor[1]),
        limit=SHOWN + 1,
    )


def _messages_wanted(query: Fields, period: Period) -> tuple[MessageQuery, bool]:
    """Likewise; and whether the number is none."""
    typed = query.line("numero")
    number, wrong = None, False
    if typed:
        try:
            number = parse_number(typed).e164
        except NotANumber:
            wrong = True
    wanted = MessageQuery(
        number=number,
        state=_state(query),
        since=period.since,
        until=period.until,
        before=query.number("avant"),
        limit=SHOWN + 1,
    )
    return wanted, wrong


def _state(query: Fields) -> str | None:
    state = query.text("etat")
    return state if state in labels.STATES else None


def _kept(query: Fields, *names: str) -> dict[str, str]:
    """Those filters that are set, for the addresses of other pages."""
    return {name: query.line(name)[:LONGEST_FILTER] for name in names if query.line(name)}


def _address(path: str, filters: dict[str, str], **more: str) -> str:
    query = urlencode({**filters, **more})
    return f"{path}?{query}" if query else path


_TITLES: Final[Sequence[str]] = (
    labels.N_("Accepté le"),
    labels.N_("Envoi"),
    labels.N_("Voie"),
    labels.N_("Expéditeur"),
    labels.N_("Numéro"),
    labels.N_("Message"),
    labels.N_("État"),
    labels.N_("SMS"),
    labels.N_("Crédits"),
    labels.N_("Demandé pour le"),
    labels.N_("Envoyé le"),
    labels.N_("Terminé le"),
    labels.N_("Erreur"),
)


def _cells(message: MessageReport, visit: Visit) -> list[tables.Cell]:
    say, zone = visit.language.say, visit.language.zone
    return [
        tables.moment(message.created, zone),
        message.submission,
        say(labels.CHANNELS.get(message.channel, message.channel)),
        message.sender,
        phone(message.to).replace("\u00a0", " "),
        message.text,
        say(labels.STATES[message.state][0]),
        message.segments,
        message.credits,
        tables.moment(message.due, zone),
        tables.moment(message.handed, zone),
        tables.moment(message.ended, zone),
        message.error,
    ]

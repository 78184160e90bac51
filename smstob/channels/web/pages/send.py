"""Envoyer: whom, what and when; what that will cost; then it leaves. Nothing is kept between the steps but the form."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred

from ....interfaces import IBook, IDeferrals, IEstimator, IReporter, ISubmitter
from ....model.account import VALIDITY_HOURS, Account, Format
from ....model.contact import ContactQuery, Group
from ....model.draft import Channel, Draft, Selection
from ....model.estimate import Estimate, Sample
from ....model.number import scan_numbers
from ....model.refusal import Code, Refusal
from ....model.report import SubmissionReport
from ....model.submission import Submission
from .. import labels
from ..following import Turns
from ..moments import fields_of, typed_moment
from ..visit import Answer, Fields, Fragment, Json, Missing, Page, Redirect, Visit, get, post

MOST_PICKED: Final = 500
"""Contacts that are picked one by one."""

MOST_PREVIEWED: Final = 5_000
"""Contacts of the chosen groups beyond which nothing is reckoned while one types: only at the next step."""

SUGGESTIONS: Final = 8
NAMED: Final = 200
"""Characters by which history knows whom a submission went to."""


@attrs.frozen(kw_only=True)
class Composition:
    """What the form holds, as typed."""

    numbers: str = ""
    contacts: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    text: str = attrs.field(default="", repr=False)
    deferred: bool = False
    date: str = ""
    """``aaaa-mm-jj``, as browsers send it."""
    time: str = ""
    """``hh:mm``."""
    format: str = ""
    validity: str = ""
    phone: str = ""
    """For a test to oneself."""
    replaces: int | None = None
    """The deferred submission that this one takes the place of."""

    @classmethod
    def read(cls, form: Fields) -> "Composition":
        """What was sent with the form."""
        return cls(
            numbers=form.text("numeros"),
            contacts=form.numbers("contact")[:MOST_PICKED],
            groups=form.numbers("groupe"),
            text=form.text("message"),
            deferred=form.text("quand") == "plus-tard",
            date=form.line("date"),
            time=form.line("heure"),
            format=form.text("format"),
            validity=form.text("validite"),
            phone=form.line("mobile"),
            replaces=form.number("remplace"),
        )

    @property
    def when(self) -> str:
        """``hhmmjjmmaaaa``; what is no date stays none, so that it is refused."""
        return typed_moment(self.date, self.time) if self.deferred else ""

    def draft(
        self, account: Account, groups: Sequence[Group], numbers: Sequence[str], reference: str | None
    ) -> Draft:
        """The draft that it is; ``numbers`` are those that were found in what was typed for them."""
        selection = Selection(numbers=tuple(numbers), contacts=self.contacts, groups=self.groups)
        chosen = Format(self.format) if self.format in list(Format) else None
        hours = int(self.validity) if self.validity.isdigit() and len(self.validity) < 3 else 0
        return Draft(
            sender=account,
            channel=Channel.WEB,
            destination=self._destination(groups, numbers),
            text=self.text,
            when=self.when,
            format=chosen,
            validity=hours if hours in VALIDITY_HOURS else None,
            reference=reference,
            selection=selection,
        )

    def _destination(self, groups: Sequence[Group], numbers: Sequence[str]) -> str:
        """How history tells it: names of groups first, then numbers, as many as there is room for."""
        names = [group.name for group in groups if group.id in self.groups]
        picked = [f"{len(self.contacts)} contacts" if len(self.contacts) > 1 else "1 contact"] if self.contacts else []
        told = ", ".join((*names, *picked, *numbers[:20]))
        whole = len(numbers) <= 20 and len(told) <= NAMED
        return told if whole else f"{told[: NAMED - 12].rstrip(', ')}… (+{len(numbers)})"


class SendPages:
    """Composing, checking, sending."""

    def __init__(
        self,
        submitter: ISubmitter,
        estimator: IEstimator,
        deferrals: IDeferrals,
        book: IBook,
        reporter: IReporter,
        in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._submitter = submitter
        self._estimator = estimator
        self._deferrals = deferrals
        self._book = book
        self._reporter = reporter
        self._in_thread = in_thread
        self._turns = Turns()

    @get("/envoyer")
    async def compose(self, visit: Visit) -> Answer:
        """An empty form, or one filled in with what an address names: a group, contacts, an earlier submission."""
        composition = Composition(
            groups=visit.query.numbers("groupe"),
            contacts=visit.query.numbers("contact")[:MOST_PICKED],
            numbers=visit.query.line("numero")[:100],
            phone=visit.account.options.alert_phone or "",
        )
        earlier = visit.query.number("de")
        if earlier is not None:
            report = await self._reporter.submission(visit.account.id, earlier)
            if report is None:
                raise Missing
            replaced = visit.query.text("remplacer") == "oui"
            composition = await self._of_earlier(visit, report, composition, replaced)
        return await self._form(visit, composition)

    async def _of_earlier(
        self, visit: Visit, report: SubmissionReport, empty: Composition, replaced: bool
    ) -> Composition:
        """The form as it was when that submission was sent, as far as it can be told."""
        groups = await self._book.groups(visit.account.id)
        parts = [part.strip() for part in report.destination.split(",")]
        named = tuple(group.id for group in groups if group.name in parts)
        numbers, _ = scan_numbers(report.destination)
        composition = attrs.evolve(
            empty,
            groups=named,
            numbers="\n".join(number.typed for number in numbers),
            text=report.text,
            format=report.format,
            validity=str(report.validity),
        )
        if not replaced:
            return composition
        date, time = fields_of(report.due, visit.language.zone)
        return attrs.evolve(composition, replaces=report.id, deferred=True, date=date, time=time)

    async def _form(
        self, visit: Visit, composition: Composition, error: Code | None = None, tested: str = ""
    ) -> Page:
        account = visit.account.id
        groups = await self._book.groups(account)
        phrases = await self._book.phrases(account)
        contacts = [await self._book.contact(account, id_) for id_ in composition.contacts]
        values = {
            "composition": composition,
            "groups": groups,
            "phrases": phrases,
            "contacts": [contact for contact in contacts if contact is not None],
            "options": visit.account.options,
            "error": visit.language.say(labels.REFUSALS[error]) if error is not None else None,
            "place": _PLACES.get(error, "") if error is not None else "",
            "tested": tested,
        }
        return Page(template="send/compose.html", values=values, status=422 if error is not None else 200)

    @get("/envoyer/contacts")
    async def suggest(self, visit: Visit) -> Answer:
        """Contacts by some letters of their name or digits of their number, for the script."""
        search = visit.query.line("q")
        if not search:
            return Json([])
        page = await self._book.contacts(visit.account.id, ContactQuery(search=search, limit=SUGGESTIONS))
        return Json(
            [{"id": one.id, "name": one.variables.name or one.typed, "number": one.typed} for one in page.contacts]
        )

    @post("/envoyer/apercu")
    async def preview(self, visit: Visit) -> Answer:
        """What it would become, while it is typed."""
        composition = Composition.read(visit.form)
        groups = await self._book.groups(visit.account.id)
        contacts = sum(group.contacts for group in groups if group.id in composition.groups)
        if contacts > MOST_PREVIEWED:
            return Fragment("send/later.html", {"contacts": contacts})
        return Fragment("send/estimate.html", await self._estimated(visit, composition))

    @post("/envoyer/verifier")
    async def check(self, visit: Visit) -> Answer:
        """All of it once more, with what it costs and who would get nothing; then it is confirmed or changed."""
        composition = Composition.read(visit.form)
        values = await self._estimated(visit, composition)
        estimate = values["estimate"]
        refusal = values["refusal"]
        # who is left out is told where the rest can be confirmed
        if refusal is not None and not (estimate is not None and estimate.rejected):
            return await self._form(visit, composition, refusal)
        return Page(
            template="send/confirm.html",
            values={
                **values,
                "composition": composition,
                "reference": f"web-{secrets.token_urlsafe(16)}",
                "groups": await self._book.groups(visit.account.id),
            },
        )

    async def _estimated(self, visit: Visit, composition: Composition) -> dict[str, Any]:
        async with self._turns.turn(visit.account.id):
            draft, others = await self._drafted(visit, composition)
            estimate = await self._estimator.estimate(draft)
        refused = isinstance(estimate, Refusal)
        code = estimate.code if isinstance(estimate, Refusal) else estimate.refusal
        return {
            "estimate": None if refused else estimate,
            "typical": None if isinstance(estimate, Refusal) else _typical(estimate),
            "refusal": code,
            "why": visit.language.say(labels.REFUSALS[code]) if code is not None else "",
            "others": others[:20],
            "left": len(others),
            "reasons": labels.REJECTS,
        }

    async def _drafted(
        self, visit: Visit, composition: Composition, reference: str | None = None
    ) -> tuple[Draft, Sequence[str]]:
        """The draft, and what was typed for numbers and is none."""
        groups = await self._book.groups(visit.account.id)
        numbers, others = await self._in_thread(scan_numbers, composition.numbers)
        return composition.draft(visit.account, groups, [number.typed for number in numbers], reference), others

    @post("/envoyer/modifier")
    async def change(self, visit: Visit) -> Answer:
        """Back to the form, as it was."""
        return await self._form(visit, Composition.read(visit.form))

    @post("/envoyer/confirmer")
    async def confirm(self, visit: Visit) -> Answer:
        """Send it: the same form sent twice is sent once, by its reference."""
        composition = Composition.read(visit.form)
        async with self._turns.turn(visit.account.id):
            draft, _ = await self._drafted(visit, composition, visit.form.line("reference")[:60] or None)
            decision = await self._decided(composition, draft)
        if decision is None:
            return Redirect(to=f"/historique/{composition.replaces}", told="nothing-left")
        if isinstance(decision, Refusal):
            return await self._form(visit, composition, decision.code)
        told = "replaced" if composition.replaces is not None else ""
        return Redirect(to=f"/historique/{decision.id}", told=told)

    async def _decided(self, composition: Composition, draft: Draft) -> Submission | Refusal | None:
        if composition.replaces is not None:
            return await self._deferrals.replace(composition.replaces, draft)
        return await self._submitter.submit(draft)

    @post("/envoyer/essai")
    async def test(self, visit: Visit) -> Answer:
        """One of the messages, to one's own telephone: it is paid as any other."""
        composition = Composition.read(visit.form)
        typical = (await self._estimated(visit, composition))["typical"]
        text = typical.text if typical is not None else composition.text
        alone = Composition(numbers=composition.phone, text=text, format=composition.format)
        draft, _ = await self._drafted(visit, alone)
        decision = await self._submitter.submit(draft)
        if isinstance(decision, Refusal):
            why = visit.language.say(labels.REFUSALS[decision.code])
            return await self._form(visit, composition, tested=why)
        return await self._form(visit, composition, tested="sent")


def _typical(estimate: Estimate) -> Sample | None:
    """The first message to somebody who has a name: of a number alone variables are empty."""
    named = (sample for sample in estimate.samples if sample.name)
    return next(named, estimate.samples[0] if estimate.samples else None)


_PLACES: Final = {
    Code.NO_DESTINATION: "numeros",
    Code.BAD_NUMBER: "numeros",
    Code.EMPTY_GROUP: "numeros",
    Code.NO_TEXT: "message",
    Code.TOO_LONG: "message",
    Code.DUPLICATE: "message",
    Code.BAD_DATE: "date",
}
"""The field that each refusal speaks of."""

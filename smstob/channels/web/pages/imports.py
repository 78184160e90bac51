"""Import: a file is looked at, arranged, confirmed, and followed into the book."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode

import attrs
from twisted.internet.interfaces import IReactorTime

from ....interfaces import IBook, IImporter
from ....model.contact import LONGEST_NAME, Fault
from ....model.contact_import import Columns, ImportReport, ImportState, Plan, Preview, Unreadable
from ....model.text import storable
from .. import labels, tables
from ..following import Places, Turns, changes
from ..labels import N_
from ..visit import Answer, Download, Events, Fields, Json, Missing, Page, Redirect, Visit, get, post, whole

MODEL: Final = tables.MARK + tables.rows(
    (
        ("Nom", "Numéro", "Variable1", "Variable2", "Variable3"),
        ("Jean Martin", "0660919010", "Jean", "Hédé", "la Pizza"),
        ("Jérôme Le Goff", "06 60 54 54 65", "Jérôme", "Rennes", "la Choucroute"),
    )
)
"""A file of contacts, to be filled in."""

LONGEST_FILE: Final = 200
"""Characters of a file's name."""

ROLES: Final[Mapping[str, str]] = {"numero": "number", "nom": "name", "v1": "v1", "v2": "v2", "v3": "v3"}
"""What the form calls each of ``Columns``."""

DELIMITERS: Final = (";", ",", "\t", "|")

NUMBERLESS: Final = N_("Dites quelle colonne contient les numéros.")
BUSY: Final = "d'autres fichiers sont en train d'être lus, recommencez dans un instant"
CHANGED: Final = N_("Les réglages ont changé : voici l'aperçu à jour. Vérifiez-le, puis importez.")

_MOST_COLUMNS: Final = 50
_HIGHEST: Final = 0x10FFFF
_UNTYPED: Final = re.compile(r"[\x00-\x1f\x7f]+")


@attrs.frozen(kw_only=True)
class Arrangement:
    """What the form says that stands over a preview; ``shown`` is what that preview was made by.

    What was never seen is not imported: whoever changes something sees it first.
    """

    plan: Plan
    seen: bool = False
    """Whether the preview was of this very plan; the group does not count."""
    numberless: bool = False
    """Whether no column is left for the numbers."""

    @classmethod
    def read(cls, fields: Fields) -> "Arrangement":
        """What was sent; of a file that comes in for the first time, the group's name at most."""
        group = fields.line("groupe")
        if "vu" not in fields:
            return cls(plan=Plan(group=group))
        source = f"{fields.text('separateur')} {fields.text('feuille')}"
        seen_source, _, seen_columns = fields.text("vu").partition("/")
        delimiter, sheet = _character(fields.text("separateur")), fields.number("feuille") or 0
        if source != seen_source:
            # another cut, or another sheet, has other columns
            return cls(plan=Plan(group=group, delimiter=delimiter, sheet=sheet))
        columns = _columns(fields, set(seen_columns.split()))
        plan = Plan(
            columns=columns, delimiter=delimiter, sheet=sheet, header=fields.text("titres") == "oui", group=group
        )
        return cls(plan=plan, seen=shown(plan) == fields.text("vu"), numberless=columns is None)


def _columns(fields: Fields, seen: set[str]) -> Columns | None:
    """What each column is chosen for; where two are for the same, the one that was just changed. None: no numbers."""
    chosen: dict[str, int] = {}
    for position in range(_MOST_COLUMNS):
        role = fields.text(f"colonne-{position}")
        if role in ROLES and (ROLES[role] not in chosen or f"{position}:{ROLES[role]}" not in seen):
            chosen[ROLES[role]] = position
    return Columns(**chosen) if "number" in chosen else None


def shown(plan: Plan) -> str:
    """What a preview says of the plan that it was made by."""
    source = f"{ord(plan.delimiter) if plan.delimiter else ''} {plan.sheet}"
    named = attrs.asdict(plan.columns).items() if plan.columns is not None else ()
    columns = [f"{position}:{field}" for field, position in named if position is not None]
    return f"{source}/{' '.join(sorted(columns))} {'titres' if plan.header else ''}"


def _character(typed: str) -> str | None:
    """The character of that number, where a file may be cut by it."""
    number = whole(typed)
    if number is None or number > _HIGHEST:
        return None
    return chr(number) if chr(number).isprintable() or number == ord("\t") else None


class ImportPages:
    """Files on their way into the book."""

    def __init__(self, importer: IImporter, book: IBook, clock: IReactorTime) -> None:
        self._importer = importer
        self._book = book
        self._clock = clock
        self._followers = Places(most=200, each=4)
        self._files = Places(most=20, each=4)
        self._turns = Turns()

    @asynccontextmanager
    async def _turn(self, account: int) -> AsyncIterator[None]:
        """Read a file, after the others of the account. Raises ``Unreadable`` where too many wait: each is held."""
        if not self._files.has_room(account):
            raise Unreadable(BUSY)
        with self._files.taken(account):
            async with self._turns.turn(account):
                yield

    @get("/carnet/import")
    async def choose(self, visit: Visit) -> Answer:
        """A file is asked for, and what it may look like is told; for a group, where one is named."""
        group = visit.query.number("groupe")
        names = {one.id: one.name for one in await self._book.groups(visit.account.id)}
        if group is not None and group not in names:
            raise Missing
        return _asked(names[group] if group is not None else "")

    @get("/carnet/modele.csv")
    async def model(self, visit: Visit) -> Answer:
        """A file to be filled in."""
        return Download("modele-contacts.csv", tables.TYPE, MODEL)

    @post("/carnet/import", upload=True)
    async def upload(self, visit: Visit) -> Answer:
        """The file is kept, and nothing else."""
        file, group = visit.files.get("fichier"), visit.form.line("groupe")
        if file is None:
            return _asked(group, visit.language.say("Choisissez un fichier."))
        name = _named(file.name)
        try:
            async with self._turn(visit.account.id):
                id_ = await self._importer.stage(visit.account.id, name, file.content)
        except Unreadable as error:
            return _asked(group, _not_read(visit, error))
        return Redirect(to=f"/carnet/import/{id_}?{urlencode({'groupe': group or _stem(name)})}")

    @get("/carnet/import/<int:id>")
    async def look(self, visit: Visit, id: int) -> Answer:
        """What the file would become."""
        return await self._preview(visit, id, Arrangement.read(visit.query))

    @post("/carnet/import/<int:id>")
    async def arrange(self, visit: Visit, id: int) -> Answer:
        """Likewise, read as the form says."""
        arrangement = Arrangement.read(visit.form)
        wrong = _wrong(visit, columns=NUMBERLESS if arrangement.numberless else "")
        return await self._preview(visit, id, arrangement, wrong)

    @post("/carnet/import/<int:id>/confirmer")
    async def confirm(self, visit: Visit, id: int) -> Answer:
        """Take in what was seen."""
        arrangement = Arrangement.read(visit.form)
        if not arrangement.seen:
            why = NUMBERLESS if arrangement.numberless else CHANGED
            return await self._preview(visit, id, arrangement, _wrong(visit, columns=why))
        try:
            async with self._turn(visit.account.id):
                begun = await self._importer.confirm(visit.account.id, id, arrangement.plan)
        except Unreadable as error:
            return await self._preview(visit, id, arrangement, {"file": _not_read(visit, error)})
        if begun is None:
            raise Missing
        if isinstance(begun, Fault):
            return await self._preview(visit, id, arrangement, _wrong(visit, group=labels.FAULTS[begun]))
        return Redirect(to=f"/carnet/import/{id}/suivi")

    @post("/carnet/import/<int:id>/oublier")
    async def forget(self, visit: Visit, id: int) -> Answer:
        """Nothing of it was ever in the book."""
        report = await self._report(visit, id)
        if report.state is not ImportState.STAGED:
            return Redirect(to=f"/carnet/import/{id}/suivi")
        await self._importer.discard(visit.account.id, id)
        return Redirect(to="/carnet/import", told="import-discarded")

    async def _preview(
        self, visit: Visit, id_: int, arrangement: Arrangement, errors: Mapping[str, str] | None = None
    ) -> Answer:
        account, plan = visit.account.id, arrangement.plan
        wrong = errors or {}
        try:
            async with self._turn(account):
                preview = await self._importer.preview(account, id_, plan)
        except Unreadable as error:
            if plan == Plan(group=plan.group):
                return _asked(plan.group, _not_read(visit, error))
            # cut otherwise, it may be a list all the same
            again = Arrangement(plan=Plan(group=plan.group))
            return await self._preview(visit, id_, again, {"file": _not_read(visit, error)})
        if preview is None:
            await self._report(visit, id_)
            return Redirect(to=f"/carnet/import/{id_}/suivi")
        values = {
            "preview": preview,
            "plan": preview.plan,
            "group": plan.group,
            "groups": await self._book.groups(account),
            "shown": shown(preview.plan),
            "roles": _roles(preview),
            "delimiters": _delimiters(preview),
            "errors": wrong,
        }
        return Page(template="imports/preview.html", values=values, status=422 if wrong else 200)

    async def _report(self, visit: Visit, id_: int) -> ImportReport:
        report = await self._importer.report(visit.account.id, id_)
        if report is None:
            raise Missing
        return report

    @get("/carnet/import/<int:id>/suivi")
    async def follow(self, visit: Visit, id: int) -> Answer:
        """How far it is."""
        report = await self._report(visit, id)
        if report.state is ImportState.STAGED:
            return Redirect(to=f"/carnet/import/{id}")
        return Page(template="imports/progress.html", values={"report": report})

    @get("/carnet/import/<int:id>/evenements")
    async def events(self, visit: Visit, id: int) -> Answer:
        """The same, for the script, as it happens."""
        await self._report(visit, id)
        assert visit.session is not None
        whose = visit.session.id
        if not self._followers.has_room(whose):
            return Json({"error": "busy"}, 503)

        async def look() -> tuple[Any, bool]:
            report = await self._report(visit, id)
            return report.done, report.state is not ImportState.RUNNING

        return Events(self._followers.held(whose, changes(self._clock, look, visit.query.number("vu"))))


def _wrong(visit: Visit, **errors: str) -> dict[str, str]:
    return {field: visit.language.say(error) for field, error in errors.items() if error}


def _asked(group: str, error: str | None = None) -> Page:
    return Page(template="imports/choose.html", values={"group": group, "error": error}, status=422 if error else 200)


def _not_read(visit: Visit, error: Unreadable) -> str:
    return visit.language.say("Ce fichier ne peut pas être importé : %(why)s.", why=str(error))


def _named(name: str) -> str:
    """The name of a file as it is shown: without folders, on one line."""
    last = re.split(r"[\\/]", storable(name))[-1]
    return _UNTYPED.sub(" ", last).strip()[-LONGEST_FILE:] or "contacts"


def _stem(name: str) -> str:
    """The name that a group has if nobody says otherwise."""
    return (name.rpartition(".")[0] or name).strip()[:LONGEST_NAME]


def _roles(preview: Preview) -> list[str]:
    """What each column is for, as the form calls it."""
    columns = preview.plan.columns
    by_position = {getattr(columns, field): role for role, field in ROLES.items()} if columns is not None else {}
    return [by_position.get(position, "") for position in range(len(preview.titles))]


def _delimiters(preview: Preview) -> list[tuple[int, str]]:
    """What a text may be cut by, each with its number; nothing for a workbook."""
    delimiter = preview.plan.delimiter
    return [] if delimiter is None else [(ord(one), one) for one in dict.fromkeys((*DELIMITERS, delimiter))]

"""Carnet: the contacts, looked through and changed, one by one or many at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from ....interfaces import IBook
from ....model.contact import LONGEST_SEARCH, Card, Choice, Contact, ContactPage, ContactQuery, Fault, Group
from .. import labels, tables
from ..following import Places
from ..visit import Answer, Download, Fields, Missing, Page, Redirect, Visit, get, post

SHOWN: Final = 50
"""Contacts of one page."""

MOST_WRITTEN: Final = 300
"""Contacts that are written to one by one: their ids have to fit into an address."""


@attrs.frozen(kw_only=True)
class Listing:
    """The part of the book that is looked at; it goes along from page to page."""

    search: str = ""
    group: int | None = None
    page: int = 1

    @classmethod
    def read(cls, fields: Fields) -> "Listing":
        """What an address or a form says of it."""
        return cls(
            search=fields.line("q")[:LONGEST_SEARCH],
            group=fields.number("groupe"),
            page=max(1, fields.number("page") or 1),
        )

    @property
    def query(self) -> ContactQuery:
        """What is asked of the book."""
        return ContactQuery(search=self.search, group=self.group, offset=(self.page - 1) * SHOWN, limit=SHOWN)

    @property
    def narrow(self) -> bool:
        """Whether it may leave out some of the book."""
        return bool(self.search) or self.group is not None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """It, for an address or a form."""
        page = str(self.page) if self.page > 1 else ""
        pairs = (("q", self.search), ("groupe", "" if self.group is None else str(self.group)), ("page", page))
        return [(name, value) for name, value in pairs if value]

    def address(self, path: str = "/carnet", page: int | None = None) -> str:
        """Where it is looked at; or another page of it."""
        pairs = attrs.evolve(self, page=page or self.page).pairs
        return f"{path}?{urlencode(pairs)}" if pairs else path


class BookPages:
    """Contacts."""

    def __init__(self, book: IBook) -> None:
        self._book = book
        self._exports = Places(most=4, each=1)

    @get("/carnet")
    async def listed(self, visit: Visit) -> Answer:
        """Contacts by name, a page at a time."""
        return await self._list(visit, Listing.read(visit.query))

    async def _list(self, visit: Visit, listing: Listing, error: str | None = None) -> Page:
        account = visit.account.id
        groups = await self._own_groups(visit, listing.group)
        found = await self._book.contacts(account, listing.query)
        last = max(1, -(-found.total // SHOWN))
        if listing.page > last:
            listing = attrs.evolve(listing, page=last)
            found = await self._book.contacts(account, listing.query)
        whole = found.total
        if listing.narrow:
            whole = (await self._book.contacts(account, ContactQuery(limit=0))).total
        values = {
            "listing": listing,
            "found": found,
            "last": last,
            "whole": whole,
            "groups": groups,
            "names": {group.id: group.name for group in groups},
            "error": error,
        }
        return Page(template="book/contacts.html", values=values, status=422 if error else 200)

    async def _own_groups(self, visit: Visit, group: int | None = None) -> list[Group]:
        """The account's groups; ``group`` is one of them, where it is given."""
        groups = await self._book.groups(visit.account.id)
        if group is not None and all(one.id != group for one in groups):
            raise Missing
        return groups

    @get("/carnet/nouveau")
    async def new(self, visit: Visit) -> Answer:
        """An empty card; in the group that is looked at, if any."""
        listing = Listing.read(visit.query)
        groups = (listing.group,) if listing.group is not None else ()
        return await self._form(visit, listing, None, Card(number="", groups=groups))

    @post("/carnet/nouveau")
    async def create(self, visit: Visit) -> Answer:
        """Keep a new one."""
        return await self._save(visit, None)

    @get("/carnet/<int:id>")
    async def edit(self, visit: Visit, id: int) -> Answer:
        """A contact's card."""
        contact = await self._contact(visit, id)
        said = contact.variables
        card = Card(
            name=said.name, number=contact.typed, v1=said.v1, v2=said.v2, v3=said.v3, groups=contact.groups
        )
        return await self._form(visit, Listing.read(visit.query), id, card)

    @post("/carnet/<int:id>")
    async def change(self, visit: Visit, id: int) -> Answer:
        """Say something else of it."""
        await self._contact(visit, id)
        return await self._save(visit, id)

    @post("/carnet/<int:id>/supprimer")
    async def delete(self, visit: Visit, id: int) -> Answer:
        """Delete it, from all groups too."""
        deleted = await self._book.delete(visit.account.id, Choice(ids=(id,)))
        if not deleted:
            raise Missing
        return Redirect(to=Listing.read(visit.form).address(), told="contacts-deleted", count=deleted)

    async def _contact(self, visit: Visit, id_: int) -> Contact:
        contact = await self._book.contact(visit.account.id, id_)
        if contact is None:
            raise Missing
        return contact

    async def _save(self, visit: Visit, id_: int | None) -> Answer:
        form, listing = visit.form, Listing.read(visit.form)
        card = Card(
            name=form.line("nom"),
            number=form.line("numero"),
            v1=form.text("v1"),
            v2=form.text("v2"),
            v3=form.text("v3"),
            groups=form.numbers("dans"),
        )
        saved = await self._book.save(visit.account.id, id_, card)
        if isinstance(saved, Contact):
            return Redirect(to=listing.address(), told="contact-saved")
        return await self._form(visit, listing, id_, card, saved)

    async def _form(
        self, visit: Visit, listing: Listing, id_: int | None, card: Card, faults: Mapping[str, Fault] | None = None
    ) -> Page:
        values = {
            "id": id_,
            "card": card,
            "errors": told(visit, faults or {}),
            "groups": await self._own_groups(visit, listing.group),
            "listing": listing,
        }
        return Page(template="book/contact.html", values=values, status=422 if faults else 200)

    @post("/carnet/actions")
    async def act(self, visit: Visit) -> Answer:
        """Something done to the contacts that are ticked, or to all that are found."""
        listing, action = Listing.read(visit.form), visit.form.text("action")
        await self._own_groups(visit, listing.group)
        choice = _choice(visit.form, listing)
        if choice.query is None and not choice.ids:
            return await self._list(visit, listing, visit.language.say("Cochez d'abord des contacts."))
        match action:
            case "ecrire":
                return await self._write(visit, listing, choice)
            case "ajouter" | "retirer":
                return await self._regroup(visit, listing, choice, action)
            case "supprimer":
                return await self._ask(visit, listing, choice)
            case "supprimer-vraiment":
                deleted = await self._book.delete(visit.account.id, choice)
                return Redirect(to=listing.address(), told="contacts-deleted", count=deleted)
            case _:
                raise Missing

    async def _write(self, visit: Visit, listing: Listing, choice: Choice) -> Answer:
        """On to the page that sends; a whole group by its name."""
        if choice.query is not None and listing.group is not None and not listing.search:
            return Redirect(to=f"/envoyer?groupe={listing.group}")
        ids: Sequence[int] = choice.ids
        if choice.query is not None:
            found = await self._first(visit, choice, MOST_WRITTEN + 1)
            ids = [contact.id for contact in found.contacts]
        if len(ids) > MOST_WRITTEN:
            error = visit.language.say(
                "Pour écrire à plus de %(n)s contacts, ajoutez-les d'abord à un groupe, puis écrivez au groupe.",
                n=MOST_WRITTEN,
            )
            return await self._list(visit, listing, error)
        return Redirect(to=f"/envoyer?{urlencode([('contact', id_) for id_ in ids])}")

    async def _regroup(self, visit: Visit, listing: Listing, choice: Choice, action: str) -> Answer:
        group = visit.form.number("vers")
        if group is None:
            return await self._list(visit, listing, visit.language.say("Choisissez d'abord un groupe."))
        put = action == "ajouter"
        change = self._book.put_into if put else self._book.take_out
        changed = await change(visit.account.id, group, choice)
        if isinstance(changed, Fault):
            raise Missing
        return Redirect(to=listing.address(), told="contacts-put" if put else "contacts-taken-out", count=changed)

    async def _ask(self, visit: Visit, listing: Listing, choice: Choice) -> Answer:
        """Whether they are to be deleted: how many, and whom."""
        if choice.query is not None:
            found = await self._first(visit, choice, 10)
        else:
            some = [await self._book.contact(visit.account.id, id_) for id_ in choice.ids]
            own = tuple(contact for contact in some if contact is not None)
            found = ContactPage(own, len(own))
        values = {"found": found, "choice": choice, "listing": listing}
        return Page(template="book/delete.html", values=values)

    async def _first(self, visit: Visit, choice: Choice, limit: int) -> ContactPage:
        assert choice.query is not None
        return await self._book.contacts(visit.account.id, attrs.evolve(choice.query, offset=0, limit=limit))

    @get("/carnet/export")
    async def export(self, visit: Visit) -> Answer:
        """The book, or one group, as a file."""
        group = visit.query.number("groupe")
        groups = await self._own_groups(visit, group)
        names = [one.name for one in groups if one.id == group]
        if not self._exports.has_room(visit.account.id):
            again = Listing(group=group).address("/carnet/export")
            return Page(template="history/busy.html", values={"again": again}, status=429)
        with self._exports.taken(visit.account.id):
            content = await self._book.export(visit.account.id, group)
        return Download(f"{file_name(names[0]) if names else 'carnet'}.csv", tables.TYPE, content)


def _choice(form: Fields, listing: Listing) -> Choice:
    """Those that are ticked, or all that are found."""
    if form.text("tous") == "oui":
        return Choice(query=attrs.evolve(listing, page=1).query)
    return Choice(ids=form.numbers("contact")[:SHOWN])


def file_name(name: str) -> str:
    """A name under which any system keeps a file."""
    return "".join(char if char.isalnum() or char in " -_" else "_" for char in name).strip() or "contacts"


def told(visit: Visit, faults: Mapping[str, Fault]) -> dict[str, Any]:
    """What is wrong with each field, in words."""
    return {field: visit.language.say(labels.FAULTS[fault]) for field, fault in faults.items()}

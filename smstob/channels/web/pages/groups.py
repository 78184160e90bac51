"""Groupes: the sets of contacts that are written to at once."""

from ....interfaces import IBook
from ....model.contact import Fault, Group
from .. import labels
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post


class GroupPages:
    """Groups of contacts."""

    def __init__(self, book: IBook) -> None:
        self._book = book

    @get("/carnet/groupes")
    async def listed(self, visit: Visit) -> Answer:
        """Groups by name, and a form for another one."""
        return await self._list(visit)

    @post("/carnet/groupes")
    async def create(self, visit: Visit) -> Answer:
        """Another one."""
        name = visit.form.text("nom")
        made = await self._book.create_group(visit.account.id, name)
        if isinstance(made, Fault):
            return await self._list(visit, name, made)
        return Redirect(to="/carnet/groupes", told="group-created")

    async def _list(self, visit: Visit, name: str = "", fault: Fault | None = None) -> Page:
        groups = await self._book.groups(visit.account.id)
        values = {"groups": groups, "name": name, "error": _said(visit, fault)}
        return Page(template="book/groups.html", values=values, status=422 if fault else 200)

    @get("/carnet/groupes/<int:id>")
    async def edit(self, visit: Visit, id: int) -> Answer:
        """One of them: its name, and its end."""
        group = await self._group(visit, id)
        return _form(visit, group, group.name)

    @post("/carnet/groupes/<int:id>")
    async def rename(self, visit: Visit, id: int) -> Answer:
        """Another name for it."""
        group, name = await self._group(visit, id), visit.form.text("nom")
        renamed = await self._book.rename_group(visit.account.id, id, name)
        if renamed is Fault.GONE:
            raise Missing
        if isinstance(renamed, Fault):
            return _form(visit, group, name, renamed)
        return Redirect(to="/carnet/groupes", told="group-saved")

    @post("/carnet/groupes/<int:id>/supprimer")
    async def delete(self, visit: Visit, id: int) -> Answer:
        """Delete it; its contacts stay in the book, or go with it unless another group has them."""
        contacts = visit.form.text("contacts") == "oui"
        deleted = await self._book.delete_group(visit.account.id, id, contacts)
        if isinstance(deleted, Fault):
            raise Missing
        told = "group-deleted-with" if contacts else "group-deleted"
        return Redirect(to="/carnet/groupes", told=told, count=deleted)

    async def _group(self, visit: Visit, id_: int) -> Group:
        for group in await self._book.groups(visit.account.id):
            if group.id == id_:
                return group
        raise Missing


def _form(visit: Visit, group: Group, name: str, fault: Fault | None = None) -> Page:
    values = {"group": group, "name": name, "error": _said(visit, fault)}
    return Page(template="book/group.html", values=values, status=422 if fault else 200)


def _said(visit: Visit, fault: Fault | None) -> str | None:
    return None if fault is None else visit.language.say(labels.FAULTS[fault])

"""Phrases types: texts that are used again."""

from collections.abc import Mapping

from ....interfaces import IBook
from ....model.contact import Fault, Phrase
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post
from .book import told


class PhrasePages:
    """Texts that are kept."""

    def __init__(self, book: IBook) -> None:
        self._book = book

    @get("/carnet/phrases")
    async def listed(self, visit: Visit) -> Answer:
        """Phrases by name, and a form for another one."""
        return await self._list(visit, "", "", {})

    @post("/carnet/phrases")
    async def create(self, visit: Visit) -> Answer:
        """Another one."""
        name, text = visit.form.text("nom"), visit.form.text("texte")
        saved = await self._book.save_phrase(visit.account.id, None, name, text)
        if isinstance(saved, Phrase):
            return Redirect(to="/carnet/phrases", told="phrase-saved")
        return await self._list(visit, name, text, saved)

    async def _list(self, visit: Visit, name: str, text: str, faults: Mapping[str, Fault]) -> Page:
        phrases = await self._book.phrases(visit.account.id)
        values = {"phrases": phrases, "name": name, "text": text, "errors": told(visit, faults)}
        return Page(template="book/phrases.html", values=values, status=422 if faults else 200)

    @get("/carnet/phrases/<int:id>")
    async def edit(self, visit: Visit, id: int) -> Answer:
        """One of them."""
        phrase = await self._phrase(visit, id)
        return _form(visit, id, phrase.name, phrase.text, {})

    @post("/carnet/phrases/<int:id>")
    async def change(self, visit: Visit, id: int) -> Answer:
        """Another name or text for it."""
        await self._phrase(visit, id)
        name, text = visit.form.text("nom"), visit.form.text("texte")
        saved = await self._book.save_phrase(visit.account.id, id, name, text)
        if isinstance(saved, Phrase):
            return Redirect(to="/carnet/phrases", told="phrase-saved")
        return _form(visit, id, name, text, saved)

    @post("/carnet/phrases/<int:id>/supprimer")
    async def delete(self, visit: Visit, id: int) -> Answer:
        """Keep it no longer."""
        if not await self._book.delete_phrase(visit.account.id, id):
            raise Missing
        return Redirect(to="/carnet/phrases", told="phrase-deleted")

    async def _phrase(self, visit: Visit, id_: int) -> Phrase:
        for phrase in await self._book.phrases(visit.account.id):
            if phrase.id == id_:
                return phrase
        raise Missing


def _form(visit: Visit, id_: int, name: str, text: str, faults: Mapping[str, Fault]) -> Page:
    values = {"id": id_, "name": name, "text": text, "errors": told(visit, faults)}
    return Page(template="book/phrase.html", values=values, status=422 if faults else 200)

"""Documentation of all channels, with examples that can be copied as they are; and what there is to download."""

from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from ....model.segment import SEPTETS_ALONE, SEPTETS_JOINED, UNITS_ALONE, UNITS_JOINED
from .. import desktop
from ..desktop import DesktopProgram
from ..examples import FICTION, NOBODY, SECRET, Examples, tomorrow
from ..rendering import Facts, phone
from ..visit import Access, Answer, Download, Missing, Page, Visit, get

CHAPTERS: Final = {
    "http": "documentation/http.html",
    "e-mail": "documentation/mail.html",
    "publipostage": "documentation/merge.html",
    "codes": "documentation/codes.html",
}

PROGRAMS: Final = {"smstob.py": "text/x-python; charset=utf-8", "smstob.php": "application/x-php; charset=utf-8"}


class DocumentationPages:
    """Everybody may read them; who has logged in finds his own address in the examples. ``clock`` has the time."""

    def __init__(self, facts: Facts, clock: IReactorTime, program: DesktopProgram) -> None:
        self._facts = facts
        self._clock = clock
        self._desktop = program

    @get("/documentation", Access.ANYONE)
    async def overview(self, visit: Visit) -> Answer:
        """What holds for all channels, and where the rest is."""
        return self._page(visit, "documentation/overview.html")

    @get("/documentation/<chapter>", Access.ANYONE)
    async def chapter(self, visit: Visit, chapter: str) -> Answer:
        """One channel, or one subject."""
        if chapter not in CHAPTERS:
            raise Missing
        return self._page(visit, CHAPTERS[chapter])

    @get("/telecharger", Access.ANYONE)
    async def downloads(self, visit: Visit) -> Answer:
        """Files for this reader."""
        return self._page(visit, "documentation/downloads.html", desktop=await self._desktop.copy(_email(visit)))

    @get("/telecharger/<name>", Access.ANYONE)
    async def program(self, visit: Visit, name: str) -> Answer:
        """A program, with the reader's address in it."""
        if name in desktop.FILES:
            return Download(name, desktop.TYPE, (await self._desktop.copy(_email(visit))).content)
        if name not in PROGRAMS:
            raise Missing
        return Download(name, PROGRAMS[name], self._examples(visit).program(name).encode())

    def _page(self, visit: Visit, template: str, **more: Any) -> Page:
        examples = self._examples(visit)
        values: dict[str, Any] = {
            "examples": examples,
            "secret": SECRET,
            "sizes": ((SEPTETS_ALONE, SEPTETS_JOINED), (UNITS_ALONE, UNITS_JOINED)),
            **more,
        }
        return Page(template=template, values=values)

    def _examples(self, visit: Visit) -> Examples:
        known = visit.known.account if visit.known is not None else None
        mobile = known.options.alert_phone if known is not None else None
        return Examples(
            base_url=self._facts.base_url,
            domain=self._facts.domain,
            email=_email(visit) or NOBODY,
            number=phone(mobile).replace("\u00a0", " ") if mobile else FICTION,
            moment=tomorrow(visit.language.moment(int(self._clock.seconds()))),
        )


def _email(visit: Visit) -> str:
    """The reader's address; empty where nobody has logged in."""
    return visit.known.account.email if visit.known is not None else ""

"""The program with its window, somebody before it, and the mail server that it knows."""

import tkinter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import attrs

from smstob.desktop.program import Program
from smstob.desktop.settings import Settings
from smstob.desktop.site import Site
from smstob.desktop.vault import FileVault, Passwords
from smstob.desktop.windows.dialog import Dialog
from smstob.desktop.windows.main_window import MainWindow
from smstob.model.contact import Card, Contact, Group
from tests.desktop.mail_server import MailServer, Taken
from tests.desktop.office import DOMAIN, EMAIL, PARIS, PASSWORD, SECRET, Watch, read_by_service, settings_for
from tests.desktop.windows.display import Display, Screen

D = TypeVar("D", bound=Dialog)

SITE = Site(domain=DOMAIN, email=EMAIL, version="1.0")


class Desktop:
    """Opened by ``with``; closed as its user closes it, unless a test did. Its clock stands still, but for the test."""

    def __init__(
        self,
        place: Path,
        display: Display,
        server: MailServer,
        site: Site = SITE,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.place = place
        self.server = server
        self.watch = Watch()
        self._now = now or self.watch
        self._display = display
        self._site = site

    def __enter__(self) -> Self:
        self.program = Program(self.place, self._site, PARIS, Passwords([FileVault(self.place)]), self._now)
        self.program.start()
        self.window = MainWindow(self.program)
        self.screen = Screen(self._display, self.window.root)
        self.screen.wait(lambda: bool(self.window.root.winfo_viewable()))
        self.screen.pump(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_open:
            self.window.close()
        self.program.stop()

    @property
    def is_open(self) -> bool:
        """Whether the window is there."""
        try:
            return bool(self.window.root.winfo_exists())
        except tkinter.TclError:
            return False

    def group(self, name: str, *cards: Card) -> Group:
        """A group of the book with those in it."""
        made = self.program.book.save_group(name)
        assert isinstance(made, Group)
        for card in cards:
            assert isinstance(self.program.book.save(attrs.evolve(card, groups=(made.id,))), Contact)
        return made

    def dialog(self, kind: type[D]) -> D:
        """The dialog of that kind, when it is there."""
        found: list[D] = []

        def is_there() -> bool:
            found[:] = [one for one in self.window.root.winfo_children() if isinstance(one, kind)]
            return bool(found) and bool(found[0].winfo_viewable()) and found[0].grab_current() is not None

        self.screen.wait(is_there)
        return found[0]

    def mails(self, count: int) -> list[Taken]:
        """What the mail server took, when it is so many."""
        self.screen.wait(lambda: len(self.server.mails) >= count)
        assert len(self.server.mails) == count
        return self.server.mails

    def destinations(self) -> list[str]:
        """Whom the mails that were taken are for, as the service reads them."""
        return [read_by_service(one.content)[1].destination for one in self.server.mails]

    def texts(self) -> list[str]:
        """What they say."""
        return [read_by_service(one.content)[1].text for one in self.server.mails]


def set_up(place: Path, port: int, **more: Any) -> None:
    """Let the program of that folder be set up already."""
    made = Program(place, SITE, PARIS, Passwords([FileVault(place)]), Watch())
    made.change(known(port, **more), SECRET, PASSWORD if more.get("user") else "")
    made.stop()


def known(port: int, **more: Any) -> Settings:
    """The settings of a program that is set up, in French."""
    return settings_for(port, **{"language": "fr", **more})

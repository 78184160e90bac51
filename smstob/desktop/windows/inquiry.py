"""Questions that are asked, and news that are told, where one works instead of in a box of their own."""

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Final

from .banner import Action, Banner, Kind
from .errors import sentence
from .keys import keyboard_of, press
from .view import Desk

ASKED: Final = "asked"
TOLD: Final = "told"

Work = Callable[[], object]


class Inquiry(Banner):
    """One question and one piece of news at a time. Escape says no; then the keyboard is back where it was."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent, desk)
        self._before: tkinter.Misc | None = None

    def ask(self, question: str, answers: Sequence[tuple[str, Work]], no: str) -> None:
        """Ask that; the first answer has the keyboard, ``no`` does nothing."""
        self.over(TOLD)
        if not self.said(ASKED):
            self._before = keyboard_of(self)
        self.over(ASKED)
        actions = [(label, partial(self._answer, work)) for label, work in answers]
        self.tell(ASKED, question, Kind.WARNING, [*actions, (no, self.decline)], closable=False)
        for label in (*(label for label, _ in answers), no):
            button = self.button(ASKED, label)
            press(button)
            button.bind("<Escape>", self._declined)
        self.button(ASKED, answers[0][0]).focus_set()

    def report(self, news: str, kind: Kind = Kind.GOOD, actions: Sequence[tuple[str, Work]] = ()) -> None:
        """Tell that, until it is put away or something else is."""
        self.over(TOLD)
        kept = [(label, partial(self._follow, work)) for label, work in actions]
        self.tell(TOLD, news, kind, kept)
        for label, _ in kept:
            press(self.button(TOLD, label))

    def tell(
        self, matter: str, text: str, kind: Kind, actions: Sequence[Action] = (), *, closable: bool = True
    ) -> None:
        """See ``Banner``; here it stands among things that have their own distance."""
        super().tell(matter, text, kind, actions, closable=closable)
        for row in self.winfo_children():
            assert isinstance(row, ttk.Frame)
            row.grid_configure(padx=0)

    @property
    def asks(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self.said(ASKED))

    @property
    def told(self) -> str:
        """The news."""
        return self.said(TOLD)

    @property
    def asked(self) -> str:
        """The question."""
        return self.said(ASKED)

    def decline(self) -> None:
        """Say no."""
        self.over(ASKED)
        if self._before is not None and self._before.winfo_exists():
            self._before.focus_set()

    def _declined(self, _: object) -> str:
        # a dialog would end by it
        self.decline()
        return "break"

    def _answer(self, work: Work) -> None:
        self.decline()
        work()

    def _follow(self, work: Work) -> None:
        self.over(TOLD)
        work()

    def report_failure(self, error: Exception) -> None:
        """Tell what the disk says, where a window hides what is said above the pages."""
        self.report(sentence(self._desk.say, error), Kind.BAD)

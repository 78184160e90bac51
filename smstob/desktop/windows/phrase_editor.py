"""Where a phrase type is typed: its name, and its text with the counter."""

import tkinter
from collections.abc import Callable
from tkinter import ttk

from ..counting import LONGEST, counted
from .field import EntryField, Field
from .message_field import counter
from .scrolling import Bar
from .view import Desk


class PhraseEditor(ttk.Frame):
    """``changed`` is called when somebody types."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._changed = changed
        self._filling = False
        say, px = desk.say, desk.theme.px
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self.name = EntryField(self, desk.theme, say("Nom de la phrase"))
        self.name.grid(row=0, column=0, sticky="ew", pady=(0, px(12)))
        self.text = Field(self, desk.theme, say("Texte"))
        self.text.rowconfigure(1, weight=1)
        self.text.grid(row=1, column=0, sticky="nsew")
        self.area = desk.theme.area(self.text, 6)
        # its frame gives it the room that there is
        self.area.configure(width=20)
        self.area.grid(row=1, column=0, sticky="nsew")
        bar = Bar(self.text, command=self.area.yview)
        bar.grid(row=1, column=1, sticky="ns")
        self.area.configure(yscrollcommand=bar.set)
        self.name.variable.trace_add("write", lambda *_: self._typed())
        self.name.entry.bind("<Return>", lambda _: self.area.focus_set())
        self.area.bind("<<Modified>>", lambda _: self._modified())
        self._count()

    @property
    def typed(self) -> tuple[str, str]:
        """The name and the text."""
        return self.name.value, self.area.get("1.0", "end-1c")

    def fill(self, name: str, text: str) -> None:
        """Put those there; it cannot be undone."""
        self._filling = True
        self.name.set(name)
        self.area.replace("1.0", "end", text)
        self.area.edit_reset()
        # else it would be told later, as if somebody typed
        self.area.edit_modified(False)
        self._filling = False
        self.name.fault("")
        self._count()

    def fault_of_name(self, sentence: str) -> None:
        """Say what is wrong with the name."""
        self.name.fault(sentence)
        self.name.entry.focus_set()

    def fault_of_text(self, sentence: str) -> None:
        """Say what is wrong with the text."""
        self.text.fault(sentence)
        self.area.focus_set()

    def _modified(self) -> None:
        if self.area.edit_modified():
            self.area.edit_modified(False)
            self._typed()

    def _typed(self) -> None:
        if not self._filling:
            self._count()
            self._changed()

    def _count(self) -> None:
        text, say = self.typed[1], self._desk.say
        self.text.fault("")
        if len(text) > LONGEST:
            self.text.hint(say("{count} caractères : bien trop long", count=say.number(len(text))))
        else:
            found = counted(text, self._desk.program.settings.characters)
            self.text.hint(counter(self._desk, found, bool(text.strip())))

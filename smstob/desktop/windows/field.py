"""A field with its name above it and, below, what is wrong with what is in it."""

import tkinter
from tkinter import ttk

from .paragraph import Paragraph
from .theme import Theme


class Field(ttk.Frame):
    """The frame of one; whoever makes it puts the field itself into row 1, and tells ``told`` what it is."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, name: str, hint: str = "") -> None:
        super().__init__(parent)
        self.columnconfigure(0, weight=1)
        ttk.Label(self, text=name, style="Strong.TLabel").grid(row=0, column=0, sticky="w", pady=(0, theme.px(4)))
        self._hint = hint
        self._note = Paragraph(self, theme, hint, "Faint.TLabel")
        self._note.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(theme.px(3), 0))
        self._note.show(hint)
        self.faulty = False

    def fault(self, sentence: str) -> None:
        """Say what is wrong; empty for nothing any more."""
        self.faulty = bool(sentence)
        if sentence:
            self._note.show(f"✕ {sentence}", "Bad.TLabel")
        else:
            self._note.show(self._hint, "Faint.TLabel")

    def hint(self, sentence: str) -> None:
        """Say that as long as nothing is wrong."""
        self._hint = sentence
        if not self.faulty:
            self._note.show(sentence, "Faint.TLabel")

    @property
    def said(self) -> str:
        """What stands below."""
        return str(self._note.cget("text"))


class EntryField(Field):
    """One line of text."""

    def __init__(
        self, parent: tkinter.Misc, theme: Theme, name: str, hint: str = "", *, secret: bool = False, width: int = 30
    ) -> None:
        super().__init__(parent, theme, name, hint)
        self.variable = tkinter.StringVar(self)
        self.entry = ttk.Entry(self, textvariable=self.variable, width=width, show="•" if secret else "")
        self.entry.configure(font=theme.text)
        self.entry.grid(row=1, column=0, sticky="ew")
        self.variable.trace_add("write", lambda *_: self.fault("") if self.faulty else None)

    @property
    def value(self) -> str:
        """What is typed, without spaces around it."""
        return self.variable.get().strip()

    def set(self, value: str) -> None:
        """Put that there."""
        self.variable.set(value)

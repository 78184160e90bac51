"""What the program has to say above its pages, a line for each matter, until it is over or put away."""

import tkinter
from collections.abc import Callable, Sequence
from enum import StrEnum
from tkinter import ttk

from .paragraph import Paragraph
from .view import Desk


class Kind(StrEnum):
    """What sort of news; the words are a style's."""

    GOOD = "Told"
    WARNING = "Warning"
    BAD = "Error"


_SIGNS = {Kind.GOOD: "✓", Kind.WARNING: "!", Kind.BAD: "✕"}

Action = tuple[str, Callable[[], None]]
"""What a button says, and what it does."""


class Banner(ttk.Frame):
    """All that is to be said; nothing takes no room."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: dict[str, tuple[str, ttk.Frame]] = {}
        self.columnconfigure(0, weight=1)

    def tell(
        self, matter: str, text: str, kind: Kind, actions: Sequence[Action] = (), *, closable: bool = True
    ) -> None:
        """Say that of a matter, instead of what was said of it before."""
        if matter in self._rows and self._rows[matter][0] == text:
            return
        self.over(matter)
        px = self._desk.theme.px
        row = ttk.Frame(self, style=f"{kind}.TFrame", padding=(px(12), px(4)))
        row.columnconfigure(1, weight=1)
        ttk.Label(row, text=_SIGNS[kind], style=f"{kind}.TLabel", font=self._desk.theme.strong).grid(row=0, column=0)
        Paragraph(row, self._desk.theme, text, f"{kind}.TLabel").grid(row=0, column=1, sticky="ew")
        for column, (label, action) in enumerate(actions, 2):
            ttk.Button(row, text=label, style=f"{kind}.TButton", command=action).grid(row=0, column=column)
        if closable:
            close = ttk.Button(row, text="✕", width=2, style=f"{kind}.TButton", command=lambda: self.over(matter))
            close.grid(row=0, column=len(actions) + 2)
        row.grid(column=0, sticky="ew", padx=px(16), pady=(px(4), 0))
        self._rows[matter] = (text, row)

    def over(self, matter: str) -> None:
        """Say no more of it."""
        told = self._rows.pop(matter, None)
        if told is None:
            return
        told[1].destroy()
        if not self._rows:
            # a frame without children keeps its size
            self.configure(height=1)

    def said(self, matter: str) -> str:
        """What is said of it; empty for nothing."""
        return self._rows[matter][0] if matter in self._rows else ""

    def button(self, matter: str, label: str) -> ttk.Button:
        """The button of a matter that is said, by what is on it."""
        children = self._rows[matter][1].winfo_children()
        return next(one for one in children if isinstance(one, ttk.Button) and one.cget("text") == label)

"""An edge around a list, which shows whether the keyboard is in it."""

import tkinter
from tkinter import font, ttk
from typing import Any

from .scrolling import Bar
from .theme import COLOURS, Theme


class Bordered(tkinter.Frame):
    """Holds one list, given to ``hold``, and its scrollbar."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, highlightthickness=1, background=COLOURS.paper)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._show(COLOURS.line)

    def hold(self, tree: ttk.Treeview, bar: Bar | None = None) -> None:
        """Lay it out; with a scrollbar of its own, unless it has one already."""
        if not str(tree.cget("style")):
            tree.configure(style="Bordered.Treeview")
        if bar is None:
            bar = Bar(self, command=tree.yview)
            tree.configure(yscrollcommand=bar.set)
        tree.grid(row=0, column=0, sticky="nsew")
        bar.grid(row=0, column=1, sticky="ns")
        tree.bind("<FocusIn>", lambda _: self._show(COLOURS.accent), add=True)
        tree.bind("<FocusOut>", lambda _: self._show(COLOURS.line), add=True)

    def _show(self, colour: str) -> None:
        self.configure(highlightbackground=colour, highlightcolor=colour)


def fitted(text: str, width: int, by: font.Font) -> str:
    """As much of a text as there is room for, with an ellipsis where that is not all."""
    if by.measure(text) <= width:
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if by.measure(f"{text[:middle].rstrip()}…") <= width:
            least = middle
        else:
            most = middle - 1
    return f"{text[:least].rstrip()}…"


def column_width(tree: ttk.Treeview, column: str, theme: Theme) -> int:
    """Pixels that a column has for its text."""
    told: Any = tree.column(column, "width")
    return int(told) - 2 * theme.px(9)

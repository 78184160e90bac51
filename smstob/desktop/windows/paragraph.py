"""Sentences that take as many lines as their place asks for."""

import tkinter
from tkinter import ttk
from typing import Any, Final

from .theme import Theme

_PADDED: Final = frozenset({"Warning.TLabel", "Error.TLabel", "Told.TLabel"})


class Paragraph(ttk.Label):
    """A label that wraps its text to its own width: it is laid out to fill it (``sticky="ew"``).

    It asks for no width itself, unless ``width=0`` says that it does: two that ask for as much as they take now may
    give each other room and take it back for ever.
    """

    def __init__(
        self, parent: tkinter.Misc, theme: Theme, text: str = "", style: str = "TLabel", **options: Any
    ) -> None:
        asked = {"width": 1, "justify": "left", **options}
        # by which it knows its height before its place is known
        super().__init__(parent, text=text, style=style, wraplength=theme.px(200), **asked)
        self._theme = theme
        self.bind("<Configure>", lambda _: self._fit())

    def show(self, text: str, style: str | None = None) -> None:
        """Show that, and take no room where it is empty; for one that is laid out by ``grid``."""
        self.configure(text=text)
        if style is not None:
            self.configure(style=style)
            self._fit()
        if text:
            self.grid()
        else:
            self.grid_remove()

    def _fit(self) -> None:
        around = 2 * self._theme.px(9 if str(self.cget("style")) in _PADDED else 2)
        width = self.winfo_width() - around
        if width > around and str(self.cget("wraplength")) != str(width):
            self.configure(wraplength=width)

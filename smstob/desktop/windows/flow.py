"""Buttons in a row, and in a second one where the first is full."""

import tkinter
from tkinter import ttk

from .theme import Theme


class Flow(ttk.Frame):
    """Lays out what is in it, from left to right as words are."""

    def __init__(self, parent: tkinter.Misc, theme: Theme) -> None:
        super().__init__(parent)
        self._gap = theme.px(8)
        self._width = 0
        self.bind("<Configure>", lambda event: self._fit(event.width))

    def _fit(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self.lay_out()

    def lay_out(self) -> None:
        """Put each in its place; to be called when the buttons are there, or have become others."""
        row = x = 0
        placed: list[list[tkinter.Widget]] = [[]]
        for one in self.winfo_children():
            assert isinstance(one, tkinter.Widget)
            wanted = one.winfo_reqwidth()
            if x and x + wanted > max(self._width, 1):
                row, x = row + 1, 0
                placed.append([])
            placed[row].append(one)
            x += wanted + self._gap
        # by pixels: in a grid the widest of a column would push the others
        top = 0
        for line in placed:
            left, height = 0, max((one.winfo_reqheight() for one in line), default=0)
            for one in line:
                one.place(x=left, y=top)
                left += one.winfo_reqwidth() + self._gap
            top += height + self._gap
        self.configure(height=max(1, top - self._gap))

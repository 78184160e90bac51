"""What a page says where it has nothing to show, and what to do about it."""

import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk

from .keys import is_of_page, press
from .paragraph import Paragraph
from .view import Desk


class Nothing(ttk.Frame):
    """A title, a sentence, and buttons, in the middle of the place that it is given."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        px = desk.theme.px
        self.columnconfigure(0, weight=1)
        for row in (0, 4):
            self.rowconfigure(row, weight=1)
        self._title = Paragraph(self, desk.theme, "", "Title.TLabel", anchor="center")
        self._title.configure(justify="center")
        self._title.grid(row=1, column=0, sticky="ew")
        self._text = Paragraph(self, desk.theme, "", "TLabel", anchor="center")
        self._text.configure(justify="center")
        self._text.grid(row=2, column=0, sticky="ew", padx=px(24), pady=px(10))
        self._buttons = ttk.Frame(self)
        self._buttons.grid(row=3, column=0)

    def show(self, title: str, text: str, actions: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Say that; the first action is what one most likely wants."""
        self._title.configure(text=title)
        self._text.configure(text=text)
        for button in self._buttons.winfo_children():
            button.destroy()
        for place, (label, command) in enumerate(actions):
            style = "TButton" if place else "Accent.TButton"
            made = ttk.Button(self._buttons, text=label, style=style, command=command)
            # keys that reach the whole page reach what comes later, too
            made.bindtags((*filter(is_of_page, self.bindtags()), *made.bindtags()))
            made.grid(row=0, column=place, padx=self._desk.theme.px(4))
            press(made)

    @property
    def title(self) -> str:
        """What it says first."""
        return str(self._title.cget("text"))

    @property
    def buttons(self) -> list[ttk.Button]:
        """Its buttons."""
        return [one for one in self._buttons.winfo_children() if isinstance(one, ttk.Button)]

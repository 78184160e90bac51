"""A frame that is scrolled where its window is too low for it."""

import sys
import tkinter
from tkinter import ttk

from .theme import COLOURS, Theme


class Scrolled(ttk.Frame):
    """What it holds goes into ``inside``, which is as wide as this one, and at least as high."""

    def __init__(self, parent: tkinter.Misc, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self._canvas = tkinter.Canvas(
            self, highlightthickness=0, borderwidth=0, background=COLOURS.ground, yscrollincrement=theme.px(24)
        )
        self._bar = ttk.Scrollbar(self, command=self._canvas.yview)
        self._canvas.configure(yscrollcommand=self._bar.set)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        # its room is kept: what is within may be lower where it is narrower, and the bar would come and go for ever
        self.columnconfigure(1, minsize=self._bar.winfo_reqwidth())
        self.inside = ttk.Frame(self._canvas)
        self._held = self._canvas.create_window(0, 0, anchor="nw", window=self.inside)
        self._canvas.bind("<Configure>", lambda _: self._fit())
        self.inside.bind("<Configure>", lambda _: self._fit())
        # on the window itself, so that whatever is beneath the mouse scrolls this
        tag = f"scrolled{id(self)}"
        self._tag = tag
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self.bind_class(tag, event, self._wheel)
        self.bind_class(tag, "<FocusIn>", lambda event: self._reveal(event.widget))
        # what is within wants another height when one of its parts does; of that alone nobody is told
        self.bind_class(tag, "<Configure>", lambda _: self._fit_soon())
        self._waiting = False

    def adopt(self) -> None:
        """To be called when all is within: wheel and keyboard scroll it from there on."""
        waiting: list[tkinter.Misc] = [self.inside]
        while waiting:
            one = waiting.pop()
            tags = one.bindtags()
            if self._tag not in tags:
                one.bindtags((*tags, self._tag))
            waiting += one.winfo_children()

    def _fit_soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            self.after_idle(self._fit)

    def _fit(self) -> None:
        self._waiting = False
        width, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        wanted = self.inside.winfo_reqheight()
        self._canvas.itemconfigure(self._held, width=width, height=max(height, wanted))
        self._canvas.configure(scrollregion=(0, 0, width, max(height, wanted)))
        if wanted > height > 1:
            self._bar.grid(row=0, column=1, sticky="ns")
        else:
            self._bar.grid_remove()
            self._canvas.yview_moveto(0)

    def _wheel(self, event: "tkinter.Event[tkinter.Misc]") -> None:
        if not self._bar.winfo_ismapped():
            return
        # a field of several lines scrolls itself
        if isinstance(event.widget, tkinter.Text) and event.widget.yview() != (0.0, 1.0):
            return
        if event.num in (4, 5):
            steps = -2 if event.num == 4 else 2
        else:
            steps = -event.delta if sys.platform == "darwin" else -2 * event.delta // 120
        self._canvas.yview_scroll(steps, "units")

    def _reveal(self, widget: tkinter.Misc) -> None:
        height, whole = self._canvas.winfo_height(), self.inside.winfo_height()
        if whole <= height:
            return
        margin = self._theme.px(16)
        top = widget.winfo_rooty() - self.inside.winfo_rooty() - margin
        bottom = top + widget.winfo_height() + 2 * margin
        shown = self._canvas.canvasy(0)
        if top < shown or bottom - top > height:
            self._canvas.yview_moveto(max(0, top) / whole)
        elif bottom > shown + height:
            self._canvas.yview_moveto((bottom - height) / whole)


class Bar(ttk.Scrollbar):
    """One that is there when there is something to scroll; laid out by ``grid``."""

    def set(self, first: float | str, last: float | str) -> None:
        """See ``ttk.Scrollbar``."""
        if float(first) <= 0 and float(last) >= 1:
            self.grid_remove()
        else:
            self.grid()
        super().set(first, last)

"""What a button says of itself while the mouse rests on it: its shortcut, mostly."""

import tkinter
from typing import Final

from .theme import COLOURS, Theme

_AFTER: Final = 600
"""Milliseconds."""


class Tooltip:
    """That of one widget."""

    def __init__(self, widget: tkinter.Misc, theme: Theme, text: str) -> None:
        self._widget = widget
        self._theme = theme
        self._text = text
        self._waiting: str | None = None
        self._window: tkinter.Toplevel | None = None
        widget.bind("<Enter>", self._enter, add=True)
        for event in ("<Leave>", "<ButtonPress>", "<KeyPress>", "<Destroy>"):
            widget.bind(event, self._leave, add=True)

    def _enter(self, _: "tkinter.Event[tkinter.Misc]") -> None:
        self._end()
        self._waiting = self._widget.after(_AFTER, self._show)

    def _leave(self, _: "tkinter.Event[tkinter.Misc]") -> None:
        self._end()

    def _show(self) -> None:
        self._waiting = None
        window = tkinter.Toplevel(self._widget)
        window.wm_overrideredirect(True)
        tkinter.Label(
            window, text=self._text, font=self._theme.small, background=COLOURS.text, foreground=COLOURS.paper,
            padx=self._theme.px(8), pady=self._theme.px(4),
        ).pack()  # fmt: skip
        left = self._widget.winfo_rootx()
        top = self._widget.winfo_rooty() + self._widget.winfo_height() + self._theme.px(4)
        if top + window.winfo_reqheight() > window.winfo_screenheight():
            top = self._widget.winfo_rooty() - window.winfo_reqheight() - self._theme.px(4)
        left = max(0, min(left, window.winfo_screenwidth() - window.winfo_reqwidth()))
        window.wm_geometry(f"+{left}+{top}")
        self._window = window

    def _end(self) -> None:
        if self._waiting is not None:
            self._widget.after_cancel(self._waiting)
            self._waiting = None
        if self._window is not None:
            self._window.destroy()
            self._window = None

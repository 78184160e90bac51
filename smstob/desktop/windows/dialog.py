"""Windows upon the main one, which waits for them."""

import tkinter
from tkinter import ttk

from .keys import keyboard_of
from .theme import COLOURS
from .view import Desk


class Dialog(tkinter.Toplevel):
    """One in the middle of its parent; Escape ends it, and what had the focus has it again. Its content is ``body``."""

    def __init__(self, desk: Desk, over: tkinter.Misc, title: str) -> None:
        super().__init__(over, background=COLOURS.ground, highlightthickness=1)
        self.configure(highlightbackground=COLOURS.line, highlightcolor=COLOURS.line)
        self.withdraw()
        self.title(title)
        self.desk = desk
        self._over = over.winfo_toplevel()
        self._before = keyboard_of(over)
        self.transient(self._over)
        self.body = ttk.Frame(self, padding=desk.theme.px(20))
        self.body.pack(fill="both", expand=True)
        self.protocol("WM_DELETE_WINDOW", self.leave)
        self.bind("<Escape>", lambda _: self.leave())

    def show(self, focus: tkinter.Misc, width: int, height: int) -> None:
        """Show it, so wide and high on a plain screen if there is room, with the focus there."""
        px = self.desk.theme.px
        self.update_idletasks()
        over, edge = self._over, px(24)
        across = min(max(px(width), self.winfo_reqwidth()), self.winfo_screenwidth() - edge)
        down = min(max(px(height), self.winfo_reqheight()), self.winfo_screenheight() - 2 * edge)
        left = over.winfo_rootx() + (over.winfo_width() - across) // 2
        top = over.winfo_rooty() + (over.winfo_height() - down) // 3
        left = max(0, min(left, self.winfo_screenwidth() - across))
        top = max(0, min(top, self.winfo_screenheight() - down))
        self.geometry(f"{across}x{down}+{left}+{top}")
        self.minsize(min(across, px(360)), min(down, px(240)))
        # a window that is not there yet can take neither
        self.bind("<Map>", lambda _: self._take(focus))
        self.deiconify()

    def leave(self) -> None:
        """End it; another class may ask before."""
        self.grab_release()
        self.destroy()
        before = self._before
        if before is not None and before.winfo_exists():
            before.focus_set()

    def _take(self, focus: tkinter.Misc) -> None:
        self.unbind("<Map>")
        self.grab_set()
        focus.focus_set()

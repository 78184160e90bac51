"""Tk's own dialog for files, which keeps whoever opened it waiting: what is done in it is arranged before."""

import tkinter
from pathlib import Path
from typing import Final

from tests.desktop.windows.desktop import Desktop

_LOOK: Final = 100
"""Milliseconds between two looks whether it is there."""

_PATIENCE: Final = 150
"""Looks after which it is ended, so that its test goes on to fail."""


def answer_file_dialog(desktop: Desktop, parent: tkinter.Misc, path: Path) -> None:
    """Type that path into the dialog that will be opened over ``parent``, and press Return."""
    root, dialog = desktop.window.root, f"{parent}.__tk_filedialog".replace("..", ".")
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks < _PATIENCE and not _is_there(root, dialog):
            root.after(_LOOK, look)
            return
        # here is no window manager that would give it the keyboard
        root.tk.call("focus", "-force", root.tk.call("focus", "-lastfor", dialog))
        typed = ("type", "--delay", "12", "--args", "1", str(path))
        desktop.screen.display.do("sleep", "0.3", "key", "ctrl+slash", *typed, "key", "Return")
        root.after(_LOOK * _PATIENCE, lambda: _end(root, dialog))

    root.after(_LOOK, look)


def _is_there(root: tkinter.Tk, dialog: str) -> bool:
    return bool(int(root.tk.call("winfo", "exists", dialog)) and int(root.tk.call("winfo", "viewable", dialog)))


def _end(root: tkinter.Tk, dialog: str) -> None:
    if _is_there(root, dialog):
        root.tk.eval("set ::tk::Priv(selectFilePath) {}")

"""How far something is, and a way not to wait for its end."""

import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from ..importing import Progress
from .keys import press
from .view import Desk

_LOOK: Final = 80
"""Milliseconds between two looks at how far it is."""

_SOON: Final = 250
"""Milliseconds within which what ends is not told of."""

_WHOLE: Final = 1000


class Waiting(ttk.Frame):
    """A bar with a sentence and «Annuler»; laid out by ``grid``, and there as long as it is needed."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._cancel: Callable[[], None] = lambda: None
        self._progress: Progress | None = None
        self.columnconfigure(1, weight=1)
        px = desk.theme.px
        self._label = ttk.Label(self)
        self._label.grid(row=0, column=0, padx=(0, px(12)))
        self._bar = ttk.Progressbar(self, maximum=_WHOLE)
        self._bar.grid(row=0, column=1, sticky="ew")
        self.button = ttk.Button(self, text=desk.say("Annuler"), style="Small.TButton", command=self.cancel)
        self.button.grid(row=0, column=2, padx=(px(12), 0))
        press(self.button)

    def show(self, sentence: str, progress: Progress, cancel: Callable[[], None]) -> None:
        """Say that of what goes on, if it does not end soon."""
        self._label.configure(text=sentence)
        self._cancel = cancel
        began = self._progress is None
        self._progress = progress
        if began:
            self.after(_SOON, self._look)

    def over(self) -> None:
        """It ended."""
        self._progress = None
        self.grid_remove()

    def cancel(self) -> None:
        """Wait no longer."""
        self._cancel()

    def _look(self) -> None:
        if self._progress is None or not self.winfo_exists():
            return
        self._bar.configure(value=round(self._progress.part * _WHOLE))
        self.grid()
        self.after(_LOOK, self._look)

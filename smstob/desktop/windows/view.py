"""What the parts of the main window are."""

import tkinter
from tkinter import ttk
from typing import Protocol

import attrs

from ..program import Program
from ..wording import Wording
from .theme import Theme


@attrs.frozen
class Desk:
    """What every window is given."""

    program: Program
    theme: Theme
    say: Wording


class Window(Protocol):
    """What views ask of the main window."""

    root: tkinter.Tk

    def write_to(self, recipients: str) -> None:
        """Show the form that sends, with these as recipients."""

    def insert(self, text: str) -> None:
        """Show the form that sends, with this put into its text."""

    def show_outbox(self) -> None:
        """Show the outbox."""

    def fail(self, error: Exception) -> None:
        """Tell that something could not be kept or read: a full disk, a broken file. Nothing typed is lost."""


class View(ttk.Frame):
    """A page of the main window."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: Window) -> None:
        super().__init__(parent, padding=desk.theme.px(16))
        self.desk = desk
        self.window = window

    def shown(self) -> None:
        """It comes to the front: what it shows is read again."""

    def refresh(self) -> None:
        """The outbox changed, or a second went by, while it is at the front."""

    def leave(self) -> None:
        """The program ends, or another page comes to the front: what is typed is kept."""

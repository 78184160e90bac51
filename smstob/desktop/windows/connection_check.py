"""Whether the mail server answers, looked at in a thread, and said where it was asked."""

import tkinter
from collections.abc import Callable
from tkinter import ttk

from ..delivery import Trouble
from ..settings import Settings
from . import background
from .paragraph import Paragraph
from .server_words import in_words
from .view import Desk


class ConnectionCheck(ttk.Frame):
    """A button, and the answer; ``typed`` gives settings and the mail password, or None where they are wrong."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, typed: Callable[[], tuple[Settings, str] | None]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._typed = typed
        px = desk.theme.px
        self.columnconfigure(1, weight=1)
        self.button = ttk.Button(self, text=desk.say("Vérifier la connexion"), command=self.check)
        self.button.grid(row=0, column=0, sticky="w")
        self._spinner = ttk.Progressbar(self, mode="indeterminate", length=px(120))
        self._spinner.grid(row=0, column=1, sticky="w", padx=px(12))
        self._spinner.grid_remove()
        self._answer = Paragraph(self, desk.theme)
        self._answer.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(px(8), 0))
        self._answer.show("")

    @property
    def answer(self) -> str:
        """What is said."""
        return str(self._answer.cget("text"))

    def check(self) -> None:
        """Look, and say what comes of it."""
        typed = self._typed()
        if typed is None:
            return
        settings, mail = typed
        self.button.state(["disabled"])
        self._answer.show("")
        self._spinner.grid()
        self._spinner.start(15)
        program = self._desk.program
        background.run(
            self, lambda: program.check(settings, mail), lambda _: self._well(bool(settings.user)), self._ill
        )

    def _end(self) -> None:
        self._spinner.stop()
        self._spinner.grid_remove()
        self.button.state(["!disabled"])

    def _well(self, known: bool) -> None:
        self._end()
        say = self._desk.say
        right = say("Le serveur d'envoi répond, et accepte cet identifiant.") if known else say("Le serveur répond.")
        self._answer.show(f"✓ {right}", "Told.TLabel")

    def _ill(self, error: Exception) -> None:
        self._end()
        say = self._desk.say
        if isinstance(error, Trouble):
            self._answer.show(f"✕ {in_words(say, error.outcome.reason)}", "Error.TLabel")
        else:
            self._answer.show(
                f"✕ {say('La vérification a échoué ({kind}).', kind=type(error).__name__)}", "Error.TLabel"
            )

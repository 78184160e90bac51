"""A first SMS to one's own mobile, watched on its way."""

import sqlite3
import tkinter
from datetime import datetime
from tkinter import ttk
from typing import Final

from .. import composing
from ..outbox import LetterState, Sending
from .field import EntryField
from .paragraph import Paragraph
from .server_words import in_words
from .view import Desk, Window

_LOOK: Final = 300
"""Milliseconds between two looks at the outbox."""


class Trial(ttk.Frame):
    """A number, a button, and where the SMS is."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: Window) -> None:
        super().__init__(parent)
        self._desk = desk
        self._window = window
        self._watched: int | None = None
        say, px = desk.say, desk.theme.px
        self.columnconfigure(0, weight=1)
        self.number = EntryField(self, desk.theme, say("Votre mobile"), say("L'essai coûte un SMS."), width=20)
        self.number.grid(row=0, column=0, sticky="ew")
        self.button = ttk.Button(self.number, text=say("M'envoyer un SMS d'essai"), command=self.send_one)
        self.button.grid(row=1, column=1, padx=(px(8), 0))
        self._way = Paragraph(self, desk.theme)
        self._way.grid(row=1, column=0, sticky="ew", pady=(px(8), 0))
        self._way.show("")

    @property
    def way(self) -> str:
        """What is said of it."""
        return str(self._way.cget("text"))

    def send_one(self) -> None:
        """Put the SMS into the outbox, and watch it."""
        say, program = self._desk.say, self._desk.program
        try:
            found = composing.addressees(self.number.value, program.book).recipients
            if len(found) != 1:
                self.number.fault(say("Écrivez le numéro de votre mobile, par exemple 06 12 34 56 78."))
                self.number.entry.focus_set()
                return
            # the service takes the same text for the same number once a day
            time = f"{datetime.fromtimestamp(program.now(), program.zone):%H:%M:%S}"
            text = say("Essai de {service} à {time}.", service=program.site.service, time=time)
            watched = program.send(program.mailing(text, found, None), found[0].typed, text, "")
        except sqlite3.Error as error:
            self._window.fail(error)
            return
        beginning = self._watched is None
        self._watched = watched
        if beginning:
            self._look()

    def _look(self) -> None:
        if not self.winfo_exists():
            return
        try:
            sendings = self._desk.program.outbox.sendings(20)
        except sqlite3.Error as error:
            self._window.fail(error)
            sendings = []
        one = next((one for one in sendings if one.id == self._watched), None)
        if one is not None:
            self._tell(one)
        self.after(_LOOK, self._look)

    def _tell(self, one: Sending) -> None:
        say, held = self._desk.say, self._desk.program.postman.held
        if one.state is LetterState.HANDED:
            told = say("Remis au serveur d'envoi. Le SMS arrive sur votre mobile, et la réponse du service par e-mail.")
            self._way.show(f"✓ {told}", "Told.TLabel")
        elif one.state is LetterState.FAILED:
            self._way.show(f"✕ {in_words(say, one.reason)}", "Error.TLabel")
        elif held:
            self._way.show(f"✕ {in_words(say, held)}", "Error.TLabel")
        elif one.reason:
            again = say("Nouvel essai tout seul dans un moment.")
            self._way.show(f"! {in_words(say, one.reason)} {again}", "Warning.TLabel")
        else:
            self._way.show(say("En route vers le serveur d'envoi…"), "TLabel")

"""The outbox: what was sent from here, and what became of it as far as that is known here."""

import sqlite3
import tkinter
from collections.abc import Callable
from datetime import datetime
from tkinter import ttk
from typing import Final, Literal, Protocol

from ..outbox import LetterState, Sending
from .paragraph import Paragraph
from .scrolling import Bar
from .server_words import in_words
from .theme import COLOURS
from .tooltip import Tooltip
from .view import Desk, View, Window

GIVEN_UP: Final = "abandonné"
"""The reason of what its sender gave up; it is said otherwise."""

_SIGNS: Final = {LetterState.WAITING: "◷", LetterState.HANDED: "✓", LetterState.FAILED: "✕"}
_COLUMNS: Final = ("when", "whom", "text", "sms", "state")
_SHOWN: Final = 200
"""Characters of a cell at most."""


class OutboxWindow(Window, Protocol):
    """What this view asks of the main window besides."""

    def take_up(self, recipients: str, text: str) -> None:
        """Show the form that sends, with these in it."""

    def write(self) -> None:
        """Show the form that sends."""


class OutboxView(View):
    """A list, the newest first, and all of the one that is chosen."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: OutboxWindow) -> None:
        super().__init__(parent, desk, window)
        self._main = window
        self._sendings: dict[str, Sending] = {}
        self._shown: tuple[Sending, str] | None = None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._full = ttk.Frame(self)
        self._full.columnconfigure(0, weight=1)
        self._full.rowconfigure(0, weight=3)
        self._full.rowconfigure(1, weight=2)
        self._list().grid(row=0, column=0, sticky="nsew")
        self._detail().grid(row=1, column=0, sticky="nsew", pady=(desk.theme.px(12), 0))
        self._empty = self._nothing()
        note = Paragraph(self, desk.theme, "", "Faint.TLabel")
        note.configure(text=desk.say(
            "Remis au serveur d'envoi ne veut pas dire reçu : les confirmations et les refus du service arrivent par "
            "e-mail à {email}.", email=desk.program.settings.email or desk.say("votre adresse"),
        ))  # fmt: skip
        note.grid(row=1, column=0, sticky="ew", pady=(desk.theme.px(8), 0))
        for key in ("<F5>", "<Delete>", "<Control-r>"):
            self.tree.bind(key, self._key)

    # what it looks like

    def _list(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        frame = ttk.Frame(self._full)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(0, weight=1)
        self.tree = ttk.Treeview(frame, show="headings", columns=_COLUMNS, selectmode="browse", height=5)
        for column, name, width, stretches in (
            ("when", say("Envoyé"), 84, False),
            ("whom", say("À"), 104, True),
            ("text", say("Message"), 140, True),
            ("sms", say("SMS"), 56, False),
            ("state", say("État"), 190, True),
        ):
            anchor: Literal["center", "w"] = "center" if column == "sms" else "w"
            self.tree.heading(column, text=name, anchor=anchor)
            self.tree.column(column, width=px(width), minwidth=px(40), stretch=stretches, anchor=anchor)
        for state, colour in (
            (LetterState.WAITING, COLOURS.warn),
            (LetterState.HANDED, COLOURS.text),
            (LetterState.FAILED, COLOURS.bad),
        ):
            self.tree.tag_configure(state.value, foreground=colour)
        bar = Bar(frame, command=self.tree.yview)
        self.tree.configure(yscrollcommand=bar.set)
        self.tree.grid(row=0, column=0, sticky="nsew")
        bar.grid(row=0, column=1, sticky="ns")
        self.tree.bind("<<TreeviewSelect>>", lambda _: self._select())
        return frame

    def _detail(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        frame = ttk.Frame(self._full)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(1, weight=1)
        self._said = Paragraph(frame, self.desk.theme, "", "Strong.TLabel")
        self._said.grid(row=0, column=0, sticky="ew", pady=(0, px(6)))
        self._text = self.desk.theme.area(frame, 4)
        self._text.configure(state="disabled")
        self._text.grid(row=1, column=0, sticky="nsew")
        buttons = ttk.Frame(frame)
        buttons.grid(row=2, column=0, sticky="w", pady=(px(8), 0))
        self.retry_button = self._button(buttons, say("Réessayer"), self.retry, say("F5"))
        self.give_up_button = self._button(buttons, say("Abandonner"), self.give_up, say("Ne plus essayer"))
        self.reuse_button = self._button(
            buttons, say("Reprendre"), self.reuse, say("Remettre destinataires et texte dans le formulaire (Ctrl+R)")
        )
        self.forget_button = self._button(buttons, say("Retirer de la liste"), self.forget, say("Suppr"))
        return frame

    def _button(self, parent: ttk.Frame, label: str, command: Callable[[], None], tip: str) -> ttk.Button:
        made = ttk.Button(parent, text=label, command=command)
        made.pack(side="left", padx=(0, self.desk.theme.px(8)))
        Tooltip(made, self.desk.theme, tip)
        return made

    def _nothing(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        frame = ttk.Frame(self)
        ttk.Label(frame, text=say("Rien dans la boîte d'envoi"), style="Title.TLabel").pack()
        sentence = say("Ce que vous envoyez d'ici s'y voit, et attend le réseau s'il faut.")
        told = Paragraph(frame, self.desk.theme, sentence, width=0)
        told.pack(pady=px(8))
        told.configure(wraplength=px(480))
        ttk.Button(frame, text=say("Écrire un SMS"), style="Accent.TButton", command=self._main.write).pack()
        return frame

    # what views do

    def shown(self) -> None:
        """See ``View``."""
        self.refresh()
        if self._sendings and not self.tree.selection():
            first = self.tree.get_children()[0]
            self.tree.selection_set(first)
            self.tree.focus(first)
        self.tree.focus_set()

    def refresh(self) -> None:
        """See ``View``."""
        try:
            found = self.desk.program.outbox.sendings()
        except sqlite3.Error as error:
            self.window.fail(error)
            return
        self._sendings = {str(one.id): one for one in found}
        gone = [row for row in self.tree.get_children() if row not in self._sendings]
        if gone:
            self.tree.delete(*gone)
        for place, (row, one) in enumerate(self._sendings.items()):
            values, tags = self._cells(one), (one.state.value,)
            if not self.tree.exists(row):
                self.tree.insert("", place, row, values=values, tags=tags)
            elif tuple(map(str, self.tree.item(row, "values"))) != values:
                self.tree.item(row, values=values, tags=tags)
        here, away = (self._full, self._empty) if found else (self._empty, self._full)
        away.grid_remove()
        here.grid(row=0, column=0, sticky="nsew" if found else "")
        self._select()

    def state_of(self, one: Sending) -> str:
        """How it stands, in a few words and the server's."""
        say = self.desk.say
        mails = one.waiting + one.handed + one.failed
        so_far = say("{handed}/{all} remis", handed=one.handed, all=mails) if one.handed and mails > 1 else ""
        if one.state is LetterState.WAITING:
            return " — ".join(filter(None, (so_far or say("En attente"), self._why_waiting(one))))
        if one.state is LetterState.FAILED:
            if one.reason == GIVEN_UP:
                return " — ".join(filter(None, (so_far, say("Abandonné"))))
            refused = say("Refusé : {reason}", reason=self._reason(one))
            return " — ".join(filter(None, (so_far, refused)))
        if one.moment:
            moment = one.moment
            day, time = f"{moment[4:6]}/{moment[6:8]}/{moment[8:]}", f"{moment[:2]}:{moment[2:4]}"
            return say("Remis au serveur d'envoi, pour le {day} à {time}", day=day, time=time)
        return say("Remis au serveur d'envoi")

    def _why_waiting(self, one: Sending) -> str:
        say, program = self.desk.say, self.desk.program
        if not program.is_ready:
            return say("les réglages sont incomplets")
        if program.postman.held:
            return say("le serveur d'envoi refuse l'accès")
        if one.due is not None and one.due > program.now():
            return say("nouvel essai à {time}", time=f"{datetime.fromtimestamp(one.due, program.zone):%H:%M}")
        return say("envoi en cours") if program.postman.busy else ""

    def _reason(self, one: Sending) -> str:
        return in_words(self.desk.say, one.reason)

    def _cells(self, one: Sending) -> tuple[str, ...]:
        program = self.desk.program
        made = datetime.fromtimestamp(one.created, program.zone)
        same_day = made.date() == datetime.fromtimestamp(program.now(), program.zone).date()
        return (
            f"{made:%H:%M}" if same_day else f"{made:%d/%m %H:%M}",
            _line(one.label),
            _line(one.text),
            self.desk.say.number(one.segments) if one.segments else "",
            f"{_SIGNS[one.state]} {_line(self.state_of(one))}",
        )

    # the one that is chosen

    @property
    def chosen(self) -> Sending | None:
        """The sending whose row is selected."""
        rows = self.tree.selection()
        return self._sendings.get(rows[0]) if rows else None

    def _select(self) -> None:
        one = self.chosen
        for button, possible in (
            (self.retry_button, one is not None and one.state is not LetterState.HANDED),
            (self.give_up_button, one is not None and one.waiting > 0),
            (self.reuse_button, one is not None),
            (self.forget_button, one is not None and one.waiting == 0),
        ):
            button.state(["!disabled" if possible else "disabled"])
        if one is None:
            self._show("", "")
            return
        told = f"{_SIGNS[one.state]} {self.state_of(one)}"
        if one.waiting and one.reason:
            told += "\n" + self.desk.say("Dernière réponse : {reason}", reason=self._reason(one))
        if self._shown != (one, told):
            self._shown = (one, told)
            self._show(told, f"{self.desk.say('À :')} {one.label}\n\n{one.text}")

    def _show(self, told: str, text: str) -> None:
        self._said.configure(text=told)
        self._text.configure(state="normal")
        self._text.replace("1.0", "end", text)
        self._text.configure(state="disabled")

    def _key(self, event: "tkinter.Event[tkinter.Misc]") -> str:
        work = {"F5": self.retry, "Delete": self.forget, "r": self.reuse}.get(event.keysym)
        if work is not None:
            work()
        return "break"

    def retry(self) -> None:
        """Offer the chosen one again at once."""
        one, program = self.chosen, self.desk.program
        if one is not None and one.state is not LetterState.HANDED:
            self._do(lambda: program.outbox.retry(int(program.now()), one.id))
            program.resume()

    def give_up(self) -> None:
        """Offer it no more."""
        one, program = self.chosen, self.desk.program
        if one is not None and one.waiting:
            self._do(lambda: program.outbox.give_up(one.id, GIVEN_UP, int(program.now())))

    def reuse(self) -> None:
        """Put its recipients and its text into the form."""
        if (one := self.chosen) is not None:
            self._main.take_up(one.label, one.text)

    def forget(self) -> None:
        """Remove it from the list."""
        one = self.chosen
        if one is None or one.waiting:
            return
        after = self.tree.next(str(one.id)) or self.tree.prev(str(one.id))
        self._do(lambda: self.desk.program.outbox.forget(one.id))
        if after:
            self.tree.selection_set(after)
            self.tree.focus(after)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except sqlite3.Error as error:
            self.window.fail(error)
        self.refresh()


def _line(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: 2 * _SHOWN].split())
    return "".join(sign if sign.isprintable() else " " for sign in line)[:_SHOWN]

"""What each recipient will read."""

import tkinter
from tkinter import ttk
from typing import Final

from ...model.contact import Recipient
from ...model.merge import Template
from ...model.number import national
from ...model.segment import Coding, measure
from ...model.text import clean, for_sending
from ..counting import LONGEST
from .paragraph import Paragraph
from .theme import COLOURS
from .tooltip import Tooltip
from .view import Desk

_LINES: Final = 8


class Preview(ttk.Frame):
    """The text as one of its recipients gets it, and a way to the others."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._text = ""
        self._recipients: tuple[Recipient, ...] = ()
        self._site_group: str | None = None
        self._place = 0
        px = desk.theme.px
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        head = ttk.Frame(self)
        head.grid(row=0, column=0, sticky="ew", pady=(0, px(4)))
        head.columnconfigure(0, weight=1)
        ttk.Label(head, text=desk.say("Aperçu"), style="Strong.TLabel").grid(row=0, column=0, sticky="w")
        self.back = ttk.Button(head, text="◀", width=2, style="Small.TButton", command=lambda: self._go(-1))
        self.forth = ttk.Button(head, text="▶", width=2, style="Small.TButton", command=lambda: self._go(1))
        self._which = ttk.Label(head, style="Faint.TLabel", anchor="center")
        for column, widget in enumerate((self.back, self._which, self.forth), 1):
            widget.grid(row=0, column=column, padx=(px(4), 0))
        Tooltip(self.back, desk.theme, desk.say("Destinataire précédent"))
        Tooltip(self.forth, desk.theme, desk.say("Destinataire suivant"))
        self._who = Paragraph(self, desk.theme, "", "Faint.TLabel")
        self._who.grid(row=1, column=0, sticky="ew", pady=(0, px(4)))
        self._bubble = desk.theme.area(self, _LINES)
        self._bubble.configure(state="disabled", takefocus=False, width=20, cursor="arrow", highlightthickness=0)
        self._bubble.configure(background=COLOURS.selected, padx=px(12), pady=px(10))
        self._bubble.grid(row=2, column=0, sticky="nsew")
        self._note = Paragraph(self, desk.theme, "", "Faint.TLabel")
        self._note.grid(row=3, column=0, sticky="ew", pady=(px(4), 0))

    @property
    def shown(self) -> str:
        """The text that is seen."""
        return self._bubble.get("1.0", "end-1c")

    @property
    def who(self) -> str:
        """Whose it is, as it is seen."""
        return str(self._who.cget("text"))

    def show(self, text: str, recipients: tuple[Recipient, ...], site_group: str | None) -> None:
        """Show that text to those, or to a group of the site."""
        self._text, self._recipients, self._site_group = text[:LONGEST], recipients, site_group
        self._place = min(self._place, max(0, len(recipients) - 1))
        self._draw()

    def _go(self, by: int) -> None:
        if self._recipients:
            self._place = (self._place + by) % len(self._recipients)
            self._draw()

    def _draw(self) -> None:
        say, template = self._desk.say, Template.parse(clean(self._text))
        several = len(self._recipients) > 1
        for button in (self.back, self.forth):
            button.state(["!disabled" if several else "disabled"])
        if self._recipients:
            one = self._recipients[self._place]
            self._which.configure(text=f"{say.number(self._place + 1)} / {say.number(len(self._recipients))}")
            self._who.configure(text=" · ".join(filter(None, (one.variables.name, national(one.number)))))
            self._write(template.render(one.variables))
            return
        self._which.configure(text="")
        if self._site_group is not None:
            self._who.configure(text=say("Les variables sont remplacées par le service, pour chaque contact."))
        else:
            self._who.configure(text=say("Ce que chaque destinataire lira."))
        self._write(template.text)

    def _write(self, text: str) -> None:
        say = self._desk.say
        sent = for_sending(clean(text), self._desk.program.settings.characters)
        self._bubble.configure(state="normal")
        self._bubble.replace("1.0", "end", sent)
        self._bubble.configure(state="disabled")
        if sent:
            measured = measure(sent)
            kind = say("Unicode") if measured.coding is Coding.UCS2 else ""
            parts = (
                say.plural(measured.length, "{count} caractère", "{count} caractères"),
                say.plural(measured.segments, "{count} SMS", "{count} SMS"),
                kind,
            )
            self._note.configure(text="  ·  ".join(filter(None, parts)))
        elif self._recipients and self._text.strip():
            self._note.configure(text=say("Sans texte : rien ne part à ce numéro."))
        else:
            self._note.configure(text="")

"""The form that sends."""

import sqlite3
import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import Final, Protocol

from ...model.moment import BadMoment
from ...model.text import clean
from ..composing import Mailing
from ..counting import LONGEST
from ..outbox import Draft
from .message_field import MessageField
from .moment_picker import MomentPicker
from .paragraph import Paragraph
from .preview import Preview
from .recipients_field import RecipientsField
from .reckoning import Question, Reckoned, Reckoner, Suggested
from .scrolling import Scrolled
from .tooltip import Tooltip
from .totals import cautions, total
from .view import Desk, View, Window

_PAUSE: Final = 150
"""Milliseconds without a key after which it is looked what they come to."""

_KEEP: Final = 1000
"""Milliseconds after which what is typed is on disk."""

_ASKED_ABOVE: Final = 20
"""SMS beyond which «Envoyer» is asked for twice."""

_NARROW: Final = 760
"""Points of width below which the preview is under the form."""


class SendingWindow(Window, Protocol):
    """What this view asks of the main window besides."""

    def set_up(self) -> None:
        """Ask for the settings without which nothing can be sent."""

    def sent(self, mailing: Mailing) -> None:
        """Tell that it is in the outbox."""

    def tell(self, sentence: str) -> None:
        """Say something of no great weight."""


class ComposeView(View):
    """The form. What is typed is kept on disk while it is typed."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: SendingWindow) -> None:
        super().__init__(parent, desk, window)
        self._main = window
        self._question: Question | None = None
        self._reckoned: Reckoned | None = None
        self._revision = 0
        self._sending = False
        self._timers: dict[Callable[[], None], str] = {}
        self._unkept = False
        self._reckoner = Reckoner(self, desk.program, self._answered, self._suggested, window.fail)
        self._lay_out()
        self._reckoner.start()
        self._restore()
        self.bind("<Destroy>", self._end)

    # what it looks like

    def _lay_out(self) -> None:
        px = self.desk.theme.px
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._form = Scrolled(self, self.desk.theme)
        self._form.grid(row=0, column=0, sticky="nsew")
        inside = self._form.inside
        self.recipients = RecipientsField(inside, self.desk, self._changed, self._begins)
        self.message = MessageField(inside, self.desk, self._changed)
        self.picker = MomentPicker(inside, self.desk, self._changed)
        self.preview = Preview(inside, self.desk)
        gap = px(14)
        self.recipients.grid(row=0, column=0, sticky="ew", pady=(0, gap))
        self.message.grid(row=1, column=0, sticky="nsew", pady=(0, gap))
        self.picker.grid(row=2, column=0, sticky="ew", pady=(0, px(4)))
        inside.columnconfigure(0, weight=3)
        inside.rowconfigure(1, weight=1)
        self._wide: bool | None = None
        self.bind("<Configure>", lambda event: self._fit(event.width))
        for area in (self.recipients.area, self.message.area):
            area.bind("<Control-Return>", lambda _: self._send_by_key())
        self._bar().grid(row=1, column=0, sticky="ew", pady=(px(10), 0))
        self._form.adopt()

    def _fit(self, width: int) -> None:
        """Put the preview beside the form, or under it where there is no room."""
        px, wide = self.desk.theme.px, width >= self.desk.theme.px(_NARROW)
        if wide is self._wide:
            return
        self._wide = wide
        if wide:
            self.preview.grid(row=0, column=1, rowspan=3, sticky="nsew", padx=(px(24), 0), pady=0)
        else:
            self.preview.grid(row=3, column=0, rowspan=1, sticky="nsew", padx=0, pady=(px(14), 0))
        self._form.inside.columnconfigure(1, weight=2 if wide else 0, minsize=px(240) if wide else 0)

    def _bar(self) -> ttk.Frame:
        px, say = self.desk.theme.px, self.desk.say
        bar = ttk.Frame(self)
        bar.columnconfigure(0, weight=1)
        self._total = Paragraph(bar, self.desk.theme, "", "Strong.TLabel")
        self._total.grid(row=0, column=0, sticky="ew")
        self._caution = Paragraph(bar, self.desk.theme, "", "Faint.TLabel")
        self._caution.grid(row=1, column=0, sticky="ew")
        self._caution.show("")
        self.cancel_button = ttk.Button(bar, text=say("Annuler"), command=self._ask_no_more)
        self.cancel_button.grid(row=0, column=1, rowspan=2, padx=(px(12), 0))
        self.cancel_button.grid_remove()
        self.send_button = ttk.Button(bar, text=say("Envoyer"), style="Accent.TButton", command=self.submit)
        self.send_button.grid(row=0, column=2, rowspan=2, padx=(px(12), 0))
        Tooltip(self.send_button, self.desk.theme, say("Ctrl+Entrée"))
        for widget in (self.send_button, self.cancel_button):
            widget.bind("<Escape>", lambda _: self._ask_no_more())
        return bar

    @property
    def total(self) -> str:
        """What it comes to, as it is seen."""
        return str(self._total.cget("text"))

    @property
    def caution(self) -> str:
        """What one is told besides."""
        return str(self._caution.cget("text"))

    # what views do

    def shown(self) -> None:
        """See ``View``: the book, the phrases, the settings may be others."""
        self._revision += 1
        self.message.count()
        self._ask()
        if not self.recipients.typed.strip():
            self.recipients.area.focus_set()
        else:
            self.message.area.focus_set()

    def leave(self) -> None:
        """See ``View``."""
        self.recipients.offers.hide()
        self._settle()
        if not self._unkept:
            return
        self._reckoner.drop_draft()
        try:
            self.desk.program.outbox.keep_draft(self._draft())
            self._unkept = False
        except sqlite3.Error as error:
            self.window.fail(error)

    def write_to(self, recipients: str) -> None:
        """Put those there as recipients."""
        self.recipients.set(recipients)

    def take_up(self, recipients: str, text: str) -> None:
        """Put both there; what was typed can be had again by undoing."""
        if self.message.text.strip() not in {"", text}:
            self._main.tell(self.desk.say("Le texte qui était dans le formulaire revient par Ctrl+Z."))
        self.recipients.set(recipients)
        self.message.set(text)
        self.picker.restore("")

    def _restore(self) -> None:
        try:
            draft = self.desk.program.outbox.draft()
        except sqlite3.Error as error:
            self.after_idle(self.window.fail, error)
            return
        for area, typed in ((self.recipients.area, draft.recipients), (self.message.area, draft.text)):
            area.insert("1.0", typed)
            area.edit_reset()
        self.picker.restore(draft.moment)

    def _draft(self) -> Draft:
        return Draft(self.recipients.typed, self.message.text, self.picker.typed)

    def _end(self, event: "tkinter.Event[tkinter.Misc]") -> None:
        if event.widget is self:
            self._reckoner.stop()

    # while one types

    def _changed(self) -> None:
        self._ask_no_more()
        self._sending = False
        self._unkept = True
        self._later(_PAUSE, self._ask)
        if self._keep not in self._timers:
            self._timers[self._keep] = self.after(_KEEP, self._keep)

    def _settle(self) -> None:
        self.recipients.settle()
        self.message.settle()

    def _begins(self, begun: str) -> None:
        if begun:
            self._reckoner.suggest(begun)
        else:
            self.recipients.offers.hide()

    def _later(self, pause: int, work: Callable[[], None]) -> None:
        """Do it after a pause without another wish of the kind."""
        if work in self._timers:
            self.after_cancel(self._timers[work])
        self._timers[work] = self.after(pause, work)

    def _keep(self) -> None:
        del self._timers[self._keep]
        if self._unkept:
            self._unkept = False
            self._reckoner.keep(self._draft())

    def _current(self) -> Question:
        text = self.message.text
        return Question(
            recipients=self.recipients.typed,
            text=text if len(text) <= LONGEST else "",
            to_site_group=self.recipients.to_site_group,
            revision=self._revision,
        )

    def _ask(self) -> None:
        self._ask_no_later()
        self._question = self._current()
        self._reckoner.ask(self._question)

    def _ask_no_later(self) -> None:
        if (waiting := self._timers.pop(self._ask, None)) is not None:
            self.after_cancel(waiting)

    def _suggested(self, suggested: Suggested) -> None:
        self.recipients.offer(suggested)

    def _answered(self, reckoned: Reckoned) -> None:
        if reckoned.question != self._question:
            return
        self._reckoned = reckoned
        self.recipients.show(reckoned.addressees)
        self.preview.show(self.message.text, reckoned.addressees.recipients, reckoned.site_group)
        self._show_total(reckoned)
        # who types on meanwhile does not want this sent
        self._settle()
        if self._sending:
            self._sending = False
            self._send(reckoned)

    def _show_total(self, reckoned: Reckoned) -> None:
        mailing = reckoned.mailing
        written = mailing is not None and bool(reckoned.question.text.strip())
        say = self.desk.say
        self._total.configure(text=total(say, mailing, reckoned.site_group) if mailing is not None and written else "")
        told = list(cautions(say, mailing)) if mailing is not None and written else []
        self._caution.show("! " + "  ·  ".join(told) if told else "")

    # sending

    def _send_by_key(self) -> str:
        # the field would take the key for a line end
        self.submit()
        return "break"

    def submit(self) -> None:
        """Send what is typed, or say beside the fields what keeps it from being sent."""
        if not self.desk.program.is_ready:
            self.leave()
            self._main.set_up()
            return
        self._settle()
        if not self._is_filled_in():
            return
        question, reckoned = self._current(), self._reckoned
        if reckoned is not None and reckoned.question == question:
            # asked once more, the answer would take away what is said of this one
            self._ask_no_later()
            self._send(reckoned)
            return
        self._sending = True
        if question != self._question:
            self._ask()
        else:
            self._ask_no_later()

    def _is_filled_in(self) -> bool:
        say = self.desk.say
        if not self.recipients.typed.strip():
            self.recipients.want_some()
            self.recipients.area.focus_set()
        elif not clean(self.message.text):
            self.message.fault(say("Écrivez le message."))
            self.message.area.focus_set()
        elif len(self.message.text) > LONGEST:
            self.message.fault(say("Ce texte est bien trop long pour des SMS : raccourcissez-le."))
            self.message.area.focus_set()
        else:
            try:
                self.picker.moment()
            except BadMoment:
                self.picker.focus_fault()
            else:
                return True
        return False

    def _send(self, reckoned: Reckoned) -> None:
        say, mailing = self.desk.say, reckoned.mailing
        trouble = self.recipients.trouble(reckoned.addressees)
        if trouble:
            self.recipients.fault(trouble)
            self.recipients.area.focus_set()
        elif mailing is None:
            self.recipients.want_some()
            self.recipients.area.focus_set()
        elif not mailing.shares:
            self.message.fault(say("Il ne reste rien de ce texte : les variables de ces contacts sont vides."))
            self.message.area.focus_set()
        elif mailing.segments > _ASKED_ABOVE and not self.cancel_button.winfo_ismapped():
            self._ask_twice(mailing)
        else:
            self._hand_over(mailing)

    def _ask_twice(self, mailing: Mailing) -> None:
        say = self.desk.say
        question = say.plural(mailing.segments, "Envoyer {count} SMS ?", "Envoyer {count} SMS ?")
        self.send_button.configure(text=question)
        self.cancel_button.grid()
        self.send_button.focus_set()

    def _ask_no_more(self) -> None:
        self.cancel_button.grid_remove()
        self.send_button.configure(text=self.desk.say("Envoyer"))

    def _hand_over(self, mailing: Mailing) -> None:
        try:
            moment = self.picker.moment()
        except BadMoment:  # it passed while one thought it over
            self.picker.focus_fault()
            return
        label = ", ".join(filter(None, map(str.strip, self.recipients.typed.split("\n"))))
        self._reckoner.drop_draft()
        try:
            self.desk.program.send(mailing, label, clean(self.message.text), moment)
        except sqlite3.Error as error:
            self._unkept = True
            self.window.fail(error)
            return
        self._empty()
        self._main.sent(mailing)

    def _empty(self) -> None:
        for area in (self.recipients.area, self.message.area):
            area.delete("1.0", "end")
            area.edit_reset()
        self.picker.restore("")
        self._ask_no_more()
        self._ask()
        self.recipients.area.focus_set()

"""Now, or later: on which day, at what time."""

import tkinter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from tkinter import ttk
from typing import Final

from ...model.moment import AHEAD, BadMoment
from ..when import day_of, moment_of, next_hour, today, written
from ..wording import N_
from .calendar_pane import CalendarPane
from .dates import day_in_words
from .field import Field
from .tooltip import Tooltip
from .view import Desk

_SENTENCES: Final = {
    "past": N_("Cette date est passée : choisissez-en une à venir."),
    "too far ahead": N_("Cette date est à plus d'un an : choisissez-en une plus proche."),
    "skipped by the spring change": N_("Cette heure n'existe pas : les montres avancent d'une heure cette nuit-là."),
}
_NO_DATE: Final = N_("Écrivez la date comme 27/11/2026, et l'heure comme 14:30.")

_STEP: Final = 15
"""Minutes by which Up and Down change the time."""

_DAY: Final = 24 * 60


class MomentPicker(Field):
    """The field; ``changed`` is called when another moment is typed."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(parent, desk.theme, desk.say("Quand ?"))
        self._desk = desk
        self._told = changed
        self._silent = False
        row = ttk.Frame(self)
        row.grid(row=1, column=0, sticky="ew")
        say, px = desk.say, desk.theme.px
        self._later = tkinter.BooleanVar(self, value=False)
        self.now_button = ttk.Radiobutton(row, text=say("Maintenant"), variable=self._later, value=False)
        self.later_button = ttk.Radiobutton(row, text=say("Plus tard, le"), variable=self._later, value=True)
        self._date, self._time = tkinter.StringVar(self), tkinter.StringVar(self)
        self.date_entry = ttk.Entry(row, textvariable=self._date, width=11, font=desk.theme.text)
        self.calendar_button = ttk.Button(row, text="▾", width=2, style="Small.TButton", command=self._open)
        self.time_entry = ttk.Entry(row, textvariable=self._time, width=6, font=desk.theme.text)
        self._at = ttk.Label(row, text=say("à"))
        self.now_button.grid(row=0, column=0, padx=(0, px(16)))
        self.later_button.grid(row=0, column=1, padx=(0, px(8)))
        self.calendar = CalendarPane(self.date_entry, desk, self._chosen)
        self.now_button.configure(command=self._switched)
        self.later_button.configure(command=self._switched)
        self._date.trace_add("write", lambda *_: self._changed())
        self._time.trace_add("write", lambda *_: self._changed())
        for key, days in (("<Up>", 1), ("<Down>", -1)):
            self.date_entry.bind(key, lambda _, days=days: self._next_day(days))  # type: ignore[misc]
            self.time_entry.bind(key, lambda _, step=days * _STEP: self._next_time(step))  # type: ignore[misc]
        for key in ("<F4>", "<Alt-Down>"):
            self.date_entry.bind(key, lambda _: self._open())
        Tooltip(self.calendar_button, desk.theme, say("Calendrier (F4)"))
        self._lay_out()

    @property
    def typed(self) -> str:
        """For the draft: what is typed, empty for now."""
        return f"{self._date.get()} {self._time.get()}".strip() if self._later.get() else ""

    def restore(self, typed: str) -> None:
        """Show what ``typed`` gave, or now for an empty one."""
        day, _, time = typed.rpartition(" ")
        self._silent = True
        self._later.set(bool(typed))
        self._date.set(day)
        self._time.set(time)
        self._silent = False
        self._lay_out()
        self._check()

    def moment(self) -> str:
        """``hhmmjjmmaaaa``, or empty for now. Raises BadMoment, and says why below."""
        if not self._later.get():
            return ""
        try:
            found = self._read()
        except BadMoment as bad:
            self.fault(self._desk.say(_SENTENCES.get(str(bad), _NO_DATE)))
            raise
        self.fault("")
        return found

    def focus_fault(self) -> None:
        """Put the cursor where the mistake is."""
        self.date_entry.focus_set()

    def _read(self) -> str:
        program = self._desk.program
        found = moment_of(self._date.get(), self._time.get(), self._today())
        program.moment(found)
        return found

    def _today(self) -> date:
        program = self._desk.program
        return today(program.now(), program.zone)

    def _switched(self) -> None:
        program = self._desk.program
        if self._later.get() and not (self._date.get().strip() and self._time.get().strip()):
            proposed = next_hour(program.now(), program.zone)
            self._silent = True
            self._date.set(written(proposed.date()))
            self._time.set(f"{proposed:%H:%M}")
            self._silent = False
        self._lay_out()
        if self._later.get():
            self.date_entry.focus_set()
        self._changed()

    def _lay_out(self) -> None:
        px = self._desk.theme.px
        shown = ((self.date_entry, 0), (self.calendar_button, 4), (self._at, 8), (self.time_entry, 8))
        for column, (widget, gap) in enumerate(shown, 2):
            if self._later.get():
                widget.grid(row=0, column=column, padx=(px(gap), 0))
            else:
                widget.grid_remove()

    def _changed(self) -> None:
        if not self._silent:
            self._check()
            self._told()

    def _check(self) -> None:
        """Say when it leaves; of a mistake nothing is said while one types."""
        self.fault("")
        self.hint("")
        if not self._later.get():
            return
        with suppress(BadMoment):
            found = self._read()
            day = date(int(found[8:]), int(found[6:8]), int(found[4:6]))
            city = self._desk.program.zone.key.rpartition("/")[2].replace("_", " ")
            words = day_in_words(self._desk.say, day)
            time = f"{found[:2]}:{found[2:4]}"
            self.hint(self._desk.say("Partira {day} à {time}, heure de {city}.", day=words, time=time, city=city))

    def _open(self) -> str:
        first = self._today()
        day = first
        with suppress(BadMoment):
            day = day_of(self._date.get(), first)
        self.calendar.show(day, first, first + timedelta(seconds=AHEAD))
        return "break"

    def _chosen(self, day: date) -> None:
        self._date.set(written(day))
        self.time_entry.focus_set()
        self.time_entry.selection_range(0, "end")

    def _next_day(self, days: int) -> str:
        with suppress(BadMoment, OverflowError):
            self._date.set(written(day_of(self._date.get(), self._today()) + timedelta(days=days)))
        return "break"

    def _next_time(self, minutes: int) -> str:
        with suppress(BadMoment):
            found = moment_of("1/1/2000", self._time.get(), self._today())
            typed = int(found[:2]) * 60 + int(found[2:4])
            # the next quarter, either way
            later = (typed // _STEP * _STEP + minutes if minutes > 0 else -(-typed // _STEP) * _STEP + minutes) % _DAY
            self._time.set(f"{later // 60:02}:{later % 60:02}")
        return "break"

"""A month of which one day is chosen, by mouse or by keyboard."""

import calendar
import tkinter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from tkinter import ttk
from typing import Final

from .dates import DAYS, month_of
from .theme import COLOURS
from .view import Desk

_WEEKS: Final = 6
_DAYS: Final = 7


class CalendarPane(tkinter.Frame):
    """Laid over its window beside a field. Arrows, Page up and down, Home; Return chooses, Escape leaves."""

    def __init__(self, field: tkinter.Misc, desk: Desk, choose: Callable[[date], None]) -> None:
        super().__init__(
            field.winfo_toplevel(), background=COLOURS.paper, highlightthickness=1, takefocus=True,
            highlightbackground=COLOURS.line, highlightcolor=COLOURS.accent,
        )  # fmt: skip
        self._field = field
        self._desk = desk
        self._choose = choose
        self._day = self._first = self._last = date.min
        px = desk.theme.px
        self._title = tkinter.Label(self, background=COLOURS.paper, foreground=COLOURS.text, font=desk.theme.strong)
        self._title.grid(row=0, column=1, columnspan=5, pady=px(6))
        for column, sign, months in ((0, "◀", -1), (6, "▶", 1)):
            turn = tkinter.Label(self, text=sign, background=COLOURS.paper, foreground=COLOURS.accent, cursor="hand2")
            turn.grid(row=0, column=column)
            turn.bind("<Button-1>", partial(self._turned, months))
        for column, name in enumerate(DAYS):
            short = ttk.Label(self, text=desk.say(name)[:2], style="Faint.TLabel", background=COLOURS.paper)
            short.grid(row=1, column=column, padx=px(4))
        self.cells = [self._cell(place) for place in range(_WEEKS * _DAYS)]
        for key, days in (("<Left>", -1), ("<Right>", 1), ("<Up>", -_DAYS), ("<Down>", _DAYS)):
            self.bind(key, partial(self._moved, days))
        self.bind("<Prior>", partial(self._turned, -1))
        self.bind("<Next>", partial(self._turned, 1))
        self.bind("<Home>", lambda _: self._show(self._first))
        for key in ("<Return>", "<space>"):
            self.bind(key, lambda _: self._take(self._day))
        self.bind("<Escape>", lambda _: self._leave())
        self.bind("<FocusOut>", lambda _: self.hide())
        field.bind("<Destroy>", lambda _: self.destroy(), add=True)

    def show(self, day: date, first: date, last: date) -> None:
        """Show the month of ``day``; days from ``first`` to ``last`` can be chosen."""
        self._first, self._last = first, last
        self._show(day)
        window, field, gap = self.winfo_toplevel(), self._field, self._desk.theme.px(4)
        self.update_idletasks()
        left = field.winfo_rootx() - window.winfo_rootx()
        top = field.winfo_rooty() - window.winfo_rooty()
        below = top + field.winfo_height() + gap
        above = top - self.winfo_reqheight() - gap
        fits = below + self.winfo_reqheight() <= window.winfo_height()
        self.place(
            x=max(0, min(left, window.winfo_width() - self.winfo_reqwidth())), y=below if fits else max(0, above)
        )
        self.lift()
        self.focus_set()

    def hide(self) -> None:
        """Take it away."""
        self.place_forget()

    def _cell(self, place: int) -> tkinter.Label:
        px = self._desk.theme.px
        cell = tkinter.Label(self, width=3, font=self._desk.theme.body, pady=px(4), cursor="hand2")
        cell.grid(row=2 + place // _DAYS, column=place % _DAYS, padx=px(1), pady=px(1))
        cell.bind("<Button-1>", partial(self._clicked, place))
        return cell

    def _days(self) -> list[date]:
        first = self._day.replace(day=1)
        start = first - timedelta(days=first.weekday())
        return [start + timedelta(days=number) for number in range(_WEEKS * _DAYS)]

    def _show(self, day: date) -> str:
        self._day = min(max(day, self._first), self._last)
        self._title.configure(text=month_of(self._desk.say, self._day))
        for cell, one in zip(self.cells, self._days(), strict=True):
            chosen, possible = one == self._day, self._first <= one <= self._last
            ground = COLOURS.accent if chosen else COLOURS.paper
            text = COLOURS.text if one.month == self._day.month else COLOURS.faint
            cell.configure(
                text=str(one.day),
                background=ground,
                foreground=COLOURS.on_accent if chosen else text if possible else COLOURS.thumb,
                font=self._desk.theme.strong if one == self._first else self._desk.theme.body,
            )
        return "break"

    def _moved(self, days: int, _: object) -> str:
        return self._show(self._day + timedelta(days=days))

    def _turned(self, months: int, _: object) -> str:
        number = self._day.year * 12 + self._day.month - 1 + months
        year, month = number // 12, number % 12 + 1
        return self._show(date(year, month, min(self._day.day, calendar.monthrange(year, month)[1])))

    def _clicked(self, place: int, _: object) -> str:
        return self._take(self._days()[place])

    def _take(self, day: date) -> str:
        if self._first <= day <= self._last:
            self.hide()
            self._choose(day)
        return "break"

    def _leave(self) -> str:
        self.hide()
        self._field.focus_set()
        return "break"

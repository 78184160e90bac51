"""Contacts in a list of which only those are read that are seen: a hundred thousand are as quick as ten."""

import sys
import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Final, Protocol

from ...model.contact import Contact
from ...model.number import national
from .bordered import Bordered, column_width, fitted
from .keys import has_keyboard
from .scrolling import Bar
from .theme import COLOURS
from .view import Desk

_SHOWN: Final = 120
"""Characters of a cell at most."""

_SHIFT: Final = 0x1
_CONTROL: Final = 0x4
_COMMAND: Final = 0x8

_WHEEL: Final = 3
"""Rows for each of its notches."""

_COLUMNS: Final = (
    ("name", 170, 0), ("number", 126, 0), ("v1", 100, 420), ("v2", 100, 520), ("v3", 100, 620), ("groups", 130, 480),
)  # fmt: skip
"""With their widths, and the width of the list from which on they are shown."""


class Owner(Protocol):
    """Whose list it is."""

    def read(self, ids: Sequence[int]) -> Sequence[Contact]:
        """Those contacts, and no other, in that order; those that are gone are left out."""

    def group_names(self, ids: Sequence[int]) -> str:
        """The names of groups, as they are shown."""

    def chosen_changed(self) -> None:
        """Others are chosen."""

    def opened(self) -> None:
        """The chosen ones are wanted: Return, or a double click."""

    def menu(self, x: int, y: int) -> None:
        """What can be done with them is wanted, there on the screen."""


class ContactRows(Bordered):
    """The list; its arrows, wheel and mouse are its own, since Tk's widget has the visible rows only."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, owner: Owner) -> None:
        super().__init__(parent)
        self._desk = desk
        self._owner = owner
        self._ids: list[int] = []
        self._chosen: set[int] = set()
        self._top = 0
        self._cursor = 0
        self._anchor = 0
        self._waiting = False
        self.tree = ttk.Treeview(self, show="headings", columns=[name for name, _, _ in _COLUMNS], selectmode="none")
        say = desk.say
        names = (say("Nom"), say("Numéro"), "v1", "v2", "v3", say("Groupes"))
        for (column, width, _), name in zip(_COLUMNS, names, strict=True):
            self.tree.heading(column, text=name, anchor="w")
            self.tree.column(column, width=desk.theme.px(width), minwidth=desk.theme.px(40), anchor="w")
        self.tree.tag_configure("chosen", background=COLOURS.selected)
        self.tree.tag_configure("cursor", foreground=COLOURS.accent)
        self._bar = Bar(self, command=self._scroll)
        self.hold(self.tree, self._bar)
        self._bind()

    def _bind(self) -> None:
        tree = self.tree
        tree.bind("<Configure>", lambda event: self._fit(event.width))
        tree.bind("<FocusIn>", lambda _: self._draw_soon(), add=True)
        tree.bind("<FocusOut>", lambda _: self._draw_soon(), add=True)
        tree.bind("<Button-1>", self._pressed)
        tree.bind("<B1-Motion>", self._dragged)
        tree.bind("<Double-1>", self._double)
        # the width of a column may be another then
        tree.bind("<ButtonRelease-1>", lambda _: self._draw_soon())
        # a Macintosh's mouse has its second button elsewhere, if it has one
        seconds = ("<Button-2>", "<Control-Button-1>") if sys.platform == "darwin" else ("<Button-3>",)
        for button in seconds:
            tree.bind(button, self._asked)
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            tree.bind(event, self._wheel)
        steps = {
            "Up": lambda: -1, "Down": lambda: 1, "Prior": lambda: 1 - self.seen, "Next": lambda: self.seen - 1,
            "Home": lambda: -len(self._ids), "End": lambda: len(self._ids),
        }  # fmt: skip
        for key, step in steps.items():
            tree.bind(f"<{key}>", partial(self._moved, step))
        tree.bind("<space>", lambda _: self._toggle())
        tree.bind("<Control-a>", lambda _: self.choose_all())
        for key in ("<Return>", "<KP_Enter>"):
            tree.bind(key, lambda _: self._open())
        for key in ("<Shift-F10>", "<App>" if sys.platform == "win32" else "<Menu>"):
            tree.bind(key, lambda _: self._asked_by_key())

    # what is in it

    def show(self, ids: list[int], *, again: bool) -> None:
        """Show those; ``again`` where they are the same as before, or nearly: then place and choice are kept."""
        at = self._ids[self._cursor] if again and self._cursor < len(self._ids) else None
        self._ids = ids
        before = len(self._chosen)
        self._chosen &= set(ids) if again else set()
        if not again:
            self._top = self._cursor = self._anchor = 0
        elif at is not None and not (self._cursor < len(ids) and ids[self._cursor] == at):
            # where it is gone, the next one has its place
            self._cursor = ids.index(at) if at in self._chosen else min(self._cursor, max(0, len(ids) - 1))
        self._anchor = min(self._anchor, max(0, len(ids) - 1))
        self._draw_soon()
        if len(self._chosen) != before:
            self._owner.chosen_changed()

    def show_one(self, id_: int) -> None:
        """Choose that one, and let it be seen, if it is in the list."""
        if id_ in self._ids:
            self._cursor = self._anchor = self._ids.index(id_)
            self._choose({id_})
            self._see()

    @property
    def ids(self) -> list[int]:
        """All that are in it, in its order."""
        return self._ids

    @property
    def chosen(self) -> list[int]:
        """Those that are chosen, in its order."""
        if len(self._chosen) == len(self._ids):
            return list(self._ids)
        return [id_ for id_ in self._ids if id_ in self._chosen]

    @property
    def count(self) -> int:
        """How many are chosen."""
        return len(self._chosen)

    @property
    def seen(self) -> int:
        """Rows that are whole on the screen."""
        row = self._height()
        # the heading is as high as its font asks; a row tells where it ends
        children = self.tree.get_children()
        box = self.tree.bbox(children[0]) if children else ""
        top = int(box[1]) if box else row
        return max(1, (self.tree.winfo_height() - top) // row)

    def _height(self) -> int:
        return int(ttk.Style(self).lookup("Treeview", "rowheight"))

    # how it is drawn

    def _draw_soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            self.after_idle(self._draw)

    def _draw(self) -> None:
        self._waiting = False
        if not self.winfo_exists():
            return
        tree, seen = self.tree, self.seen
        self._top = max(0, min(self._top, len(self._ids) - seen))
        found = self._owner.read(self._ids[self._top : self._top + seen])
        rows = tree.get_children()
        widths = [column_width(tree, column, self._desk.theme) for column, _, _ in _COLUMNS]
        if len(rows) > len(found):
            tree.delete(*rows[len(found) :])
        for place, one in enumerate(found):
            if place >= len(rows):
                tree.insert("", "end", str(place))
            tree.item(str(place), values=self._cells(one, widths), tags=self._tags(one.id))
        # the first rows of a list tell how many fit
        if found and not rows and self.seen != seen:
            self._draw_soon()
        whole = max(1, len(self._ids))
        self._bar.set(self._top / whole, min(1.0, (self._top + seen) / whole))

    def _cells(self, one: Contact, widths: Sequence[int]) -> tuple[str, ...]:
        said = one.variables
        name = said.name or self._desk.say("Sans nom")
        cells = (name, national(one.number), said.v1, said.v2, said.v3, self._owner.group_names(one.groups))
        by = self._desk.theme.body
        return tuple(fitted(line(cell), width, by) for cell, width in zip(cells, widths, strict=True))

    def _tags(self, id_: int) -> tuple[str, ...]:
        here = self._cursor < len(self._ids) and self._ids[self._cursor] == id_
        chosen = ("chosen",) if id_ in self._chosen else ()
        return (*chosen, "cursor") if here and has_keyboard(self.tree) else chosen

    def _fit(self, width: int) -> None:
        px = self._desk.theme.px
        shown = {name: px(wanted) for name, wanted, least in _COLUMNS if width >= px(least)}
        if list(self.tree.cget("displaycolumns")) != list(shown):
            self.tree.configure(displaycolumns=list(shown))
        # a number needs its room, the others share what there is
        number = shown.pop("number")
        part = (width - number - px(4)) / sum(shown.values())
        for name, wanted in shown.items():
            self.tree.column(name, width=int(wanted * part))
        self._draw_soon()

    # keyboard

    def _moved(self, step: Callable[[], int], event: "tkinter.Event[tkinter.Misc]") -> str:
        if self._ids:
            extends = bool(int(event.state) & _SHIFT)
            to = self._cursor if not self._chosen and not extends and step() == 1 else self._cursor + step()
            self._go(to, extends)
        return "break"

    def _go(self, to: int, extends: bool) -> None:
        self._cursor = max(0, min(to, len(self._ids) - 1))
        if extends:
            first, last = sorted((self._anchor, self._cursor))
            self._choose(set(self._ids[first : last + 1]))
        else:
            self._anchor = self._cursor
            self._choose({self._ids[self._cursor]})
        self._see()

    def _see(self) -> None:
        seen = self.seen
        if self._cursor < self._top:
            self._top = self._cursor
        elif self._cursor >= self._top + seen:
            self._top = self._cursor - seen + 1
        self._draw_soon()

    def _toggle(self) -> str:
        if self._ids:
            self._choose(self._chosen ^ {self._ids[self._cursor]})
            self._anchor = self._cursor
        return "break"

    def choose_all(self) -> str:
        """Choose all that are in it, seen or not."""
        self._choose(set(self._ids))
        return "break"

    def _choose(self, ids: set[int]) -> None:
        self._chosen = ids
        self._draw_soon()
        self._owner.chosen_changed()

    def _open(self) -> str:
        if self._ids and not self._chosen:
            self._choose({self._ids[self._cursor]})
        if self._chosen:
            self._owner.opened()
        return "break"

    # mouse

    def _at(self, event: "tkinter.Event[tkinter.Misc]") -> int | None:
        row = self.tree.identify_row(event.y)
        place = self._top + int(row) if row else len(self._ids)
        return place if place < len(self._ids) else None

    def _pressed(self, event: "tkinter.Event[tkinter.Misc]") -> str | None:
        if self.tree.identify_region(event.x, event.y) in {"heading", "separator"}:
            return None
        self.tree.focus_set()
        place = self._at(event)
        if place is None:
            return "break"
        several = _COMMAND if sys.platform == "darwin" else _CONTROL
        if int(event.state) & _SHIFT:
            self._go(place, True)
        elif int(event.state) & several:
            self._cursor = place
            self._toggle()
        else:
            self._go(place, False)
        return "break"

    def _dragged(self, event: "tkinter.Event[tkinter.Misc]") -> str | None:
        if self.tree.identify_region(event.x, event.y) in {"heading", "separator"}:
            return None
        place = self._at(event)
        if place is not None and place != self._cursor and not int(event.state) & (_CONTROL | _COMMAND):
            self._go(place, True)
        return "break"

    def _double(self, event: "tkinter.Event[tkinter.Misc]") -> str | None:
        place = self._at(event)
        if place is None or self.tree.identify_region(event.x, event.y) in {"heading", "separator"}:
            return None
        if int(event.state) & (_SHIFT | _CONTROL):
            # two clicks, then, one after the other
            return self._pressed(event)
        self._go(place, False)
        return self._open()

    def _asked(self, event: "tkinter.Event[tkinter.Misc]") -> str:
        self.tree.focus_set()
        place = self._at(event)
        if place is not None and self._ids[place] not in self._chosen:
            self._go(place, False)
        self._owner.menu(event.x_root, event.y_root)
        return "break"

    def _asked_by_key(self) -> str:
        box = self.tree.bbox(str(self._cursor - self._top)) if self._ids else ""
        x, y = (int(box[0]), int(box[1]) + int(box[3])) if box else (0, 0)
        self._owner.menu(self.tree.winfo_rootx() + x, self.tree.winfo_rooty() + y)
        return "break"

    # scrolling

    def _wheel(self, event: "tkinter.Event[tkinter.Misc]") -> str:
        if event.num in (4, 5):
            self._scroll_by(-_WHEEL if event.num == 4 else _WHEEL)
        else:
            self._scroll_by(-event.delta if sys.platform == "darwin" else -_WHEEL * event.delta // 120)
        return "break"

    def _scroll(self, how: str, by: str, unit: str = "") -> None:
        """As a scrollbar asks."""
        if how == "moveto":
            self._top = round(float(by) * len(self._ids))
            self._draw_soon()
        else:
            self._scroll_by(int(by) * (self.seen - 1 if unit == "pages" else 1))

    def _scroll_by(self, rows: int) -> None:
        self._top = max(0, self._top + rows)
        self._draw_soon()


def line(text: str) -> str:
    """The beginning of a text on one line, fit to be seen."""
    if text.isprintable() and len(text) <= _SHOWN:
        return text
    one = " ".join(text[: 2 * _SHOWN].split())
    return "".join(sign if sign.isprintable() else " " for sign in one)[:_SHOWN]

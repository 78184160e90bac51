"""A contact's card, typed or changed."""

import sqlite3
import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk

from ...model.contact import Card, Contact, Fault, Group
from ...model.number import NotANumber, national, parse_number
from ..book import Wrong
from .book_words import FAULTS
from .bordered import Bordered
from .contact_rows import line
from .dialog import Dialog
from .field import EntryField, Field
from .inquiry import Inquiry
from .keys import press
from .scrolling import Scrolled
from .theme import Theme
from .tooltip import Tooltip
from .view import Desk, Window

_WIDTH, _HEIGHT = 560, 600
_GROUP_LINES = 5


class AreaField(Field):
    """A text of several lines."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, name: str) -> None:
        super().__init__(parent, theme, name)
        self.area = theme.area(self, 2)
        # beside others it is as narrow as they are
        self.area.configure(width=12)
        self.area.grid(row=1, column=0, sticky="nsew")
        self.rowconfigure(1, weight=1)
        self.area.bind("<<Modified>>", lambda _: self._modified())

    def _modified(self) -> None:
        if self.area.edit_modified():
            self.area.edit_modified(False)
            if self.faulty:
                self.fault("")

    @property
    def value(self) -> str:
        """What is typed."""
        return self.area.get("1.0", "end-1c")

    def set(self, value: str) -> None:
        """Put that there; it cannot be undone."""
        self.area.replace("1.0", "end", value)
        self.area.edit_reset()


class GroupTicks(Bordered):
    """Groups with a box each; space or a click ticks it."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, groups: Sequence[Group], ticked: Sequence[int]) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ticked = {str(id_) for id_ in ticked}
        height = min(_GROUP_LINES, max(1, len(groups)))
        self.tree = tree = ttk.Treeview(self, show="tree", style="Flat.Treeview", height=height)
        tree.configure(selectmode="browse")
        for one in groups:
            row = str(one.id)
            tree.insert("", "end", row, text=f" {line(one.name)}", image=theme.tick(row in self._ticked))
        self.hold(tree)
        if groups:
            tree.focus(str(groups[0].id))
        tree.bind("<space>", lambda _: self._toggle(tree.focus()))
        tree.bind("<Button-1>", self._clicked)
        tree.bind("<FocusIn>", lambda _: self._begin(), add=True)

    def _begin(self) -> None:
        if not self.tree.selection() and self.tree.focus():
            self.tree.selection_set(self.tree.focus())

    def _clicked(self, event: "tkinter.Event[tkinter.Misc]") -> str:
        self.tree.focus_set()
        row = self.tree.identify_row(event.y)
        if row:
            self.tree.focus(row)
            self.tree.selection_set(row)
            self._toggle(row)
        return "break"

    def _toggle(self, row: str) -> str:
        if row:
            self._ticked ^= {row}
            self.tree.item(row, image=self._theme.tick(row in self._ticked))
        return "break"

    @property
    def ticked(self) -> tuple[int, ...]:
        """Ids of those that are, in the order of the list."""
        return tuple(int(row) for row in self.tree.get_children() if row in self._ticked)


class ContactDialog(Dialog):
    """Keeps the card, and hands the contact to ``kept``; what is wrong is said beside its field."""

    def __init__(
        self,
        desk: Desk,
        window: Window,
        contact: Contact | None,
        groups: Sequence[Group],
        ticked: Sequence[int],
        kept: Callable[[Contact], None],
    ) -> None:
        say = desk.say
        super().__init__(desk, window.root, say("Nouveau contact") if contact is None else say("Contact"))
        self._window = window
        self._id = None if contact is None else contact.id
        self._kept = kept
        self._lay_out(groups, ticked)
        if contact is not None:
            said = contact.variables
            self.name.set(said.name)
            self.number.set(_typed(contact))
            for field, value in zip(self.variables, (said.v1, said.v2, said.v3), strict=True):
                field.set(value)
        self._before_typing = self._card()
        self.show(self.name.entry, _WIDTH, _HEIGHT)

    def _lay_out(self, groups: Sequence[Group], ticked: Sequence[int]) -> None:
        say, theme, px = self.desk.say, self.desk.theme, self.desk.theme.px
        gap = px(12)
        self._buttons().pack(side="bottom", fill="x", pady=(gap, 0))
        self.inquiry = Inquiry(self.body, self.desk)
        self.inquiry.pack(side="bottom", fill="x")
        scrolled = Scrolled(self.body, theme)
        scrolled.pack(fill="both", expand=True)
        inside = scrolled.inside
        inside.columnconfigure((0, 1, 2), weight=1, uniform="variables")
        self.name = EntryField(inside, theme, say("Nom"))
        self.number = EntryField(
            inside, theme, say("Numéro de mobile"), say("Par exemple 06 12 34 56 78, ou +32 470 12 34 56.")
        )
        self.name.grid(row=0, column=0, columnspan=3, sticky="ew", pady=(0, gap))
        self.number.grid(row=1, column=0, columnspan=3, sticky="ew", pady=(0, gap))
        names = (say("Variable 1"), say("Variable 2"), say("Variable 3"))
        self.variables = [AreaField(inside, theme, name) for name in names]
        for column, field in enumerate(self.variables):
            # the first and the last are at the edges
            field.grid(row=2, column=column, sticky="nsew", padx=(px(4) * bool(column), px(4) * (column < 2)))
            field.area.bind("<Control-Return>", lambda _: self._save_by_key())
        inside.rowconfigure(2, weight=1)
        hint = say("Elles prennent la place de [v1], [v2] et [v3] dans vos messages.")
        ttk.Label(inside, text=hint, style="Faint.TLabel").grid(row=3, column=0, columnspan=3, sticky="w")
        self.ticks = GroupTicks(inside, theme, groups, ticked)
        if groups:
            label = ttk.Label(inside, text=say("Groupes"), style="Strong.TLabel")
            label.grid(row=4, column=0, sticky="w", pady=(gap, px(4)))
            self.ticks.grid(row=5, column=0, columnspan=3, sticky="nsew", padx=px(1))
        scrolled.adopt()
        for key in ("<Return>", "<KP_Enter>"):
            for widget in (self.name.entry, self.number.entry, self.ticks.tree):
                widget.bind(key, lambda _: self._save_by_key())
        self.bind("<Control-Return>", lambda _: self.save())

    def _buttons(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        row = ttk.Frame(self.body)
        self.save_button = ttk.Button(row, text=say("Enregistrer"), style="Accent.TButton", command=self.save)
        self.cancel_button = ttk.Button(row, text=say("Annuler"), command=self.leave)
        self.save_button.pack(side="right")
        self.cancel_button.pack(side="right", padx=px(8))
        Tooltip(self.save_button, self.desk.theme, say("Ctrl+Entrée"))
        for button in (self.save_button, self.cancel_button):
            press(button)
        return row

    def _card(self) -> Card:
        v1, v2, v3 = (field.value for field in self.variables)
        return Card(name=self.name.value, number=self.number.value, v1=v1, v2=v2, v3=v3, groups=self.ticks.ticked)

    def _save_by_key(self) -> str:
        self.save()
        return "break"

    def save(self) -> None:
        """Keep it, or say what is wrong with it."""
        try:
            kept = self.desk.program.book.save(self._card(), self._id)
        except sqlite3.Error as error:
            self._window.fail(error)
            self.inquiry.report_failure(error)
            return
        if isinstance(kept, Wrong):
            self._tell(kept)
            return
        self._end()
        self._kept(kept)

    def _tell(self, wrong: Wrong) -> None:
        say = self.desk.say
        field: EntryField | AreaField = {"name": self.name, "number": self.number}.get(wrong.field, self.number)
        if wrong.field.startswith("v"):
            field = self.variables[int(wrong.field[1]) - 1]
        if wrong.field == "number" and wrong.fault is Fault.NAME_TAKEN:
            field.fault(say("Ce numéro est déjà dans le carnet : c'est celui de « {name} ».", name=self._owner()))
        elif wrong.field == "number" and wrong.fault is Fault.EMPTY:
            field.fault(say("Écrivez le numéro de son mobile, par exemple 06 12 34 56 78."))
        else:
            field.fault(say(FAULTS[wrong.fault]))
        (field.area if isinstance(field, AreaField) else field.entry).focus_set()

    def _owner(self) -> str:
        """Who has the typed number already."""
        try:
            number = parse_number(self.number.value).e164
            found = self.desk.program.book.numbered([number]).get(number)
        except (NotANumber, sqlite3.Error):
            return ""
        return line(found.variables.name or national(number)) if found is not None else ""

    def leave(self) -> None:
        """See ``Dialog``; asks where something was typed."""
        if self.inquiry.asks:
            self.inquiry.decline()
        elif self._card() == self._before_typing:
            self._end()
        else:
            say = self.desk.say
            self.inquiry.ask(
                say("Abandonner ce qui est tapé ?"),
                [(say("Enregistrer"), self.save), (say("Abandonner"), self._end)],
                say("Continuer"),
            )

    def _end(self) -> None:
        super().leave()


def _typed(contact: Contact) -> str:
    """The number as it was typed, where that is as people read numbers."""
    return contact.typed if contact.typed.startswith(("0", "+")) else national(contact.number)

"""The groups of the book, beside its contacts."""

import sqlite3
import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final, Protocol

from ...model.contact import Fault, Group
from .book_words import FAULTS
from .bordered import Bordered, column_width, fitted
from .contact_rows import line
from .field import EntryField
from .flow import Flow
from .inquiry import Inquiry
from .keys import press
from .tooltip import Tooltip
from .view import Desk

_ALL: Final = "all"


class Owner(Protocol):
    """Whose pane it is."""

    def group_chosen(self) -> None:
        """Another group is to be seen."""

    def groups_changed(self) -> None:
        """One was made, has another name, or is gone."""

    def write_to_group(self) -> None:
        """The chosen one is to be written to."""

    def export(self) -> None:
        """It is wanted as a file."""

    def failed(self, error: Exception) -> None:
        """It could not be kept."""


class GroupsPane(ttk.Frame):
    """«Tous», and every group; what is done with groups is done below them."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, owner: Owner) -> None:
        super().__init__(parent)
        self._desk = desk
        self._owner = owner
        self._groups: dict[str, Group] = {}
        self._renamed: int | None = None
        self._awaited: int | None = None
        self._fitted: dict[str, tuple[str, int]] = {}
        """What was fitted into how much room."""
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._list().grid(row=0, column=0, sticky="nsew")
        gap = desk.theme.px(8)
        self.inquiry = Inquiry(self, desk)
        self.inquiry.grid(row=1, column=0, sticky="ew")
        self._form = self._name_form()
        self._buttons = self._button_row()
        self._buttons.grid(row=2, column=0, sticky="ew", pady=(gap, 0))

    def _list(self) -> Bordered:
        desk, px = self._desk, self._desk.theme.px
        frame = Bordered(self)
        self.tree = tree = ttk.Treeview(frame, show="tree", style="Flat.Treeview", columns=("count",), height=4)
        tree.configure(selectmode="browse")
        tree.column("#0", width=px(116), minwidth=px(60), stretch=True)
        tree.column("count", width=px(64), minwidth=px(30), stretch=False, anchor="e")
        tree.insert("", "end", _ALL, text=desk.say("Tous"), values=("",))
        tree.selection_set(_ALL)
        tree.focus(_ALL)
        frame.hold(tree)
        tree.bind("<Configure>", lambda _: self.after_idle(self._fit), add=True)
        tree.bind("<<TreeviewSelect>>", lambda _: self._selected())
        tree.bind("<F2>", lambda _: self.rename())
        tree.bind("<Insert>", lambda _: self.begin())
        tree.bind("<Delete>", lambda _: self.ask_delete())
        tree.bind("<Return>", lambda _: self._owner.write_to_group())
        tree.bind("<Button-3>", self._menu)
        return frame

    def _button_row(self) -> Flow:
        say, theme = self._desk.say, self._desk.theme
        row = Flow(self, theme)
        self.new_button = ttk.Button(row, text=say("Nouveau groupe"), style="Small.TButton", command=self.begin)
        self.rename_button = ttk.Button(row, text=say("Renommer"), style="Small.TButton", command=self.rename)
        self.delete_button = ttk.Button(row, text=say("Supprimer"), style="Small.TButton", command=self.ask_delete)
        for button, tip in (
            (self.new_button, say("Inser dans la liste des groupes")),
            (self.rename_button, say("F2 dans la liste des groupes")),
            (self.delete_button, say("Suppr dans la liste des groupes ; les contacts restent")),
        ):
            press(button)
            Tooltip(button, theme, tip)
        row.lay_out()
        return row

    def _name_form(self) -> ttk.Frame:
        say, theme = self._desk.say, self._desk.theme
        form = ttk.Frame(self)
        form.columnconfigure(0, weight=1)
        self.name = EntryField(form, theme, say("Nom du groupe"), width=12)
        self.name.grid(row=0, column=0, sticky="ew")
        row = Flow(form, theme)
        row.grid(row=1, column=0, sticky="ew", pady=(theme.px(4), 0))
        self.keep_button = ttk.Button(row, text=say("Enregistrer"), style="Small.TButton", command=self._keep)
        self.cancel_button = ttk.Button(row, text=say("Annuler"), style="Small.TButton", command=self._end)
        for button in (self.keep_button, self.cancel_button):
            press(button)
        row.lay_out()
        for key in ("<Return>", "<KP_Enter>"):
            self.name.entry.bind(key, lambda _: self._keep())
        for widget in (self.name.entry, self.keep_button, self.cancel_button):
            widget.bind("<Escape>", lambda _: self._end())
        return form

    # what is in it

    def show(self, groups: Sequence[Group], whole: int) -> None:
        """Show those; the book has so many contacts."""
        say, tree = self._desk.say, self.tree
        before, self._groups = self._groups, {str(one.id): one for one in groups}
        tree.item(_ALL, values=(say.number(whole),))
        # Tk takes its time for a thousand of them
        if list(before) != list(self._groups):
            self._put_rows()
        for row, one in self._groups.items():
            if row not in before or before[row].contacts != one.contacts:
                tree.set(row, "count", say.number(one.contacts))
        self._fit()
        if self._awaited is not None:
            self.choose(self._awaited)
            self._awaited = None
        if not tree.selection():
            self.choose(None)
        self._enable()

    def _put_rows(self) -> None:
        tree = self.tree
        there = set(tree.get_children())
        gone = there - {_ALL, *self._groups}
        if gone:
            tree.delete(*gone)
        for row in self._groups:
            if row not in there:
                tree.insert("", "end", row)
                self._fitted.pop(row, None)
        tree.set_children("", _ALL, *self._groups)

    def _fit(self) -> None:
        """Let every name say that it is longer than there is room for."""
        if not self.winfo_exists():
            return
        theme, tree, say = self._desk.theme, self.tree, self._desk.say
        most = max((one.contacts for one in self._groups.values()), default=0)
        counts = (say.number(most), str(tree.set(_ALL, "count")))
        widest = max(map(theme.body.measure, counts)) + theme.px(22)
        tree.column("count", width=widest)
        tree.column("#0", width=max(theme.px(60), tree.winfo_width() - widest))
        width = column_width(tree, "#0", theme)
        names = {_ALL: say("Tous"), **{row: line(one.name) for row, one in self._groups.items()}}
        for row, name in names.items():
            if self._fitted.get(row) != (name, width):
                self._fitted[row] = name, width
                tree.item(row, text=fitted(name, width, theme.body))

    @property
    def group(self) -> Group | None:
        """The one that is chosen; None for all contacts."""
        rows = self.tree.selection()
        return self._groups.get(rows[0]) if rows else None

    def choose(self, id_: int | None) -> None:
        """Let that one be seen; None for all contacts."""
        row = _ALL if id_ is None else str(id_)
        if self.tree.exists(row):
            self.tree.selection_set(row)
            self.tree.focus(row)
            self.tree.see(row)

    def show_later(self, id_: int) -> None:
        """Choose that one when it comes to be in the list."""
        self._awaited = id_

    def _selected(self) -> None:
        self.inquiry.over("asked")
        self._enable()
        self._owner.group_chosen()

    def _enable(self) -> None:
        for button in (self.rename_button, self.delete_button):
            button.state(["!disabled" if self.group is not None else "disabled"])

    # what is done with it

    def begin(self, _: object = None) -> None:
        """Let the name of a new group be typed."""
        self._renamed = None
        self._open("")

    def rename(self) -> None:
        """Let another name of the chosen one be typed."""
        if self.group is not None:
            self._renamed = self.group.id
            self._open(self.group.name)

    def _open(self, name: str) -> None:
        self._buttons.grid_remove()
        self._form.grid(row=2, column=0, sticky="ew", pady=(self._desk.theme.px(8), 0))
        self.name.set(name)
        self.name.fault("")
        self.name.entry.focus_set()
        self.name.entry.select_range(0, "end")
        self.name.entry.icursor("end")

    def _end(self) -> str:
        self._form.grid_remove()
        self._buttons.grid()
        self.tree.focus_set()
        return "break"

    def _keep(self) -> None:
        book = self._desk.program.book
        try:
            kept, groups = book.save_group(self.name.value, self._renamed), book.groups()
        except sqlite3.Error as error:
            self._owner.failed(error)
            return
        if isinstance(kept, Fault):
            self.name.fault(self._desk.say(FAULTS[kept]))
            self.name.entry.focus_set()
            return
        self._end()
        self.show(groups, self._whole())
        self.choose(kept.id)
        self._owner.groups_changed()

    def _whole(self) -> int:
        told = str(self.tree.item(_ALL, "values")[0])
        return int("".join(filter(str.isdigit, told)) or 0)

    def ask_delete(self) -> None:
        """Ask whether the chosen one is to be removed, and do it."""
        say, group = self._desk.say, self.group
        if group is None:
            return
        question = say("Supprimer le groupe « {name} » ? Ses contacts restent.", name=line(group.name)[:40])
        self.inquiry.ask(question, [(say("Supprimer"), lambda: self._delete(group.id))], say("Non"))

    def _delete(self, id_: int) -> None:
        try:
            self._desk.program.book.delete_group(id_)
        except sqlite3.Error as error:
            self._owner.failed(error)
            return
        self.choose(None)
        self._owner.groups_changed()

    def _menu(self, event: "tkinter.Event[tkinter.Misc]") -> None:
        row = self.tree.identify_row(event.y)
        if not row:
            return
        self.tree.selection_set(row)
        self.tree.focus(row)
        self.tree.focus_set()
        say = self._desk.say
        menu = tkinter.Menu(self, tearoff=False)
        there = "normal" if self.group is not None else "disabled"
        actions: tuple[tuple[str, Callable[[], None], str], ...] = (
            (say("Écrire au groupe"), self._owner.write_to_group, there),
            (say("Renommer"), self.rename, there),
            (say("Exporter…"), self._owner.export, "normal"),
            (say("Supprimer"), self.ask_delete, there),
        )
        for label, command, state in actions:
            menu.add_command(label=label, command=command, state=state)  # type: ignore[arg-type]
        menu.tk_popup(event.x_root, event.y_root)

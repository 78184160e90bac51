"""What can be done with the contacts that are chosen."""

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Final, Protocol

from ...model.contact import Group
from .contact_rows import line
from .flow import Flow
from .keys import press
from .tooltip import Tooltip
from .view import Desk

_IN_MENU: Final = 20
"""Groups that the menu has; the others are found by typing."""


class Owner(Protocol):
    """Who does it."""

    def write(self) -> None:
        """Write to them."""

    def edit(self) -> None:
        """Change the one."""

    def join(self, group: Group) -> None:
        """Put them into that group."""

    def ask_group(self) -> None:
        """Ask into which group they are to be put."""

    def leave_group(self) -> None:
        """Take them out of the group that is seen."""

    def ask_delete(self) -> None:
        """Ask whether they are to be deleted."""


class SelectionBar(ttk.Frame):
    """How many there are, and a row of buttons."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, owner: Owner) -> None:
        super().__init__(parent)
        self._desk = desk
        self._owner = owner
        self._groups: Sequence[Group] = ()
        say, theme = desk.say, desk.theme
        self.columnconfigure(0, weight=1)
        self._status = ttk.Label(self, style="Faint.TLabel")
        self._status.grid(row=0, column=0, sticky="w")
        row = Flow(self, theme)
        row.grid(row=1, column=0, sticky="ew", pady=(theme.px(6), 0))
        self.write_button = self._button(row, say("Écrire"), owner.write, say("Ctrl+E : un SMS à ces contacts"))
        self.edit_button = self._button(row, say("Modifier"), owner.edit, say("Entrée, ou un double clic"))
        self.join_button = ttk.Menubutton(row, text=say("Ajouter au groupe"), style="Small.TMenubutton")
        self.join_menu = tkinter.Menu(self.join_button, tearoff=False)
        self.join_menu.configure(postcommand=lambda: self.fill(self.join_menu))
        self.join_button.configure(menu=self.join_menu)
        self.leave_button = self._button(row, say("Ôter du groupe"), owner.leave_group, say("Ils restent au carnet"))
        self.delete_button = self._button(row, say("Supprimer"), owner.ask_delete, say("Suppr"))
        row.lay_out()

    def _button(self, row: Flow, label: str, command: Callable[[], None], tip: str) -> ttk.Button:
        made = ttk.Button(row, text=label, style="Small.TButton", command=command)
        press(made)
        Tooltip(made, self._desk.theme, tip)
        return made

    def fill(self, menu: tkinter.Menu) -> None:
        """Put the groups into a menu, and the way to others."""
        menu.delete(0, "end")
        for one in self._groups[:_IN_MENU]:
            menu.add_command(label=line(one.name), command=partial(self._owner.join, one))
        if self._groups:
            menu.add_separator()
        menu.add_command(label=self._desk.say("Autre groupe…"), command=self._owner.ask_group)

    def show(self, status: str, chosen: int, groups: Sequence[Group], group: Group | None) -> None:
        """Say that, and let what can be done with so many be done."""
        self._status.configure(text=status)
        self._groups = groups
        for widget, possible in (
            (self.write_button, bool(chosen) or group is not None),
            (self.edit_button, chosen == 1),
            (self.join_button, bool(chosen)),
            (self.leave_button, bool(chosen) and group is not None),
            (self.delete_button, bool(chosen)),
        ):
            widget.state(["!disabled" if possible else "disabled"])

    @property
    def status(self) -> str:
        """What it says."""
        return str(self._status.cget("text"))

"""Into which group contacts are to be put: chosen from the list, or typed."""

import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk

from ...model.contact import Group
from .field import Field
from .keys import keyboard_of, press
from .view import Desk


class GroupField(Field):
    """The name of a group, old or new."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, name: str, hint: str) -> None:
        super().__init__(parent, desk.theme, name, hint)
        self.variable = tkinter.StringVar(self)
        self.box = ttk.Combobox(self, textvariable=self.variable, font=desk.theme.text, width=24)
        self.box.grid(row=1, column=0, sticky="ew")
        self.variable.trace_add("write", lambda *_: self.fault("") if self.faulty else None)

    @property
    def value(self) -> str:
        """What is typed."""
        return self.variable.get().strip()

    def offer(self, groups: Sequence[Group]) -> None:
        """Let those be chosen."""
        self.box.configure(values=[one.name for one in groups])


class GroupQuestion(ttk.Frame):
    """Asked below the contacts; Return answers, Escape does not."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, answer: Callable[[str], str]) -> None:
        """``answer`` is given the name, and gives what is wrong with it; empty for nothing."""
        super().__init__(parent)
        self._desk = desk
        self._answer = answer
        self._before: tkinter.Misc | None = None
        say, px = desk.say, desk.theme.px
        self.columnconfigure(0, weight=1)
        hint = say("Un groupe de ce nom est complété ; s'il n'existe pas, il est créé.")
        self.group = GroupField(self, desk, say("Dans quel groupe ?"), hint)
        self.group.grid(row=0, column=0, sticky="ew")
        self.add_button = ttk.Button(self.group, text=say("Ajouter"), command=self._add)
        self.cancel_button = ttk.Button(self.group, text=say("Annuler"), style="Quiet.TButton", command=self.hide)
        for column, button in enumerate((self.add_button, self.cancel_button), 1):
            button.grid(row=1, column=column, padx=(px(8), 0))
            press(button)
        for widget in (self.group.box, self.add_button, self.cancel_button):
            widget.bind("<Escape>", lambda _: self.hide())
        self.group.box.bind("<Return>", lambda _: self._add())

    def ask(self, groups: Sequence[Group]) -> None:
        """Ask."""
        self._before = keyboard_of(self)
        self.group.variable.set("")
        self.group.fault("")
        self.group.offer(groups)
        self.grid()
        self.group.box.focus_set()

    def hide(self) -> None:
        """Ask no more."""
        if self.winfo_manager():
            self.grid_remove()
            if self._before is not None and self._before.winfo_exists():
                self._before.focus_set()

    def _add(self) -> None:
        fault = self._answer(self.group.value)
        if fault:
            self.group.fault(fault)
            self.group.box.focus_set()
        else:
            self.hide()

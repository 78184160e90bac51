"""Where one types the text, with its counter."""

import tkinter
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Final

from ...model.segment import Coding
from ..counting import LONGEST, Counted, counted
from .field import Field
from .scrolling import Bar
from .tooltip import Tooltip
from .view import Desk

_LINES: Final = 5


class MessageField(Field):
    """The field; ``changed`` is called when another text is typed."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(parent, desk.theme, desk.say("Message"))
        self._desk = desk
        self._changed = changed
        tools = self._tools()
        tools.grid(row=0, column=0, sticky="e", pady=(0, desk.theme.px(4)))
        around = ttk.Frame(self)
        around.grid(row=1, column=0, sticky="nsew")
        around.columnconfigure(0, weight=1)
        around.rowconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self.area = desk.theme.area(around, _LINES)
        self.area.grid(row=0, column=0, sticky="nsew")
        bar = Bar(around, command=self.area.yview)
        bar.grid(row=0, column=1, sticky="ns")
        self.area.configure(yscrollcommand=bar.set)
        self.area.bind("<<Modified>>", lambda _: self.settle())
        self.area.bind("<<Paste>>", lambda _: self._paste())
        # Tab comes to the text before it comes to what is put into it
        tools.lift()
        self.count()

    def _tools(self) -> ttk.Frame:
        desk = self._desk
        tools = ttk.Frame(self)
        for column, (label, inserted, what) in enumerate((
            (desk.say("Nom"), "[nom]", desk.say("Le nom de chaque contact")),
            ("v1", "[v1]", desk.say("La variable 1 de chaque contact")),
            ("v2", "[v2]", desk.say("La variable 2 de chaque contact")),
            ("v3", "[v3]", desk.say("La variable 3 de chaque contact")),
        )):  # fmt: skip
            button = ttk.Button(tools, text=label, style="Small.TButton", width=len(label) + 1)
            button.configure(command=partial(self.insert, inserted))
            button.grid(row=0, column=column, padx=(0, desk.theme.px(4)))
            Tooltip(button, desk.theme, what)
        self.phrases = ttk.Menubutton(tools, text=desk.say("Phrases types"), style="Small.TMenubutton")
        menu = tkinter.Menu(self.phrases, tearoff=False)
        menu.configure(postcommand=lambda: self._fill(menu))
        self.phrases.configure(menu=menu)
        self.phrases.grid(row=0, column=4)
        return tools

    def _fill(self, menu: tkinter.Menu) -> None:
        menu.delete(0, "end")
        for one in self._desk.program.phrases.all():
            menu.add_command(label=one.name, command=partial(self.insert, one.text))
        if menu.index("end") is None:
            menu.add_command(label=self._desk.say("Aucune : écrivez-en dans l'onglet Phrases types"), state="disabled")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.area.get("1.0", "end-1c")

    def set(self, text: str) -> None:
        """Put that there instead; it can be undone."""
        self.area.edit_separator()
        self.area.replace("1.0", "end", text)
        self.area.edit_separator()

    def insert(self, text: str) -> None:
        """Put that where the cursor is, instead of what is selected."""
        self.area.edit_separator()
        if self.area.tag_ranges("sel"):
            self.area.delete("sel.first", "sel.last")
        self.area.insert("insert", text)
        self.area.edit_separator()
        self.area.see("insert")
        self.area.focus_set()

    def _paste(self) -> str | None:
        """Take no book into the field: Tk is very slow with lines that long."""
        try:
            length = len(self.clipboard_get())
        except tkinter.TclError:
            return None
        if length <= LONGEST:
            return None
        say = self._desk.say
        self.fault(say("Rien n'a été collé : {count} caractères, c'est bien trop long.", count=say.number(length)))
        return "break"

    def count(self) -> None:
        """Say how long the text is."""
        text = self.text
        self.fault("")
        if len(text) > LONGEST:
            self.hint(self._desk.say("{count} caractères : bien trop long", count=self._desk.say.number(len(text))))
            return
        self.hint(counter(self._desk, counted(text, self._desk.program.settings.characters), bool(text.strip())))

    def settle(self) -> None:
        """Tell at once of what was typed: Tk tells of it later, after a key that was pressed next perhaps."""
        if not self.area.edit_modified():
            return
        self.area.edit_modified(False)
        self.count()
        self._changed()


def counter(desk: Desk, found: Counted, something: bool) -> str:
    """The line under the text."""
    say, measured = desk.say, found.measure
    length = measured.length if something else 0
    parts = [f"{say.number(length)} / {say.number(found.room)}"]
    parts.append(say.plural(measured.segments, "{count} SMS", "{count} SMS"))
    if measured.coding is Coding.UCS2:
        each = 70 if measured.segments == 1 else 67
        signs = " ".join(sign for sign in found.to_blame if sign.isprintable() and not sign.isspace())
        if signs:
            parts.append(say("Unicode : {each} par SMS, à cause de {signs}", each=each, signs=signs))
        else:
            parts.append(say("Unicode : {each} par SMS, à cause d'un caractère invisible", each=each))
    if found.adapted:
        changes = ", ".join(f"{sign} → {to}" for sign, to in found.adapted)
        parts.append(say("adapté : {changes}", changes=changes))
    return "  ·  ".join(parts)

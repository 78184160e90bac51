"""Phrases types: texts that are used again."""

import sqlite3
import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from ...model.contact import LONGEST_FIELD, Fault, Phrase
from ...model.text import clean
from .. import phrase_draft
from ..counting import LONGEST
from ..phrase_draft import PhraseDraft
from .book_words import FAULTS
from .bordered import Bordered
from .contact_rows import line
from .flow import Flow
from .inquiry import Inquiry
from .keys import press, reach
from .nothing import Nothing
from .phrase_editor import PhraseEditor
from .tooltip import Tooltip
from .view import Desk, View, Window

_KEEP: Final = 1500
"""Milliseconds without a key after which what is typed is on disk."""


class PhrasesView(View):
    """A list, and the phrase that is chosen. What is typed and not saved outlives the program."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: Window) -> None:
        super().__init__(parent, desk, window)
        self._phrases: dict[str, Phrase] = {}
        self._open: Phrase | None = None
        """The phrase that is in the editor; None for a new one."""
        self._blank = ("", "")
        """What was in the editor before somebody typed."""
        self._beginning = False
        """Whether a new one is being typed."""
        self._restored = False
        self._timer: str | None = None
        self._lay_out()
        self._keys()

    # what it looks like

    def _lay_out(self) -> None:
        px = self.desk.theme.px
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=2, minsize=px(180), uniform="sides")
        self.columnconfigure(1, weight=5, uniform="sides")
        self._left().grid(row=0, column=0, sticky="nsew", padx=(0, px(16)))
        self._page = self._right()
        self._page.grid(row=0, column=1, sticky="nsew")
        self.empty = Nothing(self, self.desk)

    def _left(self) -> ttk.Frame:
        desk, px = self.desk, self.desk.theme.px
        left = ttk.Frame(self)
        left.columnconfigure(0, weight=1)
        left.rowconfigure(0, weight=1)
        frame = Bordered(left)
        frame.grid(row=0, column=0, sticky="nsew")
        self.tree = tree = ttk.Treeview(frame, show="tree", style="Flat.Treeview", selectmode="browse", height=4)
        tree.column("#0", width=px(160), minwidth=px(80))
        frame.hold(tree)
        tree.bind("<<TreeviewSelect>>", lambda _: self._selected())
        tree.bind("<Delete>", lambda _: self.ask_delete())
        tree.bind("<Insert>", lambda _: self.begin())
        for event in ("<Return>", "<Double-1>"):
            tree.bind(event, lambda _: self.use())
        self.new_button = ttk.Button(left, text=desk.say("Nouvelle phrase"), command=self.begin)
        self.new_button.grid(row=1, column=0, sticky="ew", pady=(px(10), 0))
        press(self.new_button)
        Tooltip(self.new_button, desk.theme, desk.say("Ctrl+N"))
        return left

    def _right(self) -> ttk.Frame:
        desk, say, px = self.desk, self.desk.say, self.desk.theme.px
        right = ttk.Frame(self)
        right.columnconfigure(0, weight=1)
        right.rowconfigure(0, weight=1)
        self.editor = PhraseEditor(right, desk, self._typed)
        self.editor.grid(row=0, column=0, sticky="nsew")
        self.inquiry = Inquiry(right, desk)
        self.inquiry.grid(row=1, column=0, sticky="ew")
        row = Flow(right, desk.theme)
        row.grid(row=2, column=0, sticky="ew", pady=(px(12), 0))
        self.save_button = self._button(row, say("Enregistrer"), self.save, say("Ctrl+S"), "Accent.TButton")
        self.use_button = self._button(row, say("Utiliser"), self.use, say("La mettre dans le message (Ctrl+Entrée)"))
        self.copy_button = self._button(row, say("Dupliquer"), self.copy, say("Ctrl+D"))
        self.delete_button = self._button(row, say("Supprimer"), self.ask_delete, say("Suppr dans la liste"))
        row.lay_out()
        return right

    def _button(
        self, row: Flow, label: str, command: Callable[[], object], tip: str, style: str = "TButton"
    ) -> ttk.Button:
        made = ttk.Button(row, text=label, style=style, command=command)
        press(made)
        Tooltip(made, self.desk.theme, tip)
        return made

    def _keys(self) -> None:
        reach(self, {
            "<Control-s>": self.save, "<Control-n>": self.begin, "<Control-d>": self.copy,
            "<Control-Return>": self.use,
        })  # fmt: skip

    # what views do

    def shown(self) -> None:
        """See ``View``."""
        self._read()
        if not self._restored:
            self._restored = True
            self._restore()
        if self._open is None and not self.is_changed and self._phrases:
            self._choose(next(iter(self._phrases)))
        self._show_page()
        if self._page.winfo_manager():
            (self.editor.area if self.is_changed else self.tree).focus_set()
        else:
            self.empty.buttons[0].focus_set()

    def leave(self) -> None:
        """See ``View``: what is typed is kept apart, and is here again at the next start."""
        self.inquiry.over("asked")
        self._keep()

    # what is in it

    @property
    def is_changed(self) -> bool:
        """Whether something is typed that is not saved."""
        return self._now != self._blank

    @property
    def _now(self) -> tuple[str, str]:
        return self.editor.typed

    def _read(self) -> None:
        try:
            found = self.desk.program.phrases.all()
        except sqlite3.Error as error:
            self.window.fail(error)
            return
        self._phrases = {str(one.id): one for one in found}
        tree = self.tree
        gone = [row for row in tree.get_children() if row not in self._phrases]
        if gone:
            tree.delete(*gone)
        for place, (row, one) in enumerate(self._phrases.items()):
            if not tree.exists(row):
                tree.insert("", place, row)
            elif tree.index(row) != place:
                tree.move(row, "", place)
            tree.item(row, text=line(one.name))

    def _restore(self) -> None:
        draft = phrase_draft.read(self.desk.program.place)
        if draft is None:
            return
        there = self._phrases.get(str(draft.id))
        self._edit(there)
        if there is not None:
            self._mark(str(there.id))
        self.editor.fill(draft.name, draft.text)
        self._enable()

    def _show_page(self) -> None:
        say = self.desk.say
        # where nothing is, an editor would be one thing too many
        if self._phrases or self._open is not None or self.is_changed or self._beginning:
            self.empty.grid_remove()
            self._page.grid()
            return
        self._page.grid_remove()
        self.empty.show(
            say("Pas encore de phrase type"),
            say("Un texte que vous envoyez souvent s'écrit une fois ici, puis se met dans un message en deux clics."),
            [(say("Nouvelle phrase"), self.begin)],
        )
        self.empty.grid(row=0, column=1, sticky="nsew")

    def _edit(self, phrase: Phrase | None) -> None:
        """Put that one into the editor; None for a new one."""
        self._open = phrase
        self._beginning = phrase is None
        self._blank = ("", "") if phrase is None else (phrase.name, phrase.text)
        self.editor.fill(*self._blank)
        self._enable()

    def _mark(self, row: str | None) -> None:
        """Let that row be the chosen one in the list; nothing else happens."""
        if row is None:
            self.tree.selection_set(())
        elif self.tree.exists(row):
            self.tree.selection_set(row)
            self.tree.focus(row)
            self.tree.see(row)

    def _choose(self, row: str) -> None:
        self._edit(self._phrases[row])
        self._mark(row)

    def _selected(self) -> None:
        rows = self.tree.selection()
        if not rows or (self._open is not None and rows[0] == str(self._open.id)):
            return
        row = rows[0]
        if self.is_changed:
            self._mark(None if self._open is None else str(self._open.id))
            self._ask_first(lambda: self._choose(row) if row in self._phrases else None)
        else:
            self._choose(row)

    def _ask_first(self, then: Callable[[], None]) -> None:
        """Ask what becomes of what is typed, and go on."""
        say = self.desk.say

        def save_first() -> None:
            if self.save():
                then()

        name = line(self._now[0])[:40] or say("Nouvelle phrase")
        self.inquiry.ask(
            say("« {name} » n'est pas enregistrée.", name=name),
            [(say("Enregistrer"), save_first), (say("Abandonner"), lambda: self._drop(then))],
            say("Rester"),
        )

    def _drop(self, then: Callable[[], None]) -> None:
        self._edit(self._open)
        self._keep()
        then()

    # while one types

    def _typed(self) -> None:
        self.inquiry.over("asked")
        self._enable()
        if self._timer is not None:
            self.after_cancel(self._timer)
        self._timer = self.after(_KEEP, self._keep)

    def _enable(self) -> None:
        kept, written = self._open is not None, bool(self._now[1].strip())
        for button, possible in (
            (self.save_button, self.is_changed),
            (self.use_button, written),
            (self.copy_button, kept),
            (self.delete_button, kept or self._beginning),
        ):
            button.state(["!disabled" if possible else "disabled"])

    def _keep(self) -> None:
        """Put on disk what is typed and not saved."""
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
        name, text = self._now
        id_ = None if self._open is None else self._open.id
        try:
            phrase_draft.write(
                self.desk.program.place, PhraseDraft(id_, name, text[:LONGEST]) if self.is_changed else None
            )
        except OSError as error:
            self.window.fail(error)

    # what is done with it

    def begin(self) -> None:
        """Begin a new one."""
        if self.is_changed:
            self._ask_first(self._begin)
        else:
            self._begin()

    def _begin(self, name: str = "", text: str = "") -> None:
        self._mark(None)
        self._edit(None)
        self.editor.fill(name, text)
        self._enable()
        self._show_page()
        self.editor.name.entry.focus_set()
        self.editor.name.entry.select_range(0, "end")

    def copy(self) -> None:
        """Begin a new one with the text of the chosen one."""
        one = self._open
        if one is None:
            return
        name = self.desk.say("{name} (copie)", name=one.name)
        if self.is_changed:
            self._ask_first(lambda: self._begin(name, one.text))
        else:
            self._begin(name, one.text)

    def save(self) -> bool:
        """Keep it, or say what is wrong with it; whether it is kept."""
        name, text = self._now
        say, id_ = self.desk.say, None if self._open is None else self._open.id
        if len(clean(text)) > LONGEST_FIELD:
            most = say.number(LONGEST_FIELD)
            self.editor.fault_of_text(say("C'est trop long : {count} caractères au plus.", count=most))
            return False
        try:
            kept = self.desk.program.phrases.save(name, text, id_)
        except sqlite3.Error as error:
            self.window.fail(error)
            return False
        if isinstance(kept, Fault):
            self._tell(kept)
            return False
        self._read()
        self._choose(str(kept.id))
        self._keep()
        self._show_page()
        return True

    def _tell(self, fault: Fault) -> None:
        say = self.desk.say
        if fault is Fault.EMPTY and self._now[0]:
            self.editor.fault_of_text(say("Écrivez le texte."))
        else:
            self.editor.fault_of_name(say("Écrivez un nom.") if fault is Fault.EMPTY else say(FAULTS[fault]))

    def use(self) -> None:
        """Put its text, as it stands here, into the message."""
        text = clean(self._now[1])
        if text:
            self.window.insert(text)

    def ask_delete(self) -> None:
        """Ask whether the chosen one is to be deleted."""
        say, one = self.desk.say, self._open
        if one is not None:
            question = say("Supprimer la phrase « {name} » ?", name=line(one.name)[:40])
            self.inquiry.ask(question, [(say("Supprimer"), lambda: self._delete(one.id))], say("Non"))
        elif self.is_changed:
            self._ask_first(self._give_up)
        else:
            self._give_up()

    def _delete(self, id_: int) -> None:
        row = str(id_)
        after = self.tree.next(row) or self.tree.prev(row)
        try:
            self.desk.program.phrases.delete(id_)
        except sqlite3.Error as error:
            self.window.fail(error)
            return
        self._edit(None)
        self._read()
        self._keep()
        self._settle(after)

    def _give_up(self) -> None:
        self._edit(None)
        self._settle(next(iter(self._phrases), ""))

    def _settle(self, row: str) -> None:
        """Let that one be seen, or the page without any."""
        self._beginning = False
        if row in self._phrases:
            self._choose(row)
        self._show_page()
        if self._page.winfo_manager():
            self.tree.focus_set()
        else:
            self.empty.buttons[0].focus_set()

"""The contact book: groups, contacts, and what is done with them."""

import sqlite3
import tkinter
from collections.abc import Sequence
from functools import partial
from tkinter import ttk
from typing import Final

import attrs

from ...model.contact import LONGEST_SEARCH, Contact, ContactQuery, Group
from ..book import opened
from . import background
from .book_actions import BookActions
from .contact_rows import ContactRows, line
from .flow import Flow
from .group_question import GroupQuestion
from .groups_pane import GroupsPane
from .inquiry import Inquiry
from .keys import keyboard_of, press, reach
from .nothing import Nothing
from .selection_bar import SelectionBar
from .tooltip import Tooltip
from .view import Desk, View, Window

_PAUSE: Final = 120
"""Milliseconds without a key after which it is searched."""


@attrs.frozen(kw_only=True)
class Found:
    """The part of the book that was asked for."""

    query: ContactQuery
    ids: list[int] = attrs.field(repr=False)
    groups: Sequence[Group]
    whole: int


class ContactsView(View):
    """The page. The book is searched, and changed by the many, on a connection of its own in a thread."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, window: Window) -> None:
        super().__init__(parent, desk, window)
        self._found: Found | None = None
        self._seeking = False
        self._again = False
        self._pause: str | None = None
        self._wanted: int | None = None
        self._arriving = False
        """Whether the keyboard is for what will be shown."""
        self.actions = BookActions(desk, window, self)
        self._lay_out()
        self._keys()

    # what it looks like

    def _lay_out(self) -> None:
        px = self.desk.theme.px
        self.rowconfigure(0, weight=1)
        # whatever is in them, they stay as wide
        self.columnconfigure(0, weight=2, minsize=px(190), uniform="sides")
        self.columnconfigure(1, weight=6, uniform="sides")
        left, right = ttk.Frame(self), ttk.Frame(self)
        left.grid(row=0, column=0, sticky="nsew", padx=(0, px(16)))
        right.grid(row=0, column=1, sticky="nsew")
        left.columnconfigure(0, weight=1)
        left.rowconfigure(0, weight=1)
        self.pane = GroupsPane(left, self.desk, self)
        self.pane.grid(row=0, column=0, sticky="nsew")
        self._files(left).grid(row=1, column=0, sticky="ew", pady=(px(12), 0))
        right.columnconfigure(0, weight=1)
        right.rowconfigure(1, weight=1)
        self._head(right).grid(row=0, column=0, sticky="ew", pady=(0, px(10)))
        self.rows = ContactRows(right, self.desk, self)
        self.rows.grid(row=1, column=0, sticky="nsew")
        self.empty = Nothing(right, self.desk)
        self.empty.grid(row=1, column=0, sticky="nsew")
        self.empty.grid_remove()
        self.inquiry = Inquiry(right, self.desk)
        self.inquiry.grid(row=2, column=0, sticky="ew")
        self.question = GroupQuestion(right, self.desk, self.actions.join_named)
        self.question.grid(row=3, column=0, sticky="ew", pady=(px(8), 0))
        self.question.grid_remove()
        self.bar = SelectionBar(right, self.desk, self.actions)
        self.bar.grid(row=4, column=0, sticky="ew", pady=(px(8), 0))

    def _head(self, parent: ttk.Frame) -> ttk.Frame:
        say, theme = self.desk.say, self.desk.theme
        head = ttk.Frame(parent)
        head.columnconfigure(1, weight=1)
        ttk.Label(head, text=say("Chercher")).grid(row=0, column=0, padx=(0, theme.px(8)))
        self._search = tkinter.StringVar(self)
        self.search = ttk.Entry(head, textvariable=self._search, font=theme.text, width=12)
        self.search.grid(row=0, column=1, sticky="ew")
        Tooltip(self.search, theme, say("Nom, numéro ou variable (Ctrl+F)"))
        self._search.trace_add("write", lambda *_: self._typed())
        self.search.bind("<Escape>", lambda _: self.clear_search())
        for key in ("<Return>", "<Down>"):
            self.search.bind(key, lambda _: self._to_rows())
        self.new_button = ttk.Button(head, text=say("Nouveau contact"), style="Accent.TButton")
        self.new_button.configure(command=self.actions.add)
        self.new_button.grid(row=0, column=2, padx=(theme.px(12), 0))
        press(self.new_button)
        Tooltip(self.new_button, theme, say("Ctrl+N"))
        return head

    def _files(self, parent: ttk.Frame) -> Flow:
        say, theme = self.desk.say, self.desk.theme
        row = Flow(parent, theme)
        self.import_button = ttk.Button(row, text=say("Importer…"), command=self.actions.start_import)
        self.export_button = ttk.Button(row, text=say("Exporter…"), command=self.actions.export)
        for button, tip in (
            (self.import_button, say("Ctrl+I : un fichier CSV, d'un tableur par exemple")),
            (self.export_button, say("Le groupe choisi, ou tout le carnet, dans un fichier CSV")),
        ):
            button.configure(style="Small.TButton")
            press(button)
            Tooltip(button, theme, tip)
        row.lay_out()
        return row

    def _keys(self) -> None:
        reach(self, {
            "<Control-f>": self.search_on, "<Control-n>": self.actions.add, "<Control-i>": self.actions.start_import,
            "<Control-e>": self.actions.write,
        })  # fmt: skip
        tree = self.rows.tree
        tree.bind("<Insert>", lambda _: self.actions.add())
        tree.bind("<Delete>", lambda _: self.actions.ask_delete())
        tree.bind("<Control-z>", lambda _: self.actions.undo())
        tree.bind("<Escape>", lambda _: self.clear_search())

    # what views do

    def shown(self) -> None:
        """See ``View``."""
        self._seek()
        if keyboard_of(self) not in {self.search, self.pane.tree, self.pane.name.entry}:
            # what is not there yet cannot have the keyboard, and nobody else may
            self._arriving = True
            self.search.focus_set()

    def leave(self) -> None:
        """See ``View``: nothing is typed here that is not kept."""
        self.inquiry.over("asked")

    # what is seen

    @property
    def view(self) -> View:
        """See ``book_actions.Page``."""
        return self

    @property
    def groups(self) -> Sequence[Group]:
        """All groups, by name."""
        return self._found.groups if self._found is not None else ()

    def read_again(self, wanted: int | None = None) -> None:
        """See ``book_actions.Page``."""
        self._wanted = wanted
        self._seek()

    @property
    def group(self) -> Group | None:
        """The group that is seen; None for all contacts."""
        return self.pane.group

    @property
    def query(self) -> ContactQuery:
        """What is asked for."""
        return ContactQuery(
            search=self._search.get()[:LONGEST_SEARCH], group=self.group.id if self.group is not None else None
        )

    @property
    def is_settled(self) -> bool:
        """Whether what is seen is what was asked for, and nothing is being done."""
        idle = not self._seeking and not self._again and self._pause is None and not self.actions.working
        return idle and self._found is not None and self._found.query == self.query

    def _typed(self) -> None:
        if self._pause is not None:
            self.after_cancel(self._pause)
        self._pause = self.after(_PAUSE, self._seek)

    def _seek(self) -> None:
        if self._pause is not None:
            self.after_cancel(self._pause)
            self._pause = None
        if self._seeking:
            self._again = True
            return
        self._seeking, self._again = True, False
        query, place = self.query, self.desk.program.place

        def search() -> Found:
            with opened(place) as book:
                ids = book.found(query)
                whole = len(ids) if query == ContactQuery() else book.contacts(ContactQuery(limit=0)).total
                return Found(query=query, ids=ids, groups=book.groups(), whole=whole)

        background.run(self, search, self._show, self._not_found)

    def _not_found(self, error: Exception) -> None:
        self._seeking = False
        self.failed(error)

    def _show(self, found: Found) -> None:
        self._seeking = False
        same = self._found is not None and self._found.query == found.query
        self._found = found
        self.pane.show(found.groups, found.whole)
        self._show_rows(found)
        self.rows.show(found.ids, again=same)
        if self._wanted is not None:
            self.rows.show_one(self._wanted)
            self._wanted = None
        self.chosen_changed()
        if self._again:
            self._seek()

    def _show_rows(self, found: Found) -> None:
        arriving = self._arriving and not found.query.search and keyboard_of(self) is not self.pane.tree
        self._arriving = False
        # these go away, or are made anew
        arriving = arriving or keyboard_of(self) in (self.rows.tree, *self.empty.buttons)
        if found.ids:
            self.empty.grid_remove()
            self.rows.grid()
            if arriving:
                self.rows.tree.focus_set()
            return
        self.rows.grid_remove()
        self._say_empty(found)
        self.empty.grid()
        if arriving:
            self.empty.buttons[0].focus_set()

    def _say_empty(self, found: Found) -> None:
        say = self.desk.say
        if not found.whole:
            self.empty.show(
                say("Votre carnet est vide"),
                say("Importez un fichier de contacts (CSV), ou ajoutez-les un par un. Vous pourrez ensuite leur écrire "
                    "par leur nom, ou par groupe."),
                [(say("Importer des contacts"), self.actions.start_import), (say("Nouveau contact"), self.actions.add)],
            )  # fmt: skip
        elif found.query.search.strip():
            sought = line(found.query.search)[:40]
            self.empty.show(
                say("Aucun contact trouvé"),
                say("Rien ne correspond à « {search} ». Essayez un autre mot, ou une partie du numéro.", search=sought),
                [(say("Voir tout"), self.clear_search)],
            )
        else:
            self.empty.show(
                say("Ce groupe est vide"),
                say("Choisissez des contacts, puis « Ajouter au groupe » ; ou importez un fichier dans ce groupe."),
                [(say("Voir tous les contacts"), partial(self.pane.choose, None)),
                 (say("Importer dans ce groupe"), self.actions.start_import)],
            )  # fmt: skip

    def search_on(self) -> None:
        """Let it be typed what is looked for."""
        self.search.focus_set()
        self.search.select_range(0, "end")

    def clear_search(self) -> str:
        """Show all again."""
        self._search.set("")
        self._to_rows()
        return "break"

    def _to_rows(self) -> str:
        self.rows.tree.focus_set()
        return "break"

    # what the list and the groups ask

    def read(self, ids: Sequence[int]) -> Sequence[Contact]:
        """See ``contact_rows.Owner``."""
        try:
            return self.desk.program.book.of(ids)
        except sqlite3.Error as error:
            self.failed(error)
            return []

    def group_names(self, ids: Sequence[int]) -> str:
        """See ``contact_rows.Owner``."""
        return ", ".join(one.name for one in self.groups if one.id in ids)

    def chosen_changed(self) -> None:
        """See ``contact_rows.Owner``."""
        say, found = self.desk.say, self._found
        if found is None:
            return
        self.inquiry.over("asked")
        if found.query.search.strip():
            status = say.plural(len(found.ids), "{count} contact trouvé", "{count} contacts trouvés")
        else:
            status = say.plural(len(found.ids), "{count} contact", "{count} contacts")
        if self.rows.count:
            status += " · " + say.plural(self.rows.count, "{count} choisi", "{count} choisis")
        self.bar.show(status, self.rows.count, found.groups, self.group)

    def opened(self) -> None:
        """See ``contact_rows.Owner``."""
        self.actions.edit()

    def menu(self, x: int, y: int) -> None:
        """See ``contact_rows.Owner``."""
        say, chosen = self.desk.say, self.rows.count
        menu = tkinter.Menu(self, tearoff=False)
        groups = tkinter.Menu(menu, tearoff=False)
        self.bar.fill(groups)
        in_group = chosen and self.group is not None
        menu.add_command(label=say("Écrire"), command=self.actions.write)
        menu.add_command(label=say("Modifier"), command=self.actions.edit)
        menu.add_cascade(label=say("Ajouter au groupe"), menu=groups)
        menu.add_command(label=say("Ôter du groupe"), command=self.actions.leave_group)
        menu.add_command(label=say("Supprimer"), command=self.actions.ask_delete)
        for place, possible in enumerate((chosen, chosen == 1, chosen, in_group, chosen)):
            menu.entryconfigure(place, state="normal" if possible else "disabled")
        menu.tk_popup(x, y)

    def group_chosen(self) -> None:
        """See ``groups_pane.Owner``."""
        self.question.hide()
        self._seek()

    def groups_changed(self) -> None:
        """See ``groups_pane.Owner``."""
        self._seek()

    def write_to_group(self) -> None:
        """See ``groups_pane.Owner``."""
        self.actions.write_to_group()

    def export(self) -> None:
        """See ``groups_pane.Owner``."""
        self.actions.export()

    def failed(self, error: Exception) -> None:
        """See ``groups_pane.Owner``."""
        self.window.fail(error)

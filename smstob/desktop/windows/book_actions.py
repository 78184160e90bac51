"""What is done with the contacts that are chosen, and with the group that is seen."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import filedialog
from typing import Protocol, TypeVar

from ...model.contact import Contact, Fault, Group
from .. import changes, exporting
from ..book import ContactBook, opened
from ..changes import Deleted
from . import background
from .banner import Kind
from .book_words import FAULTS
from .contact_dialog import ContactDialog
from .contact_rows import ContactRows, line
from .group_question import GroupQuestion
from .groups_pane import GroupsPane
from .import_view import ImportView
from .inquiry import Inquiry
from .view import Desk, View, Window

T = TypeVar("T")


class Page(Protocol):
    """The page of the book."""

    rows: ContactRows
    pane: GroupsPane
    inquiry: Inquiry
    question: GroupQuestion

    @property
    def view(self) -> View:
        """It, as a widget."""

    @property
    def groups(self) -> Sequence[Group]:
        """All groups, by name."""

    def read_again(self, wanted: int | None = None) -> None:
        """Show the book as it is now, and that contact in it."""


class BookActions:
    """Each is done in a thread, on a connection of its own, where it may take long; then the page is read again."""

    def __init__(self, desk: Desk, window: Window, page: Page) -> None:
        self._desk = desk
        self._window = window
        self._page = page
        self._deleted: Deleted | None = None
        self.working = 0
        """How many things are being done."""

    def _do(self, work: Callable[[ContactBook], T], done: Callable[[T], None]) -> None:
        place = self._desk.program.place
        self.working += 1

        def labour() -> T:
            with opened(place) as book:
                return work(book)

        def well(value: T) -> None:
            self.working -= 1
            done(value)

        def ill(error: Exception) -> None:
            self.working -= 1
            self._window.fail(error)
            self._page.read_again()

        background.run(self._page.view, labour, well, ill)

    @property
    def _one(self) -> Contact | None:
        """The contact that is chosen, if it is one."""
        try:
            found = self._desk.program.book.of(self._page.rows.chosen) if self._page.rows.count == 1 else []
        except sqlite3.Error as error:
            self._window.fail(error)
            return None
        return found[0] if found else None

    # one

    def add(self) -> None:
        """Let a new contact be typed; it is in the group that is seen, unless that is taken off."""
        group = self._page.pane.group
        ticked = () if group is None else (group.id,)
        ContactDialog(self._desk, self._window, None, self._page.groups, ticked, self._kept)

    def edit(self) -> None:
        """Let the chosen one be changed."""
        if (one := self._one) is not None:
            ContactDialog(self._desk, self._window, one, self._page.groups, one.groups, self._kept)

    def _kept(self, kept: Contact) -> None:
        self._page.read_again(kept.id)

    # several

    def write(self) -> None:
        """Write to those that are chosen; to the group that is seen, where none is."""
        chosen, group = self._page.rows.chosen, self._page.pane.group
        if not chosen and group is None:
            return
        whole = chosen or self._page.rows.ids

        def told(recipients: str | None) -> None:
            if recipients is None:
                say = self._desk.say
                self._page.inquiry.report(
                    say("{count} contacts sont trop pour le formulaire : mettez-les dans un groupe, puis écrivez au "
                        "groupe.", count=say.number(len(whole))),
                    Kind.WARNING,
                    [(say("Ajouter au groupe"), self.ask_group)],
                )  # fmt: skip
            elif recipients:
                self._window.write_to(recipients)

        if not chosen and group is not None and changes.stands_for_itself(group.name):
            self._window.write_to(group.name)
            return
        self._do(lambda book: changes.as_recipients(book, whole, group), told)

    def write_to_group(self) -> None:
        """Write to all of the group that is seen, whoever is chosen."""
        group = self._page.pane.group
        if group is None:
            return
        if changes.stands_for_itself(group.name):
            self._window.write_to(group.name)
        else:
            self._page.rows.choose_all()
            self.write()

    def join(self, group: Group) -> None:
        """Put the chosen ones into that group."""
        chosen, say = self._page.rows.chosen, self._desk.say
        if not chosen:
            return

        def done(_: None) -> None:
            name = line(group.name)[:40]
            self._page.inquiry.report(say.plural(
                len(chosen), "{count} contact est dans « {name} ».", "{count} contacts sont dans « {name} ».", name=name
            ))  # fmt: skip
            self._page.read_again()

        self._do(lambda book: book.join(group.id, chosen), done)

    def ask_group(self) -> None:
        """Ask into which group they are to be put."""
        if self._page.rows.count:
            self._page.question.ask(self._page.groups)

    def join_named(self, name: str) -> str:
        """Put the chosen ones into the group of that name, made where there is none; gives what is wrong with it."""
        book, say = self._desk.program.book, self._desk.say
        try:
            kept = changes.group_named(book, name)
        except sqlite3.Error as error:
            self._window.fail(error)
            return ""
        if isinstance(kept, Fault):
            return say("Écrivez le nom d'un groupe.") if kept is Fault.EMPTY else say(FAULTS[kept])
        self.join(kept)
        return ""

    def leave_group(self) -> None:
        """Take the chosen ones out of the group that is seen."""
        chosen, group, say = self._page.rows.chosen, self._page.pane.group, self._desk.say
        if not chosen or group is None:
            return

        def done(_: None) -> None:
            self._page.inquiry.report(
                say.plural(
                    len(chosen), "{count} contact n'est plus dans « {name} ».",
                    "{count} contacts ne sont plus dans « {name} ».", name=line(group.name)[:40],
                ),
                actions=[(say("Annuler"), lambda: self._rejoin(group, chosen))],
            )  # fmt: skip
            self._page.read_again()

        self._do(lambda book: book.leave(group.id, chosen), done)

    def _rejoin(self, group: Group, ids: Sequence[int]) -> None:
        self._do(lambda book: book.join(group.id, ids), lambda _: self._page.read_again())

    # deleting

    def ask_delete(self) -> None:
        """Ask whether the chosen ones are to be deleted."""
        chosen, say = self._page.rows.chosen, self._desk.say
        if not chosen or self.working:
            return
        one = self._one
        if one is not None:
            question = say("Supprimer « {name} » ?", name=line(one.variables.name or one.typed)[:40])
        else:
            question = say.plural(len(chosen), "Supprimer {count} contact ?", "Supprimer {count} contacts ?")
        if len(chosen) > changes.MOST_UNDONE:
            question += " " + say("Cela ne s'annule pas.")
        self._page.inquiry.ask(question, [(say("Supprimer"), lambda: self._delete(chosen))], say("Non"))

    def _delete(self, ids: Sequence[int]) -> None:
        self._do(lambda book: changes.delete(book, ids), self._gone)

    def _gone(self, deleted: Deleted) -> None:
        say = self._desk.say
        self._deleted = deleted if deleted.contacts else None
        told = say.plural(deleted.count, "{count} contact supprimé.", "{count} contacts supprimés.")
        actions = [(say("Annuler la suppression"), self.undo)] if self._deleted is not None else []
        self._page.inquiry.report(told, actions=actions)
        self._page.read_again()

    def undo(self) -> None:
        """Put those back that were deleted last."""
        deleted, say = self._deleted, self._desk.say
        if deleted is None or self.working:
            return
        self._deleted = None

        def back(count: int) -> None:
            self._page.inquiry.report(say.plural(
                count, "{count} contact est de retour.", "{count} contacts sont de retour."
            ))  # fmt: skip
            self._page.read_again()

        self._do(lambda book: changes.restore(book, deleted), back)

    # files

    def start_import(self) -> None:
        """Let a file be chosen, into the group that is seen."""
        group = self._page.pane.group
        ImportView(self._desk, self._window, "" if group is None else group.name, self._page.groups, self._imported)

    def _imported(self, group: Group | None) -> None:
        self._page.read_again()
        if group is not None:
            self._page.pane.show_later(group.id)

    def export(self) -> None:
        """Write the group that is seen, or the whole book, into a file."""
        say, group = self._desk.say, self._page.pane.group
        name = say("carnet") if group is None else "".join(
            sign if sign.isalnum() or sign in " -_" else "-" for sign in group.name
        )  # fmt: skip
        chosen = filedialog.asksaveasfilename(
            parent=self._page.view, defaultextension=".csv", initialfile=f"{name}.csv",
            title=say("Exporter le carnet") if group is None else say("Exporter le groupe"),
            filetypes=[(say("Fichiers CSV"), "*.csv"), (say("Tous les fichiers"), "*")],
        )  # fmt: skip
        if chosen:
            self.export_to(Path(chosen), group)

    def export_to(self, path: Path, group: Group | None) -> None:
        """Write it there."""
        say = self._desk.say

        def done(count: int) -> None:
            self._page.inquiry.report(say.plural(
                count, "{count} contact exporté dans {path}", "{count} contacts exportés dans {path}", path=path
            ))  # fmt: skip

        self._do(lambda book: exporting.write(book, None if group is None else group.id, path), done)

"""The contact book as it is used, by keyboard and mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.desktop.windows.contact_dialog import ContactDialog
from smstob.desktop.windows.contacts_view import ContactsView
from smstob.model.contact import Card, ContactQuery, Group, Recipient
from smstob.model.merge import Variables
from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display
from tests.desktop.windows.file_dialog import answer_file_dialog

ANNE = Card(name="Anne Petit", number="06 11 11 11 11", v1="lundi")
JEAN = Card(name="Jean Dupont", number="06 22 22 22 22")
ZOE = Card(name="Zoé Le Goff", number="+32 470 12 34 56")


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened_:
        yield opened_


def fill(desktop: Desktop) -> Group:
    """Three contacts, two of them in a group."""
    amis = desktop.group("Amis", ANNE, ZOE)
    desktop.program.book.save(JEAN)
    return amis


def show(desktop: Desktop) -> ContactsView:
    """The page, at the front."""
    desktop.screen.key("ctrl+3")
    return settled(desktop)


def settled(desktop: Desktop) -> ContactsView:
    """The page, when it shows what it was asked for."""
    view = desktop.window.views[2]
    assert isinstance(view, ContactsView)
    desktop.screen.wait(lambda: view.is_settled)
    desktop.screen.pump()
    return view


def names(desktop: Desktop) -> list[str]:
    """The first column."""
    tree = settled(desktop).rows.tree
    return [str(tree.item(row, "values")[0]) for row in tree.get_children()]


def kept(desktop: Desktop) -> list[tuple[str, str]]:
    """What is in the book, by name."""
    found = desktop.program.book.contacts(ContactQuery()).contacts
    return [(one.variables.name, one.number) for one in found]


def click_row(desktop: Desktop, place: int) -> None:
    """Click the row with that place."""
    tree = settled(desktop).rows.tree
    box = tree.bbox(str(place))
    assert box
    desktop.screen.click(tree, 40, box[1] + box[3] // 2)


def test_empty_then_one(desktop: Desktop) -> None:
    """With nobody in it, it says what to do; a contact is added by keyboard alone, and its faults are said."""
    screen, view = desktop.screen, show(desktop)
    assert view.empty.title == "Votre carnet est vide"
    screen.key("ctrl+n")
    dialog = desktop.dialog(ContactDialog)
    screen.type("Anne")
    screen.key("Return")
    assert dialog.number.said.startswith("✕ Écrivez le numéro")
    screen.type("01 23 45 67 89")
    screen.key("Return")
    assert dialog.number.said.startswith("✕ Ce n'est pas un numéro de mobile")
    screen.key("ctrl+slash")
    screen.type("06 11 11 11 11")
    screen.key("Tab")
    screen.type("un\ndeux")
    screen.key("ctrl+Return")
    assert names(desktop) == ["Anne"]
    (anne,) = desktop.program.book.contacts(ContactQuery()).contacts
    assert (anne.number, anne.variables) == ("+33611111111", Variables("Anne", "un\ndeux", "", ""))
    assert view.rows.chosen == [anne.id]


def test_changed(desktop: Desktop) -> None:
    """Return opens the chosen one; another's number is told with his name; Escape asks before what is typed is lost."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    assert names(desktop) == ["Anne Petit", "Jean Dupont", "Zoé Le Goff"]
    screen.key("Down", "Return")
    dialog = desktop.dialog(ContactDialog)
    assert dialog.number.value == "06 11 11 11 11"
    screen.write(dialog.number.entry, "0622222222")
    screen.key("Return")
    assert dialog.number.said == "✕ Ce numéro est déjà dans le carnet : c'est celui de « Jean Dupont »."
    screen.key("Escape")
    assert dialog.inquiry.asked == "Abandonner ce qui est tapé ?"
    screen.key("Escape")
    assert (dialog.inquiry.asked, bool(dialog.winfo_exists())) == ("", True)
    screen.write(dialog.number.entry, "0611111112")
    screen.click(dialog.ticks.tree, 40, 14)
    screen.key("Return")
    screen.wait(lambda: not dialog.winfo_exists())
    settled(desktop)
    (anne,) = desktop.program.book.of(view.rows.chosen)
    assert (anne.number, anne.variables.v1, anne.groups) == ("+33611111112", "lundi", ())
    screen.key("Return")
    dialog = desktop.dialog(ContactDialog)
    screen.type("x")
    screen.key("Escape", "Tab", "Return")
    screen.wait(lambda: not dialog.winfo_exists())
    assert kept(desktop)[0] == ("Anne Petit", "+33611111112")


def test_deleted_and_back(desktop: Desktop) -> None:
    """Deleting asks with the count, tells what it did, and can be undone with the groups."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    screen.key("Down", "shift+Down", "Delete")
    assert view.inquiry.asked == "Supprimer 2 contacts ?"
    screen.key("Escape")
    assert (view.inquiry.asked, len(kept(desktop))) == ("", 3)
    screen.key("Delete", "Return")
    assert names(desktop) == ["Zoé Le Goff"]
    assert view.inquiry.told == "2 contacts supprimés."
    screen.click(view.inquiry.button("told", "Annuler la suppression"))
    assert names(desktop) == ["Anne Petit", "Jean Dupont", "Zoé Le Goff"]
    assert [one.contacts for one in desktop.program.book.groups()] == [2]
    click_row(desktop, 1)
    screen.key("Delete")
    assert view.inquiry.asked == "Supprimer « Jean Dupont » ?"
    screen.key("Return")
    assert names(desktop) == ["Anne Petit", "Zoé Le Goff"]
    screen.key("ctrl+z")
    assert names(desktop) == ["Anne Petit", "Jean Dupont", "Zoé Le Goff"]


def test_search(desktop: Desktop) -> None:
    """Ctrl+F, then a part of a name without its accents, or of a number; Escape shows all again."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    screen.key("ctrl+f")
    screen.type("zoe goff")
    assert names(desktop) == ["Zoé Le Goff"]
    assert view.bar.status == "1 contact trouvé"
    screen.key("ctrl+slash")
    screen.type("06 22")
    assert names(desktop) == ["Jean Dupont"]
    screen.key("ctrl+slash")
    screen.type("personne")
    settled(desktop)
    assert view.empty.title == "Aucun contact trouvé"
    screen.click(view.empty.buttons[0])
    assert len(names(desktop)) == 3
    # what is sought is no pattern
    screen.key("ctrl+f")
    screen.type("%_*['")
    settled(desktop)
    assert view.empty.title == "Aucun contact trouvé"
    screen.key("Escape")
    assert len(names(desktop)) == 3


def test_groups(desktop: Desktop) -> None:
    """A group is made, named otherwise, and deleted, all in its place; its contacts stay."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    pane = view.pane
    screen.click(pane.new_button)
    screen.type("amis")
    screen.key("Return")
    assert pane.name.said == "✕ Ce nom est déjà pris : choisissez-en un autre."
    screen.key("ctrl+slash")
    screen.type("0612345678")
    screen.key("Return")
    assert "ne recevrait jamais rien" in pane.name.said
    screen.key("ctrl+slash")
    screen.type("Clients")
    screen.key("Return")
    settled(desktop)
    assert (pane.group and pane.group.name, view.empty.title) == ("Clients", "Ce groupe est vide")
    screen.click(pane.rename_button)
    screen.type("Bons clients")
    screen.key("Return")
    settled(desktop)
    assert [one.name for one in view.groups] == ["Amis", "Bons clients"]
    screen.click(pane.tree, 30, 42)
    assert names(desktop) == ["Anne Petit", "Zoé Le Goff"]
    screen.click(pane.delete_button)
    assert pane.inquiry.asked == "Supprimer le groupe « Amis » ? Ses contacts restent."
    screen.key("Return")
    assert len(names(desktop)) == 3
    assert [one.name for one in view.groups] == ["Bons clients"]


def test_into_and_out_of_groups(desktop: Desktop) -> None:
    """Those that are chosen join a group from the menu or by its name, new or not, and leave it; undone by a click."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    screen.key("Down", "shift+Down")
    screen.click(view.bar.join_button)
    screen.pump(0.2)
    screen.key("Down", "Return")
    settled(desktop)
    assert view.inquiry.told == "2 contacts sont dans « Amis »."
    assert [one.contacts for one in view.groups] == [3]
    view.actions.ask_group()
    screen.key("Return")
    assert view.question.group.said == "✕ Écrivez le nom d'un groupe."
    screen.type("Bureau")
    screen.key("Return")
    settled(desktop)
    assert [(one.name, one.contacts) for one in view.groups] == [("Amis", 3), ("Bureau", 2)]
    screen.click(view.pane.tree, 30, 42)
    assert len(names(desktop)) == 3
    click_row(desktop, 0)
    screen.click(view.bar.leave_button)
    assert names(desktop) == ["Jean Dupont", "Zoé Le Goff"]
    screen.click(view.inquiry.button("told", "Annuler"))
    assert len(names(desktop)) == 3


def test_written_to(desktop: Desktop) -> None:
    """Some are written to by their numbers, all of a group by its name."""
    fill(desktop)
    screen, view, form = desktop.screen, show(desktop), desktop.window.compose
    screen.key("Down", "shift+Down", "ctrl+e")
    screen.wait(lambda: form.recipients.typed == "0611111111, 0622222222")
    assert form.winfo_viewable()
    screen.key("ctrl+3")
    screen.click(view.pane.tree, 30, 42)
    settled(desktop)
    screen.click(view.bar.write_button)
    screen.wait(lambda: form.recipients.typed == "Amis")
    screen.wait(lambda: form.recipients.said == "2 destinataires")
    screen.key("ctrl+3")
    settled(desktop)
    click_row(desktop, 0)
    screen.key("ctrl+a", "ctrl+e")
    screen.wait(lambda: form.recipients.typed == "Amis" and bool(form.winfo_viewable()))


def test_mouse(desktop: Desktop) -> None:
    """Click, with Shift and with Ctrl, drag; a double click opens; the second button has a menu."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    ids = view.rows.ids
    click_row(desktop, 0)
    assert view.rows.chosen == ids[:1]
    desktop.screen._do("keydown", "ctrl")
    click_row(desktop, 2)
    desktop.screen._do("keyup", "ctrl")
    assert view.rows.chosen == [ids[0], ids[2]]
    desktop.screen._do("keydown", "shift")
    click_row(desktop, 1)
    desktop.screen._do("keyup", "shift")
    assert view.rows.chosen == ids[1:]
    box = view.rows.tree.bbox("1")
    assert box
    screen.double_click(view.rows.tree, 40, box[1] + box[3] // 2)
    dialog = desktop.dialog(ContactDialog)
    assert dialog.name.value == "Jean Dupont"
    screen.key("Escape")
    screen.wait(lambda: not dialog.winfo_exists())
    assert view.bar.status == "3 contacts · 1 choisi"


def test_exported(desktop: Desktop, tmp_path: Path) -> None:
    """The chosen group goes into a file that is named by keyboard; what cannot be written is told above."""
    amis = fill(desktop)
    screen, view = desktop.screen, show(desktop)
    view.pane.choose(amis.id)
    settled(desktop)
    path = tmp_path / "amis.csv"
    answer_file_dialog(desktop, view, path)
    view.export_button.invoke()
    screen.wait(path.exists)
    settled(desktop)
    assert view.inquiry.told == f"2 contacts exportés dans {path}"
    assert path.read_text("utf-8-sig").splitlines()[1] == "Anne Petit;0611111111;lundi;;;Amis"
    view.actions.export_to(tmp_path / "none" / "a.csv", None)
    settled(desktop)
    assert "Rien n'a été enregistré (No such file or directory)" in desktop.window.banner.said("error")


def test_disk_takes_nothing(desktop: Desktop) -> None:
    """What cannot be kept is told, and what was typed stays before one's eyes."""
    fill(desktop)
    screen, view = desktop.screen, show(desktop)
    desktop.program.book._connection.execute("PRAGMA query_only = ON")
    screen.key("ctrl+n")
    dialog = desktop.dialog(ContactDialog)
    screen.type("Luc")
    screen.key("Tab")
    screen.type("0633333333")
    screen.key("Return")
    assert "Rien n'a été enregistré" in dialog.inquiry.told
    assert dialog.name.value == "Luc"
    assert "Rien n'a été enregistré" in desktop.window.banner.said("error")
    desktop.program.book._connection.execute("PRAGMA query_only = OFF")
    screen.key("Return")
    screen.wait(lambda: not dialog.winfo_exists())
    assert len(names(desktop)) == 4
    assert view.rows.count == 1


def test_hostile_cards(desktop: Desktop) -> None:
    """Whatever is in a card, it is a line of the list."""
    hostile = "{a} [b] $c \\d\n\"e\u202e\u0000😀" + "é" * 1500
    desktop.program.book.take_in(
        [Recipient("+33611111111", "{", "FR", Variables(hostile.replace("\n", " "), hostile, "}", "\\"))],
        ("name", "v1"), None,
    )  # fmt: skip
    view = show(desktop)
    assert len(names(desktop)) == 1
    desktop.screen.key("Down", "Return")
    dialog = desktop.dialog(ContactDialog)
    assert dialog.variables[2].value == "\\"
    desktop.screen.key("Escape")
    desktop.screen.wait(lambda: not dialog.winfo_exists())
    desktop.screen.key("Delete")
    assert view.inquiry.asked.startswith("Supprimer « {a} [b] $c \\d")

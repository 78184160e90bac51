"""Files of contacts as they are brought in: chosen, looked at, read otherwise, taken in; and hostile ones."""

import csv
import os
import sqlite3
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from smstob.desktop import database
from smstob.desktop.windows.contacts_view import ContactsView
from smstob.desktop.windows.import_view import FILE, PREVIEW, RESULT, ImportView
from smstob.model.contact import Card, ContactQuery
from tests.contacts.files import PLATES, as_workbook
from tests.desktop.mail_server import MailServer
from tests.desktop.test_importing import FILES
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display
from tests.desktop.windows.file_dialog import answer_file_dialog

TABLE = (
    "Prénom;Portable;Ville;Plat\nJean;0660919010;Hédé;la Pizza\nJérôme;660545465;Rennes;la Choucroute\n"
    "Jacques;0660901010;Paris;x\nJacques;0660901010;Lyon;y\nLuc;6,61E+08;a;b\nMax;0123456789;;\n\"Zoé;0660901011\n"
    "Anne;+32470123456;Bruxelles;moules\n"
)


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up, its book at the front."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        opened.screen.key("ctrl+3")
        settled(opened)
        yield opened


def settled(desktop: Desktop) -> ContactsView:
    """The book's page, when it shows what it was asked for."""
    view = desktop.window.views[2]
    assert isinstance(view, ContactsView)
    desktop.screen.wait(lambda: view.is_settled)
    desktop.screen.pump()
    return view


def begin(desktop: Desktop, path: Path | str) -> ImportView:
    """The dialog, after that file was named in it, and it was looked at."""
    desktop.screen.key("ctrl+i")
    dialog = desktop.dialog(ImportView)
    desktop.screen.click(dialog.file.file.entry)
    dialog.file.file.set(str(path))
    desktop.screen.key("Return")
    return looked(desktop, dialog)


def looked(desktop: Desktop, dialog: ImportView) -> ImportView:
    """It, when nothing is being read or taken in."""
    desktop.screen.wait(lambda: dialog._reading is None and dialog._importing is None, 60)
    desktop.screen.pump()
    return dialog


def results(dialog: ImportView) -> list[tuple[str, str, str]]:
    """Line, number and what becomes of it, for each row of the preview."""
    tree = dialog.preview.tree
    rows = [tree.item(row, "values") for row in tree.get_children()]
    told = [dialog.preview._results[row] for row in tree.get_children()]
    return [(str(row[0]), str(row[1]), said) for row, said in zip(rows, told, strict=True)]


def contents(desktop: Desktop) -> list[tuple[str, str, str]]:
    """Name, number and first variable of all, by name."""
    found = desktop.program.book.contacts(ContactQuery(limit=1000)).contacts
    return [(one.variables.name, one.number, one.variables.v1) for one in found]


def test_from_file_to_book(desktop: Desktop, tmp_path: Path) -> None:
    """What each row becomes is seen before anything is; then they are in the group that has the file's name."""
    desktop.program.book.save(Card(name="Jean Martin", number="0660919010", v3="gardé"))
    path = tmp_path / "Amis de Hédé.csv"
    path.write_text(TABLE)
    screen, dialog = desktop.screen, begin(desktop, path)
    assert dialog.page == PREVIEW
    assert dialog.preview.figures == "4 contacts à importer, de 8 lignes lues"
    assert "1 déjà au carnet" in dialog.preview.more
    assert "1 numéro réparé" in dialog.preview.more
    assert "1 ligne répète" in dialog.preview.more
    assert results(dialog) == [
        ("2", "0660919010", "✓ mise à jour"),
        ("3", "0660545465", "✓ numéro réparé, nouveau"),
        ("4", "0660901010", "– répété : une autre ligne compte"),
        ("5", "0660901010", "✓ nouveau"),
        ("6", "6,61E+08",
         "✕ Excel a perdu des chiffres : « 6,61E+08 » ; mettez la colonne au format Texte et retapez le numéro"),
        ("7", "0123456789", "✕ « 0123456789 » n'est pas un numéro de mobile"),
        ("8", "", "✕ un guillemet ouvert sur cette ligne n'est pas refermé"),
        ("9", "+32470123456", "✓ nouveau"),
    ]  # fmt: skip
    assert len(contents(desktop)) == 1
    assert dialog.preview.group.value == "Amis de Hédé"
    screen.click(dialog.next_button)
    screen.wait(lambda: dialog.page == RESULT)
    told = str(dialog.result._text.cget("text"))
    assert told == (
        "3 contacts ajoutés, 1 mis à jour, 3 lignes laissées de côté.\n"
        "Le groupe « Amis de Hédé » a maintenant 4 contacts."
    )
    assert contents(desktop) == [
        ("Anne", "+32470123456", "Bruxelles"), ("Jacques", "+33660901010", "Lyon"), ("Jean", "+33660919010", "Hédé"),
        ("Jérôme", "+33660545465", "Rennes"),
    ]  # fmt: skip
    screen.key("Return")
    screen.wait(lambda: desktop.window.compose.recipients.typed == "Amis de Hédé")
    assert not dialog.winfo_exists()
    screen.key("ctrl+3")
    view = settled(desktop)
    assert view.group is not None
    assert view.group.name == "Amis de Hédé"


def test_chosen_among_files(desktop: Desktop, tmp_path: Path) -> None:
    """«Parcourir» opens the system's dialog; what was left out is kept in a file by another one."""
    path, mended = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(TABLE)
    screen = desktop.screen
    screen.click(settled(desktop).import_button)
    dialog = desktop.dialog(ImportView)
    answer_file_dialog(desktop, dialog.file, path)
    dialog.file.browse_button.invoke()
    looked(desktop, dialog)
    assert dialog.page == PREVIEW
    screen.click(dialog.preview.left_out_button)
    assert [line for line, _, _ in results(dialog)] == ["6", "7", "8"]
    answer_file_dialog(desktop, dialog, mended)
    dialog.preview.keep_button.invoke()
    screen.wait(mended.exists)
    screen.wait(lambda: dialog.inquiry.told == f"Enregistré dans {mended}")
    rows = list(csv.reader(StringIO(mended.read_text("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Ligne", "6", "7", "8"]
    screen.key("Escape")
    screen.wait(lambda: not dialog.winfo_exists())
    assert contents(desktop) == []


def test_read_otherwise(desktop: Desktop, tmp_path: Path) -> None:
    """Columns, titles and separator are chosen where they were not recognised as they should be."""
    path = tmp_path / "a.csv"
    path.write_text("0660919010;0660545465;x,1\nabc;0660545466;y,2\n")
    screen, dialog = desktop.screen, begin(desktop, path)
    boxes = dialog.preview.boxes
    assert [box.current() for box in boxes.values()] == [1, 1, 3, 0, 0]
    screen.click(boxes["number"])
    screen.pump(0.3)
    # the list has the keyboard
    screen._do("key", "Up", "Return")
    looked(desktop, dialog)
    assert results(dialog)[0][1:] == ("0660919010", "✓ nouveau")
    assert results(dialog)[1][2] == "✕ « abc » n'est pas un numéro de mobile"
    screen.click(dialog.preview.header_box)
    looked(desktop, dialog)
    assert [line for line, _, _ in results(dialog)] == ["2"]
    assert dialog.next_button.instate(["disabled"])
    assert "aucune ligne qui convienne" in dialog.inquiry.told
    screen.click(dialog.preview.header_box)
    looked(desktop, dialog)
    assert dialog.next_button.cget("text") == "Importer 1 contact"
    dialog.preview.delimiter_box.current(1)
    dialog.preview.delimiter_box.event_generate("<<ComboboxSelected>>")
    looked(desktop, dialog)
    assert list(dialog.preview.boxes["number"]["values"]) == ["1. 0660919010;0660545465;x", "2. 1"]
    assert contents(desktop) == []


def test_group(desktop: Desktop, tmp_path: Path) -> None:
    """A group that cannot be says so; the one that was seen is proposed; with none they are in the book alone."""
    desktop.group("Élus")
    view = settled(desktop)
    desktop.screen.key("ctrl+3")
    view = settled(desktop)
    view.pane.choose(view.groups[0].id)
    settled(desktop)
    path = tmp_path / "a.csv"
    path.write_text("Jean;0660919010\n")
    screen, dialog = desktop.screen, begin(desktop, path)
    assert dialog.preview.group.value == "Élus"
    screen.click(dialog.preview.group.box, 40)
    screen.key("ctrl+slash")
    screen.type("0612345678")
    screen.key("Return")
    looked(desktop, dialog)
    assert "ne recevrait jamais rien" in dialog.preview.group.said
    assert contents(desktop) == []
    screen.key("ctrl+slash", "Delete", "Return")
    screen.wait(lambda: dialog.page == RESULT)
    assert contents(desktop) == [("Jean", "+33660919010", "")]
    assert [one.contacts for one in desktop.program.book.groups()] == [0]


@pytest.mark.parametrize("name", FILES)
def test_files_of_the_site_s_tests(desktop: Desktop, tmp_path: Path, name: str) -> None:
    """Each is shown, and taken in, or what is wrong is told."""
    path = tmp_path / "a.csv"
    path.write_bytes(FILES[name])
    dialog = begin(desktop, path)
    assert dialog.page == PREVIEW
    assert dialog._looked is not None
    count = len(dialog._looked.reading.recipients)
    desktop.screen.key("ctrl+Return")
    desktop.screen.wait(lambda: dialog.page == RESULT)
    assert len(contents(desktop)) == count > 0


def test_hostile(desktop: Desktop, tmp_path: Path) -> None:
    """What is no list of contacts is told in a sentence beside the field; nothing is changed, and one can go on."""
    cases = (
        ("", b"", "Ce fichier est vide."),
        ("", b"\n;;\r\n", "Ce fichier est vide."),
        ("", b"0660919010\n0660919010" + b";x" * 50, "La ligne 2 a plus de 50 colonnes."),
        ("", b"x" * (10 * 2**20 + 1), "Ce fichier est trop gros (10 Mo au plus)."),
        ("", b"0660919010\n" * 100_002, "Ce fichier a plus de 100000 lignes"),
        ("", as_workbook(PLATES), "C'est un classeur : ouvrez-le dans votre tableur"),
        ("", b"\xd0\xcf\x11\xe0" + os.urandom(500), "C'est un classeur"),
        ("gone.csv", b"", "Ce fichier n'est pas (ou plus) là"),
        (".", b"", "Ce n'est pas un fichier"),
        ("/dev/zero", b"", "Ce n'est pas un fichier"),
        ("x" * 400, b"", "Ce fichier ne peut pas être lu"),
    )
    screen = desktop.screen
    screen.key("ctrl+i")
    dialog = desktop.dialog(ImportView)
    path = tmp_path / "a.csv"
    for name, content, said in cases:
        path.write_bytes(content)
        screen.click(dialog.file.file.entry)
        dialog.file.file.set(str(tmp_path / name) if name else str(path))
        screen.key("Return")
        looked(desktop, dialog)
        assert dialog.page == FILE, said
        assert dialog.file.file.said.startswith(f"✕ {said}")
    assert contents(desktop) == []
    screen.click(dialog.file.file.entry)
    dialog.file.file.set(f"'{path}'")
    path.write_bytes(b"Jean;0660919010\n")
    screen.key("Return")
    looked(desktop, dialog)
    assert dialog.page == PREVIEW


def test_hostile_rows(desktop: Desktop, tmp_path: Path) -> None:
    """Binary rubbish and cells of a megabyte are shown as rows that are left out, and break no window."""
    path = tmp_path / "a.csv"
    rubbish, long = os.urandom(20_000).replace(b"PK", b""), b"a;0660919010;" + b"x" * 2**20 + b"\n"
    for content in (rubbish, long, b'"' * 9999, b"\x1b[2J{a}$x;0123\n"):
        path.write_bytes(content)
        dialog = begin(desktop, path)
        if dialog.page == PREVIEW:
            assert dialog.next_button.instate(["disabled"])
            assert all(said.startswith("✕") for _, _, said in results(dialog))
        desktop.screen.key("Escape")
        desktop.screen.wait(lambda dialog=dialog: not dialog.winfo_exists())  # type: ignore[misc]
    assert contents(desktop) == []


def test_the_file_vanishes(desktop: Desktop, tmp_path: Path) -> None:
    """What is shown is what is imported, whatever happens to the file meanwhile."""
    path = tmp_path / "a.csv"
    path.write_text("Jean;0660919010\n")
    dialog = begin(desktop, path)
    path.unlink()
    desktop.screen.click(dialog.preview.header_box)
    looked(desktop, dialog)
    desktop.screen.click(dialog.preview.header_box)
    looked(desktop, dialog)
    desktop.screen.click(dialog.next_button)
    desktop.screen.wait(lambda: dialog.page == RESULT)
    assert contents(desktop) == [("Jean", "+33660919010", "")]


def big(path: Path) -> None:
    """As many rows as there may be."""
    path.write_text("Nom;Numéro\n" + "".join(f"n{number};06{number:08}\n" for number in range(100_000)))


def test_cancelled(desktop: Desktop, tmp_path: Path) -> None:
    """A big file can be left while it is read, and while it is taken in: nothing is changed then."""
    path = tmp_path / "a.csv"
    big(path)
    screen = desktop.screen
    screen.key("ctrl+i")
    dialog = desktop.dialog(ImportView)
    screen.click(dialog.file.file.entry)
    dialog.file.file.set(str(path))
    screen.key("Return")
    screen.wait(dialog.waiting.winfo_ismapped)
    screen.click(dialog.waiting.button)
    looked(desktop, dialog)
    assert dialog.page == FILE
    screen.click(dialog.next_button)
    screen.wait(lambda: dialog.page == PREVIEW, 60)
    assert dialog.preview.figures.startswith("100\u202f000 contacts à importer")
    screen.click(dialog.next_button)
    screen.wait(dialog.waiting.winfo_ismapped)
    screen.key("Escape")
    looked(desktop, dialog)
    assert dialog.inquiry.told == "Rien n'a été importé."
    assert (contents(desktop), desktop.program.book.groups()) == ([], [])
    screen.click(dialog.next_button)
    screen.wait(lambda: dialog.page == RESULT, 60)
    assert desktop.program.book.contacts(ContactQuery(limit=0)).total == 100_000


def test_disk_takes_nothing(desktop: Desktop, tmp_path: Path) -> None:
    """A disk that ends the import midway is told; the book is as it was, and the preview is there yet."""
    with sqlite3.connect(desktop.place / database.FILE) as connection:
        connection.execute(
            "CREATE TRIGGER ill BEFORE INSERT ON contact WHEN new.name = 'Boum' BEGIN SELECT RAISE(ABORT, 'mal'); END"
        )
    path = tmp_path / "a.csv"
    path.write_text("Jean;0660919010\nBoum;0660545465\n")
    dialog = begin(desktop, path)
    desktop.screen.click(dialog.next_button)
    looked(desktop, dialog)
    assert dialog.page == PREVIEW
    assert dialog.inquiry.told == "Rien n'a été enregistré (mal). Ce qui est à l'écran y reste."
    assert (contents(desktop), desktop.program.book.groups()) == ([], [])

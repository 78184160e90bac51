"""Files of contacts on their way into the program's book: read as the site reads them, taken in whole or not at all."""

import csv
import os
import sqlite3
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.contacts import reading as readings
from smstob.contacts.sheet import MOST_BYTES
from smstob.desktop import importing
from smstob.desktop.book import ContactBook
from smstob.desktop.importing import Cancelled, Progress, Shut, Taken, Unopened
from smstob.model.contact import Card, ContactQuery, Fault, Recipient
from smstob.model.contact_import import Columns, Plan, Unreadable
from smstob.model.merge import Variables
from smstob.model.tariff import Tariff
from tests.contacts.files import MESSAGES, PLATES, as_csv, as_workbook
from tests.contacts.importing import Threads, confirmed, members, staged, started
from tests.desktop.office import book_in
from tests.house import House

REPAIRED = (
    'Nom;Mobile\na;612345678\nb;612345679,00\nc;="0612345670"\nd;"=""0612345671"""\ne;\'0612345672\n'
    "f;+33 6 12 34 56 73\ng;6,61E+08\nh;0123456789\ni;\n"
)
LINES = '\ufeffNom;Numéro;v1\n\n"Jean\nPetit";0660919010;"sur\r\ndeux lignes"\nLuc;0123456789\n;;\nMax;\n'
FILES = {
    **{f"plates {name}": as_csv(PLATES, sign) for name, sign in (("semicolon", ";"), ("comma", ","), ("tab", "\t"))},
    **{f"messages {codec}": as_csv(MESSAGES, encoding=codec) for codec in ("utf-8-sig", "utf-16", "mac_roman")},
    "repaired": REPAIRED.encode(),
    "lines": LINES.encode(),
    "unclosed quote": b'Nom;Num\xe9ro\n"Jean;0660919010\nLuc;0660545465\nL\xe9o;0660901010\n',
    "repeated": b"Jean;0660919010;a\nLuc;0660919010;b\nJean;06 60 91 90 10;c\n",
    "long": f"a;0660919010;{'x' * 140_000}\nb;0660545465;y\nc;0660901010;{'z' * 2001}\n".encode(),
    "formulas": b"=cmd|' /C calc'!A0;0660919010\n'=1+1;0660545465\n@SUM(1);0660901010;\"=\"\"x\"\"\"\n",
    "nul": b"06\x0060919010;\x00Jean\0\nLuc;0660545465\n",
    "separator": b"sep=|\nJean;x|0660919010\n",
}
"""Those of the site's import tests."""


def look(content: bytes, **plan: object) -> importing.Looked:
    """What a file would do to a book with nobody in it."""
    progress = Progress()
    found = importing.look(content, Plan(**plan), progress)  # type: ignore[arg-type]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE contact (id, number, typed, country, name, v1, v2, v3)")
    return importing.compare(ContactBook(connection), content, found, progress)


def take(book: ContactBook, content: bytes, group: str = "") -> Taken:
    """Import a file."""
    progress = Progress()
    done = importing.take_in(book, importing.look(content, Plan(), progress), group, progress)
    assert isinstance(done, Taken)
    return done


def contents(book: ContactBook) -> list[tuple[str, Variables]]:
    """All contacts, the order apart."""
    found = book.contacts(ContactQuery(limit=10**6)).contacts
    return sorted(((one.number, one.variables) for one in found), key=lambda one: one[0])


@pytest.mark.parametrize("name", FILES)
def test_as_on_the_site(name: str, tmp_path: Path) -> None:
    """Each file of the site's tests gives here, in preview and in the book, what it gives there."""
    content = FILES[name]
    here = importing.look(content, Plan(), Progress())
    there = readings.read(content, Plan(), Tariff({"FR": 1}))
    assert (here.plan, here.titles, here.rows, here.faults) == (there.plan, there.titles, there.rows, there.faults)
    assert (here.good, here.repaired, here.repeated) == (there.good, there.repaired, there.repeated)
    assert here.recipients == there.recipients
    house = House(tmp_path / "site.db")
    importer, account = started(house, Threads()), house.account().id
    confirmed(importer, account, staged(importer, account, content))
    on_site = sorted(members(house, account), key=lambda one: one[0])
    house.close()
    book, _ = book_in(tmp_path / "here")
    done = take(book, content, "Amis")
    assert contents(book) == on_site
    assert done.group is not None
    assert (done.added, done.updated, done.group.name, done.group.contacts) == (len(on_site), 0, "Amis", len(on_site))


def test_every_country() -> None:
    """Which countries are open is the site's to say: here each is taken."""
    assert [one.country for one in look(b"Zoe;+32470123456\nJean;0692123456\n").reading.recipients] == ["BE", "RE"]


def test_known_and_repeated(tmp_path: Path) -> None:
    """The preview tells what is in the book, and which of the same number counts; of known ones the rest is kept."""
    book, _ = book_in(tmp_path, Card(name="Jean", number="0660919010", v1="a", v2="b", v3="c"))
    content = "Numéro;v2\n0660919010;neuf\n0660545465;x\n0660545465;y\n".encode()
    progress = Progress()
    looked = importing.compare(book, content, importing.look(content, Plan(), progress), progress)
    assert looked.known == 1
    assert [(one.is_known, one.is_repeated) for one in looked.rows] == [(True, False), (False, True), (False, False)]
    done = take(book, content)
    assert (done.added, done.updated, done.group) == (1, 1, None)
    assert contents(book) == [
        ("+33660545465", Variables("", "", "y", "")), ("+33660919010", Variables("Jean", "a", "neuf", "c")),
    ]  # fmt: skip


def test_into_a_group(tmp_path: Path) -> None:
    """A group of that name is added to, whatever its case; what cannot be a group's name changes nothing."""
    book, _ = book_in(tmp_path)
    book.save_group("Élus")
    assert take(book, b"0660919010\n", " élus ").group == book.groups()[0]
    assert [(one.name, one.contacts) for one in book.groups()] == [("Élus", 1)]
    progress = Progress()
    found = importing.look(b"0660545465\n", Plan(), progress)
    assert importing.take_in(book, found, "0612345678", progress) is Fault.IS_A_NUMBER
    assert importing.take_in(book, found, "x" * 101, progress) is Fault.TOO_LONG
    assert (len(contents(book)), len(book.groups())) == (1, 1)


@pytest.mark.parametrize(("path", "name"), [
    ("Amis_de Hédé.csv", "Amis de Hédé"), ("0612345678.csv", ""), ("a\nb.csv", ""), (f"{'x' * 101}.csv", ""),
    ("élus", "élus"), (".csv", ".csv"),
])  # fmt: skip
def test_usual_group(path: str, name: str) -> None:
    """A file's name is a group's, where it can be one."""
    assert importing.usual_group(Path("/tmp") / path) == name


def test_all_or_nothing(tmp_path: Path) -> None:
    """An import that the disk, or its user, ends midway leaves the book as it was, without the new group."""
    book, _ = book_in(tmp_path, Card(name="Anne", number="0611111111"))
    before = contents(book)
    book._connection.execute(
        "CREATE TRIGGER ill BEFORE INSERT ON contact WHEN new.name = 'Boum' BEGIN SELECT RAISE(ABORT, 'ill'); END"
    )
    rows = "".join(f"n{number};06{number:08}\n" for number in range(250))
    progress = Progress()
    found = importing.look(f"{rows}Boum;0699999999\n".encode(), Plan(), progress)
    with pytest.raises(sqlite3.Error):
        importing.take_in(book, found, "Neuf", progress)
    assert (contents(book), book.groups()) == (before, [])
    progress.cancel()
    with pytest.raises(Cancelled):
        importing.take_in(book, found, "Neuf", progress)
    assert (contents(book), book.groups()) == (before, [])
    assert 0 < progress.part < 1


def test_reading_is_cancelled() -> None:
    """Whoever does not want to wait need not; how far it is can be seen."""
    content = "".join(f"n{number};06{number:08}\n" for number in range(2000)).encode()
    progress = Progress()
    importing.look(content, Plan(), progress)
    assert progress.part == 1
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        importing.look(content, Plan(), progress)


def test_what_is_no_file(tmp_path: Path) -> None:
    """Nothing, a folder, a pipe that nobody writes to, a device without end, a workbook, names that are none."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    book = tmp_path / "carnet.xlsx"
    book.write_bytes(as_workbook(PLATES))
    for path, why in (
        (tmp_path / "none.csv", Shut.GONE),
        (book / "within.csv", Shut.GONE),
        (tmp_path, Shut.NO_FILE),
        (pipe, Shut.NO_FILE),
        (Path("/dev/zero"), Shut.NO_FILE),
        (book, Shut.WORKBOOK),
        (Path(__file__).parents[1] / "contacts" / "carnet.xls", Shut.WORKBOOK),
        (tmp_path / "loop", Shut.BROKEN),
        (tmp_path / "a\0b", Shut.BROKEN),
        (tmp_path / ("x" * 300), Shut.BROKEN),
        (Path("\ud800"), Shut.BROKEN),
    ):
        with pytest.raises(Unopened) as told:
            importing.content_of(path)
        assert told.value.why is why, path


def test_limits(tmp_path: Path) -> None:
    """A file that is too big is not read; too many columns, and nothing at all, are told."""
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(Unreadable, match="trop gros"):
        importing.content_of(path)
    path.write_bytes(b"x" * 10)
    assert importing.content_of(path) == b"x" * 10
    for content, reason in ((b"", "vide"), (b"0660919010" + b";x" * 50, "plus de 50 colonnes")):
        with pytest.raises(Unreadable, match=reason):
            look(content)


def test_left_out() -> None:
    """The file of what was left out has the line, the reason and the row, and is safe; put right, it can be read."""
    content = (
        'Nom;Numéro;v1\nJean;0660919010;a\nLuc;0123456789;b\n"Zoé;0660901010;c\n=1+1;;=2\n'.encode()
    )
    looked = look(content)
    told = importing.left_out(looked.content, looked.reading, ("Ligne", "Raison"))
    rows = list(csv.reader(StringIO(told.decode("utf-8-sig")), delimiter=";"))
    assert rows == [
        ["Ligne", "Raison", "Nom", "Numéro", "v1"],
        ["3", "« 0123456789 » n'est pas un numéro de mobile", "Luc", "0123456789", "b"],
        ["4", "un guillemet ouvert sur cette ligne n'est pas refermé", '"Zoé;0660901010;c'],
        ["5", "il n'y a pas de numéro", "'=1+1", "", "'=2"],
    ]
    mended = look(told.replace(b"0123456789", b"0660545465")).reading
    assert [(one.number, one.variables.name, one.variables.v1) for one in mended.recipients] == [
        ("+33660545465", "Luc", "b")
    ]


def test_columns_chosen() -> None:
    """The user may know better; what a file says of contacts are the columns that it has then."""
    found = look(b"0660919010;0660545465;x", columns=Columns(number=1, v2=2)).reading
    assert [one.number for one in found.recipients] == ["+33660545465"]
    assert found.plan.columns is not None
    assert importing.fields_of(found.plan.columns) == ("v2",)


@given(st.binary(max_size=300) | st.text("0671;,\t|\"'=\n\r\0E+. é€nomvtel", max_size=150).map(str.encode))
@settings(deadline=None, max_examples=150)
def test_anything(content: bytes) -> None:
    """Any bytes but a workbook's: contacts, faults that can be kept in a file, or a sentence."""
    try:
        looked = look(content)
    except Unreadable:
        return
    told = importing.left_out(looked.content, looked.reading, ("Ligne", "Raison"))
    rows = list(csv.reader(StringIO(told.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 1 + len(looked.reading.faults)
    assert all(isinstance(one, Recipient) for one in looked.reading.recipients)

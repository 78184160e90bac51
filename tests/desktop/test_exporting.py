"""The program's book as a file: the site's, read back by the import as it was."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.contacts import export
from smstob.contacts.naming import one_line
from smstob.desktop import database, exporting, importing
from smstob.desktop.book import ContactBook
from smstob.desktop.importing import Progress
from smstob.model.contact import Card, ContactQuery, Group, Recipient
from smstob.model.contact_import import Plan
from smstob.model.merge import Variables
from smstob.model.text import clean
from tests.desktop.office import book_in

HOSTILE = ("=1+1", "'=1+1", "''-x", "+33", "@a", "-", "a;b", 'a"b', "à\nb", "0612345678", '="x"', "’ œ €", "'", "\ttab")


def test_file(tmp_path: Path) -> None:
    """Header, rows and marks are those of the site's file; a group's has its contacts only."""
    book, contacts = book_in(
        tmp_path, Card(name="Anne", number="0611111111", v1="=1+1"), Card(name="Zoé", number="+32470123456")
    )
    group = book.save_group("Amis")
    assert isinstance(group, Group)
    book.join(group.id, [contacts[1].id])
    assert exporting.write(book, None, tmp_path / "tout.csv") == 2
    assert exporting.write(book, group.id, tmp_path / "amis.csv") == 1
    there = book.contacts(ContactQuery()).contacts
    whole = export.header() + export.lines(there, {group.id: "Amis"})
    assert (tmp_path / "tout.csv").read_bytes() == whole
    assert (tmp_path / "amis.csv").read_text("utf-8-sig").splitlines()[1:] == ["Zoé;'+32470123456;;;;Amis"]
    assert "'=1+1" in (tmp_path / "tout.csv").read_text()


def test_no_place(tmp_path: Path) -> None:
    """Where nothing can be written the old file stays."""
    book, _ = book_in(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        exporting.write(book, None, tmp_path / "none" / "a.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match="folder"):
        exporting.write(book, None, tmp_path / "folder.csv")
    assert not list(tmp_path.glob("*.new"))


def cells(alphabet: str) -> st.SearchStrategy[str]:
    """What may be in a card."""
    return st.sampled_from(HOSTILE) | st.text(alphabet, max_size=12)


@given(
    st.lists(
        st.tuples(*[cells("éàœ'=+-@a b\"\n;,\t")] * 4),
        min_size=1, max_size=6,
    )
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_read_back(table: list[tuple[str, str, str, str]]) -> None:
    """Whatever is in the cards, an import of the file gives them again."""
    cards = [
        Recipient(
            f"+336120000{place:02}", f"06120000{place:02}", "FR", Variables(one_line(clean(name)), *map(clean, said))
        )
        for place, (name, *said) in enumerate(table)
    ]
    books = [ContactBook(_memory()) for _ in range(2)]
    books[0].take_in(cards, importing.FIELDS, None)
    pieces = [export.header(), export.lines(books[0].contacts(ContactQuery()).contacts, {})]
    found = importing.look(b"".join(pieces), Plan(), Progress())
    assert found.faults == ()
    importing.take_in(books[1], found, "", Progress())
    assert _contents(books[1]) == _contents(books[0])


def _memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(database._TABLES)
    return connection


def _contents(book: ContactBook) -> dict[str, Variables]:
    return {one.number: one.variables for one in book.contacts(ContactQuery(limit=100)).contacts}

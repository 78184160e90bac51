"""The contact book: what is kept, found, refused, imported."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.desktop import database
from smstob.desktop.book import ContactBook, Imported, Wrong
from smstob.model.contact import LONGEST_FIELD, Card, Contact, ContactQuery, Fault, Group, Recipient
from smstob.model.merge import Variables
from tests.desktop.office import book_in

ANNE = Card(name="Anne Petit", number="06 11 11 11 11", v1="lundi", v2="9 h", v3="Rennes")


@pytest.fixture
def book(tmp_path: Path) -> ContactBook:
    """An empty one."""
    return book_in(tmp_path)[0]


def kept(book: ContactBook, card: Card, id_: int | None = None) -> Contact:
    """A contact, without fail."""
    found = book.save(card, id_)
    assert isinstance(found, Contact), found
    return found


def group(book: ContactBook, name: str) -> int:
    """A new group."""
    found = book.save_group(name)
    assert isinstance(found, Group), found
    return found.id


def names(book: ContactBook, **query: object) -> list[str]:
    """The contacts that a query finds."""
    return [one.variables.name for one in book.contacts(ContactQuery(**query)).contacts]  # type: ignore[arg-type]


def test_contact(book: ContactBook, tmp_path: Path) -> None:
    """A contact is kept, changed, and found on another connection; it leaves its groups when it is deleted."""
    clients = group(book, "Clients")
    anne = kept(book, Card(name=" Anne  Petit ", number="06 11 11 11 11", v1="a\r\nb", groups=(clients, clients)))
    assert (anne.number, anne.typed, anne.country) == ("+33611111111", "06 11 11 11 11", "FR")
    assert (anne.variables, anne.groups) == (Variables("Anne  Petit", "a\nb"), (clients, clients))
    changed = kept(book, Card(name="Anne Grand", number="+33611111112"), anne.id)
    (again,) = ContactBook(database.connect(tmp_path)).contacts(ContactQuery()).contacts
    assert (again.id, again.number, again.variables.name, again.groups) == (anne.id, changed.number, "Anne Grand", ())
    book.join(clients, [anne.id, anne.id])
    assert [one.contacts for one in book.groups()] == [1]
    book.delete([anne.id, 999])
    assert (book.contacts(ContactQuery()).total, [one.contacts for one in book.groups()]) == (0, [0])


@pytest.mark.parametrize(
    ("card", "wrong"),
    [
        (Card(number="  "), Wrong("number", Fault.EMPTY)),
        (Card(number="0123456789"), Wrong("number", Fault.NOT_A_NUMBER)),
        (Card(number="\ud83d"), Wrong("number", Fault.NOT_A_NUMBER)),
        (Card(number="+33611111111"), Wrong("number", Fault.NAME_TAKEN)),
        (Card(number="0612345678", name="x" * (LONGEST_FIELD + 1)), Wrong("name", Fault.TOO_LONG)),
        (Card(number="0612345678", v2="\n".join("x" * 17)), Wrong("v2", Fault.SEVERAL_LINES)),
    ],
)
def test_wrong_card(book: ContactBook, card: Card, wrong: Wrong) -> None:
    """What is wrong with a card is told by its field, and nothing is kept of it."""
    kept(book, ANNE)
    assert book.save(card) == wrong
    assert names(book) == ["Anne Petit"]


def test_gone(book: ContactBook) -> None:
    """What was deleted meanwhile is told to be gone: no edit is lost without a word."""
    anne = kept(book, ANNE)
    clients = group(book, "Clients")
    book.delete([anne.id])
    book.delete_group(clients)
    assert book.save(ANNE, anne.id) == Wrong("number", Fault.GONE)
    assert book.save_group("Amis", clients) == Fault.GONE
    assert (book.contacts(ContactQuery()).total, book.groups()) == (0, [])


def test_groups(book: ContactBook) -> None:
    """Groups have a name each, whatever its case; contacts stay when a group goes."""
    clients = group(book, "  Clients   fidèles ")
    assert [one.name for one in book.groups()] == ["Clients fidèles"]
    for name, fault in (
        ("CLIENTS FIDÈLES", Fault.NAME_TAKEN),
        ("clients fide\u0300les", Fault.NAME_TAKEN),
        ("", Fault.EMPTY),
        ("x" * 101, Fault.TOO_LONG),
        ("a\nb", Fault.SEVERAL_LINES),
        ("06 12 34 56 78", Fault.IS_A_NUMBER),
        ("a\ud83d", Fault.SEVERAL_LINES),
    ):
        assert book.save_group(name) == fault
    assert book.save_group("Clients Fidèles", clients) == Group(clients, "Clients Fidèles", 0)
    anne = kept(book, ANNE)
    book.join(clients, [anne.id])
    book.leave(clients, [999])
    assert book.save_group("Amis", clients) == Group(clients, "Amis", 1)
    assert [one.number for one in book.group("AMIS") or ()] == [anne.number]
    book.delete_group(clients)
    assert (book.group("Amis"), names(book)) == (None, ["Anne Petit"])


def test_found(book: ContactBook) -> None:
    """Contacts are sorted as people read, and found by words, numbers however written, and group, in pages."""
    clients = group(book, "Clients")
    for name, number in (("Zoé", "0611111111"), ("élise", "0622222222"), ("Émile 100%", "0633333333")):
        kept(book, Card(name=name, number=number, groups=(clients,) if name == "Zoé" else ()))
    assert names(book) == ["élise", "Émile 100%", "Zoé"]
    assert names(book, search="EMILE") == ["Émile 100%"]
    assert names(book, search="100%") == ["Émile 100%"]
    assert names(book, search="+33 6 22") == ["élise"]
    assert names(book, search="06.22.22.22.22") == ["élise"]
    assert names(book, search="rien") == []
    assert names(book, search="%") == ["Émile 100%"]
    assert names(book, search="' OR 1=1 --\ud83d\x00") == []
    assert names(book, group=clients) == ["Zoé"]
    assert names(book, offset=1, limit=1) == ["Émile 100%"]
    assert book.contacts(ContactQuery(offset=99)).total == 3


def test_names(book: ContactBook) -> None:
    """A name finds its contacts, two at the most: more need not be told apart; no name finds nobody."""
    for number in ("0611111111", "0622222222", "0633333333"):
        kept(book, Card(name="Anne", number=number))
    kept(book, Card(number="0644444444"))
    assert len(book.named("ANNE")) == 2
    for nobody in ("", " ", "\u0301", "\ud83d", "Ann", "%"):
        assert list(book.named(nobody)) == []
    assert book.group("\ud83d") is None


def some(number: str, **said: str) -> Recipient:
    """A line of a file."""
    return Recipient(number, number, "FR", Variables(**said))


def test_import(book: ContactBook) -> None:
    """New contacts are added; of known ones only the columns that the file has are changed; all come into the group."""
    anne = kept(book, ANNE)
    clients = group(book, "Clients")
    done = book.take_in(
        [some(anne.number, name="Autre", v1="mardi"), some("+33622222222", name="Bob"), some("+33622222222", v1="x")],
        ["v1"], clients,
    )  # fmt: skip
    assert done == Imported(added=1, updated=2)
    by_number = {one.number: one.variables for one in book.contacts(ContactQuery()).contacts}
    assert by_number == {
        anne.number: Variables("Anne Petit", "mardi", "9 h", "Rennes"),
        "+33622222222": Variables("Bob", "x"),
    }
    assert len(book.group("Clients") or ()) == 2
    assert list(book.numbered(["+33622222222", "+33699999999"])) == ["+33622222222"]


def test_import_all_or_nothing(book: ContactBook) -> None:
    """An import that fails in the middle leaves the book as it was."""
    kept(book, ANNE)
    with pytest.raises(sqlite3.Error):
        book.take_in([some("+33622222222"), some(anne := "+33611111111", name="x")], ["name"], 999)
    assert names(book) == ["Anne Petit"]
    assert list(book.numbered([anne, "+33622222222"])) == [anne]


def test_many(book: ContactBook) -> None:
    """20,000 contacts: imported, found, and asked for by number all at once."""
    everybody = [some(f"+336{index:08}", name=f"n° {index}") for index in range(20_000)]
    clients = group(book, "Clients")
    assert book.take_in(everybody, ["name"], clients).added == 20_000
    assert len(book.numbered([one.number for one in everybody])) == 20_000
    assert len(book.group("clients") or ()) == 20_000
    assert names(book, search="n° 19999") == ["n° 19999"]
    book.leave(clients, [one.id for one in book.contacts(ContactQuery(limit=20_000)).contacts])
    assert book.group("clients") == []


@settings(deadline=None)
@given(name=st.text(max_size=120), v1=st.text(max_size=80), number=st.sampled_from(["0612345678", "+12125550100", "x"]))
def test_any_card(tmp_path_factory: pytest.TempPathFactory, name: str, v1: str, number: str) -> None:
    """Whatever is typed is kept and found again, or told to be wrong."""
    book = book_in(tmp_path_factory.mktemp("book"))[0]
    made = book.save(Card(name=name, number=number, v1=v1 + "\ud83d"))
    page = book.contacts(ContactQuery())
    if isinstance(made, Wrong):
        assert page.total == 0
    else:
        assert page.contacts == (made,)
        assert "\n" not in made.variables.name

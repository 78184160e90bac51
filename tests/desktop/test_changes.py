"""What is done to many contacts: deleted and put back, and how they are written to."""

from pathlib import Path

import pytest

from smstob.desktop import changes
from smstob.desktop.book import ContactBook, opened
from smstob.desktop.composing import addressees
from smstob.model.contact import Card, ContactQuery, Fault, Group
from tests.desktop.office import book_in

CARDS = tuple(Card(name=f"n{number}", number=f"06{number:08}", v1=str(number)) for number in range(10))


def group(book: ContactBook, name: str, ids: list[int]) -> Group:
    """A group with those in it."""
    made = book.save_group(name)
    assert isinstance(made, Group)
    book.join(made.id, ids)
    return made


def told(book: ContactBook) -> list[object]:
    """All that the book says, ids apart."""
    names = {one.id: one.name for one in book.groups()}
    found = book.contacts(ContactQuery(limit=100)).contacts
    return [(one.number, one.typed, one.variables, sorted(names[id_] for id_ in one.groups)) for one in found]


def test_deleted_and_restored(tmp_path: Path) -> None:
    """They come back with all that they said, into the groups that are there yet."""
    book, contacts = book_in(tmp_path, *CARDS)
    ids = [one.id for one in contacts]
    group(book, "Amis", ids[:5])
    gone = group(book, "Parti", ids[2:])
    before = told(book)
    deleted = changes.delete(book, ids[:4])
    assert (deleted.count, len(told(book))) == (4, 6)
    assert changes.restore(book, deleted) == 4
    assert told(book) == before
    deleted = changes.delete(book, ids[4:])
    book.delete_group(gone.id)
    changes.restore(book, deleted)
    assert [one.contacts for one in book.groups()] == [5]
    assert len(told(book)) == 10


def test_too_many_to_restore(tmp_path: Path) -> None:
    """Of very many nothing is kept."""
    book, _ = book_in(tmp_path)
    ids = list(range(changes.MOST_UNDONE + 1))
    deleted = changes.delete(book, ids)
    assert (deleted.count, deleted.contacts) == (len(ids), ())


def test_as_recipients(tmp_path: Path) -> None:
    """Some are numbers, all of a group are its name, and too many are nothing; the form reads it as it is meant."""
    with opened(tmp_path) as book:
        for card in CARDS:
            book.save(card)
        ids = book.found(ContactQuery())
        amis = group(book, "Amis", ids[:4])
        assert changes.as_recipients(book, ids[:2], None) == "0600000000, 0600000001"
        assert changes.as_recipients(book, ids[:2], amis) == "0600000000, 0600000001"
        assert changes.as_recipients(book, ids[3::-1], amis) == "Amis"
        assert changes.as_recipients(book, ids * 100, None) is None
        assert len(addressees("Amis", book).recipients) == 4


@pytest.mark.parametrize(("name", "is_one"), [
    ("Amis", True), ("Dupont, Jean", True), ("a;b,c;d", True), ("a,b,c,d,e", False), ("Amis,", False),
    ("06 12 34 56 78, Jean", False),
])  # fmt: skip
def test_stands_for_itself(name: str, is_one: bool) -> None:
    """Signs in a name may make the form read several."""
    assert changes.stands_for_itself(name) is is_one


def test_group_named(tmp_path: Path) -> None:
    """The group of a name, made where there is none."""
    book, _ = book_in(tmp_path)
    made = changes.group_named(book, "Amis")
    assert isinstance(made, Group)
    assert changes.group_named(book, " AMIS ") == made
    assert changes.group_named(book, " ") is Fault.EMPTY
    assert changes.group_named(book, "0612345678") is Fault.IS_A_NUMBER
    assert len(book.groups()) == 1


def test_found_and_of(tmp_path: Path) -> None:
    """Ids of all that a query finds, by name; contacts of ids, in their order, without those that are gone."""
    book, contacts = book_in(tmp_path, *reversed(CARDS))
    ids = [one.id for one in reversed(contacts)]
    amis = group(book, "Amis", ids[2:4])
    assert book.found(ContactQuery(limit=1)) == ids
    assert book.found(ContactQuery(search="n3")) == [ids[3]]
    assert book.found(ContactQuery(group=amis.id)) == ids[2:4]
    assert [one.id for one in book.of([ids[5], 999, ids[2]])] == [ids[5], ids[2]]
    assert [one.groups for one in book.of([ids[5], ids[2]])] == [(), (amis.id,)]

"""The contact book: what may be written into it, by whom, and many contacts at a time."""

import csv
from io import StringIO
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from smstob.contacts import book as books
from smstob.contacts import export, reading
from smstob.contacts.book import Book
from smstob.contacts.naming import one_line
from smstob.model.contact import Card, Choice, Contact, ContactQuery, Fault, Group, Phrase, Recipient
from smstob.model.contact_import import Plan
from smstob.model.merge import Variables
from smstob.model.refusal import Unavailable
from smstob.model.tariff import Tariff
from smstob.model.text import clean
from smstob.storage import contacts
from smstob.storage.database import Connection
from tests.house import House, outcome_of

TARIFF: Final = Tariff({"FR": 1, "RE": 1, "BE": 2})
ALL: Final = Choice(query=ContactQuery())


@pytest.fixture
def book(house: House) -> Book:
    """Its contact book."""
    return Book(house.database, TARIFF)


@pytest.fixture
def other(house: House) -> int:
    """The other one."""
    return house.account("autre@exemple.fr").id


def saved(book: Book, account: int, number: str = "0612345678", id_: int | None = None, **rest: Any) -> Contact:
    """A contact that nothing is wrong with."""
    made = outcome_of(book.save(account, id_, Card(number=number, **rest)))
    assert isinstance(made, Contact), made
    return made


def made_group(book: Book, account: int, name: str) -> Group:
    """A group that nothing is wrong with."""
    made = outcome_of(book.create_group(account, name))
    assert isinstance(made, Group), made
    return made


def everybody(book: Book, account: int, **query: Any) -> list[Contact]:
    """The first page."""
    return list(outcome_of(book.contacts(account, ContactQuery(**query))).contacts)


def fill(house: House, account: int, group: str, count: int, first: int = 0) -> int:
    """So many contacts in a new group of that name; gives its id."""
    people = [
        Recipient(f"+336{nth:08}", f"06{nth:08}", "FR", Variables(f"n {nth}")) for nth in range(first, first + count)
    ]

    def work(connection: Connection) -> int:
        made = contacts.create_group(connection, account, group)
        contacts.add(connection, account, made, people)
        return made

    return house.write(work)


def test_saved_as_typed(book: Book, account: int) -> None:
    """Clean texts, the number in E.164 and as typed, its groups; changed in whole."""
    group, second = made_group(book, account, "Amis"), made_group(book, account, "Clients")
    one = saved(
        *(book, account, " +33 (0)6 12.34.56.78 "),
        name="  E\u0301mile ",
        v1="a\r\nb\x00\x07",
        groups=(group.id, second.id, group.id),
    )
    assert one == Contact(
        id=one.id,
        number="+33612345678",
        typed="+33 (0)6 12.34.56.78",
        country="FR",
        variables=Variables("Émile", "a\nb"),
        groups=(group.id, second.id),
    )
    assert outcome_of(book.contact(account, one.id)) == one
    changed = saved(book, account, "0692123456", one.id, name="Zoé", groups=(second.id,))
    assert (changed.id, changed.number, changed.country) == (one.id, "+262692123456", "RE")
    assert changed.groups == (second.id,)
    assert changed.variables == Variables("Zoé")
    assert everybody(book, account) == [changed]
    twin = saved(book, account, "0692123456", name="Zoé")
    assert twin.id != one.id, "the same number may be on two cards"


@pytest.mark.parametrize(
    ("card", "faults"),
    [
        (Card(number=""), {"number": Fault.EMPTY}),
        (Card(number="  "), {"number": Fault.EMPTY}),
        (Card(number="0123456789"), {"number": Fault.NOT_A_NUMBER}),
        (Card(number="x" * 10_000), {"number": Fault.NOT_A_NUMBER}),
        (Card(number="+41791234567"), {"number": Fault.CLOSED_COUNTRY}),
        (Card(number="06 12 34 56 78; 0612345679"), {"number": Fault.NOT_A_NUMBER}),
        (Card(number="0612345678", name="a\nb"), {"name": Fault.SEVERAL_LINES}),
        (Card(number="0612345678", name="a\u2028b"), {"name": Fault.SEVERAL_LINES}),
        (Card(number="0612345678", name="x" * 2001), {"name": Fault.TOO_LONG}),
        (Card(number="0612345678", v2="x" * 2001), {"v2": Fault.TOO_LONG}),
        (Card(number="0612345678", v3="a\n" * 16 + "b"), {"v3": Fault.SEVERAL_LINES}),
        (Card(number="", name="a\nb", v1="\n" * 3), {"number": Fault.EMPTY, "name": Fault.SEVERAL_LINES}),
        (Card(number="0612345678", groups=(10**9,)), {"groups": Fault.GONE}),
    ],
)  # fmt: skip
def test_faulty_cards(book: Book, account: int, card: Card, faults: dict[str, Fault]) -> None:
    """What is wrong is told of each field, and nothing is kept; neither new nor changed."""
    one = saved(book, account, name="Jean")
    assert outcome_of(book.save(account, None, card)) == faults
    assert outcome_of(book.save(account, one.id, card)) == faults
    assert everybody(book, account) == [one]


def test_limits_of_a_card(book: Book, account: int) -> None:
    """The longest that is allowed."""
    one = saved(book, account, name="x" * 2000, v1="y" * 2000, v3="\n".join("abcdefghijklmnop"))
    assert outcome_of(book.contact(account, one.id)) == one


def test_full_book(book: Book, account: int, other: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more fit: contacts, groups, phrases; what is there may still be changed, and other accounts are not full."""
    monkeypatch.setattr(books, "MOST_CONTACTS", 1)
    monkeypatch.setattr(books, "MOST_GROUPS", 1)
    monkeypatch.setattr(books, "MOST_PHRASES", 1)
    one = saved(book, account)
    assert outcome_of(book.save(account, None, Card(number="0612345679"))) == {"contact": Fault.TOO_MANY}
    saved(book, account, "0612345679", one.id)
    group = made_group(book, account, "Amis")
    assert outcome_of(book.create_group(account, "Clients")) == Fault.TOO_MANY
    assert outcome_of(book.rename_group(account, group.id, "Clients")) == Group(group.id, "Clients", 0)
    phrase = outcome_of(book.save_phrase(account, None, "a", "b"))
    assert isinstance(phrase, Phrase)
    assert outcome_of(book.save_phrase(account, None, "c", "d")) == {"phrase": Fault.TOO_MANY}
    assert outcome_of(book.save_phrase(account, phrase.id, "c", "d")) == Phrase(phrase.id, "c", "d")
    saved(book, other)
    made_group(book, other, "Amis")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" Été \u00a0 2026 ", "Été 2026"),
        ("Équipe\u202fA", "Équipe A"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("عملاء", "عملاء"),
        ("a" * 100, "a" * 100),
        ("", Fault.EMPTY),
        (" \t\u00a0", Fault.EMPTY),
        ("a" * 101, Fault.TOO_LONG),
        ("a\nb", Fault.SEVERAL_LINES),
        ("a\rb", Fault.SEVERAL_LINES),
        ("a\u2028b", Fault.SEVERAL_LINES),
        ("a\x00b", Fault.SEVERAL_LINES),
        ("a\u202eb", Fault.SEVERAL_LINES),
        ("a\ud800", Fault.SEVERAL_LINES),
        ("06 12 34 56 78", Fault.IS_A_NUMBER),
        ("0612345678;0612345679", Fault.IS_A_NUMBER),
        ("+32470123456", Fault.IS_A_NUMBER),
        ("0612345678 Jean", "0612345678 Jean"),
        ("<script>", "<script>"),
    ],
)
def test_group_names(book: Book, account: int, typed: str, name: str | Fault) -> None:
    """One line that is no number, for a new group and for another name."""
    group = made_group(book, account, "Autre")
    made, renamed = (
        outcome_of(book.create_group(account, typed)),
        outcome_of(book.rename_group(account, group.id, f"{typed}" if isinstance(name, Fault) else f"{typed} bis")),
    )
    if isinstance(name, Fault):
        assert (made, renamed) == (name, name)
        assert outcome_of(book.groups(account)) == [group]
    else:
        assert isinstance(made, Group)
        assert (made.name, made.contacts) == (name, 0)


def test_group_name_taken(book: Book, account: int, other: int) -> None:
    """By case and accents' form; a group may keep its own in another case; other accounts do not count."""
    group, second = made_group(book, account, "Été"), made_group(book, account, "Hiver")
    assert outcome_of(book.create_group(account, "E\u0301TE\u0301 ")) == Fault.NAME_TAKEN
    assert outcome_of(book.rename_group(account, second.id, "été")) == Fault.NAME_TAKEN
    assert outcome_of(book.rename_group(account, group.id, "ÉTÉ")) == Group(group.id, "ÉTÉ", 0)
    assert made_group(book, other, "Été").id != group.id


def test_others_are_not_there(house: House, book: Book, account: int, other: int) -> None:
    """Nothing can be read or changed by another account, and its own things cannot be mixed with these."""
    one = saved(book, account, name="Jean", groups=(made_group(book, account, "Amis").id,))
    (group,) = outcome_of(book.groups(account))
    phrase = outcome_of(book.save_phrase(account, None, "a", "b"))
    assert isinstance(phrase, Phrase)
    mine = saved(book, other, name="Moi")
    my_group = made_group(book, other, "Amis")
    ids, own = Choice(ids=(one.id,)), Choice(ids=(mine.id,))
    assert outcome_of(book.contact(other, one.id)) is None
    assert everybody(book, other, group=group.id) == []
    assert outcome_of(book.save(other, one.id, Card(number="0612345679"))) == {"contact": Fault.GONE}
    assert outcome_of(book.save(other, None, Card(number="0612345679", groups=(group.id,)))) == {"groups": Fault.GONE}
    assert outcome_of(book.delete(other, ids)) == 0
    assert outcome_of(book.delete(other, Choice(query=ContactQuery(group=group.id)))) == 0
    assert outcome_of(book.put_into(other, group.id, own)) == Fault.GONE
    assert outcome_of(book.put_into(other, my_group.id, ids)) == 0
    assert outcome_of(book.put_into(other, my_group.id, Choice(query=ContactQuery(group=group.id)))) == 0
    assert outcome_of(book.take_out(other, group.id, ids)) == Fault.GONE
    assert outcome_of(book.take_out(other, my_group.id, ids)) == 0
    assert outcome_of(book.rename_group(other, group.id, "Volé")) == Fault.GONE
    assert outcome_of(book.delete_group(other, group.id, contacts=True)) == Fault.GONE
    assert outcome_of(book.export(other, group.id)) == export.header()
    assert outcome_of(book.save_phrase(other, phrase.id, "x", "y")) == {"phrase": Fault.GONE}
    assert outcome_of(book.delete_phrase(other, phrase.id)) is False
    assert outcome_of(book.phrases(other)) == []
    assert everybody(book, account) == [one]
    assert outcome_of(book.groups(account)) == [Group(group.id, "Amis", 1)]
    assert everybody(book, other) == [mine]


def test_gone(book: Book, account: int) -> None:
    """What is deleted is not there a second time."""
    one, group = saved(book, account), made_group(book, account, "Amis")
    assert outcome_of(book.delete(account, Choice(ids=(one.id, one.id)))) == 1
    assert outcome_of(book.delete(account, Choice(ids=(one.id,)))) == 0
    assert outcome_of(book.delete(account, Choice())) == 0
    assert outcome_of(book.delete_group(account, group.id, contacts=True)) == 0
    assert outcome_of(book.delete_group(account, group.id, contacts=True)) == Fault.GONE
    assert outcome_of(book.put_into(account, group.id, ALL)) == Fault.GONE
    assert outcome_of(book.take_out(account, group.id, Choice())) == Fault.GONE
    assert outcome_of(book.rename_group(account, group.id, "Amis")) == Fault.GONE
    assert outcome_of(book.save(account, one.id, Card(number="0612345678"))) == {"contact": Fault.GONE}


def test_many_at_a_time(house: House, book: Book, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ids and by what a query finds, in more slices than one; each transaction holds no more than a slice."""
    monkeypatch.setattr(books, "SLICE", 10)
    first, second = fill(house, account, "A", 25), made_group(book, account, "B")
    fill(house, account, "C", 5, first=1000)
    some = ContactQuery(search="n 060000001", group=first)

    def sizes() -> list[int]:
        return [one.contacts for one in outcome_of(book.groups(account))]

    assert outcome_of(book.put_into(account, second.id, Choice(query=some))) == 10
    assert outcome_of(book.put_into(account, second.id, Choice(query=ContactQuery(group=first)))) == 15
    assert outcome_of(book.put_into(account, second.id, ALL)) == 5
    assert sizes() == [25, 30, 5]
    ids = tuple(one.id for one in everybody(book, account, group=first, limit=12))
    assert outcome_of(book.take_out(account, second.id, Choice(ids=ids))) == 12
    assert outcome_of(book.take_out(account, second.id, Choice(query=ContactQuery(search="n 100")))) == 5
    assert sizes() == [25, 13, 5]
    assert outcome_of(book.delete(account, Choice(query=some))) == 10
    assert outcome_of(book.contacts(account, ContactQuery())).total == 20
    assert outcome_of(book.delete(account, ALL)) == 20
    assert sizes() == [0, 0, 0]


@pytest.mark.parametrize("with_contacts", [True, False])
def test_group_deleted(
    house: House, book: Book, account: int, with_contacts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its contacts that are in no other group, or without any; others keep theirs."""
    monkeypatch.setattr(books, "SLICE", 10)
    group, second = fill(house, account, "A", 25), fill(house, account, "B", 3, first=100)
    shared = tuple(one.id for one in everybody(book, account, group=group, limit=4))
    outcome_of(book.put_into(account, second, Choice(ids=shared)))
    assert outcome_of(book.delete_group(account, group, with_contacts)) == (21 if with_contacts else 0)
    assert outcome_of(book.groups(account)) == [Group(second, "B", 7)]
    assert outcome_of(book.contacts(account, ContactQuery())).total == (7 if with_contacts else 28)


def test_single_messages_go_between(
    house: House, book: Book, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many are deleted slice by slice: the writer is given the next when the last is done."""
    monkeypatch.setattr(books, "SLICE", 10)
    fill(house, account, "A", 25)
    house.workers.held = True
    deleting = Deferred.fromCoroutine(book.delete(account, ALL))
    assert house.workers.waiting() == 1
    house.workers.go()
    assert outcome_of(deleting) == 25


def test_away(house: House, book: Book, account: int) -> None:
    """What storage raises comes through, and nothing has changed."""
    one = saved(book, account)
    house.database.away = True
    asked: list[Any] = [
        book.contacts(account, ContactQuery()),
        book.save(account, None, Card(number="0612345678")),
        book.delete(account, Choice(ids=(one.id,))),
        book.create_group(account, "A"),
        book.export(account, None),
        book.save_phrase(account, None, "a", "b"),
    ]
    for one_asked in asked:
        with pytest.raises(Unavailable):
            outcome_of(one_asked)
    house.database.away = False
    assert everybody(book, account) == [one]


def test_phrases(book: Book, account: int) -> None:
    """Names differ by more than case; a text may have lines."""
    first = outcome_of(book.save_phrase(account, None, " Rappel ", " Bonjour [nom],\r\nà demain \x07"))
    assert isinstance(first, Phrase)
    assert (first.name, first.text) == ("Rappel", "Bonjour [nom],\nà demain")
    assert outcome_of(book.save_phrase(account, None, "RAPPEL", "x")) == {"name": Fault.NAME_TAKEN}
    assert outcome_of(book.save_phrase(account, None, "", " \n")) == {"name": Fault.EMPTY, "text": Fault.EMPTY}
    assert outcome_of(book.save_phrase(account, None, "a\nb", "x" * 2001)) == {
        "name": Fault.SEVERAL_LINES,
        "text": Fault.TOO_LONG,
    }
    assert outcome_of(book.save_phrase(account, first.id, "rappel", "y")) == Phrase(first.id, "rappel", "y")
    assert outcome_of(book.phrases(account)) == [Phrase(first.id, "rappel", "y")]
    assert outcome_of(book.delete_phrase(account, first.id))
    assert outcome_of(book.phrases(account)) == []


def test_pages_are_bounded(house: House, book: Book, account: int) -> None:
    """Whatever is asked for."""
    fill(house, account, "A", 600)
    for limit, count in ((10**9, 500), (-1, 0)):
        page = outcome_of(book.contacts(account, ContactQuery(limit=limit, offset=-5)))
        assert (len(page.contacts), page.total) == (count, 600)


def test_export(book: Book, account: int) -> None:
    """By name, as French spreadsheets read it; numbers as they are dialled."""
    group, second = made_group(book, account, "=Amis; «proches»"), made_group(book, account, "Clients")
    saved(book, account, "+32470123456", name="zoé")
    saved(book, account, "0692123456", name="Émile", v1="a;b", v2='"c"', v3="d\ne", groups=(group.id, second.id))
    saved(book, account, "+33612345678", name="=1+1", v1="@x", v2="-y", v3="'=z")
    assert outcome_of(book.export(account, None)).decode("utf-8") == (
        "\ufeffNom;Numéro;Variable1;Variable2;Variable3;Groupes\r\n"
        "'=1+1;0612345678;'@x;'-y;''=z;\r\n"
        'Émile;0692123456;"a;b";"""c""";"d\ne";"\'=Amis; «proches», Clients"\r\n'
        "zoé;'+32470123456;;;;\r\n"
    )
    assert outcome_of(book.export(account, second.id)).decode("utf-8").count("\r\n") == 2


SAID: Final = st.text(max_size=30) | st.text("=+-@'\t\r\n\"; ,|é0\\", max_size=8)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(SAID, SAID, SAID, SAID, st.sampled_from(["+336", "+262692"])), max_size=6))
def test_export_is_read_back(said: list[tuple[str, str, str, str, str]]) -> None:
    """Whatever cards hold: the file gives the same contacts, and no cell of it is a formula."""
    cards = [
        Contact(
            id=nth,
            number=f"{prefix}{nth:0{(12 if prefix == '+336' else 13) - len(prefix)}}",
            typed="",
            country="FR",
            variables=Variables(one_line(clean(name)), *map(clean, variables)),
            groups=(1,),
        )
        for nth, (name, *variables, prefix) in enumerate(said)
    ]
    content = export.header() + export.lines(cards, {1: "=Groupe"})
    for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    if cards:
        found = reading.read(content, Plan(), TARIFF)
        assert found.faults == ()
        assert [(one.number, one.variables) for one in found.recipients] == [
            (one.number, one.variables) for one in cards
        ]

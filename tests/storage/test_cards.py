"""Contacts by name and by what they say: found, paged, changed; and how the database goes about it."""

from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from smstob.model.contact import Contact, ContactQuery, Recipient, plain, search_words, searched
from smstob.model.merge import Variables
from smstob.model.text import clean
from smstob.storage import bulk, cards, contacts, groups
from smstob.storage.schema import contact, membership

from .scenes import open_account


def who(number: int, name: str = "", v1: str = "", v2: str = "", v3: str = "") -> Recipient:
    """A French mobile of that serial number."""
    return Recipient(f"+336{number:08}", f"06 {number:08}", "FR", Variables(name, v1, v2, v3))


PEOPLE: Final = [
    who(12_345_678, "Hélène Œdipe", "Hédé", "100%_sûr", "a!b"),
    who(12_345_679, "helene", "HÉDÉ", "facture 12/03/2026"),
    who(99_999_999, "Émile Zola", "Rennes"),
    who(99_999_998, "Straße ﬁn", "ligne 1\nligne 2", "\\ ' \" ; --"),
]


def found(connection: Connection, account: int, search: str, **rest: Any) -> list[str]:
    """Names of what is found."""
    page = cards.page(connection, account, ContactQuery(search=search, **rest))
    assert page.total >= len(page.contacts)
    return [one.variables.name for one in page.contacts]


@pytest.fixture
def account(connection: Connection) -> int:
    """An account with ``PEOPLE`` in a group, and another one that has them too."""
    other, mine = open_account(connection).id, open_account(connection).id
    for one in (other, mine):
        contacts.add(connection, one, contacts.create_group(connection, one, "Tous"), PEOPLE)
    return mine


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", ["Émile Zola", "helene", "Hélène Œdipe", "Straße ﬁn"]),
        ("   ", ["Émile Zola", "helene", "Hélène Œdipe", "Straße ﬁn"]),
        ("HELENE", ["helene", "Hélène Œdipe"]),
        ("hede hél", ["helene", "Hélène Œdipe"]),
        ("œdi", ["Hélène Œdipe"]),
        ("zola rennes", ["Émile Zola"]),
        ("zola hédé", []),
        ("strasse", ["Straße ﬁn"]),
        ("fin", ["Straße ﬁn"]),
        ("ligne 2", ["Straße ﬁn"]),
        ("06 12 34 56 78", ["Hélène Œdipe"]),
        ("06.12.34.56.7", ["helene", "Hélène Œdipe"]),
        ("+33 (0)6 12-34-56-79", ["helene"]),
        ("0033612345679", ["helene"]),
        ("33699", ["Émile Zola", "Straße ﬁn"]),
        ("９９９９", ["Émile Zola", "Straße ﬁn"]),
        ("12/03/2026", ["helene"]),
        ("%", ["Hélène Œdipe"]),
        ("_", ["Hélène Œdipe"]),
        ("100%_s", ["Hélène Œdipe"]),
        ("a!b", ["Hélène Œdipe"]),
        ("!", ["Hélène Œdipe"]),
        ("\\", ["Straße ﬁn"]),
        ("' OR 1=1 --", []),
        ("?", []),
        ("{among}", []),
        (":a %s", []),
        ("\0zola\ud800", ["Émile Zola"]),
        ("+", ["Émile Zola", "helene", "Hélène Œdipe", "Straße ﬁn"][:0]),
        ("zola " * 1000, ["Émile Zola"]),
    ],
)
def test_search(connection: Connection, account: int, search: str, names: list[str]) -> None:
    """Every word counts; case, accents and the way a number is written do not; wildcards are letters."""
    assert sorted(found(connection, account, search)) == sorted(names)


def test_pages(connection: Connection, account: int) -> None:
    """By name without accents, a page at a time; beyond the end there is nothing."""
    wanted = ["Émile Zola", "helene", "Hélène Œdipe", "Straße ﬁn"]
    for size in (1, 2, 3, 4, 5):
        pages = [found(connection, account, "", offset=start, limit=size) for start in range(0, 6, size)]
        assert [name for page in pages for name in page] == wanted
    for query in (ContactQuery(offset=99), ContactQuery(limit=0), ContactQuery(search="hede", offset=2)):
        page = cards.page(connection, account, query)
        assert page.contacts == ()
        assert page.total == (2 if query.search else 4)


@pytest.mark.parametrize("few", [0, 1, 2, 100])
def test_either_way_finds_the_same(
    connection: Connection, account: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is gathered and what is walked to: the same pages, whatever is few."""
    chance = Random(7)
    names = ["Jean", "Jérôme", "Zoé", "Ève", "jean"]
    group = contacts.create_group(connection, account, "Autre")
    contacts.add(connection, account, group, [who(n, chance.choice(names), f"v{n % 3}") for n in range(60)])
    everybody = cards.of(connection, account, cards.found(connection, account, ContactQuery()))
    monkeypatch.setattr(cards, "FEW", few)
    for search in ("", "jean", "v1", "jean v2", "absent", "0600"):
        for in_group in (None, group, 10**9):
            fitting = [
                one
                for one in everybody
                if in_group in (None, *one.groups) and _fits(search, one)
            ]
            wanted = [one.id for one in sorted(fitting, key=lambda one: (plain(one.variables.name), one.id))]
            for offset in (0, 3, 29, 31, 55, 64, 99):
                query = ContactQuery(search=search, group=in_group, offset=offset, limit=10)
                page = cards.page(connection, account, query)
                assert [one.id for one in page.contacts] == wanted[offset : offset + 10]
                assert page.total == len(wanted)
            assert sorted(cards.found(connection, account, query)) == sorted(wanted)
            assert cards.found(connection, account, query, by_name=True) == wanted


def _fits(search: str, one: Contact) -> bool:
    text = searched(one.number, one.typed, one.variables)
    return all(any(form in text for form in forms) for forms in search_words(search))


def test_group_of_another(connection: Connection, account: int) -> None:
    """Another account's group has nothing in it, and its contacts are not there."""
    (theirs,) = groups.by_name(connection, account)
    stranger = open_account(connection).id
    for search in ("", "zola"):
        query = ContactQuery(search=search, group=theirs.id)
        assert cards.page(connection, stranger, query).total == 0
        assert cards.found(connection, stranger, query) == []
    ids = cards.found(connection, account, ContactQuery())
    assert cards.of(connection, stranger, ids) == []
    assert cards.one(connection, stranger, ids[0]) is None
    assert not cards.change(connection, stranger, ids[0], PEOPLE[1])
    assert cards.remove(connection, stranger, ids) == 0
    assert cards.owned(connection, stranger, ids) == []
    assert cards.size(connection, account) == 4


def test_one_card(connection: Connection, account: int) -> None:
    """Made, changed, put into groups, removed; it is found by what it says now."""
    first, second = (contacts.create_group(connection, account, name) for name in ("Un", "Deux"))
    id_ = cards.create(connection, account, who(1, "Ünal", "x"))
    assert cards.one(connection, account, id_) == Contact(
        id=id_, number="+33600000001", typed="06 00000001", country="FR", variables=Variables("Ünal", "x")
    )
    for wanted in ([first, second], [second], [second], [first], []):
        cards.put_into_only(connection, id_, wanted)
        found_ = cards.one(connection, account, id_)
        assert found_ is not None
        assert found_.groups == tuple(wanted)
    assert cards.change(connection, account, id_, who(2, "Zed", "y"))
    assert found(connection, account, "unal") == []
    assert found(connection, account, "zed 0600000002") == ["Zed"]
    cards.put_into_only(connection, id_, [first])
    assert cards.remove(connection, account, [id_, id_]) == 1
    assert cards.one(connection, account, id_) is None
    assert [one.contacts for one in groups.by_name(connection, account)] == [0, 4, 0]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40), st.text(max_size=20), st.integers(0, 38_999_999))
def test_any_word_is_found(name: str, v1: str, number: int) -> None:
    """Whatever is written on a card, each of its words finds it, in either case; and so do its numbers."""
    one = who(number, clean(name), clean(v1))
    text = searched(one.number, one.typed, one.variables)
    words = [*one.variables.name.split(), *one.variables.v1.split()]
    numbers = [one.number, one.number.replace("+", "00"), f"0{one.number[3:]}", f"+33 (0){one.number[3:]}"]
    for word in (*words, *(word.upper() for word in words), *numbers, one.typed):
        for forms in search_words(word):
            assert any(form in text for form in forms), word


def test_plans(connection: Connection, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite walks along the index of names, gathers members from the group, and reads rows in the order they lie."""
    if connection.dialect.name != "sqlite":
        return
    plans: list[str] = []
    query = bulk.query

    def explained(connection: Connection, statement: str, *parameters: Any) -> list[Any]:
        steps = query(connection, f"EXPLAIN QUERY PLAN {statement}", *parameters)
        plans.append(" / ".join(step.detail for step in steps))
        return query(connection, statement, *parameters)

    monkeypatch.setattr(bulk, "query", explained)
    monkeypatch.setattr(cards, "FEW", 0)
    (group,) = groups.by_name(connection, account)
    cards.page(connection, account, ContactQuery(search="zola", group=group.id))
    gathered, counted, walked = plans
    for plan in (gathered, counted):
        assert "SEARCH membership USING PRIMARY KEY (group_id=?) / SEARCH contact USING INTEGER PRIMARY KEY" in plan
    assert "contact USING INDEX ix_contact_account_id_key_id (account_id=?)" in walked
    assert "membership USING PRIMARY KEY (group_id=? AND contact_id=?)" in walked
    assert "TEMP B-TREE" not in walked
    plans.clear()
    cards.page(connection, account, ContactQuery(search="zola"))
    gathered, counted, walked = plans
    assert "contact USING INDEX ix_contact_account_id (account_id=?)" in gathered
    assert "contact USING INDEX ix_contact_account_id (account_id=?)" in counted
    assert walked == "SEARCH contact USING INDEX ix_contact_account_id_key_id (account_id=?)"
    plans.clear()
    cards.page(connection, account, ContactQuery())
    assert plans[-1] == "SEARCH contact USING COVERING INDEX ix_contact_account_id_key_id (account_id=?)"


def test_bulk_columns_are_kept(connection: Connection, account: int) -> None:
    """What is sorted and searched by is what the card says, after every way of writing one."""
    id_ = cards.create(connection, account, who(1, "A"))
    cards.change(connection, account, id_, who(2, "Bé", "Ça"))
    for row in connection.execute(contact.select().where(contact.c.account_id == account)):
        assert row.key == plain(row.name)
        assert row.searched == searched(row.number, row.typed, contacts.recipient(row).variables)
    assert connection.execute(membership.select()).all()

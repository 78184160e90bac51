"""Groups: named, filled, emptied, deleted; phrases. Other accounts' are not there."""

import pytest
from sqlalchemy import Connection

from smstob.model.contact import ContactQuery, Group, Phrase
from smstob.storage import cards, contacts, groups, phrases
from smstob.storage.accounts import AlreadyThere

from .scenes import open_account
from .test_cards import who


@pytest.fixture
def account(connection: Connection) -> int:
    """An account with three contacts in no group."""
    mine = open_account(connection).id
    for number in range(3):
        cards.create(connection, mine, who(number, f"n{number}"))
    return mine


def test_names(connection: Connection, account: int) -> None:
    """By name, without regard to case and accents; another name only where no other group has it."""
    names = ["Zoo", "élèves", "Ecole", "à voir"]
    ids = [contacts.create_group(connection, account, name) for name in names]
    assert [one.name for one in groups.by_name(connection, account)] == ["à voir", "Ecole", "élèves", "Zoo"]
    assert groups.count(connection, account) == 4
    assert groups.rename(connection, account, ids[0], "ZOO")
    assert contacts.find_group(connection, account, "zoo") == ids[0]
    with pytest.raises(AlreadyThere):
        groups.rename(connection, account, ids[0], "ÉLÈVES")
    assert groups.one(connection, account, ids[0]) == Group(ids[0], "ZOO", 0)
    other = open_account(connection).id
    assert not groups.rename(connection, other, ids[0], "A")
    assert groups.one(connection, other, ids[0]) is None
    assert groups.among(connection, other, ids) == set()
    assert groups.among(connection, account, [*ids, 10**9]) == set(ids)
    assert not groups.remove(connection, other, ids[0])


def test_filled_and_emptied(connection: Connection, account: int) -> None:
    """Each contact once, however often it is put in; of another account neither contacts nor groups."""
    group = contacts.create_group(connection, account, "G")
    ids = cards.found(connection, account, ContactQuery())
    other = open_account(connection).id
    stranger = cards.create(connection, other, who(9))
    theirs = contacts.create_group(connection, other, "G")
    assert groups.put(connection, account, group, [ids[0], stranger, 10**9]) == 1
    assert groups.put(connection, account, group, [*ids, *ids]) == 2
    assert groups.put(connection, account, theirs, ids) is None
    assert groups.put(connection, other, group, [stranger]) is None
    assert groups.members(connection, account, group) == ids
    assert groups.members(connection, other, group) is None
    assert groups.take_out(connection, other, group, ids) is None
    assert groups.take_out(connection, account, group, [ids[0], stranger]) == 1
    assert groups.take_out(connection, account, group, []) == 0
    assert groups.one(connection, account, group) == Group(group, "G", 2)
    second = contacts.create_group(connection, account, "H")
    groups.put(connection, account, second, ids[:2])
    assert sorted(groups.only_in(connection, group, ids)) == ids[2:]
    assert groups.remove(connection, account, group)
    assert groups.one(connection, account, group) is None
    assert cards.size(connection, account) == 3
    assert groups.one(connection, account, second) == Group(second, "H", 2)


def test_phrases(connection: Connection, account: int) -> None:
    """By name; another account's are not there."""
    other = open_account(connection).id
    second, first = (phrases.create(connection, account, name, "x") for name in ("Zoé", "élan"))
    assert phrases.by_name(connection, account) == [Phrase(first, "élan", "x"), Phrase(second, "Zoé", "x")]
    assert phrases.by_name(connection, other) == []
    assert not phrases.change(connection, other, first, "b", "y")
    assert not phrases.remove(connection, other, first)
    assert phrases.change(connection, account, first, "zzz", "y\nz")
    assert phrases.by_name(connection, account) == [Phrase(second, "Zoé", "x"), Phrase(first, "zzz", "y\nz")]
    assert phrases.remove(connection, account, first)
    assert not phrases.remove(connection, account, first)

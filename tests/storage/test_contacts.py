"""Contacts and groups: found as people type them, told in the order they came."""

import pytest
from sqlalchemy import Connection, select

from smstob.model.contact import Group, Recipient
from smstob.model.merge import Variables
from smstob.storage import cards, contacts, groups
from smstob.storage.accounts import AlreadyThere
from smstob.storage.schema import membership

from .scenes import open_account

PEOPLE = [
    Recipient("+33612345678", "06 12 34 56 78", "FR", Variables("L'Hôtel «À» 😀", "a\\b", "{x,y}", '"NULL"')),
    Recipient("+262692123456", "0692123456", "RE", Variables()),
    Recipient("+33612345678", "0612345678", "FR", Variables("twice", "%s", ":a", "?")),
]


def test_group_is_found_as_it_is_typed(connection: Connection) -> None:
    """Case, Unicode form and outer spaces do not count; its own account does."""
    account, other = open_account(connection), open_account(connection)
    made = contacts.create_group(connection, account.id, " Été STRASSE ")
    for typed in ("été strasse", "E\u0301TE\u0301 Straße  "):
        assert contacts.find_group(connection, account.id, typed) == made
        with pytest.raises(AlreadyThere):
            contacts.create_group(connection, account.id, typed)
    assert contacts.find_group(connection, account.id, "ete strasse") is None
    assert contacts.find_group(connection, other.id, "été strasse") is None
    assert contacts.create_group(connection, other.id, "été strasse") != made


def test_members_are_as_they_were_added(connection: Connection) -> None:
    """Every value comes back, oldest first, over several additions; groups tell how many."""
    account = open_account(connection)
    full = contacts.create_group(connection, account.id, "Clients")
    empty = contacts.create_group(connection, account.id, "Aucun")
    contacts.add(connection, account.id, full, PEOPLE)
    contacts.add(connection, account.id, full, PEOPLE[:1])
    contacts.add(connection, account.id, full, [])
    assert contacts.members(connection, full) == [*PEOPLE, PEOPLE[0]]
    assert groups.by_name(connection, account.id) == [Group(empty, "Aucun", 0), Group(full, "Clients", 4)]
    assert groups.by_name(connection, open_account(connection).id) == []


def test_many_contacts(connection: Connection) -> None:
    """Ten thousand at once, and none is lost."""
    account = open_account(connection)
    group = contacts.create_group(connection, account.id, "Tous")
    people = [Recipient(f"+336{nth:08}", f"06{nth:08}", "FR", Variables(f"n° {nth}")) for nth in range(10_000)]
    contacts.add(connection, account.id, group, people)
    assert contacts.members(connection, group) == people


def test_selected(connection: Connection) -> None:
    """Contacts in the order given, then groups; twice over where they are in both; nothing of another account."""
    account, other = open_account(connection), open_account(connection)
    group = contacts.create_group(connection, account.id, "Clients")
    contacts.add(connection, account.id, group, PEOPLE)
    empty = contacts.create_group(connection, account.id, "Aucun")
    theirs = contacts.create_group(connection, other.id, "Clients")
    contacts.add(connection, other.id, theirs, PEOPLE[1:2])
    first, second, third = (contact.id for contact in cards.of(connection, account.id, ids_in(connection, group)))
    (stranger,) = ids_in(connection, theirs)

    def chosen(ids: list[int], of_groups: list[int]) -> list[Recipient]:
        return contacts.selected(connection, account.id, ids, of_groups)

    assert chosen([third, stranger, first, third, 10**9], []) == [PEOPLE[2], PEOPLE[0]]
    assert chosen([second], [theirs, empty, group, group, 10**9]) == [PEOPLE[1], *PEOPLE]
    assert chosen([], []) == []
    assert contacts.selected(connection, other.id, [first, second], [group]) == []


def ids_in(connection: Connection, group: int) -> list[int]:
    """The ids of a group's contacts, oldest first."""
    return sorted(connection.execute(select(membership.c.contact_id).where(membership.c.group_id == group)).scalars())

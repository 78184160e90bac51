"""Contacts and groups: found as people type them, told in the order they came."""

import pytest
from sqlalchemy import Connection

from smstob.model.contact import Group, Recipient
from smstob.model.merge import Variables
from smstob.storage import contacts
from smstob.storage.accounts import AlreadyThere

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
    contacts.create_group(connection, account.id, "Aucun")
    contacts.add(connection, account.id, full, PEOPLE)
    contacts.add(connection, account.id, full, PEOPLE[:1])
    contacts.add(connection, account.id, full, [])
    assert contacts.members(connection, full) == [*PEOPLE, PEOPLE[0]]
    assert contacts.groups(connection, account.id) == [Group("Aucun", 0), Group("Clients", 4)]
    assert contacts.groups(connection, open_account(connection).id) == []


def test_many_contacts(connection: Connection) -> None:
    """Ten thousand at once, and none is lost."""
    account = open_account(connection)
    group = contacts.create_group(connection, account.id, "Tous")
    people = [Recipient(f"+336{nth:08}", f"06{nth:08}", "FR", Variables(f"n° {nth}")) for nth in range(10_000)]
    contacts.add(connection, account.id, group, people)
    assert contacts.members(connection, group) == people

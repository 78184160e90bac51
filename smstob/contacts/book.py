"""The contact book's use cases: each a plain function of a connection, for one transaction."""

from collections.abc import Sequence
from typing import Final

from ..model.contact import Recipient
from ..storage import contacts
from ..storage.database import Connection

SLICE: Final = 1000
"""Contacts that one statement stores."""


def import_contacts(connection: Connection, account: int, group: str, recipients: Sequence[Recipient]) -> int:
    """Add ``recipients`` to the account's book and to its group of that name, made where there is none.

    Gives the group's id.
    """
    found = contacts.find_group(connection, account, group)
    group_id = contacts.create_group(connection, account, group) if found is None else found
    for start in range(0, len(recipients), SLICE):
        contacts.add(connection, account, group_id, recipients[start : start + SLICE])
    return group_id

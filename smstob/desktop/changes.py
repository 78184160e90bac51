"""What is done to many contacts at once, what is needed to undo it, and how many are written to. For a thread."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ..contacts.naming import group_name
from ..model.contact import Contact, ContactQuery, Fault, Group, Recipient, group_key
from ..model.number import national
from .book import ContactBook
from .composing import addressees

MOST_UNDONE: Final = 2000
"""Contacts whose deletion can be undone: they stay in memory till then."""

MOST_WRITTEN: Final = 500
"""Numbers that are put into the form at most: whoever writes to more makes a group."""


@attrs.frozen
class Deleted:
    """Contacts that were deleted."""

    count: int
    contacts: tuple[Contact, ...] = attrs.field(repr=False)
    """All of them, or none where they are too many."""


def delete(book: ContactBook, ids: Sequence[int]) -> Deleted:
    """Delete those. Raises ``sqlite3.Error``: none was then."""
    contacts = tuple(book.of(ids)) if len(ids) <= MOST_UNDONE else ()
    book.delete(ids)
    return Deleted(len(ids), contacts)


def restore(book: ContactBook, deleted: Deleted) -> int:
    """Put them back, into their groups too, if these are there yet; gives how many."""
    book.take_in(map(_recipient, deleted.contacts), (), None)
    for group in book.groups():
        members = [_recipient(one) for one in deleted.contacts if group.id in one.groups]
        if members:
            book.take_in(members, (), group.id)
    return len(deleted.contacts)


def _recipient(one: Contact) -> Recipient:
    return Recipient(one.number, one.typed, one.country, one.variables)


def as_recipients(book: ContactBook, ids: Sequence[int], group: Group | None) -> str | None:
    """What stands for those in the form: ``group`` where they are all of it, or else numbers; None for too many."""
    if group is not None and stands_for_itself(group.name) and set(ids) == set(_members(book, group)):
        return group.name
    if len(ids) > MOST_WRITTEN:
        return None
    return ", ".join(national(one.number) for one in book.of(ids))


def _members(book: ContactBook, group: Group) -> Sequence[int]:
    return book.found(ContactQuery(group=group.id))


def group_named(book: ContactBook, name: str) -> Group | Fault:
    """The group of that name, made where there is none."""
    kept = group_name(name)
    if isinstance(kept, Fault):
        return kept
    found = next((one for one in book.groups() if group_key(one.name) == group_key(kept)), None)
    return found or book.save_group(kept)


def stands_for_itself(name: str) -> bool:
    """Whether a group of that name is meant by typing it, whatever signs are in it."""
    return addressees(name, _OnlyGroup(name)).empty == (name,)


class _OnlyGroup:
    """A book with one group, which is empty; see ``composing.Book``."""

    def __init__(self, name: str) -> None:
        self._key = group_key(name)

    def group(self, name: str) -> Sequence[Recipient] | None:
        """See ``composing.Book``."""
        return [] if group_key(name) == self._key else None

    def named(self, _: str) -> Sequence[Recipient]:
        """See ``composing.Book``."""
        return []

    def numbered(self, _: Sequence[str]) -> Mapping[str, Recipient]:
        """See ``composing.Book``."""
        return {}

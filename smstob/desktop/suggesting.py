"""Who may be meant by what one begins to type for a recipient."""

from typing import Final

import attrs

from ..model.contact import Contact, ContactQuery, plain
from ..model.number import national
from . import composing
from .book import ContactBook

SEPARATORS: Final = ",;\n"
"""Between recipients, as they are typed."""


@attrs.frozen
class Suggestion:
    """A group, or a contact."""

    typed: str
    """What stands for it among recipients."""
    name: str
    """What it is called; empty for a contact without a name."""
    number: str = ""
    """A contact's, as people write it."""
    contacts: int | None = None
    """How many a group has."""


@attrs.frozen
class Begun:
    """The recipient at which somebody is typing."""

    text: str
    start: int
    """Where it begins in what is typed."""
    end: int


def begun(typed: str, cursor: int) -> Begun:
    """What stands around the cursor, between separators."""
    start = max(typed.rfind(sign, 0, cursor) for sign in SEPARATORS) + 1
    ends = [place for sign in SEPARATORS if (place := typed.find(sign, cursor)) >= 0]
    end = min(ends, default=len(typed))
    piece = typed[start:end]
    return Begun(piece.strip(), start + len(piece) - len(piece.lstrip()), end)


def suggestions(book: ContactBook, text: str, most: int) -> list[Suggestion]:
    """Groups, then contacts, that fit what one begins to type."""
    key = plain(text)
    if not key:
        return []
    groups = [one for one in book.groups() if key in plain(one.name)]
    # those that begin so are meant more often
    groups.sort(key=lambda one: not plain(one.name).startswith(key))
    found = [Suggestion(one.name, one.name, contacts=one.contacts) for one in groups[:most]]
    contacts = book.contacts(ContactQuery(search=text, limit=most - len(found))).contacts if len(found) < most else ()
    return [*found, *(_contact(one, book) for one in contacts)]


def _contact(one: Contact, book: ContactBook) -> Suggestion:
    name, number = one.variables.name, national(one.number)
    alone = bool(name) and [who.number for who in composing.addressees(name, book).recipients] == [one.number]
    return Suggestion(name if alone else number, name, number)

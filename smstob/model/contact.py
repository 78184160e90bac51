"""Who is written to: contacts, groups, and a contact seen as a recipient."""

import re
import unicodedata
from enum import StrEnum
from typing import Final

import attrs

from .alphabet import compose
from .merge import Variables
from .text import storable

LONGEST_NAME: Final = 100
"""Characters of a group's name."""

LONGEST_FIELD: Final = 2000
"""Characters of a contact's name or variable: more than any message can carry."""

MOST_LINES: Final = 16
"""Lines of a variable; a name is one line."""

LONGEST_SEARCH: Final = 200
"""Characters of what somebody looks for."""


@attrs.frozen
class Recipient:
    """A number and what a text says of its holder."""

    number: str
    """E.164."""
    typed: str
    country: str
    variables: Variables


@attrs.frozen(kw_only=True)
class Contact:
    """A card of an account's book."""

    id: int
    number: str
    """E.164."""
    typed: str
    country: str
    variables: Variables
    groups: tuple[int, ...] = ()
    """Ids, where they were asked for."""


@attrs.frozen
class Group:
    """A named set of contacts of one account."""

    id: int
    name: str
    contacts: int


@attrs.frozen(kw_only=True)
class ContactQuery:
    """Which contacts are wanted, by name."""

    search: str = ""
    """Words, each of which a name, a variable or a number has; case and accents do not count."""
    group: int | None = None
    """Only those of this group."""
    offset: int = 0
    limit: int = 50


@attrs.frozen
class ContactPage:
    """Some contacts, by name, and how many there are in all."""

    contacts: tuple[Contact, ...]
    total: int


@attrs.frozen(kw_only=True)
class Choice:
    """The contacts that something is done to: those of ``ids``, or all that ``query`` finds."""

    ids: tuple[int, ...] = ()
    query: ContactQuery | None = None


@attrs.frozen(kw_only=True)
class Card:
    """What is typed of a contact, to be kept. Faults are told by the names of these fields."""

    name: str = ""
    number: str
    """As typed."""
    v1: str = ""
    v2: str = ""
    v3: str = ""
    groups: tuple[int, ...] = ()


@attrs.frozen
class Phrase:
    """A text that is used again."""

    id: int
    name: str
    text: str


class Fault(StrEnum):
    """What is wrong with something typed into the book; nothing was changed."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    SEVERAL_LINES = "several-lines"
    """More than a name or a variable has."""
    NOT_A_NUMBER = "not-a-number"
    CLOSED_COUNTRY = "closed-country"
    NAME_TAKEN = "name-taken"
    IS_A_NUMBER = "is-a-number"
    """A group of that name would never be written to: a number wins."""
    GONE = "gone"
    """It is not in this account's book (any more)."""
    TOO_MANY = "too-many"
    """No more fit into the book."""


def group_key(name: str) -> str:
    """The form under which a group is found: case, Unicode form and outer spaces do not count."""
    return compose(compose(name.strip()).casefold())


def plain(text: str) -> str:
    """The form by which contacts are sorted and found: lower case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    letters = "".join(char for char in unicodedata.normalize("NFKD", compose(text)) if not unicodedata.combining(char))
    return " ".join(letters.casefold().split())


def searched(number: str, typed: str, variables: Variables) -> str:
    """What is searched for a contact: all that it says, in ``plain`` form, and its number however it is written."""
    digits = number.removeprefix("+")
    said = (variables.name, variables.v1, variables.v2, variables.v3)
    national = _NATIONAL.sub("0", digits)
    forms = dict.fromkeys((digits, national, _NO_DIGITS.sub("", typed)))
    return " ".join((*filter(None, map(plain, said)), *filter(None, forms)))


def search_words(search: str) -> tuple[tuple[str, ...], ...]:
    """The words of a search, each with its forms, of which ``searched`` has one somewhere.

    What looks like a number is one word, found however the number is written, and as it stands.
    """
    looked = plain(storable(search[:LONGEST_SEARCH]))
    if _NUMBER.fullmatch(looked):
        digits = _PREFIX.sub("", _SEPARATORS.sub("", looked))
        return (tuple(filter(None, dict.fromkeys((digits, looked)))),)
    return tuple((word,) for word in dict.fromkeys(looked.split()))


# national forms begin with 0, overseas too
_NATIONAL: Final = re.compile(r"^(?:33|262|508|59[046])")
_NO_DIGITS: Final = re.compile(r"[^0-9]+")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 .\-/()]*")
_SEPARATORS: Final = re.compile(r"\(0\)|[ .\-/()]")
_PREFIX: Final = re.compile(r"^(?:\+|00)")

"""What may be written into a book: names of groups and phrases, and a contact's own words. Pure."""

import re
from typing import Final

from ..model.contact import LONGEST_FIELD, LONGEST_NAME, MOST_LINES, Fault
from ..model.number import NotANumber, parse_numbers
from ..model.text import clean

_SPACES: Final = re.compile(r"[^\S\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
# joins the parts of one emoji
_JOINER: Final = "\u200d"


def name_of(typed: str) -> str | Fault:
    """The name that was typed, on one line, with plain spaces; or what is wrong with it."""
    name = _SPACES.sub(" ", typed).strip()
    if not name:
        return Fault.EMPTY
    if len(name) > LONGEST_NAME:
        return Fault.TOO_LONG
    return name if name.replace(_JOINER, "").isprintable() else Fault.SEVERAL_LINES


def group_name(typed: str) -> str | Fault:
    """The name of a group that can be written to, or what is wrong with it."""
    name = name_of(typed)
    if isinstance(name, Fault):
        return name
    try:
        parse_numbers(name)
    except NotANumber:
        return name
    return Fault.IS_A_NUMBER


def field_fault(field: str, value: str) -> Fault | None:
    """What keeps a clean text from being a contact's ``name``, or a variable."""
    if value.count("\n") >= (1 if field == "name" else MOST_LINES):
        return Fault.SEVERAL_LINES
    return Fault.TOO_LONG if len(value) > LONGEST_FIELD else None


def one_line(text: str) -> str:
    """A clean text with spaces for its line ends, as a name is."""
    return clean(text.replace("\n", " ")) if "\n" in text else text

"""The book as a file, the same that the site gives: spreadsheets show it, and the import reads it back."""

from pathlib import Path
from typing import Final

from ..contacts import export
from ..model.contact import ContactQuery
from . import places
from .book import ContactBook

_AT_ONCE: Final = 1000
"""Contacts that are read together."""


def write(book: ContactBook, group: int | None, path: Path) -> int:
    """Write the whole book, or a group of it, into a file; gives how many contacts. Raises OSError, sqlite3.Error."""
    names = {one.id: one.name for one in book.groups()}
    ids = book.found(ContactQuery(group=group))
    slices = (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
    pieces = [export.header(), *(export.lines(book.of(some), names) for some in slices)]
    places.write(path, b"".join(pieces))
    return len(ids)

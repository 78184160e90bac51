"""A file of contacts on its way into a book: staged, looked at, confirmed, taken in."""

from enum import StrEnum

import attrs

from .contact import Recipient


@attrs.frozen(kw_only=True)
class Columns:
    """Which column of a sheet holds what: positions in a row, from 0; None for what the sheet does not have."""

    number: int
    name: int | None = None
    v1: int | None = None
    v2: int | None = None
    v3: int | None = None


@attrs.frozen
class LineFault:
    """Why the row at a line of the file is left out; ``reason`` is in French."""

    line: int
    reason: str


@attrs.frozen(kw_only=True)
class Plan:
    """How a staged file is to be read, and where its contacts go; None for what is recognised."""

    columns: Columns | None = None
    delimiter: str | None = None
    header: bool | None = None
    """Whether the first row names columns instead of holding a contact."""
    sheet: int = 0
    """Of a workbook, from 0."""
    group: str = ""
    """The name of a group, made where there is none."""


@attrs.frozen
class PreviewRow:
    """A row of the file, and what it would become."""

    line: int
    cells: tuple[str, ...]
    contact: Recipient | None
    fault: str | None
    """In French, where there is no contact."""
    repaired: bool
    """Whether the number was mended, as where a spreadsheet took its 0 away."""


@attrs.frozen(kw_only=True)
class Preview:
    """What a staged file holds, read by ``plan``; nothing of it is in the book."""

    id: int
    file: str
    plan: Plan
    """With everything that was recognised filled in, the group excepted."""
    sheets: tuple[str, ...]
    """Names of a workbook's sheets; empty for a text."""
    titles: tuple[str, ...]
    """One for each column: what the header says, or empty."""
    rows: tuple[PreviewRow, ...]
    """The first ones."""
    total: int
    """Rows, faulty ones included."""
    good: int
    repaired: int
    repeated: int
    """Rows whose number an earlier row has: the last one counts."""
    known: int
    """Rows whose number is in the group already: those cards are updated."""
    faults: tuple[LineFault, ...]
    """The first ones."""
    faulty: int


class ImportState(StrEnum):
    """Where the import of a file stands."""

    STAGED = "staged"
    """Nothing of it is in the book."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class ImportReport:
    """How far an import is."""

    id: int
    file: str
    group: str
    group_id: int | None
    state: ImportState
    total: int
    """Rows to take in."""
    done: int
    added: int
    updated: int
    faulty: int
    """Rows left out."""
    error: str | None
    """In French."""


class Unreadable(ValueError):
    """The file as a whole is no list of contacts; the message is in French."""

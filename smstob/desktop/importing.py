"""From a file of contacts to the book: looked at first, then taken in as a whole or not at all. For a thread."""

import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Final

import attrs

from ..contacts import reading, spreadsheet
from ..contacts.delimited import decode
from ..contacts.naming import group_name
from ..contacts.reading import Reading
from ..contacts.sheet import MOST_BYTES, too_big
from ..contacts.workbook import is_workbook
from ..model.cells import MARK, rows
from ..model.contact import Fault, Group, Recipient
from ..model.contact_import import Columns, Plan, PreviewRow, Unreadable
from ..model.tariff import Tariff
from .book import ContactBook
from .changes import group_named

FIELDS: Final = ("name", "v1", "v2", "v3")
"""What a file may say of a contact besides the number."""

_COMPARED: Final = 5000
"""Numbers that are looked for together."""

_STEP: Final = 100
"""Rows after which it is looked whether somebody lost patience."""


class Cancelled(Exception):
    """Somebody did not want to wait for the end."""


class Shut(StrEnum):
    """Why a file cannot be opened."""

    GONE = "gone"
    NO_FILE = "no-file"
    """A folder, or a device."""
    FORBIDDEN = "forbidden"
    WORKBOOK = "workbook"
    """Of a spreadsheet program: only that one reads it."""
    BROKEN = "broken"
    """The disk does not give it."""


class Unopened(Exception):
    """A file of which nothing is known."""

    def __init__(self, why: Shut) -> None:
        super().__init__(why)
        self.why = why


class Progress:
    """How far something is that takes its time; another thread looks at it, and may end it."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        """0 as long as it is not known."""
        self._cancelled = False

    def cancel(self) -> None:
        """Let it end soon, with nothing changed."""
        self._cancelled = True

    def step(self) -> None:
        """One more is done. Raises Cancelled."""
        self.done += 1
        if self.done % _STEP == 0:
            self.check()

    def check(self) -> None:
        """Raises Cancelled where it is not wanted any more."""
        if self._cancelled:
            raise Cancelled

    @property
    def part(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class _EveryCountry(Tariff):
    """Every country is open here: the site knows which are. It is asked once for each number."""

    def __init__(self, progress: Progress) -> None:
        super().__init__({})
        self._progress = progress

    def price(self, country: str) -> int | None:
        """See ``Tariff``. Raises Cancelled."""
        self._progress.step()
        return 1


def content_of(path: Path) -> bytes:
    """What is in a file. Raises Unopened, Unreadable."""
    try:
        # before it is opened: what is no file, a device say, may never come to an end
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Unopened(Shut.NO_FILE)
        if found.st_size > MOST_BYTES:
            raise too_big()
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except Unreadable:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise Unopened(Shut.GONE) from None
    except PermissionError:
        raise Unopened(Shut.FORBIDDEN) from None
    except (OSError, ValueError):
        # a name too long, or with NUL in it; a disk that is no more
        raise Unopened(Shut.BROKEN) from None
    if is_workbook(content):
        raise Unopened(Shut.WORKBOOK)
    return content


def look(content: bytes, plan: Plan, progress: Progress) -> Reading:
    """What a file holds, read as the plan says. Raises Unreadable, Cancelled."""
    progress.total = max(1, content.count(b"\n"), content.count(b"\r"))
    progress.check()
    found = reading.read(content, plan, _EveryCountry(progress))
    progress.check()
    return found


def usual_group(path: Path) -> str:
    """The name of a group for a file; empty where its own is none."""
    name = group_name(path.stem.replace("_", " "))
    return "" if isinstance(name, Fault) else name


def fields_of(columns: Columns) -> tuple[str, ...]:
    """What a file so read says of contacts."""
    return tuple(field for field in FIELDS if getattr(columns, field) is not None)


@attrs.frozen
class LookedRow:
    """One of a file's first rows, and what the book says of it."""

    row: PreviewRow
    is_known: bool
    """Whether its number is in the book."""
    is_repeated: bool
    """Whether a later row takes its place."""


@attrs.frozen(kw_only=True)
class Looked:
    """What a file would do to the book."""

    content: bytes = attrs.field(repr=False)
    reading: Reading
    rows: tuple[LookedRow, ...]
    known: int
    """Numbers that are in the book."""


def compare(book: ContactBook, content: bytes, found: Reading, progress: Progress) -> Looked:
    """What it would do. Raises ``sqlite3.Error``, Cancelled."""
    known: set[str] = set()
    last = {one.number: one for one in found.recipients}
    numbers = list(last)
    for start in range(0, len(numbers), _COMPARED):
        progress.check()
        known.update(book.numbered(numbers[start : start + _COMPARED]))
    rows = tuple(
        LookedRow(
            row,
            row.contact is not None and row.contact.number in known,
            row.contact is not None and last[row.contact.number] is not row.contact,
        )
        for row in found.rows
    )
    return Looked(content=content, reading=found, rows=rows, known=len(known))


@attrs.frozen
class Taken:
    """What became of an import."""

    added: int
    updated: int
    group: Group | None


def take_in(book: ContactBook, found: Reading, group: str, progress: Progress) -> Taken | Fault:
    """Put all contacts of a file into the book, and into that group, made where there is none; empty for no group.

    All or none. A fault is the group's name's. Raises ``sqlite3.Error``, Cancelled: nothing was changed then.
    """
    assert found.plan.columns is not None
    fields = fields_of(found.plan.columns)
    progress.done, progress.total = 0, len(found.recipients)
    counted = _counted(found.recipients, progress)
    if not group.strip():
        done = book.take_in(counted, fields, None)
        return Taken(done.added, done.updated, None)
    before = {one.id for one in book.groups()}
    kept = group_named(book, group)
    if isinstance(kept, Fault):
        return kept
    try:
        done = book.take_in(counted, fields, kept.id)
    except BaseException:
        if kept.id not in before:
            book.delete_group(kept.id)
        raise
    members = next((one for one in book.groups() if one.id == kept.id), kept)
    return Taken(done.added, done.updated, members)


def _counted(recipients: Sequence[Recipient], progress: Progress) -> Iterator[Recipient]:
    for one in recipients:
        progress.step()
        yield one


def left_out(content: bytes, found: Reading, titles: tuple[str, str]) -> bytes:
    """The rows that were left out, as a file: the line, the reason, and what stands there, to be put right."""
    sheet = spreadsheet.read(content, found.plan.delimiter)
    cells = {row.line: row.cells for row in sheet.rows}
    # what is no row at all is told as it stands
    lines = list(StringIO(decode(content), newline="")) if sheet.faults else []

    def told() -> Iterator[tuple[str, ...]]:
        yield (*titles, *found.titles)
        for fault in found.faults:
            there = cells.get(fault.line) or (lines[fault.line - 1].strip("\r\n"),)
            yield (str(fault.line), fault.reason, *there)

    return MARK + rows(told())

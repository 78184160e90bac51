"""From the bytes of a CSV file, as people have them, to rows of cells. Pure, and never raises but ``Unreadable``."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

import attrs

from ..model.contact_import import LineFault, Unreadable

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 50

DELIMITERS: Final = ";,\t|"
"""In the order in which the first wins, all else being equal."""

_TASTED: Final = 200
"""Lines by which the delimiter is chosen."""
_RECORD_LINES: Final = 50
"""Lines that one row may have: an opening quote that nothing closes must not swallow the file."""

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_FRENCH: Final = frozenset("àâçèéêëîïôùûœ")
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# «660919010,00» and «6,61E+08» are one cell, even in a file that has no other
_DECIMALS: Final = re.compile(r"(?<=[0-9]),(?=0+(?![0-9])|[0-9]+E\+[0-9])", re.IGNORECASE)
_LOOKS_LIKE_A_NUMBER: Final = re.compile(r"[=\"'\s]*\+?[0-9](?:[\s.()/-]?[0-9]){7,}")


@attrs.frozen
class Row:
    """The cells of one row, which begins at the physical line ``line`` of the file; 1 is the first."""

    line: int
    cells: tuple[str, ...]


@attrs.frozen
class Sheet:
    """A file's rows that are not blank."""

    rows: tuple[Row, ...]
    faults: tuple[LineFault, ...]
    """Rows that could not be told apart."""
    delimiter: str


def read(content: bytes, delimiter: str | None = None) -> Sheet:
    """The rows of a CSV file; the delimiter is recognised where it is not given.

    Raises ``Unreadable`` for what is too big, empty, or no text at all.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"ce fichier est trop gros ({MOST_BYTES // 2**20} Mo au plus)")
    if content.startswith(_WORKBOOKS):
        raise Unreadable("c'est un classeur Excel : enregistrez-le au format CSV, puis importez le fichier CSV")
    # the csv module wants the line ends as they are, and counts no others than these three
    lines = list(StringIO(decode(content).replace("\0", ""), newline=""))
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    if declared is not None:
        lines[0] = ""
        delimiter = delimiter or declared[1]
    if delimiter is None or delimiter in '"\r\n ':
        delimiter = _recognised_delimiter(lines[:_TASTED])
    rows: list[Row] = []
    faults: list[LineFault] = []
    for line, found in _records(lines, delimiter):
        if isinstance(found, str):
            faults.append(LineFault(line, found))
            continue
        cells = _without_blank_end(found)
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"la ligne {line} a plus de {MOST_COLUMNS} colonnes")
        if cells:
            rows.append(Row(line, cells))
        if len(rows) + len(faults) > MOST_ROWS + 1:  # a header is no row of theirs
            raise Unreadable(f"ce fichier a plus de {MOST_ROWS} lignes : coupez-le en plusieurs fichiers")
    if not rows and not faults:
        raise Unreadable("ce fichier est vide")
    return Sheet(tuple(rows), tuple(faults), delimiter)


def decode(content: bytes) -> str:
    """The text that ``content`` is: by its byte order mark, else UTF-8, else what old programs write."""
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content and (utf16 := _utf16_without_mark(content)) is not None:
        return utf16
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        windows = content.decode("cp1252", "replace")
        macintosh = content.decode("mac_roman")
        if _french_letters(macintosh) > 2 * _french_letters(windows):
            return macintosh
        # iso-8859-15 has the euro where cp1252 has a sign that nobody uses
        return windows.replace("¤", "€")


def _utf16_without_mark(content: bytes) -> str | None:
    """The text, where nearly every second byte is zero."""
    pairs = len(content) // 2
    for codec, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if zeros.count(0) > 0.7 * pairs:
            return content.decode(codec, "replace")
    return None


def _french_letters(text: str) -> int:
    return sum(text.count(letter) for letter in _FRENCH)


class _Unclosed(Exception):
    """A row does not end where rows end."""


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each record with its first line, or why the line is none; blank lines are skipped.

    After a quote that nothing closes, reading goes on at the next line.
    """
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        reader = csv.reader(_feed(lines, at), delimiter=delimiter)
        try:
            record: list[str] | str = next(reader)
            taken = reader.line_num
        except _Unclosed:
            record, taken = "un guillemet ouvert sur cette ligne n'est pas refermé", 1
        except csv.Error:
            record, taken = "cette ligne n'est pas lisible : une cellule est beaucoup trop longue", 1
        yield at + 1, record
        at += taken


def _feed(lines: Sequence[str], at: int) -> Iterator[str]:
    yield from lines[at : at + _RECORD_LINES]
    raise _Unclosed


def _recognised_delimiter(lines: Sequence[str]) -> str:
    """The one that splits most rows; then the one that sets most numbers apart, then the most even."""
    tasted = [_DECIMALS.sub(".", line) for line in lines]
    # the comparison of the last character keeps the order of DELIMITERS
    return max(DELIMITERS, key=lambda candidate: (*_merit(tasted, candidate), -DELIMITERS.index(candidate)))


def _merit(lines: Sequence[str], delimiter: str) -> tuple[int, int, int]:
    rows = [record for _, record in _records(lines, delimiter) if isinstance(record, list) and len(record) > 1]
    numbers = sum(any(_LOOKS_LIKE_A_NUMBER.fullmatch(cell.rstrip('"\' ')) for cell in row) for row in rows)
    widths = Counter(map(len, rows))
    return len(rows), numbers, max(widths.values(), default=0)


def _without_blank_end(cells: Sequence[str]) -> tuple[str, ...]:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return tuple(cells[:width])

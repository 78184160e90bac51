"""Text files of cells between delimiters (CSV), as people have them. Pure, and never raises but ``Unreadable``."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

from .sheet import Sheet, gathered
from .titles import is_title

DELIMITERS: Final = ";,\t|"
"""In the order in which the first wins, all else being equal."""

_TASTED: Final = 200
"""Lines by which the delimiter is chosen."""
_RECORD_LINES: Final = 50
"""Lines that one row may have: an opening quote that nothing closes must not swallow the file."""

_FRENCH: Final = frozenset("àâçèéêëîïôùûœ")
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# «660919010,00» and «6,61E+08» are one cell, even in a file that has no other
_DECIMALS: Final = re.compile(r"(?<=[0-9]),(?=0+(?![0-9])|[0-9]+E\+[0-9])", re.IGNORECASE)
_LOOKS_LIKE_A_NUMBER: Final = re.compile(r"[=\"'\s]*\+?[0-9](?:[\s.()/-]?[0-9]){7,}")


def read(content: bytes, delimiter: str | None = None) -> Sheet:
    """The rows of a text; the delimiter is recognised where it is not given. Raises ``Unreadable``."""
    # the csv module wants the line ends as they are, and counts no others than these three
    lines = list(StringIO(decode(content).replace("\0", ""), newline=""))
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    if declared is not None:
        lines[0] = ""
        delimiter = delimiter or declared[1]
    if delimiter is None or len(delimiter) != 1 or delimiter in '"\r\n ':
        delimiter = _recognised_delimiter(lines[:_TASTED])
    rows, faults = gathered(_records(lines, delimiter))
    return Sheet(rows, faults, delimiter)


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
    """The one that names columns; else the one that splits most rows, sets most numbers apart, is the most even."""
    tasted = [_DECIMALS.sub(".", line) for line in lines]
    # the comparison of the last character keeps the order of DELIMITERS
    return max(DELIMITERS, key=lambda candidate: (*_merit(tasted, candidate), -DELIMITERS.index(candidate)))


def _merit(lines: Sequence[str], delimiter: str) -> tuple[int, int, int, int]:
    rows = [record for _, record in _records(lines, delimiter) if isinstance(record, list) and len(record) > 1]
    titles = sum(map(is_title, rows[0])) if rows else 0
    numbers = sum(any(_LOOKS_LIKE_A_NUMBER.fullmatch(cell.rstrip('"\' ')) for cell in row) for row in rows)
    widths = Counter(map(len, rows))
    return titles if titles > 1 else 0, len(rows), numbers, max(widths.values(), default=0)

"""Workbooks of Excel and LibreOffice (.xlsx, .xls, .ods).

One that was made to do harm can ask for hundreds of gigabytes, and its reader then ends the whole process: it is only
to be read in one that has nothing else to do and little to spend (``reading_process``).
"""

import datetime
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from ..model.contact_import import Unreadable
from .sheet import MOST_COLUMNS, Sheet, gathered

MOST_UNPACKED: Final = 64 * 2**20
"""Bytes of all that a workbook packs together."""
MOST_RATIO: Final = 100
"""How many times smaller packing may have made it."""
MOST_ENTRIES: Final = 2000
MOST_CHARACTERS: Final = 16 * 2**20
"""Of all cells together: one long text may stand in every cell and takes no room in the file."""

AS_CSV: Final = "ouvrez-le, enregistrez-le au format CSV, puis importez ce fichier CSV"
PROTECTED: Final = "ce classeur est protégé par un mot de passe : enregistrez-le sans mot de passe, puis importez-le"
BROKEN: Final = f"ce classeur n'est pas lisible : {AS_CSV}"
TOO_BIG: Final = f"ce classeur est trop gros : {AS_CSV}"

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
# Excel puts a workbook with a password into an envelope of the old format
_ENVELOPE: Final = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED: Final = 0x1
_WORKBOOKS: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_MANIFEST: Final = "META-INF/manifest.xml"
_WHOLE: Final = 1e15
"""Numbers beyond it are shown as they are written, not digit by digit."""


def is_workbook(content: bytes) -> bool:
    """Whether it begins as a workbook does."""
    return content.startswith((_ZIP, _OLE))


def read(content: bytes, number: int = 0) -> Sheet:
    """The rows of one of its sheets, counted from 0; the first where there is no such one. Raises ``Unreadable``."""
    if content.startswith(_ZIP):
        _look_into_archive(content)
    elif _ENVELOPE in content:
        raise Unreadable(PROTECTED)
    # where no workbook is read, its library is not loaded
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_object(BytesIO(content))
        names = tuple(workbook.sheet_names)
        sheet = workbook.get_sheet_by_index(number if number < len(names) else 0)
        rows, _ = gathered(_records(sheet))
    except (Unreadable, KeyboardInterrupt, SystemExit):
        raise
    except PasswordError:
        raise Unreadable(PROTECTED) from None
    except MemoryError:
        raise Unreadable(TOO_BIG) from None
    except BaseException as error:  # its panics are no Exception
        raise Unreadable(BROKEN) from error
    return Sheet(rows, names=names)


def _look_into_archive(content: bytes) -> None:
    """Raises ``Unreadable`` for what should not even be unpacked."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or unpacked > min(MOST_UNPACKED, MOST_RATIO * len(content)):
                raise Unreadable(TOO_BIG)
            if not any(entry.filename in _WORKBOOKS for entry in entries):
                raise Unreadable("cette archive n'est pas un classeur Excel")
            if any(entry.flag_bits & _ENCRYPTED for entry in entries) or _is_protected(archive):
                raise Unreadable(PROTECTED)
    except Unreadable:
        raise
    except (BadZipFile, ValueError, OSError, RuntimeError, EOFError) as error:
        raise Unreadable(BROKEN) from error


def _is_protected(archive: ZipFile) -> bool:
    """Whether LibreOffice encrypted what is in it."""
    if _MANIFEST not in archive.namelist():
        return False
    with archive.open(_MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(2**20)


def _records(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with its line."""
    if sheet.start is None:
        return
    # the blank rows before the table are told, the blank columns are not
    _, left = sheet.start
    margin = [""] * min(left, MOST_COLUMNS + 1)
    characters = 0
    for line, values in enumerate(sheet.iter_rows(), 1):
        cells = [shown(value) for value in values]
        characters += sum(map(len, cells))
        if characters > MOST_CHARACTERS:
            raise Unreadable(TOO_BIG)
        yield line, margin + cells


def shown(value: object) -> str:
    """A cell as a person sees it in a French spreadsheet."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    return _number(float(value)) if isinstance(value, int | float) else _moment(value)


def _moment(value: object) -> str:
    if isinstance(value, datetime.datetime):
        clock = "" if value.time() == datetime.time() else f" {_clock(value.time())}"
        return f"{value:%d/%m/%Y}{clock}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return _clock(value) if isinstance(value, datetime.time) else ""


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    # fifteen digits are what spreadsheets keep
    return f"{value:.15g}".replace(".", ",").upper()


def _clock(value: datetime.time) -> str:
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"

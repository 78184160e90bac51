"""Workbooks of Excel and LibreOffice (.xlsx, .xls, .ods), read in a process of their own.

A workbook is a program's memory written down: one that was made to do harm can ask for hundreds of gigabytes, or for
hours. The process that reads it has neither, and nothing else to lose.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from ..model.contact_import import Unreadable
from .sheet import MOST_COLUMNS, MOST_ROWS, Sheet, gathered

MOST_UNPACKED: Final = 64 * 2**20
"""Bytes of all that a workbook packs together."""
MOST_RATIO: Final = 100
"""How many times smaller packing may have made it."""
MOST_ENTRIES: Final = 2000
MOST_SECONDS: Final = 60.0

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
_TOLD: Final = {"password": PROTECTED, "broken": BROKEN, "big": TOO_BIG}

_PROGRAM: Final = Path(__file__).with_name("workbook_process.py")


def is_workbook(content: bytes) -> bool:
    """Whether it begins as a workbook does."""
    return content.startswith((_ZIP, _OLE))


def read(content: bytes, sheet: int = 0) -> Sheet:
    """The rows of one of its sheets, counted from 0; the first where there is no such one. Raises ``Unreadable``."""
    if content.startswith(_ZIP):
        _look_into_archive(content)
    elif _ENVELOPE in content:
        raise Unreadable(PROTECTED)
    answers = _answers(_run(content, sheet))
    names = next(answers, None)
    if not isinstance(names, list):
        raise Unreadable(BROKEN)
    rows, faults = gathered(answers)
    return Sheet(rows, faults, names=tuple(map(str, names)))


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
    except (BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(BROKEN) from error


def _is_protected(archive: ZipFile) -> bool:
    """Whether LibreOffice encrypted what is in it."""
    if _MANIFEST not in archive.namelist():
        return False
    with archive.open(_MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(2**20)


def _run(content: bytes, sheet: int) -> Sequence[bytes]:
    """What the process says, line by line."""
    command = [sys.executable, "-P", str(_PROGRAM), str(sheet), str(MOST_ROWS), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(TOO_BIG) from None
    if done.returncode:
        raise Unreadable(BROKEN)
    return done.stdout.splitlines()


def _answers(lines: Sequence[bytes]) -> Iterator[Any]:
    """What each line says. Raises ``Unreadable`` for a line that tells why there are no more."""
    for line in lines:
        answer = json.loads(line)
        if isinstance(answer, str):
            raise Unreadable(_TOLD.get(answer, BROKEN))
        yield answer

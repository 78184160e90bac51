"""Files of contacts for tests: the brochure's tables, workbooks, and what people hostile or unlucky hand in."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, Final

import openpyxl

PLATES: Final = (
    ("Variable1", "Numéro", "Variable2", "Variable3"),
    ("Jean", "0660919010", "Hédé", "la Pizza"),
    ("Jérôme", "0660545465", "Rennes", "la Choucroute"),
    ("Jacques", "0660901010", "Paris", "le petit-salé"),
)
MESSAGES: Final = (
    ("Prénom", "Numéro", "Variable1", "Variable2"),
    ("Jean", "0660919010", "Merci de joindre M. Poirier au 08 21 000 350", ""),
    ("Jérôme", "0660545465", "Pouvez-vous penser à apporter des fleurs ?", ""),
    ("Jacques", "0660901010", "Votre véhicule est prêt. Prenez contact avec :", "M. Dupont"),
    ("Jules", "0665454514", "Votre véhicule est prêt. Prenez contact avec :", "M. Durand"),
)
"""The two tables of the brochure, §6."""

CODE_AND_SHEET: Final = "xl/worksheets/sheet1.xml"


def as_csv(table: Sequence[Sequence[str]], delimiter: str = ";", encoding: str = "cp1252") -> bytes:
    """The table as Excel writes it."""
    return "".join(delimiter.join(row) + "\r\n" for row in table).encode(encoding)


def as_workbook(*tables: Sequence[Sequence[Any]], names: Sequence[str] = ()) -> bytes:
    """A workbook with a sheet for each table; numbers, dates and booleans are kept as such."""
    workbook = openpyxl.Workbook(write_only=True)
    for number, table in enumerate(tables):
        sheet = workbook.create_sheet(names[number] if names else None)
        for row in table:
            sheet.append(list(row))
    return _saved(workbook)


def drawn(draw: Callable[[Any], None]) -> bytes:
    """A workbook whose only sheet ``draw`` fills."""
    workbook = openpyxl.Workbook()
    draw(workbook.active)
    return _saved(workbook)


def _saved(workbook: Any) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def rewritten(content: bytes, changes: dict[str, bytes], *, level: int = 9) -> bytes:
    """The archive with other things in some of its entries, and new ones."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED, compresslevel=level
    ) as new:
        for name in [*old.namelist(), *(name for name in changes if name not in old.namelist())]:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return file.getvalue()


def sheet_of(cells: str) -> bytes:
    """A sheet's XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()

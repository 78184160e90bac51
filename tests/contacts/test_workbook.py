"""Workbooks as people have them, and those that are made to do harm; each is read in a process of its own."""

import datetime
import io
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from smstob.contacts import extract as extracts
from smstob.contacts import reading_process, workbook
from smstob.contacts.extract import Extract, extract
from smstob.contacts.sheet import MOST_BYTES, MOST_ROWS
from smstob.model.contact_import import Columns, Plan, Unreadable
from smstob.model.merge import Variables
from smstob.model.tariff import FRANCE_AND_OVERSEAS

from .files import CODE_AND_SHEET, MESSAGES, PLATES, as_csv, as_workbook, drawn, rewritten, sheet_of

OLD: Final = Path(__file__).with_name("carnet.xls")
AFTERNOON: Final = datetime.datetime(2026, 3, 1, 14, 30)  # noqa: DTZ001
ONE: Final = as_workbook([("Nom", "Numéro"), ("Jean", "0660919010")])
ODS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Feuille 1">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def found(content: bytes, **plan: Any) -> Extract:
    """What a file holds."""
    return extract(content, Plan(**plan), FRANCE_AND_OVERSEAS, 100)


def contacts(content: bytes, **plan: Any) -> list[tuple[str, Variables]]:
    """Its contacts; nothing of it is faulty."""
    read = found(content, **plan)
    assert read.faults == ()
    return [(one.number, one.variables) for one in read.recipients(0, MOST_ROWS)]


def ods(rows: str, **more: str) -> bytes:
    """A sheet of LibreOffice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", ODS.format(rows=rows))
        manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        archive.writestr("META-INF/manifest.xml", more.get("manifest", manifest))
    return file.getvalue()


def ods_row(*cells: str) -> str:
    """A row of texts."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    return f"<table:table-row>{''.join(map(cell.format, cells))}</table:table-row>"


def test_the_brochure() -> None:
    """Both of its tables, as a workbook, say the same as in a text."""
    for table in (PLATES, MESSAGES):
        assert contacts(as_workbook(table)) == contacts(as_csv(table))
    assert contacts(as_workbook(PLATES))[0] == ("+33660919010", Variables("", "Jean", "Hédé", "la Pizza"))
    assert contacts(as_workbook(MESSAGES))[3][1].v2 == "M. Durand"


def test_cells_as_a_person_sees_them() -> None:
    """Numbers that lost their 0 are mended; dates, decimals and yes or no are as French spreadsheets show them."""
    table = [
        ("Nom", "Mobile", "v1", "v2", "v3"),
        ("Jean", 660919010, datetime.date(2026, 3, 1), 12.5, True),
        ("Luc", 33660545465.0, AFTERNOON, 1e20, False),
        ("Léo", "0660901010", datetime.time(8, 5, 7), 3, None),
        ("Zoé", "'06 65 45 45 14", datetime.timedelta(hours=30), -0.1, "à bientôt"),
    ]
    assert contacts(as_workbook(table)) == [
        ("+33660919010", Variables("Jean", "01/03/2026", "12,5", "VRAI")),
        ("+33660545465", Variables("Luc", "01/03/2026 14:30", "1E+20", "FAUX")),
        ("+33660901010", Variables("Léo", "08:05:07", "3", "")),
        ("+33665454514", Variables("Zoé", "30:00", "-0,1", "à bientôt")),
    ]
    read = found(as_workbook(table))
    assert read.repaired == 1
    assert [row.repaired for row in read.rows] == [True, False, False, False]
    assert read.rows[0].cells == ("Jean", "660919010", "01/03/2026", "12,5", "VRAI")
    assert read.titles == ("Nom", "Mobile", "v1", "v2", "v3")


def test_scientific_text() -> None:
    """A number whose digits are gone is told by its line."""
    read = found(as_workbook([("Nom", "Numéro"), ("Jean", "6,61E+08"), ("Luc", 660545465)]))
    assert [(fault.line, fault.reason[:26]) for fault in read.faults] == [(2, "Excel a perdu des chiffres")]
    assert (read.good, read.faulty) == (1, 1)


def test_lines_are_those_of_the_sheet() -> None:
    """However much is blank above and beside the table."""

    def draw(sheet: Any) -> None:
        sheet["C5"], sheet["D5"] = "Nom", "Numéro"
        sheet["C6"], sheet["D6"] = "Jean", "x"
        sheet["C9"], sheet["D9"] = "Luc", "0660545465"

    read = found(drawn(draw))
    assert read.plan.columns == Columns(number=3, name=2)
    assert [fault.line for fault in read.faults] == [6]
    assert [row.line for row in read.rows] == [6, 9]
    assert read.titles == ("", "", "Nom", "Numéro")


def test_sheets() -> None:
    """The first, or the one that is chosen; an empty one is told as such where there are others."""
    content = as_workbook([], [("Jean", "0660919010")], PLATES, names=["Vide", "Amis", "Plats & co"])
    first = found(content)
    assert (first.sheets, first.plan.sheet, first.good, first.rows) == (("Vide", "Amis", "Plats & co"), 0, 0, ())
    assert found(content, sheet=1).good == 1
    assert found(content, sheet=2).good == 3
    for wrong in (9, -1):
        assert found(content, sheet=wrong).plan.sheet == 0
    with pytest.raises(Unreadable, match="vide"):
        found(as_workbook([]))


def test_what_was_chosen() -> None:
    """Columns, header and delimiter of the plan win; what was recognised is told, and reads the same."""
    table = [("Nom", "Numéro"), ("0660919010", "0660545465")]
    assert contacts(as_workbook(table), columns=Columns(number=0, v3=1), header=True) == [
        ("+33660919010", Variables(v3="0660545465"))
    ]
    read = found(as_csv(table), header=False)
    assert (read.plan.header, read.faulty, read.titles) == (False, 1, ("", ""))
    assert found(as_csv(table)).plan == Plan(columns=Columns(number=1, name=0), delimiter=";", header=True)
    assert contacts(as_csv(table), **_fields(found(as_csv(table)).plan)) == contacts(as_csv(table))
    assert contacts(b"a|b,0660919010", delimiter=",") == [("+33660919010", Variables("a|b"))]
    for nonsense in ("", ";;", "\n", '"', "é"):
        assert found(b"Jean;0660919010", delimiter=nonsense).plan.delimiter in {";", "é"}
    for columns in (Columns(number=99), Columns(number=-1), Columns(number=0, name=10**9)):
        assert found(b"Jean;0660919010", columns=columns).good == 0


def _fields(plan: Plan) -> dict[str, Any]:
    return {"columns": plan.columns, "delimiter": plan.delimiter, "header": plan.header, "sheet": plan.sheet}


def test_old_and_free_formats() -> None:
    """.xls of Excel 97 and .ods of LibreOffice."""
    assert contacts(OLD.read_bytes()) == [
        ("+33660919010", Variables("Hélène", "01/03/2026", "VRAI")),
        ("+33660545465", Variables("Œdipe", "12,5", "à bientôt")),
    ]
    assert contacts(ods(ods_row("Nom", "Numéro") + ods_row("Hélène", "0660919010"))) == [
        ("+33660919010", Variables("Hélène"))
    ]


def test_strange_names() -> None:
    """Right to left, emoji, formulas: they are what they are."""
    names = ["محمد علي", "👨‍👩‍👧 Zoé", "日本", "=HYPERLINK(1)", "\u202eabc"]
    table = [("Nom", "Numéro"), *((name, f"066091901{n}") for n, name in enumerate(names))]
    text = "\n".join(";".join(row) for row in table).encode()
    assert [said.name for _, said in contacts(text)] == names

    def draw(sheet: Any) -> None:
        for row in table:
            sheet.append(row)
        sheet.cell(5, 1).data_type = "s"

    assert [said.name for _, said in contacts(drawn(draw))] == names


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (ONE[: len(ONE) // 2], "n'est pas lisible"),
        (ONE[:-30], "n'est pas lisible"),
        (b"PK\x03\x04" + b"\0" * 1000, "n'est pas lisible"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000, "n'est pas lisible"),
        (OLD.read_bytes()[:2000], "n'est pas lisible"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (ods(ods_row("a"), manifest="<manifest:encryption-data/>"), "mot de passe"),
        (rewritten(ONE, {CODE_AND_SHEET: b"<worksheet><sheetData><row><c"}), "n'est pas lisible"),
        (rewritten(ONE, {CODE_AND_SHEET: b"\0" * (65 * 2**20)}), "trop gros"),
        (rewritten(ONE, {CODE_AND_SHEET: b"\0" * (4 * 2**20)}), "trop gros"),
        (rewritten(ONE, {f"x/{n}": b"" for n in range(2001)}), "trop gros"),
        (b"PK\x03\x04" + b"0" * MOST_BYTES, "trop gros"),
        (as_workbook([[f"c{n}" for n in range(60)]]), "la ligne 1 a plus de 50 colonnes"),
        (as_workbook([("Jean", "0660919010")] * (MOST_ROWS + 2)), "plus de 100000 lignes"),
    ],
)
def test_unreadable(content: bytes, reason: str) -> None:
    """Broken, protected, or too much: a reason in French, whatever the file."""
    with pytest.raises(Unreadable, match=reason):
        found(content)


def test_no_workbook() -> None:
    """Another archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    with pytest.raises(Unreadable, match="n'est pas un classeur"):
        found(file.getvalue())


@pytest.mark.parametrize(
    "cells",
    [
        # 17 thousand million cells between these two
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZZ1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A99999999999999999999"><v>2</v></c></row>',
        '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="é"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>x</v></c><c r="B1" t="e"><v>#REF!</v></c><c r="C1"><v>NaN</v></c></row>',
    ],
)
def test_made_to_do_harm(cells: str) -> None:
    """A sheet that asks for hundreds of gigabytes, or for what is not there, costs its own process only."""
    try:
        read = found(rewritten(ONE, {CODE_AND_SHEET: sheet_of(cells)}))
    except Unreadable:
        return
    assert read.good == 0


def test_lying_bomb() -> None:
    """An archive that says that it unpacks to little, and holds much more: no more is unpacked than is said."""
    bomb = bytearray(rewritten(ONE, {CODE_AND_SHEET: sheet_of("<row></row>" * 8_000_000)}))
    assert len(bomb) < 2**20
    size = len(sheet_of("<row></row>" * 8_000_000)).to_bytes(4, "little")
    while (at := bomb.find(size)) >= 0:
        bomb[at : at + 4] = (1000).to_bytes(4, "little")
    try:
        assert found(bytes(bomb)).good == 0
    except Unreadable:
        return


def test_one_text_in_every_cell() -> None:
    """A long text that a small file repeats without end is told to be too big."""
    table = [["x" * 30_000] * 40] * 100
    with pytest.raises(Unreadable, match="trop gros"):
        found(as_workbook([("Nom", "Numéro")], table), sheet=1)


def test_repeated_rows_of_ods() -> None:
    """A million rows in one line of XML are too many; blank ones, as every file of LibreOffice ends, are not."""
    row = ods_row("Jean", "0660919010")
    repeated = row.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1048576">')
    with pytest.raises(Unreadable):
        found(ods(repeated))
    blank = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert found(ods(row + blank)).good == 1


def test_killed_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time and memory run out in the process, not in ours."""
    monkeypatch.setattr(extracts, "MOST_SECONDS", 0.01)
    for content in (ONE, b"Jean;0660919010"):
        with pytest.raises(Unreadable, match="n'est pas lisible"):
            found(content)
    code = "import sys; from smstob.contacts import reading_process as p; p.MOST_MEMORY = 2**20; p.main()"
    done = subprocess.run([sys.executable, "-c", code], input=b"{}\n", capture_output=True, check=False)
    assert done.returncode != 0
    assert reading_process.MOST_MEMORY == 2**30


def test_any_byte_changed() -> None:
    """Whichever part of a workbook is spoilt: contacts, or a reason; never anything else."""
    for at in range(0, len(ONE), max(1, len(ONE) // 40)):
        spoilt = bytearray(ONE)
        spoilt[at] ^= 0xFF
        with suppress(Unreadable):
            workbook.read(bytes(spoilt))

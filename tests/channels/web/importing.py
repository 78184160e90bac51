"""How the tests import: files, and the pages from the choice of one to its confirmation."""

from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook

from .browser import Answer, Browser, File

PIZZERIA: Final = "Variable1;Numéro;Variable2;Variable3\r\nJean;0660919010;Hédé;la Pizza\r\n"
FAULTY: Final = (
    "Nom;Portable;Ville\n"
    "Jean;660919010;Hédé\n"
    "Y;bonjour;Lille\n"
    "X;6,61E+08;Paris\n"
    "Jean bis;0660919010;Hédé\n"
    "Jérôme;06 60 54 54 65;Rennes\n"
)


def uploaded(customer: Browser, content: str | bytes, name: str = "clients.csv", **fields: Any) -> Answer:
    """The page after the file was sent: its preview, or why there is none."""
    file = File(name, content.encode() if isinstance(content, str) else content)
    return customer.submit(customer.get("/carnet/import"), "/carnet/import", fields, files={"fichier": file})


def id_of(preview: Answer) -> str:
    """The import whose preview that is."""
    action = preview.page.xpath("//form[@id='reglages']/@action")[0]
    return str(action).rpartition("/")[2]


def arranged(customer: Browser, preview: Answer, **changes: Any) -> Answer:
    """The preview after those changes."""
    return customer.submit(preview, f"/carnet/import/{id_of(preview)}", _changes(changes))


def confirmed(customer: Browser, preview: Answer, **changes: Any) -> Answer:
    """What comes after the click on «Importer»."""
    return customer.submit(preview, f"/carnet/import/{id_of(preview)}/confirmer", _changes(changes))


def _changes(changes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in changes.items()}


def chosen(preview: Answer) -> list[str]:
    """What each column is for."""
    return [
        str(select.xpath("option[@selected]/@value")[0]) for select in preview.page.xpath("//thead//select")
    ]


def figures(answer: Answer) -> dict[str, str]:
    """Each figure of a page under what it counts."""
    found = answer.page.xpath("//div[contains(@class,'figures')]/div")
    return {one.xpath("string(span)"): one.xpath("string(strong)") for one in found}


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook with those sheets."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()

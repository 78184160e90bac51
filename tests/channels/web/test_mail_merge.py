"""The brochure's «publipostage», as it stands there: a table is imported, a message sent to its group."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest
from openpyxl import Workbook

from smstob.model.account import Characters
from tests.house import House

from .browser import Browser, File

Table = tuple[tuple[str, ...], ...]

PIZZERIA: Final = (
    ("Variable1", "Numéro", "Variable2", "Variable3"),
    ("Jean", "0660919010", "Hédé", "la Pizza"),
    ("Jérôme", "0660545465", "Rennes", "la Choucroute"),
    ("Jacques", "0660901010", "Paris", "le petit-salé"),
)
INVITATION: Final = "Bonjour [v1], votre plat préféré est [v3] ? Venez le découvrir dans notre restaurant de [v2]"
INVITED: Final = {
    "+33660919010": "Bonjour Jean, votre plat préféré est la Pizza ? Venez le découvrir dans notre restaurant de Hédé",
    "+33660545465": "Bonjour Jérôme, votre plat préféré est la Choucroute ? Venez le découvrir dans notre restaurant "
    "de Rennes",
    "+33660901010": "Bonjour Jacques, votre plat préféré est le petit-salé ? Venez le découvrir dans notre restaurant "
    "de Paris",
}

ERRANDS: Final = (
    ("Prénom", "Numéro", "Variable1", "Variable2"),
    ("Jean", "0660919010", "Merci de joindre M. Poirier au 08 21 000 350", ""),
    ("Jérôme", "0660545465", "Pouvez-vous penser à apporter des fleurs ?", ""),
    ("Jacques", "0660901010", "Votre véhicule est prêt. Prenez contact avec :", "M. Dupont"),
    ("Jules", "0665454514", "Votre véhicule est prêt. Prenez contact avec :", "M. Durand"),
)
TOLD: Final = {
    "+33660919010": "Merci de joindre M. Poirier au 08 21 000 350",
    "+33660545465": "Pouvez-vous penser à apporter des fleurs ?",
    "+33660901010": "Votre véhicule est prêt. Prenez contact avec : M. Dupont",
    "+33665454514": "Votre véhicule est prêt. Prenez contact avec : M. Durand",
}

PLAINER: Final = str.maketrans("ôê", "oe")
"""The letters of these texts that the telephones' own alphabet has not."""


def csv(table: Table) -> bytes:
    """The table as Excel saves it in France: semicolons, Windows' letters."""
    return "".join(";".join(row) + "\r\n" for row in table).encode("cp1252")


def workbook(table: Table) -> bytes:
    """The table as a workbook, whose numbers have lost their 0."""
    book = Workbook()
    assert book.active is not None
    for row in table:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("table", "message", "texts"), [(PIZZERIA, INVITATION, INVITED), (ERRANDS, "[v1] [v2]", TOLD)], ids=["1", "2"]
)
@pytest.mark.parametrize(("name", "made"), [("clients.csv", csv), ("clients.xlsx", workbook)])
@pytest.mark.parametrize("characters", list(Characters))
def test_brochure(
    house: House, visitor: Browser, table: Table, message: str, texts: dict[str, str], name: str,
    made: Callable[[Table], bytes], characters: Characters,
) -> None:  # fmt: skip
    """From the file to the telephones, by pages alone: each gets his own text.

    Letter for letter where the account says so; else in one SMS each, with the letters that make that possible.
    """
    house.account(characters=characters)
    customer = visitor.log_in()
    file = File(name, made(table))
    preview = customer.submit(customer.get("/carnet/import"), "/carnet/import", files={"fichier": file})
    assert f"Importer {len(texts)} contacts" in preview.seen
    (action,) = preview.page.xpath("//button[@id='importer']/@formaction")
    done = customer.submit(preview, action)
    assert "Import terminé" in done.seen
    (onward,) = done.page.xpath("//main//a[starts-with(@href, '/envoyer?')]/@href")
    checked = customer.submit(customer.get(onward), "/envoyer/verifier", {"message": message})
    assert f"{len(texts)} destinataires" in checked.seen
    customer.submit(checked, "/envoyer/confirmer", followed=False)
    house.advance(1)
    given = dict.fromkeys(texts, "")
    for segment in house.gateways["A"].given:
        given[segment.number] += segment.text
    if characters is Characters.AS_IS:
        assert given == texts
    else:
        assert given == {number: text.translate(PLAINER) for number, text in texts.items()}
        assert len(house.gateways["A"].given) == len(texts)

"""Coordonnées: kept as they were tidied, a fault told at its field, and then nothing is changed."""

import pytest

from smstob.channels.web.pages.customer import countries
from smstob.model.customer import Customer
from smstob.storage import customers
from tests.house import House

from .browser import Answer, Browser
from .shopping import DETAILS, HOSTILE, error_at
from .test_pages import faults

HERE = "/credits/coordonnees"


def kept(house: House) -> Customer:
    """What is on disk."""
    return house.read(lambda connection: customers.find(connection, 1))


def saved(customer: Browser, **changes: str) -> Answer:
    """The page after the form was sent with those details."""
    typed = {name.replace("_", "-"): value for name, value in changes.items()}
    return customer.submit(customer.get(HERE), HERE, {**DETAILS, **typed})


def test_kept(house: House, customer: Browser) -> None:
    """As given, tidied; the form sent back untouched changes nothing."""
    answer = saved(
        customer, nom="  Brûlerie   du Port ", adresse="Bâtiment B\r\n\r\n 3 rue du Port ", siren="732 829 320 00074"
    )
    assert "Vos coordonnées sont enregistrées." in answer.seen
    assert kept(house) == Customer(
        name="Brûlerie du Port",
        address="Bâtiment B\n3 rue du Port",
        postcode="35630",
        city="Hédé-Bazouges",
        country="FR",
        siren="732829320",
    )
    before = kept(house)
    assert "Vos coordonnées sont enregistrées." in customer.submit(customer.get(HERE), HERE).seen
    assert kept(house) == before


def test_private_person(house: House, customer: Browser) -> None:
    """Needs no number."""
    assert saved(customer, nom="Jeanne Martin").status == 200
    assert (kept(house).siren, kept(house).vat_number) == ("", "")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("nom", "", "À remplir"),
        ("nom", " \t ", "À remplir"),
        ("nom", "x" * 121, "trop long"),
        ("adresse", "", "À remplir"),
        ("adresse", "1\n2\n3\n4\n5", "trop long"),
        ("code_postal", "", "À remplir"),
        ("code_postal", "3500", "cinq chiffres"),
        ("code_postal", HOSTILE[:16], "cinq chiffres"),
        ("ville", "", "À remplir"),
        ("pays", "ZZ", "Choisissez un pays"),
        ("pays", "", "Choisissez un pays"),
        ("pays", "France", "Choisissez un pays"),
        ("siren", "123456789", "ni un SIREN"),
        ("siren", HOSTILE, "ni un SIREN"),
        ("tva", "FR00000000000", "pas un numéro de TVA"),
        ("tva", "BE0403019261", "autre pays"),
    ],
)
def test_faults(house: House, customer: Browser, field: str, typed: str, said: str) -> None:
    """Each at its field, with what was typed in it; nothing is kept."""
    answer = saved(customer, **{field: typed})
    assert answer.status == 422
    assert said in error_at(answer, field.replace("_", "-"))
    assert "Rien n'a été enregistré" in answer.seen
    assert answer.page.xpath("//input[@name='ville']/@value") == ["" if field == "ville" else "Hédé-Bazouges"]
    assert list(faults(answer)) == []
    assert kept(house) == Customer()


def test_hostile(house: House, customer: Browser) -> None:
    """What tries to break out of its place stays text, in the form and wherever it is shown."""
    answer = saved(customer, nom=HOSTILE, adresse=HOSTILE, ville=HOSTILE)
    assert answer.status == 200
    assert kept(house).name == HOSTILE
    for page in (answer, customer.get("/credits/acheter")):
        assert list(faults(page)) == []
        assert "<script>alert" not in page.text
    assert HOSTILE in customer.get("/credits/acheter").seen


def test_countries() -> None:
    """Every one by its name, in the order of the alphabet whatever the accents; France first; no union or nowhere."""
    french = countries("fr")
    assert next(iter(french.items())) == ("FR", "France")
    names = list(french.values())[1:]
    assert names.index("Égypte") < names.index("Espagne") < names.index("Zambie")
    assert {"BE", "CH", "RE", "MC", "PF"} < french.keys()
    assert not {"EU", "UN", "ZZ", "001"} & french.keys()
    assert countries("en")["DE"] == "Germany"
    assert countries("en").keys() == french.keys()


def test_on_the_way_to_an_order(customer: Browser) -> None:
    """A fault does not lose what was about to be ordered; nothing leads to another site."""
    form = customer.get(HERE, quantite="1 000", moyen="cheque", suite="https://ailleurs.fr/")
    wrong = customer.submit(form, HERE, {**DETAILS, "nom": ""})
    right = customer.submit(wrong, HERE, {"nom": "Mairie"}, followed=False)
    assert right.headers["location"] == "/credits/acheter?quantite=1+000&moyen=cheque"


def test_forged_and_away(house: House, customer: Browser) -> None:
    """Nothing is kept of a form that is not ours, nor while the database is away."""
    form = customer.get(HERE)
    assert customer.post(HERE, {**DETAILS, "jeton": "0" * 64}).status == 403
    house.database.away = True
    assert customer.submit(form, HERE, DETAILS).status == 503
    house.database.away = False
    assert kept(house) == Customer()

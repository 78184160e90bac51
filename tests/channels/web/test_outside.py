"""What everybody may read: the home page with its prices, who runs the service, and the choice of a language."""

from pathlib import Path

import pytest

from smstob.channels.web.language import LANGUAGES
from smstob.model.company import Company
from smstob.model.price import PRICES
from tests.house import House

from .browser import Browser, site_of

WHOLE = Company(
    name="SMS & Fils <b>SARL</b>",
    legal_form="SARL au capital de 10 000 €",
    address="3 rue du Port\n35000 Rennes",
    siren="123 456 782",
    register="RCS Rennes 123 456 782",
    vat_number="FR12123456782",
    publisher="Jeanne Martin",
    host="Hébergeur, Roubaix",
    email="bonjour@exemple.fr",
    phone="02 99 00 00 00",
    hotline="0 899 000 000",
    hotline_hours="de 8 h 30 à 23 h",
)


def of(house: House, company: Company) -> Browser:
    """A visitor of a service that this company runs."""
    return Browser(site_of(house, company=company))


def test_home(visitor: Browser) -> None:
    """Every price of the list, to the tenth of a cent, and a way to begin."""
    answer = visitor.get("/")
    cells = [" ".join(cell.text_content().split()) for cell in answer.page.xpath("//table//tbody//td")]
    assert len(cells) == 3 * len(PRICES.tiers)
    assert cells[:3] == ["100", "19,00 €", "0,19 €"]
    assert cells[-1] == "0,105 €"
    assert answer.page.xpath("//form[@action='/inscription']//input[@name='email']")


def test_legal(house: House) -> None:
    """All that the law asks, where the configuration tells it; what it does not tell leaves no empty line."""
    seen = of(house, WHOLE).get("/mentions-legales").seen
    for told in ("SMS & Fils <b>SARL</b>", "SARL au capital de 10 000 €", "123 456 782", "RCS Rennes", "FR12123456782"):
        assert told in seen
    for told in ("Jeanne Martin", "Hébergeur, Roubaix", "bonjour@exemple.fr", "3 rue du Port"):
        assert told in seen
    bare = of(house, Company(name="Seul")).get("/mentions-legales").page
    assert [one.text_content() for one in bare.xpath("//main//dt")] == ["Éditeur"]


def test_contact(house: House) -> None:
    """How to reach them; without anything to tell it says so."""
    answer = of(house, WHOLE).get("/contact")
    assert "0 899 000 000, de 8 h 30 à 23 h" in answer.seen
    assert answer.page.xpath("//main//a[@href='mailto:bonjour@exemple.fr']")
    assert "pas encore donné ses coordonnées" in of(house, Company()).get("/contact").seen


def test_foot(house: House) -> None:
    """The hotline is at the foot of each page, and no name becomes a tag."""
    page = of(house, WHOLE).get("/connexion").page
    (foot,) = page.xpath("//footer")
    assert "SMS & Fils <b>SARL</b>" in foot.text_content()
    assert "0 899 000 000 (de 8 h 30 à 23 h)" in foot.text_content()
    assert not foot.xpath(".//b")


@pytest.mark.parametrize("code", LANGUAGES)
def test_language(visitor: Browser, code: str) -> None:
    """Chosen once, it stays, whatever the browser asks for."""
    visitor.language = "de"
    assert visitor.get(f"/langue/{code}").page.get("lang") == code
    visitor.language = "fr" if code == "en" else "en"
    assert visitor.get("/connexion").page.get("lang") == code


@pytest.mark.parametrize("code", ["de", "FR", "..", "%00", "fr%0d%0aSet-Cookie:%20x=1", "%C3%A9"])
def test_no_such_language(visitor: Browser, code: str) -> None:
    """404, and the browser's choice stays."""
    answer = visitor.request("GET", f"/langue/{code}")
    assert answer.status == 404
    assert "langue" not in visitor.cookies


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("fr", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5,fr;q=0.4", "en"),
        ("en;q=0.4,fr;q=0.5", "fr"),
        ("en;q=0", "fr"),
        ("", "fr"),
        ("*", "fr"),
        ("en;q=nan", "fr"),
        ("en;q=inf", "en"),
        ("en;q=-1,fr;q=0.1", "fr"),
        ("en;q=1e999", "en"),
        ("en;q=" + "9" * 5000, "en"),
        (";;;,,,;q=,=;en" * 500, "fr"),
        ("\xff\xfe", "fr"),
        ("../../etc/passwd", "fr"),
    ],
)
def test_accept_language(visitor: Browser, accepted: str, code: str) -> None:
    """What a browser asks for, where it can be read; French for all else, and never an error."""
    visitor.language = accepted
    answer = visitor.get("/connexion")
    assert (answer.status, answer.page.get("lang")) == (200, code)


def test_inside_there_is_no_shop_window(customer: Browser) -> None:
    """Who has logged in comes to his own pages."""
    assert customer.request("GET", "/").headers["location"] == "/accueil"
    assert customer.request("GET", "/langue/en").headers["location"] == "/accueil"


def test_without_a_database(house: House, tmp_path: Path) -> None:
    """What nobody has to be known for is read all the same by who shows no session."""
    house.database.away = True
    for path in ("/", "/mentions-legales", "/contact", "/connexion", "/inscription", "/documentation/http"):
        assert Browser(site_of(house)).get(path).status == 200

"""Buying: what it costs before it is ordered, one order a form, and the way to where it is paid."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstob.model.customer import Customer
from smstob.model.order import MOST_OPEN, Order, OrderState, Redirection, Start
from smstob.model.price import PriceList, Tier
from smstob.model.terms import Terms
from tests.house import House

from .browser import Browser
from .shopping import HOSTILE, Shop, error_at, said, sums
from .test_pages import faults


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Open."""
    house = House(tmp_path / "smstob.db").open()
    yield Shop.of(house)
    house.close()


@pytest.fixture
def buyer(shop: Shop) -> Browser:
    """Somebody who can order."""
    return shop.browser()


def test_prices(buyer: Browser) -> None:
    """Every tier with its price each, its sum, and what it comes to with the account's tax."""
    answer = buyer.get("/credits/acheter")
    rows = [[said(cell.text_content()) for cell in row] for row in answer.page.xpath("//table//tbody/tr")]
    assert rows[0] == ["100", "0,19 €", "19,00 €", "22,80 €"]
    assert rows[1] == ["500", "0,17 €", "85,00 €", "102,00 €"]
    assert rows[-1] == ["20 000", "0,105 €", "2 100,00 €", "2 520,00 €"]
    assert len(rows) == 7
    assert sums(answer) == ["0,19 €", "19,00 €", "3,80 €", "22,80 €"]
    assert list(faults(answer)) == []
    chosen = buyer.get(answer.page.xpath("//tbody//a/@href")[-1])
    assert sums(chosen) == ["0,105 €", "2 100,00 €", "420,00 €", "2 520,00 €"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("100", ["0,19 €", "19,00 €", "3,80 €", "22,80 €"]),
        ("101", ["0,19 €", "19,19 €", "3,84 €", "23,03 €"]),
        ("1 000", ["0,155 €", "155,00 €", "31,00 €", "186,00 €"]),
        ("1\u202f001", ["0,155 €", "155,16 €", "31,03 €", "186,19 €"]),
        (" 2\u00a0500 ", ["0,14 €", "350,00 €", "70,00 €", "420,00 €"]),
        ("10000000", ["0,105 €", "1 050 000,00 €", "210 000,00 €", "1 260 000,00 €"]),
    ],
)
def test_calculator_without_scripts(buyer: Browser, typed: str, shown: list[str]) -> None:
    """By a button of its own; nothing is ordered, and the form keeps its key and what was chosen."""
    form = buyer.get("/credits/acheter")
    answer = buyer.submit(form, "/credits/acheter/calculer", {"quantite": typed, "moyen": "cheque"})
    assert (answer.status, sums(answer)) == (200, shown)
    assert answer.page.xpath("//input[@name='cle']/@value") == form.page.xpath("//input[@name='cle']/@value")
    assert answer.page.xpath("//input[@name='moyen'][@checked]/@value") == ["cheque"]
    assert "Aucune commande" in buyer.get("/credits/commandes").seen


QUANTITIES = ("", "0", "99", "1.5", "1,5", "-5", "1e9", "beaucoup", "10 000 001", "9" * 15, "9" * 400, "٣٠٠", HOSTILE)


@pytest.mark.parametrize("typed", QUANTITIES)
def test_no_quantity(shop: Shop, buyer: Browser, typed: str) -> None:
    """It is told at its field, with the bounds, by the button that reckons and by the one that orders."""
    for path in ("/credits/acheter/calculer", "/credits/acheter"):
        answer = buyer.submit(buyer.get("/credits/acheter"), path, {"quantite": typed})
        assert answer.status == 422
        assert error_at(answer, "quantite") == "Il faut un nombre entier de SMS, de 100 à 10 000 000."
        assert sums(answer) == ["–"] * 4
        assert list(faults(answer)) == []
    assert shop.orders() == []


def test_more_for_less(buyer: Browser) -> None:
    """Where the next tier costs no more it is proposed, and nowhere else."""
    form = buyer.get("/credits/acheter")
    answer = buyer.submit(form, "/credits/acheter/calculer", {"quantite": "480"})
    (better,) = answer.page.xpath("//*[@id='mieux'][not(@hidden)]")
    assert said(better.text_content()) == "500 SMS coûtent 85,00 € HT, pas plus que 480. Les prendre"
    assert sums(buyer.get(better.xpath(".//a/@href")[0]))[1] == "85,00 €"
    for fair in ("440", "500"):
        answer = buyer.submit(form, "/credits/acheter/calculer", {"quantite": fair})
        assert not answer.page.xpath("//*[@id='mieux'][not(@hidden)]")


def test_tax_of_the_account(shop: Shop) -> None:
    """A business of another country of the Union owes its tax itself: there is one price, and it says why."""
    details = Customer(
        name="Brouwerij", address="Markt 1", postcode="8000", city="Brugge", country="BE", vat_number="BE0403019261"
    )
    answer = shop.browser("b@exemple.be", details).get("/credits/acheter")
    assert sums(answer) == ["0,19 €", "19,00 €", "0,00 €", "19,00 €"]
    assert "Autoliquidation" in answer.seen
    assert "TTC" not in answer.seen
    assert "Belgique" in answer.seen


def test_prices_of_the_operator(tmp_path: Path) -> None:
    """His list and his tax are what is shown, at home too."""
    house = House(tmp_path / "smstob.db").open()
    shop = Shop.of(house, Terms(prices=PriceList((Tier(10, 1000), Tier(50, 555))), franchise=True))
    buyer = shop.browser()
    answer = buyer.get("/credits/acheter")
    assert sums(answer) == ["1,00 €", "10,00 €", "0,00 €", "10,00 €"]
    assert "article 293 B" in answer.seen
    home = Browser(shop.site).get("/")
    cells = [said(cell.text_content()) for cell in home.page.xpath("//tbody//td")]
    assert cells == ["10", "10,00 €", "1,00 €", "50", "27,75 €", "0,555 €"]
    assert "article 293 B" in home.seen
    assert "en sus" not in home.seen
    assert error_at(buyer.get("/credits/acheter", quantite="9"), "quantite").startswith("Il faut un nombre entier")
    house.close()


def test_details_come_first(shop: Shop) -> None:
    """Who has given none is asked for them on the way, and goes on with what he was about to order."""
    buyer = shop.browser(details=None)
    form = buyer.get("/credits/acheter")
    assert "Nous vous demanderons vos coordonnées" in form.seen
    asked = buyer.submit(form, "/credits/acheter", {"quantite": "1 000", "moyen": "virement"})
    assert "Encore une chose avant de commander" in asked.seen
    assert shop.orders() == []
    details = {"nom": "A & B", "adresse": "1 rue", "code-postal": "35000", "ville": "Rennes"}
    back = buyer.submit(asked, "/credits/coordonnees", details)
    assert "Vos coordonnées sont enregistrées." in back.seen
    assert "A & B" in back.seen
    assert sums(back)[3] == "186,00 €"
    answer = buyer.submit(back, "/credits/acheter")
    assert "La commande est enregistrée : il reste à la payer." in said(answer.seen)
    (made,) = shop.orders()
    assert (made.credits, made.method, made.customer.name) == (1000, "virement", "A & B")


def test_one_order_a_form(shop: Shop, buyer: Browser) -> None:
    """Sent twice, it makes one order, and leads to it both times; filled in anew it makes another."""
    form = buyer.get("/credits/acheter")
    places = [
        buyer.submit(form, "/credits/acheter", {"quantite": quantity, "moyen": method}, followed=False)
        for quantity, method in (("200", "carte"), ("2 00", "carte"), ("300", "carte"), ("300", "cheque"))
    ]
    assert [answer.status for answer in places] == [303] * 4
    locations = [answer.headers["location"] for answer in places]
    assert locations[0] == locations[1]
    assert len(set(locations)) == 3
    made = [(one.credits, one.method) for one in shop.orders()]
    assert sorted(made) == [(200, "carte"), (300, "carte"), (300, "cheque")]
    # a browser that lost the key, or made one up, orders all the same
    for key in ("", "x" * 5000, HOSTILE):
        assert shop.order(buyer, cle=key).status == 303
    assert len(shop.orders()) == 6


@pytest.mark.parametrize("method", ["", "bitcoin", "Carte", HOSTILE])
def test_no_method(shop: Shop, buyer: Browser, method: str) -> None:
    """It is told where it is chosen."""
    answer = buyer.submit(buyer.get("/credits/acheter"), "/credits/acheter", {"quantite": "100", "moyen": method})
    assert answer.status == 422
    (note,) = answer.page.xpath("//*[@id='moyen-note']")
    assert note.text_content() == "Choisissez un moyen de paiement."
    assert list(faults(answer)) == []
    assert shop.orders() == []


def test_too_many_that_wait(shop: Shop, buyer: Browser) -> None:
    """Beyond the bound none is made until one is paid or cancelled."""
    for _ in range(MOST_OPEN):
        assert shop.order(buyer).status == 303
    answer = shop.order(buyer)
    assert answer.status == 422
    assert "Trop de commandes attendent leur paiement" in answer.seen
    buyer.post(f"/credits/commandes/{shop.orders()[0].reference}/annuler")
    assert shop.order(buyer).status == 303


def test_on_to_the_bank(shop: Shop, buyer: Browser) -> None:
    """A form may lead to our own pages only (form-action): ours has a link, whose address is the provider's."""
    answer = shop.order(buyer, "100", "carte")
    made = shop.orders()[0]
    assert answer.headers["location"] == f"/credits/commandes/{made.reference}/payer"
    page = buyer.follow(answer)
    assert said(page.seen).startswith(
        "Payer la commande Vous allez payer 22,80 € sur la page sécurisée de banque.exemple.fr"
    )
    assert f"https://banque.exemple.fr/{made.reference}" in page.page.xpath("//main//a/@href")
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert list(faults(page)) == []


def test_provider_away(shop: Shop, buyer: Browser) -> None:
    """It is told, the order stays, and later it can be paid."""
    shop.house.bank.away = True
    page = buyer.follow(shop.order(buyer))
    assert page.status == 503
    assert "Ce moyen de paiement ne répond pas pour l'instant. La commande est gardée" in page.seen
    (made,) = shop.orders()
    assert made.state is OrderState.OPEN
    shop.house.bank.away = False
    assert "banque.exemple.fr" in buyer.get(f"/credits/commandes/{made.reference}/payer").seen


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//elsewhere.fr/", "ftp://a.fr/", "https://", "http://[", ""])
def test_no_page_to_pay_on(shop: Shop, buyer: Browser, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """What a provider says is led to only where it is a page."""

    async def start(order: Order, return_url: str) -> Start:
        return Redirection(url=url, provider_reference="cs_1")

    monkeypatch.setattr(shop.house.bank, "start", start)
    page = buyer.follow(shop.order(buyer))
    assert page.status == 503
    assert not [href for href in page.page.xpath("//main//a/@href") if not href.startswith("/credits/")]


def test_paying_what_is_not_to_be_paid(shop: Shop, buyer: Browser) -> None:
    """Paid by hand or paid already: its page says how it is; of others and of none there is nothing."""
    card, cheque = shop.ordered(buyer), shop.ordered(buyer, method="cheque")
    assert "Envoyez un chèque" in buyer.get(f"/credits/commandes/{cheque.reference}/payer").seen
    shop.pay(card)
    assert "crédits sont là" in buyer.get(f"/credits/commandes/{card.reference}/payer").seen
    other = shop.browser("autre@exemple.fr")
    for reference in (card.reference, "RF00", "x%00y", "%F0%9F%92%B6"):
        assert other.get(f"/credits/commandes/{reference}/payer").status == 404


def test_no_method_configured(shop: Shop, buyer: Browser) -> None:
    """Prices are still shown, and whom to write to."""
    cashier: Any = shop.house.cashier
    cashier.methods = ()
    answer = buyer.get("/credits/acheter")
    assert "Aucun moyen de paiement n'est ouvert" in answer.seen
    assert answer.page.xpath("//main//a[@href='/contact']")


def test_forged(shop: Shop, buyer: Browser) -> None:
    """A form that is not ours orders nothing, nor does one of who has not logged in."""
    fields = {"quantite": "100", "moyen": "carte", "jeton": "0" * 64}
    assert buyer.post("/credits/acheter", fields).status == 403
    answer = Browser(shop.site).post("/credits/acheter", {"quantite": "100", "moyen": "carte"}, followed=False)
    assert answer.headers["location"] == "/connexion"
    assert shop.orders() == []


def test_database_away(shop: Shop, buyer: Browser) -> None:
    """Nothing is ordered, and the page says so; the same form orders once it is back."""
    form = buyer.get("/credits/acheter")
    shop.house.database.away = True
    assert buyer.submit(form, "/credits/acheter", {"moyen": "carte"}).status == 503
    assert buyer.get("/credits/acheter").status == 503
    shop.house.database.away = False
    assert shop.orders() == []
    assert buyer.submit(form, "/credits/acheter", {"moyen": "carte"}, followed=False).status == 303
    assert len(shop.orders()) == 1

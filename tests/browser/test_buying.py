"""Credits are bought at a real browser: by the test bank, by card, by cheque and by transfer; with a PDF each time."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from smstob.model.order import OrderQuery
from smstob.storage import orders
from tests.audiotel import body_of, signed
from tests.daemon import RunningDaemon, fresh_email

from .person import DESKTOP, PHONE, Person
from .shop import AUDIOTEL, IBAN, OPERATOR, selling

CUSTOMER: Final = {
    "#nom": "Mairie de Saint-Œuvre",
    "#adresse": "1 place de la Mairie",
    "#code-postal": "35000",
    "#ville": "Rennes",
    "#siren": "213 500 010",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon that sells."""
    with selling(tmp_path_factory.mktemp("shop")) as daemon:
        daemon.provision(0, email=OPERATOR)
        yield daemon


@pytest.fixture
def buyer(chromium: Browser, shop: RunningDaemon) -> Iterator[Person]:
    """Somebody at a desk."""
    yield from _somebody(chromium, shop, viewport=DESKTOP)


@pytest.fixture
def walker(chromium: Browser, shop: RunningDaemon) -> Iterator[Person]:
    """Somebody with a telephone, in the dark."""
    yield from _somebody(chromium, shop, viewport=PHONE, color_scheme="dark", is_mobile=True, has_touch=True)


@pytest.fixture
def plain(chromium: Browser, shop: RunningDaemon) -> Iterator[Person]:
    """Somebody without scripts."""
    yield from _somebody(chromium, shop, viewport=DESKTOP, java_script_enabled=False)


@pytest.fixture
def operator(chromium: Browser, shop: RunningDaemon) -> Iterator[Person]:
    """Who runs the service."""
    yield from _somebody(chromium, shop, viewport=DESKTOP)


def _somebody(chromium: Browser, shop: RunningDaemon, **how: object) -> Iterator[Person]:
    context = chromium.new_context(locale="fr-FR", timezone_id="Europe/Paris", **how)  # type: ignore[arg-type]
    someone = Person(context, shop)
    someone.page.on("dialog", lambda dialog: dialog.accept())
    yield someone
    context.close()
    someone.check()


def choose(person: Person, quantity: str, way: str) -> None:
    """Fill in the order, and whom the invoice is for where that is asked."""
    page = person.go("/credits/acheter").page
    page.fill("#quantite", quantity)
    page.check(f"input[name=moyen][value={way}]")
    page.click("main button:has-text('Commander')")
    if page.locator("#nom").count():
        for field, value in CUSTOMER.items():
            page.fill(field, value)
        page.click("main button:has-text('Enregistrer')")
        page.click("main button:has-text('Commander')")


def pdf_of(person: Person, number: str, where: Path) -> str:
    """The words of an invoice, downloaded with the browser's own cookies."""
    answer = person.page.context.request.get(f"{person.base}/factures/{number}.pdf")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    file = where / f"{number}.pdf"
    file.write_bytes(answer.body())
    return subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout


def invoices_of(shop: RunningDaemon, address: str) -> tuple[str, ...]:
    """The numbers of the account's only order."""
    (order,) = [one for one in shop.transact(lambda c: orders.orders(c, OrderQuery())) if one.email == address]
    return order.invoices


def test_by_the_test_bank(buyer: Person, shop: RunningDaemon, tmp_path: Path) -> None:
    """Credits and a PDF at once; the calculator counts as the server does; the letter has the invoice too."""
    address = shop.provision(0, email=fresh_email())
    page = buyer.log_in(address).go("/credits/acheter").page
    page.fill("#quantite", "480")
    buyer.sees("500 SMS coûtent 85,00 € HT")
    assert page.inner_text("[data-out=gross]").replace("\u202f", " ").replace("\xa0", " ") == "109,44 €"
    assert buyer.accessibility() == []
    choose(buyer, "1 000", "essai")
    buyer.sees("Payer la commande")
    page.click("main a:has-text('Payer')")
    buyer.sees("Banque d'essai")
    page.click("main button:has-text('Refuser')")
    buyer.sees("Payer 186,00 €")
    page.click("main a:has-text('Payer')")
    page.click("main a:has-text('Payer')")
    page.click("main button:has-text('Payer')")
    buyer.sees("1 000 crédits")
    assert page.inner_text("#credits") == "1 000".replace(" ", "\u202f")
    (number,) = invoices_of(shop, address)
    buyer.sees(number)
    words = pdf_of(buyer, number, tmp_path)
    for said in ("Mairie de Saint-Œuvre", number, "155,00", "31,00", "186,00", "213 500 010"):
        assert said in words.replace("\u202f", " ").replace("\xa0", " "), (said, words)
    assert number in buyer.letter(address)


def test_by_card(buyer: Person, shop: RunningDaemon, tmp_path: Path) -> None:
    """To Stripe's page and back: its signed call gives the credits, once, and the invoice."""
    address = shop.provision(0, email=fresh_email())
    page = buyer.log_in(address).page
    choose(buyer, "500", "carte")
    page.click("main a:has-text('Payer')")
    page.wait_for_url("**/c/pay/**")
    assert "102,00 EUR" in page.inner_text("body")
    page.click("button")
    page.wait_for_url("**/credits/commandes/**")
    buyer.sees("500 crédits")
    buyer.daemon.wait(lambda: shop.balance(address) == 500, "the credits are there")
    page.reload()
    (number,) = invoices_of(shop, address)
    buyer.sees(number)
    assert "102,00" in pdf_of(buyer, number, tmp_path)


def test_by_cheque(buyer: Person, operator: Person, shop: RunningDaemon, tmp_path: Path) -> None:
    """The customer is told where to send it; the operator records it, and gives it back: an invoice, a credit note."""
    address = shop.provision(0, email=fresh_email())
    buyer.log_in(address)
    choose(buyer, "100", "cheque")
    buyer.sees("1 rue de la Poste")
    reference = buyer.page.inner_text("#reference")
    assert reference in buyer.letter(address)
    page = operator.log_in(OPERATOR).go("/exploitation/paiements").page
    page.fill("input[name=q]", reference)
    page.click("main button:has-text('Chercher')")
    page.click("main table a")
    page.fill("#note", "Chèque n° 1234567")
    assert operator.accessibility() == []
    page.click("main button:has-text('Vérifier et confirmer')")
    operator.sees("22,80 €")
    page.click("main button:has-text('reçu')")
    operator.sees("Chèque n° 1234567")
    assert shop.balance(address) == 100
    buyer.page.reload()
    (number,) = invoices_of(shop, address)
    buyer.sees(number)
    assert "Chèque n° 1234567" in pdf_of(buyer, number, tmp_path)
    page.fill("#note", "Doublon")
    page.click("main button:has-text('Vérifier et rembourser')")
    page.click("main button:has-text('rendu')")
    operator.sees("A20")
    assert shop.balance(address) == 0


def test_by_transfer_without_scripts(plain: Person, operator: Person, shop: RunningDaemon) -> None:
    """IBAN, reference and a code to scan; the operator confirms; nobody else sees his pages."""
    address = shop.provision(0, email=fresh_email())
    plain.log_in(address)
    choose(plain, "100", "virement")
    plain.sees(" ".join(IBAN[at : at + 4] for at in range(0, len(IBAN), 4)))
    assert plain.page.locator("main svg path").count() > 0
    reference = plain.page.inner_text("#reference")
    plain.expected.add(404)
    plain.go(f"/exploitation/paiements/{reference}")
    assert "Cette page n'existe pas" in plain.page.inner_text("body")
    page = operator.log_in(OPERATOR).go(f"/exploitation/paiements/{reference}").page
    page.click("main button:has-text('Vérifier et confirmer')")
    page.click("main button:has-text('reçu')")
    operator.daemon.wait(lambda: shop.balance(address) == 100, "the credits are there")


def test_trial(buyer: Person, shop: RunningDaemon) -> None:
    """A call to the number, signed by its provider; the code that was heard gives five credits, once."""
    address = shop.provision(0, email=fresh_email())
    page = buyer.log_in(address).go("/credits").page
    page.click("main a:has-text('Essai')")
    buyer.sees("08 99 12 34 56")
    buyer.sees("3,00 € par appel")
    assert buyer.accessibility() == []
    called = body_of(signed(AUDIOTEL, int(time.time()), address, code="48151623", caller="0299123456"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert shop.request("POST", "/audiotel", called, headers).status == 200
    buyer.expected.add(422)
    for typed in ("48151624", "4815 1623"):
        page.fill("main input[type=text], main input:not([type])", typed)
        page.click("main form button")
    buyer.sees("5")
    assert shop.balance(address) == 5
    assert page.inner_text("#credits") == "5"


def test_on_a_telephone(walker: Person, shop: RunningDaemon) -> None:
    """At 390 pixels in the dark: every page of the way fits the screen, and all can use it."""
    address = shop.provision(0, email=fresh_email())
    walker.log_in(address)
    walker.go("/credits/acheter").is_not_wider_than_the_screen()
    found = walker.accessibility()
    choose(walker, "200", "virement")
    walker.is_not_wider_than_the_screen()
    found += walker.accessibility()
    for path in ("/credits", "/credits/commandes", "/credits/coordonnees"):
        walker.go(path).is_not_wider_than_the_screen()
        found += walker.accessibility()
    assert found == []

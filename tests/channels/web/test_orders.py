"""Commandes et factures: what to do now, what became of it, and nobody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.model.order import Order, OrderState
from tests.billing.providers import event_of
from tests.house import House

from .browser import BASE, Answer, Browser, site_of
from .shopping import CUSTOMER, HOSTILE, IBAN, Shop, said
from .test_following import Stream, watched
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


def page_of(browser: Browser, order: Order, query: str = "") -> Answer:
    """The order's page, which is well made."""
    answer = browser.get(f"/credits/commandes/{order.reference}{query}")
    assert answer.status == 200
    assert list(faults(answer)) == []
    return answer


def test_none_yet(buyer: Browser) -> None:
    """It says so, and leads to the counter."""
    answer = buyer.get("/credits/commandes")
    assert "Aucune commande" in answer.seen
    assert answer.page.xpath("//main//a[@role='button']/@href") == ["/credits/acheter"]
    assert list(faults(answer)) == []


def test_list(shop: Shop, buyer: Browser) -> None:
    """The newest first: state, amount, way to pay, and the invoice of what is paid."""
    paid, cheque = shop.ordered(buyer), shop.ordered(buyer, "1000", "cheque")
    shop.pay(paid)
    first, second = (said(row.text_content()) for row in buyer.get("/credits/commandes").page.xpath("//tbody/tr"))
    assert first.startswith("1 000 crédits2 mars 2026, 12:00")
    assert "À payer Chèque 186,00 € Payer" in first
    assert cheque.reference in first
    assert "Payée Carte bancaire 22,80 € Facture F2026-000001" in second


def test_pages(shop: Shop, buyer: Browser) -> None:
    """So many a page, none lost or twice."""
    for _ in range(35):
        order = shop.ordered(buyer)
        buyer.post(f"/credits/commandes/{order.reference}/annuler")
    first = buyer.get("/credits/commandes")
    (older,) = first.page.xpath("//a[@rel='next']/@href")
    second = buyer.get(older)
    seen = [page.page.xpath("//tbody//th//a/@href") for page in (first, second)]
    assert [len(links) for links in seen] == [30, 5]
    assert len(set(seen[0] + seen[1])) == 35
    for odd in ("0", "-3", "x", "9" * 40):
        assert buyer.get("/credits/commandes", avant=odd).status == 200


def test_cheque(shop: Shop, buyer: Browser) -> None:
    """To whom, how much, where it is sent, and the reference to write on it."""
    order = shop.ordered(buyer, method="cheque")
    seen = said(page_of(buyer, order).seen)
    assert "Envoyez un chèque de 22,80 € à l'ordre de SMStoB, avec cette référence au dos :" in seen
    assert "1 rue du Test35000 Rennes" in seen
    assert order.reference in seen
    assert "IBAN" not in seen


def test_transfer(shop: Shop, buyer: Browser) -> None:
    """The account, the reference, and a picture that holds what the bank's application needs."""
    order = shop.ordered(buyer, method="virement")
    answer = page_of(buyer, order)
    grouped = " ".join(IBAN[at : at + 4] for at in range(0, 28, 4))
    for part in (grouped, "AGRIFRPP", "SMStoB SARL", "22,80 €", order.reference):
        assert part in said(answer.seen)
    (picture,) = answer.page.xpath("//*[@class='qr'][@role='img']/svg")
    assert picture.xpath(".//path")


def test_by_card(shop: Shop, buyer: Browser) -> None:
    """While it is open it leads to where it is paid; then its credits are there, and its invoice."""
    order = shop.ordered(buyer)
    assert f"/credits/commandes/{order.reference}/payer" in page_of(buyer, order).page.xpath("//main//a/@href")
    shop.pay(order)
    answer = page_of(buyer, order)
    assert "100 crédits sont là" in answer.seen
    assert answer.page.xpath("//*[@id='credits']/text()") == ["100"]
    assert answer.page.xpath("//main//form") == []
    assert "Facture F2026-000001" in answer.seen


def test_cancelled(shop: Shop, buyer: Browser) -> None:
    """By its own customer, once; it says that money which comes all the same counts, and how to order anew."""
    order = shop.ordered(buyer)
    form = page_of(buyer, order)
    action = f"/credits/commandes/{order.reference}/annuler"
    answer = buyer.submit(form, action)
    assert "La commande est annulée." in answer.seen
    assert "/credits/acheter?quantite=100" in answer.page.xpath("//main//a/@href")
    assert "Rien n'a changé" in buyer.submit(form, action).seen
    shop.pay(order)
    assert "100 crédits sont là" in page_of(buyer, order).seen
    assert "Rien n'a changé" in buyer.submit(form, action).seen
    assert shop.orders()[0].state is OrderState.PAID


def test_back_from_the_bank(shop: Shop, buyer: Browser) -> None:
    """Who is back before the provider called: it is asked, and as long as nothing came the page looks again."""
    order = shop.ordered(buyer)
    buyer.get(f"/credits/commandes/{order.reference}/payer")
    answer = page_of(buyer, order, "?retour=1")
    assert "Paiement en cours de confirmation" in answer.seen
    (again,) = answer.page.xpath("//noscript/meta[@http-equiv='refresh']/@content")
    assert again == f"3; url=/credits/commandes/{order.reference}?retour=2"
    # without a word of somebody's return nothing is awaited, and in the end no more is asked
    for query in ("", "?retour=0", "?retour=x", "?retour=-1"):
        assert "Il reste à payer" in page_of(buyer, order, query).seen
    assert not page_of(buyer, order, "?retour=99999999").page.xpath("//noscript")
    shop.house.bank.known[order.reference] = event_of(order)
    assert "100 crédits sont là" in page_of(buyer, order, "?retour=1").seen
    assert not page_of(buyer, order, "?retour=1").page.xpath("//noscript | //*[@data-watch]")


def test_back_while_the_bank_is_away(shop: Shop, buyer: Browser) -> None:
    """It is awaited all the same."""
    order = shop.ordered(buyer)
    buyer.get(f"/credits/commandes/{order.reference}/payer")
    shop.house.bank.away = True
    assert "Paiement en cours de confirmation" in page_of(buyer, order, "?retour=1").seen


def test_followed(shop: Shop, buyer: Browser) -> None:
    """A script is told when the payment came, be it that the provider is asked; then there is no more to follow."""
    called, asked = shop.ordered(buyer), shop.ordered(buyer)
    for order in (called, asked):
        buyer.get(f"/credits/commandes/{order.reference}/payer")
    streams = [Stream(buyer, watched(page_of(buyer, order, "?retour=1"))) for order in (called, asked)]
    shop.house.advance(2)
    assert [(one.status, one.events, one.ended) for one in streams] == [(200, 0, False)] * 2
    shop.pay(called)
    shop.house.bank.known[asked.reference] = event_of(asked, "evt_2")
    shop.house.advance(20)
    assert [(one.events, one.ended) for one in streams] == [(1, True)] * 2
    assert Stream(Browser(shop.site), f"/credits/commandes/{called.reference}/suivi").status == 401


def test_so_many_follow(shop: Shop, buyer: Browser) -> None:
    """Beyond that a script is told to ask later; another account's order is not followed."""
    order = shop.ordered(buyer)
    here = f"/credits/commandes/{order.reference}/suivi"
    streams = [Stream(buyer, here) for _ in range(5)]
    assert [one.status for one in streams] == [200, 200, 200, 200, 503]
    streams[0].leave()
    assert Stream(buyer, here).status == 200
    assert Stream(shop.browser("autre@exemple.fr"), here).status == 404


def test_invoice(shop: Shop, buyer: Browser) -> None:
    """Its file, made when it is first asked for."""
    shop.pay(shop.ordered(buyer))
    assert shop.house.made == []
    for _ in range(2):
        answer = buyer.get("/factures/F2026-000001.pdf")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''F2026-000001.pdf"
        assert answer.body.startswith(b"%PDF")
        assert CUSTOMER.name.encode() in answer.body
    assert shop.house.made == ["F2026-000001"]


def test_of_others(shop: Shop, buyer: Browser) -> None:
    """Another's order and invoice are not there; nor is what never was."""
    order = shop.ordered(buyer)
    other = shop.browser("autre@exemple.fr")
    assert other.post(f"/credits/commandes/{order.reference}/annuler", followed=False).status == 404
    assert shop.orders()[0].state is OrderState.OPEN
    shop.pay(order)
    odd = ("RF00", "x%00y", "%F0%9F%92%B6", "..", "'%20OR%201=1")
    for path in (order.reference, *odd):
        assert other.get(f"/credits/commandes/{path}").status == 404
    for number in ("F2026-000001", "F2026-000002", *odd):
        assert other.get(f"/factures/{number}.pdf").status == 404
    assert "Aucune commande" in other.get("/credits/commandes").seen
    assert shop.orders()[0].state is OrderState.PAID
    visitor = Browser(shop.site)
    answer = visitor.request("GET", "/factures/F2026-000001.pdf")
    assert answer.headers["location"] == "/connexion?suite=/factures/F2026-000001.pdf"


def test_forged_and_away(shop: Shop, buyer: Browser) -> None:
    """A cancellation that is not ours changes nothing; nor is anything shown while the database is away."""
    order = shop.ordered(buyer)
    here = f"/credits/commandes/{order.reference}"
    assert buyer.post(f"{here}/annuler", {"jeton": "0" * 64}).status == 403
    shop.house.database.away = True
    assert [buyer.get(path).status for path in (here, "/credits/commandes", "/factures/x.pdf")] == [503] * 3
    shop.house.database.away = False
    assert shop.orders()[0].state is OrderState.OPEN


def test_way_to_pay_that_is_no_more(shop: Shop, buyer: Browser) -> None:
    """An order whose way to pay is configured no more says so, and can be cancelled."""
    order = shop.ordered(buyer, method="virement")
    del shop.house.cashier._providers["virement"]
    answer = page_of(buyer, order)
    assert "Ce moyen de paiement n'est plus proposé" in answer.seen
    assert "annulée" in buyer.submit(answer, f"/credits/commandes/{order.reference}/annuler").seen


def test_test_bank(shop: Shop, buyer: Browser) -> None:
    """Plays the bank for what is paid there: refused it can be tried again, paid it is paid, and once."""
    order = shop.ordered(buyer, method="essai")
    bank = f"/paiement/essai/{order.reference}"
    leads = buyer.get(f"/credits/commandes/{order.reference}/payer").page.xpath("//main//a/@href")
    assert f"{BASE}{bank}" in leads
    page = buyer.get(bank)
    assert "22,80 €" in said(page.seen)
    assert "aucun argent" in page.seen
    assert list(faults(page)) == []
    assert "Il reste à payer" in buyer.submit(page, bank, {"faire": "refuser"}).seen
    assert "100 crédits sont là" in buyer.submit(page, bank, {"faire": "payer"}).seen
    assert "100 crédits sont là" in buyer.submit(page, bank, {"faire": "payer"}).seen
    assert "100 crédits sont là" in buyer.get(bank).seen
    assert buyer.get("/credits").page.xpath("//*[@id='credits']/text()") == ["100"]


def test_test_bank_is_for_nothing_else(shop: Shop, buyer: Browser) -> None:
    """What is to be paid with money is not paid there, nor another's order; nor is it there without its provider."""
    card, test = shop.ordered(buyer), shop.ordered(buyer, method="essai")
    other = shop.browser("autre@exemple.fr")
    for browser, order in ((buyer, card), (other, test), (other, card)):
        assert browser.get(f"/paiement/essai/{order.reference}").status == 404
        assert browser.post(f"/paiement/essai/{order.reference}", {"faire": "payer"}).status == 404
    for odd in ("", "voler", HOSTILE):
        assert buyer.post(f"/paiement/essai/{test.reference}", {"faire": odd}).status == 404
    plain = Browser(site_of(shop.house)).log_in()
    assert plain.get(f"/paiement/essai/{test.reference}").status == 404
    assert {one.state for one in shop.orders()} == {OrderState.OPEN}

"""Paiements: for the operator's people alone; money is recorded once, after a second look; the accountant's file."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs
import pytest

from smstob.model.order import Order, OrderState
from smstob.storage import accounts
from tests.accounts.scene import guard
from tests.house import PASSWORD, House

from .browser import Answer, Browser
from .shopping import CUSTOMER, HOSTILE, Shop, error_at, said
from .test_pages import faults

HERE = "/exploitation/paiements"
BOSS = "Patron@Exemple.FR"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Open, with an operator; his address is configured in capitals."""
    house = House(tmp_path / "smstob.db").open()
    yield Shop.of(house, operators=(BOSS,))
    house.close()


@pytest.fixture
def buyer(shop: Shop) -> Browser:
    """Somebody who can order."""
    return shop.browser()


@pytest.fixture
def boss(shop: Shop) -> Browser:
    """The operator."""
    return shop.browser("patron@exemple.fr", None)


def looked_at(boss: Browser, order: Order, day: str = "2026-03-02", note: str = "") -> Answer:
    """The second look."""
    form = boss.get(f"{HERE}/{order.reference}")
    return boss.submit(form, f"{HERE}/{order.reference}/verifier", {"date": day, "note": note})


def rows(answer: Answer, section: str = "attendus") -> list[str]:
    """The lines of a table."""
    return [said(row.text_content()) for row in answer.page.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")]


def test_for_operators_alone(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """For other customers there is no such page, nor a way to it; visitors are sent to log in."""
    order = shop.ordered(buyer, method="cheque")
    files = ("/exploitation/factures/export", "/exploitation/factures/F2026-000001.pdf")
    for path in (HERE, f"{HERE}/{order.reference}", *files):
        assert buyer.get(path).status == 404
        assert Browser(shop.site).request("GET", path).headers["location"] == f"/connexion?suite={path}"
    for action in ("verifier", "confirmer", "annuler", "verifier-remboursement", "rembourser"):
        assert buyer.post(f"{HERE}/{order.reference}/{action}", {"date": "2026-03-02"}).status == 404
    assert "/exploitation" not in buyer.get("/credits").text
    assert shop.orders() == [order]
    assert boss.get("/credits").page.xpath(f"//nav//a[@href='{HERE}']")
    assert boss.get(HERE).page.xpath(f"//nav//a[@href='{HERE}'][@aria-current='page']")


def test_second_factor_comes_first(shop: Shop, boss: Browser) -> None:
    """A session that still owes its second factor opens nothing here either."""
    account = shop.house.read(lambda connection: accounts.by_email(connection, "patron@exemple.fr"))
    assert account is not None
    guard(shop.house, account)
    late = Browser(shop.site)
    late.post("/connexion", {"email": "patron@exemple.fr", "mot-de-passe": PASSWORD}, followed=False)
    assert late.request("GET", HERE).headers["location"] == "/connexion/code"


def test_nothing_waits(boss: Browser) -> None:
    """It says so, and still has the accountant's export."""
    answer = boss.get(HERE)
    assert "Rien n'est attendu" in answer.seen
    assert answer.page.xpath("//input[@name='du']/@value") == ["2026-02-01"]
    assert answer.page.xpath("//input[@name='au']/@value") == ["2026-02-28"]
    assert list(faults(answer)) == []


def test_what_waits(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """What is paid by hand and still open; then what was paid, and its invoices."""
    cheque, paid = shop.ordered(buyer, method="cheque"), shop.ordered(buyer)
    shop.ordered(buyer, "500", "carte")
    shop.pay(paid)
    answer = boss.get(HERE)
    (line,) = rows(answer)
    assert line.startswith(f"{CUSTOMER.name}mairie@exemple.fr {cheque.reference}")
    assert line.endswith("À payer Chèque 22,80 €")
    assert len(rows(answer, "payees")) == 1
    assert rows(answer, "factures") == [
        f"F2026-000001 {CUSTOMER.name}mairie@exemple.fr 2 mars 2026 Total HT : 19,00 € Total TTC : 22,80 €"
    ]
    assert boss.get("/exploitation/factures/F2026-000001.pdf").body.startswith(b"%PDF")
    assert boss.get("/factures/F2026-000001.pdf").status == 404
    assert list(faults(answer)) == []


def test_search(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """By reference, however it is typed, by a part of the e-mail or of the name, whatever became of it."""
    first, second = shop.ordered(buyer, method="cheque"), shop.ordered(buyer, method="virement")
    third = shop.ordered(shop.browser("c@autre.fr", attrs.evolve(CUSTOMER, name="Brûlerie")), "500")
    shop.pay(third)
    spaced = " ".join(first.reference[at : at + 4] for at in range(0, 20, 4)).lower()
    for typed, found in {
        first.reference: [first],
        spaced: [first],
        third.reference: [third],
        "MAIRIE@": [second, first],
        "hédé": [second, first],
        "autre.fr": [third],
        "brûl": [third],
        "RF99SMS000001": [],
        "%": [],
        "_": [],
        HOSTILE: [],
        "x" * 5000: [],
    }.items():
        answer = boss.get(HERE, q=typed)
        links = [f"{HERE}/{one.reference}" for one in found]
        assert answer.page.xpath("//tbody//th//a/@href") == links, typed
        assert ("Rien ne correspond" in answer.seen) == (not found)
        assert list(faults(answer)) == []


def test_pages(shop: Shop, boss: Browser) -> None:
    """So many a page, none lost or twice."""
    for number in range(4):
        buyer = shop.browser(f"a{number}@exemple.fr")
        for _ in range(15):
            shop.ordered(buyer, method="cheque")
    first = boss.get(HERE)
    (older,) = first.page.xpath("//a[@rel='next']/@href")
    second = boss.get(older)
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert not set(rows(first)) & set(rows(second))


def test_payment_received(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """The form, a second look at whom and how much, and then credits and an invoice: once, however often it is sent."""
    order = shop.ordered(buyer, method="cheque")
    form = boss.get(f"{HERE}/{order.reference}")
    assert form.page.xpath("//input[@name='date']/@value") == ["2026-03-02"]
    look = looked_at(boss, order, "2026-02-27", "  chèque   n° 1234 ")
    for part in ("22,80 €", CUSTOMER.name, order.reference, "27 février 2026", "chèque n° 1234", "100 crédits ajoutés"):
        assert part in said(look.seen), part
    assert shop.orders() == [order]
    action = f"{HERE}/{order.reference}/confirmer"
    done = boss.submit(look, action)
    assert "Le paiement est enregistré : les crédits et la facture sont faits." in said(done.seen)
    again = boss.submit(look, action)
    assert "Rien n'a changé" in again.seen
    (now,) = shop.orders()
    assert (now.state, now.received, now.note) == (
        OrderState.PAID,
        (date(2026, 2, 27) - date(1970, 1, 1)).days,
        "chèque n° 1234",
    )
    assert now.invoices == ("F2026-000001",)
    assert buyer.get("/credits").page.xpath("//*[@id='credits']/text()") == ["100"]
    assert "chèque n° 1234" in buyer.get(f"/credits/commandes/{order.reference}").seen
    assert "Rien n'a changé" in boss.post(f"{HERE}/{order.reference}/verifier", {"date": "2026-03-02"}).seen
    assert list(faults(look)) == list(faults(done)) == []


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("", "Indiquez la date"),
        ("02/03/2026", "Indiquez la date"),
        ("2026-02-30", "Indiquez la date"),
        ("1969-12-31", "Indiquez la date"),
        ("20260302", "Indiquez la date"),
        (HOSTILE, "Indiquez la date"),
        ("2026-03-03", "Ce n'est pas la date d'un paiement reçu"),
        ("2026-01-01", "Ce n'est pas la date d'un paiement reçu"),
        ("9999-12-31", "Ce n'est pas la date d'un paiement reçu"),
    ],
)
def test_no_date(shop: Shop, buyer: Browser, boss: Browser, day: str, why: str) -> None:
    """It is told at its field, with the note still there; nothing was recorded."""
    order = shop.ordered(buyer, method="cheque")
    answer = boss.post(f"{HERE}/{order.reference}/confirmer", {"date": day, "note": HOSTILE})
    assert answer.status == 422
    assert why in error_at(answer, "date")
    assert answer.page.xpath("//input[@name='note']/@value") == [HOSTILE]
    assert list(faults(answer)) == []
    assert shop.orders() == [order]
    if why.startswith("Indiquez"):
        assert looked_at(boss, order, day).status == 422


def test_hostile_notes(shop: Shop, boss: Browser) -> None:
    """Notes and details that try to break out of their place stay text, for the operator and for the customer."""
    details = attrs.evolve(CUSTOMER, name=HOSTILE, address=f"{HOSTILE}\n{HOSTILE}", city=HOSTILE)
    buyer = shop.browser(details=details)
    order = shop.ordered(buyer, method="cheque")
    look = looked_at(boss, order, note=HOSTILE * 20)
    pages = [boss.get(HERE), look, boss.submit(look, f"{HERE}/{order.reference}/confirmer"), boss.get(HERE)]
    pages += [buyer.get(f"/credits/commandes/{order.reference}"), buyer.get("/credits/commandes")]
    for page in pages:
        assert (page.status, list(faults(page))) == (200, [])
        assert "<script>alert" not in page.text
    assert len(shop.orders()[0].note) <= 200


def test_cancelled_and_paid_all_the_same(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """What is cancelled waits no longer; money that comes all the same counts."""
    order = shop.ordered(buyer, method="virement")
    form = boss.get(f"{HERE}/{order.reference}")
    assert "La commande est annulée." in boss.submit(form, f"{HERE}/{order.reference}/annuler").seen
    assert rows(boss.get(HERE)) == []
    assert "Si l'argent est venu tout de même, elle compte." in boss.get(f"{HERE}/{order.reference}").seen
    boss.submit(looked_at(boss, order), f"{HERE}/{order.reference}/confirmer")
    assert shop.orders()[0].state is OrderState.PAID
    assert "Rien n'a changé" in boss.submit(form, f"{HERE}/{order.reference}/annuler").seen


def test_refund(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """With a second look; a credit note is made and what is left of the credits goes, once."""
    order = shop.ordered(buyer, method="cheque")
    here = f"{HERE}/{order.reference}"
    assert "Rien n'a changé" in boss.post(f"{here}/verifier-remboursement", {"note": "x"}).seen
    assert "Rien n'a changé" in boss.post(f"{here}/rembourser", {"note": "x"}).seen
    boss.submit(looked_at(boss, order), f"{here}/confirmer")
    look = boss.submit(boss.get(here), f"{here}/verifier-remboursement", {"note": "double paiement"})
    for part in ("22,80 €", CUSTOMER.name, "double paiement", "100 crédits repris"):
        assert part in said(look.seen), part
    assert shop.orders()[0].state is OrderState.PAID
    done = boss.submit(look, f"{here}/rembourser")
    assert "Le remboursement est enregistré : l'avoir est fait." in said(done.seen)
    assert "Avoir A2026-000001" in done.seen
    assert "Rien n'a changé" in boss.submit(look, f"{here}/rembourser").seen
    assert shop.orders()[0].state is OrderState.REFUNDED
    answer = buyer.get(f"/credits/commandes/{order.reference}")
    assert "Cette commande est remboursée" in answer.seen
    assert "100 crédits repris" in answer.seen
    assert answer.page.xpath("//*[@id='credits']/text()") == ["0"]
    assert buyer.get("/factures/A2026-000001.pdf").status == 200
    assert "avoir sur F2026-000001" in boss.get(HERE).seen
    for page in (look, done, answer, boss.get(HERE)):
        assert list(faults(page)) == []


def test_export(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """A period's documents and table in one file."""
    shop.pay(shop.ordered(buyer))
    answer = boss.get("/exploitation/factures/export", du="2026-03-01", au="2026-03-31")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].endswith("factures-2026-03-01-2026-03-31.zip")
    assert set(zipfile.ZipFile(io.BytesIO(answer.body)).namelist()) == {"factures.csv", "F2026-000001.pdf"}
    empty = boss.get("/exploitation/factures/export", du="2026-02-01", au="2026-02-28")
    assert zipfile.ZipFile(io.BytesIO(empty.body)).namelist() == ["factures.csv"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("", ""),
        ("2026-03-01", ""),
        ("2026-03-02", "2026-03-01"),
        ("x", "y"),
        ("2024-01-01", "2026-01-01"),
        (HOSTILE, ""),
    ],
)
def test_no_period(boss: Browser, first: str, last: str) -> None:
    """It is told at its fields."""
    answer = boss.get("/exploitation/factures/export", du=first, au=last)
    assert answer.status == 422
    assert error_at(answer, "periode").startswith("Indiquez deux dates")
    assert list(faults(answer)) == []


def test_unknown_forged_and_away(shop: Shop, buyer: Browser, boss: Browser) -> None:
    """What there is not is 404, a form of others changes nothing, and without the database nothing is recorded."""
    order = shop.ordered(buyer, method="cheque")
    for odd in ("RF00", "x%00y", "%F0%9F%92%B6"):
        assert boss.get(f"{HERE}/{odd}").status == 404
        for action in ("verifier", "confirmer", "annuler", "verifier-remboursement", "rembourser"):
            assert boss.post(f"{HERE}/{odd}/{action}", {"date": "2026-03-02"}).status == 404, (odd, action)
    assert boss.get("/exploitation/factures/F2026-000009.pdf").status == 404
    fields = {"date": "2026-03-02", "jeton": "0" * 64}
    for action in ("confirmer", "annuler", "rembourser"):
        assert boss.post(f"{HERE}/{order.reference}/{action}", fields).status == 403
    look = looked_at(boss, order)
    shop.house.database.away = True
    assert boss.submit(look, f"{HERE}/{order.reference}/confirmer").status == 503
    assert boss.get(HERE).status == 503
    shop.house.database.away = False
    assert shop.orders() == [order]

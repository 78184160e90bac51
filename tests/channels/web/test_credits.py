"""Crédits: what is left, and every movement that led there."""

from pathlib import Path

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from smstob.channels.web.pages import credits
from smstob.model.ledger import Reason
from smstob.model.order import reference_of
from smstob.model.report import Movement
from smstob.storage import ledger
from smstob.storage.database import Connection
from tests.fakes import RejectingGateway
from tests.house import NOW, NUMBER, House, numbers

from .browser import Answer, Browser, site_of


def lines(answer: Answer) -> list[str]:
    """The movements that a page shows."""
    return [" ".join(row.text_content().split()) for row in answer.page.xpath("//tbody/tr")]


def test_no_credit_yet(house: House, visitor: Browser) -> None:
    """It says what a credit is and where to get some."""
    house.account(credits=0)
    page = visitor.log_in().get("/credits")
    assert "0 crédit disponible" in page.seen
    assert "Aucun mouvement" in page.seen
    assert page.page.xpath("//main//a[@href='/credits/acheter'][@role='button']")
    assert visitor.get("/credits/export").rows == []


def test_movements_newest_first(house: House, visitor: Browser) -> None:
    """Each with its reason, its amount, the balance after it, and the submission that it paid."""
    house.account(credits=100)
    made = house.accepted("0612345678, 0698765432", "Bonjour")
    page = visitor.log_in().get("/credits")
    debit, top_up = lines(page)
    assert debit.startswith(f"Envoi n° {made.id}")
    assert debit.endswith("−2 Solde : 98")
    assert top_up.startswith("Crédits ajoutés essai")
    assert top_up.endswith("+100 Solde : 100")
    assert page.page.xpath("//tbody//a/@href") == [f"/historique/{made.id}"]


def test_refunds_of_one_submission_are_one_line(house: House, customer: Browser) -> None:
    """However many messages were cancelled; the line leads to the submission, and the balance is right."""
    made = house.accepted(",".join(numbers(120)), "Bonjour", when="093003032026")
    customer.post(f"/programmes/{made.id}/annuler")
    page = customer.get("/credits")
    refund, debit, top_up = lines(page)
    assert refund.startswith(f"Remboursement, envoi n° {made.id} (120 messages)")
    assert refund.replace("\u202f", " ").endswith("+120 Solde : 1 000 000")
    assert debit.replace("\u202f", " ").endswith("−120 Solde : 999 880")
    assert len(customer.get("/credits/export").rows) == 122
    assert top_up.startswith("Crédits ajoutés")


def test_a_refused_message_is_paid_back(tmp_path: Path) -> None:
    """The refund leads to its submission."""
    house = House(tmp_path / "smstob.db")
    house.gateway(RejectingGateway)
    house.open()
    house.account()
    customer = Browser(site_of(house)).log_in()
    first, second = house.accepted(), house.accepted("0698765432")
    house.advance(1)
    found = customer.get("/credits").page.xpath("//tbody//a/@href")
    assert sorted(found) == sorted(f"/historique/{one.id}" for one in (first, first, second, second))
    house.close()


def test_where_movements_lead(house: House, visitor: Browser) -> None:
    """An order's credits to the order, a transfer to the transfers; a reference of the operator's own nowhere."""
    account = house.account(credits=0)
    ordered = reference_of(12)
    odd = f"{ordered[:-1]}3", "test", "<b>", f" {ordered}"
    moved = (Reason.TOP_UP, ordered), (Reason.TRANSFER, "7"), *((Reason.TOP_UP, one) for one in odd)

    def issue(connection: Connection) -> None:
        for reason, reference in moved:
            ledger.issue(connection, account.id, 4, reason, reference, NOW, "")

    house.write(issue)
    page = visitor.log_in().get("/credits")
    assert page.page.xpath("//tbody//a/@href") == ["/credits/transferts", f"/credits/commandes/{ordered}"]
    assert [row["Référence"] for row in visitor.get("/credits/export").rows] == [ordered, "7", *odd]


def test_pages(house: House, customer: Browser) -> None:
    """Fifty a page, none lost or twice; a page that is not there is the nearest one."""
    for number in numbers(60):
        house.accepted(number)
    first = customer.get("/credits")
    (older,) = first.page.xpath("//a[@rel='next']/@href")
    second = customer.get(older)
    assert (len(lines(first)), len(lines(second))) == (50, 11)
    assert not set(first.page.xpath("//tbody//a/@href")) & set(second.page.xpath("//tbody//a/@href"))
    for odd in ("0", "-3", "x", "9" * 15, "9" * 40, "1.5"):
        assert customer.get("/credits", page=odd).status == 200
    assert lines(customer.get("/credits", page="999")) == lines(second)


def test_what_is_cut_is_told(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages end somewhere; the file goes on."""
    for number in numbers(5):
        house.accepted(number)
    monkeypatch.setattr(credits, "READ", 3)
    page = customer.get("/credits")
    assert len(lines(page)) == 3
    assert "Les mouvements plus anciens sont dans l'export." in page.seen
    assert len(customer.get("/credits/export").rows) == 6


def test_file(house: House, visitor: Browser) -> None:
    """The oldest first, dates on the service's clocks, reasons in French; no cell begins as a formula does."""
    account = house.account(credits=10)
    house.write(
        lambda connection: ledger.issue(connection, account.id, 4, Reason.TOP_UP, "x", NOW + 60, "=1+1;\"'")
    )
    made = house.accepted(NUMBER, "Bonjour")
    first, second, third = visitor.log_in().get("/credits/export").rows
    assert first == {
        "Date": "02/03/2026 12:00:00",
        "Motif": "Crédits ajoutés",
        "Envoi": "",
        "Crédits": "10",
        "Solde": "10",
        "Note": "essai",
        "Référence": "test 1",
    }
    assert second["Note"] == "'=1+1;\"'"
    assert (third["Motif"], third["Envoi"], third["Crédits"]) == ("Envoi", str(made.id), "-1")


def test_long_file(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written in slices, others having their turn in between; who leaves holds his place until it is read."""
    for number in numbers(9):
        house.accepted(number)
    monkeypatch.setattr(credits, "SLICE", 4)
    wire, _ = customer.open("GET", "/credits/export")
    assert wire.value() == b""
    assert customer.get("/credits/export").status == 429
    house.advance(0.1, step=0.01)
    assert wire.value().count(b";Envoi;") + wire.value().count(b"Envoi;") >= 9
    reading: Deferred[list[Movement]] = Deferred()
    monkeypatch.setattr(house.reporter, "movements", lambda account, limit: reading)
    _, channel = customer.open("GET", "/credits/export")
    channel.connectionLost(Failure(ConnectionDone()))
    assert customer.get("/credits/export").status == 429
    reading.callback([])
    monkeypatch.undo()
    assert len(customer.get("/credits/export").rows) == 10


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s"])
def test_hostile_notes(house: House, visitor: Browser, words: str) -> None:
    """What the operator noted is shown as it is."""
    account = house.account()
    house.write(lambda connection: ledger.issue(connection, account.id, 4, Reason.TOP_UP, "x", NOW, words))
    page = visitor.log_in().get("/credits")
    assert words in page.seen
    assert not page.page.xpath("//main//img|//main//script")


def test_of_another_nothing(house: House, customer: Browser) -> None:
    """Everybody sees his own purse."""
    made = house.accepted()
    house.account("autre@exemple.fr", credits=7)
    stranger = Browser(customer.site).log_in("autre@exemple.fr")
    assert f"/historique/{made.id}" not in stranger.get("/credits").text
    assert [row["Crédits"] for row in stranger.get("/credits/export").rows] == ["7"]


def test_who_has_not_logged_in(visitor: Browser) -> None:
    """To the log-in."""
    for path in ("/credits", "/credits/export"):
        assert visitor.request("GET", path).headers["location"].startswith("/connexion")


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says to try again."""
    house.database.away = True
    for path in ("/credits", "/credits/export"):
        answer = customer.get(path)
        assert answer.status == 503
        assert "Réessayez" in answer.text

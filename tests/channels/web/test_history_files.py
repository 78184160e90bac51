"""Files of what was sent."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from smstob.channels.web.pages import history
from smstob.model.message import State
from smstob.model.report import MessageReport
from tests.house import NUMBER, House, numbers

from .browser import Browser


def test_file_of_messages(house: House, customer: Browser) -> None:
    """Every message with dates on the service's clocks, its state in French, its error; newest first."""
    made = house.accepted("0612345678, 0698765432", "Bonjour ; à \"vous\"\nJean")
    house.advance(1)
    house.receipt("A", "A-2", State.FAILED)
    first, second = customer.get(f"/historique/{made.id}/export").rows
    assert first == {
        "Accepté le": "02/03/2026 12:00:00",
        "Envoi": str(made.id),
        "Voie": "HTTP",
        "Expéditeur": "",
        "Numéro": "06 98 76 54 32",
        "Message": "Bonjour ; à \"vous\"\nJean",
        "État": "Échec",
        "SMS": "1",
        "Crédits": "1",
        "Demandé pour le": "02/03/2026 12:00:00",
        "Envoyé le": first["Envoyé le"],
        "Terminé le": first["Terminé le"],
        "Erreur": "Le téléphone est éteint.",
    }
    assert first["Envoyé le"].startswith("02/03/2026 12:00:0")
    assert (second["État"], second["Terminé le"]) == ("Envoyé", "")


@pytest.mark.parametrize("text", ["=1+1", "+33 6", "-2", "@SUM(A1)", " =HYPERLINK()", "a\n=1"])
def test_no_formula(house: House, customer: Browser, text: str) -> None:
    """No cell begins as a formula does."""
    made = house.accepted(NUMBER, text)
    (row,) = customer.get(f"/historique/{made.id}/export").rows
    for cell in row.values():
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@")
    assert row["Message"].removeprefix("'") == text.strip()


def test_file_of_what_the_filters_leave(house: House, customer: Browser) -> None:
    """The file has what the page has."""
    house.accepted("0612345678, 0698765432", "Bonjour")
    house.advance(1)
    house.receipt("A", "A-1")
    page = customer.get("/historique/messages", etat="delivered", du="2026-03-01")
    (address,) = page.page.xpath("//div[@class='actions']/a/@href")
    assert [row["État"] for row in customer.get(address).rows] == ["Remis"]
    assert customer.get("/historique/export", au="2026-03-01").rows == []


def test_long_file(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in slices, none of which is lost or comes twice, up to its bound."""
    made = house.accepted(",".join(numbers(1234)), "Bonjour")
    found = customer.get(f"/historique/{made.id}/export").rows
    assert len({row["Numéro"] for row in found}) == len(found) == 1234
    monkeypatch.setattr(history, "EXPORTED", 1100)
    assert customer.get(f"/historique/{made.id}/export").rows == found[:1100]


def test_one_file_at_a_time(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is made another is asked to wait, be it that the browser left: the reading goes on all the same."""
    house.accepted()
    reading: Deferred[list[MessageReport]] = Deferred()
    monkeypatch.setattr(house.reporter, "history", lambda account, query: reading)
    _, channel = customer.open("GET", "/historique/export")
    second = customer.get("/historique/export")
    assert second.status == 429
    assert "Un export est en cours" in second.seen
    channel.connectionLost(Failure(ConnectionDone()))
    assert customer.get("/historique/export").status == 429
    reading.callback([])
    monkeypatch.undo()
    assert len(customer.get("/historique/export").rows) == 1

"""Historique: lists and filters, and one submission with each of its messages."""

from typing import Any, Final

import pytest

from smstob.model.draft import Credentials
from smstob.model.message import State
from tests.fakes import RejectingGateway
from tests.house import NUMBER, PASSWORD, House, numbers

from .browser import Answer, Browser, site_of

HOSTILE: Final = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s %s")
OTHER: Final = "autre@exemple.fr"


@pytest.fixture
def stranger(house: House, customer: Browser) -> Browser:
    """Another customer's browser on the same site."""
    house.account(OTHER)
    return Browser(customer.site).log_in(OTHER)


def links(answer: Answer) -> list[str]:
    """The submissions that a list leads to, in its order."""
    found: list[str] = answer.page.xpath("//tbody//th/a/@href")
    return found


def test_nothing_yet(customer: Browser) -> None:
    """Both lists are empty, and say what to do."""
    for path in ("/historique", "/historique/messages"):
        page = customer.get(path)
        assert page.status == 200
        assert "Rien n'est encore parti" in page.seen
        assert page.page.xpath("//main//a[@href='/envoyer']")


def test_submissions_newest_first(house: House, customer: Browser) -> None:
    """Each with its text, its channel, how many messages, what became of them, and what it cost."""
    first = house.accepted(NUMBER, "Le premier")
    house.advance(60)
    second = house.accepted("0612345678, 0698765432", "Le second")
    house.advance(1)
    house.receipt("A", "A-1")
    house.receipt("A", "A-2", State.FAILED)
    page = customer.get("/historique")
    assert links(page) == [f"/historique/{second.id}", f"/historique/{first.id}"]
    newer, older = (" ".join(row.text_content().split()) for row in page.page.xpath("//tbody/tr"))
    assert "Le premier" in older
    assert "1 remis" in older
    assert "HTTP" in older
    assert "0612345678, 0698765432" in newer
    assert "1 non remis 1 envoyé" in newer


def test_fifty_a_page(house: House, customer: Browser) -> None:
    """Older ones are a page further, none is on two, and there is a way back."""
    made = [house.accepted(number, f"n° {at}").id for at, number in enumerate(numbers(53))]
    page = customer.get("/historique")
    (older,) = page.page.xpath("//a[@rel='next']/@href")
    second = customer.get(older)
    assert [*links(page), *links(second)] == [f"/historique/{id_}" for id_ in reversed(made)]
    assert not second.page.xpath("//a[@rel='next']")
    assert second.page.xpath("//a[@rel='prev']/@href") == ["/historique"]


def test_filters(house: House, customer: Browser) -> None:
    """By words, by channel and by days, both of which count; the next page has them too."""
    house.accepted(NUMBER, "Réunion jeudi")
    house.advance(86_400, step=3600)
    customer.log_in()
    house.accepted(NUMBER, "Pizza ce soir")
    assert "Pizza" not in customer.get("/historique", q="réunion").seen
    assert "Réunion" in customer.get("/historique", q="réunion").seen
    assert "Rien ne correspond" in customer.get("/historique", voie="mail").seen
    assert "Pizza" in customer.get("/historique", voie="http").seen
    assert "Pizza" not in customer.get("/historique", du="2026-03-02", au="2026-03-02").seen
    assert "Réunion" in customer.get("/historique", du="2026-03-02", au="2026-03-02").seen
    assert "Pizza" in customer.get("/historique", du="2026-03-03").seen
    for at, number in enumerate(numbers(51)):
        house.accepted(number, f"Pizza {at}")
    page = customer.get("/historique", q="pizza", voie="http")
    (older,) = page.page.xpath("//a[@rel='next']/@href")
    assert "q=pizza" in older
    assert "voie=http" in older
    assert len(links(customer.get(older))) == 2


@pytest.mark.parametrize("path", ["/historique", "/historique/messages", "/historique/export"])
@pytest.mark.parametrize(
    "typed",
    [
        {"du": "2026-02-30"},
        {"du": "demain"},
        {"au": "0001-01-01"},
        {"au": "9999-12-31"},
        {"du": "2026-W10-1"},
        {"du": "2026-03-05", "au": "2026-03-01"},
        {"du": "'; DROP"},
    ],
)
def test_no_period(house: House, customer: Browser, path: str, typed: dict[str, str]) -> None:
    """What is no period is told in words, and what was typed stands there still."""
    house.accepted()
    page = customer.get(path, **typed)
    assert page.status == 422
    assert "Ce n'est pas une période" in page.seen
    name, value = next(iter(typed.items()))
    assert page.page.xpath(f"//input[@name='{name}']/@value") == [value[:10]]


@pytest.mark.parametrize(
    "query",
    [
        "avant=x",
        "avant=1.x",
        "avant=99999999999999999999999.1",
        "avant=-1.-1",
        "voie=pigeon",
        "q=%00%00",
        "q=" + "a" * 5000,
        "q=%ff%fe",
        "q=%25_%25",
        "du=&au=",
    ],
)
def test_filters_that_mean_nothing(house: House, customer: Browser, query: str) -> None:
    """Strange values of an address are no error, and no other's business."""
    house.accepted()
    for path in ("/historique", "/historique/messages", "/historique/1"):
        assert customer.get(f"{path}?{query}").status == 200


def test_messages_by_number_and_state(house: House, customer: Browser) -> None:
    """The flat list finds a number however it is typed, and what did not arrive."""
    house.accepted("0612345678, 0698765432", "Bonjour")
    house.advance(1)
    house.receipt("A", "A-1", State.FAILED)
    assert len(links(customer.get("/historique/messages"))) == 2
    found = customer.get("/historique/messages", numero="+33 6 98 76 54 32")
    assert "06 98 76 54 32" in found.seen.replace("\u00a0", " ")
    assert len(links(found)) == 1
    failed = customer.get("/historique/messages", etat="failed")
    assert "Le téléphone est éteint." in failed.seen
    assert len(links(failed)) == 1
    assert "Rien ne correspond" in customer.get("/historique/messages", etat="expired").seen
    assert len(links(customer.get("/historique/messages", etat="n'importe quoi"))) == 2


@pytest.mark.parametrize("path", ["/historique/messages", "/historique/export"])
def test_no_number(house: House, customer: Browser, path: str) -> None:
    """A number that is none is told, rather than nothing found."""
    house.accepted()
    page = customer.get(path, numero='"><img src=x onerror=alert(1)>')
    assert page.status == 422
    assert "Ce n'est pas un numéro de mobile" in page.seen
    assert not page.page.xpath("//img")


def test_one_submission(house: House, customer: Browser) -> None:
    """Figures, each message with its state, what that means, when, its error; and the way to send it again."""
    made = house.accepted("0612345678, 0698765432, 0611223344", "Bonjour")
    house.advance(1)
    house.receipt("A", "A-1")
    house.receipt("A", "A-2", State.FAILED)
    page = customer.get(f"/historique/{made.id}")
    seen = page.seen
    for words in ("3 messages", "1 remis", "1 non remis", "1 en cours", "3 crédits débités"):
        assert words in seen
    assert "Le téléphone est éteint." in seen
    assert page.page.xpath(f"//a[@href='/envoyer?de={made.id}']")
    assert page.page.xpath("//*[contains(@title, 'en attente de l')]")
    assert len(page.page.xpath("//tbody/tr")) == 3
    delivered = customer.get(f"/historique/{made.id}", etat="delivered")
    assert len(delivered.page.xpath("//tbody/tr")) == 1
    assert not page.page.xpath("//form[contains(@action, '/annuler')]")


def test_parts_and_repeats(house: House, customer: Browser) -> None:
    """Of a long message each SMS is told."""
    made = house.accepted(NUMBER, "a" * 200)
    house.advance(1)
    house.receipt("A", "A-1")
    seen = customer.get(f"/historique/{made.id}").seen
    assert "1/2 : Remis, 2/2 : Envoyé" in seen


def test_many_messages_of_one(house: House, customer: Browser) -> None:
    """Fifty a page, every one once."""
    made = house.accepted(",".join(numbers(120)), "Bonjour")
    path, seen = f"/historique/{made.id}", []
    while path:
        page = customer.get(path)
        seen += [cell.text_content().strip() for cell in page.page.xpath("//tbody//th")]
        path = "".join(page.page.xpath("//a[@rel='next']/@href"))
    assert len(seen) == len(set(seen)) == 120


def test_deferred_one_can_be_changed(house: House, customer: Browser) -> None:
    """While it waits: its hour, and three ways to change it, each of which works from here."""
    made = house.accepted(NUMBER, "À demain", when="093003032026")
    here = f"/historique/{made.id}"
    page = customer.get(here)
    assert "Départ mardi 3 mars 2026 à 09:30" in page.seen
    assert "Programmé" in page.seen
    assert page.page.xpath(f"//a[@href='/envoyer?de={made.id}&remplacer=oui']")
    assert not page.page.xpath("//*[@data-watch]")
    moved = customer.submit(page, f"/programmes/{made.id}/heure", {"date": "2026-03-04", "heure": "10:00"})
    assert "L'heure d'envoi est changée." in moved.seen
    assert "Départ mercredi 4 mars 2026 à 10:00" in moved.seen
    gone = customer.submit(moved, f"/programmes/{made.id}/annuler")
    assert "1 message annulé et remboursé." in gone.seen
    assert not gone.page.xpath("//form[contains(@action, '/programmes/')]")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words(house: House, customer: Browser, words: str) -> None:
    """Texts, destinations, errors and what was searched are shown as they are, on every page."""
    account = house.account(OTHER)
    house.group(account, words, numbers(2))
    browser = Browser(customer.site).log_in(OTHER)
    sender = Credentials(email=OTHER, secret=PASSWORD, address="192.0.2.7")
    made = house.accepted(words, f"{words} !", sender=sender)
    paths = ("/historique", "/historique/messages", f"/historique/{made.id}", "/accueil", "/credits")
    for path in paths:
        page = browser.get(path)
        assert page.status == 200
        assert not page.page.xpath("//main//script|//main//img")
        assert "49" not in page.seen
    assert words in browser.get("/historique").seen
    assert words in browser.get(f"/historique/{made.id}").seen
    searched = browser.get("/historique", q=words, du="", voie=words)
    assert searched.page.xpath("//input[@name='q']/@value") == [words]


def test_of_another(house: House, customer: Browser, stranger: Browser) -> None:
    """Another's submission is not there, at any address; the lists and files have nothing of it."""
    made = house.accepted(NUMBER, "Secret", when="093003032026")
    here = f"/historique/{made.id}"
    for path in (here, f"{here}/suivi", f"{here}/export"):
        assert stranger.get(path).status == 404
    for path in ("/historique", "/historique/messages"):
        assert "Secret" not in stranger.get(path).text
    assert stranger.get("/historique/export").rows == []
    assert customer.get(here).status == 200


@pytest.mark.parametrize("id_", ["0", "999999", "8999999999999999", "99999999999999999999", "x", "-1"])
def test_no_such_one(customer: Browser, id_: str) -> None:
    """404, whatever the number."""
    for rest in ("", "/suivi", "/export"):
        assert customer.get(f"/historique/{id_}{rest}").status == 404


def test_who_has_not_logged_in(house: House, visitor: Browser) -> None:
    """Everybody is sent to log in; a script is told so."""
    house.account()
    made = house.accepted()
    for path in ("/historique", "/historique/messages", f"/historique/{made.id}", "/historique/export"):
        answer = visitor.request("GET", path)
        assert (answer.status, answer.headers["location"][:10]) == (303, "/connexion")


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says to try again, without a traceback."""
    made = house.accepted()
    house.database.away = True
    for path in ("/historique", "/historique/messages", f"/historique/{made.id}", "/historique/export"):
        answer = customer.get(path)
        assert answer.status == 503
        assert "Réessayez" in answer.text
        assert "Traceback" not in answer.text


def test_refused_ones_are_paid_back(tmp_path: Any) -> None:
    """A number that is nobody's: refused, with the operator's reason in French."""
    house = House(tmp_path / "smstob.db")
    house.gateway(RejectingGateway)
    house.open()
    house.account()
    customer = Browser(site_of(house)).log_in()
    made = house.accepted()
    house.advance(1)
    page = customer.get(f"/historique/{made.id}")
    assert "Refusé" in page.seen
    assert "Le numéro n'est pas attribué." in page.seen
    house.close()


def test_english(house: House, customer: Browser) -> None:
    """Every page can be read in English too, with its dates."""
    made = house.accepted()
    customer.language = "en"
    for path in ("/historique", "/historique/messages", f"/historique/{made.id}"):
        page = customer.get(path)
        assert page.status == 200
        assert "2 Mar 2026" in page.seen

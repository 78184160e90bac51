"""Historique: lists and filters, one submission as it gets on, told as it happens, and files to keep."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from smstob.channels.web.following import LONGEST
from smstob.channels.web.pages import history
from smstob.model.draft import Credentials
from smstob.model.message import State
from tests.fakes import ChangingGateway, RejectingGateway
from tests.house import NUMBER, PASSWORD, House, numbers

from .browser import Answer, Browser, site_of

HOSTILE: Final = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s %s")
OTHER: Final = "autre@exemple.fr"


@pytest.fixture
def stranger(house: House, customer: Browser) -> Browser:
    """Another customer's browser on the same site."""
    house.account(OTHER)
    return Browser(customer.site).log_in(OTHER)


@pytest.fixture
def slow(tmp_path: Any) -> Iterator[House]:
    """A house whose gateway keeps silent until it is told to take."""
    house = House(tmp_path / "smstob.db")
    house.gateway(ChangingGateway)
    house.open()
    yield house
    house.close()


class Stream:
    """What a script that follows an address has heard."""

    def __init__(self, browser: Browser, path: str) -> None:
        self.wire, self._channel = browser.open("GET", path, headers={"Accept": "text/event-stream"})

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.wire.value().split()[1])

    @property
    def events(self) -> int:
        """How many changes were told."""
        return self.wire.value().count(b"data: \"")

    @property
    def ended(self) -> bool:
        """Whether the server said that there is no more."""
        return b"event: end" in self.wire.value()

    def leave(self) -> None:
        """The browser goes away."""
        self._channel.connectionLost(Failure(ConnectionDone()))


def rows(answer: Answer) -> list[dict[str, str]]:
    """The lines of a file, by their titles."""
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(answer.body.decode("utf-8-sig"), newline=""), delimiter=";"))


def watched(answer: Answer) -> str:
    """The address that the page follows; empty where it follows none."""
    return "".join(answer.page.xpath("//*[@data-watch]/@data-watch"))


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
    for words in ("3 messages", "1 remis", "1 non remis", "1 en cours", "3 crédits débités", "Le téléphone est éteint."):
        assert words in seen
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
    assert watched(page) == ""
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
    assert rows(stranger.get("/historique/export")) == []
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
    assert Stream(visitor, f"/historique/{made.id}/suivi").status == 401


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says to try again, without a traceback."""
    made = house.accepted()
    house.database.away = True
    for path in ("/historique", "/historique/messages", f"/historique/{made.id}", "/historique/export"):
        answer = customer.get(path)
        assert answer.status == 503
        assert "Réessayez" in answer.text
        assert "Traceback" not in answer.text


def test_changes_are_told(slow: House) -> None:
    """From the page on: nothing while nothing happens, an event when it gets on, the end when all has ended."""
    slow.account()
    customer = Browser(site_of(slow)).log_in()
    made = slow.accepted("0612345678, 0698765432")
    slow.advance(1)
    gateway: Any = slow.gateways["A"]
    stream = Stream(customer, watched(customer.get(f"/historique/{made.id}")))
    slow.advance(5)
    assert (stream.status, stream.events, stream.ended) == (200, 0, False)
    first, second = gateway.take()
    slow.advance(7)
    assert stream.events == 1
    slow.receipt("A", first)
    slow.advance(1.1)
    slow.receipt("A", second)
    slow.advance(1.1)
    assert (stream.events, stream.ended) == (3, True)
    assert watched(customer.get(f"/historique/{made.id}")) == ""


def test_what_changed_meanwhile_is_told(house: House, customer: Browser) -> None:
    """What happened between the page and the script is told at once."""
    made = house.accepted()
    house.advance(1)
    address = watched(customer.get(f"/historique/{made.id}"))
    house.receipt("A", "A-1")
    stream = Stream(customer, address)
    assert (stream.events, stream.ended) == (1, True)


def test_the_list_is_followed(house: House, customer: Browser) -> None:
    """The list tells of its submissions, with its filters, and of one that is new in it."""
    house.accepted(NUMBER, "Bonjour")
    house.advance(1)
    stream = Stream(customer, watched(customer.get("/historique", q="bonjour")))
    house.accepted("0698765432", "Autre chose")
    house.advance(7)
    assert stream.events == 0
    house.accepted("0698765432", "Bonjour")
    house.advance(7)
    assert stream.events >= 1


def test_looks_are_bounded(house: House, customer: Browser) -> None:
    """A stream ends after a while, though nothing has, and looks ever more rarely."""
    house.accepted()
    house.advance(1)
    stream = Stream(customer, watched(customer.get("/historique")))
    looks: list[float] = []
    read = house.database.read

    def counted(work: Any) -> Any:
        looks.append(house.clock.seconds())
        return read(work)

    house.database.read = counted  # type: ignore[method-assign]
    house.advance(LONGEST + 10)
    assert stream.ended
    in_a_minute = [at for at in looks if at < looks[0] + 60]
    assert all(later - earlier >= 1 for earlier, later in zip(looks, looks[1:], strict=False))
    assert len(in_a_minute) < 20


def test_places_are_bounded_and_given_back(house: House, customer: Browser) -> None:
    """Four for a session, then 503 for the script; who leaves makes room at once."""
    made = house.accepted()
    house.advance(1)
    path = f"/historique/{made.id}/suivi"
    streams = [Stream(customer, path) for _ in range(4)]
    assert {stream.status for stream in streams} == {200}
    refused = Stream(customer, path)
    assert refused.status == 503
    assert b"busy" in refused.wire.value()
    streams[0].leave()
    assert Stream(customer, path).status == 200
    assert Stream(customer, "/historique/suivi").status == 503
    calls = len(house.clock.getDelayedCalls())
    for stream in streams[1:]:
        stream.leave()
    assert len(house.clock.getDelayedCalls()) == calls - 3


def test_a_stream_outlives_an_absence_of_the_database(house: House, customer: Browser) -> None:
    """While the database is away nothing is told and nothing ends; then it goes on."""
    made = house.accepted()
    house.advance(1)
    stream = Stream(customer, watched(customer.get(f"/historique/{made.id}")))
    house.database.away = True
    house.advance(10)
    assert (stream.events, stream.ended) == (0, False)
    house.database.away = False
    house.receipt("A", "A-1")
    house.advance(7)
    assert (stream.events, stream.ended) == (1, True)


def test_a_fault_breaks_the_stream_off(house: House, customer: Browser) -> None:
    """What nobody foresaw ends it without a word of why, and the place is free again."""
    made = house.accepted()
    house.advance(1)
    stream = Stream(customer, f"/historique/{made.id}/suivi")

    def broken(work: Any) -> Any:
        raise RuntimeError("a bug")

    kept, house.database.read = house.database.read, broken  # type: ignore[method-assign]
    house.advance(3)
    house.database.read = kept  # type: ignore[method-assign]
    assert not stream.ended
    assert b"Traceback" not in stream.wire.value()
    assert b"<html" not in stream.wire.value()
    assert {Stream(customer, f"/historique/{made.id}/suivi").status for _ in range(4)} == {200}


def test_file_of_messages(house: House, customer: Browser) -> None:
    """Every message with dates on the service's clocks, its state in French, its error; newest first."""
    made = house.accepted("0612345678, 0698765432", "Bonjour ; à \"vous\"\nJean")
    house.advance(1)
    house.receipt("A", "A-2", State.FAILED)
    first, second = rows(customer.get(f"/historique/{made.id}/export"))
    assert first == {
        "Accepté le": "02/03/2026 12:00:00",
        "Envoi": str(made.id),
        "Voie": "HTTP",
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
    (row,) = rows(customer.get(f"/historique/{made.id}/export"))
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
    assert [row["État"] for row in rows(customer.get(address))] == ["Remis"]
    assert rows(customer.get("/historique/export", au="2026-03-01")) == []


def test_long_file(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in slices, none of which is lost or comes twice, up to its bound."""
    made = house.accepted(",".join(numbers(1234)), "Bonjour")
    found = rows(customer.get(f"/historique/{made.id}/export"))
    assert len({row["Numéro"] for row in found}) == len(found) == 1234
    monkeypatch.setattr(history, "EXPORTED", 1100)
    assert rows(customer.get(f"/historique/{made.id}/export")) == found[:1100]


def test_one_file_at_a_time(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is made another is asked to wait; who leaves meanwhile makes room."""
    house.accepted()
    monkeypatch.setattr(house.reporter, "history", lambda account, query: Deferred())
    _, channel = customer.open("GET", "/historique/export")
    second = customer.get("/historique/export")
    assert second.status == 429
    assert "Un export est en cours" in second.seen
    channel.connectionLost(Failure(ConnectionDone()))
    monkeypatch.undo()
    assert len(rows(customer.get("/historique/export"))) == 1


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

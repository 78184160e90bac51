"""Programmés: what leaves later, put off, brought forward or taken back."""

from typing import Final

import pytest

from smstob.model.message import State
from smstob.model.submission import Submission
from tests.house import NOW, NUMBER, House, numbers

from .browser import Browser

TOMORROW: Final = "093003032026"
"""3 March 2026, half past nine: 21 h 30 min after the house's noon."""
AT: Final = NOW + 77_400


def deferred(house: House, text: str = "Demain", when: str = TOMORROW) -> Submission:
    """A submission that waits."""
    return house.accepted(NUMBER, text, when=when)


def test_nothing_scheduled(customer: Browser) -> None:
    """It says how to."""
    page = customer.get("/programmes")
    assert "Rien n'est programmé" in page.seen
    assert page.page.xpath("//main//a[@href='/envoyer']")


def test_the_earliest_first(house: House, customer: Browser) -> None:
    """Each with its hour in words, its text, to whom, how many; what has left is not there."""
    house.accepted(NUMBER, "Parti")
    late = deferred(house, "Plus tard", "180010032026")
    soon = deferred(house, "Bientôt")
    page = customer.get("/programmes")
    assert page.page.xpath("//article//a[contains(@href, '/historique/')]/@href") == [
        f"/historique/{soon.id}",
        f"/historique/{late.id}",
    ]
    assert "mardi 3 mars 2026 à 09:30" in page.seen
    assert "À 0612345678 · 1 message · 1 crédit" in page.seen
    assert "Parti" not in page.seen
    assert page.page.xpath(f"//a[@href='/envoyer?de={soon.id}&remplacer=oui']")
    assert page.page.xpath(f"//form[@action='/programmes/{soon.id}/annuler']/@data-confirm")[0].startswith("Annuler")


def test_another_hour(house: House, customer: Browser) -> None:
    """The form has the hour that it is for; another one is kept, and nothing leaves before."""
    made = deferred(house)
    page = customer.get("/programmes")
    (form,) = [one for one in page.page.forms if one.action == f"/programmes/{made.id}/heure"]
    assert (form.fields["date"], form.fields["heure"]) == ("2026-03-03", "09:30")
    moved = customer.submit(page, f"/programmes/{made.id}/heure", {"date": "2026-03-02", "heure": "12:02"})
    assert "L'heure d'envoi est changée." in moved.seen
    assert "lundi 2 mars 2026 à 12:02" in moved.seen
    house.advance(100)
    assert house.states() == {State.QUEUED: 1}
    house.advance(40)
    assert house.states() == {State.HANDED: 1}


def test_at_once(house: House, customer: Browser) -> None:
    """The running minute is now."""
    made = deferred(house)
    customer.post(f"/programmes/{made.id}/heure", {"date": "2026-03-02", "heure": "12:00"})
    house.advance(2)
    assert house.states() == {State.HANDED: 1}


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("", ""),
        ("2026-03-02", "11:00"),
        ("2027-04-01", "10:00"),
        ("2026-03-29", "02:30"),
        ("2026-02-30", "10:00"),
        ("2026-03-03", "25:00"),
        ("2026-03-03", ""),
        ("'; DROP", "--"),
        ('"><img src=x onerror=alert(1)>', "<script>alert(1)</script>"),
        ("٢٠٢٦-٠٣-٠٣", "10:00"),
    ],
)
def test_no_hour(house: House, customer: Browser, date: str, time: str) -> None:
    """What is no moment to send at is told at the field, and nothing is changed."""
    made = deferred(house)
    page = customer.post(f"/programmes/{made.id}/heure", {"date": date, "heure": time})
    assert page.status == 422
    assert "La date d'envoi doit être à venir" in page.seen
    assert page.page.xpath(f"//input[@id='date-{made.id}']/@aria-invalid") == ["true"]
    assert page.page.xpath(f"//input[@id='date-{made.id}']/@value") == [date[:10]]
    assert page.page.xpath(f"//details[@open]//input[@id='date-{made.id}']")
    assert not page.page.xpath("//main//img|//main//script")
    assert [row.due for row in house.messages()] == [AT]


def test_taken_back(house: House, customer: Browser) -> None:
    """Refunded, gone from the list, and never sent."""
    account = house.account("autre@exemple.fr", credits=5)
    made = house.accepted(",".join(numbers(3)), "Annulé", when=TOMORROW)
    before = customer.get("/credits").page.xpath("//*[@id='credits']")[0].text
    page = customer.submit(customer.get("/programmes"), f"/programmes/{made.id}/annuler")
    assert "3 messages annulés et remboursés." in page.seen
    assert "Rien n'est programmé" in page.seen
    assert page.page.xpath("//*[@id='credits']")[0].text != before
    assert house.balance(account) == 5
    house.advance(86_400, step=600)
    assert house.states() == {State.CANCELLED: 3}
    assert house.verification().sound


def test_twice(house: House, customer: Browser) -> None:
    """A second click, or a second window, is told that nothing is left; nothing is paid back twice."""
    made = deferred(house)
    customer.post(f"/programmes/{made.id}/annuler")
    again = customer.post(f"/programmes/{made.id}/annuler")
    assert "Il n'y a plus rien à changer" in again.seen
    later = customer.post(f"/programmes/{made.id}/heure", {"date": "2026-03-05", "heure": "10:00"})
    assert "Il n'y a plus rien à changer" in later.seen
    assert "Il n'y a plus rien à changer" in customer.post(f"/programmes/{made.id}/heure", {"date": ""}).seen
    assert house.verification().sound
    assert house.states() == {State.CANCELLED: 1}


def test_what_has_left(house: House, customer: Browser) -> None:
    """A page that was open while it left: nothing is changed, and that is said."""
    made = deferred(house)
    page = customer.get("/programmes")
    house.advance(78_000, step=60)
    customer.log_in()
    fields = {"date": "2026-03-05", "heure": "10:00"}
    assert "Il n'y a plus rien à changer" in customer.post(f"/programmes/{made.id}/heure", fields).seen
    assert "Il n'y a plus rien à changer" in customer.post(f"/programmes/{made.id}/annuler").seen
    assert page.status == 200
    assert house.states() == {State.HANDED: 1}


def test_of_another(house: House, customer: Browser) -> None:
    """404, and nothing is changed; no such one likewise."""
    made = deferred(house)
    house.account("autre@exemple.fr")
    stranger = Browser(customer.site).log_in("autre@exemple.fr")
    assert "Rien n'est programmé" in stranger.get("/programmes").seen
    for id_ in (made.id, 999_999, 8_999_999_999_999_999):
        fields = {"date": "2026-03-05", "heure": "10:00"}
        assert stranger.post(f"/programmes/{id_}/heure", fields).status == 404
        assert stranger.post(f"/programmes/{id_}/annuler").status == 404
    assert [(row.state, row.due) for row in house.messages()] == [("queued", AT)]


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_forged(house: House, customer: Browser, token: str) -> None:
    """A form of somebody else's is refused, and nothing is changed."""
    made = deferred(house)
    for action, fields in (("annuler", {}), ("heure", {"date": "2026-03-05", "heure": "10:00"})):
        answer = customer.post(f"/programmes/{made.id}/{action}", {**fields, "jeton": token})
        assert answer.status == 403
    assert [(row.state, row.due) for row in house.messages()] == [("queued", AT)]


def test_who_has_not_logged_in(house: House, visitor: Browser) -> None:
    """To the log-in, and nothing is changed."""
    house.account()
    made = deferred(house)
    assert visitor.request("GET", "/programmes").headers["location"].startswith("/connexion")
    assert visitor.post(f"/programmes/{made.id}/annuler", followed=False).headers["location"] == "/connexion"
    assert house.states() == {State.QUEUED: 1}


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s"])
def test_hostile_words(house: House, customer: Browser, words: str) -> None:
    """Texts are shown as they are."""
    deferred(house, f"{words} !")
    page = customer.get("/programmes")
    assert words in page.seen
    assert not page.page.xpath("//main//img|//main//script")


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says to try again; nothing is changed."""
    made = deferred(house)
    token = customer.token
    house.database.away = True
    for path in (f"/programmes/{made.id}/heure", f"/programmes/{made.id}/annuler"):
        answer = customer.post(path, {"jeton": token, "date": "2026-03-05", "heure": "10:00"})
        assert answer.status == 503
        assert "Réessayez" in answer.text
    assert customer.get("/programmes").status == 503
    assert [(row.state, row.due) for row in house.messages()] == [("queued", AT)]

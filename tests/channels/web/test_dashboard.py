"""Accueil: how things stand, for who begins and for who has sent for long."""

from typing import Final

import pytest
from attrs import evolve

from smstob.model.draft import Channel, Credentials
from smstob.model.message import State
from tests.house import EMAIL, NUMBER, PASSWORD, House, numbers, outcome_of

from .browser import Answer, Browser

STEPS: Final = ("Avoir des crédits", "Envoyer un premier SMS", "Importer vos contacts", "Envoyer par e-mail")


def done(page: Answer) -> list[str]:
    """The steps that are done."""
    return [item.text for item in page.page.xpath("//ol[@class='steps']/li[@class='done']//strong")]


def bars(page: Answer) -> list[str]:
    """What each bar of the chart says, but those of nothing."""
    told = [" ".join(title.text.split()) for title in page.page.xpath("//svg//g/title")]
    return [title for title in told if "envoyés : 0" not in title]


def test_after_the_log_in(house: House, visitor: Browser) -> None:
    """Who logs in comes here, and sees what is left and how to begin."""
    house.account(credits=1234)
    page = visitor.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD})
    seen = page.seen.replace("\u202f", " ")
    assert "1 234 crédits disponibles" in seen
    assert all(step in seen for step in STEPS)
    assert done(page) == [STEPS[0]]
    assert "Rien n'est encore parti" in seen
    assert page.page.xpath("//main//a[@href='/envoyer']")


def test_nothing_done_yet(house: House, visitor: Browser) -> None:
    """A new account has no credit, and is told how to get some."""
    house.account(credits=0)
    page = visitor.log_in().get("/accueil")
    assert done(page) == []
    assert page.page.xpath("//ol[@class='steps']//a/@href") == [
        "/credits",
        "/envoyer",
        "/carnet/import",
        "/documentation",
    ]


def test_steps_are_ticked_off_and_go(house: House, visitor: Browser) -> None:
    """Each is ticked once it is done; when all are, or after some submissions, the list is gone."""
    account = house.account()
    customer = visitor.log_in()
    house.accepted()
    assert done(customer.get("/accueil")) == [STEPS[0], STEPS[1]]
    house.group(account, "Clients", numbers(1))
    assert done(customer.get("/accueil")) == list(STEPS[:3])
    for number in numbers(3):
        house.accepted(number)
    assert "Pour bien commencer" in customer.get("/accueil").seen
    house.accepted("0698765432")
    assert "Pour bien commencer" not in customer.get("/accueil").seen


def test_a_mail_is_a_step(house: House, customer: Browser) -> None:
    """Who has sent by e-mail has done the last one."""
    sender = Credentials(email=EMAIL, secret=PASSWORD, address="192.0.2.7")
    draft = evolve(house.draft(sender=sender), channel=Channel.MAIL)
    outcome_of(house.submitter.submit(draft))
    assert done(customer.get("/accueil")) == [STEPS[0], STEPS[1], STEPS[3]]


def test_figures_and_chart(house: House, customer: Browser) -> None:
    """Today and the month are counted, what did not arrive too; the chart and its table say the same."""
    house.accepted("0612345678, 0698765432", "a" * 200)
    house.advance(1)
    for reference in ("A-1", "A-2"):
        house.receipt("A", reference, State.FAILED)
    page = customer.get("/accueil")
    seen = page.seen
    assert "2 messages aujourd'hui" in seen
    assert "2 messages ce mois-ci" in seen
    assert "4 crédits utilisés ce mois-ci" in seen
    assert "1 non remis ce mois-ci" in seen
    assert bars(page) == ["2 mars 2026 · envoyés : 2 · non remis : 1"]
    (row,) = page.page.xpath("//details//tbody/tr")
    assert [cell.text_content() for cell in row] == ["2 mars 2026", "2", "1", "4"]


def test_another_month(house: House, customer: Browser) -> None:
    """What was sent last month is in the chart, and not in the month's figures."""
    house.accepted()
    house.advance(30 * 86_400, step=6 * 3600)
    customer.log_in()
    page = customer.get("/accueil")
    assert "0 message ce mois-ci" in page.seen
    assert bars(page) == []
    assert len(bars(customer.get("/accueil", periode="90"))) == 1


@pytest.mark.parametrize(("period", "count"), [("30", 30), ("90", 13), ("365", 52), ("", 30), ("9999", 30), ("x", 30)])
def test_periods(house: House, customer: Browser, period: str, count: int) -> None:
    """A bar for each day of a month, for each week of more; today is in the last one."""
    house.accepted()
    page = customer.get("/accueil", periode=period)
    titles = page.page.xpath("//svg//g/title")
    assert len(titles) == count
    assert "envoyés\u00a0: 1" in titles[-1].text


def test_what_is_next_and_last(house: House, customer: Browser) -> None:
    """The next departures, the earliest first, and the last five submissions."""
    late = house.accepted(NUMBER, "Plus tard", when="100005032026")
    soon = house.accepted(NUMBER, "Bientôt", when="100003032026")
    made = [house.accepted(number, "Tout de suite").id for number in numbers(5)]
    page = customer.get("/accueil")
    assert page.page.xpath("//ul[contains(@class,'plain-list')]//a/@href") == [
        f"/historique/{soon.id}",
        f"/historique/{late.id}",
    ]
    assert page.page.xpath("//*[@id='envois']//tbody//a/@href") == [f"/historique/{id_}" for id_ in reversed(made)]


def test_it_is_followed_while_something_is_under_way(house: House, customer: Browser) -> None:
    """Only then; what waits for tomorrow is not."""
    house.accepted(NUMBER, "Demain", when="100003032026")
    assert not customer.get("/accueil").page.xpath("//*[@data-watch]")
    house.accepted()
    house.advance(1)
    assert customer.get("/accueil").page.xpath("//*[@data-watch]/@data-watch") == ["/historique/suivi"]
    house.receipt("A", "A-1")
    assert not customer.get("/accueil").page.xpath("//*[@data-watch]")


def test_of_another_nothing(house: House, customer: Browser) -> None:
    """Another's submissions are neither shown nor counted."""
    house.accepted(NUMBER, "Secret")
    house.account("autre@exemple.fr")
    page = Browser(customer.site).log_in("autre@exemple.fr").get("/accueil")
    assert "Secret" not in page.text
    assert "0 message aujourd'hui" in page.seen


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says to try again."""
    house.database.away = True
    answer = customer.get("/accueil")
    assert answer.status == 503
    assert "Réessayez" in answer.text

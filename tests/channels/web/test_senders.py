"""Who sent, in the history of an account that shares its credits: shown, looked for, and in the file."""

from typing import Final

import pytest

from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.submission import Submission
from tests.house import ADDRESS, NUMBER, House, numbers, outcome_of

from .browser import Answer, Browser
from .giving import Scene
from .shopping import HOSTILE, said
from .test_pages import faults

SECRET: Final = "Galette2026Rennes"
JEAN: Final = "jean@exemple.fr"
ZOE: Final = "zoe@exemple.fr"


@pytest.fixture
def scene(house: House) -> Scene:
    """A house with an account that shares its domain."""
    house.account()
    scene = Scene.of(house)
    assert outcome_of(house.sharing.share(1, "exemple.fr", SECRET, None)) == SECRET
    return scene


@pytest.fixture
def owner(scene: Scene) -> Browser:
    """Its holder, logged in."""
    return Browser(scene.site).log_in()


def mailed(house: House, sender: str, text: str = "Bonjour", to: str = NUMBER) -> Submission:
    """What an address of the domain sends by mail."""
    shown = Credentials(email=sender, secret=SECRET, address=ADDRESS, shared=True)
    made = outcome_of(house.submitter.submit(Draft(channel=Channel.MAIL, destination=to, text=text, sender=shown)))
    assert isinstance(made, Submission), made
    return made


def links(answer: Answer) -> list[str]:
    """The submissions that a list leads to."""
    found: list[str] = answer.page.xpath("//tbody//th/a/@href")
    return found


def test_own_sends_say_nothing(house: House, customer: Browser) -> None:
    """Who sends everything himself sees no filter, and nobody's name."""
    made = house.accepted()
    for path in ("/historique", f"/historique/{made.id}"):
        page = customer.get(path)
        assert not page.page.xpath("//input[@id='expediteur']")
        assert "par mairie" not in page.seen
    assert customer.get("/historique/export").rows[0]["Expéditeur"] == ""


def test_who_sent(scene: Scene, owner: Browser) -> None:
    """In the list, on the submission's page, in both files; a click shows what else that address sent."""
    own, by_jean = scene.house.accepted(), mailed(scene.house, JEAN.upper(), "De Jean")
    by_zoe = mailed(scene.house, ZOE, "De Zoé")
    page = owner.get("/historique")
    rows = [said(row.text_content()) for row in page.page.xpath("//tbody/tr")]
    assert [f"par {JEAN}" in row for row in rows] == [False, True, False]
    assert [f"par {ZOE}" in row for row in rows] == [True, False, False]
    assert list(faults(page)) == []
    one = owner.get(f"/historique/{by_jean.id}")
    assert f"par {JEAN}" in one.seen
    assert list(faults(one)) == []
    others = owner.get(one.page.xpath("//main//hgroup//a[contains(@href, 'expediteur')]/@href")[0])
    assert links(others) == [f"/historique/{by_jean.id}"]
    assert others.page.xpath("//input[@id='expediteur']/@value") == [JEAN]
    senders = {row["Envoi"]: row["Expéditeur"] for row in owner.get("/historique/export").rows}
    assert senders == {str(own.id): "", str(by_jean.id): JEAN, str(by_zoe.id): ZOE}
    (row,) = owner.get(f"/historique/{by_zoe.id}/export").rows
    assert row["Expéditeur"] == ZOE
    assert f"par {ZOE}" in owner.get("/accueil").seen


def test_filter(scene: Scene, owner: Browser) -> None:
    """However it is typed, with the other filters, and from page to page."""
    for at, number in enumerate(numbers(52)):
        mailed(scene.house, JEAN, f"Pizza {at}", number)
    mailed(scene.house, ZOE, "Pizza de Zoé")
    page = owner.get("/historique", expediteur=f"  {JEAN.upper()} ", q="pizza")
    (older,) = page.page.xpath("//a[@rel='next']/@href")
    assert (len(links(page)), len(links(owner.get(older)))) == (50, 2)
    assert "Zoé" not in page.seen + owner.get(older).seen
    assert "Rien ne correspond" in owner.get("/historique", expediteur=JEAN, voie="http").seen


@pytest.mark.parametrize("odd", ["personne@exemple.fr", "jean", "%", "j\x00", "x" * 5000, "' OR 1=1 --", HOSTILE])
def test_nobody(scene: Scene, owner: Browser, odd: str) -> None:
    """Whoever sent nothing, and what is no address: an empty list."""
    mailed(scene.house, JEAN)
    page = owner.get("/historique", expediteur=odd)
    assert page.status == 200
    assert links(page) == []
    assert "Rien ne correspond" in page.seen
    assert not page.page.xpath("//main//script")
    assert page.page.xpath("//input[@id='expediteur']/@value") in ([odd[:254]], ["j\ufffd"])


def test_of_another_account_nothing(scene: Scene, owner: Browser) -> None:
    """The address of a domain is looked for among one's own submissions only."""
    mailed(scene.house, JEAN)
    scene.house.account("autre@autre.fr")
    stranger = Browser(scene.site).log_in("autre@autre.fr")
    page = stranger.get("/historique", expediteur=JEAN)
    assert links(page) == []
    assert len(links(owner.get("/historique", expediteur=JEAN))) == 1


def test_hostile_sender(scene: Scene, owner: Browser) -> None:
    """Addresses are of strangers: shown as they are, and no formula in the file."""
    odd = "=1+1|{{7*7}}%s&'@exemple.fr"
    made = mailed(scene.house, odd)
    for path in ("/historique", f"/historique/{made.id}", "/accueil"):
        assert odd in owner.get(path).seen
    assert owner.get("/historique/export").rows[0]["Expéditeur"] == f"'{odd}"
    assert links(owner.get("/historique", expediteur=odd)) == [f"/historique/{made.id}"]

"""Trial credits: the number with its price, a code once, and every refusal said kindly."""

import pytest

from smstob.billing.trials import PER_ACCOUNT, Trials
from smstob.model.sharing import TRIAL_CREDITS
from tests.house import House

from .browser import Answer, Browser
from .giving import Scene
from .shopping import HOSTILE, error_at, said
from .test_pages import faults

HERE = "/credits/essai"


@pytest.fixture
def scene(house: House) -> Scene:
    """A house with somebody new in it."""
    house.account(credits=0)
    return Scene.of(house)


@pytest.fixture
def newcomer(scene: Scene) -> Browser:
    """Him, logged in."""
    return Browser(scene.site).log_in()


def tried(newcomer: Browser, code: str) -> Answer:
    """What the form answers to a code."""
    return newcomer.submit(newcomer.get(HERE), HERE, {"code": code})


def test_what_it_costs(newcomer: Browser) -> None:
    """The number, which a telephone can dial, and beside it the price of a call."""
    page = newcomer.get(HERE)
    (box,) = page.page.xpath("//*[@class='premium']")
    assert said(box.text_content()) == "08 99 00 00 00 3,00 € par appel"
    assert box.xpath("./a/@href") == ["tel:0899000000"]
    assert len(page.page.xpath("//ol[@class='steps']/li")) == 3
    assert page.page.xpath("//nav//a[@href='/credits/essai'][@aria-current='page']")
    assert list(faults(page)) == []


def test_redeemed(scene: Scene, newcomer: Browser) -> None:
    """The credits are there, and the ledger says why."""
    scene.called("1", code="K7P2W9X4")
    answer = tried(newcomer, " k7p2-w9x4 ")
    assert f"{TRIAL_CREDITS} crédits d'essai sont là" in said(answer.seen)
    assert f"{TRIAL_CREDITS} crédits disponibles" in said(answer.seen)
    assert "Crédits d'essai" in answer.page.xpath("string(//tbody)")


def test_by_telephone(scene: Scene, newcomer: Browser) -> None:
    """Where no code was heard, the number that called is enough; once for all accounts."""
    scene.called("1", caller="+33612345678")
    assert f"{TRIAL_CREDITS} crédits d'essai sont là" in said(tried(newcomer, "06 12 34 56 78").seen)
    scene.called("2", caller="+33612345678")
    scene.house.account("autre@exemple.fr", credits=0)
    other = Browser(scene.site).log_in("autre@exemple.fr")
    assert "a déjà servi à un essai" in error_at(tried(other, "06 12 34 56 78"), "code")


def test_refused(newcomer: Browser) -> None:
    """At the field, with what was typed still in it; who guesses is told to wait."""
    wrong = tried(newcomer, "0000")
    assert wrong.status == 422
    assert error_at(wrong, "code").startswith("Ce code n'est pas le bon, ou il n'est plus valable.")
    assert wrong.page.xpath("//input[@id='code']/@value") == ["0000"]
    assert list(faults(wrong)) == []
    late = [tried(newcomer, "0001") for _ in range(PER_ACCOUNT)][-1]
    assert late.status == 429
    assert error_at(late, "code").startswith("Vous avez tapé trop de codes.")


def test_once(scene: Scene, newcomer: Browser) -> None:
    """Who had it is shown how to go on."""
    for call, code in (("1", "11112222"), ("2", "33334444")):
        scene.called(call, code=code)
    tried(newcomer, "11112222")
    again = tried(newcomer, "33334444")
    assert error_at(again, "code") == "Ce compte a déjà eu ses crédits d'essai."
    assert again.page.xpath("//form//a[@href='/credits/acheter']")


@pytest.mark.parametrize("typed", ["", "0", "9" * 400, "\x00", "٤٨٢١", HOSTILE])
def test_no_code(newcomer: Browser, typed: str) -> None:
    """What cannot be one is refused as a wrong one is."""
    answer = newcomer.post(HERE, {"code": typed})
    assert answer.status == 422
    assert error_at(answer, "code").startswith("Ce code n'est pas le bon")
    assert not answer.page.xpath("//main//script")
    assert "0 crédit disponible" in newcomer.get("/credits").seen


def test_no_trial(house: House) -> None:
    """Where there is no number there is no page, no tab, and nothing to redeem."""
    house.account()
    house.trials = Trials(house.database, house.clock, "", "08 99 00 00 00", "3,00 € par appel")
    browser = Browser(Scene.of(house).site).log_in()
    assert browser.get(HERE).status == 404
    assert browser.post(HERE, {"code": "4821"}).status == 404
    assert HERE not in browser.get("/credits").text


def test_forged(scene: Scene, newcomer: Browser) -> None:
    """Without this browser's token no code is used up."""
    scene.called("1", code="11112222")
    for token in ("", "0" * 64, Browser(scene.site).token):
        assert newcomer.post(HERE, {"jeton": token, "code": "11112222"}).status == 403
    assert tried(newcomer, "11112222").status == 200


def test_who_has_not_logged_in(scene: Scene) -> None:
    """To the log-in."""
    assert Browser(scene.site).request("GET", HERE).headers["location"].startswith("/connexion")


def test_database_away(scene: Scene, newcomer: Browser) -> None:
    """A page that says to try again; the code is still good."""
    scene.called("1", code="11112222")
    form = newcomer.get(HERE)
    scene.house.database.away = True
    assert newcomer.submit(form, HERE, {"code": "11112222"}).status == 503
    scene.house.database.away = False
    assert "crédits d'essai sont là" in newcomer.submit(form, HERE, {"code": "11112222"}).seen

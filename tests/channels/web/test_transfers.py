"""Transfers: looked at before they are made, made once, and followed until who received ends it."""

from collections.abc import Callable

import pytest

from smstob.model.sharing import MonthUse
from smstob.storage import accounts, transfers
from tests.house import EMAIL, House

from .browser import Answer, Browser
from .giving import Scene
from .shopping import HOSTILE, error_at, said
from .test_pages import faults

RECEIVER = "ecole@exemple.fr"
HERE = "/credits/transferts"


@pytest.fixture
def scene(house: House) -> Scene:
    """A house with a giver in it."""
    house.account(credits=100)
    return Scene.of(house)


@pytest.fixture
def giver(scene: Scene) -> Browser:
    """Who gives, logged in."""
    return Browser(scene.site).log_in()


def asked(giver: Browser, email: str = RECEIVER, credits: str = "30") -> Answer:
    """The page that asks to confirm, or the form with what is wrong."""
    return giver.submit(giver.get(HERE), f"{HERE}/verifier", {"email": email, "combien": credits})


def given(giver: Browser, email: str = RECEIVER, credits: str = "30") -> Answer:
    """The page after it was confirmed."""
    return giver.submit(asked(giver, email, credits), HERE)


def balance(house: House, email: str) -> int | None:
    """Credits of an account; None where there is none."""
    found = house.read(lambda connection: accounts.by_email(connection, email))
    return None if found is None else house.balance(found)


def test_nothing_yet(giver: Browser) -> None:
    """It says what will be there, and what is left."""
    page = giver.get(HERE)
    assert "Aucun compte suivi" in page.seen
    assert "Il vous reste 100 crédits." in page.seen
    assert "Personne. Qui vous donne des crédits" in page.seen
    assert list(faults(page)) == []


def test_to_somebody_new(scene: Scene, giver: Browser) -> None:
    """It is repeated before it is done; then the account is there, and is told to be followed."""
    house = scene.house
    question = asked(giver, f"  {RECEIVER.upper()} ", "3 0")
    assert question.status == 200
    assert RECEIVER in question.seen
    told = [said(one.text_content()) for one in question.page.xpath("//dl[@class='pairs']/dd")]
    assert told == ["30 crédits", RECEIVER, "70 crédits"]
    assert "Si cette adresse n'a pas de compte, il est ouvert" in question.seen
    assert (balance(house, EMAIL), balance(house, RECEIVER)) == (100, None)
    done = giver.submit(question, HERE)
    assert f"30 crédits sont maintenant à {RECEIVER}." in done.seen
    assert "son mot de passe lui est envoyé" in done.seen
    assert "Il vous reste 70 crédits." in done.seen
    assert (balance(house, EMAIL), balance(house, RECEIVER)) == (70, 30)
    for page in (question, done, giver.get(HERE)):
        assert list(faults(page)) == []
    assert RECEIVER in giver.get(HERE).seen


def test_to_who_has_an_account(scene: Scene, giver: Browser) -> None:
    """Nothing tells beforehand that there is one."""
    scene.house.account(RECEIVER, credits=5)
    known, unknown = asked(giver).seen, asked(giver, "nouveau@exemple.fr").seen
    assert known == unknown.replace("nouveau@exemple.fr", RECEIVER)
    done = given(giver)
    assert "n'avait pas de compte" not in done.seen
    assert balance(scene.house, RECEIVER) == 35


def test_double_click(scene: Scene, giver: Browser) -> None:
    """One confirmation gives once, however often it is sent; the next one gives again."""
    question = asked(giver)
    first, second = giver.submit(question, HERE), giver.submit(question, HERE)
    assert (first.status, second.status) == (200, 200)
    assert balance(scene.house, RECEIVER) == 30
    given(giver)
    assert balance(scene.house, RECEIVER) == 60


AMOUNTS = ("", "0", "-1", "1.5", "1,5", "1e2", "trente", "1000000001", "9" * 400, "٣", HOSTILE)


@pytest.mark.parametrize("typed", AMOUNTS)
def test_no_amount(scene: Scene, giver: Browser, typed: str) -> None:
    """It is told at its field, with what was typed still in it."""
    answer = asked(giver, credits=typed)
    assert answer.status == 422
    assert error_at(answer, "combien") == "Il faut un nombre entier de crédits, au moins 1."
    assert answer.page.xpath("//input[@id='combien']/@value") == [typed[:40]]
    assert answer.page.xpath("//input[@id='email']/@value") == [RECEIVER]
    assert list(faults(answer)) == []
    assert balance(scene.house, RECEIVER) is None


@pytest.mark.parametrize(
    "typed", ["", "ecole", "ecole@", "@exemple.fr", "a b@exemple.fr", "é@exemple.fr", f"{'x' * 300}@a.fr", HOSTILE]
)
def test_no_address(scene: Scene, giver: Browser, typed: str) -> None:
    """Likewise."""
    answer = asked(giver, typed)
    assert answer.status == 422
    assert error_at(answer, "email") == "Ce n'est pas une adresse e-mail : vérifiez-la."
    assert not answer.page.xpath("//main//script")
    assert balance(scene.house, EMAIL) == 100


def test_to_oneself(giver: Browser) -> None:
    """However it is written."""
    for typed in (EMAIL, EMAIL.upper(), f" {EMAIL} "):
        assert error_at(asked(giver, typed), "email").startswith("C'est l'adresse de votre propre compte")


def test_more_than_there_is(scene: Scene, giver: Browser) -> None:
    """There is nothing to confirm; and where the credits went meanwhile, it is told at the field."""
    question = asked(giver, credits="101")
    assert "Il ne vous reste que 100 crédits." in question.seen
    assert HERE not in [form.action for form in question.page.forms]
    back = giver.submit(question, f"{HERE}/modifier")
    assert back.page.xpath("//input[@id='combien']/@value") == ["101"]
    late = asked(giver, credits="100")
    scene.house.accepted()
    answer = giver.submit(late, HERE)
    assert answer.status == 422
    assert error_at(answer, "combien") == "Vous n'avez pas autant de crédits."
    assert "Il vous reste 99 crédits." in answer.seen
    assert answer.page.xpath("//main//a[@href='/credits/acheter']")
    assert balance(scene.house, RECEIVER) is None


def test_changed_on_the_way(scene: Scene, giver: Browser) -> None:
    """What a browser sends without the page that asks is looked at all the same."""
    for fields in ({}, {"email": RECEIVER, "combien": "-5"}, {"email": EMAIL, "combien": "5", "cle": "x"}):
        assert giver.post(HERE, fields).status == 422
    assert balance(scene.house, EMAIL) == 100


def test_too_many_accounts(giver: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens one after the other is told to come back; accounts that there are can still be given to."""
    monkeypatch.setattr(transfers, "MOST_OPENED", 1)
    answers = [given(giver, f"nouveau{n}@exemple.fr", "1") for n in range(2)]
    assert [one.status for one in answers] == [200, 429]
    assert "revenez demain" in answers[1].seen
    assert given(giver, "nouveau0@exemple.fr", "1").status == 200


def test_follow_up(scene: Scene, giver: Browser) -> None:
    """A line an account with twelve months as bars; a page with the same in figures; a file."""
    made = scene.give(1, RECEIVER, 30)
    assert made.opened
    first = "UPDATE following SET since = unixepoch('2025-04-02 12:00')"
    scene.house.write(lambda connection: connection.exec_driver_sql(first))
    scene.used(
        2,
        MonthUse(year=2026, month=3, messages=4, credits=6),
        MonthUse(year=2025, month=4, messages=1, credits=2),
        MonthUse(year=2025, month=3, messages=9, credits=9),
    )
    page = giver.get(HERE)
    (row,) = page.page.xpath("//tbody/tr")
    told = f"{RECEIVER}depuis le 2 avril 2025 Donnés : 30 Solde : 30 Ce mois-ci : 6"
    assert said(row.text_content()).startswith(told)
    (spark,) = row.xpath(".//*[@role='img']")
    assert said(spark.get("aria-label")) == "Crédits utilisés par mois : avril 2025 : 2, mars 2026 : 6"
    assert len(spark.xpath(".//rect")) == 12
    detail = giver.get(row.xpath(".//a/@href")[0])
    assert list(faults(detail)) == []
    rows = [[said(cell.text_content()) for cell in one] for one in detail.page.xpath("//tbody/tr")]
    assert rows[0] == ["mars 2026", "4", "6"]
    assert rows[-1] == ["avril 2025", "1", "2"]
    assert len(rows) == 12
    assert [said(cell) for cell in detail.page.xpath("//tfoot//td/text()")] == ["5", "8"]
    (line,) = giver.get(f"{HERE}/export").rows
    assert (line["Compte"], line["Crédits donnés"], line["Solde"]) == (RECEIVER, "30", "30")
    assert (line["03/2026"], line["02/2026"], line["04/2025"], len(line)) == ("6", "0", "2", 16)
    again = giver.get(detail.page.xpath("//main//a[@role='button']/@href")[0].partition("#")[0])
    assert again.page.xpath("//input[@id='email']/@value") == [RECEIVER]


def test_who_follows(scene: Scene, giver: Browser) -> None:
    """Who received sees it, and ends it: then the giver sees no balance and no use any more."""
    scene.house.account(RECEIVER, credits=0)
    scene.give(1, RECEIVER, 30)
    receiver = Browser(scene.site).log_in(RECEIVER)
    page = receiver.get(HERE)
    assert f"{EMAIL} depuis le 2 mars 2026, 30 crédits donnés" in page.seen
    answer = receiver.submit(page, f"{HERE}/suivi/1/fin")
    assert "Ce compte ne voit plus vos crédits." in answer.seen
    assert "Personne." in answer.seen
    assert "Son titulaire ne veut plus être suivi." in giver.get(HERE).seen
    detail = giver.get(f"{HERE}/2")
    assert "Solde" not in detail.seen
    assert "crédits disponibles" not in detail.seen
    assert giver.get(f"{HERE}/export").rows[0]["Solde"] == ""
    assert receiver.post(f"{HERE}/suivi/1/fin").status == 404


def test_of_others_nothing(scene: Scene, giver: Browser) -> None:
    """Accounts that this one does not follow have no page, and nobody ends what he has no part in."""
    scene.give(1, RECEIVER, 30)
    scene.house.account("autre@exemple.fr")
    other = Browser(scene.site).log_in("autre@exemple.fr")
    assert other.get(f"{HERE}/2").status == 404
    for id_ in ("1", "3", "0", "9" * 16, "-1", "x", "9" * 30):
        assert giver.get(f"{HERE}/{id_}").status in (404, 405), id_
        assert other.post(f"{HERE}/suivi/{id_}/fin").status == 404
    assert RECEIVER not in other.get(HERE).text
    assert other.get(f"{HERE}/export").rows == []
    assert giver.get(f"{HERE}/2").status == 200


def test_hostile_address(scene: Scene, giver: Browser) -> None:
    """What an address may hold is shown as it is, and its cell is no formula."""
    odd = "=cmd|'&{{7*7}}%s@exemple.fr"
    scene.give(1, odd, 1)
    for page in (giver.get(HERE), giver.get(f"{HERE}/2")):
        assert odd in page.seen
    assert giver.get(f"{HERE}/export").rows[0]["Compte"] == f"'{odd}"


def sent(browser: Browser, token: str | None) -> list[int]:
    """What every form of these pages answers with that token."""
    fields = {} if token is None else {"jeton": token}
    paths = (HERE, f"{HERE}/verifier", f"{HERE}/modifier", f"{HERE}/suivi/1/fin")
    return [browser.post(path, {**fields, "email": RECEIVER, "combien": "1"}, followed=False).status for path in paths]


def test_forged(scene: Scene, giver: Browser) -> None:
    """Without this browser's token nothing is given."""
    for token in ("", "0" * 64, Browser(scene.site).token):
        assert sent(giver, token) == [403] * 4
    assert balance(scene.house, EMAIL) == 100


@pytest.mark.parametrize("path", [HERE, f"{HERE}/2", f"{HERE}/export"])
def test_who_has_not_logged_in(scene: Scene, path: str) -> None:
    """To the log-in."""
    assert Browser(scene.site).request("GET", path).headers["location"].startswith("/connexion")


def test_database_away(scene: Scene, giver: Browser) -> None:
    """A page that says to try again; nothing was given, and the same confirmation gives it afterwards."""
    question = asked(giver)
    scene.house.database.away = True
    pages: list[Callable[[], Answer]] = [
        lambda: giver.get(HERE),
        lambda: giver.get(f"{HERE}/2"),
        lambda: giver.get(f"{HERE}/export"),
        lambda: giver.submit(question, HERE),
    ]
    for page in pages:
        answer = page()
        assert answer.status == 503
        assert "Réessayez" in answer.text
    scene.house.database.away = False
    assert giver.submit(question, HERE).status == 200
    assert balance(scene.house, RECEIVER) == 30


def test_reloaded_by_its_address(giver: Browser) -> None:
    """The address of the page that asks leads back to the form."""
    assert giver.get(f"{HERE}/verifier").page.xpath("//input[@id='combien']")


def test_in_english(scene: Scene) -> None:
    """Months and words."""
    scene.give(1, RECEIVER, 1)
    page = Browser(scene.site, language="en").log_in().get(f"{HERE}/2")
    assert "March 2026" in page.seen

"""Sharing: a domain with a password of its own, shown once with what to tell colleagues; limits, and who sent."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from smstob.model.sharing import MOST_DOMAINS
from tests.house import House, outcome_of

from .browser import Answer, Browser
from .giving import Scene
from .shopping import HOSTILE, error_at, said
from .test_pages import faults

HERE = "/credits/partage"
DOMAIN = "exemple.fr"
ONE = f"{HERE}/{DOMAIN}"
CHOSEN = "Galette2026Rennes"


@pytest.fixture
def scene(house: House) -> Scene:
    """A house with the mairie in it."""
    house.account()
    return Scene.of(house)


@pytest.fixture
def owner(scene: Scene) -> Browser:
    """Who shares, logged in."""
    return Browser(scene.site).log_in()


def shared(owner: Browser, **typed: str) -> Answer:
    """The answer to the form, with those fields changed."""
    changes = {name.replace("_", "-"): value for name, value in typed.items()}
    return owner.submit(owner.get(HERE), HERE, changes)


def password_in(answer: Answer) -> str:
    """The password that a page shows."""
    return str(answer.page.xpath("//code[@id='mot']/text()")[0])


def test_nothing_yet(owner: Browser) -> None:
    """The account's own domain is proposed."""
    page = owner.get(HERE)
    assert "Aucun domaine partagé" in page.seen
    assert page.page.xpath("//input[@id='domaine']/@value") == [DOMAIN]
    assert list(faults(page)) == []


def test_shared(scene: Scene, owner: Browser) -> None:
    """One click: the password that was drawn is shown once, with a text for colleagues that can be sent as it is."""
    answer = shared(owner)
    assert answer.status == 200
    password = password_in(answer)
    assert scene.opens(password, DOMAIN)
    assert "il ne sera plus jamais montré" in answer.seen
    (words,) = answer.page.xpath("//code[@id='consigne']/text()")
    lines = [said(line) for line in words.splitlines() if line]
    assert lines[0] == "Pour envoyer un SMS, écrivez un e-mail depuis votre adresse @exemple.fr :"
    assert lines[1] == "À : sms@smstob.com"
    assert lines[2] == f"Objet : {password_in(answer)}:0612345678"
    (mail,) = answer.page.xpath("//a[starts-with(@href, 'mailto:')]/@href")
    assert said(unquote(mail.partition("body=")[2])) == said(words)
    assert list(faults(answer)) == []
    page = owner.get(HERE)
    assert password not in page.text + owner.get(ONE).text
    assert "@exemple.fr" in page.seen
    assert page.page.xpath("//input[@id='domaine']/@value") == [""]


def test_own_domain_that_is_nobody_s(house: House) -> None:
    """Of a free-mail address nothing is proposed."""
    house.account("mairie.hede@orange.fr")
    page = Browser(Scene.of(house).site).log_in("mairie.hede@orange.fr").get(HERE)
    assert page.page.xpath("//input[@id='domaine']/@value") == [""]


def test_with_all_that_can_be_said(scene: Scene, owner: Browser) -> None:
    """A password of one's own, a limit with thousands set apart, a whole address for the domain."""
    answer = shared(owner, domaine=" Contact@EXEMPLE.fr ", mot_de_passe=CHOSEN, limite="1 000")
    assert password_in(answer) == CHOSEN
    (one,) = scene.domains()
    assert (one.domain, one.daily_limit) == (DOMAIN, 1000)
    assert "Limite : 1 000" in said(owner.get(HERE).seen)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Ce n'est pas un domaine"),
        ("fr", "Ce n'est pas un domaine"),
        ("asso.fr", "Ce n'est pas un domaine"),
        ("exemple", "Ce n'est pas un domaine"),
        ("exemple..fr", "Ce n'est pas un domaine"),
        ("http://exemple.fr/", "Ce n'est pas un domaine"),
        ("exemple.fr autre.fr", "Ce n'est pas un domaine"),
        (HOSTILE, "Ce n'est pas un domaine"),
        ("x" * 5000, "Ce n'est pas un domaine"),
        ("gmail.com", "Ce domaine ne peut pas être partagé : tout le monde peut y avoir une adresse."),
        ("autre.fr", "L'adresse de votre compte n'est pas de ce domaine."),
    ],
)
def test_no_domain(owner: Browser, typed: str, why: str) -> None:
    """It is told at its field, and what was typed is still there; who must write to us has the way to do so."""
    answer = shared(owner, domaine=typed)
    assert answer.status == 422
    assert error_at(answer, "domaine").startswith(why)
    assert answer.page.xpath("//input[@id='domaine']/@value") == [typed[:300]]
    assert bool(answer.page.xpath("//main//a[@href='/contact']")) is (typed == "autre.fr")
    assert list(faults(answer)) == []
    assert "Aucun domaine partagé" in answer.seen


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "beaucoup", "9" * 15, "9" * 400, "٣", HOSTILE])
def test_no_limit(scene: Scene, owner: Browser, typed: str) -> None:
    """Likewise, in both forms; the limit that was there stays."""
    answer = shared(owner, limite=typed)
    assert answer.status == 422
    assert error_at(answer, "limite").startswith("Il faut un nombre entier de crédits")
    assert scene.domains() == []
    shared(owner, limite="50")
    answer = owner.submit(owner.get(ONE), f"{ONE}/limite", {"limite": typed})
    assert answer.status == 422
    assert error_at(answer, "limite").startswith("Il faut un nombre entier de crédits")
    assert answer.page.xpath("//input[@id='limite']/@value") == [typed[:40]]
    assert scene.domains()[0].daily_limit == 50


def test_no_password(scene: Scene, owner: Browser) -> None:
    """One that is too easy is told at its field and not shown again; the domain keeps the one that it has."""
    answer = shared(owner, mot_de_passe="facile")
    assert answer.status == 422
    assert error_at(answer, "mot-de-passe").startswith("Ce mot de passe ne convient pas")
    assert "facile" not in answer.page.xpath("//input/@value")
    shared(owner, mot_de_passe=CHOSEN)
    answer = owner.submit(owner.get(ONE), f"{ONE}/mot-de-passe", {"mot-de-passe": "facile"})
    assert answer.status == 422
    assert error_at(answer, "mot-de-passe").startswith("Ce mot de passe ne convient pas")
    assert scene.opens(CHOSEN, DOMAIN)


def test_taken(scene: Scene, owner: Browser) -> None:
    """By a colleague: the second is told so, and sees nothing of it."""
    shared(owner)
    scene.house.account("ecole@exemple.fr")
    second = Browser(scene.site).log_in("ecole@exemple.fr")
    assert error_at(shared(second), "domaine") == "Un autre compte partage déjà ce domaine."
    assert second.get(ONE).status == 404
    assert second.get(f"{ONE}/export").status == 404
    for verb, fields in (("limite", {"limite": "5"}), ("mot-de-passe", {}), ("arreter", {})):
        assert second.post(f"{ONE}/{verb}", fields).status == 404
    (one,) = scene.domains()
    assert one.daily_limit is None


def test_too_many(scene: Scene, owner: Browser) -> None:
    """Of one account."""
    for n in range(MOST_DOMAINS):
        outcome_of(scene.house.sharing.share(1, f"mairie{n}.fr", CHOSEN, None, proven=True))
    assert error_at(shared(owner), "domaine").startswith("Vous partagez déjà beaucoup de domaines")


def test_limit_changed(scene: Scene, owner: Browser) -> None:
    """And taken away."""
    shared(owner)
    answer = owner.submit(owner.get(ONE), f"{ONE}/limite", {"limite": "25"})
    assert "La limite est enregistrée." in answer.seen
    assert answer.page.xpath("//input[@id='limite']/@value") == ["25"]
    owner.submit(answer, f"{ONE}/limite", {"limite": ""})
    assert scene.domains()[0].daily_limit is None


def test_another_password(scene: Scene, owner: Browser) -> None:
    """Drawn or chosen; it is shown this once, and that the old one is worth nothing."""
    first = password_in(shared(owner))
    answer = owner.submit(owner.get(ONE), f"{ONE}/mot-de-passe")
    second = password_in(answer)
    assert "L'ancien ne vaut plus rien." in answer.seen
    assert (scene.opens(first, DOMAIN), scene.opens(second, DOMAIN)) == (False, True)
    answer = owner.submit(owner.get(ONE), f"{ONE}/mot-de-passe", {"mot-de-passe": CHOSEN})
    assert password_in(answer) == CHOSEN
    assert (scene.opens(second, DOMAIN), scene.opens(CHOSEN, DOMAIN)) == (False, True)


def test_unshared(scene: Scene, owner: Browser) -> None:
    """Once; the browser asks before."""
    shared(owner)
    page = owner.get(ONE)
    assert page.page.xpath("//form[contains(@action, 'arreter')]/@data-confirm")
    answer = owner.submit(page, f"{ONE}/arreter")
    assert "Le domaine n'est plus partagé" in answer.seen
    assert "Aucun domaine partagé" in answer.seen
    assert owner.submit(page, f"{ONE}/arreter").status == 404
    assert owner.get(ONE).status == 404


def senders(answer: Answer) -> list[list[str]]:
    """The lines of the table: address, messages, credits."""
    rows = answer.page.xpath("//*[@id='liste']//tbody/tr")
    return [[said(row[at].xpath("string()")).rpartition(": ")[2] for at in (0, 2, 3)] for row in rows]


def test_who_sent(scene: Scene, owner: Browser) -> None:
    """The last 30 days, or those that are asked for; each leads to its sends, and all of it is a file."""
    shared(owner)
    assert "Aucun envoi sur cette période" in owner.get(ONE).seen
    scene.sent("jean@exemple.fr", 12)
    scene.sent("zoe@exemple.fr", 3, days_ago=29)
    scene.sent("paul@exemple.fr", 5, days_ago=30)
    page = owner.get(ONE)
    assert senders(page) == [["jean@exemple.fr", "12", "12"], ["zoe@exemple.fr", "3", "3"]]
    assert page.page.xpath("//input[@type='date']/@value") == ["2026-02-01", "2026-03-02"]
    assert page.page.xpath("//tbody//a/@href")[0] == "/historique?expediteur=jean%40exemple.fr"
    assert [said(one.text_content()) for one in page.page.xpath("//*[@class='figure ']")] == [
        *("2 adresses", "15 messages", "15 crédits utilisés"),
    ]
    assert list(faults(page)) == []
    older = owner.get(ONE, du="2026-01-31", au="2026-02-01")
    assert [row[0] for row in senders(older)] == ["paul@exemple.fr", "zoe@exemple.fr"]
    assert [row[0] for row in senders(owner.get(ONE, au="2026-02-01"))] == ["paul@exemple.fr", "zoe@exemple.fr"]
    assert len(senders(owner.get(ONE, du="2026-01-01"))) == 3
    rows = owner.get(older.page.xpath("//main//a[contains(@href, 'export')]/@href")[0]).rows
    assert rows[1] == {"Expéditeur": "zoe@exemple.fr", "Messages": "3", "Crédits": "3", "Dernier envoi": "01/02/2026"}
    assert len(rows) == 2


@pytest.mark.parametrize("odd", ["hier", "2026-02-30", "2026-13-01", "9999-99-99", "1970-01-01", HOSTILE])
def test_no_period(owner: Browser, odd: str) -> None:
    """It is told, and nothing is shown; neither as a file."""
    shared(owner)
    for path in (ONE, f"{ONE}/export"):
        answer = owner.get(path, du=odd)
        assert answer.status == 422
        assert "Ce n'est pas une période" in answer.seen
        assert not answer.page.xpath("//main//script")
    assert owner.get(ONE, du="2026-03-02", au="2026-03-01").status == 422


def test_hostile_sender(scene: Scene, owner: Browser) -> None:
    """Addresses are of strangers: they are shown as they are, and their cells are no formulas."""
    shared(owner)
    odd = '=1+1|"><img/src=x>{{7*7}}%(n)s&@exemple.fr'
    scene.sent(odd, 1)
    page = owner.get(ONE)
    assert odd in page.seen
    assert not page.page.xpath("//main//img")
    assert owner.get(f"{ONE}/export").rows[0]["Expéditeur"] == f"'{odd}"


@pytest.mark.parametrize("odd", ["%3Cscript%3E", "exemple.fr%00", "..%2F..", "%FF", "x" * 2000, "EXEMPLE.FR", "é.fr"])
def test_no_such_domain(owner: Browser, odd: str) -> None:
    """No page, and nothing to do with it."""
    shared(owner)
    path = f"{HERE}/{odd}".encode().decode("latin-1")
    assert owner.request("GET", path).status in (404, 400)
    for verb in ("limite", "mot-de-passe", "arreter"):
        assert owner.post(f"{path}/{verb}").status in (404, 400)


def test_forged(scene: Scene, owner: Browser) -> None:
    """Without this browser's token nothing is shared, changed or ended."""
    shared(owner, mot_de_passe=CHOSEN)
    for token in ("", "0" * 64, Browser(scene.site).token):
        for path in (HERE, f"{ONE}/limite", f"{ONE}/mot-de-passe", f"{ONE}/arreter"):
            assert owner.post(path, {"jeton": token, "domaine": "autre.fr"}).status == 403
    assert [one.domain for one in scene.domains()] == [DOMAIN]
    assert scene.opens(CHOSEN, DOMAIN)


@pytest.mark.parametrize("path", [HERE, ONE, f"{ONE}/export"])
def test_who_has_not_logged_in(scene: Scene, path: str) -> None:
    """To the log-in."""
    assert Browser(scene.site).request("GET", path).headers["location"].startswith("/connexion")


def test_database_away(scene: Scene, owner: Browser) -> None:
    """A page that says to try again; nothing was shared."""
    form = owner.get(HERE)
    scene.house.database.away = True
    pages: list[Callable[[], Answer]] = [
        lambda: owner.get(HERE),
        lambda: owner.get(ONE),
        lambda: owner.submit(form, HERE),
    ]
    for page in pages:
        assert page().status == 503
    scene.house.database.away = False
    assert scene.domains() == []

"""Accès et sécurité: password, sending keys, sessions, the second factor; and nobody else's."""

import re
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest

from smstob.model.draft import Credentials
from smstob.model.refusal import Code
from tests.house import ADDRESS, EMAIL, PASSWORD, House

from .browser import Answer, Browser, site_of

NEW = "Un cheval vert, 12 haricots"
HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s %s", "a&amp;b"),
    "Clé/1?x=2#y",
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"


def code_of(house: House, secret: str = PASSWORD, email: str = EMAIL) -> Code:
    """What a program that shows ``secret`` is answered."""
    sender = Credentials(email=email, secret=secret, address=ADDRESS)
    return house.code(text=f"Bonjour {house.now}", sender=sender)


def changed(customer: Browser, current: str, new: str) -> Answer:
    """After the form of the password."""
    fields = {"actuel": current, "nouveau": new}
    return customer.submit(customer.get("/compte"), "/compte/mot-de-passe", fields)


def error_at(answer: Answer, field: str) -> str:
    """What is wrong with a field."""
    (note,) = answer.page.xpath(f"//small[@id='{field}-note'][@class='error']")
    return " ".join(note.text_content().split())


def key_named(customer: Browser, name: str) -> str:
    """A new sending key, as its page shows it."""
    answer = customer.submit(customer.get("/compte"), "/compte/cles", {"nom": name})
    assert answer.status == 200, answer.seen
    (key,) = answer.page.xpath("//code[@id='cle']/text()")
    return str(key)


def test_the_account(house: House, customer: Browser) -> None:
    """Whose it is, and since when."""
    seen = customer.get("/compte").seen
    assert f"{EMAIL} · client depuis le 2 mars 2026" in seen
    assert "désactivée" in seen


def test_password(house: House, customer: Browser) -> None:
    """The new one works everywhere, the old one nowhere; this session stays, others end."""
    other = Browser(site_of(house)).log_in()
    answer = changed(customer, PASSWORD, NEW)
    assert "Le mot de passe est changé." in answer.seen
    assert (code_of(house), code_of(house, NEW)) == (Code.BAD_CREDENTIALS, Code.SENT)
    assert customer.request("GET", "/options").status == 200
    assert other.request("GET", "/options").status == 303
    Browser(site_of(house)).log_in(password=NEW)


@pytest.mark.parametrize(
    ("current", "new", "field", "why"),
    [
        ("faux", NEW, "actuel", "Ce n'est pas votre mot de passe."),
        ("", NEW, "actuel", "Ce n'est pas votre mot de passe."),
        (PASSWORD.lower(), NEW, "actuel", "Ce n'est pas votre mot de passe."),
        (PASSWORD, "court", "nouveau", "Il faut au moins 10 caractères."),
        (PASSWORD, "", "nouveau", "Il faut au moins 10 caractères."),
        (PASSWORD, "x" * 201, "nouveau", "C'est trop long : 200 caractères au plus."),
        (PASSWORD, "azertyuiop", "nouveau", "Ce mot de passe est parmi les premiers"),
        (PASSWORD, EMAIL, "nouveau", "Ce mot de passe est parmi les premiers"),
        (PASSWORD, "cle-0123456789", "nouveau", "Il y a des caractères que l'on ne peut pas taper"),
        (PASSWORD, "mot\x00de passe long", "nouveau", "Il y a des caractères que l'on ne peut pas taper"),
    ],
)
def test_password_refused(house: House, customer: Browser, current: str, new: str, field: str, why: str) -> None:
    """Told at the field, and neither of the two is in the page that comes back."""
    answer = changed(customer, current, new)
    assert answer.status == 422
    assert error_at(answer, field).startswith(why)
    assert not answer.page.xpath("//input[@type='password']/@value[. != '']")
    assert code_of(house) is Code.SENT


def test_password_guessed(house: House, customer: Browser) -> None:
    """Who sits down at another's session cannot try passwords without end."""
    answers = [changed(customer, f"faux {n}", NEW) for n in range(12)]
    assert (answers[0].status, answers[-1].status) == (422, 429)
    assert "trop d'essais" in error_at(answers[-1], "actuel")


def test_sending_key(house: House, customer: Browser) -> None:
    """Shown once; it sends, and opens no page; revoked, it does nothing any more."""
    key = key_named(customer, "Boutique")
    assert re.fullmatch("cle-[0-9a-f]{32}", key)
    assert code_of(house, key) is Code.SENT
    page = customer.get("/compte")
    assert "Boutique" in page.seen
    assert key not in page.text
    stranger = Browser(site_of(house))
    refused = stranger.post("/connexion", {"email": EMAIL, "mot-de-passe": key})
    assert (refused.status, stranger.request("GET", "/compte").status) == (422, 303)
    answer = customer.submit(page, "/compte/cles/revoquer")
    assert "La clé est révoquée." in answer.seen
    assert "Boutique" not in answer.seen
    house.advance(1, 1)
    assert code_of(house, key) is Code.BAD_CREDENTIALS
    assert code_of(house) is Code.SENT


def test_page_of_a_key(house: House, customer: Browser) -> None:
    """It can be copied, and is kept by no cache."""
    answer = customer.submit(customer.get("/compte"), "/compte/cles", {"nom": "A"})
    assert answer.headers["cache-control"] == "no-store"
    (button,) = answer.page.xpath("//button[@data-copy]")
    assert answer.page.get_element_by_id(button.get("data-copy")).text.startswith("cle-")
    assert "ne sera plus jamais montrée" in answer.seen


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Il faut un nom"),
        ("   ", "Il faut un nom"),
        ("x" * 101, "Il faut un nom"),
        ("deux\nlignes", "Il faut un nom"),
        ("\x00", "Il faut un nom"),
        ("A", "Ce nom est déjà pris."),
    ],
)
def test_key_refused(house: House, customer: Browser, name: str, why: str) -> None:
    """With what was typed still there."""
    key_named(customer, "A")
    answer = customer.submit(customer.get("/compte"), "/compte/cles", {"nom": name})
    assert answer.status == 422
    assert error_at(answer, "nom").startswith(why)
    assert len(answer.page.xpath("//form[@action='/compte/cles/revoquer']")) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_keys(house: House, customer: Browser, name: str) -> None:
    """Shown as typed wherever they stand, and found again to be revoked."""
    answer = customer.submit(customer.get("/compte"), "/compte/cles", {"nom": name})
    assert name in answer.seen
    page = customer.get("/compte")
    assert name in page.seen
    assert not page.page.xpath("//main//script | //main//img")
    assert page.page.xpath("//form[@action='/compte/cles/revoquer']/input[@name='nom']/@value") == [name]
    assert name not in customer.submit(page, "/compte/cles/revoquer").seen


def test_revoking_what_is_not_there(house: House, customer: Browser) -> None:
    """404, be it another account's."""
    house.account("autre@exemple.fr")
    other = Browser(site_of(house)).log_in("autre@exemple.fr")
    key = key_named(other, "La sienne")
    for name in ("La sienne", "", "\x00", "x" * 5000):
        assert customer.post("/compte/cles/revoquer", {"nom": name}).status == 404
    assert code_of(house, key, "autre@exemple.fr") is Code.SENT


def opened(house: House, agent: str, address: str = "198.51.100.9") -> Browser:
    """Somebody else's browser, logged in to the same account."""

    class Named(Browser):
        def request(self, method: str, path: str, body: bytes = b"", headers: Any = None) -> Answer:
            return super().request(method, path, body, {"User-Agent": agent, **(headers or {})})

    return Named(site_of(house), address).log_in()


def test_sessions(house: House, customer: Browser) -> None:
    """This one is marked; another is told in words, with where it came from, and is ended by a click."""
    other = opened(house, FIREFOX)
    page = customer.get("/compte")
    assert "Firefox sur Windows 198.51.100.9" in page.seen
    assert page.seen.count("celle-ci") == 1
    actions = page.page.xpath("//form[contains(@action, '/compte/sessions/')]/@action")
    (action,) = [one for one in actions if re.search("[0-9]", one)]
    answer = customer.submit(page, action)
    assert "La session est fermée." in answer.seen
    assert "Firefox" not in answer.seen
    assert other.request("GET", "/compte").status == 303
    assert customer.post(action).status == 404


def test_all_other_sessions(house: House, customer: Browser) -> None:
    """But this one."""
    others = [opened(house, "curl/8.5.0") for _ in range(3)]
    answer = customer.submit(customer.get("/compte"), "/compte/sessions/fermer")
    assert "Les autres sessions sont fermées." in answer.seen
    assert [one.request("GET", "/compte").status for one in others] == [303] * 3
    assert "Fermer toutes les autres" not in answer.seen


def test_sessions_of_others(house: House, customer: Browser) -> None:
    """Cannot be ended."""
    house.account("autre@exemple.fr")
    other = Browser(site_of(house)).log_in("autre@exemple.fr")
    statuses = [customer.post(f"/compte/sessions/{id_}/fermer").status for id_ in range(3, 10)]
    assert set(statuses) == {404}
    customer.submit(customer.get("/compte"), "/compte/mot-de-passe", {"actuel": PASSWORD, "nouveau": NEW})
    assert other.request("GET", "/compte").status == 200
    for id_ in ("0", "-1", "9999999999999999999999", "1e3", "%00"):
        assert customer.post(f"/compte/sessions/{id_}/fermer").status == 404


@pytest.mark.parametrize(
    "agent", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7*7 }}", "%(browser)s", "", "é" * 400]
)
def test_hostile_agents(house: House, customer: Browser, agent: str) -> None:
    """What a browser says of itself is only said."""
    opened(house, agent.encode().decode("latin-1"))
    page = customer.get("/compte")
    assert page.status == 200
    assert "Navigateur inconnu" in page.seen
    assert not page.page.xpath("//main//script | //main//img")


def turned_on(house: House, customer: Browser) -> tuple[str, list[str], Answer]:
    """The secret, the recovery codes, and the page that shows them."""
    page = customer.get("/compte/double-authentification")
    (secret,) = page.page.xpath("//input[@name='secret']/@value")
    code = pyotp.TOTP(secret).at(house.now)
    answer = customer.submit(page, "/compte/double-authentification", {"code": code})
    assert answer.status == 200, answer.seen
    codes = answer.page.get_element_by_id("codes").text_content().split()
    house.advance(60, 30)
    return secret, codes, answer


def test_second_factor(house: House, customer: Browser) -> None:
    """On with a code; from then on it is asked for; off with the password."""
    secret, codes, _ = turned_on(house, customer)
    assert len(set(codes)) == 8
    other = Browser(site_of(house))
    asked = other.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD})
    assert "Code de vérification" in asked.seen
    assert other.request("GET", "/compte").headers["location"] == "/connexion/code"
    inside = other.submit(asked, "/connexion/code", {"code": pyotp.TOTP(secret).at(house.now)})
    assert inside.status == 200
    page = customer.get("/compte")
    assert "Il reste 8 codes de secours." in page.seen
    wrong = customer.submit(page, "/compte/double-authentification/desactiver", {"mot-de-passe": "faux"})
    assert error_at(wrong, "mot-de-passe") == "Ce n'est pas votre mot de passe."
    answer = customer.submit(page, "/compte/double-authentification/desactiver", {"mot-de-passe": PASSWORD})
    assert "La double authentification est désactivée." in answer.seen
    Browser(site_of(house)).log_in()


def test_what_is_scanned(house: House, customer: Browser) -> None:
    """The secret stands in words too; the picture is dark on white, with its quiet zone, and has no colour of ours."""
    page = customer.get("/compte/double-authentification").page
    (secret,) = page.xpath("//input[@name='secret']/@value")
    assert page.get_element_by_id("secret").text_content().replace(" ", "") == secret
    (picture,) = page.xpath("//*[@role='img'][@aria-label]/*[name()='svg']")
    white, dark = picture.xpath("*[name()='path']")
    side = int(picture.get("viewbox", picture.get("viewBox")).split()[2])
    assert (white.get("fill"), white.get("d")) == ("#fff", f"M0 0h{side}v{side}h-{side}z")
    assert (dark.get("stroke"), dark.get("d")[:6]) == ("#000", "M4 4.5")
    assert not picture.xpath("descendant-or-self::*/@style | descendant-or-self::*/@class[contains(., 'qr ')]")


def test_recovery_codes(house: House, customer: Browser) -> None:
    """Shown this once, to copy and as a file, and each opens the pages once."""
    _, codes, answer = turned_on(house, customer)
    assert answer.headers["cache-control"] == "no-store"
    (link,) = answer.page.xpath("//a[@download]")
    kind, _, text = unquote(link.get("href")).partition(",")
    assert kind == "data:text/plain;charset=utf-8"
    assert text.split()[2:] == codes
    assert codes[0] not in customer.get("/compte").text
    for again, status in ((False, 200), (True, 422)):
        other = Browser(site_of(house))
        asked = other.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD})
        assert other.submit(asked, "/connexion/code", {"code": codes[0].lower()}).status == status, again
    assert "Il reste 7 codes de secours." in customer.get("/compte").seen


def test_mistyped_code(house: House, customer: Browser) -> None:
    """The same secret is shown again, so that the application need not be told anew; nothing was turned on."""
    page = customer.get("/compte/double-authentification")
    (secret,) = page.page.xpath("//input[@name='secret']/@value")
    for code in ("000000", "", "abc", "12345", "٣٣٣٣٣٣", "\x00", "1" * 5000):
        answer = customer.submit(page, "/compte/double-authentification", {"code": code})
        assert answer.status == 422
        assert "Ce code n'est pas le bon" in error_at(answer, "code")
        assert answer.page.xpath("//input[@name='secret']/@value") == [secret]
    assert "désactivée" in customer.get("/compte").seen


@pytest.mark.parametrize("secret", [*HOSTILE, "", "A", "a" * 32, "A" * 5000])
def test_a_secret_that_was_never_offered(house: House, customer: Browser, secret: str) -> None:
    """Another one is shown, and nothing was turned on."""
    page = customer.get("/compte/double-authentification")
    answer = customer.submit(page, "/compte/double-authentification", {"secret": secret, "code": "000000"})
    assert answer.status == 422
    assert re.fullmatch("[A-Z2-7]{32}", answer.page.xpath("//input[@name='secret']/@value")[0])
    assert not answer.page.xpath("//main//script | //main//img")


def test_on_already(house: House, customer: Browser) -> None:
    """It cannot be replaced without the password."""
    secret, _, _ = turned_on(house, customer)
    assert customer.request("GET", "/compte/double-authentification").headers["location"] == "/compte"
    other = pyotp.random_base32()
    fields = {"secret": other, "code": pyotp.TOTP(other).at(house.now)}
    assert customer.post("/compte/double-authentification", fields, followed=False).headers["location"] == "/compte"
    asked = Browser(site_of(house))
    form = asked.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD})
    assert asked.submit(form, "/connexion/code", {"code": pyotp.TOTP(secret).at(house.now)}).status == 200


ACTIONS = {
    "/compte/mot-de-passe": {"actuel": PASSWORD, "nouveau": NEW},
    "/compte/cles": {"nom": "B"},
    "/compte/cles/revoquer": {"nom": "A"},
    "/compte/sessions/fermer": {},
    "/compte/sessions/1/fermer": {},
    "/compte/double-authentification": {"secret": "A" * 32, "code": "000000"},
    "/compte/double-authentification/desactiver": {"mot-de-passe": PASSWORD},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_forged_or_a_stranger(house: House, customer: Browser, action: str) -> None:
    """403 without this browser's token, to the log-in for who is nobody; nothing is changed."""
    key = key_named(customer, "A")
    stranger = Browser(site_of(house))
    for token in ("", "x", stranger.token):
        assert customer.post(action, {**ACTIONS[action], "jeton": token}).status == 403
    answer = stranger.post(action, ACTIONS[action], followed=False)
    assert (answer.status, answer.headers["location"]) == (303, "/connexion")
    assert (code_of(house), code_of(house, key)) == (Code.SENT, Code.DUPLICATE)
    assert len(customer.get("/compte").page.xpath("//form[@action='/compte/cles/revoquer']")) == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_database_away(house: House, customer: Browser, action: str) -> None:
    """503, a page without what went wrong."""
    token = customer.token
    house.database.away = True
    answer = customer.post(action, {**ACTIONS[action], "jeton": token})
    assert answer.status == 503
    assert "Traceback" not in answer.text
    house.database.away = False
    assert code_of(house) is Code.SENT
    assert customer.get("/compte").status == 200

"""Who is in, and how he stays in and comes out: the second factor, tokens, and forms that are of ours only."""

from typing import Any

import pytest

from tests.accounts.scene import guard, passcode
from tests.house import EMAIL, PASSWORD, House

from .browser import Browser
from .entering import is_inside, logged_in

NEW = "neuf@exemple.fr"
CHOSEN = "Un cheval vert, 12 haricots"


def test_second_factor(house: House, visitor: Browser) -> None:
    """The password alone opens no page; a wrong code neither; the right one does, with another token."""
    guarded = guard(house, house.account())
    answer = logged_in(visitor, query="?suite=/options")
    assert answer.headers["location"] == "/connexion/code?suite=/options"
    pending = dict(visitor.cookies)
    for path in ("/options", "/compte", "/envoyer"):
        assert visitor.request("GET", path).headers["location"] == "/connexion/code"
    page = visitor.get("/connexion/code?suite=/options")
    for code in ("000000", "", "x" * 3000, "\x00"):
        wrong = visitor.submit(page, "/connexion/code", {"code": code})
        assert wrong.status == 422
        assert "Ce code n'est pas le bon" in wrong.seen
    assert not is_inside(visitor)
    done = visitor.submit(wrong, "/connexion/code", {"code": passcode(house, guarded.secret)}, followed=False)
    assert (done.status, done.headers["location"]) == (303, "/options")
    assert visitor.cookies != pending
    assert is_inside(visitor)
    old = Browser(visitor.site)
    old.cookies = pending
    assert old.request("GET", "/options").headers["location"].startswith("/connexion?")


def test_recovery_code(house: House, visitor: Browser) -> None:
    """Opens as the application does, once; written small and with spaces too."""
    guarded = guard(house, house.account())
    logged_in(visitor)
    page = visitor.get("/connexion/code")
    code = guarded.codes[3].lower().replace("-", " ")
    assert visitor.submit(page, "/connexion/code", {"code": code}, followed=False).status == 303
    again = Browser(visitor.site)
    logged_in(again)
    assert again.submit(again.get("/connexion/code"), "/connexion/code", {"code": code}).status == 422


def test_codes_are_throttled(house: House, visitor: Browser) -> None:
    """After five wrong ones the right one is not looked at either; the way out is open."""
    guarded = guard(house, house.account())
    logged_in(visitor)
    page = visitor.get("/connexion/code")
    statuses = [visitor.submit(page, "/connexion/code", {"code": "000000"}).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert visitor.submit(page, "/connexion/code", {"code": passcode(house, guarded.secret)}).status == 429
    visitor.submit(page, "/deconnexion")
    assert visitor.request("GET", "/connexion/code").headers["location"] == "/connexion"


def test_pending_for_too_long(house: House, visitor: Browser) -> None:
    """The password has to be shown anew."""
    guarded = guard(house, house.account())
    logged_in(visitor)
    page = visitor.get("/connexion/code")
    house.advance(1000, 10)
    answer = visitor.submit(page, "/connexion/code", {"code": passcode(house, guarded.secret)}, followed=False)
    assert (answer.status, answer.headers["location"]) == (303, "/connexion")
    assert not is_inside(visitor)


def test_code_asked_of_nobody(house: House, visitor: Browser) -> None:
    """Who has not shown a password is sent to; who is in already, inside."""
    house.account()
    assert visitor.request("GET", "/connexion/code").headers["location"] == "/connexion"
    assert visitor.post("/connexion/code", {"code": "1"}, followed=False).headers["location"] == "/connexion"
    logged_in(visitor)
    assert visitor.request("GET", "/connexion/code").headers["location"] == "/accueil"
    assert visitor.request("GET", "/connexion").headers["location"] == "/accueil"
    assert visitor.request("GET", "/").headers["location"] == "/accueil"


def test_fixation(house: House, visitor: Browser) -> None:
    """A token that somebody else gave the browser opens nothing after the log-in."""
    house.account()
    visitor.get("/connexion")
    given = dict(visitor.cookies)
    logged_in(visitor)
    assert visitor.cookies["smstob"] != given["smstob"]
    thief = Browser(visitor.site)
    thief.cookies = given
    assert not is_inside(thief)
    planted = Browser(visitor.site)
    planted.cookies = {"smstob": "planted"}
    logged_in(planted)
    assert planted.cookies["smstob"] != "planted"


def test_logged_in_twice(house: House, visitor: Browser) -> None:
    """The session that the browser had is ended by the new one."""
    house.account()
    form = visitor.get("/connexion")
    fields = {"email": EMAIL, "mot-de-passe": PASSWORD}
    visitor.submit(form, "/connexion", fields, followed=False)
    old = Browser(visitor.site)
    old.cookies = dict(visitor.cookies)
    visitor.post("/connexion", {**fields, "jeton": visitor.token}, followed=False)
    assert is_inside(visitor)
    assert not is_inside(old)


def test_log_out(house: House, visitor: Browser) -> None:
    """The token is worthless, wherever it was kept; the browser forgets it, and is told so."""
    house.account()
    logged_in(visitor)
    kept = Browser(visitor.site)
    kept.cookies = dict(visitor.cookies)
    answer = visitor.submit(visitor.get("/options"), "/deconnexion", followed=False)
    assert [one for one in answer.cookies if one.startswith("smstob=;") and "Max-Age=0" in one]
    assert "Vous êtes déconnecté." in visitor.follow(answer).seen
    assert not is_inside(visitor)
    assert not is_inside(kept)


def test_time_ends_it(house: House, visitor: Browser) -> None:
    """Twelve hours without a request."""
    house.account()
    logged_in(visitor)
    house.advance(11 * 3600, 600)
    assert is_inside(visitor)
    house.advance(13 * 3600, 600)
    assert not is_inside(visitor)


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\x00",
        "/é",
        " /options",
        "/options?x=1",
        "/options#x",
        "/options&x",
        "",
    ],
)
def test_never_away(house: House, visitor: Browser, after: str) -> None:
    """A link to the log-in leads nowhere but to a page of ours."""
    guarded = guard(house, house.account())
    form = visitor.get("/connexion", suite=after)
    assert form.page.xpath("//input[@name='suite']/@value") == [""]
    fields = {"email": EMAIL, "mot-de-passe": PASSWORD, "suite": after}
    asked = visitor.submit(form, "/connexion", fields, followed=False)
    assert asked.headers["location"] == "/connexion/code?suite="
    page = visitor.get("/connexion/code", suite=after)
    fields = {"code": passcode(house, guarded.secret), "suite": after}
    assert visitor.submit(page, "/connexion/code", fields, followed=False).headers["location"] == "/accueil"


def test_back_to_where_one_was(house: House, visitor: Browser) -> None:
    """Who has to log in first comes to the page that he wanted; a form that was sent meanwhile is not sent again."""
    house.account()
    asked = visitor.request("GET", "/options")
    assert asked.headers["location"] == "/connexion?suite=/options"
    assert logged_in(visitor, query="?suite=/options").headers["location"] == "/options"
    stranger = Browser(visitor.site)
    sent = stranger.post("/options", {"format": "flash"}, followed=False)
    assert (sent.status, sent.headers["location"]) == (303, "/connexion")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/inscription", {"email": NEW}),
        ("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD}),
        ("/connexion/code", {"code": "000000"}),
        ("/mot-de-passe-oublie", {"email": EMAIL}),
        ("/nouveau-mot-de-passe", {"lien": "x", "nouveau": CHOSEN}),
        ("/deconnexion", {}),
    ],
)
def test_forms_of_ours_only(house: House, visitor: Browser, path: str, fields: dict[str, Any]) -> None:
    """403 for a form without this browser's token, and nothing has happened; 503 while the database is away."""
    house.account()
    stranger = Browser(visitor.site)
    for token in ("", "x", "0" * 64, stranger.token, "é", "\x00"):
        answer = visitor.post(path, {**fields, "jeton": token})
        assert answer.status == 403
        assert "Ce formulaire n'est plus valable" in answer.text
    house.advance(2)
    assert house.courier.letters == []
    assert not is_inside(visitor)
    token = visitor.token
    house.database.away = True
    answer = visitor.post(path, {**fields, "jeton": token})
    assert answer.status == 503
    assert "Le service est occupé" in answer.text
    assert "Traceback" not in answer.text


def test_the_visitors_token_fits_no_more(house: House, visitor: Browser) -> None:
    """A form from before the log-in is refused after it."""
    house.account()
    before = visitor.token
    logged_in(visitor)
    assert visitor.post("/options", {"jeton": before}).status == 403
    assert visitor.post("/options", {"jeton": visitor.token}).status == 422


def test_no_cookie_at_all(house: House, visitor: Browser) -> None:
    """A browser that keeps none is told that the form is not valid; it is no error of ours."""
    house.account()
    token = visitor.token
    visitor.cookies.clear()
    assert visitor.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD, "jeton": token}).status == 403

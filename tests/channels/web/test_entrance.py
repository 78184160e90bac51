"""The way in by the pages: sign up, log in, a way back for who forgot; and whom it keeps out."""

import pytest

from smstob.flow.authenticate import new_key, secret_digest
from smstob.model.draft import Credentials
from smstob.storage import accounts
from tests.accounts.scene import close_account, last_link, last_password
from tests.house import ADDRESS, EMAIL, PASSWORD, House

from .browser import Answer, Browser, site_of
from .entering import is_inside, logged_in

NEW = "neuf@exemple.fr"
CHOSEN = "Un cheval vert, 12 haricots"


def signed_up(visitor: Browser, email: str) -> Answer:
    """After the form."""
    return visitor.submit(visitor.get("/inscription"), "/inscription", {"email": email})


def test_sign_up(house: House, visitor: Browser) -> None:
    """An address, a letter with the password, in."""
    answer = signed_up(visitor, f" {NEW.title()} ")
    assert answer.status == 200
    assert "Regardez votre courrier" in answer.seen
    assert not is_inside(visitor)
    house.advance(1.1)
    assert [letter.recipient for letter in house.courier.letters] == [NEW]
    answer = logged_in(visitor, last_password(house), NEW)
    assert (answer.status, answer.headers["location"]) == (303, "/accueil")
    assert is_inside(visitor)


def test_home_page_signs_up_too(house: House, visitor: Browser) -> None:
    """By the field in its middle."""
    answer = visitor.submit(visitor.get("/"), "/inscription", {"email": NEW})
    assert "Regardez votre courrier" in answer.seen
    house.advance(1.1)
    assert [letter.recipient for letter in house.courier.letters] == [NEW]


def test_known_address(house: House, visitor: Browser) -> None:
    """Nobody can tell by the page whether there is an account; its holder is mailed a way back in."""
    house.account()
    first, second = signed_up(visitor, NEW), signed_up(visitor, EMAIL)
    assert (first.status, first.text.replace(NEW, "")) == (second.status, second.text.replace(EMAIL, ""))
    house.advance(1.1)
    assert [letter.recipient for letter in house.courier.letters] == [NEW, EMAIL]
    answer = visitor.get("/nouveau-mot-de-passe", jeton=last_link(house))
    assert visitor.submit(answer, "/nouveau-mot-de-passe", {"nouveau": CHOSEN}).status == 200
    assert logged_in(visitor, CHOSEN).status == 303


@pytest.mark.parametrize("path", ["/inscription", "/mot-de-passe-oublie"])
@pytest.mark.parametrize(
    "email", ["", "   ", "neuf", "a b@c.fr", "a@b@c", "x" * 300 + "@b.fr", "\x00@b.fr", "a\r\nBcc: x@b.fr"]
)
def test_no_address(house: House, visitor: Browser, path: str, email: str) -> None:
    """Told at the field, with what was typed; no letter leaves."""
    answer = visitor.submit(visitor.get(path), path, {"email": email})
    assert answer.status == 422
    assert "Ce n'est pas une adresse e-mail" in answer.page.get_element_by_id("email-note").text_content()
    house.advance(2)
    assert house.courier.letters == []


@pytest.mark.parametrize("path", ["/inscription", "/mot-de-passe-oublie", "/connexion"])
@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s"])
def test_reflected(visitor: Browser, path: str, typed: str) -> None:
    """What was typed comes back as a value and as nothing else."""
    answer = visitor.submit(visitor.get(path), path, {"email": typed})
    assert answer.page.xpath("//input[@name='email']/@value") == [typed]
    assert not answer.page.xpath("//main//script | //main//img")


def test_too_many_letters(house: House, visitor: Browser) -> None:
    """A fourth to the same address in an hour is not written: 429, for what is and what is not an account's."""
    statuses = [signed_up(visitor, NEW).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    recover = visitor.submit(visitor.get("/mot-de-passe-oublie"), "/mot-de-passe-oublie", {"email": NEW})
    assert recover.status == 429
    assert "trop d'essais" in recover.seen


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "faux"), (EMAIL, ""), ("", PASSWORD), ("personne@exemple.fr", PASSWORD), (EMAIL, PASSWORD.lower())],
)
def test_wrong(house: House, visitor: Browser, email: str, password: str) -> None:
    """The same is said of all, and the password does not come back."""
    house.account()
    answer = logged_in(visitor, password, email)
    assert answer.status == 422
    assert answer.page.xpath("//p[@role='alert']")[0].text_content() == "L'adresse ou le mot de passe n'est pas le bon."
    assert answer.page.xpath("//input[@name='email']/@value") == [email]
    assert answer.page.xpath("//input[@name='mot-de-passe']/@value") == [""]
    assert not is_inside(visitor)


def test_closed_account(house: House, visitor: Browser) -> None:
    """As if it were not there; who is in is out."""
    account = house.account()
    assert logged_in(visitor).status == 303
    close_account(house, account)
    assert not is_inside(visitor)
    assert logged_in(Browser(site_of(house))).status == 422


def test_sending_key(house: House, visitor: Browser) -> None:
    """Opens no page, however it is written."""
    account = house.account()
    key = new_key()
    house.write(lambda connection: accounts.add_key(connection, account.id, "A", secret_digest(key), house.now))
    for typed in (key, key.upper(), f" {key} "):
        assert logged_in(visitor, typed).status == 422
    assert house.code(sender=Credentials(email=EMAIL, secret=key, address=ADDRESS)) == 80


def test_throttled(house: House, visitor: Browser) -> None:
    """429 after ten, for the right password too; another address comes in; after a quarter of an hour all do."""
    house.account()
    statuses = [logged_in(visitor, f"faux {n}").status for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert logged_in(visitor).status == 429
    assert logged_in(Browser(visitor.site, "198.51.100.9")).status == 303
    house.advance(1000, 10)
    assert logged_in(visitor).status == 303


def test_forgotten(house: House, visitor: Browser) -> None:
    """A link by letter, a new password, and the link is good no more."""
    house.account()
    other = Browser(visitor.site).log_in()
    answer = visitor.submit(visitor.get("/mot-de-passe-oublie"), "/mot-de-passe-oublie", {"email": EMAIL})
    assert "Regardez votre courrier" in answer.seen
    house.advance(1.1)
    form = visitor.get("/nouveau-mot-de-passe", jeton=last_link(house))
    assert visitor.get("/nouveau-mot-de-passe", jeton=last_link(house)).status == 200
    done = visitor.submit(form, "/nouveau-mot-de-passe", {"nouveau": CHOSEN})
    assert "Le mot de passe est changé : connectez-vous." in done.seen
    assert not is_inside(visitor)
    assert not is_inside(other)
    assert (logged_in(visitor).status, logged_in(visitor, CHOSEN).status) == (422, 303)
    again = visitor.submit(form, "/nouveau-mot-de-passe", {"nouveau": CHOSEN + "!", "jeton": visitor.token})
    assert again.status == 422
    assert "Ce lien n'est plus valable" in again.seen
    assert visitor.get("/nouveau-mot-de-passe", jeton=last_link(house)).status == 422


def test_forgotten_by_nobody(house: House, visitor: Browser) -> None:
    """The same page and status as for an account, and no letter."""
    house.account()
    pages = [
        visitor.submit(visitor.get("/mot-de-passe-oublie"), "/mot-de-passe-oublie", {"email": email})
        for email in (EMAIL, NEW)
    ]
    assert pages[0].status == pages[1].status == 200
    assert pages[0].text.replace(EMAIL, "") == pages[1].text.replace(NEW, "")
    house.advance(2)
    assert [letter.recipient for letter in house.courier.letters] == [EMAIL]


@pytest.mark.parametrize("token", ["", "x", "\x00", "é", "x" * 5000, "<script>", "../.."])
def test_forged_link(house: House, visitor: Browser, token: str) -> None:
    """422 and the form that asks for another."""
    house.account()
    answer = visitor.get("/nouveau-mot-de-passe", jeton=token)
    assert answer.status == 422
    assert "Ce lien n'est plus valable" in answer.seen
    assert visitor.post("/nouveau-mot-de-passe", {"lien": token, "nouveau": CHOSEN}).status == 422
    assert logged_in(visitor).status == 303


def test_link_is_an_hour_old(house: House, visitor: Browser) -> None:
    """And good no more, though its form was open."""
    house.account()
    visitor.submit(visitor.get("/mot-de-passe-oublie"), "/mot-de-passe-oublie", {"email": EMAIL})
    house.advance(1.1)
    form = visitor.get("/nouveau-mot-de-passe", jeton=last_link(house))
    house.advance(3700, 100)
    assert visitor.submit(form, "/nouveau-mot-de-passe", {"nouveau": CHOSEN}).status == 422
    assert logged_in(visitor).status == 303


@pytest.mark.parametrize("chosen", ["court", "azertyuiop", EMAIL, "x" * 201, "mot\nde passe\nlong"])
def test_bad_new_password(house: House, visitor: Browser, chosen: str) -> None:
    """Told at the field; the link is as good as before."""
    house.account()
    visitor.submit(visitor.get("/mot-de-passe-oublie"), "/mot-de-passe-oublie", {"email": EMAIL})
    house.advance(1.1)
    form = visitor.get("/nouveau-mot-de-passe", jeton=last_link(house))
    answer = visitor.submit(form, "/nouveau-mot-de-passe", {"nouveau": chosen})
    assert answer.status == 422
    assert answer.page.xpath("//small[@id='nouveau-note'][@class='error']")
    assert answer.page.xpath("//input[@type='password']/@value") == [""]
    assert visitor.submit(answer, "/nouveau-mot-de-passe", {"nouveau": CHOSEN}).status == 200

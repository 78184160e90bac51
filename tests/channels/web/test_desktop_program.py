"""The desktop program as customers download it: the page says what they get, and they get that."""

import hashlib
import json
from collections.abc import Callable, Coroutine
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from twisted.internet.defer import Deferred

from smstob.channels.web.desktop import FILES, Copy, DesktopProgram
from smstob.channels.web.rendering import Facts
from smstob.desktop import archive
from smstob.model.company import Company
from tests.house import EMAIL, PARIS, House

from .browser import Browser, site_of

AWKWARD: Final = "o'br`id`$home’{{7*7}}%s@exemple.fr"
HOSTILE: Final = '"><script>alert(1)</script>{{ 7*7 }}'


def told(answer: bytes) -> Any:
    """What the program in it knows of the site."""
    with ZipFile(BytesIO(answer)) as opened:
        return json.loads(opened.read("smstob/desktop/site.json"))


def reader(house: House, email: str) -> Browser:
    """A customer's browser; a visitor's where there is no address."""
    browser = Browser(site_of(house, company=Company(name=HOSTILE)))
    if email:
        house.account(email)
        browser.log_in(email)
    return browser


@pytest.mark.parametrize("email", ["", EMAIL, AWKWARD])
@pytest.mark.parametrize("name", FILES)
def test_what_the_page_says(house: House, email: str, name: str) -> None:
    """Version, size and checksum are those of the file that is downloaded, under both names, and of no other reader."""
    browser = reader(house, email)
    page = browser.get("/telecharger").page
    answer = browser.get(f"/telecharger/{name}")
    assert page.xpath(f"//article[@id='logiciel']//a[@download][@href='/telecharger/{name}']")
    assert page.get_element_by_id("sha256").text_content() == hashlib.sha256(answer.body).hexdigest()
    assert page.xpath("//button[@data-copy='sha256']")
    facts = [one.text_content() for one in page.xpath("//article[@id='logiciel']//dd")]
    assert facts[:2] == [archive.release(), f"{round(len(answer.body) / 1000)} ko"]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert answer.headers["cache-control"] == "no-store"
    assert told(answer.body) == {
        "version": archive.release(),
        "service": HOSTILE,
        "base_url": "http://127.0.0.1:8080",
        "domain": "smstob.com",
        "zone": "Europe/Paris",
        "email": email,
    }


def test_unnamed_company(house: House) -> None:
    """A service of nobody in particular is called as the program is."""
    assert told(Browser(site_of(house)).get("/telecharger/smstob.pyz").body)["service"] == "SMStoB"


def test_logged_out(house: House, customer: Browser) -> None:
    """Who has logged out gets a program that knows nobody."""
    assert told(customer.get("/telecharger/smstob.pyz").body)["email"] == EMAIL
    customer.post("/deconnexion")
    assert told(customer.get("/telecharger/smstob.pyz").body)["email"] == ""


def test_in_english(visitor: Browser) -> None:
    """The size has the sign of the language."""
    visitor.language = "en"
    size = visitor.get("/telecharger").page.xpath("//article[@id='logiciel']//dd")[1].text_content()
    assert size.endswith(" kB")


class Thread:
    """Begins work when it is asked for, and ends it when a test says so."""

    def __init__(self) -> None:
        self.asked: list[Callable[[], bytes]] = []
        self._ends: list[Deferred[bytes]] = []

    def __call__(self, work: Callable[[], bytes]) -> "Deferred[bytes]":
        """See ``in_thread``."""
        self.asked.append(work)
        self._ends.append(Deferred())
        return self._ends[-1]

    def end(self, failure: Exception | None = None) -> None:
        """The last work that was asked for is done, or fails."""
        if failure is not None:
            self._ends[-1].errback(failure)
        else:
            self._ends[-1].callback(self.asked[-1]())


def begun(work: "Coroutine[Any, Any, Copy]") -> "tuple[list[Copy], list[type[BaseException]]]":
    """What it comes to, as soon as it does."""
    copies: list[Copy] = []
    errors: list[type[BaseException]] = []
    waited = Deferred.fromCoroutine(work)
    waited.addCallbacks(copies.append, lambda failure: errors.append(failure.type))
    return copies, errors


def desktop(thread: Thread) -> DesktopProgram:
    """That of a service."""
    return DesktopProgram(Facts(base_url="https://sms.fr", domain="sms.fr", company=Company()), PARIS, thread)


def test_made_once() -> None:
    """Nothing is made before somebody asks; then once, in a thread, for all who ask meanwhile and afterwards."""
    thread = Thread()
    program = desktop(thread)
    assert not thread.asked
    first, second = begun(program.copy("a@b.fr")), begun(program.copy(""))
    assert thread.asked == [archive.build]
    assert not first[0] + second[0]
    thread.end()
    third = begun(program.copy("c@d.fr"))
    assert thread.asked == [archive.build]
    assert [told(one[0][0].content)["email"] for one in (first, second, third)] == ["a@b.fr", "", "c@d.fr"]


def test_made_again() -> None:
    """Where it could not be made, who asked is told so, and the next one has it tried again."""
    thread = Thread()
    program = desktop(thread)
    first, second = begun(program.copy("")), begun(program.copy(""))
    thread.end(OSError("disk"))
    assert first == ([], [OSError])
    assert len(thread.asked) == 2
    thread.end()
    assert second[0][0].checksum == begun(program.copy(""))[0][0].checksum
    assert len(thread.asked) == 2

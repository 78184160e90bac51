"""Every page of the site, found by its links: whole, well-formed, usable without scripts, and in no other way shut."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import pytest

from smstob.model.account import Account
from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.merge import Variables
from smstob.model.order import Order
from tests.accounts.scene import guard, last_link
from tests.house import EMAIL, NUMBER, PASSWORD, House, outcome_of

from .browser import Answer, Browser, site_of

PAGES: Final = {
    "/accueil",
    "/carnet",
    "/carnet/N",
    "/carnet/groupes",
    "/carnet/groupes/N",
    "/carnet/import",
    "/carnet/nouveau",
    "/carnet/phrases",
    "/carnet/phrases/N",
    "/compte",
    "/compte/double-authentification",
    "/contact",
    "/credits",
    "/credits/acheter",
    "/credits/commandes",
    "/credits/commandes/N",
    "/credits/commandes/N/payer",
    "/credits/coordonnees",
    "/credits/essai",
    "/credits/partage",
    "/credits/partage/exemple.fr",
    "/credits/transferts",
    "/credits/transferts/N",
    "/documentation",
    "/documentation/codes",
    "/documentation/e-mail",
    "/documentation/http",
    "/documentation/publipostage",
    "/envoyer",
    "/historique",
    "/historique/N",
    "/historique/messages",
    "/mentions-legales",
    "/options",
    "/programmes",
    "/telecharger",
}
"""Where links lead from the first page of who has logged in; N is an id."""

FILES: Final = {
    "/carnet/export": "text/csv",
    "/carnet/modele.csv": "text/csv",
    "/credits/export": "text/csv",
    "/credits/partage/exemple.fr/export": "text/csv",
    "/credits/transferts/export": "text/csv",
    "/factures/N.pdf": "application/pdf",
    "/historique/N/export": "text/csv",
    "/historique/export": "text/csv",
    "/telecharger/smstob.php": "application/x-php",
    "/telecharger/smstob.py": "text/x-python",
    "/telecharger/smstob.pyz": "application/octet-stream",
    "/telecharger/smstob.pyzw": "application/octet-stream",
}
"""And what they load down."""

OUTSIDE: Final = {
    *("/", "/connexion", "/inscription", "/mot-de-passe-oublie", "/contact", "/mentions-legales", "/telecharger"),
    *("/documentation", "/documentation/codes", "/documentation/e-mail", "/documentation/http"),
    "/documentation/publipostage",
}
"""Where they lead from the home page; the rest sends visitors to log in first."""

WAYS: Final = ("carte", "cheque", "carte")
HOSTILE: Final = "\"><script>alert(1)</script>{{ 7*7 }}%(n)s"


@attrs.define
class Walk:
    """All that was found behind links: an answer for each kind of address, and where else links lead."""

    answers: dict[str, Answer] = attrs.field(factory=dict)
    fragments: set[tuple[str, str]] = attrs.field(factory=set)

    @property
    def pages(self) -> Iterator[tuple[str, Answer]]:
        """Those that are pages."""
        for address, answer in self.answers.items():
            if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
                yield address, answer


def kind_of(path: str) -> str:
    """The address with N for each id, reference and number."""
    return re.sub("/([0-9]+|RF[0-9]{2}SMS[0-9]+|F[0-9]{4}-[0-9]+)(?=/|[.]pdf$|$)", "/N", path)


def walk(browser: Browser, first: str) -> Walk:
    """Follow every link from there, one address of each kind."""
    found, ahead = Walk(), [first]
    while ahead:
        path = ahead.pop(0)
        kind = kind_of(path.partition("?")[0])
        if kind in found.answers:
            continue
        answer = found.answers[kind] = browser.request("GET", path)
        if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        for href in answer.page.xpath("//a/@href"):
            parts = urlsplit(href)
            if parts.fragment:
                found.fragments.add((kind_of(parts.path) or kind, parts.fragment))
            if not parts.scheme and not parts.netloc and parts.path and not parts.path.startswith("/langue/"):
                ahead.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def furnish_with_orders(house: House, account: Account) -> None:
    """One that is paid, two that wait for a cheque and a card, for a customer whose name tries to break out."""
    details = {"name": HOSTILE, "address": HOSTILE, "postcode": "35000", "city": HOSTILE, "country": "FR"}
    outcome_of(house.cashier.set_customer(account.id, details))
    made = [outcome_of(house.cashier.order(account.id, 100, way, f"{way} {at}")) for at, way in enumerate(WAYS)]
    assert isinstance(made[0], Order)
    outcome_of(house.cashier.confirm(made[0].reference, date(2026, 3, 2), HOSTILE))


def furnish_with_others(house: House, account: Account) -> None:
    """Somebody whom it gave credits, somebody who gave it some, and a sender of its domain; all with odd names."""
    odd = "{{7*7}}%s&'`|"
    giver = house.account(f"{odd}1@exemple.fr")
    for key, whose, to in (("a", account, f"{odd}2@exemple.fr"), ("b", giver, account.email)):
        outcome_of(house.transfers.transfer(whose.id, to, 5, key))
    outcome_of(house.sharing.share(account.id, "exemple.fr", "Galette2026Rennes", 50))
    shown = Credentials(email=f"{odd}3@exemple.fr", secret="Galette2026Rennes", address="192.0.2.9", shared=True)
    outcome_of(house.submitter.submit(Draft(channel=Channel.MAIL, destination=NUMBER, text="Bonjour", sender=shown)))


@pytest.fixture
def furnished(house: House) -> Browser:
    """The browser of an account that has something of everything, with names that try to break out of their place."""
    account = house.account(alert_phone="+33698765432", alert_threshold=10)
    house.group(account, HOSTILE, ["+33612345678", "+33698765432"], Variables(HOSTILE, HOSTILE, "", ""))
    house.accepted(text=f"Bonjour {HOSTILE}")
    house.accepted("0698765432", "Demain", when="120003032026")
    house.advance(5)
    furnish_with_orders(house, account)
    furnish_with_others(house, account)
    browser = Browser(site_of(house)).log_in()
    browser.post("/compte/cles", {"nom": HOSTILE})
    browser.post("/carnet/phrases", {"nom": HOSTILE, "texte": HOSTILE})
    return browser


def test_every_page(furnished: Browser) -> None:
    """The list is what links lead to, and nothing leads nowhere."""
    found = walk(furnished, "/accueil")
    assert {address: answer.status for address, answer in found.answers.items() if answer.status != 200} == {}
    assert {address for address, _ in found.pages} == PAGES
    files = {address: answer.headers["content-type"] for address, answer in found.answers.items()}
    assert {address: type_.partition(";")[0] for address, type_ in files.items() if address not in PAGES} == FILES


def test_every_page_outside(visitor: Browser) -> None:
    """The same for visitors: they read what is theirs, and are sent to log in for the rest."""
    found = walk(visitor, "/")
    assert {address for address, _ in found.pages} == OUTSIDE
    others = {answer.headers["location"] for answer in found.answers.values() if answer.status == 303}
    assert all(location.startswith("/connexion?suite=/") for location in others)
    assert {answer.status for answer in found.answers.values()} == {200, 303}


def test_fragments(furnished: Browser) -> None:
    """A link into a page finds its place there."""
    found = walk(furnished, "/accueil")
    assert found.fragments
    for address, fragment in found.fragments:
        assert found.answers[address].page.xpath("//*[@id=$id]", id=fragment), (address, fragment)


def test_well_made(house: House, furnished: Browser) -> None:
    """All of them."""
    for address, answer in walk(furnished, "/accueil").pages:
        assert list(faults(answer)) == [], address
    visitor = Browser(site_of(house))
    for address, answer in walk(visitor, "/").pages:
        assert list(faults(answer)) == [], address
    assert list(faults(visitor.get("/nulle-part"))) == []


def test_well_made_when_it_goes_wrong(house: House, furnished: Browser) -> None:
    """Forms that come back with what is wrong are no worse."""
    sent: dict[str, dict[str, str]] = {
        "/options": {"mobile": HOSTILE, "seuil": HOSTILE},
        "/compte/mot-de-passe": {"actuel": "x", "nouveau": "x"},
        "/compte/cles": {"nom": ""},
        "/compte/double-authentification": {"code": HOSTILE},
        "/envoyer/verifier": {"numeros": HOSTILE, "message": HOSTILE},
        "/carnet/nouveau": {"nom": HOSTILE, "numero": HOSTILE},
        "/credits/acheter": {"quantite": HOSTILE, "moyen": HOSTILE},
        "/credits/coordonnees": {"nom": "", "pays": HOSTILE, "siren": HOSTILE, "tva": HOSTILE},
    }
    for path, fields in sent.items():
        answer = furnished.post(path, fields)
        if answer.status != 404:
            assert answer.status == 422, path
            assert list(faults(answer)) == [], path
    visitor = Browser(site_of(house))
    for path in ("/inscription", "/mot-de-passe-oublie", "/connexion"):
        answer = visitor.post(path, {"email": HOSTILE})
        assert (answer.status, list(faults(answer))) == (422, [])


def test_well_made_on_the_way_in(house: House, visitor: Browser) -> None:
    """The pages that come once: the letter is on its way, the code, the new password, a key, the recovery codes."""
    account = house.account()
    answers = [visitor.post("/mot-de-passe-oublie", {"email": EMAIL})]
    house.advance(1.1)
    answers.append(visitor.get("/nouveau-mot-de-passe", jeton=last_link(house)))
    inside = Browser(visitor.site).log_in()
    answers.append(inside.post("/compte/cles", {"nom": "A"}))
    guard(house, account, keep=1)
    answers.append(visitor.post("/connexion", {"email": EMAIL, "mot-de-passe": PASSWORD}))
    assert "Code de vérification" in answers[-1].seen
    for answer in answers:
        assert (answer.status, list(faults(answer))) == (200, [])


BAD: Final = """<html lang="fr"><head><title>A · SMStoB</title><base href="x"></head><body><h1>A</h1><h3>B</h3>
<i id="a"></i><i id="a"></i><label for="b">C</label><p style="x">D</p><p onclick="x">E</p><script>x</script>
<img src="//elsewhere/x"><form method="post"><input name="f"><button></button></form></body></html>"""


def test_what_is_wrong_is_found() -> None:
    """On a page that has it all."""
    found = set(faults(Answer(200, {}, BAD.encode(), ())))
    assert found == {
        *("h3 after h1", "id a twice", "for to nothing: b", "something inline", "a script in an attribute"),
        *("from elsewhere: //elsewhere/x", "no label: f", "no name: button", "token of None"),
        "a picture, heading of a table, navigation or group without a name",
    }


def faults(answer: Answer) -> Iterator[str]:
    """What is wrong with a page, whoever reads it and however."""
    page = answer.page
    if page.get("lang") != "fr":
        yield "language"
    if len(page.xpath("//h1")) != 1:
        yield "one h1"
    if not re.fullmatch(r".+ · SMStoB", page.findtext(".//title").strip(), re.DOTALL):
        yield "title"
    yield from order_faults(page)
    yield from policy_faults(page)
    yield from name_faults(page)
    for form in page.xpath("//form[@method='post']"):
        if len(form.xpath(".//input[@name='jeton'][@type='hidden'][string-length(@value) = 64]")) != 1:
            yield f"token of {form.get('action')}"
    if "alert(1)" in "".join(page.xpath("//script//text() | //*/@onerror")) or re.search(r"(?<!\d)49%", answer.text):
        yield "something broke out"


def order_faults(page: Any) -> Iterator[str]:
    """Headings that skip a level, ids that are there twice, references to nothing."""
    levels = [int(one.tag[1]) for one in page.xpath("//body//*[self::h1 or self::h2 or self::h3 or self::h4]")]
    for before, after in zip([0, *levels], levels, strict=False):
        if after > before + 1:
            yield f"h{after} after h{before}"
    ids = Counter(page.xpath("//@id"))
    yield from (f"id {id_} twice" for id_, times in ids.items() if times > 1)
    for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "data-copy", "data-live"):
        for names in page.xpath(f"//@{attribute}"):
            yield from (f"{attribute} to nothing: {name}" for name in names.split() if name not in ids)


def policy_faults(page: Any) -> Iterator[str]:
    """What the Content-Security-Policy forbids."""
    if page.xpath("//style | //@style | //script[not(@src)] | //script[normalize-space()] | //base | //iframe"):
        yield "something inline"
    if page.xpath("//@*[starts-with(name(), 'on')] | //a[starts-with(@href, 'javascript:')]"):
        yield "a script in an attribute"
    for address in page.xpath("//script/@src | //link/@href | //img/@src"):
        if not re.match("/static/[0-9a-f]{16}/", address):
            yield f"from elsewhere: {address}"


def name_faults(page: Any) -> Iterator[str]:
    """Fields, buttons, links, pictures and tables that have no name."""
    hidden = "@type='hidden' or @type='submit'"
    for field in page.xpath(f"//input[not({hidden})] | //select | //textarea"):
        label = page.xpath("//label[@for=$id]", id=field.get("id", "")) or field.xpath("ancestor::label")
        if not (field.get("aria-label") or (label and label[0].text_content().strip())):
            yield f"no label: {field.get('name')}"
    for one in page.xpath("//button | //a | //summary"):
        if not (one.text_content().strip() or one.get("aria-label")):
            yield f"no name: {one.get('href') or one.get('formaction') or one.tag}"
    if page.xpath("//img[not(@alt)] | //th[not(@scope)] | //nav[not(@aria-label)] | //fieldset[not(legend)]"):
        yield "a picture, heading of a table, navigation or group without a name"

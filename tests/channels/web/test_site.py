"""The site as HTTP: headers, cookies, errors, bounds, hostile bytes; whatever comes, an answer that says what to do."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from smstob.channels.http.server import Bounds
from smstob.channels.web.headers import SECURITY
from tests.house import EMAIL, PASSWORD, House

from .browser import Answer, Browser, site_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CUSTOMERS = ("/accueil", "/envoyer", "/carnet", "/historique", "/programmes", "/credits", "/options", "/compte")
HOSTILE_PARTS = (
    *("%00", "%ff", "%c3%28", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "%0d%0aX:%20y", "'%20OR%201=1--"),
    "A" * 3000,
)
MULTIPART = "multipart/form-data; boundary=x"
FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'


def static(browser: Browser, name: str) -> str:
    """The address of a file, as pages have it."""
    page = browser.get("/contact").page
    (address,) = [one for one in page.xpath("//link/@href | //script/@src") if one.endswith(name)]
    return str(address)


def test_security_headers(house: House, visitor: Browser) -> None:
    """On pages, redirects, errors, files and values alike; and no word about who serves them."""
    house.account()
    answers = [visitor.request("GET", path) for path in ("/", "/accueil", "/nulle-part", "/contact", "/favicon.ico")]
    answers += [visitor.request(method, "/connexion") for method in ("PUT", "HEAD")]
    answers += [visitor.request("GET", static(visitor, name)) for name in ("smstob.css", "pages.js", "icon.svg")]
    answers.append(visitor.request("POST", "/connexion", b"jeton=x", FORM))
    answers.append(visitor.request("POST", "/connexion", b"{}", {"Content-Type": "application/json"}))
    answers.append(visitor.request("GET", "/accueil", headers={"Accept": "application/json"}))
    house.database.away = True
    answers.append(visitor.request("GET", "/contact"))
    assert {answer.status for answer in answers} == {200, 303, 400, 401, 403, 404, 405, 503}
    for answer in answers:
        for name, value in SECURITY.items():
            told = answer.headers[name.decode().lower()]
            own = name == b"Content-Security-Policy" and not answer.headers["content-type"].startswith("text/html")
            assert told == value.decode() or (own and told.startswith("default-src 'none'")), name
        assert "server" not in answer.headers
        assert "x-powered-by" not in answer.headers


def test_the_policy() -> None:
    """Nothing from elsewhere, nothing inline, framed by nobody, forms to us alone."""
    policy = dict(part.strip().split(" ", 1) for part in SECURITY[b"Content-Security-Policy"].decode().split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"


def test_pages_are_not_kept(customer: Browser) -> None:
    """By no cache on the way, nor by the browser."""
    for path in CUSTOMERS:
        assert customer.request("GET", path).headers["cache-control"] == "no-store", path


def flags(answer: Answer) -> list[tuple[str, set[str]]]:
    """The name of each cookie that is set, with its attributes."""
    split = [cookie.split("; ") for cookie in answer.cookies]
    return [(first.partition("=")[0], {one for one in rest if "Max-Age" not in one}) for first, *rest in split]


def test_cookies(house: House, visitor: Browser) -> None:
    """No script reads them, no other site's forms bring them, and they hold nothing but a random token."""
    house.account()
    wanted = {"Path=/", "HttpOnly", "SameSite=Lax"}
    assert flags(visitor.request("GET", "/")) == [("smstob", wanted)]
    fields = {"email": EMAIL, "mot-de-passe": PASSWORD}
    assert flags(visitor.post("/connexion", fields, followed=False)) == [("smstob", wanted)]
    assert flags(visitor.request("GET", "/langue/en")) == [("langue", wanted)]
    assert flags(visitor.submit(visitor.get("/options"), "/options", followed=False)) == [("annonce", wanted)]
    assert len(visitor.cookies["smstob"]) == 43
    assert flags(visitor.request("GET", "/compte")) == [("annonce", wanted)]
    assert flags(visitor.request("GET", "/compte")) == []


def test_cookies_over_https(house: House) -> None:
    """Bound to this very host and to HTTPS, which browsers are told to stay with."""
    house.account()
    visitor = Browser(site_of(house, base_url="https://sms.exemple.fr"))
    answer = visitor.request("GET", "/")
    assert flags(answer) == [("__Host-smstob", {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"})]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    token = visitor.cookies["__Host-smstob"]
    planted = Browser(visitor.site)
    planted.cookies = {"smstob": token}
    assert planted.request("GET", "/").cookies, "a cookie without the prefix is none"
    assert visitor.log_in().request("GET", "/options").status == 200
    plain = Browser(site_of(house)).request("GET", "/")
    assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8080"}, 403),
        ({"Origin": "http://127.0.0.1:8080"}, 303),
        ({"Origin": "https://127.0.0.1:8080"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8080.evil.example"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({}, 303),
    ],
)
def test_where_a_form_stood(customer: Browser, headers: Mapping[str, str], status: int) -> None:
    """A form of another site is refused though it should have the token."""
    fields = [("jeton", customer.token), ("doublons", "oui"), ("format", "flash"), ("validite", "1"), ("longueur", "1")]
    fields += [("caracteres", "adapt"), ("confirmations", "all"), ("expediteurs", "off")]
    body = "&".join(f"{name}={value}" for name, value in fields).encode()
    assert customer.request("POST", "/options", body, {**FORM, **headers}).status == status


def test_nothing_is_changed_by_a_link(customer: Browser) -> None:
    """What is posted is not to be had by GET."""
    for path in ("/deconnexion", "/compte/cles", "/compte/sessions/1/fermer", "/envoyer/confirmer"):
        assert customer.request("GET", f"{path}?jeton={customer.token}").status == 405, path
    assert customer.request("GET", "/options").status == 200


@pytest.mark.parametrize(
    "path", ["/nulle-part", "/options/", "/connexion/x", "/.git/config", "/static/", "//evil.example"]
)
def test_missing(visitor: Browser, path: str) -> None:
    """404, and a page with a way on."""
    answer = visitor.request("GET", path)
    assert answer.status == 404
    assert "Cette page n'existe pas" in answer.text
    assert answer.page.xpath("//a[@href='/']")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/connexion", "GET, HEAD, POST"),
        ("DELETE", "/", "GET, HEAD"),
        ("POST", "/contact", "GET, HEAD"),
        ("OPTIONS", "/options", "GET, HEAD, POST"),
        ("TRACE", "/", "GET, HEAD"),
        ("GET", "/deconnexion", "POST"),
        ("BREW", "/", "GET, HEAD"),
    ],
)
def test_wrong_method(visitor: Browser, method: str, path: str, allowed: str) -> None:
    """405, with what is possible."""
    answer = visitor.request(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    assert "Cette page ne se demande pas ainsi" in answer.text


def test_head(customer: Browser) -> None:
    """The head of what GET gives, and nothing behind it."""
    for path in (*CUSTOMERS, "/contact", "/nulle-part", "/favicon.ico", static(customer, "smstob.css")):
        whole, head = customer.request("GET", path), customer.request("HEAD", path)
        assert (head.status, head.body) == (whole.status, b""), path
        assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"email": "a@b.fr"}'),
        ("text/plain", b"email=a@b.fr"),
        ("", b"email=a@b.fr"),
        ("multipart/form-data", b"--x--"),
        (MULTIPART, b"no part at all"),
        (MULTIPART, FIELD),
        (MULTIPART, b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n\r\n--x--"),
        ("multipart/form-data; boundary=" + "x" * 3000, b"--x--"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(10_000))),
        ("application/x-www-form-urlencoded", b"a=" + b"%41" * 100_000),
        (MULTIPART, (FIELD + b"\r\n") * 2500 + b"--x--"),
    ],
)
def test_malformed(visitor: Browser, content_type: str, body: bytes) -> None:
    """400: what cannot be read, and a form longer or of more fields than any of ours."""
    headers = {"Content-Type": content_type} if content_type else {}
    answer = visitor.request("POST", "/carnet/import", body, headers)
    assert answer.status == 400
    assert "Cette demande n'est pas lisible" in answer.text


def test_ten_thousand_parameters(visitor: Browser) -> None:
    """In an address too; of a long one only the beginning is looked at."""
    assert visitor.request("GET", "/connexion?" + "a=&" * 10_000).status == 400
    assert visitor.request("GET", "/connexion?" + "&".join(f"name{n}=value" for n in range(7_000))).status == 200


def test_too_large(house: House) -> None:
    """413 for a body beyond its bound, before it is here; 414 for an address."""
    visitor = Browser(site_of(house, bounds=Bounds(body_bytes=2000)))
    assert visitor.request("POST", "/connexion", b"a=" + b"x" * 2000, FORM).status == 413
    assert visitor.request("GET", "/" + "x" * 140_000).status == 414
    assert visitor.request("GET", "/connexion").status == 200


@pytest.mark.parametrize("part", HOSTILE_PARTS)
def test_hostile_paths(customer: Browser, part: str) -> None:
    """404."""
    for path in ("", "/historique", "/carnet/groupes", "/langue", "/documentation", "/telecharger"):
        assert customer.request("GET", f"{path}/{part}").status == 404


@pytest.mark.parametrize(
    "id_", ["0", "-1", "9223372036854775807", "9" * 30, "1e9", "0x1", "1.0", "١", "%D9%A1", "+1", " 1"]
)
def test_hostile_ids(customer: Browser, id_: str) -> None:
    """404 as well, or 400 where it is no HTTP; no number is too big for an answer, 405 where words are posted."""
    for path in ("/historique", "/carnet", "/carnet/groupes"):
        assert customer.request("GET", f"{path}/{id_}").status in (400, 404, 405)


@pytest.mark.parametrize(
    "path",
    [*CUSTOMERS, "/historique/messages", "/carnet/groupes", "/carnet/export", "/envoyer/contacts"],
)
def test_hostile_queries(customer: Browser, path: str) -> None:
    """In every parameter that a page may look at: an answer, and never a fault of ours."""
    names = ("q", "page", "avant", "apres", "groupe", "contact", "numero", "de", "etat", "canal", "du", "au", "id")
    values = ("%00", "%ff%fe", "%ed%a0%80", "%", "%zz", "+" * 50, "9" * 40, "-1", "<script>", "%F0%9F%98%80")
    for value in values:
        answer = customer.request("GET", f"{path}?" + "&".join(f"{name}={value}" for name in names))
        assert answer.status in (200, 400, 404, 422), (value, answer.status)


@pytest.mark.parametrize(
    "cookie",
    [
        "smstob",
        "smstob=",
        "smstob=\x7f\xff",
        "smstob=" + "x" * 9000,
        'smstob="quoted"',
        "smstob=a; smstob=b",
        "=;=;=;;;",
        "annonce=<script>alert(1)</script>.5",
        "annonce=options-saved.99999999999999999999",
        "annonce=options-saved.-1",
        "annonce=contacts-deleted.٣",
        "annonce=__class__.1",
        "langue=../../en",
        "langue=" + "e" * 5000,
    ],
)
def test_hostile_cookies(visitor: Browser, cookie: str) -> None:
    """Read as far as they can be, and obeyed in nothing."""
    answer = visitor.request("GET", "/contact", headers={"Cookie": cookie})
    assert answer.status == 200
    assert answer.page.get("lang") == "fr"
    assert not answer.page.xpath("//main//script")
    assert visitor.request("GET", "/options", headers={"Cookie": cookie}).status == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:99999", "[::1]:8080", "a" * 3000, "é", "..", "x y", "%00"])
def test_hostile_hosts(visitor: Browser, host: str) -> None:
    """No address of ours is made of what a request says that the host is."""
    answer = visitor.request("GET", "/accueil", headers={"Host": host})
    assert answer.status in (303, 400)
    assert answer.headers.get("location", "/").startswith("/")
    text = visitor.request("GET", "/documentation/http", headers={"Host": host}).text
    assert len(host) < 4 or host not in text


@pytest.mark.parametrize("path", CUSTOMERS)
def test_strangers(visitor: Browser, path: str) -> None:
    """Are sent to log in, and scripts are told so."""
    after = "" if path == "/accueil" else f"?suite={path}"
    assert visitor.request("GET", path).headers["location"] == f"/connexion{after}"
    answer = visitor.request("GET", path, headers={"Accept": "application/json"})
    assert (answer.status, json.loads(answer.body)) == (401, {"error": "log-in"})


@pytest.mark.parametrize("path", [*CUSTOMERS, "/documentation", "/telecharger", "/contact", "/connexion"])
def test_database_away(house: House, customer: Browser, path: str) -> None:
    """503 for a page, and for a script; nothing of what went wrong; the next request is as if nothing had been."""
    house.database.away = True
    answer = customer.request("GET", path)
    assert answer.status == 503
    assert "Le service est occupé" in answer.text
    assert not [sign for sign in ("Traceback", "Error", "sqlite", "away") if sign in answer.text]
    told = customer.request("GET", path, headers={"Accept": "application/json"})
    assert (told.status, json.loads(told.body)) == (503, {"error": "away"})
    house.database.away = False
    assert customer.get(path).status == 200


def test_errors_in_english(visitor: Browser) -> None:
    """An error speaks the reader's language too, as far as it is known."""
    visitor.language = "en"
    assert visitor.request("GET", "/nulle-part").page.get("lang") == "en"


def test_files(visitor: Browser) -> None:
    """With their types, kept for good under an address that changes with them."""
    types: dict[str, Any] = {"smstob.css": "text/css", "pico.min.css": "text/css", "pages.js": "text/javascript"}
    for name, type_ in {**types, "icon.svg": "image/svg+xml"}.items():
        answer = visitor.request("GET", static(visitor, name))
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, type_)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert not answer.cookies
    current = static(visitor, "pages.js")
    other = current.replace(current.split("/")[2], "0" * 16)
    assert visitor.request("GET", other).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name",
    [
        *("../site.py", "..%2fsite.py", "%2e%2e/site.py", "/etc/passwd", "vendor/../../site.py"),
        *("vendor", "", "smstob.css%00", "SMSTOB.CSS"),
    ],
)
def test_no_other_file(visitor: Browser, name: str) -> None:
    """Nothing of the disk but what is served."""
    folder = static(visitor, "smstob.css").rpartition("/")[0]
    assert visitor.request("GET", f"{folder}/{name}").status == 404

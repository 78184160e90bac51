"""A browser without scripts: keeps cookies, fills in forms, follows redirects; it speaks HTTP to a site in memory."""

import json
from collections.abc import Collection, Mapping, Sequence
from csv import DictReader
from http.client import HTTPResponse
from io import BytesIO, StringIO
from itertools import count
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

import attrs
from lxml import html
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from smstob.channels.http.notifications import NotificationResource
from smstob.channels.http.server import BoundedSite, Bounds
from smstob.channels.http.sms import SmsResource
from smstob.channels.web.application import Rooms, pages
from smstob.channels.web.front import Front
from smstob.channels.web.pages.bank import Signed
from smstob.channels.web.rendering import Facts
from smstob.model.company import Company
from smstob.model.terms import Terms
from tests.house import EMAIL, PARIS, PASSWORD, House

BASE: Final = "http://127.0.0.1:8080"
Pairs = Mapping[str, Any] | Sequence[tuple[str, str]]
_BOUNDARIES: Final = count(1)


@attrs.frozen
class File:
    """A file for a form."""

    name: str
    content: bytes


@attrs.define
class Answer:
    """What came back; ``page`` is its tree."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...]

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode()

    @property
    def page(self) -> Any:
        """The page's tree."""
        return html.document_fromstring(self.text)

    @property
    def seen(self) -> str:
        """What a reader sees: the words of ``<main>``, single spaces between them."""
        found = self.page.xpath("//main")
        words: str = (found[0] if found else self.page).text_content()
        return " ".join(words.split())

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines of a CSV file, by their titles."""
        assert self.headers["content-type"] == "text/csv; charset=utf-8"
        assert self.body.startswith(b"\xef\xbb\xbf")
        return list(DictReader(StringIO(self.body.decode("utf-8-sig"), newline=""), delimiter=";"))

    @property
    def json(self) -> Any:
        """The value that it is."""
        return json.loads(self.body)


def site_of(
    house: House,
    base_url: str = BASE,
    bounds: Bounds | None = None,
    company: Company | None = None,
    operators: Collection[str] = (),
    test_bank: Signed | None = None,
    terms: Terms | None = None,
) -> Any:
    """The site on a house."""
    rooms = Rooms(
        entrance=house.entrance,
        profile=house.profile,
        submitter=house.submitter,
        estimator=house.estimator,
        deferrals=house.deferrals,
        book=house.book,
        importer=house.importer,
        reporter=house.reporter,
        cashier=house.cashier,
        invoices=house.invoices,
        transfers=house.transfers,
        sharing=house.sharing,
        trials=house.trials,
        in_thread=house.in_thread,
        test_bank=test_bank,
    )
    facts = Facts(base_url=base_url, domain="smstob.com", company=company or Company(), terms=terms or Terms())
    made = pages(rooms, facts, PARIS, house.clock, operators=operators)
    notifications = NotificationResource(house.cashier, rooms.trials)
    front = Front(SmsResource(house.submitter), notifications, made.resource)
    return BoundedSite(front, bounds or Bounds(), house.clock, uploads=made.uploads)


class Browser:
    """One person's: cookies are kept from answer to answer."""

    def __init__(self, site: Any, address: str = "192.0.2.7", language: str = "fr") -> None:
        self.site = site
        self.address = address
        self.cookies: dict[str, str] = {}
        self.language = language
        self.last: Answer | None = None

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, as given; nothing is followed."""
        wire, _ = self.open(method, path, body, headers)
        answer = _parsed(wire.value())
        self._keep(answer.cookies)
        self.last = answer
        return answer

    def open(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[StringTransport, Any]:
        """The wire with what is answered so far, and the server's end of it."""
        sent = {"Host": "127.0.0.1:8080", "Accept-Language": self.language, "User-Agent": "Essai/1.0"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= headers or {}
        if method == "POST" or body:
            sent["Content-Length"] = str(len(body))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        wire = StringTransport(peerAddress=IPv4Address("TCP", self.address, 40_000))
        channel = self.site.buildProtocol(wire.getPeer())
        channel.makeConnection(wire)
        channel.dataReceived(head.encode() + b"\r\n" + body)
        return wire, channel

    def _keep(self, cookies: Sequence[str]) -> None:
        for cookie in cookies:
            pair, *attributes = cookie.split("; ")
            name, _, value = pair.partition("=")
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def get(self, path: str, **query: str) -> Answer:
        """A page; redirects are followed."""
        return self.follow(self.request("GET", f"{path}?{urlencode(query)}" if query else path))

    def follow(self, answer: Answer) -> Answer:
        """The page that redirects lead to."""
        for _ in range(5):
            if answer.status not in (302, 303):
                break
            parts = urlsplit(answer.headers["location"])
            answer = self.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        return answer

    @property
    def token(self) -> str:
        """What forms of this browser say; from any page that has one."""
        for path in ("/connexion", "/envoyer"):
            found = self.request("GET", path)
            if found.status == 200:
                return str(found.page.xpath("//input[@name='jeton']/@value")[0])
        raise AssertionError("no form")

    def post(
        self, path: str, fields: Pairs = (), *, followed: bool = True, files: Mapping[str, File] | None = None
    ) -> Answer:
        """Send a form of this browser's; redirects are followed."""
        pairs = _pairs(fields)
        if not any(name == "jeton" for name, _ in pairs):
            pairs = [("jeton", self.token), *pairs]
        if files is None:
            body, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(pairs, files)
        answer = self.request("POST", path, body, {"Content-Type": kind})
        return self.follow(answer) if followed else answer

    def submit(
        self, answer: Answer, action: str, changes: Pairs = (), *, followed: bool = True,
        files: Mapping[str, File] | None = None,
    ) -> Answer:  # fmt: skip
        """Fill in and send the form of that page whose action (or a button's) is ``action``."""
        for form in answer.page.forms:
            buttons = form.xpath(".//button/@formaction")
            if form.action == action or action in buttons:
                changed = _pairs(changes)
                names = {name for name, _ in changed}
                kept = [(name, value) for name, value in form.form_values() if name not in names]
                return self.post(action, [*kept, *changed], followed=followed, files=files)
        raise AssertionError(f"no form for {action}: {[form.action for form in answer.page.forms]}")

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> Self:
        """Log in."""
        answer = self.post("/connexion", {"email": email, "mot-de-passe": password}, followed=False)
        assert answer.headers.get("location") == "/accueil", answer.text
        return self


def _pairs(fields: Pairs) -> list[tuple[str, str]]:
    if not isinstance(fields, Mapping):
        return list(fields)
    return [
        (name, str(one)) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])
    ]


def _multipart(pairs: Sequence[tuple[str, str]], files: Mapping[str, File]) -> tuple[bytes, str]:
    boundary = f"------------essai{next(_BOUNDARIES)}"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in pairs]
    parts += [
        f'Content-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode() + file.content + b"\r\n"
        for name, file in files.items()
    ]
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


class _Wire:
    def __init__(self, data: bytes) -> None:
        self._file = BytesIO(data)

    def makefile(self, *_: Any) -> BytesIO:
        return self._file


def _parsed(data: bytes) -> Answer:
    assert data, "no answer yet"
    response = HTTPResponse(_Wire(data))  # type: ignore[arg-type]
    response.begin()
    headers = response.getheaders()
    cookies = tuple(value for name, value in headers if name.lower() == "set-cookie")
    return Answer(response.status, {name.lower(): value for name, value in headers}, response.read(), cookies)

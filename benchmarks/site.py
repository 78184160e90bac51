"""Every page of the site, whole: from the last byte of the request to the last of the answer, by a real daemon."""

import http.client
import random
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import attrs

from .scene import EMPTY, LARGE, LITTLE, PASSWORD, Scene
from .target import SINK, Target

LIMIT: Final = 100.0
"""Milliseconds that a page may take, of 95 in a hundred."""

Address = Callable[[random.Random], str]


@attrs.frozen
class Asked:
    """A page that is asked for: by GET, or by POST with a form."""

    name: str
    address: Address
    form: dict[str, str] | None = None
    bounded: bool = True
    """Whether it has to be within ``LIMIT``: to reckon through a whole campaign is no page."""


def _at(path: str) -> Address:
    return lambda _: path


def pages(scene: Scene) -> Iterator[Asked]:
    """Every page of the large account."""
    for path in (
        *("/accueil", "/accueil?periode=365", "/envoyer", "/carnet", "/carnet/nouveau", "/carnet/groupes"),
        *(f"/carnet/groupes/{scene.group}", "/carnet/phrases", "/carnet/import", "/historique"),
        *("/historique?voie=web", "/historique?voie=mail", f"/historique/{scene.largest}"),
        *(f"/historique/{scene.largest}?etat=failed", f"/historique/{scene.campaign}", f"/historique/{scene.waits}"),
        *("/historique/messages", "/historique/messages?etat=failed", "/historique/messages?etat=delivered"),
        *("/historique/messages?etat=queued", "/programmes", "/credits", "/options", "/compte"),
        *("/compte/double-authentification", "/documentation", "/documentation/http", "/documentation/e-mail"),
        *("/documentation/publipostage", "/documentation/codes", "/telecharger", "/mentions-legales", "/contact"),
        *("/carnet?page=1000", "/carnet?page=2000", f"/carnet?groupe={scene.everyone}&page=2"),
        *(f"/carnet?groupe={scene.everyone}&page=2000", f"/carnet?groupe={scene.few}"),
        *(f"/envoyer?groupe={scene.everyone}", f"/envoyer?de={scene.largest}"),
    ):
        yield Asked(path, _at(path))
    since, until = (
        datetime.fromtimestamp(scene.now - days * 86_400, UTC).strftime("%Y-%m-%d") for days in (60, 30)
    )
    yield Asked("/historique, a month", _at(f"/historique?du={since}&au={until}"))
    words = ("samedi", "ECOLE", "réunion", "introuvable", "06 40 01 23 45")
    yield Asked("/historique, words", lambda chance: f"/historique?q={quote(chance.choice(words))}")
    yield Asked("/historique/messages, a number", lambda chance: f"/historique/messages?numero={_number(chance)}")
    yield Asked("/carnet, words", lambda chance: f"/carnet?q=dupont+{chance.randrange(1000)}")
    yield Asked("/carnet, a digit", lambda chance: f"/carnet?q={chance.randrange(10)}")
    yield Asked("/envoyer/contacts", lambda chance: f"/envoyer/contacts?q=martin+{chance.randrange(100)}")
    for name, chosen in (("a number", {"numeros": "0612345678"}), ("a group of 500", {"groupe": str(scene.few)})):
        form = {"message": "Bonjour [nom], à demain", **chosen}
        yield Asked(f"/envoyer/apercu, {name}", _at("/envoyer/apercu"), form)
        yield Asked(f"/envoyer/verifier, {name}", _at("/envoyer/verifier"), form)
    for name, group in (("10,000", scene.group), ("100,000", scene.everyone)):
        form = {"message": "Bonjour [nom], à demain", "groupe": str(group)}
        yield Asked(f"/envoyer/apercu, a group of {name}", _at("/envoyer/apercu"), form)
        yield Asked(f"/envoyer/verifier, a group of {name}", _at("/envoyer/verifier"), form, bounded=False)


def _number(chance: random.Random) -> str:
    return f"06{chance.randrange(40_000_000, 40_100_000)}"


class Customer:
    """Somebody who has logged in, on one connection."""

    def __init__(self, port: int, email: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""
        self._token = ""
        self._token = self._token_in(self.ask("/connexion"))
        self.ask("/connexion", {"email": email, "mot-de-passe": PASSWORD})
        self._token = self._token_in(self.ask("/envoyer"))

    @staticmethod
    def _token_in(page: str) -> str:
        found = re.search(r'name="jeton" value="([^"]+)"', page)
        assert found is not None, page[:500]
        return found[1]

    def ask(self, path: str, form: dict[str, str] | None = None) -> str:
        """A page; redirects are not followed. Fails on any other answer."""
        headers = {"Cookie": self._cookie, "Accept-Language": "fr"}
        body = None
        if form is not None:
            body = urlencode({"jeton": self._token, **form})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if form is None else "POST", path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self._cookie = cookie.partition(";")[0]
        assert answer.status in (200, 303), (path, answer.status, page[:500])
        return page


def measure_site(directory: Path, scene: Scene, rounds: int) -> None:
    """Print p50 and p95 of each page in milliseconds, and the daemon's CPU for one; the slowest last."""
    target = Target(directory, 256, SINK.format(receipts="none"))
    try:
        rows = []
        customer = Customer(target.port, LARGE)
        for page in pages(scene):
            rows.append(_measured(target, customer, page, rounds if page.bounded else 3))
        for email, name in ((EMPTY, "nothing"), (LITTLE, "little")):
            other = Customer(target.port, email)
            for path in ("/accueil", "/envoyer", "/carnet", "/historique", "/historique/messages", "/programmes"):
                rows.append(_measured(target, other, Asked(f"{path} ({name})", _at(path)), rounds))
    finally:
        target.stop()
    for _, line, _ in sorted(rows):
        print(line, flush=True)
    late = [line for p95, line, bounded in rows if bounded and p95 > LIMIT]
    print(f"every page within {LIMIT:.0f} ms, p95: {'no' if late else 'yes'}", flush=True)


def _measured(target: Target, customer: Customer, page: Asked, rounds: int) -> tuple[float, str, bool]:
    chance, times = random.Random(1), []
    customer.ask(page.address(chance), page.form)
    spent = target.cpu()
    for _ in range(rounds):
        address = page.address(chance)
        begun = time.perf_counter()
        customer.ask(address, page.form)
        times.append(1e3 * (time.perf_counter() - begun))
    cpu = 1e3 * (target.cpu() - spent) / rounds
    p50, p95 = sorted(times)[rounds // 2], sorted(times)[min(rounds - 1, rounds * 95 // 100)]
    return p95, f"{page.name:<48} p50 {p50:7.1f}  p95 {p95:7.1f}  CPU {cpu:7.1f}", page.bounded

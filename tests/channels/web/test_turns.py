"""What costs much: numbers are found in a thread, campaigns are read beside all else, and each waits for himself."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from smstob.channels.web.following import Turns
from smstob.contacts.importer import Importer
from smstob.model.order import Order, PaymentEvent, Start
from smstob.storage.orders import note_start
from tests.billing.providers import StrawBank
from tests.fakes import Thread
from tests.house import House, outcome_of

from .browser import Browser, site_of
from .importing import uploaded
from .shopping import Shop

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="jeton"\r\n\r\n%s\r\n'
    b'--x\r\nContent-Disposition: form-data; name="fichier"; filename="a.csv"\r\n\r\n0612345678\r\n--x--\r\n'
)
OTHER = "autre@exemple.fr"


@pytest.fixture
def thread(house: House) -> Thread:
    """Where the pages of the house find numbers."""
    thread = Thread()
    house.in_thread = thread  # type: ignore[method-assign]
    return thread


def check(browser: Browser, **fields: str) -> StringTransport:
    """Ask what something would cost; gives the wire to the answer."""
    body = urlencode({"jeton": browser.token, "message": "Bonjour", **fields}).encode()
    return browser.open("POST", "/envoyer/verifier", body, {"Content-Type": "application/x-www-form-urlencoded"})[0]


def test_each_waits_for_himself(house: House, thread: Thread) -> None:
    """Of one account's checks one is under way, those of another go beside it; all are answered in the end."""
    site = site_of(house)
    browsers = []
    for email in ("mairie@exemple.fr", OTHER):
        house.account(email)
        browsers.append(Browser(site).log_in(email))
    wires = [check(browsers[0], numeros=f"06123456{count}") for count in range(10, 13)]
    wires.append(check(browsers[1], numeros="0612345678"))
    assert [one.value() for one in wires] == [b""] * 4
    assert len(thread.jobs) == 2
    thread.go()
    assert [bool(one.value()) for one in wires] == [True, False, False, True]
    thread.go()
    thread.go()
    assert all(one.value().startswith(b"HTTP/1.1 200") for one in wires)


def test_campaigns_are_read_beside_all_else(house: House, customer: Browser, monkeypatch: Any) -> None:
    """A group is composed by the readers of what takes long, be it to tell or to send; a number by no such one."""
    customer.post("/carnet/groupes", {"nom": "Tous"})
    reads: list[bool] = []
    read = house.workers.read

    def note(work: Any, long: bool) -> Any:
        reads.append(long)
        return read(work, long)

    monkeypatch.setattr(house.workers, "read", note)
    for path in ("/envoyer/verifier", "/envoyer/confirmer", "/envoyer/apercu"):
        reads.clear()
        customer.post(path, {"numeros": "0612345678", "message": f"Bonjour {path}"})
        assert True not in reads
        customer.post(path, {"groupe": "1", "message": f"Bonjour {path}"})
        assert True in reads, path
    reads.clear()
    customer.get("/carnet/export")
    assert True in reads


def test_files_wait_for_one_another(house: House, thread: Thread) -> None:
    """One of an account is read at a time, and of those that wait few are held: be it that their browsers left."""
    house.importer = Importer(house.database, {"FR": 1}, house.clock, house.clock, thread)
    site = site_of(house)
    house.account()
    house.account(OTHER)
    customer, other = Browser(site).log_in(), Browser(site).log_in(OTHER)
    token = customer.token
    for _ in range(4):
        body = FILE % token.encode()
        _, channel = customer.open("POST", "/carnet/import", body, MULTIPART)
        channel.connectionLost(Failure(ConnectionLost()))
    assert len(thread.jobs) == 1
    refused = uploaded(customer, "0612345678")
    assert refused.status == 422
    assert "d'autres fichiers sont en train d'être lus" in refused.seen
    wire, _ = other.open("POST", "/carnet/import", FILE % other.token.encode(), MULTIPART)
    assert len(thread.jobs) == 2
    thread.go()
    assert b"Location: /carnet/import/" in wire.value()
    for _ in range(3):
        thread.go()
    assert not thread.jobs


def test_a_turn_is_given_back() -> None:
    """After a fault too; and nothing is kept of who waits for nothing."""
    turns = Turns()

    async def fail() -> None:
        async with turns.turn(7):
            raise ZeroDivisionError

    async def work() -> int:
        async with turns.turn(7):
            return 1

    with pytest.raises(ZeroDivisionError):
        outcome_of(fail())
    assert outcome_of(work()) == 1
    assert not turns._locks


class HangingBank(StrawBank):
    """One that answers no question."""

    def __init__(self) -> None:
        super().__init__()
        # what nobody holds ends
        self._asked: list[Deferred[Any]] = []

    async def start(self, order: Order, return_url: str) -> Start:
        """Never."""
        await self._hang(order)
        raise AssertionError

    async def look(self, order: Order) -> PaymentEvent | None:
        """Never."""
        await self._hang(order)
        return None

    async def _hang(self, order: Order) -> None:
        self.started.append(order.reference)
        self._asked.append(Deferred())
        await self._asked[-1]


@pytest.mark.parametrize("page", ["/payer", "?retour=1"])
def test_payment_providers_are_asked_in_turn(house: House, page: str) -> None:
    """While one hangs each account has one question under way, however many browsers asked and left."""
    house.bank = HangingBank()
    shop = Shop.of(house)
    asked = []
    for email in ("mairie@exemple.fr", OTHER):
        browser = shop.browser(email)
        references = [shop.ordered(browser).reference for _ in range(2)]
        for reference in references:
            house.write(partial(note_start, reference=reference, provider_reference="cs_1"))
        for reference in references * 3:
            _, channel = browser.open("GET", f"/credits/commandes/{reference}{page}")
            channel.connectionLost(Failure(ConnectionLost()))
        asked.append(references[0])
    assert house.bank.started == asked

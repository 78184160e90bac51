"""What goes on is told as it happens, as long as somebody listens, to so many."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from smstob.channels.web.following import LONGEST
from tests.fakes import ChangingGateway
from tests.house import NUMBER, House

from .browser import Answer, Browser, site_of


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[House]:
    """A house whose gateway keeps silent until it is told to take."""
    house = House(tmp_path / "smstob.db")
    house.gateway(ChangingGateway)
    house.open()
    yield house
    house.close()


class Stream:
    """What a script that follows an address has heard."""

    def __init__(self, browser: Browser, path: str) -> None:
        self.wire, self._channel = browser.open("GET", path, headers={"Accept": "text/event-stream"})

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.wire.value().split()[1])

    @property
    def events(self) -> int:
        """How many changes were told."""
        return bytes(self.wire.value()).count(b'data: "')

    @property
    def ended(self) -> bool:
        """Whether the server said that there is no more."""
        return b"event: end" in self.wire.value()

    def leave(self) -> None:
        """The browser goes away."""
        self._channel.connectionLost(Failure(ConnectionDone()))


def watched(answer: Answer) -> str:
    """The address that the page follows; empty where it follows none."""
    return "".join(answer.page.xpath("//*[@data-watch]/@data-watch"))


def test_who_has_not_logged_in(house: House, visitor: Browser) -> None:
    """A script is told so."""
    house.account()
    made = house.accepted()
    assert Stream(visitor, f"/historique/{made.id}/suivi").status == 401
    assert Stream(visitor, "/historique/suivi").status == 401


def test_changes_are_told(slow: House) -> None:
    """From the page on: nothing while nothing happens, an event when it gets on, the end when all has ended."""
    slow.account()
    customer = Browser(site_of(slow)).log_in()
    made = slow.accepted("0612345678, 0698765432")
    slow.advance(1)
    gateway: Any = slow.gateways["A"]
    stream = Stream(customer, watched(customer.get(f"/historique/{made.id}")))
    slow.advance(5)
    assert (stream.status, stream.events, stream.ended) == (200, 0, False)
    first, second = gateway.take()
    slow.advance(7)
    assert stream.events == 1
    slow.receipt("A", first)
    slow.advance(1.1)
    slow.receipt("A", second)
    slow.advance(1.1)
    assert (stream.events, stream.ended) == (3, True)
    assert watched(customer.get(f"/historique/{made.id}")) == ""


def test_what_changed_meanwhile_is_told(house: House, customer: Browser) -> None:
    """What happened between the page and the script is told at once."""
    made = house.accepted()
    house.advance(1)
    address = watched(customer.get(f"/historique/{made.id}"))
    house.receipt("A", "A-1")
    stream = Stream(customer, address)
    assert (stream.events, stream.ended) == (1, True)


def test_the_list_is_followed(house: House, customer: Browser) -> None:
    """The list tells of its submissions, with its filters, and of one that is new in it."""
    house.accepted(NUMBER, "Bonjour")
    house.advance(1)
    stream = Stream(customer, watched(customer.get("/historique", q="bonjour")))
    house.accepted("0698765432", "Autre chose")
    house.advance(7)
    assert stream.events == 0
    house.accepted("0698765432", "Bonjour")
    house.advance(7)
    assert stream.events >= 1


def test_looks_are_bounded(house: House, customer: Browser) -> None:
    """A stream ends after a while, though nothing has, and looks ever more rarely."""
    house.accepted()
    house.advance(1)
    stream = Stream(customer, watched(customer.get("/historique")))
    looks: list[float] = []
    read = house.database.read

    def counted(work: Any, long: bool = False) -> Any:
        looks.append(house.clock.seconds())
        return read(work, long)

    house.database.read = counted  # type: ignore[method-assign]
    house.advance(LONGEST + 10)
    assert stream.ended
    in_a_minute = [at for at in looks if at < looks[0] + 60]
    assert all(later - earlier >= 1 for earlier, later in pairwise(looks))
    assert len(in_a_minute) < 20


def test_places_are_bounded_and_given_back(house: House, customer: Browser) -> None:
    """Four for a session, then 503 for the script; who leaves makes room at once."""
    made = house.accepted()
    house.advance(1)
    path = f"/historique/{made.id}/suivi"
    streams = [Stream(customer, path) for _ in range(4)]
    assert {stream.status for stream in streams} == {200}
    refused = Stream(customer, path)
    assert refused.status == 503
    assert b"busy" in refused.wire.value()
    streams[0].leave()
    assert Stream(customer, path).status == 200
    assert Stream(customer, "/historique/suivi").status == 503
    calls = len(house.clock.getDelayedCalls())
    for stream in streams[1:]:
        stream.leave()
    assert len(house.clock.getDelayedCalls()) == calls - 3


def test_a_stream_outlives_an_absence_of_the_database(house: House, customer: Browser) -> None:
    """While the database is away nothing is told and nothing ends; then it goes on."""
    made = house.accepted()
    house.advance(1)
    stream = Stream(customer, watched(customer.get(f"/historique/{made.id}")))
    house.database.away = True
    house.advance(10)
    assert (stream.events, stream.ended) == (0, False)
    house.database.away = False
    house.receipt("A", "A-1")
    house.advance(7)
    assert (stream.events, stream.ended) == (1, True)


def test_a_fault_breaks_the_stream_off(house: House, customer: Browser) -> None:
    """What nobody foresaw ends it without a word of why, and the place is free again."""
    made = house.accepted()
    house.advance(1)
    stream = Stream(customer, f"/historique/{made.id}/suivi")

    def broken(work: Any, long: bool = False) -> Any:
        raise RuntimeError("a bug")

    kept, house.database.read = house.database.read, broken  # type: ignore[method-assign]
    house.advance(3)
    house.database.read = kept  # type: ignore[method-assign]
    assert not stream.ended
    assert b"Traceback" not in stream.wire.value()
    assert b"<html" not in stream.wire.value()
    assert {Stream(customer, f"/historique/{made.id}/suivi").status for _ in range(4)} == {200}

"""The door by which providers call, in memory: what it hands on, and what each outcome is answered."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, eventAsText
from twisted.web.resource import Resource
from twisted.web.server import Request

from smstob.channels.http.notifications import LONGEST, NotificationResource
from smstob.channels.http.server import BoundedSite, Bounds
from smstob.channels.web.front import Front
from smstob.model.order import NotGenuine
from smstob.model.refusal import Unavailable

from .test_server import Wire

PAYMENT: Final = "/paiement/avis/carte"
AUDIOTEL: Final = "/audiotel"
SECRET: Final = b"4970 1234"
"""Of a body: it is in no log."""


class Hearing:
    """Both rooms that are called: notes what it is told, or does as it is planned."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Mapping[str, str], bytes]] = []
        self.plan: Exception | Deferred[None] | None = None

    async def notified(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """A payment provider called."""
        self.told.append((provider, headers, body))
        if isinstance(self.plan, Exception):
            raise self.plan
        if self.plan is not None:
            await self.plan

    async def called(self, headers: Mapping[str, str], body: bytes) -> None:
        """The premium number's did."""
        await self.notified("", headers, body)


class Elsewhere(Resource):
    """What is behind every other address."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """Say so."""
        return b"elsewhere"


@attrs.frozen
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Door:
    """The server with that door."""

    def __init__(self, addresses: tuple[str, ...] = (), proxies: tuple[str, ...] = (), longest: int = 2**20) -> None:
        self.hearing = Hearing()
        rooms: Any = self.hearing
        networks, trusted = tuple(map(ip_network, addresses)), tuple(map(ip_network, proxies))
        notifications = NotificationResource(rooms, rooms, networks, trusted)
        front = Front(Elsewhere(), notifications, Elsewhere())
        self.site = BoundedSite(front, Bounds(body_bytes=longest), Clock(), trusted)
        self.wire = Wire("192.0.2.1")

    def send(self, request: bytes, address: str = "192.0.2.1") -> Wire:
        """Bytes as they are."""
        self.wire = Wire(address)
        self.wire.channel = self.site.buildProtocol(self.wire.getPeer())
        self.wire.channel.makeConnection(self.wire)
        self.wire.channel.dataReceived(request)
        return self.wire

    def call(
        self,
        path: str = PAYMENT,
        body: bytes = SECRET,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        address: str = "192.0.2.1",
    ) -> Answer:
        """One call, answered."""
        given = {"Host": "sms.exemple.fr", "Content-Length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body, address)
        return self.answer()

    def answer(self) -> Answer:
        """What the last call was answered."""
        head, _, body = bytes(self.wire.value()).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)


def logged(events: Any) -> str:
    """All that a log file would have, tracebacks included."""
    return "\n".join(eventAsText(event) for event in events)


@pytest.mark.parametrize("path", [PAYMENT, AUDIOTEL])
def test_handed_on(path: str) -> None:
    """The body to the byte, the headers by lower-case names; 200 and nothing else is answered."""
    door, body = Door(), bytes(range(256)) + b"a=1&b=%41+\r\n"
    headers = {"Stripe-Signature": "t=1,v1=ab", "X-Odd": "é", "Content-Type": "application/x-www-form-urlencoded"}
    answer = door.call(path, body, headers=headers)
    assert (answer.status, answer.body) == (200, b"")
    ((provider, told, heard),) = door.hearing.told
    assert provider == ("carte" if path == PAYMENT else "")
    assert heard == body
    assert told["stripe-signature"] == "t=1,v1=ab"
    assert told["x-odd"] == "é".encode().decode("latin-1")
    assert told["host"] == "sms.exemple.fr"


def test_repeated_header() -> None:
    """Values of one name are joined, as HTTP has it."""
    door = Door()
    door.send(f"POST {PAYMENT} HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n".encode())
    assert door.hearing.told[0][1]["x-a"] == "1,2"


@pytest.mark.parametrize("path", [PAYMENT, AUDIOTEL])
@pytest.mark.parametrize(
    ("plan", "status"),
    [
        (NotGenuine("the signature is wrong"), 400),
        (KeyError("carte"), 404),
        (Unavailable("the database is away"), 503),
        (RuntimeError("a bug"), 500),
        (ValueError("a bug"), 500),
    ],
)
def test_outcomes(path: str, plan: Exception, status: int) -> None:
    """Each has its status, by which a provider knows whether to call again; the body is in no log."""
    door = Door()
    door.hearing.plan = plan
    with capturedLogs() as events:
        answer = door.call(path)
    assert (answer.status, answer.body) == (status, b"")
    assert SECRET.decode() not in logged(events)
    assert len(events) == 1
    if status in (400, 503):
        assert str(plan) in logged(events)
    if status == 400:
        assert "192.0.2.1" in logged(events)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (PAYMENT, "POST", 200),
        (PAYMENT, "GET", 405),
        (PAYMENT, "DELETE", 405),
        ("/paiement/avis", "POST", 404),
        ("/paiement/avis/", "POST", 404),
        ("/paiement/avis/%63arte", "POST", 404),
        ("/paiement/avis/..", "POST", 404),
        (f"{PAYMENT}/", "POST", 404),
        (f"/paiement/avis/{'a' * 41}", "POST", 404),
        ("/audiotel/", "POST", 404),
        ("/audiotel/x", "POST", 404),
    ],
)
def test_every_answer(path: str, method: str, status: int) -> None:
    """No answer is kept, sets a cookie or says which server this is; only POST says something."""
    door = Door()
    answer = door.call(path, method=method, headers={"Cookie": "__Host-smstob=1"})
    assert answer.status == status
    assert len(door.hearing.told) == (status == 200)
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    assert ("allow" in answer.headers) == (status == 405)
    assert answer.headers["cache-control"] == "no-store"


def test_head() -> None:
    """HEAD is not POST either."""
    answer = Door().call(method="HEAD")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "path", ["/", "/paiement", "/paiement/essai/RF1", "/paiement/avisx/carte", "/audiotelx", "/x/avis"]
)
def test_other_addresses(path: str) -> None:
    """They are the pages'."""
    door = Door()
    assert door.call(path).body == b"elsewhere"
    assert door.hearing.told == []


def test_query_is_not_heard() -> None:
    """What matters is signed, and so in the body."""
    door = Door()
    assert door.call(f"{PAYMENT}?provider=autre").status == 200
    assert door.call(f"{AUDIOTEL}?a=1").status == 200
    assert [provider for provider, _, _ in door.hearing.told] == ["carte", ""]


def test_long_bodies() -> None:
    """As long as Stripe's longest, and not a byte more, whatever the server would take."""
    door = Door()
    assert door.call(body=b"a" * LONGEST).status == 200
    assert door.call(body=b"a" * (LONGEST + 1)).status == 413
    assert len(door.hearing.told) == 1
    assert Door(longest=100).call(body=b"a" * 101).status == 413


def test_empty_body() -> None:
    """It is the provider who finds that nothing is in it."""
    door = Door()
    assert door.call(body=b"").status == 200
    assert door.hearing.told[0][2] == b""


def test_only_from_its_provider() -> None:
    """The premium number's calls come from the addresses that are configured; those of payments from anywhere."""
    door = Door(addresses=("198.51.100.0/24", "2001:db8::/32"))
    for address, status in (("198.51.100.7", 200), ("192.0.2.1", 403), ("2001:db8::1", 200), ("2001:db9::1", 403)):
        assert door.call(AUDIOTEL, address=address).status == status
        assert door.call(PAYMENT, address=address).status == 200


def test_behind_a_proxy() -> None:
    """The address is the one that the proxy saw; what a caller says himself counts for nothing."""
    door = Door(addresses=("198.51.100.7",), proxies=("127.0.0.1",))
    for forwarded, address, status in (
        ("198.51.100.7", "127.0.0.1", 200),
        ("198.51.100.7, 192.0.2.1", "127.0.0.1", 403),
        ("198.51.100.7", "192.0.2.1", 403),
        ("", "127.0.0.1", 403),
    ):
        assert door.call(AUDIOTEL, headers={"X-Forwarded-For": forwarded}, address=address).status == status


def test_answered_when_it_counts() -> None:
    """Not before it is on disk."""
    door, written = Door(), Deferred[None]()
    door.hearing.plan = written
    door.send(f"POST {PAYMENT} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
    assert door.wire.value() == b""
    written.callback(None)
    assert door.answer().status == 200


def test_caller_leaves() -> None:
    """What was heard counts all the same, and nothing complains."""
    door, written = Door(), Deferred[None]()
    door.hearing.plan = written
    wire = door.send(f"POST {PAYMENT} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
    wire.loseConnection()
    assert not written.called
    with capturedLogs() as events:
        written.callback(None)
    assert events == []
    assert wire.value() == b""


@given(path=st.binary(max_size=60).filter(lambda path: not set(path) & set(b" \r\n\t?#")))
def test_any_path(path: bytes) -> None:
    """Whatever follows is a name or none: nothing breaks, and what is heard is for whom it was sent."""
    door = Door()
    with capturedLogs() as events:
        door.send(b"POST /paiement/avis/" + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert door.answer().status in (200, 400, 404)
    assert [provider.encode() for provider, _, _ in door.hearing.told] in ([], [path])
    assert events == []

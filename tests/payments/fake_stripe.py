"""Stripe on loopback: as much of its API as Checkout needs, its page to pay on, and its signed calls."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from html import escape
from http.client import HTTPConnection
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import attrs
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThread
from twisted.web.server import Request, Site

KEY: Final = "sk_test_51FakeOfOurOwn"
SECRET: Final = "whsec_fakeOfOurOwn"
VERSION: Final = "2026-10-28.endive"
KNOWN: Final = frozenset(
    {
        *("mode", "locale", "client_reference_id", "metadata", "payment_intent_data", "customer_email"),
        *("success_url", "cancel_url", "line_items", "allowed_payment_method_types", "expires_at"),
    }
)
"""The parameters of a session that it takes: others are refused, as Stripe does."""

Table = dict[str, Any]


@attrs.frozen
class Call:
    """A call of Stripe's, as it goes over the wire."""

    headers: Mapping[str, str]
    body: bytes


def sign(body: bytes, at: float, secret: str = SECRET) -> str:
    """The value of ``Stripe-Signature``."""
    signature = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={int(at)},v1={signature}"


def call(event: Any, at: float, secret: str = SECRET) -> Call:
    """An event, signed."""
    body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
    return Call({"content-type": "application/json; charset=utf-8", "stripe-signature": sign(body, at, secret)}, body)


class FakeStripe:
    """One Stripe account. ``now`` tells Unix seconds; ``plan`` has the statuses of its next answers, or their bytes.

    A status of 0 is no answer at all. What is paid on its page is told at the address ``webhook``, where it is given.
    """

    def __init__(self, now: Callable[[], float], reactor: Any) -> None:
        self.plan: list[int | bytes] = []
        self.asked: list[tuple[str, str]] = []
        """Each request's method and path."""
        self.headers: list[dict[str, str]] = []
        self.sessions: dict[str, Table] = {}
        self.wanted: list[Table] = []
        """The parameters of each session that was made."""
        self.webhook = ""
        self.port = 0
        self._now = now
        self._reactor = reactor
        self.kept: dict[str, tuple[bytes, bytes]] = {}
        self._numbers = count(1)
        self._listening: IListeningPort | None = None
        self._hung: list[Request] = []

    @property
    def api(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "FakeStripe":
        """Listen, on a port of its own."""
        site = Site(_application(self).resource())
        listening = self._reactor.listenTCP(self.port, site, interface="127.0.0.1")
        self.port, self._listening = listening.getHost().port, listening
        return self

    def __exit__(self, *_: object) -> None:
        for request in self._hung:
            request.loseConnection()
        if self._listening is not None:
            self._listening.stopListening()

    def answer(self, request: Request) -> bytes | Deferred[bytes]:
        """What the API answers."""
        method, path = request.method.decode(), request.path.decode()
        self.asked.append((method, path))
        named = request.requestHeaders.getAllRawHeaders()
        self.headers.append({name.decode().lower(): values[0].decode() for name, values in named})
        planned = self.plan.pop(0) if self.plan else 200
        if planned == 0:
            self._hung.append(request)
            return Deferred()
        if isinstance(planned, bytes):
            return planned
        if planned != 200:
            return _error(request, planned, "api_error", f"planned, for {KEY}")
        return self._granted(request, method, path, self.headers[-1])

    def _granted(self, request: Request, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        if headers.get("authorization") != f"Bearer {KEY}":
            return _error(request, 401, "invalid_request_error", f"Invalid API Key provided: {headers}")
        if headers.get("stripe-version") != VERSION:
            return _error(request, 400, "invalid_request_error", "another version")
        if (method, path) == ("POST", "/v1/checkout/sessions"):
            return self._create(request, headers.get("idempotency-key", ""))
        session = self.sessions.get(path.removeprefix("/v1/checkout/sessions/"))
        if method != "GET" or session is None:
            return _error(request, 404, "invalid_request_error", "No such checkout.session", "resource_missing")
        return json.dumps(session).encode()

    def _create(self, request: Request, key: str) -> bytes:
        content: Any = request.content
        body: bytes = content.read()
        if key in self.kept:
            earlier, answer = self.kept[key]
            # the answer of then, whatever has become of the session
            return answer if earlier == body else _error(request, 400, "idempotency_error", "other parameters")
        wanted = unfolded(body.decode())
        if unknown := wanted.keys() - KNOWN:
            return _error(request, 400, "invalid_request_error", f"Received unknown parameters: {unknown}")
        made = self._made(wanted)
        if made["amount_total"] < 50:
            return _error(request, 400, "invalid_request_error", "The amount is too small", "amount_too_small")
        self.wanted.append(wanted)
        self.sessions[made["id"]] = made
        answer = json.dumps(made).encode()
        self.kept[key] = (body, answer)
        return answer

    def _made(self, wanted: Table) -> Table:
        id_ = f"cs_test_{next(self._numbers)}"
        (line,) = wanted["line_items"].values()
        price = line["price_data"]
        return {
            "id": id_,
            "object": "checkout.session",
            "amount_total": int(price["unit_amount"]) * int(line["quantity"]),
            "currency": price["currency"],
            "client_reference_id": wanted["client_reference_id"],
            "customer_email": wanted["customer_email"],
            "metadata": wanted["metadata"],
            "expires_at": int(self._now()) + 86_400,
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": wanted["success_url"],
            "url": f"{self.api}/c/pay/{id_}",
            # what the charge will have
            "intent_metadata": wanted["payment_intent_data"]["metadata"],
        }

    def pay(self, session: str, status: str = "paid") -> Call:
        """The customer has done his part; with ``unpaid`` his bank has not yet."""
        paid = {"status": "complete", "payment_status": status, "payment_intent": f"pi_{session}", "url": None}
        self.sessions[session] |= paid
        return self.event("checkout.session.completed", self.sessions[session])

    def expire(self, session: str) -> Call:
        """Its day is over."""
        self.sessions[session] |= {"status": "expired", "url": None}
        return self.event("checkout.session.expired", self.sessions[session])

    def refund(self, session: str, cents: int) -> Call:
        """So many cents of it went back in all."""
        paid = self.sessions[session]
        charge = {
            "id": f"ch_{session}",
            "object": "charge",
            "amount": paid["amount_total"],
            "amount_refunded": cents,
            "currency": paid["currency"],
            "metadata": paid["intent_metadata"],
            "payment_intent": paid["payment_intent"],
            "refunded": cents == paid["amount_total"],
        }
        return self.event("charge.refunded", charge)

    def event(self, type_: str, about: Table) -> Call:
        """A call of that type, of now."""
        event = {
            "id": f"evt_{next(self._numbers)}",
            "object": "event",
            "api_version": VERSION,
            "created": int(self._now()),
            "data": {"object": about},
            "livemode": False,
            "type": type_,
        }
        return call(event, self._now())

    async def send(self, made: Call) -> int:
        """Call ``webhook``; gives the status that it answered."""
        status, _, _ = await deferToThread(ask, "POST", self.webhook, made.body, made.headers)
        return status


def ask(method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, Table, bytes]:
    """Status, headers by lower-case names, and body. Waits: for a thread."""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
        connection.request(method, parts._replace(scheme="", netloc="").geturl(), body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def _application(stripe: FakeStripe) -> Klein:
    """Its API, and its page: a button, by which the customer pays and comes back."""
    app = Klein()

    @app.route("/v1/<path:_rest>", methods=["GET", "POST"])
    def api(request: Request, _rest: str) -> bytes | Deferred[bytes]:
        request.setHeader(b"Content-Type", b"application/json")
        request.setHeader(b"Request-Id", b"req_fake")
        return stripe.answer(request)

    @app.route("/c/pay/<session>", methods=["GET"])
    def page(request: Request, session: str) -> bytes:
        asked = stripe.sessions[session]
        amount = f"{asked['amount_total'] // 100},{asked['amount_total'] % 100:02} {asked['currency'].upper()}"
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        return (
            "<!doctype html><title>Stripe</title><link rel=icon href='data:,'>"
            f"<p>{escape(asked['customer_email'])}, {amount}"
            f"<form method=post><button>Payer</button></form><a href='{escape(asked['success_url'])}'>Retour</a>"
        ).encode()

    @app.route("/c/pay/<session>", methods=["POST"])
    async def pay(request: Request, session: str) -> bytes:
        made = stripe.pay(session)
        if stripe.webhook:
            await stripe.send(made)
        request.redirect(stripe.sessions[session]["success_url"].encode())
        return b""

    return app


def _error(request: Request, status: int, type_: str, message: str, code: str | None = None) -> bytes:
    request.setResponseCode(status)
    return json.dumps({"error": {"type": type_, "message": message, "code": code}}).encode()


def unfolded(form: str) -> Table:
    """``a[b][0]=c`` as tables within tables."""
    whole: Table = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *outer, last = name.replace("]", "").split("[")
        inner = whole
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return whole

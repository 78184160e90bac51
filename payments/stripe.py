"""Cards, by Stripe Checkout: the customer pays on a page of Stripe's, and Stripe calls when he has.

An order is known by its reference in the metadata, of the session and of the payment that comes of it. Stripe copies
those to the charge, so that a refund, which knows no session, tells the order too. What has none is another shop's.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import attrs
import stripe
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider
from smstob.interfaces import SettingsTable
from smstob.model.order import (
    Method,
    NotGenuine,
    Order,
    PaymentEvent,
    PaymentKind,
    ProviderAway,
    Redirection,
    Start,
)

API: Final = "https://api.stripe.com"
VERSION: Final = "2026-10-28.endive"
"""Of the API: answers keep their shape when the library goes on."""

TIMEOUT: Final = 10.0
"""Seconds in which it connects, and in which it answers."""

RETRIES: Final = 2
TOLERANCE: Final = 300
"""Seconds between a call's signature and now: an older one may be somebody's repetition."""

LONGEST_CALL: Final = 262_144
"""Bytes."""

MOST_PARTS: Final = 20
"""Of a signature: one for each secret, while an operator goes over to another."""

METADATA: Final = "smstob_order"

KINDS: Final[Mapping[str, PaymentKind]] = {
    "checkout.session.completed": PaymentKind.PAID,
    "checkout.session.async_payment_succeeded": PaymentKind.PAID,
    "checkout.session.async_payment_failed": PaymentKind.FAILED,
    "checkout.session.expired": PaymentKind.FAILED,
    "charge.refunded": PaymentKind.REFUNDED,
}
"""What a call is about; other types are of no concern."""

_ID: Final = re.compile(r"[A-Za-z0-9_]{1,200}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9]{1,35}")
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@attrs.frozen
class StripeSettings:
    """What the configuration says."""

    key: str = attrs.field(repr=False)
    webhook_secret: str = attrs.field(repr=False)
    api: str = API
    """Without a slash at its end."""


def parse_settings(table: SettingsTable) -> StripeSettings:
    """``key`` and ``webhook_secret``, or the files that hold them; ``api`` is for tests."""
    key, webhook_secret = table.secret("key"), table.secret("webhook_secret")
    if not re.fullmatch(r"(sk|rk)_[A-Za-z0-9_]+", key):
        table.mistake("key", "attendu : une clé secrète, qui commence par sk_ ou rk_")
    if not re.fullmatch(r"whsec_[!-~]+", webhook_secret):
        table.mistake("webhook_secret", "attendu : le secret du point de terminaison, qui commence par whsec_")
    api = table.text("api", API).rstrip("/")
    if not _is_safe(api):
        table.mistake("api", "attendu : une adresse https://…, ou http:// de cette machine")
    return StripeSettings(key, webhook_secret, api)


def _is_safe(address: str) -> bool:
    """Whether the key may be sent there."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in _LOOPBACK
    return bool(host) and (plain or parts.scheme == "https") and not (parts.path or parts.query or parts.fragment)


def make_provider(
    name: str, settings: StripeSettings, _base_url: str, clock: IReactorTime, run_in_thread: Any
) -> "StripeCheckout":
    """See ``IPaymentProviderMaker``."""
    return StripeCheckout(name, settings, clock, run_in_thread)


@attrs.frozen(kw_only=True)
class Session:
    """A page of Stripe's on which one order is paid."""

    id: str
    order: str
    """Our reference; empty for another shop's."""
    status: str
    """``open`` for a day, then ``expired``; ``complete`` once the customer has done his part."""
    paid: bool
    cents: int
    currency: str
    url: str
    """Empty unless it is open."""


@implementer(IPaymentProvider)
class StripeCheckout:
    """See ``IPaymentProvider``. The ``provider_reference`` of an order is that of its last session."""

    def __init__(
        self,
        name: str,
        settings: StripeSettings,
        clock: IReactorTime,
        run_in_thread: Callable[..., "Deferred[Any]"],
        timeout: float = TIMEOUT,
    ) -> None:
        self.method = Method(name=name, kind="card", by_hand=False)
        self._secret = settings.webhook_secret.encode()
        self._clock = clock
        self._in_thread = run_in_thread
        # what the library tells Stripe and the log of each request: the machine, who pays
        stripe.enable_telemetry = False
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._sessions = stripe.StripeClient(
            settings.key,
            stripe_version=VERSION,
            base_addresses={"api": settings.api},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=timeout),
        ).v1.checkout.sessions

    async def start(self, order: Order, return_url: str) -> Start:
        """See ``IPaymentProvider``. Whose payment is under way already goes to ``return_url``, lest he pay twice."""
        last = await self._last(order)
        if last is not None and last.status == "complete":
            return Redirection(url=return_url, provider_reference=last.id)
        if last is None or last.status != "open":
            last = await self._ask(self._create, order, return_url)
        if last is None or not last.url:
            raise ProviderAway("Stripe gave no page to pay on")
        return Redirection(url=last.url, provider_reference=last.id)

    async def look(self, order: Order) -> PaymentEvent | None:
        """See ``IPaymentProvider``."""
        last = await self._last(order)
        if last is None or not (last.paid or last.status == "expired"):
            return None
        kind = PaymentKind.PAID if last.paid else PaymentKind.FAILED
        return PaymentEvent(
            id=f"{last.id}-{kind}",
            kind=kind,
            order=last.order,
            provider_reference=last.id,
            cents=last.cents,
            currency=last.currency,
        )

    async def _last(self, order: Order) -> Session | None:
        """The session that the order was last started with."""
        if not _ID.fullmatch(order.provider_reference):
            return None
        found = await self._ask(self._retrieve, order.provider_reference)
        return found if found is not None and found.order == order.reference else None

    async def _ask(self, work: Callable[..., Any], *arguments: Any) -> Session | None:
        """The session that ``work`` gives in a thread; None where there is none. Raises ``ProviderAway``."""
        try:
            return _session(await self._in_thread(work, *arguments))
        except stripe.StripeError as why:
            if why.http_status == 404:
                return None
            raise ProviderAway(_reason(why)) from None
        except Exception as why:  # the library has more of them for an answer without any shape
            raise ProviderAway(f"Stripe's answer cannot be read: {type(why).__name__}") from None

    def _retrieve(self, session: str) -> dict[str, Any]:
        return self._sessions.retrieve(session).to_dict()

    def _create(self, order: Order, return_url: str) -> dict[str, Any]:
        """A new session; the same again, for as long as a session lasts, where it was made with the same arguments."""
        wanted = _wanted(order, return_url)
        # asked for anew after its last one expired, or with another address, an order needs another session
        told = json.dumps([order.provider_reference, wanted], sort_keys=True).encode()
        key = f"{order.reference}-{hashlib.sha256(told).hexdigest()[:32]}"
        return self._sessions.create(wanted, {"idempotency_key": key}).to_dict()

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """See ``IPaymentProvider``."""
        if len(body) > LONGEST_CALL:
            raise NotGenuine("the call is too long")
        self._verify(headers.get("stripe-signature", ""), body)
        try:
            told = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise NotGenuine("the call is not JSON") from None
        return _event(told)

    def _verify(self, header: str, body: bytes) -> None:
        """Raise ``NotGenuine`` unless ``body`` was signed by our secret, just now."""
        parts = [part.partition("=") for part in header.split(",", MOST_PARTS)[:MOST_PARTS]]
        at = next((value for name, _, value in parts if name.strip() == "t"), "")
        given = [value.strip() for name, _, value in parts if name.strip() == "v1"]
        if not re.fullmatch("[0-9]{1,12}", at) or not given:
            raise NotGenuine("there is no signature")
        expected = hmac.new(self._secret, at.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
        # all of them are compared: how long it takes says nothing
        if not sum(hmac.compare_digest(one.encode("utf-8", "replace"), expected) for one in given):
            raise NotGenuine("the signature is wrong")
        if abs(self._clock.seconds() - int(at)) > TOLERANCE:
            raise NotGenuine("the signature is of another time: the call is old, or a clock is wrong")


def _reason(why: stripe.StripeError) -> str:
    """What the log is told: not the error's own words, which may hold a part of the key, or who pays."""
    told = (type(why).__name__, why.http_status, why.code, why.request_id)
    return "Stripe: " + ", ".join(str(part) for part in told if part)


def _wanted(order: Order, return_url: str) -> "stripe.params.checkout.SessionCreateParams":
    metadata = {METADATA: order.reference}
    mode: Literal["payment"] = "payment"
    return {
        "mode": mode,
        # invoices say that a card paid
        "allowed_payment_method_types": ["card"],
        "locale": "fr",
        "client_reference_id": order.reference,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": f"Commande {order.reference}"},
        "customer_email": order.email,
        "success_url": return_url,
        "cancel_url": return_url,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": order.amounts.gross,
                    "product_data": {
                        "name": f"{order.credits:,} crédits SMS".replace(",", "\N{NARROW NO-BREAK SPACE}"),
                        "description": f"Commande {order.reference}, TTC",
                    },
                },
            }
        ],
    }


def _event(told: Any) -> PaymentEvent | None:
    """What a genuine call says."""
    kind = KINDS.get(_text(told, "type"))
    if _text(told, "object") != "event" or kind is None:
        return None
    about = _table(_table(told, "data"), "object")
    if not _order(about) or (kind is PaymentKind.PAID and about.get("payment_status") != "paid"):
        return None
    refunded = kind is PaymentKind.REFUNDED
    return PaymentEvent(
        id=_matching(_ID, told, "id"),
        kind=kind,
        order=_order(about),
        provider_reference=_matching(_ID, about, "payment_intent" if refunded else "id"),
        cents=_cents(about, "amount_refunded" if refunded else "amount_total"),
        currency=_matching(_CURRENCY, about, "currency").upper(),
    )


def _session(told: Any) -> Session:
    return Session(
        id=_matching(_ID, told, "id"),
        order=_order(told),
        status=_text(told, "status"),
        paid=told.get("payment_status") == "paid",
        cents=_cents(told, "amount_total"),
        currency=_matching(_CURRENCY, told, "currency").upper(),
        url=_text(told, "url"),
    )


def _order(about: Mapping[str, Any]) -> str:
    """Our reference in the metadata; empty where there is none."""
    metadata = about.get("metadata")
    reference = _text(metadata, METADATA) if isinstance(metadata, Mapping) else ""
    return reference if _REFERENCE.fullmatch(reference) else ""


def _table(told: Any, key: str) -> Mapping[str, Any]:
    found = told.get(key) if isinstance(told, Mapping) else None
    if not isinstance(found, Mapping):
        raise NotGenuine(f"there is no {key}")
    return found


def _text(told: Any, key: str) -> str:
    """The text at ``key``; empty where there is none."""
    found = told.get(key) if isinstance(told, Mapping) else None
    return found if isinstance(found, str) else ""


def _matching(pattern: re.Pattern[str], told: Any, key: str) -> str:
    found = _text(told, key)
    if not pattern.fullmatch(found):
        raise NotGenuine(f"{key} is missing, or not what it should be")
    return found


def _cents(about: Mapping[str, Any], key: str) -> int:
    found = about.get(key)
    if type(found) is not int or found < 0:
        raise NotGenuine(f"{key} is missing, or no amount")
    return found

"""Stripe's calls: what counts, what is of no concern, and what does not come from Stripe. Asks no network."""

import hashlib
import hmac
import json
from contextlib import suppress
from typing import Any, Final

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from payments.stripe import LONGEST_CALL, METADATA, TOLERANCE, StripeCheckout, StripeSettings
from smstob.model.order import NotGenuine, PaymentEvent, PaymentKind

from .fake_stripe import KEY, SECRET, Call, FakeStripe, call, sign
from .orders import NOW, ORDER

SESSION: Final = {
    "id": "cs_test_1",
    "object": "checkout.session",
    "amount_total": 18_600,
    "currency": "eur",
    "metadata": {METADATA: ORDER.reference},
    "payment_status": "paid",
    "payment_intent": "pi_1",
    "status": "complete",
}
COMPLETED: Final = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "data": {"object": SESSION},
}
PAID: Final = PaymentEvent(
    id="evt_1",
    kind=PaymentKind.PAID,
    order=ORDER.reference,
    provider_reference="cs_test_1",
    cents=18_600,
    currency="EUR",
)
BODY: Final = json.dumps(COMPLETED).encode()


def in_no_thread(*_: Any) -> "Deferred[Any]":
    """Nothing is done in threads here."""
    raise AssertionError("it asked the network")


def provider_at(now: float = NOW, secret: str = SECRET) -> StripeCheckout:
    """A provider whose clock says that it is ``now``."""
    clock = Clock()
    clock.advance(now)
    return StripeCheckout("carte", StripeSettings(KEY, secret), clock, in_no_thread)


def read(made: Call, now: float = NOW) -> PaymentEvent | None:
    """What a call says."""
    return provider_at(now).read(made.headers, made.body)


def read_signed(signature: str, body: bytes = BODY, now: float = NOW) -> PaymentEvent | None:
    """What a call with that signature says."""
    return provider_at(now).read({"stripe-signature": signature}, body)


def session(**other: Any) -> dict[str, Any]:
    """The event, of a session with other values."""
    return {**COMPLETED, "data": {"object": {**SESSION, **other}}}


def test_paid() -> None:
    """A paid session pays the order that its metadata names; told again it is the same event."""
    assert read(call(COMPLETED, NOW)) == PAID
    assert read(call(COMPLETED, NOW + 60), NOW + 60) == PAID


def test_library_signs_alike() -> None:
    """What Stripe's own library signs is accepted, and it accepts what the fake signs."""
    header = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, NOW)
    assert header == sign(BODY, NOW)
    assert read_signed(header) == PAID
    body = '{"id": "é"}\r\n '.encode()
    assert stripe.WebhookSignature.verify_header(body, sign(body, NOW), SECRET)


def test_course_of_a_payment() -> None:
    """All that Stripe tells of an order from its page to its refund names the order."""
    with FakeStripe(lambda: NOW, reactor) as account:
        account.sessions["cs_test_1"] = {**SESSION, "intent_metadata": SESSION["metadata"]}
        unpaid, paid = account.pay("cs_test_1", "unpaid"), account.pay("cs_test_1")
        refunds = [account.refund("cs_test_1", cents) for cents in (100, 18_600)]
    told = [read(one) for one in (unpaid, paid, *refunds)]
    first, second, third, fourth = told
    assert first is None
    assert second is not None
    assert (second.kind, second.provider_reference, second.cents) == (PaymentKind.PAID, "cs_test_1", 18_600)
    for refund, cents in ((third, 100), (fourth, 18_600)):
        assert refund is not None
        assert (refund.kind, refund.cents, refund.order) == (PaymentKind.REFUNDED, cents, ORDER.reference)
        assert refund.provider_reference == "pi_cs_test_1"
    assert len({one.id for one in told if one is not None}) == 3


@pytest.mark.parametrize(
    ("type_", "status", "kind"),
    [
        ("checkout.session.completed", "paid", PaymentKind.PAID),
        ("checkout.session.completed", "unpaid", None),
        ("checkout.session.completed", "no_payment_required", None),
        ("checkout.session.completed", None, None),
        ("checkout.session.async_payment_succeeded", "paid", PaymentKind.PAID),
        ("checkout.session.async_payment_succeeded", "unpaid", None),
        ("checkout.session.async_payment_failed", "unpaid", PaymentKind.FAILED),
        ("checkout.session.expired", "unpaid", PaymentKind.FAILED),
        ("payment_intent.succeeded", "paid", None),
        ("charge.succeeded", "paid", None),
        ("charge.dispute.created", "paid", None),
        ("", "paid", None),
        (["checkout.session.completed"], "paid", None),
    ],
)
def test_types(type_: Any, status: Any, kind: PaymentKind | None) -> None:
    """Only what is paid counts as paid; what is told of other things is let pass."""
    told = read(call({**session(payment_status=status), "type": type_}, NOW))
    assert (told and told.kind) == kind


@pytest.mark.parametrize(
    "metadata", [None, {}, {METADATA: ""}, {METADATA: None}, {METADATA: 7}, {"order": "x"}, [], "x"]
)
def test_other_shops(metadata: Any) -> None:
    """What the same Stripe account sells elsewhere is of no concern, whatever else it says or lacks."""
    assert read(call(session(metadata=metadata, amount_total=None), NOW)) is None


def test_as_told() -> None:
    """Another amount, currency or order is passed on as it is: the cashier compares."""
    told = read(call(session(amount_total=1, currency="usd", metadata={METADATA: "RF97SMS000008"}), NOW))
    assert told is not None
    assert (told.cents, told.currency, told.order) == (1, "USD", "RF97SMS000008")


@pytest.mark.parametrize("age", [-TOLERANCE, 0, TOLERANCE])
def test_in_time(age: int) -> None:
    """Clocks may differ, and Stripe takes a moment."""
    assert read(call(COMPLETED, NOW), NOW + age) == PAID


@pytest.mark.parametrize("age", [-TOLERANCE - 1, TOLERANCE + 1, 86_400])
def test_replay(age: int) -> None:
    """What somebody recorded is worth nothing after five minutes."""
    with pytest.raises(NotGenuine, match="another time"):
        read(call(COMPLETED, NOW), NOW + age)


def test_two_signatures() -> None:
    """While an operator changes the secret, Stripe signs with both; other schemes say nothing."""
    old = sign(BODY, NOW, "whsec_other").partition(",")[2]
    assert read_signed(f"{sign(BODY, NOW)},{old}") == PAID
    assert read_signed(f"t={NOW},{old},{sign(BODY, NOW).partition(',')[2]},v0=abc") == PAID
    with pytest.raises(NotGenuine, match="wrong"):
        read_signed(f"t={NOW},{old},{old}")


GENUINE: Final = sign(BODY, NOW)
V1: Final = GENUINE.partition("v1=")[2]


@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        ",",
        "=",
        V1,
        f"v1={V1}",
        f"t={NOW}",
        f"t={NOW},v0={V1}",
        f"t={NOW},v1=",
        f"t={NOW},v1={V1[:-1]}",
        f"t={NOW},v1={V1}0",
        f"t={NOW},v1={V1.upper()}",
        f"t={NOW + 1},v1={V1}",
        f"t=+{NOW},v1={V1}",
        f"t={NOW}.0,v1={V1}",
        f"t=0{NOW},v1={V1}",
        f"t=,v1={V1}",
        f"t=é,v1={V1}",
        f"t=١٧٧٢٤٤٩٢٠٠,v1={V1}",
        f"t={'9' * 10_000},v1={V1}",
        f"t={NOW},v1=é\ud800",
        f"t={NOW}" + ",v1=00" * 10_000 + f",v1={V1}",
        sign(BODY, NOW, "whsec_other"),
        sign(BODY, NOW, ""),
        sign(BODY + b" ", NOW),
    ],
    ids=lambda signature: repr(signature[:50]),
)
def test_forged(signature: str) -> None:
    """Without the secret there is no signature."""
    with pytest.raises(NotGenuine) as refused:
        read_signed(signature)
    assert SECRET not in str(refused.value)
    assert V1 not in str(refused.value)


def test_unsigned() -> None:
    """Nor without the header, nor under another's name."""
    for headers in ({}, {"Stripe-Signature": GENUINE}, {"x-stripe-signature": GENUINE}):
        with pytest.raises(NotGenuine, match="no signature"):
            provider_at().read(headers, BODY)


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_altered(at: int, bit: int) -> None:
    """Not one bit of the body may be another."""
    body = bytearray(BODY)
    body[at] ^= 1 << bit
    with pytest.raises(NotGenuine, match="wrong"):
        read_signed(GENUINE, bytes(body))


AMOUNTS: Final[tuple[Any, ...]] = (None, "18600", 186.0, -1, True, [], float("nan"))
DATA: Final[tuple[Any, ...]] = (None, [], "x", {}, {"object": None}, {"object": [SESSION]})
MALFORMED: Final[tuple[Any, ...]] = (
    *(b"", b"{", b"\xff", b"\xff\xfe{\x00}\x00", b"[" * 100_000, b'{"id": ' + b"9" * 10_000 + b"}"),
    *(session(id=odd) for odd in (None, "", 7, "../x", "cs_é", "c" * 201, "cs\0", ["cs_1"])),
    *(session(amount_total=odd) for odd in AMOUNTS),
    *(session(currency=odd) for odd in (None, "", "euro", 978, "€")),
    *({**COMPLETED, "id": odd} for odd in (None, "", 7, "evt 1", "\ud800")),
    *({**COMPLETED, "data": odd} for odd in DATA),
    {**COMPLETED, "type": "charge.refunded"},
    {**session(amount_refunded=1, payment_intent=None), "type": "charge.refunded"},
)


@pytest.mark.parametrize("event", MALFORMED, ids=lambda event: repr(event)[:60] + repr(event)[-30:])
def test_malformed(event: Any) -> None:
    """What is signed and makes no sense is refused, so that it shows at Stripe's; it never breaks anything."""
    with pytest.raises(NotGenuine):
        read(call(event, NOW))


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(event=JSON, where=st.sampled_from(["whole", "data", "object", *SESSION, "payment_intent"]))
def test_any_shape(event: Any, where: str) -> None:
    """Whatever stands in whichever place, the answer is an event, None or ``NotGenuine``."""
    whole = {"whole": event, "data": {**COMPLETED, "data": event}, "object": {**COMPLETED, "data": {"object": event}}}
    try:
        told = read(call(whole[where] if where in whole else session(**{where: event}), NOW))
    except NotGenuine:
        return
    assert told is None or isinstance(told, PaymentEvent)


@given(body=st.binary(max_size=200), header=st.text(max_size=100))
def test_any_bytes(body: bytes, header: str) -> None:
    """Nothing that is thrown at the door breaks it."""
    with pytest.raises(NotGenuine):
        read_signed(header, body)
    with suppress(NotGenuine):
        assert read(call(body, NOW)) is None


def test_huge() -> None:
    """What is too long is not even looked at."""
    body = BODY + b" " * (LONGEST_CALL - len(BODY))
    assert read(call(body, NOW)) == PAID
    with pytest.raises(NotGenuine, match="too long"):
        read(call(body + b" ", NOW))


def test_secret_without_its_prefix() -> None:
    """The whole secret signs, its prefix included."""
    digest = hmac.new(SECRET.removeprefix("whsec_").encode(), b"%d." % NOW + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(NotGenuine, match="wrong"):
        read_signed(f"t={NOW},v1={digest}")

"""Cards, by Stripe: where an order is paid, and what became of it. ``fake_stripe`` answers on loopback."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread

from payments.stripe import API, StripeCheckout, StripeSettings, parse_settings
from smstob.model.order import Order, PaymentEvent, PaymentKind, ProviderAway, Redirection
from tests.contracts.reactor import in_reactor
from tests.ports import free_port

from .fake_stripe import KEY, SECRET, FakeStripe
from .orders import NOW, ORDER, RETURN, mistakes, settings_of, started, wrong_keys

reactor: Any = global_reactor
HASTE: Final = 0.3
"""Seconds that the tests wait for an answer."""


@attrs.frozen
class Scene:
    """A provider before a Stripe."""

    stripe: FakeStripe
    provider: StripeCheckout

    async def start(self, order: Order = ORDER, return_url: str = RETURN) -> Redirection:
        """Where it is paid."""
        given = await self.provider.start(order, return_url)
        assert isinstance(given, Redirection)
        return given


def scene_of(stripe: FakeStripe, key: str = KEY) -> Scene:
    """The provider has that key."""
    settings = StripeSettings(key, SECRET, stripe.api)
    return Scene(stripe, StripeCheckout("carte", settings, Clock(), deferToThread, HASTE))


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A Stripe that nobody has asked yet."""
    with FakeStripe(lambda: NOW, reactor) as stripe:
        yield scene_of(stripe)


@in_reactor
async def test_session(scene: Scene) -> None:
    """The customer is sent to Stripe's page, which asks for what the order costs, in French, and leads back."""
    start = await scene.start()
    assert start.url == f"{scene.stripe.api}/c/pay/{start.provider_reference}"
    (wanted,) = scene.stripe.wanted
    line = wanted["line_items"]["0"]
    assert line["quantity"] == "1"
    assert line["price_data"]["unit_amount"] == "18600"
    assert line["price_data"]["currency"] == "eur"
    assert line["price_data"]["product_data"]["name"] == "1\N{NARROW NO-BREAK SPACE}000 crédits SMS"
    assert ORDER.reference in line["price_data"]["product_data"]["description"]
    assert wanted["client_reference_id"] == ORDER.reference
    assert wanted["metadata"] == wanted["payment_intent_data"]["metadata"] == {"smstob_order": ORDER.reference}
    assert (wanted["customer_email"], wanted["locale"], wanted["mode"]) == (ORDER.email, "fr", "payment")
    assert wanted["success_url"] == wanted["cancel_url"] == RETURN
    assert wanted["allowed_payment_method_types"] == {"0": "card"}


@in_reactor
async def test_same_session(scene: Scene) -> None:
    """Asked again, at once or when it was noted where the order is paid, it is the same page."""
    first, second = await gatherResults([Deferred.fromCoroutine(scene.start()) for _ in range(2)])
    assert first == second == await scene.start(started(first.provider_reference))
    assert len(scene.stripe.sessions) == 1


@in_reactor
async def test_expired_session(scene: Scene) -> None:
    """After its day a page is replaced, by one and the same however often that is asked; and that one likewise."""
    order, seen = ORDER, []
    for _ in range(3):
        first, second = await scene.start(order), await scene.start(order)
        assert first == second
        seen.append(first.url)
        scene.stripe.expire(first.provider_reference)
        order = started(first.provider_reference)
    assert len(set(seen)) == len(scene.stripe.sessions) == 3


@in_reactor
async def test_nobody_pays_twice(scene: Scene) -> None:
    """Whose payment is under way, or done while no call came, is sent back to our page and to no other of Stripe's."""
    session = (await scene.start()).provider_reference
    for status in ("unpaid", "paid"):
        scene.stripe.pay(session, status)
        assert await scene.start(started(session)) == Redirection(url=RETURN, provider_reference=session)
    assert len(scene.stripe.sessions) == 1


@in_reactor
async def test_other_parameters(scene: Scene) -> None:
    """Where the account's address changed, or ours, before the session was noted, another one is made: no fault."""
    first = await scene.start()
    second = await scene.start(attrs.evolve(ORDER, email="autre@exemple.fr"))
    third = await scene.start(ORDER, "https://sms.exemple.fr/")
    assert len({first.url, second.url, third.url}) == 3
    assert await scene.start() == first


@in_reactor
@pytest.mark.parametrize("session", ["cs_of_another_key", "autre", "../customers/1", "é", "a" * 201])
async def test_session_that_is_not_there(scene: Scene, session: str) -> None:
    """Of a session that Stripe does not know (the keys were changed, or the provider) nothing comes but another."""
    assert await scene.provider.look(started(session)) is None
    start = await scene.start(started(session))
    assert start.provider_reference in scene.stripe.sessions
    assert not any("customers" in path for _, path in scene.stripe.asked)


@in_reactor
async def test_session_of_another_order(scene: Scene) -> None:
    """What was paid for another order says nothing of this one."""
    session = (await scene.start(attrs.evolve(ORDER, reference="RF97SMS000008"))).provider_reference
    scene.stripe.pay(session)
    assert await scene.provider.look(started(session)) is None
    assert (await scene.start(started(session))).provider_reference != session


@in_reactor
async def test_look(scene: Scene) -> None:
    """What Stripe knows: nothing while the page is open or the bank not done, then that it is paid; always alike."""
    session = (await scene.start()).provider_reference
    assert await scene.provider.look(ORDER) is None
    assert await scene.provider.look(started(session)) is None
    scene.stripe.pay(session, "unpaid")
    assert await scene.provider.look(started(session)) is None
    scene.stripe.pay(session)
    paid = await scene.provider.look(started(session))
    assert paid == PaymentEvent(
        id=f"{session}-paid",
        kind=PaymentKind.PAID,
        order=ORDER.reference,
        provider_reference=session,
        cents=18_600,
        currency="EUR",
    )
    assert await scene.provider.look(started(session)) == paid


@in_reactor
async def test_look_at_expired(scene: Scene) -> None:
    """It will not be paid on that page."""
    session = (await scene.start()).provider_reference
    scene.stripe.expire(session)
    told = await scene.provider.look(started(session))
    assert told is not None
    assert (told.id, told.kind) == (f"{session}-failed", PaymentKind.FAILED)


@in_reactor
async def test_look_tells_what_was_paid(scene: Scene) -> None:
    """Another amount or currency than the order's is told as it is: whether it counts is the cashier's to say."""
    session = (await scene.start()).provider_reference
    scene.stripe.pay(session)
    scene.stripe.sessions[session] |= {"amount_total": 1, "currency": "usd"}
    told = await scene.provider.look(started(session))
    assert told is not None
    assert (told.cents, told.currency) == (1, "USD")


async def why_away(scene: Scene) -> str:
    """Why nobody can pay now, or nothing is known; told alike for both, and without the key."""
    with pytest.raises(ProviderAway) as away:
        await scene.start()
    with pytest.raises(ProviderAway):
        await scene.provider.look(started("cs_test_1"))
    told = "".join(traceback.format_exception(away.value))
    assert KEY not in told
    assert ORDER.email not in told
    return str(away.value)


@in_reactor
@pytest.mark.parametrize("status", [400, 401, 402, 403, 409, 429, 500, 503])
async def test_refusals(scene: Scene, status: int) -> None:
    """Whatever Stripe refuses with, the order stands and can be paid later; the log gets the status."""
    scene.stripe.plan = [status] * 9
    assert str(status) in await why_away(scene)
    scene.stripe.plan = []
    assert (await scene.start()).provider_reference in scene.stripe.sessions


@in_reactor
async def test_short_trouble(scene: Scene) -> None:
    """What passes is not even noticed: it is asked again, and one session made."""
    scene.stripe.plan = [500, 0]
    await scene.start()
    assert len(scene.stripe.sessions) == 1
    assert len({one["idempotency-key"] for one in scene.stripe.headers}) == 1


@in_reactor
async def test_no_answer(scene: Scene) -> None:
    """Who does not answer is asked three times, then away."""
    scene.stripe.plan = [0] * 6
    assert "APIConnectionError" in await why_away(scene)
    assert len(scene.stripe.asked) == 6


@in_reactor
async def test_nobody_there() -> None:
    """Nor is there an answer where nobody listens."""
    stripe = FakeStripe(lambda: NOW, reactor)
    stripe.port = free_port()
    assert "APIConnectionError" in await why_away(scene_of(stripe))


@in_reactor
async def test_wrong_key(scene: Scene) -> None:
    """A key that Stripe does not know, which its answer repeats, is not in the reason."""
    assert "AuthenticationError" in await why_away(scene_of(scene.stripe, "sk_test_wrong"))


@in_reactor
async def test_too_little(scene: Scene) -> None:
    """What Stripe does not take, an amount below 50 cents, can be paid in another way."""
    little = attrs.evolve(ORDER, amounts=attrs.evolve(ORDER.amounts, net=49, vat=0))
    with pytest.raises(ProviderAway, match="amount_too_small"):
        await scene.start(little)


@in_reactor
async def test_same_key_for_others(scene: Scene) -> None:
    """Should Stripe have our idempotency key for something else, the customer is told to come later."""
    await scene.start()
    (key,) = scene.stripe.kept
    scene.stripe.kept[key] = (b"something else", b"{}")
    with pytest.raises(ProviderAway, match="IdempotencyError"):
        await scene.start()


BROKEN: Final = (
    *(b"", b"<html>", b"null", b"[]", b"1", b'"cs_1"', b"{}", b"\xff", b"[" * 100_000, b'{"id": 1}'),
    b'{"id": "cs_1", "status": "open", "url": "https://x"}',
    b'{"id": "cs_1", "amount_total": "1", "currency": "eur"}',
    b'{"id": "cs_1", "amount_total": -1, "currency": "eur"}',
    b'{"id": "cs_1", "amount_total": 1, "currency": "euros"}',
    b'{"id": "../x", "amount_total": 1, "currency": "eur"}',
    b'{"id": "cs_1", "amount_total": 1, "currency": "eur", "status": "open"}',
    b'{"id": "cs_1", "amount_total": 1, "currency": "eur", "status": "open", "url": 1, "metadata": 1}',
)


@in_reactor
@pytest.mark.parametrize("answer", BROKEN, ids=lambda answer: repr(answer[:60]))
async def test_broken_answers(scene: Scene, answer: bytes) -> None:
    """An answer that is none is as good as no answer."""
    scene.stripe.plan = [answer] * 3
    with pytest.raises(ProviderAway):
        await scene.start()


@in_reactor
async def test_nothing_is_told_to_others(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Stripe hears nothing of this machine, and the log neither the key nor who pays."""
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            await scene.start()
    assert [one for one in caplog.records if one.name == "stripe"] == []
    assert KEY not in caplog.text
    assert ORDER.email not in caplog.text
    for headers in scene.stripe.headers:
        assert "x-stripe-client-telemetry" not in headers
        assert "platform" not in headers["x-stripe-client-user-agent"]


GOOD: Final = {"key": KEY, "webhook_secret": SECRET}


def test_settings() -> None:
    """Both secrets, which are not shown; the rest is for tests."""
    read = settings_of(parse_settings, GOOD)
    assert read == StripeSettings(KEY, SECRET, API)
    assert KEY not in repr(read)
    assert SECRET not in repr(read)
    assert settings_of(parse_settings, GOOD | {"api": "http://127.0.0.1:8090/"}).api == "http://127.0.0.1:8090"


def test_settings_in_files(tmp_path: Path) -> None:
    """The secrets may be in files."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "secret").write_text(SECRET)
    files = {"key_file": str(tmp_path / "key"), "webhook_secret_file": str(tmp_path / "secret")}
    assert settings_of(parse_settings, files) == StripeSettings(KEY, SECRET)


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({}, ["key", "webhook_secret"]),
        ({"key": "", "webhook_secret": ""}, ["key", "webhook_secret"]),
        ({"key": SECRET, "webhook_secret": KEY}, ["key", "webhook_secret"]),
        (GOOD | {"key": "pk_live_51"}, ["key"]),
        (GOOD | {"key": f"{KEY}\n"}, ["key"]),
        (GOOD | {"key": f"{KEY} "}, ["key"]),
        (GOOD | {"key": "sk_test_é"}, ["key"]),
        (GOOD | {"key": 1}, ["key"]),
        (GOOD | {"webhook_secret": "whsec_"}, ["webhook_secret"]),
        (GOOD | {"webhook_secret": "whsec_a b"}, ["webhook_secret"]),
        (GOOD | {"api": "http://api.stripe.com"}, ["api"]),
        (GOOD | {"api": "http://127.0.0.1.exemple.fr"}, ["api"]),
        (GOOD | {"api": "ftp://127.0.0.1"}, ["api"]),
        (GOOD | {"api": "https://api.stripe.com/v1"}, ["api"]),
        (GOOD | {"api": "https://[::1"}, ["api"]),
        (GOOD | {"api": "http://127.0.0.1:99999"}, ["api"]),
        (GOOD | {"api": ""}, ["api"]),
        (GOOD | {"secret": "x"}, ["secret"]),
    ],
)
def test_wrong_settings(values: Any, keys: list[str]) -> None:
    """What cannot be right is told at the start, without the secrets."""
    assert wrong_keys(parse_settings, values) == keys
    told = "".join(mistakes(parse_settings, values))
    assert not any(str(value) in told for key, value in values.items() if key != "api" and len(str(value)) > 6)

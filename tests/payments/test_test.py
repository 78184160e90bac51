"""The bank that takes no money: what it signs counts, and nothing else."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.test import TestBank, make_provider, parse_settings
from smstob.model.order import NotGenuine, PaymentEvent, PaymentKind, Redirection
from tests.house import outcome_of

from .orders import BASE, ORDER, RETURN, settings_of, wrong_keys

BANK: Final = TestBank("essai", BASE, b"k" * 32)
GENUINE: Final = BANK.signed(ORDER.reference, 18_600, "paid")


def altered(**other: str) -> bytes:
    """The genuine call with other values."""
    return urlencode({**dict(parse_qsl(GENUINE.decode())), **other}).encode()


def test_page() -> None:
    """An order is paid on our own page, always at the same address."""
    start = outcome_of(BANK.start(ORDER, RETURN))
    assert start == outcome_of(BANK.start(ORDER, RETURN))
    assert isinstance(start, Redirection)
    assert start.url == f"{BASE}/paiement/essai/{ORDER.reference}"
    assert start.provider_reference


@pytest.mark.parametrize("kind", PaymentKind)
def test_what_it_signs(kind: PaymentKind) -> None:
    """Each result is read as it was signed, under the name by which the order was started."""
    start: Any = outcome_of(BANK.start(ORDER, RETURN))
    told = BANK.read({}, BANK.signed(ORDER.reference, 18_600, kind.value))
    assert told is not None
    assert told == PaymentEvent(
        id=told.id,
        kind=kind,
        order=ORDER.reference,
        provider_reference=start.provider_reference,
        cents=18_600,
        currency="EUR",
    )


def test_ids() -> None:
    """Told again it is the same event; another result, another amount paid back, is another."""
    calls = [("paid", 18_600), ("failed", 18_600), ("refunded", 100), ("refunded", 200), ("refunded", 200)]
    told = [BANK.read({}, BANK.signed(ORDER.reference, cents, result)) for result, cents in calls]
    assert len({one.id for one in told if one is not None}) == 4


def test_results() -> None:
    """There are no others."""
    for odd in ("", "PAID", "stolen"):
        with pytest.raises(ValueError, match="PaymentKind"):
            BANK.signed(ORDER.reference, 1, odd)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"&", b"=", b"signature=", b"\xff", b"signature=%FF", b"a" * 2_000, GENUINE[:-1], GENUINE + b"0"),
        *(altered(cents="1"), altered(reference="RF97SMS000008"), altered(result="refunded"), altered(id="x")),
        *(altered(cents="018600"), altered(more="1"), altered(signature=""), altered(signature="é")),
        GENUINE.replace(b"cents=18600&", b""),
        GENUINE + b"&signature=",
        TestBank("essai", BASE, b"K" * 32).signed(ORDER.reference, 18_600, "paid"),
    ],
)
def test_forged(body: bytes) -> None:
    """What it did not sign as it stands is not genuine."""
    with pytest.raises(NotGenuine):
        BANK.read({}, body)


@given(body=st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    """Nor is anything else."""
    with pytest.raises(NotGenuine):
        BANK.read({}, body)


def test_long() -> None:
    """What is too long is not even taken apart."""
    with pytest.raises(NotGenuine, match="too long"):
        BANK.read({}, GENUINE + b"&" * 1_000)


def test_fields_cannot_run_into_each_other() -> None:
    """One signature fits one call: no other cut of the same letters."""
    with pytest.raises(NotGenuine):
        BANK.read({}, altered(reference=f"{ORDER.reference}&cents=1"))


def test_another_process() -> None:
    """A key is drawn for each process: who read one knows nothing of the next."""
    first, second = (make_provider("essai", None, BASE, None, None) for _ in range(2))
    call = first.signed(ORDER.reference, 18_600, "paid")
    assert first.read({}, call) is not None
    with pytest.raises(NotGenuine):
        second.read({}, call)


def test_settings() -> None:
    """It has none, and a key is a mistake."""
    assert settings_of(parse_settings, {}) is None
    assert wrong_keys(parse_settings, {"key": "k"}) == ["key"]

"""A bank for who tries: no money moves. The customer says on a page of ours whether he pays."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from zope.interface import implementer

from smstob.billing_interfaces import IPaymentProvider
from smstob.interfaces import SettingsTable
from smstob.model.order import Method, NotGenuine, Order, PaymentEvent, PaymentKind, Redirection, Start

LONGEST_CALL: Final = 1000
"""Bytes."""

PAGE: Final = "/paiement/essai/"


def parse_settings(_table: SettingsTable) -> None:
    """It has none."""


def make_provider(name: str, _settings: None, base_url: str, _clock: Any, _run_in_thread: Any) -> "TestBank":
    """See ``IPaymentProviderMaker``. What another process has signed is worth nothing."""
    return TestBank(name, base_url, secrets.token_bytes(32))


@implementer(IPaymentProvider)
class TestBank:
    """See ``IPaymentProvider``. Its calls are forms, signed by ``key``."""

    __test__ = False  # it is none of pytest's classes

    def __init__(self, name: str, base_url: str, key: bytes) -> None:
        self.method = Method(name=name, kind="test", by_hand=False)
        self._base_url = base_url
        self._key = key

    async def start(self, order: Order, return_url: str) -> Start:
        """See ``IPaymentProvider``: on the page, which shows an order to nobody but its account."""
        url = f"{self._base_url}{PAGE}{order.reference}"
        return Redirection(url=url, provider_reference=f"essai-{order.reference}")

    def signed(self, reference: str, cents: int, result: str) -> bytes:
        """The call that tells what became of an order: ``paid``, ``failed``, or ``refunded`` of so many cents in all.

        For the page that plays the bank: whoever may call this says what is paid. Raises ValueError for other results.
        """
        kind = PaymentKind(result)
        told = {"id": f"{reference}-{kind}-{cents}", "reference": reference, "cents": str(cents), "result": kind.value}
        return urlencode(told | {"signature": self._signature(told)}).encode()

    def _signature(self, told: Mapping[str, str]) -> str:
        return hmac.new(self._key, urlencode(sorted(told.items())).encode(), hashlib.sha256).hexdigest()

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """See ``IPaymentProvider``."""
        if len(body) > LONGEST_CALL:
            raise NotGenuine("the call is too long")
        told = dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True))
        signature = told.pop("signature", "").encode()
        if not hmac.compare_digest(signature, self._signature(told).encode()):
            raise NotGenuine("the signature is wrong")
        return PaymentEvent(
            id=told["id"],
            kind=PaymentKind(told["result"]),
            order=told["reference"],
            provider_reference=f"essai-{told['reference']}",
            cents=int(told["cents"]),
            currency="EUR",
        )

    async def look(self, order: Order) -> PaymentEvent | None:
        """See ``IPaymentProvider``: all that happens was told."""
        return None

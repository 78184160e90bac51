"""Orders of credits, and what payment providers tell of them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs
import stdnum.exceptions
import stdnum.iso11649

from .customer import Customer
from .vat import Amounts

LONGEST_NOTE: Final = 200
MOST_OPEN: Final = 20
"""Orders of one account that wait for their payment."""

REMINDED: Final = 15
GIVEN_UP: Final = 60
"""Days after which who ordered is reminded, and after which an order that nobody paid is cancelled."""


class OrderState(StrEnum):
    """What became of an order. What is paid after all was paid, be it cancelled before."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    """In whole: its credits were taken back as far as they were there."""


TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.OPEN: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.CANCELLED: frozenset({OrderState.PAID}),
    OrderState.PAID: frozenset({OrderState.REFUNDED}),
    OrderState.REFUNDED: frozenset(),
}
"""Every step that there is."""


def reference_of(order: int) -> str:
    """The creditor reference (ISO 11649) of the order of that id: a typing mistake in it is noticed."""
    body = f"SMS{order:06}"
    checksum = 98 - int("".join(str(int(sign, 36)) for sign in f"{body}RF00")) % 97
    return f"RF{checksum:02}{body}"


def read_reference(typed: str) -> str | None:
    """The reference in what somebody typed, spaces and case aside; None where its check digits are wrong."""
    try:
        return stdnum.iso11649.validate(typed)
    except stdnum.exceptions.ValidationError:
        return None


@attrs.frozen(kw_only=True)
class Order:
    """Credits that an account asked for, at a price that stands."""

    id: int
    reference: str
    account: int
    email: str
    """The account's."""
    method: str
    """The name of the payment provider."""
    by_hand: bool
    """Whether the operator records its payment."""
    state: OrderState
    credits: int
    amounts: Amounts
    customer: Customer
    """As when it was ordered."""
    created: int
    paid_at: int | None = None
    """Unix seconds: when its credits came."""
    received: int | None = None
    """When the money came, in days since 1970-01-01."""
    note: str = ""
    """Of the payment: a cheque's number, a bank's wording."""
    provider_reference: str = ""
    """What the provider calls it."""
    refunded: int = 0
    """Cents that were paid back."""
    taken_back: int = 0
    """Credits that were, with them."""
    invoices: tuple[str, ...] = ()
    """Numbers: the invoice, then credit notes."""


@attrs.frozen(kw_only=True)
class Quote:
    """What so many credits cost an account."""

    credits: int
    amounts: Amounts
    better_credits: int | None = None
    better_net: int | None = None
    """More credits that cost no more."""


class OrderFault(StrEnum):
    """Why nothing was done."""

    BAD_QUANTITY = "bad-quantity"
    NO_CUSTOMER = "no-customer"
    """Whom the invoice is for is not known yet."""
    BAD_METHOD = "bad-method"
    TOO_MANY = "too-many"
    """Orders that wait."""
    UNKNOWN = "unknown"
    """There is no such order."""
    SETTLED = "settled"
    """It is paid, cancelled or refunded already."""
    BAD_DATE = "bad-date"
    """Of the payment: to come, or before the order by more than a month."""
    PROVIDER_AWAY = "provider-away"
    """The order stands: it can be paid later."""


class PaymentKind(StrEnum):
    """What a provider tells."""

    PAID = "paid"
    FAILED = "failed"
    """It will not be paid by this way: it can be tried anew."""
    REFUNDED = "refunded"


@attrs.frozen(kw_only=True)
class PaymentEvent:
    """What a provider tells of an order, proven to come from it."""

    id: str
    """The provider's: the same when it is told again."""
    kind: PaymentKind
    order: str
    """Our reference; empty where the provider tells only its own."""
    provider_reference: str
    cents: int
    """Paid, or paid back since the order in all."""
    currency: str
    """ISO 4217, capitals."""


@attrs.frozen(kw_only=True)
class Redirection:
    """The customer pays on a page."""

    url: str
    provider_reference: str


@attrs.frozen(kw_only=True)
class Instructions:
    """The customer pays by other ways, and says the order's reference."""

    payee: str
    address: str = ""
    """Where a cheque is sent; lines."""
    iban: str = ""
    bic: str = ""
    epc: str = ""
    """What the QR code of a transfer holds (EPC069-12)."""


Start = Redirection | Instructions


class NotGenuine(Exception):
    """What came does not come from the provider, or is too old; the text says why, without any secret."""


class ProviderAway(Exception):
    """The provider cannot be reached, or does not take the order now; the text says why."""


@attrs.frozen(kw_only=True)
class Method:
    """A way to pay, as customers see it."""

    name: str
    kind: str
    """``card``, ``cheque``, ``transfer`` or ``test``."""
    by_hand: bool
    """Whether the operator records the payment."""


@attrs.frozen(kw_only=True)
class OrderQuery:
    """Which orders are wanted, newest first."""

    account: int | None = None
    state: OrderState | None = None
    by_hand: bool | None = None
    before: int | None = None
    """The id of the last one that was shown."""
    limit: int = 50

"""Credits for others: transfers to accounts, domains whose addresses share a purse, and trials."""

from enum import StrEnum
from typing import Final

import attrs

MOST_TRANSFER: Final = 1_000_000_000
MOST_DOMAINS: Final = 20
"""Of one account."""

TRIAL_CREDITS: Final = 5
TRIAL_LASTS: Final = 30 * 86_400
"""Seconds for which a code is good."""

CALL_LASTS: Final = 300
"""Seconds by which a signed call-back may be early or late."""


class TransferFault(StrEnum):
    """Why nothing was moved."""

    BAD_AMOUNT = "bad-amount"
    NOT_AN_EMAIL = "not-an-email"
    TO_ONESELF = "to-oneself"
    NOT_ENOUGH = "not-enough"
    CLOSED = "closed"
    """The giver's account is closed."""
    TOO_MANY = "too-many"
    """Accounts that were opened by this one today."""


@attrs.frozen(kw_only=True)
class Transfer:
    """Credits that an account gave to another."""

    id: int
    receiver: str
    """Its e-mail."""
    credits: int
    balance: int
    """Of the giver, after it."""
    receiver_balance: int
    opened: bool
    """Whether the receiver's account was opened for it."""


@attrs.frozen(kw_only=True)
class MonthUse:
    """What an account used in one month of the service's clocks."""

    year: int
    month: int
    messages: int
    credits: int


@attrs.frozen(kw_only=True)
class Followed:
    """An account whose credits another follows, since it opened or credited it."""

    account: int
    email: str
    since: int
    """Unix seconds: of the first transfer."""
    given: int
    """Credits, by who follows."""
    balance: int | None
    """None where its holder ended that."""
    months: tuple[MonthUse, ...] = ()
    """The newest first."""


@attrs.frozen(kw_only=True)
class Follower:
    """Who follows an account's credits."""

    account: int
    email: str
    since: int
    given: int


class DomainFault(StrEnum):
    """Why a domain is not shared."""

    NOT_A_DOMAIN = "not-a-domain"
    FREE_MAIL = "free-mail"
    """Anyone may have an address there."""
    TAKEN = "taken"
    """Another account shares it."""
    NOT_YOURS = "not-yours"
    """The account's own address is not of it: the operator has to say so."""
    BAD_PASSWORD = "bad-password"  # noqa: S105
    BAD_LIMIT = "bad-limit"
    TOO_MANY = "too-many"


@attrs.frozen(kw_only=True)
class SharedDomain:
    """A domain, all addresses of which may send by e-mail on an account's purse."""

    domain: str
    daily_limit: int | None
    """Credits that one address may use in a day."""
    created: int
    senders: int = 0
    """Addresses that sent within 30 days."""
    credits: int = 0
    """That they used."""


@attrs.frozen(kw_only=True)
class SenderUse:
    """What one address of a shared domain sent."""

    sender: str
    messages: int
    credits: int
    last: int
    """Day, since 1970-01-01."""


class TrialFault(StrEnum):
    """Why there are no trial credits."""

    BAD_CODE = "bad-code"
    """Unknown, used, or too old: which of them is not told."""
    ALREADY = "already"
    """The account had its trial."""
    CALLER_USED = "caller-used"
    """The telephone that called had its trial."""
    TOO_MANY = "too-many"
    CLOSED = "closed"

"""A request to send, composed and priced; and what it is once accepted."""

import hashlib
from enum import IntEnum

import attrs

from .account import Account, Format
from .draft import Channel
from .refusal import Code, Refusal
from .segment import Coding


class Priority(IntEnum):
    """Which messages of a gateway leave first; the lower."""

    SINGLE = 0
    GROUP = 1


@attrs.frozen
class Composed:
    """One message as it will be sent: rendered, measured, priced, routed."""

    number: str
    typed: str
    text: str = attrs.field(repr=False)
    coding: Coding
    segments: int
    credits: int
    gateway: str
    key: int
    """Of the duplicate control: the same for the same account, number and text."""


def duplicate_key(account: int, number: str, text: str) -> int:
    """64 bits, signed, that stand for one text to one number from one account."""
    digest = hashlib.blake2b(f"{account} {number} {text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@attrs.frozen
class Sender:
    """An address of a shared domain, which uses an account's credits."""

    address: str
    """In canonical form."""
    day: int
    """On which it does, of the service's clocks, in days since 1970-01-01."""


@attrs.frozen(kw_only=True)
class Acceptance:
    """A draft that has passed every check that needs no database, or the refusal that it met.

    Even a refusal goes to the database: the account it was decided by may have changed, and a
    repeated client reference gets its first submission.
    """

    account: Account
    channel: Channel
    destination: str
    text: str = attrs.field(repr=False)
    reference: str | None
    created: int
    """Unix seconds."""
    due: int
    """Unix seconds; ``created`` for now."""
    deferred: bool
    day: int
    """That of ``due`` on the service's clocks, in days since 1970-01-01."""
    format: Format
    validity: int
    """Hours."""
    priority: Priority
    messages: tuple[Composed, ...] = ()
    empty: int = 0
    """Recipients left out since their text was empty."""
    refusal: Refusal | None = None
    sender: Sender | None = None
    """None where the account sends itself."""


@attrs.frozen(kw_only=True)
class Submission:
    """An accepted draft: paid, and its messages queued, in one transaction."""

    id: int
    code: Code
    messages: int
    credits: int
    duplicates: int
    """Recipients left out since they had this text within 24 hours."""
    empty: int
    due: int
    gateways: frozenset[str] = frozenset()
    """Where its messages are queued; empty when it is the answer to a repeated reference."""

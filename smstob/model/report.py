"""What readers are told: the history of messages, the movements of a purse, the queue, the gateways."""

from collections.abc import Mapping

import attrs

from .account import canonical_email
from .identity import bounded, bounded_or_none
from .text import storable, storable_or_none


@attrs.frozen(kw_only=True)
class PartReport:
    """A segment that a gateway took."""

    part: int
    state: str
    gateway: str
    reference: str


@attrs.frozen(kw_only=True)
class MessageReport:
    """A message and what became of it; times are Unix seconds."""

    id: int
    submission: int
    account: str
    """The e-mail of the account."""
    to: str
    text: str = attrs.field(repr=False)
    state: str
    segments: int
    credits: int
    gateway: str
    channel: str
    created: int
    due: int
    """What was asked for, not the next try."""
    handed: int | None
    ended: int | None
    repeats: int
    """How often a segment of it may have gone out twice."""
    error: str | None
    """In French."""
    parts: tuple[PartReport, ...]
    """Those that a gateway took, in order."""
    sender: str | None = None
    """The address of a shared domain that sent it; None where the account did."""


@attrs.frozen(kw_only=True)
class ReplyReport:
    """What a telephone sent back: whole, or a piece whose others are not here."""

    id: int
    at: int
    """Unix seconds; of the last piece."""
    gateway: str
    number: str
    """The sender."""
    recipient: str
    text: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Movement:
    """A ledger entry as the holder of a purse sees it."""

    at: int
    reason: str
    reference: str
    amount: int
    """Credits gained, or lost where negative."""
    balance: int
    """Credits after it."""
    note: str | None
    submission: int | None
    """What was paid, or given back in part."""


@attrs.frozen(kw_only=True)
class QueueReport:
    """How many messages are on their way."""

    queued: int
    due: int
    handed: int
    """Taken by a gateway, their receipts awaited."""
    oldest_due_age: int
    """Seconds; 0 where nothing is due."""


@attrs.frozen(kw_only=True)
class GatewayStatus:
    """A gateway as one daemon sees it; counts are segments since that daemon started."""

    name: str
    daemon: str
    type: str
    state: str
    sent: int
    failed: int
    repeated: int
    rate: float
    """Segments a second of late."""
    at: int


@attrs.frozen(kw_only=True)
class GatewayReport:
    """A configured gateway, over all daemons."""

    name: str
    type: str
    state: str
    """``up`` where it is up for one daemon at least; ``stopped`` where no daemon was heard of."""
    queued: int
    sent: int
    failed: int
    repeated: int
    rate: float


@attrs.frozen(kw_only=True)
class SubmissionReport:
    """A submission, as its sender sees it."""

    id: int
    channel: str
    destination: str
    text: str = attrs.field(repr=False)
    """As typed, before it was made each recipient's own."""
    created: int
    due: int
    """Unix seconds."""
    code: int
    """80 or 81."""
    format: str
    validity: int
    """Hours."""
    messages: int
    segments: int
    """SMS."""
    credits: int
    """Debited; what was given back is not taken off."""
    duplicates: int
    empty: int
    """Recipients left out."""
    states: Mapping[str, int]
    """How many messages are in each state."""
    sender: str | None = None
    """The address of a shared domain that sent it; None where the account did."""

    def count(self, *states: str) -> int:
        """How many messages are in any of ``states``."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def underway(self) -> int:
        """How many messages have not ended."""
        return self.count("queued", "handed")


def _address(typed: str | None) -> str | None:
    return canonical_email(storable(typed or "")) or None


def _pair(before: tuple[int, int] | None) -> tuple[int, int] | None:
    return None if before is None else (bounded(before[0]), bounded(before[1]))


@attrs.frozen(kw_only=True)
class SubmissionQuery:
    """Which submissions are wanted, newest first."""

    channel: str | None = None
    sender: str | None = attrs.field(default=None, converter=_address)
    """An address of a shared domain, whole; empty is none."""
    search: str = attrs.field(default="", converter=storable)
    """What the destination or the text has; case and accents do not count. Only the newest are looked at."""
    since: int | None = attrs.field(default=None, converter=bounded_or_none)
    until: int | None = attrs.field(default=None, converter=bounded_or_none)
    """Unix seconds of ``created``: from, and before."""
    before: tuple[int, int] | None = attrs.field(default=None, converter=_pair)
    """``created`` and ``id`` of the last one that was shown."""
    limit: int = 50


@attrs.frozen(kw_only=True)
class MessageQuery:
    """Which messages of an account are wanted, newest first."""

    submission: int | None = attrs.field(default=None, converter=bounded_or_none)
    number: str | None = attrs.field(default=None, converter=storable_or_none)
    """E.164."""
    state: str | None = None
    since: int | None = attrs.field(default=None, converter=bounded_or_none)
    until: int | None = attrs.field(default=None, converter=bounded_or_none)
    """Unix seconds of the submission's ``created``: from, and before."""
    before: int | None = attrs.field(default=None, converter=bounded_or_none)
    """The id of the last one that was shown."""
    limit: int = 50


@attrs.frozen(kw_only=True)
class DayReport:
    """What an account sent on one day, of the service's clocks."""

    day: int
    """Days since 1970-01-01; a deferred submission is of the day that it is for."""
    messages: int
    """All but those that were cancelled."""
    segments: int
    credits: int
    """Theirs; what was given back for those that failed is not taken off."""
    failed: int
    """Messages that did not arrive, among them: failed, rejected, expired."""
    cancelled: int
    """Besides."""

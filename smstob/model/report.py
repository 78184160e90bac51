"""What readers are told: the history of messages, the movements of a purse, the queue, the gateways."""

import attrs


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

"""One text for one recipient on its way: its segments, its states and what a gateway says of it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from .reference import bounded
from .segment import Coding
from .text import storable, storable_or_none


class State(StrEnum):
    """Where a message or a segment stands."""

    QUEUED = "queued"
    HANDED = "handed"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


FAILURES: Final = frozenset({State.FAILED, State.REJECTED, State.EXPIRED})
"""The ends of what did not arrive."""

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        # failed from queued: one segment was handed, another refused for good; unknown from queued:
        # given several times to gateways that never said whether they took it
        State.QUEUED: frozenset(
            {State.HANDED, State.REJECTED, State.EXPIRED, State.CANCELLED, State.FAILED, State.UNKNOWN}
        ),
        # queued again: «normal + flash» goes out once more as flash
        State.HANDED: frozenset(
            {State.DELIVERED, State.FAILED, State.EXPIRED, State.UNKNOWN, State.QUEUED}
        ),
        State.UNKNOWN: frozenset({State.DELIVERED, State.FAILED, State.EXPIRED, State.QUEUED}),
        State.DELIVERED: frozenset(),
        State.FAILED: frozenset(),
        State.REJECTED: frozenset(),
        State.EXPIRED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)


def fold(parts: Iterable[State], total: int) -> State:
    """The state of a message of ``total`` segments whose known segments stand at ``parts``.

    Delivered when all are; failed or expired as soon as one is; handed as long as one is awaited.
    """
    states = list(parts)
    for decisive in (State.FAILED, State.EXPIRED):
        if decisive in states:
            return decisive
    if len(states) < total:
        return State.HANDED
    for pending in (State.HANDED, State.UNKNOWN):
        if pending in states:
            return pending
    return State.DELIVERED


@attrs.frozen(kw_only=True)
class Segment:
    """What one SMS carries, ready for a gateway."""

    message: int
    part: int
    """1 to ``total``."""
    total: int
    number: str
    """E.164, with its ``+``."""
    text: str = attrs.field(repr=False)
    coding: Coding
    flash: bool
    """Message class 0 (3GPP TS 23.038 §4)."""
    validity: int
    """Seconds that the operator may still try."""


@attrs.frozen
class Handed:
    """The gateway took the segment and will speak of it under ``reference``.

    Segments that it joined into one have the same; where the network told none, it is empty.
    """

    reference: str = attrs.field(converter=bounded)


@attrs.frozen
class Unavailable:
    """Not taken now. The message is given again every second, to this gateway as long as its state is «up».

    A gateway that takes nothing should say «down»: only then do its messages go by the route's next one.
    """


@attrs.frozen
class Throttled:
    """Not taken now: too fast, or for what may pass. It is given again ever later, after ``delay`` seconds at least."""

    delay: float = 1.0


@attrs.frozen
class Rejected:
    """Refused for good; ``reason`` is a sentence in French."""

    reason: str = attrs.field(converter=storable)


@attrs.frozen
class Unknown:
    """Taken or not, nobody knows: it is given again a few times, ever later, and each is counted as a repeat."""

    silent: bool = False
    """The link stood, and no answer came in time: the operator may well have taken it."""


@attrs.frozen
class Doubtful:
    """Taken or not, nobody knows yet; if it was, the network will speak of it under ``reference``.

    The part is noted as unknown, and a receipt or a late answer settles it. Until then it is not given again; after
    ``again`` seconds it is, as with ``Unknown``, and that counts as a repeat. With None it never is.
    """

    reference: str = attrs.field(converter=bounded)
    again: float | None = None


Outcome = Handed | Unavailable | Throttled | Rejected | Unknown | Doubtful


@attrs.frozen
class Answer:
    """What a gateway says of one segment that it was given."""

    message: int
    part: int
    outcome: Outcome


@attrs.frozen(kw_only=True)
class Receipt:
    """What the network says later of a segment: delivered, failed or expired."""

    gateway: str
    reference: str = attrs.field(converter=bounded)
    state: State
    error: str | None = attrs.field(default=None, converter=storable_or_none)
    """In French, where the state is not delivered."""
    at: int
    """Unix seconds."""
    number: str | None = attrs.field(default=None, converter=storable_or_none)
    """The phone that it speaks of (digits), given where the reference may be written in another base."""


@attrs.frozen
class Reply:
    """What a telephone sent back; one piece of it where ``total`` is more than 1."""

    gateway: str
    number: str = attrs.field(converter=storable)
    """The sender: E.164, or the short text that the network shows instead."""
    recipient: str = attrs.field(converter=storable)
    """The number or the name that it was sent to."""
    text: str = attrs.field(converter=storable, repr=False)
    at: int
    """Unix seconds."""
    reference: int | None = None
    """What the pieces of a long one have in common."""
    part: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """1 to ``total``."""
    total: int = attrs.field(default=1, validator=attrs.validators.ge(1))

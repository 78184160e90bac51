"""What a draft would become: told before it is confirmed, without any of it being done."""

import attrs

from .refusal import Code
from .segment import Coding


@attrs.frozen(kw_only=True)
class Sample:
    """One message as it would be received."""

    number: str
    """E.164."""
    typed: str
    name: str
    text: str = attrs.field(repr=False)
    coding: Coding
    length: int
    """Septets in GSM-7, UTF-16 units in UCS-2."""
    segments: int
    credits: int


@attrs.frozen(kw_only=True)
class Reject:
    """A recipient who would get nothing, and why."""

    typed: str
    """As typed, or the number."""
    name: str
    code: Code
    """What it is called in the answers: 84, 90, 91, 92; 99 where no route leads there."""


@attrs.frozen(kw_only=True)
class Estimate:
    """What ``submit`` would do with a draft now."""

    refusal: Code | None
    """Why it would be refused as a whole; None where it would be accepted."""
    messages: int
    """That would be sent; where all is refused, those that nothing keeps back by themselves."""
    segments: int
    """SMS."""
    credits: int
    balance: int
    """Credits in the purse, before."""
    due: int
    """Unix seconds."""
    deferred: bool
    duplicates: int
    empty: int
    """Recipients left out."""
    unicode: int
    """Messages that go as UCS-2, and so hold less."""
    longest: int
    """Segments of the longest message."""
    samples: tuple[Sample, ...]
    """The first ones, and then the longest if it is not among them."""
    rejects: tuple[Reject, ...]
    """The first of those who would get nothing, or for whose sake all is refused."""
    rejected: int
    """How many there are; numbers that are none are counted up to as many as are told."""

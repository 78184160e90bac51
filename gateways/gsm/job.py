"""A message on its way through the modems of a pool."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final, TypeVar
from zlib import crc32

import attrs

from smstob.model.message import Segment

from .station import Station
from .tpdu import pdu, submit

V = TypeVar("V")

MOST_REFUSALS: Final = 6
"""Times that modems may refuse a message for what may pass, before that is its end."""
TOGETHER: Final = 120.0
"""Seconds for which what is left of a message waits for the card that sent the rest: telephones join by sender."""
MOST_REMEMBERED: Final = 10_000
"""Messages."""


@attrs.define(eq=False)
class Job:
    """Segments of one message that are to be sent."""

    message: int
    number: str
    left: deque[Segment]
    since: float
    """When they were given, by a clock that only rises."""
    avoided: set[Station] = attrs.field(factory=set)
    """Those that refused it."""
    has_validity: bool = True
    """Whether the network is told how long it may try."""

    @classmethod
    def of(cls, segments: Sequence[Segment], now: float) -> "Job":
        """The job of a message's segments, of which there is one at least."""
        return cls(segments[0].message, segments[0].number, deque(segments), now)

    def pdu(self, *, reports: bool) -> pdu.Line:
        """The next segment for the modem. Raises NotGsm7, Unwritable."""
        segment = self.left[0]
        # ids of messages to one group are consecutive: some function of them that does not come round with 256
        reference = crc32(b"%d" % segment.message) & 0xFF
        made = submit.of_segment(segment, reference, status_report=reports, validity=self.has_validity)
        return pdu.write(made)


class Memory:
    """What is remembered of messages that come again: the card that began them, and how often they were refused."""

    def __init__(self) -> None:
        self._begun: OrderedDict[int, tuple[str, float]] = OrderedDict()
        self._refusals: OrderedDict[int, int] = OrderedDict()

    def begin(self, message: int, card: str, now: float) -> None:
        """The card took a segment of it, and others are left."""
        _remember(self._begun, message, (card, now))

    def card(self, message: int, now: float) -> str | None:
        """The card that what is left of it has to wait for."""
        card, at = self._begun.get(message, (None, 0.0))
        return card if now < at + TOGETHER else None

    def is_refused_for_good(self, message: int) -> bool:
        """Count a refusal; whether it was one too many."""
        times = self._refusals.get(message, 0) + 1
        _remember(self._refusals, message, times)
        return times >= MOST_REFUSALS

    def end(self, message: int) -> None:
        """It is gone."""
        self._begun.pop(message, None)
        self._refusals.pop(message, None)


def _remember(memory: OrderedDict[int, V], key: int, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)

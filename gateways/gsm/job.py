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

WAITS: Final = (60.0, 300.0, 900.0, 2400.0)
"""Seconds before a message is given again that modems refused for what may pass; after the last that is its end.

An hour in all: a network that is down for that long is nothing that a message can wait for with its card's limits.
"""
UNEXPLAINED_WAIT: Final = 10.0
"""The same where a modem did not say why: it is more likely to be the modem."""
ROUND: Final = 30.0
"""Seconds in which refusals count as one: every modem of the pool may have been asked."""
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
    """When they were given: Unix seconds."""
    avoided: set[Station] = attrs.field(factory=set)
    """Those that refused it."""
    reason: str = ""
    """Why it was refused, where that was said."""
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
        self._refusals: OrderedDict[int, tuple[int, float]] = OrderedDict()

    def begin(self, message: int, card: str, now: float) -> None:
        """The card took a segment of it, and others are left."""
        _remember(self._begun, message, (card, now))

    def card(self, message: int, now: float) -> str | None:
        """The card that what is left of it has to wait for."""
        card, at = self._begun.get(message, (None, 0.0))
        return card if now < at + TOGETHER else None

    def refuse(self, message: int, now: float) -> None:
        """It was refused, by one modem or more of the same round."""
        times, at = self._refusals.get(message, (0, -ROUND))
        if not 0 <= now - at < ROUND:
            _remember(self._refusals, message, (times + 1, now))

    def take(self, message: int) -> None:
        """The network took a segment of it."""
        self._refusals.pop(message, None)

    def wait(self, message: int) -> float | None:
        """Seconds before it may be given again; None where it was refused for good."""
        times, _ = self._refusals.get(message, (1, 0.0))
        return WAITS[times - 1] if times <= len(WAITS) else None

    def end(self, message: int) -> None:
        """It is gone."""
        self._begun.pop(message, None)
        self._refusals.pop(message, None)


def _remember(memory: OrderedDict[int, V], key: int, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)

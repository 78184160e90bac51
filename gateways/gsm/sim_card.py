"""A SIM card, whatever modem it is in: what it sent is on disk before it does."""

from math import ceil
from typing import Final

from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from smstob.model.message import Segment
from smstob.model.modem import SimLimits
from smstob.sim_interfaces import ISims

from .guard import MONTH, Guard

KEPT: Final = MONTH + 60
"""Seconds of which its uses are asked for: a minute more than the longest window."""


class SimCard:
    """A card and its guard. Every coroutine raises what storage raises when the database is away."""

    log = Logger()

    def __init__(self, imsi: str, guard: Guard, sims: ISims, clock: IReactorTime) -> None:
        self.imsi = imsi
        self.guard = guard
        self._sims = sims
        self._clock = clock

    @classmethod
    async def load(cls, imsi: str, limits: SimLimits, sims: ISims, clock: IReactorTime) -> "SimCard":
        """The card ``imsi`` with what it sent in the last month."""
        used = await sims.used(imsi, int(clock.seconds()) - KEPT)
        return cls(imsi, Guard(limits, used), sims, clock)

    async def use(self, segment: Segment, again: float | None) -> int:
        """Count a segment that is about to leave: the id of its use, on disk; ``again`` as in ``Doubtful``."""
        now = self._clock.seconds()
        # before it is on disk: another must not take its place meanwhile
        self.guard.use(segment.number, now)
        return await self._sims.use(self.imsi, segment, int(now), None if again is None else ceil(again))

    def took(self, use: int, reference: int) -> None:
        """Keep the TP-MR under which the network took it; without it, a report is matched by its time."""
        kept = maybeDeferred(self._sims.took, use, reference)
        kept.addErrback(lambda failure: self.log.warn("TP-MR not kept: {why}", why=failure.getErrorMessage()))

    def refused(self, use: int) -> None:
        """Keep that it did not leave; without it, a daemon that is killed now takes it for doubtful."""
        kept = maybeDeferred(self._sims.refused, use)
        kept.addErrback(lambda failure: self.log.warn("refusal not kept: {why}", why=failure.getErrorMessage()))

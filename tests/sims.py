"""What is kept of SIM cards, in memory, for gateways under test."""

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred, execute, fail
from zope.interface import implementer

from smstob.model.message import Segment
from smstob.model.modem import SimUse, SimUses
from smstob.model.segment import Coding
from smstob.sim_interfaces import ISims
from smstob.storage.database import Unavailable as Away

T = TypeVar("T")


def segment_to(number: str, message: int = 1, part: int = 1) -> Segment:
    """A segment of a message to that number, for what only counts it."""
    return Segment(
        message=message, part=part, total=part, number=number, text="Bonjour", coding=Coding.GSM7, flash=False,
        validity=3600,
    )  # fmt: skip


@attrs.define
class Kept:
    """A segment that a card sent."""

    id: int
    sim: str
    number: str
    at: int
    reference: int | None = None
    message: int = 0
    part: int = 0
    again: int | None = None
    is_refused: bool = False


@implementer(ISims)
class KeptSims:
    """Keeps all, at once; or nothing, while it is ``away``."""

    def __init__(self) -> None:
        self.away = False
        self.kept: list[Kept] = []
        self.pins: dict[str, str] = {}

    def used(self, sim: str, since: int) -> "Deferred[SimUses]":
        """See ``ISims``."""

        def look() -> SimUses:
            found = sorted(self._of(sim, since), key=lambda one: one.at)
            return SimUses(
                minutes=Counter(one.at // 60 for one in found),
                numbers={one.number: one.at for one in found},
                last=found[-1].at if found else 0,
            )

        return self._do(look)

    def use(self, sim: str, segment: Segment, at: int, again: int | None) -> "Deferred[int]":
        """See ``ISims``."""

        def keep() -> int:
            self.kept.append(
                Kept(
                    id=len(self.kept) + 1,
                    sim=sim,
                    number=segment.number,
                    at=at,
                    message=segment.message,
                    part=segment.part,
                    again=again,
                )
            )
            return len(self.kept)

        return self._do(keep)

    def took(self, use: int, reference: int) -> "Deferred[None]":
        """See ``ISims``."""

        def keep() -> None:
            for one in self.kept:
                if one.id == use:
                    one.reference = reference

        return self._do(keep)

    def refused(self, use: int) -> "Deferred[None]":
        """See ``ISims``."""

        def keep() -> None:
            for one in self.kept:
                if one.id == use:
                    one.is_refused = True

        return self._do(keep)

    def uses(self, sim: str, digits: str, since: int) -> "Deferred[list[SimUse]]":
        """See ``ISims``."""

        def look() -> list[SimUse]:
            found = [one for one in self._of(sim, since) if one.number.endswith(digits)]
            newest = sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:100]
            return [SimUse(one.id, one.at, one.reference) for one in newest]

        return self._do(look)

    def given_pin(self, card: str) -> "Deferred[str | None]":
        """See ``ISims``."""
        return self._do(lambda: self.pins.get(card))

    def give_pin(self, card: str, digest: str) -> "Deferred[None]":
        """See ``ISims``."""
        return self._do(lambda: self.pins.update({card: digest}))

    def accepted_pin(self, card: str) -> "Deferred[None]":
        """See ``ISims``."""

        def forget() -> None:
            self.pins.pop(card, None)

        return self._do(forget)

    def _of(self, sim: str, since: int) -> list[Kept]:
        return [one for one in self.kept if one.sim == sim and one.at >= since]

    def _do(self, work: Callable[[], T]) -> "Deferred[T]":
        return fail(Away("away")) if self.away else execute(work)


class HeldSims(KeptSims):
    """Does nothing until it is told to ``go``, which may be never."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], Any]] = []
        self.holds_reading = False

    def use(self, sim: str, segment: Segment, at: int, again: int | None) -> "Deferred[int]":
        """See ``ISims``."""
        return self._hold(lambda: super(HeldSims, self).use(sim, segment, at, again))

    def used(self, sim: str, since: int) -> "Deferred[SimUses]":
        """See ``ISims``."""
        return self._hold(lambda: super(HeldSims, self).used(sim, since), self.holds_reading)

    def go(self) -> None:
        """Do what waits."""
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()

    def _hold(self, work: Callable[[], Any], is_held: bool = True) -> "Deferred[Any]":
        done: Deferred[Any] = Deferred()
        self.waiting.append(lambda: work().chainDeferred(done))
        if not is_held:
            self.go()
        return done

"""What is kept of SIM cards, in memory, for gateways under test."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import attrs
from twisted.internet.defer import Deferred, execute, fail
from zope.interface import implementer

from smstob.model.modem import SimUse, SimUses
from smstob.sim_interfaces import ISims
from smstob.storage.database import Unavailable as Away

T = TypeVar("T")


@attrs.define
class Kept:
    """A segment that a card sent."""

    id: int
    sim: str
    number: str
    at: int
    reference: int | None = None


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

    def use(self, sim: str, number: str, at: int) -> "Deferred[int]":
        """See ``ISims``."""

        def keep() -> int:
            self.kept.append(Kept(len(self.kept) + 1, sim, number, at))
            return len(self.kept)

        return self._do(keep)

    def took(self, use: int, reference: int) -> "Deferred[None]":
        """See ``ISims``."""

        def keep() -> None:
            for one in self.kept:
                if one.id == use:
                    one.reference = reference

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

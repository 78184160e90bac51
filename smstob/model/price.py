"""What credits cost: whole cents, exact, rounded half up on the sum."""

from itertools import pairwise
from typing import Final

import attrs

MOST_ORDER: Final = 10_000_000
"""Credits of one order."""


@attrs.frozen
class Tier:
    """From so many credits on, each of them costs so much, tax not included."""

    credits: int
    tenths: int
    """Tenths of a cent."""

    def cost(self, credits_: int) -> int:
        """What so many cost by this tier, in cents."""
        return rounded(credits_ * self.tenths, 10)

    @property
    def cents(self) -> int:
        """What the least quantity of this tier costs."""
        return self.cost(self.credits)


def rounded(amount: int, divisor: int) -> int:
    """``amount / divisor`` in whole numbers, halves up; both are positive."""
    return (2 * amount + divisor) // (2 * divisor)


def _descending(_owner: object, _field: object, tiers: tuple[Tier, ...]) -> None:
    pairs = list(pairwise(tiers))
    if not tiers or any(low.credits >= high.credits or low.tenths <= high.tenths for low, high in pairs):
        raise ValueError("tiers have ever more credits, each of which costs ever less")
    if tiers[0].credits < 1 or tiers[-1].tenths < 1:
        raise ValueError("credits are at least one, and cost something")


@attrs.frozen
class PriceList:
    """The tiers, fewest credits first. The first says the least that may be bought. Raises ValueError."""

    tiers: tuple[Tier, ...] = attrs.field(validator=_descending)

    @property
    def least(self) -> int:
        """Credits that must be bought at least."""
        return self.tiers[0].credits

    def tier(self, credits_: int) -> Tier:
        """That of so many credits; the first where there are fewer."""
        return max((one for one in self.tiers if one.credits <= credits_), default=self.tiers[0], key=_credits)

    def net(self, credits_: int) -> int:
        """What so many cost, in cents, tax not included."""
        return self.tier(credits_).cost(credits_)

    def better(self, credits_: int) -> Tier | None:
        """The next tier, where its least quantity costs no more than these: more for less."""
        paid = self.net(credits_)
        return next((one for one in self.tiers if one.credits > credits_ and one.cents <= paid), None)


def _credits(tier: Tier) -> int:
    return tier.credits


PRICES: Final = PriceList(
    (
        Tier(100, 190),
        Tier(500, 170),
        Tier(1_000, 155),
        Tier(2_500, 140),
        Tier(5_000, 125),
        Tier(10_000, 115),
        Tier(20_000, 105),
    )
)
"""From 19.00 € for 100 to 0.105 € each: where the operator sets no others."""

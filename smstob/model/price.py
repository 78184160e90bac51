"""What credits cost: whole cents, exact."""

from typing import Final

import attrs


@attrs.frozen
class Price:
    """So many credits for so much, tax not included."""

    credits: int
    cents: int

    @property
    def tenths_each(self) -> int:
        """What one costs, in tenths of a cent, rounded half up."""
        return (self.cents * 10 * 2 + self.credits) // (2 * self.credits)


PRICES: Final = (
    Price(100, 1_900),
    Price(500, 8_500),
    Price(1_000, 15_500),
    Price(2_500, 35_000),
    Price(5_000, 62_500),
    Price(10_000, 115_000),
    Price(20_000, 210_000),
)
"""From 19.00 € for 100 to 0.105 € each."""

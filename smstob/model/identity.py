"""Whole numbers that come from outside, ids and instants, as databases keep them: 64 bits."""

from collections.abc import Iterable
from typing import Final

LARGEST: Final = 2**63 - 1


def bounded(number: int) -> int:
    """The nearest number that can be kept; no row has an id at either end."""
    return max(-LARGEST, min(number, LARGEST))


def bounded_or_none(number: int | None) -> int | None:
    """Likewise, where there may be none."""
    return None if number is None else bounded(number)


def all_bounded(numbers: Iterable[int]) -> tuple[int, ...]:
    """Likewise, for several."""
    return tuple(map(bounded, numbers))

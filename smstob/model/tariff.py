"""What a segment costs, by country; a country without a price is closed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FRANCE_AND_OVERSEAS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("FR", "GP", "GF", "MQ", "RE", "YT", "PM"), 1)
)


class Tariff:
    """Credits a segment for each open country (ISO 3166-1 alpha-2)."""

    def __init__(self, prices: Mapping[str, int] = FRANCE_AND_OVERSEAS) -> None:
        self._prices = dict(prices)

    def price(self, country: str) -> int | None:
        """Credits for one segment to ``country``, or None where it is closed."""
        return self._prices.get(country)

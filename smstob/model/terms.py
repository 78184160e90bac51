"""On which terms credits are sold."""

import attrs

from .price import PRICES, PriceList


@attrs.frozen(kw_only=True)
class Terms:
    """The operator's prices and his tax."""

    prices: PriceList = PRICES
    vat_rate: int = 2000
    """Hundredths of a percent."""
    franchise: bool = False
    """Whether he owes no tax (CGI art. 293 B)."""
    vat_on_debits: bool = False
    """Whether he owes it when he invoices, by option (CGI art. 269-2 c)."""

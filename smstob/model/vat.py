"""Value added tax: which case a sale is, and what it adds (CGI art. 259, 283, 293 B; directive 2006/112/CE)."""

from enum import StrEnum
from typing import Final

import attrs

from .price import rounded

HUNDREDTHS: Final = 10_000
"""Of a percent in a whole: rates are in hundredths of a percent, 2000 for 20 %."""

UNION: Final = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
"""The European Union, by ISO 3166-1 codes."""

FRANCE: Final = frozenset({"FR", "MC"})
"""Where the tax of the mainland applies: France, and Monaco by treaty."""

OVERSEAS: Final = frozenset({"GP", "MQ", "RE", "GF", "YT", "BL", "MF", "PM", "NC", "PF", "WF"})
"""Of France, and outside the territory of its mainland's tax."""


class Taxation(StrEnum):
    """Which case a sale is."""

    STANDARD = "standard"
    FRANCHISE = "franchise"
    """The seller owes none (CGI art. 293 B)."""
    REVERSE_CHARGE = "reverse-charge"
    """The customer owes it in another country of the Union (CGI art. 283-2)."""
    OUTSIDE = "outside"
    """The customer, a business outside the Union, is served there (CGI art. 259-1°)."""


@attrs.frozen(kw_only=True)
class Amounts:
    """A sale in cents of euros: ``gross`` is ``net`` and ``vat``."""

    net: int
    vat: int
    rate: int
    """Hundredths of a percent."""
    taxation: Taxation

    @property
    def gross(self) -> int:
        """What is paid."""
        return self.net + self.vat


def taxation(*, franchise: bool, country: str, business: bool) -> Taxation:
    """The case of a service that is sold from France to ``country``; a ``business`` has a VAT number, or is no person.

    Whoever is no business is served in France (art. 259-2°), and so are the overseas parts, unless in franchise.
    """
    if franchise:
        return Taxation.FRANCHISE
    if country in FRANCE | OVERSEAS or not business:
        return Taxation.STANDARD
    return Taxation.REVERSE_CHARGE if country in UNION else Taxation.OUTSIDE


def taxed(net: int, rate: int, case: Taxation) -> Amounts:
    """A sale of ``net`` cents, taxed at ``rate`` where it is taxed at all; halves of a cent up."""
    due = rate if case is Taxation.STANDARD else 0
    return Amounts(net=net, vat=rounded(net * due, HUNDREDTHS), rate=due, taxation=case)

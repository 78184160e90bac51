"""Which of a SIM card's messages a status report is about (3GPP TS 23.040 §9.2.3.6: TP-MR comes round after 256)."""

from collections.abc import Iterable
from typing import Final

from smstob.model.modem import SimUse

QUARTER: Final = 900
"""Seconds: service centres write their local time with a wrong zone, or none, by whole quarters of an hour."""
CLOSE: Final = 30
"""Seconds of difference that tell nothing: between clocks, and from our handing over to the network's taking."""
LATEST: Final = 180
"""Seconds from a use whose answer was lost to the network's taking it, and the same of clocks that are wrong."""


def match(uses: Iterable[SimUse], reference: int, taken: int | None) -> SimUse | None:
    """Of the card's ``uses`` for the report's number, the one that it is about.

    ``reference`` is its TP-MR, ``taken`` when the service centre took the message (Unix seconds), None where it does
    not say. One whose reference fits is preferred, the nearest in time, then the newest; else one whose reference was
    never told, if it left at that time. A report that comes before the answer finds its use so, too.
    """
    every = list(uses)
    fitting = [one for one in every if one.reference == reference]
    if taken is None:
        return max(fitting, key=_newest, default=None)
    untold = [one for one in every if one.reference is None and _distance(one, taken) <= LATEST]
    nearest = min(fitting, key=lambda one: (_distance(one, taken) // CLOSE, -one.at), default=None)
    if nearest is not None and (_distance(nearest, taken) <= LATEST or not untold):
        return nearest
    return min(untold, key=lambda one: (abs(taken - one.at), -one.at), default=None)


def _distance(use: SimUse, taken: int) -> int:
    """Seconds between the two, whatever the zone."""
    return abs((taken - use.at + QUARTER // 2) % QUARTER - QUARTER // 2)


def _newest(use: SimUse) -> tuple[int, int]:
    return use.at, use.id

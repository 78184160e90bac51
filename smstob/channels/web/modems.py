"""Modems as their operator sees them: pools, bars and meters. Pure."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from ...model.modem import ModemReport, ModemState
from ...model.report import GatewayReport
from . import modem_labels

GSM: Final = "gsm"
"""The type of gateways that have modems, be it that none was found yet."""

STEPS: Final = (-105, -95, -85, -75)
"""From so many dBm on a signal has one bar more."""

NEARLY: Final = 0.8
"""Part of a limit from which it is shown as one that is soon reached."""


@attrs.frozen(kw_only=True)
class Pool:
    """The modems of one gateway."""

    gateway: str
    modems: tuple[ModemReport, ...]
    queued: int
    """Messages that wait for it."""

    @property
    def up(self) -> int:
        """How many of them send."""
        return sum(modem.state is ModemState.UP for modem in self.modems)

    @property
    def resumes(self) -> int | None:
        """Unix seconds: when a limit lets the first of them send again."""
        return min((modem.until for modem in self.modems if modem.until is not None), default=None)


def pools_of(gateways: Iterable[GatewayReport], modems: Sequence[ModemReport]) -> list[Pool]:
    """A pool for each gateway that has modems, or should have, in the order of the gateways."""
    return [
        Pool(
            gateway=gateway.name,
            modems=tuple(modem for modem in modems if modem.gateway == gateway.name),
            queued=gateway.queued,
        )
        for gateway in gateways
        if gateway.type == GSM or any(modem.gateway == gateway.name for modem in modems)
    ]


def bars(dbm: int) -> int:
    """How many of four bars a signal has."""
    return sum(dbm >= step for step in STEPS)


@attrs.frozen(kw_only=True)
class Meter:
    """How much of a limit is used."""

    label: str
    """In French."""
    used: int
    most: int
    """0 where there is no limit."""

    @property
    def left(self) -> int:
        """What may still be used; never below 0, since a limit may have been lowered."""
        return max(0, self.most - self.used)

    @property
    def share(self) -> float:
        """The part that is used, from 0 to 1."""
        return min(1.0, self.used / self.most) if self.most else 0.0

    @property
    def look(self) -> str:
        """How it is coloured."""
        return "bad" if self.share >= 1 else "doubtful" if self.share >= NEARLY else "good"


def meters(modem: ModemReport) -> tuple[Meter, ...]:
    """What its SIM card used."""
    limits = modem.limits
    return (
        Meter(label=modem_labels.LAST_DAY, used=modem.day, most=limits.per_day),
        Meter(label=modem_labels.LAST_MONTH, used=modem.month, most=limits.per_month),
        Meter(label=modem_labels.RECIPIENTS, used=modem.recipients, most=limits.recipients_per_month),
    )


def mark_of(modems: Sequence[ModemReport]) -> str:
    """A word that is another when anything that is shown of one of them is."""
    return f"{zlib.crc32(repr(modems).encode()):08x}"

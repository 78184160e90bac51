"""GSM modems as their operator sees them, and what is kept of their SIM cards."""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class ModemState(StrEnum):
    """Where a modem stands."""

    ABSENT = "absent"
    """Its port is not there, or does not open."""
    STARTING = "starting"
    """It is being found, asked who it is and set up."""
    LOCKED = "locked"
    """Its SIM card waits for a person: a PIN that was refused, a PUK, no card."""
    SEARCHING = "searching"
    """It has no network yet."""
    UP = "up"
    PAUSED = "paused"
    """For a while it is given nothing: the network is busy, or refuses all it is given."""
    LIMITED = "limited"
    """Its SIM card has sent as much as it may for now."""
    HEALING = "healing"
    """It was silent, or ill: it is being brought back."""


@attrs.frozen(kw_only=True)
class SimLimits:
    """What a SIM card may send, in segments, whatever modem it is in; 0 is no limit. Every window slides."""

    per_minute: int = 15
    """Spaced evenly."""
    per_day: int = 0
    """In any 24 hours."""
    per_month: int = 0
    """In any 31 days."""
    recipients_per_month: int = 0
    """Different numbers in any 31 days."""


@attrs.frozen(kw_only=True)
class SimUses:
    """What a SIM card sent since some moment; times are Unix seconds."""

    minutes: Mapping[int, int] = attrs.field(factory=dict)
    """Minute since 1970 → segments; minutes without any are left out."""
    numbers: Mapping[str, int] = attrs.field(factory=dict, repr=False)
    """Number in E.164 → when it was last sent to."""
    last: int = 0
    """When the last segment was sent."""


@attrs.frozen
class SimUse:
    """One segment that a SIM card sent, or was about to send when nothing more was heard."""

    id: int
    at: int
    """Unix seconds, just before."""
    reference: int | None
    """TP-MR (3GPP TS 23.040 §9.2.3.6), 0 to 255; None where it is not known."""


@attrs.frozen(kw_only=True)
class ModemReport:
    """A modem of a gateway. Texts are empty and numbers None where they are not known."""

    gateway: str
    port: str
    """Where it was found: ``/dev/ttyUSB0`` …"""
    state: ModemState
    reason: str = ""
    """A sentence in French: why it does not send, and what to do."""
    since: int
    """Unix seconds: in this state since then."""
    model: str = ""
    """Its maker's name and its own."""
    imei: str = ""
    card: str = ""
    """ICCID of the SIM card."""
    sim: str = ""
    """Its IMSI."""
    network: str = ""
    """The operator's name."""
    roaming: bool = False
    signal: int | None = None
    """In dBm, from -113 to -51."""
    sent: int = 0
    """Segments since the daemon started."""
    failed: int = 0
    """Refused or unknown, likewise."""
    resets: int = 0
    """How often it had to be brought back, likewise."""
    day: int = 0
    """Segments that the SIM card sent in the last 24 hours."""
    month: int = 0
    """In the last 31 days."""
    recipients: int = 0
    """Different numbers in the last 31 days."""
    limits: SimLimits = attrs.field(factory=SimLimits)
    until: int | None = None
    """Unix seconds: when a limit lets it send again, where one keeps it from that."""
    heard: int | None = None
    """Unix seconds: when it last said anything."""

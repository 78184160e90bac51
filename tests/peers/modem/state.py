"""What a modem knows between two lines: who it is, its SIM, its settings, whether it has a network."""

from typing import Final

import attrs

from .card import Memory, Sim
from .faults import Faults
from .network import SimulatedNetwork
from .profiles import GENERIC, Profile

NO_SIM, PIN, PUK, BUSY = 10, 11, 12, 14
"""Troubles with a SIM, as +CME ERROR has them (3GPP TS 27.007 §9.2)."""
_OF_SMS: Final = {NO_SIM: 310, PIN: 311, PUK: 316, BUSY: 314}
"""The same in +CMS ERROR (27.005 §3.2.5)."""
CNMI: Final = (0, 0, 0, 0, 0)
_WORDS: Final = {
    "+CME ERROR: 10": "SIM not inserted",
    "+CME ERROR: 11": "SIM PIN required",
    "+CME ERROR: 12": "SIM PUK required",
    "+CME ERROR: 14": "SIM busy",
    "+CME ERROR: 16": "incorrect password",
    "+CME ERROR: 3": "operation not allowed",
    "+CMS ERROR: 38": "Network out of order",
    "+CMS ERROR: 310": "SIM not inserted",
    "+CMS ERROR: 311": "SIM PIN required",
    "+CMS ERROR: 331": "No network service",
    "+CMS ERROR: 332": "Network timeout",
    "+CMS ERROR: 500": "Unknown error",
}


class Refused(Exception):
    """A command ends with an error."""

    def __init__(self, kind: str = "ERROR", code: int | None = None) -> None:
        super().__init__(kind if code is None else f"+{kind} ERROR: {code}")


@attrs.define(kw_only=True)
class Session:
    """What a restart makes anew."""

    began: float
    echo: bool = True
    errors: int = 0
    """CMEE."""
    unlocked_at: float | None = None
    """When the SIM was given its PIN."""
    radio: int = 1
    """CFUN."""
    radio_at: float = 0.0
    """Since when."""
    cnmi: tuple[int, ...] = CNMI
    csms: int = 0
    cscs: str = "GSM"
    cops_format: int = 0
    registration: dict[str, int] = attrs.field(factory=lambda: {"+CREG": 0, "+CGREG": 0, "+CEREG": 0})
    """Whether changes are told, by command."""
    memories: list[str] = attrs.field(factory=lambda: ["SM", "SM", "SM"])
    quiet: bool = False
    """Whether the noise was ended."""
    must_restart: bool = False
    """It was told to, and does once it has answered."""
    acknowledged: bool = False
    """A message or report was, by CNMA."""
    buffered: list[tuple[str, ...]] = attrs.field(factory=list)
    """What CNMI's mode 0 keeps back."""


@attrs.define(kw_only=True, eq=False)
class State:
    """A modem's."""

    network: SimulatedNetwork
    sim: Sim | None
    faults: Faults
    profile: Profile = GENERIC
    imei: str = "490154203237518"
    signal: int = 19
    """CSQ's."""
    registered_as: int = 1
    """What CREG says of a network: 1 home, 5 roaming, 6 and 7 the same for SMS only."""
    lte_only: bool = False
    """Whether CREG says 0 and CEREG tells of the network."""
    register_seconds: float = 0.0
    """From a usable SIM to a network."""
    sim_seconds: float = 0.0
    """From the PIN, or the start, to a usable SIM."""
    awaits_acknowledgement: bool = False
    own: Memory = attrs.field(factory=lambda: Memory(50))
    reports: Memory = attrs.field(factory=lambda: Memory(20))
    session: Session = attrs.field(factory=lambda: Session(began=0.0))

    def restart(self, now: float) -> None:
        """Forget what a restart forgets."""
        self.session = Session(began=now, radio_at=now, csms=self.profile.csms)
        self.awaits_acknowledgement = False

    def memory(self, name: str) -> Memory:
        """One of the profile's memories, all of which need a SIM."""
        assert self.sim
        return {"SM": self.sim.memory, "ME": self.own, "SR": self.reports}[name]

    def pin_trouble(self) -> int | None:
        """Whether the SIM waits for a PIN or its PUK."""
        if self.sim is None or (self.sim.tries > 0 and self.is_unlocked):
            return None
        return PUK if self.sim.tries == 0 else PIN

    @property
    def is_unlocked(self) -> bool:
        """Whether the SIM asks for no PIN, or was given it."""
        return self.sim is not None and (self.sim.pin is None or self.session.unlocked_at is not None)

    def sim_trouble(self, now: float) -> int | None:
        """What keeps the SIM from being used, as a +CME ERROR."""
        if self.sim is None or self.faults.lasts("no_sim", now):
            return NO_SIM
        if (trouble := self.pin_trouble()) is not None:
            return trouble
        is_busy = now < self.usable_at or self.faults.lasts("sim_busy", now)
        return BUSY if is_busy else None

    @property
    def usable_at(self) -> float:
        """From when the SIM may be used, once it is unlocked."""
        return max(self.session.began, self.session.unlocked_at or 0.0) + self.sim_seconds

    @property
    def registers_at(self) -> float:
        """From when there may be a network."""
        return max(self.usable_at, self.session.radio_at) + self.register_seconds

    def is_registered(self, now: float) -> bool:
        """Whether it has a network."""
        radio = self.session.radio == 1 and not self.faults.lasts("no_network", now)
        return radio and self.sim_trouble(now) is None and now >= self.registers_at

    def registration(self, command: str, now: float) -> int:
        """What ``+CREG``, ``+CGREG`` or ``+CEREG`` says."""
        if self.session.radio != 1 or self.sim_trouble(now) is not None:
            return 0
        if self.lte_only and command != "+CEREG":
            return 0
        return self.registered_as if self.is_registered(now) else 2

    def needs_sim(self, now: float, *, sms: bool = False) -> None:
        """Raise Refused where the SIM cannot be used."""
        if (trouble := self.sim_trouble(now)) is not None:
            raise Refused("CMS", _OF_SMS[trouble]) if sms else Refused("CME", trouble)

    def told(self, refused: Refused) -> str:
        """The error as CMEE has it."""
        told, errors = str(refused), self.session.errors
        if told == "ERROR" or (errors == 0 and (told.startswith("+CME") or self.profile.plain_errors)):
            return "ERROR"
        if errors == 2 and (words := _WORDS.get(told)):
            return f"{told.split(':', maxsplit=1)[0]}: {words}"
        return told

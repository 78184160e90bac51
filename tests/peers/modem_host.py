"""A host at a simulated modem's port, without a port: what it writes is answered at once."""

import re
from typing import Any

import attrs

from tests.peers.modem.card import Sim
from tests.peers.modem.modem import CTRL_Z, SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import PROFILES

PDU = "0031000B913316325476F80000AA04D4F29C0E"
"""To +33612345678: ``Test``, four days, a report wanted."""
LENGTH = 18
IMSI = "208011234567890"
EPOCH = 1_795_000_000.0


def card(**fields: Any) -> Sim:
    """A card that asks for no PIN, unless it is told to."""
    return Sim(imsi=IMSI, iccid="8933012345678901234", **fields)


@attrs.define
class Host:
    """The modem, and the time."""

    modem: SimulatedModem
    now: float = 0.0

    @property
    def network(self) -> SimulatedNetwork:
        """Behind the modem."""
        return self.modem.network

    def say(self, line: str) -> list[str]:
        """Write a command, and hear the lines that come."""
        return self.write(line.encode() + b"\r")

    def write(self, data: bytes) -> list[str]:
        """Write bytes, and hear the lines that come."""
        self.modem.receive(data, self.now)
        return self.hear()

    def raw(self) -> bytes:
        """All that was said, as it is."""
        return b"".join(iter(self.modem.output, b""))

    def hear(self) -> list[str]:
        """The lines that were said: empty ones are left out."""
        return [line for line in re.split(r"[\r\n]+", self.raw().decode("latin-1")) if line]

    def wait(self, seconds: float) -> list[str]:
        """Let time pass, deadline by deadline, and hear what comes."""
        until = self.now + seconds
        for _ in range(100_000):
            deadline = self.modem.deadline
            if deadline is None or deadline > until:
                self.now = until
                self.modem.tick(self.now)
                return self.hear()
            self.now = max(self.now, deadline)
            self.modem.tick(self.now)
        raise AssertionError("it wants its tick for ever")

    def send(self, pdu: str = PDU, length: int = LENGTH) -> list[str]:
        """Hand a message over, whatever comes of the prompt."""
        asked = self.say(f"AT+CMGS={length}")
        if asked != ["> "]:
            return asked
        return self.write(pdu.encode() + bytes((CTRL_Z,)))


def host(profile: str = "generic", sim: Sim | None = None, *, without_sim: bool = False, **settings: Any) -> Host:
    """At a modem that has just started, its echo off."""
    network = SimulatedNetwork(epoch=EPOCH)
    fitted = None if without_sim else sim or card()
    modem = SimulatedModem(network, fitted, PROFILES[profile], **settings)
    modem.start(0.0)
    ready = Host(modem)
    if PROFILES[profile].misses_first:
        ready.say("AT")
    ready.say("ATE0")
    return ready

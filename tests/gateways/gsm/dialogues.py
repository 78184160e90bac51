"""A modem's port without a port: a dialogue that is ready, and what it says to bytes."""

from typing import Final

import attrs

from gateways.gsm.at import Dialogue, Limits
from gateways.gsm.at_events import Event, Noise, Ready

PDU: Final = "0011000B913316324365F70000AA04D4F29C0E"
BODY: Final = "07913396050000F006050B913316324365F7621130412033806211304120438000"
SEND: Final = "AT+CMGS=18"
TIMEOUT: Final = 5.0
SENDING: Final = 120.0


@attrs.define
class Port:
    """A dialogue and the time; what it writes is gathered."""

    dialogue: Dialogue
    now: float = 0.0
    written: bytes = b""

    def hear(self, data: bytes) -> list[Event]:
        """Receive it now."""
        events = self.dialogue.receive(data, self.now)
        self.written += self.dialogue.output()
        return events

    def wait(self, seconds: float) -> list[Event]:
        """Let time pass, deadline by deadline."""
        until, events = self.now + seconds, list[Event]()
        for _ in range(10_000):
            deadline = self.dialogue.deadline
            if deadline is None or deadline > until:
                self.now = until
                return events
            self.now = max(self.now, deadline)
            events += self.dialogue.tick(self.now)
            self.written += self.dialogue.output()
        raise AssertionError("the dialogue wants its tick for ever")

    def send(self, command: str, payload: str = "", names: tuple[str, ...] = ()) -> None:
        """Send it once the modem has rested."""
        self.written = b""
        self.dialogue.send(command, self.now, SENDING if payload else TIMEOUT, payload, names)
        assert self.wait(0.06) == []
        self.written += self.dialogue.output()

    def take(self) -> bytes:
        """What was written since the last time."""
        written, self.written = self.written, b""
        return written


def ready(**limits: float | int) -> Port:
    """A modem that listens."""
    port = Port(Dialogue(Limits(**limits)))  # type: ignore[arg-type]
    assert port.dialogue.synchronise(0.0) == []
    assert port.wait(0.3) == []
    assert port.hear(b"\r\nOK\r\n") == []
    assert port.wait(1) == [Ready()]
    port.take()
    return port


def handed_over() -> Port:
    """A modem that has its PDU and has not answered."""
    port = ready()
    port.send(SEND, PDU)
    assert port.hear(b"\r\n> ") == []
    assert port.wait(0.2) == []
    assert port.take() == SEND.encode() + b"\r" + PDU.encode() + b"\x1a"
    return port


def sound(events: list[Event]) -> list[Event]:
    """All but noise."""
    return [event for event in events if not isinstance(event, Noise)]

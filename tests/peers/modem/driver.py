"""What carries a modem through time: its ticks, its bytes, the coming and going of its port."""

from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from .modem import SimulatedModem


class Outlet(Protocol):
    """Where a modem's port leads to."""

    def said(self, data: bytes) -> None:
        """The modem says something; lost where nobody has the port open."""

    def came(self, path: str) -> None:
        """The port is there; ``path`` where it is another than before, else empty."""

    def went(self) -> None:
        """The port is gone."""


class Driver:
    """One modem by a reactor's clock, from ``plug`` to ``unplug``, as often as one likes."""

    def __init__(self, clock: IReactorTime, modem: SimulatedModem, outlet: Outlet) -> None:
        self.modem = modem
        self._clock = clock
        self._outlet = outlet
        self._is_there = False
        self._call: IDelayedCall | None = None
        modem.wake = self._soon

    def plug(self) -> None:
        """Give it power."""
        self.modem.start(self._clock.seconds())
        self._settle()

    def unplug(self) -> None:
        """Take its power away."""
        self.modem.stop()
        self._settle()

    def opened(self) -> None:
        """The host opened the port."""
        self.modem.opened(self._clock.seconds())
        self._settle()

    def heard(self, data: bytes) -> None:
        """The host writes."""
        self.modem.receive(data, self._clock.seconds())
        self._settle()

    def _tick(self) -> None:
        self._call = None
        self.modem.tick(self._clock.seconds())
        self._settle()

    def _soon(self) -> None:
        """Tick, but not within what the caller does."""
        self._at(self._clock.seconds())

    def _at(self, when: float) -> None:
        if self._call is not None:
            self._call.cancel()
        self._call = self._clock.callLater(max(0.0, when - self._clock.seconds()), self._tick)

    def _settle(self) -> None:
        """Bring out what it says, and whether its port is there."""
        modem = self.modem
        if modem.is_present and not self._is_there:
            self._is_there = True
            self._outlet.came(modem.path)
        while said := modem.output():
            self._outlet.said(said)
        if self._is_there and not modem.is_present:
            self._is_there = False
            self._outlet.went()
        deadline = modem.deadline
        if deadline is not None:
            self._at(deadline)
        elif self._call is not None:
            self._call.cancel()
            self._call = None

"""A port and the modem at it: opened again whenever it is lost, and brought back step by step when it is ill."""

from typing import Any, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol as Connection
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from smstob.model.modem import ModemState

from .modem import Modem
from .modem_events import CardOpened, Changed, Doubt, Fallen, NotSent, PinWanted, Received, Reported, Sent, SentLate
from .modem_events import Event as Told
from .ports import IPorts, why_closed
from .start import Facts, Wanted
from .tpdu.pdu import Line as Pdu

WAITS: Final = (1.0, 5.0, 10.0, 15.0, 30.0)
"""Seconds before a port is opened again after it was lost, or its modem silent, so many times in a row."""
ABSENT_SECONDS: Final = 5.0
"""The same where it did not open: that costs nothing."""
RESET: Final = b"\x1b\rAT+CFUN=1,1\r"
"""Out of a prompt that is still open, and a restart (3GPP TS 27.007 §8.2), whatever the modem may answer."""
LONGEST_STEP: Final = 180.0
"""Seconds that a clock may go on at once: no modem has that long for anything."""
RESET_SECONDS: Final = 0.5
"""For a reset to leave before the port is closed."""

_CLOSED: Final = "Son port n'est pas encore ouvert."
_LOST: Final = "Le modem a été débranché ou a redémarré."
_SECOND: Final = "C'est un second port du même modem."

Outcome = Sent | NotSent | Doubt
"""Of a message that was given to a modem."""


class Owner(Protocol):
    """Whom a line tells."""

    def changed(self) -> None:
        """Its state or what is known of its modem is another."""

    def freed(self) -> None:
        """It is free again."""

    def told(self, event: Reported | Received, modem: Modem) -> None:
        """Something came; with an index it is to be settled by ``Line.settle``."""

    def sent_late(self, event: SentLate) -> None:
        """A message that was in doubt was sent after all."""

    def pin_wanted(self, event: PinWanted, modem: Modem) -> None:
        """``Line.give_pin`` or ``Line.refuse_pin`` has to be called."""

    def may_reset(self, imei: str) -> bool:
        """Whether the modem, which is ill, may be restarted."""

    def card_opened(self, event: CardOpened) -> None:
        """A code that was given is accepted."""


class Line:
    """See the module. Its ``now`` only rises, and does not jump where the time of day is set."""

    def __init__(self, path: str, wanted: Wanted, ports: IPorts, clock: IReactorTime, owner: Owner) -> None:
        self.path = path
        self.state = ModemState.ABSENT
        self.reason = _CLOSED
        self.has_started = False
        """Whether it is known what the modem and its card are, ever since it was plugged in."""
        self._wanted = wanted
        self._ports = ports
        self._clock = clock
        self._owner = owner
        self._modem: Modem | None = None
        self._connection: _Connection | None = None
        self._opening: Deferred[Any] | None = None
        self._timer: IDelayedCall | None = None
        self._resets = 0
        self._falls = 0
        """Since the modem did its work last."""
        self._why = ""
        """The reason of the last one."""
        self._has_answered = False
        """Ever since it was plugged in: a reset is nothing for a modem that is still starting, or is none."""
        self._sending: Deferred[Outcome] | None = None
        self._imei = ""
        """Of the modem that is plugged in, where it has ever told."""
        self._is_carrying = self._was_free = False
        self._shift, self._latest = 0.0, clock.seconds()
        self._is_stopped = True
        self._closing: _Connection | None = None
        """Closed when what was written has left."""
        self._close_call: IDelayedCall | None = None

    @property
    def facts(self) -> Facts | None:
        """What the modem and its card are, since its last start."""
        return self._modem.facts if self._modem is not None else None

    @property
    def modem(self) -> Modem | None:
        """None while the port is closed."""
        return self._modem

    @property
    def is_free(self) -> bool:
        """Whether ``send`` may be called."""
        return self._modem is not None and self._modem.is_free and self._sending is None

    def take_resets(self) -> int:
        """How often its modem had to be brought back, since that was asked last."""
        resets, self._resets = self._resets, 0
        if self._modem is not None:
            resets, self._modem.resets = resets + self._modem.resets, 0
        return resets

    def now(self) -> float:
        """Seconds."""
        told = self._clock.seconds()
        step = told - self._latest
        if not 0 <= step <= LONGEST_STEP:
            self._shift -= step
        self._latest = told
        return told + self._shift

    def start(self) -> None:
        """Open the port."""
        self._is_stopped = False
        self._open()

    def stop(self) -> None:
        """Close it for good, or until ``start``; a message that is under way ends."""
        self._is_stopped = True
        self._set(ModemState.ABSENT, _CLOSED)
        self._cancel()
        self._close_now()
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
        self._close()
        self._cancel()

    def sleep(self) -> None:
        """Leave the port closed until ``start``: its modem has another that is used."""
        self.stop()
        self._set(ModemState.ABSENT, _SECOND)

    def send(self, key: Any, pdu: Pdu) -> "Deferred[Outcome]":
        """Have a message sent; fires in bounded time. Only while ``is_free``."""
        if self._modem is None or self._sending is not None:
            raise RuntimeError("the modem is not free")
        sending = self._sending = Deferred()
        self._modem.send(key, pdu, self.now())
        self._carry()
        return sending

    def settle(self, modem: Modem, index: int, kept: bool) -> None:
        """A stored message that ``modem`` told was kept, or was not."""
        if modem is self._modem:
            modem.settle(index, kept, self.now())
            self._carry()

    def give_pin(self, modem: Modem, code: str) -> bool:
        """The code that ``modem`` wanted; false where it does not want it any more."""
        if modem is not self._modem:
            return False
        was_wanted = modem.give_pin(code, self.now())
        self._carry()
        return was_wanted

    def refuse_pin(self, modem: Modem, reason: str) -> None:
        """There is none for it."""
        if modem is self._modem:
            modem.refuse_pin(reason, self.now())
            self._carry()

    def set_up(self) -> None:
        """See ``Modem.set_up``."""
        if self._modem is not None:
            self._modem.set_up(self.now())
            self._carry()

    def reset(self, reason: str) -> None:
        """The modem answers, but does not do its work."""
        if self._modem is not None:
            self._fall(Fallen(reason, is_ill=True))

    def opened(self, connection: "_Connection") -> None:
        """The port is open."""
        self._connection = connection
        self._modem = Modem(self._wanted)
        self._modem.opened(self.now())
        self._look(self._modem)
        self._carry()

    def received(self, connection: "_Connection", data: bytes) -> None:
        """Bytes came."""
        if connection is self._connection and self._modem is not None:
            self._has_answered = True
            self._modem.receive(data, self.now())
            self._imei = self._modem.imei or self._imei
            self._carry()

    def lost(self, connection: "_Connection") -> None:
        """The port is gone."""
        if connection is not self._connection:
            return
        self._falls += self._modem is None or self._modem.facts is None
        self._has_answered = self.has_started = False
        self._imei = ""
        self._connection = None
        self._why = _LOST
        self._count_reset()
        self._end_modem()
        self._set(ModemState.ABSENT, _LOST)
        self._open_in(self._wait())

    def _open(self) -> None:
        self._timer = None
        connection = _Connection(self)
        opening = self._opening = self._ports.open(self.path, connection)
        opening.addCallbacks(self._is_open, self._is_not_open)

    def _is_open(self, _: Any) -> None:
        self._opening = None

    def _is_not_open(self, failure: Failure) -> None:
        if self._opening is None:
            # it was stopped meanwhile
            return
        self._opening = None
        self._set(ModemState.ABSENT, why_closed(failure))
        self._open_in(ABSENT_SECONDS)

    def _wait(self) -> float:
        return WAITS[min(max(self._falls, 1), len(WAITS)) - 1]

    def _open_in(self, seconds: float) -> None:
        self._cancel()
        if not self._is_stopped:
            self._timer = self._clock.callLater(seconds, self._open)

    def _fall(self, event: Fallen) -> None:
        self._falls += 1
        self._why = event.reason
        self._count_reset()
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._needs_reset(event):
                connection.write(RESET)
                self._close_now()
                self._closing, self._close_call = connection, self._clock.callLater(RESET_SECONDS, self._close_now)
            else:
                connection.close()
        self._end_modem()
        # the modem itself may have told that state before, when it was still there
        self.state, self.reason = ModemState.HEALING, event.reason
        self._owner.changed()
        self._open_in(self._wait())

    def _count_reset(self) -> None:
        # one that did not even start was counted before
        self._resets += self.facts is not None

    def _needs_reset(self, event: Fallen) -> bool:
        if not (event.is_ill or (self._has_answered and self._falls % 2 == 0)):
            return False
        return self._owner.may_reset(self._imei)

    def _close_now(self) -> None:
        closing, self._closing = self._closing, None
        call, self._close_call = self._close_call, None
        if call is not None and call.active():
            call.cancel()
        if closing is not None:
            closing.close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._end_modem()

    def _end_modem(self) -> None:
        modem, self._modem = self._modem, None
        if modem is None:
            return
        self._resets += modem.resets
        modem.lost(self.now())
        for event in modem.events():
            self._tell(event, modem)

    def _carry(self) -> None:
        """Write what there is to write, tell what is told, and come back in time."""
        if self._is_carrying:
            return
        self._is_carrying = True
        try:
            while (modem := self._modem) is not None:
                if self._connection is not None:
                    self._connection.write(modem.output())
                events = modem.events()
                for event in events:
                    self._tell(event, modem)
                if not events:
                    break
        finally:
            self._is_carrying = False
        was_free, self._was_free = self._was_free, self.is_free
        if self._was_free and not was_free:
            self._owner.freed()
        if self._modem is not None:
            self._cancel()
            if (deadline := self._modem.deadline) is not None:
                self._timer = self._clock.callLater(max(0.0, deadline - self.now()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._modem is not None:
            self._modem.tick(self.now())
            self._carry()

    def _tell(self, event: Told, modem: Modem) -> None:
        match event:
            case Sent() | NotSent() | Doubt():
                sending, self._sending = self._sending, None
                if sending is not None:
                    sending.callback(event)
            case SentLate():
                self._owner.sent_late(event)
            case Reported() | Received():
                self._owner.told(event, modem)
            case PinWanted():
                self._owner.pin_wanted(event, modem)
            case CardOpened():
                self._owner.card_opened(event)
            case Fallen():
                if modem is self._modem:
                    self._fall(event)
            case Changed():
                if modem is self._modem:
                    self._look(modem)

    def _look(self, modem: Modem) -> None:
        if modem.facts is not None:
            self._falls, self.has_started = 0, True
        if modem.state is ModemState.STARTING and self._falls:
            # it is not back before it has started
            self._set(ModemState.HEALING, self._why)
        else:
            self._set(modem.state, modem.reason)

    def _set(self, state: ModemState, reason: str) -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self._owner.changed()

    def _cancel(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()


class _Connection(Connection):
    """A port from one opening to its close."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def connectionMade(self) -> None:
        """See ``Line.opened``."""
        self._line.opened(self)

    def dataReceived(self, data: bytes) -> None:
        """See ``Line.received``."""
        self._line.received(self, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """See ``Line.lost``."""
        self._line.lost(self)

    def write(self, data: bytes) -> None:
        """Bytes for the modem."""
        if data and self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        """At once, whatever is still to be written."""
        transport: Any = self.transport
        if transport is not None:
            transport.abortConnection()

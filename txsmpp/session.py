"""An SMPP session as a state machine: bytes in, events out, bytes to write kept until ``output`` takes them.

It knows no socket and no clock: ``receive`` is given what came, ``tick`` the time. Both sides are here; an ESME
binds, an SMSC is bound to (SMPP 3.4 §2.2, §2.3, §2.6, §2.7).
"""

from collections.abc import Mapping
from enum import Enum
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import attrs

from . import pdu
from .binding import Bind, BindResponse
from .constants import LARGEST_SEQUENCE, RESPONSE, Command, Status, status_name
from .events import Answered, Asked, Bound, Closed, Event, Late, Silent, State, Told
from .fields import Body
from .frame import HEADER, LARGEST, Frame, Framer, pack
from .tlv import DecodeError

# a NamedTuple's own constructor takes thrice as long, and these are made by the thousand
_made: Final = tuple.__new__
# to read an enum's member takes longer than to compare it
_NACK: Final = int(Command.GENERIC_NACK)
_ENQUIRE: Final = int(Command.ENQUIRE_LINK)
_UNBIND: Final = int(Command.UNBIND)
_KEPT: Final = 10_000
"""Requests told in ``Silent`` whose answers are still told; the oldest are forgotten first."""
_PLAIN: Final = {command & ~RESPONSE: body().encode() for command, body in pdu.BODIES.items() if command & RESPONSE}
"""Request → the body of its response where nothing is to be said."""


class Role(Enum):
    """Which side of the link this is."""

    ESME = "ESME"
    SMSC = "SMSC"


BOUND: Final[Mapping[int, State]] = MappingProxyType(
    {
        int(Command.BIND_TRANSMITTER): State.BOUND_TX,
        int(Command.BIND_RECEIVER): State.BOUND_RX,
        int(Command.BIND_TRANSCEIVER): State.BOUND_TRX,
    }
)
"""The state that each bind brings about."""

_TX: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})
_RX: Final = frozenset({State.BOUND_RX, State.BOUND_TRX})
_ANY: Final = _TX | _RX
_BY_ESME: Final = dict.fromkeys(
    map(int, (Command.SUBMIT_SM, Command.SUBMIT_MULTI, Command.QUERY_SM, Command.CANCEL_SM, Command.REPLACE_SM)), _TX
) | {int(Command.DATA_SM): _ANY}
_BY_SMSC: Final = {int(Command.DELIVER_SM): _RX, int(Command.DATA_SM): _ANY}
MAY_SEND: Final = {Role.ESME: _BY_ESME, Role.SMSC: _BY_SMSC}
"""Request → the states in which that side may send it (§2.3)."""
_OPEN: Final = frozenset({State.OPEN})
MAY_TELL: Final[Mapping[Role, Mapping[int, frozenset[State]]]] = {
    Role.ESME: {},
    Role.SMSC: {int(Command.ALERT_NOTIFICATION): _RX, int(Command.OUTBIND): _OPEN},
}
"""The same of what has no response."""
# some SMSCs give receipts on a transmitter's link: to refuse them would lose them
MAY_ASK: Final = {
    Role.ESME: dict.fromkeys((*_BY_SMSC, int(Command.ALERT_NOTIFICATION)), _ANY) | {int(Command.OUTBIND): _OPEN},
    Role.SMSC: _BY_ESME | dict.fromkeys(BOUND, _OPEN),
}
"""Request → the states in which that side accepts it from its peer."""
_UNANSWERED: Final = frozenset(MAY_TELL[Role.SMSC])


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds of a session; times in seconds."""

    window: int = 10
    """Requests of ours that may be unanswered."""
    asked: int = 1000
    """Requests of the peer's that may be unanswered; more are refused with ESME_RMSGQFUL, to come again."""
    answer_seconds: float = 60
    """In which a request of ours must be answered."""
    enquire_seconds: float = 30
    """Of silence, after which the peer is asked whether it is there."""
    link_seconds: float = 20
    """In which a bind must come and be answered, and a silent peer must say that it is there."""
    unbind_seconds: float = 3
    """In which all that is under way may end before the session does."""
    largest: int = LARGEST
    """Octets of a PDU."""


class NotNow(Exception):
    """The session cannot send that now: it is not bound for it, it ends, or its window is full."""


class _Sent(NamedTuple):
    context: Any
    response: int
    at: float


class Session:
    """One session, from the connection to its end. ``now`` of ``tick`` are seconds of any clock that only rises."""

    def __init__(self, role: Role, limits: Limits | None = None, now: float = 0.0) -> None:
        self.role = role
        self.limits = limits or Limits()
        self.state = State.OPEN
        self.strays = 0
        """Responses that fit no request, or none that is remembered."""
        self._framer = Framer(self.limits.largest)
        self._output: list[bytes] = []
        self._sequence = 0
        self._pending: dict[int, _Sent] = {}
        """In the order of sending, which is the order of running out of time."""
        self._late: dict[int, _Sent] = {}
        """Told in ``Silent``, in that order: outside the window."""
        self._control: dict[int, _Sent] = {}
        """Binds, unbinds and enquire_links: outside the window."""
        self._open = 0
        self._allowed: frozenset[int] = frozenset()
        self._accepted = self._acceptable()
        self._now = self._heard = self._begun = now
        self._binding = False
        self._leave_by: float | None = None
        self._unbind: int | None = None
        """The sequence number of the peer's unbind."""

    @property
    def room(self) -> int:
        """Requests that may be sent now."""
        return max(0, self.limits.window - len(self._pending)) if self._allowed else 0

    @property
    def is_closed(self) -> bool:
        """Whether the session is over."""
        return self.state is State.CLOSED

    def output(self) -> bytes:
        """What is to be written, once."""
        data = b"".join(self._output)
        self._output.clear()
        return data

    def bind(self, body: Bind) -> None:
        """Ask to be bound: an ESME's first word. Answered by ``Bound`` or ``Closed``. Raises EncodeError."""
        if self.role is not Role.ESME or self.state is not State.OPEN or self._control:
            raise NotNow("a session is bound once, by the ESME")
        self._send_control(body.command, body.encode(), body)

    def request(self, command: int, body: bytes, context: Any) -> None:
        """Send a request whose response comes back with ``context``. Raises NotNow."""
        if command not in self._allowed or len(self._pending) >= self.limits.window:
            raise NotNow(f"0x{command:08X} when {self.state.value}, {len(self._pending)} unanswered")
        sequence = self._next_sequence()
        self._pending[sequence] = _made(_Sent, (context, command | RESPONSE, self._now))
        self._output.append(HEADER.pack(16 + len(body), command, 0, sequence) + body)

    def tell(self, body: Body) -> None:
        """Send what has no response: an SMSC's alert_notification or outbind. Raises NotNow, EncodeError."""
        if self.state not in MAY_TELL[self.role].get(body.command, ()) or self._leave_by is not None:
            raise NotNow(f"0x{body.command:08X} when {self.state.value}")
        data = body.encode()
        self._output.append(pack(body.command, 0, self._next_sequence(), data))

    def respond(self, asked: Asked, status: int = 0, body: bytes = b"") -> list[Event]:
        """Answer the peer's request; ``body`` is the encoded response, not sent with a status but 0.

        An empty one becomes the response with nothing in it. Does nothing where it was answered before or the session
        is over. Gives the event that the end of an unbind may be. Raises EncodeError where ``status`` is none.
        """
        if asked.answered or self.state is State.CLOSED:
            return []
        command = asked.body.command
        body = b"" if status else body or _PLAIN[command]
        self._output.append(pack(command | RESPONSE, status, asked.sequence, body))
        asked.answered = True
        self._open -= 1
        if command in BOUND:
            self._binding = False
            if not status:
                self._set_state(BOUND[command])
        return [] if self._leave_by is None else self._go_on_leaving()

    def unbind(self) -> list[Event]:
        """End in order: what is under way is finished first, within ``unbind_seconds``."""
        if self.is_closed or self._leave_by is not None:
            return []
        if self.state is State.OPEN:
            return self._end("the session was given up before it was bound")
        self._leave_by = self._now + self.limits.unbind_seconds
        self._allowed = frozenset()
        return self._go_on_leaving()

    def lost(self, reason: str) -> list[Event]:
        """The connection is gone."""
        return [] if self.is_closed else self._end(reason)

    def receive(self, data: bytes) -> list[Event]:
        """What the bytes that came mean; however they are cut, the events are the same."""
        if self.is_closed:
            return []
        self._heard = self._now
        events: list[Event] = []
        pending = self._pending
        for frame in self._framer.feed(data):
            command, status, sequence, body = frame
            sent = pending.get(sequence) if command & RESPONSE else None
            if sent is not None and command == sent.response:
                del pending[sequence]
                events.append(_made(Answered, (sent.context, command, status, body)))
            else:
                self._take(frame, events)
                if self.state is State.CLOSED:
                    return events
            if self._leave_by is not None:
                # at once, for what comes next may answer the unbind
                events += self._go_on_leaving()
                if self.state is State.CLOSED:
                    return events
        if (error := self._framer.error) is not None and not self.is_closed:
            self._respond(_NACK, error.status, 0)
            events += self._end(str(error))
        return events

    def tick(self, now: float) -> list[Event]:
        """The sweep: what time alone brings about. Call it every second or so."""
        self._now = now
        limits = self.limits
        if self.is_closed:
            return []
        if self.state is State.OPEN and now - self._begun >= limits.link_seconds:
            return self._end("not bound in time")
        if self._leave_by is not None and now >= self._leave_by:
            return self._leave_late()
        events: list[Event] = []
        late = now - limits.answer_seconds
        silent = []
        while self._pending:
            sequence, sent = next(iter(self._pending.items()))
            if sent.at > late:
                break
            del self._pending[sequence]
            self._late[sequence] = sent
            silent.append(sent.context)
        if silent:
            for sequence in tuple(islice(self._late, max(0, len(self._late) - _KEPT))):
                del self._late[sequence]
            events.append(Silent(silent))
            events += self._go_on_leaving()
        return events + self._enquire(now) if self.state is not State.OPEN else events

    def _enquire(self, now: float) -> list[Event]:
        """Ask a silent peer whether it is there; it is gone where it does not say anything at all."""
        if self.is_closed:
            return []
        for sequence, sent in self._control.items():
            if sent.response != Command.ENQUIRE_LINK_RESP:
                continue
            if self._heard < sent.at:
                return self._end("the peer is silent") if now - sent.at >= self.limits.link_seconds else []
            # it said something else, which does as well; it is asked again when it is silent again
            del self._control[sequence]
            break
        if now - self._heard >= self.limits.enquire_seconds:
            self._send_control(Command.ENQUIRE_LINK, b"", None)
        return []

    def _take(self, frame: Frame, events: list[Event]) -> None:
        """Anything but the plain response to a request."""
        if frame.command & RESPONSE:
            self._take_response(frame, events)
        elif frame.command == _ENQUIRE:
            self._respond(Command.ENQUIRE_LINK_RESP, 0, frame.sequence)
        elif frame.command == _UNBIND:
            self._unbind, self._allowed = frame.sequence, frozenset()
            self._leave_by = self._leave_by or self._now + self.limits.unbind_seconds
            events += self._go_on_leaving()
        else:
            self._take_request(frame, events)

    def _take_response(self, frame: Frame, events: list[Event]) -> None:
        command, status, sequence, body = frame
        if command == _NACK:
            if sequence == 0:
                events += self._end(f"the peer understood nothing: {status_name(status)}", status)
                return
            # a nack is no success, whatever it says
            status, body = status or int(Status.ESME_RUNKNOWNERR), b""
        for kind, sents in ((Answered, self._pending), (Late, self._late)):
            sent = sents.get(sequence)
            if sent is not None and command in (sent.response, _NACK):
                del sents[sequence]
                events.append(kind(sent.context, command, status, body))
                return
        control = self._control.get(frame.sequence)
        if control is None or frame.command not in (control.response, _NACK):
            self.strays += 1
            return
        del self._control[frame.sequence]
        if control.response == Command.UNBIND_RESP:
            events += self._end("unbound")
        elif control.context is not None:
            self._take_bind_response(control.context, frame, events)

    def _take_bind_response(self, body: Bind, frame: Frame, events: list[Event]) -> None:
        status = frame.status or (frame.command == _NACK and Status.ESME_RBINDFAIL)
        if status:
            events += self._end(f"the bind was refused: {status_name(status)}", int(status))
            return
        self._set_state(BOUND[body.command])
        events.append(Bound(self.state, BindResponse.decode(frame.body).system_id))

    def _take_request(self, frame: Frame, events: list[Event]) -> None:
        command, sequence = frame.command, frame.sequence
        if command not in pdu.BODIES:
            self._respond(_NACK, Status.ESME_RINVCMDID, sequence)
            return
        if command not in self._accepted or self._binding:
            bound = command in BOUND and (self._binding or self.state is not State.OPEN)
            self._refuse(command, Status.ESME_RALYBND if bound else Status.ESME_RINVBNDSTS, sequence)
            return
        try:
            body = pdu.decode(command, frame.body)
        except DecodeError as error:
            self._refuse(command, error.status, sequence)
            return
        if command in _UNANSWERED:
            events.append(Told(body))
        elif self._leave_by is not None:
            self._refuse(command, Status.ESME_RX_T_APPN, sequence)
        elif self._open >= self.limits.asked:
            self._refuse(command, Status.ESME_RMSGQFUL, sequence)
        else:
            self._open += 1
            self._binding = command in BOUND
            events.append(Asked(sequence, body))

    def _refuse(self, command: int, status: int, sequence: int) -> None:
        self._respond(_NACK if command in _UNANSWERED else command | RESPONSE, status, sequence)

    def _respond(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        self._output.append(pack(command, status, sequence, body))

    def _send_control(self, command: int, body: bytes, context: Any) -> None:
        sequence = self._next_sequence()
        self._control[sequence] = _Sent(context, command | RESPONSE, self._now)
        self._output.append(pack(command, 0, sequence, body))

    def _next_sequence(self) -> int:
        """1 to 0x7FFFFFFF and round again, passing over what is unanswered, be it late."""
        sequence = self._sequence % LARGEST_SEQUENCE + 1
        while sequence in self._pending or sequence in self._control or sequence in self._late:
            sequence = sequence % LARGEST_SEQUENCE + 1
        self._sequence = sequence
        return sequence

    def _set_state(self, state: State) -> None:
        self.state = state
        self._heard = self._now
        self._accepted = self._acceptable()
        allowed = MAY_SEND[self.role].items()
        self._allowed = frozenset(command for command, states in allowed if state in states)

    def _acceptable(self) -> frozenset[int]:
        return frozenset(command for command, states in MAY_ASK[self.role].items() if self.state in states)

    def _go_on_leaving(self) -> list[Event]:
        if self._leave_by is None or self._open or self._pending or self.is_closed:
            return []
        if self._unbind is not None:
            self._respond(Command.UNBIND_RESP, 0, self._unbind)
            return self._end("the peer unbound")
        if not any(sent.response == Command.UNBIND_RESP for sent in self._control.values()):
            self._send_control(Command.UNBIND, b"", None)
        return []

    def _leave_late(self) -> list[Event]:
        if self._unbind is not None:
            self._respond(Command.UNBIND_RESP, 0, self._unbind)
        elif not any(sent.response == Command.UNBIND_RESP for sent in self._control.values()):
            self._send_control(Command.UNBIND, b"", None)
        return self._end("unbound, with something unfinished" if self._pending or self._open else "unbound")

    def _end(self, reason: str, status: int = 0) -> list[Event]:
        unanswered = [sent.context for sent in self._pending.values()]
        self.state, self._allowed = State.CLOSED, frozenset()
        self._pending.clear()
        self._late.clear()
        self._control.clear()
        return [Closed(reason, status, unanswered)]

"""An SMSC: listens, has binds checked, and hands on what bound ESMEs ask."""

from collections.abc import Callable, Sequence
from typing import Final

from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.logger import Logger

from .binding import VERSION, Bind, BindResponse
from .constants import RESPONSE, Status
from .events import Asked, Closed, Event
from .pdu import BODIES
from .session import Limits, Role, Session
from .tlv import Tag, tlv
from .wire import Owner, Wire

_log: Final = Logger()

MOST: Final = 1000
"""Connections at once."""

Authenticate = Callable[[Bind, Wire], int]
"""Gives the status that a bind is answered: 0 where it is accepted."""


class Smsc(ServerFactory):
    """Makes a wire for each ESME that connects.

    ``authenticate`` decides on binds; ``owner`` is told everything else, of bound wires only, and responds. It
    writes ``submit_sm_resp`` and the like itself: ``wire.respond(asked, 0, SubmitSmResponse(…).encode())``.
    """

    noisy = False

    def __init__(
        self,
        system_id: bytes,
        authenticate: Authenticate,
        owner: Owner,
        clock: IReactorTime,
        limits: Limits | None = None,
        most: int = MOST,
    ) -> None:
        self.wires: set[Wire] = set()
        """The wires whose sessions are bound."""
        self._system_id = system_id
        self._authenticate = authenticate
        self._owner = owner
        self._clock = clock
        self._limits = limits
        self._most = most
        self._connections = 0

    def buildProtocol(self, addr: IAddress | None) -> Wire | None:
        """A wire, or None where there are too many: the connection is closed then."""
        if self._connections >= self._most:
            return None
        wire = Wire(Session(Role.SMSC, self._limits), self, self._clock)
        self._connections += 1
        wire.gone.addCallback(self._left)
        return wire

    def _left(self, _: None) -> None:
        self._connections -= 1

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``wire.Owner``."""
        rest: list[Event] = []
        for event in events:
            if isinstance(event, Asked) and isinstance(event.body, Bind):
                self._decide(wire, event, event.body)
            elif isinstance(event, Closed):
                if wire in self.wires:
                    self.wires.discard(wire)
                    rest.append(event)
            else:
                rest.append(event)
        if rest:
            self._owner.happened(wire, rest)

    def _decide(self, wire: Wire, asked: Asked, bind: Bind) -> None:
        if wire.session.is_closed:
            return
        try:
            status = self._authenticate(bind, wire)
        except Exception:
            _log.failure("A bind could not be checked.")
            status = Status.ESME_RSYSERR
        if status:
            wire.respond(asked, status)
            wire.close("the bind was refused")
            return
        version = (tlv(Tag.SC_INTERFACE_VERSION, VERSION),) if bind.interface_version >= VERSION else ()
        kind = BODIES[bind.command | RESPONSE]
        assert issubclass(kind, BindResponse)
        wire.respond(asked, 0, kind(system_id=self._system_id, tlvs=version).encode())
        # the peer may have unbound already
        if not wire.session.is_closed:
            self.wires.add(wire)

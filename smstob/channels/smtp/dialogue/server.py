"""The SMTP server: who may connect, for how long, and how much of their mail is held at once."""

import traceback
from collections import Counter
from collections.abc import Collection
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ....model.address import Network, is_in, network_of
from ....model.refusal import Unavailable
from ..mail import Delivery, Envelope, Reply
from ..mailbox import Mailbox
from .conversation import Conversation
from .replies import AWAY, BUSY, OUR_FAULT, spoken
from .session import SmtpSession
from .xforward import canonical

_log: Final = Logger()


@attrs.frozen(kw_only=True)
class Bounds:
    """What a client may take; seconds, bytes and counts."""

    connections: int = 500
    connections_per_address: int = 20
    """From one IPv4 address or IPv6 /64; relays that are trusted are not counted."""
    message_bytes: int = 1_048_576
    recipients: int = 100
    """Of one mail."""
    command_seconds: float = 60
    """From an answer to the end of the next command."""
    data_seconds: float = 180
    """For all of a mail's text."""
    session_seconds: float = 900
    errors: int = 20
    """Of speech, in a session."""
    commands: int = 400
    """Between two mails."""
    mails: int = 200
    """In a session."""
    held_bytes: int = 67_108_864
    """Of all mails that are here at once."""


class Busy(Protocol):
    """One connection too many: told so, and closed."""

    transport: Any

    def connectionMade(self) -> None:
        """A client is here."""
        self.transport.write(spoken(BUSY))
        self.transport.loseConnection()


class SmtpServer(ServerFactory):
    """The server of ``domain``, which hands its mails to ``delivery``.

    Clients in ``trusted_relays`` may be many, and tell whose mail they bring (XFORWARD). ``context`` is a context
    factory, as ``Certificate``; without one there is no STARTTLS.
    """

    noisy = False
    closing = False
    """Whether nobody is served any more."""
    held = 0
    """Bytes of mails that are here."""

    def __init__(
        self,
        delivery: Delivery,
        bounds: Bounds,
        domain: str,
        clock: IReactorTime,
        trusted_relays: Collection[Network] = (),
        context: Any = None,
    ) -> None:
        self.bounds = bounds
        self.domain = domain
        self.clock = clock
        self.context = context
        self._delivery = delivery
        self._trusted_relays = trusted_relays
        self._sessions: set[Conversation] = set()
        self._addresses: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._deliveries = 0
        self._waiting: list[Deferred[None]] = []
        self._sweep = LoopingCall(self.close_late)
        self._sweep.clock = clock

    def startFactory(self) -> None:
        """The first port listens."""
        self.closing = False
        if not self._sweep.running:
            self._sweep.start(1.0, now=False)

    def stopFactory(self) -> None:
        """The last port has closed: everybody is sent away, after the answer to a mail that is being delivered."""
        self.closing = True
        for session in list(self._sessions):
            session.dismiss()
        self._rest()

    def finish(self) -> Deferred[None]:
        """Stop as ``stopFactory`` does; fires when no mail is being delivered. Whoever calls sets a time to it."""
        self.stopFactory()
        finished: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(finished)
        self._tell_finished()
        return finished

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A session, or the answer that there are too many."""
        address = _address_of(addr)
        whose = network_of(address)
        too_many = bool(whose) and self._addresses[whose] >= self.bounds.connections_per_address
        if self.closing or too_many or len(self._sessions) >= self.bounds.connections:
            self._refused[whose] += 1
            return Busy()
        return SmtpSession(self, address, is_in(address, self._trusted_relays))

    def opened(self, session: Conversation) -> None:
        """Count a connection."""
        self._sessions.add(session)
        if not session.relayed:
            self._addresses[network_of(session.address)] += 1

    def closed(self, session: Conversation) -> None:
        """Count one less."""
        self._sessions.discard(session)
        if not session.relayed:
            whose = network_of(session.address)
            self._addresses[whose] -= 1
            if not self._addresses[whose]:
                del self._addresses[whose]
        self._rest()

    def recipient(self, address: str) -> Mailbox | Reply:
        """What the delivery says of it. Never raises."""
        try:
            return self._delivery.recipient(address)
        except Exception as error:
            return _fault("RCPT", error)

    async def deliver(self, envelope: Envelope, data: bytes) -> Reply:
        """What the delivery answers; ``data``, counted in ``held``, is let go. Never raises."""
        self._deliveries += 1
        try:
            return await self._delivery.deliver(envelope, data)
        except Exception as error:
            return _fault("DATA", error)
        finally:
            self._deliveries -= 1
            self.held -= len(data)
            if self._waiting:
                # later: the session has an answer to write first
                self.clock.callLater(0, self._tell_finished)

    def close_late(self) -> None:
        """Dismiss the sessions whose deadline has passed, and log who was refused since the last time."""
        now = self.clock.seconds()
        for session in list(self._sessions):
            if session.deadline < now:
                session.late()
        if self._refused:
            _log.warn(
                "{count} connexions SMTP refusées, de {addresses} adresses, dont {address}.",
                count=self._refused.total(),
                addresses=len(self._refused),
                address=self._refused.most_common(1)[0][0],
            )
            self._refused.clear()

    def _rest(self) -> None:
        if self.closing and not self._sessions and self._sweep.running:
            self._sweep.stop()

    def _tell_finished(self) -> None:
        if not self._deliveries:
            waiting, self._waiting = self._waiting, []
            for finished in waiting:
                finished.callback(None)


def _address_of(peer: IAddress | None) -> str:
    host = str(getattr(peer, "host", ""))
    try:
        return canonical(host)
    except ValueError:
        return host


def _fault(where: str, error: Exception) -> Reply:
    """Log an error without what it says, which may be a mail's text or a password."""
    if isinstance(error, Unavailable):
        _log.warn("SMTP, {where}: put off, nothing can be written or read now", where=where)
        return AWAY
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    _log.error(
        "SMTP, {where} : {kind} ({file}, ligne {line}).",
        where=where,
        kind=type(error).__name__,
        file=frame.f_code.co_filename,
        line=line,
    )
    return OUR_FAULT

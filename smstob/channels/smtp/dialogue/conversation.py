"""The wire side of an SMTP connection: lines in, answers out in their order, deadlines, and how it ends."""

import re
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.mail.smtp import DATA, ESMTP
from twisted.python.failure import Failure

from ..mail import Reply
from . import replies
from .lines import Lines
from .replies import Refused, Violation, spoken

if TYPE_CHECKING:
    from .server import SmtpServer

LINGER: Final = 2.0
"""Seconds for which a client that is dismissed may go on sending, so that it comes to read why."""

NEVER: Final = float("inf")

_READABLE: Final = re.compile(rb"[ -~\t]*")

_log: Final = Logger()


class Conversation(ESMTP):
    """A client, from its greeting to its goodbye. ``deadline`` is when it is dismissed unless it gets on.

    Whoever inherits has the commands, as Twisted's ``do_…`` and ``ext_…``, and what is done with a mail's text.
    """

    transport: Any
    timeout: Any = None
    noisy = False
    deadline: float = NEVER

    def __init__(self, server: "SmtpServer", address: str, relayed: bool) -> None:
        super().__init__(contextFactory=server.context)
        self.host = server.domain
        self.address = address
        self.relayed = relayed
        self._server = server
        self._lines = Lines()
        self._answers: list[bytes] = []
        self._end = server.clock.seconds() + server.bounds.session_seconds
        self._errors = self._commands = 0
        self._conversing = self._delivering = self._clogged = False
        self._closed = self._gone = False

    def _forget(self) -> None:
        """Let go of the mail that is under way."""
        raise NotImplementedError

    def _text_came(self, text: bytes, ended: bool) -> None:
        """Lines of a mail, the last ones if it ``ended``."""
        raise NotImplementedError

    # what the transport tells

    def connectionMade(self) -> None:
        """A client is here."""
        self._server.opened(self)
        self._await_command()
        super().connectionMade()
        self.startedTLS = ISSLTransport.providedBy(self.transport)
        self.transport.registerProducer(self, True)
        self._flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is gone. A mail that is being delivered keeps its place until it is."""
        self._closed = self._gone = True
        self.deadline = NEVER
        self._forget()
        self._lines.clear()
        if not self._delivering:
            self._server.closed(self)

    def dataReceived(self, data: bytes) -> None:
        """Bytes, in whatever pieces."""
        if not self._closed:
            self._lines.add(data)
            self._converse()

    def pauseProducing(self) -> None:
        """The client does not read its answers: nothing more of it is read."""
        self._clogged = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """It has read them."""
        self._clogged = False
        if not self._delivering:
            self._go_on()

    def stopProducing(self) -> None:
        """The connection ends; ``connectionLost`` will say so."""

    # what the server asks

    def late(self) -> None:
        """The deadline has passed."""
        if self._closed:
            self.transport.abortConnection()
        else:
            self._hang_up(replies.TOO_LATE)

    def dismiss(self) -> None:
        """The service stops: at once, or when the mail that is being delivered has its answer."""
        if not (self._closed or self._delivering):
            self._hang_up(replies.STOPPING)

    # the dialogue

    def _converse(self) -> None:
        """Go as far as what is here allows; the answers leave together (RFC 2920 §3.2)."""
        if self._conversing:
            return
        self._conversing = True
        try:
            while not (self._closed or self._delivering or self._clogged) and self._step():
                pass
        except Violation as violation:
            _log.warn("SMTP {address} : {what}.", address=self.address, what=str(violation))
            self._hang_up(violation.reply)
        finally:
            self._conversing = False
        self._flush()

    def _go_on(self) -> None:
        self.transport.resumeProducing()
        self._converse()

    def _step(self) -> bool:
        """Use the next line, or what is here of a mail; gives whether something whole was here."""
        if self.mode is DATA:
            text, ended = self._lines.text()
            self._text_came(text, ended)
            return ended
        line = self._lines.line()
        if line is None:
            return False
        self._await_command()
        self._commands += 1
        if self._commands > self._server.bounds.commands:
            raise Violation(replies.TOO_MANY_COMMANDS)
        try:
            if not _READABLE.fullmatch(line):
                raise Refused(replies.NOT_A_COMMAND)
            self.state_COMMAND(line)
        except Violation:
            raise
        except Refused as refused:
            self._errors += 1
            if self._errors > self._server.bounds.errors:
                raise Violation(replies.TOO_MANY_ERRORS) from None
            self._say(refused.reply)
        return True

    def _await_command(self) -> None:
        self.deadline = min(self._end, self._server.clock.seconds() + self._server.bounds.command_seconds)

    def sendLine(self, line: bytes) -> None:
        """Keep a line of an answer until the next ``_flush``."""
        self._answers.append(line + b"\r\n")

    def _say(self, reply: Reply) -> None:
        self._answers.append(spoken(reply))

    def _flush(self) -> None:
        answers, self._answers = self._answers, []
        if answers:
            self.transport.write(b"".join(answers))

    def _hang_up(self, reply: Reply) -> None:
        """Say a last word. Closed when the client closes, or after ``LINGER``.

        Closed at once, with bytes of it unread, the connection would be reset and the last word lost.
        """
        self._say(reply)
        self._flush()
        self._closed = True
        self.deadline = self._server.clock.seconds() + LINGER
        self._forget()
        self._lines.clear()
        # a transport that has a producer does not close
        self.transport.unregisterProducer()
        self.transport.resumeProducing()
        # beneath TLS a half-close would cut off what is not encrypted yet
        if hasattr(self.transport, "loseWriteConnection") and not self.startedTLS:
            self.transport.loseWriteConnection()
        else:
            self.transport.loseConnection()

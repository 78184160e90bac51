"""One SMTP session (RFC 5321): twisted.mail's ESMTP with the holes closed that its own dialogue has.

From Twisted come the dispatch of commands, the list of extensions and STARTTLS. Ours are the lines (``lines``), the
order of answers and the end (``conversation``), the bounds, and every command that is spoken.
"""

from typing import TYPE_CHECKING, Any, Final

from twisted.internet.defer import Deferred
from twisted.mail.smtp import COMMAND, DATA

from ..mail import Client, Envelope, Reply
from ..mailbox import Mailbox
from . import replies, xforward
from .arguments import forward_path, reverse_path
from .conversation import NEVER, Conversation
from .replies import Refused, Violation

if TYPE_CHECKING:
    from .server import SmtpServer

RELAYS_CROSSED: Final = 50
"""Received headers beyond which a mail goes round in circles (RFC 5321 §6.3); on a straight way there are ten."""

_SPOKEN: Final = frozenset(b"EHLO HELO MAIL RCPT DATA RSET NOOP QUIT HELP VRFY EXPN STARTTLS XFORWARD".split())
_LONGEST_HELO: Final = 255


class SmtpSession(Conversation):
    """The commands, and the mails that they bring."""

    _sender: str | None
    """Of the mail that is under way; None where there is none."""
    _mailboxes: dict[str, Mailbox]
    _forwarded: Client

    def __init__(self, server: "SmtpServer", address: str, relayed: bool) -> None:
        super().__init__(server, address, relayed)
        self._mails = 0
        self._helo_said: str | None = None
        self._data = bytearray()
        self._forget()

    # the commands, as Twisted names them

    def lookupMethod(self, command: bytes) -> Any:
        """The method of a command that is spoken here: Twisted's own AUTH is not."""
        return super().lookupMethod(command) if command.upper() in _SPOKEN else None

    def greeting(self) -> bytes:
        """What comes behind 220."""
        return bytes(self.host) + b" ESMTP SMStoB"

    def extensions(self) -> dict[bytes, list[bytes] | None]:
        """What EHLO announces."""
        said: dict[bytes, list[bytes] | None] = {
            b"SIZE": [b"%d" % self._server.bounds.message_bytes],
            b"8BITMIME": None,
            b"PIPELINING": None,
            b"ENHANCEDSTATUSCODES": None,
        }
        if self.canStartTLS and not self.startedTLS:
            said[b"STARTTLS"] = None
        if self.relayed:
            said[b"XFORWARD"] = [name.encode() for name in xforward.ATTRIBUTES]
        return said

    def sendSyntaxError(self) -> None:
        """An empty line."""
        raise Refused(replies.NOT_A_COMMAND)

    def do_UNKNOWN(self, rest: bytes) -> None:
        """Anything else."""
        raise Refused(replies.UNKNOWN)

    def do_HELO(self, rest: bytes) -> None:
        """The old greeting."""
        self._greeted(rest)
        self.sendCode(250, self.host)

    def do_EHLO(self, rest: bytes) -> None:
        """The greeting that asks for extensions."""
        self._greeted(rest)
        self.sendCode(250, self.host + b"\n" + self.listExtensions())

    def _greeted(self, rest: bytes) -> None:
        if not rest:
            raise Refused(replies.BAD_ARGUMENT)
        self._helo_said = rest.decode("ascii")[:_LONGEST_HELO]
        self._forget()

    def ext_STARTTLS(self, rest: bytes) -> None:
        """What was said before, and what lies behind it unencrypted, counts for nothing (RFC 3207 §4.2)."""
        if rest:
            raise Refused(replies.BAD_ARGUMENT)
        if self.startedTLS:
            raise Refused(replies.OUT_OF_ORDER)
        if not self.canStartTLS:
            raise Refused(replies.NOT_OFFERED)
        if self._lines:
            raise Violation(replies.TLS_INJECTION)
        self._say(replies.READY_FOR_TLS)
        self._flush()
        self._helo_said = None
        self._forget()
        self.startedTLS = True
        self.transport.startTLS(self.ctx)

    def ext_XFORWARD(self, rest: bytes) -> None:
        """A relay tells whose mail comes next; it holds for one mail, as in Postfix."""
        if not self.relayed:
            raise Refused(replies.RELAYS_ONLY)
        if self._helo_said is None or self._sender is not None:
            raise Refused(replies.OUT_OF_ORDER)
        self._forwarded = xforward.forwarded(self._forwarded, rest.decode("ascii"))
        self._say(replies.DONE)

    def do_MAIL(self, rest: bytes) -> None:
        """A mail begins."""
        if self._helo_said is None or self._sender is not None:
            raise Refused(replies.OUT_OF_ORDER)
        if self._mails >= self._server.bounds.mails:
            raise Violation(replies.TOO_MANY_MAILS)
        sender = reverse_path(rest.decode("ascii"), self._server.bounds.message_bytes)
        if isinstance(sender, Reply):
            self._say(sender)
            return
        self._sender = sender
        self._say(replies.SENDER_TAKEN)

    def do_RCPT(self, rest: bytes) -> None:
        """One of its recipients."""
        if self._sender is None:
            raise Refused(replies.OUT_OF_ORDER)
        found = self._server.recipient(forward_path(rest.decode("ascii")))
        if isinstance(found, Reply):
            self._say(found)
        elif found.name not in self._mailboxes and len(self._mailboxes) >= self._server.bounds.recipients:
            self._say(replies.too_many_recipients(self._server.bounds.recipients))
        else:
            self._mailboxes.setdefault(found.name, found)
            self._say(replies.RECIPIENT_TAKEN)

    def do_DATA(self, rest: bytes) -> None:
        """Its text."""
        if rest:
            raise Refused(replies.BAD_ARGUMENT)
        if self._sender is None:
            raise Refused(replies.OUT_OF_ORDER)
        if not self._mailboxes:
            self._say(replies.NO_RECIPIENT)
        elif self._server.held >= self._server.bounds.held_bytes:
            self._say(replies.NO_ROOM)
        else:
            self.mode = DATA
            self.deadline = min(self._end, self._server.clock.seconds() + self._server.bounds.data_seconds)
            self.sendCode(354, b"Terminez par une ligne qui ne porte qu'un point")

    def do_RSET(self, rest: bytes) -> None:
        """No mail after all."""
        self._forget()
        self._say(replies.DONE)

    def do_NOOP(self, rest: bytes) -> None:
        """Are you there?"""
        self._say(replies.DONE)

    def do_HELP(self, rest: bytes) -> None:
        """The commands."""
        self._say(replies.HELP)

    def do_VRFY(self, rest: bytes) -> None:
        """Whether there is such a mailbox: RCPT says it."""
        self._say(replies.MAYBE)

    def do_EXPN(self, rest: bytes) -> None:
        """Who is on a list: there are none."""
        raise Refused(replies.NOT_OFFERED)

    def do_QUIT(self, rest: bytes) -> None:
        """Goodbye."""
        self._hang_up(replies.GOODBYE)

    # a mail

    def _forget(self) -> None:
        """No mail is under way."""
        self.mode = COMMAND
        self._sender = None
        self._mailboxes = {}
        self._forwarded = Client(address="", relayed=True)
        self._drop()

    def _drop(self, why: Reply | None = None) -> None:
        self._server.held -= len(self._data)
        self._data = bytearray()
        self._dropped = why
        if why is None:
            self._received = 0

    def _text_came(self, text: bytes, ended: bool) -> None:
        """What is too much is read and thrown away."""
        bounds = self._server.bounds
        self._received += len(text)
        if self._received > 2 * bounds.message_bytes:
            raise Violation(replies.TOO_BIG)
        if self._received > bounds.message_bytes:
            self._drop(replies.TOO_BIG)
        elif self._server.held + len(text) > bounds.held_bytes:
            self._drop(replies.NO_ROOM)
        elif self._dropped is None:
            self._data += text
            self._server.held += len(text)
        if ended:
            self._mail_ended()

    def _mail_ended(self) -> None:
        self._mails += 1
        self._commands = 0
        self._await_command()
        dropped, data = self._dropped, bytes(self._data)
        envelope = self._envelope()
        if dropped is None and _relays_crossed(data) > RELAYS_CROSSED:
            dropped = replies.LOOP
        if dropped is not None:
            self._forget()
            self._say(dropped)
            return
        self._delivering = True
        self.deadline = NEVER
        # the server holds the text from here on
        self._server.held += len(data)
        self._forget()
        Deferred.fromCoroutine(self._deliver(envelope, data))
        if self._delivering:
            self.transport.pauseProducing()

    def _envelope(self) -> Envelope:
        own = Client(address=self.address, helo=self._helo_said or "")
        return Envelope(
            client=self._forwarded if self.relayed else own,
            sender=self._sender or "",
            mailboxes=tuple(self._mailboxes.values()),
        )

    async def _deliver(self, envelope: Envelope, data: bytes) -> None:
        """Nothing is read meanwhile. Whoever hangs up is counted as long as it takes."""
        reply = await self._server.deliver(envelope, data)
        self._delivering = False
        if self._gone:
            self._server.closed(self)
            return
        self._await_command()
        if self._server.closing:
            self._say(reply)
            self._hang_up(replies.STOPPING)
            return
        self._say(reply)
        if not self._clogged:
            self._go_on()


def _relays_crossed(data: bytes) -> int:
    head = (b"\r\n" + data).partition(b"\r\n\r\n")[0]
    return head.lower().count(b"\r\nreceived:")

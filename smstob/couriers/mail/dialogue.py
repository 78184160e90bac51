"""The client's side of SMTP (RFC 5321), one mail a connection, as one coroutine that asks and reads.

Twisted's ``ESMTPSender`` is not used: it keeps the password in what its errors say, leaves a dot alone where a
chunk of the mail begins with one, goes by what was said in clear before STARTTLS ended, and calls a 421 a 502.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IDelayedCall, IOpenSSLClientConnectionCreator, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

from ...model.notice import NotCarried

REPLY_LINES: Final = 100
REPLY_LINE: Final = 2048
"""What is read of a reply: so many lines, so many bytes each; RFC 5321 §4.5.3.1.5 allows 512."""

WORDS: Final = 200
"""Characters of a server's words that are told."""

PARTING: Final = 5.0
"""Seconds in which a server may say goodbye."""

# they speak of how we came, not of the letter: TLS or a log-in is missing (RFC 4954 §6, RFC 3207 §4)
_ABOUT_US: Final = frozenset({530, 534, 535, 538})


class Reply(NamedTuple):
    """What a server answered."""

    code: int
    lines: tuple[bytes, ...]
    """Without code."""

    def __str__(self) -> str:
        """Code and words: printable, one line, bounded."""
        words = b" ".join(self.lines).decode("utf-8", "replace")
        return f"{self.code} {printable(words)}".rstrip()


def printable(words: str) -> str:
    """One line of what a stranger said, WORDS characters at most."""
    looked = "".join(char if char.isprintable() else " " for char in words[: 4 * WORDS])
    return " ".join(looked.split())[:WORDS]


class Unspoken(Exception):
    """What the peer says is no SMTP."""


@attrs.frozen(kw_only=True)
class Way:
    """How a smarthost is spoken to."""

    domain: str
    """Who we say we are."""
    username: str | None
    """None for no log-in."""
    password: str = attrs.field(repr=False)
    tls: IOpenSSLClientConnectionCreator | CertificateOptions | None
    """For STARTTLS; None where it is not to be asked for: the connection is safe as it is."""


class Link(LineReceiver):
    """A connection that is asked and answers. ``gone`` fires when it is no more."""

    MAX_LENGTH = REPLY_LINE

    def __init__(self, timers: IReactorTime) -> None:
        self._timers = timers
        self._begun: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._waiting: Deferred[Reply] | None = None
        self._ended: Failure | None = None
        self._alarm: IDelayedCall | None = None
        """Set once we take leave."""
        self.gone: Deferred[None] = Deferred()

    async def ask(self, command: bytes) -> Reply:
        """Say a line; what is answered. Raises why the connection ended, if it did."""
        if self._ended is None:
            self.sendLine(command)
        return await self.reply()

    async def reply(self) -> Reply:
        """What is said next."""
        if self._replies:
            return self._replies.popleft()
        if self._ended is not None:
            self._ended.raiseException()
        self._waiting = Deferred()
        return await self._waiting

    def write(self, data: bytes) -> None:
        """Send what is no line."""
        transport: Any = self.transport
        transport.write(data)

    def start_tls(self, context: IOpenSSLClientConnectionCreator | CertificateOptions) -> None:
        """Go on in TLS. What was said in clear already is not taken for an answer (RFC 3207 §6)."""
        transport: Any = self.transport
        if self._replies or self._begun or self.clearLineBuffer():
            raise Unspoken("words in clear behind the answer to STARTTLS")
        transport.startTLS(context)

    def leave(self) -> None:
        """Take leave: close when the server has, or soon."""
        transport: Any = self.transport
        if self._ended is None:
            self.sendLine(b"QUIT")
            self._alarm = self._timers.callLater(PARTING, transport.abortConnection)

    def abort(self, reason: Exception) -> None:
        """Close at once; who waits or asks is told that reason."""
        transport: Any = self.transport
        self._end(Failure(reason))
        transport.abortConnection()

    def lineReceived(self, line: bytes) -> None:
        """Join the lines of a reply (RFC 5321 §4.2.1)."""
        if self._alarm is not None:
            transport: Any = self.transport
            transport.loseConnection()
            return
        if not re.fullmatch(rb"[2-5][0-9]{2}(?:[ -].*)?", line, re.DOTALL) or len(self._begun) >= REPLY_LINES:
            self.abort(Unspoken(f"no SMTP: {printable(line.decode('utf-8', 'replace'))}"))
            return
        self._begun.append(line[4:])
        if line[3:4] == b"-":
            return
        reply = Reply(int(line[:3]), tuple(self._begun))
        self._begun.clear()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(reply)
        elif len(self._replies) < REPLY_LINES:
            self._replies.append(reply)
        else:
            self.abort(Unspoken("answers that nobody asked for"))

    def lineLengthExceeded(self, line: bytes) -> None:
        """No reply is so long."""
        self.abort(Unspoken("a line without an end"))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Whoever waits is told."""
        self._end(reason)
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self.gone.callback(None)

    def _end(self, reason: Failure) -> None:
        self._ended = self._ended or reason
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.errback(self._ended)


async def send(link: Link, way: Way, recipient: str, mail: bytes) -> None:
    """Hand over ``mail``, lines ending in ``\\n``, with the null reverse-path: no bounce of it comes back to us.

    Raises NotCarried, lasting only where the server refused this mail or this recipient for good: what it refuses
    before that, it refuses every letter, until somebody sets right how we come to it. Raises also what ends
    connections, and Unspoken.
    """
    _take(await link.reply())
    offers = await _greet(link, way)
    if way.tls is not None and "STARTTLS" in offers:
        _take(await link.ask(b"STARTTLS"))
        link.start_tls(way.tls)
        offers = await _greet(link, way)
    elif way.tls is not None and way.username is not None:
        raise NotCarried("the server offers no STARTTLS: the password stays here")
    if way.username is not None:
        await _log_in(link, way.username.encode(), way.password.encode(), offers.get("AUTH", "").upper().split())
    _take(await link.ask(b"MAIL FROM:<>"))
    _take(await link.ask(b"RCPT TO:<" + recipient.encode("ascii") + b">"), about_letter=True)
    _take(await link.ask(b"DATA"), 354, about_letter=True)
    link.write(stuffed(mail))
    _take(await link.ask(b"."), about_letter=True)


def stuffed(mail: bytes) -> bytes:
    """Lines that end in CRLF, those that begin with a dot with one more (RFC 5321 §4.5.2)."""
    whole = mail if mail.endswith(b"\n") else mail + b"\n"
    return re.sub(rb"(?m)^\.", b"..", whole).replace(b"\n", b"\r\n")


def _take(reply: Reply, wanted: int | None = None, *, about_letter: bool = False) -> Reply:
    if reply.code != wanted if wanted else not 200 <= reply.code < 300:
        lasting = about_letter and reply.code >= 500 and reply.code not in _ABOUT_US
        raise NotCarried(str(reply), lasting)
    return reply


async def _greet(link: Link, way: Way) -> Mapping[str, str]:
    """Say EHLO: the extensions that are offered, with their parameters."""
    reply = _take(await link.ask(b"EHLO " + way.domain.encode("ascii")))
    offers = (line.decode("ascii", "replace").partition(" ") for line in reply.lines[1:])
    return {keyword.upper(): parameters for keyword, _, parameters in offers}


async def _log_in(link: Link, username: bytes, password: bytes, offered: list[str]) -> None:
    """AUTH (RFC 4954), in TLS; plainly where it can be, since that is what everybody tests."""
    if "PLAIN" in offered:
        _take(await link.ask(b"AUTH PLAIN " + b64encode(b"\0" + username + b"\0" + password)), 235)
    elif "LOGIN" in offered:
        _take(await link.ask(b"AUTH LOGIN"), 334)
        _take(await link.ask(b64encode(username)), 334)
        _take(await link.ask(b64encode(password)), 235)
    elif "CRAM-MD5" in offered:
        asked = _take(await link.ask(b"AUTH CRAM-MD5"), 334)
        try:
            challenge = b64decode(asked.lines[0], validate=True)
        except ValueError as error:
            raise NotCarried("a challenge that cannot be read") from error
        digest = hmac.new(password, challenge, "md5").hexdigest().encode()
        _take(await link.ask(b64encode(username + b" " + digest)), 235)
    else:
        raise NotCarried("the server offers none of AUTH PLAIN, LOGIN and CRAM-MD5")


def why(error: BaseException) -> str:
    """Why there was no connection, or none any more."""
    if isinstance(error, ConnectionLost):
        return "the connection was lost"
    return printable(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)

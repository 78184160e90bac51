"""A raw SMTP client in memory, the server that it talks to, and a delivery that notes what it is given."""

from ipaddress import ip_network
from typing import Any, Final

import attrs
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport, ITLSTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import directlyProvides

from smstob.channels.smtp.dialogue.server import Bounds, SmtpServer
from smstob.channels.smtp.mail import Envelope, Reply
from smstob.channels.smtp.mailbox import Mailbox

DOMAIN: Final = "sms.example"
RELAY: Final = "198.51.100.7"
STRANGER: Final = "192.0.2.1"
TAKEN: Final = Reply(250, "2.0.0", ("OK",))
NOBODY: Final = Reply(550, "5.1.1", ("84", "Numero incorrect"))
TEXT: Final = b"Subject: s\r\n\r\nbonjour\r\n"
OPENING: Final = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sms@sms.example>\r\n"
MAIL: Final = OPENING + b"DATA\r\n" + TEXT + b".\r\n"


class Recorder:
    """A delivery: every mailbox of ``DOMAIN`` exists but ``nobody`` and ``crash``; ``mails`` is what came."""

    def __init__(self, *, held: bool = False) -> None:
        self.held = held
        """Whether answers wait for ``answer``."""
        self.reply: Reply | Exception = TAKEN
        self.asked: list[str] = []
        self.mails: list[tuple[Envelope, bytes]] = []
        self._waiting: list[Deferred[Reply]] = []

    def recipient(self, address: str) -> Mailbox | Reply:
        """Whether there is such a mailbox."""
        self.asked.append(address)
        local, _, domain = address.rpartition("@")
        if local == "crash":
            raise RuntimeError("motdepasse.0612345678")
        if domain.lower() != DOMAIN or local == "nobody":
            return NOBODY
        return Mailbox(local.lower(), local)

    async def deliver(self, envelope: Envelope, data: bytes) -> Reply:
        """Note a mail."""
        self.mails.append((envelope, data))
        if self.held:
            waiting: Deferred[Reply] = Deferred()
            self._waiting.append(waiting)
            return await waiting
        if isinstance(self.reply, Exception):
            # a new one: each time that one is raised its traceback grows
            raise type(self.reply)(*self.reply.args)
        return self.reply

    @property
    def waiting(self) -> int:
        """How many mails wait for their answer."""
        return len(self._waiting)

    def answer(self, reply: Reply = TAKEN) -> None:
        """Answer the oldest mail that waits."""
        self._waiting.pop(0).callback(reply)


class Wire(StringTransport):
    """A transport in memory: it notes a half-close and STARTTLS, and tells its session when it is closed."""

    def __init__(self, address: str) -> None:
        kind = IPv6Address if ":" in address else IPv4Address
        super().__init__(peerAddress=kind("TCP", address, 1234))
        directlyProvides(self, ITLSTransport)
        self.session: Any = None
        self.writes: list[bytes] = []
        self.half_closed = False
        self.closed = False
        self.aborted = False
        self.context: Any = None

    def write(self, data: bytes) -> None:
        """Note one write."""
        self.writes.append(data)
        super().write(data)

    def startTLS(self, contextFactory: Any, normal: bool = True) -> None:  # noqa: N802, N803
        """Pretend that what follows is encrypted."""
        self.context = contextFactory
        directlyProvides(self, ISSLTransport)

    def loseWriteConnection(self) -> None:  # noqa: N802
        """Our side has no more to say."""
        self.half_closed = True

    def loseConnection(self) -> None:  # noqa: N802
        """Close."""
        super().loseConnection()
        self.close()

    def abortConnection(self) -> None:  # noqa: N802
        """Close without ado."""
        super().abortConnection()
        self.aborted = True
        self.close()

    def close(self) -> None:
        """The connection is gone."""
        if not self.closed:
            self.closed = True
            self.session.connectionLost(Failure(ConnectionDone()))


@attrs.define(eq=False)
class Peer:
    """A client."""

    wire: Wire

    def send(self, data: bytes) -> bytes:
        """Send bytes in one read; gives what the server says to them."""
        if not self.wire.closed:
            self.wire.session.dataReceived(data)
        return self.heard()

    def heard(self) -> bytes:
        """What the server has said since the last time."""
        said: bytes = self.wire.value()
        self.wire.clear()
        return said

    def codes(self, data: bytes) -> list[str]:
        """Send; gives the code of each answer, with its enhanced code where it has one."""
        return codes(self.send(data))

    @property
    def dismissed(self) -> bool:
        """Whether the server has no more to say."""
        return self.wire.half_closed or self.wire.closed

    @property
    def paused(self) -> bool:
        """Whether the server reads nothing."""
        return self.wire.producerState == "paused"


@attrs.define
class Server:
    """A server on a clock."""

    bounds: Bounds = attrs.field(factory=Bounds)
    delivery: Recorder = attrs.field(factory=Recorder)
    context: Any = None
    clock: Clock = attrs.field(factory=Clock)
    smtp: SmtpServer = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        relays = [ip_network("198.51.100.0/24")]
        self.smtp = SmtpServer(self.delivery, self.bounds, DOMAIN, self.clock, relays, self.context)
        self.smtp.doStart()

    def connect(self, address: str = STRANGER, *, greeted: bool = False) -> Peer:
        """A client; ``greeted`` has said EHLO already."""
        wire = Wire(address)
        wire.session = self.smtp.buildProtocol(wire.getPeer())
        wire.session.makeConnection(wire)
        peer = Peer(wire)
        if greeted:
            peer.send(b"EHLO c\r\n")
        return peer

    def codes(self, data: bytes, address: str = STRANGER) -> list[str]:
        """What a client gets who has said EHLO and sends ``data``."""
        return self.connect(address, greeted=True).codes(data)

    def mail(self) -> tuple[Envelope, bytes]:
        """The only mail that came."""
        (one,) = self.delivery.mails
        return one


def codes(said: bytes) -> list[str]:
    """The code of each answer, with its enhanced code where it has one. Fails on anything that is no answer."""
    assert said.endswith(b"\r\n") or not said
    told = []
    for line in said.split(b"\r\n")[:-1]:
        assert line[:3].isdigit(), line
        assert line[3:4] in (b" ", b"-"), line
        assert line.isascii(), line
        assert len(line) <= 510
        if line[3:4] == b" ":
            word = line[4:].split(b" ")[0].decode()
            status = word if word.count(".") == 2 and word.replace(".", "").isdigit() else ""
            told.append(f"{line[:3].decode()} {status}".strip())
    return told

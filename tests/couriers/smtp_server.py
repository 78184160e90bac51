"""A mail server on loopback that does as it is told: takes mails, refuses them, falls silent, hangs up."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from twisted.cred.checkers import AllowAnonymousAccess, InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import CramMD5Credentials
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.ssl import CertificateOptions, PrivateCertificate
from twisted.mail.imap4 import PLAINCredentials
from twisted.mail.smtp import COMMAND, ESMTP, IMessage, IMessageDelivery, LOGINCredentials
from twisted.python.failure import Failure
from zope.interface import implementer

USER: Final = "facteur"
PASSWORD: Final = "K7P2-W9X4"

SILENCE: Final = b""
"""Of a plan: no answer ever."""
DROP: Final = b"\0"
"""Of a plan: the connection ends instead."""

MECHANISMS: Final[Mapping[str, Callable[[], Any]]] = {
    "PLAIN": PLAINCredentials,
    "LOGIN": LOGINCredentials,
    "CRAM-MD5": lambda: CramMD5Credentials(b"smstob.example"),
}


@attrs.define
class Taken:
    """What the server took, and how."""

    sender: str
    recipients: list[str]
    mail: bytes = b""
    helo: str = ""


@implementer(IRealm)
class MailServer(Factory[Any]):
    """Answers each step as ``plan`` says (a command, ``banner`` or ``.``), and else as a server should."""

    noisy = False

    def __init__(self, plan: Mapping[str, bytes] | None = None) -> None:
        self.plan = dict(plan or {})
        self.taken: list[Taken] = []
        self.said: list[bytes] = []
        self.open = 0
        self.most_open = 0
        self.tls: CertificateOptions | None = None
        self.mechanisms: tuple[str, ...] = ()
        self.injected = b""
        """What a stranger adds to the answer to STARTTLS, in clear."""

    def buildProtocol(self, addr: Any) -> "Session":
        """A connection."""
        session = Session({name.encode(): MECHANISMS[name] for name in self.mechanisms}, self.tls)
        session.server = self
        known = InMemoryUsernamePasswordDatabaseDontUse(**{USER: PASSWORD.encode()})
        session.portal = Portal(self, [known if self.mechanisms else AllowAnonymousAccess()])
        return session

    def requestAvatar(self, avatar_id: Any, mind: Any, *interfaces: Any) -> Any:  # noqa: N802
        """Everybody may deliver."""
        return IMessageDelivery, Delivery(self), lambda: None


@implementer(IMessageDelivery)
class Delivery:
    """What is delivered in one connection."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._taken = Taken("", [])

    def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:  # noqa: N802
        """None: what came is compared."""
        return b""

    def validateFrom(self, helo: Any, origin: Any) -> Any:  # noqa: N802
        """Everybody may."""
        self._taken = Taken(str(origin), [], helo=helo[0].decode())
        self._server.taken.append(self._taken)
        return origin

    def validateTo(self, user: Any) -> "Callable[[], Message]":  # noqa: N802
        """Everybody lives here."""
        self._taken.recipients.append(str(user.dest))
        return lambda: Message(self._taken)


@implementer(IMessage)
class Message:
    """A mail that comes in."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._lines: list[bytes] = []

    def lineReceived(self, line: bytes) -> None:
        """As it came."""
        self._lines.append(line)

    def eomReceived(self) -> "Deferred[None]":
        """The whole mail."""
        self._taken.mail = b"".join(line + b"\r\n" for line in self._lines)
        return succeed(None)

    def connectionLost(self) -> None:
        """Half a mail is none."""


class Session(ESMTP):
    """A connection that keeps to the plan."""

    server: MailServer
    transport: Any
    portal: Any
    noisy = False

    def connectionMade(self) -> None:
        """Greet."""
        self.server.open += 1
        self.server.most_open = max(self.server.open, self.server.most_open)
        if not self._planned("banner"):
            super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Count."""
        self.server.open -= 1
        super().connectionLost(reason)

    def state_COMMAND(self, line: bytes) -> None:  # noqa: N802
        """A command."""
        self.server.said.append(line)
        command = line.partition(b" ")[0].decode().upper()
        if command == "STARTTLS" and self.server.injected:
            self.transport.write(b"220 go on\r\n" + self.server.injected)
        elif not self._planned(command):
            super().state_COMMAND(line)

    def dataLineReceived(self, line: bytes) -> None:
        """A line of the mail, or its end."""
        if line == b"." and self._planned("."):
            self.mode = COMMAND
        else:
            super().dataLineReceived(line)

    state_DATA = dataLineReceived  # noqa: N815

    def _planned(self, step: str) -> bool:
        answer = self.server.plan.get(step)
        if answer is None:
            return False
        if answer == DROP:
            self.transport.abortConnection()
        elif answer != SILENCE:
            self.transport.write(answer + b"\r\n")
        return True


@contextmanager
def listening(server: MailServer, tls: CertificateOptions | None = None) -> Iterator[int]:
    """The port of 127.0.0.1 where it answers; with ``tls`` from the first byte."""
    from twisted.internet import reactor

    listener: Any = reactor
    if tls is None:
        port = listener.listenTCP(0, server, interface="127.0.0.1")
    else:
        port = listener.listenSSL(0, server, tls, interface="127.0.0.1")
    try:
        yield port.getHost().port
    finally:
        port.stopListening()


@attrs.frozen
class SelfMade:
    """A certificate of one's own."""

    own: PrivateCertificate
    pem: bytes

    @property
    def options(self) -> CertificateOptions:
        """For a server."""
        options: CertificateOptions = self.own.options()
        return options

    def folder(self, path: Path) -> Path:
        """A folder of certificates to trust, as Twisted's endpoints want it."""
        path.mkdir()
        (path / "own.pem").write_bytes(self.pem)
        return path


def self_made(host: str = "127.0.0.1") -> SelfMade:
    """A certificate for that address or name, which nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SelfMade(PrivateCertificate.loadPEM(private + pem), pem)

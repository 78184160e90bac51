"""STARTTLS: what it must forget, over real sockets and in memory; the certificate and its renewal."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import reactor
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread

from smstob.channels.smtp.dialogue.certificate import BadCertificate, Certificate
from smstob.channels.smtp.dialogue.server import Bounds, SmtpServer
from tests.contracts.reactor import in_reactor

from .peer import DOMAIN, MAIL, RELAY, Recorder, Server

PORT: Any = reactor


@attrs.frozen
class Files:
    """A certificate with its chain, and its key, on disk."""

    cert: Path
    key: Path
    root: Path

    def write(self, name: str) -> None:
        """A new pair, for that name, with its issuer's certificate; the issuer's own issuer is in ``root``."""
        root_key, issuer_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        root = _signed("root", root_key, "root", root_key)
        issuer = _signed("issuer", issuer_key, "root", root_key)
        own = _signed(name, key, "issuer", issuer_key)
        self.cert.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, issuer)))
        self.root.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(_pem(key, serialization.NoEncryption()))


def _pem(key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    subject, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer))
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(name in {"root", "issuer"}, None), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A certificate for «first»."""
    files = Files(tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "root.pem")
    files.write("first")
    return files


@pytest.fixture
def certificate(files: Files) -> Certificate:
    """The same, read."""
    return Certificate(str(files.cert), str(files.key))


@attrs.define
class Listening:
    """A server on a port of loopback."""

    delivery: Recorder
    smtp: SmtpServer
    port: Any

    async def talk(self, conversation: Callable[[smtplib.SMTP], Any]) -> Any:
        """What a client of Python's own gives back, from a thread."""

        def client() -> Any:
            with smtplib.SMTP("127.0.0.1", self.port.getHost().port, "client", timeout=10) as smtp:
                return conversation(smtp)

        return await deferToThread(client)


@pytest.fixture
def listening(certificate: Certificate) -> Iterator[Listening]:
    """A server with that certificate."""
    delivery = Recorder()
    smtp = SmtpServer(delivery, Bounds(), DOMAIN, PORT, (), certificate)
    port = PORT.listenTCP(0, smtp, interface="127.0.0.1")
    yield Listening(delivery, smtp, port)
    pytest_twisted.blockon(port.stopListening())


def trusting(files: Files) -> ssl.SSLContext:
    """A client's context that trusts nothing but the root: it must be shown the chain."""
    return ssl.create_default_context(cadata=files.root.read_text())


def subject_seen(smtp: smtplib.SMTP) -> str:
    """The name in the certificate that a client is shown."""
    assert isinstance(smtp.sock, ssl.SSLSocket)
    shown = x509.load_der_x509_certificate(smtp.sock.getpeercert(binary_form=True) or b"")
    return str(shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def unverified() -> ssl.SSLContext:
    """A client's context that trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@in_reactor
async def test_mail_over_starttls(files: Files, listening: Listening) -> None:
    """A client of others upgrades, verifies the certificate, and sends a large mail and goodbye."""
    text = b"Subject: s\r\n\r\n" + b"ligne de texte\r\n" * 50_000

    def conversation(smtp: smtplib.SMTP) -> tuple[bool, bool, int]:
        smtp.ehlo()
        before = smtp.has_extn("starttls")
        smtp._host = "localhost"  # type: ignore[attr-defined]  # the name that is verified
        smtp.starttls(context=trusting(files))
        smtp.ehlo()
        after = smtp.has_extn("starttls")
        smtp.sendmail("a@b.example", ["sms@sms.example"], text)
        return before, after, smtp.quit()[0]

    assert await listening.talk(conversation) == (True, False, 221)
    assert [data for _, data in listening.delivery.mails] == [text]


@in_reactor
async def test_greeting_again_after_starttls(listening: Listening) -> None:
    """What was said before the encryption counts for nothing (RFC 3207 §4.2); a second STARTTLS is 503."""

    def conversation(smtp: smtplib.SMTP) -> list[int]:
        smtp.ehlo()
        smtp.mail("a@b.example")
        smtp.starttls(context=unverified())
        return [smtp.docmd(line)[0] for line in ("RCPT TO:<sms@sms.example>", "MAIL FROM:<>", "EHLO c", "STARTTLS")]

    assert await listening.talk(conversation) == [503, 503, 250, 503]


@in_reactor
async def test_delivery_that_takes_time_over_tls(listening: Listening) -> None:
    """Reading pauses and goes on beneath TLS too: what is pipelined behind a mail is answered after it."""
    listening.delivery.held = True

    def conversation(smtp: smtplib.SMTP) -> list[int]:
        smtp.starttls(context=unverified())
        smtp.send(MAIL + MAIL + b"NOOP\r\n" * 100 + b"QUIT\r\n")
        return [smtp.getreply()[0] for _ in range(111)]

    def answer() -> None:
        if listening.delivery.waiting:
            listening.delivery.answer()

    answering = LoopingCall(answer)
    answering.start(0.05)
    try:
        said = await listening.talk(conversation)
    finally:
        answering.stop()
    assert said == [250, 250, 250, 354, 250] * 2 + [250] * 100 + [221]
    assert len(listening.delivery.mails) == 2


@in_reactor
async def test_renewal(files: Files, certificate: Certificate, listening: Listening) -> None:
    """The next handshake gets the new certificate; a broken one changes nothing and is told; old TLS is refused."""

    def conversation(smtp: smtplib.SMTP) -> str:
        smtp.starttls(context=unverified())
        return subject_seen(smtp)

    files.write("second")
    assert await listening.talk(conversation) == "first"
    certificate.reload()
    assert await listening.talk(conversation) == "second"
    files.cert.write_text("no certificate")
    with pytest.raises(BadCertificate, match="aucun certificat"):
        certificate.reload()
    assert await listening.talk(conversation) == "second"

    def old(smtp: smtplib.SMTP) -> None:
        context = unverified()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        smtp.starttls(context=context)

    with (
        pytest.warns(DeprecationWarning, match="TLSv1_1"),
        pytest.raises((ssl.SSLError, OSError, smtplib.SMTPException)),
    ):
        await listening.talk(old)


@in_reactor
async def test_last_word_over_plain_tcp(listening: Listening) -> None:
    """Who floods reads why he is sent away: the connection is not reset under the answer."""

    def conversation(smtp: smtplib.SMTP) -> bytes:
        assert smtp.sock is not None
        smtp.sock.sendall(b"NOOP\n" + b"x" * 200_000)
        said = b""
        while more := smtp.sock.recv(4096):
            said += more
        return said

    assert (await listening.talk(conversation)).startswith(b"521 5.5.2 ")


@pytest.mark.parametrize("behind", [b"MAIL FROM:<evil@x>\r\n", b"M", b"\x16\x03\x01", MAIL])
def test_injection(certificate: Certificate, behind: bytes) -> None:
    """What lies behind STARTTLS in the same read is not run, encrypted or not (CVE-2011-0411)."""
    server = Server(context=certificate)
    peer = server.connect(greeted=True)
    assert peer.codes(b"STARTTLS\r\n" + behind) == ["421 5.5.1"]
    assert peer.dismissed
    assert peer.wire.context is None
    assert server.delivery.mails == []


def test_forgotten(certificate: Certificate) -> None:
    """The greeting, the mail and what a relay told are gone; the answer left before the handshake."""
    server = Server(context=certificate)
    peer = server.connect(RELAY)
    assert b"250-STARTTLS\r\n" in peer.send(b"EHLO c\r\n")
    said = b"XFORWARD ADDR=203.0.113.9\r\nMAIL FROM:<a>\r\nRCPT TO:<sms@sms.example>\r\nSTARTTLS\r\n"
    assert peer.codes(said)[-1] == "220 2.0.0"
    assert peer.wire.context is certificate
    assert peer.codes(b"DATA\r\nXFORWARD HELO=x\r\nMAIL FROM:<a>\r\n") == ["503 5.5.1"] * 3
    assert b"STARTTLS" not in peer.send(b"EHLO c\r\n")
    peer.send(MAIL.partition(b"\r\n")[2])
    assert server.mail()[0].client.address == ""


def test_starttls_that_never_shakes_hands(certificate: Certificate) -> None:
    """The clock of a command runs through the handshake."""
    server = Server(context=certificate)
    peer = server.connect(greeted=True)
    peer.send(b"STARTTLS\r\n")
    server.clock.pump([1] * 62)
    assert peer.dismissed


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        *(("key", "inutilisables"), ("pair", "inutilisables"), ("noise", "inutilisables")),
        *(("cert", "aucun certificat"), ("gone", "illisible"), ("locked", "mot de passe")),
    ],
)
def test_bad_files(files: Files, broken: str, why: str) -> None:
    """Files that do not fit are told in French, and nothing asks a terminal for a password."""
    if broken in ("cert", "key"):
        getattr(files, broken).write_bytes(b"")
    elif broken == "pair":
        key = files.key.read_bytes()
        files.write("other")
        files.key.write_bytes(key)
    elif broken == "gone":
        files.key.unlink()
    elif broken == "locked":
        key_of = ec.generate_private_key(ec.SECP256R1())
        files.key.write_bytes(_pem(key_of, serialization.BestAvailableEncryption(b"x")))
    else:
        files.cert.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(BadCertificate, match=why):
        Certificate(str(files.cert), str(files.key))

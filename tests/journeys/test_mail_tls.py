"""STARTTLS with a certificate of one's own, renewed while the daemon runs."""

import hashlib
import signal
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from OpenSSL.crypto import FILETYPE_PEM

from tests.couriers.smtp_server import SelfMade, self_made
from tests.daemon import e164, fresh_number
from tests.journeys.mail import MailDaemon, mailbox, running
from tests.ports import START


class Encrypted(MailDaemon):
    """A daemon with a certificate, which may be put in place of another."""

    def __init__(self, directory: Path) -> None:
        pem = directory / "certificate.pem"
        super().__init__(directory, {"certificate": str(pem)})
        self.pem = pem

    def install(self, made: SelfMade | bytes) -> None:
        """Have other files there."""
        if isinstance(made, bytes):
            self.pem.write_bytes(made)
        else:
            self.pem.write_bytes(made.own.privateKey.dump(FILETYPE_PEM) + made.pem)

    def reload(self) -> None:
        """Tell it to read them."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    @contextmanager
    def encrypted(self) -> Iterator[smtplib.SMTP]:
        """A session after STARTTLS, whoever the server says it is."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=15) as client:
            client.starttls(context=context)
            yield client

    def shown(self) -> str:
        """The fingerprint of the certificate that it shows."""
        with self.encrypted() as client:
            return fingerprint(client)


def fingerprint(client: smtplib.SMTP) -> str:
    """Of the certificate that a session was begun with."""
    assert isinstance(client.sock, ssl.SSLSocket)
    return hashlib.sha256(client.sock.getpeercert(binary_form=True) or b"").hexdigest()


def fingerprint_of(made: SelfMade) -> str:
    """The same of a certificate here."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(made.pem.decode())).hexdigest()


@pytest.fixture
def daemon(tmp_path: Path) -> Encrypted:
    """A daemon that was not started."""
    return Encrypted(tmp_path)


def test_renewed(daemon: Encrypted) -> None:
    """A mail goes in encrypted; after SIGHUP the renewed certificate is shown, and who is connected stays."""
    first, second = self_made(), self_made()
    daemon.install(first)
    with running(daemon):
        email, number = daemon.provision(2), fresh_number()
        with daemon.encrypted() as before:
            assert fingerprint(before) == fingerprint_of(first)
            daemon.install(second)
            daemon.reload()
            daemon.wait(lambda: daemon.shown() == fingerprint_of(second), "the renewed certificate is shown")
            for client_of, text in ((daemon.encrypted, "sous le second"), (None, "sous le premier")):
                mail = daemon.mail(email, mailbox(number), text)
                if client_of is None:
                    before.send_message(mail)
                else:
                    with client_of() as client:
                        client.send_message(mail)
        assert {one.text for one in daemon.sent_to(e164(number), segments=2)} == {"sous le second", "sous le premier"}


def test_broken_files(daemon: Encrypted) -> None:
    """SIGHUP with files that are no certificate: said in the log, and the old one goes on; so does a missing file."""
    made = self_made()
    daemon.install(made)
    try:
        daemon.start()
        kept = "the certificate stays as it is"
        daemon.install(b"en cours de copie")
        daemon.reload()
        daemon.wait(lambda: daemon.logged().count(kept) == 1, "what is wrong is logged")
        assert daemon.shown() == fingerprint_of(made)
        daemon.pem.unlink()
        daemon.reload()
        daemon.wait(lambda: daemon.logged().count(kept) == 2, "what is missing is logged")
        assert daemon.shown() == fingerprint_of(made)
        daemon.install(renewed := self_made())
        daemon.reload()
        daemon.wait(lambda: daemon.shown() == fingerprint_of(renewed), "the repaired one is shown")
        daemon.terminate()
        assert "Traceback" not in daemon.logged()
    finally:
        daemon.close()


def test_started_with_broken_files(daemon: Encrypted) -> None:
    """A daemon does not start without the certificate that it was promised, and says which keys to look at."""
    daemon.install(b"pas un certificat")
    process = daemon.spawn()
    assert process.wait(START) == 1
    assert "smtp.certificate, smtp.key" in daemon.logged()
    assert "Traceback" not in daemon.logged()

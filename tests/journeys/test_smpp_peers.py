"""Other SMSCs than the usual one: another's implementation, and one behind TLS."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.daemon import e164
from tests.journeys.operator import OperatorDaemon, number, running, smpp
from tests.peers.node_smsc import NodeSmsc
from tests.peers.smpp34_smsc import Smpp34Smsc

LONG = "Le conseil municipal se réunira jeudi à 20 heures. " * 8


def test_smpp34(tmp_path: Path, smpp34_smsc: Smpp34Smsc) -> None:
    """The package smpp34's server: three parts delivered, one message failed, a reply kept, an orderly end."""
    with running(OperatorDaemon(tmp_path, {"main": smpp(smpp34_smsc)})) as daemon:
        daemon.wait(lambda: smpp34_smsc.links() == 1, "bound")
        email, good, bad = daemon.provision(4), number(), number()
        assert daemon.sms(email, good, LONG) == "80"
        daemon.ended(delivered=1)
        smpp34_smsc.set(outcome="UNDELIV:027")
        assert daemon.sms(email, bad, "日本") == "80"
        daemon.ended(delivered=1, failed=1)
        *parts, last = smpp34_smsc.journal()
        # it reads them beside each other
        assert sorted(one.short_message[:3] + one.short_message[4:6] for one in parts) == [
            bytes((5, 0, 3, 3, part)) for part in (1, 2, 3)
        ]
        assert (last.destination, last.data_coding) == (e164(bad)[1:], 8)
        assert last.short_message.decode("utf-16-be") == "日本"
        assert daemon.messages(email)[1].error == "Le réseau n'a pas pu remettre le message (code 027)."
        assert smpp34_smsc.mo(e164(good)[1:], "SMStoB", b"Merci", source_addr_ton=1) == 0
        (reply,) = daemon.console("reply", "list")
        assert (reply["from"], reply["to"], reply["text"]) == (e164(good), "SMStoB", "Merci")
    daemon.wait(lambda: smpp34_smsc.links() == 0, "unbound")


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The files of a key and its certificate for 127.0.0.1, and the folder of the authority that signed it."""
    now = datetime.now(UTC)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Une autorité")])
    blank = x509.CertificateBuilder().issuer_name(issuer).serial_number(x509.random_serial_number())
    blank = blank.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    root = (
        blank.subject_name(issuer)
        .public_key(authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    server = (
        blank.subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Un opérateur")]))
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    folder = tmp_path / "authorities"
    folder.mkdir()
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = {tmp_path / "key.pem": secret, tmp_path / "certificate.pem": server.public_bytes(encoding)}
    for path, content in (files | {folder / "authority.pem": root.public_bytes(encoding)}).items():
        path.write_bytes(content)
    return (*files, folder)  # type: ignore[return-value]


def test_tls(tmp_path: Path, certified: tuple[Path, Path, Path]) -> None:
    """An operator behind TLS is trusted where its certificate's authority is, and by no other daemon."""
    *files, folder = certified
    with NodeSmsc(tmp_path / "tls.log", tls=(files[0], files[1])) as smsc:
        trusting = smpp(f"tls:127.0.0.1:{smsc.port}:trustRoots={folder}", system_id="trusting")
        wary = smpp(f"tls:127.0.0.1:{smsc.port}", system_id="wary")
        with running(OperatorDaemon(tmp_path, {"main": trusting, "wary": wary})) as daemon:
            email = daemon.provision(3)
            assert daemon.sms(email, number(), LONG) == "80"
            daemon.ended(delivered=1)
            daemon.wait(lambda: "gateway wary: [('SSL routines'" in daemon.logged(), "the other does not trust it")
            daemon.gateway_is("down", "wary")
            assert "certificate verify failed" in daemon.logged()
        assert {bind.system_id for bind in smsc.binds()} == {"trusting"}
        assert smsc.counts().links == 0
        assert not smsc.complaints()

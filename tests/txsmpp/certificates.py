"""Certificates for tests of TLS: signed by themselves, for the names that a test wants."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@attrs.frozen
class Certificate:
    """Files in PEM: a key, its certificate, and both in one; ``roots`` is a folder with only the certificate."""

    key: Path
    certificate: Path
    both: Path
    roots: Path


def self_signed(directory: Path, *names: str) -> Certificate:
    """A new one for these host names and addresses, in ``directory``."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SMSC of the tests")])
    others = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, *form)
    public = made.public_bytes(serialization.Encoding.PEM)
    roots = directory / "roots"
    roots.mkdir(parents=True)
    written = Certificate(directory / "key.pem", directory / "certificate.pem", directory / "both.pem", roots)
    written.key.write_bytes(secret)
    written.certificate.write_bytes(public)
    written.both.write_bytes(secret + public)
    (roots / "root.pem").write_bytes(public)
    return written

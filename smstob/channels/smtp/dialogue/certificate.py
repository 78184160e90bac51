"""The certificate that the server shows, which may be renewed while it runs."""

import re
from pathlib import Path
from typing import Any, Final

from twisted.internet.ssl import Certificate as PemCertificate
from twisted.internet.ssl import CertificateOptions, ContextFactory, PrivateCertificate, TLSVersion

_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class BadCertificate(Exception):
    """The files are no certificate with its key; says why, in French."""


class Certificate(ContextFactory):
    """A context factory for TLS 1.2 and above, made of two PEM files; the chain follows the certificate in its file.

    Raises BadCertificate.
    """

    def __init__(self, cert_file: str, key_file: str) -> None:
        self._cert_file = cert_file
        self._key_file = key_file
        self._context = self._load()

    def reload(self) -> None:
        """Read the files anew, for the handshakes to come. Raises BadCertificate, and keeps what it has."""
        self._context = self._load()

    def getContext(self) -> Any:
        """The context as of the last reading; Twisted asks for it at each handshake."""
        return self._context

    def _load(self) -> Any:
        try:
            certificates, key = (Path(name).read_bytes() for name in (self._cert_file, self._key_file))
        except OSError as error:
            raise BadCertificate(f"{error.filename} : fichier illisible ({error.strerror})") from None
        if b"ENCRYPTED" in key:
            # OpenSSL would ask the terminal
            raise BadCertificate(f"{self._key_file} : la clé est protégée par un mot de passe")
        found = _CERTIFICATE.findall(certificates)
        if not found:
            raise BadCertificate(f"{self._cert_file} : aucun certificat")
        try:
            own = PrivateCertificate.loadPEM(found[0] + b"\n" + key)
            return CertificateOptions(
                privateKey=own.privateKey.original,
                certificate=own.original,
                extraCertChain=[PemCertificate.loadPEM(pem).original for pem in found[1:]],
                raiseMinimumTo=TLSVersion.TLSv1_2,
            ).getContext()
        except Exception as error:
            # OpenSSL's own, of several kinds, which say little
            raise BadCertificate(f"{self._cert_file}, {self._key_file} : certificat et clé inutilisables") from error

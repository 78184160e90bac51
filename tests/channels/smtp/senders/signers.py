"""Mails, signed and not, and a verification that works while one waits for it."""

import base64
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from math import gcd
from typing import Any, Final

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import parse_pem_private_key
from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from smstob.channels.smtp.mail import Client, Envelope, Mail, Origin
from smstob.channels.smtp.mailbox import Mailbox
from smstob.channels.smtp.senders.verification import Verification
from smstob.model.notice import Verdict
from tests.channels.smtp.senders.names import Mood, Names, Zone, quoted, serving

DOMAIN: Final = "exemple.fr"
SENDER: Final = f"cabinet@{DOMAIN}"
INSIDE: Final = "192.0.2.7"
"""An address that sends for the domain."""
OUTSIDE: Final = "198.51.100.9"

LETTER: Final = (
    b"From: Cabinet <cabinet@exemple.fr>\r\nTo: sms@smstob.example\r\nSubject: 0612345678\r\n\r\n"
    b"Votre rendez-vous est  confirm=E9.\r\n-- \r\nLe cabinet \r\n\r\n"
)


@cache
def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """A key; of one length and exponent always the same."""
    while exponent != 65537:
        drawn = rsa.generate_private_key(65537, bits).private_numbers()
        order = (drawn.p - 1) * (drawn.q - 1)
        if gcd(exponent, order) == 1:
            d = pow(exponent, -1, order)
            halves = (d % (drawn.p - 1), d % (drawn.q - 1), drawn.iqmp)
            public = rsa.RSAPublicNumbers(exponent, drawn.p * drawn.q)
            return rsa.RSAPrivateNumbers(drawn.p, drawn.q, d, *halves, public).private_key()
    return rsa.generate_private_key(exponent, bits)


ED25519: Final = SigningKey.generate()

SHORT: Final = b"""-----BEGIN RSA PRIVATE KEY-----
MIIBywIBAAJhAMmLEHuh5guLhmSaXNCbBNQ4pxz81QN0gO1Zfm/Ilg55VgJhixvI
JUelWRHIZQePStGBPcTHiusvqh+sCM2HVIWFVjrhDYVWFOLjlhZE+XwxTm252o1d
eVHl+mbLET/8twIDAQABAmEAmsiulAS2xE8Xm9PhTGSBxOrtjRmwDsM+8Qo2TGtk
syEEqTd4upFv8CJQ0ZNx4+hrU8B12lKF10hacusKAnXGe092NE76edh6+p3jI3Gk
bQGkFf597eO0HCOe5GXmKQMhAjEA9E4oSCdJ0PYG9KjZPpjZLPh6oF0yXeWvzB5y
8HZ4u287qTYZcvdqhCvz/HMCf+V9AjEA0zDg5sNzPlOB3fqi3Zs++h6fFCGD1FsR
uFhNrp9Idyj46T6U/lB7Z9IEQj15YjFDAjEA37eKr7g6on4JlJXiiq4RglrwgFWX
v+CLgZIIkycKHCoaKjP+Tgc/pVVSkkUHbvNJAjAOou6TT6xm/2aaucobzayZrRGd
VY1LZFxgCE6p8YQWLhLCJ4Iv9ef3lAiThqso8P0CMDoo0HA0m5T4qIGPNp/Nlh2T
3tSLSJv5WwpCmBi9SEFs5q49WHs4nrpbFVkDpSNRyw==
-----END RSA PRIVATE KEY-----
"""
"""768 bits, which was once thought enough."""
SHORT_PUBLISHED: Final = (
    "v=DKIM1; k=rsa; p=MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAMmLEHuh5guLhmSaXNCbBNQ4pxz81QN0gO1Zfm/Ilg55VgJhixvI"
    "JUelWRHIZQePStGBPcTHiusvqh+sCM2HVIWFVjrhDYVWFOLjlhZE+XwxTm252o1deVHl+mbLET/8twIDAQAB"
)


def pem(bits: int = 2048, exponent: int = 65537) -> bytes:
    """The private key of that kind, as dkimpy reads it."""
    return rsa_key(bits, exponent).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def published(bits: int = 2048, exponent: int = 65537) -> str:
    """The record that publishes the RSA key of that kind."""
    der = rsa_key(bits, exponent).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def published_ed25519() -> str:
    """The record that publishes the Ed25519 key."""
    return f"v=DKIM1; k=ed25519; p={ED25519.verify_key.encode(Base64Encoder).decode()}"


def sign(
    data: bytes = LETTER,
    *,
    domain: str = DOMAIN,
    selector: str = "s1",
    key: bytes | SigningKey | None = None,
    algorithm: bytes = b"rsa-sha256",
    canonical: bytes = b"relaxed/relaxed",
    fields: Collection[bytes] = (b"from", b"to", b"subject", b"from"),
    length: int | None = None,
    **tags: str,
) -> bytes:
    """The mail with a signature on top, as odd as one likes: ``tags`` stand in it as they are."""
    signer = dkim.DKIM(data, signature_algorithm=algorithm)
    signer.hasher = dkim.HASH_ALGORITHMS[algorithm]
    policy = CanonicalizationPolicy.from_c_value(canonical)
    body = policy.canonicalize_body(signer.body)
    digest = signer.hasher(body[:length]).digest()
    if length is not None:
        tags["l"] = str(length)
    values = {"v": "1", "a": algorithm.decode(), "c": canonical.decode(), "d": domain, "s": selector, **tags}
    written = [(name.encode(), value.encode()) for name, value in values.items()]
    written += [(b"h", b" : ".join(fields)), (b"bh", base64.b64encode(digest)), (b"b", b"0" * 60)]
    private = key if isinstance(key, SigningKey) else parse_pem_private_key(key or pem())
    header = signer.gen_header(written, list(fields), policy, b"DKIM-Signature", private)
    return b"DKIM-Signature: " + bytes(header) + data


def zone(changes: Mapping[str, Mapping[str, list[str]] | Mood | None] | None = None, **texts: str | None) -> Zone:
    """A domain that does everything right, but for ``changes`` (None: no such name).

    ``spf`` and ``dmarc`` are short for the texts of those records.
    """
    given = {"spf": "v=spf1 ip4:192.0.2.0/24 -all", "dmarc": "v=DMARC1; p=reject", **texts}
    spf, dmarc = given["spf"], given["dmarc"]
    made: dict[str, Any] = {
        DOMAIN: {"A": ["192.0.2.1"], "TXT": [quoted("un autre texte"), *([quoted(spf)] if spf else [])]},
        f"_dmarc.{DOMAIN}": {"TXT": [quoted(dmarc)]} if dmarc else None,
        f"s1._domainkey.{DOMAIN}": {"TXT": [quoted(published())]},
        f"ed._domainkey.{DOMAIN}": {"TXT": [quoted(published_ed25519())]},
        **(changes or {}),
    }
    return {name: records for name, records in made.items() if records is not None}


def letter(sender: str = SENDER, *results: str) -> Mail:
    """What was read of a mail from ``sender``."""
    return Mail(
        sender=sender,
        message_id="",
        subject="",
        text="",
        origin=Origin.PERSON,
        digest=b"",
        authentication_results=results,
    )


def envelope(
    sender: str = SENDER, address: str = OUTSIDE, helo: str = "client.invalid", relayed: bool = False
) -> Envelope:
    """From whom a mail comes, and by which way."""
    client = Client(address=address, helo=helo, relayed=relayed)
    return Envelope(client=client, sender=sender, mailboxes=(Mailbox("sms"),))


class Inline:
    """A reactor and its threads, in one: what is to be done is done at once."""

    joined = False
    seconds = staticmethod(time.monotonic)

    def callInThreadWithCallback(
        self, done: Callable[[bool, Any], None], work: Callable[..., Any], *given: Any
    ) -> None:
        """See ``ThreadPool``."""
        try:
            result = work(*given)
        except Exception:
            done(False, Failure())
        else:
            done(True, result)

    def callFromThread(self, work: Callable[..., Any], *given: Any) -> None:
        """See ``IReactorFromThreads``."""
        work(*given)


def verdict_of(verification: Verification, data: bytes, mail: Mail, where: Envelope) -> Verdict:
    """The verdict of one that works inline."""
    found: list[Any] = []
    Deferred.fromCoroutine(verification.verify(data, mail, where)).addBoth(found.append)
    (verdict,) = found
    assert isinstance(verdict, Verdict), verdict
    return verdict


class Judge:
    """A verification and the DNS that it asks."""

    def __init__(self, names: Names, **options: Any) -> None:
        inline: Any = Inline()
        self.names = names
        self.verification = Verification(inline, inline, nameservers=(names.address,), **options)

    def __call__(self, data: bytes = LETTER, mail: Mail | None = None, where: Envelope | None = None) -> Verdict:
        """Its verdict: on an unsigned letter from elsewhere, unless told otherwise."""
        return verdict_of(self.verification, data, mail or letter(), where or envelope())


@contextmanager
def judging(where: Zone, **options: Any) -> Iterator[Judge]:
    """A judge while the block lasts; it has time enough on a busy machine, unless a server's silence takes it all."""
    seconds = 1.5 if Mood.SILENT in where.values() else 10.0
    with serving(where) as names:
        yield Judge(names, **{"seconds": seconds, **options})

"""A mail in syntax 3 (``docs/mail.md``): to ``sms@domain``, password and destination in the subject."""

import re
from base64 import b64encode, encodebytes
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from ..model.access import LONGEST_PASSWORD
from ..model.account import canonical_email, is_email
from .outbox import Letter
from .settings import Settings

MAILBOX: Final = "sms"

ENTIRE: Final = "X-SMStoB-Text"
"""The header that says that the text is meant as it stands, up to the last line ``--fin``."""

END: Final = "--fin"

_LINE: Final = 76
"""Characters of a line (RFC 2047 §2)."""

_WORD: Final = 45
"""Octets of an encoded word: 60 characters of base64."""

# what a header cannot have; the joiner of emoji stays
_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_DATED: Final = re.compile(r"(?s).*[ :][0-9]{12}")


class Unwritable(Exception):
    """No mail in syntax 3 can carry that password."""


def recipient(settings: Settings) -> str:
    """The address that mails go to."""
    return f"{MAILBOX}@{settings.domain.lower()}"


def sender(settings: Settings) -> str:
    """The address that they come from."""
    return canonical_email(settings.email)


def is_writable(secret: str) -> bool:
    """Whether a subject can carry that password, of which outer spaces are no part.

    The first colon ends it, and mail programs make one space of several. A sending key can always be carried.
    """
    bare = secret.strip()
    one_word = bare.isprintable() and " ".join(bare.split()) == bare
    return 0 < len(bare) <= LONGEST_PASSWORD and ":" not in bare and one_word


def write(letter: Letter, settings: Settings, secret: str, now: float) -> bytes:
    """The mail, with line ends CRLF; ``secret`` is the account's password or one of its keys, ``now`` Unix seconds.

    ``settings`` have no faults. Raises Unwritable.
    """
    if not is_writable(secret):
        raise Unwritable
    date = format_datetime(datetime.fromtimestamp(now, UTC))
    text = f"{letter.text}\n{END}\n".encode("utf-8", "replace").replace(b"\n", b"\r\n")
    head = [
        f"From: {sender(settings)}",
        f"To: {recipient(settings)}",
        f"Date: {date}",
        f"Message-ID: {letter.message_id}",
        f"Subject: {_header(_subject(letter, secret))}",
        f"{ENTIRE}: entire",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    body = encodebytes(text).replace(b"\n", b"\r\n")
    return "".join(f"{one}\r\n" for one in head).encode("ascii") + b"\r\n" + body


def message_id(token: str, settings: Settings) -> str:
    """That of a new mail; ``token`` is what no other has: letters and figures."""
    address = sender(settings)
    known = is_email(address) and address.isascii()
    return f"<{token}.desktop@{address.rpartition('@')[2] if known else 'localhost'}>"


def _subject(letter: Letter, secret: str) -> str:
    destination = " ".join(_UNWRITABLE.sub(" ", ", ".join(letter.destination)).split())
    if not letter.moment and _DATED.fullmatch(f" {destination}"):
        # a name that ends like a date would be read as one
        destination += ":"
    return f"{secret.strip()}:{destination} {letter.moment}".strip()


def _header(value: str) -> str:
    """The value in lines of ASCII (RFC 2047), which a reader joins again."""
    if value.isascii() and "=?" not in value:
        return _folded(value.split(" "))
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in _chopped(value))


def _folded(words: list[str]) -> str:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < _LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\r\n ".join(lines)


def _chopped(value: str) -> list[bytes]:
    """The value in pieces of whole characters."""
    pieces = [b""]
    for sign in value:
        octets = sign.encode()
        if len(pieces[-1]) + len(octets) > _WORD:
            pieces.append(b"")
        pieces[-1] += octets
    return pieces

"""From the octets of a mail to what is needed of it: who wrote it, about what, and the text to send."""

import hashlib
import re
from collections.abc import Sequence
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import Compat32
from typing import Any, Final

from ....model.account import canonical_email, is_email
from ....model.text import storable
from ..mail import Mail, Origin, Unreadable
from ..wording import answer
from .body import plain_text_of, text_of
from .charset import LONGEST_HEADER, header_text, raw_values
from .cutting import cut, entire

MOST_HEADERS: Final = 65_536
MOST_BOUNDARIES: Final = 500
MOST_MULTIPARTS: Final = 20
MOST_LINES: Final = 100_000
"""Beyond, the parser takes seconds."""

ENTIRE: Final = "x-smstob-text"
"""The header by which a program says, with ``entire``, that the text goes up to the last line ``--fin``."""

LONGEST_FROM: Final = 2_000
LONGEST_CONTENT: Final = 1_000
"""Characters of a header that has parameters, which the library reads in quadratic time."""

_MULTIPART: Final = re.compile(rb"multipart/", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,248}>")
_FROM: Final = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TRACE: Final = re.compile(
    rb"(?:Received(?:-SPF)?|Return-Path|Delivered-To|Authentication-Results|DKIM-Signature|ARC-[\w-]+|X-[\w-]+)[ \t]*:",
    re.IGNORECASE,
)
_ANSWERERS: Final = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-autorespose", "x-smstob-loop")
_LISTS: Final = ("list-id", "list-unsubscribe", "list-post")
_ABSENT: Final = re.compile(
    r"(?:r[ée]ponse automatique|automatic reply|absence|absente? d|out of (?:the )?office|auto(?:matic)?[- ]?reply)\b",
    re.IGNORECASE,
)
_PROGRAMS: Final = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply.*|ne[-_.]?pas[-_.]?repondre.*|pas[-_.]?de[-_.]?reponse.*")


def read_mail(data: bytes, null_sender: bool, domain: str) -> Mail:
    """The mail that ``data`` is; ``domain`` is ours, whose mails come back. Slow: for a thread. Raises Unreadable."""
    head, _, body = data.partition(b"\r\n\r\n")
    if len(head) > MOST_HEADERS:
        raise _unreadable("Les en-têtes de cet e-mail sont trop longs.")
    if (
        data.count(b"\n--") > MOST_BOUNDARIES
        or len(_MULTIPART.findall(data)) > MOST_MULTIPARTS
        or data.count(b"\n") > MOST_LINES
    ):
        raise _unreadable("Cet e-mail a trop de parties ou de lignes : envoyez du texte brut.")
    try:
        message: Message[str, str] = message_from_bytes(data, policy=_ShortHeaders())
        text = _text(message)
    except (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError):
        # the library has no list of what it raises on broken mails
        raise _unreadable("Cet e-mail est mal formé : envoyez du texte brut.") from None
    sender = _sender(message, head)
    return Mail(
        sender=sender,
        message_id=_message_id(message),
        subject=storable(header_text(message, "subject")),
        text=text,
        origin=_origin(message, sender, null_sender, domain),
        digest=_digest(message, sender, head, body),
        authentication_results=tuple(raw_values(message, "authentication-results")),
    )


class _ShortHeaders(Compat32):
    """Keeps of a header's value as much as is looked at."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, Any]:
        """Name and value of a header, of lines with their ends."""
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[: LONGEST_CONTENT if name.lower().startswith("content-") else LONGEST_HEADER]


def _unreadable(why: str) -> Unreadable:
    return Unreadable(answer(554, "5.6.0", why))


def _sender(message: "Message[str, str]", head: bytes) -> str:
    """The one address of From, in canonical form (RFC 5322 §3.6.2)."""
    values = raw_values(message, "from")
    # others who read this mail must not see another From than we do
    if len(values) != 1 or len(_FROM.findall(head)) != 1:
        raise _unreadable("Cet e-mail doit avoir un en-tête From, et un seul.")
    if len(values[0]) > LONGEST_FROM:
        raise _unreadable("L'en-tête From de cet e-mail est trop long.")
    bare = _without_names(values[0])
    name, angled, rest = bare.partition("<")
    address, closed, behind = rest.partition(">") if angled else (bare, ">", "")
    # a name may be the address once more, but no other: some would read that one
    listed = angled and "@" in name and name.strip().lower() != address.strip().lower()
    if listed or "<" in behind or "@" in behind or address.count("@") > 1:
        raise _unreadable("L'en-tête From de cet e-mail doit avoir une adresse, et une seule.")
    address = canonical_email(address)
    if not closed or not address.isascii() or not is_email(address):
        raise _unreadable("L'adresse de l'expéditeur (From) n'est pas valide.")
    return address


def _without_names(value: str) -> str:
    """From without its comments and quoted strings: they may hold anything, and addresses have none here."""
    bare: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if escaped:
            escaped = False
        elif sign == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = sign != '"'
        elif sign == "(":
            depth += 1
        elif depth:
            depth -= sign == ")"
        elif sign == '"':
            quoted = True
            # so that what stands around it does not grow together
            bare.append(" ")
        else:
            bare.append(sign)
    return "".join(bare)


def _message_id(message: "Message[str, str]") -> str:
    values = raw_values(message, "message-id")
    found = values[0].strip() if values else ""
    return found if _MESSAGE_ID.fullmatch(found) else ""


def _text(message: "Message[str, str]") -> str:
    if header_text(message, ENTIRE).lower() == "entire":
        whole = entire(storable(plain_text_of(message)))
        # a relay may have left nothing of it
        if whole is not None:
            return whole
    return cut(storable(text_of(message)))


def _digest(message: "Message[str, str]", sender: str, head: bytes, body: bytes) -> bytes:
    named = [value.strip() for value in raw_values(message, "message-id")]
    if named and named[0]:
        told = [named[0].encode("ascii", "surrogateescape"), sender.encode(), body]
    else:
        fields = re.split(rb"\r\n(?![ \t])", head)
        told = [*(field for field in fields if not _TRACE.match(field)), b"", body]
    return hashlib.sha256(b"\r\n".join(told)).digest()


def _origin(message: "Message[str, str]", sender: str, null_sender: bool, domain: str) -> Origin:
    local, _, host = sender.rpartition("@")
    names = {name.lower() for name, _ in message.raw_items()}
    precedence = header_text(message, "precedence").lower()
    submitted = re.split(r"[\s;(]", header_text(message, "auto-submitted").lower(), maxsplit=1)[0]
    if (
        submitted in ("auto-replied", "auto-notified")
        or (submitted not in ("", "no") and _ABSENT.match(header_text(message, "subject")))
        or precedence == "auto_reply"
        or not names.isdisjoint(_ANSWERERS)
        or message.get_content_type() == "multipart/report"
        or local in ("mailer-daemon", "postmaster")
        or host == domain.lower()
    ):
        return Origin.RESPONDER
    if (
        submitted not in ("", "no")
        or precedence in ("bulk", "list", "junk")
        or not names.isdisjoint(_LISTS)
        or null_sender
        or _PROGRAMS.fullmatch(local)
    ):
        return Origin.PROGRAM
    return Origin.PERSON

"""Which parts of a mail are its text, and that text."""

import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Final

from .charset import decoded, from_base64, lines, tidy
from .markup import plain_text

MOST_TEXT: Final = 16_384
"""Characters of a text that are looked at: the longest message has a tenth."""

MOST_OCTETS: Final = 4 * MOST_TEXT
"""Of a plain part that are looked at."""

MOST_MARKUP: Final = 524_288
"""Octets of HTML that are looked at."""

_FILE_NAME: Final = re.compile(r"file ?name\*?[0-9]{0,2}\*? ?=")
_BOUNDARY: Final = re.compile(rb"^--([\w'()+,./:=?-]{1,70})\r?\n(?=content-)", re.MULTILINE | re.IGNORECASE)
_ENCODING: Final = re.compile(r"[\w-]+")
_LINE_END: Final = re.compile("\r\n?|\n")
_DASHED: Final = re.compile("^--", re.MULTILINE)
_QUOTES: Final = re.compile(r">*")


def text_of(message: "Message[str, str]") -> str:
    """The text/plain parts that are no attachments, in order; where they are blank the text/html ones as text."""
    parts = list(_inline(_with_boundary(message)))
    plain = _joined(tidy(_plain(part)) for part in parts if _kind(part) == "text/plain")
    if plain.strip():
        return plain
    return _joined(_markup(part) for part in parts if _kind(part) == "text/html")


def plain_text_of(message: "Message[str, str]") -> str:
    """The same of text/plain parts alone, with every space and unseen character as it is."""
    parts = _inline(_with_boundary(message))
    return _joined(lines(_plain(part)) for part in parts if _kind(part) == "text/plain")


def _with_boundary(message: "Message[str, str]") -> "Message[str, str]":
    """``message``; where it has parts but its boundary is missing or wrong, by what looks like one."""
    if message.get_content_maintype() != "multipart" or message.is_multipart():
        return message
    payload = message.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    if not (found := _BOUNDARY.search(octets[:MOST_MARKUP])):
        return message
    head = b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n' % found[1]
    return message_from_bytes(head + octets, policy=message.policy)


def _joined(texts: Iterator[str]) -> str:
    found: list[str] = []
    length = 0
    for text in texts:
        found.append(text)
        length += len(text)
        if length > MOST_TEXT:
            break
    return "\n".join(found)[:MOST_TEXT]


def _inline(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The leaves that are shown, in order; not what an attached mail has within."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if not part.is_multipart():
            if not _is_attachment(part):
                yield part
        elif part.get_content_maintype() == "multipart":
            waiting += [one for one in reversed(list(part.get_payload())) if isinstance(one, Message)]


def _kind(part: "Message[str, str]") -> str:
    """A leaf's type; a multipart in which nothing looks like a boundary is a text."""
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        return "" if _DASHED.search(str(part.get_payload())) else "text/plain"
    return kind


def _is_attachment(part: "Message[str, str]") -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return disposition.startswith("attachment") or bool(_FILE_NAME.search(disposition))


def _octets(part: "Message[str, str]") -> bytes:
    """What a leaf holds, its transfer encoding undone; an unknown one is none (RFC 2045 §6)."""
    named = _ENCODING.search(str(part.get("content-transfer-encoding", "")))
    # not get_payload(decode=False): it would apply any codec that a mail names
    del part["content-transfer-encoding"]
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    match named[0].lower() if named else "":
        case "base64":
            return from_base64(octets)
        case "quoted-printable":
            return quopri.decodestring(octets)
    return octets


def _parameter(part: "Message[str, str]", name: str) -> str:
    try:
        value = part.get_param(name, "")
    except (ValueError, LookupError, UnicodeError, TypeError, MessageError):
        return ""
    return value[2] if isinstance(value, tuple) else str(value or "")


def _plain(part: "Message[str, str]") -> str:
    octets = _octets(part)
    whole = len(octets) <= MOST_OCTETS
    text = decoded(octets[:MOST_OCTETS], _parameter(part, "charset"), whole)[:MOST_TEXT]
    if _parameter(part, "format").lower() == "flowed":
        text = unflowed(text, _parameter(part, "delsp").lower() == "yes")
    return text


def _markup(part: "Message[str, str]") -> str:
    octets = _octets(part)
    whole = len(octets) <= MOST_MARKUP
    return tidy(plain_text(decoded(octets[:MOST_MARKUP], _parameter(part, "charset"), whole)))[:MOST_TEXT]


def unflowed(text: str, delete_space: bool) -> str:
    r"""``text`` of format=flowed with its paragraphs on one line each (RFC 3676 §4), ended by ``\n``."""
    lines: list[str] = []
    paragraph: list[str] = []
    open_depth: int | None = None
    for raw in _LINE_END.split(text):
        quotes = _QUOTES.match(raw)
        depth = quotes.end() if quotes else 0
        line = raw[depth:].removeprefix(" ")
        signs = line == "-- "
        flows = line.endswith(" ") and not signs
        told = line[:-1] if flows and delete_space else line
        if open_depth != depth or signs:
            lines.append("".join(paragraph))
            paragraph = [f"{'>' * depth} " if depth else ""]
        paragraph.append(told)
        open_depth = depth if flows else None
    return "\n".join([*lines[1:], "".join(paragraph)])

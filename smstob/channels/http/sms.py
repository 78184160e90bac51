"""``http.php``: one call, one submission, two digits. The letter of it is in ``docs/http.md``."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import multipart
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from ...interfaces import ISubmitter
from ...model.account import VALIDITY_HOURS, Format
from ...model.address import Network
from ...model.draft import Channel, Credentials, Draft
from ...model.refusal import Code, Refusal
from ...model.submission import Submission
from ...model.text import storable
from .client import address_of, header

FIELDS: Final = 100
"""The most parameters that are looked at."""

NAME: Final = 100
VALUE: Final = 8_000
TEXT: Final = 60_000
"""Bytes of a name, of a value and of the text as they came that are read: nobody has to be known to send more."""

_TOO_LONG: Final = b"a" * 2_501
"""What a text beyond ``TEXT`` is read as: longer than the longest message, so that it is refused with 92.

Cut short, it could be sent cut short, where it begins with enough that a text loses (white space, controls).
"""

REFERENCE: Final = 255
"""Characters of a client reference that are kept as they are; a longer one is kept as its digest."""

_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "iso-8859-15": "iso-8859-15",
    "latin9": "iso-8859-15",
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
}

# the five bytes that Windows-1252 leaves open stay control characters, which texts drop
_WINDOWS_1252: Final = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}

# a + that was not percent-encoded has become a space; numbers in +33 do without, and shorter ones name groups
_LOST_PLUS: Final = re.compile(r" (?<![^,;] )(?=(?!33)[1-9][0-9]{8,14} *(?:$|[,;]))")


def urlencoded(query: bytes) -> dict[str, bytes]:
    """The parameters of a query or a form; of a name given twice the last counts, as in PHP."""
    fields = {}
    for pair in query.split(b"&", FIELDS)[:FIELDS]:
        name, _, value = pair.partition(b"=")
        key = _unquoted(name[:NAME]).decode("latin-1")
        fields[key] = _unquoted(_bounded(key, value))
    return fields


def _bounded(name: str, value: bytes) -> bytes:
    """As much of a value as is read, still encoded. Lists of numbers may be long, references must stay unlike."""
    if name == "numero" or len(value) <= VALUE:
        return value
    if name == "message":
        return value if len(value) <= TEXT else _TOO_LONG
    return hashlib.sha256(value).hexdigest().encode() if name == "ref" else value[:VALUE]


def _unquoted(quoted: bytes) -> bytes:
    if b"%" not in quoted and b"+" not in quoted:
        return quoted
    # urllib's does the same, but takes four times as long over what is nothing but %
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), quoted.replace(b"+", b" "))


_ESCAPES: Final = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


def form_data(content_type: str, body: Any) -> dict[str, bytes]:
    """The fields of ``multipart/form-data`` (RFC 7578), which PHP's curl sends; none where it is malformed."""
    boundary = multipart.parse_options_header(content_type)[1].get("boundary", "")
    fields = {}
    try:
        for part in multipart.MultipartParser(body, boundary, part_limit=FIELDS):
            if part.filename is None:
                name = part.name or ""
                fields[name] = _bounded(name, part.raw)
    except (multipart.MultipartError, ValueError):
        return {}
    return fields


def decoded(value: bytes, charset: str = "utf-8") -> str:
    """``value`` in ``charset``; in Windows-1252 where it is not valid in that. Never fails."""
    if charset != "windows-1252":
        try:
            return value.decode(charset)
        except UnicodeDecodeError:
            pass
    return value.decode("latin-1").translate(_WINDOWS_1252)


def draft_of(fields: Mapping[str, bytes], address: str) -> Draft:
    """The draft that the parameters say. An optional one that cannot be read leaves the account's choice."""
    charset = _CHARSETS.get(fields.get("charset", b"").decode("latin-1").strip().lower(), "utf-8")

    def text(name: str) -> str:
        return decoded(value, charset) if (value := fields.get(name)) else ""

    return Draft(
        sender=Credentials(email=text("email"), secret=text("pass"), address=address),
        channel=Channel.HTTP,
        destination=_LOST_PLUS.sub("+", text("numero")),
        text=text("message"),
        when=text("diff"),
        format=_format(text("format")),
        validity=_validity(text("validite")),
        reference=_reference(text("ref")),
    )


def _format(typed: str) -> Format | None:
    if not typed:
        return None
    try:
        return Format(typed.strip().lower().replace(" ", "+"))
    except ValueError:
        return None


def _validity(typed: str) -> int | None:
    hours = typed.strip()
    if not re.fullmatch("[0-9]{1,2}", hours) or int(hours) not in VALIDITY_HOURS:
        return None
    return int(hours)


def _reference(typed: str) -> str | None:
    reference = typed.strip()
    kept = storable(reference)
    if kept and (kept != reference or len(kept) > REFERENCE):
        return "sha256:" + hashlib.sha256(reference.encode()).hexdigest()
    return kept or None


class SmsResource(Resource):
    """The leaf at ``/http.php``. GET and POST do the same; anything else is refused, HEAD too: it would send."""

    isLeaf = True
    log = Logger()

    def __init__(self, submitter: ISubmitter, trusted_proxies: Collection[Network] = ()) -> None:
        super().__init__()
        self._submitter = submitter
        self._trusted_proxies = trusted_proxies

    def render(self, request: Request) -> int | bytes:
        """Submit what the parameters say."""
        if request.method in (b"GET", b"POST"):
            return self._submit(request, self._fields(request))
        request.setResponseCode(405)
        request.setHeader(b"Allow", b"GET, POST")
        request.responseHeaders.removeHeader(b"Server")
        return b""

    def _fields(self, request: Request) -> dict[str, bytes]:
        """The parameters of the query; for POST those of the form, and of the query where the form lacks them."""
        fields = urlencoded(request.uri.partition(b"?")[2])
        if request.method == b"GET":
            return fields
        content_type, body = header(request, b"content-type"), request.content
        if body is None:
            return fields
        if content_type.lower().startswith("multipart/form-data"):
            return fields | form_data(content_type, body)
        return fields | urlencoded(body.read())

    def _submit(self, request: Request, fields: Mapping[str, bytes]) -> int:
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        draft = draft_of(fields, address_of(request, self._trusted_proxies))
        decided = Deferred.fromCoroutine(self._submitter.submit(draft))
        decided.addCallback(self._tell, request, gone)
        decided.addErrback(lambda failure: self.log.failure("http.php could not answer", failure))
        return NOT_DONE_YET

    def _tell(self, decision: Submission | Refusal, request: Request, gone: list[object]) -> None:
        if gone:
            return
        if decision.code is Code.UNAVAILABLE:
            request.setResponseCode(503)
        headers = request.responseHeaders
        headers.removeHeader(b"Server")
        headers.setRawHeaders(b"Content-Type", [b"text/plain; charset=utf-8"])
        headers.setRawHeaders(b"Cache-Control", [b"no-store"])
        headers.setRawHeaders(b"Content-Length", [b"2"])
        request.write(b"%d" % decision.code)
        request.finish()

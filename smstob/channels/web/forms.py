"""Bodies of requests and cookies, read: whatever comes, the result is some fields. Never raises but ``Malformed``."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl

import multipart

from .visit import Fields, Upload

MOST_FIELDS: Final = 2000
"""Of a form: a page of contacts has a box for each."""

LONGEST: Final = 262_144
"""Bytes of a form without files: to read escapes takes a second for eight megabytes of them."""

FIELD: Final = "jeton"
"""The name under which a form says its token."""


class Malformed(ValueError):
    """The body is not what its type says."""


def query(quoted: bytes) -> Fields:
    """The parameters of an address."""
    return _urlencoded(quoted[:8000])


def form(content_type: str, body: bytes) -> tuple[Fields, dict[str, Upload]]:
    """The fields and files of a form. Raises ``Malformed``."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _form_data(content_type, body)
    if kind == "application/x-www-form-urlencoded" and len(body) <= LONGEST:
        return _urlencoded(body), {}
    if body:
        raise Malformed(kind)
    return Fields(), {}


def _urlencoded(quoted: bytes) -> Fields:
    try:
        pairs = parse_qsl(
            quoted.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"
        )
    except ValueError as error:
        raise Malformed("too many fields") from error
    return Fields(pairs)


def _form_data(content_type: str, body: bytes) -> tuple[Fields, dict[str, Upload]]:
    boundary = multipart.parse_options_header(content_type)[1].get("boundary", "")
    pairs: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    try:
        parser = multipart.MultipartParser(
            BytesIO(body),
            boundary,
            part_limit=MOST_FIELDS,
            spool_limit=len(body) + 1,
            memory_limit=len(body) + 1,
        )
        for part in parser:
            if part.filename is None:
                pairs.append((part.name or "", part.raw.decode("utf-8", "replace")))
            elif part.filename:
                files[part.name or ""] = Upload(part.filename, part.raw)
    except (multipart.MultipartError, ValueError) as error:
        raise Malformed("no form data") from error
    return Fields(pairs), files


def cookies(header: str) -> Mapping[str, str]:
    """The cookies of a request (RFC 6265 §4.2); of a name that comes twice the first counts."""
    found: dict[str, str] = {}
    for pair in header[:8000].split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            found.setdefault(name, value)
    return found


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def csrf_of(token: str) -> str:
    """What a form of the browser with that cookie says: others can neither read nor make it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_genuine(shown: str, token: str) -> bool:
    """Whether ``shown`` is that of the browser with that cookie."""
    return bool(token) and hmac.compare_digest(shown.encode(), csrf_of(token).encode())

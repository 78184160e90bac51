"""DKIM: which signatures a mail bears, and which of them hold (RFC 6376).

dkimpy does the work. What it leaves open is closed here: signatures that do not cover From, or cover a part of the
body only, SHA-1, and patterns and keys that would take seconds.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import dkim
from dkim.canonicalization import CanonicalizationPolicy
from dkim.util import InvalidTagValueList, parse_tag_value

from .alignment import LONGEST_RECORD, domain_of

HEAD_BYTES: Final = 131_072
HEAD_FIELDS: Final = 1000
SIGNATURE_BYTES: Final = 4096
SIGNED_FIELDS: Final = 200
SIGNATURES: Final = 20
"""From the top; signatures further down are not looked at."""

KEY_BITS: Final = range(1024, 8193)
"""RSA (RFC 8301 §3.2)."""
LARGEST_EXPONENT: Final = 2**33

_SELECTOR: Final = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9_])?")

_SILENT: Final = logging.getLogger("smstob.dkim")
_SILENT.disabled = True  # dkimpy logs what a mail says


class Signatures(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """The signatures of a mail. Raises ``dkim.DKIMException`` for a head that is not looked at."""

    body: bytes

    def __init__(self, data: bytes) -> None:
        head = data[: HEAD_BYTES + 4].partition(b"\r\n\r\n")[0]
        # dkimpy passes over lines that begin with «From », and not all do
        if len(head) > HEAD_BYTES or head[:1].isspace() or re.search(rb"(?m)^From ", head):
            raise dkim.MessageFormatError
        super().__init__(data, logger=_SILENT, minkey=KEY_BITS.start)
        if len(self.headers) > HEAD_FIELDS:
            raise dkim.MessageFormatError

    def domains(self) -> Iterator[tuple[int, str]]:
        """The number of each signature that names its domain, and that domain."""
        values = [value for name, value in self.headers if name.lower() == b"dkim-signature"]
        for number, value in enumerate(values[:SIGNATURES]):
            if len(value) > SIGNATURE_BYTES:
                continue
            try:
                domain = domain_of(parse_tag_value(value).get(b"d", b"").decode("ascii"))
            except (InvalidTagValueList, UnicodeDecodeError):
                continue
            if domain:
                yield number, domain

    def holds(self, number: int, texts: Callable[[str], list[bytes]]) -> bool:
        """Whether a signature that ``domains`` told is good. Raises what ``texts``, which asks the DNS, raises."""
        key: bytes | None = None

        def published(name: bytes, timeout: float) -> bytes | None:
            return key

        try:
            signature, _, _ = self.verify_headerprep(number)
            name = b"%s._domainkey.%s" % (signature[b"s"], signature[b"d"])
        except (dkim.DKIMException, ArithmeticError, LookupError, ValueError):
            return False
        key = next((text for text in texts(name.decode("ascii")) if b"p=" in text), None)
        if key is None or len(key) > LONGEST_RECORD:
            return False
        try:
            return bool(self.verify(number, dnsfunc=published))
        except (dkim.DKIMException, ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            # whatever else dkimpy makes of a key that is none
            return False

    def verify_headerprep(self, idx: int = 0) -> Any:
        """See dkimpy: what can be said without a key."""
        signature, fields, headers = super().verify_headerprep(idx)
        if b"from" not in fields or len(fields) > SIGNED_FIELDS:
            raise dkim.ValidationError("From is not signed")
        if signature[b"a"] == b"rsa-sha1":
            raise dkim.ValidationError("SHA-1 is no more (RFC 8301)")
        if not _SELECTOR.fullmatch(signature[b"s"]):
            raise dkim.ValidationError("no selector")
        return signature, fields, headers

    def verify_sig_process(self, sig: Any, include_headers: Any, sig_header: Any, dnsfunc: Any) -> Any:
        """See dkimpy: the rest, the key being known."""
        if self.ktag == b"rsa" and not (
            self.keysize in KEY_BITS and 2 < self.pk["publicExponent"] < LARGEST_EXPONENT and self.pk["modulus"] % 2
        ):
            raise dkim.KeyFormatError("no reasonable key")
        whole = self.body
        canonical = sig.get(b"c", b"simple/simple")
        if canonical.endswith(b"/relaxed"):
            # the same as dkimpy makes of it, but its pattern takes the square of a line of blanks
            self.body = re.sub(rb"[\t ]+", b" ", whole).replace(b" \r\n", b"\r\n")
        try:
            if b"l" in sig and int(sig[b"l"]) != len(
                CanonicalizationPolicy.from_c_value(canonical).canonicalize_body(self.body)
            ):
                raise dkim.ValidationError("what follows could be anyone's")
            return super().verify_sig_process(sig, include_headers, sig_header, dnsfunc)
        finally:
            self.body = whole

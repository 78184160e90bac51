"""Domains that belong together, and what a domain asks of its mail: DMARC (RFC 7489)."""

import re
from functools import cache
from typing import Any, Final

import attrs
import dns.exception
import dns.name
from publicsuffixlist import PublicSuffixList

from .resolver import Lookups

LONGEST_RECORD: Final = 4096
"""Bytes of a TXT record that are read; what is longer counts as none."""

_DOMAIN: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_VERSION: Final = re.compile(rb"v\s*=\s*DMARC1\s*(?:;|$)")
_POLICIES: Final = {"none", "quarantine", "reject"}


def domain_of(address: str) -> str | None:
    """The domain of an address, or of a domain, in lower case and as the DNS has it (RFC 5891); None if it is none."""
    written = address.rpartition("@")[2]
    if not 0 < len(written) <= 254 or "\\" in written:
        return None
    try:
        name = dns.name.from_text(written, idna_codec=dns.name.IDNA_2008_UTS_46).to_text(omit_final_dot=True).lower()
    except (dns.exception.DNSException, UnicodeError):
        return None
    return name if _DOMAIN.fullmatch(name) else None


@cache
def _public_suffixes() -> Any:
    """The list, which takes a tenth of a second to read."""
    return PublicSuffixList()


class Organizations:
    """Knows where the domains of strangers begin, by the list of public suffixes. Safe in threads."""

    def __init__(self) -> None:
        self._suffixes = _public_suffixes()

    def of(self, domain: str) -> str:
        """The organizational domain (RFC 7489 §3.2); a public suffix is its own."""
        return self._suffixes.privatesuffix(domain) or domain

    def related(self, one: str, other: str) -> bool:
        """Whether two domains have the same: relaxed alignment (RFC 7489 §3.1)."""
        return one == other or self.of(one) == self.of(other)


@attrs.frozen
class Policy:
    """What matters here of a DMARC record: which domains have to be equal, and not just related."""

    strict_dkim: bool = False
    strict_spf: bool = False


def find_policy(domain: str, organization: str, lookups: Lookups) -> Policy | None:
    """The policy that holds for ``domain`` (RFC 7489 §6.6.3); None where there is none. Raises ``Unanswered``."""
    for name in dict.fromkeys((domain, organization)):
        records = [text for text in lookups.texts(f"_dmarc.{name}") if _VERSION.match(text)]
        if records:
            return parse_policy(records[0]) if len(records) == 1 else None
    return None


def parse_policy(record: bytes) -> Policy | None:
    """What a DMARC record says; None for one that asks for nothing, which counts as none (RFC 7489 §6.3, §6.6.3)."""
    if len(record) > LONGEST_RECORD or not _VERSION.match(record):
        return None
    pairs = (tag.partition("=") for tag in record.decode("ascii", "replace").split(";"))
    tags = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    asks = tags.get("p") in _POLICIES and tags.get("sp", "none") in _POLICIES
    if not asks and "mailto:" not in tags.get("rua", ""):
        return None
    return Policy(strict_dkim=tags.get("adkim") == "s", strict_spf=tags.get("aspf") == "s")

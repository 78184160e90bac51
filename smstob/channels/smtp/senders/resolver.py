"""The DNS, asked about the sender of one mail: each question once, all of them before a deadline."""

from collections.abc import Callable
from typing import Any, Final

import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver

TRY: Final = 1.0
"""Seconds that a nameserver has before it is asked again: a datagram may be lost."""

PAYLOAD: Final = 1232
"""Bytes of an answer by UDP (DNS flag day 2020); what is longer comes by TCP."""


class Unanswered(Exception):
    """The DNS did not say: no answer in time, a server that failed, or nothing that could be read."""


def resolver(nameservers: tuple[tuple[str, int], ...] = ()) -> dns.resolver.Resolver:
    """Asks those servers, each an IP address and a port; without any the system's, as they are now.

    Raises ``dns.resolver.NoResolverConfiguration`` where the system names none.
    """
    made = dns.resolver.Resolver(configure=not nameservers)
    if nameservers:
        made.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in nameservers]
    made.timeout = TRY
    made.use_edns(0, 0, PAYLOAD)
    return made


class Lookups:
    """The questions about one mail, asked in a thread. ``clock`` tells seconds, as does ``deadline``."""

    def __init__(self, asked: dns.resolver.Resolver, clock: Callable[[], float], deadline: float) -> None:
        self._asked = asked
        self._clock = clock
        self._deadline = deadline
        self._until = deadline
        self._known: dict[tuple[str, str], dns.resolver.Answer | Unanswered | None] = {}

    def allow(self, share: float) -> None:
        """Give what is asked from now on that share of the time that is left, so that others have some too."""
        now = self._clock()
        self._until = now + share * (self._deadline - now)

    def exists(self, name: str) -> bool:
        """Whether there is such a name, be there records or not (RFC 8020). Raises ``Unanswered``."""
        return self._ask(name, "TXT") is not None

    def texts(self, name: str) -> list[bytes]:
        """The texts of a name. Raises ``Unanswered``."""
        return [b"".join(strings) for strings in self.find(name, "TXT")]

    def find(self, name: str, kind: str) -> list[Any]:
        """The records of a name, in the shapes that pyspf reads. Raises ``Unanswered``.

        TXT: the strings of a text; A and AAAA: an address; MX: preference and name; PTR: a name.
        """
        answer = self._ask(name, kind)
        if answer is None or answer.rrset is None:
            return []
        match kind:
            case "TXT":
                return [record.strings for record in answer.rrset]
            case "MX":
                return [(record.preference, record.exchange.to_text(True)) for record in answer.rrset]
            case "PTR":
                return [record.target.to_text(True) for record in answer.rrset]
            case _:
                return [record.address for record in answer.rrset]

    def _ask(self, name: str, kind: str) -> dns.resolver.Answer | None:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            left = self._until - self._clock()
            if left <= 0:
                raise Unanswered
            self._known[key] = self._resolve(key[0], kind, left)
        known = self._known[key]
        if isinstance(known, Unanswered):
            raise known
        return known

    def _resolve(self, name: str, kind: str, seconds: float) -> dns.resolver.Answer | Unanswered | None:
        try:
            return self._asked.resolve(name, kind, lifetime=seconds, raise_on_no_answer=False, search=False)
        except (dns.exception.Timeout, dns.resolver.NoNameservers):
            return Unanswered()
        except (dns.exception.DNSException, UnicodeError):
            # no such name, or none that could be: too long, with empty labels, with bad escapes
            return None

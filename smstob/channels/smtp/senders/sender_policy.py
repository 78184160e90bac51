"""SPF: may that client send for that domain (RFC 7208)."""

from typing import Any, Final

import spf

from .resolver import Lookups

LONGEST_RECORD: Final = 4096
LONGEST_TERM: Final = 300
"""Characters: pyspf's patterns take the square of that."""

MOST_QUESTIONS: Final = 40
"""Of one check: ten terms may lead to ten names each (RFC 7208 §4.6.4), and no honest domain comes near."""


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """pyspf's, asking our DNS. Its attributes of one letter are the macros of RFC 7208 §7.2."""

    def __init__(self, address: str, local: str, domain: str, helo: str, lookups: Lookups) -> None:
        super().__init__(i=address, s=f"{local}@{domain}", h=helo)
        # pyspf would take what follows the first @, which may stand in a quoted local part
        self.l, self.o, self.d = local, domain, domain
        self._lookups = lookups
        self._questions = 0

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        self._questions += 1
        if self._questions > MOST_QUESTIONS:
            raise spf.PermError("too many questions")
        found = self._lookups.find(name, qtype)
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void look-ups")
        return found

    def dns_spf(self, domain: str) -> str | None:
        record: str | None = super().dns_spf(domain)
        if record and (len(record) > LONGEST_RECORD or max(map(len, record.split(" "))) > LONGEST_TERM):
            raise spf.PermError("a record of unreasonable length")
        return record

    def get_explanation(self, spec: str) -> None:
        """Not asked for: nobody would read it."""


def check_sender(address: str, sender: str, domain: str, helo: str, lookups: Lookups) -> str:
    """The result (RFC 7208 §2.6) for a client of that IP address. Raises ``Unanswered``.

    ``domain`` is that of ``sender``, or of ``helo`` for the null sender, as the DNS has it.
    """
    local = sender.rpartition("@")[0] or "postmaster"
    result: str = _Query(address, local, domain, helo, lookups).check()[0]
    return result


def publishes(domain: str, lookups: Lookups) -> bool:
    """Whether a domain has an SPF record, of whatever content. Raises ``Unanswered``."""
    return any(spf.RE_SPF.match(text) for text in lookups.texts(domain))

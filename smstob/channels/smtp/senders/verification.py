"""Is a mail from whom its From names: SPF and DKIM, aligned as DMARC has it (RFC 7489), or the word of a relay."""

import traceback
from collections.abc import Callable
from functools import cached_property
from typing import Final

import dkim
from dns.resolver import Resolver
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from ....model.notice import Verdict
from ..mail import Envelope, Mail
from .alignment import Organizations, Policy, domain_of, find_policy
from .authentication_results import Result, trusted_results
from .resolver import Lookups, Unanswered, resolver
from .sender_policy import check_sender, publishes
from .signatures import Signatures

MOST_SIGNATURES: Final = 3
"""Signatures of a mail that are verified: the topmost of the domain in question."""


class IReactor(IReactorFromThreads, IReactorTime):
    """As much of a reactor as is needed; its ``seconds`` is asked in threads, too."""


class Verification:
    """Verifies senders, in threads of ``pool``; see ``mail.Verifier``.

    ``nameservers`` are IP addresses and ports, none for the system's; ``authserv_id`` is how trusted relays sign what
    they found out. A mail has ``seconds`` in all, the wait for a thread included; where ``most_waiting`` mails wait
    already, the next is put off.

    Where the system names no server, every verdict is ``TEMPORARY``.
    """

    log = Logger()

    def __init__(
        self,
        reactor: IReactor,
        pool: ThreadPool,
        *,
        nameservers: tuple[tuple[str, int], ...] = (),
        authserv_id: str | None = None,
        seconds: float = 5.0,
        most_waiting: int = 100,
    ) -> None:
        self._reactor = reactor
        self._pool = pool
        self._nameservers = nameservers
        self._known: Resolver | None = None
        self._authserv_id = authserv_id
        self._seconds = seconds
        self._most_waiting = most_waiting
        self._waiting = 0
        self._organizations = Organizations()

    async def verify(self, data: bytes, mail: Mail, envelope: Envelope) -> Verdict:
        """See ``mail.Verifier``."""
        if self._waiting >= self._most_waiting or self._pool.joined:
            return Verdict.TEMPORARY
        self._waiting += 1
        try:
            deadline = self._reactor.seconds() + self._seconds
            verdict: Verdict = await deferToThreadPool(
                self._reactor, self._pool, self._verdict, data, mail, envelope, deadline
            )
        except Exception as why:
            # neither the text of an exception nor the values in its frames: they may be the mail's
            places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
            self.log.error("{kind} while verifying a sender, at {places}", kind=type(why).__name__, places=places)
            return Verdict.TEMPORARY
        else:
            return verdict
        finally:
            self._waiting -= 1

    def _verdict(self, data: bytes, mail: Mail, envelope: Envelope, deadline: float) -> Verdict:
        domain = domain_of(mail.sender)
        if domain is None:
            return Verdict.FAIL
        self._known = self._known or resolver(self._nameservers)
        lookups = Lookups(self._known, self._reactor.seconds, deadline)
        told: tuple[Result, ...] = ()
        if envelope.client.relayed and self._authserv_id:
            told = trusted_results(mail.authentication_results, self._authserv_id)
        return _Inquiry(domain, envelope, lookups, self._organizations).verdict(data, told)


class _Inquiry:
    """What is asked about one mail. ``FAIL`` of one way says that it could have told, ``NONE`` that it could not."""

    def __init__(self, domain: str, envelope: Envelope, lookups: Lookups, organizations: Organizations) -> None:
        self._domain = domain
        self._envelope = envelope
        self._lookups = lookups
        self._organizations = organizations

    def verdict(self, data: bytes, told: tuple[Result, ...]) -> Verdict:
        found = {self._attempt(1 / 3, self._by_relay, told)}
        if decided := found & {Verdict.PASS, Verdict.FAIL}:
            return decided.pop()
        found.add(self._attempt(1 / 2, self._by_client))
        if Verdict.PASS not in found:
            found |= self._by_signatures(data)
        for verdict in (Verdict.PASS, Verdict.TEMPORARY, Verdict.FAIL):
            if verdict in found:
                return verdict
        return self._attempt(1, self._by_existence)

    def _attempt(self, share: float, way: Callable[..., Verdict], *arguments: object) -> Verdict:
        self._lookups.allow(share)
        try:
            return way(*arguments)
        except Unanswered:
            return Verdict.TEMPORARY

    @cached_property
    def _policy(self) -> Policy | None:
        return find_policy(self._domain, self._organizations.of(self._domain), self._lookups)

    def _aligned(self, domain: str | None, strictly: Callable[[Policy], bool]) -> bool:
        if domain is None or not self._organizations.related(domain, self._domain):
            return False
        return domain == self._domain or self._policy is None or not strictly(self._policy)

    def _by_relay(self, told: tuple[Result, ...]) -> Verdict:
        judged = {
            one.result
            for one in told
            if one.method == "dmarc" and domain_of(one.properties.get("header.from", self._domain)) == self._domain
        }
        if judged & {"fail", "pass"}:
            return Verdict.FAIL if "fail" in judged else Verdict.PASS
        for one in told:
            if one.result == "pass" and self._vouched(one):
                return Verdict.PASS
        troubled = any(one.result == "temperror" for one in told if one.method in {"dmarc", "spf", "dkim"})
        return Verdict.TEMPORARY if troubled else Verdict.NONE

    def _vouched(self, result: Result) -> bool:
        match result.method:
            case "spf":
                return self._aligned(domain_of(result.properties.get("smtp.mailfrom", "")), lambda it: it.strict_spf)
            case "dkim":
                return self._aligned(domain_of(result.properties.get("header.d", "")), lambda it: it.strict_dkim)
            case _:
                return False

    def _by_client(self) -> Verdict:
        client, sender = self._envelope.client, self._envelope.sender
        if not client.address:
            return Verdict.NONE
        domain = domain_of(sender or client.helo)
        result = "none"
        if domain and self._organizations.related(domain, self._domain):
            result = check_sender(client.address, sender, domain, client.helo, self._lookups)
        if result == "pass" and self._aligned(domain, lambda it: it.strict_spf):
            return Verdict.PASS
        if result == "temperror":
            return Verdict.TEMPORARY
        return Verdict.FAIL if result != "none" or publishes(self._domain, self._lookups) else Verdict.NONE

    def _by_signatures(self, data: bytes) -> set[Verdict]:
        try:
            signatures = Signatures(data)
        except dkim.DKIMException:
            return set()
        related = [one for one in signatures.domains() if self._organizations.related(one[1], self._domain)]
        found = set()
        for left, (number, domain) in zip(range(MOST_SIGNATURES, 0, -1), related, strict=False):
            found.add(self._attempt(1 / left, self._by_signature, signatures, number, domain))
            if Verdict.PASS in found:
                break
        return found

    def _by_signature(self, signatures: Signatures, number: int, domain: str) -> Verdict:
        good = signatures.holds(number, self._lookups.texts) and self._aligned(domain, lambda it: it.strict_dkim)
        return Verdict.PASS if good else Verdict.FAIL

    def _by_existence(self) -> Verdict:
        known = not self._lookups.exists(self._domain) or self._policy is not None
        return Verdict.FAIL if known else Verdict.NONE

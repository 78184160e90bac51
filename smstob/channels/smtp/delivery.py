"""From a mail to submissions, and to the one reply that its sender's server gets."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred, gatherResults

from ...interfaces import IAuthenticator, INotifier, ISubmitter
from ...model.account import Account, SenderChecks
from ...model.draft import Channel, Credentials, Draft
from ...model.notice import Decided, Line, Verdict
from ...model.refusal import Code, Refusal
from ...model.submission import Submission
from ...model.text import storable
from . import wording
from .mail import Envelope, Mail, Origin, Reply, Unreadable, Verifier
from .mailbox import Mailbox, Request, parse_mailbox, request_of, spellings
from .text.reading import read_mail

LATER: Final = (Code.TOO_MANY, Code.UNAVAILABLE)
"""Refusals after which the same mail may be accepted: its relay is asked to bring it again."""


class MailDelivery:
    """See ``mail.Delivery``.

    A mail that a relay brings again has the same client references: it is answered as it was, and sent once.
    """

    def __init__(
        self,
        domain: str,
        authenticator: IAuthenticator,
        submitter: ISubmitter,
        notifier: INotifier,
        verifier: Verifier,
        checks: SenderChecks,
        run_in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._domain = domain
        self._authenticator = authenticator
        self._submitter = submitter
        self._notifier = notifier
        self._verifier = verifier
        self._checks = checks
        self._run_in_thread = run_in_thread

    def recipient(self, address: str) -> Mailbox | Reply:
        """See ``mail.Delivery``."""
        local, _, domain = address.rpartition("@")
        if domain.rstrip(".").lower() != self._domain or not local:
            return wording.NOT_OURS
        found = parse_mailbox(local)
        if isinstance(found, Refusal):
            return wording.refused(found)
        return found or wording.NO_MAILBOX

    async def deliver(self, envelope: Envelope, data: bytes) -> Reply:
        """See ``mail.Delivery``."""
        try:
            mail = await self._run_in_thread(read_mail, data, not envelope.sender, self._domain)
            return wording.IGNORED if mail.origin is Origin.RESPONDER else await self._decide(envelope, data, mail)
        except Unreadable as why:
            return why.reply

    async def _decide(self, envelope: Envelope, data: bytes, mail: Mail) -> Reply:
        drafts: list[tuple[Draft, Account] | Refusal] = []
        requests = [request_of(mailbox, mail.subject, mail.text) for mailbox in envelope.mailboxes]
        checks = self._checks
        for mailbox, request in zip(envelope.mailboxes, requests, strict=True):
            found = await self._draft(envelope, mail, mailbox, request)
            drafts.append(found)
            if not isinstance(found, Refusal):
                checks = max(checks, found[1].options.sender_checks, key=lambda one: one.strictness)
        verdict = None
        if checks is not SenderChecks.OFF and not all(isinstance(one, Refusal) for one in drafts):
            verdict = await self._verifier.verify(data, mail, envelope)
            if checks is SenderChecks.REQUIRED and verdict is not Verdict.PASS:
                return wording.UNVERIFIABLE if verdict is Verdict.TEMPORARY else wording.UNVERIFIED
        waited = [Deferred.fromCoroutine(self._outcome(*pair)) for pair in zip(requests, drafts, strict=True)]
        outcomes: list[_Outcome] = await gatherResults(waited)
        return await self._answer(mail, outcomes, verdict)

    async def _draft(
        self, envelope: Envelope, mail: Mail, mailbox: Mailbox, request: Request
    ) -> tuple[Draft, Account] | Refusal:
        """The draft by the credentials that are right, however their case was changed; or why there is none."""
        refusal = Refusal(Code.NO_PASSWORD)
        for number, secret in enumerate(spellings(request.secret)):
            address = envelope.client.address
            credentials = Credentials(email=mail.sender, secret=secret, address=address, shared=True)
            draft = Draft(
                sender=credentials,
                channel=Channel.MAIL,
                destination=request.destination,
                text=request.text,
                when=request.when,
                reference=_reference(mail, mailbox),
            )
            if missing := draft.missing():
                return missing
            found = self._authenticator.recall(credentials) or await self._authenticator.authenticate(credentials)
            if isinstance(found, Account):
                return draft, found
            if not number:
                refusal = found
        return refusal

    async def _outcome(self, request: Request, found: tuple[Draft, Account] | Refusal) -> "_Outcome":
        if isinstance(found, Refusal):
            return _Outcome(request.destination, "", found)
        draft, account = found
        return _Outcome(request.destination, account.email, await self._submitter.submit(draft))

    async def _answer(self, mail: Mail, outcomes: "Sequence[_Outcome]", verdict: Verdict | None) -> Reply:
        told = [(one.destination, one.decision) for one in outcomes]
        refusals = [(destination, one) for destination, one in told if isinstance(one, Refusal)]
        for _, refusal in refusals:
            if refusal.code in LATER:
                return wording.refused(refusal)
        if len(refusals) == len(told):
            return wording.all_refused(refusals)
        if mail.origin is Origin.PERSON:
            for decided in _decided(mail, outcomes, verdict):
                await self._notifier.owe(decided)
        return wording.accepted(told)


@attrs.frozen
class _Outcome:
    """What became of a mail for one of its recipients."""

    destination: str
    payer: str
    """The e-mail of the account whose password was shown; empty where it was nobody's."""
    decision: Submission | Refusal

    @property
    def line(self) -> Line:
        """As it is told in a letter."""
        accepted = self.decision.id if isinstance(self.decision, Submission) else None
        return Line(destination=storable(self.destination), code=self.decision.code, submission=accepted)


def _reference(mail: Mail, mailbox: Mailbox) -> str:
    return "mail:" + hashlib.sha256(mail.digest + mailbox.name.encode("utf-8", "surrogatepass")).hexdigest()


def _decided(mail: Mail, outcomes: Sequence[_Outcome], verdict: Verdict | None) -> list[Decided]:
    """For each account that pays, as its options say; what was refused is told with the first."""
    payers = list(dict.fromkeys(one.payer for one in outcomes if isinstance(one.decision, Submission)))
    lines: dict[str, list[Line]] = {payer: [] for payer in payers}
    for one in outcomes:
        payer = one.payer if isinstance(one.decision, Submission) else payers[0]
        lines[payer].append(one.line)
    return [
        Decided(
            key=mail.digest.hex() if payer == payers[0] else f"{mail.digest.hex()}:{payer}",
            email=payer,
            recipient=mail.sender,
            thread=mail.message_id or None,
            lines=tuple(lines[payer]),
            verdict=verdict,
        )
        for payer in payers
    ]

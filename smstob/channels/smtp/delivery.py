"""From a mail to submissions, and to the one reply that its sender's server gets."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

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
            return wording.refused(found.code)
        return found or wording.NO_MAILBOX

    async def deliver(self, envelope: Envelope, data: bytes) -> Reply:
        """See ``mail.Delivery``."""
        try:
            mail = await self._run_in_thread(read_mail, data, not envelope.sender, self._domain)
            return wording.IGNORED if mail.origin is Origin.RESPONDER else await self._decide(envelope, data, mail)
        except Unreadable as why:
            return why.reply

    async def _decide(self, envelope: Envelope, data: bytes, mail: Mail) -> Reply:
        drafts: list[Draft | Refusal] = []
        requests = [request_of(mailbox, mail.subject, mail.text) for mailbox in envelope.mailboxes]
        checks = self._checks
        for mailbox, request in zip(envelope.mailboxes, requests, strict=True):
            found = await self._draft(envelope, mail, mailbox, request)
            if isinstance(found, Refusal):
                drafts.append(found)
                continue
            drafts.append(found[0])
            checks = max(checks, found[1].options.sender_checks, key=lambda one: one.strictness)
        verdict = None
        if checks is not SenderChecks.OFF and not all(isinstance(one, Refusal) for one in drafts):
            verdict = await self._verifier.verify(data, mail, envelope)
            if checks is SenderChecks.REQUIRED and verdict is not Verdict.PASS:
                return wording.UNVERIFIABLE if verdict is Verdict.TEMPORARY else wording.UNVERIFIED
        waited = [Deferred.fromCoroutine(self._submitted(draft)) for draft in drafts]
        decided: list[Submission | Refusal] = await gatherResults(waited)
        outcomes = [(request.destination, one) for request, one in zip(requests, decided, strict=True)]
        return await self._answer(mail, outcomes, verdict)

    async def _draft(
        self, envelope: Envelope, mail: Mail, mailbox: Mailbox, request: Request
    ) -> tuple[Draft, Account] | Refusal:
        """The draft by the credentials that are right, however their case was changed; or why there is none."""
        refusal = Refusal(Code.NO_PASSWORD)
        for number, secret in enumerate(spellings(request.secret)):
            credentials = Credentials(email=mail.sender, secret=secret, address=envelope.client.address)
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

    async def _submitted(self, draft: Draft | Refusal) -> Submission | Refusal:
        return draft if isinstance(draft, Refusal) else await self._submitter.submit(draft)

    async def _answer(
        self, mail: Mail, outcomes: Sequence[tuple[str, Submission | Refusal]], verdict: Verdict | None
    ) -> Reply:
        refusals = [(destination, one) for destination, one in outcomes if isinstance(one, Refusal)]
        for _, refusal in refusals:
            if refusal.code in LATER:
                return wording.refused(refusal.code)
        if len(refusals) == len(outcomes):
            return wording.all_refused(refusals)
        if mail.origin is Origin.PERSON:
            await self._notifier.owe(_decided(mail, outcomes, verdict))
        return wording.accepted(outcomes)


def _reference(mail: Mail, mailbox: Mailbox) -> str:
    return "mail:" + hashlib.sha256(mail.digest + mailbox.name.encode("utf-8", "surrogatepass")).hexdigest()


def _decided(mail: Mail, outcomes: Sequence[tuple[str, Submission | Refusal]], verdict: Verdict | None) -> Decided:
    return Decided(
        key=mail.digest.hex(),
        email=mail.sender,
        recipient=mail.sender,
        thread=mail.message_id or None,
        lines=tuple(
            Line(
                destination=storable(destination),
                code=one.code,
                submission=one.id if isinstance(one, Submission) else None,
            )
            for destination, one in outcomes
        ),
        verdict=verdict,
    )

"""What a draft would become: composed as it would be for sending, and then only told."""

from collections.abc import Container, Iterator, Sequence
from itertools import islice
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IEstimator
from ..model.account import Account
from ..model.contact import Recipient
from ..model.draft import Draft
from ..model.estimate import Estimate, Reject, Sample
from ..model.refusal import Code, Refusal
from ..model.segment import Coding, measure
from ..model.submission import Acceptance, Composed
from ..storage import accounts, duplicates, ledger
from ..storage.database import Connection, Database, Unavailable
from .compose import Rules, compose, unique, verdicts
from .recipients import find, not_numbers

SAMPLES: Final = 3
"""Messages that are shown, besides the longest."""

MOST_REJECTS: Final = 100
"""Recipients without a message that are named."""

UNTOLD: Final = (Code.TOO_MANY, Code.UNAVAILABLE)
"""Refusals of which there is nothing more to tell."""

Outlook = list[tuple[Recipient, Composed | Code]]
"""What each recipient would be sent, or why nothing."""


@implementer(IEstimator)
class Estimator:
    """See ``IEstimator``."""

    log = Logger()

    def __init__(self, database: Database, rules: Rules, clock: IReactorTime, down: Container[str]) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock
        self._down = down

    async def estimate(self, draft: Draft) -> Estimate | Refusal:
        """See ``IEstimator``."""
        if missing := draft.missing():
            return missing
        if not isinstance(draft.sender, Account):
            return Refusal(Code.BAD_CREDENTIALS)
        sender, now = draft.sender.id, int(self._clock.seconds())
        try:
            return await self._database.read(
                lambda connection: self._look(connection, sender, draft, now), long=draft.is_wide
            )
        except Unavailable as reason:
            self.log.warn("not estimated, nothing can be read now: {reason}", reason=reason)
        except Exception:
            self.log.failure("not estimated, since something unforeseen went wrong")
        return Refusal(Code.UNAVAILABLE)

    def _look(self, connection: Connection, sender: int, draft: Draft, now: int) -> Estimate | Refusal:
        account = accounts.by_id(connection, sender)
        if account is None:
            return Refusal(Code.BAD_CREDENTIALS)
        found = find(connection, account.id, draft)
        acceptance = compose(self._rules, account, draft, found, now, self._down)
        if acceptance.refusal is not None and acceptance.refusal.code in UNTOLD:
            return acceptance.refusal
        balance = ledger.balance_of(connection, account.id)
        if isinstance(found, Refusal):
            typed = not_numbers(draft) if found.code is Code.BAD_NUMBER else ()
            bad = [Reject(typed=piece, name="", code=Code.BAD_NUMBER) for piece in islice(typed, MOST_REJECTS)]
            return _estimate(acceptance, [], balance, bad)
        outlook = self._outlook(acceptance, draft, unique(found))
        return _estimate(acceptance, _without_duplicates(connection, acceptance, outlook), balance)

    def _outlook(self, acceptance: Acceptance, draft: Draft, recipients: list[Recipient]) -> Outlook:
        if acceptance.refusal is None:
            sent = {one.number: one for one in acceptance.messages}
            return [(one, sent.get(one.number, Code.NO_TEXT)) for one in recipients]
        # it stopped at the first that it met
        each = verdicts(self._rules, acceptance.account, draft, recipients, self._down)
        return [(one, verdict.code if isinstance(verdict, Refusal) else verdict) for one, verdict in each]


def _without_duplicates(connection: Connection, acceptance: Acceptance, outlook: Outlook) -> Outlook:
    if not acceptance.account.options.duplicates:
        return outlook
    seen = duplicates.seen(connection, [one.key for _, one in outlook if isinstance(one, Composed)])
    again = {key for key in seen if duplicates.repeats(seen, key, acceptance.created)}
    return [
        (who, Code.DUPLICATE if isinstance(one, Composed) and one.key in again else one) for who, one in outlook
    ]


def _estimate(acceptance: Acceptance, outlook: Outlook, balance: int, typed: Sequence[Reject] = ()) -> Estimate:
    sent = [(who, one) for who, one in outlook if isinstance(one, Composed)]
    left_out = [(who, one) for who, one in outlook if isinstance(one, Code)]
    credits_ = sum(one.credits for _, one in sent)
    refusal = acceptance.refusal.code if acceptance.refusal else None
    if refusal is None and not sent:
        refusal = Code.DUPLICATE
    elif refusal is None and credits_ > balance:
        refusal = Code.NO_CREDIT
    rejects = [Reject(typed=who.typed, name=who.variables.name, code=code) for who, code in left_out[:MOST_REJECTS]]
    return Estimate(
        refusal=refusal,
        messages=len(sent),
        segments=sum(one.segments for _, one in sent),
        credits=credits_,
        balance=balance,
        due=acceptance.due,
        deferred=acceptance.deferred,
        duplicates=sum(code is Code.DUPLICATE for _, code in left_out),
        empty=sum(code is Code.NO_TEXT for _, code in left_out),
        unicode=sum(one.coding is Coding.UCS2 for _, one in sent),
        longest=max((one.segments for _, one in sent), default=0),
        samples=tuple(_samples(sent)),
        rejects=(*typed, *rejects),
        rejected=len(typed) + len(left_out),
    )


def _samples(sent: list[tuple[Recipient, Composed]]) -> Iterator[Sample]:
    shown = sent[:SAMPLES]
    longest = max(sent, key=lambda pair: (pair[1].segments, len(pair[1].text)), default=None)
    for who, one in shown if longest is None or longest in shown else [*shown, longest]:
        yield Sample(
            number=one.number,
            typed=one.typed,
            name=who.variables.name,
            text=one.text,
            coding=one.coding,
            length=measure(one.text).length,
            segments=one.segments,
            credits=one.credits,
        )

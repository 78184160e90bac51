"""Second thoughts: what was accepted and has not left is cancelled, put off, or replaced."""

from collections.abc import Callable, Container, Iterable

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IDeferrals
from ..model.account import Account
from ..model.draft import Draft
from ..model.identity import bounded
from ..model.moment import BadMoment, day_of, parse_moment
from ..model.refusal import AccountChanged, Code, Refusal
from ..model.submission import Acceptance, Submission
from ..storage import accounts, deferrals, settlement, submissions
from ..storage.database import Connection, Database, Unavailable
from .compose import Rules, compose
from .recipients import find
from .submit import ATTEMPTS


@implementer(IDeferrals)
class Deferrals:
    """See ``IDeferrals``."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        rules: Rules,
        clock: IReactorTime,
        down: Container[str],
        queued: Callable[[Iterable[str]], None],
    ) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock
        self._down = down
        self._queued = queued

    async def postpone(self, account: int, submission: int, when: str) -> int | Refusal | None:
        """See ``IDeferrals``."""
        now, id_ = int(self._clock.seconds()), bounded(submission)
        try:
            due = parse_moment(when, self._rules.zone, now)
        except BadMoment:
            return Refusal(Code.BAD_DATE)
        day = day_of(due, self._rules.zone)
        try:
            gateways = await self._database.transact(
                lambda connection: deferrals.postpone(connection, account, id_, due, day)
            )
        except Exception as error:
            return self._unavailable(error)
        if gateways is None:
            return None
        if due <= now:
            self._queued(gateways)
        return due

    async def cancel(self, account: int, submission: int) -> tuple[int, int] | None:
        """See ``IDeferrals``."""
        now, id_ = int(self._clock.seconds()), bounded(submission)

        def work(connection: Connection) -> tuple[int, int] | None:
            if submissions.account_of(connection, id_) != account:
                return None
            cancelled = settlement.cancel(connection, id_, now)
            return cancelled if cancelled[0] else None

        return await self._database.transact(work)

    async def replace(self, submission: int, draft: Draft) -> Submission | Refusal | None:
        """See ``IDeferrals``."""
        if missing := draft.missing():
            return missing
        if not isinstance(draft.sender, Account):
            return Refusal(Code.BAD_CREDENTIALS)
        try:
            for _ in range(ATTEMPTS):
                decision = await self._replace(bounded(submission), draft.sender.id, draft)
                if not isinstance(decision, AccountChanged):
                    if isinstance(decision, Submission) and decision.gateways:
                        self._queued(decision.gateways)
                    return decision
        except Exception as error:
            return self._unavailable(error)
        return Refusal(Code.UNAVAILABLE)

    async def _replace(
        self, submission: int, sender: int, draft: Draft
    ) -> Submission | Refusal | AccountChanged | None:
        now = int(self._clock.seconds())

        def look(connection: Connection) -> Acceptance | None:
            account = accounts.by_id(connection, sender)
            if account is None:
                return None
            return compose(self._rules, account, draft, find(connection, account.id, draft), now, self._down)

        acceptance = await self._database.read(look, long=draft.is_wide)
        if acceptance is None:
            return Refusal(Code.BAD_CREDENTIALS)
        try:
            return await self._database.transact(
                lambda connection: deferrals.replace(connection, submission, acceptance)
            )
        except deferrals.NotReplaced as refused:
            return refused.decision

    def _unavailable(self, error: Exception) -> Refusal:
        if isinstance(error, Unavailable):
            self.log.warn("nothing is changed, nothing can be written or read now: {reason}", reason=error)
        else:
            self.log.failure("nothing is changed, since something unforeseen went wrong")
        return Refusal(Code.UNAVAILABLE)

"""The second verb: from a draft to a submission, or to a refusal that changed nothing."""

from collections.abc import Callable, Container, Iterable
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IAuthenticator, ISubmitter
from ..model.account import Account
from ..model.address import network_of
from ..model.draft import Credentials, Draft
from ..model.refusal import ACCOUNT_CHANGED, Code, Refusal
from ..model.submission import Acceptance, Submission
from ..storage import accounts, submissions
from ..storage.database import Connection, Database, Unavailable
from .compose import Rules, compose
from .guessing import Leak
from .recipients import find, typed_recipients

ATTEMPTS: Final = 5
"""How often an account may change under a draft before the sender is asked to come again."""

INLINE: Final = 200
"""Characters of a destination that is read in the reactor's thread; a longer one is read beside it."""


@implementer(ISubmitter)
class Submitter:
    """See ``ISubmitter``. The refusal is the first in this order: 87 to 90, 93, 82, 84/86, 85, 92, 91, 83."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        authenticator: IAuthenticator,
        rules: Rules,
        clock: IReactorTime,
        down: Container[str],
        queued: Callable[[Iterable[str]], None],
        requests_per_second: float = 0,
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._rules = rules
        self._clock = clock
        self._down = down
        self._queued = queued
        burst = max(1.0, requests_per_second)
        self._requests = Leak(burst, burst / requests_per_second) if requests_per_second else None

    async def submit(self, draft: Draft) -> Submission | Refusal:
        """See ``ISubmitter``."""
        if missing := draft.missing():
            return missing
        if isinstance(draft.sender, Credentials) and self._too_fast(draft.sender.address):
            return Refusal(Code.TOO_MANY)
        try:
            for _ in range(ATTEMPTS):
                account = await self._account(draft.sender)
                if isinstance(account, Refusal):
                    return account
                acceptance = await self._compose(account, draft)
                weight = 1 + len(acceptance.messages) // 100
                (decision,) = await self._database.batch(submissions.accept, [acceptance], weight)
                if decision is not ACCOUNT_CHANGED:
                    if isinstance(decision, Submission) and decision.gateways:
                        self._queued(decision.gateways)
                    return decision
                if isinstance(draft.sender, Credentials):
                    self._authenticator.forget(draft.sender)
        except Unavailable as reason:
            self.log.warn("refused, nothing can be written or read now: {reason}", reason=reason)
        except Exception:
            self.log.failure("refused, since something unforeseen went wrong")
        return Refusal(Code.UNAVAILABLE)

    async def _account(self, sender: Credentials | Account) -> Account | Refusal:
        if isinstance(sender, Credentials):
            return self._authenticator.recall(sender) or await self._authenticator.authenticate(sender)
        known = await self._database.read(lambda connection: accounts.by_id(connection, sender.id))
        return known or Refusal(Code.BAD_CREDENTIALS)

    def _too_fast(self, address: str) -> bool:
        if self._requests is None:
            return False
        now, network = self._clock.seconds(), network_of(address)
        if self._requests.full(network, now):
            return True
        self._requests.add(network, now)
        return False

    async def _compose(self, account: Account, draft: Draft) -> Acceptance:
        now = int(self._clock.seconds())
        short = draft.selection is None and len(draft.destination) <= INLINE
        if short and (typed := typed_recipients(draft.destination)):
            return compose(self._rules, account, draft, typed, now, self._down)

        def beside(connection: Connection) -> Acceptance:
            return compose(self._rules, account, draft, find(connection, account.id, draft), now, self._down)

        return await self._database.read(beside, long=draft.is_wide)

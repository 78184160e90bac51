"""What time alone brings about for orders: reminders, orders that lapse, and payments that no provider told of."""

from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ..model.order import GIVEN_UP, REMINDED
from ..storage import orders
from ..storage.database import Database, Unavailable
from .cashier import Cashier

DAY: Final = 86_400
EVERY: Final = 60.0
"""Seconds between two rounds."""

ASKED_AFTER: Final = 600
"""Seconds for which a provider has the time to call, before it is asked."""

ASKED_FOR: Final = 2 * DAY
"""Seconds after which it is asked no more."""

STALE: Final = 3 * DAY
"""Seconds after which an order that is paid on a provider's page is cancelled: the page is long closed."""

ASKED_EVERY: Final = 10
"""Rounds between two such questions."""

ASKED: Final = 20
"""Orders that are asked after in one round: a provider that hangs takes half a minute for each."""

AT_ONCE: Final = 50
"""Orders that are reminded of, or lapse, in one transaction."""


class OrderUpkeep(Service):
    """Runs once a minute. ``clock`` has the time of day, ``timers`` the seconds between two rounds."""

    log = Logger()

    def __init__(self, database: Database, cashier: Cashier, clock: IReactorTime, timers: IReactorTime) -> None:
        self._database = database
        self._cashier = cashier
        self._clock = clock
        self._rounds = 0
        self._asked = 0
        """The id of the last order that a provider was asked after."""
        self._round: Deferred[None] | None = None
        self._loop = LoopingCall(self.look)
        self._loop.clock = timers

    def startService(self) -> None:
        """Begin, at once: a payment may have come while the daemon was down."""
        super().startService()
        self._loop.start(EVERY)

    def stopService(self) -> "Deferred[None]":
        """Fires when the round that is under way has ended."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        if self._round is None:
            return succeed(None)
        over: Deferred[None] = Deferred()
        self._round.addCallback(lambda _: over.callback(None))
        return over

    def look(self) -> None:
        """A round, unless the last one is not over."""
        if self._round is None:
            self._round = Deferred.fromCoroutine(self._tidy())
            self._round.addErrback(self._failed)
            self._round.addCallback(self._looked)

    def _looked(self, _result: Any) -> None:
        self._round = None

    def _failed(self, failure: Any) -> None:
        if failure.check(Unavailable):
            self.log.warn("orders wait for the database: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("orders could not be looked after", failure)

    async def _tidy(self) -> None:
        now = int(self._clock.seconds())
        given_up = now - GIVEN_UP * DAY
        await self._database.transact(
            lambda connection: orders.remind(connection, given_up, now - REMINDED * DAY, now, AT_ONCE)
        )
        lapsed = await self._database.transact(
            lambda connection: orders.lapse(connection, given_up, now - STALE, now, AT_ONCE)
        )
        if lapsed:
            self.log.info("{count} orders lapsed", count=lapsed)
        if self._rounds % ASKED_EVERY == 0:
            await self._ask(now)
        self._rounds += 1

    async def _ask(self, now: int) -> None:
        since, before, after = now - ASKED_FOR, now - ASKED_AFTER, self._asked
        waiting = await self._database.read(
            lambda connection: orders.waiting(connection, False, since, before, ASKED, after)
        )
        # each in its turn: the next round goes on behind these, the one after the last begins anew
        self._asked = waiting[-1].id if len(waiting) == ASKED else 0
        for order in waiting:
            if not self.running:
                return
            await self._cashier.look(order)

"""What time alone brings about for orders: reminders, orders that lapse, and payments that no provider told of."""

from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from ..flow.rounds import Rounds
from ..model.order import GIVEN_UP, REMINDED
from ..storage import orders
from ..storage.database import Database
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


class OrderUpkeep(Rounds):
    """Runs once a minute, and at once: a payment may have come while the daemon was down.

    ``clock`` has the time of day, ``timers`` the seconds between two rounds.
    """

    log = Logger()

    def __init__(self, database: Database, cashier: Cashier, clock: IReactorTime, timers: IReactorTime) -> None:
        super().__init__(timers, EVERY, "orders")
        self._database = database
        self._cashier = cashier
        self._clock = clock
        self._rounds = 0
        self._asked = 0
        """The id of the last order that a provider was asked after."""

    async def round(self) -> None:
        """Remind, cancel, and ask providers."""
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

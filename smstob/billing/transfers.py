"""Credits for other accounts, which are opened where they are not there; and how these use them."""

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..billing_interfaces import ITransfers
from ..flow.authenticate import hash_of_nobody
from ..model.account import canonical_email, is_email
from ..model.identity import bounded
from ..model.moment import date_of, day_of, days_until
from ..model.sharing import MOST_TRANSFER, Followed, Follower, Transfer, TransferFault
from ..model.text import storable
from ..storage import transfers
from ..storage.accounts import AlreadyThere
from ..storage.database import Database
from ..storage.transfers import Month, Wanted

MONTHS: Final = 12
"""Of use that are told."""

LONGEST_KEY: Final = 100


@implementer(ITransfers)
class Transfers:
    """See ``ITransfers``. ``clock`` has the time of day; months are those of ``zone``."""

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    def _now(self) -> int:
        return int(self._clock.seconds())

    async def transfer(self, account: int, email: str, credits: int, key: str) -> Transfer | TransferFault:
        """See ``ITransfers``."""
        if not 0 < credits <= MOST_TRANSFER:
            return TransferFault.BAD_AMOUNT
        receiver = canonical_email(storable(email))
        # a letter's envelope is ASCII: who could get no password is not given an account
        if not (receiver.isascii() and is_email(receiver)):
            return TransferFault.NOT_AN_EMAIL
        wanted = Wanted(
            giver=account,
            receiver=receiver,
            credits=credits,
            key=storable(key)[:LONGEST_KEY],
            at=self._now(),
            nobody=hash_of_nobody(),
        )
        made = await self._give(wanted)
        if isinstance(made, Transfer):
            self.log.info("account {account} gave credits: transfer {id}", account=account, id=made.id)
        return made

    async def _give(self, wanted: Wanted) -> Transfer | TransferFault:
        try:
            return await self._database.transact(lambda connection: transfers.give(connection, wanted))
        except AlreadyThere:
            # another daemon has just opened it
            return await self._database.transact(lambda connection: transfers.give(connection, wanted))

    async def followed(self, account: int) -> list[Followed]:
        """See ``ITransfers``."""
        months = last_months(date_of(day_of(self._clock.seconds(), self._zone)))
        return await self._database.read(lambda connection: transfers.followed(connection, account, months))

    async def followers(self, account: int) -> list[Follower]:
        """See ``ITransfers``."""
        return await self._database.read(lambda connection: transfers.followers(connection, account))

    async def end_following(self, account: int, follower: int) -> bool:
        """See ``ITransfers``."""
        now, giver = self._now(), bounded(follower)
        return await self._database.transact(
            lambda connection: transfers.end_following(connection, account, giver, now)
        )


def last_months(today: date) -> list[Month]:
    """The month of ``today`` and those before it, ``MONTHS`` in all."""
    months, first = [], today.replace(day=1)
    for _ in range(MONTHS):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        months.append(Month(first.year, first.month, days_until(first), days_until(last)))
        first = (first - timedelta(days=1)).replace(day=1)
    return months

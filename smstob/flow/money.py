"""Letters about money: how an order is paid, invoices, credits that came from others, and credits that run out."""

from collections.abc import Awaitable, Callable
from typing import Final

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from ..model.account import Account
from ..model.invoice import Document, InvoiceKind
from ..model.notice import Attachment, Invoiced, Kind, Lapsed, Letter, Ordered, Shortage, Told
from ..model.order import Instructions, OrderFault, OrderState, Start
from ..model.refusal import Code, Refusal
from ..model.submission import Submission
from ..storage import accounts, alerts, notices, orders, sections
from ..storage.database import Connection, Database
from ..storage.notices import Owed

LATER: Final = frozenset({Code.TOO_MANY, Code.UNAVAILABLE, Code.BAD_CREDENTIALS})
"""Refusals of an alert that is tried again: one whose account was closed is owed no longer then."""

PATIENCE: Final = 2 * 3600
"""Seconds for which it is tried, before it is mailed."""

FILES: Final = {InvoiceKind.INVOICE: "Facture", InvoiceKind.CREDIT_NOTE: "Avoir"}
"""What a document's file is called, before its number."""


class NotYet(Exception):
    """What a notice tells cannot be had now; the text says why."""


@attrs.frozen
class Sources:
    """Where letters about money have it from that is in no table, and who sends an alert as an SMS."""

    how_to_pay: Callable[[int, str], Awaitable[Start | OrderFault]]
    """See ``ICashier.start``."""
    document: Callable[[str], Awaitable[Document | None]]
    """See ``IInvoices.document``."""
    text: Callable[[Account, Shortage, int], Awaitable[Submission | Refusal]]
    """Alert an account by SMS, at its expense: once for each notice, whose id comes last."""


class MoneyLetters:
    """Writes what ``MONEY`` notices tell. ``clock`` has the time of day; ``lease`` is in seconds."""

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, sources: Sources, lease: int) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
        self._lease = lease

    async def write(self, owed: Owed) -> Letter | None:
        """The letter, held for the lease; None where there is nothing to tell any more. Raises ``NotYet``."""
        if owed.kind is Kind.ALERT:
            return await self._alert(owed)
        told = await self._told(owed)
        if told is None:
            await self._over(owed)
            return None
        attachments = (await self._file(told),) if isinstance(told, Invoiced) else ()
        now = self._now()
        held = await self._database.transact(lambda connection: notices.hold(connection, owed, now + self._lease))
        return _letter(owed, told, now, attachments) if held else None

    def _now(self) -> int:
        return int(self._clock.seconds())

    async def _over(self, owed: Owed) -> None:
        now = self._now()
        await self._database.transact(lambda connection: notices.told(connection, [owed.id], now))

    async def _told(self, owed: Owed) -> Told | None:
        if owed.kind is Kind.INVOICED:
            return await self._database.read(lambda connection: sections.invoiced(connection, owed))
        if owed.kind is Kind.GIVEN:
            return await self._database.read(lambda connection: sections.given(connection, owed))
        order = await self._database.read(lambda connection: orders.find(connection, owed.about, owed.account))
        if owed.kind is Kind.LAPSED:
            return Lapsed(order=order) if order is not None and order.state is OrderState.CANCELLED else None
        if order is None:
            return None
        start = await self._sources.how_to_pay(owed.account, owed.about)
        if start is OrderFault.PROVIDER_AWAY:
            raise NotYet("the payment provider is away")
        if isinstance(start, OrderFault):
            return None
        instructions = start if isinstance(start, Instructions) else None
        return Ordered(order=order, instructions=instructions, reminder=owed.kind is Kind.REMINDED)

    async def _file(self, told: Invoiced) -> Attachment:
        number = told.invoice.number
        made = await self._sources.document(number)
        if made is None:
            raise NotYet(f"there is no document of {number}")
        return Attachment(f"{FILES[told.invoice.kind]} {number}.pdf", "application/pdf", made.pdf)

    async def _alert(self, owed: Owed) -> Letter | None:
        now = self._now()

        def hold(connection: Connection) -> tuple[int | None, Account | None]:
            return alerts.hold(connection, owed, now, now + self._lease), accounts.by_id(connection, owed.account)

        balance, account = await self._database.transact(hold)
        if balance is None or account is None:
            return None
        options = account.options
        shortage = Shortage(
            email=account.email,
            balance=balance,
            threshold=options.alert_threshold or 0,
            phone=options.alert_phone or "",
        )
        answer = await self._sources.text(account, shortage, owed.id)
        if isinstance(answer, Submission):
            await self._over(owed)
            return None
        if answer.code in LATER and now - owed.since < PATIENCE:
            raise NotYet(f"the alert was refused: {answer.code:02}")
        self.log.info("the alert {id} is mailed, since it was refused: {code:02}", id=owed.id, code=int(answer.code))
        return _letter(owed, attrs.evolve(shortage, code=answer.code), now)


def _letter(owed: Owed, told: Told, now: int, attachments: tuple[Attachment, ...] = ()) -> Letter:
    return Letter(
        id=owed.id, recipient=owed.recipient, thread=None, at=now, sections=(told,), attachments=attachments
    )

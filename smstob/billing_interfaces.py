"""What the rooms of money promise each other and the doors; as in ``interfaces``, the docstring is the contract.

Whatever asks the database raises what storage raises when it is away, unless it says otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from twisted.internet.defer import Deferred
from twisted.plugin import IPlugin
from zope.interface import Attribute, Interface

from .interfaces import SettingsTable
from .model.customer import Customer, CustomerFault
from .model.invoice import Document, InvoiceQuery, InvoiceReport
from .model.order import Method, Order, OrderFault, OrderQuery, PaymentEvent, Quote, Start
from .model.price import PriceList
from .model.sharing import (
    DomainFault,
    Followed,
    Follower,
    SenderUse,
    SharedDomain,
    Transfer,
    TransferFault,
    TrialFault,
)


class IPaymentProvider(Interface):
    """A way to be paid. It keeps nothing: what it tells is proven each time. Called in the reactor's thread."""

    method: Method = Attribute("How customers see it; the name is the configuration's.")

    async def start(order: Order, return_url: str) -> Start:
        """Where the customer of an open ``order`` pays; the same order gives the same way, however often it is asked.

        The customer comes back to ``return_url``, paid or not: that he comes proves nothing. Raises ``ProviderAway``.
        """

    def read(headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """What a call of the provider's says; None where it is of no concern. Raises ``NotGenuine``.

        Names of ``headers`` are in lower case; ``body`` is as it came. Asks no network.
        """

    async def look(order: Order) -> PaymentEvent | None:
        """What the provider knows of an order that was started; None where nothing came of it yet.

        Asked where no call came. The event has the ``id`` that a call would have, or one of its own. Raises
        ``ProviderAway``.
        """


class IPaymentProviderMaker(IPlugin):
    """Makes payment providers of one type; found by ``twisted.plugin`` in the package ``twisted.plugins``."""

    name: str = Attribute("The ``type`` of the configuration.")
    description: str = Attribute("One line in French for the operator.")

    def parse_settings(table: SettingsTable) -> Any:
        """Read all keys of ``table``; what is given back is handed to ``make_provider``."""

    def make_provider(name: str, settings: Any, base_url: str, clock: Any, run_in_thread: Any) -> IPaymentProvider:
        """A provider. ``base_url`` is the pages'; ``clock`` (IReactorTime) tells Unix seconds.

        ``run_in_thread(function, *arguments)`` gives a Deferred of what blocks.
        """


class ICashier(Interface):
    """Sells credits. A paid order has its credits and its invoice, once, whatever is repeated or raced."""

    prices: PriceList = Attribute("What credits cost.")
    methods: Sequence[Method] = Attribute("The ways to pay, in the configuration's order.")

    async def customer(account: int) -> Customer:
        """Whom the account's invoices are for; empty at first."""

    async def set_customer(account: int, typed: Mapping[str, str]) -> tuple[Customer, Mapping[str, CustomerFault]]:
        """Keep that, of a form with the names of ``Customer``'s fields; nothing where there is a fault."""

    async def quote(account: int, credits: int) -> Quote | OrderFault:
        """What so many credits cost this account, by its country and numbers."""

    async def order(account: int, credits: int, method: str, key: str) -> Order | OrderFault:
        """A new open order; the one of the same ``key`` again. How to pay it is told by ``start``."""

    async def start(account: int, reference: str) -> Start | OrderFault:
        """How an open order of this account is paid."""

    def orders(query: OrderQuery) -> Deferred[list[Order]]:
        """Orders, newest first."""

    def find(reference: str, account: int | None = None) -> Deferred[Order | None]:
        """One of them; of that account alone where it is given."""

    async def notified(provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """A provider called. What it tells is on disk when this returns; of what it tells again nothing comes.

        Raises ``NotGenuine``, and KeyError where there is no such provider. What concerns no order of ours, another
        amount or another currency changes nothing and is logged: returned from, so that it is not told for ever.
        """

    async def check(account: int, reference: str) -> Order | None:
        """Ask the provider of an open order what became of it: for who comes back before the provider called."""

    async def confirm(reference: str, received: date, note: str) -> Order | OrderFault:
        """The operator has the money: credits and invoice, once."""

    async def cancel(reference: str, account: int | None = None) -> Order | OrderFault:
        """Expect the money no longer; should it come after all, it counts."""

    async def refund(reference: str, note: str) -> Order | OrderFault:
        """The operator paid all of it back: a credit note, and as many of the credits back as are there."""


class IInvoices(Interface):
    """Invoices as files."""

    def invoices(query: InvoiceQuery) -> Deferred[list[InvoiceReport]]:
        """Invoices and credit notes, newest first."""

    async def document(number: str, account: int | None = None) -> Document | None:
        """The file; of that account alone where it is given. Made when it is first asked for, and never again."""

    async def export(first: int, last: int) -> bytes | None:
        """Those of a period, by days of issue: a ZIP with a CSV for the accountant and every PDF.

        None where there are too many for one file.
        """


class ITransfers(Interface):
    """Credits for other accounts."""

    async def transfer(account: int, email: str, credits: int, key: str) -> Transfer | TransferFault:
        """Give credits to the account of that e-mail; the transfer of the same ``key`` again.

        Where there is no such account one is opened, and its password mailed. Who receives is told by mail.
        """

    async def followed(account: int) -> list[Followed]:
        """The accounts that this one opened or credited, with their use since then, of the last 12 months at most.

        Not their texts.
        """

    async def followers(account: int) -> list[Follower]:
        """Who follows this account."""

    async def end_following(account: int, follower: int) -> bool:
        """Be followed by that one no longer, until it transfers again; whether it did."""


class ISharing(Interface):
    """Domains whose addresses send on an account's purse."""

    async def domains(account: int) -> list[SharedDomain]:
        """Those of the account."""

    async def share(
        account: int, domain: str, password: str, daily_limit: int | None, *, proven: bool = False
    ) -> str | DomainFault:
        """Share with the addresses of ``domain``; gives the password, drawn where none is given.

        The account's own address is of that domain, unless the operator has ``proven`` that it is entitled.
        """

    async def set_limit(account: int, domain: str, daily_limit: int | None) -> DomainFault | None:
        """Another limit for each sender and day; None for none. NOT_A_DOMAIN where it is not shared by this account."""

    async def set_password(account: int, domain: str, password: str) -> str | DomainFault:
        """Another password, drawn where none is given; the old one is worth nothing from then on."""

    async def unshare(account: int, domain: str) -> bool:
        """Share it no longer; whether it was."""

    async def senders(account: int, domain: str, first: int, last: int) -> list[SenderUse]:
        """Which addresses sent on these days, both included, those that used most first."""


class ITrials(Interface):
    """Credits to try the service, against a call to a premium number."""

    number: str = Attribute("The number to call, as shown; empty where there is no trial.")
    price: str = Attribute("What a call costs, as the law wants it shown.")

    async def called(headers: Mapping[str, str], body: bytes) -> None:
        """The provider of the number tells of a call: a code that the caller heard, the caller's number, or both.

        Kept once for each call. Raises ``NotGenuine``.
        """

    async def redeem(account: int, typed: str, address: str) -> int | TrialFault:
        """Credits for the code that somebody heard, or for the telephone that called; gives how many.

        Once for an account, for a code, and for a telephone. Tries are counted by account and network.
        """

"""The whole site, put together of the rooms behind it."""

from collections.abc import Callable, Collection
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from ...billing_interfaces import ICashier, IInvoices, ISharing, ITransfers, ITrials
from ...interfaces import (
    IBook,
    IDeferrals,
    IEntrance,
    IEstimator,
    IImporter,
    IProfile,
    IReporter,
    ISubmitter,
)
from ...model.address import Network
from .assets import Assets
from .desktop import DesktopProgram
from .pages.bank import BankPages, Signed
from .pages.book import BookPages
from .pages.buying import BuyingPages
from .pages.credits import CreditsPages
from .pages.customer import CustomerPages
from .pages.dashboard import DashboardPages
from .pages.documentation import DocumentationPages
from .pages.entrance import EntrancePages
from .pages.groups import GroupPages
from .pages.history import HistoryPages
from .pages.imports import ImportPages
from .pages.modems import ModemPages
from .pages.operating import OperatingPages
from .pages.options import OptionPages
from .pages.orders import OrderPages
from .pages.outside import OutsidePages
from .pages.phrases import PhrasePages
from .pages.scheduled import ScheduledPages
from .pages.security import SecurityPages
from .pages.send import SendPages
from .pages.sharing import SharingPages
from .pages.transfers import TransferPages
from .pages.trial import TrialPages
from .rendering import Facts, Rendering
from .site import Pages


@attrs.frozen(kw_only=True)
class Rooms:
    """Whom the pages ask."""

    entrance: IEntrance
    profile: IProfile
    submitter: ISubmitter
    estimator: IEstimator
    deferrals: IDeferrals
    book: IBook
    importer: IImporter
    reporter: IReporter
    cashier: ICashier
    invoices: IInvoices
    transfers: ITransfers
    sharing: ISharing
    trials: ITrials
    in_thread: "Callable[..., Deferred[Any]]"
    """Fires with what a function gave in a thread: for what takes longer than others should wait."""
    test_bank: Signed | None = None
    """How the test provider would call; None where there is none."""


def pages(
    rooms: Rooms,
    facts: Facts,
    zone: ZoneInfo,
    clock: IReactorTime,
    trusted_proxies: Collection[Network] = (),
    operators: Collection[str] = (),
) -> Pages:
    """Every page of the site; ``operators`` are the e-mails of those who run it."""
    assets = Assets()
    parts: list[object] = [
        OutsidePages(rooms.cashier.prices),
        EntrancePages(rooms.entrance),
        OptionPages(rooms.profile),
        SecurityPages(rooms.profile),
        DocumentationPages(facts, clock, DesktopProgram(facts, zone, rooms.in_thread)),
        SendPages(rooms.submitter, rooms.estimator, rooms.deferrals, rooms.book, rooms.reporter, rooms.in_thread),
        BookPages(rooms.book),
        GroupPages(rooms.book),
        PhrasePages(rooms.book),
        ImportPages(rooms.importer, rooms.book, clock),
        DashboardPages(rooms.reporter, rooms.book, clock),
        HistoryPages(rooms.reporter, clock),
        ScheduledPages(rooms.reporter, rooms.deferrals),
        CreditsPages(rooms.reporter, clock),
        BuyingPages(rooms.cashier),
        OrderPages(rooms.cashier, rooms.invoices, clock),
        TransferPages(rooms.transfers, clock),
        SharingPages(rooms.sharing, clock),
        TrialPages(rooms.trials),
        CustomerPages(rooms.cashier),
        OperatingPages(rooms.cashier, rooms.invoices, clock),
        ModemPages(rooms.reporter, clock),
    ]
    if rooms.test_bank is not None:
        parts.append(BankPages(rooms.cashier, rooms.test_bank))
    rendering = Rendering(assets, rooms.reporter, facts, bool(rooms.trials.number))
    return Pages(parts, rooms.entrance, rendering, assets, zone, facts.base_url, trusted_proxies, operators)

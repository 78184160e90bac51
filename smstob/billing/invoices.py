"""Invoices as files: made once, of what was frozen with the number, and kept."""

import io
import zipfile
from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from ..billing_interfaces import IInvoices
from ..model.invoice import Document, Invoice, InvoiceQuery, InvoiceReport
from ..model.moment import date_of
from ..model.text import storable
from ..storage import invoices
from ..storage.database import Database

MOST_EXPORTED: Final = 2_000
"""Invoices of one export, which is made in memory: 60 MB or so."""


@implementer(IInvoices)
class Invoices:
    """See ``IInvoices``. ``make`` is slow, and done by ``run_in_thread``; so is the export."""

    def __init__(
        self,
        database: Database,
        clock: IReactorTime,
        run_in_thread: "Callable[..., Deferred[Any]]",
        make: Callable[[Invoice], Document],
        as_csv: "Callable[[list[Invoice]], bytes]",
    ) -> None:
        self._database = database
        self._clock = clock
        self._run_in_thread = run_in_thread
        self._make = make
        self._as_csv = as_csv

    def invoices(self, query: InvoiceQuery) -> "Deferred[list[InvoiceReport]]":
        """See ``IInvoices``."""
        return self._database.read(lambda connection: invoices.reports(connection, query))

    async def document(self, number: str, account: int | None = None) -> Document | None:
        """See ``IInvoices``."""
        number = storable(number)
        said = await self._database.read(lambda connection: invoices.find(connection, number, account))
        return None if said is None else await self._document(said)

    async def _document(self, said: Invoice) -> Document:
        kept = await self._database.read(lambda connection: invoices.document(connection, said.number))
        if kept is not None:
            return kept
        made = await self._run_in_thread(self._make, said)
        now = int(self._clock.seconds())
        # of two that make it at once the first is kept
        return await self._database.transact(lambda connection: invoices.keep_document(connection, made, now))

    async def export(self, first: int, last: int) -> bytes | None:
        """See ``IInvoices``."""
        query = InvoiceQuery(first=first, last=last, limit=MOST_EXPORTED + 1)
        said = await self._database.read(lambda connection: invoices.whole(connection, query), long=True)
        if len(said) > MOST_EXPORTED:
            return None
        said.reverse()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_entry("factures.csv", last), await self._run_in_thread(self._as_csv, said))
            for one in said:
                made = await self._document(one)
                archive.writestr(_entry(f"{one.number}.pdf", one.issued), made.pdf)
        return file.getvalue()


def _entry(name: str, day: int) -> zipfile.ZipInfo:
    at = date_of(day)
    # the years that a ZIP can tell
    return zipfile.ZipInfo(name, (min(max(at.year, 1980), 2107), at.month, at.day, 0, 0, 0))

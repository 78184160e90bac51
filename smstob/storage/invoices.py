"""Invoices: numbers without gaps, allotted in the transaction that needs one; what was issued is never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from ..model.invoice import Document, Invoice, InvoiceKind, InvoiceQuery, InvoiceReport, number_of
from ..model.moment import date_of
from . import bulk
from .billing_schema import invoice, invoice_document, sales_order
from .schema import account


def allot(connection: Connection, kind: InvoiceKind, today: int) -> tuple[str, int]:
    """The next number of its series, and the day of issue: ``today``, or that of the last one where it is later.

    Whoever else wants one waits for the commit; where there is none, the number is free again.
    """
    series = "SELECT coalesce(max(issued), 0) FROM invoice_series WHERE kind = ?"
    ((last_day,),) = bulk.query(connection, series, kind.value)
    issued = max(today, last_day)
    year = date_of(issued).year
    counted = (
        "INSERT INTO invoice_series (kind, year, last, issued) VALUES (?, ?, 1, ?) "
        "ON CONFLICT (kind, year) DO UPDATE SET last = invoice_series.last + 1, "
        "issued = CASE WHEN invoice_series.issued > excluded.issued THEN invoice_series.issued "
        "ELSE excluded.issued END RETURNING last, issued"
    )
    ((place, day),) = bulk.query(connection, counted, kind.value, year, issued)
    return number_of(kind, year, place), day


def issue(connection: Connection, order: int, account_id: int, key: str, made: Invoice, now: int) -> None:
    """Keep an invoice, whose number was just allotted. IntegrityError where ``key`` has one already."""
    values = {
        "number": made.number,
        "key": key,
        "kind": made.kind.value,
        "order_id": order,
        "account_id": account_id,
        "issued": made.issued,
        "at": now,
        "credits": made.credits,
        "net": made.amounts.net,
        "vat": made.amounts.vat,
        "facts": made.as_json(),
    }
    connection.execute(insert(invoice).values(values))


def of_order(connection: Connection, order: int) -> list[Invoice]:
    """The invoice of an order, then its credit notes."""
    wanted = select(invoice.c.facts).where(invoice.c.order_id == order).order_by(invoice.c.id)
    return [Invoice.from_json(facts) for facts in connection.execute(wanted).scalars()]


def find(connection: Connection, number: str, account_id: int | None = None) -> Invoice | None:
    """The invoice of that number; of that account alone where it is given."""
    wanted = select(invoice.c.facts).where(invoice.c.number == number)
    if account_id is not None:
        wanted = wanted.where(invoice.c.account_id == account_id)
    facts = connection.execute(wanted).scalar_one_or_none()
    return None if facts is None else Invoice.from_json(facts)


def document(connection: Connection, number: str) -> Document | None:
    """Its file, once it was made."""
    wanted = select(invoice_document).join(invoice, invoice.c.id == invoice_document.c.invoice_id)
    row = connection.execute(wanted.where(invoice.c.number == number)).one_or_none()
    return None if row is None else Document(number, bytes(row.pdf), bytes(row.xml), row.sha256)


def keep_document(connection: Connection, made: Document, now: int) -> Document:
    """Keep its file, and give the one that is kept: the first that was."""
    id_ = connection.execute(select(invoice.c.id).where(invoice.c.number == made.number)).scalar_one()
    row = (id_, made.pdf, made.xml, made.sha256, now)
    columns = ("invoice_id", "pdf", "xml", "sha256", "made")
    bulk.insert(connection, invoice_document, columns, [row], "ON CONFLICT (invoice_id) DO NOTHING")
    kept = document(connection, made.number)
    assert kept is not None
    return kept


def reports(connection: Connection, query: InvoiceQuery) -> list[InvoiceReport]:
    """Invoices and credit notes, newest first."""
    return [_report(row) for row in _rows(connection, query)]


def _rows(connection: Connection, query: InvoiceQuery) -> Sequence[Any]:
    wanted = (
        select(invoice, account.c.email, sales_order.c.reference)
        .join(account, account.c.id == invoice.c.account_id)
        .join(sales_order, sales_order.c.id == invoice.c.order_id)
        .order_by(invoice.c.id.desc())
        .limit(query.limit)
    )
    if query.account is not None:
        wanted = wanted.where(invoice.c.account_id == query.account)
    if query.first is not None:
        wanted = wanted.where(invoice.c.issued >= query.first)
    if query.last is not None:
        wanted = wanted.where(invoice.c.issued <= query.last)
    if query.before is not None:
        wanted = wanted.where(invoice.c.id < query.before)
    return connection.execute(wanted).all()


def _report(row: Any) -> InvoiceReport:
    said = Invoice.from_json(row.facts)
    return InvoiceReport(
        id=row.id,
        number=row.number,
        kind=said.kind,
        issued=row.issued,
        order=row.reference,
        account=row.account_id,
        email=row.email,
        customer=said.customer.name,
        credits=row.credits,
        amounts=said.amounts,
        corrects=said.corrects,
    )


def whole(connection: Connection, query: InvoiceQuery) -> list[Invoice]:
    """All that they say, newest first."""
    return [Invoice.from_json(row.facts) for row in _rows(connection, query)]

"""Invoices as a table for the French accountant, who opens it in a spreadsheet."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

from ..model.cells import MARK, guarded
from ..model.invoice import Invoice, InvoiceKind
from ..model.moment import date_of
from ..model.vat import Taxation
from .mentions import decimal_rate

COLUMNS: Final = (
    *("Numéro", "Date", "Nature", "Facture corrigée", "Client", "SIREN", "N° TVA", "Pays"),
    *("HT", "Taux de TVA", "TVA", "TTC", "Régime de TVA", "Règlement", "Commande"),
)

KINDS: Final[Mapping[InvoiceKind, str]] = {InvoiceKind.INVOICE: "Facture", InvoiceKind.CREDIT_NOTE: "Avoir"}

TAXATIONS: Final[Mapping[Taxation, str]] = {
    Taxation.STANDARD: "Taxable",
    Taxation.FRANCHISE: "Franchise (art. 293 B)",
    Taxation.REVERSE_CHARGE: "Autoliquidation (art. 283-2)",
    Taxation.OUTSIDE: "Hors Union (art. 259-1)",
}

METHODS: Final[Mapping[str, str]] = {
    "card": "Carte bancaire",
    "cheque": "Chèque",
    "transfer": "Virement",
    "test": "Essai",
}


def export_csv(invoices: Sequence[Invoice]) -> bytes:
    """One line each, below ``COLUMNS``: ``;``, UTF-8 with its mark, decimal comma; credit notes are negative.

    No cell that holds somebody's own words is taken for a formula.
    """
    file = StringIO(newline="")
    written = csv.writer(file, delimiter=";", lineterminator="\r\n")
    written.writerow(COLUMNS)
    written.writerows(_row(one) for one in invoices)
    return MARK + file.getvalue().encode("utf-8", "replace")


def _row(invoice: Invoice) -> Sequence[str]:
    customer, amounts = invoice.customer, invoice.amounts
    sign = -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    said = (
        *(invoice.number, f"{date_of(invoice.issued):%d/%m/%Y}", KINDS[invoice.kind], invoice.corrects),
        *(customer.name, customer.siren, customer.vat_number, customer.country),
    )
    rate = f"{decimal_rate(amounts.rate):f}".replace(".", ",")
    figures = (_figure(sign * amounts.net), rate, _figure(sign * amounts.vat), _figure(sign * amounts.gross))
    settled = (TAXATIONS[amounts.taxation], METHODS.get(invoice.method, invoice.method), invoice.order)
    return (*map(_cell, said), *figures, *map(_cell, settled))


def _cell(text: str) -> str:
    return guarded(" ".join(text.split()))


def _figure(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"

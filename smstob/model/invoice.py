"""Invoices and credit notes: all that they say, frozen with their number (CGI, ann. II, art. 242 nonies A)."""

import json
from enum import StrEnum
from typing import Any, Final

import attrs

from .customer import Customer
from .vat import Amounts, Taxation

SERIES: Final = {"invoice": "F", "credit-note": "A"}


class InvoiceKind(StrEnum):
    """Each kind has a series of numbers of its own, which begins anew every year."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


def number_of(kind: InvoiceKind, year: int, place: int) -> str:
    """``F2026-000042``: the forty-second of its series."""
    return f"{SERIES[kind]}{year}-{place:06}"


@attrs.frozen(kw_only=True)
class Seller:
    """Who invoices, as when the invoice was made."""

    name: str
    legal_form: str = ""
    """With the capital."""
    address: str = ""
    """Street; lines."""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    siren: str = ""
    register: str = ""
    vat_number: str = ""
    email: str = ""
    phone: str = ""
    vat_on_debits: bool = False
    """Whether tax is due when it is invoiced, by option (CGI art. 269-2 c)."""


@attrs.frozen(kw_only=True)
class Invoice:
    """Everything that an invoice says; the same value makes the same document."""

    kind: InvoiceKind
    number: str
    issued: int
    """Days since 1970-01-01, on the service's clocks."""
    seller: Seller
    customer: Customer
    email: str
    """The account's."""
    order: str
    """Its reference."""
    method: str
    """The kind of payment: ``card``, ``cheque``, ``transfer``, ``test``."""
    paid: int
    """When the money came, or went back; days likewise."""
    credits: int
    """Sold, or taken back."""
    amounts: Amounts
    """Positive, in a credit note too."""
    corrects: str = ""
    """The number of the invoice that a credit note is about."""
    corrects_issued: int = 0
    """And its day."""
    note: str = ""

    def as_json(self) -> str:
        """As it is kept."""
        return json.dumps(attrs.asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Invoice":
        """What ``as_json`` made."""
        values: dict[str, Any] = json.loads(text)
        values["kind"] = InvoiceKind(values["kind"])
        values["seller"] = Seller(**values["seller"])
        values["customer"] = Customer(**values["customer"])
        values["amounts"]["taxation"] = Taxation(values["amounts"]["taxation"])
        values["amounts"] = Amounts(**values["amounts"])
        return cls(**values)


@attrs.frozen
class Document:
    """An invoice as a file: the PDF holds the XML."""

    number: str
    pdf: bytes = attrs.field(repr=False)
    xml: bytes = attrs.field(repr=False)
    sha256: str
    """Of the PDF, in hexadecimal."""


@attrs.frozen(kw_only=True)
class InvoiceReport:
    """An invoice in a list."""

    id: int
    number: str
    kind: InvoiceKind
    issued: int
    order: str
    account: int
    email: str
    customer: str
    """The name."""
    credits: int
    amounts: Amounts
    corrects: str


@attrs.frozen(kw_only=True)
class InvoiceQuery:
    """Which are wanted, newest first."""

    account: int | None = None
    first: int | None = None
    last: int | None = None
    """Days of issue, both included."""
    before: int | None = None
    """The id of the last one that was shown."""
    limit: int = 50

"""Invoices as XML: Cross Industry Invoice (UN/CEFACT D22B), profile EN 16931, with what France adds (XP Z12-012).

Keys are the business terms (BT) and groups (BG) of EN 16931. Amounts are handed over as text: no float touches them.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import facturx

from ..model.customer import Customer
from ..model.invoice import Invoice, InvoiceKind, Seller
from ..model.moment import date_of
from ..model.vat import Taxation
from . import mentions

LEVEL: Final = "en16931"

CATEGORIES: Final[Mapping[Taxation, tuple[str, str]]] = {
    Taxation.STANDARD: ("S", ""),
    Taxation.FRANCHISE: ("E", "VATEX-FR-FRANCHISE"),
    Taxation.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    # not G, which is for goods that are exported
    Taxation.OUTSIDE: ("O", "VATEX-EU-O"),
}
"""UNTDID 5305, and why there is no tax."""

MEANS: Final[Mapping[str, str]] = {"card": "48", "cheque": "20", "transfer": "42"}
"""UNTDID 4461; a transfer is 42, since 30 asks for the account that is to be paid, and it is paid."""

OTHER_MEANS: Final = "1"
ALREADY_PAID: Final = "S2"
SIREN: Final = "0002"
DIRECTORY: Final = "0225"
"""Addresses of the French directory of electronic invoicing, which begin with the SIREN."""

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def describe(invoice: Invoice) -> bytes:
    """The invoice as XML, the same for the same value. Raises what ``facturx`` raises where its schema refuses it."""
    made: bytes = facturx.generate_xml(terms(invoice), level=LEVEL, check_schematron=False)
    return made


def terms(invoice: Invoice) -> dict[str, Any]:
    """What the invoice says, by the names of EN 16931."""
    described: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": date_of(invoice.issued),
        "BT-3": "380" if invoice.kind is InvoiceKind.INVOICE else "381",
        "BT-5": "EUR",
        "BT-9": date_of(invoice.paid),
        "BT-14": invoice.order,
        "BT-20": mentions.settled(invoice),
        "BT-23": ALREADY_PAID,
        "BT-72": date_of(invoice.issued),
        "BT-81": MEANS.get(invoice.method, OTHER_MEANS),
        "BT-83": invoice.order,
        "BG-1": [
            {"BT-21": "PMT", "BT-22": mentions.RECOVERY},
            {"BT-21": "PMD", "BT-22": mentions.LATE},
            {"BT-21": "AAB", "BT-22": mentions.NO_DISCOUNT},
        ],
        "BG-4": _seller(invoice.seller, invoice.amounts.taxation),
        "BG-7": _buyer(invoice.customer, invoice.email),
        **_amounts(invoice),
    }
    if invoice.amounts.taxation is Taxation.STANDARD:
        described["BT-8"] = "invoice" if invoice.seller.vat_on_debits else "payment"
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        described["BG-3"] = [{"BT-25": invoice.corrects, "BT-26": date_of(invoice.corrects_issued)}]
    return {key: _legal(value) for key, value in described.items()}


def _amounts(invoice: Invoice) -> dict[str, Any]:
    category, reason = CATEGORIES[invoice.amounts.taxation]
    net, vat, gross = (_euros(cents) for cents in (invoice.amounts.net, invoice.amounts.vat, invoice.amounts.gross))
    breakdown = {"BT-116": net, "BT-117": vat, "BT-118": category}
    sold = mentions.line(invoice)
    line = {
        "BT-126": "1",
        "BT-129": str(sold.quantity),
        "BT-130": "C62",
        "BT-131": net,
        "BT-146": _price(sold.price),
        "BT-151": category,
        "BT-153": sold.name,
    }
    if sold.per > 1:
        line["BT-149"] = str(sold.per)
    if reason:
        breakdown |= {"BT-120": mentions.UNTAXED[invoice.amounts.taxation], "BT-121": reason}
    if category != "O":
        line["BT-152"] = breakdown["BT-119"] = f"{mentions.decimal_rate(invoice.amounts.rate):f}"
    return {
        "BG-23": [breakdown],
        "BG-25": [line],
        "BT-106": net,
        "BT-109": net,
        "BT-110": vat,
        "BT-112": gross,
        "BT-113": gross,
        "BT-115": _euros(0),
    }


def _seller(seller: Seller, taxation: Taxation) -> dict[str, Any]:
    party = {
        **_address(seller),
        "legal_info": " – ".join(filter(None, (seller.legal_form, seller.register))),
        **_identity(seller.siren, seller.email),
    }
    # EN 16931 wants no VAT number where a sale is not subject to the tax (BR-O-02): the page alone has it
    if seller.vat_number and taxation is not Taxation.OUTSIDE:
        party["vat_identifier"] = seller.vat_number
    elif seller.siren:
        party["tax_identifier"] = seller.siren
    contact = {"email": seller.email, "phone": seller.phone}
    if any(contact.values()):
        party["contacts"] = [{"name": seller.name, **contact}]
    return party


def _buyer(customer: Customer, email: str) -> dict[str, Any]:
    party = {**_address(customer), **_identity(customer.siren, email)}
    if mentions.has_vat_number(customer):
        party["vat_identifier"] = customer.vat_number
    elif customer.vat_number:
        party["identifiers"] = {None: customer.vat_number}
    return party


def _identity(siren: str, email: str) -> dict[str, str]:
    if siren:
        legal = {"legal_identifier": siren, "legal_identifier_schemeid": SIREN}
        return {**legal, "einvoicing_addr": siren, "einvoicing_addr_schemeid": DIRECTORY}
    return {"einvoicing_addr": email, "einvoicing_addr_schemeid": "EM"} if email else {}


def _address(party: Customer | Seller) -> dict[str, Any]:
    first, second, *more = [*party.address.splitlines(), "", ""]
    return {
        "name": party.name,
        "addr_l1": first,
        "addr_l2": second,
        "addr_l3": ", ".join(filter(None, more)),
        "postcode": party.postcode,
        "city": party.city,
        "country_code": party.country,
    }


def _euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _price(price: Decimal) -> str:
    return f"{price:.2f}" if price == round(price, 2) else f"{price:f}"


def _legal(value: Any) -> Any:
    """Without the characters that XML has no way to write."""
    if isinstance(value, str):
        return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {key: _legal(each) for key, each in value.items()}
    return [_legal(each) for each in value] if isinstance(value, list) else value

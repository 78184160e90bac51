"""What an invoice says in French, in words and figures: the same on the page and in the XML."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

from ..model.customer import Customer
from ..model.invoice import Invoice, InvoiceKind
from ..model.moment import date_of
from ..model.vat import FRANCE, HUNDREDTHS, OVERSEAS, UNION, Taxation

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"

MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

UNTAXED: Final[Mapping[Taxation, str]] = {
    Taxation.FRANCHISE: f"TVA non applicable, art.{NO_BREAK}293{NO_BREAK}B du CGI",
    Taxation.REVERSE_CHARGE: "Autoliquidation",
    Taxation.OUTSIDE: f"TVA non applicable, art.{NO_BREAK}259-1 du CGI",
}
"""Why there is no tax, in the law's own words; nothing where there is one."""

LATE: Final = (
    f"Pénalités de retard{NO_BREAK}: trois fois le taux d'intérêt légal "
    f"(art.{NO_BREAK}L.{THIN}441-10 du code de commerce)."
)
RECOVERY: Final = (
    "Indemnité forfaitaire pour frais de recouvrement, due par les professionnels en cas de retard de "
    f"paiement{NO_BREAK}: 40{NO_BREAK}€."
)
NO_DISCOUNT: Final = f"Escompte pour paiement anticipé{NO_BREAK}: néant."
SERVICE: Final = f"Nature de l'opération{NO_BREAK}: prestation de services."
ON_DEBITS: Final = "Option pour le paiement de la taxe d'après les débits."

METHODS: Final[Mapping[str, str]] = {
    "card": "par carte bancaire",
    "cheque": "par chèque",
    "transfer": "par virement",
    "test": "par la banque d'essai",
}
"""How it was paid, by the kind of payment; nothing is said of others."""


def euros(cents: int) -> str:
    """``1 234,56 €``."""
    return f"{grouped(abs(cents) // 100, cents < 0)},{abs(cents) % 100:02}{NO_BREAK}€"


def grouped(whole: int, negative: bool = False) -> str:
    """``1 234``."""
    return ("\N{MINUS SIGN}" if negative else "") + f"{whole:,}".replace(",", THIN)


def percent(rate: int) -> str:
    """``20 %`` or ``8,5 %``, of hundredths of a percent."""
    return f"{decimal_rate(rate):f}".replace(".", ",") + f"{NO_BREAK}%"


def decimal_rate(rate: int) -> Decimal:
    """Percents, without needless zeros."""
    return Decimal(rate) * 100 / HUNDREDTHS


def spelled(day: int) -> str:
    """``1er mars 2026``, of days since 1970-01-01."""
    at = date_of(day)
    return NO_BREAK.join(("1er" if at.day == 1 else str(at.day), MONTHS[at.month - 1], str(at.year)))


def title(invoice: Invoice) -> str:
    """``Facture n° F2026-000042``."""
    name = "Facture" if invoice.kind is InvoiceKind.INVOICE else "Avoir"
    return f"{name} n°{NO_BREAK}{invoice.number}"


def about(invoice: Invoice) -> str:
    """Which invoice a credit note is about; nothing for an invoice."""
    if invoice.kind is InvoiceKind.INVOICE:
        return ""
    return f"Avoir sur la facture n°{NO_BREAK}{invoice.corrects} du {spelled(invoice.corrects_issued)}"


def settled(invoice: Invoice) -> str:
    """``Payée par carte bancaire le 1er mars 2026``."""
    verb = "Payée" if invoice.kind is InvoiceKind.INVOICE else "Remboursé"
    return " ".join(filter(None, (verb, METHODS.get(invoice.method, ""), "le", spelled(invoice.paid))))


def on_debits(invoice: Invoice) -> bool:
    """Whether the option has to be said: where there is a tax."""
    return invoice.seller.vat_on_debits and invoice.amounts.taxation is Taxation.STANDARD


def has_vat_number(customer: Customer) -> bool:
    """Whether its tax number is one of the Union's, by which others know it too."""
    french = customer.country in OVERSEAS and customer.vat_number.startswith("FR")
    return bool(customer.vat_number) and (customer.country in UNION | FRANCE or french)


@attrs.frozen
class Line:
    """The one thing that is sold, or taken back."""

    name: str
    quantity: int
    price: Decimal
    """Euros without tax for ``per`` of them: exact, so that quantity, price and total agree to the cent."""
    per: int

    @property
    def unit_price(self) -> str:
        """Of a single one, as it is read: four decimals where they are needed, rounded where they are too few."""
        whole, decimals = f"{self.price / self.per:.4f}".split(".")
        return f"{grouped(int(whole))},{decimals[:2]}{decimals[2:].rstrip('0')}{NO_BREAK}€"


def line(invoice: Invoice) -> Line:
    """Credits; or a part of their price that is worth not even one."""
    net = Decimal(invoice.amounts.net) / 100
    if not invoice.credits:
        return Line("Crédits SMS, remboursement partiel", 1, net, 1)
    tenths = invoice.amounts.net * 100
    if tenths % invoice.credits:
        return Line("Crédits SMS", invoice.credits, net, invoice.credits)
    return Line("Crédits SMS", invoice.credits, Decimal(tenths // invoice.credits) / 10_000, 1)

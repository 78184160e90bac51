"""The page of an invoice: A4, made of lines of text at their places, and the XML inside (PDF/A-3)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from babel import Locale
from fpdf import FPDF
from fpdf.enums import Align, AssociatedFileRelationship, DocumentCompliance, MethodReturnValue
from fpdf.fonts import TTFFont

from ..model.customer import LINES, Customer
from ..model.invoice import Invoice, InvoiceKind, Seller
from ..model.moment import date_of
from ..model.vat import Taxation
from . import mentions
from .archival import XML_NAME, metadata
from .mentions import NO_BREAK

FONTS: Final = Path(__file__).with_name("fonts")
FAMILY: Final = "Plex"
MISSING: Final = "\N{REPLACEMENT CHARACTER}"

INK: Final = (31, 41, 55)
GREY: Final = (107, 114, 128)
ACCENT: Final = (23, 64, 112)
PALE: Final = (238, 243, 249)
RULE: Final = (203, 213, 225)
GOOD: Final = (21, 108, 69)
WHITE: Final = (255, 255, 255)
Colour = tuple[int, int, int]

_BLANKS: Final = re.compile(f"[^\\S{NO_BREAK}{mentions.THIN}]+")

LEFT: Final = 18.0
RIGHT: Final = 192.0
MIDDLE: Final = 108.0
"""Millimetres of an A4 page (210 by 297)."""

POINT: Final = 25.4 / 72
LEADING: Final = 1.32
SIGNS: Final = 500
"""No line has more, so that what is longer takes no more time."""


class Sheet(FPDF):
    """A page on which text is put line by line; what the font lacks is shown as ``MISSING``."""

    def __init__(self) -> None:
        super().__init__(format="A4", enforce_compliance=DocumentCompliance.PDFA_3B)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.add_font(FAMILY, "", FONTS / "IBMPlexSans-Regular.ttf")
        self.add_font(FAMILY, "B", FONTS / "IBMPlexSans-SemiBold.ttf")
        self._glyphs = frozenset(cast(TTFFont, self.fonts[FAMILY.lower()]).cmap)
        self.add_page()

    def write_at(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: Colour = INK,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """One line whose top left corner, or top right one, is there."""
        self._take(size, bold)
        self.set_text_color(*colour)
        shown = self.shown(text)
        self.text(x - self.get_string_width(shown) if right else x, y + size * POINT, shown)

    def wrapped(self, text: str, width: float, most: int, size: float = 9, *, bold: bool = False) -> list[str]:
        """``text`` in lines of that width; what takes more than ``most`` of them ends with ``…``."""
        self._take(size, bold)
        shown = self.shown(text)[: SIGNS * most]
        if not shown:
            return []
        found = self.multi_cell(width, text=shown, align=Align.L, dry_run=True, output=MethodReturnValue.LINES)
        lines = [line.strip() for line in cast(list[str], found)]
        if len(lines) <= most:
            return lines
        last = lines[most - 1]
        while last and self.get_string_width(f"{last}…") > width:
            last = last[:-1]
        return [*lines[: most - 1], f"{last}…"]

    def shown(self, text: str) -> str:
        """``text`` in one line of characters that the font has, without those that nobody sees."""
        composed = unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip())
        seen = (sign for sign in composed if unicodedata.category(sign) not in ("Cf", "Cc"))
        return "".join(sign if ord(sign) in self._glyphs else MISSING for sign in seen)

    def _take(self, size: float, bold: bool) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)


def draw(invoice: Invoice, xml: bytes) -> bytes:
    """The PDF of an invoice, with its XML inside; the same bytes for the same values. Raises what ``fpdf`` raises."""
    sheet = Sheet()
    made = datetime.combine(date_of(invoice.issued), datetime.min.time(), UTC)
    title = sheet.shown(f"{mentions.title(invoice)} – {invoice.seller.name}")
    author = sheet.shown(invoice.seller.name)
    sheet.set_lang("fr-FR")
    sheet.set_creation_date(made)
    sheet.set_xmp_metadata(metadata(title, author, made))
    sheet.embed_file(
        bytes=xml,
        basename=XML_NAME,
        desc="Factur-X",
        mime_type="text/xml",
        modification_date=made,
        associated_file_relationship=AssociatedFileRelationship.ALTERNATIVE.value,
        compress=True,
        checksum=True,
    )
    top = max(62, _head(sheet, invoice) + 6)
    top = max(_facts(sheet, invoice, top), _customer(sheet, invoice.customer, top)) + 10
    _settlement(sheet, invoice, _table(sheet, invoice, top) + 6)
    _law(sheet, invoice)
    _foot(sheet, invoice.seller)
    return bytes(sheet.output())


def _head(sheet: Sheet, invoice: Invoice) -> float:
    """Who sells, and what this is; gives where it ends."""
    seller = invoice.seller
    x, y, width = LEFT, 16.0, MIDDLE - LEFT - 6
    sheet.write_at(RIGHT, y, mentions.title(invoice), 17, colour=ACCENT, bold=True, right=True)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        sheet.write_at(RIGHT, y + 9, mentions.about(invoice), 8.5, colour=GREY, right=True)
    y = _put(sheet, x, y, sheet.wrapped(seller.name, width, 2, 13, bold=True), 13, colour=ACCENT, bold=True) + 1.5
    about = (seller.legal_form, *_place(seller), seller.phone, seller.email)
    for one in filter(None, about):
        y = _put(sheet, x, y, sheet.wrapped(one, width, 1, 8.5), 8.5, colour=GREY)
    return y


def _facts(sheet: Sheet, invoice: Invoice, y: float) -> float:
    """Dates and references, beside whom it is for."""
    sold = invoice.kind is InvoiceKind.INVOICE
    issued, paid = mentions.spelled(invoice.issued), mentions.spelled(invoice.paid)
    facts = [
        ("Date d'émission", issued),
        ("Date de la prestation" if sold else "Facture d'origine", issued if sold else invoice.corrects),
        ("Date de règlement" if sold else "Date de remboursement", paid),
        ("Commande", invoice.order),
        ("Compte client", invoice.email),
    ]
    y += 1
    for label, value in facts:
        sheet.write_at(LEFT, y, label, 8.5, colour=GREY)
        bottom = _put(sheet, LEFT + 38, y - 0.2, sheet.wrapped(value, MIDDLE - LEFT - 42, 2, 9), 9)
        y = max(bottom, y + 4) + 1.6
    return y


def _customer(sheet: Sheet, customer: Customer, y: float) -> float:
    """Whom it is for: what does not fit into its frame is cut."""
    inner = MIDDLE + 5
    width = RIGHT - inner - 5
    name = sheet.wrapped(customer.name, width, 3, 10.5, bold=True)
    place = [line for one in _place(customer) for line in sheet.wrapped(one, width, 2, 9)]
    tax = "N° TVA" if mentions.has_vat_number(customer) else "N° fiscal"
    numbers = (("SIREN", _siren(customer.siren)), (tax, customer.vat_number))
    known = [f"{label}{NO_BREAK}: {value}" for label, value in numbers if value]
    height = 15 + len(name) * _step(10.5) + (len(place) + len(known)) * _step(9) + (1.5 if known else 0)
    sheet.set_fill_color(*PALE)
    sheet.rect(MIDDLE, y, RIGHT - MIDDLE, height, style="F")
    sheet.set_fill_color(*ACCENT)
    sheet.rect(MIDDLE, y, 1.2, height, style="F")
    sheet.write_at(inner, y + 4.5, "CLIENT", 7.5, colour=GREY, bold=True)
    below = _put(sheet, inner, y + 9.5, name, 10.5, bold=True)
    below = _put(sheet, inner, below + 0.5, place, 9)
    for one in known:
        below = _put(sheet, inner, below + (1.5 if one is known[0] else 0), sheet.wrapped(one, width, 1, 9), 9)
    return y + height


def _table(sheet: Sheet, invoice: Invoice, y: float) -> float:
    """What was sold: one line."""
    sold, amounts = mentions.line(invoice), invoice.amounts
    taxed = amounts.taxation is Taxation.STANDARD
    cells = (
        (112.0, "Quantité", mentions.grouped(sold.quantity)),
        (143.0, "Prix unitaire HT", sold.unit_price),
        (160.0, "TVA", mentions.percent(amounts.rate) if taxed else "–"),
        (RIGHT - 3, "Total HT", mentions.euros(amounts.net)),
    )
    sheet.set_fill_color(*ACCENT)
    sheet.rect(LEFT, y, RIGHT - LEFT, 8, style="F")
    sheet.write_at(LEFT + 3, y + 2.4, "Désignation", 8.5, colour=WHITE, bold=True)
    sheet.write_at(LEFT + 3, y + 11.5, sold.name, 9.5, bold=True)
    sheet.write_at(LEFT + 3, y + 16, "Crédits prépayés pour l'envoi de SMS", 8, colour=GREY)
    for right, label, value in cells:
        sheet.write_at(right, y + 2.4, label, 8.5, colour=WHITE, bold=True, right=True)
        sheet.write_at(right, y + 11.5, value, 9.5, right=True)
    sheet.set_draw_color(*RULE)
    sheet.line(LEFT, y + 23, RIGHT, y + 23)
    return y + 23


def _settlement(sheet: Sheet, invoice: Invoice, y: float) -> None:
    """Totals, and beside them how it was settled."""
    amounts, sold = invoice.amounts, invoice.kind is InvoiceKind.INVOICE
    taxed = amounts.taxation is Taxation.STANDARD
    tax = f"TVA {mentions.percent(amounts.rate)}" if taxed else "TVA"
    left = 124.0
    for label, cents in (("Total HT", amounts.net), (tax, amounts.vat)):
        sheet.write_at(left + 3, y, label, 9.5, colour=GREY)
        sheet.write_at(RIGHT - 3, y, mentions.euros(cents), 9.5, right=True)
        y += 6.5
    sheet.set_fill_color(*PALE)
    sheet.rect(left, y - 0.5, RIGHT - left, 10, style="F")
    sheet.write_at(left + 3, y + 2.3, "Total TTC", 11, colour=ACCENT, bold=True)
    sheet.write_at(RIGHT - 3, y + 2.3, mentions.euros(amounts.gross), 11, colour=ACCENT, bold=True, right=True)
    y += 12.5
    paid, due = ("Déjà réglé", "Reste à payer") if sold else ("Déjà remboursé", "Reste à rembourser")
    for label, cents in ((paid, amounts.gross), (due, 0)):
        sheet.write_at(left + 3, y, label, 9.5, colour=GREY)
        sheet.write_at(RIGHT - 3, y, mentions.euros(cents), 9.5, right=True)
        y += 6.5
    y -= 38
    width = left - LEFT - 8
    settled = sheet.wrapped(mentions.settled(invoice), width, 2, 10, bold=True)
    y = _put(sheet, LEFT + 3, y, settled, 10, colour=GOOD, bold=True)
    if invoice.note:
        label = "Référence" if sold else "Motif"
        note = sheet.wrapped(f"{label}{NO_BREAK}: {invoice.note}", width, 3, 8.5)
        y = _put(sheet, LEFT + 3, y + 1, note, 8.5, colour=GREY)
    if not taxed:
        said = mentions.UNTAXED[amounts.taxation]
        _put(sheet, LEFT + 3, y + 4, sheet.wrapped(said, width, 2, 9.5, bold=True), 9.5, bold=True)


def _law(sheet: Sheet, invoice: Invoice) -> None:
    """What the law wants said besides."""
    said = [mentions.SERVICE, mentions.NO_DISCOUNT, mentions.LATE, mentions.RECOVERY]
    if mentions.on_debits(invoice):
        said.insert(1, mentions.ON_DEBITS)
    _put(sheet, LEFT, 268 - len(said) * _step(7.5), said, 7.5, colour=GREY)


def _foot(sheet: Sheet, seller: Seller) -> None:
    """Who sells, once more: by its numbers."""
    sheet.set_draw_color(*RULE)
    sheet.line(LEFT, 271, RIGHT, 271)
    tax = f"N° TVA {seller.vat_number}" if seller.vat_number else ""
    siren = f"SIREN {_siren(seller.siren)}" if seller.siren else ""
    lines = ((seller.name, seller.legal_form, ", ".join(_place(seller))), (siren, seller.register, tax))
    y = 273.5
    for parts in lines:
        line = sheet.wrapped(" · ".join(filter(None, parts)), RIGHT - LEFT, 1, 7.5)
        y = _put(sheet, LEFT, y, line, 7.5, colour=GREY)


def _put(
    sheet: Sheet, x: float, y: float, lines: Iterable[str], size: float, *, colour: Colour = INK, bold: bool = False
) -> float:
    """Lines below each other; gives where they end."""
    for line in lines:
        sheet.write_at(x, y, line, size, colour=colour, bold=bold)
        y += _step(size)
    return y


def _step(size: float) -> float:
    return size * POINT * LEADING


def _place(party: Customer | Seller) -> Sequence[str]:
    country = "" if party.country == "FR" else Locale("fr").territories.get(party.country, party.country).upper()
    town = f"{party.postcode} {party.city}".strip()
    return [*filter(None, (*party.address.splitlines()[:LINES], town, country))]


def _siren(number: str) -> str:
    return NO_BREAK.join((number[:3], number[3:6], number[6:])) if len(number) == 9 else number

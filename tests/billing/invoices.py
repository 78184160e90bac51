"""Invoices of every case, and any that may come."""

from typing import Final

import attrs
from hypothesis import strategies as st

from smstob.model.customer import Customer
from smstob.model.invoice import Invoice, InvoiceKind, Seller
from smstob.model.price import MOST_ORDER, PRICES
from smstob.model.vat import Amounts, Taxation, taxed
from tests import house

DAY: Final = 20_779
"""2026-11-22."""

SELLER: Final = attrs.evolve(
    house.SELLER, email="factures@smstob.example", phone="02 99 00 00 00", vat_on_debits=True
)
BARE: Final = Seller(name="SMStoB")
"""One of whom nothing but the name was configured."""

FIRM: Final = Customer(
    name="Garage Dupont & Fils",
    address="3 avenue Jean Jaurès",
    postcode="69007",
    city="Lyon",
    siren="552100554",
    vat_number="FR59552100554",
)
PERSON: Final = attrs.evolve(FIRM, name="Zoé Lefèvre", siren="", vat_number="")
GERMAN: Final = attrs.evolve(FIRM, name="Müller GmbH", country="DE", city="Köln", siren="", vat_number="DE136695976")
GREEK: Final = attrs.evolve(GERMAN, name="Παπαδόπουλος Α.Ε.", country="GR", city="Αθήνα", vat_number="EL094259216")
SWISS: Final = attrs.evolve(GERMAN, name="Uhren AG", country="CH", city="Genève", vat_number="CHE-116.281.710 MWST")
ISLANDER: Final = attrs.evolve(FIRM, name="Bourbon SARL", country="RE", postcode="97400", city="Saint-Denis")
CALEDONIAN: Final = attrs.evolve(ISLANDER, country="NC", postcode="98800", city="Nouméa", siren="", vat_number="RIDET")
LONG: Final = attrs.evolve(
    FIRM, name='Établissements « L\'Œuvre » <b>&amp; "fils" ' * 12, address="\n".join(["Bâtiment A, escalier 3"] * 4)
)
ARAB: Final = attrs.evolve(PERSON, name="شركة الرسائل 🐍\u202e évitée", address="東京都\n\nligne\tdeux")

INVOICE: Final = Invoice(
    kind=InvoiceKind.INVOICE,
    number="F2026-000042",
    issued=DAY,
    seller=SELLER,
    customer=FIRM,
    email="mairie@exemple.fr",
    order="RF18SMS000042",
    method="card",
    paid=DAY,
    credits=1_000,
    amounts=taxed(PRICES.net(1_000), 2000, Taxation.STANDARD),
)


def sold(credits: int, net: int, taxation: Taxation = Taxation.STANDARD, rate: int = 2000) -> Invoice:
    """So many credits for so many cents."""
    return attrs.evolve(INVOICE, credits=credits, amounts=taxed(net, rate, taxation))


def untaxed(taxation: Taxation, customer: Customer = FIRM, seller: Seller = SELLER) -> Invoice:
    """A sale of that case."""
    return attrs.evolve(sold(1_000, 15_500, taxation), customer=customer, seller=seller)


def credited(invoice: Invoice, credits: int | None = None, amounts: Amounts | None = None) -> Invoice:
    """The credit note for an invoice, or for a part of it, ten days later."""
    return attrs.evolve(
        invoice,
        kind=InvoiceKind.CREDIT_NOTE,
        number="A2026-000007",
        issued=invoice.issued + 10,
        paid=invoice.issued + 10,
        credits=invoice.credits if credits is None else credits,
        amounts=amounts or invoice.amounts,
        corrects=invoice.number,
        corrects_issued=invoice.issued,
    )


SMALL: Final = attrs.evolve(SELLER, vat_number="", vat_on_debits=False)
"""A seller in franchise."""

CASES: Final = {
    "standard": INVOICE,
    "person": attrs.evolve(INVOICE, customer=PERSON),
    "cheque": attrs.evolve(INVOICE, method="cheque", paid=DAY - 3, note="chèque n° 1234567, Banque de l'Ouest"),
    "transfer": attrs.evolve(INVOICE, method="transfer", paid=DAY - 1),
    "trial": attrs.evolve(INVOICE, method="test"),
    "unknown method": attrs.evolve(INVOICE, method="coquillages"),
    "tax when paid": attrs.evolve(INVOICE, seller=attrs.evolve(SELLER, vat_on_debits=False)),
    "overseas": attrs.evolve(INVOICE, customer=ISLANDER),
    "overseas without number": attrs.evolve(INVOICE, customer=CALEDONIAN),
    "overseas rate": attrs.evolve(sold(1_000, 15_500, rate=850), customer=ISLANDER),
    "foreign person": attrs.evolve(INVOICE, customer=attrs.evolve(GERMAN, vat_number="")),
    "franchise": untaxed(Taxation.FRANCHISE, seller=SMALL),
    "franchise abroad": untaxed(Taxation.FRANCHISE, GERMAN, SMALL),
    "franchise with a number": untaxed(Taxation.FRANCHISE, PERSON),
    "reverse charge": untaxed(Taxation.REVERSE_CHARGE, GERMAN),
    "reverse charge, Greece": untaxed(Taxation.REVERSE_CHARGE, GREEK),
    "outside": untaxed(Taxation.OUTSIDE, SWISS),
    "odd price": sold(20_005, PRICES.net(20_005)),
    "most": sold(MOST_ORDER, PRICES.net(MOST_ORDER)),
    "one cent": sold(1, 1),
    "one cent for millions": sold(MOST_ORDER, 1),
    "long": attrs.evolve(INVOICE, customer=LONG),
    "letters of elsewhere": attrs.evolve(INVOICE, customer=ARAB),
    "credit note": credited(INVOICE),
    "credit note, franchise": credited(untaxed(Taxation.FRANCHISE, seller=SMALL)),
    "credit note, reverse charge": credited(untaxed(Taxation.REVERSE_CHARGE, GERMAN)),
    "credit note, outside": credited(untaxed(Taxation.OUTSIDE, SWISS)),
    "credit note, part": credited(INVOICE, 333, Amounts(net=5_167, vat=1_033, rate=2000, taxation=Taxation.STANDARD)),
    "credit note, less than a credit": credited(
        INVOICE, 0, Amounts(net=1, vat=0, rate=2000, taxation=Taxation.STANDARD)
    ),
    "credit note, a cent of tax": credited(INVOICE, 0, Amounts(net=0, vat=1, rate=2000, taxation=Taxation.STANDARD)),
}
"""Every case that the law knows, and the ends of what can be bought."""

words: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120).filter(str.strip)
addresses: Final = st.lists(words, min_size=1, max_size=4).map("\n".join)


@st.composite
def any_invoice(draw: st.DrawFn) -> Invoice:
    """A sale or its credit note, of any case, to anybody, at any price."""
    taxation, customer = draw(
        st.sampled_from(
            [
                *((Taxation.STANDARD, who) for who in (FIRM, PERSON, ISLANDER, CALEDONIAN)),
                *((Taxation.FRANCHISE, who) for who in (FIRM, PERSON, GERMAN, SWISS)),
                *((Taxation.REVERSE_CHARGE, GERMAN), (Taxation.REVERSE_CHARGE, GREEK), (Taxation.OUTSIDE, SWISS)),
            ]
        )
    )
    named = attrs.evolve(customer, name=draw(words), address=draw(addresses), city=draw(words))
    credits = draw(st.integers(1, MOST_ORDER))
    net = draw(st.one_of(st.just(PRICES.net(credits)), st.integers(1, 200_000_000)))
    made = attrs.evolve(
        sold(credits, net, taxation, draw(st.sampled_from([2000, 1000, 850, 550, 210]))),
        customer=named,
        seller=SMALL if taxation is Taxation.FRANCHISE else SELLER,
        method=draw(st.sampled_from(["card", "cheque", "transfer", "test"])),
        paid=DAY - draw(st.integers(0, 30)),
    )
    return credited(made) if draw(st.booleans()) else made

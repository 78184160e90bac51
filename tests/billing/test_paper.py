"""The page of an invoice, as a reader of PDF sees it (pdftotext, of poppler-utils): what is said, and where."""

import re
import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from lxml import etree

from smstob.billing import mentions
from smstob.billing.documents import make_document
from smstob.billing.paper import LEFT, MIDDLE, POINT, RIGHT, Sheet
from smstob.model.customer import Customer
from smstob.model.invoice import Invoice

from .invoices import BARE, CASES, INVOICE, SELLER, SMALL, sold, untaxed

ALWAYS = (
    *("SARL au capital de 10 000 €", "1 rue de la Poste", "35000 Rennes", "SIREN 732 829 320"),
    *("RCS Rennes 732 829 320", "Date d'émission", "22 novembre 2026", "Commande", "RF18SMS000042", "Crédits SMS"),
    *("Quantité", "Prix unitaire HT", "Total HT", "TVA", "Total TTC"),
    "Nature de l'opération : prestation de services.",
    "Escompte pour paiement anticipé : néant.",
    "Pénalités de retard : trois fois le taux d'intérêt légal (art. L. 441-10 du code de commerce).",
    "Indemnité forfaitaire pour frais de recouvrement, due par les professionnels en cas de retard de paiement : 40 €.",
)


def _told(invoice: Invoice, *options: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(make_document(invoice).pdf)
        command = ["pdftotext", "-layout", *options, file.name, "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def _text(invoice: Invoice) -> str:
    return " ".join(_told(invoice).split())


def _words(invoice: Invoice) -> list[tuple[str, float, float, float, float]]:
    """Each word, and its left, top, right and bottom in millimetres."""
    page = etree.fromstring(_told(invoice, "-bbox").encode())
    found = []
    for word in page.iter("{http://www.w3.org/1999/xhtml}word"):
        left, top, right, bottom = (float(word.get(side) or "") * POINT for side in ("xMin", "yMin", "xMax", "yMax"))
        found.append((word.text or "", left, top, right, bottom))
    return found


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "standard",
            (
                *("Facture n° F2026-000042", "Date de la prestation", "Date de règlement", "Garage Dupont & Fils"),
                *("3 avenue Jean Jaurès", "69007 Lyon", "SIREN : 552 100 554", "N° TVA : FR59552100554"),
                *("N° TVA FR44732829320", "1 000", "0,155 €", "155,00 €", "TVA 20 %", "31,00 €", "186,00 €"),
                *("Payée par carte bancaire le 22 novembre 2026", "Reste à payer 0,00 €"),
                "Option pour le paiement de la taxe d'après les débits.",
            ),
        ),
        ("cheque", ("Payée par chèque le 19 novembre 2026", "Référence : chèque n° 1234567, Banque de l'Ouest")),
        ("transfer", ("Payée par virement le 21 novembre 2026",)),
        ("person", ("Zoé Lefèvre",)),
        ("overseas", ("97400 Saint-Denis", "LA RÉUNION", "TVA 20 %")),
        ("overseas rate", ("TVA 8,5 %",)),
        ("franchise", ("TVA non applicable, art. 293 B du CGI", "TVA 0,00 €", "Total TTC 155,00 €")),
        ("reverse charge", ("Autoliquidation", "ALLEMAGNE", "N° TVA : DE136695976", "N° TVA FR44732829320")),
        (
            "outside",
            (
                *("TVA non applicable, art. 259-1 du CGI", "SUISSE", "N° TVA FR44732829320"),
                "N° fiscal : CHE-116.281.710 MWST",
            ),
        ),
        ("most", ("10 000 000", "0,105 €", "1 050 000,00 €", "210 000,00 €", "1 260 000,00 €")),
        ("odd price", ("20 005", "0,105 €", "2 100,53 €", "2 520,64 €")),
        ("one cent for millions", ("10 000 000", "0,00 €", "0,01 €")),
        ("reverse charge, Greece", ("Παπαδόπουλος Α.Ε.", "Αθήνα", "GRÈCE", "N° TVA : EL094259216")),
    ],
)
def test_every_mention(case: str, said: tuple[str, ...]) -> None:
    """What the law wants in each case."""
    text = _text(CASES[case])
    assert [each for each in (*ALWAYS, *said) if each not in text] == []


def test_credit_note() -> None:
    """Is no invoice: it names the one that it is about, and what was paid back."""
    text = _text(CASES["credit note"])
    for said in (
        "Avoir n° A2026-000007",
        "Avoir sur la facture n° F2026-000042 du 22 novembre 2026",
        "Facture d'origine F2026-000042",
        "Date de remboursement",
        "Remboursé par carte bancaire le 2 décembre 2026",
        "Reste à rembourser 0,00 €",
        "186,00 €",
    ):
        assert said in text
    assert "Facture n°" not in text
    assert "remboursement partiel" in _text(CASES["credit note, less than a credit"])


def test_what_does_not_apply_is_not_said() -> None:
    """Numbers of a person, the option of who is in franchise, tax where there is none."""
    person = _text(CASES["person"])
    assert person.count("SIREN") == person.count("N° TVA") == 1
    assert "Option pour" not in _text(CASES["tax when paid"])
    franchise = _text(CASES["franchise"])
    assert "FR44" not in franchise
    assert "%" not in franchise
    option = attrs.evolve(SMALL, vat_on_debits=True)
    assert "Option pour" not in _text(untaxed(CASES["franchise"].amounts.taxation, seller=option))
    assert "non applicable" not in _text(CASES["standard"])
    assert "FRANCE" not in _text(CASES["standard"])


def test_seller_of_whom_little_is_known() -> None:
    """What was not configured is left out, with its label."""
    text = _text(attrs.evolve(INVOICE, seller=BARE, customer=CASES["person"].customer))
    assert "SMStoB" in text
    assert not re.search(r"SIREN|RCS|N° TVA|None|·", text)


def test_letters_that_the_font_lacks() -> None:
    """Are shown to be missing, beside those that are there; signs that turn the writing round have no effect."""
    text = _text(CASES["letters of elsewhere"])
    assert "évitée" in text
    assert "�" in text
    assert "ligne deux" in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "customer",
    [
        CASES["long"].customer,
        Customer(name="W" * 500, address="\n".join(["M" * 80] * 4), postcode="9" * 16, city="M" * 80, country="GR"),
        Customer(name="i" * 5_000, address="a\n" * 300, postcode="1", city="m m " * 50, vat_number="É" * 300),
        Customer(name="\n".join("ligne"), address="\u2028".join("abcdefgh"), postcode="\t", city="\r\n"),
    ],
)
def test_long_words_stay_in_their_block(customer: Customer) -> None:
    """Nothing leaves the page or its column, nor meets what is below."""
    words = _words(
        attrs.evolve(
            INVOICE,
            customer=customer,
            email=f"{'m' * 180}@exemple.fr",
            note="W" * 200,
            seller=attrs.evolve(SELLER, name="Très longue raison sociale " * 9, address="M" * 300, register="R" * 300),
        )
    )
    assert all(left > LEFT - 1 and right < RIGHT + 1 and bottom < 285 for _, left, _, right, bottom in words)
    top = {word: found for word, _, found, _, _ in reversed(words)}
    frame = [word for word in words if word[1] > MIDDLE and top["CLIENT"] < word[2] < top["Désignation"]]
    facts = [word for word in words if word[1] < MIDDLE and top["CLIENT"] < word[2] < top["Désignation"]]
    assert max(right for _, _, _, right, _ in frame) < RIGHT - 4
    assert max(right for _, _, _, right, _ in facts) < MIDDLE
    assert max(bottom for _, _, _, _, bottom in frame) < top["Désignation"]
    assert top["Reste"] + 5 < top["Nature"]
    assert "…" in " ".join(word for word, *_ in words)


def test_what_is_cut_says_so() -> None:
    """With an ellipsis; what fits is whole."""
    customer = attrs.evolve(INVOICE.customer, name="Association " * 40)
    assert "Association…" in _text(attrs.evolve(INVOICE, customer=customer)).replace(" …", "…")
    assert "…" not in _text(INVOICE)


def test_figures() -> None:
    """Are written as in France, with spaces at which no line is broken."""
    assert Sheet().shown(f" {mentions.euros(105_000_000)}\n") == "1\u202f050\u202f000,00\xa0€"
    spaced = {-123_456_789: "−1 234 567,89 €", 0: "0,00 €", 5: "0,05 €", -5: "−0,05 €", 100_000: "1 000,00 €"}
    plain = str.maketrans("\xa0\u202f", "  ")
    assert {cents: mentions.euros(cents).translate(plain) for cents in spaced} == spaced
    assert [mentions.percent(rate) for rate in (2000, 850, 550, 0)] == ["20\xa0%", "8,5\xa0%", "5,5\xa0%", "0\xa0%"]
    assert [mentions.spelled(day) for day in (20_513, 20_514)] == ["1er\xa0mars\xa02026", "2\xa0mars\xa02026"]


@pytest.mark.parametrize(
    ("credits", "net", "price"),
    [(100, 1_900, "0,19"), (1, 100, "1,00"), (1_000, 15_500, "0,155"), (3, 100, "0,3333"), (1, 123_456, "1 234,56")],
)
def test_unit_price(credits: int, net: int, price: str) -> None:
    """Has the decimals that it needs, two to four."""
    line = mentions.line(sold(credits, net))
    assert line.unit_price.replace("\u202f", " ") == f"{price}\xa0€"
    assert line.price * line.quantity / line.per == Decimal(net) / 100

"""The accountant's table."""

import csv
from io import StringIO

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.billing.accountant import COLUMNS, export_csv
from smstob.model.invoice import Invoice
from smstob.model.vat import Amounts, Taxation

from .invoices import CASES, FIRM, INVOICE, any_invoice, credited


def _read(invoices: list[Invoice]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(export_csv(invoices).decode("utf-8-sig"), newline=""), delimiter=";"))


def test_form() -> None:
    """As French spreadsheets open it: mark, semicolons, decimal comma, their line ends; the same when made again."""
    content = export_csv([INVOICE])
    assert content.startswith(b"\xef\xbb\xbfNum\xc3\xa9ro;Date;")
    assert content.endswith(b";155,00;20;31,00;186,00;Taxable;Carte bancaire;RF18SMS000042\r\n")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert export_csv([INVOICE]) == content


def test_no_invoices() -> None:
    """The columns alone."""
    assert export_csv([]).decode("utf-8-sig") == ";".join(COLUMNS) + "\r\n"


def test_invoice() -> None:
    """All that is booked."""
    (row,) = _read([INVOICE])
    assert row == dict(
        zip(
            COLUMNS,
            (
                *("F2026-000042", "22/11/2026", "Facture", "", "Garage Dupont & Fils", "552100554", "FR59552100554"),
                *("FR", "155,00", "20", "31,00", "186,00", "Taxable", "Carte bancaire", "RF18SMS000042"),
            ),
            strict=True,
        )
    )


def test_credit_note_is_negative() -> None:
    """So that a column's sum is what was earned; and it names its invoice."""
    (row,) = _read([credited(INVOICE)])
    assert [row[name] for name in ("Numéro", "Nature", "Facture corrigée")] == ["A2026-000007", "Avoir", "F2026-000042"]
    assert [row[name] for name in ("HT", "TVA", "TTC")] == ["-155,00", "-31,00", "-186,00"]
    cent = Amounts(net=1, vat=0, rate=2000, taxation=Taxation.STANDARD)
    (row,) = _read([credited(INVOICE, 0, cent)])
    assert [row[name] for name in ("HT", "TVA", "TTC")] == ["-0,01", "0,00", "-0,01"]


@pytest.mark.parametrize(
    ("case", "column", "said"),
    [
        ("franchise", "Régime de TVA", "Franchise (art. 293 B)"),
        ("franchise", "Taux de TVA", "0"),
        ("reverse charge", "Régime de TVA", "Autoliquidation (art. 283-2)"),
        ("reverse charge", "Pays", "DE"),
        ("outside", "Régime de TVA", "Hors Union (art. 259-1)"),
        ("overseas rate", "Taux de TVA", "8,5"),
        ("cheque", "Règlement", "Chèque"),
        ("transfer", "Règlement", "Virement"),
        ("trial", "Règlement", "Essai"),
        ("unknown method", "Règlement", "coquillages"),
        ("most", "HT", "1050000,00"),
    ],
)
def test_cases(case: str, column: str, said: str) -> None:
    """Each case of tax, rate and payment."""
    (row,) = _read([CASES[case]])
    assert row[column] == said


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+33", "-2", "\t=1", "\n=1", " =1", "＝1", "'=1"])
def test_nobody_hides_a_formula(name: str) -> None:
    """In words that a customer chose."""
    (row,) = _read([attrs.evolve(INVOICE, customer=attrs.evolve(FIRM, name=name, vat_number=name), order=name)])
    for column in ("Client", "N° TVA", "Commande"):
        assert row[column] == f"'{name.strip()}"


def test_words_stay_in_their_cell() -> None:
    """Semicolons, quotes, line ends."""
    name = 'Dupont; "Fils"\r\nF2026-000099;01/01/2026\u2028x\ud800'
    (row,) = _read([attrs.evolve(INVOICE, customer=attrs.evolve(FIRM, name=name))])
    assert row["Client"] == 'Dupont; "Fils" F2026-000099;01/01/2026 x?'


@settings(deadline=None, max_examples=100)
@given(st.lists(any_invoice(), max_size=5))
def test_sums(invoices: list[Invoice]) -> None:
    """A line each, in the order given; and net and tax are the gross."""
    rows = _read(invoices)
    assert [row["Numéro"] for row in rows] == [one.number for one in invoices]
    for row in rows:
        net, vat, gross = (int(row[name].replace(",", "")) for name in ("HT", "TVA", "TTC"))
        assert net + vat == gross
        assert (gross < 0) == (row["Nature"] == "Avoir")

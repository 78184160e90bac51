"""The XML of invoices keeps to the schema, to EN 16931 and to the French rules, in every case."""

from decimal import Decimal
from typing import Any

import attrs
import facturx
import pytest
from hypothesis import given, settings

from smstob.billing.facturx import LEVEL, describe, terms
from smstob.model.invoice import Invoice
from smstob.model.vat import Taxation

from .invoices import BARE, CASES, FIRM, GERMAN, INVOICE, SELLER, SMALL, SWISS, any_invoice, credited, sold, untaxed
from .norms import broken_rules, schema_faults, values


def _xml(changed: dict[str, Any], check_xsd: bool = True) -> bytes:
    made: bytes = facturx.generate_xml(changed, level=LEVEL, check_schematron=False, check_xsd=check_xsd)
    return made


def _check(invoice: Invoice) -> None:
    xml = describe(invoice)
    assert schema_faults(xml) == []
    assert broken_rules(xml) == []
    (quantity,), (price,), (total,) = (
        values(xml, f"//ram:{name}")
        for name in ("BilledQuantity", "NetPriceProductTradePrice/ram:ChargeAmount", "TaxBasisTotalAmount")
    )
    per = Decimal((values(xml, "//ram:NetPriceProductTradePrice/ram:BasisQuantity") or ["1"])[0])
    assert Decimal(quantity) * Decimal(price) / per == Decimal(total) == Decimal(invoice.amounts.net) / 100
    assert Decimal(price).as_tuple().exponent in (-2, -3, -4)


@pytest.mark.parametrize("case", CASES)
def test_rules_are_kept(case: str) -> None:
    """By each case; and quantity by price is the total, exactly."""
    _check(CASES[case])


@settings(max_examples=60, deadline=None)
@given(any_invoice())
def test_any_invoice_keeps_them(invoice: Invoice) -> None:
    """Whoever buys, however much, at whatever price."""
    _check(invoice)


def test_amounts() -> None:
    """Are those of the invoice; and nothing is left to pay."""
    xml = describe(sold(20_005, 210_053))
    said = {
        "LineTotalAmount": "2100.53",
        "TaxTotalAmount": "420.11",
        "GrandTotalAmount": "2520.64",
        "TotalPrepaidAmount": "2520.64",
        "DuePayableAmount": "0.00",
        "RateApplicablePercent": "20",
    }
    assert {name: set(values(xml, f"//ram:{name}")) for name in said} == {name: {text} for name, text in said.items()}


@pytest.mark.parametrize(
    ("credits", "net", "price", "per"),
    [
        (1_000, 15_500, "0.155", []),
        (100, 1_900, "0.19", []),
        (2, 200, "1.00", []),
        (20_005, 210_053, "2100.53", ["20005"]),
        (10_000_000, 1, "0.01", ["10000000"]),
    ],
)
def test_price(credits: int, net: int, price: str, per: list[str]) -> None:
    """Of one credit where four decimals tell it, else of all of them."""
    xml = describe(sold(credits, net))
    assert values(xml, "//ram:NetPriceProductTradePrice/ram:ChargeAmount") == [price]
    assert values(xml, "//ram:BasisQuantity") == per


@pytest.mark.parametrize(
    ("invoice", "category", "reason", "code"),
    [
        (INVOICE, "S", [], []),
        (
            untaxed(Taxation.FRANCHISE, seller=SMALL),
            "E",
            ["TVA non applicable, art. 293 B du CGI"],
            ["VATEX-FR-FRANCHISE"],
        ),
        (untaxed(Taxation.REVERSE_CHARGE, GERMAN), "AE", ["Autoliquidation"], ["VATEX-EU-AE"]),
        (untaxed(Taxation.OUTSIDE, SWISS), "O", ["TVA non applicable, art. 259-1 du CGI"], ["VATEX-EU-O"]),
    ],
)
def test_case_of_tax(invoice: Invoice, category: str, reason: list[str], code: list[str]) -> None:
    """Each has its category, and says why there is no tax."""
    xml = describe(invoice)
    assert set(values(xml, "//ram:CategoryCode")) == {category}
    assert [text.replace("\xa0", " ") for text in values(xml, "//ram:ExemptionReason")] == reason
    assert values(xml, "//ram:ExemptionReasonCode") == code


def test_parties() -> None:
    """Are known by their numbers: SIREN, VAT number, and where they are reached."""
    xml = describe(INVOICE)
    seller, buyer = "//ram:SellerTradeParty", "//ram:BuyerTradeParty"
    identity, tax, reached = (
        "/ram:SpecifiedLegalOrganization/ram:ID[@schemeID='0002']",
        "/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
        "/ram:URIUniversalCommunication/ram:URIID[@schemeID='0225']",
    )
    assert values(xml, seller + identity) == values(xml, seller + reached) == [SELLER.siren]
    assert values(xml, buyer + identity) == values(xml, buyer + reached) == [FIRM.siren]
    assert values(xml, f"{seller}{tax} | {buyer}{tax}") == [SELLER.vat_number, FIRM.vat_number]


def test_numbers_of_elsewhere() -> None:
    """Outside the Union a tax number is no VAT number; who has none at all is reached by mail."""
    xml = describe(untaxed(Taxation.OUTSIDE, SWISS))
    assert values(xml, "//ram:BuyerTradeParty/ram:ID") == [SWISS.vat_number]
    assert values(xml, "//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']") == []
    assert values(xml, "//ram:BuyerTradeParty//ram:URIID[@schemeID='EM']") == [INVOICE.email]


def test_seller_without_vat_number() -> None:
    """In franchise, the SIREN is what the tax office knows."""
    xml = describe(untaxed(Taxation.FRANCHISE, seller=SMALL))
    assert values(xml, "//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']") == [SMALL.siren]


def test_credit_note() -> None:
    """Is of type 381, positive, and names the invoice and its day."""
    xml = describe(credited(INVOICE))
    assert values(xml, "//rsm:ExchangedDocument/ram:TypeCode") == ["381"]
    assert values(xml, "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["F2026-000042"]
    assert values(xml, "//ram:InvoiceReferencedDocument/ram:FormattedIssueDateTime/*") == ["20261122"]
    assert values(xml, "//ram:GrandTotalAmount") == ["186.00"]


@pytest.mark.parametrize(
    ("method", "code", "words"),
    [
        ("card", "48", "Payée par carte bancaire le 22 novembre 2026"),
        ("transfer", "42", "Payée par virement le 22 novembre 2026"),
        ("cheque", "20", "Payée par chèque le 22 novembre 2026"),
        ("test", "1", "Payée par la banque d'essai le 22 novembre 2026"),
        ("coquillages", "1", "Payée le 22 novembre 2026"),
    ],
)
def test_means_of_payment(method: str, code: str, words: str) -> None:
    """Has its code, and is told in words."""
    xml = describe(attrs.evolve(INVOICE, method=method))
    assert values(xml, "//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == [code]
    said = values(xml, "//ram:SpecifiedTradePaymentTerms/ram:Description")
    assert [text.replace("\xa0", " ") for text in said] == [words]


def test_when_tax_is_due() -> None:
    """When it is invoiced, by option, or else when it is paid; without tax never."""
    paid = attrs.evolve(INVOICE, seller=attrs.evolve(SELLER, vat_on_debits=False))
    due = [values(describe(one), "//ram:DueDateTypeCode") for one in (INVOICE, paid, CASES["reverse charge"])]
    assert due == [["5"], ["72"], []]


@pytest.mark.parametrize("name", ["<script>&amp;]]>", "\x01\x0b\ufffe", "\ud800", "–\u202eا\u0301", "a\nb", "W" * 500])
def test_name_cannot_break_it(name: str) -> None:
    """What XML can write comes back as it was; what it cannot is replaced."""
    xml = describe(attrs.evolve(INVOICE, customer=attrs.evolve(FIRM, name=name)))
    (read,) = values(xml, "//ram:BuyerTradeParty/ram:Name")
    assert read == "".join("\ufffd" if sign in "\x01\x0b\ufffe\ud800" else sign for sign in name)
    assert schema_faults(xml) == broken_rules(xml) == []


def test_wrong_total_is_found() -> None:
    """The rules that the tests ask can fail: sums."""
    broken = broken_rules(_xml(terms(INVOICE) | {"BT-112": "187.00", "BT-113": "187.00"}))
    assert "BR-CO-15" in broken
    assert "BR-CO-16" in broken_rules(_xml(terms(INVOICE) | {"BT-115": "1.00"}))


def test_missing_notes_are_found() -> None:
    """What France wants said."""
    notes = terms(INVOICE)["BG-1"]
    assert len(broken_rules(_xml(terms(INVOICE) | {"BG-1": notes[:1]}))) == 2
    wanted = [f"BR-FR-05_BT-22_{code}" for code in ("PMT", "PMD", "AAB")]
    assert broken_rules(_xml(terms(INVOICE) | {"BG-1": []})) == wanted


def test_unknown_element_is_found() -> None:
    """By the schema; the maker itself refuses what is none of it."""
    xml = describe(INVOICE).replace(b"ram:GrandTotalAmount", b"ram:GrandTotal")
    assert schema_faults(xml) != []
    wrong = terms(INVOICE)
    wrong["BG-25"][0]["BT-131"] = "beaucoup"
    with pytest.raises(Exception, match="BT-131"):
        _xml(wrong)


def test_missing_numbers_are_found() -> None:
    """A seller without SIREN, a franchise without any number, a payment by an account that is not told."""
    assert "BR-FR-10_BT-30" in broken_rules(describe(attrs.evolve(INVOICE, seller=BARE)))
    assert "BR-E-02" in broken_rules(describe(untaxed(Taxation.FRANCHISE, seller=attrs.evolve(SMALL, siren=""))))
    assert "CII-SR-470" in broken_rules(_xml(terms(INVOICE) | {"BT-81": "30"}))


def test_wrong_case_is_found() -> None:
    """A VAT number where there is nothing to tax; a rate that France does not know; a credit note of nothing."""
    outside = terms(untaxed(Taxation.OUTSIDE, SWISS))
    outside["BG-4"] = terms(INVOICE)["BG-4"]
    assert "BR-O-02" in broken_rules(_xml(outside))
    assert "BR-FR-16_BT-119" in broken_rules(describe(sold(1_000, 15_500, rate=1900)))
    assert "BR-FR-CO-05_BT-3" in broken_rules(_xml(terms(credited(INVOICE)) | {"BG-3": []}))

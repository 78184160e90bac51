"""Whom an invoice is for: what is tidied, and what is wrong with what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.customer import Customer, CustomerFault, read_customer

GOOD = {"name": "Mairie", "address": "1 place de la Mairie", "postcode": "35000", "city": "Rennes", "country": "FR"}


def test_tidied() -> None:
    """Spaces, empty lines and small letters; a SIRET is its SIREN."""
    typed = {
        "name": "  Mairie \t de  Rennes ",
        "address": "\n 1 place\r\n\r\n BP 12 ",
        "postcode": " 35000",
        "city": "Rennes\n",
        "country": "fr",
        "siren": "732 829 320 00074",
        "vat_number": " fr 44 732 829 320",
    }
    found, faults = read_customer(typed)
    assert not faults
    assert found == Customer(
        name="Mairie de Rennes",
        address="1 place\nBP 12",
        postcode="35000",
        city="Rennes",
        country="FR",
        siren="732829320",
        vat_number="FR44732829320",
    )
    assert found.known


def test_private_person() -> None:
    """Needs no number; nothing at all is no customer."""
    found, faults = read_customer(GOOD)
    assert not faults
    assert (found.siren, found.vat_number) == ("", "")
    assert not Customer().known


def test_number_tells_the_siren() -> None:
    """A French VAT number ends with it."""
    found, _ = read_customer({**GOOD, "vat_number": "FR44732829320"})
    assert found.siren == "732829320"


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("name", "", CustomerFault.MISSING),
        ("name", " \n\x00", CustomerFault.MISSING),
        ("name", "x" * 121, CustomerFault.TOO_LONG),
        ("address", "a\nb\nc\nd\ne", CustomerFault.TOO_LONG),
        ("address", "x" * 301, CustomerFault.TOO_LONG),
        ("postcode", "3500", CustomerFault.BAD_POSTCODE),
        ("postcode", "35OOO", CustomerFault.BAD_POSTCODE),
        ("postcode", "٣٥٠٠٠", CustomerFault.BAD_POSTCODE),
        ("city", "", CustomerFault.MISSING),
        ("country", "FRA", CustomerFault.BAD_COUNTRY),
        ("country", "1é", CustomerFault.BAD_COUNTRY),
        ("siren", "732829321", CustomerFault.BAD_SIREN),
        ("siren", "73282932", CustomerFault.BAD_SIREN),
        ("siren", "73282932000075", CustomerFault.BAD_SIREN),
        ("siren", "x" * 5000, CustomerFault.BAD_SIREN),
        ("vat_number", "FR00732829320", CustomerFault.BAD_VAT_NUMBER),
        ("vat_number", "x" * 5000, CustomerFault.BAD_VAT_NUMBER),
        ("vat_number", "BE0428759497", CustomerFault.OTHER_COUNTRY),
    ],
)
def test_faults(field: str, typed: str, fault: CustomerFault) -> None:
    """Each at its field."""
    _, faults = read_customer({**GOOD, field: typed})
    assert faults == {field: fault}


def test_two_firms() -> None:
    """A SIREN, and the VAT number of another."""
    _, faults = read_customer({**GOOD, "siren": "732829320", "vat_number": "FR40303265045"})
    assert faults == {"vat_number": CustomerFault.OTHER_SIREN}


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [
        ("BE", "be 0428.759.497", "BE0428759497"),
        ("GR", "EL 094259216", "EL094259216"),
        ("MC", "FR 40 303 265 045", "FR40303265045"),
        ("CH", "che-116.281.710 tva", "CHE-116.281.710 TVA"),
    ],
)
def test_abroad(country: str, number: str, kept: str) -> None:
    """In the Union numbers are checked; elsewhere any is taken. Postcodes are of any form."""
    found, faults = read_customer({**GOOD, "country": country, "postcode": "B-1000", "vat_number": number})
    assert not faults
    assert found.vat_number == kept


def test_a_long_number_abroad() -> None:
    """Is none."""
    _, faults = read_customer({**GOOD, "country": "CH", "vat_number": "1" * 31})
    assert faults == {"vat_number": CustomerFault.TOO_LONG}


@given(st.dictionaries(st.sampled_from([*GOOD, "siren", "vat_number", "other"]), st.text(max_size=40)))
def test_anything(typed: dict[str, str]) -> None:
    """Is read; what has no fault is whole, and read again is the same."""
    found, faults = read_customer(typed)
    if not faults:
        assert found.known
        assert read_customer({name: getattr(found, name) for name in [*GOOD, "siren", "vat_number"]}) == (found, {})

"""Whom an invoice is for: an account's own details, as its holder gave them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import attrs
import stdnum.eu.vat
import stdnum.exceptions
import stdnum.fr.siren
import stdnum.fr.siret

from .text import storable
from .vat import FRANCE, UNION

LONGEST: Final[Mapping[str, int]] = {"name": 120, "address": 300, "postcode": 16, "city": 80}
"""Characters of each; an address has at most ``LINES`` lines."""

LINES: Final = 4
LONGEST_NUMBER: Final = 30


class CustomerFault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    BAD_SIREN = "bad-siren"
    BAD_VAT_NUMBER = "bad-vat-number"
    OTHER_COUNTRY = "other-country"
    """The VAT number is of another country than the address."""
    OTHER_SIREN = "other-siren"
    """The French VAT number is another firm's."""
    BAD_COUNTRY = "bad-country"
    BAD_POSTCODE = "bad-postcode"


@attrs.frozen(kw_only=True)
class Customer:
    """Details of who pays; what is not given is empty."""

    name: str = ""
    address: str = ""
    """Up to ``LINES`` lines: street, without postcode and city."""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    """ISO 3166-1 alpha-2."""
    siren: str = ""
    """Nine digits: of French firms, associations and public bodies."""
    vat_number: str = ""
    """With the country's letters in the Union; elsewhere whatever tax number shows that it is a business."""

    @property
    def known(self) -> bool:
        """Whether an invoice can be made out to it."""
        return all((self.name, self.address, self.postcode, self.city, self.country))


def read_customer(typed: Mapping[str, str]) -> tuple[Customer, dict[str, CustomerFault]]:
    """The details in a form, tidied, by the names of ``Customer``'s fields; and what is wrong, by the same names.

    A SIRET is taken for its SIREN. A French VAT number tells the SIREN where that is not given.
    """
    values = {field.name: _tidied(field.name, typed.get(field.name, "")) for field in attrs.fields(Customer)}
    faults: dict[str, CustomerFault] = {}
    for name, longest in LONGEST.items():
        if not values[name]:
            faults[name] = CustomerFault.MISSING
        elif len(values[name]) > longest or values[name].count("\n") >= LINES:
            faults[name] = CustomerFault.TOO_LONG
    values["country"] = values["country"].upper() or "FR"
    if not (len(values["country"]) == 2 and values["country"].isascii() and values["country"].isalpha()):
        faults["country"] = CustomerFault.BAD_COUNTRY
    elif values["country"] == "FR" and "postcode" not in faults and not _is_french_postcode(values["postcode"]):
        faults["postcode"] = CustomerFault.BAD_POSTCODE
    _check_numbers(values, faults)
    return Customer(**values), faults


def _tidied(name: str, typed: str) -> str:
    lines = (" ".join(line.split()) for line in storable(typed).splitlines())
    return ("\n" if name == "address" else " ").join(line for line in lines if line)


def _is_french_postcode(typed: str) -> bool:
    return len(typed) == 5 and typed.isascii() and typed.isdigit()


def _check_numbers(values: dict[str, str], faults: dict[str, CustomerFault]) -> None:
    if values["siren"]:
        siren = _valid(stdnum.fr.siren.validate, values["siren"])
        siret = None if siren else _valid(stdnum.fr.siret.validate, values["siren"])
        if siren is None and siret is None:
            faults["siren"] = CustomerFault.BAD_SIREN
        values["siren"] = siren or (siret or values["siren"])[:14 if siret is None else 9]
    if not values["vat_number"]:
        return
    if values["country"] not in UNION | FRANCE:
        # a tax number of elsewhere, whose form nobody here knows
        values["vat_number"] = values["vat_number"].upper()
        if len(values["vat_number"]) > LONGEST_NUMBER:
            faults["vat_number"] = CustomerFault.TOO_LONG
        return
    number = _valid(stdnum.eu.vat.validate, values["vat_number"])
    if number is None:
        faults["vat_number"] = CustomerFault.BAD_VAT_NUMBER
        values["vat_number"] = values["vat_number"][:20]
        return
    values["vat_number"] = number
    # Greece writes EL (directive 2006/112/CE, art. 215)
    country = "GR" if number[:2] == "EL" else number[:2]
    if country != values["country"] and {country, values["country"]} != {"FR", "MC"}:
        faults["vat_number"] = CustomerFault.OTHER_COUNTRY
    elif country == "FR" and values["country"] == "FR":
        if not values["siren"]:
            values["siren"] = number[4:]
        elif values["siren"] != number[4:] and "siren" not in faults:
            faults["vat_number"] = CustomerFault.OTHER_SIREN


def _valid(validate: Callable[[str], str], typed: str) -> str | None:
    try:
        return validate(typed)
    except stdnum.exceptions.ValidationError:
        return None

"""Coordonnées: whom the invoices are for; a fault is told at its field, and then nothing is changed."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from babel import Locale

from ....billing_interfaces import ICashier
from ....model.customer import Customer
from .. import billing_labels
from ..language import LANGUAGES, Language
from ..visit import Answer, Fields, Page, Redirect, Visit, get, post

HERE: Final = "/credits/coordonnees"
BUY: Final = "/credits/acheter"

FIELDS: Final = {
    "nom": "name",
    "adresse": "address",
    "code-postal": "postcode",
    "ville": "city",
    "pays": "country",
    "siren": "siren",
    "tva": "vat_number",
}
"""For each field of the form the one of ``Customer`` that it is."""

NO_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""What the tables of territories name besides countries."""


class CustomerPages:
    """One form, by itself or on the way to an order, which is then gone on with."""

    def __init__(self, cashier: ICashier) -> None:
        self._cashier = cashier

    @get(HERE)
    async def form(self, visit: Visit) -> Answer:
        """The details as they are."""
        customer = await self._cashier.customer(visit.account.id)
        typed = {field: getattr(customer, name) for field, name in FIELDS.items()}
        return _page(visit, typed, {}, order_of(visit.query))

    @post(HERE)
    async def save(self, visit: Visit) -> Answer:
        """All of them, or none."""
        typed = {field: visit.form.text(field)[:1000] for field in FIELDS}
        values = {name: typed[field] for field, name in FIELDS.items()}
        if values["country"] not in countries(LANGUAGES[0]):
            # one that there is not is told with all else that is wrong
            values["country"] = "?"
        _, faults = await self._cashier.set_customer(visit.account.id, values)
        order = order_of(visit.form)
        if not faults:
            return Redirect(to=f"{BUY}?{urlencode(order)}" if order else HERE, told="customer-saved")
        errors = {
            field: visit.language.say(billing_labels.CUSTOMER_FAULTS[faults[name]])
            for field, name in FIELDS.items()
            if name in faults
        }
        return _page(visit, typed, errors, order)


def order_of(fields: Fields) -> dict[str, str]:
    """What somebody is about to order, as typed; nothing where he is not."""
    order = {name: fields.line(name)[:60] for name in ("quantite", "moyen")}
    return order if order["quantite"] else {}


def _page(visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], order: Mapping[str, str]) -> Page:
    values: dict[str, Any] = {
        "typed": typed,
        "errors": errors,
        "order": order,
        "countries": [(code, name) for code, name in countries(visit.language.code).items()],
    }
    return Page(template="credits/customer.html", values=values, status=422 if errors else 200)


@cache
def countries(language: str) -> Mapping[str, str]:
    """Every country's name by its code, as a reader of that language looks for it: France first."""
    names: Mapping[str, str] = Locale(language).territories
    # a table may name a few more than another's
    known: Mapping[str, str] = Locale(LANGUAGES[0]).territories
    found = {code: names[code] for code in known if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES}
    order = sorted(found, key=lambda code: (code != "FR", _unaccented(found[code])))
    return {code: found[code] for code in order}


def _unaccented(name: str) -> str:
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


def address_of(customer: Customer, language: Language) -> list[str]:
    """The lines of an envelope; the country where it is another."""
    lines = [customer.name, *customer.address.split("\n"), f"{customer.postcode} {customer.city}"]
    if customer.country != "FR":
        lines.append(countries(language.code).get(customer.country, customer.country))
    return [line for line in lines if line.strip()]

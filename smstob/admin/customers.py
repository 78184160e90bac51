"""``smstob customer …``: whom the invoices of an account are for."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Final

import attrs

from ..model.customer import LINES, LONGEST, LONGEST_NUMBER, Customer, CustomerFault
from ..table import shown
from .desk import Desk, Mistake, finished
from .parser import assignment, command, words
from .report import Report

FIELDS: Final = tuple(field.name for field in attrs.fields(Customer))
_WRONG: Final[Mapping[CustomerFault, str]] = {
    CustomerFault.MISSING: "il manque",
    CustomerFault.BAD_SIREN: "ce n'est ni un SIREN ni un SIRET",
    CustomerFault.BAD_VAT_NUMBER: "ce n'est pas un numéro de TVA intracommunautaire",
    CustomerFault.OTHER_COUNTRY: "ce numéro est d'un autre pays que country",
    CustomerFault.OTHER_SIREN: "ce numéro est d'un autre SIREN",
    CustomerFault.BAD_COUNTRY: "attendu : un code de pays de deux lettres, comme FR",
    CustomerFault.BAD_POSTCODE: "attendu : cinq chiffres",
}


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "customer", "l'adresse de facturation d'un compte").commands()
    show_ = command(subject, "show", "montrer pour qui sont les factures d'un compte", show)
    show_.add_argument("email", metavar="EMAIL", type=words)
    set_ = command(subject, "set", "dire pour qui sont les factures d'un compte", set_fields)
    set_.add_argument("email", metavar="EMAIL", type=words)
    fields = "champs : " + ", ".join(FIELDS)
    set_.add_argument("changes", metavar="CHAMP=VALEUR", type=assignment, nargs="+", help=fields)


def show(desk: Desk, given: Namespace) -> Report:
    """Whom an account's invoices are for."""
    return _report(finished(desk.till.cashier.customer(desk.account(given.email).id)))


def set_fields(desk: Desk, given: Namespace) -> Report:
    """Change some of it, all or none; orders that are there keep what they have."""
    account = desk.account(given.email).id
    values = attrs.asdict(finished(desk.till.cashier.customer(account)))
    for one in given.changes:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or name not in FIELDS:
            raise Mistake(f"{shown(one)} : attendu : CHAMP=VALEUR (champs : {', '.join(FIELDS)})")
        values[name] = value
    details, faults = finished(desk.till.cashier.set_customer(account, values))
    if faults:
        told = " ; ".join(f"{name} : {_why(name, fault)}" for name, fault in faults.items())
        raise Mistake(f"{told}. Rien n'a été changé")
    return _report(details)


def _why(name: str, fault: CustomerFault) -> str:
    if fault is CustomerFault.TOO_LONG:
        lines = f" et {LINES} lignes" if name == "address" else ""
        return f"{LONGEST.get(name, LONGEST_NUMBER)} caractères{lines} au plus"
    return _WRONG[fault]


def _report(details: Customer) -> Report:
    values = attrs.asdict(details)
    if not details.known:
        return Report(values, "L'adresse de facturation n'est pas donnée.")
    lines = [(name, part) for name, value in values.items() for part in value.splitlines()]
    return Report(values, "\n".join(f"{name.ljust(10)}  {part}" for name, part in lines))

"""What the configuration says of money: who sells, at which prices, and how he is paid. See ``configuration``."""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from .billing_interfaces import IPaymentProviderMaker
from .maker_settings import check_name, made_of
from .model.account import canonical_email, is_email
from .model.company import Company
from .model.customer import LINES, LONGEST, LONGEST_NUMBER, Customer, CustomerFault, read_customer
from .model.price import MOST_ORDER, PRICES, PriceList, Tier
from .model.terms import Terms
from .model.vat import FRANCE, OVERSEAS
from .settings import Audiotel, PaymentSettings
from .table import Table, shown

TEST: Final = "test"
"""The type of payment that asks for no money."""

RESERVED: Final = "operator"
"""What the operator records by hand is kept under this name."""

DEAREST: Final = 100
"""Euros that one credit may cost."""

LONGEST_PRICE: Final = 120
LEAST_SECRET: Final = 16
"""Characters of a secret that signs."""


def read_company(root: Table, needed: Collection[str]) -> Company:
    """Who runs the service. What is given must be right, and what is ``needed`` must be given."""
    with root.table("company") as table:
        values = {field.name: table.text(field.name, field.default).strip() for field in attrs.fields(Company)}
        if values["email"] and not is_email(canonical_email(values["email"])):
            table.mistake("email", f"{shown(values['email'])} n'est pas une adresse")
        tidied, faults = read_customer(values)
        for key, fault in faults.items():
            if fault is not CustomerFault.MISSING and (values[key] or fault is CustomerFault.BAD_COUNTRY):
                table.mistake(key, _why(key, values[key], fault))
        if "country" not in faults and tidied.country not in FRANCE | OVERSEAS:
            table.mistake("country", "le service se vend depuis la France (FR), Monaco (MC) ou l'outre-mer français")
        values |= {field.name: getattr(tidied, field.name) for field in attrs.fields(Customer)}
        for key in needed:
            if not values[key]:
                table.mistake(key, "cette clé manque : la loi la veut sur les factures, et ce fichier a des paiements")
    return Company(**values)


def _why(key: str, given: str, fault: CustomerFault) -> str:
    if fault is CustomerFault.TOO_LONG:
        lines = f" et {LINES} lignes" if key == "address" else ""
        return f"trop long : {LONGEST.get(key, LONGEST_NUMBER)} caractères{lines} au plus"
    return f"{shown(given)} {_WRONG[fault]}"


_WRONG: Final[Mapping[CustomerFault, str]] = {
    CustomerFault.BAD_SIREN: "n'est pas un numéro SIREN : neuf chiffres, dont le dernier vérifie les autres",
    CustomerFault.BAD_VAT_NUMBER: "n'est pas un numéro de TVA intracommunautaire, comme FR11123456782",
    CustomerFault.OTHER_COUNTRY: "est d'un autre pays que country",
    CustomerFault.OTHER_SIREN: "n'est pas le numéro de TVA de ce SIREN",
    CustomerFault.BAD_COUNTRY: "n'est pas un code de pays de deux lettres (ISO 3166), comme FR",
    CustomerFault.BAD_POSTCODE: "n'est pas un code postal de cinq chiffres",
}


def read_billing(root: Table) -> Terms:
    """Prices and tax."""
    with root.table("billing") as table:
        franchise = table.flag("franchise", False)
        on_debits = table.flag("vat_on_debits", False)
        if franchise and on_debits:
            table.mistake("vat_on_debits", "en franchise de TVA il n'y a pas de TVA à payer : l'un ou l'autre")
        rate = _decimal(table.number("vat_rate", 20, least=0.01, most=100)) * 100
        if rate % 1:
            table.mistake("vat_rate", "deux chiffres au plus après la virgule, comme 20 ou 8.5")
        prices = _prices(table.table("prices"))
    return Terms(prices=prices, vat_rate=int(rate), franchise=franchise, vat_on_debits=on_debits)


def _decimal(number: float) -> Decimal:
    """The number as it was typed: 0.1 is a tenth."""
    return Decimal(repr(number))


def _prices(table: Table) -> PriceList:
    tiers: list[Tier] = []
    with table:
        for key in sorted(table, key=_quantity):
            price = _decimal(table.number(key, 0.0, least=0.001, most=DEAREST)) * 1000
            if not 1 <= _quantity(key) <= MOST_ORDER:
                table.mistake(key, f"attendu : un nombre de crédits, de 1 à {MOST_ORDER}, comme 100 = 0.19")
            elif price % 1:
                table.mistake(key, "trois chiffres au plus après la virgule : le dixième de centime")
            elif price:
                tiers.append(Tier(_quantity(key), int(price)))
        for before, tier in pairwise(tiers):
            if tier.tenths >= before.tenths:
                why = f"plus on achète, moins un crédit coûte : moins que celui de {before.credits}"
                table.mistake(str(tier.credits), why)
    try:
        return PriceList(tuple(tiers)) if tiers else PRICES
    except ValueError:  # which was told above
        return PRICES


def _quantity(key: str) -> int:
    """The credits that a price's key says; 0 where it says none."""
    return int(key) if re.fullmatch(r"[1-9][0-9]{0,8}", key) else 0


def needed_of(payments: Sequence[PaymentSettings], billing: Terms) -> tuple[str, ...]:
    """What who takes money has to say of his company, on invoices (CGI, ann. II, art. 242 nonies A)."""
    if all(payment.type == TEST for payment in payments):
        return ()
    return ("name", "address", "postcode", "city", "siren", *(() if billing.franchise else ("vat_number",)))


def read_payments(
    root: Table, makers: Mapping[str, IPaymentProviderMaker], base_url: str
) -> tuple[PaymentSettings, ...]:
    """The ways to pay, in the order of the file."""
    every = root.table("payments")
    read = [_payment(name, every.table(name), makers, base_url) for name in every]
    return tuple(payment for payment in read if payment is not None)


def _payment(
    name: str, table: Table, makers: Mapping[str, IPaymentProviderMaker], base_url: str
) -> PaymentSettings | None:
    check_name(table, name)
    if name == RESERVED:
        table.mistake("", "ce nom est pris : c'est celui de ce que vous notez vous-même ; donnez-en un autre")
    with table:
        given, inner = table.text("type"), table.table("settings")
    made = made_of(table, given, inner, makers)
    if made is None:
        return None
    if given == TEST and urlsplit(base_url).scheme == "https":
        table.mistake("type", "ce type donne des crédits sans les faire payer, et le site est public (https) : ôtez-le")
    return PaymentSettings(name=name, type=given, settings=made[1], maker=made[0])


def read_audiotel(root: Table) -> Audiotel:
    """The number to call for trial credits."""
    with root.table("audiotel") as table:
        values: dict[str, Any] = {key: (table.given_text(key) or "").strip() for key in ("number", "price")}
        secret = table.secret("secret", "")
        addresses = table.networks("addresses")
        if values["number"] and not re.fullmatch(r"[0-9+][0-9 .+-]{2,23}", values["number"]):
            table.mistake("number", f"{shown(values['number'])} n'est pas un numéro de téléphone")
        if len(values["price"]) > LONGEST_PRICE or not values["price"].isprintable():
            table.mistake("price", f"attendu : une ligne de {LONGEST_PRICE} caractères au plus")
        if secret and len(secret) < LEAST_SECRET:
            table.mistake("secret", f"trop court : {LEAST_SECRET} caractères au moins")
        given = {**values, "secret": secret}
        if any(given.values()):
            for key in (key for key, value in given.items() if not value):
                table.mistake(key, "cette clé manque : number, price et secret vont ensemble")
    return Audiotel(**values, secret=secret, addresses=addresses)

"""What tests of payment providers begin with: an order that nobody stored, and a table of the configuration."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from smstob.model.customer import Customer
from smstob.model.order import Order, OrderState, reference_of
from smstob.model.vat import Taxation, taxed
from smstob.table import Table

NOW: Final = 1_772_449_200
BASE: Final = "http://127.0.0.1:8080"
ORDER: Final = Order(
    id=7,
    reference=reference_of(7),
    account=3,
    email="mairie@exemple.fr",
    method="carte",
    by_hand=False,
    state=OrderState.OPEN,
    credits=1000,
    amounts=taxed(15_500, 2000, Taxation.STANDARD),
    customer=Customer(name="Mairie", address="1 place", postcode="35000", city="Rennes"),
    created=NOW,
)
"""1000 credits, 186.00 €."""
RETURN: Final = f"{BASE}/credits/commandes/{ORDER.reference}?retour=1"


def started(session: str, order: Order = ORDER) -> Order:
    """The order once it is noted where it is paid."""
    return attrs.evolve(order, provider_reference=session)


def mistakes(parse_settings: Any, values: Mapping[str, Any]) -> list[str]:
    """What is wrong with a table, a line each."""
    told: list[str] = []
    with Table(values, "payments.x.settings", told) as table:
        parse_settings(table)
    return told


def wrong_keys(parse_settings: Any, values: Mapping[str, Any]) -> list[str]:
    """The keys that those name."""
    return [line.partition(" : ")[0].removeprefix("payments.x.settings.") for line in mistakes(parse_settings, values)]


def settings_of(parse_settings: Any, values: Mapping[str, Any]) -> Any:
    """What is read of a table without mistakes."""
    told: list[str] = []
    with Table(values, "payments.x.settings", told) as table:
        read = parse_settings(table)
    assert told == []
    return read

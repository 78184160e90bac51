"""What tests of the operator's commands about money begin with: a service that sells, and a customer."""

from typing import Any, Final

from tests.admin.console import EMAIL, Console
from tests.configurations import COMPANY

IBAN: Final = "FR7630006000011234567890189"
PAYMENTS: Final[dict[str, Any]] = {
    "essai": {"type": "test"},
    "cheque": {"type": "cheque", "settings": {"payee": "Essai SARL", "address": "1 rue de l'Essai\n35000 Rennes"}},
    "virement": {"type": "transfer", "settings": {"holder": "Essai SARL", "iban": IBAN}},
}
CUSTOMER: Final = ("name=Garage Dupont", "address=3 avenue Jean Jaurès", "postcode=69007", "city=Lyon")


def open_shop(console: Console, credits_: int = 10, **settings: Any) -> None:
    """Sell credits, and have a customer who said whom his invoices are for."""
    console.configure(company=dict(COMPANY), payments=PAYMENTS, **settings)
    console.open_account(credits_=credits_)
    console.text("customer", "set", EMAIL, *CUSTOMER)


def ordered(console: Console, credits_: int = 100, method: str = "cheque") -> str:
    """The reference of an order that waits for its payment."""
    made: str = console.json("order", "create", EMAIL, str(credits_), "--method", method)["reference"]
    return made

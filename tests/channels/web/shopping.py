"""How the tests of this folder shop: every way to pay, an account that can order, and what pages say of amounts."""

from typing import Any, Final

import attrs

from payments.test import TestBank
from smstob.billing.cashier import Cashier
from smstob.model.customer import Customer
from smstob.model.order import Instructions, Method, Order, OrderQuery, PaymentKind, Start
from smstob.model.terms import Terms
from smstob.storage import customers
from tests.billing.providers import StrawPost, call_of, event_of
from tests.house import EMAIL, PARIS, House, outcome_of
from tests.storage.orders import SELLER

from .browser import BASE, Answer, Browser, site_of

DETAILS: Final = {
    "nom": "Mairie de Hédé",
    "adresse": "1 place de la Mairie",
    "code-postal": "35630",
    "ville": "Hédé-Bazouges",
    "pays": "FR",
    "siren": "",
    "tva": "",
}
CUSTOMER: Final = Customer(
    name="Mairie de Hédé", address="1 place de la Mairie", postcode="35630", city="Hédé-Bazouges"
)
IBAN: Final = "FR7630006000011234567890189"
EPC: Final = f"BCD\n002\n1\nSCT\nAGRIFRPP\nSMStoB\n{IBAN}\nEUR22.80\n\nRF00SMS000001\n"
HOSTILE: Final = "\"><script>alert(1)</script>{{ 7*7 }}%(n)s"


class StrawTransfer(StrawPost):
    """Transfers."""

    def __init__(self) -> None:
        self.method = Method(name="virement", kind="transfer", by_hand=True)

    async def start(self, order: Order, return_url: str) -> Start:
        """To which account."""
        return Instructions(payee="SMStoB SARL", iban=IBAN, bic="AGRIFRPP", epc=EPC)


@attrs.frozen
class Shop:
    """A house where everything can be paid in every way."""

    house: House
    site: Any

    @classmethod
    def of(cls, house: House, terms: Terms | None = None, operators: tuple[str, ...] = ()) -> "Shop":
        """Open it."""
        tester = TestBank("essai", BASE, bytes(32))
        ways = (house.bank, StrawTransfer(), house.post, tester)
        house.cashier = Cashier(house.database, ways, terms or Terms(), SELLER, PARIS, house.clock, BASE)

        def signed(reference: str, cents: int, result: str) -> tuple[str, bytes]:
            return "essai", tester.signed(reference, cents, result)

        return cls(house, site_of(house, operators=operators, test_bank=signed, terms=terms))

    def browser(self, email: str = EMAIL, details: Customer | None = CUSTOMER, credits: int = 0) -> Browser:
        """Of an account, logged in; with ``details`` it can order."""
        account = self.house.account(email, credits)
        if details is not None:
            self.house.write(lambda connection: customers.keep(connection, account.id, details))
        return Browser(self.site).log_in(email)

    def order(self, browser: Browser, quantity: str = "100", method: str = "carte", **more: str) -> Answer:
        """What the form of orders is answered, not followed."""
        form = browser.get("/credits/acheter")
        fields = {"quantite": quantity, "moyen": method, **more}
        return browser.submit(form, "/credits/acheter", fields, followed=False)

    def ordered(self, browser: Browser, quantity: str = "100", method: str = "carte") -> Order:
        """The order that came of it."""
        before = {one.reference for one in self.orders()}
        self.order(browser, quantity, method)
        (made,) = [one for one in self.orders() if one.reference not in before]
        return made

    def orders(self) -> list[Order]:
        """Everybody's, the newest first."""
        return outcome_of(self.house.cashier.orders(OrderQuery()))

    def pay(self, order: Order, kind: PaymentKind = PaymentKind.PAID) -> None:
        """The bank calls."""
        call = call_of(event_of(order, f"{kind.value}_{order.id}", kind))
        outcome_of(self.house.cashier.notified(order.method, {}, call))


def said(text: str) -> str:
    """The words, with plain spaces."""
    return " ".join(text.split())


def sums(answer: Answer) -> list[str]:
    """What the calculator shows: each, net, tax, gross."""
    return [said(one) for one in answer.page.xpath("//*[@data-out]/text()")][:4]


def error_at(answer: Answer, field: str) -> str:
    """What is wrong with a field, where a reader's ears are told of it."""
    (note,) = answer.page.xpath(f"//*[@id='{field}-note']")
    assert "error" in note.get("class", ""), note.text_content()
    assert answer.page.xpath(f"//*[@aria-describedby='{field}-note']")
    return said(note.text_content())

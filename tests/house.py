"""The house without its doors: flow and storage on a Clock, every transaction at once, gateways of straw."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import argon2
from sqlalchemy import event, select
from twisted.internet.defer import Deferred, execute
from twisted.internet.task import Clock

from smstob.accounts.entrance import Entrance
from smstob.accounts.profile import Holder
from smstob.billing.cashier import Cashier
from smstob.billing.invoices import Invoices
from smstob.billing.sharing import Sharing
from smstob.billing.transfers import Transfers
from smstob.billing.trials import Trials
from smstob.billing.upkeep import OrderUpkeep
from smstob.contacts.book import Book
from smstob.contacts.importer import Importer
from smstob.couriers.text import AlertTexts
from smstob.flow.authenticate import Authenticator
from smstob.flow.compose import Rules
from smstob.flow.deferrals import Deferrals
from smstob.flow.estimate import Estimator
from smstob.flow.guessing import Allowances, Guessing
from smstob.flow.money import Sources
from smstob.flow.network import Network
from smstob.flow.notify import Notifier
from smstob.flow.recovery import recover
from smstob.flow.report import Reporter
from smstob.flow.submit import Submitter
from smstob.flow.upkeep import Upkeep
from smstob.model.account import Account
from smstob.model.contact import Recipient
from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.invoice import Document, Invoice, Seller
from smstob.model.ledger import Reason, Verification
from smstob.model.merge import Variables
from smstob.model.message import Receipt, State
from smstob.model.refusal import Code, Refusal
from smstob.model.route import Route, Routes
from smstob.model.submission import Submission
from smstob.model.tariff import Tariff
from smstob.model.terms import Terms
from smstob.storage import accounts, contacts, ledger, migrate, queue
from smstob.storage.database import Connection
from smstob.storage.engine import Engines, open_engines
from smstob.storage.schema import message
from tests.billing.providers import StrawBank, StrawPost
from tests.fakes import FlakyDatabase, KeepingCourier, PromptGateway, SlowWorkers, TakingGateway

T = TypeVar("T")
G = TypeVar("G", bound=TakingGateway)

NOW: Final = 1_772_449_200
"""2026-03-02, noon in Paris."""
PARIS: Final = ZoneInfo("Europe/Paris")
EMAIL: Final = "mairie@exemple.fr"
PASSWORD: Final = "K7P2-W9X4"
ADDRESS: Final = "192.0.2.7"
NUMBER: Final = "0612345678"
BASE_URL: Final = "http://127.0.0.1:8080"
SELLER: Final = Seller(
    name="SMStoB",
    legal_form="SARL au capital de 10 000 €",
    address="1 rue de la Poste",
    postcode="35000",
    city="Rennes",
    siren="732829320",
    register="RCS Rennes 732 829 320",
    vat_number="FR44732829320",
)
AUDIOTEL: Final = "audiotel"
ANYWHERE: Final = (Route(prefix="+", gateways=("A",)),)


@cache
def password_hash(password: str = PASSWORD) -> str:
    """The hash of a password, as cheap as argon2 gets."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


@cache
def _blank() -> Path:
    path = Path(mkdtemp(prefix="smstob")) / "blank.db"
    engines = _hasty(f"sqlite:///{path}")
    migrate.upgrade(engines.writer)
    with engines.writer.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engines.dispose()
    return path


def _hasty(url: str) -> Engines:
    engines = open_engines(url)

    @event.listens_for(engines.writer, "connect")
    def no_fsync(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return engines


def outcome_of(waited: "Deferred[T] | Coroutine[Any, Any, T]") -> T:
    """What is already known; raises what it failed with."""
    seen: list[Any] = []
    pending: Any = Deferred.fromCoroutine(waited) if isinstance(waited, Coroutine) else waited
    pending.addCallbacks(seen.append, lambda failure: seen.append(failure.value))
    assert seen, "not answered yet"
    if isinstance(seen[0], BaseException):
        raise seen[0]
    result: T = seen[0]
    return result


def straw_csv(said: Sequence[Invoice]) -> bytes:
    """Numbers, a line each."""
    return "\n".join(one.number for one in said).encode()


def numbers(count: int, first: int = 612_000_000) -> list[str]:
    """So many French mobiles, in E.164."""
    return [f"+33{first + index}" for index in range(count)]


class House:
    """Everything between the doors and the network; ``path`` is its database, made where it is missing.

    Its clock starts at ``start``. Gateways are added, then ``open`` begins to send; ``advance`` lets time pass.
    """

    def __init__(
        self,
        path: Path,
        routes: Sequence[Route] = ANYWHERE,
        start: float = NOW,
        recipients: int = 100_000,
        requests_per_second: float = 0,
    ) -> None:
        self.path = path
        if not path.exists():
            shutil.copyfile(_blank(), path)
        self.clock = Clock()
        self.clock.advance(start)
        self.workers = SlowWorkers()
        self.engines = _hasty(f"sqlite:///{path}")
        self.database = FlakyDatabase(self.engines, self.workers)
        self.database.start()
        self.routes = Routes(routes)
        self.network = Network(self.database, self.clock, self.routes, "house", Random(1))
        self.gateways: dict[str, TakingGateway] = {}
        self.verified = 0
        self.authenticator = Authenticator(self.database, self.clock, Guessing(Allowances()), self.in_thread)
        prices = {"FR": 1, "RE": 1, "YT": 1, "BE": 2}
        self.rules = Rules(zone=PARIS, tariff=Tariff(prices), routes=self.routes, most_recipients=recipients)
        self.woken: list[frozenset[str]] = []
        self.submitter = Submitter(
            self.database,
            self.authenticator,
            self.rules,
            self.clock,
            self.network.down,
            self._wake,
            requests_per_second,
        )
        self.book = Book(self.database, self.rules.tariff)
        self.importer = Importer(self.database, prices, self.clock, self.clock, self.in_thread)
        self.estimator = Estimator(self.database, self.rules, self.clock, self.network.down)
        self.deferrals = Deferrals(self.database, self.rules, self.clock, self.network.down, self._wake)
        self.reporter = Reporter(self.database, self.clock, {"A": "fake"})
        self.upkeep: Upkeep | None = None
        self.courier = KeepingCourier()
        self.entrance = Entrance(self.database, self.authenticator, self.clock, self.in_thread)
        self.profile = Holder(self.database, self.authenticator, self.clock, self.in_thread, self.rules.tariff)
        self.made: list[str] = []
        """The invoices of which a document was made."""
        self.bank, self.post = StrawBank(), StrawPost()
        ways = (self.bank, self.post)
        self.cashier = Cashier(self.database, ways, Terms(), SELLER, PARIS, self.clock, BASE_URL)
        self.invoices = Invoices(self.database, self.clock, self.in_thread, self.document, straw_csv)
        self.sharing = Sharing(self.database, self.clock, PARIS, self.in_thread)
        texts = AlertTexts(self.submitter, self.clock, PARIS, BASE_URL)
        self.sources = Sources(self.cashier.start, self.invoices.document, texts.send)
        self.notifier = Notifier(
            self.database, self.courier, self.clock, self.clock, self.in_thread, self.sources
        )
        self.transfers = Transfers(self.database, self.clock, PARIS)
        self.trials = Trials(self.database, self.clock, AUDIOTEL, "08 99 00 00 00", "3,00 € par appel")
        self.order_upkeep = OrderUpkeep(self.database, self.cashier, self.clock, self.clock)

    def document(self, said: Invoice) -> Document:
        """A document of straw: its words are those of the invoice."""
        self.made.append(said.number)
        words = said.as_json().encode()
        return Document(said.number, b"%PDF " + words, b"<xml/>", hashlib.sha256(words).hexdigest())

    def in_thread(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        """What a thread would do, at once."""
        self.verified += 1
        return execute(work, *arguments)

    def _wake(self, gateways: Any) -> None:
        self.woken.append(frozenset(gateways))
        self.network.wake(gateways)

    def gateway(self, kind: type[G] = PromptGateway, name: str = "A", throughput: float = 0, window: int = 50) -> G:  # type: ignore[assignment]
        """Add a gateway of that kind."""
        made = kind(name, self.network, window)
        self.gateways[name] = made
        self.network.add(made, throughput)
        return made

    def open(self) -> "House":
        """Recover, and begin to send; the upkeep runs."""
        self.write(lambda connection: recover(connection, self.now, alone=True))
        gone = self.read(queue.gateways_in_use) - self.gateways.keys()
        types = dict.fromkeys(self.gateways, "fake")
        self.upkeep = Upkeep(self.database, self.network, self.clock, self.clock, "house", types, gone)
        for gateway in self.gateways.values():
            gateway.startService()
        self.network.start()
        self.upkeep.startService()
        self.notifier.startService()
        return self

    def close(self) -> None:
        """Let go of the database's file, as a crash does: nothing is given back."""
        self.engines.dispose()

    @property
    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock.seconds())

    def advance(self, seconds: float, step: float = 0.05) -> None:
        """Let time pass, a little at a time."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)

    def write(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` gives, at once, whatever the database is told to play."""
        with self.engines.writer.begin() as connection:
            return work(connection)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Likewise, without writing."""
        with self.engines.reader.begin() as connection:
            return work(connection)

    def account(self, email: str = EMAIL, credits: int = 1_000_000, **options: Any) -> Account:
        """A new account with ``PASSWORD`` and so many credits."""

        def create(connection: Connection) -> Account:
            made = accounts.create(connection, email, password_hash(), self.now)
            if credits:
                ledger.issue(connection, made.id, credits, Reason.TOP_UP, f"test {made.id}", self.now, "essai")
            if options:
                accounts.set_options(connection, made.id, options)
            found = accounts.by_id(connection, made.id)
            assert found is not None
            return found

        return self.write(create)

    def group(self, account: Account, name: str, e164s: Sequence[str], variables: Variables | None = None) -> None:
        """A group of contacts with those numbers."""
        members = [Recipient(number, number, "FR", variables or Variables()) for number in e164s]

        def create(connection: Connection) -> None:
            contacts.add(connection, account.id, contacts.create_group(connection, account.id, name), members)

        self.write(create)

    def balance(self, account: Account) -> int:
        """Credits that are left."""
        return self.read(lambda connection: ledger.balance_of(connection, account.id))

    def verification(self) -> Verification:
        """What a check of the whole ledger finds."""
        return self.read(ledger.verify)

    def draft(self, destination: str = NUMBER, text: str = "Bonjour", **rest: Any) -> Draft:
        """A draft of ``EMAIL``'s by HTTP."""
        rest.setdefault("sender", Credentials(email=EMAIL, secret=PASSWORD, address=ADDRESS))
        return Draft(channel=Channel.HTTP, destination=destination, text=text, **rest)

    def submit(self, destination: str = NUMBER, text: str = "Bonjour", **rest: Any) -> Submission | Refusal:
        """What becomes of such a draft."""
        return outcome_of(self.submitter.submit(self.draft(destination, text, **rest)))

    def code(self, destination: str = NUMBER, text: str = "Bonjour", **rest: Any) -> Code:
        """The code that it is answered."""
        return self.submit(destination, text, **rest).code

    def accepted(self, destination: str = NUMBER, text: str = "Bonjour", **rest: Any) -> Submission:
        """The submission that it becomes, without fail."""
        decision = self.submit(destination, text, **rest)
        assert isinstance(decision, Submission), decision
        return decision

    def messages(self) -> list[Any]:
        """Every message's row, oldest first."""
        return self.read(lambda connection: list(connection.execute(select(message).order_by(message.c.id))))

    def states(self) -> Counter[State]:
        """How many messages are in each state."""
        return Counter(State(row.state) for row in self.messages())

    def receipt(self, gateway: str, reference: str, state: State = State.DELIVERED) -> "Deferred[None]":
        """A receipt comes."""
        error = None if state is State.DELIVERED else "Le téléphone est éteint."
        told = Receipt(gateway=gateway, reference=reference, state=state, error=error, at=self.now)
        return self.network.receipts_received(gateway, [told])

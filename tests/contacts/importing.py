"""Importers on a house, and what tests ask of them."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred, execute

from smstob.contacts.book import Book
from smstob.contacts.importer import Importer
from smstob.model.contact import ContactQuery
from smstob.model.contact_import import ImportReport, Plan, Preview
from smstob.model.merge import Variables
from smstob.model.tariff import Tariff
from smstob.storage import contacts
from smstob.storage.database import Connection
from tests.house import House, outcome_of

PRICES: Final = {"FR": 1, "RE": 1}
AMIS: Final = Plan(group="Amis")
TEN: Final = "Nom;Numéro\n" + "".join(f"n{n};06{n:08}\n" for n in range(10))


class Threads:
    """Runs in the caller's frame, and counts; while ``held``, when ``go`` is called."""

    def __init__(self) -> None:
        self.runs = 0
        self.held = False
        self._waiting: list[Callable[[], Any]] = []

    def run(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        """Like ``deferToThread``."""
        self.runs += 1
        if not self.held:
            return execute(work, *arguments)
        done: Deferred[Any] = Deferred()
        self._waiting.append(lambda: execute(work, *arguments).chainDeferred(done))
        return done

    def go(self) -> None:
        """Run what waits."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one()


def started(house: House, threads: Threads) -> Importer:
    """Another importer on the same database."""
    made = Importer(house.database, PRICES, house.clock, house.clock, threads.run)
    made.startService()
    return made


def staged(importer: Importer, account: int, content: str | bytes, file: str = "carnet.csv") -> int:
    """A file that can be read."""
    return outcome_of(importer.stage(account, file, content.encode() if isinstance(content, str) else content))


def preview(importer: Importer, account: int, id_: int, **plan: Any) -> Preview:
    """What it would become."""
    told = outcome_of(importer.preview(account, id_, Plan(**plan)))
    assert told is not None
    return told


def confirmed(importer: Importer, account: int, id_: int, plan: Plan = AMIS) -> ImportReport:
    """What becomes of it."""
    told = outcome_of(importer.confirm(account, id_, plan))
    assert isinstance(told, ImportReport), told
    return told


def report(importer: Importer, account: int, id_: int) -> ImportReport:
    """How far it is."""
    told = outcome_of(importer.report(account, id_))
    assert told is not None
    return told


def members(house: House, account: int, group: str = "Amis") -> list[tuple[str, Variables]]:
    """Who is in a group, oldest first."""

    def work(connection: Connection) -> list[tuple[str, Variables]]:
        found = contacts.find_group(connection, account, group)
        return [] if found is None else [(one.number, one.variables) for one in contacts.members(connection, found)]

    return house.read(work)


def size(house: House, account: int) -> int:
    """How many contacts there are."""
    page = outcome_of(Book(house.database, Tariff(PRICES)).contacts(account, ContactQuery(limit=0)))
    return page.total



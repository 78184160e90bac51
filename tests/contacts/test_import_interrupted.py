"""Imports that are cut short: each contact comes into the book once, whatever happens meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from smstob.contacts import importer as importers
from smstob.contacts.importer import LEASE, LOOKED, Importer
from smstob.model.contact_import import ImportState, Plan
from smstob.model.merge import Variables
from smstob.model.refusal import Unavailable
from smstob.storage import groups, imports
from smstob.storage.database import Connection
from smstob.storage.schema import contact_import
from smstob.storage.workers import InlineWorkers
from tests.house import House, outcome_of

from .importing import AMIS, PRICES, TEN, Threads, confirmed, members, report, size, staged, started


class Dying:
    """A database that answers so many transactions, and then no more: so does the world for a killed process."""

    def __init__(self, house: House, transactions: int) -> None:
        self._database = house.database
        self.left = transactions

    def transact(self, work: Callable[[Connection], Any]) -> "Deferred[Any]":
        """See ``Database``; one that is one too many never ends."""
        self.left -= 1
        return self._database.transact(work) if self.left >= 0 else Deferred()

    def read(self, work: Callable[[Connection], Any]) -> "Deferred[Any]":
        """See ``Database``."""
        return self._database.read(work)


@pytest.mark.parametrize("slices", [0, 1, 2, 4])
def test_killed(house: House, account: int, threads: Threads, slices: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two slices, or before the end is written: another goes on there when the lease has run out."""
    monkeypatch.setattr(importers, "SLICE", 3)
    # its first looks, staging, beginning, and so many slices
    dying: Any = Dying(house, 4 + slices)
    first = Importer(dying, PRICES, house.clock, house.clock, threads.run)
    first.startService()
    id_ = staged(first, account, TEN)
    Deferred.fromCoroutine(first.confirm(account, id_, AMIS))
    assert report(first, account, id_).done == min(10, 3 * slices)
    second = started(house, threads)
    assert report(second, account, id_).state is ImportState.RUNNING
    assert size(house, account) == min(10, 3 * slices), "the lease holds"
    house.advance(LEASE + LOOKED + 1, 1)
    told = report(second, account, id_)
    assert (told.state, told.done, told.added, told.updated) == (ImportState.DONE, 10, 10, 0)
    assert members(house, account) == [(f"+336{n:08}", Variables(f"n{n}")) for n in range(10)]


def test_two_importers(house: House, account: int, threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is slow and another takes over, the slow one lets go; nothing is there twice."""
    monkeypatch.setattr(importers, "SLICE", 3)
    first, second = started(house, threads), started(house, threads)
    id_ = staged(first, account, TEN)
    house.workers.held = True
    confirming = Deferred.fromCoroutine(first.confirm(account, id_, AMIS))
    job = house.workers._jobs.popleft()
    InlineWorkers.put(house.workers, job)
    slow = house.workers._jobs.popleft()
    house.workers.held = False
    house.clock.advance(LEASE + LOOKED + 1)
    assert report(second, account, id_).state is ImportState.DONE
    InlineWorkers.put(house.workers, slow)
    assert outcome_of(confirming) is not None
    told = report(second, account, id_)
    assert (told.state, told.done, told.added, size(house, account)) == (ImportState.DONE, 10, 10, 10)


def test_stopped(
    house: House, importer: Importer, account: int, threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop waits for the slice that is under way, and gives the import back: who starts goes on at once."""
    monkeypatch.setattr(importers, "SLICE", 3)
    id_ = staged(importer, account, TEN)
    house.workers.held = True
    Deferred.fromCoroutine(importer.confirm(account, id_, AMIS))
    InlineWorkers.put(house.workers, house.workers._jobs.popleft())
    stopping = importer.stopService()
    assert not stopping.called
    house.workers.go()
    assert stopping.called
    assert report(importer, account, id_).done == 3
    second = started(house, threads)
    assert report(second, account, id_).state is ImportState.DONE
    assert len(members(house, account)) == 10


def test_database_goes_away(house: House, importer: Importer, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of an import: it goes on when the database is back."""
    monkeypatch.setattr(importers, "SLICE", 3)
    id_ = staged(importer, account, TEN)
    house.workers.held = True
    confirming = Deferred.fromCoroutine(importer.confirm(account, id_, AMIS))
    InlineWorkers.put(house.workers, house.workers._jobs.popleft())
    house.database.away = True
    house.workers.go()
    assert outcome_of(confirming) is not None
    house.advance(5 * LOOKED, 1)
    for asked in (importer.stage(account, "a", TEN.encode()), importer.preview(account, id_, Plan())):
        with pytest.raises(Unavailable):
            outcome_of(asked)
    house.database.away = False
    assert 0 < report(importer, account, id_).done < 10
    house.advance(LEASE + LOOKED + 1, 1)
    assert report(importer, account, id_).state is ImportState.DONE
    assert len(members(house, account)) == size(house, account) == 10


def test_group_goes_away(house: House, importer: Importer, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is deleted meanwhile ends the import with a reason."""
    monkeypatch.setattr(importers, "SLICE", 3)
    id_ = staged(importer, account, TEN)
    house.workers.held = True
    Deferred.fromCoroutine(importer.confirm(account, id_, AMIS))
    InlineWorkers.put(house.workers, house.workers._jobs.popleft())
    group = report(importer, account, id_).group_id
    assert group is not None
    house.write(lambda connection: groups.remove(connection, account, group))
    house.workers.go()
    told = report(importer, account, id_)
    assert (told.state, told.done, told.error) == (ImportState.FAILED, 0, "le groupe a été supprimé pendant l'import")


def test_unforeseen(house: House, importer: Importer, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is logged, and ends the import instead of trying for ever."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(imports, "advance", broken)
    id_ = staged(importer, account, TEN)
    with capturedLogs() as logged:
        told = confirmed(importer, account, id_)
    assert [one["log_failure"].type for one in logged if "log_failure" in one] == [ZeroDivisionError]
    assert (told.state, told.error) == (ImportState.FAILED, "une erreur imprévue l'a arrêté")


def test_read_no_more(house: House, importer: Importer, account: int, threads: Threads) -> None:
    """A file that cannot be read again, as after a change of ours, ends with the reason."""
    id_ = staged(importer, account, TEN)
    outcome_of(importer.stopService())
    confirmed(importer, account, id_)
    house.write(lambda connection: connection.execute(contact_import.update().values(content=b"")))
    second = started(house, threads)
    told = report(second, account, id_)
    assert (told.state, told.error) == (ImportState.FAILED, "ce fichier est vide")



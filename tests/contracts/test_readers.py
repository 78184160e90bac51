"""Readers: what takes long holds up nothing that does not."""

import threading
from collections.abc import Iterator

import pytest
from twisted.internet.defer import DeferredList

from smstob.storage.database import Connection, Database, Job
from smstob.storage.engine import open_engines
from smstob.storage.workers import ThreadWorkers

from .reactor import in_reactor


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """One with threads, started."""
    from twisted.internet import reactor

    made = Database(open_engines(database_url), ThreadWorkers[Job](reactor, 100))
    made.start()
    yield made
    made.stop()


def one(connection: Connection) -> int:
    """Soon read."""
    found: int = connection.exec_driver_sql("SELECT 1").scalar_one()
    return found


@in_reactor
async def test_long_reads_hold_up_no_others(database: Database) -> None:
    """However many there are, what is soon read is read meanwhile."""
    go_on = threading.Event()

    def long(connection: Connection) -> int:
        assert go_on.wait(20)
        return one(connection)

    long_ones = [database.read(long, long=True) for _ in range(20)]
    assert await database.read(one) == 1
    go_on.set()
    assert await DeferredList(long_ones) == [(True, 1)] * 20

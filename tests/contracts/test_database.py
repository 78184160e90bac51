"""``Database``: one owner of transactions, the same over both kinds of workers and on both databases."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from twisted.internet.defer import Deferred

from smstob.storage.database import Database, Job, Unavailable
from smstob.storage.engine import Engines, open_engines
from smstob.storage.workers import InlineWorkers, ThreadWorkers
from tests.postgresql import Cluster

from .reactor import in_reactor

TABLES = (
    "DROP TABLE IF EXISTS follower",
    "DROP TABLE IF EXISTS note",
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE follower (note_id INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)",
)


def make_tables(engines: Engines) -> None:
    """What the jobs of this suite write to."""
    with engines.writer.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)


def insert(id_: int, text: str = "") -> Callable[[Connection], int]:
    """A job that writes one row and gives its id."""

    def work(connection: Connection) -> int:
        connection.exec_driver_sql(f"INSERT INTO note (id, text) VALUES ({id_}, '{text}')")
        return id_

    return work


def ids(connection: Connection) -> list[int]:
    """The rows that there are."""
    return list(connection.exec_driver_sql("SELECT id FROM note ORDER BY id").scalars())


@attrs.define
class Held:
    """A job that keeps the writer busy, so that others gather behind it."""

    begun: threading.Event = attrs.field(factory=threading.Event)
    go_on: threading.Event = attrs.field(factory=threading.Event)

    def __call__(self, connection: Connection) -> None:
        """Wait until told to go on."""
        self.begun.set()
        assert self.go_on.wait(20)


@attrs.define
class Bench:
    """A database under test."""

    database: Database
    engines: Engines
    threaded: bool

    def gather(self, put: Callable[[], Sequence["Deferred[Any]"]]) -> Sequence["Deferred[Any]"]:
        """Put jobs that share a transaction, where the workers let any share one."""
        if not self.threaded:
            return put()
        held = Held()
        self.database.transact(held)
        assert held.begun.wait(20)
        gathered = put()
        held.go_on.set()
        return gathered

    def written(self) -> list[int]:
        """The rows that are on disk, seen from outside."""
        with self.engines.reader.begin() as connection:
            return ids(connection)


OpenBench = Callable[..., Bench]


@pytest.fixture
def open_bench() -> Iterator[OpenBench]:
    """Makes tables and a started database over one kind of workers; all are stopped after the test."""
    from twisted.internet import reactor

    opened: list[Database] = []

    def make(engines: Engines, kind: str, backlog: int = 10_000) -> Bench:
        make_tables(engines)
        workers: Any = ThreadWorkers[Job](reactor, 100) if kind == "threads" else InlineWorkers[Job]()
        database = Database(engines, workers, backlog)
        database.start()
        opened.append(database)
        return Bench(database, engines, kind == "threads")

    yield make
    for database in opened:
        database.stop()


@pytest.fixture(scope="module")
def notes_database(postgresql_cluster: Cluster) -> str:
    """A PostgreSQL database that the tests of this file share: each makes its tables anew."""
    postgresql_cluster.create_database("notes")
    return postgresql_cluster.url("notes")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Instead of the common fixture of that name, which makes a PostgreSQL database for each test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'notes.db'}"
    url: str = request.getfixturevalue("notes_database")
    return url


@pytest.fixture(params=["inline", "threads"])
def kind(request: pytest.FixtureRequest) -> str:
    """Either kind of workers."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def bench(database_url: str, kind: str, open_bench: OpenBench) -> Bench:
    """A started database with its tables."""
    return open_bench(open_engines(database_url, patience=0.2), kind)


async def failure_of(deferred: "Deferred[Any]") -> BaseException:
    """What it fails with."""
    try:
        found = await deferred
    except Exception as error:
        return error
    raise AssertionError(f"it did not fail, but gave {found!r}")


@in_reactor
async def test_result_comes_after_the_commit(bench: Bench) -> None:
    """Whoever is told a result finds it on disk, in the reactor's thread."""
    seen: list[Any] = []
    told = bench.database.transact(insert(1))
    told.addCallback(lambda id_: seen.append((id_, bench.written(), threading.current_thread())))
    await told
    assert seen == [(1, [1], threading.main_thread())]
    assert await bench.database.read(ids) == [1]


@in_reactor
async def test_jobs_of_one_work_are_one_call(bench: Bench) -> None:
    """What gathers while the writer is busy is one call with all items; each job gets its own results, in order."""
    calls: list[int] = []

    def double(connection: Connection, items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        return [2 * item for item in items]

    lots = [[10 * nth + one for one in range(nth % 4)] for nth in range(60)]
    gathered = bench.gather(lambda: [bench.database.batch(double, lot) for lot in lots])
    assert [await told for told in gathered] == [[2 * item for item in lot] for lot in lots]
    assert sum(calls) == sum(map(len, lots))
    assert len(calls) == (1 if bench.threaded else 60)


@in_reactor
async def test_lot_is_bounded(bench: Bench) -> None:
    """A hundred jobs share a transaction at most; all of 250 are done."""
    gathered = bench.gather(lambda: [bench.database.transact(insert(nth)) for nth in range(250)])
    assert [await told for told in gathered] == list(range(250))
    assert bench.written() == list(range(250))


@in_reactor
async def test_faulty_job_fails_alone(bench: Bench) -> None:
    """Among good ones, one that raises and one that the database refuses: their own errors, and no trace of them."""

    def faulty(connection: Connection) -> None:
        insert(7)(connection)
        raise ValueError("planted")

    def put() -> list["Deferred[Any]"]:
        works = [insert(1), faulty, insert(2), insert(1), insert(3)]
        return [bench.database.transact(work) for work in works]

    first, raised, second, twice, third = bench.gather(put)
    assert [await first, await second, await third] == [1, 2, 3]
    assert str(await failure_of(raised)) == "planted"
    assert isinstance(await failure_of(twice), IntegrityError)
    assert bench.written() == [1, 2, 3]


@in_reactor
async def test_faulty_batch_fails_alone(bench: Bench) -> None:
    """A batch that shared its call with others is tried again without them, and they without it."""

    def work(connection: Connection, items: Sequence[int]) -> list[int]:
        for item in items:
            insert(item)(connection)
        return list(items)

    gathered = bench.gather(lambda: [bench.database.batch(work, [nth, nth + 100]) for nth in (1, 2, 101, 3)])
    assert [await gathered[nth] for nth in (0, 1, 3)] == [[1, 101], [2, 102], [3, 103]]
    assert isinstance(await failure_of(gathered[2]), IntegrityError)
    assert bench.written() == [1, 2, 3, 101, 102, 103]


@in_reactor
async def test_commit_that_is_refused(bench: Bench) -> None:
    """A fault that only shows at COMMIT is its job's, and the writer goes on."""

    def orphan(connection: Connection) -> None:
        insert(5)(connection)
        connection.exec_driver_sql("INSERT INTO follower (note_id) VALUES (99)")

    def put() -> list["Deferred[Any]"]:
        return [bench.database.transact(work) for work in (insert(1), orphan, insert(2))]

    first, refused, second = bench.gather(put)
    assert [await first, await second] == [1, 2]
    assert isinstance(await failure_of(refused), IntegrityError)
    assert bench.written() == [1, 2]


@in_reactor
async def test_swallowed_error_is_no_success(bench: Bench) -> None:
    """A job that hides an error of the database is told a result only if its rows are there."""

    def hide(connection: Connection) -> str:
        insert(1)(connection)
        try:
            insert(1)(connection)
        except IntegrityError:
            return "well"
        return "unseen"

    try:
        told = await bench.database.transact(hide)
    except Exception:
        told = None
    assert bench.written() == ([1] if told else [])
    assert await bench.database.transact(insert(2)) == 2


@in_reactor
async def test_conflict_is_tried_again(bench: Bench) -> None:
    """A deadlock or serialization failure, of which PostgreSQL gives up one side, is not the caller's business."""
    tries: list[int] = []

    def at_last(connection: Connection) -> int:
        tries.append(1)
        if len(tries) <= 4 and connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return insert(1)(connection)

    def always(connection: Connection) -> None:
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")

    assert await bench.database.transact(at_last) == 1
    if bench.engines.writer.dialect.name == "postgresql":
        gathered = bench.gather(lambda: [bench.database.transact(work) for work in (always, insert(2))])
        assert isinstance(await failure_of(gathered[0]), Unavailable)
        assert await gathered[1] == 2


@in_reactor
async def test_faults_stay_what_they_are(bench: Bench) -> None:
    """The caller can tell what is wrong with its own statement from a database that is away, reading too."""
    await bench.database.transact(insert(1))
    assert isinstance(await failure_of(bench.database.transact(insert(1))), IntegrityError)
    if bench.engines.writer.dialect.name == "postgresql":
        assert isinstance(await failure_of(bench.database.transact(insert(5_000_000_000))), DataError)

    def divide(connection: Connection) -> float:
        return 1 / 0

    assert isinstance(await failure_of(bench.database.read(divide)), ZeroDivisionError)
    assert isinstance(await failure_of(bench.database.transact(divide)), ZeroDivisionError)


@in_reactor
async def test_reader_only_reads(bench: Bench) -> None:
    """Nothing is written but by the writer."""
    assert isinstance(await failure_of(bench.database.read(insert(1))), (Unavailable, DBAPIError))
    assert await bench.database.read(ids) == []


@in_reactor
async def test_reading_goes_on_beside_the_writer(database_url: str, open_bench: OpenBench) -> None:
    """While a transaction takes its time, readers are answered with what was committed before."""
    engines = open_engines(database_url)
    bench = open_bench(engines, "threads")
    held = Held()
    await bench.database.transact(insert(1))

    def slow(connection: Connection) -> None:
        insert(2)(connection)
        held(connection)

    writing = bench.database.transact(slow)
    assert held.begun.wait(20)
    assert await bench.database.read(ids) == [1]
    held.go_on.set()
    await writing
    assert await bench.database.read(ids) == [1, 2]


@in_reactor
async def test_backlog_is_bounded(database_url: str, open_bench: OpenBench) -> None:
    """What comes when the bound is reached is Unavailable at once; what was taken is done, and then there is room."""
    engines = open_engines(database_url)
    bench = open_bench(engines, "threads", backlog=10)
    told: list[bool] = []

    def many(connection: Connection, items: Sequence[int]) -> list[int]:
        return [insert(item)(connection) for item in items]

    def put() -> list["Deferred[Any]"]:
        # the job that holds the writer weighs one
        gathered = [bench.database.batch(many, [nth], weight) for nth, weight in enumerate((1, 2, 6, 1, 1))]
        told.extend(one.called for one in gathered)
        return gathered

    for _ in range(2):
        gathered = bench.gather(put)
        assert told == [False] * 3 + [True] * 2
        assert [await one for one in gathered[:3]] == [[0], [1], [2]]
        for refused in gathered[3:]:
            assert isinstance(await failure_of(refused), Unavailable)
        told.clear()
        await bench.database.transact(lambda connection: connection.exec_driver_sql("DELETE FROM note"))


@in_reactor
async def test_stop_finishes_what_was_taken(bench: Bench) -> None:
    """All that was taken is on disk when ``stop`` returns; nothing is taken before start and after."""
    gathered = bench.gather(lambda: [bench.database.transact(insert(nth)) for nth in range(150)])
    bench.database.stop()
    assert bench.written() == list(range(150))
    assert [await told for told in gathered] == list(range(150))
    bench.database.stop()
    idle = Database(bench.engines, InlineWorkers[Job]())
    for database in (bench.database, idle):
        many: list[Deferred[Any]] = [database.transact(insert(999)), database.read(ids)]
        many.append(database.batch(lambda connection, items: list(items), [1]))
        for refused in many:
            assert isinstance(await failure_of(refused), Unavailable)


@in_reactor
async def test_caller_that_no_longer_waits(bench: Bench) -> None:
    """Cancelling the Deferred harms neither the job nor its neighbours."""
    gathered = bench.gather(lambda: [bench.database.transact(insert(nth)) for nth in range(3)])
    gathered[1].addErrback(lambda _: None)
    gathered[1].cancel()
    assert [await gathered[0], await gathered[2]] == [0, 2]
    assert bench.written() == [0, 1, 2]


@in_reactor
async def test_disk_full(tmp_path: Path, kind: str, open_bench: OpenBench) -> None:
    """Unavailable, nothing half recorded, for all that share the transaction; well again when there is room."""
    engines = open_engines(f"sqlite:///{tmp_path / 'smstob.db'}")
    bench = open_bench(engines, kind)

    def bound(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def free(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    await bench.database.transact(bound)
    works = [insert(1), insert(2, "x" * 100_000), insert(3)]
    gathered = bench.gather(lambda: [bench.database.transact(work) for work in works])
    failures = [told.addErrback(lambda failure: failure.value) for told in gathered]
    results = [await told for told in failures]
    assert isinstance(results[1], Unavailable)
    assert "full" in str(results[1])
    assert bench.written() == [one for one in results if isinstance(one, int)]
    await bench.database.transact(free)
    assert await bench.database.transact(insert(2, "x" * 100_000)) == 2

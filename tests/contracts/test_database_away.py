"""``Database`` when its server or its file cannot be had: bounded, clear, and well again by itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from smstob.storage.database import Unavailable
from smstob.storage.engine import open_engines
from tests.postgresql import Cluster, running_cluster

from .lossy import Loss, LossyWay
from .reactor import in_reactor
from .test_database import OpenBench, failure_of, ids, insert, kind, open_bench

__all__ = ["kind", "open_bench"]


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A server of this module's own, to be stopped."""
    with running_cluster() as cluster:
        yield cluster


LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.alone
@in_reactor
async def test_sqlite_locked_by_another_process(tmp_path: Path, kind: str, open_bench: OpenBench) -> None:
    """Past the patience it is Unavailable, once for all jobs that wait; readers go on; then it works again."""
    file = tmp_path / "smstob.db"
    engines = open_engines(f"sqlite:///{file}", patience=0.4)
    bench = open_bench(engines, kind)
    await bench.database.transact(insert(1))
    other = subprocess.Popen([sys.executable, "-c", LOCKER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"locked\n"
    begun = monotonic()
    gathered = [bench.database.transact(insert(nth)) for nth in range(2, 4)]
    for told in gathered:
        error = await failure_of(told)
        assert isinstance(error, Unavailable)
        assert "locked" in str(error)
    assert 0.4 <= monotonic() - begun < 1.6
    assert await bench.database.read(ids) == [1]
    other.communicate()
    assert await bench.database.transact(insert(2)) == 2


@pytest.mark.alone
@in_reactor
async def test_many_jobs_wait_for_a_locked_file_once(tmp_path: Path, open_bench: OpenBench) -> None:
    """Fifty jobs that share a lot do not wait one after the other."""
    file = tmp_path / "smstob.db"
    engines = open_engines(f"sqlite:///{file}", patience=0.3)
    bench = open_bench(engines, "threads")
    with subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        begun = monotonic()
        gathered = [bench.database.transact(insert(nth)) for nth in range(50)]
        assert all([isinstance(await failure_of(told), Unavailable) for told in gathered])
        assert monotonic() - begun < 2
        assert other.stdin is not None
        other.stdin.close()
    assert await bench.database.transact(insert(1)) == 1


@in_reactor
async def test_server_away(own_cluster: Cluster, kind: str, open_bench: OpenBench) -> None:
    """Stopped as by a power cut: Unavailable for writing and reading; started again: all that was told is there."""
    own_cluster.create_database(kind)
    engines = open_engines(own_cluster.url(kind))
    bench = open_bench(engines, kind)
    assert await bench.database.transact(insert(1)) == 1
    assert await bench.database.read(ids) == [1]
    own_cluster.stop("immediate")
    for _ in range(2):
        gathered = [bench.database.transact(insert(nth)) for nth in (2, 3)]
        for told in gathered:
            assert isinstance(await failure_of(told), Unavailable)
        assert isinstance(await failure_of(bench.database.read(ids)), Unavailable)
    own_cluster.start()
    assert await bench.database.transact(insert(4)) == 4
    assert await bench.database.read(ids) == [1, 4]


@in_reactor
async def test_connection_that_is_cut(postgresql_database: str, kind: str, open_bench: OpenBench) -> None:
    """``pg_terminate_backend`` in the middle of a transaction: Unavailable, nothing of it recorded, and on."""
    engines = open_engines(postgresql_database)
    bench = open_bench(engines, kind)

    def cut(connection: object) -> None:
        insert(1)(connection)  # type: ignore[arg-type]
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")  # type: ignore[attr-defined]

    for _ in range(3):
        assert isinstance(await failure_of(bench.database.transact(cut)), Unavailable)
        assert isinstance(await failure_of(bench.database.read(cut)), Unavailable)
        assert await bench.database.read(ids) == []
    assert await bench.database.transact(insert(1)) == 1


@pytest.mark.parametrize("loss", ["request", "answer"])
@in_reactor
async def test_commit_in_doubt(postgresql_database: str, kind: str, loss: Loss, open_bench: OpenBench) -> None:
    """The connection ends around a COMMIT: what is told is what took place, and nothing is done twice."""
    way = LossyWay(postgresql_database)
    engines = open_engines(way.url)
    bench = open_bench(engines, kind)
    runs: list[int] = []

    def count(connection: object) -> int:
        runs.append(1)
        return insert(len(runs))(connection)  # type: ignore[arg-type]

    way.lose(loss)
    told = bench.database.transact(count)
    if loss == "answer":
        assert await told == 1
    else:
        assert isinstance(await failure_of(told), Unavailable)
    assert (way.lost, len(runs)) == (1, 1)
    assert bench.written() == ([1] if loss == "answer" else [])
    assert await bench.database.transact(insert(9)) == 9
    way.close()

"""The one owner of transactions: begins them, groups them, commits them, and nobody else does."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from ..model.refusal import Unavailable
from .engine import Engines
from .workers import Workers

__all__ = ["Connection", "Database", "Job", "Unavailable"]

T = TypeVar("T")
A = TypeVar("A")
R = TypeVar("R")

Batch = Callable[[Connection, Sequence[Any]], Sequence[Any]]

FAULTS: Final = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
"""Of a statement, whatever the state of the database."""

CONFLICTS: Final = 3
"""With other daemons' transactions, after which a job is tried once more."""


@attrs.define(eq=False)
class Job:
    """One piece of writing: ``items`` for the batch function ``work``, or ``work`` alone."""

    work: Callable[..., Any]
    items: Sequence[Any] | None
    done: "Deferred[Any]"
    weight: int
    outcome: Any = None


class Database:
    """Runs plain functions of a connection in transactions.

    Jobs that come while a transaction is being committed share the next one, and one fsync
    (group commit). Should a shared transaction fail, it is rolled back and each of its jobs gets one
    of its own, so that only the faulty one fails; unless the database is away, which it is for all of
    them. Results come after the commit.
    """

    def __init__(self, engines: Engines, workers: "Workers[Job]", backlog: int = 10_000) -> None:
        self._engines = engines
        self._workers = workers
        self._backlog = backlog
        self._taking = False
        self._waiting = 0

    def start(self) -> None:
        """Take jobs from now on."""
        self._workers.start(self._write)
        self._taking = True

    def stop(self) -> None:
        """Take no more, finish what was taken, close the connections."""
        self._taking = False
        self._workers.stop()
        self._engines.dispose()

    def transact(self, work: Callable[[Connection], T]) -> "Deferred[T]":
        """Run ``work(connection)`` in a transaction; fires with what it returned, once committed.

        Fails with ``Unavailable`` when the database is away or full or too much waits, and with
        what ``work`` raised: either way nothing was recorded. (Only where PostgreSQL goes away in the
        middle of a commit, and for more than half a minute, nobody knows.)
        """
        return self._put(work, None, 1)

    def batch(
        self, work: Callable[[Connection, Sequence[A]], Sequence[R]], items: Sequence[A], weight: int = 1
    ) -> "Deferred[list[R]]":
        """Like ``transact`` for ``work(connection, items)``, which gives one result an item.

        Jobs of the same ``work`` that share a transaction are one call with all their items. ``weight``
        is what these count for in the backlog: about the time that they take, in rounds of one small job.
        """
        return self._put(work, items, weight)

    def read(self, work: Callable[[Connection], T], long: bool = False) -> "Deferred[T]":
        """Run ``work(connection)`` in a transaction of its own that only reads, beside the writer.

        What may take ``long``, which is seconds, is done beside all other reads too.
        """
        if not self._taking:
            return fail(Unavailable("stopped"))

        def look() -> T:
            try:
                with self._engines.reader.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                raise _told(error) from error

        return self._workers.read(look, long)

    def _put(self, work: Callable[..., Any], items: Sequence[Any] | None, weight: int) -> "Deferred[Any]":
        if not self._taking or self._waiting >= self._backlog:
            return fail(Unavailable("too much waits to be written" if self._taking else "stopped"))
        job = Job(work, items, Deferred(), weight)
        self._waiting += weight
        self._workers.put(job)
        return job.done

    def _write(self, jobs: list[Job]) -> Callable[[], None]:
        try:
            self._commit(jobs)
        except Exception as error:
            if _is_away(error):
                _fail(jobs, error)
            else:
                self._commit_each(jobs)

        def tell() -> None:
            for job in jobs:
                self._waiting -= job.weight
                job.done.callback(job.outcome)

        return tell

    def _commit_each(self, jobs: list[Job]) -> None:
        for position, job in enumerate(jobs):
            try:
                self._commit_alone(job)
            except Exception as error:
                if _is_away(error):
                    _fail(jobs[position:], error)
                    return
                _fail([job], error)

    def _commit_alone(self, job: Job) -> None:
        """Anew, where it met another daemon's shared transaction, which holds its rows in any order."""
        for _ in range(CONFLICTS):
            try:
                self._commit([job])
            except Exception as error:
                if not _is_conflict(error):
                    raise
            else:
                return
        self._commit([job])

    def _commit(self, jobs: list[Job]) -> None:
        ticket = None
        try:
            with self._engines.writer.begin() as connection:
                _run(connection, jobs)
                ticket = self._engines.ticket(connection)
        except DBAPIError:
            if ticket is None or not self._engines.committed(ticket):
                raise


def _run(connection: Connection, jobs: list[Job]) -> None:
    lots: dict[Batch, list[Job]] = {}
    for job in jobs:
        if job.items is None:
            job.outcome = job.work(connection)
        else:
            lots.setdefault(job.work, []).append(job)
    for work, lot in lots.items():
        outcomes = iter(work(connection, [item for job in lot for item in job.items or ()]))
        for job in lot:
            job.outcome = [next(outcomes) for _ in job.items or ()]


def _fail(jobs: list[Job], error: Exception) -> None:
    for job in jobs:
        job.outcome = Failure(_told(error))


def _told(error: Exception) -> Exception:
    """A fault of the statement stays what it is; all else that the database says is its being away."""
    if isinstance(error, DBAPIError) and not isinstance(error, FAULTS):
        return Unavailable(str(error.orig))
    return Unavailable(str(error)) if isinstance(error, TimeoutError) else error


def _is_away(error: Exception) -> bool:
    """Whether other jobs would fare no better."""
    return isinstance(_told(error), Unavailable) and not _is_conflict(error)


def _is_conflict(error: Exception) -> bool:
    """Whether it is class 40: a conflict with another daemon's transaction."""
    return isinstance(error, DBAPIError) and (getattr(error.orig, "sqlstate", None) or "").startswith("40")

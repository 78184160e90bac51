"""The one owner of transactions: begins them, groups them, commits them, and nobody else does."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from .engine import Engines
from .workers import Workers

__all__ = ["Connection", "Database", "Job", "Unavailable"]

T = TypeVar("T")
A = TypeVar("A")
R = TypeVar("R")

Batch = Callable[[Connection, Sequence[Any]], Sequence[Any]]


class Unavailable(Exception):
    """The database cannot take this now: nothing of it was recorded. Try again later."""


@attrs.define(eq=False)
class Job:
    """One piece of writing: ``items`` for the batch function ``work``, or ``work`` alone."""

    work: Callable[..., Any]
    items: Sequence[Any] | None
    done: "Deferred[Any]"
    outcome: Any = None


class Database:
    """Runs plain functions of a connection in transactions.

    Jobs that come while a transaction is being committed share the next one, and one fsync
    (group commit). Should a shared transaction fail, it is rolled back and each of its jobs gets one
    of its own, so that only the faulty one fails. Results come after the commit.
    """

    def __init__(self, engines: Engines, workers: "Workers[Job]", backlog: int = 10_000) -> None:
        self._engines = engines
        self._workers = workers
        self._backlog = backlog
        self._taking = False

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

        Fails with ``Unavailable`` when the database is away, full or ``backlog`` jobs wait, and with
        what ``work`` raised: either way nothing was recorded.
        """
        return self._put(work, None)

    def batch(self, work: Callable[[Connection, Sequence[A]], Sequence[R]], items: Sequence[A]) -> "Deferred[list[R]]":
        """Like ``transact`` for ``work(connection, items)``, which gives one result an item.

        Jobs of the same ``work`` that share a transaction are one call with all their items.
        """
        return self._put(work, items)

    def read(self, work: Callable[[Connection], T]) -> "Deferred[T]":
        """Run ``work(connection)`` in a transaction of its own that only reads, beside the writer."""
        if not self._taking:
            return fail(Unavailable("stopped"))

        def look() -> T:
            try:
                with self._engines.reader.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                raise _translated(error) from error

        return self._workers.read(look)

    def _put(self, work: Callable[..., Any], items: Sequence[Any] | None) -> "Deferred[Any]":
        if not self._taking or self._workers.waiting() >= self._backlog:
            return fail(Unavailable("too many jobs wait" if self._taking else "stopped"))
        job = Job(work, items, Deferred())
        self._workers.put(job)
        return job.done

    def _write(self, jobs: list[Job]) -> Callable[[], None]:
        try:
            self._commit(jobs)
        except Exception:
            for job in jobs:
                try:
                    self._commit([job])
                except DBAPIError as error:
                    job.outcome = Failure(_translated(error))
                except Exception:
                    job.outcome = Failure()

        def tell() -> None:
            for job in jobs:
                job.done.callback(job.outcome)

        return tell

    def _commit(self, jobs: list[Job]) -> None:
        with self._engines.writer.begin() as connection:
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


def _translated(error: DBAPIError) -> Exception:
    """A fault of the statement stays what it is; all else is the database being away."""
    return error if isinstance(error, IntegrityError) else Unavailable(str(error.orig))

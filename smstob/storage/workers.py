"""Where transactions run: in threads beside the reactor, or at once in the caller's own frame."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred, execute
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

T = TypeVar("T")


class Workers(Protocol[T]):
    """One writer, that is given jobs in order, and readers."""

    def start(self, write: Callable[[list[T]], Callable[[], None]]) -> None:
        """Begin. ``write`` gets jobs, at least one, and gives what to do in the reactor's thread after."""

    def put(self, job: T) -> None:
        """Give the writer a job."""

    def read(self, work: Callable[[], Any], long: bool) -> "Deferred[Any]":
        """Run ``work`` on a reader; one that takes ``long`` holds up only others of its kind."""

    def stop(self) -> None:
        """Finish what was given, then end."""


class ThreadWorkers(Generic[T]):
    """A writer thread that takes what has gathered meanwhile as one lot, and two pools of readers."""

    def __init__(self, reactor: Any, most: int, readers: int = 2) -> None:
        self._reactor = reactor
        self._most = most
        self._jobs: SimpleQueue[T | None] = SimpleQueue()
        self._pools = ThreadPool(0, readers, "readers"), ThreadPool(0, readers, "patient readers")
        self._thread: threading.Thread | None = None

    def start(self, write: Callable[[list[T]], Callable[[], None]]) -> None:
        """See ``Workers``."""
        for pool in self._pools:
            pool.start()
        self._thread = threading.Thread(target=self._run, args=(write,), name="writer", daemon=True)
        self._thread.start()

    def _run(self, write: Callable[[list[T]], Callable[[], None]]) -> None:
        ended = False
        while not ended:
            job = self._jobs.get()
            lot: list[T] = []
            while job is not None:
                lot.append(job)
                if len(lot) >= self._most:
                    break
                try:
                    job = self._jobs.get_nowait()
                except Empty:
                    break
            ended = job is None
            if lot:
                self._reactor.callFromThread(write(lot))

    def put(self, job: T) -> None:
        """See ``Workers``."""
        self._jobs.put(job)

    def read(self, work: Callable[[], Any], long: bool) -> "Deferred[Any]":
        """See ``Workers``."""
        return deferToThreadPool(self._reactor, self._pools[long], work)

    def stop(self) -> None:
        """See ``Workers``. Blocks until the last job is done."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            for pool in self._pools:
                pool.stop()
            self._thread = None


class InlineWorkers(Generic[T]):
    """Everything at once in the caller's thread: for the operator's command and for tests on a Clock."""

    def start(self, write: Callable[[list[T]], Callable[[], None]]) -> None:
        """See ``Workers``."""
        self._write = write

    def put(self, job: T) -> None:
        """See ``Workers``."""
        self._write([job])()

    def read(self, work: Callable[[], Any], long: bool) -> "Deferred[Any]":
        """See ``Workers``."""
        return execute(work)

    def stop(self) -> None:
        """See ``Workers``."""

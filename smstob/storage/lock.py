"""One daemon at a time on one SQLite file. PostgreSQL needs no such thing: there the work is shared."""

import fcntl
import os
from pathlib import Path

from sqlalchemy.engine import make_url


class AlreadyRunning(Exception):
    """Another daemon holds the file."""


class DaemonLock:
    """Held by an open file, so that the kernel releases it however the process ends."""

    def __init__(self, url: str) -> None:
        database = make_url(url)
        is_file = database.get_backend_name() == "sqlite" and database.database
        # of the file itself: another spelling of its path, or a link, is the same database
        self.path = Path(f"{os.path.realpath(database.database or '')}.lock") if is_file else None
        self._descriptor: int | None = None

    @property
    def alone(self) -> bool:
        """Whether no other daemon can be at work on this database."""
        return self.path is not None

    def acquire(self) -> None:
        """Take it; makes the database's directory. Raises ``AlreadyRunning``."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(str(self.path)) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

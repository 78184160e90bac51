"""Tests that measure time have the machine to themselves, as far as the processes go that share one run (``-n``).

Whoever runs any other test keeps a lock that many may keep; a test marked ``alone`` has the lock that nobody shares.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Turns:
    """The locks of one run, in a directory that its processes share."""

    def __init__(self, directory: Path) -> None:
        # who waits to be alone keeps the door, or others would go on taking the room before it
        self._door, self._room = (
            os.open(directory / name, os.O_CREAT | os.O_RDWR, 0o600) for name in ("door.lock", "room.lock")
        )

    @contextmanager
    def turn(self, alone: bool) -> Iterator[None]:
        """Wait for it, and have it while the block lasts; the end of a process ends its own."""
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


def turns_of(config: pytest.Config) -> Turns | None:
    """Those of this run; None where one process runs it all."""
    if not hasattr(config, "workerinput"):
        return None
    # pytest-xdist gives each process a folder of its own in the folder of the run
    return Turns(Path(config.getoption("basetemp")).parent)

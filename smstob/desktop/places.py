"""Where a program of this system keeps what is its user's."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Final

NAME: Final = "SMStoB"

OWNER_ONLY: Final = 0o700
OWNER_WRITES: Final = 0o600

LOCK: Final = "smstob.lock"


def folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """The folder for settings, book and outbox; ``platform`` as in ``sys.platform``. It may not be there yet."""
    if platform == "win32":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming") / NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME
    named = environment.get("XDG_DATA_HOME", "")
    return (Path(named) if named.startswith("/") else home / ".local" / "share") / NAME.lower()


def make(place: Path) -> None:
    """Make that folder, for its user alone. Raises OSError."""
    place.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    # a disk without permissions (a memory stick, a share) has nothing to set
    with suppress(PermissionError, NotImplementedError):
        place.chmod(OWNER_ONLY)


def write(path: Path, content: bytes) -> None:
    """Replace a file at once, whole or not at all, for its user alone. Raises OSError."""
    # a name that nothing has: beside an export may be anything of the user's
    opened, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    half = Path(name)
    try:
        with open(opened, "wb") as file:
            file.write(content)
            file.flush()
            # else a power cut may leave the new name with nothing in it
            os.fsync(file.fileno())
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


class AlreadyOpen(Exception):
    """Another program of this user has the folder open."""


class Lock:
    """Holds a folder until ``release``, or until the process ends, however it does. Raises AlreadyOpen, OSError."""

    def __init__(self, place: Path) -> None:
        make(place)
        path = place / LOCK
        path.touch(mode=OWNER_WRITES, exist_ok=True)
        file = path.open("r+b")
        try:
            taken = _take(file)
        except OSError:
            # a share that knows no locks: better without one than no program
            taken = True
        if not taken:
            file.close()
            raise AlreadyOpen(str(place))
        self._file = file

    def release(self) -> None:
        """Let others have it; a second time changes nothing."""
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

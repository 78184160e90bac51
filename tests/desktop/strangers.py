"""What a process may not do: tests run as root, to whom nothing is forbidden, do it as nobody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

NOBODY: Final = 65_534

_ROOT: Final = Path(__file__).parent.parent.parent


def as_nobody(code: str, *arguments: str, limit: int | None = None) -> str:
    """What such a program prints; its errors fail the test. ``limit`` is how many octets it may write into a file."""
    bounded = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" if limit else ""
    # once it has loaded what root may read only
    setting = f"import os, sys; sys.path.insert(0, {str(_ROOT)!r})\n"
    dropped = f"if not os.getuid(): os.setgid({NOBODY}); os.setuid({NOBODY})\n"
    imports, _, work = code.partition("\n\n")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([setting, imports, bounded, dropped, work]), *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def folder_of_nobody() -> Iterator[Path]:
    """A folder that is theirs, beside those of the tests, which are root's."""
    place = Path(mkdtemp(prefix="smstob-nobody"))
    try:
        if not os.getuid():
            os.chown(place, NOBODY, NOBODY)
        yield place
    finally:
        rmtree(place)

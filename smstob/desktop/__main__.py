"""Where the program begins: ``python -m smstob.desktop``, or ``smstob.pyz``."""

import os
import sys
import time
from pathlib import Path

from . import places
from .database import Broken
from .program import Program
from .windows import failure, main_window


def main() -> None:
    """Open the window; end when it is closed."""
    place = places.folder(sys.platform, os.environ, Path.home())
    try:
        program = Program.open(place, sys.platform, time.time)
    except (OSError, Broken, places.AlreadyOpen) as error:
        failure.show(place, error)
        raise SystemExit(1) from error
    try:
        main_window.run(program)
    except failure.NoScreen as error:
        failure.show(place, error)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()

"""A process of the program without windows, for tests to kill: ``python -m tests.desktop.carrier PLACE WORK …``.

``carry PORT`` sends what is in the outbox, and tells when it ails; ``send PORT`` puts sendings into it meanwhile,
without end; ``draft`` keeps ever longer drafts; ``open`` opens the program. Each prints a line for what is on disk.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path
from typing import Final

from smstob.desktop import database, delivery, places, postman
from smstob.desktop.outbox import Draft, Outbox
from smstob.desktop.postman import Postman
from smstob.desktop.program import Program
from tests.desktop.office import bag_for, put

HELD: Final = "held"
REFUSED: Final = "already open"


def carry(place: Path, port: int) -> Postman:
    """Send, in a thread."""
    made = Postman(place, delivery.session, time.time)
    made.start()
    made.carry(bag_for(port))
    return made


def main(place: Path, work: str, *arguments: str) -> None:
    """Do that until it is killed."""
    outbox = Outbox(database.connect(place))
    if work == "carry":
        postman.DATABASE_AGAIN = 0.1  # type: ignore[misc]
        carrier, told = carry(place, int(arguments[0])), ""
        while carrier.is_alive():
            if carrier.ailing != told and (told := carrier.ailing):
                say(f"ailing {told}")
            time.sleep(0.01)
    elif work == "send":
        carrier = carry(place, int(arguments[0]))
        for serial in count():
            put(outbox, *(f"{serial} {index}" for index in range(3)), now=int(time.time()), serial=str(os.getpid()))
            carrier.wake()
            say(str(serial))
    elif work == "draft":
        for length in count():
            outbox.keep_draft(Draft("0612345678", "x" * length))
            say(str(length))
    else:
        try:
            program = Program.open(place, "none", time.time)
        except places.AlreadyOpen:
            say(REFUSED)
            return
        say(HELD)
        sys.stdin.read()
        program.stop()


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

"""What a file of contacts holds, read in a process of its own (``reading_process``).

So the daemon's other work never waits for the file, whatever is in it. What comes back stays as it comes, and is
taken a slice at a time: a hundred thousand contacts as objects would hold everything up whenever memory is tidied.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from ..model.contact import Recipient
from ..model.contact_import import LineFault, Plan, PreviewRow, Unreadable
from . import lines
from .sheet import MOST_BYTES, too_big
from .workbook import BROKEN, is_workbook

MOST_SECONDS: Final = 60.0
_PROGRAM: Final = f"{__package__}.reading_process"
_ROOT: Final = Path(__file__).parents[2]


@attrs.frozen(kw_only=True)
class Extract:
    """What a file holds."""

    plan: Plan
    """With all that was recognised."""
    sheets: tuple[str, ...]
    """Names of a workbook's."""
    titles: tuple[str, ...]
    """One for each column, empty where there is none."""
    rows: tuple[PreviewRow, ...]
    """The first ones."""
    good: int
    """Rows that are contacts."""
    repaired: int
    """Those of them whose number was mended."""
    repeated: int
    """Those of them that a later row takes the place of."""
    faults: tuple[LineFault, ...] = attrs.field(repr=False)
    """Rows that are none: the first ones."""
    faulty: int
    """How many there are."""
    contacts: tuple[bytes, ...] = attrs.field(repr=False)
    """Each number once, as lines."""

    @property
    def fields(self) -> tuple[str, ...]:
        """What the file says of a contact besides the number."""
        return tuple(name for name in ("name", "v1", "v2", "v3") if getattr(self.plan.columns, name) is not None)

    def recipients(self, start: int, stop: int) -> list[Recipient]:
        """Some of the contacts."""
        return [lines.recipient_of(json.loads(line)) for line in self.contacts[start:stop]]

    def numbers(self) -> Iterator[str]:
        """Every contact's number."""
        return (json.loads(line)[0] for line in self.contacts)


def extract(content: bytes, plan: Plan, prices: Mapping[str, int], faults: int) -> Extract:
    """What ``content`` holds, read as ``plan`` says, with the first ``faults``; ``prices`` by country, if open.

    Raises ``Unreadable``. Takes seconds for a big file: in a thread, which is idle meanwhile.
    """
    if len(content) > MOST_BYTES:
        raise too_big()
    asked = {"plan": lines.plan(plan), "prices": dict(prices), "faults": faults}
    told = _run(json.dumps(asked).encode() + b"\n" + content)
    if told is None:
        raise Unreadable(BROKEN if is_workbook(content) else "ce fichier n'est pas lisible")
    head = json.loads(told[0])
    if "unreadable" in head:
        raise Unreadable(head["unreadable"])
    return Extract(
        plan=lines.plan_of(head["plan"]),
        sheets=tuple(head["sheets"]),
        titles=tuple(head["titles"]),
        rows=tuple(map(lines.row_of, head["rows"])),
        good=head["good"],
        repaired=head["repaired"],
        repeated=head["repeated"],
        faults=tuple(LineFault(*fault) for fault in head["faults"]),
        faulty=head["faulty"],
        contacts=tuple(told[1:]),
    )


def _run(given: bytes) -> list[bytes] | None:
    """What the process says, line by line; None where it came to no end of its own."""
    command = [sys.executable, "-m", _PROGRAM]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=_ROOT,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.splitlines() if done.returncode == 0 and done.stdout else None

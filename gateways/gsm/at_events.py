"""What a dialogue with a modem tells its owner."""

import attrs

from . import at_lines
from .at_lines import Result


@attrs.frozen
class Answered:
    """A command came to its end. ``lines`` are those of its answer.

    A command with a PDU that was given a reference is OK, whatever is said of it afterwards; OK without lines means
    that it was sent and that its reference was lost.
    """

    command: str
    lines: tuple[str, ...]
    result: Result


@attrs.frozen
class TimedOut:
    """No answer. If it had a PDU, the modem was not given it: nothing was sent."""

    command: str


@attrs.frozen
class Unknown:
    """No answer after the PDU: it was sent, or it was not. ``Late`` may tell."""

    command: str


@attrs.frozen
class Late:
    """What came after ``Unknown`` and can only be its answer: the line with the reference, or a +CMS ERROR."""

    command: str
    line: str


@attrs.frozen
class Unsolicited:
    """What the modem says by itself."""

    line: str
    body: str = ""
    """The PDU of a +CMT, +CDS or +CBM, hexadecimal; empty where it was lost. It is a message: not for the log."""

    @property
    def is_restart(self) -> bool:
        """Whether the modem lost all that it was told, an unfinished command included."""
        return at_lines.is_restart(self.line)


@attrs.frozen
class Ready:
    """The modem listens: commands may be sent."""


@attrs.frozen
class Silent:
    """The modem does not say that it listens. Nothing may be sent before another ``synchronise``."""


@attrs.frozen
class Noise:
    """A line that means nothing here, for the log: its beginning only, since it may be a message."""

    head: str
    length: int
    """In bytes; of a line that is too long, those that were looked at."""


Event = Answered | TimedOut | Unknown | Late | Unsolicited | Ready | Silent | Noise

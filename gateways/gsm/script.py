"""What is done with a modem, written one step after the other: a generator that asks and is given the answers."""

from collections.abc import Generator, Sequence
from typing import Final, TypeVar

import attrs

from .at_events import Answered, TimedOut, Unknown
from .at_lines import Kind

T = TypeVar("T")

QUERY: Final = 5.0
"""Seconds that a modem has for an answer which it knows by itself."""


@attrs.frozen
class Ask:
    """A command to be answered; its words may be secret."""

    command: str = attrs.field(repr=False)
    timeout: float = QUERY
    """Seconds from the last that is written."""
    payload: str = attrs.field(default="", repr=False)
    names: tuple[str, ...] = ()


@attrs.frozen
class Rest:
    """So many seconds in which nothing is asked."""

    seconds: float


@attrs.frozen
class AskPin:
    """The SIM card's code, which the owner knows; ``Locked`` is thrown where it must not be given."""

    card: str
    """Its ICCID, or empty."""
    imei: str
    tries: int | None
    """How many false codes block it; None where the modem does not tell."""


@attrs.frozen
class Named:
    """It is known which modem it is."""

    imei: str


@attrs.frozen
class CardOpen:
    """The owner is told that the SIM card wants no code, or not any more."""

    card: str
    imei: str


@attrs.frozen(eq=False)
class Locked(Exception):
    """Only a person can help: a card that is missing, blocked, or wants a code that there is not."""

    reason: str
    """In French."""


@attrs.frozen(eq=False)
class Restarted(Exception):
    """The modem started anew without a word, or another program or another card was there."""


@attrs.frozen(eq=False)
class Ill(Exception):
    """The modem does not do what it must; it is brought back, step by step."""

    reason: str
    """In French."""


Step = Ask | Rest | AskPin | Named | CardOpen
Given = Answered | TimedOut | Unknown | str | None
"""What a step is given: the command's end; for ``AskPin`` the code."""
Script = Generator[Step, Given, T]


def ask(command: str, timeout: float = QUERY, names: tuple[str, ...] = ()) -> Script[Answered | None]:
    """The answer, whatever it is; None where none came in time."""
    given = yield Ask(command, timeout, names=names)
    return given if isinstance(given, Answered) else None


def lines(command: str, timeout: float = QUERY, names: tuple[str, ...] = ()) -> Script[Sequence[str]]:
    """The lines of a good answer; none where it was an error, or none came."""
    answer = yield from ask(command, timeout, names)
    return answer.lines if answer is not None and answer.result.kind is Kind.OK else ()


def succeeds(command: str, timeout: float = QUERY) -> Script[bool]:
    """Whether the modem did it."""
    answer = yield from ask(command, timeout)
    return answer is not None and answer.result.kind is Kind.OK

"""What notices tell that may be told together: acknowledgements and outcomes, as their accounts want them."""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from ..model.account import Confirmations
from ..model.notice import MONEY, PRIVATE, Acknowledgement, Failure, Kind, Letter, Outcome
from ..storage import sections
from ..storage.database import Connection
from ..storage.notices import Owed

UNSAID: Final = "Le réseau n'a pas dit pourquoi."

Section = Acknowledgement | Outcome


@attrs.frozen
class Ready:
    """A notice with what it tells; None where there is nothing to tell any more."""

    owed: Owed
    section: Section | None


@attrs.frozen
class Sorted:
    """Notices that were claimed, by what is to be done."""

    ready: list[Ready] = attrs.field(factory=list)
    unended: list[Owed] = attrs.field(factory=list)
    """Their submissions have not ended."""
    private: list[Owed] = attrs.field(factory=list)
    money: list[Owed] = attrs.field(factory=list)


def look_at(connection: Connection, claimed: Iterable[Owed]) -> Sorted:
    """Sort notices, and read what those tell that are told by their accounts' options."""
    found = Sorted()
    for one in claimed:
        if one.kind in PRIVATE:
            found.private.append(one)
        elif one.kind in MONEY:
            found.money.append(one)
        else:
            _look_at_one(connection, one, found)
    return found


def _look_at_one(connection: Connection, one: Owed, found: Sorted) -> None:
    wanted = sections.confirmations_of(connection, one.account)
    section: Section | None
    if one.kind is Kind.ACCEPTED:
        section = sections.acknowledgement(connection, one)
    else:
        assert one.submission is not None
        section = sections.outcome(connection, one.submission)
        if section is None:
            found.unended.append(one)
            return
        section = _worth_telling(section, wanted)
    found.ready.append(Ready(one, None if wanted is Confirmations.NONE else section))


def _worth_telling(outcome: Outcome, wanted: Confirmations) -> Outcome | None:
    if not outcome.failed and not outcome.unknown and (wanted is Confirmations.ERRORS or not outcome.delivered):
        return None
    failures = tuple(Failure(one.number, one.reason or UNSAID) for one in outcome.failures)
    return attrs.evolve(outcome, failures=failures)


def by_recipient(ready: Iterable[Ready]) -> Iterable[tuple[str, list[Ready]]]:
    """Those that tell something, by whom."""
    found: dict[str, list[Ready]] = {}
    for one in ready:
        if one.section is not None:
            found.setdefault(one.owed.recipient, []).append(one)
    return found.items()


def letter(recipient: str, ready: Sequence[Ready], now: int) -> Letter:
    """The letter that tells one, in its mail's thread, or several together."""
    return Letter(
        id=ready[0].owed.id,
        recipient=recipient,
        thread=ready[0].owed.thread if len(ready) == 1 else None,
        at=now,
        sections=tuple(one.section for one in ready if one.section is not None),
    )

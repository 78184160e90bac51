"""What SIM cards sent, and which of them were given a PIN that they have not accepted."""

import re
from collections.abc import Sequence
from typing import Final

import attrs
from sqlalchemy import Connection, delete, insert, select, update

from ..model.message import Segment, State
from ..model.modem import SimUse, SimUses
from . import bulk
from .sim_schema import sim_pin, sim_use

KEPT: Final = 32 * 86_400
"""Seconds for which a use is kept: the longest window of a limit is 31 days."""

TELLING: Final = 8
"""Last digits of a number by which its uses are found."""

MOST: Final = 100
"""Uses of a number that are told, the newest."""

_NOT_DIGITS: Final = re.compile("[^0-9]")


def used(connection: Connection, sim: str, since: int) -> SimUses:
    """See ``ISims``."""
    of_minutes = "SELECT at / 60, count(*) FROM sim_use WHERE sim = ? AND at >= ? GROUP BY at / 60 ORDER BY at / 60"
    of_numbers = "SELECT number, max(at) FROM sim_use WHERE sim = ? AND at >= ? GROUP BY number"
    numbers = dict(map(tuple, bulk.query(connection, of_numbers, sim, since)))
    return SimUses(
        minutes=dict(map(tuple, bulk.query(connection, of_minutes, sim, since))),
        numbers=numbers,
        last=max(numbers.values(), default=0),
    )


def use(connection: Connection, sim: str, segment: Segment, at: int, again: int | None) -> int:
    """See ``ISims``."""
    made = insert(sim_use).values(
        sim=sim,
        number=segment.number,
        digits=_NOT_DIGITS.sub("", segment.number)[-TELLING:],
        at=at,
        message_id=segment.message,
        part=segment.part,
        again=again,
    )
    id_: int = connection.execute(made.returning(sim_use.c.id)).scalar_one()
    return id_


def refused(connection: Connection, use: int) -> None:
    """See ``ISims``."""
    connection.execute(update(sim_use).where(sim_use.c.id == use).values(message_id=None))


def release(connection: Connection, messages: Sequence[int]) -> None:
    """What was sent of those messages says nothing of them any more: all their parts are sent anew."""
    statement = "UPDATE sim_use SET message_id = NULL WHERE message_id {among} RETURNING id"
    bulk.select(connection, statement, messages, sim_use.c.message_id)


@attrs.frozen
class PartUse:
    """The newest use of a message's part, where nothing that it came to is noted yet."""

    id: int
    part: int
    at: int
    again: int | None
    """Seconds; None is never."""
    is_taken: bool
    """Whether the network is known to have taken it."""


def part_uses(connection: Connection, messages: Sequence[int]) -> dict[int, list[PartUse]]:
    """What is known of the parts of those messages that cards were given, by message; the others are left out.

    So are parts of which ``segment`` says that they go out no more, or are doubtful by that very use: whoever claimed
    the message since has not given them to a card.
    """
    statement = (
        "SELECT sim_use.message_id, sim_use.part, sim_use.id, sim_use.at, sim_use.again, sim_use.reference, "
        "segment.state, segment.again, segment.reference "
        "FROM sim_use LEFT JOIN segment ON segment.message_id = sim_use.message_id AND segment.part = sim_use.part "
        "WHERE sim_use.message_id {among} ORDER BY sim_use.id"
    )
    rows = bulk.select(connection, statement, messages, sim_use.c.message_id)
    found: dict[int, list[PartUse]] = {}
    for row in {(row[0], row[1]): row for row in rows}.values():
        message, part, use, at, again, reference, state, goes_again, noted = row
        if state is None or (state == State.UNKNOWN and goes_again and noted != str(use)):
            found.setdefault(message, []).append(PartUse(use, part, at, again, reference is not None))
    return found


def took(connection: Connection, use: int, reference: int) -> None:
    """See ``ISims``."""
    connection.execute(update(sim_use).where(sim_use.c.id == use).values(reference=reference))


def uses(connection: Connection, sim: str, digits: str, since: int) -> list[SimUse]:
    """See ``ISims``."""
    wanted = (
        select(sim_use.c.id, sim_use.c.at, sim_use.c.reference)
        .where(sim_use.c.sim == sim, sim_use.c.at >= since, sim_use.c.number.endswith(digits, autoescape=True))
        .order_by(sim_use.c.at.desc(), sim_use.c.id.desc())
        .limit(MOST)
    )
    if len(digits) >= TELLING:
        # what the index has
        wanted = wanted.where(sim_use.c.digits == digits[-TELLING:])
    return [SimUse(row.id, row.at, row.reference) for row in connection.execute(wanted)]


def prune(connection: Connection, now: int) -> int:
    """Drop uses that no window of a limit reaches any more; gives how many."""
    return connection.execute(delete(sim_use).where(sim_use.c.at < now - KEPT)).rowcount


def given_pin(connection: Connection, card: str) -> str | None:
    """See ``ISims``."""
    return connection.execute(select(sim_pin.c.digest).where(sim_pin.c.card == card)).scalar_one_or_none()


def give_pin(connection: Connection, card: str, digest: str) -> None:
    """See ``ISims``."""
    again = "ON CONFLICT (card) DO UPDATE SET digest = excluded.digest"
    bulk.insert(connection, sim_pin, ("card", "digest"), [(card, digest)], again)


def forget_pin(connection: Connection, card: str) -> bool:
    """See ``ISims.accepted_pin``; gives whether there was one."""
    return connection.execute(delete(sim_pin).where(sim_pin.c.card == card)).rowcount > 0

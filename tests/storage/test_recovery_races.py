"""Recovery beside another daemon's, and of messages of which cards were given something long ago."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from sqlalchemy import Connection, select

from smstob.flow.recovery import recover
from smstob.model.message import Segment, State
from smstob.model.segment import Coding
from smstob.storage import queue, settlement, sims
from smstob.storage.engine import Engines
from smstob.storage.schema import message, segment

from .scenes import GATEWAY, NOW, NUMBER, claim, open_account, parts_of, row, send, settled


def use(connection: Connection, id_: int, part: int = 1, at: int = NOW, again: int | None = None) -> str:
    """A card is given a part: the reference of its use."""
    given = Segment(
        message=id_, part=part, total=3, number=NUMBER, text="x", coding=Coding.GSM7, flash=False, validity=9
    )
    return str(sims.use(connection, "208", given, at, again))


def doubted(connection: Connection, id_: int, reference: str, gateway: str = GATEWAY) -> None:
    """The daemon settles its only part: in doubt, to go again a minute later."""
    told = settled(id_, State.QUEUED, due=NOW + 60, repeated=1, gateway=gateway)
    assert settlement.settle(connection, [attrs.evolve(told, doubtful=((1, reference, True),))]) == [True]


def test_two_at_once(postgresql_engines: Engines) -> None:
    """While one recovers, another leaves it all; where the first fails the second has it whole next time."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        account = open_account(connection)
        used, unused = send(connection, account, "a"), send(connection, account, "b")
        claim(connection)
        use(connection, used)
    with writer.connect() as first, writer.begin() as second:
        assert recover(first, NOW + 60, alone=False) == 2
        assert recover(second, NOW + 60, alone=False) == 0
        first.rollback()
    with writer.begin() as connection:
        assert [row(connection, one).lease for one in (used, unused)] == ["daemon"] * 2
        assert recover(connection, NOW + 60, alone=False) == 2
        assert [row(connection, one).state for one in (used, unused)] == ["unknown", "queued"]
        assert [told.id for told in claim(connection, NOW + 60)] == [unused]


@pytest.mark.parametrize("commits", [True, False])
def test_what_the_holder_settles_meanwhile(postgresql_engines: Engines, commits: bool) -> None:
    """A daemon that lives after all settles one as another recovers: that one is left to it, and not queued anew."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        account = open_account(connection)
        id_, other = send(connection, account, "a"), send(connection, account, "b")
        claim(connection)
        reference = use(connection, id_)
    with writer.connect() as first, writer.begin() as second:
        settlement.settle(first, [settled(id_, parts=[reference])])
        assert recover(second, NOW + 60, alone=False) == 1
        first.commit() if commits else first.rollback()
    with writer.begin() as connection:
        assert (row(connection, other).lease, row(connection, other).repeats) == (None, 1)
        kept = row(connection, id_)
        assert (kept.state, kept.lease) == (("handed", None) if commits else ("queued", "daemon"))
        recover(connection, NOW + 60, alone=False)
        assert row(connection, id_).state == ("handed" if commits else "unknown")


def test_many_recover_many(postgresql_engines: Engines) -> None:
    """Four daemons, each again and again: none waits for another crosswise, and each message is settled once."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection, 1000)
        ids = [send(connection, account, f"{nth}") for nth in range(120)]
        claim(connection, count_=1000)
        used = [id_ for id_ in ids if id_ % 2]
        for id_ in used:
            use(connection, id_)

    def work(_: int) -> int:
        with postgresql_engines.writer.begin() as connection:
            return recover(connection, NOW + 60, alone=False)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(40))) == 120
    with postgresql_engines.writer.begin() as connection:
        states = dict(map(tuple, connection.execute(select(message.c.id, message.c.state))))
        assert {id_ for id_, state in states.items() if state == "unknown"} == set(used)
        assert {row(connection, id_).repeats for id_ in ids if id_ not in used} == {1}


def test_doubt_that_was_settled_before(connection: Connection) -> None:
    """Claimed to go again, and killed before it did: what was noted of it stays as it is, and it goes again at once."""
    id_ = send(connection, open_account(connection))
    claim(connection)
    reference = use(connection, id_, again=60)
    doubted(connection, id_, reference)
    (told,) = claim(connection, NOW + 60)
    assert told.doubtful == {1}
    before = connection.execute(select(segment)).one()
    assert recover(connection, NOW + 70, alone=True) == 1
    assert connection.execute(select(segment)).one() == before
    kept = row(connection, id_)
    assert (kept.state, kept.lease, kept.due, kept.attempts) == ("queued", None, NOW + 70, 1)
    second = use(connection, claim(connection, NOW + 70)[0].id, at=NOW + 71, again=60)
    recover(connection, NOW + 80, alone=True)
    assert parts_of(connection, id_) == {1: (second, "unknown")}


def test_at_another_gateway_since(connection: Connection) -> None:
    """Doubtful at a card, and given to an operator later: the killed daemon's card says nothing of the operator."""
    id_ = send(connection, open_account(connection))
    claim(connection)
    reference = use(connection, id_, again=60)
    doubted(connection, id_, reference)
    queue.move(connection, {id_: "smpp"})
    assert [one.id for one in queue.claim(connection, "smpp", "daemon", NOW + 60, NOW + 120, 9)] == [id_]
    assert recover(connection, NOW + 70, alone=True) == 1
    (noted,) = connection.execute(select(segment.c.gateway, segment.c.reference, segment.c.state))
    assert tuple(noted) == (GATEWAY, reference, "unknown")
    kept = row(connection, id_)
    assert (kept.state, kept.gateway, kept.due, kept.repeats) == ("queued", "smpp", NOW + 70, 2)


def test_left_part_and_a_new_one(connection: Connection) -> None:
    """A part that is left for good stays so while the next one is in use: the third alone goes again, no repeat."""
    id_ = send(connection, open_account(connection), segments=3)
    claim(connection)
    first = use(connection, id_)
    told = settled(id_, State.QUEUED, due=NOW + 1)
    settlement.settle(connection, [attrs.evolve(told, doubtful=((1, first, False),))])
    claim(connection, NOW + 1)
    second = use(connection, id_, 2)
    recover(connection, NOW + 70, alone=True)
    assert parts_of(connection, id_) == {1: (first, "unknown"), 2: (second, "unknown")}
    (again,) = claim(connection, NOW + 3600)
    assert (again.left, again.doubtful, again.repeats) == (frozenset({1, 2}), frozenset(), 0)

"""What every ISims promises: what SIM cards sent is kept and found again, in the order in which it was told."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from twisted.internet.defer import Deferred, gatherResults
from zope.interface.verify import verifyObject

from smstob.flow.sims import Sims
from smstob.model.modem import SimUse, SimUses
from smstob.sim_interfaces import ISims
from smstob.storage import migrate
from smstob.storage.database import Database, Job, Unavailable
from smstob.storage.engine import open_engines
from smstob.storage.workers import InlineWorkers, ThreadWorkers
from tests.postgresql import Cluster
from tests.sims import KeptSims, segment_to

from .reactor import in_reactor

NOW: Final = 1_800_000_000
NUMBER: Final = "+33612345678"
_CARDS: Final = count(208_010_000_000_000)


@pytest.fixture(scope="module")
def sims_database(postgresql_cluster: Cluster) -> str:
    """A migrated PostgreSQL database that the tests of this file share: each has cards of its own."""
    postgresql_cluster.create_database("sims")
    engines = open_engines(postgresql_cluster.url("sims"))
    migrate.upgrade(engines.writer)
    engines.dispose()
    return postgresql_cluster.url("sims")


@pytest.fixture(params=["kept", "sqlite", "postgresql"])
def sims(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ISims]:
    """Each implementation, the real one as a daemon runs it."""
    from twisted.internet import reactor

    if request.param == "kept":
        yield KeptSims()
        return
    url = f"sqlite:///{tmp_path / 'sims.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("sims_database")
    engines = open_engines(url)
    migrate.upgrade(engines.writer)
    workers: ThreadWorkers[Job] = ThreadWorkers(reactor, 100)
    database = Database(engines, workers)
    database.start()
    yield Sims(database)
    database.stop()


@pytest.fixture
def sim() -> str:
    """A card of this test's own."""
    return str(next(_CARDS))


def test_interface(sims: ISims) -> None:
    """It has all that the interface names."""
    assert verifyObject(ISims, sims)


@in_reactor
async def test_nothing_yet(sims: ISims, sim: str) -> None:
    """A card that was never seen has sent nothing, and was given no PIN."""
    assert await sims.used(sim, 0) == SimUses()
    assert await sims.uses(sim, "12345678", 0) == []
    assert await sims.given_pin(sim) is None
    await sims.accepted_pin(sim)
    await sims.took(2**40, 7)
    await sims.refused(2**40)


@in_reactor
async def test_what_a_card_used(sims: ISims, sim: str) -> None:
    """Segments by minute, numbers with their last time, and the last of all: this card's, from then on."""
    other = f"{sim}9"
    minute = NOW // 60
    for number, at, card in (
        (NUMBER, NOW - 100, sim),
        (NUMBER, NOW, sim),
        ("+33698765432", NOW + 1, sim),
        (NUMBER, NOW + 59, sim),
        ("+33698765432", NOW - 7200, sim),
        ("+33600000000", NOW + 500, other),
    ):
        await sims.use(card, segment_to(number), at, None)
    used = await sims.used(sim, NOW - 100)
    assert dict(used.minutes) == {(NOW - 100) // 60: 1, minute: 3}
    assert dict(used.numbers) == {NUMBER: NOW + 59, "+33698765432": NOW + 1}
    assert used.last == NOW + 59
    assert dict((await sims.used(sim, NOW + 2)).numbers) == {NUMBER: NOW + 59}
    assert await sims.used(sim, NOW + 60) == SimUses()
    assert (await sims.used(other, 0)).last == NOW + 500


@in_reactor
async def test_ids_and_references(sims: ISims, sim: str) -> None:
    """Every use has an id of its own, and is found by its number's end: newest first, with the reference it got."""
    first = await sims.use(sim, segment_to(NUMBER), NOW, None)
    second = await sims.use(sim, segment_to(NUMBER), NOW + 9, None)
    third = await sims.use(sim, segment_to(NUMBER), NOW + 9, None)
    other = await sims.use(sim, segment_to("+33698765432"), NOW + 10, None)
    foreign = await sims.use(f"{sim}9", segment_to(NUMBER), NOW + 11, None)
    assert len({first, second, third, other, foreign}) == 5
    await sims.took(first, 255)
    await sims.took(third, 0)
    found = await sims.uses(sim, "12345678", NOW)
    assert found == [SimUse(third, NOW + 9, 0), SimUse(second, NOW + 9, None), SimUse(first, NOW, 255)]
    assert [one.id for one in await sims.uses(sim, "12345678", NOW + 1)] == [third, second]
    await sims.took(first, 3)
    assert (await sims.uses(sim, "12345678", NOW))[-1].reference == 3


@in_reactor
async def test_refused(sims: ISims, sim: str) -> None:
    """What did not leave counts all the same, and is found as before."""
    first = await sims.use(sim, segment_to(NUMBER), NOW, 600)
    second = await sims.use(sim, segment_to(NUMBER), NOW + 1, None)
    for _ in range(2):
        await sims.refused(first)
    assert [one.id for one in await sims.uses(sim, "12345678", 0)] == [second, first]
    assert (await sims.used(sim, NOW)).minutes == {NOW // 60: 2}


ENDS: Final = [
    ("12345678", True),
    ("5678", True),
    ("8", True),
    ("612345678", True),
    ("33612345678", True),
    ("02345678", False),
    ("1234567", False),
    ("0612345678", False),
    ("%", False),
    ("_2345678", False),
    ("' OR ''='", False),
]


@pytest.mark.parametrize(("digits", "fits"), ENDS)
@in_reactor
async def test_numbers_that_end_so(sims: ISims, sim: str, digits: str, fits: bool) -> None:
    """Whole digits from the end, however many are asked for, and nothing else."""
    id_ = await sims.use(sim, segment_to(NUMBER), NOW, None)
    await sims.use(sim, segment_to("+33600000000"), NOW, None)
    assert await sims.uses(sim, digits, 0) == ([SimUse(id_, NOW, None)] if fits else [])


@in_reactor
async def test_the_newest_hundred(sims: ISims, sim: str) -> None:
    """Of many uses for one number the oldest are not told."""
    ids = await gatherResults([sims.use(sim, segment_to(NUMBER), NOW + nth, None) for nth in range(120)])
    assert [one.id for one in await sims.uses(sim, "12345678", 0)] == list(reversed(ids))[:100]


@in_reactor
async def test_pins(sims: ISims, sim: str) -> None:
    """Kept until the card accepts one; a second replaces the first; other cards have their own."""
    await sims.give_pin(sim, "un")
    await sims.give_pin(f"{sim}9", "autre")
    assert await sims.given_pin(sim) == "un"
    await sims.give_pin(sim, "deux")
    assert await sims.given_pin(sim) == "deux"
    await sims.accepted_pin(sim)
    assert (await sims.given_pin(sim), await sims.given_pin(f"{sim}9")) == (None, "autre")


@in_reactor
async def test_calls_are_done_in_their_order(sims: ISims, sim: str) -> None:
    """Nobody has to wait for one before the next: each sees what was told before it, and nothing later."""
    told: list[Deferred[Any]] = []
    for nth in range(20):
        told += [sims.use(sim, segment_to(NUMBER), NOW + nth, None), sims.used(sim, 0), sims.uses(sim, "12345678", 0)]
        told += [sims.give_pin(sim, f"{nth}"), sims.given_pin(sim), sims.accepted_pin(sim), sims.given_pin(sim)]
    outcomes = await gatherResults(told)
    ids = outcomes[::7]
    for nth in range(20):
        id_, used, uses, _, pin, _, none = outcomes[7 * nth : 7 * nth + 7]
        assert used.last == NOW + nth
        assert [one.id for one in uses] == list(reversed(ids[: nth + 1]))
        assert (id_, pin, none) == (ids[nth], f"{nth}", None)


@pytest.mark.parametrize("kind", ["kept", "real"])
@in_reactor
async def test_away(tmp_path: Path, kind: str) -> None:
    """Every call fails while the database is away, and nothing was kept."""
    sims: ISims
    if kind == "kept":
        sims = kept = KeptSims()
        kept.away = True
    else:
        # not started
        sims = Sims(Database(open_engines(f"sqlite:///{tmp_path / 'sims.db'}"), InlineWorkers[Job]()))
    calls: tuple[Deferred[Any], ...] = (
        *(sims.used("1", 0), sims.use("1", segment_to(NUMBER), NOW, None), sims.took(1, 2), sims.uses("1", "8", 0)),
        sims.refused(1),
        *(sims.given_pin("1"), sims.give_pin("1", "x"), sims.accepted_pin("1")),
    )
    for call in calls:
        with pytest.raises(Unavailable):
            await call
    if kind == "kept":
        assert (kept.kept, kept.pins) == ([], {})

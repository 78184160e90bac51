"""What the pages ask of the database, and the pages whole: how long each takes on a million messages of one account.

On SQLite in a directory of its own, or on the empty database that ``--url`` names.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from smstob.flow.compose import Rules
from smstob.flow.estimate import Estimator
from smstob.model.contact import ContactQuery
from smstob.model.draft import Channel, Draft, Selection
from smstob.model.message import State
from smstob.model.report import MessageQuery, SubmissionQuery
from smstob.model.route import Route, Routes
from smstob.model.tariff import Tariff
from smstob.storage import accounts, cards, groups, history, ledger, submission_history, tally
from smstob.storage.database import Database, Job
from smstob.storage.engine import Engines
from smstob.storage.workers import InlineWorkers

from .scene import DAY, SMALL, Scene, Size, build
from .site import measure_site

Read = Callable[[Connection, Scene, random.Random], Any]

SEARCHES: Final = ("samedi", "ECOLE", "reunion", "introuvable", "+33640012345", "été : moins", "aeiou", "%")


def _submissions(**query: Any) -> Read:
    return lambda connection, scene, _: submission_history.submissions(
        connection, scene.large, SubmissionQuery(**query)
    )


def _history(**query: Any) -> Read:
    return lambda connection, scene, _: history.history(connection, scene.large, MessageQuery(**query))


def _nothing(**query: Any) -> Read:
    return lambda connection, scene, _: history.history(connection, scene.empty, MessageQuery(**query))


def _within(name: str, **query: Any) -> Read:
    return lambda connection, scene, _: history.history(
        connection, scene.large, MessageQuery(submission=getattr(scene, name), **query)
    )


def _number(chance: random.Random) -> str:
    return f"+336{chance.randrange(40_000_000, 40_100_000)}"


def _deep(connection: Connection, scene: Scene, chance: random.Random) -> Any:
    before = (chance.randrange(scene.now - 90 * DAY, scene.now), 0)
    return submission_history.submissions(connection, scene.large, SubmissionQuery(before=before))


def _search(connection: Connection, scene: Scene, chance: random.Random) -> Any:
    query = SubmissionQuery(search=chance.choice(SEARCHES))
    return submission_history.submissions(connection, scene.large, query)


def _old_messages(connection: Connection, scene: Scene, chance: random.Random) -> Any:
    query = MessageQuery(until=chance.randrange(scene.now - 90 * DAY, scene.now))
    first = history.history(connection, scene.large, query)
    return history.history(connection, scene.large, MessageQuery(before=first[-1].id)) if first else None


def reads(now: int) -> Iterator[tuple[str, Read]]:
    """Each read by its name, in a scene that ends ``now``."""
    yield "balance", lambda connection, scene, _: ledger.balance_of(connection, scene.large)
    yield "days, 90", lambda connection, scene, _: tally.days(connection, scene.large, now // DAY - 90, now // DAY)
    yield "submissions, newest", _submissions()
    yield "submissions, anywhere", _deep
    yield "submissions, web (campaigns)", _submissions(channel="web")
    yield "submissions, mail (none)", _submissions(channel="mail")
    yield "submissions, a month", _submissions(since=now - 60 * DAY, until=now - 30 * DAY)
    yield "submissions, search", _search
    yield "submission, underway", lambda connection, scene, _: submission_history.submission_of(
        connection, scene.large, scene.largest
    )
    yield "submission, ended", lambda connection, scene, _: submission_history.submission_of(
        connection, scene.large, scene.campaign
    )
    yield "scheduled", lambda connection, scene, _: submission_history.scheduled(connection, scene.large, now)
    yield "messages, newest", _history()
    yield "messages, anywhere, two pages", _old_messages
    yield "messages to a number", lambda connection, scene, chance: history.history(
        connection, scene.large, MessageQuery(number=_number(chance))
    )
    for state in State:
        yield f"messages {state}", _history(state=state.value)
    month = {"since": now - 60 * DAY, "until": now - 30 * DAY}
    yield "messages rejected, a month", _history(state="rejected", **month)
    yield "messages delivered, a month", _history(state="delivered", **month)
    yield "within 100,000", _within("largest")
    yield "within 100,000, failed", _within("largest", state="failed")
    yield "within 100,000, delivered", _within("largest", state="delivered")
    yield "within 100,000, a number", lambda connection, scene, chance: history.history(
        connection, scene.large, MessageQuery(submission=scene.largest, number=_number(chance))
    )
    yield "nothing: submissions", lambda connection, scene, _: submission_history.submissions(
        connection, scene.empty, SubmissionQuery(search="x")
    )
    yield "nothing: messages", _nothing()
    yield "nothing: messages failed", _nothing(state="failed")
    yield "nothing: messages delivered", _nothing(state="delivered")
    yield "nothing: to a number", _nothing(number="+33640000001")
    yield "contacts, first page", lambda connection, scene, _: cards.page(connection, scene.large, ContactQuery())
    yield "contacts, search", lambda connection, scene, chance: cards.page(
        connection, scene.large, ContactQuery(search=f"dupont {chance.randrange(1000)}")
    )
    yield "groups", lambda connection, scene, _: groups.by_name(connection, scene.large)


def estimates(engines: Engines, scene: Scene) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What a draft to a group of 10,000 would become."""
    workers: InlineWorkers[Job] = InlineWorkers()
    database, clock = Database(engines, workers), Clock()
    database.start()
    clock.advance(scene.now)
    routes = Routes([Route("+", ("sink",))])
    rules = Rules(zone=ZoneInfo("Europe/Paris"), tariff=Tariff(), routes=routes, most_recipients=100_000)
    estimator = Estimator(database, rules, clock, ())
    with engines.reader.begin() as connection:
        sender = accounts.by_id(connection, scene.large)
    assert sender is not None
    chosen = Selection(groups=(scene.group,))
    for name, text in (("the same text", "Bonjour à tous"), ("each his own", "Bonjour [nom], à demain")):
        draft = Draft(sender=sender, channel=Channel.WEB, destination="x", text=text, selection=chosen)

        def estimate(draft: Draft = draft) -> None:
            Deferred.fromCoroutine(estimator.estimate(draft))

        yield f"estimate for 10,000, {name}", estimate


def measure(name: str, work: Callable[[], Any], rounds: int) -> None:
    """Print p50 and p95 of ``work``, in milliseconds: by the clock, and of CPU."""
    wall, cpu = [], []
    for _ in range(rounds):
        start, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(1e3 * (time.perf_counter() - start))
        cpu.append(1e3 * (time.process_time() - spent))
    figures = "  ".join(
        f"{what} p50 {sorted(times)[rounds // 2]:7.1f} p95 {sorted(times)[rounds * 95 // 100]:7.1f}"
        for what, times in (("wall", wall), ("CPU", cpu))
    )
    print(f"{name:<36} {figures}", flush=True)


def main() -> None:
    """Print how long each read takes, then each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of an empty database, for the reads alone; else SQLite in a temporary directory")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--small", action="store_true", help="a thousandth of it, to see whether all works")
    parser.add_argument("--site", action="store_true", help="the pages alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smstob-bench-") as directory:
        begin = time.perf_counter()
        url = arguments.url or f"sqlite:///{directory}/smstob.db"
        engines, scene = build(url, int(time.time()), SMALL if arguments.small else Size())
        print(f"the scene took {time.perf_counter() - begin:.0f} s", flush=True)
        if not arguments.site:
            measure_reads(engines, scene, arguments.rounds)
        engines.dispose()
        if not arguments.url:
            measure_site(Path(directory), scene, arguments.rounds)


def measure_reads(engines: Engines, scene: Scene, rounds: int) -> None:
    """Print how long each read takes."""
    for name, read in reads(scene.now):
        chance = random.Random(1)

        def work(read: Read = read, chance: random.Random = chance) -> None:
            with engines.reader.begin() as connection:
                read(connection, scene, chance)

        measure(name, work, rounds)
    for name, estimate in estimates(engines, scene):
        measure(name, estimate, rounds)


if __name__ == "__main__":
    main()

"""What each account sent each day, counted as it happens: charts need not look at every message."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy import Connection

from ..model.report import DayReport
from . import bulk
from .schema import daily_tally, message


class Outcome(StrEnum):
    """What is counted: of messages, by the day of their submission."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    """Failed, rejected or expired."""
    CANCELLED = "cancelled"


Key = tuple[int, int, Outcome]
"""Account, day, outcome."""

Count = tuple[int, int, int]
"""Messages, segments, credits."""


def add(connection: Connection, counts: Mapping[Key, Count]) -> None:
    """Add ``counts``, which may be negative; of two daemons neither waits crosswise for the other."""
    rows = [(account, day, outcome.value, *count) for (account, day, outcome), count in sorted(counts.items())]
    names = ("messages", "segments", "credits")
    sums = ", ".join(f"{name} = daily_tally.{name} + excluded.{name}" for name in names)
    conflict = f"ON CONFLICT (account_id, day, outcome) DO UPDATE SET {sums}"
    bulk.insert(connection, daily_tally, ("account_id", "day", "outcome", *names), rows, conflict)


def count(connection: Connection, outcome: Outcome, messages: Iterable[int]) -> None:
    """Count messages, by id, that have just come to ``outcome``; nobody else may change them before the commit."""
    statement = (
        "SELECT submission.account_id, submission.day, count(*), sum(message.segments), sum(message.credits) "
        "FROM message JOIN submission ON submission.id = message.submission_id WHERE message.id {among} "
        "GROUP BY submission.account_id, submission.day"
    )
    rows = bulk.select(connection, statement, messages, message.c.id)
    add(connection, {(row[0], row[1], outcome): (row[2], int(row[3]), int(row[4])) for row in rows})


def move(connection: Connection, submission: int, account: int, day: int, to: int) -> None:
    """Count a submission of which nothing has left for the day ``to`` instead of ``day``."""
    statement = (
        "SELECT count(*), coalesce(sum(segments), 0), coalesce(sum(credits), 0) FROM message WHERE submission_id = ?"
    )
    (all_,) = bulk.query(connection, statement, submission)
    (cancelled,) = bulk.query(connection, f"{statement} AND state = 'cancelled'", submission)
    moved = ((Outcome.ACCEPTED, all_), (Outcome.CANCELLED, cancelled))
    counts: dict[Key, Count] = {}
    for outcome, (messages, segments, credits_) in moved:
        if messages and day != to:
            counts[account, day, outcome] = (-messages, -int(segments), -int(credits_))
            counts[account, to, outcome] = (messages, int(segments), int(credits_))
    add(connection, counts)


def days(connection: Connection, account: int, first: int, last: int) -> list[DayReport]:
    """See ``IReporter.days``."""
    statement = (
        "SELECT day, outcome, messages, segments, credits FROM daily_tally "
        "WHERE account_id = ? AND day >= ? AND day <= ? ORDER BY day"
    )
    found: dict[int, dict[str, Count]] = {}
    for row in bulk.query(connection, statement, account, first, last):
        found.setdefault(row[0], {})[row[1]] = (row[2], row[3], row[4])
    nothing: Count = (0, 0, 0)
    reports = []
    for day, counts in found.items():
        cancelled = counts.get(Outcome.CANCELLED, nothing)
        sent = [one - other for one, other in zip(counts.get(Outcome.ACCEPTED, nothing), cancelled, strict=True)]
        failed = counts.get(Outcome.FAILED, nothing)[0]
        if any((*sent, failed, cancelled[0])):
            messages, segments, credits_ = sent
            reports.append(
                DayReport(
                    day=day,
                    messages=messages,
                    segments=segments,
                    credits=credits_,
                    failed=failed,
                    cancelled=cancelled[0],
                )
            )
    return reports

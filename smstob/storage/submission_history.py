"""The submissions of an account and how far each is: reads only."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from ..model.contact import LONGEST_SEARCH, plain
from ..model.message import State
from ..model.report import SubmissionQuery, SubmissionReport
from . import bulk
from .schema import submission

LOOKED_AT: Final = 10_000
"""The newest submissions that a search looks at: one that finds little must not read for ever."""

MOST_SCHEDULED: Final = 1000
"""Deferred submissions that are listed, the earliest."""

_COLUMNS: Final = (
    "id, channel, destination, text, created, due, code, format, validity, messages, segments, credits, "
    "duplicates, empty, sender"
)

_ALL: Final = (
    *(State.FAILED, State.REJECTED, State.EXPIRED, State.UNKNOWN),
    *(State.QUEUED, State.HANDED, State.CANCELLED, State.DELIVERED),
)
"""The states, that of most messages last: the last one that a submission has need not be counted."""

BEYOND_LATIN: Final = 0x100
"""The letters before it are found with any accents."""


def submissions(connection: Connection, account: int, query: SubmissionQuery) -> list[SubmissionReport]:
    """See ``IReporter.submissions``. A search looks at the newest ``LOOKED_AT`` of them."""
    conditions, values = _conditions(query)
    newest = f"FROM submission WHERE account_id = ? {conditions} ORDER BY created DESC, id DESC LIMIT ?"
    sought = plain(query.search[:LONGEST_SEARCH])
    if not sought:
        return _told(connection, bulk.query(connection, f"SELECT {_COLUMNS} {newest}", account, *values, query.limit))
    beyond = f"SELECT created, id {newest} OFFSET ?"
    for row in bulk.query(connection, beyond, account, *values, 1, LOOKED_AT):
        conditions += " AND (created, id) > (?, ?)"
        values += (row[0], row[1])
    has, patterns = _having(sought, connection.dialect.name)
    statement = (
        f"SELECT {_COLUMNS} FROM submission WHERE account_id = ? {conditions} "
        f"AND ({has.format('destination')} OR {has.format('text')}) ORDER BY created DESC, id DESC LIMIT ?"
    )
    return _told(connection, bulk.query(connection, statement, account, *values, *patterns, *patterns, query.limit))


def submission_of(connection: Connection, account: int, id_: int) -> SubmissionReport | None:
    """See ``IReporter.submission``."""
    statement = f"SELECT {_COLUMNS} FROM submission WHERE id = ? AND account_id = ?"
    return next(iter(_told(connection, bulk.query(connection, statement, id_, account))), None)


def scheduled(connection: Connection, account: int, now: int) -> list[SubmissionReport]:
    """See ``IReporter.scheduled``."""
    statement = (
        f"SELECT {_COLUMNS} FROM submission WHERE account_id = ? AND code = 81 AND due > ? AND EXISTS "
        "(SELECT id FROM message WHERE submission_id = submission.id AND state = 'queued') ORDER BY due, id LIMIT ?"
    )
    return _told(connection, bulk.query(connection, statement, account, now, MOST_SCHEDULED))


def _conditions(query: SubmissionQuery) -> tuple[str, tuple[Any, ...]]:
    wanted = [
        *(("channel = ?", query.channel), ("sender = ?", query.sender)),
        *(("created >= ?", query.since), ("created < ?", query.until)),
    ]
    given = [(condition, value) for condition, value in wanted if value is not None]
    conditions = "".join(f" AND {condition}" for condition, _ in given)
    values: tuple[Any, ...] = tuple(value for _, value in given)
    if query.before is not None:
        return f"{conditions} AND (created, id) < (?, ?)", (*values, *query.before)
    return conditions, values


def _having(sought: str, dialect: str) -> tuple[str, tuple[str, ...]]:
    """A condition on a column by which it has ``sought``, in ``plain`` form, whatever its case and accents; its values.

    On SQLite most rows are told apart by LIKE, which is ten times as fast as GLOB.
    """
    sets = [_variants().get(char, char) for char in sought]
    if dialect != "sqlite":
        return "{} ~ ?", ("".join(f"[\\{one}]" if one in _SPECIAL else f"[{one}]" for one in sets),)
    glob = "".join("^" if one == "^" else f"[{one}]" for one in sets)
    like = "".join("_" if len(one) > 2 or one in "%_" else one[0] for one in sets)
    return "({0} LIKE ? AND {0} GLOB ?)", (f"%{like}%", f"*{glob}*")


_SPECIAL: Final = frozenset("\\[]^")


@cache
def _variants() -> dict[str, str]:
    variants = {" ": " \n\t\u00a0\u202f"}
    for char in map(chr, range(ord("!"), BEYOND_LATIN)):
        if len(plain(char)) == 1:
            variants[plain(char)] = variants.get(plain(char), "") + char
    return variants


def _told(connection: Connection, rows: Sequence[Any]) -> list[SubmissionReport]:
    states = states_of(connection, {row[0]: row[9] for row in rows})
    return [
        SubmissionReport(
            id=row[0],
            channel=row[1],
            destination=row[2],
            text=row[3],
            created=row[4],
            due=row[5],
            code=row[6],
            format=row[7],
            validity=row[8],
            messages=row[9],
            segments=row[10],
            credits=row[11],
            duplicates=row[12],
            empty=row[13],
            states=states[row[0]],
            sender=row[14],
        )
        for row in rows
    ]


def states_of(connection: Connection, messages: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """How many messages of each submission are in each state; ``messages`` has how many each has, by id.

    Of a campaign that has arrived only the index entries of the others are read.
    """
    counted: dict[int, dict[str, int]] = {id_: {} for id_ in messages}
    there = ", ".join(
        f"EXISTS (SELECT id FROM message WHERE submission_id = submission.id AND state = '{state}')" for state in _ALL
    )
    statement = f"SELECT id, {there} FROM submission WHERE id {{among}}"
    rows = bulk.select(connection, statement, messages, submission.c.id)
    left = {row[0]: [state for state, found in zip(_ALL, row[1:], strict=True) if found] for row in rows}
    for state in _ALL:
        several = [id_ for id_, states in left.items() if state in states[:-1]]
        statement = (
            f"SELECT submission_id, count(*) FROM message WHERE submission_id {{among}} AND state = '{state}' "
            "GROUP BY submission_id"
        )
        for row in bulk.select(connection, statement, several, submission.c.id):
            counted[row[0]][state] = row[1]
    for id_, states in left.items():
        if states:
            counted[id_][states[-1]] = messages[id_] - sum(counted[id_].values())
    return counted

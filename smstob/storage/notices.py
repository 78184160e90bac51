"""What is owed to senders: kept when it arises, claimed when it is due, marked when it was told."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs
from sqlalchemy import Connection

from ..model.account import Confirmations
from ..model.notice import Decided, Kind, Line, Verdict
from ..model.refusal import Code
from . import bulk
from .schema import message, notice

FIRST_LOOK: Final = 2
"""Seconds after a submission is due at which it is looked at for the first time, whether it has ended."""

MOST_COUNTED: Final = 32_767
"""Attempts are not counted beyond: the column has 16 bits."""


@attrs.frozen(kw_only=True)
class Owed:
    """A notice that is its claimant's to tell."""

    id: int
    account: int
    kind: Kind
    recipient: str
    thread: str | None
    submission: int | None
    """That of an ``ENDED`` one."""
    lines: tuple[Line, ...]
    """Those of an ``ACCEPTED`` one."""
    verdict: Verdict | None
    about: str
    """What it tells of, see ``Kind``; empty where it needs no more than the account."""
    since: int
    """Unix seconds: when it arose; for an end, when the submission was due."""
    attempts: int
    until: int
    """Unix seconds: it is its claimant's until then."""


_COLUMNS: Final = (
    *("key", "account_id", "kind", "recipient", "thread", "submission_id", "lines", "verdict"),
    *("since", "due"),
)
_ONCE: Final = "ON CONFLICT (key) DO NOTHING"


def owe(connection: Connection, owing: Sequence[tuple[Decided, int]]) -> list[None]:
    """Keep what the senders of mails are owed from a Unix second on, as their accounts' options say: a batch function.

    Nothing is owed twice for one key, nor for one submission; nor to an account that is gone.
    """
    statement = "SELECT email, id, confirmations FROM account WHERE email {among}"
    rows = bulk.select(connection, statement, {one.email for one, _ in owing}, notice.c.recipient)
    accounts = {row[0]: (row[1], Confirmations(row[2])) for row in rows}
    due = _due(connection, [line.submission for one, _ in owing for line in one.lines if line.submission is not None])
    owed: list[tuple[object, ...]] = []
    for one, now in owing:
        account, wanted = accounts.get(one.email, (0, Confirmations.NONE))
        if wanted is Confirmations.NONE:
            continue
        if wanted is Confirmations.ALL or any(line.submission is None for line in one.lines):
            key = f"{Kind.ACCEPTED}:{one.key}"
            verdict = None if one.verdict is None else one.verdict.value
            lines = _written(one.lines)
            owed.append(
                (key, account, Kind.ACCEPTED.value, one.recipient, one.thread, None, lines, verdict, now, now)
            )
        owed += [
            _ended(line.submission, account, one.recipient, one.thread, now, due[line.submission])
            for line in one.lines
            if line.submission in due
        ]
    bulk.insert(connection, notice, _COLUMNS, owed, _ONCE)
    return [None] * len(owing)


def _due(connection: Connection, submissions: Sequence[int]) -> dict[int | None, int]:
    statement = "SELECT id, due FROM submission WHERE id {among}"
    return {row[0]: row[1] for row in bulk.select(connection, statement, submissions, message.c.submission_id)}


def _ended(
    submission: int | None, account: int, recipient: str, thread: str | None, now: int, due: int
) -> tuple[object, ...]:
    since = max(now, due)
    key = f"{Kind.ENDED}:{submission}"
    return key, account, Kind.ENDED.value, recipient, thread, submission, None, None, since, since + FIRST_LOOK


def owe_failures(connection: Connection, messages: Mapping[int, int]) -> None:
    """Keep that senders are owed the end of submissions of which these messages failed, at those Unix seconds.

    Who sent by mail is owed every end already, or none: it was a program.
    """
    statement = (
        "SELECT submission.id, submission.account_id, account.email, min(message.id), submission.due FROM message "
        "JOIN submission ON submission.id = message.submission_id JOIN account ON account.id = submission.account_id "
        "WHERE message.id {among} AND submission.channel <> 'mail' AND account.confirmations <> 'none' "
        "GROUP BY submission.id, submission.account_id, account.email, submission.due"
    )
    rows = bulk.select(connection, statement, messages, message.c.id)
    owed = [_ended(row[0], row[1], row[2], None, messages[row[3]], row[4]) for row in rows]
    bulk.insert(connection, notice, _COLUMNS, owed, _ONCE)


def owe_private(connection: Connection, kind: Kind, account: int, recipient: str, key: str, now: int) -> None:
    """Keep that an account's holder is owed what only he may know, whatever its options say."""
    row = (key, account, kind.value, recipient, None, None, None, None, now, now)
    bulk.insert(connection, notice, _COLUMNS, [row], _ONCE)


def owe_about(
    connection: Connection, kind: Kind, account: int, recipient: str, about: str, key: str, now: int
) -> None:
    """Keep that somebody is owed what there is to tell ``about`` that, whatever the account's options say.

    Once for a ``key``, ever; ``now`` in Unix seconds. What it tells is read when it is told.
    """
    row = (key, account, kind.value, recipient, None, None, None, None, now, now, about)
    bulk.insert(connection, notice, (*_COLUMNS, "about"), [row], _ONCE)


def hold(connection: Connection, owed: Owed, until: int) -> bool:
    """Be the claimant of a notice for longer; False where one is not any more, or it is owed no longer."""
    statement = "UPDATE notice SET due = ? WHERE id = ? AND told_at IS NULL AND due = ?"
    return bulk.execute(connection, statement, until, owed.id, owed.until) > 0


def _written(lines: Iterable[Line]) -> str:
    return json.dumps([[line.destination, int(line.code), line.submission] for line in lines], ensure_ascii=False)


def _read(lines: str | None) -> tuple[Line, ...]:
    return tuple(
        Line(destination=destination, code=Code(code), submission=submission)
        for destination, code, submission in json.loads(lines or "[]")
    )


def claim(connection: Connection, now: int, until: int, count: int) -> list[Owed]:
    """Up to ``count`` notices that are due, the earliest first; they are due again at ``until``."""
    statement = (
        "SELECT id, account_id, kind, recipient, thread, submission_id, lines, verdict, since, attempts, about "
        "FROM notice WHERE told_at IS NULL AND due <= ? ORDER BY due, id LIMIT ? "
    )
    rows = bulk.query(connection, statement + bulk.locking(connection, skip=True), now, count)
    bulk.update(connection, notice, ("id",), ("due",), [(until, row[0]) for row in rows])
    return [
        Owed(
            id=row[0],
            account=row[1],
            kind=Kind(row[2]),
            recipient=row[3],
            thread=row[4],
            submission=row[5],
            lines=_read(row[6]),
            verdict=None if row[7] is None else Verdict(row[7]),
            since=row[8],
            attempts=row[9],
            about=row[10] or "",
            until=until,
        )
        for row in rows
    ]


def postpone(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Look at notices again: each an id, and when, in Unix seconds. No attempt is counted."""
    bulk.update(connection, notice, ("id",), ("due",), [(due, id_) for id_, due in rows], "told_at IS NULL")


def retry(connection: Connection, ids: Iterable[int], due: int, attempts: int, error: str) -> None:
    """Tell notices again at ``due``, after so many attempts, the last of which failed."""
    rows = [(due, min(attempts, MOST_COUNTED), error, id_) for id_ in ids]
    bulk.update(connection, notice, ("id",), ("due", "attempts", "error"), rows, "told_at IS NULL")


def told(connection: Connection, ids: Iterable[int], now: int, error: str | None = None) -> None:
    """Owe notices no longer: they were told, or cannot be, which ``error`` says."""
    bulk.update(connection, notice, ("id",), ("told_at", "error"), [(now, error, id_) for id_ in ids])


def prune(connection: Connection, before: int) -> int:
    """Forget notices that were told before the Unix second ``before``, the newest excepted; gives how many.

    SQLite gives an id again where no later one is left, and a mail program would know the letter's Message-ID.
    """
    statement = (
        "DELETE FROM notice WHERE told_at IS NOT NULL AND told_at < ? AND id < (SELECT max(id) FROM notice)"
    )
    return bulk.execute(connection, statement, before)

"""Submissions of which nothing has left: put off, or replaced by others."""

from typing import Any

import attrs
from sqlalchemy import Connection

from ..model.refusal import AccountChanged, Refusal
from ..model.submission import Acceptance, Submission
from . import bulk, settlement, submissions, tally


@attrs.frozen
class NotReplaced(Exception):
    """The new submission was not accepted: the transaction is to be given up, so that the old one stays."""

    decision: Refusal | AccountChanged


@attrs.frozen
class _Waiting:
    day: int
    validity: int
    gateways: frozenset[str]


def postpone(connection: Connection, account: int, submission: int, due: int, day: int) -> frozenset[str] | None:
    """Let a submission leave at the Unix second ``due``, on ``day``; gives the gateways where it waits.

    None, and nothing is changed, where any of it has left or is leaving, or it is not this account's.
    """
    waiting = _hold(connection, account, submission)
    if waiting is None:
        return None
    deadline = due + waiting.validity * 3600
    put_off = "UPDATE message SET due = ?, deadline = ? WHERE submission_id = ? AND state = 'queued'"
    bulk.execute(connection, put_off, due, deadline, submission)
    # whatever it was: what is put off is not hastened when a clock is set back
    bulk.execute(connection, "UPDATE submission SET due = ?, day = ?, code = 81 WHERE id = ?", due, day, submission)
    tally.move(connection, submission, account, waiting.day, day)
    return waiting.gateways


def replace(connection: Connection, submission: int, acceptance: Acceptance) -> Submission | None:
    """Cancel ``submission``, refunded, and accept another for it; raises ``NotReplaced`` where that is refused.

    None, and nothing is changed, where any of it has left or is leaving, or it is not this account's. A client
    reference that was accepted before gives its submission again.
    """
    repeated = submissions.repeated(connection, [acceptance])
    if repeated:
        return attrs.evolve(next(iter(repeated.values())), gateways=frozenset())
    if _hold(connection, acceptance.account.id, submission) is None:
        return None
    settlement.cancel(connection, submission, acceptance.created)
    (decision,) = submissions.accept(connection, [acceptance])
    if not isinstance(decision, Submission):
        raise NotReplaced(decision)
    return decision


def _hold(connection: Connection, account: int, submission: int) -> _Waiting | None:
    """A submission of ``account`` of which nothing has left and something waits; nobody takes it before the commit."""

    def ask(statement: str, *parameters: Any) -> list[Any]:
        return bulk.query(connection, statement, *parameters)

    if not ask("SELECT id FROM submission WHERE id = ? AND account_id = ?", submission, account):
        return None
    held = f"SELECT id FROM message WHERE submission_id = ? ORDER BY id {bulk.locking(connection)}"
    ask(f"SELECT count(*) FROM ({held}) AS held", submission)
    left = (
        "SELECT id FROM message WHERE submission_id = ? AND state <> 'cancelled' AND (state <> 'queued' "
        "OR lease IS NOT NULL OR repeats > 0 OR handed_at IS NOT NULL "
        "OR EXISTS (SELECT message_id FROM segment WHERE message_id = message.id)) LIMIT 1"
    )
    gateways = ask("SELECT DISTINCT gateway FROM message WHERE submission_id = ? AND state = 'queued'", submission)
    if not gateways or ask(left, submission):
        return None
    ((day, validity),) = ask("SELECT day, validity FROM submission WHERE id = ?", submission)
    return _Waiting(day, validity, frozenset(row[0] for row in gateways))

"""What the sections of letters tell, read when they are told."""

from typing import Final

from sqlalchemy import Connection

from ..model.account import Confirmations
from ..model.invoice import Invoice, InvoiceKind
from ..model.message import FAILURES, State
from ..model.notice import Accepted, Acknowledgement, Failure, Given, Invoiced, Outcome
from ..model.refusal import Code
from . import bulk, invoices, ledger
from .notices import Owed
from .schema import message

MOST_FAILURES: Final = 200
"""That a letter lists."""

LIVE: Final = frozenset({State.QUEUED, State.HANDED})


def confirmations_of(connection: Connection, account: int) -> Confirmations:
    """Which mails the account wants, now."""
    ((wanted,),) = bulk.query(connection, "SELECT confirmations FROM account WHERE id = ?", account)
    return Confirmations(wanted)


def acknowledgement(connection: Connection, owed: Owed) -> Acknowledgement:
    """What an ``ACCEPTED`` notice tells."""
    statement = (
        "SELECT id, messages, credits, due, duplicates, empty, "
        "(SELECT coalesce(sum(segments), 0) FROM message WHERE submission_id = submission.id) "
        "FROM submission WHERE id {among}"
    )
    ids = [line.submission for line in owed.lines if line.submission is not None]
    found = {row[0]: row for row in bulk.select(connection, statement, ids, message.c.submission_id)}
    lines = []
    for line in owed.lines:
        row = found.get(line.submission)
        if row is None:
            lines.append(Accepted(destination=line.destination, code=line.code))
            continue
        lines.append(
            Accepted(
                destination=line.destination,
                code=line.code,
                messages=row[1],
                credits=row[2],
                due=row[3] if line.code is Code.DEFERRED else None,
                duplicates=row[4],
                empty=row[5],
                segments=int(row[6]),
            )
        )
    balance = ledger.balance_of(connection, owed.account)
    return Acknowledgement(lines=tuple(lines), balance=balance, verdict=owed.verdict)


def outcome(connection: Connection, submission: int) -> Outcome | None:
    """How a submission ended; None as long as a message of it is on its way."""
    # what the network let expire was handed, and is spent
    states = (
        "SELECT state, count(*), "
        "sum(CASE WHEN state IN ('rejected', 'expired') AND handed_at IS NULL THEN credits ELSE 0 END) "
        "FROM message WHERE submission_id = ? GROUP BY state"
    )
    counted = {State(row[0]): (row[1], int(row[2])) for row in bulk.query(connection, states, submission)}
    if not LIVE.isdisjoint(counted):
        return None
    ((destination, created),) = bulk.query(
        connection, "SELECT destination, created FROM submission WHERE id = ?", submission
    )
    listed = (
        "SELECT typed, error FROM message WHERE submission_id = ? "
        "AND state IN ('failed', 'rejected', 'expired', 'unknown') ORDER BY id LIMIT ?"
    )
    return Outcome(
        submission=submission,
        destination=destination,
        created=created,
        delivered=counted.get(State.DELIVERED, (0, 0))[0],
        failed=sum(counted[state][0] for state in counted.keys() & FAILURES),
        unknown=counted.get(State.UNKNOWN, (0, 0))[0],
        refunded=sum(credits_ for _, credits_ in counted.values()),
        failures=tuple(
            Failure(row[0], row[1] or "") for row in bulk.query(connection, listed, submission, MOST_FAILURES)
        ),
    )


def invoiced(connection: Connection, owed: Owed) -> Invoiced | None:
    """What an ``INVOICED`` notice tells; None where there is no such invoice."""
    said = invoices.find(connection, owed.about)
    if said is None:
        return None
    balance = ledger.balance_of(connection, owed.account)
    return Invoiced(invoice=said, credits=_moved(connection, said), balance=balance)


def _moved(connection: Connection, said: Invoice) -> int:
    if said.kind is InvoiceKind.INVOICE:
        return said.credits
    # no more than were there
    taken = "SELECT amount FROM ledger_entry WHERE reason = 'adjustment' AND reference = ?"
    return sum(row[0] for row in bulk.query(connection, taken, said.number))


def given(connection: Connection, owed: Owed) -> Given | None:
    """What a ``GIVEN`` notice tells, or an ``OPENED`` one of an account that was opened for a transfer."""
    if not owed.about.isdecimal():
        return None
    statement = (
        "SELECT giver.email, transfer.credits FROM transfer JOIN account AS giver ON giver.id = transfer.giver_id "
        "WHERE transfer.id = ? AND transfer.receiver_id = ?"
    )
    rows = bulk.query(connection, statement, int(owed.about), owed.account)
    if not rows:
        return None
    balance = ledger.balance_of(connection, owed.account)
    return Given(giver=rows[0][0], credits=rows[0][1], balance=balance)

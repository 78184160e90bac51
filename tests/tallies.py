"""The daily tally beside what a recount of all messages gives."""

from sqlalchemy import Connection

Tally = dict[tuple[int, int, str], tuple[int, int, int]]
"""By account, day and outcome: messages, segments, credits."""

_RECOUNT = (
    "SELECT submission.account_id, submission.day, count(*), sum(message.segments), sum(message.credits) "
    "FROM submission JOIN message ON message.submission_id = submission.id WHERE {} "
    "GROUP BY submission.account_id, submission.day"
)
_CONDITIONS = {
    "accepted": "1 = 1",
    "failed": "message.state IN ('failed', 'rejected', 'expired')",
    "cancelled": "message.state = 'cancelled'",
}


def tallied(connection: Connection) -> Tally:
    """What is kept, but for what came to nothing."""
    rows = connection.exec_driver_sql("SELECT account_id, day, outcome, messages, segments, credits FROM daily_tally")
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in rows if row[3]}


def recounted(connection: Connection) -> Tally:
    """What it should be."""
    return {
        (row[0], row[1], outcome): (row[2], int(row[3]), int(row[4]))
        for outcome, condition in _CONDITIONS.items()
        for row in connection.exec_driver_sql(_RECOUNT.format(condition))
    }

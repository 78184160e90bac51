"""Alerts: whoever's credits fall to his threshold is owed one, in the transaction that moves them, and once."""

from collections.abc import Collection

from sqlalchemy import Connection

from ..model.notice import Kind
from . import bulk, notices
from .schema import notice, purse


def watch(connection: Connection, lost: Collection[int], gained: Collection[int], at: int) -> None:
    """Owe an alert for every purse that ``lost`` credits and so fell to its account's threshold, at a Unix second.

    An account is alerted once, until it is above its threshold again because it ``gained`` credits. Both are purses
    that this transaction has moved credits of: nobody else changes them before the commit.
    """
    bulk.select(connection, _ARM, gained, purse.c.id)
    crossed = bulk.select(connection, _CROSS, lost, purse.c.id, at)
    for account, email, balance in sorted(map(tuple, crossed)):
        # an account may cross it twice in a second: the key is no other notice's
        (nth,) = bulk.next_ids(connection, notice, 1)
        notices.owe_about(connection, Kind.ALERT, account, email, str(balance), f"{Kind.ALERT}:{account}:{nth}", at)


_ARM = (
    "UPDATE purse SET alerted_at = NULL WHERE id {among} AND alerted_at IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM account WHERE account.id = purse.account_id AND purse.balance <= account.alert_threshold) "
    "RETURNING id"
)
# SQLite's RETURNING knows the changed table alone
_CROSS = (
    "WITH low AS (SELECT purse.id FROM purse JOIN account ON account.id = purse.account_id "
    "WHERE purse.id {among} AND purse.alerted_at IS NULL AND purse.balance <= account.alert_threshold "
    "AND account.alert_phone IS NOT NULL AND NOT account.disabled) "
    "UPDATE purse SET alerted_at = ? WHERE id IN (SELECT id FROM low) "
    "RETURNING account_id, (SELECT email FROM account WHERE account.id = account_id), balance"
)


def arm(connection: Connection, account: int) -> None:
    """Alert the account anew, though it was alerted: by other options."""
    bulk.execute(connection, "UPDATE purse SET alerted_at = NULL WHERE account_id = ?", account)


def hold(connection: Connection, owed: notices.Owed, now: int, until: int) -> int | None:
    """The balance that an ``ALERT`` notice tells, which is held ``until`` then; None where it is owed no longer.

    An account that is above its threshold again, was closed or has other options meanwhile is not alerted; the next
    time that it falls there it is.
    """
    if not notices.hold(connection, owed, until):
        return None
    # of one who spends meanwhile we see all, or he sees what we do
    ((balance, alerted),) = bulk.query(
        connection,
        "SELECT balance, alerted_at FROM purse WHERE account_id = ? " + bulk.locking(connection),
        owed.account,
    )
    low = (
        "SELECT id FROM account WHERE id = ? AND NOT disabled AND alert_phone IS NOT NULL AND alert_threshold >= ?"
    )
    if alerted == owed.since:
        if bulk.query(connection, low, owed.account, balance):
            return int(balance)
        arm(connection, owed.account)
    notices.told(connection, [owed.id], now)
    return None

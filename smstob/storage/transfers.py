"""Transfers: credits go from purse to purse, once for each form; and who follows whose credits since."""

from collections.abc import Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, insert, select

from ..model.ledger import LedgerEntry, Reason
from ..model.notice import Kind
from ..model.sharing import Followed, Follower, MonthUse, Transfer, TransferFault
from . import accounts, bulk, ledger, notices
from .billing_schema import following, transfer
from .schema import account

MOST_OPENED: Final = 50
"""Accounts that one account opens in a day."""

MOST_FOLLOWED: Final = 500
"""That are told, the last first."""

DAY: Final = 86_400


@attrs.frozen(kw_only=True)
class Wanted:
    """A transfer that is to be made."""

    giver: int
    receiver: str
    """An e-mail in canonical form."""
    credits: int
    key: str
    at: int
    nobody: str = attrs.field(repr=False)
    """The hash of a password that nobody has."""


@attrs.frozen
class Month:
    """A month of the service's clocks, by its first and last day since 1970-01-01."""

    year: int
    month: int
    first: int
    last: int


def give(connection: Connection, wanted: Wanted) -> Transfer | TransferFault:
    """Move the credits, and open the receiver's account where there is none; the transfer of the same key again.

    Raises ``AlreadyThere`` where another daemon opens it at the same time: the whole is to be done anew then.
    """
    known = accounts.by_email(connection, wanted.receiver)
    held = _hold(connection, [wanted.giver] if known is None else [wanted.giver, known.id])
    giver = held.get(wanted.giver)
    if giver is None or giver.disabled:
        return TransferFault.CLOSED
    same = select(transfer).where(transfer.c.giver_id == wanted.giver, transfer.c.key == wanted.key)
    if (row := connection.execute(same).one_or_none()) is not None:
        return _told(connection, row)
    if giver.email == wanted.receiver:
        return TransferFault.TO_ONESELF
    # before an account is opened for it
    if giver.balance < wanted.credits:
        return TransferFault.NOT_ENOUGH
    opened = known is None
    if opened and _opened_today(connection, wanted) >= MOST_OPENED:
        return TransferFault.TOO_MANY
    receiver = (known or accounts.create(connection, wanted.receiver, wanted.nobody, wanted.at)).id
    id_ = _keep(connection, wanted, receiver, opened)
    note = f"de {giver.email} à {wanted.receiver}"
    target = ledger.purse_of(connection, receiver)
    entry = LedgerEntry(wanted.at, Reason.TRANSFER, str(id_), giver.purse, target, wanted.credits, note)
    ledger.record(connection, [entry])
    _follow(connection, wanted, receiver)
    kind, key = (Kind.OPENED, accounts.opening_key(receiver)) if opened else (Kind.GIVEN, f"{Kind.GIVEN}:{id_}")
    notices.owe_about(connection, kind, receiver, wanted.receiver, str(id_), key, wanted.at)
    return _told(connection, connection.execute(same).one())


@attrs.frozen
class _Party:
    email: str
    disabled: bool
    purse: int
    balance: int


def _hold(connection: Connection, ids: Sequence[int]) -> dict[int, _Party]:
    """Accounts and their purses, which nobody else changes before the commit: of all transfers, and of what is sent.

    In the order in which ``submissions.accept`` holds them, so that neither waits crosswise for the other.
    """
    statement = (
        "SELECT account.id, account.email, account.disabled, purse.id, purse.balance "
        "FROM account JOIN purse ON purse.account_id = account.id WHERE account.id {among} ORDER BY purse.id "
    )
    rows = bulk.select(connection, statement + bulk.locking(connection), ids, account.c.id)
    return {row[0]: _Party(row[1], bool(row[2]), row[3], row[4]) for row in rows}


def _keep(connection: Connection, wanted: Wanted, receiver: int, opened: bool) -> int:
    (id_,) = bulk.next_ids(connection, transfer, 1)
    values = {
        "id": id_,
        "giver_id": wanted.giver,
        "receiver_id": receiver,
        "key": wanted.key,
        "credits": wanted.credits,
        "opened": opened,
        "at": wanted.at,
    }
    connection.execute(insert(transfer).values(values))
    return id_


def _opened_today(connection: Connection, wanted: Wanted) -> int:
    statement = "SELECT count(*) FROM transfer WHERE giver_id = ? AND opened AND at > ?"
    ((count,),) = bulk.query(connection, statement, wanted.giver, wanted.at - DAY)
    return int(count)


def _follow(connection: Connection, wanted: Wanted, receiver: int) -> None:
    row = (wanted.giver, receiver, wanted.at, wanted.credits)
    conflict = (
        "ON CONFLICT (giver_id, receiver_id) DO UPDATE SET given = following.given + excluded.given, ended_at = NULL"
    )
    bulk.insert(connection, following, ("giver_id", "receiver_id", "since", "given"), [row], conflict)


def _told(connection: Connection, row: Any) -> Transfer:
    email = connection.execute(select(account.c.email).where(account.c.id == row.receiver_id)).scalar_one()
    return Transfer(
        id=row.id,
        receiver=email,
        credits=row.credits,
        balance=ledger.balance_of(connection, row.giver_id),
        receiver_balance=ledger.balance_of(connection, row.receiver_id),
        opened=row.opened,
    )


def followed(connection: Connection, giver: int, months: Sequence[Month]) -> list[Followed]:
    """Whom an account opened or credited, the last first, with their use in ``months``."""
    statement = (
        "SELECT following.receiver_id, account.email, following.since, following.given, following.ended_at, "
        "purse.balance FROM following JOIN account ON account.id = following.receiver_id "
        "JOIN purse ON purse.account_id = following.receiver_id WHERE following.giver_id = ? "
        "ORDER BY following.since DESC, following.receiver_id DESC LIMIT ?"
    )
    rows = bulk.query(connection, statement, giver, MOST_FOLLOWED)
    open_ = [row[0] for row in rows if row[4] is None]
    used = [(month, _use(connection, giver, open_, month)) for month in months]
    return [
        Followed(
            account=row[0],
            email=row[1],
            since=row[2],
            given=row[3],
            balance=row[5] if row[4] is None else None,
            months=tuple(
                MonthUse(year=month.year, month=month.month, messages=use[0], credits=use[1])
                for month, uses in used
                if (use := uses.get(row[0]))
            ),
        )
        for row in rows
    ]


def _use(connection: Connection, giver: int, receivers: Sequence[int], month: Month) -> dict[int, tuple[int, int]]:
    """What was used in a month, from the day on which the giver first gave: what was before is not his to see."""
    sums = ", ".join(
        f"sum(CASE outcome WHEN 'accepted' THEN {name} WHEN 'cancelled' THEN -{name} ELSE 0 END)"
        for name in ("messages", "credits")
    )
    statement = (
        f"SELECT account_id, {sums} FROM daily_tally JOIN following ON following.receiver_id = account_id "
        "WHERE account_id {among} AND following.giver_id = ? AND day >= following.since / ? "
        "AND day >= ? AND day <= ? GROUP BY account_id"
    )
    bounds = (giver, DAY, month.first, month.last)
    rows = bulk.select(connection, statement, receivers, following.c.receiver_id, *bounds)
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def followers(connection: Connection, receiver: int) -> list[Follower]:
    """Who follows an account, the first first."""
    statement = (
        "SELECT following.giver_id, account.email, following.since, following.given FROM following "
        "JOIN account ON account.id = following.giver_id "
        "WHERE following.receiver_id = ? AND following.ended_at IS NULL ORDER BY following.since, following.giver_id"
    )
    return [
        Follower(account=row[0], email=row[1], since=row[2], given=row[3])
        for row in bulk.query(connection, statement, receiver)
    ]


def end_following(connection: Connection, receiver: int, giver: int, now: int) -> bool:
    """Be followed by that one no longer; whether it did follow."""
    statement = "UPDATE following SET ended_at = ? WHERE receiver_id = ? AND giver_id = ? AND ended_at IS NULL"
    return bulk.execute(connection, statement, now, receiver, giver) > 0

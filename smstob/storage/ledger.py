"""Money: entries are added and balances follow, in the same transaction; nothing else touches either."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, case, func, insert, or_, select, union_all

from ..model.ledger import ISSUED, SPENT, LedgerEntry, NotEnoughCredit, PurseKind, Reason, Verification
from ..model.report import Movement
from . import alerts, bulk
from .schema import ledger_entry, message, purse


def open_purse(connection: Connection, account: int) -> int:
    """A purse for ``account``, empty; gives its id."""
    values = {"kind": PurseKind.ACCOUNT.value, "account_id": account, "balance": 0}
    key = connection.execute(insert(purse).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def purse_of(connection: Connection, account: int) -> int:
    """The id of the purse of ``account``."""
    found: int = connection.execute(select(purse.c.id).where(purse.c.account_id == account)).scalar_one()
    return found


def balance_of(connection: Connection, account: int) -> int:
    """Credits in the purse of ``account``."""
    found: int = connection.execute(select(purse.c.balance).where(purse.c.account_id == account)).scalar_one()
    return found


def record(connection: Connection, entries: Sequence[LedgerEntry]) -> None:
    """Add ``entries`` and move their credits; whoever's fall to his threshold is owed an alert.

    Raises ``NotEnoughCredit`` when a purse would fall below zero, and IntegrityError when a reason
    and reference were recorded before: the whole transaction is to be given up then.
    """
    moved: Counter[int] = Counter()
    for entry in entries:
        moved[entry.source] -= entry.amount
        moved[entry.target] += entry.amount
    bulk.insert(
        connection,
        ledger_entry,
        ("at", "reason", "reference", "source_id", "target_id", "amount", "note"),
        [
            (entry.at, entry.reason.value, entry.reference, entry.source, entry.target, entry.amount, entry.note)
            for entry in entries
        ],
    )
    # the two purses that everybody shares come last, and so are held shortest
    shared = {purse_id: moved.pop(purse_id) for purse_id in (ISSUED, SPENT) if purse_id in moved}
    _move(connection, moved)
    _watch(connection, entries, moved)
    _move(connection, shared)


def _move(connection: Connection, moved: Mapping[int, int]) -> None:
    # in the order of ids, so that two writers never wait for each other crosswise
    for purse_id, amount in sorted(moved.items()):
        if amount and bulk.execute(connection, _MOVE, amount, purse_id, -amount) != 1:
            raise NotEnoughCredit


def _watch(connection: Connection, entries: Sequence[LedgerEntry], moved: Mapping[int, int]) -> None:
    lost = [purse_id for purse_id, amount in moved.items() if amount < 0]
    # what a message that failed gives back is no new credit
    gained = moved.keys() & {entry.target for entry in entries if entry.reason is not Reason.REFUND}
    if lost or gained:
        alerts.watch(connection, lost, gained, max(entry.at for entry in entries))


_MOVE = "UPDATE purse SET balance = balance + ? WHERE id = ? AND (balance >= ? OR kind = 'issued')"


def issue(connection: Connection, account: int, amount: int, reason: Reason, reference: str, at: int, note: str) -> int:
    """Give ``account`` credits, or take them back where ``amount`` is negative; gives the balance after.

    Raises ``NotEnoughCredit`` when more would be taken back than there is.
    """
    own = purse_of(connection, account)
    source, target = (ISSUED, own) if amount > 0 else (own, ISSUED)
    record(connection, [LedgerEntry(at, reason, reference, source, target, abs(amount), note)])
    return balance_of(connection, account)


def movements(connection: Connection, account: int, limit: int) -> list[Movement]:
    """The last ``limit`` movements of the purse of ``account``, oldest first."""
    own = purse_of(connection, account)
    signed = case((ledger_entry.c.target_id == own, ledger_entry.c.amount), else_=-ledger_entry.c.amount)
    seen = (
        select(ledger_entry, signed.label("signed"))
        .where(or_(ledger_entry.c.source_id == own, ledger_entry.c.target_id == own))
        .order_by(ledger_entry.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(seen).all()
    submissions = _refunded(connection, [int(row.reference) for row in rows if row.reason == Reason.REFUND.value])
    balance = balance_of(connection, account)
    found = []
    for row in rows:
        paid = int(row.reference) if row.reason == Reason.DEBIT.value else None
        refunded = submissions.get(int(row.reference)) if row.reason == Reason.REFUND.value else None
        found.append(
            Movement(
                at=row.at,
                reason=row.reason,
                reference=row.reference,
                amount=row.signed,
                balance=balance,
                note=row.note,
                submission=paid or refunded,
            )
        )
        balance -= row.signed
    return found[::-1]


def _refunded(connection: Connection, messages: Sequence[int]) -> dict[int, int]:
    """The submissions of messages that were refunded."""
    statement = "SELECT id, submission_id FROM message WHERE id {among}"
    return {row[0]: row[1] for row in bulk.select(connection, statement, messages, message.c.id)}


def verify(connection: Connection) -> Verification:
    """Add up every entry anew and compare with every balance."""
    legs = union_all(
        select(ledger_entry.c.target_id.label("purse_id"), ledger_entry.c.amount.label("amount")),
        select(ledger_entry.c.source_id, -ledger_entry.c.amount),
    ).subquery()
    sums = select(legs.c.purse_id, func.sum(legs.c.amount).label("sum")).group_by(legs.c.purse_id).subquery()
    compared = (
        select(purse.c.id, purse.c.kind, purse.c.account_id, purse.c.balance, func.coalesce(sums.c.sum, 0).label("sum"))
        .outerjoin(sums, sums.c.purse_id == purse.c.id)
        .where(purse.c.balance != func.coalesce(sums.c.sum, 0))
        .order_by(purse.c.id)
    )
    differences = tuple(
        f"purse {row.id} ({row.kind}, account {row.account_id}): balance {row.balance}, entries {row.sum}"
        for row in connection.execute(compared)
    )
    return Verification(
        entries=connection.execute(select(func.count()).select_from(ledger_entry)).scalar_one(),
        sum=int(connection.execute(select(func.coalesce(func.sum(purse.c.balance), 0))).scalar_one()),
        differences=differences,
    )

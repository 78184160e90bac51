"""Orders: kept when they are made, paid once with their credits and their invoice in one transaction."""

import json
from collections.abc import Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, func, or_, select, update

from ..model.customer import Customer
from ..model.notice import Kind
from ..model.order import MOST_OPEN, Order, OrderFault, OrderQuery, OrderState, reference_of
from ..model.vat import Amounts, Taxation
from . import bulk, notices
from .billing_schema import invoice, sales_order
from .schema import account


@attrs.frozen(kw_only=True)
class Wanted:
    """An order that is to be made."""

    account: int
    key: str
    method: str
    by_hand: bool
    credits: int
    amounts: Amounts
    customer: Customer
    at: int


_COLUMNS: Final = (
    *("id", "reference", "account_id", "key", "method", "by_hand", "state", "credits", "net", "vat", "rate"),
    *("taxation", "customer", "created"),
)


def create(connection: Connection, wanted: Wanted) -> Order | OrderFault:
    """A new open order, or the account's of the same key; who is to pay by hand is owed how."""
    # of two requests for one account the other waits here, and then sees what the first made
    locked = select(account.c.id).where(account.c.id == wanted.account, account.c.disabled.is_(False))
    if connection.execute(locked.with_for_update(key_share=True)).scalar_one_or_none() is None:
        return OrderFault.UNKNOWN
    mine = sales_order.c.account_id == wanted.account
    same = connection.execute(select(sales_order.c.reference).where(mine, sales_order.c.key == wanted.key))
    if (known := same.scalar_one_or_none()) is not None:
        return _must(connection, known)
    waiting = select(func.count()).where(mine, sales_order.c.state == OrderState.OPEN.value)
    if connection.execute(waiting).scalar_one() >= MOST_OPEN:
        return OrderFault.TOO_MANY
    (id_,) = bulk.next_ids(connection, sales_order, 1)
    amounts, reference = wanted.amounts, reference_of(id_)
    row = (
        *(id_, reference, wanted.account, wanted.key, wanted.method, wanted.by_hand, OrderState.OPEN.value),
        *(wanted.credits, amounts.net, amounts.vat, amounts.rate, amounts.taxation.value),
        *(json.dumps(attrs.asdict(wanted.customer), ensure_ascii=False), wanted.at),
    )
    bulk.insert(connection, sales_order, _COLUMNS, [row])
    made = _must(connection, reference)
    if made.by_hand:
        _owe(connection, Kind.ORDERED, made, wanted.at)
    return made


def _owe(connection: Connection, kind: Kind, order: Order, now: int) -> None:
    key = f"{kind}:{order.reference}"
    notices.owe_about(connection, kind, order.account, order.email, order.reference, key, now)


def find(connection: Connection, reference: str, account_id: int | None = None, lock: bool = False) -> Order | None:
    """The order of that reference; of that account alone where it is given. ``lock`` it until the commit."""
    wanted = select(sales_order, account.c.email).join(account, account.c.id == sales_order.c.account_id)
    wanted = wanted.where(sales_order.c.reference == reference)
    if account_id is not None:
        wanted = wanted.where(sales_order.c.account_id == account_id)
    if lock:
        wanted = wanted.with_for_update(of=sales_order)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _orders(connection, [row])[0]


def _must(connection: Connection, reference: str) -> Order:
    found = find(connection, reference)
    assert found is not None
    return found


def orders(connection: Connection, query: OrderQuery) -> list[Order]:
    """Orders, newest first."""
    wanted = select(sales_order, account.c.email).join(account, account.c.id == sales_order.c.account_id)
    if query.account is not None:
        wanted = wanted.where(sales_order.c.account_id == query.account)
    if query.state is not None:
        wanted = wanted.where(sales_order.c.state == query.state.value)
    if query.by_hand is not None:
        wanted = wanted.where(sales_order.c.by_hand.is_(query.by_hand))
    if query.before is not None:
        wanted = wanted.where(sales_order.c.id < query.before)
    rows = connection.execute(wanted.order_by(sales_order.c.id.desc()).limit(query.limit)).all()
    return _orders(connection, rows)


def _orders(connection: Connection, rows: Sequence[Any]) -> list[Order]:
    ids = [row.id for row in rows]
    numbers: dict[int, list[str]] = {}
    listed = select(invoice.c.order_id, invoice.c.number).where(invoice.c.order_id.in_(ids)).order_by(invoice.c.id)
    for order, number in connection.execute(listed):
        numbers.setdefault(order, []).append(number)
    return [_order(row, tuple(numbers.get(row.id, ()))) for row in rows]


def _order(row: Any, invoices: tuple[str, ...]) -> Order:
    return Order(
        id=row.id,
        reference=row.reference,
        account=row.account_id,
        email=row.email,
        method=row.method,
        by_hand=row.by_hand,
        state=OrderState(row.state),
        credits=row.credits,
        amounts=Amounts(net=row.net, vat=row.vat, rate=row.rate, taxation=Taxation(row.taxation)),
        customer=Customer(**json.loads(row.customer)),
        created=row.created,
        paid_at=row.paid_at,
        received=row.received,
        note=row.note,
        provider_reference=row.provider_reference,
        refunded=row.refunded,
        taken_back=row.taken_back,
        invoices=invoices,
    )


def change(connection: Connection, order: Order, **values: Any) -> None:
    """Set columns of an order, which the caller has locked."""
    connection.execute(update(sales_order).where(sales_order.c.id == order.id).values(**values))


def note_start(connection: Connection, reference: str, provider_reference: str) -> None:
    """Keep what its provider calls an open order."""
    started = update(sales_order).where(
        sales_order.c.reference == reference, sales_order.c.state == OrderState.OPEN.value
    )
    connection.execute(started.values(provider_reference=provider_reference))


def waiting(
    connection: Connection, by_hand: bool, since: int, before: int, limit: int, after: int = 0
) -> list[Order]:
    """Open orders that were made at ``since`` or later and ``before`` that, the oldest first, beyond the id ``after``.

    Those that are not paid by hand have been started; those that are have not been reminded of.
    """
    ready = sales_order.c.reminded_at.is_(None) if by_hand else sales_order.c.provider_reference != ""
    wanted = (
        select(sales_order, account.c.email)
        .join(account, account.c.id == sales_order.c.account_id)
        .where(sales_order.c.state == OrderState.OPEN.value, sales_order.c.by_hand.is_(by_hand), ready)
        .where(sales_order.c.created >= since, sales_order.c.created < before, sales_order.c.id > after)
        .order_by(sales_order.c.id)
        .limit(limit)
    )
    return _orders(connection, connection.execute(wanted).all())


def remind(connection: Connection, since: int, before: int, now: int, limit: int) -> int:
    """Owe a reminder to who ordered ``before`` that, and not before ``since``, and has not paid; gives how many."""
    reminded = 0
    for order in waiting(connection, True, since, before, limit):
        mine = update(sales_order).where(
            sales_order.c.id == order.id,
            sales_order.c.reminded_at.is_(None),
            sales_order.c.state == OrderState.OPEN.value,
        )
        if connection.execute(mine.values(reminded_at=now)).rowcount:
            _owe(connection, Kind.REMINDED, order, now)
            reminded += 1
    return reminded


def lapse(connection: Connection, by_hand_before: int, others_before: int, now: int, limit: int) -> int:
    """Cancel orders that nobody pays any more, by when they were made; who was to pay by hand is told."""
    old = or_(
        sales_order.c.by_hand.is_(True) & (sales_order.c.created < by_hand_before),
        sales_order.c.by_hand.is_(False) & (sales_order.c.created < others_before),
    )
    wanted = (
        select(sales_order, account.c.email)
        .join(account, account.c.id == sales_order.c.account_id)
        .where(sales_order.c.state == OrderState.OPEN.value, old)
        .order_by(sales_order.c.created)
        .limit(limit)
        .with_for_update(of=sales_order, skip_locked=True)
    )
    stale = _orders(connection, connection.execute(wanted).all())
    for order in stale:
        change(connection, order, state=OrderState.CANCELLED.value)
        if order.by_hand:
            _owe(connection, Kind.LAPSED, order, now)
    return len(stale)

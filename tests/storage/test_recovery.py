"""After a daemon that was killed: what a SIM card was given keeps to what the gateway would have said of it."""

from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from smstob.flow.recovery import recover
from smstob.flow.settle import MOST_SILENT, UNTOLD
from smstob.model.account import Account, Format
from smstob.model.message import State
from smstob.storage import queue, receipts, settlement, sims
from smstob.storage.schema import notice
from tests.sims import segment_to

from .scenes import GATEWAY, NOW, NUMBER, claim, credits_of, open_account, parts_of, receipt, row, send, settled, undone

AGAIN = 1800
"""Seconds after which ``retry`` sends again."""

KILLED = NOW + 5
"""When the next daemon begins."""


@pytest.fixture
def account(connection: Connection) -> Account:
    """With ten credits."""
    return open_account(connection, 10)


def give(connection: Connection, id_: int, part: int = 1, again: int | None = None, at: int = NOW) -> int:
    """A card is given a part of a claimed message; gives the use."""
    return sims.use(connection, "208", segment_to(NUMBER, id_, part), at, again)


def at_card(connection: Connection, account: Account, again: int | None = None, **changes: Any) -> tuple[int, int]:
    """A message of one part that a card was given; gives its id and the use."""
    id_ = send(connection, account, f"Texte {changes}", **changes)
    claim(connection)
    return id_, give(connection, id_, again=again)


def failures(connection: Connection) -> int:
    """Notices of failures that are owed."""
    return connection.execute(select(func.count()).select_from(notice)).scalar_one()


def test_fail(connection: Connection, account: Account) -> None:
    """With «fail» it is unknown: never given again, never refunded, told; its report still ends it."""
    id_, use = at_card(connection, account)
    told = failures(connection)
    assert recover(connection, KILLED, alone=True) == 1
    ended = row(connection, id_)
    assert (ended.state, ended.error, ended.repeats) == ("unknown", UNTOLD, 0)
    assert parts_of(connection, id_) == {1: (str(use), "unknown")}
    assert (claim(connection, KILLED + 9 * AGAIN), credits_of(connection, account)) == ([], 9)
    assert failures(connection) == told + 1
    assert recover(connection, KILLED, alone=True) == 0
    assert receipts.receive(connection, [receipt(str(use))]) == [True]
    assert row(connection, id_).state == "delivered"


def test_retry(connection: Connection, account: Account) -> None:
    """With «retry» it is given again once the time for a report is over, counted as a repeat."""
    id_, use = at_card(connection, account, AGAIN)
    assert recover(connection, KILLED, alone=True) == 1
    assert claim(connection, NOW + AGAIN - 1) == []
    (again,) = claim(connection, NOW + AGAIN)
    assert (again.id, again.repeats, again.doubtful, again.left) == (id_, 1, frozenset({1}), frozenset())
    assert parts_of(connection, id_) == {1: (str(use), "unknown")}


def test_retry_meets_a_report(connection: Connection, account: Account) -> None:
    """Nor is it given again where a report comes meanwhile, or came before."""
    late, use = at_card(connection, account, AGAIN, segments=1)
    early = send(connection, account, "plus tôt")
    claim(connection)
    before = give(connection, early, again=AGAIN)
    assert receipts.receive(connection, [receipt(str(before))]) == [False]
    recover(connection, KILLED, alone=True)
    assert row(connection, early).state == "delivered"
    receipts.receive(connection, [receipt(str(use))])
    assert row(connection, late).state == "delivered"
    assert claim(connection, NOW + 2 * AGAIN) == []


def test_retries_end(connection: Connection, account: Account) -> None:
    """A daemon that is killed each time does not make a telephone ring for ever."""
    id_ = send(connection, account)
    given = 0
    for now in range(NOW, NOW + 3 * MOST_SILENT * AGAIN, AGAIN):
        if claim(connection, now):
            give(connection, id_, again=AGAIN, at=now)
            given += 1
        recover(connection, now + 1, alone=True)
    assert (given, row(connection, id_).state) == (MOST_SILENT, "unknown")


def test_taken(connection: Connection, account: Account) -> None:
    """What the network had taken is handed, and its report ends it."""
    id_, use = at_card(connection, account, AGAIN)
    sims.took(connection, use, 7)
    recover(connection, KILLED, alone=True)
    assert (row(connection, id_).state, row(connection, id_).error) == ("handed", None)
    receipts.receive(connection, [receipt(str(use))])
    assert row(connection, id_).state == "delivered"


def test_refused(connection: Connection, account: Account) -> None:
    """What is known not to have left goes again at once, whatever the setting."""
    id_, use = at_card(connection, account)
    sims.refused(connection, use)
    recover(connection, KILLED, alone=True)
    (again,) = claim(connection, KILLED)
    assert (again.id, again.doubtful, again.left, again.handed) == (id_, frozenset(), frozenset(), frozenset())
    assert sims.used(connection, "208", NOW).last == NOW


def test_parts(connection: Connection, account: Account) -> None:
    """Of a long message each part has its own end, and only what was never tried goes: then its end is unknown."""
    id_ = send(connection, account, "Long", segments=4)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.QUEUED, ["r1"], due=NOW + 1)])
    claim(connection, NOW + 1)
    sims.took(connection, give(connection, id_, 2), 9)
    give(connection, id_, 3)
    recover(connection, KILLED, alone=True)
    (again,) = claim(connection, KILLED + 60)
    assert (again.handed, again.doubtful, again.left) == (frozenset({1, 2}), frozenset(), frozenset({3}))
    settlement.settle(connection, [settled(id_, State.QUEUED, due=KILLED + 61)])
    claim(connection, KILLED + 61)
    sims.took(connection, give(connection, id_, 4), 10)
    recover(connection, KILLED + 70, alone=True)
    assert (row(connection, id_).state, credits_of(connection, account)) == ("unknown", 6)


def test_earlier_doubt(connection: Connection, account: Account) -> None:
    """A doubt that was settled before stays as it was settled, under its reference, until the part is given again."""
    id_, use = at_card(connection, account, 60)
    told = settled(id_, State.QUEUED, due=NOW + 60, repeated=1, doubtful=((1, str(use), True),))
    settlement.settle(connection, [told])
    claim(connection, NOW + 60)
    recover(connection, NOW + 61, alone=True)
    assert parts_of(connection, id_) == {1: (str(use), "unknown")}
    claim(connection, NOW + 200)
    second = give(connection, id_, again=60, at=NOW + 200)
    recover(connection, NOW + 201, alone=True)
    assert parts_of(connection, id_) == {1: (str(second), "unknown")}


def test_sent_again_as_flash(connection: Connection, account: Account) -> None:
    """What the card sent of the normal message is not taken for the flash one, which goes at once."""
    id_, use = at_card(connection, account, format=Format.NORMAL_THEN_FLASH)
    sims.took(connection, use, 7)
    settlement.settle(connection, [settled(id_, parts=[str(use)])])
    receipts.receive(connection, [receipt(str(use), State.FAILED)])
    (flash,) = claim(connection, NOW + 5)
    assert (flash.id, flash.format) == (id_, Format.FLASH)
    recover(connection, NOW + 6, alone=True)
    (again,) = claim(connection, NOW + 6)
    assert (again.id, again.handed) == (id_, frozenset())


@pytest.mark.parametrize(("again", "state"), [(None, "unknown"), (AGAIN, "unknown")])
def test_validity_is_over(connection: Connection, account: Account, again: int | None, state: str) -> None:
    """It ends unknown, not expired, and there is no refund: it may have arrived."""
    id_, _ = at_card(connection, account, again, validity=1)
    recover(connection, NOW + 7200, alone=True)
    assert (row(connection, id_).state, credits_of(connection, account)) == (state, 9)


def test_others(connection: Connection, account: Account) -> None:
    """What no card was given is queued at once and counts a repeat, as ever; what somebody holds stays his."""
    card, _ = at_card(connection, account)
    link = send(connection, account, "lien")
    claim(connection)
    alive = send(connection, account, "vivant")
    queue.claim(connection, GATEWAY, "alive", NOW, NOW + 600, 1)
    give(connection, alive)
    assert recover(connection, NOW + 59, alone=False) == 0
    assert recover(connection, NOW + 60, alone=False) == 2
    assert (row(connection, card).state, row(connection, link).repeats) == ("unknown", 1)
    assert [one.id for one in claim(connection, NOW + 60, lease="alive")] == [link]
    assert (row(connection, alive).state, row(connection, alive).lease) == ("queued", "alive")


def test_plan(connection: Connection, account: Account) -> None:
    """Uses are found by their message, abandoned messages in the queue's own index."""
    at_card(connection, account)
    asked: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    sqlite = connection.dialect.name == "sqlite"
    sims.part_uses(connection, [1])
    queue.abandoned(connection, NOW, alone=False)
    plans = []
    with undone(connection):
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked[:2]:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {statement}", parameters)
            plans.append("\n".join(str(one[-1]) for one in rows))
    assert "ix_sim_use_message_id" in plans[0]
    assert "ix_message_queue" in plans[1]

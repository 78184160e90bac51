"""Two daemons on one PostgreSQL database: what each may see and take while the other has not committed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import attrs
import pytest
from sqlalchemy import Connection

from smstob.model.account import Account, Format
from smstob.model.message import State
from smstob.model.refusal import ACCOUNT_CHANGED
from smstob.model.submission import Submission
from smstob.storage import accounts, queue, receipts, settlement, submissions
from smstob.storage.engine import Engines

from .scenes import (
    GATEWAY,
    NOW,
    ask,
    claim,
    composed,
    credits_of,
    hand,
    open_account,
    parts_of,
    receipt,
    row,
    send,
    settled,
)


@pytest.fixture
def account(postgresql_engines: Engines) -> Account:
    """An account with 100 credits."""
    with postgresql_engines.writer.begin() as connection:
        return open_account(connection, 100)


@contextmanager
def blocked(engines: Engines, work: Callable[[Connection], Any]) -> Iterator["Future[Any]"]:
    """The other daemon's ``work``, which waits for ours; ours commits inside, the other's ends after."""

    def run() -> Any:
        with engines.writer.begin() as connection:
            return work(connection)

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(run)
        wait_for_lock(engines)
        assert not future.done()
        yield future
        future.result(10)


def wait_for_lock(engines: Engines) -> None:
    """Return when a transaction waits for another's lock."""
    until = monotonic() + 10
    statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while monotonic() < until:
        with engines.reader.begin() as connection:
            if connection.exec_driver_sql(statement).scalar_one():
                return
        sleep(0.01)
    raise AssertionError("nobody waits")


def test_claims_are_disjoint(postgresql_engines: Engines, account: Account) -> None:
    """SKIP LOCKED: the second gets the next ones at once, while the first has not committed."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        ids = [send(connection, account, f"{nth}") for nth in range(10)]
    with writer.begin() as one, writer.begin() as two:
        first = [told.id for told in claim(one, count_=4, lease="one")]
        second = [told.id for told in claim(two, count_=10, lease="two")]
    assert (first, second) == (ids[:4], ids[4:])
    with writer.begin() as connection:
        assert claim(connection) == []


def test_many_claimants(postgresql_engines: Engines, account: Account) -> None:
    """Four threads empty a queue of 90: each message is somebody's, and one's only."""
    with postgresql_engines.writer.begin() as connection:
        ids = {send(connection, account, f"{nth}") for nth in range(90)}

    def work(name: int) -> list[int]:
        mine: list[int] = []
        while True:
            with postgresql_engines.writer.begin() as connection:
                got = claim(connection, count_=7, lease=f"daemon {name}")
            if not got:
                return mine
            mine += [told.id for told in got]

    with ThreadPoolExecutor(4) as threads:
        taken = [id_ for mine in threads.map(work, range(4)) for id_ in mine]
    assert len(taken) == len(set(taken))
    # one that finds all that is left locked may stop early: nothing is lost by it
    with postgresql_engines.writer.begin() as connection:
        taken += [told.id for told in claim(connection)]
    assert set(taken) == ids


def test_expiry_leaves_what_is_being_claimed(postgresql_engines: Engines, account: Account) -> None:
    """No refund for a message that another daemon takes at this moment."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = send(connection, account, validity=1)
    with writer.begin() as one, writer.begin() as two:
        assert [told.id for told in claim(one)] == [id_]
        assert settlement.expire(two, [id_], "trop tard", "muet", NOW + 3600) == 0
    with writer.begin() as connection:
        assert row(connection, id_).state == "queued"
        assert credits_of(connection, account) == 99


def test_settlement_waits_for_a_cancellation(postgresql_engines: Engines, account: Account) -> None:
    """What was cancelled and refunded a moment ago is not handed after all."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = send(connection, account)
        submission_id = row(connection, id_).submission_id
    with writer.connect() as ours:
        assert settlement.cancel(ours, submission_id, NOW) == (1, 1)
        with blocked(postgresql_engines, lambda other: settlement.settle(other, [settled(id_, parts=["r"])])) as told:
            ours.commit()
        assert told.result() == [False]
    with writer.begin() as connection:
        assert (row(connection, id_).state, parts_of(connection, id_)) == ("cancelled", {})
        assert credits_of(connection, account) == 100


def test_cancellation_sees_a_part_that_left_meanwhile(postgresql_engines: Engines, account: Account) -> None:
    """It waits for the row, and then looks again whether anything was sent of it."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = send(connection, account, segments=2)
        submission_id = row(connection, id_).submission_id
    with writer.connect() as ours:
        assert settlement.settle(ours, [settled(id_, State.QUEUED, ["r1"])]) == [True]
        with blocked(postgresql_engines, lambda other: settlement.cancel(other, submission_id, NOW)) as told:
            ours.commit()
        assert told.result() == (0, 0)
    with writer.begin() as connection:
        assert credits_of(connection, account) == 98


def test_receipts_of_two_parts_at_once(postgresql_engines: Engines, account: Account) -> None:
    """Each daemon gets one: whoever is second sees the first's, and ends the message."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = hand(connection, account, "r1", "r2")
    with writer.connect() as ours:
        assert receipts.receive(ours, [receipt("r1")]) == [True]
        with blocked(postgresql_engines, lambda other: receipts.receive(other, [receipt("r2")])):
            ours.commit()
    with writer.begin() as connection:
        assert row(connection, id_).state == "delivered"


def test_receipts_of_two_doubtful_parts_at_once(postgresql_engines: Engines, account: Account) -> None:
    """Likewise where both wait to go out again: the second takes the message out of the queue."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = send(connection, account, segments=2)
        claim(connection)
        told = settled(id_, State.QUEUED, due=NOW + 600, repeated=1)
        settlement.settle(connection, [attrs.evolve(told, doubtful=((1, "r1", True), (2, "r2", True)))])
    with writer.connect() as ours:
        assert receipts.receive(ours, [receipt("r1")]) == [True]
        with blocked(postgresql_engines, lambda other: receipts.receive(other, [receipt("r2")])):
            ours.commit()
    with writer.begin() as connection:
        assert row(connection, id_).state == "delivered"


def test_receipt_and_answer_at_once(postgresql_engines: Engines, account: Account) -> None:
    """Neither sees the other as both commit: the hourly upkeep brings them together."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        id_ = send(connection, account)
        claim(connection)
    with writer.begin() as one, writer.begin() as two:
        assert receipts.receive(one, [receipt("r")]) == [False]
        settlement.settle(two, [settled(id_, parts=["r"])])
        assert receipts.match_parked(two, ["r"]) == 0
    with writer.begin() as connection:
        assert receipts.prune_parked(connection, NOW - 1000) == 0
        assert row(connection, id_).state == "delivered"
        assert connection.exec_driver_sql("SELECT count(*) FROM parked_receipt").scalar_one() == 0


def test_acceptance_waits_for_a_changed_account(postgresql_engines: Engines, account: Account) -> None:
    """The option or password that is being changed counts: the caller has to look again."""
    with postgresql_engines.writer.connect() as ours:
        accounts.set_options(ours, account.id, {"format": Format.FLASH})
        acceptance = ask(account, composed(account))
        with blocked(postgresql_engines, lambda other: submissions.accept(other, [acceptance])) as told:
            ours.commit()
        assert told.result() == [ACCOUNT_CHANGED]


def test_acceptances_of_one_account_follow_each_other(postgresql_engines: Engines, account: Account) -> None:
    """The second sees the balance, the texts and the references that the first has committed."""
    whole = ask(account, composed(account, "a", credits_=100), reference="r")
    asked = [
        attrs.evolve(whole, reference="r"),
        ask(account, composed(account, "a")),
        ask(account, composed(account, "b")),
    ]
    with postgresql_engines.writer.connect() as ours:
        (made,) = submissions.accept(ours, [whole])
        with blocked(postgresql_engines, lambda other: submissions.accept(other, asked)) as told:
            ours.commit()
    assert isinstance(made, Submission)
    repeat, duplicate, poor = told.result()
    assert repeat.id == made.id
    assert (duplicate.code, poor.code) == (91, 83)


def test_refunds_and_acceptances_of_the_same_accounts(postgresql_engines: Engines) -> None:
    """Batches that touch the same purses in unlike orders end without a deadlock."""
    with postgresql_engines.writer.begin() as connection:
        people = [open_account(connection, 1000, duplicates=False) for _ in range(6)]

    def accept(turn: int) -> None:
        asked = [ask(one, composed(one, f"{turn % 3}")) for one in people[:: 1 if turn % 2 else -1]]
        with postgresql_engines.writer.begin() as connection:
            submissions.accept(connection, asked)

    def refuse(turn: int) -> None:
        with postgresql_engines.writer.begin() as connection:
            got = claim(connection, count_=6, lease=f"{turn}")
            refused = [settled(one.id, State.REJECTED, lease=one.lease) for one in got]
            settlement.settle(connection, refused[:: 1 if turn % 2 else -1])

    with ThreadPoolExecutor(4) as threads:
        for work in [threads.submit(one, turn) for turn in range(40) for one in (accept, refuse)]:
            work.result(30)
    with postgresql_engines.writer.begin() as connection:
        settlement.settle(connection, [settled(one.id, State.REJECTED) for one in claim(connection, count_=1000)])
        assert [credits_of(connection, one) for one in people] == [1000] * 6
        assert queue.gateways_in_use(connection) <= {GATEWAY}

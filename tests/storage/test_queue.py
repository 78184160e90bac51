"""The queue: who gets which message when."""

from typing import Any

from sqlalchemy import Connection

from smstob.flow.recovery import recover
from smstob.model.account import Format
from smstob.model.submission import Priority
from smstob.storage import queue, settlement
from smstob.storage.schema import message

from .scenes import (
    GATEWAY,
    NOW,
    accept_one,
    ask,
    claim,
    composed,
    hand,
    message_ids,
    open_account,
    row,
    send,
    settled,
)

LATER = NOW + 3600


def test_claim_order(connection: Connection) -> None:
    """Single messages before those of groups, then the earliest due, then the first accepted."""
    account = open_account(connection)
    group = send(connection, account, "a", due=NOW - 100, priority=Priority.GROUP)
    late, tie = (send(connection, account, text, due=NOW - 5) for text in "bc")
    early = send(connection, account, "d", due=NOW - 9)
    assert [one.id for one in claim(connection, count_=3)] == [early, late, tie]
    assert [one.id for one in claim(connection, count_=3)] == [group]
    assert claim(connection) == []


def test_claim_tells_all_that_sending_takes(connection: Connection) -> None:
    """Number, text, coding, format, deadline and tries are as they were accepted."""
    account = open_account(connection)
    id_ = send(connection, account, "Été 😀 'x'", segments=2, format=Format.FLASH, validity=1)
    (told,) = claim(connection)
    assert told == queue.Claimed(
        id=id_, lease="daemon", number="+33612345678", text="Été 😀 'x'", coding=told.coding, segments=2,
        format=Format.FLASH, deadline=NOW + 3600, attempts=0, repeats=0, handed=frozenset(),
    )  # fmt: skip


def test_claim_takes_what_is_due_here_and_free(connection: Connection) -> None:
    """Not what is due in the future, nor another gateway's, nor what somebody holds; at most so many."""
    account = open_account(connection)
    due = [send(connection, account, text) for text in "abc"]
    future = send(connection, account, "d", due=LATER)
    accept_one(connection, ask(account, composed(account, "e", gateway="autre")))
    first = claim(connection, count_=2)
    assert [one.id for one in first] == due[:2]
    assert [one.id for one in claim(connection, lease="other")] == due[2:]
    assert claim(connection, now=LATER - 1) == []
    assert [one.id for one in claim(connection, now=LATER)] == [future]
    held = row(connection, due[0])
    assert (held.lease, held.due, held.state) == ("daemon", NOW + 60, "queued")


def test_release_and_renew_are_the_holders(connection: Connection) -> None:
    """Only who holds a message may keep it longer or give it back; what is settled stays."""
    account = open_account(connection)
    one, two = (send(connection, account, text) for text in "ab")
    claim(connection)
    settlement.settle(connection, [settled(two)])
    queue.renew(connection, [one, two], "other", NOW + 500)
    queue.release(connection, [one, two], "other", NOW)
    assert (row(connection, one).due, row(connection, one).lease) == (NOW + 60, "daemon")
    queue.renew(connection, [one, two], "daemon", NOW + 500)
    assert row(connection, one).due == NOW + 500
    queue.release(connection, [one, two], "daemon", NOW + 3)
    assert (row(connection, one).due, row(connection, one).lease, row(connection, one).repeats) == (NOW + 3, None, 0)
    assert (row(connection, two).due, row(connection, two).state) == (NOW + 60, "handed")
    assert claim(connection, NOW + 2) == []
    assert [told.id for told in claim(connection, NOW + 3)] == [one]


def test_recover_takes_leases_that_ran_out(connection: Connection) -> None:
    """Among several daemons only those, each counted as a repeat; alone, every one that is held."""
    account = open_account(connection)
    old, new, free, done = (send(connection, account, text) for text in "abcd")
    queue.claim(connection, GATEWAY, "gone", NOW, NOW + 10, 1)
    queue.claim(connection, GATEWAY, "alive", NOW, NOW + 60, 1)
    connection.execute(message.update().where(message.c.id == done).values(lease="gone", state="handed", due=NOW))
    assert recover(connection, NOW + 9, alone=False) == 0
    assert recover(connection, NOW + 10, alone=False) == 1
    assert (row(connection, old).lease, row(connection, old).due, row(connection, old).repeats) == (None, NOW + 10, 1)
    assert (row(connection, new).lease, row(connection, free).repeats) == ("alive", 0)
    assert recover(connection, NOW + 11, alone=True) == 1
    assert (row(connection, new).lease, row(connection, new).repeats) == (None, 1)
    assert row(connection, done).state == "handed"


def test_waiting_and_move(connection: Connection) -> None:
    """What waits at a gateway, by the beginning of its number, can be queued at another unless it is held."""
    account = open_account(connection)
    numbers = ["+33612345678", "+262692123456", "+33698765432", "+33700000000"]
    ids = [
        message_ids(connection, accept_one(connection, ask(account, composed(account, number=number))).id)[0]
        for number in numbers
    ]
    accept_one(connection, ask(account, composed(account, "plus tard"), due=LATER))

    def waits(*prefixes: str, count: int = 10) -> list[tuple[int, str]]:
        return sorted(queue.waiting(connection, GATEWAY, prefixes, NOW, count))

    assert waits("+336", "+262") == list(zip(ids, numbers, strict=True))[:3]
    assert len(waits("")) == 4
    assert len(waits("", count=2)) == 2
    assert waits("+33_", "%") == []
    queue.claim(connection, GATEWAY, "daemon", NOW, NOW + 60, 1)
    assert waits("+336") == [(ids[2], numbers[2])]
    settlement.settle(connection, [settled(ids[3])])
    queue.move(connection, dict.fromkeys(ids, "autre"))
    assert [row(connection, id_).gateway for id_ in ids] == [GATEWAY, "autre", "autre", GATEWAY]
    assert queue.gateways_in_use(connection) == {GATEWAY, "autre"}
    assert [one.id for one in queue.claim(connection, "autre", "daemon", NOW, NOW + 60, 9)] == ids[1:3]


def test_depth(connection: Connection) -> None:
    """How many are queued, due, and with the network; how long the first has been due."""
    told: Any = queue.depth(connection, NOW)
    assert (told.queued, told.due, told.handed, told.oldest_due_age) == (0, 0, 0, 0)
    account = open_account(connection)
    hand(connection, account, "r1", "r2")
    for text, due in (("a", NOW - 40), ("b", NOW), ("c", LATER)):
        send(connection, account, text, due=due)
    told = queue.depth(connection, NOW)
    assert (told.queued, told.due, told.handed, told.oldest_due_age) == (3, 2, 1, 40)


def test_hasten(connection: Connection) -> None:
    """The clock is set back by an hour: what was to leave at once is due; what is deferred or held stays."""
    account = open_account(connection)
    held = send(connection, account, "held")
    claim(connection)
    at_once = send(connection, account, "now")
    deferred = send(connection, account, "later", due=NOW + 60, deferred=True)
    assert queue.hasten(connection, NOW - 3600) == 1
    assert [row(connection, id_).due for id_ in (at_once, deferred)] == [NOW - 3600, NOW + 60]
    assert row(connection, held).lease is not None
    assert [one.id for one in claim(connection, now=NOW - 3600)] == [at_once]

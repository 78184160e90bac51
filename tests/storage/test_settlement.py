"""How messages leave the queue: what becomes of each, to the credit."""


import attrs
import pytest
from sqlalchemy import Connection, select

from smstob.flow.recovery import recover
from smstob.model.message import State
from smstob.model.refusal import Code, Refusal
from smstob.model.submission import Submission
from smstob.storage import queue, settlement, submissions
from smstob.storage.schema import ledger_entry, message

from .scenes import (
    GATEWAY,
    NOW,
    accept_one,
    ask,
    claim,
    composed,
    credits_of,
    message_ids,
    open_account,
    parts_of,
    row,
    send,
    settled,
)

LATER = NOW + 3600


@pytest.mark.parametrize(
    ("state", "refunded"),
    [
        *((State.HANDED, False), (State.FAILED, False), (State.UNKNOWN, False)),
        *((State.REJECTED, True), (State.EXPIRED, True)),
    ],
)
def test_settled_states(connection: Connection, state: State, refunded: bool) -> None:
    """Each state is written with its time, and only what never left is refunded: exactly, and once."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=3)
    claim(connection)
    last = settled(id_, state, at=NOW + 7, error="non", attempts=4, repeated=2, gateway="autre")
    assert settlement.settle(connection, [last]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.gateway, kept.attempts, kept.repeats, kept.lease) == (state.value, "autre", 4, 2, None)
    assert (kept.handed_at, kept.ended_at) == ((NOW + 7, None) if state is State.HANDED else (None, NOW + 7))
    assert kept.error == (None if state is State.HANDED else "non")
    assert credits_of(connection, account) == (10 if refunded else 7)
    assert settlement.settle(connection, [last]) == [False]
    assert settlement.settle(connection, [settled(id_, State.REJECTED), settled(id_, State.QUEUED)]) == [False, False]
    assert row(connection, id_) == kept
    refunds = select(ledger_entry.c.reference, ledger_entry.c.amount).where(ledger_entry.c.reason == "refund")
    assert [tuple(one) for one in connection.execute(refunds)] == ([(str(id_), 3)] if refunded else [])
    again = submissions.accept(connection, [ask(account, composed(account))])
    assert isinstance(again[0], Refusal) is not refunded


def test_settlements_of_many_accounts(connection: Connection) -> None:
    """A batch of unlike ends, with ids that nobody knows: each its own, answers in order."""
    people = [open_account(connection, 10) for _ in range(4)]
    ids = [send(connection, account, segments=2) for account in people]
    claim(connection)
    states = [State.REJECTED, State.HANDED, State.QUEUED, State.EXPIRED]
    batch = [settled(id_, state) for id_, state in zip(ids, states, strict=True)]
    assert settlement.settle(connection, [settled(4_000_000_000), *batch]) == [False, True, True, True, True]
    assert [row(connection, id_).state for id_ in ids] == [state.value for state in states]
    assert [credits_of(connection, account) for account in people] == [10, 8, 8, 10]
    assert settlement.settle(connection, []) == []


def test_two_settlements_of_one_message(connection: Connection) -> None:
    """In one batch the first counts, as it does in two."""
    account = open_account(connection, 10)
    id_ = send(connection, account)
    claim(connection)
    assert settlement.settle(connection, [settled(id_, parts=["r"]), settled(id_, State.REJECTED)]) == [True, False]
    assert row(connection, id_).state == "handed"
    assert credits_of(connection, account) == 9


@pytest.mark.parametrize("state", [State.HANDED, State.REJECTED, State.QUEUED])
def test_settlement_that_comes_too_late(connection: Connection, state: State) -> None:
    """What was cancelled or expired meanwhile stays so, refunded once, and no part is noted."""
    account = open_account(connection, 10)
    cancelled = send(connection, account, "a", validity=1)
    expired = send(connection, account, "b", validity=1)
    claim(connection)
    recover(connection, NOW, alone=True)
    assert settlement.expire(connection, [expired], "trop tard", "muet", LATER) == 1
    connection.execute(message.update().values(repeats=0).where(message.c.id == cancelled))
    assert settlement.cancel(connection, row(connection, cancelled).submission_id, NOW) == (1, 1)
    both = [settled(cancelled, state, ["x"]), settled(expired, state, ["y"])]
    assert settlement.settle(connection, both) == [False, False]
    assert [row(connection, id_).state for id_ in (cancelled, expired)] == ["cancelled", "expired"]
    assert parts_of(connection, cancelled) == parts_of(connection, expired) == {}
    assert credits_of(connection, account) == 10


def test_retry_keeps_the_parts_that_were_taken(connection: Connection) -> None:
    """The next claimant is told which; the rest is then handed without touching them."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=3)
    claim(connection)
    again = settled(id_, State.QUEUED, due=NOW + 30, attempts=1, repeated=1, error="occupé")
    settlement.settle(connection, [attrs.evolve(again, parts=((2, "r2"),))])
    kept = row(connection, id_)
    assert (kept.due, kept.attempts, kept.repeats, kept.error, kept.lease) == (NOW + 30, 1, 1, "occupé", None)
    assert claim(connection, NOW + 29) == []
    (told,) = claim(connection, NOW + 30)
    assert (told.handed, told.attempts, told.repeats) == (frozenset({2}), 1, 1)
    settlement.settle(connection, [attrs.evolve(settled(id_), parts=((1, "r1"), (3, "r3")))])
    assert parts_of(connection, id_) == {1: ("r1", "handed"), 2: ("r2", "handed"), 3: ("r3", "handed")}
    assert row(connection, id_).error is None


def test_part_that_was_handed_twice(connection: Connection) -> None:
    """A claim that outlived its lease: both its result and the next one's are recorded, the first part stands."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=2)
    claim(connection)
    recover(connection, NOW + 60, alone=False)
    claim(connection, NOW + 60)
    first = attrs.evolve(settled(id_, State.QUEUED), parts=((1, "old"),))
    assert settlement.settle(connection, [first]) == [True]
    assert settlement.settle(connection, [settled(id_, parts=["new", "r2"])]) == [True]
    assert parts_of(connection, id_) == {1: ("old", "handed"), 2: ("r2", "handed")}


@pytest.mark.parametrize("state", [State.HANDED, State.QUEUED, State.REJECTED, State.EXPIRED, State.UNKNOWN])
def test_settlement_of_a_lease_that_is_anothers(connection: Connection, state: State) -> None:
    """Who lost its lease says nothing any more of the message; a part that it had handed is noted, and spent."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=2)
    claim(connection, lease="late")
    recover(connection, NOW + 60, alone=False)
    claim(connection, NOW + 60, lease="other")
    before = row(connection, id_)
    told = settled(id_, state, ["r1"], lease="late", attempts=7, repeated=1, error="non")
    assert settlement.settle(connection, [told]) == [True]
    assert row(connection, id_) == before
    assert parts_of(connection, id_) == {1: ("r1", "handed")}
    assert settlement.settle(connection, [settled(id_, State.REJECTED, lease="other", error="non")]) == [True]
    assert row(connection, id_).state == "failed"
    assert credits_of(connection, account) == 8


def test_settlement_of_a_lease_that_nobody_has(connection: Connection) -> None:
    """A lease that ran out, and that nobody took since, is as good as one's own."""
    account = open_account(connection, 10)
    id_ = send(connection, account)
    claim(connection, lease="late")
    recover(connection, NOW + 60, alone=False)
    settlement.settle(connection, [settled(id_, lease="late", parts=["r"])])
    assert row(connection, id_).state == "handed"


def test_parts_of_two_leases_make_a_whole(connection: Connection) -> None:
    """All parts were handed, by whom it was: who is given it has nothing to send, and it is handed whatever is said."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=2)
    claim(connection, lease="late")
    recover(connection, NOW + 60, alone=False)
    claim(connection, NOW + 60, lease="other")
    settlement.settle(connection, [settled(id_, lease="late", parts=["r1", "r2"])])
    queue.release(connection, [id_], "other", NOW + 70)
    (told,) = claim(connection, NOW + 70)
    assert told.handed == {1, 2}
    settlement.settle(connection, [settled(id_, State.QUEUED, due=NOW + 80, error="occupé")])
    kept = row(connection, id_)
    assert (kept.state, kept.error, kept.lease) == ("handed", None, None)


def test_counts_stop_where_their_columns_end(connection: Connection) -> None:
    """A message throttled every second for three days overflows nothing."""
    id_ = send(connection, open_account(connection))
    claim(connection)
    settlement.settle(connection, [settled(id_, State.QUEUED, attempts=40_000, repeated=32_767)])
    settlement.settle(connection, [settled(id_, State.QUEUED, attempts=40_000, repeated=1)])
    assert (row(connection, id_).attempts, row(connection, id_).repeats) == (32_767, 32_767)


def test_expire(connection: Connection) -> None:
    """Past its validity a message that nobody holds is refunded; one that left in part is failed and spent."""
    account = open_account(connection, 20)
    whole, partly, held, young = (send(connection, account, text, segments=2, validity=1) for text in "abcd")
    queue.claim(connection, GATEWAY, "daemon", NOW, NOW + 60, 3)
    settlement.settle(connection, [settled(partly, State.QUEUED, ["r1"]), settled(whole, State.QUEUED)])
    connection.execute(message.update().where(message.c.id == young).values(deadline=LATER + 1))
    assert set(queue.overdue(connection, LATER, 10)) == {whole, partly}
    assert len(queue.overdue(connection, LATER, 1)) == 1
    ids = [whole, partly, held, young]
    assert settlement.expire(connection, ids, "trop tard", "muet", LATER - 1) == 0
    assert settlement.expire(connection, ids, "trop tard", "muet", LATER) == 2
    assert settlement.expire(connection, ids, "trop tard", "muet", LATER) == 0
    told = [(row(connection, id_).state, row(connection, id_).error, row(connection, id_).ended_at) for id_ in ids]
    assert told[:2] == [("expired", "trop tard", LATER), ("failed", "trop tard", LATER)]
    assert told[2:] == [("queued", None, None)] * 2
    assert credits_of(connection, account) == 20 - 6


def test_cancel_is_exact(connection: Connection) -> None:
    """Only what was not sent and is not being sent ends, refunded; the same text may then be sent again."""
    account = open_account(connection, 20)
    group = [composed(account, number=f"+3361234567{digit}", segments=2) for digit in range(6)]
    made = accept_one(connection, ask(account, *group))
    other = send(connection, account, "autre")
    free, gone, held, partly, repeated, flashed = message_ids(connection, made.id)
    settlement.settle(connection, [settled(gone), settled(partly, State.QUEUED, ["r1"])])
    settlement.settle(connection, [settled(repeated, State.QUEUED, repeated=1)])
    connection.execute(message.update().where(message.c.id == held).values(lease="daemon"))
    connection.execute(message.update().where(message.c.id == flashed).values(handed_at=NOW))
    assert settlement.cancel(connection, made.id, NOW + 1) == (1, 2)
    assert settlement.cancel(connection, made.id, NOW + 2) == (0, 0)
    states = [row(connection, id_).state for id_ in (free, gone, held, partly, repeated, flashed, other)]
    assert states == ["cancelled", "handed", *["queued"] * 5]
    assert (row(connection, free).ended_at, row(connection, free).error) == (NOW + 1, None)
    assert credits_of(connection, account) == 20 - 13 + 2
    again = [submissions.accept(connection, [ask(account, one)])[0] for one in group[:2]]
    assert isinstance(again[0], Submission)
    assert again[1] == Refusal(Code.DUPLICATE)


def test_cancel_of_an_old_submission_forgets_no_new_text(connection: Connection) -> None:
    """Deferred for days, while the same text was sent anew an hour ago: that one is still a duplicate."""
    account = open_account(connection)
    old = accept_one(connection, ask(account, composed(account), due=NOW + 9 * 86_400))
    send(connection, account, at=NOW + 2 * 86_400)
    assert settlement.cancel(connection, old.id, NOW + 2 * 86_400 + 60) == (1, 1)
    (told,) = submissions.accept(connection, [ask(account, composed(account), at=NOW + 2 * 86_400 + 61)])
    assert told == Refusal(Code.DUPLICATE)

"""Parts that a gateway took, as it says only when nobody waits for its answer any more."""

import pytest
from sqlalchemy import Connection

from smstob.flow.recovery import recover
from smstob.model.message import State
from smstob.storage import receipts, settlement

from .scenes import (
    GATEWAY,
    NOW,
    claim,
    credits_of,
    hand,
    open_account,
    parts_of,
    receipt,
    row,
    send,
    settled,
)


def late(id_: int, part: int = 1, reference: str = "l", at: int = NOW + 3) -> settlement.TakenLate:
    """What the gateway tells of one part."""
    return settlement.TakenLate(id=id_, gateway=GATEWAY, at=at, parts=((part, reference),))


def unanswered(connection: Connection, segments: int = 1, state: State = State.QUEUED) -> int:
    """A message that went out, of which the gateway said nothing; gives its id."""
    id_ = send(connection, open_account(connection, 10), segments=segments)
    claim(connection)
    told = settled(id_, state, due=NOW + 60, repeated=1, error="muet" if state is State.UNKNOWN else None)
    assert settlement.settle(connection, [told]) == [True]
    return id_


def test_what_waits_for_its_next_try_does_not_go_out_again(connection: Connection) -> None:
    """Once all parts are there it is handed: nobody gets it any more, and its receipts find it."""
    id_ = unanswered(connection, segments=2)
    settlement.settle_late(connection, [late(id_, 2, "b")])
    assert row(connection, id_).state == "queued"
    settlement.settle_late(connection, [late(id_, 1, "a", NOW + 9)])
    kept = row(connection, id_)
    assert (kept.state, kept.handed_at, kept.error, kept.gateway, kept.repeats) == ("handed", NOW + 9, None, GATEWAY, 1)
    assert claim(connection, NOW + 3600) == []
    assert receipts.receive(connection, [receipt("a"), receipt("b")]) == [True, True]
    assert row(connection, id_).state == "delivered"


def test_one_batch_has_all_the_parts(connection: Connection) -> None:
    """Told at once, in any order, with one that is told twice."""
    id_, other = unanswered(connection, segments=3), unanswered(connection)
    told = [late(id_, 3, "c"), late(other, 1, "o"), late(id_, 1, "a"), late(id_, 1, "z"), late(id_, 2, "b")]
    settlement.settle_late(connection, told)
    assert parts_of(connection, id_) == {1: ("a", "handed"), 2: ("b", "handed"), 3: ("c", "handed")}
    assert [row(connection, one).state for one in (id_, other)] == ["handed", "handed"]


def test_a_part_that_is_there_is_not_claimed_again(connection: Connection) -> None:
    """The others are tried again, and the credits stay spent whatever becomes of them."""
    id_ = unanswered(connection, segments=2)
    settlement.settle_late(connection, [late(id_, 2)])
    (told,) = claim(connection, NOW + 60)
    assert told.handed == {2}
    assert settlement.settle(connection, [settled(id_, State.REJECTED, error="non")]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.error) == ("failed", "non")


def test_who_holds_it_says_what_becomes_of_it(connection: Connection) -> None:
    """The part is noted, the lease is his; where nothing is left to send he can only make it handed."""
    id_ = unanswered(connection)
    assert [one.id for one in claim(connection, NOW + 60)] == [id_]
    settlement.settle_late(connection, [late(id_, reference="first")])
    kept = row(connection, id_)
    assert (kept.state, kept.lease) == ("queued", "daemon")
    told = settled(id_, State.QUEUED, due=NOW + 90, repeated=1, error="occupé")
    assert settlement.settle(connection, [told]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.lease, kept.error, kept.repeats) == ("handed", None, None, 2)
    assert parts_of(connection, id_) == {1: ("first", "handed")}


def test_receipt_that_came_while_somebody_held_it(connection: Connection) -> None:
    """The first copy was delivered before the second was answered: delivered it is, by whichever receipt."""
    id_ = unanswered(connection)
    claim(connection, NOW + 60)
    settlement.settle_late(connection, [late(id_, reference="first")])
    assert receipts.receive(connection, [receipt("first")]) == [True]
    assert row(connection, id_).state == "queued"
    settlement.settle(connection, [settled(id_, parts=["second"], at=NOW + 61, repeated=1)])
    kept = row(connection, id_)
    assert (kept.state, kept.ended_at) == ("delivered", NOW + 61)
    assert parts_of(connection, id_) == {1: ("first", "delivered")}


def test_receipt_before_the_late_answer(connection: Connection) -> None:
    """It was parked, and ends the message as soon as its reference is known."""
    id_ = unanswered(connection)
    assert receipts.receive(connection, [receipt("l", State.FAILED)]) == [False]
    settlement.settle_late(connection, [late(id_)])
    assert receipts.match_parked(connection, ["l"]) == 1
    assert row(connection, id_).state == "failed"


def test_unknown_is_told_by_its_receipts(connection: Connection) -> None:
    """A message that was given up stays unknown until its receipt says better."""
    id_ = unanswered(connection, state=State.UNKNOWN)
    settlement.settle_late(connection, [late(id_)])
    assert (row(connection, id_).state, row(connection, id_).error) == ("unknown", "muet")
    assert receipts.receive(connection, [receipt("l")]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.error) == ("delivered", None)


@pytest.mark.parametrize("state", [State.REJECTED, State.EXPIRED, State.FAILED, State.HANDED])
def test_what_has_ended_stays_as_it_is(connection: Connection, state: State) -> None:
    """Nothing is noted, no credit moves; nor for a message that nobody knows."""
    account = open_account(connection, 10)
    id_ = send(connection, account)
    claim(connection)
    settlement.settle(connection, [settled(id_, state, ["own"] if state is State.HANDED else (), repeated=1)])
    before, credits_ = row(connection, id_), credits_of(connection, account)
    settlement.settle_late(connection, [late(id_), late(4_000_000_000)])
    assert row(connection, id_) == before
    assert credits_of(connection, account) == credits_
    assert parts_of(connection, id_) == ({1: ("own", "handed")} if state is State.HANDED else {})


def test_cancelled_meanwhile(connection: Connection) -> None:
    """What may have gone out is not cancelled; its late answer still makes it handed."""
    id_ = unanswered(connection)
    assert settlement.cancel(connection, row(connection, id_).submission_id, NOW + 1) == (0, 0)
    settlement.settle_late(connection, [late(id_)])
    assert row(connection, id_).state == "handed"


def test_of_nothing(connection: Connection) -> None:
    """An empty batch does nothing, and other messages are not touched."""
    handed = hand(connection, open_account(connection, 10), "r")
    settlement.settle_late(connection, [])
    recover(connection, NOW, alone=True)
    assert row(connection, handed).state == "handed"

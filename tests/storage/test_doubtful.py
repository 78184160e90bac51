"""Parts that a gateway may have taken: noted as unknown, met by receipts, replaced only as long as nobody knows."""

from typing import Any

import attrs
import pytest
from sqlalchemy import Connection

from smstob.flow.recovery import recover
from smstob.model.account import Account
from smstob.model.message import State
from smstob.storage import bulk, history, queue, receipts, settlement

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

LATER = NOW + 600


def noted(
    connection: Connection, account: Account, *again: bool, state: State = State.QUEUED, handed: int = 0, **changes: str
) -> int:
    """A message whose first ``handed`` parts were taken, and whose others may have been; gives its id.

    Parts are known as ``r1`` and so on; ``again`` says which of them go out again.
    """
    id_ = send(connection, account, f"Texte {changes}", segments=handed + len(again))
    claim(connection)
    told = settled(id_, state, [f"r{part}" for part in range(1, handed + 1)], due=LATER, repeated=int(any(again)))
    parts = tuple((part, f"r{part}", one) for part, one in enumerate(again, handed + 1))
    error = "muet" if state is State.UNKNOWN else None
    assert settlement.settle(connection, [attrs.evolve(told, doubtful=parts, error=error)]) == [True]
    return id_


def kinds(one: queue.Claimed) -> tuple[set[int], set[int], set[int]]:
    """Parts that were taken, that may have been and go out again, and that may have been and do not."""
    return set(one.handed), set(one.doubtful), set(one.left)


def taken_late(id_: int, part: int, reference: str) -> settlement.TakenLate:
    """What the gateway tells of one part after all."""
    return settlement.TakenLate(id=id_, gateway=GATEWAY, at=NOW + 3, parts=((part, reference),))


@pytest.fixture
def account(connection: Connection) -> Account:
    """With ten credits."""
    return open_account(connection, 10)


def test_noted(connection: Connection, account: Account) -> None:
    """Its reference and state are there for whoever looks, and it is claimed anew with those that may go out again."""
    id_ = noted(connection, account, True, False, handed=1)
    assert parts_of(connection, id_) == {1: ("r1", "handed"), 2: ("r2", "unknown"), 3: ("r3", "unknown")}
    assert [one.state for one in history.messages(connection)[0].parts] == ["handed", "unknown", "unknown"]
    assert claim(connection, LATER - 1) == []
    (told,) = claim(connection, LATER)
    assert kinds(told) == ({1}, {2}, {3})
    assert queue.depth(connection, NOW).handed == 0


def test_single_one(connection: Connection, account: Account) -> None:
    """Of a message that went out before the only part is looked for, too; of a new one there is none."""
    id_ = noted(connection, account, True)
    fresh = send(connection, account, "neuf")
    told = {one.id: one for one in claim(connection, LATER)}
    assert kinds(told[id_]) == (set(), {1}, set())
    assert kinds(told[fresh]) == (set(), set(), set())


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.EXPIRED])
@pytest.mark.parametrize("left", [State.QUEUED, State.UNKNOWN])
def test_receipt_ends_it(connection: Connection, account: Account, state: State, left: State) -> None:
    """Whether it waits to go out again or has left as unknown: it ends once, with the error, and stays spent."""
    id_ = noted(connection, account, left is State.QUEUED, state=left)
    told = receipt("r1", state)
    assert receipts.receive(connection, [told]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.ended_at, kept.error, kept.lease) == (state.value, NOW + 5, told.error, None)
    assert (claim(connection, LATER), credits_of(connection, account)) == ([], 9)
    assert receipts.receive(connection, [receipt("r1", State.FAILED)]) == [False]
    assert row(connection, id_) == kept


def test_receipt_before_it_was_noted(connection: Connection, account: Account) -> None:
    """A parked one is met as the part is noted."""
    assert receipts.receive(connection, [receipt("r1")]) == [False]
    id_ = noted(connection, account, True)
    assert receipts.match_parked(connection, ["r1"]) == 1
    assert row(connection, id_).state == "delivered"


def test_two_daemons_that_missed_each_other(connection: Connection, account: Account) -> None:
    """The upkeep brings a parked receipt and a doubtful part together."""
    receipts.receive(connection, [receipt("r1")])
    id_ = noted(connection, account, True)
    assert receipts.prune_parked(connection, NOW) == 0
    assert row(connection, id_).state == "delivered"


@pytest.mark.parametrize("states", [("delivered", "delivered"), ("delivered", "failed"), ("failed", "delivered")])
def test_all_parts_have_to_be_known(connection: Connection, account: Account, states: tuple[str, str]) -> None:
    """While one is doubtful the message waits, whatever the other's receipt says; the reason is that of who failed."""
    id_ = noted(connection, account, True, True)
    assert receipts.receive(connection, [receipt("r2", State(states[1]))]) == [True]
    assert row(connection, id_).state == "queued"
    assert receipts.receive(connection, [receipt("r1", State(states[0]))]) == [True]
    kept = row(connection, id_)
    failed = "failed" in states
    assert (kept.state, kept.error) == ("failed" if failed else "delivered", "Numéro non attribué." if failed else None)


def test_who_holds_it_has_the_last_word(connection: Connection, account: Account) -> None:
    """A receipt while it is claimed anew is noted; the holder's answer, whatever it is, hands it then."""
    for nth, state in enumerate((State.QUEUED, State.REJECTED, State.EXPIRED, State.UNKNOWN, State.HANDED)):
        id_ = noted(connection, account, True, text=f"{nth}")
        claim(connection, LATER)
        assert receipts.receive(connection, [receipt("r1")]) == [True]
        assert (row(connection, id_).state, row(connection, id_).lease) == ("queued", "daemon")
        parts = ["second"] if state is State.HANDED else []
        settlement.settle(connection, [settled(id_, state, parts, error="non", at=LATER + 1)])
        kept = row(connection, id_)
        assert (kept.state, kept.error, kept.ended_at) == ("delivered", None, LATER + 1), state
        assert parts_of(connection, id_) == {1: ("r1", "delivered")}
    assert credits_of(connection, account) == 5


def test_given_back_after_its_receipt(connection: Connection, account: Account) -> None:
    """Who claims it then has nothing to send."""
    id_ = noted(connection, account, True)
    claim(connection, LATER)
    receipts.receive(connection, [receipt("r1")])
    queue.release(connection, [id_], "daemon", LATER + 1)
    (told,) = claim(connection, LATER + 1)
    assert kinds(told) == ({1}, set(), set())


ANSWERS = [
    ("unknown", "handed", "handed"),
    ("unknown", "unknown", "unknown"),
    ("handed", "handed", "first"),
    ("handed", "unknown", "first"),
    ("delivered", "handed", "first"),
    ("failed", "handed", "first"),
    ("failed", "unknown", "first"),
]


@pytest.mark.parametrize(("before", "answer", "stands"), ANSWERS)
def test_second_answer(connection: Connection, account: Account, before: str, answer: str, stands: str) -> None:
    """It replaces the first reference as long as nobody knows of that one; never what is known."""
    id_ = noted(connection, account, True)
    claim(connection, LATER)
    if before == "handed":
        settlement.settle_late(connection, [taken_late(id_, 1, "r1")])
    elif before != "unknown":
        receipts.receive(connection, [receipt("r1", State(before))])
    told = settled(id_, State.UNKNOWN if answer == "unknown" else State.HANDED, gateway="autre")
    parts = {"parts": ((1, "second"),)} if answer == "handed" else {"doubtful": ((1, "second", False),)}
    settlement.settle(connection, [attrs.evolve(told, **parts)])
    first = ("r1", before)
    assert parts_of(connection, id_) == {1: first if stands == "first" else ("second", answer)}
    at = history.messages(connection)[0].parts[0].gateway
    assert at == (GATEWAY if stands == "first" else "autre")
    if before == "unknown":
        assert receipts.receive(connection, [receipt("r1")]) == [False]
        assert receipts.receive(connection, [receipt("second", gateway="autre")]) == [True]
        assert row(connection, id_).state == "delivered"


def test_again_no_more(connection: Connection, account: Account) -> None:
    """A part that went out again, and is now left for good, is not claimed a third time."""
    id_ = noted(connection, account, True, True)
    claim(connection, LATER)
    told = settled(id_, State.QUEUED, due=LATER + 9)
    settlement.settle(connection, [attrs.evolve(told, doubtful=((1, "s1", False), (2, "s2", True)))])
    (again,) = claim(connection, LATER + 9)
    assert kinds(again) == (set(), {2}, {1})


def test_late_answer(connection: Connection, account: Account) -> None:
    """Told of all its parts it leaves as handed; of one twice, the first stands; one that left as unknown stays so."""
    id_, left = noted(connection, account, True, True), noted(connection, account, False, state=State.UNKNOWN, text="b")
    told = [(id_, 1, "r1"), (id_, 2, "x"), (id_, 2, "y"), (left, 1, "z")]
    settlement.settle_late(connection, [taken_late(*one) for one in told])
    assert parts_of(connection, id_) == {1: ("r1", "handed"), 2: ("x", "handed")}
    assert (row(connection, id_).state, row(connection, left).state) == ("handed", "unknown")
    assert receipts.receive(connection, [receipt("z")]) == [True]
    assert row(connection, left).state == "delivered"


@pytest.mark.parametrize("state", [State.REJECTED, State.EXPIRED])
def test_no_refund(connection: Connection, account: Account, state: State) -> None:
    """Who may have got it has not got it for nothing; nor is it taken back, nor put off."""
    id_ = noted(connection, account, True, True)
    assert settlement.cancel(connection, row(connection, id_).submission_id, NOW + 1) == (0, 0)
    claim(connection, LATER)
    settlement.settle(connection, [settled(id_, state, error="non")])
    assert (row(connection, id_).state, row(connection, id_).error) == ("failed", "non")
    assert credits_of(connection, account) == 8


def test_another_daemons_note(connection: Connection, account: Account) -> None:
    """Who lost its lease still has it noted that a part may have left: what the holder says is no refund."""
    id_ = send(connection, account)
    claim(connection, lease="late")
    recover(connection, NOW + 60, alone=False)
    claim(connection, NOW + 60, lease="other")
    told = settled(id_, State.UNKNOWN, lease="late")
    settlement.settle(connection, [attrs.evolve(told, doubtful=((1, "r1", False),))])
    assert (row(connection, id_).state, row(connection, id_).lease) == ("queued", "other")
    settlement.settle(connection, [settled(id_, State.REJECTED, lease="other", error="non")])
    assert (row(connection, id_).state, credits_of(connection, account)) == ("failed", 9)


@pytest.mark.parametrize("known", [None, State.DELIVERED, State.FAILED])
def test_validity_that_ends(connection: Connection, account: Account, known: State | None) -> None:
    """Whole, it is unknown, or what its receipts say; of which a part never left, it failed. None is refunded."""
    whole = noted(connection, account, True, True, text="whole")
    partly = send(connection, account, "partly", segments=2)
    claim(connection)
    told = settled(partly, State.QUEUED, due=LATER)
    settlement.settle(connection, [attrs.evolve(told, doubtful=((1, "p1", True),))])
    if known is not None:
        receipts.receive(connection, [receipt("r1", known)])
    end = NOW + 72 * 3600
    assert settlement.expire(connection, [whole, partly], "trop tard", "muet", end) == 2
    kept = [row(connection, id_) for id_ in (whole, partly)]
    assert (kept[1].state, kept[1].error) == ("failed", "trop tard")
    failed = known is State.FAILED
    expected = ("failed", "Numéro non attribué.") if failed else ("unknown", "muet")
    assert (kept[0].state, kept[0].error) == expected
    assert credits_of(connection, account) == 6
    assert receipts.receive(connection, [receipt("r2"), *([] if known else [receipt("r1")])]).count(True)
    assert row(connection, whole).state == ("failed" if failed else "delivered")


def test_reason_of_a_part_that_failed_early(connection: Connection, account: Account) -> None:
    """Handed on the first try, failed before the rest was: the message has that reason, without a second receipt."""
    id_ = send(connection, account, segments=2)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.QUEUED, ["r1"])])
    receipts.receive(connection, [receipt("r1", State.FAILED)])
    claim(connection)
    settlement.settle(connection, [attrs.evolve(settled(id_), parts=((2, "r2"),))])
    assert (row(connection, id_).state, row(connection, id_).error) == ("failed", "Numéro non attribué.")


AMONG = {"sqlite": """IN (SELECT value FROM json_each('["r1"]'))""", "postgresql": "= ANY(ARRAY['r1', 'r2'])"}


def test_reason_is_that_of_the_end(connection: Connection, account: Account) -> None:
    """Of a part that expired and one that failed, each with its reason, the message has the failed one's."""
    id_ = hand(connection, account, "r1", "r2")
    told = [
        attrs.evolve(receipt("r1", State.EXPIRED), error="Trop tard."),
        attrs.evolve(receipt("r2", State.FAILED), error="Éteint."),
    ]
    assert receipts.receive(connection, told) == [True, True]
    assert (row(connection, id_).state, row(connection, id_).error) == ("failed", "Éteint.")


def plan(connection: Connection, statement: str) -> str:
    """How the database would go about it; PostgreSQL, had it many rows."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(one.detail for one in rows)
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}").scalars())


@pytest.mark.parametrize("state", [State.HANDED, State.UNKNOWN])
def test_receipts_find_their_segments_by_the_index(
    connection: Connection, account: Account, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    """Their own statement, with references in it, uses the partial index, which has both kinds."""
    asked: list[str] = []
    select = bulk.select

    def look(connection: Connection, statement: str, values: set[str], *rest: Any) -> list[Any]:
        if "FROM segment WHERE reference" in statement:
            asked.append(statement.format(among=AMONG[connection.dialect.name]))
        return select(connection, statement, values, *rest)

    if state is State.HANDED:
        hand(connection, account, "r1")
    else:
        noted(connection, account, False, state=State.UNKNOWN)
    monkeypatch.setattr(bulk, "select", look)
    assert receipts.receive(connection, [receipt("r1")]) == [True]
    assert "ix_segment_reference" in plan(connection, asked[0])

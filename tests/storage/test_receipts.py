"""Receipts meet their segments in whatever order the two come, and never move money."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from smstob.model.account import Format
from smstob.model.message import Receipt, State, fold
from smstob.storage import receipts, settlement
from smstob.storage.schema import parked_receipt

from .scenes import (
    NOW,
    claim,
    credits_of,
    hand,
    message_ids,
    open_account,
    parts_of,
    receipt,
    row,
    send,
    settled,
    undone,
)

DELIVERED, FAILED, EXPIRED = State.DELIVERED, State.FAILED, State.EXPIRED


def parked(connection: Connection) -> int:
    """How many receipts wait for their segment."""
    return connection.execute(select(func.count()).select_from(parked_receipt)).scalar_one()


@pytest.mark.parametrize("state", [DELIVERED, FAILED, EXPIRED])
def test_receipt_after_its_answer(connection: Connection, state: State) -> None:
    """The message ends as it says, at its time, with its error; it is spent whatever it says."""
    account = open_account(connection, 10)
    id_ = hand(connection, account, "r")
    told = receipt("r", state)
    assert receipts.receive(connection, [told]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.ended_at, kept.error) == (state.value, NOW + 5, told.error)
    assert parts_of(connection, id_) == {1: ("r", state.value)}
    assert credits_of(connection, account) == 9


@pytest.mark.parametrize("state", [DELIVERED, FAILED, EXPIRED])
def test_receipt_before_its_answer(connection: Connection, state: State) -> None:
    """It is parked, and applied as the answer is recorded; nothing is parked any more then."""
    id_ = send(connection, open_account(connection))
    claim(connection)
    assert receipts.receive(connection, [receipt("r", state)]) == [False]
    assert (row(connection, id_).state, parked(connection)) == ("queued", 1)
    settlement.settle(connection, [settled(id_, parts=["r"])])
    assert receipts.match_parked(connection, ["r", "other"]) == 1
    assert (row(connection, id_).state, row(connection, id_).ended_at) == (state.value, NOW + 5)
    assert (parked(connection), receipts.match_parked(connection, ["r"])) == (0, 0)


def test_receipt_that_comes_again(connection: Connection) -> None:
    """The first counts: in another batch, in the same one, and among parked ones, where its segment takes all."""
    account = open_account(connection)
    one, two, three = (hand(connection, account, reference) for reference in ("a", "b", "c"))
    assert receipts.receive(connection, [receipt("a"), receipt("b", FAILED), receipt("b")]) == [True, True, False]
    assert receipts.receive(connection, [receipt("a", FAILED)]) == [False]
    early = send(connection, account)
    claim(connection)
    assert receipts.receive(connection, [receipt("d"), receipt("d", FAILED)]) == [False, False]
    settlement.settle(connection, [settled(early, parts=["d"])])
    assert receipts.match_parked(connection, ["d"]) == 1
    states = [row(connection, id_).state for id_ in (one, two, three, early)]
    assert states == ["delivered", "failed", "handed", "delivered"]
    assert receipts.prune_parked(connection, NOW + 5) == 0
    assert receipts.prune_parked(connection, NOW + 6) == parked(connection) + 1 == 1


def test_unknown_receipt_and_the_wrong_gateway(connection: Connection) -> None:
    """The same reference at another gateway is another segment: parked, and nobody's state changes."""
    account = open_account(connection)
    id_ = hand(connection, account, "r")
    foreign = receipt("r", FAILED, gateway="autre")
    assert receipts.receive(connection, [receipt("né'ant 😀"), foreign]) == [False, False]
    assert receipts.match_parked(connection, ["r", "né'ant 😀"]) == 0
    assert (row(connection, id_).state, parked(connection)) == ("handed", 2)
    assert receipts.receive(connection, [foreign, receipt("r")]) == [False, True]
    assert receipts.receive(connection, []) == []


def test_all_orders_of_three_parts(connection: Connection) -> None:
    """Whatever each says and in whatever order: the message is the fold of its parts, and ends once."""
    account = open_account(connection, 10_000)
    for outcomes in product((DELIVERED, FAILED, EXPIRED), repeat=3):
        for order in permutations(range(3)):
            with undone(connection):
                id_ = hand(connection, account, "r0", "r1", "r2")
                heard: list[State] = []
                expected: tuple[State, int | None] = (State.HANDED, None)
                for nth, part in enumerate(order):
                    assert receipts.receive(connection, [receipt(f"r{part}", outcomes[part], NOW + nth)]) == [True]
                    heard.append(outcomes[part])
                    if expected[0] is State.HANDED and fold(heard, 3) is not State.HANDED:
                        expected = (fold(heard, 3), NOW + nth)
                    assert (row(connection, id_).state, row(connection, id_).ended_at) == expected


def test_parts_in_batches_early_and_late(connection: Connection) -> None:
    """A part's receipt before its answer, before the other part leaves, with the other's: the end is the same."""
    states = st.sampled_from([DELIVERED, FAILED, EXPIRED])

    @settings(deadline=None, max_examples=40)
    @given(outcomes=st.tuples(states, states), moments=st.tuples(st.integers(0, 3), st.integers(0, 3)))
    def holds(outcomes: tuple[State, State], moments: tuple[int, int]) -> None:
        def hear(moment: int) -> None:
            told = [receipt(f"r{part}", outcomes[part]) for part in (0, 1) if moments[part] == moment]
            receipts.receive(connection, told)

        with undone(connection):
            id_ = send(connection, open_account(connection), segments=2)
            claim(connection)
            hear(0)
            settlement.settle(connection, [settled(id_, State.QUEUED, ["r0"])])
            receipts.match_parked(connection, ["r0"])
            hear(1)
            claim(connection)
            hear(2)
            last = settlement.Settlement(
                id=id_, lease="daemon", state=State.HANDED, gateway="sink", due=NOW, attempts=2, at=NOW,
                parts=((2, "r1"),),
            )  # fmt: skip
            assert settlement.settle(connection, [last]) == [True]
            receipts.match_parked(connection, ["r1"])
            hear(3)
            expected = fold(outcomes, 2)
            # of two failures the first heard after the message had left names the end
            assert row(connection, id_).state in ({"failed", "expired"} if expected is not DELIVERED else {"delivered"})
            assert {part: state for part, (_, state) in parts_of(connection, id_).items()} == {
                part: state.value for part, state in enumerate(outcomes, 1)
            }

    holds()


@pytest.mark.parametrize("state", [FAILED, EXPIRED])
@pytest.mark.parametrize("end", [DELIVERED, FAILED, EXPIRED])
def test_normal_then_flash(connection: Connection, state: State, end: State) -> None:
    """What could not be delivered goes out once more as flash, paid already, and then ends."""
    account = open_account(connection, 10)
    id_ = hand(connection, account, "r1", "r2", format=Format.NORMAL_THEN_FLASH)
    assert receipts.receive(connection, [receipt("r2", state, NOW + 9)]) == [True]
    again = row(connection, id_)
    assert (again.state, again.format, again.due) == ("queued", "flash", NOW + 9)
    assert (again.attempts, again.ended_at) == (0, None)
    assert receipts.receive(connection, [receipt("r1", FAILED)]) == [False]
    assert claim(connection, NOW + 8) == []
    (told,) = claim(connection, NOW + 9)
    assert (told.id, told.format, told.handed) == (id_, Format.FLASH, frozenset())
    settlement.settle(connection, [settled(id_, parts=["f1", "f2"], at=NOW + 10)])
    assert receipts.receive(connection, [receipt("f1", end), receipt("f2", end)]) == [True, True]
    assert row(connection, id_).state == end.value
    assert claim(connection, NOW + 99) == []
    assert credits_of(connection, account) == 8


def test_normal_then_flash_that_arrives(connection: Connection) -> None:
    """Delivered as normal: no flash."""
    id_ = hand(connection, open_account(connection), "r", format=Format.NORMAL_THEN_FLASH)
    receipts.receive(connection, [receipt("r")])
    assert (row(connection, id_).state, row(connection, id_).format) == ("delivered", "normal+flash")


@pytest.mark.parametrize("end", ["rejected", "expired", "overdue", "cancelled"])
def test_flash_that_never_leaves_is_no_refund(connection: Connection, end: str) -> None:
    """A gateway took the message once, as normal: it is spent, whatever becomes of the flash."""
    account = open_account(connection, 10)
    id_ = hand(connection, account, "r", format=Format.NORMAL_THEN_FLASH)
    receipts.receive(connection, [receipt("r", FAILED)])
    if end == "cancelled":
        assert settlement.cancel(connection, row(connection, id_).submission_id, NOW + 6) == (0, 0)
    elif end == "overdue":
        assert settlement.expire(connection, [id_], "trop tard", "muet", NOW + 99 * 86_400) == 1
    else:
        claim(connection, NOW + 6)
        settlement.settle(connection, [settled(id_, State(end), error="non")])
    assert row(connection, id_).state == ("queued" if end == "cancelled" else "failed")
    assert credits_of(connection, account) == 9


def test_delivered_after_failed_changes_nothing(connection: Connection) -> None:
    """A network that changes its mind moves neither state nor money."""
    account = open_account(connection, 10)
    id_ = hand(connection, account, "r")
    receipts.receive(connection, [receipt("r", FAILED)])
    kept = row(connection, id_)
    assert receipts.receive(connection, [receipt("r", DELIVERED, NOW + 50)]) == [False]
    assert row(connection, id_) == kept
    assert credits_of(connection, account) == 9


def test_unknown_message_hears_at_last(connection: Connection) -> None:
    """A message given up as unknown, of which one part had left: a failed part is its end, without a refund."""
    account = open_account(connection, 10)
    id_ = send(connection, account, segments=2, format=Format.NORMAL_THEN_FLASH)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.UNKNOWN, ["r1"], repeated=3)])
    assert receipts.receive(connection, [receipt("r1", FAILED)]) == [True]
    assert row(connection, id_).state == "queued"
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert row(connection, id_).state == "failed"
    assert credits_of(connection, account) == 8


def test_batch_of_many(connection: Connection) -> None:
    """Five hundred at once, every fifth unknown, of messages with one to three parts."""
    account = open_account(connection, 10_000)
    ids, told, expected = [], [], []
    for nth in range(200):
        references = [f"m{nth}.{part}" for part in range(nth % 3 + 1)]
        ids.append(hand(connection, account, *references))
        state = (DELIVERED, FAILED)[nth % 2]
        told += [receipt(reference, state) for reference in references]
        expected.append(state.value)
        if nth % 2:
            told.append(receipt(f"unknown {nth}"))
    results = receipts.receive(connection, told)
    assert results == [not one.reference.startswith("unknown") for one in told]
    assert [row(connection, id_).state for id_ in ids] == expected
    assert parked(connection) == 100


def test_error_is_kept_with_the_message(connection: Connection) -> None:
    """Of a batch the error of a failed part stands, though a delivered one came last."""
    id_ = hand(connection, open_account(connection), "a", "b")
    told = [
        Receipt(gateway="sink", reference="a", state=FAILED, error="Abonné «inconnu» 😀", at=NOW),
        Receipt(gateway="sink", reference="b", state=DELIVERED, at=NOW + 1),
    ]
    assert receipts.receive(connection, told) == [True, True]
    assert (row(connection, id_).state, row(connection, id_).error) == ("failed", "Abonné «inconnu» 😀")
    assert message_ids(connection, row(connection, id_).submission_id) == [id_]

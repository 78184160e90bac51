"""Which segments a receipt speaks of: references that several have, that are used again, or come in another base."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, func, select

from smstob.model.message import Receipt, State
from smstob.model.reference import other_bases
from smstob.storage import queue, receipts, settlement
from smstob.storage.schema import parked_receipt

from .scenes import (
    DAY,
    NOW,
    accept_one,
    ask,
    claim,
    composed,
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

PHONE = "33612345678"
LATE = "Rien n'est venu."


def parked(connection: Connection) -> int:
    """How many receipts wait for their segment."""
    return connection.execute(select(func.count()).select_from(parked_receipt)).scalar_one()


def states(connection: Connection, *ids: int) -> list[str]:
    """The states of those messages."""
    return [row(connection, id_).state for id_ in ids]


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED])
def test_one_reference_for_all_parts(connection: Connection, early: bool, state: State) -> None:
    """A long message that was handed as one: one receipt ends it, whenever it comes; a second changes nothing."""
    id_ = send(connection, open_account(connection), segments=3)
    claim(connection)
    if early:
        assert receipts.receive(connection, [receipt("r", state)]) == [False]
    settlement.settle(connection, [settled(id_, parts=["r", "r", "r"])])
    if early:
        assert receipts.match_parked(connection, ["r"] * 3) == 1
        assert parked(connection) == 0
    else:
        assert receipts.receive(connection, [receipt("r", state), receipt("r", State.EXPIRED)]) == [True, False]
    assert parts_of(connection, id_) == dict.fromkeys((1, 2, 3), ("r", state.value))
    assert states(connection, id_) == [state.value]
    assert receipts.receive(connection, [receipt("r", State.EXPIRED)]) == [False]
    assert states(connection, id_) == [state.value]


def test_parts_under_two_references(connection: Connection) -> None:
    """Two of three parts went as one: each receipt ends its own, the message with the last."""
    id_ = hand(connection, open_account(connection), "r", "r", "s")
    assert receipts.receive(connection, [receipt("r")]) == [True]
    assert {part: state for part, (_, state) in parts_of(connection, id_).items()} == {
        1: "delivered", 2: "delivered", 3: "handed",
    }  # fmt: skip
    assert states(connection, id_) == ["handed"]
    assert receipts.receive(connection, [receipt("s")]) == [True]
    assert states(connection, id_) == ["delivered"]


def test_reference_that_is_used_again(connection: Connection) -> None:
    """It speaks of the newest message; one receipt is for one message."""
    account = open_account(connection)
    old = hand(connection, account, "r", "r", text="vieux")
    new = hand(connection, account, "r", text="neuf")
    assert receipts.receive(connection, [receipt("r")]) == [True]
    assert states(connection, old, new) == ["handed", "delivered"]


def test_same_reference_at_two_gateways(connection: Connection) -> None:
    """Each gateway counts for itself, in one batch too, in any base."""
    account = open_account(connection)
    here = hand(connection, account, "ff", text="ici")
    there = send(connection, account, "là")
    claim(connection)
    settlement.settle(connection, [settled(there, parts=["ff"], gateway="autre")])
    told = [receipt("255", State.FAILED, gateway="autre", number=PHONE), receipt("ff")]
    assert receipts.receive(connection, told) == [True, True]
    assert states(connection, here, there) == ["delivered", "failed"]


@pytest.mark.parametrize("number", [None, PHONE])
def test_empty_reference_is_nobodys(connection: Connection, number: str | None) -> None:
    """What has none meets nothing, neither at once nor later, and does not wait for it."""
    id_ = hand(connection, open_account(connection), "", "")
    assert receipts.receive(connection, [receipt("", number=number)] * 2) == [False, False]
    assert parked(connection) == 0
    assert receipts.match_parked(connection, ["", ""]) == 0
    receipts.prune_parked(connection, NOW)
    assert states(connection, id_) == ["handed"]


FORMS = [
    # handed under, told under, phone, whether it is the same
    ("ff", "255", PHONE, True),
    ("255", "ff", PHONE, True),
    ("16", "10", PHONE, True),
    ("10", "16", PHONE, True),
    ("255", "ff", "0612345678", True),
    ("255", "ff", "5678", True),
    ("255", "ff", "678", False),
    ("255", "ff", "", False),
    ("255", "ff", None, False),
    ("255", "ff", "33612345679", False),
    ("255", "256", PHONE, False),
    ("ff", "FF", PHONE, False),
    ("msg-ff", "msg-255", PHONE, False),
    ("255", "255", None, True),
    ("255", "255", PHONE, True),
    ("255", "255", "33699999999", False),
    ("12345678", "12345678", "33699999999", True),
    ("msg-255", "msg-255", "33699999999", True),
    ("r'1 😀", "r'1 😀", None, True),
]


@pytest.mark.parametrize(("handed", "told", "number", "same"), FORMS)
@pytest.mark.parametrize("early", [False, True])
def test_forms(connection: Connection, handed: str, told: str, number: str | None, same: bool, early: bool) -> None:
    """In another base, or where the reference is a small number, the phone must be the message's, early or late."""
    id_ = send(connection, open_account(connection))
    claim(connection)
    if early:
        assert receipts.receive(connection, [receipt(told, number=number)]) == [False]
    settlement.settle(connection, [settled(id_, parts=[handed])])
    if early:
        assert receipts.match_parked(connection, [handed]) == same
    else:
        assert receipts.receive(connection, [receipt(told, number=number)]) == [same]
    assert states(connection, id_) == ["delivered" if same else "handed"]
    assert parked(connection) == (not same)


def test_exact_goes_first(connection: Connection) -> None:
    """Where the reference is somebody's as it stands, no other base is looked at."""
    account = open_account(connection)
    exact, other = (hand(connection, account, reference) for reference in ("10", "16"))
    told = [receipt("10", number=PHONE), receipt("10", State.FAILED, number=PHONE)]
    assert receipts.receive(connection, told) == [True, False]
    assert states(connection, exact, other) == ["delivered", "handed"]


def test_small_numbers_in_two_bases(connection: Connection) -> None:
    """Of an operator that counts from 1 and tells in hexadecimal, a receipt is its own phone's."""
    account = open_account(connection)
    ids = {}
    for reference, number in (("10", "+33612345678"), ("16", "+33699999999")):
        made = accept_one(connection, ask(account, composed(account, reference, number)))
        (ids[reference],) = message_ids(connection, made.id)
        claim(connection)
        settlement.settle(connection, [settled(ids[reference], parts=[reference])])
    assert receipts.receive(connection, [receipt("10", State.FAILED, number="33699999999")]) == [True]
    assert states(connection, ids["10"], ids["16"]) == ["handed", "failed"]


def test_other_base_of_the_right_phone(connection: Connection) -> None:
    """Of two messages that it may be, both ways, it is the one whose phone fits; of two that fit, the newest."""
    account = open_account(connection)
    ids = {}
    for reference, number in (("a", "+33612345678"), ("16", "+33699999999"), ("ff", "+33612345678")):
        made = accept_one(connection, ask(account, composed(account, reference, number)))
        (ids[reference],) = message_ids(connection, made.id)
        claim(connection)
        settlement.settle(connection, [settled(ids[reference], parts=[reference])])
    assert receipts.receive(connection, [receipt("10", number="0699999999")]) == [True]
    assert states(connection, ids["a"], ids["16"]) == ["handed", "delivered"]
    assert receipts.receive(connection, [receipt("10", number=PHONE)]) == [True]
    assert states(connection, ids["a"]) == ["delivered"]
    again = hand(connection, account, "ff", text="encore")
    assert receipts.receive(connection, [receipt("255", number=PHONE)]) == [True]
    assert states(connection, ids["ff"], again) == ["handed", "delivered"]


def test_one_segment_told_in_both_bases(connection: Connection) -> None:
    """In one batch the first counts, and the other waits."""
    id_ = hand(connection, open_account(connection), "ff", "ff")
    told = [receipt("255", State.FAILED, number=PHONE), receipt("ff"), receipt("255", number=PHONE)]
    assert receipts.receive(connection, told) == [False, True, False]
    assert states(connection, id_) == ["delivered"]
    assert parked(connection) == 2


def test_same_receipt_twice_in_another_base(connection: Connection) -> None:
    """The second is not taken for that of an older message with the same reference, to the same phone."""
    account = open_account(connection)
    old, new = (hand(connection, account, "ff", text=text) for text in ("vieux", "neuf"))
    assert receipts.receive(connection, [receipt("255", number=PHONE)] * 2) == [True, False]
    assert states(connection, old, new) == ["handed", "delivered"]


def test_second_look_only_for_strangers(connection: Connection) -> None:
    """A receipt that fits as it stands costs no query more, though it names its phone."""
    account = open_account(connection)
    for reference in ("10000000", "20000000"):
        hand(connection, account, reference)
    counted: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *told: counted.append(told[2]))
    receipts.receive(connection, [receipt("10000000", number=PHONE)])
    plain = len(counted)
    receipts.receive(connection, [receipt("20000000")])
    assert len(counted) == 2 * plain
    assert sum("FROM segment WHERE reference" in statement for statement in counted) == 2


def test_race_of_two_daemons_in_two_bases(connection: Connection) -> None:
    """Neither saw the other: the upkeep brings them together, as it does for references that are the same."""
    account = open_account(connection)
    receipts.receive(connection, [receipt("255", number=PHONE), receipt("r")])
    ids = [hand(connection, account, reference) for reference in ("ff", "r")]
    assert receipts.prune_parked(connection, NOW) == 0
    assert states(connection, *ids) == ["delivered"] * 2
    assert parked(connection) == 0


def test_any_mixture(connection: Connection) -> None:
    """Whatever comes, before or after: a receipt ends a message of its own gateway, reference or phone only, once."""
    references = st.sampled_from(["10", "16", "a", "22", "ff", "255", "", "x"])
    phones = st.sampled_from([None, PHONE, "33699999999"])
    told = st.builds(receipt, references, number=phones, gateway=st.sampled_from(["sink", "autre"]))

    @settings(deadline=None, max_examples=40)
    @given(
        handed=st.lists(references, min_size=1, max_size=4),
        early=st.lists(told, max_size=3),
        late=st.lists(told, max_size=4),
    )
    def holds(handed: list[str], early: list[Receipt], late: list[Receipt]) -> None:
        with undone(connection):
            account = open_account(connection)
            receipts.receive(connection, early)
            ids = [hand(connection, account, one, text=f"{nth}") for nth, one in enumerate(handed)]
            matched = receipts.match_parked(connection, handed)
            matched += sum(receipts.receive(connection, late))
            ended = [one for one, id_ in zip(handed, ids, strict=True) if states(connection, id_) == ["delivered"]]
            assert len(ended) == matched
            here = [one for one in (*early, *late) if one.gateway == "sink"]
            for reference in ended:
                bases = other_bases(reference)
                assert reference
                assert any(
                    one.reference == reference or (one.reference in bases and one.number == PHONE) for one in here
                )
            waiting = [(one.gateway, one.reference, one.number) for one in (*early, *late) if one.reference]
            # of those that came twice the second may have gone with the first
            assert len(set(waiting)) - matched <= parked(connection) <= len(waiting) - matched

    holds()


def given_up(connection: Connection, now: int, count: int = 100) -> int:
    """Give up what ran out of validity a day before ``now``."""
    return receipts.give_up(connection, now - DAY, LATE, now, count)


def test_receipts_that_never_come(connection: Connection) -> None:
    """A day after its validity a message is unknown, spent, and awaited no more; nothing else is touched, by slices."""
    account = open_account(connection)
    silent = [hand(connection, account, f"r{nth}", validity=1) for nth in range(3)]
    young = hand(connection, account, "young", validity=2)
    done = hand(connection, account, "done", validity=1)
    receipts.receive(connection, [receipt("done")])
    waiting = send(connection, account, "queued", validity=1)
    end = NOW + 3600 + DAY
    assert given_up(connection, end - 1) == 0
    assert [given_up(connection, end, 2) for _ in range(3)] == [2, 1, 0]
    assert states(connection, *silent, young, done, waiting) == ["unknown"] * 3 + ["handed", "delivered", "queued"]
    assert (row(connection, silent[0]).ended_at, row(connection, silent[0]).error) == (end, LATE)
    assert queue.depth(connection, NOW).handed == 1


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.EXPIRED])
def test_receipt_after_all(connection: Connection, state: State) -> None:
    """One that comes when it was given up still says what became of the message."""
    id_ = hand(connection, open_account(connection), "a", "b", validity=1)
    receipts.receive(connection, [receipt("a")])
    assert given_up(connection, NOW + 2 * DAY) == 1
    assert receipts.receive(connection, [receipt("b", state, NOW + 3 * DAY)]) == [True]
    kept = row(connection, id_)
    assert (kept.state, kept.ended_at) == (state.value, NOW + 3 * DAY)
    assert kept.error == receipt("b", state).error


def test_receipt_of_the_last_hour(connection: Connection) -> None:
    """Seventy-two hours later, validity being that: it is neither given up nor forgotten."""
    id_ = hand(connection, open_account(connection), "r", validity=72)
    later = NOW + 72 * 3600
    receipts.prune_parked(connection, later)
    assert given_up(connection, later) == 0
    assert receipts.receive(connection, [receipt("r", at=later)]) == [True]
    assert states(connection, id_) == ["delivered"]

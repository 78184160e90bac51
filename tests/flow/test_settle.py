"""What answers and receipts make of a message: its state, its money, and that they reach the disk once."""

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement
from pathlib import Path
from typing import Final

import attrs
import pytest
from twisted.internet.defer import Deferred

from smstob.flow import dispatch
from smstob.flow import settle as settle_module
from smstob.flow.settle import EXPIRED, MOST_REPEATS, MOST_SILENT, PARTLY, UNTOLD, Flight
from smstob.model.account import Format
from smstob.model.message import Answer, Handed, Outcome, Receipt, Rejected, State, Throttled, Unavailable, Unknown
from smstob.model.segment import Coding
from smstob.storage import settlement
from smstob.storage.database import Connection
from smstob.storage.database import Unavailable as Away
from smstob.storage.queue import Claimed
from smstob.storage.settlement import Settlement
from tests.fakes import WRONG, TakingGateway
from tests.house import NOW, House, outcome_of

SILENCE: Final = Unknown(silent=True)
OUTCOMES: Final[tuple[Outcome, ...]] = (Handed("r"), WRONG, Throttled(7.0), Unknown(), SILENCE, Unavailable())
REFUNDED: Final = {State.REJECTED, State.EXPIRED}
CASES: Final = [
    (earlier, answers, left, repeats)
    for segments in (1, 2, 3)
    for taken in range(segments)
    for earlier in combinations(range(1, segments + 1), taken)
    for answers in combinations_with_replacement(OUTCOMES, segments - taken)
    for left in (1, 0, -5)
    for repeats in (0, MOST_SILENT - 2, MOST_SILENT - 1, MOST_REPEATS - 2, MOST_REPEATS - 1)
]
"""Parts handed before, answers for the others, seconds of validity left, repeats so far: more than 1000."""


def flight(earlier: tuple[int, ...], segments: int, left: int, repeats: int = 0) -> Flight:
    """A message of so many segments whose other parts are at the gateway."""
    message = Claimed(
        id=7,
        lease="house",
        number="+33612345678",
        text="x",
        coding=Coding.GSM7,
        segments=segments,
        format=Format.NORMAL,
        deadline=NOW + left,
        attempts=2,
        repeats=repeats,
        handed=frozenset(earlier),
    )
    return Flight(message, "A", set(range(1, segments + 1)) - set(earlier))


def expected(earlier: tuple[int, ...], answers: tuple[Outcome, ...], left: int, repeats: int) -> State:
    """The rules in their order, as an operator would say them."""
    kinds = [type(answer) for answer in answers]
    some_taken = bool(earlier) or Handed in kinds
    if set(kinds) == {Handed}:
        return State.HANDED
    if type(WRONG) in kinds:
        return State.FAILED if some_taken else State.REJECTED
    if left <= 0:
        return State.FAILED if some_taken else State.EXPIRED
    if SILENCE in answers and repeats >= 2:
        return State.UNKNOWN
    if Unknown in kinds and repeats >= 9:
        return State.UNKNOWN
    return State.QUEUED


def test_there_are_enough_cases() -> None:
    """The table is as large as it is meant to be."""
    assert len(CASES) >= 1000


@pytest.mark.parametrize("begin", range(0, len(CASES), 50))
def test_every_end(begin: int) -> None:
    """State, refund or not, next try, attempts and repeats for every combination of answers."""
    for earlier, answers, left, repeats in CASES[begin : begin + 50]:
        trip = flight(earlier, len(earlier) + len(answers), left, repeats)
        parts = sorted(trip.awaited)
        last = [trip.take(Answer(7, part, answer)) for part, answer in zip(parts, answers, strict=True)]
        assert last == [False] * (len(answers) - 1) + [True]
        result = trip.settlement(NOW + 0.9, 1.0)
        state = expected(earlier, answers, left, repeats)
        assert result.state == state, (earlier, answers, left, repeats)
        taken = bool(earlier) or any(isinstance(answer, Handed) for answer in answers)
        assert (result.state in REFUNDED) == (
            not taken and state not in (State.QUEUED, State.UNKNOWN)
        ), "refunded where nothing was taken"
        handed = [part for part, answer in zip(parts, answers, strict=True) if isinstance(answer, Handed)]
        assert [part for part, _ in result.parts] == handed
        assert result.repeated == any(isinstance(answer, Unknown) for answer in answers)
        assert result.lease == "house"
        assert result.attempts == 2 + (Unavailable() not in answers)
        texts = {State.EXPIRED: EXPIRED, State.UNKNOWN: UNTOLD, State.REJECTED: WRONG.reason}
        if state is State.FAILED:
            assert result.error in (PARTLY, WRONG.reason)
        else:
            assert result.error == texts.get(state)
        if state is State.QUEUED:
            assert NOW < result.due <= NOW + left


@pytest.mark.parametrize(
    ("answer", "chance", "wait"),
    [
        (Unavailable(), 0.5, 1),
        (Throttled(7.4), 0.5, 7),
        (Throttled(0.01), 0.5, 4),
        (Throttled(1e6), 0.5, 500),
        (Unknown(), 0.0, 32),
        (Unknown(), 1.0, 24),
    ],
)
def test_next_try(answer: Outcome, chance: float, wait: int) -> None:
    """When it is tried again: at once elsewhere, backing off, not before it is told; never after the validity."""
    trip = flight((), 1, 500)
    trip.take(Answer(7, 1, answer))
    assert trip.settlement(NOW, chance).due == NOW + wait


def test_answers_that_were_not_asked_for() -> None:
    """A second answer for a part, or one for a part never given, is no answer."""
    trip = flight((1,), 3, 10)
    assert not trip.take(Answer(7, 2, Handed("a")))
    assert not trip.take(Answer(7, 2, Handed("b")))
    assert not trip.take(Answer(7, 1, WRONG))
    assert not trip.take(Answer(7, 9, WRONG))
    assert trip.take(Answer(7, 3, Handed("c")))
    assert trip.settlement(NOW, 0).parts == ((2, "a"), (3, "c"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose gateway answers when it is told."""
    made = House(tmp_path / "a.db")
    made.account()
    made.gateway(TakingGateway)
    return made.open()


def sent(house: House, text: str = "Bonjour", count: int = 1, **rest: str) -> list[str]:
    """So many messages handed over; gives their references."""
    for index in range(count):
        house.accepted(text=f"{text}{index}", **rest)
    house.advance(0.1)
    return house.gateways["A"].take()


def test_results_are_kept_while_the_database_is_away(house: House) -> None:
    """What the gateway took is recorded when the database is back, once, however often it was tried."""
    for index in range(20):
        house.accepted(text=f"{index}")
    house.advance(0.1)
    house.database.away = True
    references = house.gateways["A"].take()
    house.advance(130, 0.5)
    assert house.states() == {State.QUEUED: 20}
    assert len(house.network.held()) == 20
    house.database.away = False
    house.advance(2)
    assert house.states() == {State.HANDED: 20}
    assert len(house.gateways["A"].given) == 20
    assert house.network.held() == []
    for reference in references:
        outcome_of(house.receipt("A", reference))
    assert house.states() == {State.DELIVERED: 20}


def test_refunds_are_made_once(house: House) -> None:
    """A refusal that the database took late is refunded once."""
    house.accepted()
    house.advance(0.1)
    house.database.away = True
    house.gateways["A"].answer(WRONG)
    house.advance(5)
    house.database.away = False
    house.advance(5)
    assert house.states() == {State.REJECTED: 1}
    assert house.messages()[0].error == WRONG.reason
    verification = house.verification()
    assert verification.sound
    assert verification.entries == 3


def test_receipts_fail_when_the_database_is_away(house: House) -> None:
    """The gateway is told that a receipt is not on disk; the repeat is taken, and a third does no harm."""
    (reference,) = sent(house)
    house.database.away = True
    with pytest.raises(Away):
        outcome_of(house.receipt("A", reference))
    house.database.away = False
    outcome_of(house.receipt("A", reference))
    outcome_of(house.receipt("A", reference, State.FAILED))
    assert house.states() == {State.DELIVERED: 1}


def test_receipt_fires_when_it_is_on_disk(house: House) -> None:
    """Not before the commit."""
    (reference,) = sent(house)
    house.workers.held = True
    fired: list[None] = []
    waited: Deferred[None] = house.receipt("A", reference)
    waited.addCallback(fired.append)
    assert not fired
    house.workers.go()
    assert fired
    assert house.states() == {State.DELIVERED: 1}


def test_receipt_overtakes_its_answer(house: House) -> None:
    """A receipt that comes before the answer counts when the answer comes; unknown ones do no harm."""
    house.accepted()
    house.advance(0.1)
    outcome_of(house.receipt("A", "A-1"))
    outcome_of(house.receipt("A", "nobody's"))
    outcome_of(house.receipt("B", "A-1", State.FAILED))
    house.gateways["A"].take()
    assert house.states() == {State.DELIVERED: 1}


def test_normal_then_flash(house: House) -> None:
    """What failed as a normal message leaves once more as flash, at once, without a second debit or any refund."""
    (reference,) = sent(house, format=Format.NORMAL_THEN_FLASH)
    outcome_of(house.receipt("A", reference, State.FAILED))
    assert house.states() == {State.QUEUED: 1}
    house.advance(0.2)
    first, second = house.gateways["A"].given
    assert (first.flash, second.flash) == (False, True)
    house.gateways["A"].answer(WRONG)
    assert house.states() == {State.FAILED: 1}
    assert house.verification().entries == 2


def test_delivered_when_all_parts_are(house: House) -> None:
    """A message of several parts is delivered with its last, and failed with its first failure; none is refunded."""
    delivered = sent(house, "x" * 200)
    for reference in delivered:
        assert house.states() == {State.HANDED: 1}
        outcome_of(house.receipt("A", reference))
    assert house.states() == {State.DELIVERED: 1}
    failed = sent(house, "y" * 200)
    outcome_of(house.receipt("A", failed[1], State.FAILED))
    outcome_of(house.receipt("A", failed[0]))
    assert house.states() == {State.DELIVERED: 1, State.FAILED: 1}
    assert house.verification().entries == 3


@pytest.mark.parametrize(("attempts", "wait"), [(0, 2), (1, 8), (2, 32), (3, 60), (9, 60)])
def test_unknown_backs_off_steeply(attempts: int, wait: int) -> None:
    """Nobody gets a text five times within seconds, the gateway being slow to come back."""
    trip = flight((), 1, 500)
    trip.message = attrs.evolve(trip.message, attempts=attempts)
    trip.take(Answer(7, 1, Unknown()))
    assert trip.settlement(NOW, 0).due == NOW + wait


def test_unknown_part_waits_though_another_is_unavailable() -> None:
    """What may go out twice is never hurried."""
    trip = flight((), 2, 500)
    trip.take(Answer(7, 1, Unknown()))
    trip.take(Answer(7, 2, Unavailable()))
    assert trip.settlement(NOW, 0).due > NOW + 1


def test_what_gateways_say_can_be_stored() -> None:
    """NUL and lone surrogates of a network reach no database."""
    assert Handed("a\0b\ud800").reference == "ab"
    assert Rejected("n\0on").reason == "non"
    told = Receipt(gateway="A", reference="\0r", state=State.FAILED, error="\udfffé", at=NOW)
    assert (told.reference, told.error) == ("r", "é")
    assert Receipt(gateway="A", reference="r", state=State.DELIVERED, at=NOW).error is None


def poison(monkeypatch: pytest.MonkeyPatch, ids: set[int], whole: bool) -> None:
    """The database refuses what gateways say of ``ids``, or all of their results where ``whole``."""
    settle = settlement.settle

    def settle_sound(connection: Connection, settlements: Sequence[Settlement]) -> list[bool]:
        if any(one.id in ids and (whole or one.parts) for one in settlements):
            raise ValueError("poison")
        return settle(connection, settlements)

    monkeypatch.setattr(settle_module, "settle", settle_sound)


def test_poisoned_reference(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that cannot be kept spoils no other result, and its own message is not sent again."""
    poison(monkeypatch, {2}, whole=False)
    references = sent(house, count=3)
    assert house.states() == {State.HANDED: 3}
    assert house.network.held() == []
    house.advance(dispatch.LEASE * 2, 0.5)
    assert len(house.gateways["A"].given) == 3
    for reference in references:
        outcome_of(house.receipt("A", reference))
    assert house.states() == {State.DELIVERED: 2, State.HANDED: 1}


def test_poisoned_result(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that can never be kept is given up: its lease runs out, and only that message goes again."""
    bad = {2}
    poison(monkeypatch, bad, whole=True)
    sent(house, count=3)
    assert house.states() == {State.HANDED: 2, State.QUEUED: 1}
    assert house.network.held() == []
    bad.clear()
    house.advance(dispatch.LEASE + 10, 0.5)
    house.gateways["A"].take()
    assert [segment.message for segment in house.gateways["A"].given] == [1, 2, 3, 2]
    assert house.states() == {State.HANDED: 3}


def test_poison_while_the_database_goes_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that are left over when it goes away in the middle are kept until it is back."""
    poison(monkeypatch, {2}, whole=False)
    for index in range(3):
        house.accepted(text=f"{index}")
    house.advance(0.1)
    house.workers.held = True
    house.gateways["A"].take()
    house.database.away = True
    house.workers.go()
    house.advance(5)
    assert len(house.network.held()) == 3
    house.database.away = False
    house.advance(3)
    assert house.states() == {State.HANDED: 3}
    assert house.network.held() == []

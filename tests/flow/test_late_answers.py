"""A gateway says after all what became of segments of which it had said nothing."""

from pathlib import Path

import pytest

from smstob.model.message import Answer, Handed, Rejected, State, Unknown
from tests.fakes import TakingGateway
from tests.house import House

LONG = "x" * 400
SILENCE = Unknown(silent=True)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an account."""
    house = House(tmp_path / "a.db")
    house.account()
    return house


def silent(house: House, text: str = "Bonjour") -> tuple[TakingGateway, list[int]]:
    """A message that a gateway got and never answered; gives the gateway, and message and parts."""
    gateway = house.gateway(TakingGateway)
    house.open()
    house.accepted(text=text)
    house.advance(0.1)
    parts = [one.part for one in gateway.given]
    gateway.answer(SILENCE)
    return gateway, parts


def told_late(house: House, *references: str) -> None:
    """The gateway says that it took the parts under those."""
    (row,) = house.messages()
    answers = [Answer(row.id, part, Handed(reference)) for part, reference in enumerate(references, 1)]
    house.network.answered_late("A", answers)


def test_it_does_not_go_out_again(house: House) -> None:
    """Told before the next try: one copy, handed, counted as sent, and delivered by its receipt."""
    gateway, _ = silent(house)
    told_late(house, "late")
    assert house.states() == {State.HANDED: 1}
    assert house.network.dispatchers["A"].counts.sent == 1
    house.advance(600)
    assert len(gateway.given) == 1
    house.receipt("A", "late")
    assert house.states() == {State.DELIVERED: 1}
    assert house.verification().sound


def test_only_the_parts_that_are_missing_go_out_again(house: House) -> None:
    """Of three, two were taken: the third alone is repeated."""
    gateway, parts = silent(house, LONG)
    assert parts == [1, 2, 3]
    told_late(house, "a", "b")
    house.advance(60)
    assert [one.part for one in gateway.given[3:]] == [3]
    gateway.take()
    assert house.states() == {State.HANDED: 1}
    for reference in ("b", "a", "A-1"):
        house.receipt("A", reference)
    assert house.states() == {State.DELIVERED: 1}


def test_while_the_second_copy_is_under_way(house: House) -> None:
    """It stands with the first reference, whatever is said of the second copy."""
    gateway, _ = silent(house)
    house.advance(60)
    assert len(gateway.given) == 2
    told_late(house, "late")
    assert house.states() == {State.QUEUED: 1}
    gateway.answer(SILENCE)
    assert house.states() == {State.HANDED: 1}
    house.advance(600)
    assert len(gateway.given) == 2


def test_receipt_first(house: House) -> None:
    """A receipt that overtook the late answer is found by it."""
    silent(house)
    house.receipt("A", "late", State.FAILED)
    assert house.states() == {State.QUEUED: 1}
    told_late(house, "late")
    assert house.states() == {State.FAILED: 1}


def test_what_is_no_success_changes_nothing(house: House) -> None:
    """A refusal for one copy says nothing of the others: the message is tried again."""
    gateway, _ = silent(house)
    (row,) = house.messages()
    house.network.answered_late("A", [Answer(row.id, 1, Rejected("non")), Answer(row.id, 1, Unknown())])
    house.network.answered_late("A", [])
    assert house.states() == {State.QUEUED: 1}
    house.advance(60)
    assert len(gateway.given) == 2


def test_database_away(house: House) -> None:
    """What comes while the database is away is kept, and written when it is back."""
    gateway, _ = silent(house)
    house.database.away = True
    told_late(house, "late")
    house.advance(30)
    house.database.away = False
    house.advance(5)
    assert house.states() == {State.HANDED: 1}
    assert len(gateway.given) == 1


def test_one_that_cannot_be_written_holds_up_no_other(house: House) -> None:
    """A reference that no column takes is given up; the message is tried again as it would be."""
    gateway, _ = silent(house)
    (row,) = house.messages()
    answers = [Answer(2**80, 1, Handed("x")), Answer(row.id, 1, Handed("late"))]
    house.network.answered_late("A", answers)
    assert house.states() == {State.HANDED: 1}
    assert len(gateway.given) == 1

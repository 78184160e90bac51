"""Parts of which nobody knows whether they left: sent again or not, until the network says what became of them."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from pathlib import Path
from typing import Any, Final

import pytest

from smstob.flow.settle import EXPIRED, MOST_REPEATS, MOST_SILENT, PARTLY, UNTOLD, Flight
from smstob.model.account import Account, Format
from smstob.model.message import Answer, Doubtful, Handed, Outcome, Rejected, State, Throttled, Unavailable, Unknown
from smstob.model.segment import Coding
from smstob.storage.queue import Claimed
from tests.fakes import WRONG, TakingGateway
from tests.house import NOW, House, outcome_of

NEVER: Final = Doubtful("n")
LATER: Final = Doubtful("l", 600.0)
OUTCOMES: Final[tuple[Outcome, ...]] = (
    *(NEVER, LATER, Handed("r"), WRONG, Throttled(7.0)),
    *(Unknown(), Unknown(silent=True), Unavailable()),
)
NOTED: Final = ("handed", "doubtful", "left")
CASES: Final = [
    (noted, answers, left, repeats)
    for count in range(3)
    for noted in combinations_with_replacement(NOTED, count)
    for answers in combinations_with_replacement(OUTCOMES, 3 - count)
    if {NEVER, LATER} & set(answers) or {"doubtful", "left"} & set(noted)
    for left in (3600, 300, 0)
    for repeats in (0, MOST_SILENT - 2, MOST_SILENT - 1, MOST_REPEATS - 2, MOST_REPEATS - 1)
]
"""How parts were noted before, what the others are answered, seconds of validity left, repeats so far.

A part that was doubtful is sent again, and answered too: it is the first of the answers.
"""


def flown(noted: tuple[str, ...], answers: tuple[Outcome, ...], left: int, repeats: int) -> tuple[Flight, list[int]]:
    """A message with such parts, all answered, and which parts were at the gateway."""
    sent = len(answers)
    places = dict(enumerate(noted, sent + 1))
    again = [part for part, how in places.items() if how == "doubtful"]
    kept = {how: frozenset(part for part, one in places.items() if one == how) for how in NOTED}
    message = Claimed(
        id=7,
        lease="house",
        number="+33612345678",
        text="x",
        coding=Coding.GSM7,
        segments=sent + len(noted),
        format=Format.NORMAL,
        deadline=NOW + left,
        attempts=2,
        repeats=repeats,
        **kept,
    )
    at_gateway = [*again, *range(1, sent + 1)]
    flight = Flight(message, "A", set(at_gateway))
    told = (*[answers[0]] * len(again), *answers)
    for part, answer in zip(at_gateway, told, strict=True):
        flight.take(Answer(7, part, answer))
    return flight, at_gateway


def expected(noted: tuple[str, ...], answers: tuple[Outcome, ...], left: int, repeats: int) -> tuple[State, str | None]:
    """The rules in their order, as an operator would say them."""
    final = repeats >= MOST_SILENT - 1
    again = noted.count("doubtful")
    told = (*[answers[0]] * again, *answers)
    whole = len(answers) + len(noted)
    sure = noted.count("handed") + sum(isinstance(one, Handed) for one in told)
    ended = noted.count("left") + sum(one == NEVER or (one == LATER and final) for one in told)
    spent = sure + ended + sum(one == LATER and not final for one in told)
    spent += sum(not isinstance(one, Handed | Doubtful) for one in told[:again])
    rings = (Unknown(silent=True) in told and final) or (Unknown in map(type, told) and repeats >= MOST_REPEATS - 1)
    rules = (
        (sure == whole, (State.HANDED, None)),
        (sure + ended == whole, (State.UNKNOWN, UNTOLD)),
        (WRONG in told, (State.FAILED if spent else State.REJECTED, WRONG.reason)),
        (left == 0 and spent == whole, (State.UNKNOWN, UNTOLD)),
        (left == 0, (State.FAILED, PARTLY) if spent else (State.EXPIRED, EXPIRED)),
        (rings, (State.UNKNOWN, UNTOLD)),
        (True, (State.QUEUED, None)),
    )
    return next(end for holds, end in rules if holds)


def test_there_are_enough_cases() -> None:
    """The table is as large as it is meant to be, and has every end."""
    assert len(CASES) > 2000
    assert {expected(*case)[0] for case in CASES} == {State.HANDED, State.UNKNOWN, State.FAILED, State.QUEUED}


@pytest.mark.parametrize("begin", range(0, len(CASES), 100))
def test_every_combination(begin: int) -> None:
    """State and error, never a refund; what is noted, what goes out again, and not before its time."""
    for case in CASES[begin : begin + 100]:
        noted, answers, left, repeats = case
        flight, sent = flown(*case)
        result = flight.settlement(NOW + 0.4, 1.0)
        assert (result.state, result.error) == expected(*case), case
        told = dict(zip(sent, (*[answers[0]] * noted.count("doubtful"), *answers), strict=True))
        final = repeats >= MOST_SILENT - 1
        doubted = {part: one for part, one in told.items() if isinstance(one, Doubtful)}
        kept = [(part, one.reference, one == LATER and not final) for part, one in doubted.items()]
        assert list(result.doubtful) == kept, case
        assert [part for part, _ in result.parts] == [part for part, one in told.items() if isinstance(one, Handed)]
        rings = any(again for *_, again in kept) or any(isinstance(one, Unknown) for one in told.values())
        assert result.repeated == rings, case
        if result.state is State.QUEUED:
            least = 601 if any(again for *_, again in kept) else 1
            assert NOW + min(least, left) <= result.due <= NOW + left, case


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose gateway answers when it is told."""
    made = House(tmp_path / "a.db")
    made.gateway(TakingGateway)
    yield made.open()
    assert made.verification().sound


@pytest.fixture
def account(house: House) -> Account:
    """With ten credits."""
    return house.account(credits=10)


def given(house: House, account: Account, text: str = "Bonjour", **rest: Any) -> TakingGateway:
    """A message is at the gateway, which says nothing yet."""
    gateway = house.gateways["A"]
    house.accepted(text=text, sender=account, **rest)
    house.advance(0.1)
    assert gateway.open
    return gateway


def told(house: House, *outcomes: Outcome) -> None:
    """The gateway says that of the parts that it has, in order."""
    gateway = house.gateways["A"]
    for (message, part), outcome in zip(list(gateway.open), outcomes, strict=True):
        del gateway.open[message, part]
        house.network.answered("A", [Answer(message, part, outcome)])


def late(house: House, part: int, reference: str) -> None:
    """The gateway says after all that it took a part."""
    (row,) = house.messages()
    house.network.answered_late("A", [Answer(row.id, part, Handed(reference))])


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.EXPIRED])
def test_never_again(house: House, account: Account, state: State) -> None:
    """Unknown at once, with a reason, spent, and given to nobody; a receipt that comes says what became of it."""
    gateway = given(house, account)
    told(house, Doubtful("n"))
    (row,) = house.messages()
    assert (row.state, row.error, row.repeats) == ("unknown", UNTOLD, 0)
    house.advance(700, 0.5)
    outcome_of(house.receipt("A", "n", state))
    (row,) = house.messages()
    assert (row.state, bool(row.error)) == (state.value, state is not State.DELIVERED)
    assert (len(gateway.given), house.balance(account)) == (1, 9)


def test_never_again_though_the_rest_is(house: House, account: Account) -> None:
    """Of a long one the part that may have left stays where it is, however often the others go out."""
    gateway = given(house, account, "x" * 400)
    told(house, Handed("a"), Doubtful("n"), Throttled(3.0))
    for _ in range(3):
        house.advance(70, 0.5)
        told(house, Throttled(3.0))
    house.advance(70, 0.5)
    assert [one.part for one in gateway.given] == [1, 2, 3, 3, 3, 3, 3]
    told(house, Handed("c"))
    assert (house.states(), house.messages()[0].error) == ({State.UNKNOWN: 1}, UNTOLD)
    for reference in ("a", "c", "n"):
        outcome_of(house.receipt("A", reference))
    assert house.states() == {State.DELIVERED: 1}


def test_again_but_not_before_its_time(house: House, account: Account) -> None:
    """It waits, counted as a repeat, goes out when the time is over, and stands as it is answered then."""
    gateway = given(house, account)
    told(house, Doubtful("first", 600.0))
    (row,) = house.messages()
    assert (row.state, row.repeats, row.lease) == ("queued", 1, None)
    house.advance(598, 0.5)
    assert len(gateway.given) == 1
    house.advance(6, 0.5)
    assert len(gateway.given) == 2
    told(house, Handed("second"))
    assert house.states() == {State.HANDED: 1}
    outcome_of(house.receipt("A", "first", State.FAILED))
    assert house.states() == {State.HANDED: 1}
    outcome_of(house.receipt("A", "second"))
    assert house.states() == {State.DELIVERED: 1}


def test_again_but_not_for_ever(house: House, account: Account) -> None:
    """A telephone rings three times at most: then it is unknown, and spent."""
    gateway = given(house, account)
    for tries in range(1, MOST_SILENT):
        told(house, Doubtful(f"{tries}", 600.0))
        assert house.states() == {State.QUEUED: 1}
        house.advance(605, 0.5)
    told(house, Doubtful("last", 600.0))
    assert (house.states(), house.messages()[0].error) == ({State.UNKNOWN: 1}, UNTOLD)
    house.advance(700, 0.5)
    assert (len(gateway.given), house.balance(account)) == (MOST_SILENT, 9)
    outcome_of(house.receipt("A", "last"))
    assert house.states() == {State.DELIVERED: 1}


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.EXPIRED])
def test_receipt_while_it_waits(house: House, account: Account, state: State) -> None:
    """It has ended, with the receipt's reason, and does not go out again."""
    gateway = given(house, account)
    told(house, Doubtful("r", 600.0))
    outcome_of(house.receipt("A", "r", state))
    (row,) = house.messages()
    assert (row.state, bool(row.error)) == (state.value, state is not State.DELIVERED)
    house.advance(700, 0.5)
    assert (len(gateway.given), house.balance(account)) == (1, 9)


def test_receipt_before_the_answer(house: House, account: Account) -> None:
    """One that overtook the doubtful answer is met by it."""
    gateway = given(house, account)
    outcome_of(house.receipt("A", "r"))
    told(house, Doubtful("r", 600.0))
    assert house.states() == {State.DELIVERED: 1}
    house.advance(700, 0.5)
    assert len(gateway.given) == 1


def test_late_answer_while_it_waits(house: House, account: Account) -> None:
    """Taken after all under the same reference: handed, and not sent again."""
    gateway = given(house, account)
    told(house, Doubtful("r", 600.0))
    late(house, 1, "r")
    assert house.states() == {State.HANDED: 1}
    house.advance(700, 0.5)
    assert len(gateway.given) == 1
    outcome_of(house.receipt("A", "r"))
    assert house.states() == {State.DELIVERED: 1}


def test_only_what_is_still_doubtful_goes_out_again(house: House, account: Account) -> None:
    """Of three one has its receipt and one its late answer meanwhile: the third alone is repeated."""
    gateway = given(house, account, "x" * 400)
    told(house, *(Doubtful(name, 600.0) for name in "abc"))
    outcome_of(house.receipt("A", "b"))
    late(house, 1, "a")
    assert house.states() == {State.QUEUED: 1}
    house.advance(605, 0.5)
    assert [one.part for one in gateway.given[3:]] == [3]
    told(house, Handed("c2"))
    assert house.states() == {State.HANDED: 1}
    for reference in ("a", "c2"):
        outcome_of(house.receipt("A", reference))
    assert house.states() == {State.DELIVERED: 1}


def test_part_that_failed_while_another_waits(house: House, account: Account) -> None:
    """Its reason is the message's as soon as the other is handed, though no receipt comes for that one."""
    given(house, account, "x" * 200)
    told(house, Doubtful("a", 600.0), Throttled(3.0))
    outcome_of(house.receipt("A", "a", State.FAILED))
    assert house.states() == {State.QUEUED: 1}
    house.advance(605, 0.5)
    told(house, Handed("b"))
    (row,) = house.messages()
    assert (row.state, row.error) == ("failed", "Le téléphone est éteint.")


def test_receipt_while_the_second_copy_is_under_way(house: House, account: Account) -> None:
    """Whatever is said of the second copy, the first one was delivered."""
    for outcome in (Rejected("non"), Doubtful("n"), Doubtful("l", 600.0), Unavailable(), Handed("z"), Unknown()):
        given(house, account, text=repr(outcome))
        told(house, Doubtful("first", 600.0))
        house.advance(605, 0.5)
        outcome_of(house.receipt("A", "first"))
        assert house.states()[State.QUEUED] == 1
        told(house, outcome)
        assert set(house.states()) == {State.DELIVERED}, outcome
    assert house.balance(account) == 4


def test_second_copy_that_nobody_sees(house: House, account: Account) -> None:
    """Delivered while it is claimed anew, it is given back by a gateway that goes down, and not sent when it is up."""
    gateway = house.gateways["A"]
    given(house, account)
    told(house, Doubtful("r", 600.0))
    house.workers.held = True
    house.advance(605, 0.5)
    gateway.go_down()
    # the claim, then the receipt
    waited = house.receipt("A", "r")
    house.workers.go()
    outcome_of(waited)
    gateway.go_up()
    house.advance(70, 0.5)
    assert len(gateway.given) == 1
    assert house.states() == {State.DELIVERED: 1}


@pytest.mark.parametrize(
    "answers", list(product((NEVER, LATER), (WRONG, Throttled(3.0), Unavailable(), Unknown(), Handed("h"))))
)
def test_money(house: House, account: Account, answers: tuple[Outcome, Outcome]) -> None:
    """A message of which a part may have left is spent, though its validity ends before the rest is sent."""
    given(house, account, "x" * 200, validity=1)
    told(house, *answers)
    house.gateways["A"].go_down()
    house.clock.advance(3700)
    house.advance(40, 1)
    assert not set(house.states()) & {State.QUEUED, State.EXPIRED, State.REJECTED}
    assert house.messages()[0].error or house.states() == {State.HANDED: 1}
    assert house.balance(account) == 8


def test_validity_that_ends_while_it_waits(house: House, account: Account) -> None:
    """It is not sent too late: unknown, not refunded, and still ended by its receipt. By whoever looks first."""
    for down in (True, False):
        gateway = given(house, account, text=f"{down}", validity=1)
        count = len(gateway.given)
        told(house, Doubtful(f"r{down}", 5000.0))
        if down:
            gateway.go_down()
        house.clock.advance(3700)
        house.advance(40, 1)
        assert len(gateway.given) == count
        row = house.messages()[-1]
        assert (row.state, row.error) == ("unknown", UNTOLD)
        outcome_of(house.receipt("A", f"r{down}"))
        assert set(house.states()) == {State.DELIVERED}
        gateway.go_up()
    assert house.balance(account) == 8


def test_normal_then_flash(house: House, account: Account) -> None:
    """A receipt that says no sends it as flash, though it was waiting to go out as normal."""
    gateway = given(house, account, format=Format.NORMAL_THEN_FLASH)
    told(house, Doubtful("r", 600.0))
    outcome_of(house.receipt("A", "r", State.FAILED))
    house.advance(1)
    assert [one.flash for one in gateway.given] == [False, True]
    assert gateway.take()
    assert (house.states(), house.balance(account)) == ({State.HANDED: 1}, 9)


def test_counts(house: House, account: Account) -> None:
    """What may go out twice is repeated; what goes out no more failed, as far as one knows."""
    given(house, account, "x" * 400)
    told(house, Handed("a"), Doubtful("b"), Doubtful("c", 600.0))
    counts = house.network.dispatchers["A"].counts
    assert (counts.sent, counts.failed, counts.repeated) == (1, 1, 1)

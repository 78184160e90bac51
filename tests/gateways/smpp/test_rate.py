"""The rate: as fast as the operator takes, slower where it complains, and never less than one a second."""

from collections import deque
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.smpp.rate import DECREASE, FREE, INCREASE, LEAST, PAUSE, AdaptiveRate
from tests.model.strategies import QUICK

FREELY: Final = 1_000_000
T: Final = 1000.0
"""When these tests begin."""


def complained(submits: int = 100) -> AdaptiveRate:
    """A rate that had a complaint at ``T`` + 1, after a second of so many submits."""
    rate = AdaptiveRate(T)
    rate.spend(submits)
    rate.allows(T + 1)
    rate.complain(T + 1)
    return rate


def test_no_limit() -> None:
    """As long as the operator says nothing there is none, whatever leaves."""
    rate = AdaptiveRate(T)
    for second in range(100):
        assert rate.allows(T + second) == FREELY
        rate.spend(10_000)
        assert rate.wait(T + second) == 0
    assert rate.limit is None


def test_complaint() -> None:
    """What was reached, less a part, is the limit; nothing leaves in the pause."""
    rate = complained()
    assert rate.limit == pytest.approx(100 * DECREASE)
    for after in (0, 0.5 * PAUSE, 0.99 * PAUSE):
        assert rate.allows(T + 1 + after) == 0
    assert rate.wait(T + 1) == pytest.approx(PAUSE)
    assert rate.wait(T + 1 + 0.75 * PAUSE) == pytest.approx(0.25 * PAUSE)
    assert rate.allows(T + 1 + PAUSE + 0.1) == 7


def test_complaints_in_the_pause_are_one() -> None:
    """Everything that was under way is refused; that says nothing new."""
    rate = complained()
    for _ in range(500):
        rate.complain(T + 1.5)
    assert rate.limit == pytest.approx(100 * DECREASE)
    rate.complain(T + 2.5)
    assert rate.limit is not None
    assert rate.limit < 100 * DECREASE * DECREASE * 1.1


def test_complaint_in_the_first_second() -> None:
    """A burst that is refused at once counts as what was reached."""
    rate = AdaptiveRate(T)
    rate.allows(T + 500)
    rate.spend(200)
    rate.complain(T + 500.1)
    assert rate.limit == pytest.approx(200 * DECREASE)


def test_increase() -> None:
    """Each second without complaint raises the limit, and a look more often raises it no faster."""
    often, seldom = complained(), complained()
    for tick in range(200):
        often.allows(T + 2 + tick / 20)
    seldom.allows(T + 2 + 199 / 20)
    assert often.limit == pytest.approx(100 * DECREASE * INCREASE ** (199 / 20))
    assert often.limit == pytest.approx(seldom.limit)


def test_no_burst() -> None:
    """What was not used does not gather: after silence, a tenth of a second's worth may leave at once."""
    rate = complained()
    assert rate.limit is not None
    allowed = rate.allows(T + 12)
    assert allowed <= 1 + rate.limit / 10
    rate.spend(allowed)
    assert rate.allows(T + 12) == 0
    assert 0 < rate.wait(T + 12) < 0.1


def test_lifting() -> None:
    """A minute without complaint lifts the limit, a complaint just before begins another minute."""
    rate = complained()
    assert rate.allows(T + 1 + FREE - 0.1) < FREELY
    rate.complain(T + 1 + FREE - 0.1)
    assert rate.allows(T + 1 + FREE + 10) < FREELY
    assert rate.allows(T + 1 + 2 * FREE) == FREELY
    assert rate.limit is None
    assert rate.wait(T + 1 + 2 * FREE) == 0


def test_least() -> None:
    """However often it complains, one a second is tried."""
    rate = complained(0)
    for second in range(100):
        rate.complain(T + 2 + 1.5 * second)
        assert rate.limit is not None
        assert LEAST <= rate.limit < 2 * LEAST
    assert rate.wait(T + 300) <= 1 / LEAST


@pytest.mark.parametrize("back", [0.4, 2.0, 3600.0, T])
def test_clock_set_back(back: float) -> None:
    """It goes on at once, or after the pause that was under way; it does not wait for the time to come again."""
    rate = complained()
    now = T + 1 - back
    assert rate.wait(now) <= PAUSE + 0.5
    assert rate.allows(now + PAUSE + 1) > 0
    rate.complain(now + 5)
    assert rate.wait(now + 5) <= PAUSE + 0.5
    assert rate.allows(now + 5.1 + FREE) == FREELY


def test_clock_set_forward() -> None:
    """An hour at once is a minute without complaint."""
    assert complained().allows(T + 3600) == FREELY


@QUICK
@given(st.lists(st.tuples(st.floats(-20, 20), st.sampled_from(["complain", "spend", "wait"]), st.integers(0, 3000))))
def test_any_life(steps: list[tuple[float, str, int]]) -> None:
    """Whatever the clock does and whoever complains: nothing is negative, and waiting always ends."""
    rate, now = AdaptiveRate(T), T
    for elapsed, what, count in steps:
        now += elapsed
        if what == "complain":
            rate.complain(now)
        elif what == "spend":
            rate.spend(min(count, max(0, rate.allows(now))))
        assert rate.limit is None or rate.limit >= LEAST
        assert rate.allows(now) >= 0
        assert 0 <= rate.wait(now) <= 22
    for _ in range(50):
        now += rate.wait(now)
    assert rate.allows(now) > 0


def against(capacity: float, latency: float, burst: float) -> tuple[float, float]:
    """Submits that such an SMSC takes, and those that it refuses, each second, after the first ten."""
    rate, step, window, seconds = AdaptiveRate(T), 0.01, 500, 120
    tokens, taken, refused = burst, 0, 0
    flight: deque[tuple[float, bool]] = deque()
    for tick in range(round(seconds / step)):
        now = T + tick * step
        tokens = min(burst, tokens + capacity * step)
        while flight and flight[0][0] <= now:
            if not flight.popleft()[1]:
                rate.complain(now)
        count = min(window - len(flight), rate.allows(now))
        rate.spend(count)
        for _ in range(count):
            is_taken = tokens >= 1
            tokens -= is_taken
            flight.append((now + latency, is_taken))
            if now >= T + 10:
                taken, refused = taken + is_taken, refused + (not is_taken)
    return taken / (seconds - 10), refused / (seconds - 10)


@pytest.mark.parametrize("latency", [0.02, 0.2])
@pytest.mark.parametrize("capacity", [2, 5, 20, 100, 500])
def test_against_an_smsc(capacity: int, latency: float) -> None:
    """Of what an SMSC takes each second, more than 7 in 10 are used; fewer than 1 in 8 are refused."""
    for burst in {float(capacity), max(2.0, capacity / 10)}:
        taken, refused = against(capacity, latency, burst)
        assert taken >= 0.7 * capacity
        assert refused <= max(0.05 * capacity, 0.5)


def test_a_limit_that_rises() -> None:
    """Where the operator takes more than before, the rate follows within half a minute."""
    rate, now = complained(100), T + 2
    random = Random(1)
    for _ in range(3000):
        now += 0.01
        rate.spend(min(rate.allows(now), random.randrange(100)))
    assert rate.limit is None or rate.limit > 1000

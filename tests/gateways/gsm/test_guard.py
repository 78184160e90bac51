"""A SIM card's limits: never exceeded in any window, whatever is sent and however often the daemon starts anew."""

from collections import Counter
from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.guard import DAY, MINUTE, MONTH, Guard
from smstob.model.modem import SimLimits, SimUses

BEGIN = 1_795_000_000


def kept(sent: list[tuple[float, str]], now: float) -> SimUses:
    """What storage gives of what was sent, after a restart at ``now``."""
    recent = [(at, number) for at, number in sent if at > now - MONTH]
    return SimUses(
        minutes=Counter(int(at) // MINUTE for at, _ in recent),
        numbers={number: int(at) for at, number in recent},
        last=max((int(at) for at, _ in recent), default=0),
    )


def most(sent: list[tuple[float, str]], window: int) -> tuple[int, int]:
    """The most segments, and the most numbers, in any window of so many seconds."""
    first, segments, numbers = 0, 0, 0
    inside: Counter[str] = Counter()
    for at, number in sent:
        inside[number] += 1
        while sent[first][0] <= at - window:
            inside[sent[first][1]] -= 1
            first += 1
        inside += Counter()
        segments, numbers = max(segments, inside.total()), max(numbers, len(inside))
    return segments, numbers


@pytest.mark.parametrize("seed", range(3))
def test_ten_thousand_messages_with_restarts(seed: int) -> None:
    """10,000 messages to 400 people, a restart after one in fifty: no window of any length holds more than it may."""
    random = Random(seed)
    limits = SimLimits(per_minute=15, per_day=300, per_month=5_000, recipients_per_month=200)
    guard, now = Guard(limits, SimUses()), float(BEGIN)
    sent: list[tuple[float, str]] = []
    while len(sent) < 10_000:
        number = f"+336{random.randrange(400):08}"
        allowed = guard.allowed_at(number, now)
        if allowed > now + 3600 and number not in dict.fromkeys(one for _, one in sent[-5000:]):
            # there are others to write to
            now += 1
            continue
        now = allowed + random.random()
        assert guard.allowed_at(number, now) == now
        guard.use(number, now)
        sent.append((now, number))
        if random.random() < 0.02:
            guard = Guard(limits, kept(sent, now))
    assert most(sent, MINUTE)[0] <= 15
    assert most(sent, DAY)[0] <= 300
    segments, numbers = most(sent, MONTH)
    assert segments <= 5_000
    assert numbers <= 200


@given(st.lists(st.tuples(st.floats(0, 3 * DAY), st.integers(0, 5)), max_size=60), st.integers(1, 5))
def test_what_is_told_to_be_allowed_is(steps: list[tuple[float, int]], limit: int) -> None:
    """At the moment that it names the guard allows it, and a moment before that it does not."""
    guard, now = Guard(SimLimits(per_minute=0, per_day=limit, recipients_per_month=2), SimUses()), float(BEGIN)
    for wait, person in steps:
        number = f"+3361234567{person}"
        now += wait
        allowed = guard.allowed_at(number, now)
        assert allowed >= now
        if allowed > now:
            assert guard.allowed_at(number, allowed - 1) > allowed - 1
        now = allowed
        assert guard.allowed_at(number, now) == now
        guard.use(number, now)
        assert guard.day(now) <= limit
        assert guard.recipients(now) <= 2


def test_known_recipients_go_on() -> None:
    """Who was written to this month is written to again, when the card knows as many people as it may."""
    guard = Guard(SimLimits(per_minute=0, recipients_per_month=2), SimUses())
    for index in range(2):
        guard.use(f"+3361234567{index}", BEGIN + index)
    assert guard.allowed_at("+33612345670", BEGIN + 9) == BEGIN + 9
    assert guard.allowed_at("+33612345679", BEGIN + 9) == BEGIN + MONTH


def test_more_parts_than_a_day_has() -> None:
    """A text that no day has room for can never be sent; without limits everything can, at once."""
    assert Guard(SimLimits(per_day=2), SimUses()).allowed_at("+33612345678", BEGIN, 3) == inf
    free = Guard(SimLimits(per_minute=0), SimUses())
    for _ in range(100):
        free.use("+33612345678", BEGIN)
    assert free.allowed_at("+33612345678", BEGIN) == BEGIN


def test_clock_set_back() -> None:
    """A clock that was set back by a day does not stop the card for that day; what it sent still counts."""
    guard = Guard(SimLimits(per_minute=15, per_day=10), SimUses())
    guard.use("+33612345678", BEGIN + DAY)
    assert guard.allowed_at("+33612345678", BEGIN) == BEGIN
    assert guard.day(BEGIN) == 1

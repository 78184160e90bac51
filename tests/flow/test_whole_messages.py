"""The segments of a message go to a gateway together, whatever its window, its rate, its answers or its links."""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.model.message import Handed, Segment, State, Throttled, Unavailable, Unknown
from smstob.model.route import Route
from tests.fakes import ChangingGateway, PromptGateway, TakingGateway
from tests.house import House, numbers

LONG = "x" * 400
"""Three segments."""
TEXTS = {1: "x", 2: "x" * 300, 3: LONG, 5: "x" * 700, 9: "x" * 1350}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a rich account, without a gateway."""
    made = House(tmp_path / "a.db")
    made.account(max_segments=10)
    return made


def parts(call: list[Segment]) -> dict[int, list[int]]:
    """Which parts of which message came in that call."""
    found: dict[int, list[int]] = {}
    for segment in call:
        found.setdefault(segment.message, []).append(segment.part)
    return found


@pytest.mark.parametrize("throughput", [0, 0.5, 4, 50])
@pytest.mark.parametrize("window", [1, 2, 4, 50])
def test_whole_and_in_order(house: House, window: int, throughput: float) -> None:
    """Every message in one call, first part first; beyond the window at most the rest of one message."""
    gateway = house.gateway(TakingGateway, window=window, throughput=throughput)
    house.open()
    for total, text in TEXTS.items():
        assert house.accepted(",".join(numbers(2)), text).messages == 2, total
    for _ in range(2000):
        house.clock.advance(0.1)
        gateway.take(2)
        if len(gateway.references) == 2 * sum(TEXTS):
            break
    assert house.states() == {State.HANDED: 2 * len(TEXTS)}
    for call in gateway.calls:
        found = parts(call)
        assert all(taken == list(range(1, call[0].total + 1)) for taken in list(found.values())[:1])
        last = call[-1]
        assert len(call) - last.total < window
    whole = [taken for call in gateway.calls for taken in parts(call).values()]
    assert sorted(map(len, whole)) == sorted([*TEXTS, *TEXTS])
    assert all(taken == list(range(1, len(taken) + 1)) for taken in whole)


@pytest.mark.parametrize("rate", [0.5, 3, 30])
def test_debt_is_paid(house: House, rate: float) -> None:
    """Long messages go together and the rate is kept all the same: whoever comes after waits the longer."""
    gateway = house.gateway(PromptGateway, throughput=rate, window=1000)
    house.open()
    seconds = 120
    house.accepted(",".join(numbers(int(rate * seconds / 9) + 5)), TEXTS[9])
    left = [0]
    for _ in range(seconds * 20):
        house.clock.advance(0.05)
        left.append(len(gateway.given))
    assert left[-1] == pytest.approx(rate * seconds, rel=0.02, abs=10)
    assert all(count % 9 == 0 for count in left)
    for span in (1, 20, 100, 400):
        most = max(after - before for before, after in zip(left, left[span:], strict=False))
        assert most <= rate * span * 0.05 + 1 + rate / 10 + 9


@pytest.mark.parametrize("answer", [Unavailable(), Throttled(), Unknown(), Unknown(silent=True)])
def test_retries_are_whole(house: House, answer: Unavailable | Throttled | Unknown) -> None:
    """What is missing goes again in one call, without the part that has a reference."""
    gateway = house.gateway(TakingGateway, window=1)
    house.open()
    house.accepted(text=TEXTS[5])
    house.advance(0.1)
    second = gateway.given[1]
    gateway.take(1)
    gateway.answer(answer, [second])
    assert len(gateway.calls) == 1
    gateway.answer(answer)
    house.advance(5)
    assert [list(parts(call).values()) for call in gateway.calls] == [[[1, 2, 3, 4, 5]], [[2, 3, 4, 5]]]


def test_given_back_whole(house: House) -> None:
    """A link that breaks under a full window: what was not given is queued untouched, no message is in both places."""
    gateway = house.gateway(TakingGateway, window=4)
    house.open()
    house.accepted(",".join(numbers(4)), LONG)
    house.advance(0.1)
    assert [len(call) for call in gateway.calls] == [6]
    given = {segment.message for segment in gateway.given}
    gateway.go_down()
    rows = {row.id: (row.state, row.lease, row.repeats) for row in house.messages()}
    assert rows == {id_: ("queued", None, int(id_ in given)) for id_ in (1, 2, 3, 4)}
    assert house.network.held() == []


MOODS = st.sampled_from([None, None, Handed(""), Handed(""), Unavailable(), Throttled(0.2), Unknown()])
EVENTS = st.one_of(
    st.tuples(st.just("mood"), MOODS),
    st.tuples(st.just("take"), st.sampled_from([1, 2, 5, None])),
    st.tuples(st.just("answer"), st.sampled_from([Unavailable(), Unknown(), Throttled(0.1)])),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("send"), st.sampled_from(list(TEXTS))),
    st.tuples(st.just("wait"), st.sampled_from([0.05, 1.0, 9.0])),
)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.sampled_from([0.0, 0.7, 5.0, 40.0]), st.lists(EVENTS, max_size=30))
def test_never_split(window: int, throughput: float, events: list[tuple[str, object]]) -> None:
    """Whatever happens: a call holds all of a message that no gateway has taken, in order, side by side."""
    path = Path(mkdtemp(prefix="smstob"))
    house = House(path / "a.db", (Route("+", ("A", "B")),))
    house.account(max_segments=10)
    both = [house.gateway(ChangingGateway, name, throughput, window) for name in ("A", "B")]
    house.open()
    for serial, (what, value) in enumerate(events):
        gateway = both[serial % 2]
        match what, value:
            case "mood", mood:
                gateway.mood = mood  # type: ignore[assignment]
            case "take", most:
                gateway.take(most)  # type: ignore[arg-type]
            case "answer", outcome:
                gateway.answer(outcome)  # type: ignore[arg-type]
            case "link", up:
                (gateway.go_up if up else gateway.go_down)()
            case "send", int(total):
                house.accepted(numbers(1, 612_000_000 + serial)[0], TEXTS[total])
            case "wait", float(seconds):
                house.advance(seconds)
    calls = [(gateway, call) for gateway in both for call in gateway.calls]
    taken = {(one.message, one.part) for gateway in both for one in gateway.references.values()}
    for gateway, call in calls:
        for message, came in parts(call).items():
            missing = set(range(1, next(one.total for one in call if one.message == message) + 1)) - set(came)
            assert came == sorted(came)
            assert {(message, part) for part in missing} <= taken, f"half of message {message} at {gateway.name}"
    house.close()
    rmtree(path)

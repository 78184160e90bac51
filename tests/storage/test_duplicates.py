"""The table of the duplicate control: 64-bit keys, the last time of each, pruned."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from smstob.storage import duplicates

from .scenes import NOW, undone

EXTREMES = [-(2**63), 2**63 - 1, -1, 0, 1, 2**53 + 1, -(2**31) - 1]


def test_keys_of_64_bits(connection: Connection) -> None:
    """All of a signed 64-bit integer counts; what was not remembered is not told; what was forgotten neither."""

    @settings(deadline=None, max_examples=40)
    @given(keys=st.sets(st.one_of(st.sampled_from(EXTREMES), st.integers(-(2**63), 2**63 - 1)), min_size=2))
    def holds(keys: set[int]) -> None:
        with undone(connection):
            one, *rest = sorted(keys)
            duplicates.remember(connection, [(key, NOW) for key in rest])
            assert duplicates.seen(connection, keys) == dict.fromkeys(rest, NOW)
            duplicates.forget(connection, [one, rest[0]])
            assert duplicates.seen(connection, keys) == dict.fromkeys(rest[1:], NOW)

    holds()
    assert duplicates.seen(connection, []) == {}


def test_last_time_counts(connection: Connection) -> None:
    """A key that is remembered again has its new time."""
    duplicates.remember(connection, [(5, NOW), (6, NOW)])
    duplicates.remember(connection, [(5, NOW + 1)])
    assert duplicates.seen(connection, [5, 6, 7]) == {5: NOW + 1, 6: NOW}


def test_prune(connection: Connection) -> None:
    """What is a day old goes, as it no longer counts; what is a second younger stays."""
    duplicates.remember(connection, [(1, NOW), (2, NOW + 1), (3, NOW - 5)])
    assert duplicates.prune(connection, NOW + duplicates.WINDOW) == 2
    assert duplicates.seen(connection, [1, 2, 3]) == {2: NOW + 1}

"""Status reports find the message that they are about: by reference, number and time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.matching import match
from smstob.model.modem import SimUse

AT = 1_795_000_000

CASES: dict[str, tuple[list[SimUse], int, int | None, int | None]] = {
    "the only one": ([SimUse(1, AT, 7)], 7, AT + 2, 1),
    "none with that reference": ([SimUse(1, AT, 7)], 8, AT + 2, None),
    "nothing at all": ([], 8, AT, None),
    "an hour wrong": ([SimUse(1, AT, 7)], 7, AT + 3602, 1),
    "the reference came round": ([SimUse(1, AT, 7), SimUse(2, AT + 1030, 7)], 7, AT + 2, 1),
    "the second of the two": ([SimUse(1, AT, 7), SimUse(2, AT + 1030, 7)], 7, AT + 1031, 2),
    "an hour wrong, came round": ([SimUse(1, AT, 7), SimUse(2, AT + 1030, 7)], 7, AT - 3598, 1),
    "equal: the newest": ([SimUse(1, AT, 7), SimUse(2, AT + 900, 7)], 7, AT + 1, 2),
    "no moment: the newest": ([SimUse(1, AT, 7), SimUse(2, AT + 50, 7)], 7, None, 2),
    "before its answer": ([SimUse(1, AT, 7), SimUse(2, AT + 5, None)], 8, AT + 6, 2),
    "answered lost, other time": ([SimUse(2, AT, None)], 8, AT + 400, None),
    "answer lost, no moment": ([SimUse(2, AT, None)], 8, None, None),
    "answer lost, an old one fits": ([SimUse(1, AT - 86_000, 8), SimUse(2, AT, None)], 8, AT + 3, 2),
    "two without answers: the nearest": ([SimUse(1, AT, None), SimUse(2, AT + 60, None)], 8, AT + 58, 2),
    "far, and nothing better": ([SimUse(1, AT, 8)], 8, AT + 400, 1),
}


@pytest.mark.parametrize("case", CASES)
def test_match(case: str) -> None:
    """Each case finds its own message, or none."""
    uses, reference, taken, found = CASES[case]
    use = match(uses, reference, taken)
    assert (use and use.id) == found


@given(st.integers(0, 255), st.integers(4, 60), st.integers(0, 20), st.integers(-8, 56), st.data())
def test_thousand_messages_to_one_number(
    first: int, spacing: int, delay: int, quarters: int, data: st.DataObject
) -> None:
    """In a thousand messages to one number, each with the next reference, the report finds its own in any zone.

    Unless the references come round after whole quarters of an hour: then nothing tells the messages apart.
    """
    uses = [SimUse(index, AT + index * spacing, (first + index) % 256) for index in range(600)]
    use = uses[data.draw(st.integers(0, 599))]
    assert use.reference is not None
    found = match(uses, use.reference, use.at + delay + 900 * quarters)
    assert found is not None
    assert found.reference == use.reference
    apart = min((256 * spacing * turns) % 900 for turns in (1, 2))
    if 60 < apart < 840 and 60 < (512 * spacing) % 900 < 840:
        assert found is use

"""Damaged PDUs by the thousand; ``python -m tests.txsmpp.fuzz`` runs as many as one has time for."""

import tracemalloc

import pytest

from txsmpp.pdu import BODIES

from .fuzz import Tally, run


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Of 20,000 inputs: ``run`` raises where one does harm."""
    return run(20_000, seed=34)


def test_nothing_but_typed_errors(tally: Tally) -> None:
    """All were read or refused, sessions of both sides went on, and what they wrote could be read."""
    assert tally.inputs == 20_000
    assert tally.read.total() > 10_000
    assert tally.refused.total() > 5_000


def test_everything_was_tried(tally: Tally) -> None:
    """The inputs reached every kind of body, every status that decoding has, and every event of a session."""
    kinds = {kind.__name__ for kind in BODIES.values()} | {"Raw"}
    assert set(tally.read) == kinds
    statuses = ("ESME_RINVMSGLEN", "ESME_RINVOPTPARSTREAM", "ESME_RINVDESTFLAG", "no frame, ESME_RINVCMDLEN")
    assert all(tally.refused[status] > 20 for status in statuses)
    events = ("Answered", "Asked", "Told", "Bound", "Silent", "Late", "Closed", "a receipt")
    assert all(tally.events[event] > 10 for event in events)
    written = " ".join(tally.written)
    assert all(answer in written for answer in ("submit_sm_resp ", "unbind_resp", "RSYSERR", "RMSGQFUL", "RX_T_APPN"))


def test_memory() -> None:
    """Nothing is kept of what was read and refused."""
    tracemalloc.start()
    try:
        tally = run(4_000, seed=35)
    finally:
        tracemalloc.stop()
    assert tally.megabytes < 0.3

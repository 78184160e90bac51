"""Every status that an operator may answer, and what becomes of the message."""

import re
from typing import Final

import pytest

from gateways.smpp.statuses import FAULTS, REASONS, TOO_FAST, UNBOUND, outcome
from smstob.model.message import Rejected, Throttled
from txsmpp.constants import Status

THROTTLED: Final = {Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL}
LATER: Final = {
    *(Status.ESME_RSYSERR, Status.ESME_RSUBMITFAIL, Status.ESME_RUNKNOWNERR, Status.ESME_RX_T_APPN),
    *(Status.ESME_RBINDFAIL, Status.ESME_RALYBND),
}
GONE: Final = {Status.ESME_RINVBNDSTS}
REFUSED: Final = sorted({*Status} - THROTTLED - LATER - GONE - {Status.ESME_ROK})
VENDOR: Final = (0x0400, 0x0401, 0x0450, 0x04FF, 0x0500, 0x1000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x10, 0x09)
SENTENCE: Final = re.compile(r"[A-ZL][^.]+ \(code 0x[0-9A-F]{2,8}\)\.")


def test_no_status_means_two_things() -> None:
    """The sets have no status in common, and none of them is a refusal with a reason."""
    assert [set(TOO_FAST), set(FAULTS), set(UNBOUND)] == [THROTTLED, LATER, GONE]
    assert not (TOO_FAST | FAULTS | UNBOUND) & REASONS.keys()
    assert Status.ESME_ROK not in REASONS


@pytest.mark.parametrize("status", sorted(THROTTLED), ids=str)
def test_too_fast(status: int) -> None:
    """Again in a second, at a lower rate."""
    assert outcome(status) == Throttled()


@pytest.mark.parametrize("status", sorted(LATER), ids=str)
def test_faults(status: int) -> None:
    """Again, ever later: the dispatcher chooses when."""
    assert outcome(status) == Throttled(delay=0)


def test_unbound() -> None:
    """An operator that thinks us unbound took nothing: again, ever later."""
    assert outcome(Status.ESME_RINVBNDSTS) == Throttled(delay=0)


@pytest.mark.parametrize("status", [*REFUSED, *VENDOR], ids=hex)
def test_refusals(status: int) -> None:
    """All others are for good, with a sentence in French and the code that the operator's support asks for."""
    refused = outcome(status)
    assert isinstance(refused, Rejected)
    assert SENTENCE.fullmatch(refused.reason), refused.reason
    assert f"0x{status:02X}" in refused.reason


@pytest.mark.parametrize("status", [0x0450, 0x04FF, Status.ESME_RINVDSTADR])
def test_retry_statuses(status: int) -> None:
    """Of the operator's own, those that the configuration names are tried again."""
    assert outcome(status, frozenset({status})) == Throttled(delay=0)
    assert isinstance(outcome(0x0451, frozenset({status})), Rejected)


def test_retry_statuses_slow_nothing_down() -> None:
    """A status that says «too fast» keeps saying so."""
    assert outcome(Status.ESME_RTHROTTLED, frozenset({0x58})) == Throttled()


@pytest.mark.parametrize(
    ("status", "word"),
    [
        *((0x0B, "ce numéro"), (0x0A, "expéditeur"), (0x01, "longueur"), (0x62, "validité")),
        *((0xFE, "remettre"), (0x450, "refusé")),
    ],
)
def test_reasons(status: int, word: str) -> None:
    """Customers read what they can mend."""
    refused = outcome(status)
    assert isinstance(refused, Rejected)
    assert word in refused.reason

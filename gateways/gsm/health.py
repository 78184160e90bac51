"""What a modem's outcomes in a row say of it and of its card: a number may be wrong, seldom are five."""

from typing import Final

import attrs

from .errors import UNEXPLAINED, Blame, Verdict

RESETTING: Final = 3
"""Errors in a row without an explanation, doubts, or faults of a modem that lost its way, before it is reset."""
NUMBERS: Final = 5
"""Different numbers that are refused in a row, before it is the card."""
BARRED_NUMBERS: Final = 2
"""The same where the operator says that it is the card: to some numbers it may not send, and to others it may."""
PAUSES: Final = (10.0, 60.0, 300.0, 600.0, 1800.0)
"""Seconds for which a modem with a fault, or a refused card, is left alone: ever longer until a message is taken."""
CARD: Final = 2
"""Where a refused card begins in ``PAUSES``."""
DOUBT_PAUSE: Final = 5.0
"""After a message of which nobody knows: whoever is slow is not asked at once again."""

_BARRED: Final = frozenset({8, 10, 29, 50, 69, 193})
"""CMS errors of a contract, or of an empty account."""
_LOST_ITS_WAY: Final = frozenset({300, 301, 302, 303, 320, 321, 322})
"""CMS errors of a modem that a restart may help."""
_REFUSING: Final = (
    "Le réseau refuse tout ce que cette carte SIM envoie. Si cela dure plus qu'une panne, vérifiez son crédit et son "
    "contrat."
)
_DOUBTFUL: Final = "Le réseau ne répond plus aux envois de ce modem : il reprend de lui-même."


@attrs.frozen(kw_only=True)
class Remedy:
    """What is done with the modem."""

    reason: str = ""
    """In French."""
    pause: float = 0.0
    """Seconds in which it is given nothing."""
    set_up: bool = False
    """Whether it is asked anew how it is."""
    reset: bool = False
    """Whether it is restarted."""


NOTHING: Final = Remedy()


class Health:
    """The outcomes since a message was taken."""

    def __init__(self) -> None:
        self._doubts = self._faults = self._unexplained = self._pauses = 0
        self._faulty: set[str] = set()
        """Numbers for which the modem said that it is at fault: of one alone, it may be the number."""
        self._refused: dict[str, bool] = {}
        """Numbers that were refused; whether the operator said that it is the card."""

    def sent(self) -> None:
        """The network took one: all is well."""
        self._doubts = self._faults = self._unexplained = self._pauses = 0
        self._refused.clear()
        self._faulty.clear()

    def doubted(self) -> Remedy:
        """Nobody knows of one."""
        self._doubts += 1
        if self._doubts >= RESETTING:
            return self._reset(_DOUBTFUL)
        return Remedy(reason=_DOUBTFUL, pause=DOUBT_PAUSE)

    def failed(self, verdict: Verdict, code: int | None, number: str) -> Remedy:
        """One to ``number`` was refused; ``code`` is that of +CMS ERROR."""
        if verdict.blame is Blame.MESSAGE:
            return NOTHING
        if verdict.blame is Blame.MODEM and code not in _BARRED:
            return self._fault(verdict, code, number)
        if code in UNEXPLAINED:
            self._unexplained += 1
            if self._unexplained >= RESETTING:
                return self._reset(verdict.reason)
        self._refused[number] = code in _BARRED
        if sum(self._refused.values()) >= BARRED_NUMBERS:
            return Remedy(reason=verdict.reason, pause=self._pause_card())
        if len(self._refused) >= NUMBERS:
            return Remedy(reason=_REFUSING, pause=self._pause_card())
        # a number that is refused alone does not hold up the others
        return Remedy(reason=verdict.reason, pause=verdict.pause) if len(self._refused) > 1 else NOTHING

    def _fault(self, verdict: Verdict, code: int | None, number: str) -> Remedy:
        self._faults += 1
        self._faulty.add(number)
        if code in _LOST_ITS_WAY and self._faults % RESETTING == 0:
            return Remedy(reason=verdict.reason, reset=True)
        return Remedy(reason=verdict.reason, pause=max(verdict.pause, _pause(len(self._faulty))), set_up=True)

    def _pause_card(self) -> float:
        self._refused.clear()
        self._pauses += 1
        return _pause(CARD + self._pauses)

    def _reset(self, reason: str) -> Remedy:
        self._doubts = self._unexplained = 0
        return Remedy(reason=reason, reset=True)


def _pause(times: int) -> float:
    return PAUSES[min(times, len(PAUSES)) - 1]

"""What a modem's outcomes in a row say of it and of its card: a number may be wrong, seldom are five."""

from typing import Final

import attrs

from .errors import Blame, Verdict

RESETTING: Final = 3
"""Errors in a row without an explanation, doubts, or faults of the modem, before it is reset."""
NUMBERS: Final = 5
"""Different numbers that are refused in a row, before it is the card."""
CARD_PAUSE: Final = 300.0
"""Seconds for which such a card is left alone."""
BARRED_PAUSE: Final = 600.0
"""The same where the operator says that it is the card."""
DOUBT_PAUSE: Final = 5.0
"""After a message of which nobody knows: whoever is slow is not asked at once again."""

_BARRED: Final = frozenset({8, 10, 29, 50, 69, 193})
"""CMS errors of a contract, or of an empty account."""
_SUBSCRIBER: Final = 28
"""CMS error about the number, or about the card itself."""
_BROKEN: Final = frozenset({300, 301, 302, 303, 320, 321, 322})
"""CMS errors of a modem that may have lost its way."""
_UNEXPLAINED: Final = frozenset({None, 500})
"""CMS errors that say nothing; None is ERROR."""
_REFUSING: Final = "Le réseau refuse tout ce que cette carte SIM envoie : vérifiez son crédit et son contrat."
_DOUBTFUL: Final = "Le réseau ne répond plus aux envois de ce modem."


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
        self._doubts = self._faults = self._unexplained = 0
        self._refused: dict[str, int] = {}

    def sent(self) -> None:
        """The network took one: all is well."""
        self._doubts = self._faults = self._unexplained = 0
        self._refused.clear()

    def doubted(self) -> Remedy:
        """Nobody knows of one."""
        self._doubts += 1
        return self._reset_after(self._doubts, Remedy(reason=_DOUBTFUL, pause=DOUBT_PAUSE))

    def failed(self, verdict: Verdict, code: int | None, number: str) -> Remedy:
        """One to ``number`` was not taken; ``code`` is that of +CMS ERROR."""
        if verdict.blame is Blame.MODEM:
            self._faults += 1
            if code in _BARRED:
                return Remedy(reason=verdict.reason, pause=BARRED_PAUSE)
            remedy = Remedy(reason=verdict.reason, pause=verdict.pause, set_up=True)
            return self._reset_after(self._faults if code in _BROKEN else 0, remedy)
        if verdict.blame is Blame.MESSAGE and code != _SUBSCRIBER:
            return NOTHING
        self._refused[number] = self._refused.get(number, 0) + 1
        if code in _UNEXPLAINED:
            self._unexplained += 1
            if self._unexplained >= RESETTING:
                return self._reset_after(self._unexplained, Remedy(reason=verdict.reason))
        if len(self._refused) >= NUMBERS:
            self._refused.clear()
            return Remedy(reason=_REFUSING, pause=CARD_PAUSE)
        # a number that is refused alone does not hold up the others
        return Remedy(reason=verdict.reason, pause=verdict.pause) if len(self._refused) > 1 else NOTHING

    def _reset_after(self, times: int, remedy: Remedy) -> Remedy:
        if times < RESETTING:
            return remedy
        self._doubts = self._faults = self._unexplained = 0
        return Remedy(reason=remedy.reason, reset=True)

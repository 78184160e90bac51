"""What an operator's codes mean for a message (SMPP 3.4 §5.1.3), and how customers are told."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smstob.model.message import Outcome, Rejected, Throttled
from txsmpp.constants import Status

TOO_FAST: Final = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL})
"""The operator takes messages, not so many."""

FAULTS: Final = frozenset(
    {
        *(Status.ESME_RSYSERR, Status.ESME_RSUBMITFAIL, Status.ESME_RUNKNOWNERR, Status.ESME_RX_T_APPN),
        *(Status.ESME_RBINDFAIL, Status.ESME_RALYBND),
    }
)
"""The operator has a fault: the message may be taken later."""

UNBOUND: Final = frozenset({Status.ESME_RINVBNDSTS})
"""The operator may have forgotten the bind; or it has one message that it takes for another kind."""

LATER: Final = Throttled(delay=0)
"""To be given again, ever later."""

_DESTINATION: Final = "L'opérateur n'accepte pas ce numéro."
_SOURCE: Final = "L'opérateur n'accepte pas l'expéditeur."
_TEXT: Final = "L'opérateur n'accepte pas la longueur ou le codage du texte."
_VALIDITY: Final = "L'opérateur n'accepte pas la durée de validité."
_REFUSED: Final = "L'opérateur a refusé le message."

REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((Status.ESME_RINVDSTADR, Status.ESME_RINVDSTTON, Status.ESME_RINVDSTNPI), _DESTINATION),
        **dict.fromkeys((Status.ESME_RINVSRCADR, Status.ESME_RINVSRCTON, Status.ESME_RINVSRCNPI), _SOURCE),
        **dict.fromkeys(
            (
                *(Status.ESME_RINVMSGLEN, Status.ESME_RINVCMDLEN, Status.ESME_RINVESMCLASS),
                *(Status.ESME_RINVOPTPARSTREAM, Status.ESME_ROPTPARNOTALLWD, Status.ESME_RINVPARLEN),
                *(Status.ESME_RMISSINGOPTPARAM, Status.ESME_RINVOPTPARAMVAL),
            ),
            _TEXT,
        ),
        **dict.fromkeys((Status.ESME_RINVEXPIRY, Status.ESME_RINVSCHED), _VALIDITY),
        Status.ESME_RX_R_APPN: _REFUSED,
        Status.ESME_RX_P_APPN: _REFUSED,
        Status.ESME_RDELIVERYFAILURE: "L'opérateur n'a pas pu remettre le message.",
    }
)
"""Sentences for customers; other refusals are ``_REFUSED``. The code follows in brackets."""


def outcome(status: int, retried: frozenset[int] = frozenset()) -> Outcome:
    """What a submit that was answered ``status`` (not 0) comes to; ``retried`` are no refusals for good."""
    if status in TOO_FAST:
        return Throttled()
    if status in FAULTS or status in UNBOUND or status in retried:
        return LATER
    reason = REASONS.get(status, _REFUSED)
    return Rejected(f"{reason.removesuffix('.')} (code 0x{status:02X}).")

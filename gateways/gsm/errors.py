"""What a modem's errors mean: for the message, for later, or for the modem (TS 24.011, 27.005 §3.2.5, 27.007 §9.2)."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from .at_lines import Kind, Result


class Blame(Enum):
    """What is wrong, and so what is to be done."""

    MESSAGE = "message"
    """This number or this text: refused for good, by every modem."""
    LATER = "later"
    """The message may pass: a few more tries, by another modem first."""
    MODEM = "modem"
    """This modem or its SIM: the message waits for another, the modem is left out until it is well."""
    UNKNOWN = "unknown"
    """The message may have been sent."""


@attrs.frozen
class Verdict:
    """What an error comes to."""

    blame: Blame
    reason: str
    """A sentence in French with the code: for customers where the message is to blame, else for the operator."""
    pause: float = 0.0
    """Seconds in which the modem should be given nothing."""


WITHOUT_VALIDITY: Final = frozenset({198, 199})
"""CMS errors of a network that knows no validity period: once more without one."""
UNEXPLAINED: Final = frozenset({None, 500})
"""CMS errors that say nothing, most often of the modem's trouble; None is ERROR, or no prompt."""

_NUMBER: Final = "L'opérateur n'accepte pas ce numéro."
_BAD_PDU: Final = "Le réseau ne comprend pas le message."
_UNSUPPORTED: Final = "Le réseau n'accepte pas ce type de message."
_BARRED: Final = "L'opérateur interdit l'envoi à cette carte SIM : vérifiez son crédit et son contrat."
_SUBSCRIPTION: Final = "La carte SIM n'a pas le service SMS : vérifiez son contrat."
_BUSY_NETWORK: Final = "Le réseau est saturé ou en panne."
_UNREACHABLE: Final = "Le destinataire n'est pas joignable pour l'instant."
_CENTRE: Final = "Le centre SMS est saturé ou en panne."
_PHONE_FULL: Final = "La mémoire du destinataire est pleine."
_MODEM: Final = "Le modem est en panne : redémarrez-le."
_COMMAND: Final = "Le modem refuse la commande."
_MEMORY: Final = "La mémoire du modem est en panne ou pleine : videz-la."
_NO_SIM: Final = "Le modem n'a pas de carte SIM : insérez-la."
_PIN: Final = "La carte SIM attend son code PIN : corrigez la configuration."
_PUK: Final = "La carte SIM est bloquée : débloquez-la avec son code PUK."
_BAD_SIM: Final = "La carte SIM est défectueuse ou refusée : remplacez-la."
_STARTING: Final = "La carte SIM n'est pas encore prête."
_SMSC: Final = "Le numéro du centre SMS manque : indiquez-le dans la configuration."
_NO_NETWORK: Final = "Le modem n'a pas de réseau : vérifiez l'antenne et la carte SIM."
_NO_ANSWER: Final = "Le réseau n'a pas répondu : le message est peut-être parti."
_TWICE: Final = "Le centre SMS a déjà ce message."
_NO_VALIDITY: Final = "Le réseau n'accepte pas de durée de validité."
_UNEXPLAINED: Final = "Le modem a refusé sans dire pourquoi."


def _rows(blame: Blame, reason: str, *codes: int, pause: float = 0.0) -> dict[int, Verdict]:
    return dict.fromkeys(codes, Verdict(blame, reason, pause))


CMS: Final[Mapping[int, Verdict]] = MappingProxyType(
    {
        **_rows(Blame.MESSAGE, _NUMBER, 1, 30, 195, 196),
        # the number, or the card itself
        **_rows(Blame.LATER, _NUMBER, 28),
        **_rows(Blame.MODEM, _BARRED, 8, 10),
        **_rows(Blame.LATER, "L'opérateur a rejeté le message.", 21),
        **_rows(Blame.LATER, _UNREACHABLE, 27),
        **_rows(Blame.MODEM, _SUBSCRIPTION, 29, 50, 69, 193),
        **_rows(Blame.LATER, _BUSY_NETWORK, 38, 111, 127, pause=5),
        **_rows(Blame.LATER, _BUSY_NETWORK, 41, 42, 47, pause=30),
        **_rows(Blame.MESSAGE, _BAD_PDU, 81, 95, 96, 97, 98, 99, 304, 305),
        **_rows(Blame.MESSAGE, _UNSUPPORTED, *range(128, 131), *range(143, 146), *range(159, 162), 175, 176),
        **_rows(Blame.LATER, _CENTRE, 192, 194, 212, 255, pause=5),
        **_rows(Blame.UNKNOWN, _TWICE, 197),
        **_rows(Blame.LATER, _NO_VALIDITY, 198, 199),
        **_rows(Blame.LATER, _PHONE_FULL, 208, 211),
        **_rows(Blame.LATER, "La carte SIM ou le modem refuse le message.", 209, 210, 213, pause=5),
        **_rows(Blame.MODEM, _MODEM, 300, 301),
        **_rows(Blame.MODEM, _COMMAND, 302, 303),
        **_rows(Blame.MODEM, _NO_SIM, 310),
        **_rows(Blame.MODEM, _PIN, 311, 312, 317),
        **_rows(Blame.MODEM, _BAD_SIM, 313, 315),
        **_rows(Blame.MODEM, _STARTING, 314, pause=5),
        **_rows(Blame.MODEM, _PUK, 316, 318),
        **_rows(Blame.MODEM, _MEMORY, 320, 321, 322),
        **_rows(Blame.MODEM, _SMSC, 330),
        **_rows(Blame.MODEM, _NO_NETWORK, 331, pause=10),
        **_rows(Blame.UNKNOWN, _NO_ANSWER, 332, pause=10),
        **_rows(Blame.LATER, _UNEXPLAINED, 340),
        **_rows(Blame.LATER, _UNEXPLAINED, 500, pause=5),
        **_rows(Blame.MODEM, _STARTING, 515, 517, pause=5),
    }
)
"""Codes of +CMS ERROR; others are ``_UNEXPLAINED``, to be tried later."""

CME: Final[Mapping[int, Verdict]] = MappingProxyType(
    {
        **_rows(Blame.MODEM, _MODEM, 0, 1, 2),
        **_rows(Blame.MODEM, _COMMAND, 3, 4),
        **_rows(Blame.MODEM, _PIN, 5, 11, 16, 17),
        **_rows(Blame.MODEM, _PUK, 12, 18),
        **_rows(Blame.MODEM, _NO_SIM, 10),
        **_rows(Blame.MODEM, _BAD_SIM, 13, 15),
        **_rows(Blame.MODEM, _STARTING, 14, pause=2),
        **_rows(Blame.MODEM, _MEMORY, 20, 21, 22, 23),
        **_rows(Blame.MESSAGE, _BAD_PDU, 24, 25, 26, 27),
        **_rows(Blame.MODEM, _NO_NETWORK, 30, 32, pause=10),
        **_rows(Blame.UNKNOWN, _NO_ANSWER, 31, pause=10),
        **_rows(Blame.LATER, _UNEXPLAINED, 100, pause=5),
        **_rows(Blame.MODEM, _STARTING, 515, pause=5),
    }
)
"""Codes of +CME ERROR, likewise."""

_WORDS: Final[Mapping[str, Verdict]] = MappingProxyType(
    {
        "sim not inserted": CME[10],
        "sim pin required": CME[11],
        "sim puk required": CME[12],
        "sim failure": CME[13],
        "sim busy": CME[14],
        "(u)sim not inserted": CMS[310],
        "(u)sim pin required": CMS[311],
        "(u)sim puk required": CMS[316],
        "(u)sim failure": CMS[313],
        "(u)sim busy": CMS[314],
        "(u)sim wrong": CMS[315],
        "sim wrong": CME[15],
        "incorrect password": CME[16],
        "operation not allowed": CME[3],
        "operation not supported": CME[4],
        "memory full": CMS[322],
        "memory failure": CMS[320],
        "no network service": CMS[331],
        "network timeout": CMS[332],
        "network not allowed - emergency calls only": CME[32],
        "emergency calls only": CME[32],
        "smsc address unknown": CMS[330],
        "sms service of me reserved": CMS[301],
        "me failure": CMS[300],
        "phone failure": CME[0],
        "invalid pdu mode parameter": CMS[304],
        "invalid text mode parameter": CMS[305],
        "text string too long": CME[24],
        "dial string too long": CME[26],
        "unassigned (unallocated) number": CMS[1],
        "unidentified subscriber": CMS[28],
        "unknown subscriber": CMS[30],
        "operator determined barring": CMS[8],
        "call barred": CMS[10],
        "destination out of service": CMS[27],
        "destination out of order": CMS[27],
        "network out of order": CMS[38],
        "temporary failure": CMS[41],
        "congestion": CMS[42],
        "unknown": CME[100],
        "unknown error": CMS[500],
    }
)
"""The same in the modem's words, which the verbose setting of another program leaves behind."""


def judge(result: Result) -> Verdict:
    """What a result that is not OK means for the message and the modem. A code that nobody knows is tried later."""
    if result.kind is Kind.OK:
        raise ValueError("no error")
    known = CMS if result.kind is Kind.CMS else CME
    unknown = Verdict(Blame.LATER, _UNEXPLAINED, 5.0)
    if result.code is None:
        verdict = _WORDS.get(" ".join(result.text.lower().split()), unknown)
        return attrs.evolve(verdict, reason=_with_code(verdict.reason, ""))
    verdict = known.get(result.code, unknown)
    return attrs.evolve(verdict, reason=_with_code(verdict.reason, f"{result.kind.name} {result.code}"))


def _with_code(reason: str, code: str) -> str:
    return f"{reason.removesuffix('.')} ({code})." if code else reason

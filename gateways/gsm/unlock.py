"""A SIM card from its state to its PIN, which it is given once: the third false one blocks it (3GPP TS 27.007 §8.3)."""

from typing import Final

from . import answers
from .at_lines import Kind
from .script import AskPin, CardOpen, Ill, Locked, Rest, Script, ask, lines

MOST_BUSY: Final = 60.0
"""Seconds that a SIM card may say that it is not ready yet."""
AGAIN: Final = 2.0
"""Seconds between two questions to who is busy."""
PIN_SECONDS: Final = 20.0

_NOT_NOW: Final = "La carte SIM n'est pas prête après une minute."
_BLOCKED: Final = "La carte SIM est bloquée : débloquez-la avec son code PUK, dans un téléphone."
_NO_CARD: Final = "Le modem n'a pas de carte SIM : insérez-la."
_BAD_CARD: Final = "La carte SIM est défectueuse ou refusée : remplacez-la."
_OTHER_LOCK: Final = "Le modem ou la carte SIM demande un autre code que le PIN : déverrouillez-le dans un téléphone."
_REFUSED: Final = "La carte SIM a refusé son code PIN : corrigez-le ; il n'est pas présenté de nouveau."

_TRIES: Final = (("AT^CPIN?", "^CPIN", 1), ("AT+SPIC", "+SPIC", 0), ('AT+QPINC="SC"', "+QPINC", 1))
"""What Huawei, SIMCom and Quectel ask for the tries that are left, how they answer, and which value it is."""


def unlock(card: str, imei: str) -> Script[None]:
    """The SIM card open; given its code at most once. Raises Locked, and Ill where it stays busy."""
    waited = 0.0
    while waited <= MOST_BUSY:
        answer = yield from ask("AT+CPIN?")
        told = [one for line in answer.lines for one in answers.values(line)] if answer else []
        if "READY" in told:
            yield CardOpen(card, imei)
            return
        if "SIM PIN" in told:
            yield from _give_pin(card, imei)
            waited += AGAIN
        elif told:
            raise Locked(_BLOCKED if "PUK" in told[0] else _OTHER_LOCK)
        elif answer is not None:
            look_at_error(answer.result.kind, answer.result.code, answer.result.text)
        yield Rest(AGAIN)
        waited += AGAIN
    raise Ill(_NOT_NOW)


def look_at_error(kind: Kind, code: int | None, text: str) -> None:
    """An error of a question to the card; raises Locked where asking again is in vain."""
    if code in {10, 310} or "not inserted" in text.lower():
        raise Locked(_NO_CARD)
    if code in {15, 315}:
        raise Locked(_BAD_CARD)
    if code in {12, 18, 316, 318}:
        raise Locked(_BLOCKED)


def _give_pin(card: str, imei: str) -> Script[None]:
    code = yield AskPin(card, imei, (yield from _tries()))
    given = yield from ask(f'AT+CPIN="{code}"', PIN_SECONDS)
    if given is None or given.result.kind is Kind.OK:
        # silence is no refusal: what it says of itself next counts
        yield Rest(AGAIN)
        still = yield from lines("AT+CPIN?")
        if any("SIM PIN" in answers.values(line) for line in still):
            raise Locked(_REFUSED)
        return
    raise Locked(_REFUSED)


def _tries() -> Script[int | None]:
    for command, name, place in _TRIES:
        told = answers.values(next(iter((yield from lines(command, names=(name,)))), ""))
        if len(told) > place and (tries := answers.whole(told[place])) is not None:
            return tries
    return None

"""How a modem is found out about and set up: the first thing that is done, and done anew after every reset."""

from collections.abc import Sequence
from typing import Final

import attrs

from . import answers
from .at_lines import Kind
from .script import Ill, Locked, Named, Rest, Script, ask, lines, succeeds
from .unlock import AGAIN, MOST_BUSY, look_at_error, unlock

CFUN_SECONDS: Final = 15.0
LIST_SECONDS: Final = 60.0

_NO_PDU_MODE: Final = "Le modem n'accepte pas le mode PDU : il ne peut pas servir."

_CARD_COMMANDS: Final = (
    ("AT+CCID", ("+CCID", "+ICCID")),
    ("AT^ICCID?", ("^ICCID",)),
    ("AT+ICCID", ("+ICCID",)),
    ("AT+QCCID", ("+QCCID",)),
)
_NEWS: Final = ("2,1,0,1,0", "1,1,0,1,0", "2,1,0,1", "2,1,0,2,0", "1,1,0,2,0", "2,1,0,0,0", "1,1,0,0,0", "1,1")
"""Settings of +CNMI, the best first: replies are stored and told, reports come at once (27.005 §3.4.1)."""


@attrs.frozen(kw_only=True)
class Wanted:
    """What the configuration wants of a modem."""

    centre: str = ""
    """The service centre's number (E.164); empty for the SIM card's own."""


@attrs.frozen(kw_only=True)
class Facts:
    """What a modem and its SIM card are."""

    model: str
    imei: str
    card: str
    """ICCID, empty where the modem does not tell."""
    sim: str
    """IMSI."""
    number: str
    """The card's own, where it knows it."""
    news: str
    """What it answers to +CNMI? since it took a setting; empty where it took none."""
    acknowledges: bool
    """Whether every +CMT and +CDS wants AT+CNMA."""


def begin(wanted: Wanted) -> Script[Facts]:
    """Set the modem up. Raises Locked and Ill; a SIM card that has no network yet is no reason."""
    for command in ("ATE0", "ATV1", "AT+CMEE=1", "AT^CURC=0"):
        yield from ask(command, 2)
    makers = answers.name((yield from lines("AT+CGMI")))
    model = answers.name((yield from lines("AT+CGMM")))
    imei = answers.identity((yield from lines("AT+CGSN")))
    yield Named(imei)
    yield from _turn_on()
    card = yield from _card()
    yield from unlock(card, imei)
    sim = yield from _sim()
    yield from ask("AT+CREG=1")
    acknowledges = yield from _set_up_messages()
    yield from _set_memory()
    news = yield from _choose_news()
    yield from _set_centre(wanted.centre)
    own = yield from lines("AT+CNUM")
    return Facts(
        model=f"{makers} {model}".strip(),
        imei=imei,
        card=card,
        sim=sim,
        number=next((told[1] for told in map(answers.values, own) if len(told) > 1), ""),
        news=news,
        acknowledges=acknowledges,
    )


def _turn_on() -> Script[None]:
    """Full functionality, where it is off."""
    told = answers.values(next(iter((yield from lines("AT+CFUN?"))), ""))
    if told and told[0] != "1":
        yield from ask("AT+CFUN=1", CFUN_SECONDS)
        yield Rest(AGAIN)


def _card() -> Script[str]:
    for command, names in _CARD_COMMANDS:
        if found := answers.identity((yield from lines(command, names=names))):
            return found
    return ""


def _sim() -> Script[str]:
    waited = 0.0
    while waited <= MOST_BUSY:
        answer = yield from ask("AT+CIMI")
        if answer is not None:
            if answer.result.kind is Kind.OK and (sim := answers.identity(answer.lines)):
                return sim
            look_at_error(answer.result.kind, answer.result.code, answer.result.text)
        yield Rest(AGAIN)
        waited += AGAIN
    raise Ill("La carte SIM ne dit pas son numéro (IMSI).")


def _set_up_messages() -> Script[bool]:
    """PDU mode; whether what comes directly is to be acknowledged."""
    yield from ask("AT+CSMS=0")
    service = answers.values(next(iter((yield from lines("AT+CSMS?"))), ""))
    waited = 0.0
    while not (yield from succeeds("AT+CMGF=0")):
        if waited > MOST_BUSY:
            raise Ill(_NO_PDU_MODE)
        yield Rest(AGAIN)
        waited += AGAIN
    yield from ask('AT+CSCS="GSM"')
    return bool(service) and service[0] == "1"


def _set_memory() -> Script[None]:
    """Replies are stored on the SIM card, where a modem can; it goes with them into another."""
    told = next(iter((yield from lines("AT+CPMS=?"))), "")
    offered = answers.choices(told)
    common = frozenset.intersection(*offered) if offered else frozenset({"SM"})
    memory = next((one for one in ("SM", "MT", "ME") if one in common), "SM")
    yield from ask(f'AT+CPMS="{memory}","{memory}","{memory}"')


def _choose_news() -> Script[str]:
    told = next(iter((yield from lines("AT+CNMI=?"))), "")
    offered = answers.choices(told)
    for setting in _NEWS:
        if _is_offered(setting.split(","), offered) and (yield from succeeds(f"AT+CNMI={setting}")):
            return next(iter((yield from lines("AT+CNMI?"))), "")
    return ""


def _is_offered(setting: Sequence[str], offered: Sequence[frozenset[str]]) -> bool:
    """Whether each value may stand in its place; where the modem does not say, it is tried."""
    return not offered or all(value in place for value, place in zip(setting, offered, strict=False))


def _set_centre(wanted: str) -> Script[None]:
    waited = 0.0
    while (answer := (yield from ask("AT+CSCA?"))) is None or answer.result.kind is not Kind.OK:
        # a card that was just opened is busy for a while
        if waited > MOST_BUSY:
            raise Ill("La carte SIM ne dit pas le numéro de son centre SMS.")
        yield Rest(AGAIN)
        waited += AGAIN
    told = answers.centre(answer.lines)
    if wanted and told.lstrip("+") != wanted.lstrip("+"):
        # it is written to the card: only where it differs
        yield from ask(f'AT+CSCA="{wanted}",{145 if wanted.startswith("+") else 129}')
    elif not told and not wanted:
        raise Locked("Le numéro du centre SMS manque : mettez smsc dans la configuration.")

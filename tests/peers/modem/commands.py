"""What a modem does at each command of 3GPP TS 27.007 and of its maker's, those for messages excepted."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from .card import Sim
from .state import BUSY, CNMI, NO_SIM, PIN, PUK, Refused, State

RUN, READ, TEST, SET = "", "?", "=?", "="
"""Forms of a command (27.007 §4.1)."""

Handler = Callable[[State, str, str, float], list[str]]
"""Given the form, the value and the time, gives the lines before OK. Raises Refused."""

_PART: Final = re.compile(r'(?:[^;"]|"[^"]*"?)+')
_BASIC: Final = re.compile(r"&?[A-Z\\][0-9]*(?:=\?|\?|=[0-9]+)?")
_EXTENDED: Final = re.compile(r"([+^*#$%!][A-Z][A-Z0-9_]*)(=\?|\?|=)?(.*)")
_VALUE: Final = re.compile(r'"[^"]*"|[^,"]+|(?<=,)(?=,|$)|^(?=,)')


def parts(line: str) -> Iterable[tuple[str, str, str]]:
    """The commands of a line: name, form and value; a basic one is all name. Raises Refused."""
    for part in _PART.findall(line):
        rest = part.strip()
        while rest and (basic := _BASIC.match(rest.upper())):
            yield basic[0], "", ""
            rest = rest[basic.end() :].lstrip()
        if rest:
            name = re.match(r"[^=?]*", rest)
            assert name
            extended = _EXTENDED.fullmatch(name[0].upper() + rest[name.end() :])
            if extended is None:
                raise Refused
            yield extended[1], extended[2] or "", extended[3].strip()


def is_basic(name: str) -> bool:
    """Whether it is a command of V.250 rather than one with a sign."""
    return _EXTENDED.fullmatch(name) is None


def values(value: str) -> list[str]:
    """The values of a list, without their quotation marks; empty ones are kept."""
    return [one.strip('" ') for one in _VALUE.findall(value)]


def number(value: str, allowed: range) -> int:
    """The value as one of those numbers. Raises Refused."""
    if not value.isdecimal() or int(value) not in allowed:
        raise Refused("CME", 4)
    return int(value)


def in_charset(state: State, text: str) -> str:
    """The text as CSCS has it."""
    return {"UCS2": text.encode("utf-16-be").hex().upper(), "HEX": text.encode("ascii").hex().upper()}.get(
        state.session.cscs, text
    )


def from_charset(state: State, text: str) -> str:
    """The text that was written as CSCS has it. Raises Refused."""
    charset = {"UCS2": "utf-16-be", "HEX": "ascii"}.get(state.session.cscs)
    try:
        return bytes.fromhex(text).decode(charset) if charset else text
    except ValueError:
        raise Refused("CME", 4) from None


def basic(state: State, command: str, now: float) -> list[str]:
    """A command of V.250, such as ``E0`` or ``&F``. Raises Refused."""
    session, profile = state.session, state.profile
    match command:
        case "E" | "E0":
            session.echo = state.faults.strikes("echo_stays") is not None
        case "E1":
            session.echo = True
        case "Z" | "Z0" | "&F" | "&F0":
            if command[0] == "Z" and state.pin_trouble() is not None:
                raise Refused
            session.echo, session.errors, session.cnmi, session.cscs = True, 0, CNMI, "GSM"
        case "I" | "I0":
            return [profile.maker, profile.model, profile.revision]
        case "V" | "V0" | "Q1":
            raise Refused
        case _ if not re.fullmatch(r"[EVQXHS&CDKW\\][A-Z0-9=?]*", command):
            raise Refused
    return []


def _cpin(state: State, form: str, value: str, now: float) -> list[str]:
    trouble = state.sim_trouble(now)
    sim = state.sim
    if trouble in (NO_SIM, BUSY) or sim is None:
        raise Refused("CME", trouble)
    if form == READ:
        return ["+CPIN: " + {None: "READY", PIN: "SIM PIN", PUK: "SIM PUK"}[trouble]]
    if form != SET or trouble is None:
        raise Refused("CME", 3)
    given = values(value)
    if trouble == PUK:
        accepted = len(given) == 2 and sim.is_unblocked_by(given[0], given[1])
    else:
        lies = state.faults.strikes("pin_refused") is not None
        accepted = len(given) == 1 and sim.is_opened_by("" if lies else given[0])
    if not accepted:
        raise Refused("CME", 12 if state.pin_trouble() == PUK else 16)
    state.session.unlocked_at = now
    return []


def _tries(state: State, form: str, value: str, now: float) -> list[str]:
    """How many tries are left, as ``^CPIN?``, ``+SPIC`` and ``+QPINC?`` tell."""
    sim, name = state.sim, state.profile.tries
    if sim is None:
        raise Refused("CME", NO_SIM)
    if name == "^CPIN":
        wanted = {None: "READY", PIN: "SIM PIN", PUK: "SIM PUK"}[state.pin_trouble()]
        return [f"^CPIN: {wanted},{sim.tries},{sim.puk_tries},{sim.tries},10,3"]
    if name == "+SPIC":
        return [f"+SPIC: {sim.tries},3,{sim.puk_tries},10"]
    return [f'+QPINC: "SC",{sim.tries},{sim.puk_tries}', '+QPINC: "P2",3,10']


def _cfun(state: State, form: str, value: str, now: float) -> list[str]:
    session = state.session
    if form == READ:
        return [f"+CFUN: {session.radio}"]
    if form == TEST:
        return ["+CFUN: (0,1,4),(0,1)"]
    given = values(value) if form == SET else []
    if not given:
        raise Refused("CME", 4)
    radio = number(given[0], range(5))
    if radio != session.radio:
        session.radio, session.radio_at = radio, now
    session.must_restart = len(given) == 2 and given[1] == "1"
    return []


def _registration(name: str) -> Handler:
    def handler(state: State, form: str, value: str, now: float) -> list[str]:
        told = state.session.registration
        if form == READ:
            place = ',"00A1","B2C3"' if told[name] == 2 and state.is_registered(now) else ""
            return [f"{name}: {told[name]},{state.registration(name, now)}{place}"]
        if form == TEST:
            return [f"{name}: (0-2)"]
        told[name] = number(value, range(3))
        return []

    return handler


def _cops(state: State, form: str, value: str, now: float) -> list[str]:
    session, network = state.session, state.network
    if form == READ:
        if not state.is_registered(now):
            return ["+COPS: 0"]
        name = network.plmn if session.cops_format == 2 else in_charset(state, network.name)
        return [f'+COPS: 0,{session.cops_format},"{name}",2']
    if form == TEST:
        state.needs_sim(now)
        return [f'+COPS: (2,"{network.name}","{network.name}","{network.plmn}",2),,(0-4),(0-2)']
    given = values(value)
    if form == SET and len(given) > 1 and given[0] == "3":
        session.cops_format = number(given[1], range(3))
    return []


def _csq(state: State, form: str, value: str, now: float) -> list[str]:
    return [f"+CSQ: {state.signal if state.session.radio == 1 else 99},99"]


def _cmee(state: State, form: str, value: str, now: float) -> list[str]:
    if form == SET:
        state.session.errors = number(value, range(3))
        return []
    return [f"+CMEE: {state.session.errors}" if form == READ else "+CMEE: (0-2)"]


def _cscs(state: State, form: str, value: str, now: float) -> list[str]:
    if form == SET:
        (charset,) = values(value) or [""]
        if charset not in ("GSM", "IRA", "UCS2", "HEX"):
            raise Refused("CME", 4)
        state.session.cscs = charset
        return []
    return [f'+CSCS: "{state.session.cscs}"' if form == READ else '+CSCS: ("GSM","IRA","UCS2","HEX")']


def _clck(state: State, form: str, value: str, now: float) -> list[str]:
    if form != SET or values(value) != ["SC", "2"] or state.sim is None:
        raise Refused("CME", 4)
    return [f"+CLCK: {int(state.sim.pin is not None)}"]


def _of_sim(state: State) -> Sim:
    if state.sim is None:
        raise Refused("CME", NO_SIM)
    return state.sim


def _cimi(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now)
    return [_of_sim(state).imsi]


def _iccid(state: State, form: str, value: str, now: float) -> list[str]:
    if state.sim_trouble(now) == NO_SIM:
        raise Refused("CME", NO_SIM)
    prefix = state.profile.iccid_prefix
    return [prefix + _of_sim(state).iccid + ('"' if prefix.endswith('"') else "")]


def _identity(field: Callable[[State], str]) -> Handler:
    def handler(state: State, form: str, value: str, now: float) -> list[str]:
        if form not in (RUN, TEST):
            raise Refused
        return [field(state)] if form == RUN else []

    return handler


_MAKER: Final = _identity(lambda state: state.profile.maker)
_MODEL: Final = _identity(lambda state: state.profile.model)
_REVISION: Final = _identity(lambda state: state.profile.revision)
_IMEI: Final = _identity(lambda state: state.imei)

COMMANDS: Final[Mapping[str, Handler]] = {
    "+CGMI": _MAKER,
    "+CGMM": _MODEL,
    "+CGMR": _REVISION,
    "+CGSN": _IMEI,
    "+GMI": _MAKER,
    "+GMM": _MODEL,
    "+GMR": _REVISION,
    "+GSN": _IMEI,
    "+CIMI": _cimi,
    "+CPIN": _cpin,
    "+CFUN": _cfun,
    "+CREG": _registration("+CREG"),
    "+CGREG": _registration("+CGREG"),
    "+CEREG": _registration("+CEREG"),
    "+COPS": _cops,
    "+CSQ": _csq,
    "+CMEE": _cmee,
    "+CSCS": _cscs,
    "+CLCK": _clck,
    "+CPAS": lambda *_: ["+CPAS: 0"],
}


def of_profile(state: State, name: str) -> Handler | None:
    """What the profile has besides: its command for the ICCID, for the tries left, and those of its maker's."""
    profile = state.profile
    if name == profile.iccid:
        return _iccid
    if name == profile.tries:
        return _tries
    return (lambda *_: []) if name in profile.vendor_commands else None

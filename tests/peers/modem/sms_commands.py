"""What a modem does at each command for messages (3GPP TS 27.005), but for sending one."""

import re
from collections.abc import Mapping
from typing import Final

from . import tpdus
from .card import READ as WAS_READ
from .card import UNREAD, Memory, Stored
from .commands import READ, RUN, SET, TEST, Handler, from_charset, in_charset, number, values
from .state import Refused, State


def _csms(state: State, form: str, value: str, now: float) -> list[str]:
    session = state.session
    if form == SET:
        session.csms = number(value, range(2))
        return ["+CSMS: 1,1,1"]
    return [f"+CSMS: {session.csms},1,1,1" if form == READ else "+CSMS: (0,1)"]


def _cmgf(state: State, form: str, value: str, now: float) -> list[str]:
    if form == SET:
        if value != "0":
            raise Refused("CMS", 303)
        return []
    return ["+CMGF: 0" if form == READ else "+CMGF: (0)"]


def _cpms(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now, sms=True)
    session, known = state.session, state.profile.memories
    if form == TEST:
        listed = ",".join(f'"{name}"' for name in known)
        stored = ",".join(f'"{name}"' for name in known if name != "SR")
        return [f"+CPMS: ({listed}),({stored}),({stored})"]
    if form == SET:
        given = values(value)
        if not 1 <= len(given) <= 3 or any(name not in known for name in given) or "SR" in given[1:]:
            raise Refused("CMS", 302)
        session.memories[: len(given)] = given
    told = []
    for name in session.memories:
        memory = state.memory(name)
        used = f"{len(memory.messages)},{memory.slots}"
        told.append(f'"{name}",{used}' if form == READ else used)
    return ["+CPMS: " + ",".join(told)]


def _cnmi(state: State, form: str, value: str, now: float) -> list[str]:
    session, profile = state.session, state.profile
    if form == READ:
        return ["+CNMI: " + ",".join(map(str, session.cnmi))]
    if form == TEST:
        return ["+CNMI: " + ",".join(f"({','.join(digits)})" for digits in profile.cnmi)]
    given = values(value) if form == SET else []
    if not 1 <= len(given) <= 5:
        raise Refused("CMS", 303)
    wanted = list(session.cnmi)
    for at, one in enumerate(given):
        if one and (len(one) != 1 or one not in profile.cnmi[at]):
            raise Refused("CMS", 303)
        wanted[at] = int(one) if one else wanted[at]
    if profile.direct_needs_mode_1 and wanted[3] == 1 and wanted[0] != 1:
        raise Refused("CMS", 303)
    session.cnmi = tuple(wanted)
    return []


def _csca(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now, sms=True)
    assert state.sim
    if form == SET:
        given = [*values(value), "145"][:2]
        smsc = from_charset(state, given[0])
        if not re.fullmatch(r"\+?[0-9]{0,20}", smsc):
            raise Refused("CMS", 304)
        state.sim.smsc = smsc if smsc.startswith("+") or given[1] != "145" or not smsc else f"+{smsc}"
        return []
    smsc = state.sim.smsc
    return [f'+CSCA: "{in_charset(state, smsc)}",{145 if smsc.startswith("+") else 129}']


def _pdu(state: State, stored: Stored) -> tuple[int, str]:
    """The length and the line of what is stored."""
    assert state.sim
    return len(stored.tpdu), (tpdus.smsc(state.sim.smsc) + stored.tpdu).hex().upper()


def _cmgl(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now, sms=True)
    if form == TEST:
        return ["+CMGL: (0-4)"]
    wanted = number(value, range(5)) if form == SET else UNREAD
    lines = []
    for index, stored in sorted(state.memory(state.session.memories[0]).messages.items()):
        if wanted in (4, stored.state):
            length, line = _pdu(state, stored)
            lines += [f"+CMGL: {index + state.profile.first_index},{stored.state},,{length}", line]
            stored.state = WAS_READ
    return lines


def _slot(state: State, value: str) -> tuple[Memory, int]:
    """The memory that is read, and the slot that the value names. Raises Refused."""
    memory = state.memory(state.session.memories[0])
    index = int(value) - state.profile.first_index if value.isdecimal() else -1
    if not 0 <= index < memory.slots:
        raise Refused("CMS", 321)
    return memory, index


def _cmgr(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now, sms=True)
    memory, index = _slot(state, value)
    stored = memory.messages.get(index)
    if stored is None:
        if state.profile.empty_slot is None:
            return []
        raise Refused("CMS", state.profile.empty_slot)
    length, line = _pdu(state, stored)
    header = f"+CMGR: {stored.state},,{length}"
    stored.state = WAS_READ
    return [header, line]


def _cmgd(state: State, form: str, value: str, now: float) -> list[str]:
    state.needs_sim(now, sms=True)
    if form == TEST:
        indices = ",".join(str(index + state.profile.first_index) for index in state.memory("SM").messages)
        return [f"+CMGD: ({indices}),(0-4)"]
    index, flag = [*values(value), "0"][:2]
    memory = state.memory(state.session.memories[0])
    if number(flag, range(5)) == 0:
        memory, slot = _slot(state, index)
        memory.messages.pop(slot, None)
    else:
        for slot in [slot for slot, stored in memory.messages.items() if flag == "4" or stored.state == WAS_READ]:
            del memory.messages[slot]
    return []


def _cnma(state: State, form: str, value: str, now: float) -> list[str]:
    if form == TEST:
        return ["+CNMA: (0-2)"]
    if form not in (RUN, SET) or not state.awaits_acknowledgement:
        raise Refused("CMS", 340)
    state.session.acknowledged = True
    return []


def _cmms(state: State, form: str, value: str, now: float) -> list[str]:
    return ["+CMMS: 0"] if form == READ else []


COMMANDS: Final[Mapping[str, Handler]] = {
    "+CSMS": _csms,
    "+CMGF": _cmgf,
    "+CPMS": _cpms,
    "+CNMI": _cnmi,
    "+CSCA": _csca,
    "+CMGL": _cmgl,
    "+CMGR": _cmgr,
    "+CMGD": _cmgd,
    "+CNMA": _cnma,
    "+CMMS": _cmms,
}

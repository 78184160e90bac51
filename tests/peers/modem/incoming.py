"""Where a modem puts what its network brings: to its port or into a memory, as CNMI says (3GPP TS 27.005 §3.4.1)."""

import attrs

from . import tpdus
from .card import Memory
from .state import State


@attrs.frozen
class Routed:
    """What came of a TPDU."""

    told: tuple[str, ...] = ()
    """What is said of it: one line, or a header and its PDU."""
    taken: bool = True
    direct: bool = False
    """Whether the host has it, and nobody else."""


def route(state: State, tpdu: bytes) -> Routed:
    """Put it where it belongs; the SIM is usable."""
    assert state.sim
    _, mt, _, ds, _ = state.session.cnmi
    line = (tpdus.smsc(state.sim.smsc) + tpdu).hex().upper()
    if tpdus.is_report(tpdu):
        if ds == 1:
            return Routed((f"+CDS: {len(tpdu)}", line), direct=True)
        return _stored(state, "SR", state.reports, tpdu, "+CDSI") if ds == 2 else Routed()
    if mt == 2:
        return Routed((f"+CMT: ,{len(tpdu)}", line), direct=True)
    name = state.session.memories[2]
    return _stored(state, name, state.memory(name), tpdu, "+CMTI" if mt else "")


def _stored(state: State, name: str, memory: Memory, tpdu: bytes, news: str) -> Routed:
    is_readable = name in state.profile.memories
    slot = memory.store(tpdu) if is_readable else 0
    if slot is None:
        return Routed((state.profile.full,) if state.profile.full else (), taken=False)
    return Routed((f'{news}: "{name}",{slot + state.profile.first_index}',) if news else ())

"""A PDU's way from a modem to its network."""

import re

from . import tpdus
from .state import Refused, State

_INVALID, _NO_SMSC, _NO_NETWORK = 304, 330, 331


def transmit(state: State, digits: str, length: int, now: float) -> int:
    """Have the network take the PDU; gives its TP-MR. Raises Refused.

    ``length`` is what was announced: octets without those of the service centre.
    """
    if len(digits) % 2 or not re.fullmatch("[0-9A-Fa-f]+", digits):
        raise Refused("CMS", _INVALID)
    octets = bytes.fromhex(digits)
    tpdu = octets[1 + octets[0] :]
    if len(tpdu) != length:
        raise Refused("CMS", _INVALID)
    try:
        submit = tpdus.read_submit(tpdu)
    except tpdus.BadPdu:
        raise Refused("CMS", _INVALID) from None
    state.needs_sim(now, sms=True)
    assert state.sim
    if octets[0] == 0 and not state.sim.smsc:
        raise Refused("CMS", _NO_SMSC)
    if not state.is_registered(now):
        raise Refused("CMS", _NO_NETWORK)
    mr = state.sim.next_mr()
    code = state.network.submit(submit, sim=state.sim.imsi, modem=state.imei, mr=mr, now=now)
    if code is not None:
        raise Refused("CMS", code)
    return mr

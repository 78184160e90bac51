"""What may go wrong with a modem or its network: by name, so many times or so often, drawn by a seed."""

from collections import Counter
from random import Random
from typing import Any, Final

import attrs

OF_MODEM: Final = {
    "hang": "it hears the command and nothing more, for ``seconds`` or until what ``until`` says (a restart it hears)",
    "ignore": "it never answers the command, and hears the next one",
    "slow": "it answers the command ``seconds`` late; what is said meanwhile waits",
    "hang_after_pdu": "as hang, at Ctrl-Z; ``taken``: the network has the message",
    "slow_after_pdu": "it answers a message ``seconds`` late, which is when the network takes it",
    "error": "ERROR to the command, or ``code``: +CMS ERROR; ``+CME ERROR`` with ``cme``",
    "refuse_pdu": "the same to a message, at Ctrl-Z; ``taken``: the network has it nevertheless",
    "garbage": "NUL, 0xFF and other bytes between two lines",
    "interrupt": "lines that nobody asked for before a line of an answer",
    "interrupt_prompt": "the same between the prompt and the PDU",
    "pieces": "what it says comes a few bytes at a time",
    "truncate": "a line loses its end",
    "echo_stays": "ATE0 is answered OK, and the echo stays",
    "bare_prompt": "the prompt has no space",
    "prompt_lost": "the prompt does not come",
    "reference_lost": "OK to a message that the network has, without +CMGS",
    "ok_lost": "+CMGS, without the OK after it",
    "error_after_reference": "+CMGS, then ERROR",
    "port_loss": "its port goes at the command, and comes back after ``seconds``, under ``path`` if that is given",
    "port_loss_after_pdu": "the same at Ctrl-Z; ``taken``: the network has the message",
    "reset_in_send": "it starts anew at Ctrl-Z, its port stays; ``taken``: the network has the message",
    "pin_refused": "the right PIN is refused, and counts as a try",
    "cnmi_forgotten": "where messages and reports go is forgotten as the command comes",
    "sim_busy": "for ``seconds`` the SIM is busy (error 14 or 314)",
    "no_sim": "for ``seconds`` there is no SIM",
    "no_network": "for ``seconds`` there is no network",
}
"""Those whose name ends in ``_after_pdu`` or is about messages happen to messages; others to commands that begin with
``match``. The last three last, from when the modem first comes upon them."""

OF_NETWORK: Final = {
    "report_missing": "a report does not come",
    "report_doubled": "it comes twice",
    "report_early": "it comes before the answer to the message",
    "report_empty": "it comes with TP-MR 0 and without a number",
    "report_zone": "its time zone is ``quarters`` of an hour wrong",
}

RESTART, REOPEN, UNPLUG = "restart", "reopen", "unplug"
"""What may end a fault: a restart of the modem, its port being opened again, or only the want of power."""
_ENDS: Final = {REOPEN: (REOPEN,), RESTART: (REOPEN, RESTART), UNPLUG: (REOPEN, RESTART, UNPLUG)}


@attrs.define(kw_only=True)
class Fault:
    """One that may happen."""

    name: str
    count: int | None = 1
    """How many times more; None is for ever."""
    probability: float = 1.0
    match: str = "AT"
    """How the commands begin to which it happens, in capitals; ``AT+CMGS`` …"""
    seconds: float | None = None
    until: str = ""
    """What ends it: ``restart``, ``reopen``, ``unplug``; empty where nothing does."""
    taken: bool = False
    code: int | None = None
    cme: bool = False
    path: str | None = None
    quarters: int = 4
    began: float | None = None


class Faults:
    """Those of one modem, or of a network. ``names`` are the ones there are."""

    def __init__(self, names: dict[str, str], seed: int = 0) -> None:
        self.random = Random(seed)
        self.struck: Counter[str] = Counter()
        """How often each happened."""
        self._names = names
        self._faults: list[Fault] = []

    def set(self, name: str, **details: Any) -> None:
        """Have it happen, besides those that were set before; ``details`` are the fields of ``Fault``."""
        if name not in self._names:
            raise ValueError(f"no such fault: {name}")
        self._faults.append(Fault(name=name, **details))

    def clear(self, name: str = "") -> None:
        """Nothing of that name happens any more; without one, nothing at all."""
        self._faults = [fault for fault in self._faults if name and fault.name != name]

    def end(self, event: str) -> None:
        """What that event ends is over."""
        self._faults = [fault for fault in self._faults if fault.until not in _ENDS[event]]

    def strikes(self, name: str, command: str = "AT") -> Fault | None:
        """Whether it happens now, to that command."""
        for fault in self._faults:
            matches = fault.name == name and command.upper().startswith(fault.match)
            if matches and fault.count != 0 and self.random.random() < fault.probability:
                if fault.count is not None:
                    fault.count -= 1
                self.struck[name] += 1
                return fault
        return None

    def lasts(self, name: str, now: float) -> bool:
        """Whether it is under way; one that was not yet begins."""
        lasting = False
        for fault in self._faults:
            if fault.name == name:
                if fault.began is None:
                    fault.began = now
                    self.struck[name] += 1
                lasting |= fault.seconds is None or now < fault.began + fault.seconds
        return lasting

    def ends(self, now: float) -> list[float]:
        """When those that last come to their end."""
        return [
            fault.began + fault.seconds
            for fault in self._faults
            if fault.began is not None and fault.seconds is not None and now < fault.began + fault.seconds
        ]

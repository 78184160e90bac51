"""The modem's memory: messages and reports are read, told, and deleted when they were kept."""

from collections.abc import Sequence
from typing import Final

from . import answers
from .answers import Storage, Stored
from .at_events import Unsolicited
from .modem_events import Event, Received, Reported
from .script import Script, ask, lines, succeeds
from .start import LIST_SECONDS
from .tpdu import pdu
from .tpdu.deliver import Deliver
from .tpdu.octets import BadTpdu
from .tpdu.report import StatusReport

DELETE_SECONDS: Final = 10.0
MOST_SLOTS: Final = 255
_FULL: Final = ("^SMMEMFULL", "+ZSMMEMFULL", "SMS FULL")
_REPORTS: Final = "SR"
"""A memory of its own for reports, which some modems have (27.005 §3.2.1)."""


class Inbox:
    """What is known of a modem's memory, and the scripts that read and empty it."""

    def __init__(self) -> None:
        self._is_wanted = True
        self._told: dict[int, str] = {}
        """By index, the PDUs that were told and are not deleted yet."""
        self._kept: dict[int, str] = {}
        """Of these, those that may be deleted."""
        self._reports: list[tuple[str, int]] = []
        """Stored reports that are in another memory."""
        self._storage: Storage | None = None

    def forget(self) -> None:
        """The modem started anew: its memory is read."""
        self._is_wanted = True
        self._reports.clear()

    def look(self, storage: Storage | None) -> None:
        """What a look at the memory gave."""
        self._storage = storage or self._storage
        self._is_wanted = self._is_wanted or storage is None or storage.used > 0

    def hear(self, event: Unsolicited) -> tuple[list[Event], bool]:
        """What an unsolicited line tells, and whether it is to be acknowledged."""
        line = event.line
        told = answers.values(line)
        if line.startswith(("+CMT:", "+CDS:")):
            return _read(event.body, None), True
        if line.startswith("+CMTI") or line.upper().startswith(_FULL):
            self._is_wanted = True
        elif line.startswith("+CDSI"):
            index = answers.whole(told[1]) if len(told) > 1 else None
            if index is not None and told[0] == _REPORTS:
                self._reports.append((told[0], index))
            else:
                self._is_wanted = True
        return [], False

    def settle(self, index: int, kept: bool) -> None:
        """See ``Modem.settle``."""
        if index in self._told:
            if kept:
                self._kept[index] = self._told[index]
            else:
                del self._told[index]

    def script(self, events: list[Event]) -> Script[None] | None:
        """What is to be done next; what it finds goes to ``events``."""
        if self._kept:
            return self._delete()
        if self._reports:
            return self._read_report(*self._reports.pop(0), events)
        if self._is_wanted:
            return self._read_all(events)
        return None

    def _delete(self) -> Script[None]:
        index = next(iter(self._kept))
        del self._kept[index]
        if (yield from succeeds(f"AT+CMGD={index}", DELETE_SECONDS)):
            self._told.pop(index, None)
        # else it is listed again, known, and deleted then

    def _read_all(self, events: list[Event]) -> Script[None]:
        self._is_wanted = False
        found: Sequence[Stored] = answers.stored((yield from lines("AT+CMGL=4", LIST_SECONDS)))
        if not found and self._storage is not None and self._storage.used:
            found = yield from self._read_each(self._storage)
        listed = {one.index: one.pdu for one in found}
        # another took the place of what was there
        self._told = {index: digits for index, digits in self._told.items() if listed.get(index) == digits}
        is_filling = self._storage is not None and self._storage.is_filling
        for one in found:
            self._look_at(one, is_filling, events)
        self._storage = None

    def _look_at(self, one: Stored, is_filling: bool, events: list[Event]) -> None:
        if one.index in self._told:
            if one.index not in self._kept and is_filling:
                self._kept[one.index] = one.pdu
            return
        self._told[one.index] = one.pdu
        told = _read(one.pdu, one.index)
        events += told
        if not told and is_filling:
            # what nobody can read makes room for what can be
            self._kept[one.index] = one.pdu

    def _read_each(self, storage: Storage) -> Script[Sequence[Stored]]:
        """Some modems list nothing though there is something."""
        found: list[Stored] = []
        for index in range(min(storage.total, MOST_SLOTS) + 1):
            found += answers.stored((yield from lines(f"AT+CMGR={index}")), index)
            if len(found) >= storage.used:
                break
        return found

    def _read_report(self, memory: str, index: int, events: list[Event]) -> Script[None]:
        """From a memory that the modem has for reports: it is small, and emptied at once."""
        before = answers.storage((yield from lines("AT+CPMS?")))
        if (yield from succeeds(f'AT+CPMS="{memory}"')):
            for one in answers.stored((yield from lines(f"AT+CMGR={index}")), index):
                events += _read(one.pdu, None)
            yield from ask(f"AT+CMGD={index}", DELETE_SECONDS)
        if before is not None:
            yield from ask(f'AT+CPMS="{before.memory}"')


def _read(digits: str, index: int | None) -> list[Event]:
    """What a PDU tells; nothing where it is none, or one that we sent."""
    try:
        tpdu = pdu.read(digits).tpdu
    except BadTpdu:
        return []
    if isinstance(tpdu, StatusReport):
        return [Reported(tpdu, index)]
    if isinstance(tpdu, Deliver):
        return [Received(tpdu, index)]
    return []

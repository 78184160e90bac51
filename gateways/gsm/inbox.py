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
        self._known: dict[int, str] = {}
        """The PDUs that were read, by index; what has another one since is a new message."""
        self._kept: set[int] = set()
        """Of these, those that may be deleted."""
        self._unreadable: set[int] = set()
        """Of these, those that told nothing."""
        self._deletions: list[int] = []
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
        if index not in self._known:
            return
        if kept:
            self._kept.add(index)
            self._deletions.append(index)
        else:
            self._drop(index)

    def script(self, events: list[Event]) -> Script[None] | None:
        """What is to be done next; what it finds goes to ``events``."""
        if self._deletions:
            return self._delete(self._deletions.pop(0))
        if self._reports:
            return self._read_report(*self._reports.pop(0), events)
        if self._is_wanted:
            return self._read_all(events)
        return None

    def _delete(self, index: int) -> Script[None]:
        if (yield from succeeds(f"AT+CMGD={index}", DELETE_SECONDS)):
            self._drop(index)
        # else it is listed again, known, and deleted then

    def _drop(self, index: int) -> None:
        self._known.pop(index, None)
        self._kept.discard(index)
        self._unreadable.discard(index)

    def _read_all(self, events: list[Event]) -> Script[None]:
        self._is_wanted = False
        storage, self._storage = self._storage, None
        found: Sequence[Stored] = answers.stored((yield from lines("AT+CMGL=4", LIST_SECONDS)))
        if not found and storage is not None and storage.used:
            found = yield from self._read_each(storage)
        listed = {one.index: one.pdu for one in found}
        for index in [index for index, digits in self._known.items() if listed.get(index) != digits]:
            self._drop(index)
        for one in found:
            if one.index not in self._known:
                self._tell(one, events)
        # what nobody can read makes room, where there is little, for what can be
        is_filling = storage is not None and storage.is_filling
        self._deletions = sorted(self._kept | self._unreadable if is_filling else self._kept)

    def _tell(self, one: Stored, events: list[Event]) -> None:
        self._known[one.index] = one.pdu
        told = _read(one.pdu, one.index)
        events += told
        if not told:
            self._unreadable.add(one.index)

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

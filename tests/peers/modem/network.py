"""The operator: takes messages from SIM cards, reports on them, and brings what telephones send."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

import attrs

from . import tpdus
from .faults import OF_NETWORK, Faults
from .tpdus import Submit

T = TypeVar("T")

DELIVERED, TRYING, FAILED, EXPIRED, BUSY = 0x00, 0x20, 0x45, 0x46, 0x61
"""Some TP-STs."""
EARLY = -1.0
"""Seconds after a message of a report that comes before the answer to it."""


@attrs.frozen(kw_only=True)
class Taken:
    """A part that the network has."""

    sim: str
    """IMSI of the card that sent it."""
    modem: str
    """IMEI of the modem that the card was in."""
    number: str
    text: str = attrs.field(repr=False)
    coding: str
    """``gsm7``, ``ucs2`` or ``octets``."""
    message_class: int | None
    validity: int | None
    """Seconds."""
    wants_report: bool
    reference: int | None
    """What joins its parts; None where it is alone."""
    total: int
    part: int
    mr: int
    at: float


@attrs.frozen
class Report:
    """A status report that a message gets."""

    status: int = DELIVERED
    after: float = 1.0
    """Seconds after the message; ``EARLY``."""


Plan = Sequence[Report]
"""What is reported of one message, in order."""


@attrs.define
class Refusal:
    """What some numbers are answered: a +CMS ERROR."""

    code: int
    count: int | None = None
    """How many times more; None is always."""


@attrs.define(kw_only=True, eq=False)
class SimulatedNetwork:
    """One for all modems of a test. ``epoch`` is Unix seconds where the modems' clock shows 0."""

    epoch: float = 0.0
    zone: int = 4
    """Quarters of an hour east of Greenwich that its time stamps tell."""
    zone_error: int = 0
    """Quarters of an hour that its clock is wrong by, without saying so."""
    default: Plan = (Report(),)
    plans: dict[str, Plan] = attrs.field(factory=dict)
    """Last digits of a number → what is reported of its messages."""
    plan: Callable[[Taken], Plan] | None = None
    """The same by rule, in the place of both."""
    answers: dict[str, Refusal] = attrs.field(factory=dict)
    """Last digits of a number → what its messages are refused with."""
    retry_seconds: float = 30.0
    """When what a modem did not take is brought again."""
    name: str = "Simu Telecom"
    plmn: str = "20801"
    national: bool = False
    """Whether reports tell numbers as they are dialled in France."""
    taken: list[Taken] = attrs.field(factory=list)
    brought: Counter[str] = attrs.field(factory=Counter)
    """How many reports and messages (``report``, ``message``) modems took."""
    faults: Faults = attrs.field(factory=lambda: Faults(OF_NETWORK))
    wakers: dict[str, Callable[[], None]] = attrs.field(factory=dict)
    """IMSI → what tells the modem with that card that there is something for it."""
    _waiting: dict[str, list[tuple[float, int, bytes]]] = attrs.field(factory=lambda: defaultdict(list), repr=False)
    """IMSI → a heap of TPDUs on their way to the card: due, in order."""
    _order: Iterator[int] = attrs.field(factory=count)
    _concatenation: int = 0

    def submit(self, submit: Submit, *, sim: str, modem: str, mr: int, now: float) -> int | None:
        """Take it; gives None, or the +CMS ERROR that it is refused with."""
        refusal = find(self.answers, submit.number)
        if refusal is not None and refusal.count != 0:
            if refusal.count is not None:
                refusal.count -= 1
            return refusal.code
        fields = attrs.asdict(submit)
        taken = Taken(**fields, sim=sim, modem=modem, mr=mr, at=now)
        self.taken.append(taken)
        if taken.wants_report:
            self._report(taken)
        return None

    def copies(self) -> Counter[tuple[str, str, int | None, int]]:
        """How often the network has each part: by number, text, joining reference and part."""
        return Counter((taken.number, taken.text, taken.reference, taken.part) for taken in self.taken)

    def send_message(self, imsi: str, sender: str, text: str, now: float, *, wait: float = 0.0) -> int:
        """A telephone, or a named sender, writes to a card; gives how many parts that takes."""
        is_ucs2, parts = tpdus.pieces(text)
        self._concatenation = (self._concatenation + 1) % 256
        for part, piece in enumerate(parts, 1):
            joined = (self._concatenation, len(parts), part) if len(parts) > 1 else None
            at = self._stamp(now)
            tpdu = tpdus.deliver(sender, piece, at, zone=self.zone, joined=joined, ucs2=is_ucs2)
            self.bring(imsi, tpdu, now + wait)
        if waker := self.wakers.get(imsi):
            waker()
        return len(parts)

    def bring(self, imsi: str, tpdu: bytes, due: float) -> None:
        """Have the TPDU brought to a card from then on."""
        heappush(self._waiting[imsi], (due, next(self._order), tpdu))

    def waiting(self, imsi: str) -> int:
        """How much is on its way to the card."""
        return len(self._waiting[imsi])

    def next_for(self, imsi: str) -> float | None:
        """When the card's modem should ask for what is due."""
        return self._waiting[imsi][0][0] if self._waiting[imsi] else None

    def take_for(self, imsi: str, now: float) -> bytes | None:
        """The next TPDU that is due for the card, whose modem is registered. What it cannot take is ``undelivered``."""
        due = self.next_for(imsi)
        if due is None or due > now:
            return None
        _, _, tpdu = heappop(self._waiting[imsi])
        self.brought["report" if tpdus.is_report(tpdu) else "message"] += 1
        return tpdu

    def undelivered(self, imsi: str, tpdu: bytes, now: float) -> None:
        """The modem did not take it: it is brought again later."""
        self.brought["report" if tpdus.is_report(tpdu) else "message"] -= 1
        self.bring(imsi, tpdu, now + self.retry_seconds)

    def _stamp(self, now: float) -> float:
        return self.epoch + now + self.zone_error * 900

    def _report(self, taken: Taken) -> None:
        plan = self.plan(taken) if self.plan else find(self.plans, taken.number, self.default)
        for report in plan or ():
            if self.faults.strikes("report_missing"):
                continue
            empty, wrong = self.faults.strikes("report_empty"), self.faults.strikes("report_zone")
            early = self.faults.strikes("report_early") is not None
            tpdu = tpdus.status_report(
                0 if empty else taken.mr,
                "" if empty else self._written(taken.number),
                self._stamp(taken.at) + (wrong.quarters * 900 if wrong else 0),
                self._stamp(taken.at + max(0.0, report.after)),
                zone=self.zone,
                status=report.status,
            )
            due = taken.at + (EARLY if early else report.after)
            for _ in range(2 if self.faults.strikes("report_doubled") else 1):
                self.bring(taken.sim, tpdu, due)

    def _written(self, number: str) -> str:
        if self.national:
            return "0" + number.removeprefix("+33") if number.startswith("+33") else number
        return "+33" + number[1:] if number.startswith("0") else number


def find(table: Mapping[str, T], number: str, default: T | None = None) -> T | None:
    """What the table has for the longest of its endings that the number has."""
    endings = [ending for ending in table if number.endswith(ending)]
    return table[max(endings, key=len)] if endings else default

"""A gateway that sends nothing: it writes a journal and plays the network, for tests and demonstrations.

Some numbers, of those that the French regulator keeps for fiction, give each state; ``SANDBOX`` has them.
"""

import errno
import heapq
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from smstob.interfaces import IGateway, INetworkReceiver, SettingsTable
from smstob.model.message import Answer, Handed, Outcome, Receipt, Rejected, Segment, State, Throttled, Unavailable

WINDOW: Final = 500
"""Segments that it takes at once."""

AGAIN: Final = 1.0
"""Seconds before receipts that could not be kept are given again."""


@attrs.frozen
class Behaviour:
    """What happens to a segment."""

    receipt: State | None
    late: bool = False
    refusal: Outcome | None = None
    refusals: int = 0
    """How often ``refusal`` is answered before the segment is taken; 0 for always."""
    early: bool = False
    """The receipt comes before the answer."""


DELIVERED: Final = Behaviour(State.DELIVERED)
SANDBOX: Final = {
    "+262639980001": DELIVERED,
    "+262639980002": Behaviour(State.FAILED),
    "+262639980003": Behaviour(State.EXPIRED),
    "+262639980004": Behaviour(State.DELIVERED, late=True),
    "+262639980005": Behaviour(None),
    "+262639980006": Behaviour(None, refusal=Rejected("Le numéro n'est pas attribué.")),
    "+262639980007": Behaviour(State.DELIVERED, refusal=Throttled(), refusals=1),
    "+262639980008": Behaviour(State.DELIVERED, refusal=Unavailable(), refusals=2),
    "+262639980009": Behaviour(State.DELIVERED, early=True),
}
"""By number in E.164; typed 06 39 98 00 01 and so on."""

ERRORS: Final = {
    State.FAILED: "Le téléphone du destinataire a refusé le message.",
    State.EXPIRED: "Le téléphone du destinataire est resté éteint ou hors de portée.",
}


@attrs.frozen
class SinkSettings:
    """What the configuration says of a sink."""

    journal: Path
    receipt: State | None
    receipt_delay: float
    late_delay: float


@implementer(IGateway)
class SinkGateway(Service):
    """Takes every segment, writes it to the journal before it answers, and makes up receipts."""

    log = Logger()

    def __init__(self, name: str, settings: SinkSettings, clock: IReactorTime, receiver: INetworkReceiver) -> None:
        self.name = self._name = name
        self.state = "down"
        self.capacity = 0
        self._settings = settings
        self._clock = clock
        self._receiver = receiver
        self._journal: int | None = None
        """Its descriptor: nothing is buffered, so that nothing comes again later."""
        self._serial = 0
        self._kept = 0
        self._run = os.urandom(4).hex()
        self._refusals: dict[tuple[int, int], int] = {}
        self._receipts: list[tuple[float, int, Receipt]] = []
        self._timer: IDelayedCall | None = None

    def startService(self) -> None:
        """Open the journal."""
        super().startService()
        self._settings.journal.parent.mkdir(parents=True, exist_ok=True)
        self._journal = os.open(self._settings.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self.state, self.capacity = "up", WINDOW
        self._receiver.capacity_changed(self._name)

    def stopService(self) -> None:
        """Close the journal; receipts that were to come never do."""
        super().stopService()
        self.state, self.capacity = "down", 0
        self._receipts.clear()
        self._set_timer()
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None

    def submit(self, segments: Sequence[Segment]) -> None:
        """See ``IGateway``."""
        if self._journal is None:
            self._receiver.answered(self._name, [Answer(one.message, one.part, Unavailable()) for one in segments])
            return
        answers, taken = [], []
        for segment in segments:
            behaviour = SANDBOX.get(segment.number) or Behaviour(self._settings.receipt)
            refusal = self._refusal(segment, behaviour)
            if refusal is not None:
                answers.append(Answer(segment.message, segment.part, refusal))
                continue
            self._serial += 1
            taken.append((segment, f"{self._run}-{self._serial}", behaviour))
        try:
            _append(self._journal, "".join(_line(segment, reference) for segment, reference, _ in taken))
        except OSError as error:
            self.log.error("the journal of {name} takes nothing: {error}", name=self._name, error=error)
            answers += [Answer(segment.message, segment.part, Unavailable()) for segment, _, _ in taken]
        else:
            answers += [Answer(segment.message, segment.part, Handed(reference)) for segment, reference, _ in taken]
            self._report_later([(reference, behaviour) for _, reference, behaviour in taken])
        self._receiver.answered(self._name, answers)
        self._set_timer()

    def _report_later(self, taken: Sequence[tuple[str, Behaviour]]) -> None:
        early = []
        for reference, behaviour in taken:
            receipt = self._receipt(reference, behaviour)
            if receipt is not None and behaviour.early:
                early.append(receipt)
            elif receipt is not None:
                self._keep(receipt, self._settings.late_delay if behaviour.late else self._settings.receipt_delay)
        if early:
            self._give(early)

    def _refusal(self, segment: Segment, behaviour: Behaviour) -> Outcome | None:
        if behaviour.refusal is None:
            return None
        key = (segment.message, segment.part)
        given = self._refusals.pop(key, 0)
        if behaviour.refusals and given >= behaviour.refusals:
            return None
        if behaviour.refusals:
            self._refusals[key] = given + 1
        return behaviour.refusal

    def _receipt(self, reference: str, behaviour: Behaviour) -> Receipt | None:
        if behaviour.receipt is None:
            return None
        return Receipt(
            gateway=self._name,
            reference=reference,
            state=behaviour.receipt,
            error=ERRORS.get(behaviour.receipt),
            at=int(self._clock.seconds()),
        )

    def _keep(self, receipt: Receipt, delay: float) -> None:
        self._kept += 1
        heapq.heappush(self._receipts, (self._clock.seconds() + delay, self._kept, receipt))

    def _set_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self._receipts:
            delay = max(0.0, self._receipts[0][0] - self._clock.seconds())
            self._timer = self._clock.callLater(delay, self._report)

    def _report(self) -> None:
        now = self._clock.seconds()
        due = []
        while self._receipts and self._receipts[0][0] <= now:
            due.append(attrs.evolve(heapq.heappop(self._receipts)[2], at=int(now)))
        if due:
            self._give(due)
        self._set_timer()

    def _give(self, receipts: Sequence[Receipt]) -> "Deferred[Any]":
        def again(_failure: Any) -> None:
            if self.running:
                for receipt in receipts:
                    self._keep(receipt, AGAIN)
                self._set_timer()

        return self._receiver.receipts_received(self._name, receipts).addErrback(again)


def _append(journal: int, lines: str) -> None:
    """Write all of ``lines`` to the descriptor, or raise ``OSError`` and leave the file as it was."""
    if not lines:
        return
    block = lines.encode()
    size = os.fstat(journal).st_size
    written = os.write(journal, block)
    if written < len(block):
        os.ftruncate(journal, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _line(segment: Segment, reference: str) -> str:
    told = {
        "to": segment.number,
        "text": segment.text,
        "coding": segment.coding.value,
        "class": 0 if segment.flash else None,
        "validity": segment.validity,
        # concatenation with an 8-bit reference (3GPP TS 23.040 §9.2.3.24.1)
        "udh": f"050003{segment.message % 256:02x}{segment.total:02x}{segment.part:02x}" if segment.total > 1 else None,
        "reference": reference,
    }
    return json.dumps(told, ensure_ascii=False) + "\n"


def parse_settings(table: SettingsTable) -> SinkSettings:
    """Read the sink's table of the configuration."""
    receipts = table.choice("receipts", ("delivered", "failed", "none"), "delivered")
    return SinkSettings(
        journal=Path(table.text("journal", "var/sink.jsonl")),
        receipt=None if receipts == "none" else State(receipts),
        receipt_delay=table.number("receipt_delay", 0.5, most=86_400),
        late_delay=table.number("late_delay", 60, most=86_400),
    )


def make_gateway(name: str, settings: SinkSettings, reactor: Any, receiver: INetworkReceiver) -> IGateway:
    """A sink."""
    return SinkGateway(name, settings, reactor, receiver)

"""What a modem tells its owner."""

from typing import Any

import attrs

from .errors import Verdict
from .tpdu.deliver import Deliver
from .tpdu.report import StatusReport


@attrs.frozen
class Changed:
    """Its state is another, or the reason for it."""


@attrs.frozen
class PinWanted:
    """The SIM card wants its code: ``Modem.give_pin`` or ``Modem.refuse_pin`` has to be called."""

    card: str
    """Its ICCID, or empty."""
    imei: str
    tries: int | None
    """How many false codes block it; None where the modem does not tell."""


@attrs.frozen
class CardOpened:
    """The SIM card wants no code, or not any more."""

    card: str
    imei: str


@attrs.frozen
class Sent:
    """The network took it."""

    key: Any
    reference: int | None
    """TP-MR; None where the modem lost it."""


@attrs.frozen
class NotSent:
    """It did not leave."""

    key: Any
    verdict: Verdict
    code: int | None = None
    """Of +CMS ERROR."""


@attrs.frozen
class Doubt:
    """It left, or it did not: ``SentLate`` may tell."""

    key: Any


@attrs.frozen
class SentLate:
    """What was in doubt was sent after all."""

    key: Any
    reference: int


@attrs.frozen
class Reported:
    """A report on what the SIM card sent. With an ``index`` it is stored, to be settled as ``Received``."""

    report: StatusReport
    index: int | None


@attrs.frozen
class Received:
    """A message that came. With an ``index`` it is stored: ``Modem.settle`` says whether it was kept."""

    message: Deliver
    index: int | None


@attrs.frozen
class Fallen:
    """It does not answer, or not as it must: its port is to be closed, and opened anew later."""

    reason: str
    """In French."""
    is_ill: bool = False
    """It answers, but does not do its work: a reset is what helps."""


Event = Changed | PinWanted | CardOpened | Sent | NotSent | Doubt | SentLate | Reported | Received | Fallen

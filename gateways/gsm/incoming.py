"""What modems receive: status reports find the segment that they are about, replies become replies."""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from smstob.interfaces import INetworkReceiver
from smstob.model.message import Receipt, Reply, State

from .guard import DAY
from .matching import match
from .start import Facts
from .tpdu.deliver import Deliver
from .tpdu.report import EXPIRED, Result, StatusReport

REPORTED: Final = 4 * DAY
"""Seconds for which a report is awaited: the longest validity is three days."""
DIGITS: Final = 8
"""Of a number, those that networks write alike."""
AGAIN: Final = 60.0
"""Seconds before what the database could not take, and no modem keeps, is given to it again."""
MOST_WAITING: Final = 1000

_SILENT_PROTOCOL: Final = 0x40
"""TP-PID of a message that nobody is to see (3GPP TS 23.040 §9.2.3.9)."""
_REASONS: Final = {
    0x40: "Le réseau n'a pas pu remettre le message.",
    0x41: "Ce numéro ne peut pas recevoir ce message.",
    0x42: "Le téléphone du destinataire a refusé le message.",
    0x43: "Ce numéro n'est pas joignable.",
    0x44: "Le réseau ne permet pas de remettre ce message.",
    0x45: "Le destinataire n'existe pas ou n'est plus abonné.",
    EXPIRED: "Le téléphone du destinataire est resté éteint ou hors de portée.",
    0x60: "Le réseau est resté saturé.",
    0x61: "Le téléphone du destinataire est resté occupé.",
    0x62: "Le téléphone du destinataire n'a pas répondu.",
    0x63: "Le destinataire a refusé le message.",
}
_UNEXPLAINED: Final = "Le réseau a abandonné le message."


class Incoming:
    """Gives the house what came; what is stored in a modem is told again there, what is not is tried again here."""

    log = Logger()

    def __init__(self, gateway: str, receiver: INetworkReceiver, clock: IReactorTime) -> None:
        self._gateway = gateway
        self._receiver = receiver
        self._clock = clock
        self._waiting: set[Deferred[None]] = set()
        self._is_stopped = False

    async def keep(self, came: StatusReport | Deliver, card: Facts, *, is_stored: bool) -> bool:
        """Whether it is on disk, or is nothing to be kept; what is not ``is_stored`` is given until it is."""
        while True:
            try:
                await (self._report(came, card) if isinstance(came, StatusReport) else self._reply(came, card))
                return True
            except Exception as error:
                self.log.warn("what a modem received is not kept: {why}", why=str(error) or type(error).__name__)
            if is_stored or self._is_stopped or len(self._waiting) >= MOST_WAITING or not await self._rest():
                return False

    def start(self) -> None:
        """What comes is kept from now on."""
        self._is_stopped = False

    def stop(self) -> None:
        """What is not on disk is lost."""
        self._is_stopped = True
        for waiting in list(self._waiting):
            waiting.cancel()

    async def _rest(self) -> bool:
        waiting: Deferred[None] = deferLater(self._clock, AGAIN)
        self._waiting.add(waiting)
        try:
            await waiting
        except Exception:
            return False
        finally:
            self._waiting.discard(waiting)
        return True

    async def _report(self, report: StatusReport, card: Facts) -> None:
        digits = report.recipient.value[-DIGITS:]
        if report.result is Result.TRYING or report.of_command:
            return
        if report.result is Result.RESERVED or not digits.isdigit():
            self.log.info("a status report {status:#04x} means nothing", status=report.status)
            return
        taken = int(report.submitted.timestamp()) if report.submitted is not None else None
        uses = await self._receiver.sims.uses(card.sim, digits, int(self._clock.seconds()) - REPORTED)
        use = match(uses, report.reference, taken)
        if use is None:
            self.log.info("a status report is about no message of ours")
            return
        await self._receiver.receipts_received(self._gateway, [self._receipt(report, str(use.id))])

    def _receipt(self, report: StatusReport, reference: str) -> Receipt:
        state = State.DELIVERED
        if report.result is not Result.DELIVERED:
            state = State.EXPIRED if report.status == EXPIRED else State.FAILED
        reason = _REASONS.get(report.status, _UNEXPLAINED)
        return Receipt(
            gateway=self._gateway,
            reference=reference,
            state=state,
            error=None if state is State.DELIVERED else f"{reason.removesuffix('.')} (code {report.status:02X}).",
            at=int(self._clock.seconds()),
        )

    async def _reply(self, message: Deliver, card: Facts) -> None:
        if message.protocol == _SILENT_PROTOCOL or message.user_data.port is not None:
            return
        joined = message.user_data.concatenation
        reply = Reply(
            gateway=self._gateway,
            number=str(message.sender),
            recipient=card.number or card.sim,
            text=message.user_data.text,
            at=self._moment(message),
            reference=joined.reference if joined else None,
            part=joined.part if joined else 1,
            total=joined.total if joined else 1,
        )
        await self._receiver.replies_received(self._gateway, [reply])

    def _moment(self, message: Deliver) -> int:
        """When it was sent, where the service centre's clock can be believed."""
        now = int(self._clock.seconds())
        sent = int(message.sent.timestamp()) if message.sent is not None else now
        return sent if now - 30 * DAY <= sent <= now else now

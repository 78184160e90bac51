"""A modem with its SIM card: what GSM calls a mobile station (3GPP TS 21.905)."""

from typing import Final, Protocol

import attrs
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from smstob.model.message import Segment
from smstob.model.modem import ModemReport, ModemState

from .errors import Blame
from .health import NOTHING, Health, Remedy
from .line import Line, Outcome
from .modem import GONE, Modem
from .modem_events import CardOpened, Doubt, NotSent, PinWanted, Received, Reported, Sent, SentLate
from .pins import Pins
from .ports import IPorts
from .script import Locked
from .settings import GsmSettings
from .sim_card import SimCard
from .start import Facts, Wanted
from .tpdu.pdu import Line as Pdu

PATIENCE: Final = 60.0
"""Seconds of a pause, or before a limit ends, for which messages rather wait than go elsewhere."""

_READING: Final = "Ce que sa carte SIM a déjà envoyé est relu."
_NO_DATABASE: Final = "La base de données ne répond pas : le code PIN attend."
_KNOWS_ENOUGH: Final = (
    "La carte SIM a écrit à autant de numéros qu'elle peut en 31 jours : elle n'écrit plus qu'à ceux-là."
)


class Pool(Protocol):
    """Whom stations belong to."""

    def changed(self, station: "Station") -> None:
        """It serves, or it does not, or another modem is there."""

    def freed(self) -> None:
        """One of them may be given a message again."""

    def received(self, station: "Station", event: Reported | Received, modem: Modem) -> None:
        """Something came; with an index it is to be settled by ``station.line``."""

    def may_reset(self, station: "Station", imei: str) -> bool:
        """Whether its modem, which is ill, may be restarted: not where another of its ports works."""

    def sent_late(self, use: "Use", reference: int) -> None:
        """A segment that was in doubt was sent after all."""


@attrs.frozen
class Use:
    """A segment that a station was given."""

    message: int
    part: int
    card: SimCard
    id: int
    """See ``ISims.use``."""


def is_doubtful(outcome: Outcome) -> bool:
    """Whether nobody knows if the segment left."""
    return isinstance(outcome, Doubt) or (isinstance(outcome, NotSent) and outcome.verdict.blame is Blame.UNKNOWN)


@attrs.define
class Record:
    """What is remembered of a modem with its card, whatever its port, since the daemon started."""

    sent: int = 0
    """Segments."""
    failed: int = 0
    resets: int = 0
    health: Health = attrs.field(factory=Health)
    paused_until: float = 0.0
    """Unix seconds."""
    pause: float = 0.0
    """Seconds that the pause has in all."""
    reason: str = ""
    """Of the pause."""


class Station:
    """One port of a pool, its modem, and the card in it while that is known."""

    log = Logger()

    def __init__(
        self, path: str, settings: GsmSettings, ports: IPorts, clock: IReactorTime, pool: Pool, pins: Pins
    ) -> None:
        self.line = Line(path, Wanted(centre=settings.smsc), ports, clock, self)
        self.card: SimCard | None = None
        self.record = Record()
        self.known: Facts | None = None
        """What was known last of its modem and card."""
        self.is_busy = False
        """Whether a message is under way."""
        self.used = 0.0
        """When it was given a message last, by ``line.now``."""
        self._limits = settings.limits
        self._again = settings.again
        self._clock = clock
        self._pool = pool
        self._pins = pins
        self._shown: tuple[ModemState, str] | None = None
        self._since = int(clock.seconds())

    @property
    def sim(self) -> str | None:
        """The IMSI of the card that it has, or had when it was seen last."""
        return self.known.sim if self.known is not None else None

    @property
    def is_in_use(self) -> bool:
        """Whether its port is open, its card known, and nobody has to come for that."""
        is_known = self.line.modem is not None and self.line.has_started
        return is_known and self.line.state is not ModemState.LOCKED

    @property
    def is_hopeful(self) -> bool:
        """Whether its card may soon send: it does not wait for a person, or for a long pause to end."""
        return self.line.state is not ModemState.LOCKED and self.paused <= PATIENCE

    @property
    def paused(self) -> float:
        """Seconds for which it is still given nothing."""
        left = self.record.paused_until - self._clock.seconds()
        # more is left only where the clock was set back
        return left if 0 < left <= self.record.pause else 0.0

    @property
    def limited(self) -> float:
        """Seconds until its card may send anything at all."""
        now = self._clock.seconds()
        return self.card.guard.resumes(now) - now if self.card is not None else 0.0

    @property
    def is_serving(self) -> bool:
        """Whether messages may wait for it."""
        is_up = self.line.state is ModemState.UP and self.card is not None
        return is_up and self.paused <= PATIENCE and self.limited <= PATIENCE

    @property
    def is_free(self) -> bool:
        """Whether it may be given a message now."""
        return self.is_serving and not self.is_busy and not self.paused and self.line.is_free

    def wait(self, number: str, segments: int) -> float:
        """Seconds until its card may begin so many segments to ``number``: 0 for now, infinity for never."""
        assert self.card is not None
        now = self._clock.seconds()
        return self.card.guard.allowed_at(number, now, segments) - now

    async def send(self, segment: Segment, pdu: Pdu) -> tuple[Outcome, Use] | None:
        """What became of a segment, in bounded time; None where the modem is no longer ready for it.

        Raises what storage raises when the database is away: it was not sent then.
        """
        card = self.card
        if card is None:
            return None
        self.used = self.line.now()
        use = Use(segment.message, segment.part, card, await card.use(segment, self._again))
        if self.card is not card or not self.line.is_free:
            card.refused(use.id)
            return None
        outcome = await self.line.send(use, pdu)
        if isinstance(outcome, Sent):
            if outcome.reference is not None:
                card.took(use.id, outcome.reference)
        elif not is_doubtful(outcome):
            card.refused(use.id)
        return outcome, use

    def look_after(self, outcome: Outcome, number: str) -> None:
        """Count what became of a segment to ``number``, and do for the modem what it needs."""
        remedy = NOTHING
        if isinstance(outcome, Sent):
            self.record.sent += 1
            self.record.health.sent()
        else:
            self.record.failed += 1
            if is_doubtful(outcome):
                remedy = self.record.health.doubted()
            elif isinstance(outcome, NotSent) and outcome.verdict is not GONE:
                remedy = self.record.health.failed(outcome.verdict, outcome.code, number)
        self._apply(remedy)

    def changed(self) -> None:
        """See ``line.Owner``."""
        facts = self.line.facts
        self.record.resets += self.line.take_resets()
        if facts is not None:
            self.known = facts
        if facts is None or (self.card is not None and self.card.imsi != facts.sim):
            self.card = None
        self._pool.changed(self)

    def freed(self) -> None:
        """See ``line.Owner``."""
        self._pool.freed()

    def told(self, event: Reported | Received, modem: Modem) -> None:
        """See ``line.Owner``."""
        self._pool.received(self, event, modem)

    def sent_late(self, event: SentLate) -> None:
        """See ``line.Owner``."""
        self._pool.sent_late(event.key, event.reference)

    def pin_wanted(self, event: PinWanted, modem: Modem) -> None:
        """See ``line.Owner``."""
        given: Deferred[None] = ensureDeferred(self._give_pin(event, modem))
        given.addErrback(lambda failure: self.log.failure("the PIN of {port}", failure, port=self.line.path))

    def card_opened(self, event: CardOpened) -> None:
        """See ``line.Owner``."""
        # where that is not kept now it is when what the card has sent is read
        accepted = ensureDeferred(self._pins.accepted(event.card, event.imei))
        accepted.addErrback(lambda failure: self.log.warn("not kept: {why}", why=failure.getErrorMessage()))

    def may_reset(self, imei: str) -> bool:
        """See ``line.Owner``."""
        return self._pool.may_reset(self, imei)

    def report(self, gateway: str) -> ModemReport:
        """It as the operator sees it."""
        now = self._clock.seconds()
        state, reason, until = self._state(now)
        if (state, reason) != self._shown:
            self._shown, self._since = (state, reason), int(now)
        self.record.resets += self.line.take_resets()
        facts, modem, card = self.known, self.line.modem, self.card
        silence = None if modem is None or modem.heard is None else self.line.now() - modem.heard
        return ModemReport(
            gateway=gateway,
            port=self.line.path,
            state=state,
            reason=reason,
            since=self._since,
            model=facts.model if facts else "",
            imei=facts.imei if facts else "",
            card=facts.card if facts else "",
            sim=facts.sim if facts else "",
            network=modem.network if modem else "",
            roaming=bool(modem and modem.roaming),
            signal=modem.signal if modem else None,
            sent=self.record.sent,
            failed=self.record.failed,
            resets=self.record.resets,
            day=card.guard.day(now) if card else 0,
            month=card.guard.month(now) if card else 0,
            recipients=card.guard.recipients(now) if card else 0,
            limits=self._limits,
            until=until,
            heard=None if silence is None else int(now - silence),
        )

    def _state(self, now: float) -> tuple[ModemState, str, int | None]:
        """What the operator is told, why, and until when."""
        if self.line.state is not ModemState.UP:
            return self.line.state, self.line.reason, None
        if self.card is None:
            return ModemState.STARTING, _READING, None
        if self.paused:
            return ModemState.PAUSED, self.record.reason, int(now + self.paused)
        if self.limited:
            return ModemState.LIMITED, self.card.guard.why(now), int(now + self.limited)
        return ModemState.UP, _KNOWS_ENOUGH if self.card.guard.knows_enough(now) else "", None

    def _apply(self, remedy: Remedy) -> None:
        if remedy is NOTHING:
            return
        self.record.reason, self.record.pause = remedy.reason, remedy.pause
        self.record.paused_until = self._clock.seconds() + remedy.pause
        if remedy.pause > PATIENCE:
            self.log.error("the card {sim} is left alone: {why}", sim=self.known and self.known.sim, why=remedy.reason)
        if remedy.reset:
            self.line.reset(remedy.reason)
        elif remedy.set_up:
            self.line.set_up()
        self._pool.changed(self)

    async def _give_pin(self, event: PinWanted, modem: Modem) -> None:
        try:
            code = await self._pins.give(event.card, event.imei, event.tries)
        except Locked as why:
            self.line.refuse_pin(modem, why.reason)
            return
        except Exception as error:
            self.log.warn("the PIN of {port} waits: {why}", port=self.line.path, why=str(error))
            self.line.refuse_pin(modem, _NO_DATABASE)
            return
        if not self.line.give_pin(modem, code):
            # it was not given after all
            await self._pins.accepted(event.card, event.imei)

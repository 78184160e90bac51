"""The stations of a pool: found at their ports, and known by their modems and cards wherever these are plugged in."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from smstob.model.modem import ModemReport, ModemState
from smstob.sim_interfaces import ISims

from .incoming import Incoming
from .line import LONGEST_STEP
from .modem import Modem
from .modem_events import Received, Reported
from .pins import Pins
from .ports import IPorts
from .settings import SOCKET, GsmSettings
from .sim_card import SimCard
from .start import Facts
from .station import Record, Station, Use

SCAN_SECONDS: Final = 5.0
"""Between two looks at which ports there are."""
FORGET_SECONDS: Final = 120.0
"""Without the port of a card, before another port of its modem is used; and of a port, before it is forgotten."""
LOAD_SECONDS: Final = 5.0
"""Before the database is asked again what a card has sent."""
MOST_EARLY: Final = 100
"""Messages and reports that come before it is known whose they are."""

_PATTERN: Final = re.compile(r"[*?\[]")


class Fleet:
    """See the module; it tells what changes, and of segments that were sent after all."""

    log = Logger()

    def __init__(
        self,
        settings: GsmSettings,
        ports: IPorts,
        clock: IReactorTime,
        sims: ISims,
        incoming: Incoming,
        tell_changed: Callable[[], None],
        tell_sent_late: Callable[[Use, int], None],
    ) -> None:
        self._settings = settings
        self._ports = ports
        self._clock = clock
        self._sims = sims
        self._incoming = incoming
        self._tell_changed = tell_changed
        self._tell_sent_late = tell_sent_late
        self._pins = Pins(settings.pins, sims, clock)
        self._stations: dict[str, Station] = {}
        self._asleep: dict[Station, float] = {}
        """Other ports of modems that are used: when these were there last."""
        self._gone: dict[Station, float] = {}
        """Since when ports are not there."""
        self._records: dict[tuple[str, str], Record] = {}
        self._looked_at = 0.0
        self._loading: set[Station] = set()
        self._reloads: list[IDelayedCall] = []
        self._early: list[tuple[Station, Reported | Received, Modem]] = []
        self._timer: IDelayedCall | None = None

    def __iter__(self) -> Iterator[Station]:
        return iter(self._stations.values())

    def start(self) -> None:
        """Open ports, and look for new ones from now on."""
        self._looked_at = self._clock.seconds()
        self._incoming.start()
        self._scan()

    def stop(self) -> None:
        """Close them."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        for path in list(self._stations):
            self._remove(path)
        for call in self._reloads:
            if call.active():
                call.cancel()
        self._reloads.clear()
        self._loading.clear()
        self._incoming.stop()

    def may_return(self, imsi: str) -> bool:
        """Whether a modem has that card, or had it when it was seen last and is being brought back."""
        return any(one.sim == imsi and one.is_hopeful for one in self)

    def report(self, gateway: str) -> list[ModemReport]:
        """Its modems, each once, in the order of the configuration."""
        return [one.report(gateway) for one in self if one not in self._asleep]

    def changed(self, station: Station) -> None:
        """See ``station.Pool``."""
        facts = station.line.facts
        if facts is not None and station.card is None and self._is_only_port(station, facts):
            self._load(station, facts)
            self._keep_early(station)
        self._tell_changed()

    def freed(self) -> None:
        """See ``station.Pool``."""
        self._tell_changed()

    def received(self, station: Station, event: Reported | Received, modem: Modem) -> None:
        """See ``station.Pool``."""
        if (facts := station.line.facts) is not None:
            self._detach(self._keep(station, event, modem, facts), "what a modem received")
        elif len(self._early) < MOST_EARLY:
            self._early.append((station, event, modem))

    def sent_late(self, use: Use, reference: int) -> None:
        """See ``station.Pool``."""
        use.card.took(use.id, reference)
        self._tell_sent_late(use, reference)

    def may_reset(self, station: Station, imei: str) -> bool:
        """See ``station.Pool``."""
        others = [one for one in self if one is not station and one.line.state is ModemState.UP]
        return not any(not imei or one.known is None or one.known.imei in {"", imei} for one in others)

    def _scan(self) -> None:
        self._timer = self._clock.callLater(SCAN_SECONDS, self._scan)
        now = self._clock.seconds()
        if not 0 <= now - self._looked_at <= LONGEST_STEP:
            self._read_cards_anew()
        self._looked_at = now
        there = self._paths()
        for path in there:
            if path not in self._stations:
                self._add(path)
        for path, station in list(self._stations.items()):
            if path in there:
                self._gone.pop(station, None)
            elif self._may_go(station):
                self._remove(path)
        self._wake_other_ports()

    def _add(self, path: str) -> None:
        station = Station(path, self._settings, self._ports, self._clock, self, self._pins)
        self._stations[path] = station
        self._stations = dict(sorted(self._stations.items(), key=self._place))
        station.line.start()

    def _place(self, named: tuple[str, Station]) -> tuple[int, str]:
        path = named[0]
        fitting = (at for at, port in enumerate(self._settings.ports) if path == port or fnmatchcase(path, port))
        return next(fitting, len(self._settings.ports)), path

    def _paths(self) -> list[str]:
        """The ports that there are, and those that have to be; each once."""
        found: dict[str, str] = {}
        for port in self._settings.ports:
            is_pattern = not SOCKET.fullmatch(port) and _PATTERN.search(port)
            for path in self._ports.paths(port) if is_pattern else [port]:
                found.setdefault(self._ports.real(path), path)
        return list(found.values())

    def _may_go(self, station: Station) -> bool:
        """Whether a port that is gone is forgotten: a missing modem stays in sight until it is seen elsewhere."""
        since = self._gone.setdefault(station, self._clock.seconds())
        return station in self._asleep or (station.sim is None and self._is_long(since))

    def _read_cards_anew(self) -> None:
        """The time of day was set: what counts in the last day or month is another."""
        for station in list(self):
            station.card = None
            self.changed(station)

    def _is_long(self, since: float) -> bool:
        return not 0 <= self._clock.seconds() - since <= FORGET_SECONDS

    def _remove(self, path: str) -> None:
        station = self._stations.pop(path)
        self._asleep.pop(station, None)
        self._gone.pop(station, None)
        self._early = [one for one in self._early if one[0] is not station]
        station.line.stop()

    def _wake_other_ports(self) -> None:
        for station, seen in list(self._asleep.items()):
            if any(one.sim == station.sim and one.is_in_use for one in self if one not in self._asleep):
                self._asleep[station] = self._clock.seconds()
            elif self._is_long(seen):
                del self._asleep[station]
                station.line.start()

    def _is_only_port(self, station: Station, facts: Facts) -> bool:
        """Whether no other port with its card is used; where the card was before, it is no longer."""
        for path, other in list(self._stations.items()):
            if other is station or other in self._asleep or other.sim != facts.sim:
                continue
            if other.is_in_use:
                self._asleep[station] = self._clock.seconds()
                station.line.sleep()
                return False
            if path in self._settings.ports:
                other.known, other.record = None, Record()
            else:
                self._remove(path)
        station.record = self._records.setdefault((facts.imei, facts.sim), station.record)
        return True

    def _load(self, station: Station, facts: Facts) -> None:
        if station not in self._loading:
            self._loading.add(station)
            self._detach(self._load_card(station, facts), "a SIM card")

    async def _load_card(self, station: Station, facts: Facts) -> None:
        """It is open, and what it has sent is known: then it may send."""
        try:
            await self._pins.accepted(facts.card, facts.imei)
            card = await SimCard.load(facts.sim, self._settings.limits, self._sims, self._clock)
        except Exception as error:
            self.log.warn("what the card {imsi} sent is not known: {why}", imsi=facts.sim, why=str(error))
            self._reloads.append(self._clock.callLater(LOAD_SECONDS, self._load_again, station))
            return
        self._loading.discard(station)
        now = station.line.facts
        if now is not None and now.sim == facts.sim:
            station.card = card
        self.changed(station)

    def _load_again(self, station: Station) -> None:
        self._reloads = [call for call in self._reloads if call.active()]
        self._loading.discard(station)
        self.changed(station)

    def _keep_early(self, station: Station) -> None:
        early, self._early = self._early, []
        for one in early:
            (self.received if one[0] is station else self._put_back)(*one)

    def _put_back(self, station: Station, event: Reported | Received, modem: Modem) -> None:
        self._early.append((station, event, modem))

    async def _keep(self, station: Station, event: Reported | Received, modem: Modem, facts: Facts) -> None:
        came = event.report if isinstance(event, Reported) else event.message
        kept = await self._incoming.keep(came, facts, is_stored=event.index is not None)
        if event.index is not None:
            station.line.settle(modem, event.index, kept)

    def _detach(self, work: Any, what: str) -> None:
        done: Deferred[Any] = ensureDeferred(work)
        done.addErrback(lambda failure: self.log.failure("{what} failed", failure, what=what))

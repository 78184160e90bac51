"""The stations of a pool: found at their ports, and known by their modems and cards wherever these are plugged in."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from smstob.model.modem import ModemReport, ModemState
from smstob.sim_interfaces import ISims

from .incoming import Incoming
from .modem import Modem
from .modem_events import Received, Reported
from .pins import Pins
from .ports import IPorts
from .settings import SOCKET, GsmSettings
from .sim_card import SimCard
from .start import Facts
from .station import Counts, Station, Use

SCAN_SECONDS: Final = 5.0
"""Between two looks at which ports there are."""
FORGET_SECONDS: Final = 120.0
"""Without a modem's first port, before a second one of its ports is used."""
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
        self._pins = Pins(settings.pins, sims)
        self._stations: dict[str, Station] = {}
        self._asleep: dict[Station, float] = {}
        """Second ports of modems: when the first one was there last."""
        self._counts: dict[tuple[str, str], Counts] = {}
        self._loading: set[Station] = set()
        self._early: list[tuple[Station, Reported | Received, Modem]] = []
        self._timer: IDelayedCall | None = None

    def __iter__(self) -> Iterator[Station]:
        return iter(self._stations.values())

    def start(self) -> None:
        """Open ports, and look for new ones from now on."""
        self._scan()

    def stop(self) -> None:
        """Close them."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for station in list(self):
            station.line.stop()
        self._stations.clear()
        self._asleep.clear()
        self._early.clear()
        self._incoming.stop()

    def may_return(self, imsi: str) -> bool:
        """Whether a modem has that card, or had it when it was seen last and is being brought back."""
        return any(
            one.known is not None and one.known.sim == imsi and one.line.state is not ModemState.LOCKED for one in self
        )

    def report(self, gateway: str) -> list[ModemReport]:
        """Its modems, each once, in the order of the configuration."""
        return [one.report(gateway) for one in self if one not in self._asleep]

    def changed(self, station: Station) -> None:
        """See ``station.Pool``."""
        facts = station.line.facts
        if facts is not None and station.card is None and self._is_first_port(station, facts):
            self._load(station, facts)
            self._keep_early(station)
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

    def _scan(self) -> None:
        self._timer = self._clock.callLater(SCAN_SECONDS, self._scan)
        there: list[str] = []
        for port in self._settings.ports:
            is_pattern = not SOCKET.fullmatch(port) and _PATTERN.search(port)
            there += self._ports.paths(port) if is_pattern else [port]
        for path in dict.fromkeys(there):
            if path not in self._stations:
                self._stations[path] = Station(path, self._settings, self._ports, self._clock, self, self._pins)
                self._stations[path].line.start()
        for path, station in list(self._stations.items()):
            # a modem that is missing stays in sight until it is seen elsewhere
            if path not in there and (station.known is None or station in self._asleep):
                self._remove(path)
        self._wake_second_ports()

    def _remove(self, path: str) -> None:
        station = self._stations.pop(path)
        self._asleep.pop(station, None)
        station.line.stop()

    def _wake_second_ports(self) -> None:
        now = self._clock.seconds()
        for station, seen in list(self._asleep.items()):
            if any(one.known == station.known and one.line.modem is not None for one in self):
                self._asleep[station] = now
            elif not 0 <= now - seen <= FORGET_SECONDS:
                del self._asleep[station]
                station.line.start()

    def _is_first_port(self, station: Station, facts: Facts) -> bool:
        """Whether the modem has no other port that is used; where it was before, it is no longer."""
        if not facts.imei:
            return True
        identity = facts.imei, facts.sim
        for path, other in list(self._stations.items()):
            if other is station or other.known is None or (other.known.imei, other.known.sim) != identity:
                continue
            if other.line.modem is not None:
                self._asleep[station] = self._clock.seconds()
                station.line.sleep()
                return False
            if path in self._settings.ports:
                other.known = None
            else:
                self._remove(path)
        station.counts = self._counts.setdefault(identity, station.counts)
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
            self._clock.callLater(LOAD_SECONDS, self._load_again, station)
            return
        self._loading.discard(station)
        now = station.line.facts
        if now is not None and now.sim == facts.sim:
            station.card = card
        self.changed(station)

    def _load_again(self, station: Station) -> None:
        self._loading.discard(station)
        if self._timer is not None:
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

"""What time alone brings about: due messages, leases that end, validity that runs out, old rows that go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ..model.modem import ModemReport
from ..model.report import GatewayStatus
from ..sim_interfaces import IModems
from ..storage import duplicates, notices, passwords, queue, receipts, sessions, settlement, sims, status
from ..storage.database import Connection, Database, Unavailable
from .dispatch import BATCH, LEASE
from .network import Network
from .recovery import recover
from .settle import EXPIRED, UNREPORTED, UNTOLD

AT_LEAST: Final = 60
"""Seconds after which the status of gateways is written though nothing changed."""

SILENT: Final = 600
"""Seconds after which the status of a daemon that is not heard of is dropped."""

PARKED: Final = 600
"""Seconds that a receipt waits for a segment that it fits: it overtakes the answer by little.

Most that wait came twice, and an operator uses references again: a new message must not meet an old receipt.
"""

AWAITED: Final = 86_400
"""Seconds after a message's validity in which its receipts may still come: networks report late."""

TOLD: Final = 7 * 86_400
"""Seconds for which it is known what senders were told: a relay may bring a mail again meanwhile."""

SLICES: Final = 50
"""Transactions in a row that one task makes at most, of ``BATCH`` messages each: sends go in between."""

Work = Callable[[Connection], Any]


@attrs.define
class Task:
    """Something done every ``seconds``: ``prepare(now)``, in the reactor's thread, gives the transaction."""

    seconds: int
    prepare: Callable[[int], Work | None]
    next: int = 0
    """The tick from which on it is to be done again: none is passed over for being due at a busy one."""
    slices: int = 1
    """Transactions in a row at most, as long as each says that there is more."""


class Upkeep(Service):
    """Looks once a second; each task runs in a transaction of its own, one at a time.

    ``clock`` has the time of day, ``timers`` the seconds between two looks.
    """

    log = Logger()

    def __init__(
        self,
        database: Database,
        network: Network,
        clock: IReactorTime,
        timers: IReactorTime,
        daemon: str,
        types: Mapping[str, str],
        gone: Iterable[str] = (),
    ) -> None:
        self._database = database
        self._network = network
        self._clock = clock
        self._daemon = daemon
        self._types = types
        self._gone = frozenset(gone)
        self._sent: dict[str, int] = {}
        self._told: tuple[list[GatewayStatus], list[ModemReport]] = [], []
        self._told_at = 0
        self._ticks = 0
        self._latest = 0
        self._busy = False
        self._loop = LoopingCall.withCount(self.tick)
        self._loop.clock = timers
        self._tasks = (
            Task(1, self._after_jump),
            Task(1, self._detour, slices=SLICES),
            Task(2, self._tell_status),
            Task(5, self._keep_leases),
            Task(30, lambda now: lambda connection: _expire(connection, now), slices=SLICES),
            Task(3600, lambda now: lambda connection: duplicates.prune(connection, now)),
            Task(3600, lambda now: lambda connection: notices.prune(connection, now - TOLD)),
            Task(3600, lambda now: lambda connection: sessions.prune(connection, now)),
            Task(3600, lambda now: lambda connection: passwords.prune_links(connection, now)),
            Task(3600, lambda now: lambda connection: sims.prune(connection, now)),
            Task(60, lambda now: lambda connection: _give_up(connection, now), slices=SLICES),
            Task(300, lambda now: lambda connection: receipts.prune_parked(connection, now - PARKED)),
        )

    def startService(self) -> None:
        """Begin, with every task at once."""
        super().startService()
        self._loop.start(1.0)

    def stopService(self) -> "Deferred[None]":
        """End; what this daemon wrote of its gateways and modems goes."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        self._told = [], []
        gone = self._database.transact(lambda connection: self._write_status(connection, [], [], 0))
        return gone.addErrback(lambda _: None)

    def tick(self, seconds: int) -> None:
        """So many seconds have passed; more than one where the process was held up."""
        self._ticks += seconds
        self._network.wake()
        if not self._busy:
            due = [task for task in self._tasks if task.next <= self._ticks]
            for task in due:
                task.next = self._ticks + task.seconds
            self._busy = True
            Deferred.fromCoroutine(self._run(due)).addBoth(self._ran)

    def _ran(self, _result: Any) -> None:
        self._busy = False

    async def _run(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            try:
                await self._do(task)
            except Unavailable as reason:
                self.log.warn("upkeep waits for the database: {reason}", reason=reason)
            except Exception:
                self.log.failure("a task of the upkeep failed")

    async def _do(self, task: Task) -> None:
        for _ in range(task.slices):
            work = task.prepare(int(self._clock.seconds())) if self.running else None
            if work is None or not await self._database.transact(work):
                return

    def _after_jump(self, now: int) -> Work | None:
        back, self._latest = self._latest - now, now
        return (lambda connection: queue.hasten(connection, now)) if back > 1 else None

    def _detour(self, now: int) -> Work | None:
        return self._network.detour(self._gone, now) if self._network.down or self._gone else None

    def _keep_leases(self, now: int) -> Work:
        held = self._network.held()

        def keep(connection: Connection) -> None:
            # first one's own: after a jump of the clock, or a database that was long away, they have run out too
            queue.renew(connection, held, self._daemon, now + LEASE)
            recover(connection, now, alone=False)

        return keep

    def _tell_status(self, now: int) -> Work | None:
        statuses = [self._status(name, now) for name in self._network.dispatchers]
        modems = self._modems()
        told = [attrs.evolve(one, at=0) for one in statuses], modems
        if told == self._told and now - self._told_at < AT_LEAST:
            return None
        self._told, self._told_at = told, now

        def tell(connection: Connection) -> None:
            self._write_status(connection, statuses, modems, now)
            status.forget_silent(connection, now - SILENT)

        return tell

    def _write_status(
        self, connection: Connection, statuses: Sequence[GatewayStatus], modems: Sequence[ModemReport], now: int
    ) -> None:
        status.write(connection, self._daemon, statuses)
        status.write_modems(connection, self._daemon, modems, now)

    def _modems(self) -> list[ModemReport]:
        gateways = [dispatcher.gateway for dispatcher in self._network.dispatchers.values()]
        return [modem for gateway in gateways if IModems.providedBy(gateway) for modem in IModems(gateway).modems()]

    def _status(self, name: str, now: int) -> GatewayStatus:
        dispatcher = self._network.dispatchers[name]
        sent = dispatcher.counts.sent
        rate = (sent - self._sent.get(name, 0)) / 2
        self._sent[name] = sent
        return GatewayStatus(
            name=name,
            daemon=self._daemon,
            type=self._types[name],
            state=dispatcher.gateway.state,
            sent=sent,
            failed=dispatcher.counts.failed,
            repeated=dispatcher.counts.repeated,
            rate=rate,
            at=now,
        )


def _expire(connection: Connection, now: int) -> bool:
    """Ends a slice of what ran out of validity; true where there may be more."""
    return settlement.expire(connection, queue.overdue(connection, now, BATCH), EXPIRED, UNTOLD, now) == BATCH


def _give_up(connection: Connection, now: int) -> bool:
    """Ends a slice of what the network never reported on; true where there may be more."""
    return receipts.give_up(connection, now - AWAITED, UNREPORTED, now, BATCH) == BATCH

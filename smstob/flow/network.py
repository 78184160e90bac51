"""All gateways together: who is down, what they tell, and who takes over."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IGateway, INetworkReceiver
from ..model.message import Answer, Handed, Receipt, Reply
from ..model.route import Routes
from ..storage import queue, replies
from ..storage.database import Connection, Database
from ..storage.settlement import TakenLate
from .dispatch import BATCH, Dispatcher
from .settle import Settler
from .sims import Sims


@implementer(INetworkReceiver)
class Network:
    """See ``INetworkReceiver``; also wakes the dispatchers, and moves what waits at a gateway that is down."""

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, routes: Routes, lease: str, random: Random) -> None:
        self.sims = Sims(database)
        self.down: set[str] = set()
        self.dispatchers: dict[str, Dispatcher] = {}
        self._database = database
        self._clock = clock
        self._routes = routes
        self._lease = lease
        self._random = random
        self._stayed: dict[str, int] = {}
        self._settler = Settler(database, clock, self.wake)

    def add(self, gateway: IGateway, throughput: float) -> None:
        """``gateway`` takes part from now on."""
        self.dispatchers[gateway.name] = Dispatcher(
            gateway, throughput, self._database, self._settler, self._clock, self._lease, self._random
        )
        if gateway.state != "up":
            self.down.add(gateway.name)

    def start(self) -> None:
        """Begin to send."""
        for dispatcher in self.dispatchers.values():
            dispatcher.start()

    def stop(self) -> "Deferred[Any]":
        """Claim no more; fires when all that gateways have not seen is given back."""
        given_back = [dispatcher.stop() for dispatcher in self.dispatchers.values()]
        return DeferredList([one for one in given_back if one is not None])

    def wake(self, gateways: Iterable[str] | None = None) -> None:
        """There may be something to send, at ``gateways`` or at all."""
        for name in self.dispatchers if gateways is None else gateways:
            if (dispatcher := self.dispatchers.get(name)) is not None:
                dispatcher.wake()

    def answered(self, gateway: str, answers: Sequence[Answer]) -> None:
        """See ``INetworkReceiver``."""
        self.dispatchers[gateway].answered(answers)

    def answered_late(self, gateway: str, answers: Sequence[Answer]) -> None:
        """See ``INetworkReceiver``."""
        at = int(self._clock.seconds())
        taken = [
            TakenLate(id=one.message, gateway=gateway, at=at, parts=((one.part, one.outcome.reference),))
            for one in answers
            if isinstance(one.outcome, Handed)
        ]
        if taken:
            self.dispatchers[gateway].counts.sent += len(taken)
            self._settler.settle_late(taken)

    def receipts_received(self, gateway: str, receipts: Sequence[Receipt]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        return self._settler.receive(receipts)

    def replies_received(self, gateway: str, received: Sequence[Reply]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        return self._database.transact(lambda connection: replies.keep(connection, received))

    def capacity_changed(self, gateway: str) -> None:
        """See ``INetworkReceiver``."""
        dispatcher = self.dispatchers.get(gateway)
        if dispatcher is None:
            return
        self._look_at(dispatcher.gateway)
        if gateway in self.down:
            dispatcher.give_back()
        dispatcher.wake()

    def _look_at(self, gateway: IGateway) -> None:
        was_down = gateway.name in self.down
        (self.down.discard if gateway.state == "up" else self.down.add)(gateway.name)
        if was_down != (gateway.name in self.down):
            self.log.info("gateway {name} is {state}", name=gateway.name, state=gateway.state)

    def held(self) -> list[int]:
        """Ids of the messages whose leases this daemon needs."""
        return [id_ for dispatcher in self.dispatchers.values() for id_ in dispatcher.held()]

    def detour(self, gone: Iterable[str], now: int) -> Callable[[Connection], bool]:
        """Queues elsewhere what waits at gateways that are down or ``gone`` from the configuration.

        The transaction moves a slice at a time, and says whether there may be more to move. What stays where
        it is, its longer route having no other gateway, is passed over the next time.
        """
        avoided = frozenset((*self.down, *gone))
        ways = {name: [""] if name in gone else self._routes.detours(name, avoided) for name in avoided}

        def move(connection: Connection) -> bool:
            more = False
            for name, prefixes in ways.items():
                stayed = self._stayed.pop(name, 0)
                waiting = queue.waiting(connection, name, prefixes, now, BATCH, stayed) if prefixes else []
                targets = {id_: self._routes.choose(number, avoided) for id_, number in waiting}
                moves = {id_: target for id_, target in targets.items() if target is not None and target != name}
                queue.move(connection, moves)
                if len(waiting) == BATCH:
                    self._stayed[name] = stayed + BATCH - len(moves)
                    more = more or bool(moves)
            return more

        return move

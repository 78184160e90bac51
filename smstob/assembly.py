"""The one file that knows everyone: from settings to a daemon, top to bottom."""

import os
import secrets
import socket
import sys
from ipaddress import ip_network
from random import Random
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.plugin import getPlugins
from twisted.python.threadpool import ThreadPool

import twisted.plugins

from .channels.http.pages import Front, Pages
from .channels.http.server import BoundedSite, Bounds
from .channels.http.sms import SmsResource
from .flow.authenticate import Authenticator
from .flow.compose import Rules
from .flow.guessing import Allowances, Guessing
from .flow.network import Network
from .flow.submit import Submitter
from .flow.upkeep import Upkeep
from .interfaces import IGateway, IGatewayMaker
from .model.route import Routes
from .model.tariff import Tariff
from .settings import GatewaySettings, Limits, Settings
from .storage import migrate, queue
from .storage.database import Database, Job
from .storage.engine import open_engines
from .storage.lock import DaemonLock
from .storage.workers import InlineWorkers, ThreadWorkers

LAST_ANSWERS: Final = 0.1
"""Seconds in which the answers to what was just committed go out."""


def gateway_makers() -> dict[str, IGatewayMaker]:
    """The types of gateway that are installed, by name."""
    return {maker.name: maker for maker in getPlugins(IGatewayMaker, twisted.plugins)}


def open_inline(settings: Settings) -> Database:
    """The database for a process that does one thing at a time, such as the operator's command."""
    workers: InlineWorkers[Job] = InlineWorkers()
    database = Database(open_engines(settings.database.url), workers)
    database.start()
    return database


def bounds_of(limits: Limits) -> Bounds:
    """The HTTP server's part of the limits."""
    return Bounds(
        connections=limits.connections,
        connections_per_address=limits.connections_per_address,
        header_seconds=limits.header_seconds,
        body_seconds=limits.body_seconds,
        idle_seconds=limits.idle_seconds,
        body_bytes=limits.body_bytes,
    )


class Daemon(Service):
    """All of SMStoB. The database starts first and stops last; the doors open last and close first."""

    log = Logger()

    def __init__(self, settings: Settings, lock: DaemonLock, reactor: Any) -> None:
        self.settings = settings
        self._lock = lock
        self._reactor = reactor
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        batch = settings.database.batch
        workers: ThreadWorkers[Job] = ThreadWorkers(reactor, batch)
        self.database = Database(open_engines(settings.database.url), workers, settings.database.backlog)
        self._verifiers = ThreadPool(0, 2, "verifiers")
        routes = Routes(settings.routes)
        self.network = Network(self.database, reactor, routes, self._name, Random())  # noqa: S311
        self._gateways = [self._make_gateway(chosen) for chosen in settings.gateways]
        self._site = BoundedSite(self._front(routes), bounds_of(settings.limits), reactor)
        self._upkeep: Upkeep | None = None
        self._ports: list[IListeningPort] = []

    def _make_gateway(self, chosen: GatewaySettings) -> IGateway:
        gateway = chosen.maker.make_gateway(chosen.name, chosen.settings, self._reactor, self.network)
        self.network.add(gateway, chosen.throughput)
        return gateway

    def _front(self, routes: Routes) -> Front:
        limits, service = self.settings.limits, self.settings.service
        allowances = Allowances(
            pair=limits.login_failures,
            address=limits.login_failures_per_address,
            account=limits.login_failures_per_account,
        )
        authenticator = Authenticator(self.database, self._reactor, Guessing(allowances), self._in_verifier)
        rules = Rules(
            zone=service.timezone,
            tariff=Tariff(self.settings.countries),
            routes=routes,
            most_recipients=limits.recipients,
        )
        submitter = Submitter(
            self.database,
            authenticator,
            rules,
            self._reactor,
            self.network.down,
            self.network.wake,
            limits.requests_per_second,
        )
        proxies = tuple(ip_network(proxy, strict=False) for proxy in self.settings.web.trusted_proxies)
        return Front(SmsResource(submitter, proxies), Pages(service.base_url))

    def _in_verifier(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._verifiers, work, *arguments)

    def startService(self) -> None:
        """Start everything, in order; a port that cannot be had ends the process."""
        super().startService()
        Deferred.fromCoroutine(self._start()).addErrback(self._give_up)

    async def _start(self) -> None:
        self.database.start()
        self._verifiers.start()
        now = int(self._reactor.seconds())
        again = await self.database.transact(lambda connection: queue.recover(connection, now, self._lock.alone))
        if again:
            self.log.warn("{count} messages were in flight when the daemon ended: they are sent again", count=again)
        in_use = await self.database.read(queue.gateways_in_use)
        types = {one.name: one.type for one in self.settings.gateways}
        self._upkeep = Upkeep(
            self.database, self.network, self._reactor, self._name, types, in_use - types.keys()
        )
        for gateway in self._gateways:
            gateway.startService()
        self.network.start()
        self._upkeep.startService()
        for description in self.settings.web.listen:
            self._ports.append(await serverFromString(self._reactor, description).listen(self._site))
        sys.stdout.write(welcome(self.settings))
        sys.stdout.flush()

    def _give_up(self, failure: Any) -> None:
        self.log.critical("the daemon cannot start: {reason}", reason=failure.getErrorMessage())
        sys.stderr.write(f"smstob : le démon ne peut pas démarrer : {failure.getErrorMessage()}\n")
        self._reactor.addSystemEventTrigger("after", "shutdown", os._exit, 1)
        self._reactor.callWhenRunning(self._reactor.stop)

    def stopService(self) -> "Deferred[None]":
        """Stop everything, in the other order; fires when all that was accepted is on disk."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        await self.network.stop()
        for gateway in self._gateways:
            await maybeDeferred(gateway.stopService)
        if self._upkeep is not None:
            await self._upkeep.stopService()
        self.database.stop()
        await deferLater(self._reactor, LAST_ANSWERS, lambda: None)
        if self._verifiers.started:
            self._verifiers.stop()
        self._lock.release()


def welcome(settings: Settings) -> str:
    """What the operator reads first: where the service is and how to begin."""
    base = settings.service.base_url
    return (
        f"SMStoB est prêt : {base}/http.php ({', '.join(settings.web.listen)}). "
        "Pour ouvrir un compte : .venv/bin/smstob account create vous@exemple.fr --credits 10\n"
    )


def prepare(settings: Settings) -> DaemonLock:
    """What must be right before a daemon starts: alone on its file, and its tables up to date.

    Raises ``AlreadyRunning``, and what the database raises when it cannot be reached.
    """
    lock = DaemonLock(settings.database.url)
    lock.acquire()
    engines = open_engines(settings.database.url)
    try:
        migrate.upgrade(engines.writer)
    except BaseException:
        lock.release()
        raise
    finally:
        engines.dispose()
    return lock

"""The one file that knows everyone: from settings to a daemon, top to bottom."""

import os
import secrets
import socket
import sys
import threading
from collections.abc import Collection
from ipaddress import ip_network
from random import Random
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, TimeoutError, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.plugin import getPlugins
from twisted.python.threadpool import ThreadPool

import twisted.plugins

from .accounts.entrance import Entrance
from .accounts.profile import Holder
from .billing.upkeep import OrderUpkeep
from .channels.http.notifications import NotificationResource
from .channels.http.server import BoundedSite, Bounds
from .channels.http.sms import SmsResource
from .channels.smtp.delivery import MailDelivery
from .channels.smtp.dialogue.certificate import BadCertificate, Certificate
from .channels.smtp.dialogue.server import Bounds as SmtpBounds
from .channels.smtp.dialogue.server import SmtpServer
from .channels.smtp.senders.verification import Verification
from .channels.web.application import Rooms, pages
from .channels.web.front import Front
from .channels.web.rendering import Facts
from .contacts.book import Book
from .contacts.importer import Importer
from .couriers.mail.letter import Letters
from .couriers.mail.outbox import OutboxCourier
from .couriers.mail.smarthost import SmarthostCourier
from .couriers.text import AlertTexts
from .flow.authenticate import Authenticator
from .flow.compose import Rules
from .flow.deferrals import Deferrals
from .flow.estimate import Estimator
from .flow.guessing import Allowances, Guessing
from .flow.money import Sources
from .flow.network import Network
from .flow.notify import Notifier
from .flow.recovery import recover
from .flow.report import Reporter
from .flow.submit import Submitter
from .flow.upkeep import Upkeep
from .interfaces import ICourier, IGateway, IGatewayMaker
from .model.address import Network as AddressNetwork
from .model.route import Routes
from .model.tariff import Tariff
from .settings import GatewaySettings, Limits, Settings, Smtp
from .storage import migrate, queue
from .storage.database import Database, Job
from .storage.engine import open_engines
from .storage.lock import DaemonLock
from .storage.workers import InlineWorkers, ThreadWorkers
from .till import open_till
from .wall_clock import WallClock

STOP_WITHIN: Final = 8.0
"""Seconds that an orderly stop may take."""

LAST_LETTERS: Final = 3.0
"""Seconds in which mails and letters that are under way come to their end."""

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


def smtp_bounds_of(smtp: Smtp) -> SmtpBounds:
    """The SMTP server's part of its settings."""
    return SmtpBounds(
        connections=smtp.connections,
        connections_per_address=smtp.connections_per_address,
        message_bytes=smtp.message_bytes,
        recipients=smtp.recipients,
    )


class Daemon(Service):
    """All of SMStoB. The database starts first and stops last; the doors close before gateways stop."""

    log = Logger()

    def __init__(self, settings: Settings, lock: DaemonLock, reactor: Any) -> None:
        self.settings = settings
        self._lock = lock
        self._reactor = reactor
        self._clock = WallClock(reactor)
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        batch = settings.database.batch
        workers: ThreadWorkers[Job] = ThreadWorkers(reactor, batch)
        self.database = Database(open_engines(settings.database.url), workers, settings.database.backlog)
        self._verifiers = ThreadPool(0, 2, "verifiers")
        self._readers = ThreadPool(0, 2, "readers of mails and numbers")
        self._inquirers = ThreadPool(0, 8, "sender inquiries")
        self._writers = ThreadPool(0, 1, "letters")
        self._extractors = ThreadPool(0, 2, "files of contacts")
        self._documents = ThreadPool(0, 1, "invoices")
        self._payers = ThreadPool(0, 4, "payment providers")
        routes = Routes(settings.routes)
        self.network = Network(self.database, self._clock, routes, self._name, Random())  # noqa: S311
        self._gateways = [self._make_gateway(chosen) for chosen in settings.gateways]
        proxies = tuple(map(ip_network, settings.web.trusted_proxies))
        authenticator = self._authenticator()
        rules = self._rules(routes)
        submitter = self._submitter(authenticator, rules)
        self.book = Book(self.database, Tariff(settings.countries))
        self.importer = Importer(self.database, settings.countries, self._clock, reactor, self._in_extractor)
        types = {one.name: one.type for one in settings.gateways}
        self.reporter = Reporter(self.database, self._clock, types)
        self.estimator = Estimator(self.database, rules, self._clock, self.network.down)
        self.deferrals = Deferrals(self.database, rules, self._clock, self.network.down, self.network.wake)
        self.till = open_till(settings, self.database, self._clock, self._in_documents, self._in_payer)
        self.orders = OrderUpkeep(self.database, self.till.cashier, self._clock, reactor)
        self.notifier = self._notifier(submitter)
        self.entrance = Entrance(self.database, authenticator, self._clock, self._in_verifier)
        self.profile = Holder(self.database, authenticator, self._clock, self._in_verifier, rules.tariff)
        self._site = self._web_site(submitter, proxies)
        self._certificate = self._read_certificate()
        self._smtp = self._smtp_server(authenticator, submitter)
        self._upkeep: Upkeep | None = None
        self._ports: list[IListeningPort] = []

    def _make_gateway(self, chosen: GatewaySettings) -> IGateway:
        gateway = chosen.maker.make_gateway(chosen.name, chosen.settings, self._clock, self.network)
        self.network.add(gateway, chosen.throughput)
        return gateway

    def _authenticator(self) -> Authenticator:
        limits = self.settings.limits
        allowances = Allowances(
            pair=limits.login_failures,
            address=limits.login_failures_per_address,
            account=limits.login_failures_per_account,
        )
        return Authenticator(self.database, self._reactor, Guessing(allowances), self._in_verifier)

    def _rules(self, routes: Routes) -> Rules:
        return Rules(
            zone=self.settings.service.timezone,
            tariff=Tariff(self.settings.countries),
            routes=routes,
            most_recipients=self.settings.limits.recipients,
        )

    def _submitter(self, authenticator: Authenticator, rules: Rules) -> Submitter:
        return Submitter(
            self.database,
            authenticator,
            rules,
            self._clock,
            self.network.down,
            self.network.wake,
            self.settings.limits.requests_per_second,
        )

    def _notifier(self, submitter: Submitter) -> Notifier:
        service, till = self.settings.service, self.till
        alerts = AlertTexts(submitter, self._clock, service.timezone, service.base_url)
        sources = Sources(how_to_pay=till.cashier.start, document=till.invoices.document, text=alerts.send)
        return Notifier(self.database, self._courier(), self._clock, self._reactor, self._in_verifier, sources)

    def _courier(self) -> ICourier:
        service, mail = self.settings.service, self.settings.mail
        sender = mail.sender or f"ne-pas-repondre@{service.domain}"
        letters = Letters(sender, service.domain, service.timezone, service.base_url)
        if mail.smarthost is None:
            return OutboxCourier(letters, mail.outbox or "", self._in_writer)
        return SmarthostCourier(letters, mail.smarthost, self._reactor, mail.username, mail.password)

    def _read_certificate(self) -> Certificate | None:
        smtp = self.settings.smtp
        return None if smtp.certificate is None else Certificate(smtp.certificate, smtp.key or smtp.certificate)

    def _web_site(self, submitter: Submitter, proxies: Collection[AddressNetwork]) -> BoundedSite:
        settings = self.settings
        rooms = Rooms(
            entrance=self.entrance,
            profile=self.profile,
            submitter=submitter,
            estimator=self.estimator,
            deferrals=self.deferrals,
            book=self.book,
            importer=self.importer,
            reporter=self.reporter,
            cashier=self.till.cashier,
            invoices=self.till.invoices,
            transfers=self.till.transfers,
            sharing=self.till.sharing,
            trials=self.till.trials,
            test_bank=self.till.test_bank,
            in_thread=self._in_reader,
        )
        service = settings.service
        facts = Facts(
            base_url=service.base_url,
            domain=service.domain,
            company=settings.company,
            terms=settings.billing,
        )
        site = pages(rooms, facts, service.timezone, self._clock, proxies, settings.web.operators)
        callers = tuple(map(ip_network, settings.audiotel.addresses))
        notifications = NotificationResource(self.till.cashier, self.till.trials, callers, proxies)
        front = Front(SmsResource(submitter, proxies), notifications, site.resource)
        return BoundedSite(front, bounds_of(settings.limits), self._reactor, proxies, site.uploads)

    def _smtp_server(self, authenticator: Authenticator, submitter: Submitter) -> SmtpServer:
        smtp, domain = self.settings.smtp, self.settings.service.domain
        verification = Verification(
            self._reactor, self._inquirers, nameservers=smtp.nameservers, authserv_id=smtp.authserv_id
        )
        delivery = MailDelivery(
            domain, authenticator, submitter, self.notifier, verification, smtp.sender_checks, self._in_reader
        )
        relays = tuple(map(ip_network, smtp.trusted_relays))
        return SmtpServer(delivery, smtp_bounds_of(smtp), domain, self._reactor, relays, self._certificate)

    def reload(self) -> None:
        """Read the certificate anew; where its files are no good, go on with what there is."""
        if self._certificate is None:
            return
        try:
            self._certificate.reload()
        except BadCertificate as why:
            self.log.error("the certificate stays as it is: {why}", why=str(why))
        else:
            self.log.info("the certificate was read anew")

    def _in_reader(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._readers, work, *arguments)

    def _in_writer(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._writers, work, *arguments)

    def _in_documents(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._documents, work, *arguments)

    def _in_payer(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._payers, work, *arguments)

    def _in_extractor(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._extractors, work, *arguments)

    def _in_verifier(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._verifiers, work, *arguments)

    @property
    def _pools(self) -> tuple[ThreadPool, ...]:
        beside = self._verifiers, self._readers, self._inquirers, self._writers, self._extractors
        return *beside, self._documents, self._payers

    def startService(self) -> None:
        """Start everything, in order; a port that cannot be had ends the process."""
        super().startService()
        Deferred.fromCoroutine(self._start()).addErrback(self._give_up)

    async def _start(self) -> None:
        self.database.start()
        for pool in self._pools:
            pool.start()
        now = int(self._clock.seconds())
        again = await self.database.transact(lambda connection: recover(connection, now, self._lock.alone))
        if again:
            self.log.warn("{count} messages were in flight when the daemon ended", count=again)
        in_use = await self.database.read(queue.gateways_in_use)
        types = {one.name: one.type for one in self.settings.gateways}
        gone = in_use - types.keys()
        self._upkeep = Upkeep(self.database, self.network, self._clock, self._reactor, self._name, types, gone)
        # before anything is sent: a daemon whose door cannot be opened has done nothing
        doors = [(self._site, self.settings.web.listen), (self._smtp, self.settings.smtp.listen)]
        for factory, descriptions in doors:
            for description in descriptions:
                self._ports.append(await serverFromString(self._reactor, description).listen(factory))
        for gateway in self._gateways:
            gateway.startService()
        self.network.start()
        self._upkeep.startService()
        self.notifier.startService()
        self.importer.startService()
        self.orders.startService()
        self.log.info("ready")

    def _give_up(self, failure: Any) -> None:
        self.log.critical("the daemon cannot start: {reason}", reason=failure.getErrorMessage())
        sys.stderr.write(f"smstob : le démon ne peut pas démarrer : {failure.getErrorMessage()}\n")
        self._reactor.addSystemEventTrigger("after", "shutdown", os._exit, 1)
        self._reactor.callWhenRunning(self._reactor.stop)

    def stopService(self) -> "Deferred[None]":
        """Stop everything, in the other order; fires when all that was accepted is on disk."""
        super().stopService()
        # a database that is away may hold the writer up; to end then is a crash, which loses nothing
        limit = threading.Timer(STOP_WITHIN, os._exit, (1,))
        limit.daemon = True
        limit.start()
        return Deferred.fromCoroutine(self._stop()).addBoth(self._stopped, limit)

    def _stopped(self, outcome: Any, limit: threading.Timer) -> Any:
        limit.cancel()
        return outcome

    async def _stop(self) -> None:
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        services = self.notifier, self.importer, self.orders
        under_way: list[Deferred[None]] = [self._smtp.finish(), *(service.stopService() for service in services)]
        for one in under_way:
            one.addTimeout(LAST_LETTERS, self._reactor).addErrback(lambda failure: failure.trap(TimeoutError))
        gateways = Deferred.fromCoroutine(self._stop_gateways())
        await DeferredList(under_way)
        await gateways
        if self._upkeep is not None:
            await self._upkeep.stopService()
        self.database.stop()
        # the answers to what was just committed go out
        await deferLater(self._reactor, LAST_ANSWERS, lambda: None)
        for pool in self._pools:
            if pool.started:
                pool.stop()
        self._lock.release()

    async def _stop_gateways(self) -> None:
        await self.network.stop()
        # together: each may take some seconds to unbind, or to have an answer of its modem
        await DeferredList([maybeDeferred(gateway.stopService) for gateway in self._gateways])


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

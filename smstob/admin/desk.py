"""What a command works with: the configuration and the database, opened when they are first asked for."""

import time
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred, execute
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from ..assembly import gateway_makers, open_inline
from ..configuration import load
from ..flow.report import Reporter
from ..model.account import Account, canonical_email
from ..settings import Settings
from ..storage import accounts, migrate
from ..storage.database import Connection, Database, Unavailable
from ..storage.lock import DaemonLock
from ..table import shown
from ..till import Till, open_till, payment_makers

T = TypeVar("T")

START: Final = "démarrez le démon, ou lancez « smstob migrate »"


class Mistake(Exception):
    """Why a command was not carried out: a sentence in French. Nothing was changed."""


def taken(deferred: "Deferred[T]") -> T:
    """What an already fired Deferred holds; raises its failure's exception."""
    outcome: list[Any] = []
    deferred.addBoth(outcome.append)
    (value,) = outcome
    if isinstance(value, Failure):
        value.raiseException()
    found: T = value
    return found


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that waits for nothing; raises what it raises."""
    return taken(Deferred.fromCoroutine(work))


def database_file(url: str) -> Path | None:
    """The file of an SQLite database, or None for another database; the daemon's lock lies beside it."""
    lock = DaemonLock(url).path
    return None if lock is None else lock.with_suffix("")


def account_of(connection: Connection, typed: str) -> Account:
    """The account of an e-mail as typed, disabled or not. Raises ``Mistake``."""
    found = accounts.by_email(connection, canonical_email(typed))
    if found is None:
        raise Mistake(f"il n'y a pas de compte {shown(canonical_email(typed))}")
    return found


class Desk:
    """The configuration at ``config`` and what it leads to."""

    def __init__(self, config: str) -> None:
        self.config = config
        self.now = int(time.time())
        self._database: Database | None = None

    @cached_property
    def settings(self) -> Settings:
        """The configuration. Raises ``SettingsError``."""
        return load(self.config, gateway_makers(), payment_makers())

    @property
    def zone(self) -> ZoneInfo:
        """Where the service's clocks are."""
        return self.settings.service.timezone

    def iso(self, instant: int) -> str:
        """Unix seconds as ISO 8601 with the offset of the service's zone."""
        return datetime.fromtimestamp(instant, self.zone).isoformat()

    def clock(self, instant: int) -> str:
        """Unix seconds as people read them."""
        return f"{datetime.fromtimestamp(instant, self.zone):%d/%m/%Y %H:%M}"

    @property
    def today(self) -> date:
        """The day on the service's clocks."""
        return datetime.fromtimestamp(self.now, self.zone).date()

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that writes; raises what it raises, and nothing was recorded then."""
        return taken(self._opened().transact(work))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that only reads."""
        return taken(self._opened().read(work))

    def account(self, typed: str) -> Account:
        """The account of an e-mail as typed. Raises ``Mistake``."""
        return self.read(lambda connection: account_of(connection, typed))

    @property
    def reporter(self) -> Reporter:
        """What readers are told; its Deferreds have fired."""
        return Reporter(self._opened(), self._clock, {one.name: one.type for one in self.settings.gateways})

    @cached_property
    def till(self) -> Till:
        """The rooms of money. What they give has fired, unless a payment provider is asked."""
        return open_till(self.settings, self._opened(), self._clock, execute, execute)

    @cached_property
    def _clock(self) -> Clock:
        """Stands still: a command is one instant."""
        clock = Clock()
        clock.advance(self.now)
        return clock

    def close(self) -> None:
        """Close the database, if it was opened."""
        if self._database is not None:
            self._database.stop()
            self._database = None

    def _opened(self) -> Database:
        if self._database is None:
            path = database_file(self.settings.database.url)
            if path is not None and not path.exists():
                # SQLite would make an empty one
                raise Mistake(f"la base de données {path} n'existe pas : {START}")
            database = open_inline(self.settings)
            try:
                _check(database)
            except BaseException:
                database.stop()
                raise
            self._database = database
        return self._database


def _check(database: Database) -> None:
    """Raises ``Mistake`` unless the database can be used and is at this version's revision."""
    try:
        revision = taken(database.read(lambda connection: migrate.current(connection.engine)))
    except Unavailable:
        raise
    except Exception as error:  # what the driver says before it is connected has no other name
        raise Mistake(why_unusable(error)) from error
    if revision is None:
        raise Mistake(f"la base de données est vide : {START}")
    if revision != migrate.newest():
        raise Mistake(
            f"la base de données est à la version {revision} et ce programme à la version {migrate.newest()} : {START}"
        )


def why_unusable(error: object) -> str:
    """A sentence for what the database says when it cannot be used."""
    reason = first_line(error)
    if "locked" in reason:
        return "la base de données est occupée par un autre programme : rien n'a été changé, réessayez"
    if "is not a database" in reason:
        return "le fichier de la base de données n'est pas une base SQLite : voyez [database] url dans la configuration"
    return f"la base de données n'est pas utilisable : rien n'a été changé ({reason})"


def first_line(error: object) -> str:
    """The first line of what an error says; drivers say more than a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

"""The sixth verb: what readers are told. Reads only."""

from collections.abc import Mapping
from math import ceil
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from ..interfaces import IReporter
from ..model.identity import bounded
from ..model.message import State
from ..model.modem import ModemReport
from ..model.report import (
    DayReport,
    GatewayReport,
    GatewayStatus,
    MessageQuery,
    MessageReport,
    Movement,
    QueueReport,
    ReplyReport,
    SubmissionQuery,
    SubmissionReport,
)
from ..storage import history, ledger, queue, replies, status, submission_history, tally
from ..storage.database import Connection, Database

SILENT: Final = 150
"""Seconds after which a daemon that is not heard of is held to have ended."""


@implementer(IReporter)
class Reporter:
    """See ``IReporter``; ``types`` are the configured gateways' types, by name."""

    def __init__(self, database: Database, clock: IReactorTime, types: Mapping[str, str]) -> None:
        self._database = database
        self._clock = clock
        self._types = types

    def balance(self, account: int) -> "Deferred[int]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: ledger.balance_of(connection, account))

    def submissions(self, account: int, query: SubmissionQuery) -> "Deferred[list[SubmissionReport]]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: submission_history.submissions(connection, account, query))

    def submission(self, account: int, submission: int) -> "Deferred[SubmissionReport | None]":
        """See ``IReporter``."""
        id_ = bounded(submission)
        return self._database.read(lambda connection: submission_history.submission_of(connection, account, id_))

    def scheduled(self, account: int) -> "Deferred[list[SubmissionReport]]":
        """See ``IReporter``."""
        now = int(self._clock.seconds())
        return self._database.read(lambda connection: submission_history.scheduled(connection, account, now))

    def history(self, account: int, query: MessageQuery) -> "Deferred[list[MessageReport]]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: history.history(connection, account, query))

    def days(self, account: int, first: int, last: int) -> "Deferred[list[DayReport]]":
        """See ``IReporter``."""
        since, until = bounded(first), bounded(last)
        return self._database.read(lambda connection: tally.days(connection, account, since, until))

    def messages(self, account: int | None, state: State | None, limit: int) -> "Deferred[list[MessageReport]]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: history.messages(connection, account, state, limit))

    def replies(self, limit: int) -> "Deferred[list[ReplyReport]]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: replies.recent(connection, limit))

    def movements(self, account: int, limit: int) -> "Deferred[list[Movement]]":
        """See ``IReporter``."""
        return self._database.read(lambda connection: ledger.movements(connection, account, limit))

    def queue(self) -> "Deferred[QueueReport]":
        """See ``IReporter``."""
        now = int(self._clock.seconds())
        return self._database.read(lambda connection: queue.depth(connection, now))

    def modems(self) -> "Deferred[list[ModemReport]]":
        """See ``IReporter``."""
        heard = ceil(self._clock.seconds() - SILENT)
        place = {name: place for place, name in enumerate(self._types)}

        def look(connection: Connection) -> list[ModemReport]:
            known = [one for one in status.modems(connection, heard) if one.gateway in place]
            return sorted(known, key=lambda one: place[one.gateway])

        return self._database.read(look)

    def gateways(self) -> "Deferred[list[GatewayReport]]":
        """See ``IReporter``."""
        heard = self._clock.seconds() - SILENT

        def look(connection: Connection) -> list[GatewayReport]:
            queued = history.queued_by_gateway(connection)
            statuses = [status for status in history.statuses(connection) if status.at >= heard]
            return [
                _folded(name, type_, queued.get(name, 0), [one for one in statuses if one.name == name])
                for name, type_ in self._types.items()
            ]

        return self._database.read(look)


def _folded(name: str, type_: str, queued: int, statuses: list[GatewayStatus]) -> GatewayReport:
    states = [status.state for status in statuses]
    return GatewayReport(
        name=name,
        type=type_,
        state="up" if "up" in states else next(iter(states), "stopped"),
        queued=queued,
        sent=sum(status.sent for status in statuses),
        failed=sum(status.failed for status in statuses),
        repeated=sum(status.repeated for status in statuses),
        rate=sum(status.rate for status in statuses),
    )

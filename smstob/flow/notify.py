"""The fifth verb: senders are told what was accepted of their mails, and how submissions ended."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, DeferredLock, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import ICourier, INotifier
from ..model.account import Confirmations
from ..model.notice import (
    PRIVATE,
    Acknowledgement,
    Decided,
    Failure,
    Kind,
    Letter,
    NotCarried,
    Opening,
    Outcome,
    Recovery,
)
from ..storage import notices, passwords
from ..storage.database import Connection, Database, Unavailable
from ..storage.notices import Owed
from .authenticate import HASHER, new_password, new_token, secret_digest
from .guessing import Leak

BATCH: Final = 100
"""Notices that are claimed at once."""

LEASE: Final = 180
"""Seconds for which a notice is its claimant's; a daemon that dies leaves it to the next. No courier takes as long."""

TOGETHER: Final = 5
"""Notices to one sender, beyond which those that are due are told in one letter."""

HOURLY: Final = 60
"""Letters to one address in an hour; what is more waits, and is told together."""

CROWDED: Final = 600
"""Seconds that it waits."""

SOONEST: Final = 2
LATEST: Final = 600
"""Seconds between two looks at a submission that has not ended: a quarter of its age, within these."""

FIRST_RETRY: Final = 60
LAST_RETRY: Final = 3600
GIVEN_UP: Final = 3 * 86_400
"""Seconds before a letter that was not carried is tried again, doubled each time; and since it was owed, the last."""

UNSAID: Final = "Le réseau n'a pas dit pourquoi."

Section = Acknowledgement | Outcome


@attrs.frozen
class _Ready:
    """A notice with what it tells; None where there is nothing to tell any more."""

    owed: Owed
    section: Section | None


@attrs.frozen
class _Sorted:
    """Notices that were claimed, by what is to be done."""

    ready: list[_Ready] = attrs.field(factory=list)
    unended: list[Owed] = attrs.field(factory=list)
    """Their submissions have not ended."""
    private: list[Owed] = attrs.field(factory=list)


@implementer(INotifier)
class Notifier(Service):
    """See ``INotifier``. Looks once a second for what is due.

    A password, or a link to one, is drawn when it is told, and never kept: what has to be told again is another
    one. ``clock`` has the time of day, ``timers`` the seconds between two looks.
    """

    log = Logger()

    def __init__(
        self,
        database: Database,
        courier: ICourier,
        clock: IReactorTime,
        timers: IReactorTime,
        run_in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock
        self._run_in_thread = run_in_thread
        # one at a time: whoever logs in meanwhile does not wait behind a hundred
        self._hashing = DeferredLock()
        self._letters = Leak(HOURLY, 3600)
        self._unwritten: list[Callable[[Connection], Any]] = []
        """What is to be noted of letters that were carried while the database was away."""
        self._round: Deferred[None] | None = None
        self._loop = LoopingCall(self.look)
        self._loop.clock = timers

    async def owe(self, decided: Decided) -> None:
        """See ``INotifier``."""
        await self._database.batch(notices.owe, [(decided, self._now())])

    def startService(self) -> None:
        """Begin, at once."""
        super().startService()
        self._loop.start(1.0)

    def stopService(self) -> "Deferred[None]":
        """Tell nothing more; fires when the letters that are under way are."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        if self._round is None:
            return succeed(None)
        over: Deferred[None] = Deferred()
        self._round.addCallback(lambda _: over.callback(None))
        return over

    def look(self) -> None:
        """Tell what is due, unless the last look is not over."""
        if self._round is None:
            self._round = Deferred.fromCoroutine(self._tell_due())
            self._round.addErrback(self._failed)
            self._round.addCallback(self._looked)

    def _looked(self, _result: Any) -> None:
        self._round = None

    def _failed(self, failure: Any) -> None:
        if failure.check(Unavailable):
            self.log.warn("notices wait for the database: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("notices could not be told", failure)

    def _now(self) -> int:
        return int(self._clock.seconds())

    async def _tell_due(self) -> None:
        while self._unwritten:
            try:
                await self._database.transact(self._unwritten[0])
            except Unavailable:
                raise
            except Exception:
                self.log.failure("what became of a letter cannot be recorded: it may be told again")
            del self._unwritten[0]
        now = self._now()
        while self.running:
            claimed = await self._database.transact(
                lambda connection: notices.claim(connection, now, now + LEASE, BATCH)
            )
            if claimed:
                await self._tell(claimed, now)
            if len(claimed) < BATCH:
                return

    async def _tell(self, claimed: Sequence[Owed], now: int) -> None:
        found = await self._database.read(lambda connection: _look_at(connection, claimed))
        needless = [one.owed.id for one in found.ready if one.section is None]
        looks = [(one.id, _next_look(one, now)) for one in found.unended]
        crowded: list[int] = []
        letters: list[tuple[Letter, list[Owed]]] = []
        for recipient, owed in _by_recipient(found.ready):
            for together in [owed] if len(owed) > TOGETHER else [[one] for one in owed]:
                if self._letters.full(recipient, now):
                    crowded += [one.owed.id for one in together]
                else:
                    self._letters.add(recipient, now)
                    letters.append((_letter(recipient, together, now), [one.owed for one in together]))
        looks += [(id_, now + CROWDED) for id_ in crowded]

        def write(connection: Connection) -> None:
            notices.told(connection, needless, now)
            notices.postpone(connection, looks)

        await self._database.transact(write)
        telling = [self._tell_privately(one) for one in found.private] + [self._carry(*one) for one in letters]
        await DeferredList([Deferred.fromCoroutine(one) for one in telling])

    async def _tell_privately(self, owed: Owed) -> None:
        try:
            section = await (self._draw_password(owed) if owed.kind is Kind.OPENED else self._draw_link(owed))
        except Unavailable as reason:
            self.log.warn("notice {id} waits for the database: {reason}", id=owed.id, reason=reason)
        except Exception:
            self.log.failure("what notice {id} tells could not be drawn", id=owed.id)
        else:
            if section is not None:
                letter = Letter(
                    id=owed.id, recipient=owed.recipient, thread=None, at=self._now(), sections=(section,)
                )
                await self._carry(letter, [owed])

    async def _draw_password(self, owed: Owed) -> Opening | None:
        password = new_password()
        hashed = await self._hashing.run(self._run_in_thread, HASHER.hash, password)
        now = self._now()
        held = await self._database.transact(
            lambda connection: passwords.set_drawn(connection, owed, hashed, now, now + LEASE)
        )
        return Opening(email=owed.recipient, password=password) if held else None

    async def _draw_link(self, owed: Owed) -> Recovery | None:
        token, now = new_token(), self._now()
        digest = secret_digest(token)
        held = await self._database.transact(
            lambda connection: passwords.keep_link(connection, owed, digest, now, now + LEASE)
        )
        return Recovery(email=owed.recipient, token=token, known=owed.kind is Kind.KNOWN) if held else None

    async def _carry(self, letter: Letter, owed: Sequence[Owed]) -> None:
        ids = [one.id for one in owed]
        try:
            await self._courier.carry(letter)
        except NotCarried as reason:
            write = self._not_carried(ids, owed, reason)
        except Exception:
            self.log.failure("a courier failed over letter {id}", id=letter.id)
            write = self._not_carried(ids, owed, NotCarried("internal"))
        else:
            now = self._now()
            write = lambda connection: notices.told(connection, ids, now)  # noqa: E731
        try:
            await self._database.transact(write)
        except Exception as error:
            self.log.warn("what became of letter {id} is not on disk yet: {error}", id=letter.id, error=str(error))
            self._unwritten.append(write)

    def _not_carried(
        self, ids: list[int], owed: Sequence[Owed], reason: NotCarried
    ) -> Callable[[Connection], None]:
        now, attempts = self._now(), max(one.attempts for one in owed) + 1
        over = reason.lasting or now - min(one.since for one in owed) >= GIVEN_UP
        due = now + min(LAST_RETRY, FIRST_RETRY * 2 ** min(attempts - 1, 16))
        self.log.warn(
            "letter {id} was not carried ({reason}): {then}",
            id=ids[0], reason=str(reason), then="given up" if over else "tried again",
        )  # fmt: skip

        def write(connection: Connection) -> None:
            if over:
                notices.told(connection, ids, now, str(reason))
            else:
                notices.retry(connection, ids, due, attempts, str(reason))

        return write


def _next_look(one: Owed, now: int) -> int:
    return now + min(LATEST, max(SOONEST, (now - one.since) // 4))


def _look_at(connection: Connection, claimed: Iterable[Owed]) -> _Sorted:
    found = _Sorted()
    for one in claimed:
        if one.kind in PRIVATE:
            found.private.append(one)
            continue
        wanted = notices.confirmations_of(connection, one.account)
        section: Section | None = None
        if one.kind is Kind.ACCEPTED:
            section = notices.acknowledgement(connection, one)
        else:
            assert one.submission is not None
            section = notices.outcome(connection, one.submission)
            if section is None:
                found.unended.append(one)
                continue
            section = _worth_telling(section, wanted)
        found.ready.append(_Ready(one, None if wanted is Confirmations.NONE else section))
    return found


def _worth_telling(outcome: Outcome, wanted: Confirmations) -> Outcome | None:
    if not outcome.failed and not outcome.unknown and (wanted is Confirmations.ERRORS or not outcome.delivered):
        return None
    failures = tuple(Failure(one.number, one.reason or UNSAID) for one in outcome.failures)
    return attrs.evolve(outcome, failures=failures)


def _by_recipient(ready: Iterable[_Ready]) -> Iterable[tuple[str, list[_Ready]]]:
    found: dict[str, list[_Ready]] = {}
    for one in ready:
        if one.section is not None:
            found.setdefault(one.owed.recipient, []).append(one)
    return found.items()


def _letter(recipient: str, ready: Sequence[_Ready], now: int) -> Letter:
    return Letter(
        id=ready[0].owed.id,
        recipient=recipient,
        thread=ready[0].owed.thread if len(ready) == 1 else None,
        at=now,
        sections=tuple(one.section for one in ready if one.section is not None),
    )

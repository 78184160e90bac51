"""The fifth verb: senders are told what was accepted of their mails, and how submissions ended."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from twisted.internet.defer import Deferred, DeferredList, DeferredLock
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import ICourier, INotifier
from ..model.notice import Decided, Kind, Letter, NotCarried, Opening, Recovery
from ..storage import notices, passwords, sections
from ..storage.database import Connection, Database, Unavailable
from ..storage.notices import Owed
from .authenticate import HASHER, new_password, new_token, secret_digest
from .guessing import Leak
from .money import MoneyLetters, NotYet, Sources
from .rounds import Rounds
from .sections import by_recipient, letter, look_at

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


@implementer(INotifier)
class Notifier(Rounds):
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
        sources: Sources,
    ) -> None:
        super().__init__(timers, 1.0, "notices")
        self._database = database
        self._courier = courier
        self._clock = clock
        self._run_in_thread = run_in_thread
        # one at a time: whoever logs in meanwhile does not wait behind a hundred
        self._hashing = DeferredLock()
        self._letters = Leak(HOURLY, 3600)
        self._money = MoneyLetters(database, clock, sources, LEASE)
        self._unwritten: list[Callable[[Connection], Any]] = []
        """What is to be noted of letters that were carried while the database was away."""

    async def owe(self, decided: Decided) -> None:
        """See ``INotifier``."""
        await self._database.batch(notices.owe, [(decided, self._now())])

    def _now(self) -> int:
        return int(self._clock.seconds())

    async def round(self) -> None:
        """Tell what is due."""
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
        found = await self._database.read(lambda connection: look_at(connection, claimed))
        needless = [one.owed.id for one in found.ready if one.section is None]
        looks = [(one.id, _next_look(one, now)) for one in found.unended]
        crowded: list[int] = []
        letters: list[tuple[Letter, list[Owed]]] = []
        for recipient, owed in by_recipient(found.ready):
            for together in [owed] if len(owed) > TOGETHER else [[one] for one in owed]:
                if self._letters.full(recipient, now):
                    crowded += [one.owed.id for one in together]
                else:
                    self._letters.add(recipient, now)
                    letters.append((letter(recipient, together, now), [one.owed for one in together]))
        looks += [(id_, now + CROWDED) for id_ in crowded]

        def write(connection: Connection) -> None:
            notices.told(connection, needless, now)
            notices.postpone(connection, looks)

        await self._database.transact(write)
        telling = [
            *(self._tell_privately(one) for one in found.private),
            *(self._tell_of_money(one) for one in found.money),
            *(self._carry(*one) for one in letters),
        ]
        await DeferredList([Deferred.fromCoroutine(one) for one in telling])

    async def _tell_of_money(self, owed: Owed) -> None:
        try:
            written = await self._money.write(owed)
        except Unavailable as reason:
            self.log.warn("notice {id} waits for the database: {reason}", id=owed.id, reason=reason)
        except NotYet as reason:
            self.log.warn("what notice {id} tells cannot be had yet: {reason}", id=owed.id, reason=str(reason))
            await self._put_off(owed, str(reason))
        except Exception:
            self.log.failure("what notice {id} tells cannot be had yet", id=owed.id)
            await self._put_off(owed, "internal")
        else:
            if written is None:
                return
            now = self._now()
            if self._letters.full(written.recipient, now):
                await self._note(owed.id, lambda connection: notices.postpone(connection, [(owed.id, now + CROWDED)]))
            else:
                self._letters.add(written.recipient, now)
                await self._carry(written, [owed])

    async def _put_off(self, owed: Owed, reason: str) -> None:
        attempts = owed.attempts + 1
        due = self._now() + _wait(attempts)
        await self._note(owed.id, lambda connection: notices.retry(connection, [owed.id], due, attempts, reason))

    async def _note(self, id_: int, write: Callable[[Connection], None]) -> None:
        try:
            await self._database.transact(write)
        except Exception as error:
            self.log.warn("what became of letter {id} is not on disk yet: {error}", id=id_, error=str(error))
            self._unwritten.append(write)

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

        def draw(connection: Connection) -> Opening | None:
            if not passwords.set_drawn(connection, owed, hashed, now, now + LEASE):
                return None
            given = sections.given(connection, owed)
            return Opening(email=owed.recipient, password=password, given=given)

        return await self._database.transact(draw)

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
        await self._note(letter.id, write)

    def _not_carried(
        self, ids: list[int], owed: Sequence[Owed], reason: NotCarried
    ) -> Callable[[Connection], None]:
        now, attempts = self._now(), max(one.attempts for one in owed) + 1
        over = reason.lasting or now - min(one.since for one in owed) >= GIVEN_UP
        due = now + _wait(attempts)
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


def _wait(attempts: int) -> int:
    return min(LAST_RETRY, FIRST_RETRY << min(attempts - 1, 16))


def _next_look(one: Owed, now: int) -> int:
    return now + min(LATEST, max(SOONEST, (now - one.since) // 4))

"""Files of contacts on their way into a book: kept, looked at, confirmed, and taken in slice by slice."""

import json
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any, Final

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IImporter
from ..model.contact import Fault
from ..model.contact_import import ImportReport, Plan, Preview, Unreadable
from ..model.text import clean
from ..storage import cards, contacts, groups, imports
from ..storage.database import Connection, Database, Unavailable
from . import lines
from .book import MOST_CONTACTS, MOST_GROUPS, SLICE
from .extract import Extract, extract
from .naming import group_name, one_line

MOST_STAGED: Final = 5
"""Files of one account that wait to be confirmed."""
STAGED: Final = 86_400
"""Seconds for which a file waits."""
REPORTED: Final = 7 * 86_400
"""Seconds for which it is known what became of one."""
LEASE: Final = 60
"""Seconds after which an import of which nothing is heard is another's."""
LOOKED: Final = 60.0
"""Seconds between two looks for such imports, and for what is to be forgotten."""

FAULTS: Final = 100
"""Faulty rows that a preview tells."""
LONGEST_FILE_NAME: Final = 100
REMEMBERED: Final = 3
"""Files that need not be read again, of all accounts."""

NOTHING: Final = "ce fichier n'a aucune ligne qui convienne"
UNFORESEEN: Final = "une erreur imprévue l'a arrêté"

RunInThread = Callable[..., "Deferred[Any]"]


@attrs.define
class _Work:
    """An import that this daemon takes in."""

    id: int
    content: Extract
    done: int
    lease: int

    @property
    def complete(self) -> bool:
        """Whether there is no more."""
        return self.done >= len(self.content.contacts)


@implementer(IImporter)
class Importer(Service):
    """See ``IImporter``. Nothing is taken in before it is started, nor once it is stopped.

    ``prices`` are those of the open countries; ``run_in_thread`` fires with what a function gave in a thread.
    """

    log = Logger()

    def __init__(
        self,
        database: Database,
        prices: Mapping[str, int],
        clock: IReactorTime,
        timers: IReactorTime,
        run_in_thread: RunInThread,
    ) -> None:
        self._database = database
        self._prices = prices
        self._clock = clock
        self._run_in_thread = run_in_thread
        self._read: dict[tuple[int, Plan], Extract] = {}
        self._under_way: set[Deferred[None]] = set()
        self._loop = LoopingCall(self._look)
        self._loop.clock = timers

    def startService(self) -> None:
        """Take over what was left, now and every minute."""
        super().startService()
        self._loop.start(LOOKED)

    def stopService(self) -> "Deferred[None]":
        """End after the slices that are under way; who comes next goes on at once."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        # who loses patience does not break off what is under way
        ended: Deferred[None] = Deferred()
        DeferredList(list(self._under_way)).addCallback(lambda _: ended.callback(None))
        return ended

    async def stage(self, account: int, file: str, content: bytes) -> int:
        """See ``IImporter``."""
        found = await self._extract(content, Plan())
        name = one_line(clean(PurePath(file.replace("\\", "/")).name))[-LONGEST_FILE_NAME:] or "contacts"
        now = self._now

        def keep(connection: Connection) -> int:
            return imports.stage(connection, account, name, content, now, MOST_STAGED)

        id_ = await self._database.transact(keep)
        # SQLite uses the ids of forgotten files again
        self._forget(id_)
        self._remember(id_, Plan(), found)
        return id_

    async def preview(self, account: int, id: int, plan: Plan) -> Preview | None:
        """See ``IImporter``."""
        file = await self._database.read(lambda connection: imports.staged(connection, account, id))
        found = None if file is None else await self._found(account, id, plan)
        if file is None or found is None:
            return None

        def count(connection: Connection) -> int:
            there = imports.numbers_in(connection, account, plan.group)
            return sum(number in there for number in found.numbers()) if there else 0

        return Preview(
            id=id,
            file=file,
            plan=attrs.evolve(found.plan, group=plan.group),
            sheets=found.sheets,
            titles=found.titles,
            rows=found.rows,
            total=found.good + found.faulty,
            good=found.good,
            repaired=found.repaired,
            repeated=found.repeated,
            known=await self._database.read(count),
            faults=found.faults,
            faulty=found.faulty,
        )

    async def confirm(self, account: int, id: int, plan: Plan) -> ImportReport | Fault | None:
        """See ``IImporter``."""
        if await self._database.read(lambda connection: imports.staged(connection, account, id)) is None:
            return await self.report(account, id)
        name = group_name(plan.group)
        if isinstance(name, Fault):
            return name
        found = await self._found(account, id, plan)
        if found is None:
            return await self.report(account, id)
        if not found.contacts:
            raise Unreadable(NOTHING)
        there = await self._database.read(lambda connection: cards.size(connection, account))
        if there + len(found.contacts) > MOST_CONTACTS:
            return Fault.TOO_MANY
        kept, lease = json.dumps(lines.plan(attrs.evolve(found.plan, group=name))), self._now + LEASE

        def begin(connection: Connection) -> Fault | bool:
            group = contacts.find_group(connection, account, name)
            if group is None:
                if groups.count(connection, account) >= MOST_GROUPS:
                    return Fault.TOO_MANY
                group = contacts.create_group(connection, account, name)
            return imports.begin(connection, account, id, kept, group, len(found.contacts), found.faulty, lease)

        begun = await self._database.transact(begin)
        if isinstance(begun, Fault):
            return begun
        self._forget(id)
        if begun:
            self._begin(self._take_in(_Work(id, found, 0, lease)))
        return await self.report(account, id)

    async def report(self, account: int, id: int) -> ImportReport | None:
        """See ``IImporter``."""
        return await self._database.read(lambda connection: imports.report(connection, account, id))

    async def discard(self, account: int, id: int) -> None:
        """See ``IImporter``."""
        self._forget(id)
        await self._database.transact(lambda connection: imports.discard(connection, account, id))

    async def resume(self) -> None:
        """Go on with imports that nobody holds any more, one after the other. Raises what storage raises."""
        while self.running:
            now = self._now
            left = await self._database.transact(partial(imports.lapsed, now=now, lease=now + LEASE))
            if left is None:
                return
            try:
                found = await self._extract(left.content, lines.plan_of(json.loads(left.plan)))
            except Unreadable as why:
                await self._database.transact(partial(imports.fail, id_=left.id, held=left.lease, error=str(why)))
            else:
                await self._take_in(_Work(left.id, found, left.done, left.lease))

    def _begin(self, work: Coroutine[Any, Any, None]) -> "Deferred[None]":
        """Do ``work``, for which a stop waits."""
        ended = Deferred.fromCoroutine(work)
        self._under_way.add(ended)
        return ended.addBoth(self._ended, ended)

    def _ended(self, outcome: Any, work: "Deferred[None]") -> Any:
        self._under_way.discard(work)
        return outcome

    async def _take_in(self, work: _Work) -> None:
        """Slice by slice, until all is taken in, another does it, or this service stops."""
        try:
            while not work.complete and self.running:
                if not await self._take_slice(work):
                    return
            end = imports.finish if work.complete else imports.release
            await self._database.transact(partial(end, id_=work.id, held=work.lease))
        except Unavailable as reason:
            # who finds that the lease ran out goes on
            self.log.warn("import {id} waits for the database: {reason}", id=work.id, reason=reason)
        except Exception:
            self.log.failure("import {id} failed", id=work.id)
            failed = partial(imports.fail, id_=work.id, held=work.lease, error=UNFORESEEN)
            self._database.transact(failed).addErrback(lambda failure: None)

    async def _take_slice(self, work: _Work) -> bool:
        """Take in what comes next; whether it is still ours to go on."""
        done, held, content = work.done, work.lease, work.content
        stop, lease = min(done + SLICE, len(content.contacts)), max(held, self._now + LEASE)

        def take(connection: Connection) -> bool | None:
            recipients = content.recipients(done, stop)
            return imports.advance(connection, work.id, done, recipients, content.fields, held, lease)

        taken = await self._database.transact(take)
        work.done, work.lease = stop, lease
        return bool(taken)

    def _look(self) -> "Deferred[None]":
        return self._begin(self._tidy()).addErrback(self._not_tidied)

    async def _tidy(self) -> None:
        now = self._now
        await self._database.transact(lambda connection: imports.prune(connection, now - STAGED, now - REPORTED))
        await self.resume()

    def _not_tidied(self, failure: Any) -> None:
        if failure.check(Unavailable):
            self.log.warn("imports wait for the database: {reason}", reason=failure.value)
        else:
            self.log.failure("imports could not be looked after", failure)

    @property
    def _now(self) -> int:
        return int(self._clock.seconds())

    async def _found(self, account: int, id_: int, plan: Plan) -> Extract | None:
        """What a staged file of the account holds; None where it is gone."""
        plan = attrs.evolve(plan, group="")
        if (known := self._read.get((id_, plan))) is not None:
            return known
        content = await self._database.read(lambda connection: imports.content_of(connection, account, id_))
        if content is None:
            return None
        found = await self._extract(content, plan)
        self._remember(id_, plan, found)
        return found

    async def _extract(self, content: bytes, plan: Plan) -> Extract:
        found: Extract = await self._run_in_thread(extract, content, plan, self._prices, FAULTS)
        return found

    def _remember(self, id_: int, plan: Plan, found: Extract) -> None:
        # a plan that leaves things open, and the one with what was recognised, read the same
        for one in (plan, attrs.evolve(found.plan, group="")):
            self._read.pop((id_, one), None)
            self._read[id_, one] = found
        while len(self._read) > 2 * REMEMBERED:
            del self._read[next(iter(self._read))]

    def _forget(self, id_: int) -> None:
        for key in [key for key in self._read if key[0] == id_]:
            del self._read[key]

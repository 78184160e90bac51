"""The contact book's use cases."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from zope.interface import implementer

from ..interfaces import IBook
from ..model.contact import (
    LONGEST_FIELD,
    Card,
    Choice,
    Contact,
    ContactPage,
    ContactQuery,
    Fault,
    Group,
    Phrase,
    Recipient,
    group_key,
)
from ..model.merge import Variables
from ..model.number import NotANumber, Number, parse_number
from ..model.tariff import Tariff
from ..model.text import clean, storable
from ..storage import cards, contacts, groups, phrases
from ..storage.accounts import AlreadyThere
from ..storage.database import Connection, Database
from . import export
from .naming import field_fault, group_name, name_of

SLICE: Final = 1000
"""Contacts that one transaction changes: single messages go in between."""

MOST_CONTACTS: Final = 500_000
MOST_GROUPS: Final = 1000
MOST_PHRASES: Final = 500
"""Of one account."""

LONGEST_PAGE: Final = 500
"""Contacts of one page."""

Faults = Mapping[str, Fault]


@implementer(IBook)
class Book:
    """See ``IBook``."""

    def __init__(self, database: Database, tariff: Tariff) -> None:
        self._database = database
        self._tariff = tariff

    def contacts(self, account: int, query: ContactQuery) -> "Deferred[ContactPage]":
        """See ``IBook``."""
        bounded = attrs.evolve(query, offset=max(0, query.offset), limit=min(max(0, query.limit), LONGEST_PAGE))
        return self._database.read(lambda connection: cards.page(connection, account, bounded))

    def contact(self, account: int, contact: int) -> "Deferred[Contact | None]":
        """See ``IBook``."""
        return self._database.read(lambda connection: cards.one(connection, account, contact))

    async def save(self, account: int, contact: int | None, card: Card) -> Contact | Faults:
        """See ``IBook``."""
        who = self._recipient(card)
        if not isinstance(who, Recipient):
            return who
        if contact is None and await self._room(account) <= 0:
            return {"contact": Fault.TOO_MANY}

        def work(connection: Connection) -> Contact | Faults:
            wanted = set(card.groups)
            if groups.among(connection, account, wanted) != wanted:
                return {"groups": Fault.GONE}
            if contact is not None and not cards.change(connection, account, contact, who):
                return {"contact": Fault.GONE}
            id_ = cards.create(connection, account, who) if contact is None else contact
            cards.put_into_only(connection, id_, wanted)
            kept = cards.one(connection, account, id_)
            assert kept is not None
            return kept

        return await self._database.transact(work)

    def _recipient(self, card: Card) -> Recipient | dict[str, Fault]:
        said = {name: clean(getattr(card, name)) for name in ("name", "v1", "v2", "v3")}
        found = {name: field_fault(name, value) for name, value in said.items()}
        number = self._number(card.number)
        if isinstance(number, Fault):
            found["number"] = number
        faults = {name: fault for name, fault in found.items() if fault is not None}
        if faults or isinstance(number, Fault):
            return faults
        return Recipient(number.e164, clean(number.typed), number.country, Variables(**said))

    def _number(self, typed: str) -> Number | Fault:
        if not typed.strip():
            return Fault.EMPTY
        try:
            number = parse_number(typed.strip())
        except NotANumber:
            return Fault.NOT_A_NUMBER
        return Fault.CLOSED_COUNTRY if self._tariff.price(number.country) is None else number

    async def _room(self, account: int) -> int:
        """How many contacts more the book takes; those that come at the same moment are not counted."""
        return MOST_CONTACTS - await self._database.read(lambda connection: cards.size(connection, account))

    async def delete(self, account: int, choice: Choice) -> int:
        """See ``IBook``."""
        return await self._delete(account, await self._chosen(account, choice))

    async def _delete(self, account: int, ids: Sequence[int]) -> int:
        deleted = await self._in_slices(ids, lambda connection, some: cards.remove(connection, account, some))
        assert deleted is not None
        return deleted

    async def put_into(self, account: int, group: int, choice: Choice) -> int | Fault:
        """See ``IBook``."""
        return await self._change_group(account, group, choice, groups.put)

    async def take_out(self, account: int, group: int, choice: Choice) -> int | Fault:
        """See ``IBook``."""
        return await self._change_group(account, group, choice, groups.take_out)

    async def _change_group(
        self, account: int, group: int, choice: Choice, change: Callable[[Connection, int, int, Sequence[int]], Any]
    ) -> int | Fault:
        if await self._database.read(lambda connection: groups.one(connection, account, group)) is None:
            return Fault.GONE
        ids = await self._chosen(account, choice)
        changed = await self._in_slices(ids, lambda connection, some: change(connection, account, group, some))
        return Fault.GONE if changed is None else changed

    async def _chosen(self, account: int, choice: Choice) -> Sequence[int]:
        query = choice.query
        if query is None:
            return choice.ids
        return await self._database.read(lambda connection: cards.found(connection, account, query))

    async def _in_slices(
        self, ids: Sequence[int], work: Callable[[Connection, Sequence[int]], int | None]
    ) -> int | None:
        """What ``work`` counts, a slice of ``ids`` after the other; None as soon as it gives that."""
        total = 0
        for start in range(0, len(ids), SLICE):
            some = ids[start : start + SLICE]
            done = await self._database.transact(lambda connection, some=some: work(connection, some))  # type: ignore[misc]
            if done is None:
                return None
            total += done
        return total

    def groups(self, account: int) -> "Deferred[list[Group]]":
        """See ``IBook``."""
        return self._database.read(lambda connection: groups.by_name(connection, account))

    async def create_group(self, account: int, name: str) -> Group | Fault:
        """See ``IBook``."""
        named = group_name(name)
        if isinstance(named, Fault):
            return named

        def work(connection: Connection) -> Group | Fault:
            if groups.count(connection, account) >= MOST_GROUPS:
                return Fault.TOO_MANY
            return Group(contacts.create_group(connection, account, named), named, 0)

        return await _unless_taken(self._database.transact(work))

    async def rename_group(self, account: int, group: int, name: str) -> Group | Fault:
        """See ``IBook``."""
        named = group_name(name)
        if isinstance(named, Fault):
            return named

        def work(connection: Connection) -> Group | Fault:
            renamed = groups.rename(connection, account, group, named)
            return (groups.one(connection, account, group) if renamed else None) or Fault.GONE

        return await _unless_taken(self._database.transact(work))

    async def delete_group(self, account: int, group: int, contacts: bool) -> int | Fault:
        """See ``IBook``."""
        ids = await self._database.read(lambda connection: groups.members(connection, account, group))
        if ids is None:
            return Fault.GONE

        def empty(connection: Connection, some: Sequence[int]) -> int | None:
            alone = groups.only_in(connection, group, some) if contacts else []
            deleted = cards.remove(connection, account, alone)
            return None if groups.take_out(connection, account, group, some) is None else deleted

        deleted = await self._in_slices(ids, empty)
        if deleted is None or not await self._database.transact(
            lambda connection: groups.remove(connection, account, group)
        ):
            return Fault.GONE
        return deleted

    def export(self, account: int, group: int | None) -> "Deferred[bytes]":
        """See ``IBook``."""

        def work(connection: Connection) -> bytes:
            names = {one.id: one.name for one in groups.by_name(connection, account)}
            ids = cards.found(connection, account, ContactQuery(group=group), by_name=True)
            slices = (ids[start : start + SLICE] for start in range(0, len(ids), SLICE))
            rows = (export.lines(cards.of(connection, account, some), names) for some in slices)
            return b"".join((export.header(), *rows))

        return self._database.read(work, long=True)

    def phrases(self, account: int) -> "Deferred[list[Phrase]]":
        """See ``IBook``."""
        return self._database.read(lambda connection: phrases.by_name(connection, account))

    async def save_phrase(self, account: int, phrase: int | None, name: str, text: str) -> Phrase | Faults:
        """See ``IBook``."""
        named, kept = name_of(storable(name)), clean(text)
        said = Fault.EMPTY if not kept else Fault.TOO_LONG if len(kept) > LONGEST_FIELD else None
        if isinstance(named, Fault) or said is not None:
            told = {"name": named if isinstance(named, Fault) else None, "text": said}
            return {field: fault for field, fault in told.items() if fault is not None}

        def work(connection: Connection) -> Phrase | Faults:
            others = [one for one in phrases.by_name(connection, account) if one.id != phrase]
            if any(group_key(one.name) == group_key(named) for one in others):
                return {"name": Fault.NAME_TAKEN}
            if phrase is not None:
                changed = phrases.change(connection, account, phrase, named, kept)
                return Phrase(phrase, named, kept) if changed else {"phrase": Fault.GONE}
            if len(others) >= MOST_PHRASES:
                return {"phrase": Fault.TOO_MANY}
            return Phrase(phrases.create(connection, account, named, kept), named, kept)

        return await self._database.transact(work)

    async def delete_phrase(self, account: int, phrase: int) -> bool:
        """See ``IBook``."""
        return await self._database.transact(lambda connection: phrases.remove(connection, account, phrase))


async def _unless_taken(made: Awaitable[Group | Fault]) -> Group | Fault:
    try:
        return await made
    except AlreadyThere:
        return Fault.NAME_TAKEN

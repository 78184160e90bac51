"""Imports in storage: whose they are, who holds them, and cards that a file says anew."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from sqlalchemy import Connection

from smstob.model.contact import ContactQuery, Recipient
from smstob.model.contact_import import ImportReport, ImportState
from smstob.model.merge import Variables
from smstob.storage import bulk, cards, contacts, groups, imports
from smstob.storage.schema import contact_import

from .scenes import NOW, open_account
from .test_cards import who

LEASE: Final = NOW + 60


@pytest.fixture
def account(connection: Connection) -> int:
    """An account."""
    return open_account(connection).id


def stage(connection: Connection, account: int, file: str = "a.csv", now: int = NOW, most: int = 5) -> int:
    """A staged file."""
    return imports.stage(connection, account, file, b"\0content\xff", now, most)


def begun(connection: Connection, account: int, total: int = 4) -> int:
    """An import into a new group."""
    id_ = stage(connection, account)
    group = contacts.create_group(connection, account, f"G{id_}")
    assert imports.begin(connection, account, id_, "{}", group, total, 1, LEASE)
    return id_


def report(connection: Connection, account: int, id_: int) -> ImportReport:
    """How far it is."""
    told = imports.report(connection, account, id_)
    assert told is not None
    return told


def names(connection: Connection, account: int, group: str) -> list[str]:
    """Who is in a group."""
    found = contacts.find_group(connection, account, group)
    assert found is not None
    return [f"{one.number[-1]} {one.variables.name}" for one in contacts.members(connection, found)]


def test_staged(connection: Connection, account: int) -> None:
    """Kept for its account only, until it is discarded; the oldest go where there are many."""
    other = open_account(connection).id
    id_ = stage(connection, account)
    assert imports.staged(connection, account, id_) == "a.csv"
    assert imports.content_of(connection, account, id_) == b"\0content\xff"
    assert report(connection, account, id_).state is ImportState.STAGED
    for stranger in (imports.staged, imports.content_of, imports.report):
        assert stranger(connection, other, id_) is None
    imports.discard(connection, other, id_)
    theirs = stage(connection, other)
    kept = [stage(connection, account, f"{n}.csv") for n in range(5)]
    assert imports.staged(connection, account, id_) is None
    assert [imports.staged(connection, account, one) for one in kept] == [f"{n}.csv" for n in range(5)]
    assert imports.staged(connection, other, theirs) == "a.csv"
    imports.discard(connection, account, kept[0])
    assert imports.staged(connection, account, kept[0]) is None


def test_begun_once(connection: Connection, account: int) -> None:
    """A file is confirmed once, by its account; then it is staged no more, and not discarded."""
    other = open_account(connection).id
    id_ = stage(connection, account)
    group = contacts.create_group(connection, account, "Amis")
    assert not imports.begin(connection, other, id_, "{}", group, 4, 1, LEASE)
    assert imports.begin(connection, account, id_, "{}", group, 4, 1, LEASE)
    assert not imports.begin(connection, account, id_, "{}", group, 9, 9, LEASE)
    imports.discard(connection, account, id_)
    assert imports.staged(connection, account, id_) is None
    assert report(connection, account, id_) == ImportReport(
        id=id_, file="a.csv", group="Amis", group_id=group, state=ImportState.RUNNING,
        total=4, done=0, added=0, updated=0, faulty=1, error=None,
    )


def test_lease(connection: Connection, account: int) -> None:
    """Who lost it has no more say; each slice counts once; at the end the content goes and the report stays."""
    id_ = begun(connection, account)
    assert imports.lapsed(connection, LEASE, LEASE + 60) is None

    def advance(done: int, people: Sequence[Recipient], held: int, lease: int) -> bool | None:
        return imports.advance(connection, id_, done, people, imports.FIELDS, held, lease)

    assert advance(0, [who(1), who(2)], LEASE, LEASE + 1)
    assert advance(0, [who(1), who(2)], LEASE + 1, LEASE + 2) is False, "the same slice again"
    assert advance(2, [who(3)], LEASE, LEASE + 2) is False, "an older lease"
    left = imports.lapsed(connection, LEASE + 2, LEASE + 60)
    assert left is not None
    assert (left.id, left.account, left.content, left.plan, left.done) == (id_, account, b"\0content\xff", "{}", 2)
    assert imports.lapsed(connection, LEASE + 2, LEASE + 60) is None
    assert advance(2, [who(3)], LEASE + 1, LEASE + 2) is False, "taken over"
    for told in (imports.finish, imports.release):
        told(connection, id_, LEASE + 1)
    assert report(connection, account, id_).state is ImportState.RUNNING
    assert advance(2, [who(3), who(1, "Jean")], left.lease, LEASE + 61)
    imports.release(connection, id_, LEASE + 61)
    again = imports.lapsed(connection, NOW, LEASE + 99)
    assert again is not None
    assert again.done == 4
    imports.finish(connection, id_, LEASE + 99)
    told_ = report(connection, account, id_)
    assert (told_.state, told_.done, told_.added, told_.updated) == (ImportState.DONE, 4, 3, 1)
    row = connection.execute(contact_import.select().where(contact_import.c.id == id_)).one()
    assert (row.content, row.lease_until) == (None, None)
    assert imports.lapsed(connection, LEASE * 2, LEASE * 2) is None
    assert names(connection, account, f"G{id_}") == ["1 Jean", "2 ", "3 "]


def test_group_goes_meanwhile(connection: Connection, account: int) -> None:
    """The import ends, and says why."""
    id_ = begun(connection, account)
    group = report(connection, account, id_).group_id
    assert group is not None
    assert groups.remove(connection, account, group)
    assert imports.advance(connection, id_, 0, [who(1)], imports.FIELDS, LEASE, LEASE + 1) is None
    told = report(connection, account, id_)
    assert (told.state, told.error) == (ImportState.FAILED, "le groupe a été supprimé pendant l'import")
    assert cards.size(connection, account) == 0


def test_pruned(connection: Connection, account: int) -> None:
    """What nobody confirmed, and old reports; what is under way stays, however old."""
    staged, running, done = stage(connection, account), begun(connection, account), begun(connection, account)
    imports.finish(connection, done, LEASE)
    imports.prune(connection, NOW, NOW)
    assert len(connection.execute(contact_import.select()).all()) == 3
    imports.prune(connection, NOW + 1, NOW)
    assert imports.report(connection, account, staged) is None
    imports.prune(connection, NOW + 1, NOW + 1)
    assert imports.report(connection, account, done) is None
    assert report(connection, account, running).state is ImportState.RUNNING


def test_taken_in(connection: Connection, account: int) -> None:
    """Who is in the group is updated, in the fields that the file has; others are added; other groups are let be."""
    other = open_account(connection).id
    for one in (account, other):
        for name in ("A", "B"):
            contacts.add(connection, one, contacts.create_group(connection, one, name), [who(1, f"old {name}", "x")])
    group = contacts.find_group(connection, account, "A")
    assert group is not None
    contacts.add(connection, account, group, [who(1, "second card"), who(2, "kept", "y", "z")])
    new = [who(2, "", "Y"), who(1, "new"), who(3, "third")]
    assert imports.take_in(connection, account, group, new, ["v1"]) == (1, 2)
    said = [one.variables for one in contacts.members(connection, group)]
    assert said == [
        *(Variables("old A", ""), Variables("second card"), Variables("kept", "Y", "z"), Variables("third")),
    ]
    assert imports.take_in(connection, account, group, new) == (0, 3)
    assert names(connection, account, "A") == ["1 new", "1 second card", "2 ", "3 third"]
    assert names(connection, account, "B") == ["1 old B"]
    assert names(connection, other, "A") == ["1 old A"]
    found = cards.page(connection, account, ContactQuery(search="new", group=group))
    assert found.total == 1, "it is found by what it says now"
    assert imports.take_in(connection, other, group, new) is None
    assert imports.take_in(connection, account, 10**9, new) is None
    assert imports.take_in(connection, account, group, []) == (0, 0)


def test_numbers_in(connection: Connection, account: int) -> None:
    """By the group's name, as it is found."""
    contacts.add(connection, account, contacts.create_group(connection, account, "Été"), [who(1), who(2), who(1)])
    assert imports.numbers_in(connection, account, " ÉTÉ ") == {"+33600000001", "+33600000002"}
    assert imports.numbers_in(connection, account, "") == set()
    assert imports.numbers_in(connection, open_account(connection).id, "Été") == set()


def test_plan_of_matching(connection: Connection, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite looks each number up, whatever the size of the group and of the book."""
    if connection.dialect.name != "sqlite":
        return
    plans: list[str] = []
    select = bulk.select

    def explained(connection: Connection, statement: str, *rest: Any) -> list[Any]:
        plans.extend(row.detail for row in select(connection, f"EXPLAIN QUERY PLAN {statement}", *rest))
        return select(connection, statement, *rest)

    group = contacts.create_group(connection, account, "A")
    monkeypatch.setattr(bulk, "select", explained)
    imports.take_in(connection, account, group, [who(1)])
    assert any("contact USING INDEX ix_contact_account_id_number (account_id=? AND number=?)" in one for one in plans)
    assert not any("account_id=?)" in one and "contact " in one for one in plans), "no book is gone through"

"""Put off, or replaced: only where nothing has left, and whole or not at all."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from smstob.model.account import Account
from smstob.model.refusal import ACCOUNT_CHANGED, Code, Refusal
from smstob.model.submission import Submission
from smstob.storage import accounts, deferrals, queue, settlement
from smstob.storage.deferrals import NotReplaced
from smstob.storage.engine import Engines
from smstob.storage.schema import ledger_entry, message, segment, submission
from tests.tallies import recounted, tallied

from .scenes import (
    DAY,
    GATEWAY,
    NOW,
    accept_one,
    ask,
    claim,
    composed,
    credits_of,
    message_ids,
    open_account,
    row,
    settled,
    undone,
)
from .test_two_daemons import blocked

THEN, LATER = NOW + DAY, NOW + 9 * DAY
HERE = frozenset({GATEWAY})


@pytest.fixture
def account(connection: Connection) -> Account:
    """An account with ten credits."""
    return open_account(connection, 10)


def waiting(
    connection: Connection, account: Account, count: int = 3, text: str = "Bonjour", due: int | None = THEN
) -> int:
    """A submission of so many messages that is for tomorrow; its id."""
    lot = [composed(account, text, f"+3361234567{nth}") for nth in range(count)]
    return accept_one(connection, ask(account, *lot, due=due, validity=2)).id


def postpone(connection: Connection, account: Account, id_: int, due: int = LATER) -> frozenset[str] | None:
    """Put it off."""
    return deferrals.postpone(connection, account.id, id_, due, due // DAY)


def snapshot(connection: Connection) -> list[object]:
    """All that a change could have changed."""
    tables = (submission, message, ledger_entry)
    rows = [tuple(one) for table in tables for one in connection.execute(select(table).order_by(table.c.id))]
    return [*rows, tallied(connection)]


def lease(connection: Connection, id_: int) -> None:
    """A daemon holds it."""
    connection.execute(message.update().values(lease="daemon").where(message.c.id == id_))


LEFT: list[Callable[[Connection, int], object]] = [
    lease,
    lambda connection, id_: settlement.settle(connection, [settled(id_)]),
    lambda connection, id_: connection.execute(message.update().values(repeats=1).where(message.c.id == id_)),
    lambda connection, id_: connection.execute(message.update().values(handed_at=NOW).where(message.c.id == id_)),
    lambda connection, id_: connection.execute(
        segment.insert().values(message_id=id_, part=1, gateway="sink", reference="r", state="handed", at=1)
    ),
    lambda connection, id_: connection.execute(message.update().values(state="failed").where(message.c.id == id_)),
]


def test_postponed_whole(connection: Connection, account: Account) -> None:
    """Submission, messages and validity move; the rest stays, and so does what others wait for."""
    id_, other = waiting(connection, account), waiting(connection, open_account(connection, 10))
    before = [row(connection, one) for one in message_ids(connection, other)]
    assert postpone(connection, account, id_) == HERE
    kept = connection.execute(select(submission).where(submission.c.id == id_)).one()
    assert (kept.due, kept.day, kept.code, kept.created) == (LATER, LATER // DAY, 81, NOW)
    for one in message_ids(connection, id_):
        found = row(connection, one)
        assert (found.due, found.deadline, found.state) == (LATER, LATER + 7200, "queued")
    assert [row(connection, one) for one in message_ids(connection, other)] == before
    assert credits_of(connection, account) == 7


def test_it_leaves_at_the_new_time(connection: Connection, account: Account) -> None:
    """Not at the old one."""
    id_ = waiting(connection, account)
    postpone(connection, account, id_)
    assert claim(connection, LATER - 1) == []
    assert [one.id for one in claim(connection, LATER)] == message_ids(connection, id_)


def test_what_waits_at_a_gateway_that_is_down_is_deferred(connection: Connection, account: Account) -> None:
    """One that was to leave at once: a clock that is set back does not hasten it."""
    id_ = waiting(connection, account, due=None)
    assert postpone(connection, account, id_) == HERE
    assert queue.hasten(connection, NOW) == 0
    assert claim(connection, NOW) == []


@pytest.mark.parametrize("left", LEFT)
def test_nothing_is_done_where_any_of_it_has_left(
    connection: Connection, account: Account, left: Callable[[Connection, int], object]
) -> None:
    """Whichever message, and however far it is."""
    for place in range(3):
        with undone(connection):
            id_ = waiting(connection, account)
            left(connection, message_ids(connection, id_)[place])
            before = snapshot(connection)
            assert postpone(connection, account, id_) is None
            assert deferrals.replace(connection, id_, ask(account, composed(account, "autre"))) is None
            assert snapshot(connection) == before


def test_others_and_what_is_not_there(connection: Connection, account: Account) -> None:
    """Another account's, none at all, what is cancelled already: nothing is done."""
    other = open_account(connection, 10)
    theirs, gone = waiting(connection, other), waiting(connection, account)
    settlement.cancel(connection, gone, NOW)
    before = snapshot(connection)
    for id_ in (theirs, gone, 0, -1, 2**63 - 1):
        assert postpone(connection, account, id_) is None
        assert deferrals.replace(connection, id_, ask(account, composed(account, "autre"))) is None
    assert snapshot(connection) == before


def test_what_was_cancelled_in_part(connection: Connection, account: Account) -> None:
    """The rest is put off, and replaced; counts stay right."""
    id_ = waiting(connection, account)
    held = message_ids(connection, id_)[1]
    lease(connection, held)
    assert settlement.cancel(connection, id_, NOW) == (2, 2)
    connection.execute(message.update().values(lease=None).where(message.c.id == held))
    assert postpone(connection, account, id_) == HERE
    assert tallied(connection) == recounted(connection)
    made = deferrals.replace(connection, id_, ask(account, composed(account)))
    assert isinstance(made, Submission)
    assert tallied(connection) == recounted(connection)
    assert credits_of(connection, account) == 9


def test_replaced(connection: Connection, account: Account) -> None:
    """The refund pays for the new one, whose texts are the old's; both are in the ledger."""
    id_ = waiting(connection, account, 10)
    assert credits_of(connection, account) == 0
    lot = [composed(account, number=f"+3361234567{nth}") for nth in range(10)]
    made = deferrals.replace(connection, id_, ask(account, *lot, at=NOW + 5, due=LATER))
    assert made is not None
    assert (made.messages, made.duplicates, made.code) == (10, 0, Code.DEFERRED)
    assert {row(connection, one).state for one in message_ids(connection, id_)} == {"cancelled"}
    assert {row(connection, one).due for one in message_ids(connection, made.id)} == {LATER}
    assert credits_of(connection, account) == 0
    assert deferrals.replace(connection, id_, ask(account, composed(account, "autre"))) is None


@pytest.mark.parametrize("code", [Code.NO_CREDIT, Code.DUPLICATE, Code.BAD_DATE, None])
def test_both_or_neither(connection: Connection, account: Account, code: Code | None) -> None:
    """Whatever the new one is refused for, the old stays to the letter; None is an account that has changed."""
    id_ = waiting(connection, account)
    accept_one(connection, ask(account, composed(account, "double")))
    acceptance = {
        Code.NO_CREDIT: ask(account, composed(account, "cher", credits_=10)),
        Code.DUPLICATE: ask(account, composed(account, "double")),
        Code.BAD_DATE: ask(account, refusal=Refusal(Code.BAD_DATE)),
        None: ask(account, composed(account, "autre")),
    }[code]
    if code is None:
        accounts.set_options(connection, account.id, {"validity": 9})
    before = snapshot(connection)
    nested = connection.begin_nested()
    with pytest.raises(NotReplaced) as refused:
        deferrals.replace(connection, id_, acceptance)
    nested.rollback()
    assert refused.value.decision == (ACCOUNT_CHANGED if code is None else Refusal(code))
    assert snapshot(connection) == before
    assert postpone(connection, account, id_) == HERE


def test_replaced_twice_under_one_reference(connection: Connection, account: Account) -> None:
    """The second time the same answer; nothing else is cancelled by it."""
    id_, another = waiting(connection, account), waiting(connection, account, 1, text="x")
    acceptance = ask(account, composed(account, "autre"), reference="une fois", due=LATER)
    made = deferrals.replace(connection, id_, acceptance)
    before = snapshot(connection)
    for chosen in (id_, another):
        again = deferrals.replace(connection, chosen, acceptance)
        assert made is not None
        assert again is not None
        assert (again.id, again.gateways) == (made.id, frozenset())
    assert snapshot(connection) == before


class TestTwoDaemons:
    """On PostgreSQL: what one may do while the other has not committed."""

    def prepare(self, engines: Engines) -> tuple[Account, int]:
        """An account, and a submission that is due."""
        with engines.writer.begin() as connection:
            account = open_account(connection, 10)
            return account, waiting(connection, account, due=None)

    def test_a_claim_comes_first(self, postgresql_engines: Engines) -> None:
        """Who would put it off, or replace it, waits for the claim, and then does nothing."""
        account, id_ = self.prepare(postgresql_engines)
        for work in (
            lambda other: postpone(other, account, id_),
            lambda other: deferrals.replace(other, id_, ask(account, composed(account, "autre"))),
        ):
            with postgresql_engines.writer.connect() as ours:
                taken = claim(ours, count_=1)
                assert len(taken) == 1
                with blocked(postgresql_engines, work) as told:
                    ours.commit()
                assert told.result() is None
                queue.release(ours, [taken[0].id], "daemon", NOW)
                ours.commit()

    def test_it_is_put_off_first(self, postgresql_engines: Engines) -> None:
        """A claim passes over it at once, and finds it nowhere after."""
        account, id_ = self.prepare(postgresql_engines)
        with postgresql_engines.writer.begin() as ours, postgresql_engines.writer.begin() as theirs:
            assert postpone(ours, account, id_) == HERE
            assert claim(theirs) == []
        with postgresql_engines.writer.begin() as connection:
            assert claim(connection) == []
            assert len(claim(connection, LATER)) == 3

    def test_two_second_thoughts(self, postgresql_engines: Engines) -> None:
        """Cancelled by one while the other puts it off or replaces it: refunded once."""
        account, id_ = self.prepare(postgresql_engines)
        with postgresql_engines.writer.connect() as ours:
            assert settlement.cancel(ours, id_, NOW) == (3, 3)
            with blocked(postgresql_engines, lambda other: postpone(other, account, id_)) as told:
                ours.commit()
            assert told.result() is None
        with postgresql_engines.writer.begin() as connection:
            assert credits_of(connection, account) == 10
            assert tallied(connection) == recounted(connection)

    def test_put_off_by_both(self, postgresql_engines: Engines) -> None:
        """The last one counts, on one day only."""
        account, id_ = self.prepare(postgresql_engines)
        with postgresql_engines.writer.connect() as ours:
            assert postpone(ours, account, id_, THEN) == HERE
            with blocked(postgresql_engines, lambda other: postpone(other, account, id_, LATER)) as told:
                ours.commit()
            assert told.result() == HERE
        with postgresql_engines.writer.begin() as connection:
            assert tallied(connection) == recounted(connection) == {(account.id, LATER // DAY, "accepted"): (3, 3, 3)}

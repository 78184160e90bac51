"""Lists of messages: by submission, number, state and period, by page; nobody sees another's."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from smstob.model.account import Account
from smstob.model.message import State
from smstob.model.report import MessageQuery
from smstob.storage import history
from smstob.storage.schema import message, submission

from .scenes import NOW, accept_one, ask, composed, hand, message_ids, open_account, undone

STATES = [State.DELIVERED, State.FAILED, State.QUEUED, State.DELIVERED, State.UNKNOWN, State.HANDED, State.CANCELLED]


def people(count: int) -> list[str]:
    """So many numbers."""
    return [f"+336123400{index:02}" for index in range(count)]


def send(connection: Connection, account: Account, count: int, at: int) -> int:
    """A submission to that many people, each message in another state; its id."""
    id_ = accept_one(connection, ask(account, *[composed(account, number=one) for one in people(count)], at=at)).id
    for nth, message_id in enumerate(message_ids(connection, id_)):
        state = STATES[(nth + id_) % len(STATES)]
        connection.execute(message.update().values(state=state.value).where(message.c.id == message_id))
    return id_


@pytest.fixture
def both(connection: Connection) -> tuple[Account, Account]:
    """Two accounts that send by turns, one large, one small, at seconds that go back once."""
    accounts = open_account(connection, 1000, duplicates=False), open_account(connection, 1000, duplicates=False)
    for nth, (count, second) in enumerate(product((1, 9, 1, 2, 1, 3), (0, 4, 2))):
        send(connection, accounts[nth % 2], count, NOW + 10 * (nth // 3) + second)
    return accounts


def expected(connection: Connection, account: Account, query: MessageQuery) -> list[int]:
    """What should be found, in the order of submissions and then of ids."""
    wanted = (
        select(message.c.id)
        .join(submission)
        .where(submission.c.account_id == account.id)
        .order_by(submission.c.created.desc(), submission.c.id.desc(), message.c.id.desc())
    )
    if query.submission is not None:
        wanted = wanted.where(submission.c.id == query.submission)
    if query.number is not None:
        wanted = wanted.where(message.c.number == query.number)
    if query.state is not None:
        wanted = wanted.where(message.c.state == query.state)
    if query.since is not None:
        wanted = wanted.where(submission.c.created >= query.since)
    if query.until is not None:
        wanted = wanted.where(submission.c.created < query.until)
    return list(connection.execute(wanted).scalars())


def paged(connection: Connection, account: Account, limit: int, **query: Any) -> list[int]:
    """All that is found, page after page."""
    found: list[int] = []
    while True:
        before = found[-1] if found else None
        page = history.history(connection, account.id, MessageQuery(**query, before=before, limit=limit))
        assert len(page) <= limit
        assert all(one.account == account.email for one in page)
        found += [one.id for one in page]
        if not page:
            return found


@pytest.mark.parametrize("limit", [1, 4, 50])
@pytest.mark.parametrize("state", [None, *State])
def test_all_filters_together(
    connection: Connection, both: tuple[Account, Account], state: State | None, limit: int
) -> None:
    """Each is a recount of the rows; nothing is told twice or left out between pages."""
    periods = [(None, None), (NOW + 10, None), (None, NOW + 34), (NOW + 12, NOW + 42)]
    for account, number, (since, until) in product(both, (None, people(2)[1]), periods):
        query = MessageQuery(state=state, number=number, since=since, until=until)
        found = paged(connection, account, limit, state=state, number=number, since=since, until=until)
        if number is None and state not in history._UNDELIVERED:
            assert found == expected(connection, account, query)
        else:
            assert found == sorted(expected(connection, account, query), reverse=True)


def test_within_a_submission(connection: Connection, both: tuple[Account, Account]) -> None:
    """Its own messages, by state and number; another's submission has none to show."""
    account, other = both
    ids = connection.execute(select(submission.c.id).where(submission.c.account_id == account.id)).scalars().all()
    for id_, state, number in product(ids, (None, *State), (None, *people(2))):
        query = MessageQuery(submission=id_, state=state, number=number)
        assert paged(connection, account, 2, submission=id_, state=state, number=number) == expected(
            connection, account, query
        )
        assert paged(connection, other, 2, submission=id_, state=state, number=number) == []


def test_ids_between_those_of_others(connection: Connection, both: tuple[Account, Account]) -> None:
    """Two daemons number messages by turns: each submission still has its own only."""
    account, other = both
    one, two = (accept_one(connection, ask(who, *[composed(who, number=n) for n in people(6)])).id for who in both)
    mine, theirs = message_ids(connection, one), message_ids(connection, two)
    for left, right in list(zip(mine, theirs, strict=True))[::2]:
        move = message.update().where(message.c.id == left)
        connection.execute(move.values(submission_id=two, account_id=other.id))
        move = message.update().where(message.c.id == right)
        connection.execute(move.values(submission_id=one, account_id=account.id))
    for who, id_ in ((account, one), (other, two)):
        assert paged(connection, who, 4, submission=id_) == message_ids(connection, id_)[::-1]
        assert len(paged(connection, who, 4)) == len(expected(connection, who, MessageQuery()))


@pytest.mark.parametrize(
    "query",
    [
        {"state": "odd'; --"},
        {"state": "\0"},
        {"number": "%"},
        {"number": "\0'"},
        {"number": "+33999"},
        {"submission": 10**30},
        {"submission": -(10**30)},
        {"before": -(10**30)},
        {"before": 0},
        {"since": 10**30},
        {"until": -(10**30)},
        {"submission": 0, "number": "", "state": "queued"},
    ],
)
def test_odd_questions(connection: Connection, both: tuple[Account, Account], query: dict[str, Any]) -> None:
    """They find nothing, and are no error."""
    assert history.history(connection, both[0].id, MessageQuery(**query)) == []


def test_a_page_that_begins_at_another_s_message(connection: Connection, both: tuple[Account, Account]) -> None:
    """Shows nothing of either."""
    account, other = both
    theirs = history.history(connection, other.id, MessageQuery(limit=3))[-1].id
    assert history.history(connection, account.id, MessageQuery(before=theirs)) == []
    assert history.history(connection, 10**9, MessageQuery()) == []


def test_what_is_told_of_one(connection: Connection) -> None:
    """All of it, with the parts that a gateway took."""
    account = open_account(connection, 10)
    with undone(connection):
        id_ = hand(connection, account, "r1", "r2", due=NOW)
        (told,) = history.history(connection, account.id, MessageQuery())
        assert (told.id, told.account, told.to, told.state, told.segments) == (
            *(id_, account.email, "+33612345678", "handed", 2),
        )
        assert (told.channel, told.created, told.due, told.handed, told.ended) == ("http", NOW, NOW, NOW, None)
        assert [(part.part, part.reference, part.state) for part in told.parts] == [
            (1, "r1", "handed"),
            (2, "r2", "handed"),
        ]


def test_what_others_sent_to_the_number_is_looked_at_so_far(
    connection: Connection, both: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded, whatever others do; the same for states that all messages pass through."""
    account, other = both
    monkeypatch.setattr(history, "LOOKED_AT", 3)
    for nth in range(3):
        accept_one(connection, ask(other, composed(other, f"{nth}", people(1)[0]), at=NOW + 999))
    assert history.history(connection, account.id, MessageQuery(number=people(1)[0])) == []
    for _ in range(3):
        accept_one(connection, ask(account, composed(account), at=NOW + 999))
    assert history.history(connection, account.id, MessageQuery(state="delivered")) == []
    assert len(history.history(connection, account.id, MessageQuery(state="queued"))) == 3


def test_who_sent(connection: Connection, both: tuple[Account, Account]) -> None:
    """The address of a shared domain; of what an account sends itself there is none."""
    account = both[0]
    own, shared = send(connection, account, 1, NOW), send(connection, account, 1, NOW)
    connection.execute(update(submission).where(submission.c.id == shared).values(sender="jean@exemple.fr"))
    found = {one.submission: one.sender for one in history.history(connection, account.id, MessageQuery())}
    assert (found[own], found[shared]) == (None, "jean@exemple.fr")

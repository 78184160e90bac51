"""Lists of submissions: in order, by page, by channel, period and words; how far each is."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from smstob.model.account import Account
from smstob.model.draft import Channel
from smstob.model.message import State
from smstob.model.report import SubmissionQuery, SubmissionReport
from smstob.model.submission import Sender
from smstob.storage import accounts, sharing, submission_history
from smstob.storage.schema import message

from .scenes import DAY, NOW, accept_one, ask, composed, message_ids, open_account, undone


def send(connection: Connection, account: Account, text: str = "Bonjour", messages: int = 1, **changes: Any) -> int:
    """A submission of so many messages; its id."""
    lot = [composed(account, text, f"+3361234{index:04}") for index in range(messages)]
    return accept_one(connection, ask(account, *lot, **changes)).id


@pytest.fixture
def account(connection: Connection) -> Account:
    """An account that may send anything again."""
    return open_account(connection, 10_000, duplicates=False)


def listed(connection: Connection, account: Account, **query: Any) -> list[int]:
    """The ids that are found."""
    found = submission_history.submissions(connection, account.id, SubmissionQuery(**query))
    assert all(one == submission_history.submission_of(connection, account.id, one.id) for one in found)
    return [one.id for one in found]


def test_all_that_is_said(connection: Connection, account: Account) -> None:
    """Every field, to the letter."""
    odd = "L'été à 5 € \\ {«😀»} %s ? :x {}\n,fin"
    id_ = send(connection, account, odd, 3, due=NOW + 60, destination="clients %", empty=2, validity=5)
    found = submission_history.submission_of(connection, account.id, id_)
    assert found == SubmissionReport(
        id=id_,
        channel="http",
        destination="clients %",
        text=odd,
        created=NOW,
        due=NOW + 60,
        code=81,
        format="normal",
        validity=5,
        messages=3,
        segments=3,
        credits=3,
        duplicates=0,
        empty=2,
        states={"queued": 3},
    )
    assert (found.underway, found.count("delivered", "failed")) == (3, 0)


def test_nobody_sees_another_s(connection: Connection, account: Account) -> None:
    """Neither listed nor told, whatever id is asked for."""
    other = open_account(connection)
    theirs, ours = send(connection, other), send(connection, account)
    assert listed(connection, account) == [ours]
    for id_ in (theirs, 0, -1, ours + 1000, 2**63 - 1):
        assert submission_history.submission_of(connection, account.id, id_) is None
    assert submission_history.submissions(connection, 10**9, SubmissionQuery()) == []


def test_pages(connection: Connection, account: Account) -> None:
    """By page, newest first, though many have one second, and one came while a clock was behind."""
    seconds = [5, 7, 7, 7, 6, 9, 9]
    made = [(NOW + second, send(connection, account, f"{nth}", at=NOW + second)) for nth, second in enumerate(seconds)]
    newest = sorted(made, reverse=True)
    assert listed(connection, account) == [id_ for _, id_ in newest]
    seen: list[tuple[int, int]] = []
    while True:
        query = SubmissionQuery(before=seen[-1] if seen else None, limit=2)
        page = submission_history.submissions(connection, account.id, query)
        if not page:
            break
        assert len(page) <= 2
        seen += [(one.created, one.id) for one in page]
    assert seen == newest


def test_channel_and_period(connection: Connection, account: Account) -> None:
    """From the first second on, before the last; together with everything else."""
    first = send(connection, account, "un", at=NOW, channel=Channel.WEB)
    second = send(connection, account, "deux", at=NOW + 10)
    third = send(connection, account, "trois", at=NOW + 20, channel=Channel.WEB)
    assert listed(connection, account, channel="web") == [third, first]
    assert listed(connection, account, since=NOW + 10) == [third, second]
    assert listed(connection, account, until=NOW + 10) == [first]
    assert listed(connection, account, since=NOW + 1, until=NOW + 20) == [second]
    assert listed(connection, account, channel="web", since=NOW, before=(NOW + 20, third)) == [first]
    assert listed(connection, account, channel="web", search="UN") == [first]
    assert listed(connection, account, channel="x\\'", since=-(10**30), until=10**30) == []
    assert listed(connection, account, before=(10**30, 10**30)) == [third, second, first]


def test_by_sender(connection: Connection, account: Account) -> None:
    """Those of one address of a shared domain, whole and in any case; together with everything else."""
    wanted = sharing.Wanted(
        account=account.id, domain="mairie.fr", password_hash="hash", daily_limit=None, at=NOW, proven=True
    )
    assert sharing.share(connection, wanted) is None
    shared = accounts.by_id(connection, account.id)
    assert shared is not None
    jean, marie = (Sender(f"{name}@mairie.fr", NOW // DAY) for name in ("jean", "marie"))
    first = send(connection, shared, "un", sender=jean, channel=Channel.MAIL)
    second = send(connection, shared, "deux", sender=marie)
    third = send(connection, shared, "trois", sender=jean, at=NOW + 9)
    own = send(connection, shared, "quatre")
    found = submission_history.submissions(connection, account.id, SubmissionQuery())
    assert {one.id: one.sender for one in found} == {
        first: jean.address, second: marie.address, third: jean.address, own: None
    }  # fmt: skip
    for typed in (jean.address, f" {jean.address.upper()}\n", f"\0{jean.address}"):
        assert listed(connection, account, sender=typed) == [third, first]
    for nothing in (None, "", " ", "\0", "\ud800"):
        assert len(listed(connection, account, sender=nothing)) == 4
    for other in ("jean", "%@mairie.fr", "mairie.fr", "jean@autre.fr", "' OR 1=1 --", "x" * 100_000):
        assert listed(connection, account, sender=other) == []
    assert listed(connection, account, sender=jean.address, search="UN", channel="mail") == [first]
    assert listed(connection, account, sender=jean.address, before=(NOW + 9, third)) == [first]
    assert listed(connection, open_account(connection), sender=jean.address) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("mairie", {"a", "b"}),
        ("  MAIRIE\n", {"a", "b"}),
        ("ecole", {"b"}),
        ("École", {"b"}),
        ("e\u0301cole", {"b"}),
        ("mairie de", {"a"}),
        ("bonjour tous", set()),
        ("à tous le", {"a"}),
        ("100 %", {"a"}),
        ("%", {"a"}),
        ("100%", set()),
        ("_", {"b"}),
        ("a_b", {"b"}),
        ("!", {"a"}),
        ("\\", {"b"}),
        ("\\n", set()),
        ("😀", {"a"}),
        ("😁", set()),
        ("06 12", {"c"}),
        ("\0", {"a", "b", "c"}),
        ("ma\0irie", {"a", "b"}),
        ("' OR 1=1 --", set()),
        ("aaa", set()),
        ("x" * 10_000, set()),
        ("% " * 300, set()),
        ("\ud800", {"a", "b", "c"}),
    ],
)
def test_search(connection: Connection, account: Account, search: str, found: set[str]) -> None:
    """Destination or text; case, accents and line ends do not count, wildcards are characters like others."""
    ids = {
        "a": send(connection, account, "Bonjour à tous\nLe 100 % est là ! 😀", destination="Mairie de Lyon"),
        "b": send(connection, account, "L'ÉCOLE a_b \\ ferme", destination="mairie"),
        "c": send(connection, account, "Rien", destination="06 12 34 56 78"),
    }
    assert set(listed(connection, account, search=search)) == {ids[name] for name in found}


def test_a_search_ends(connection: Connection, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest are looked at; what is older is found from further down."""
    old = send(connection, account, "aiguille", at=NOW)
    others = [send(connection, account, f"foin {nth}", at=NOW + 1 + nth // 2) for nth in range(6)]
    monkeypatch.setattr(submission_history, "LOOKED_AT", 5)
    assert listed(connection, account, search="aiguille") == []
    assert listed(connection, account, search="foin") == others[:0:-1]
    assert listed(connection, account, search="foin", limit=2) == [others[5], others[4]]
    assert listed(connection, account, search="aiguille", before=(NOW + 3, others[4])) == [old]
    monkeypatch.setattr(submission_history, "LOOKED_AT", 7)
    assert listed(connection, account, search="aiguille") == [old]


def test_states_are_counted(connection: Connection) -> None:
    """Whatever states the messages of several submissions are in."""
    lots = st.lists(st.lists(st.sampled_from(list(State)), min_size=1, max_size=6), min_size=1, max_size=5)

    # inside, since pytest-twisted breaks a property that is also parametrized
    @settings(deadline=None, max_examples=20)
    @given(lots)
    def holds(states: list[list[State]]) -> None:
        with undone(connection):
            account = open_account(connection, 100, duplicates=False)
            expected = {}
            for lot in states:
                id_ = send(connection, account, messages=len(lot))
                expected[id_] = dict(Counter(state.value for state in lot))
                for message_id, state in zip(message_ids(connection, id_), lot, strict=True):
                    connection.execute(message.update().values(state=state.value).where(message.c.id == message_id))
            found = submission_history.submissions(connection, account.id, SubmissionQuery())
            assert {one.id: dict(one.states) for one in found} == expected

    holds()


def test_scheduled(connection: Connection, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still to leave, the earliest first; not what left, was cancelled, is due, or is another's."""
    other = open_account(connection)
    send(connection, other, due=NOW + 100)
    later, sooner = send(connection, account, due=NOW + 200, messages=3), send(connection, account, due=NOW + 100)
    send(connection, account)
    gone = send(connection, account, due=NOW + 300)
    connection.execute(message.update().values(state="cancelled").where(message.c.submission_id == gone))
    partly = message_ids(connection, later)[0]
    connection.execute(message.update().values(state="cancelled").where(message.c.id == partly))

    def scheduled(now: int) -> list[int]:
        return [one.id for one in submission_history.scheduled(connection, account.id, now)]

    assert scheduled(NOW) == [sooner, later]
    assert scheduled(NOW + 100) == [later]
    assert scheduled(NOW + 200) == []
    monkeypatch.setattr(submission_history, "MOST_SCHEDULED", 1)
    assert scheduled(NOW) == [sooner]
    assert connection.execute(select(message.c.id)).all()

"""Second thoughts: cancelled, put off, replaced; nothing of others, nothing by halves, nothing that left."""

from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from smstob.interfaces import IDeferrals
from smstob.model.account import Account
from smstob.model.draft import Credentials, Selection
from smstob.model.message import State
from smstob.model.moment import day_of
from smstob.model.refusal import ACCOUNT_CHANGED, Code, Refusal
from smstob.model.submission import Submission
from smstob.storage import accounts, deferrals, tally
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, EMAIL, NOW, NUMBER, PARIS, PASSWORD, House, numbers, outcome_of
from tests.tallies import recounted, tallied

TOMORROW, LATER, PAST = "120003032026", "093010032026", "115902032026"
LATER_AT = 1_773_131_400


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house that sends, with a gateway that hands over at once."""
    made = House(tmp_path / "a.db", recipients=500)
    made.gateway()
    return made.open()


@pytest.fixture
def account(house: House) -> Account:
    """An account with ten credits."""
    return house.account(credits=10)


def deferred(house: House, account: Account, destination: str = NUMBER, **rest: Any) -> Submission:
    """A submission for tomorrow."""
    return house.accepted(destination, sender=account, **{"when": TOMORROW, **rest})


def postpone(house: House, account: Account, submission: int, when: str = LATER) -> int | Refusal | None:
    """What is answered to a new time."""
    return outcome_of(house.deferrals.postpone(account.id, submission, when))


def replace(house: House, account: Account, submission: int, destination: str = NUMBER, **rest: Any) -> Any:
    """What is answered to another draft instead."""
    return outcome_of(house.deferrals.replace(submission, house.draft(destination, sender=account, **rest)))


def cancel(house: House, account: Account, submission: int) -> tuple[int, int] | None:
    """What is answered to a cancellation."""
    return outcome_of(house.deferrals.cancel(account.id, submission))


def test_it_leaves_at_the_new_time(house: House, account: Account) -> None:
    """Not at the old one; and the day's count goes with it."""
    assert verifyObject(IDeferrals, house.deferrals)
    made = deferred(house, account)
    assert postpone(house, account, made.id) == LATER_AT
    (day,) = house.read(lambda connection: tally.days(connection, account.id, 0, 10**6))
    assert (day.day, day.messages) == (day_of(LATER_AT, PARIS), 1)
    house.clock.advance(86_400)
    house.advance(2, 0.5)
    assert house.states() == {State.QUEUED: 1}
    house.clock.advance(LATER_AT - house.now)
    house.advance(2, 0.5)
    assert house.states() == {State.HANDED: 1}
    assert postpone(house, account, made.id) is None


def test_now_wakes_the_gateway(house: House, account: Account) -> None:
    """What is put forward to the running minute leaves at once."""
    made = deferred(house, account)
    house.woken.clear()
    assert postpone(house, account, made.id, LATER) == LATER_AT
    assert house.woken == []
    assert postpone(house, account, made.id, "120002032026") == NOW
    assert house.woken == [frozenset({"A"})]
    house.advance(0.1)
    assert house.states() == {State.HANDED: 1}


@pytest.mark.parametrize(
    "when", ["", " ", PAST, "320003032026", "023029032026", "12:00 3/3/2026", "120003032099", "1" * 9999, "\0" * 12]
)
def test_a_time_that_cannot_be(house: House, account: Account, when: str) -> None:
    """85: past, no date, the hour that spring skips, too far ahead; nothing is changed."""
    made = deferred(house, account)
    assert postpone(house, account, made.id, when) == Refusal(Code.BAD_DATE)
    assert house.messages()[0].due == made.due


def test_the_hour_that_autumn_has_twice(tmp_path: Path) -> None:
    """The first of the two is meant; around midnight the day is that of Paris."""
    house = House(tmp_path / "b.db", start=1_792_800_000)
    house.gateway()
    account = house.account()
    made = deferred(house, account, when="233024102026")
    assert postpone(house, account, made.id, "023025102026") == 1_792_888_200
    for when, day in (("003026102026", 20_752), ("233026102026", 20_752), ("000027102026", 20_753)):
        assert isinstance(postpone(house, account, made.id, when), int)
        assert [one.day for one in house.read(lambda connection: tally.days(connection, account.id, 0, 10**6))] == [day]
        assert house.read(tallied) == house.read(recounted)


def test_cancelled(house: House, account: Account) -> None:
    """All that is queued, refunded, once."""
    made = deferred(house, account, ",".join(numbers(4)), text="x" * 161)
    assert house.balance(account) == 2
    assert cancel(house, account, made.id) == (4, 8)
    assert cancel(house, account, made.id) is None
    assert (house.balance(account), house.states()) == (10, {State.CANCELLED: 4})


@pytest.mark.parametrize("id_", [None, 0, -1, 2**63 - 1, 2**63, 10**40, -(10**40)])
def test_what_is_not_one_s_own(house: House, account: Account, id_: int | None) -> None:
    """Another's submission, or none at all: not a word, and nothing is done."""
    other = house.account("autre@exemple.fr", 10)
    theirs = deferred(house, other)
    chosen = theirs.id if id_ is None else id_
    assert cancel(house, account, chosen) is None
    assert postpone(house, account, chosen) is None
    assert replace(house, account, chosen) is None
    assert (house.messages()[0].state, house.messages()[0].due) == ("queued", theirs.due)
    assert (house.balance(account), house.balance(other)) == (10, 9)


def test_replaced(house: House, account: Account) -> None:
    """The refund pays, the same text is no duplicate, and it leaves at once where that is asked."""
    group = ",".join(numbers(10))
    made = deferred(house, account, group)
    assert house.balance(account) == 0
    house.woken.clear()
    found = replace(house, account, made.id, group)
    assert (found.code, found.messages, found.duplicates) == (Code.SENT, 10, 0)
    assert house.woken == [frozenset({"A"})]
    house.advance(0.5)
    assert house.states() == {State.CANCELLED: 10, State.HANDED: 10}
    assert house.balance(account) == 0
    assert house.verification().sound
    assert replace(house, account, found.id, text="trop tard") is None


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"destination": " "}, Code.NO_DESTINATION),
        ({"text": "\n"}, Code.NO_TEXT),
        ({"selection": Selection()}, Code.NO_DESTINATION),
        ({"destination": ",".join(numbers(501))}, Code.TOO_MANY),
        ({"destination": "inconnu"}, Code.BAD_NUMBER),
        ({"selection": Selection(groups=(7,))}, Code.BAD_NUMBER),
        ({"when": PAST}, Code.BAD_DATE),
        ({"text": "x" * 9999}, Code.TOO_LONG),
        ({"text": "double"}, Code.DUPLICATE),
        ({"destination": ",".join(numbers(10)), "text": "x" * 161}, Code.NO_CREDIT),
        ({"sender": Credentials(email=EMAIL, secret=PASSWORD, address=ADDRESS)}, Code.BAD_CREDENTIALS),
    ],
)
def test_both_or_neither(house: House, account: Account, draft: dict[str, Any], code: Code) -> None:
    """Each refusal is that of sending; the old one stays as it was, and can still be put off."""
    made = deferred(house, account)
    house.accepted(text="double", sender=account)
    before = house.balance(account), house.messages(), house.read(tallied)
    given = {"destination": NUMBER, "sender": account, **draft}
    assert outcome_of(house.deferrals.replace(made.id, house.draft(**given))) == Refusal(code)
    assert (house.balance(account), house.messages(), house.read(tallied)) == before
    assert postpone(house, account, made.id) == LATER_AT


def test_the_same_reference_twice(house: House, account: Account) -> None:
    """A form that is sent twice has the same answer twice."""
    made = deferred(house, account)
    first = replace(house, account, made.id, text="autre", when=TOMORROW, reference="f1")
    again = replace(house, account, made.id, text="autre", when=TOMORROW, reference="f1")
    assert (first.id, first.code) == (again.id, again.code)
    assert house.states() == {State.CANCELLED: 1, State.QUEUED: 1}


def test_an_account_that_changes_meanwhile(
    house: House, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is decided anew by what the account is then; 99 where it does not come to rest; 82 where it is closed."""
    made = deferred(house, account)
    changes = iter([{"validity": 5}, {"validity": 6}])
    kept = deferrals.replace

    def change(connection: Any, *rest: Any) -> Any:
        for options in changes:
            accounts.set_options(connection, account.id, options)
            raise deferrals.NotReplaced(ACCOUNT_CHANGED)
        return kept(connection, *rest)

    monkeypatch.setattr(deferrals, "replace", change)
    assert replace(house, account, made.id, text="autre").code == Code.SENT
    changes = iter([{"validity": 5}] * 99)
    assert replace(house, account, made.id, text="autre") == Refusal(Code.UNAVAILABLE)
    house.write(lambda connection: accounts.set_disabled(connection, account.id, True))
    assert replace(house, account, made.id, text="autre") == Refusal(Code.BAD_CREDENTIALS)


def test_the_database_is_away(house: House, account: Account) -> None:
    """99, or what storage raises; nothing is changed, and nothing is woken."""
    made = deferred(house, account)
    house.database.away = True
    assert postpone(house, account, made.id) == Refusal(Code.UNAVAILABLE)
    assert replace(house, account, made.id, text="autre") == Refusal(Code.UNAVAILABLE)
    with pytest.raises(Unavailable):
        cancel(house, account, made.id)
    house.database.away = False
    assert house.messages()[0].due == made.due


def test_a_fault_inside_is_no_half(house: House, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something unforeseen after the cancellation: 99, and the old one stays."""
    made = deferred(house, account)

    def fail(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("smstob.storage.submissions.ledger.record", fail)
    assert replace(house, account, made.id, text="autre") == Refusal(Code.UNAVAILABLE)
    monkeypatch.undo()
    assert (house.states(), house.balance(account)) == ({State.QUEUED: 1}, 9)

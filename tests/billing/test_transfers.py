"""Transfers through the room: amounts and addresses of all kinds, racing with what is sent."""

from datetime import date
from itertools import pairwise

import pytest
from twisted.internet.defer import Deferred

from smstob.billing.transfers import last_months
from smstob.model.moment import date_of
from smstob.model.notice import Given, Opening
from smstob.model.refusal import Code
from smstob.model.sharing import Transfer, TransferFault
from smstob.storage import accounts
from tests.house import House, outcome_of

FRIEND = "ami@exemple.fr"


@pytest.mark.parametrize("credits", [0, -1, -(10**30), 10**30, 1_000_000_001])
def test_no_such_amount(house: House, credits: int) -> None:
    """Nothing moves."""
    account = house.account()
    assert outcome_of(house.transfers.transfer(account.id, FRIEND, credits, "k")) is TransferFault.BAD_AMOUNT


@pytest.mark.parametrize(
    "email",
    ["", "ami", "@", "a@b@c", "a b@exemple.fr", "é@exemple.fr", "x" * 300 + "@a.fr", "a@exemple.fr\nb", "\x00@a"],
)
def test_no_such_address(house: House, email: str) -> None:
    """Nothing moves, and no account is opened."""
    account = house.account(credits=10)
    assert outcome_of(house.transfers.transfer(account.id, email, 1, "k")) is TransferFault.NOT_AN_EMAIL
    assert house.balance(account) == 10
    assert len(house.read(accounts.summaries)) == 1


@pytest.mark.parametrize("email", ["mairie@exemple.fr", " MAIRIE@Exemple.FR "])
def test_to_oneself(house: House, email: str) -> None:
    """However it is written."""
    account = house.account(credits=10)
    assert outcome_of(house.transfers.transfer(account.id, email, 1, "k")) is TransferFault.TO_ONESELF


def test_more_than_there_is(house: House) -> None:
    """Nothing moves, and no account is opened."""
    account = house.account(credits=10)
    assert outcome_of(house.transfers.transfer(account.id, FRIEND, 11, "k")) is TransferFault.NOT_ENOUGH
    assert house.balance(account) == 10
    assert len(house.read(accounts.summaries)) == 1


def test_racing_with_sends(house: House) -> None:
    """Ten credits; five transfers of two and five sends of two come at once: what is there is given out, no more."""
    account, friend = house.account(credits=10), house.account(FRIEND, 0)
    house.gateway()
    house.workers.held = True
    given = [Deferred.fromCoroutine(house.transfers.transfer(account.id, FRIEND, 2, f"k{n}")) for n in range(5)]
    sent = [Deferred.fromCoroutine(house.submitter.submit(house.draft(text="x" * 161 + str(n)))) for n in range(5)]
    house.workers.go()
    moved = [isinstance(outcome_of(one), Transfer) for one in given].count(True)
    spent = [outcome_of(one).code for one in sent].count(Code.SENT)
    assert 2 * moved + 2 * spent == 10
    assert (house.balance(account), house.balance(friend)) == (0, 2 * moved)
    assert house.verification().sound


def test_both_are_told(house: House) -> None:
    """Who had an account hears of the credits; who had none gets a password, and hears who gave."""
    account = house.account(credits=100)
    house.account(FRIEND, 0)
    house.open()
    outcome_of(house.transfers.transfer(account.id, FRIEND, 10, "k1"))
    outcome_of(house.transfers.transfer(account.id, "neuf@exemple.fr", 20, "k2"))
    house.advance(3)
    told = {letter.recipient: letter.sections[0] for letter in house.courier.letters}
    friend, new = told[FRIEND], told["neuf@exemple.fr"]
    assert friend == Given(giver=account.email, credits=10, balance=10)
    assert isinstance(new, Opening)
    assert new.given == Given(giver=account.email, credits=20, balance=20)


def test_followed_through_the_room(house: House) -> None:
    """What the receiver sends is counted in its month."""
    account = house.account(credits=100)
    friend = house.account(FRIEND, 0)
    outcome_of(house.transfers.transfer(account.id, FRIEND, 10, "k"))
    house.gateway()
    outcome_of(house.submitter.submit(house.draft(sender=friend)))
    (found,) = outcome_of(house.transfers.followed(account.id))
    assert (found.balance, found.given) == (9, 10)
    assert [(one.year, one.month, one.messages, one.credits) for one in found.months] == [(2026, 3, 1, 1)]
    assert outcome_of(house.transfers.end_following(friend.id, account.id))
    assert not outcome_of(house.transfers.end_following(friend.id, 10**30))
    assert outcome_of(house.transfers.followed(account.id))[0].balance is None


@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_months(today: date) -> None:
    """Twelve, the newest first, each from its first to its last day and next to the one before."""
    months = last_months(today)
    assert (months[0].year, months[0].month) == (today.year, today.month)
    assert len(months) == 12
    for later, earlier in pairwise(months):
        assert earlier.last + 1 == later.first
    for one in months:
        assert (date_of(one.first).year, date_of(one.last).month, date_of(one.first).day) == (one.year, one.month, 1)

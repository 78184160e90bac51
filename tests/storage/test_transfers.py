"""Transfers: credits move once, accounts are opened for them, and who gave follows what becomes of the account."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import pytest
from sqlalchemy import Connection

from smstob.model.account import Account
from smstob.model.ledger import Reason
from smstob.model.notice import Kind
from smstob.model.sharing import MonthUse, Transfer, TransferFault
from smstob.storage import accounts, ledger, notices, submissions, tally, transfers
from smstob.storage.engine import Engines
from smstob.storage.tally import Outcome
from smstob.storage.transfers import MOST_OPENED, Month, Wanted

from .scenes import DAY, NOW, ask, composed, credits_of, open_account
from .test_two_daemons import blocked

MARCH = Month(2027, 3, 20_878, 20_908)
APRIL = Month(2027, 4, 20_909, 20_938)
ROUNDS = 40


def _wanted(giver: int, receiver: str, credits_: int = 10, key: str = "k", **other: Any) -> Wanted:
    made = Wanted(giver=giver, receiver=receiver, credits=credits_, key=key, at=NOW, nobody="$nobody")
    return attrs.evolve(made, **other)


def test_given(connection: Connection) -> None:
    """From purse to purse, under the transfer's number; the receiver is owed a letter."""
    giver, receiver = open_account(connection, 100), open_account(connection, 5)
    made = transfers.give(connection, _wanted(giver.id, receiver.email))
    assert isinstance(made, Transfer)
    assert (made.credits, made.balance, made.receiver_balance, made.opened) == (10, 90, 15, False)
    assert (credits_of(connection, giver), credits_of(connection, receiver)) == (90, 15)
    (movement,) = ledger.movements(connection, receiver.id, 1)
    assert (movement.reason, movement.reference, movement.amount) == (Reason.TRANSFER, str(made.id), 10)
    assert movement.note == f"de {giver.email} à {receiver.email}"
    owed = notices.claim(connection, NOW, NOW + 180, 10)
    assert [(one.kind, one.account, one.about) for one in owed] == [(Kind.GIVEN, receiver.id, str(made.id))]


def test_same_form(connection: Connection) -> None:
    """Sent twice it gives once, even where there is no credit left for another; of another account it is another."""
    giver, receiver = open_account(connection, 10), open_account(connection, 0)
    first = transfers.give(connection, _wanted(giver.id, receiver.email))
    assert transfers.give(connection, _wanted(giver.id, receiver.email, 7)) == first
    assert credits_of(connection, receiver) == 10
    other = transfers.give(connection, _wanted(receiver.id, giver.email, 3))
    assert isinstance(other, Transfer)


def test_account_is_opened(connection: Connection) -> None:
    """Its password is owed, and who gave; nothing of it where the credits are not there."""
    giver = open_account(connection, 10)
    assert transfers.give(connection, _wanted(giver.id, "neuf@exemple.fr", 11)) is TransferFault.NOT_ENOUGH
    assert accounts.by_email(connection, "neuf@exemple.fr") is None
    made = transfers.give(connection, _wanted(giver.id, "neuf@exemple.fr"))
    assert isinstance(made, Transfer)
    assert made.opened
    opened = accounts.by_email(connection, "neuf@exemple.fr")
    assert opened is not None
    assert credits_of(connection, opened) == 10
    owed = notices.claim(connection, NOW, NOW + 180, 10)
    assert [(one.kind, one.recipient, one.about) for one in owed] == [(Kind.OPENED, opened.email, str(made.id))]


def test_not_too_many_accounts(connection: Connection) -> None:
    """Of those that one account opens; to those that are there it may give, and tomorrow there may be more."""
    giver, known = open_account(connection, 1000), open_account(connection, 0)
    for number in range(MOST_OPENED):
        made = transfers.give(connection, _wanted(giver.id, f"n{number}@exemple.fr", 1, f"k{number}"))
        assert isinstance(made, Transfer)
    one_more = _wanted(giver.id, "trop@exemple.fr", 1)
    assert transfers.give(connection, one_more) is TransferFault.TOO_MANY
    assert isinstance(transfers.give(connection, _wanted(giver.id, known.email, 1, "known")), Transfer)
    assert isinstance(transfers.give(connection, attrs.evolve(one_more, at=NOW + DAY)), Transfer)


def test_refused(connection: Connection) -> None:
    """To oneself; from an account that is closed."""
    giver, other = open_account(connection, 10), open_account(connection)
    assert transfers.give(connection, _wanted(giver.id, giver.email)) is TransferFault.TO_ONESELF
    accounts.set_disabled(connection, giver.id, True)
    assert transfers.give(connection, _wanted(giver.id, other.email)) is TransferFault.CLOSED
    assert credits_of(connection, giver) == 10


def test_to_a_closed_account(connection: Connection) -> None:
    """Nobody is told that it is closed: the credits wait in its purse."""
    giver, closed = open_account(connection, 10), open_account(connection, 0)
    accounts.set_disabled(connection, closed.id, True)
    assert isinstance(transfers.give(connection, _wanted(giver.id, closed.email)), Transfer)
    assert credits_of(connection, closed) == 10


def test_followed(connection: Connection) -> None:
    """Balance and use by month, cancelled messages taken off; nobody else's, and no texts."""
    giver, receiver, other = (open_account(connection, 100) for _ in range(3))
    transfers.give(connection, _wanted(giver.id, receiver.email))
    transfers.give(connection, _wanted(giver.id, receiver.email, 5, "k2", at=NOW + DAY))
    transfers.give(connection, _wanted(other.id, receiver.email))
    tally.add(
        connection,
        {
            (receiver.id, MARCH.first, Outcome.ACCEPTED): (3, 4, 5),
            (receiver.id, MARCH.last, Outcome.ACCEPTED): (2, 2, 2),
            (receiver.id, MARCH.last, Outcome.CANCELLED): (1, 1, 1),
            (receiver.id, MARCH.first, Outcome.FAILED): (1, 1, 1),
            (receiver.id, APRIL.last + 1, Outcome.ACCEPTED): (9, 9, 9),
            (other.id, APRIL.first, Outcome.ACCEPTED): (9, 9, 9),
        },
    )
    (found,) = transfers.followed(connection, giver.id, [APRIL, MARCH])
    assert (found.account, found.email, found.since, found.given) == (receiver.id, receiver.email, NOW, 15)
    assert found.balance == 125
    assert found.months == (MonthUse(year=2027, month=3, messages=4, credits=6),)
    assert transfers.followed(connection, receiver.id, [MARCH]) == []


def test_what_was_before_is_not_seen(connection: Connection) -> None:
    """Who gives one credit does not learn of the year before."""
    giver, receiver = open_account(connection, 100), open_account(connection, 0)
    given = MARCH.first + 3
    transfers.give(connection, _wanted(giver.id, receiver.email, at=given * DAY + 7))
    sent = {(receiver.id, given + ago, Outcome.ACCEPTED): (1, 1, 1) for ago in (-1, 0, 1)}
    tally.add(connection, sent)
    (found,) = transfers.followed(connection, giver.id, [MARCH])
    assert found.months == (MonthUse(year=2027, month=3, messages=2, credits=2),)


def test_follow_no_longer(connection: Connection) -> None:
    """Whoever received ends it; by the next transfer it begins anew."""
    giver, receiver = open_account(connection, 100), open_account(connection, 0)
    transfers.give(connection, _wanted(giver.id, receiver.email))
    (follower,) = transfers.followers(connection, receiver.id)
    assert (follower.account, follower.email, follower.given) == (giver.id, giver.email, 10)
    assert not transfers.end_following(connection, giver.id, receiver.id, NOW)
    assert transfers.end_following(connection, receiver.id, giver.id, NOW)
    assert not transfers.end_following(connection, receiver.id, giver.id, NOW)
    assert transfers.followers(connection, receiver.id) == []
    (found,) = transfers.followed(connection, giver.id, [MARCH])
    assert (found.balance, found.months, found.given) == (None, (), 10)
    transfers.give(connection, _wanted(giver.id, receiver.email, key="k2"))
    assert transfers.followed(connection, giver.id, [MARCH])[0].balance == 20


def test_crosswise(postgresql_engines: Engines) -> None:
    """Two accounts give to each other at two daemons: neither waits for ever."""
    with postgresql_engines.writer.begin() as connection:
        one, other = open_account(connection, 10), open_account(connection, 10)
    with postgresql_engines.writer.begin() as connection:
        transfers.give(connection, _wanted(one.id, other.email, 4))
        with blocked(postgresql_engines, partial(transfers.give, wanted=_wanted(other.id, one.email, 9))) as second:
            connection.commit()
    assert isinstance(second.result(), Transfer)
    with postgresql_engines.writer.begin() as connection:
        assert (credits_of(connection, one), credits_of(connection, other)) == (15, 5)


def test_nobody_waits_crosswise(postgresql_engines: Engines) -> None:
    """Two accounts give to each other while batches of both are sent, at three daemons: no deadlock, no credit lost."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        one, other = open_account(connection, 100), open_account(connection, 100)

    def give(giver: Account, receiver: Account) -> None:
        for nth in range(ROUNDS):
            with writer.begin() as connection:
                transfers.give(connection, _wanted(giver.id, receiver.email, 1, f"{nth}"))

    def send(*_: Account) -> None:
        for nth in range(ROUNDS):
            batch = [ask(account, composed(account, f"{nth}")) for account in (one, other)]
            with writer.begin() as connection:
                submissions.accept(connection, batch)

    with ThreadPoolExecutor(3) as threads:
        works = [threads.submit(give, one, other), threads.submit(give, other, one), threads.submit(send)]
        for work in works:
            work.result(60)
    with writer.begin() as connection:
        assert (credits_of(connection, one), credits_of(connection, other)) == (100 - ROUNDS, 100 - ROUNDS)


def test_spent_meanwhile(postgresql_engines: Engines) -> None:
    """What another daemon spends between the look and the move is not given as well."""
    with postgresql_engines.writer.begin() as connection:
        giver, receiver = open_account(connection, 10), open_account(connection, 0)
    with postgresql_engines.writer.begin() as connection:
        ledger.issue(connection, giver.id, -5, Reason.ADJUSTMENT, "spent", NOW, "")
        wanted = _wanted(giver.id, receiver.email, 6)
        with blocked(postgresql_engines, partial(transfers.give, wanted=wanted)) as second:
            connection.commit()
    assert second.result() is TransferFault.NOT_ENOUGH
    with postgresql_engines.writer.begin() as connection:
        assert (credits_of(connection, giver), credits_of(connection, receiver)) == (5, 0)


def test_one_account_for_two_givers(postgresql_engines: Engines) -> None:
    """Both give to who has none yet: one opens it, the other is told to begin anew."""
    with postgresql_engines.writer.begin() as connection:
        one, other = open_account(connection, 10), open_account(connection, 10)
    with postgresql_engines.writer.begin() as connection:
        transfers.give(connection, _wanted(one.id, "neuf@exemple.fr"))
        again = _wanted(other.id, "neuf@exemple.fr")
        give = partial(transfers.give, wanted=again)
        with pytest.raises(accounts.AlreadyThere), blocked(postgresql_engines, give):
            connection.commit()
    with postgresql_engines.writer.begin() as connection:
        made = transfers.give(connection, again)
        assert isinstance(made, Transfer)
        assert made.receiver_balance == 20

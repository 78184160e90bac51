"""A way back in: mailed to the holder, good once, for an hour; strangers are not told whether there is an account."""

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from smstob.accounts.entrance import PER_ADDRESS, PER_NETWORK
from smstob.model.access import LINK_LASTS, Hindrance, Opened
from smstob.model.account import Account, Confirmations
from smstob.model.notice import Recovery
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of

from .scene import (
    CHOSEN,
    ELSEWHERE,
    close_account,
    confirm,
    counted,
    guard,
    link,
    log_in,
    passcode,
    session,
    told,
    try_to_log_in,
    version,
)


def reset(house: House, token: str, password: str = CHOSEN) -> Hindrance | None:
    """What is answered."""
    return outcome_of(house.entrance.reset(token, password, ADDRESS))


def is_good(house: House, token: str) -> bool:
    """Whether the link still leads somewhere."""
    return outcome_of(house.entrance.link_is_good(token))


def test_way_back(house: House, account: Account) -> None:
    """The link sets the password, once; every session ends, and the old password is worth nothing."""
    opened, token = log_in(house), link(house)
    assert is_good(house, token)
    assert is_good(house, token)
    assert session(house, opened.token) is not None
    assert reset(house, token) is None
    assert session(house, opened.token) is None
    assert try_to_log_in(house) is Hindrance.BAD_CREDENTIALS
    log_in(house, CHOSEN)
    assert not is_good(house, token)
    assert reset(house, token, "Une autre phrase encore") is Hindrance.BAD_LINK
    log_in(house, CHOSEN)


def test_section(house: House, account: Account) -> None:
    """It was asked for, and is for that account; its token is in no representation."""
    token = link(house)
    (letter,) = house.courier.letters
    assert letter.sections == (Recovery(email=EMAIL, token=token, known=False),)
    assert (letter.recipient, letter.thread) == (EMAIL, None)
    assert token not in repr(letter)


def test_two_links(house: House, account: Account) -> None:
    """Both are good until one is used."""
    first, second = link(house), link(house)
    assert first != second
    assert is_good(house, first)
    assert is_good(house, second)
    assert reset(house, second) is None
    assert not is_good(house, first)
    assert reset(house, first) is Hindrance.BAD_LINK
    log_in(house, CHOSEN)


def test_too_old(house: House, account: Account) -> None:
    """An hour after it was written; within another it is forgotten."""
    token = link(house)
    house.clock.advance(LINK_LASTS - 2)
    assert is_good(house, token)
    house.clock.advance(2)
    assert not is_good(house, token)
    assert reset(house, token) is Hindrance.BAD_LINK
    log_in(house)
    house.advance(3700, 1)
    count = house.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM password_link").scalar_one())
    assert count == 0


def test_hour_begins_when_the_letter_is_written(house: House, account: Account) -> None:
    """What waited in a queue of ours for a day is good when it comes."""
    house.notifier.stopService()
    assert outcome_of(house.entrance.recover(EMAIL, ADDRESS)) is None
    house.clock.advance(86_400)
    house.notifier.startService()
    (section,) = told(house)
    assert is_good(house, section.token)


def test_bad_passwords_use_no_link_up(house: House, account: Account) -> None:
    """Whoever chooses badly chooses again."""
    token = link(house)
    assert reset(house, token, "court") is Hindrance.PASSWORD_TOO_SHORT
    assert reset(house, token, EMAIL) is Hindrance.PASSWORD_COMMON
    assert reset(house, token, "cle-un deux trois") is Hindrance.PASSWORD_UNTYPABLE
    assert reset(house, token) is None


@pytest.mark.parametrize("token", ["", "x", "\0", "é", "\ud800", "x" * 1_000_000, "' OR 1=1 --", "%"])
def test_links_that_never_were(house: House, account: Account, token: str) -> None:
    """Lead nowhere, and cost no hash, whatever the password is."""
    good, verified = link(house), house.verified
    assert not is_good(house, token)
    assert reset(house, token) is Hindrance.BAD_LINK
    assert reset(house, token, "x") is Hindrance.BAD_LINK
    assert house.verified == verified
    assert is_good(house, good)


def test_second_factor_stays(house: House, account: Account) -> None:
    """Who reads somebody's mails is not in yet."""
    made = guard(house, account)
    assert reset(house, link(house)) is None
    opened = log_in(house, CHOSEN)
    assert opened.session.pending
    assert isinstance(confirm(house, opened.token, passcode(house, made.secret)), Opened)


def test_closed_account(house: House, account: Account) -> None:
    """It gets nothing, and a link that it has leads nowhere; what is owed when it is closed is not told."""
    token = link(house)
    assert outcome_of(house.entrance.recover(EMAIL, ADDRESS)) is None
    close_account(house, account)
    assert not is_good(house, token)
    assert reset(house, token) is Hindrance.BAD_LINK
    assert outcome_of(house.entrance.recover(EMAIL, ADDRESS)) is None
    house.advance(3700, 1)
    assert len(house.courier.tries) == 1


def test_closed_between(house: House, account: Account) -> None:
    """While the new password is being hashed."""
    token = link(house)
    house.workers.held = True
    waiting = Deferred.fromCoroutine(house.entrance.reset(token, CHOSEN, ADDRESS))
    close_account(house, account)
    house.workers.go()
    assert outcome_of(waiting) is Hindrance.BAD_LINK


def test_two_at_once(house: House, account: Account) -> None:
    """Of two that follow the same link together one sets the password."""
    token = link(house)
    house.workers.held = True
    waiting = [
        Deferred.fromCoroutine(house.entrance.reset(token, password, ADDRESS))
        for password in (CHOSEN, "Une autre phrase encore")
    ]
    house.workers.go()
    assert [outcome_of(one) for one in waiting] == [None, Hindrance.BAD_LINK]
    log_in(house, CHOSEN)


def test_costs_the_same(house: House, account: Account) -> None:
    """Known, unknown, closed: as many transactions, and something is written; nothing but the letter differs."""
    closed = house.account("ferme@exemple.fr")
    close_account(house, closed)
    costs = []
    for email in (EMAIL, "personne@exemple.fr", "ferme@exemple.fr"):
        with counted(house) as cost:
            assert outcome_of(house.entrance.recover(email, ADDRESS)) is None
        costs.append(cost)
    assert costs[0] == costs[1] == costs[2]
    assert (costs[0].written, costs[0].commits, costs[0].verified) == (1, True, 0)
    house.advance(3)
    assert [letter.recipient for letter in house.courier.letters] == [EMAIL]
    assert house.read(lambda connection: accounts.by_email(connection, "personne@exemple.fr")) is None


def test_throttled(house: House, account: Account) -> None:
    """By network and by address, known or not."""
    for email in (EMAIL, "personne@exemple.fr"):
        answers = [
            outcome_of(house.entrance.recover(email, f"198.51.100.{nth}")) for nth in range(PER_ADDRESS + 2)
        ]
        assert answers == [None] * PER_ADDRESS + [Hindrance.TOO_MANY] * 2
    answers = [outcome_of(house.entrance.recover(f"a{nth}@exemple.fr", ELSEWHERE)) for nth in range(300)]
    assert answers == [None] * PER_NETWORK + [Hindrance.TOO_MANY] * (300 - PER_NETWORK)


@pytest.mark.parametrize("email", ["", "mairie", "a@b@c.fr", "a@b.fr\r\nBcc: c@d.fr", "x" * 1_000_000, "\0", "\ud800"])
def test_hostile_addresses(house: House, email: str) -> None:
    """Are none."""
    assert outcome_of(house.entrance.recover(email, ADDRESS)) is Hindrance.NOT_AN_EMAIL


def test_confirmations_do_not_matter(house: House) -> None:
    """Who wants no mails can lose his password too."""
    house.account(confirmations=Confirmations.NONE)
    assert is_good(house, link(house))


def test_database_away(house: House, account: Account) -> None:
    """The link is not used up."""
    token, before = link(house), version(house)
    house.database.away = True
    with pytest.raises(Unavailable):
        reset(house, token)
    house.database.away = False
    assert version(house) == before
    log_in(house, PASSWORD)
    assert reset(house, token) is None


def test_clock_set_back(house: House, account: Account) -> None:
    """A link is good for a while longer then; it is good once all the same."""
    token = link(house)
    house.clock.rightNow -= 86_400
    assert reset(house, token) is None
    assert reset(house, token) is Hindrance.BAD_LINK


def test_the_log(house: House, account: Account) -> None:
    """Whose password was set from where; no token, no password."""
    with capturedLogs() as events:
        token = link(house)
        assert reset(house, token) is None
    (noted,) = [one for one in events if "a link set the password" in one["log_format"]]
    assert (noted["account"], noted["network"]) == (account.id, ADDRESS)
    assert token not in str(events)
    assert CHOSEN not in str(events)

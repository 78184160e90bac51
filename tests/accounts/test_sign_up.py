"""Sign-up: an address is all it takes, and nothing tells a stranger whether it was known."""

import pytest
from sqlalchemy import func, select
from twisted.logger import capturedLogs
from zope.interface.verify import verifyObject

from smstob.accounts.entrance import PER_ADDRESS, PER_NETWORK
from smstob.interfaces import IEntrance
from smstob.model.access import Hindrance
from smstob.model.account import Account, Confirmations
from smstob.model.notice import Opening, Recovery
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from smstob.storage.schema import account as table
from tests.house import ADDRESS, EMAIL, House, outcome_of

from .scene import ELSEWHERE, NEW, close_account, counted, log_in, told, try_to_log_in, version


def sign_up(house: House, email: str = NEW, address: str = ADDRESS) -> Hindrance | None:
    """What is answered."""
    return outcome_of(house.entrance.sign_up(email, address))


def accounts_of(house: House) -> int:
    """How many there are."""
    return house.read(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_interface(house: House) -> None:
    """The methods that the interface names."""
    assert verifyObject(IEntrance, house.entrance)


def test_password_comes_by_letter(house: House) -> None:
    """It opens the account, whose e-mail is in canonical form; nothing else did before."""
    assert sign_up(house, f"  {NEW.upper()} ") is None
    assert try_to_log_in(house, "", NEW) is Hindrance.BAD_CREDENTIALS
    house.advance(1.1)
    (letter,) = house.courier.letters
    (section,) = letter.sections
    assert isinstance(section, Opening)
    assert (letter.recipient, letter.thread, section.email) == (NEW, None, NEW)
    assert log_in(house, section.password, NEW).session.account.email == NEW
    house.advance(600, 1)
    assert len(house.courier.letters) == 1


def test_known_address(house: House, account: Account) -> None:
    """Its holder gets a link and hears why; the account is as it was, and its password is."""
    assert sign_up(house, EMAIL) is None
    house.advance(1.1)
    (section,) = told(house)
    assert isinstance(section, Recovery)
    assert (section.email, section.known) == (EMAIL, True)
    assert version(house) == account.version
    log_in(house)


def test_closed_account_hears_nothing(house: House, account: Account) -> None:
    """And whoever asks hears the same as ever."""
    close_account(house, account)
    assert sign_up(house, EMAIL) is None
    house.advance(5)
    assert house.courier.tries == []


def test_costs_the_same(house: House, account: Account) -> None:
    """New, known or closed: as many transactions, as many passwords looked at, and something written."""
    house.account("ferme@exemple.fr")
    found = house.read(lambda connection: accounts.by_email(connection, "ferme@exemple.fr"))
    assert found is not None
    close_account(house, found)
    costs = []
    for email in (NEW, EMAIL, "ferme@exemple.fr"):
        with counted(house) as cost:
            assert sign_up(house, email) is None
        costs.append(cost)
    assert costs[0] == costs[1] == costs[2]
    assert (costs[0].written, costs[0].commits, costs[0].verified) == (1, True, 0)


def test_unknown_address_costs_as_much_to_log_in(house: House, account: Account) -> None:
    """As a wrong password does, before and after the first letter."""
    assert sign_up(house) is None
    costs = []
    for email in ("personne@exemple.fr", EMAIL, NEW):
        with counted(house) as cost:
            assert try_to_log_in(house, "wrong", email) is Hindrance.BAD_CREDENTIALS
        costs.append(cost)
    assert costs[0] == costs[1] == costs[2]
    assert costs[0].verified == 1


def test_three_hundred_from_one_network(house: House) -> None:
    """A handful of accounts are opened; the rest is asked to come later, and everybody else is not."""
    answers = [sign_up(house, f"a{nth}@exemple.fr", f"2001:db8::{nth:x}") for nth in range(300)]
    assert answers == [None] * PER_NETWORK + [Hindrance.TOO_MANY] * (300 - PER_NETWORK)
    assert accounts_of(house) == PER_NETWORK
    assert sign_up(house, "a@exemple.fr", ELSEWHERE) is None
    assert outcome_of(house.entrance.recover("b@exemple.fr", "2001:db8::1")) is Hindrance.TOO_MANY
    house.advance(3600, 600)
    assert sign_up(house, "c@exemple.fr", "2001:db8::1") is None


def test_nobody_is_flooded(house: House, account: Account) -> None:
    """By letters that strangers from everywhere ask for: whether he has an account is not told by it."""
    for email in (EMAIL, NEW):
        answers = [sign_up(house, email, f"198.51.100.{nth}") for nth in range(PER_ADDRESS + 2)]
        assert answers == [None] * PER_ADDRESS + [Hindrance.TOO_MANY] * 2
        assert outcome_of(house.entrance.recover(email, "203.0.113.1")) is Hindrance.TOO_MANY
    house.advance(5)
    recipients = [letter.recipient for letter in house.courier.letters]
    assert (recipients.count(EMAIL), recipients.count(NEW)) == (PER_ADDRESS, PER_ADDRESS)


def test_clock_set_back(house: House) -> None:
    """What was counted is not held against anybody for longer than an hour."""
    for nth in range(PER_NETWORK):
        assert sign_up(house, f"a{nth}@exemple.fr") is None
    house.clock.rightNow -= 10 * 86_400
    assert sign_up(house, "b@exemple.fr") is Hindrance.TOO_MANY
    house.clock.rightNow += 3600
    assert sign_up(house, "b@exemple.fr") is None


def test_without_a_network(house: House) -> None:
    """Behind a proxy that tells none, all are not one."""
    assert {sign_up(house, f"a{nth}@exemple.fr", "") for nth in range(PER_NETWORK * 3)} == {None}


@pytest.mark.parametrize(
    "email",
    [
        *("", " ", "@", "a@", "@b.fr", "mairie", "a b@exemple.fr", "a@b@c.fr", "a@exemple.fr,b@exemple.fr"),
        *("a@exemple.fr\r\nBcc: b@exemple.fr", "a@exemple.fr\nX: y", "a\0@exemple.fr", "a@exemple.fr\0", "a\x7f@b.fr"),
        *("<a@exemple.fr>", "Mairie <a@exemple.fr>", '"a"@exemple.fr', "a@exemple..fr", "a@-exemple.fr", "a@[1.2.3.4]"),
        *("'; DROP TABLE account; --", "a@b.fr' OR '1'='1", "a@b.fr\u2028b", "\ud800@exemple.fr", "a@\ud800.fr"),
        *("x" * 65 + "@exemple.fr", "a@" + "x" * 300 + ".fr", "é@exemple.fr", "a@exempl\u00e9.fr"),
        *("x" * 1_000_000, "a@" * 1_000_000, "\u202ea@exemple.fr", "a@exemple.fr%00", "a@exemple.fr\u200b"),
    ],
)
def test_hostile_addresses(house: House, email: str) -> None:
    """What is no address, or one that no letter can be written to: nothing is opened, nothing owed."""
    with counted(house) as cost:
        assert sign_up(house, email) is Hindrance.NOT_AN_EMAIL
    assert cost.written == 0
    assert accounts_of(house) == 0


@pytest.mark.parametrize("email", ["o'neil+sms=1@exemple.fr", "a%b@exemple.fr", "a--drop@exemple.fr", "{a}@x.fr"])
def test_odd_addresses(house: House, email: str) -> None:
    """Are addresses all the same."""
    assert sign_up(house, email) is None
    house.advance(1.1)
    assert house.courier.letters[0].recipient == email


def test_letters_of_other_scripts_that_become_ours(house: House, account: Account) -> None:
    """A sign that is an ASCII letter in lower case is that letter: the letter goes to the account's own address."""
    house.account("kiosque@exemple.fr")
    assert sign_up(house, "\u212aiosque@exemple.fr") is None
    house.advance(1.1)
    (letter,) = house.courier.letters
    assert letter.recipient == "kiosque@exemple.fr"


def test_database_away(house: House) -> None:
    """It is told, nothing is half done, and the next try is a first one."""
    house.database.away = True
    with pytest.raises(Unavailable):
        sign_up(house)
    house.database.away = False
    house.advance(5)
    assert (accounts_of(house), house.courier.tries) == (0, [])
    assert sign_up(house) is None
    house.advance(1.1)
    assert len(house.courier.letters) == 1


def test_confirmations_do_not_matter(house: House) -> None:
    """Who wants no mails gets those that he asks for."""
    house.account(confirmations=Confirmations.NONE)
    assert sign_up(house, EMAIL) is None
    house.advance(1.1)
    assert len(house.courier.letters) == 1


def test_the_log(house: House) -> None:
    """Which account was opened from where; no password, no address of somebody's."""
    with capturedLogs() as events:
        assert sign_up(house) is None
        house.advance(1.1)
    (opened,) = [one for one in events if "opened" in one["log_format"]]
    assert (opened["account"], opened["network"]) == (1, ADDRESS)
    assert told(house)[0].password not in f"{events}{house.courier.letters}"

"""Credits run out: an SMS says so, once; a letter does where no SMS can."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from smstob.flow import notify
from smstob.flow.money import PATIENCE
from smstob.flow.notify import LAST_RETRY
from smstob.model.account import Account, Confirmations
from smstob.model.draft import Channel
from smstob.model.ledger import Reason
from smstob.model.notice import NotCarried, Shortage
from smstob.model.refusal import Code
from smstob.model.report import SubmissionQuery, SubmissionReport
from smstob.model.route import Route
from smstob.storage import accounts, ledger
from tests.fakes import PromptGateway
from tests.house import EMAIL, House, outcome_of

PHONE = "+33698765432"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Open, with a gateway that takes all."""
    return opened(tmp_path / "a.db")


def opened(path: Path, **settings: Any) -> House:
    """A house that sends and tells."""
    house = House(path, **settings)
    house.gateway(PromptGateway)
    return house.open()


def alerted(house: House, credits: int = 10, threshold: int = 5, **options: Any) -> Account:
    """An account that wants an alert."""
    return house.account(credits=credits, alert_threshold=threshold, **{"alert_phone": PHONE, **options})


def spend(house: House, credits_: int) -> None:
    """One SMS after the other, to others."""
    for nth in range(credits_):
        house.accepted(text=f"n° {nth} {house.now}")


def texts(house: House) -> list[str]:
    """What was sent to the telephone of alerts."""
    return [row.text for row in house.messages() if row.number == PHONE]


def letters(house: House) -> list[Shortage]:
    """The alerts that were mailed, each in a letter of its own."""
    found: list[Shortage] = []
    for letter in house.courier.letters:
        if isinstance(letter.sections[0], Shortage):
            (section,) = letter.sections
            assert isinstance(section, Shortage)
            found.append(section)
    return found


def owed(house: House) -> int:
    """Notices that are to be told."""
    count = "SELECT count(*) FROM notice WHERE told_at IS NULL"
    return house.read(lambda connection: int(connection.exec_driver_sql(count).scalar_one()))


def submissions(house: House) -> list[SubmissionReport]:
    """The account's, newest first."""
    return outcome_of(house.reporter.submissions(1, SubmissionQuery()))


def test_text(house: House) -> None:
    """Its words, its price, its place in the history; and no second one for what it cost itself."""
    account = alerted(house)
    spend(house, 5)
    house.advance(2)
    assert texts(house) == [
        "SMStoB : plus que 5 crédits sur le compte mairie@exemple.fr le 02/03 à 12:00. "
        "Rechargez : http://127.0.0.1:8080/credits"
    ]
    assert house.balance(account) == 4
    newest = submissions(house)[0]
    assert (newest.channel, newest.credits, newest.destination) == (Channel.ALERT, 1, PHONE)
    spend(house, 2)
    house.advance(1000, 1)
    assert len(texts(house)) == 1
    assert house.balance(account) == 2
    assert letters(house) == []
    assert owed(house) == 0
    assert house.verification().sound


@pytest.mark.parametrize("wanted", list(Confirmations))
def test_whatever_the_options_say(house: House, wanted: Confirmations) -> None:
    """Confirmations are another matter."""
    alerted(house, credits=5, confirmations=wanted)
    spend(house, 5)
    house.advance(2)
    assert len(letters(house)) == 1


def test_no_credit(house: House) -> None:
    """The last credit went: a letter says so, and why."""
    alerted(house, credits=3)
    spend(house, 3)
    house.advance(2)
    assert texts(house) == []
    expected = Shortage(email=EMAIL, balance=0, threshold=5, phone=PHONE, code=Code.NO_CREDIT)
    assert letters(house) == [expected]
    (letter,) = house.courier.letters
    assert (letter.recipient, letter.thread, letter.attachments) == (EMAIL, None, ())
    house.advance(4000, 1)
    assert len(house.courier.tries) == 1


@pytest.mark.parametrize("phone", ["+33123456789", "+819012345678", "Clients", "0612345678,0612345679"])
def test_bad_telephone(house: House, phone: str) -> None:
    """A landline, a country that is closed, a group's name, two numbers: a letter, and nobody gets an SMS."""
    account = alerted(house, alert_phone=phone)
    house.group(account, "Clients", ["+33611111111", "+33622222222"])
    spend(house, 6)
    house.advance(2)
    assert [one.code for one in letters(house)] == [Code.BAD_NUMBER]
    assert len(house.messages()) == 6


def test_no_route(tmp_path: Path) -> None:
    """There may be one later; after two hours a letter says it instead."""
    house = opened(tmp_path / "a.db", routes=(Route(prefix="+33", gateways=("A",)),))
    alerted(house, alert_phone="+32470123456")
    spend(house, 6)
    house.advance(PATIENCE - 60, 10)
    assert house.courier.tries == []
    house.advance(2 * LAST_RETRY, 10)
    assert [one.code for one in letters(house)] == [Code.UNAVAILABLE]
    assert len(house.messages()) == 6


def test_duplicate(house: House) -> None:
    """The very same words went there of late, by whatever hand: a letter says so instead."""
    alerted(house)
    words = (
        "SMStoB : plus que 4 crédits sur le compte mairie@exemple.fr le 02/03 à 12:00. "
        "Rechargez : http://127.0.0.1:8080/credits"
    )
    house.accepted(PHONE, words)
    spend(house, 5)
    house.advance(2)
    assert [one.code for one in letters(house)] == [Code.DUPLICATE]
    assert len(texts(house)) == 1


def test_armed_again(house: House) -> None:
    """By new credits: the second crossing, a day later, is told too."""
    account = alerted(house)
    spend(house, 6)
    house.advance(2)
    house.write(lambda connection: ledger.issue(connection, account.id, 20, Reason.TOP_UP, "r", house.now, "essai"))
    house.advance(86_400, 60)
    spend(house, 20)
    house.advance(2)
    assert len(texts(house)) == 2
    assert letters(house) == []


def test_above_again_before_it_is_told(house: House) -> None:
    """Whoever paid meanwhile reads nothing."""
    account = alerted(house)
    outcome_of(house.notifier.stopService())
    spend(house, 6)
    house.write(lambda connection: ledger.issue(connection, account.id, 20, Reason.TOP_UP, "r", house.now, "essai"))
    house.notifier.startService()
    house.advance(1000, 1)
    assert texts(house) == []
    assert house.courier.tries == []


def test_late(house: House) -> None:
    """It says what there is when it leaves, not what there was."""
    alerted(house)
    outcome_of(house.notifier.stopService())
    spend(house, 7)
    house.advance(7200, 60)
    house.notifier.startService()
    house.advance(1)
    (words,) = texts(house)
    assert words.startswith("SMStoB : plus que 3 crédits")
    assert "14:00" in words


def test_not_now(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the submitter cannot take now is sent later, and is no letter."""
    alerted(house)
    spend(house, 6)
    real, away = house.database.batch, True

    def batch(function: Any, items: Any, weight: int = 1) -> "Deferred[Any]":
        if away and function.__name__ == "accept":
            raise RuntimeError("a fault")
        return real(function, items, weight)

    monkeypatch.setattr(house.database, "batch", batch)
    house.advance(5)
    assert texts(house) == []
    away = False
    house.advance(300, 1)
    assert len(texts(house)) == 1
    assert letters(house) == []


def test_daemon_that_dies(house: House) -> None:
    """After the debit and before it is noted: the next daemon sends none, and debits nothing."""
    account = alerted(house)
    spend(house, 6)
    house.advance(2)
    house.write(lambda connection: connection.exec_driver_sql("UPDATE notice SET told_at = NULL"))
    house.close()
    after = opened(house.path, start=house.now + notify.LEASE + 1)
    after.advance(600, 1)
    assert len(texts(after)) == 1
    assert after.balance(account) == 3
    assert after.courier.tries == []


def test_daemon_that_dies_before(house: House) -> None:
    """What is owed is on disk with the debit that crossed the threshold."""
    alerted(house)
    outcome_of(house.notifier.stopService())
    spend(house, 6)
    house.close()
    after = opened(house.path, start=house.now + 60)
    after.advance(2)
    assert len(texts(after)) == 1


def test_letter_that_is_not_carried(house: House) -> None:
    """It is tried again; where there are credits for an SMS by then it is one."""
    account = alerted(house, credits=3)
    house.courier.refusal = NotCarried("421 occupé")
    spend(house, 3)
    house.advance(2)
    assert len(house.courier.tries) == 1
    house.write(lambda connection: ledger.issue(connection, account.id, 2, Reason.TOP_UP, "r", house.now, "essai"))
    house.advance(120, 1)
    assert len(texts(house)) == 1
    assert house.courier.letters == []


def test_account_that_is_closed_meanwhile(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the sending: nobody is told, and it is not tried for ever."""
    account = alerted(house)
    spend(house, 6)
    real = house.submitter.submit

    async def submit(draft: Any) -> Any:
        house.write(lambda connection: accounts.set_disabled(connection, account.id, disabled=True))
        return await real(draft)

    monkeypatch.setattr(house.submitter, "submit", submit)
    house.advance(300, 1)
    assert texts(house) == []
    assert house.courier.tries == []
    assert owed(house) == 0


def test_flash_and_signs_of_the_account(house: House) -> None:
    """An alert is an ordinary SMS, whatever the account's messages are."""
    alerted(house, characters="as-is", format="flash", max_segments=1)
    spend(house, 6)
    house.advance(2)
    (row,) = [one for one in house.messages() if one.number == PHONE]
    assert (row.format, row.segments, row.coding) == ("normal", 1, "gsm7")

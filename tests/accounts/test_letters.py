"""Passwords and links on their way: told once where all goes well, drawn anew where not, and always a letter alone."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from smstob.flow import notify
from smstob.flow.notify import HOURLY
from smstob.model.access import Hindrance
from smstob.model.account import Account
from smstob.model.draft import Credentials
from smstob.model.notice import Acknowledgement, Decided, Letter, Line, NotCarried, Opening, Recovery
from smstob.model.refusal import Code
from smstob.storage import accounts
from tests.house import ADDRESS, EMAIL, House, outcome_of, password_hash

from .scene import CHOSEN, NEW, last_password, link, log_in, session, told, try_to_log_in

OTHER = Line(destination="0123456789", code=Code.BAD_NUMBER)


def sign_up(house: House, email: str = NEW) -> None:
    """Somebody wants an account."""
    assert outcome_of(house.entrance.sign_up(email, "")) is None


def password_in(letter: Letter) -> str:
    """The one that it tells."""
    (section,) = letter.sections
    assert isinstance(section, Opening)
    return section.password


def owe_confirmations(house: House, count: int) -> None:
    """So many mails of ``EMAIL``'s were refused."""
    for nth in range(count):
        decided = Decided(key=f"k{nth}", email=EMAIL, recipient=EMAIL, thread=None, lines=(OTHER,))
        outcome_of(house.notifier.owe(decided))


def test_courier_that_fails_once(house: House) -> None:
    """The second letter's password opens the account, the first one's does not: nobody kept it."""
    house.courier.refusal = NotCarried("421 occupé")
    sign_up(house)
    house.advance(2)
    house.courier.refusal = None
    house.advance(90, 1)
    first, second = house.courier.tries
    assert house.courier.letters == [second]
    assert first.id == second.id
    assert first.at < second.at
    assert try_to_log_in(house, password_in(first), NEW) is Hindrance.BAD_CREDENTIALS
    log_in(house, password_in(second), NEW)


def test_letter_that_is_refused_for_good(house: House) -> None:
    """Is not tried again; whoever reads those mails after all comes in by a link."""
    house.courier.refusal = NotCarried("550 inconnu", lasting=True)
    sign_up(house)
    house.advance(4000, 5)
    assert len(house.courier.tries) == 1
    house.courier.refusal = None
    assert outcome_of(house.entrance.reset(link(house, NEW), CHOSEN, ADDRESS)) is None
    log_in(house, CHOSEN, NEW)


def test_link_that_failed_once(house: House, account: Account) -> None:
    """Another token each time; the one that nobody got is none of anybody's business, and dies with the other."""
    house.courier.refusal = NotCarried("421 occupé")
    assert outcome_of(house.entrance.recover(EMAIL, ADDRESS)) is None
    house.advance(2)
    house.courier.refusal = None
    house.advance(90, 1)
    lost, came = (one.sections[0] for one in house.courier.tries)
    assert isinstance(lost, Recovery)
    assert isinstance(came, Recovery)
    assert lost.token != came.token
    assert outcome_of(house.entrance.reset(came.token, CHOSEN, ADDRESS)) is None
    assert not outcome_of(house.entrance.link_is_good(lost.token))


@pytest.mark.parametrize("carried", [False, True])
def test_crash_between_setting_and_noting(house: House, carried: bool) -> None:
    """Whether the letter arrived or not, the next daemon tells a password that works."""
    house.courier.slow = True
    sign_up(house)
    house.advance(1.1)
    if carried:
        house.workers.held = True
        house.courier.arrive()
    house.close()
    after = House(house.path, start=house.now + notify.LEASE + 1).open()
    after.advance(1.1)
    assert len(after.courier.letters) == 1
    log_in(after, last_password(after), NEW)
    assert try_to_log_in(after, password_in(house.courier.tries[0]), NEW) is Hindrance.BAD_CREDENTIALS


def test_crash_after_which_nothing_is_taken_away(house: House) -> None:
    """The letter came, and its reader logged in, before it could be noted that it was carried: he goes on."""
    sign_up(house)
    house.courier.slow = True
    house.advance(1.1)
    house.courier.arrive()
    told_ = password_in(house.courier.tries[0])
    house.write(lambda connection: connection.exec_driver_sql("UPDATE notice SET told_at = NULL"))
    opened = log_in(house, told_, NEW)
    house.close()
    after = House(house.path, start=house.now + notify.LEASE + 1).open()
    after.advance(600, 1)
    assert after.courier.tries == []
    assert session(after, opened.token) is not None
    log_in(after, told_, NEW)


def test_password_of_his_own_meanwhile(house: House) -> None:
    """The operator gives one while the letter waits: it stays, and the letter is needless."""
    house.courier.refusal = NotCarried("421 occupé")
    sign_up(house)
    house.advance(2)
    house.courier.refusal = None
    house.write(lambda connection: accounts.set_password(connection, 1, password_hash("K7P2-W9X4-Z")))
    house.advance(600, 1)
    assert house.courier.letters == []
    log_in(house, "K7P2-W9X4-Z", NEW)


def test_closed_before_the_letter(house: House) -> None:
    """Nothing is told."""
    house.notifier.stopService()
    sign_up(house)
    house.write(lambda connection: accounts.set_disabled(connection, 1, disabled=True))
    house.notifier.startService()
    house.advance(600, 1)
    assert house.courier.tries == []


def test_database_away_before_the_letter(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No letter with a password that was not set; it comes when the database is back."""
    transact = house.database.transact
    away = True

    def sometimes(work: Any) -> "Deferred[Any]":
        def fail(connection: Any) -> Any:
            raise OperationalError("", {}, Exception("disk full"))

        return transact(fail if away and "draw" in work.__qualname__ else work)

    monkeypatch.setattr(house.database, "transact", sometimes)
    with capturedLogs() as events:
        sign_up(house)
        house.account()
        outcome_of(house.entrance.recover(EMAIL, ""))
        house.advance(5)
    assert house.courier.tries == []
    assert sum("waits for the database" in one["log_format"] for one in events) == 2
    away = False
    house.advance(notify.LEASE, 1)
    assert len(house.courier.letters) == 2
    log_in(house, next(one.password for one in told(house) if isinstance(one, Opening)), NEW)


def test_fault_while_drawing(house: House, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is logged, and stops no other letter."""

    def break_(*_: object) -> "Deferred[object]":
        broken: Deferred[object] = Deferred()
        broken.errback(RuntimeError("a fault"))
        return broken

    monkeypatch.setattr(house.notifier, "_run_in_thread", break_)
    with capturedLogs() as events:
        sign_up(house)
        owe_confirmations(house, 1)
        outcome_of(house.entrance.recover(EMAIL, ADDRESS))
        house.advance(2)
    assert {type(one) for one in told(house)} == {Recovery, Acknowledgement}
    assert any("could not be drawn" in one["log_format"] for one in events)


def test_never_joined(house: House, account: Account) -> None:
    """Each is a letter of its own, however many confirmations are told together to the same address."""
    owe_confirmations(house, 20)
    for _ in range(2):
        assert outcome_of(house.entrance.recover(EMAIL, "")) is None
    assert outcome_of(house.entrance.sign_up(EMAIL, "")) is None
    house.advance(1.1)
    sizes = sorted(len(letter.sections) for letter in house.courier.letters)
    assert sizes == [1, 1, 1, 20]
    alone = [letter.sections[0] for letter in house.courier.letters if len(letter.sections) == 1]
    assert sorted(one.known for one in alone if isinstance(one, Recovery)) == [False, False, True]


def test_not_starved(house: House, account: Account) -> None:
    """By a program that gets sixty confirmations an hour; nor do they take anything from its confirmations."""
    for nth in range(HOURLY + 5):
        decided = Decided(key=f"k{nth}", email=EMAIL, recipient=EMAIL, thread=None, lines=(OTHER,))
        outcome_of(house.notifier.owe(decided))
        house.advance(1, 1)
    assert len(house.courier.letters) <= HOURLY + 2
    link(house)
    assert isinstance(told(house)[-1], Recovery)


def test_many_at_once(house: House) -> None:
    """A hundred and fifty accounts get each its own password, in their turn."""
    for nth in range(150):
        sign_up(house, f"a{nth}@exemple.fr")
    house.advance(1.1)
    assert len(house.courier.letters) == 150
    passwords = {letter.recipient: password_in(letter) for letter in house.courier.letters}
    assert len(set(passwords.values())) == 150
    for nth in (0, 75, 149):
        email = f"a{nth}@exemple.fr"
        assert log_in(house, passwords[email], email).session.account.email == email


def test_one_hash_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever logs in meanwhile waits for one new account, not for all."""
    waiting: list[Deferred[str]] = []

    def later(*_: object) -> "Deferred[str]":
        waiting.append(Deferred())
        return waiting[-1]

    monkeypatch.setattr(house.notifier, "_run_in_thread", later)
    for nth in range(5):
        sign_up(house, f"a{nth}@exemple.fr")
    house.advance(1.1)
    for nth in range(5):
        assert len(waiting) == nth + 1
        waiting[nth].callback(password_hash(f"{nth}"))
    assert len(house.courier.letters) == 5


def test_nothing_is_kept_in_clear(house: House, account: Account, tmp_path: Path) -> None:
    """Not on disk, not in the log, not in what is told about letters."""
    with capturedLogs() as events:
        house.courier.refusal = NotCarried("421 occupé")
        sign_up(house)
        outcome_of(house.entrance.recover(EMAIL, ""))
        house.advance(2)
        house.courier.refusal = None
        house.advance(120, 1)
    assert len(house.courier.letters) == 2
    secrets = [section.token if isinstance(section, Recovery) else section.password for section in told(house)]
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"421 occup" in content
    for secret in secrets:
        assert secret.encode() not in content
        assert secret not in f"{events} {house.courier.tries}"


def test_password_works_at_every_door(house: House) -> None:
    """It is the account's: programs and mails may show it."""
    sign_up(house)
    house.advance(1.1)
    shown = Credentials(email=NEW, secret=last_password(house), address=ADDRESS)
    assert isinstance(outcome_of(house.authenticator.authenticate(shown)), Account)


def test_link_before_the_first_password(house: House) -> None:
    """Who asks for a link at once, too, gets in by either; by the link the password that was mailed is over."""
    sign_up(house)
    outcome_of(house.entrance.recover(NEW, ""))
    house.advance(1.1)
    password = next(one.password for one in told(house) if isinstance(one, Opening))
    token = next(one.token for one in told(house) if isinstance(one, Recovery))
    log_in(house, password, NEW)
    assert outcome_of(house.entrance.reset(token, CHOSEN, ADDRESS)) is None
    assert try_to_log_in(house, password, NEW) is Hindrance.BAD_CREDENTIALS
    log_in(house, CHOSEN, NEW)

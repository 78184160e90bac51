"""Who sends: what is remembered, forgotten, shared and counted."""

from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, execute

from smstob.flow import authenticate
from smstob.flow.authenticate import Authenticator, new_key, new_password, password_matches, secret_digest
from smstob.flow.guessing import Allowances, Guessing
from smstob.model.account import Account
from smstob.model.draft import Credentials
from smstob.model.refusal import Code, Refusal
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.fakes import Thread
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of, password_hash

WRONG = Refusal(Code.BAD_CREDENTIALS)
LATER = Refusal(Code.TOO_MANY)


def shown(secret: str = PASSWORD, email: str = EMAIL, address: str = ADDRESS) -> Credentials:
    """Credentials."""
    return Credentials(email=email, secret=secret, address=address)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with one account."""
    made = House(tmp_path / "a.db")
    made.account()
    return made


@pytest.fixture
def thread() -> Thread:
    """Where passwords are verified when it is told."""
    return Thread()


@pytest.fixture
def busy(house: House, thread: Thread) -> Authenticator:
    """An authenticator whose thread is busy."""
    return Authenticator(house.database, house.clock, Guessing(Allowances(pair=3)), thread)


def verdict(house: House, credentials: Credentials) -> Account | Refusal:
    """What the authenticator says at once."""
    return outcome_of(house.authenticator.authenticate(credentials))


def test_remembered_for_a_while(house: House) -> None:
    """What was verified is recalled, from that address only, until its time is over or it is forgotten."""
    assert house.authenticator.recall(shown()) is None
    account = verdict(house, shown())
    assert isinstance(account, Account)
    assert house.authenticator.recall(shown(email=f" {EMAIL.upper()} ")) == account
    assert house.authenticator.recall(shown(address="198.51.100.1")) is None
    house.clock.advance(authenticate.REMEMBERED)
    assert house.authenticator.recall(shown()) == account
    house.clock.advance(1)
    assert house.authenticator.recall(shown()) is None
    verdict(house, shown())
    house.authenticator.forget(shown())
    assert house.authenticator.recall(shown()) is None
    house.authenticator.forget(shown())


def test_wrong_password_is_not_remembered(house: House) -> None:
    """A refusal is never recalled."""
    assert verdict(house, shown("wrong")) == WRONG
    assert house.authenticator.recall(shown("wrong")) is None


def test_memory_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest credentials are forgotten when there are too many."""
    monkeypatch.setattr(authenticate, "MOST_REMEMBERED", 2)
    for index in range(3):
        verdict(house, shown(address=f"192.0.2.{index}"))
    assert house.authenticator.recall(shown(address="192.0.2.0")) is None
    assert house.authenticator.recall(shown(address="192.0.2.2")) is not None


def test_changed_password_and_disabled(house: House) -> None:
    """After a change the old password is refused and the new one taken; a disabled account is refused."""
    account = verdict(house, shown())
    assert isinstance(account, Account)
    house.write(lambda connection: accounts.set_password(connection, account.id, password_hash("new")))
    assert verdict(house, shown()) == WRONG
    assert isinstance(verdict(house, shown("new")), Account)
    house.write(lambda connection: accounts.set_disabled(connection, account.id, True))
    assert verdict(house, shown("new")) == WRONG


def test_sending_keys(house: House) -> None:
    """A key stands for the password, without argon2, until it is revoked; guesses of keys are not counted."""
    key = new_key()
    account = verdict(house, shown())
    assert isinstance(account, Account)
    house.write(lambda connection: accounts.add_key(connection, account.id, "a", secret_digest(key), house.now))
    verified = house.verified
    found = verdict(house, shown(key))
    assert isinstance(found, Account)
    assert found.id == account.id
    for _ in range(50):
        assert verdict(house, shown(new_key())) == WRONG
    assert verdict(house, shown(key, email="other@exemple.fr")) == WRONG
    assert isinstance(verdict(house, shown(key)), Account)
    assert house.verified == verified
    house.write(lambda connection: accounts.set_disabled(connection, account.id, True))
    assert verdict(house, shown(key)) == WRONG
    house.write(lambda connection: accounts.set_disabled(connection, account.id, False))
    house.write(lambda connection: accounts.revoke_key(connection, account.id, "a"))
    assert verdict(house, shown(key)) == WRONG


def test_unknown_email_takes_the_same_path(busy: Authenticator, thread: Thread) -> None:
    """For a stranger a hash of the same cost as an account's is verified, and the refusal is the same."""
    waited = Deferred.fromCoroutine(busy.authenticate(shown(email="nobody@exemple.fr")))
    ((_, _, (stored, _)),) = thread.jobs
    thread.go()
    assert outcome_of(waited) == WRONG
    assert stored.split("$")[:4] == authenticate.HASHER.hash("x").split("$")[:4]


def test_callers_share_one_verification(busy: Authenticator, thread: Thread) -> None:
    """Those who show the same at once wait for one verification, and all get its verdict."""
    waited = [Deferred.fromCoroutine(busy.authenticate(shown())) for _ in range(5)]
    other = Deferred.fromCoroutine(busy.authenticate(shown("other")))
    assert len(thread.jobs) == 2
    thread.go()
    assert {outcome_of(one) for one in waited} == {busy.recall(shown())}
    assert outcome_of(other) == WRONG
    assert not busy._waiting


def test_errors_reach_every_waiter(house: House, busy: Authenticator, thread: Thread) -> None:
    """Where the verification fails all callers are told, and the next one tries anew."""
    waited = [Deferred.fromCoroutine(busy.authenticate(shown())) for _ in range(3)]
    thread.jobs[0][0].errback(MemoryError())
    for one in waited:
        with pytest.raises(MemoryError):
            outcome_of(one)
    house.database.away = True
    with pytest.raises(Unavailable):
        outcome_of(busy.authenticate(shown()))
    house.database.away = False
    again = Deferred.fromCoroutine(busy.authenticate(shown()))
    thread.jobs.pop(0)
    thread.go()
    assert isinstance(outcome_of(again), Account)


def test_waiting_is_bounded(busy: Authenticator, thread: Thread) -> None:
    """Beyond so many verifications the next caller is told to come later; then all goes on."""
    waited = [
        Deferred.fromCoroutine(busy.authenticate(shown("guess", f"{index}@exemple.fr", f"2001:db8:{index}::1")))
        for index in range(authenticate.MOST_WAITING)
    ]
    assert outcome_of(busy.authenticate(shown())) == LATER
    thread.jobs[1:] = [(done, lambda *_: False, arguments) for done, _, arguments in thread.jobs[1:]]
    thread.go()
    assert {outcome_of(one) for one in waited} == {WRONG}
    good = Deferred.fromCoroutine(busy.authenticate(shown()))
    thread.go()
    assert isinstance(outcome_of(good), Account)


def test_guesses_are_counted(busy: Authenticator, thread: Thread) -> None:
    """After the allowed failures not even the right password is looked at; keys are not passwords."""
    for index in range(3):
        waited = Deferred.fromCoroutine(busy.authenticate(shown(f"wrong{index}")))
        thread.go()
        assert outcome_of(waited) == WRONG
    assert outcome_of(busy.authenticate(shown())) == LATER
    assert thread.jobs == []
    assert outcome_of(busy.authenticate(shown(new_key()))) == WRONG


def test_strangers_cannot_lock_out_a_familiar_address(house: House) -> None:
    """While a hundred strangers fail, the address that worked before goes on working, cached or not."""
    verdict(house, shown())
    for index in range(120):
        found = verdict(house, shown("wrong", address=f"198.51.100.{index}"))
        assert found == (WRONG if index < 100 else LATER)
    house.authenticator.forget(shown())
    assert isinstance(verdict(house, shown()), Account)


def test_strangers_cannot_lock_out_after_a_restart(house: House) -> None:
    """Where the password was right before is kept: a daemon that starts anew is not fooled either."""
    verdict(house, shown())
    anew = Authenticator(house.database, house.clock, Guessing(Allowances(account=5)), execute)
    for index in range(20):
        outcome_of(anew.authenticate(shown("wrong", address=f"198.51.100.{index}")))
    assert outcome_of(anew.authenticate(shown(address="203.0.113.9"))) == LATER
    assert isinstance(outcome_of(anew.authenticate(shown())), Account)


def test_clock_jumps(house: House) -> None:
    """A clock set far forward forgets what was verified; nobody stays locked out."""
    verdict(house, shown())
    for index in range(10):
        verdict(house, shown(f"wrong{index}"))
    assert verdict(house, shown("right?")) == LATER
    house.clock.advance(10 * 365 * 86_400)
    assert house.authenticator.recall(shown()) is None
    assert isinstance(verdict(house, shown()), Account)


def test_long_emails_are_not_kept(house: House) -> None:
    """What counts failures keeps no more of an e-mail than an account's can have."""
    email = "x" * 1_000_000
    assert verdict(house, shown(email=email)) == WRONG
    kept = [name for name in house.authenticator._guessing._accounts._levels if isinstance(name, str)]
    assert max(map(len, kept)) == authenticate.LONGEST_EMAIL


@pytest.mark.parametrize("secret", ["", "\0", "\ud800", "é" * 100_000])
def test_any_secret_is_an_answer(house: House, secret: str) -> None:
    """Whatever is shown, the answer is a refusal."""
    assert verdict(house, shown(secret)) == WRONG


def test_hashes_that_are_none() -> None:
    """A damaged hash matches nothing."""
    assert not password_matches("not a hash", "secret")


def test_new_secrets_are_unlike() -> None:
    """New passwords and keys are long enough and never the same."""
    assert len({new_password() for _ in range(1000)}) == 1000
    assert len({new_key() for _ in range(1000)}) == 1000
    assert len(new_password()) == 10

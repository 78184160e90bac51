"""Who may send, seen from outside: changes count at once, guessers are shut out and nobody else is."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import argon2
import pytest

from smstob.flow.authenticate import HASHER, new_key, secret_digest
from smstob.storage import accounts
from smstob.storage.database import Connection
from tests.daemon import PASSWORD, RunningDaemon, fresh_number

WRONG: Final = "PasLeBon"
CHEAP: Final = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def call(daemon: RunningDaemon, email: str, secret: str = PASSWORD, source: str = "127.0.0.1") -> str:
    """Send something new; gives the code."""
    fields = {"email": email, "pass": secret, "numero": fresh_number(), "message": "a"}
    return daemon.call(fields, source=source)


def set_password(daemon: RunningDaemon, email: str, password: str) -> None:
    """As the operator's command does, beside the daemon."""
    daemon.change(email, lambda connection, account: accounts.set_password(connection, account, CHEAP.hash(password)))


def set_disabled(daemon: RunningDaemon, email: str, disabled: bool) -> None:
    """As the operator's command does, beside the daemon."""
    daemon.change(email, lambda connection, account: accounts.set_disabled(connection, account, disabled))


def test_changed_password(daemon: RunningDaemon) -> None:
    """From the change on the new password counts, and the old one is worth nothing."""
    email = daemon.provision()
    assert [call(daemon, email), call(daemon, email, "Nouveau2Passe")] == ["80", "82"]
    set_password(daemon, email, "Nouveau2Passe")
    assert [call(daemon, email), call(daemon, email, "Nouveau2Passe")] == ["82", "80"]
    set_password(daemon, email, PASSWORD)
    assert [call(daemon, email, "Nouveau2Passe"), call(daemon, email)] == ["82", "80"]


def test_disabled(daemon: RunningDaemon) -> None:
    """A closed account is 82, by password and by key, until it is opened again."""
    email, key = daemon.provision(), new_key()
    daemon.change(email, lambda connection, account: accounts.add_key(connection, account, "x", secret_digest(key), 0))
    for disabled, code in ((False, "80"), (True, "82"), (False, "80")):
        set_disabled(daemon, email, disabled)
        assert {call(daemon, email), call(daemon, email, key)} == {code}


def test_changed_options(daemon: RunningDaemon) -> None:
    """The next call goes by the new options; credit that was added counts at once."""
    email, number = daemon.provision(10), fresh_number()
    assert daemon.sms(email, number, "a" * 161) == "80"
    assert daemon.sms(email, number, "a" * 161) == "91"
    daemon.set_options(email, {"max_segments": 1})
    assert daemon.sms(email, number, "a" * 161) == "92"
    daemon.set_options(email, {"max_segments": 2, "duplicates": False})
    assert daemon.sms(email, number, "a" * 161) == "80"
    assert daemon.balance(email) == 6


def test_forms_of_email(daemon: RunningDaemon) -> None:
    """Case and outer spaces of the e-mail do not count; those of the password do."""
    email = daemon.provision()
    assert call(daemon, f" {email.upper()}\t") == "80"
    assert call(daemon, email, PASSWORD.lower()) == "82"
    assert call(daemon, email, f" {PASSWORD}") == "82"
    assert call(daemon, email, PASSWORD + "\x00") == "82"
    password = "é \u00a0€😀+%&=#"
    set_password(daemon, email, password)
    assert call(daemon, email, password) == "80"
    assert daemon.call({"email": email, "pass": b"\xe9", "numero": "0612345678", "message": "a"}) == "82"


def test_guessing_from_one_address(strict: RunningDaemon) -> None:
    """Three wrong passwords are looked at, then none, not even the right one; an unknown e-mail is no different."""
    known = strict.provision()
    for index, email in enumerate((known, "personne@exemple.fr")):
        source = f"127.4.0.{index + 1}"
        codes = [call(strict, email, f"{WRONG}{number}", source) for number in range(5)]
        assert codes == ["82", "82", "82", "93", "93"]
        assert call(strict, email, source=source) == "93"
    assert call(strict, known, source="127.4.0.3") == "80"


def test_guessing_in_parallel(strict: RunningDaemon) -> None:
    """Guesses that come at once are no more than those that come one by one."""
    email = strict.provision()
    strict.change(
        email, lambda connection, account: accounts.set_password(connection, account, HASHER.hash(PASSWORD))
    )
    secrets = [f"{WRONG}{number}" for number in range(11)] + [PASSWORD]
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda secret: call(strict, email, secret, "127.4.1.1"), secrets))
    assert codes.count("82") <= 3
    assert codes.count("93") >= 8


def test_guessing_many_accounts(strict: RunningDaemon) -> None:
    """An address that fails with many accounts is shut out of those that it never logged in to."""
    emails = [strict.provision() for _ in range(8)]
    assert call(strict, emails[7], source="127.4.2.1") == "80"
    codes = [call(strict, email, WRONG, "127.4.2.1") for email in emails[:7]]
    assert codes == ["82"] * 6 + ["93"]
    assert call(strict, emails[6], source="127.4.2.1") == "93"
    assert call(strict, emails[7], source="127.4.2.1") == "80"
    assert call(strict, emails[6], source="127.4.2.2") == "80"


def test_customer_goes_on_working(strict: RunningDaemon) -> None:
    """The customer's program works while others guess: from its own address, and from addresses of their own."""
    email, own, other = strict.provision(), "127.4.3.1", "127.0.0.2"
    key = new_key()
    strict.change(email, lambda connection, account: accounts.add_key(connection, account, "x", secret_digest(key), 0))
    assert [call(strict, email, source=own), call(strict, email, source=other)] == ["80", "80"]
    codes = [call(strict, email, f"{WRONG}{number}", own) for number in range(8)]
    assert codes == ["82"] * 3 + ["93"] * 5
    assert [call(strict, email, source=own), call(strict, email, source=other)] == ["80", "80"]
    # even after a change of the account, for which the password is verified anew
    strict.set_options(email, {"validity": 12})
    assert [call(strict, email, source=own), call(strict, email, source=other)] == ["80", "80"]
    # from many addresses: the account is closed to strangers, and to nobody else
    codes = [call(strict, email, WRONG, f"127.4.4.{number}") for number in range(1, 15)]
    assert codes == ["82"] * 9 + ["93"] * 5
    assert call(strict, email, source="127.4.5.1") == "93"
    strict.set_options(email, {"validity": 24})
    assert [call(strict, email, source=own), call(strict, email, source=other)] == ["80", "80"]
    # a key works from anywhere
    assert [call(strict, email, key, source) for source in (own, "127.4.5.1", "127.4.4.14")] == ["80"] * 3


def test_old_password_is_no_way_round(strict: RunningDaemon) -> None:
    """A password that was good once is looked at once more, and then guessed like any other."""
    email, source = strict.provision(), "127.4.6.1"
    assert call(strict, email, source=source) == "80"
    set_password(strict, email, "Nouveau2Passe")
    assert [call(strict, email, source=source) for _ in range(5)] == ["82", "82", "82", "93", "93"]


def test_sending_key(strict: RunningDaemon) -> None:
    """A key works, is revoked at once, and wrong ones shut nobody out."""
    email, key, source = strict.provision(), new_key(), "127.4.7.1"

    def add(connection: Connection, account: int) -> None:
        accounts.add_key(connection, account, "programme", secret_digest(key), 0)

    assert call(strict, email, key, source) == "82"
    strict.change(email, add)
    assert call(strict, email, key, source) == "80"
    assert [call(strict, email, new_key(), source) for _ in range(30)] == ["82"] * 30
    assert call(strict, strict.provision(), key, source) == "82"
    assert [call(strict, email, key, source), call(strict, email, source=source)] == ["80", "80"]
    assert call(strict, email, key.upper(), source) == "82"
    strict.change(email, lambda connection, account: accounts.revoke_key(connection, account, "programme"))
    assert call(strict, email, key, source) == "82"
    assert call(strict, email, source=source) == "80"


@pytest.mark.alone
@pytest.mark.parametrize("customers", [1, 50])
def test_cold_cache(daemon: RunningDaemon, customers: int) -> None:
    """Two hundred callers whom the daemon does not know yet are all served in seconds, and the others meanwhile."""
    costly = HASHER.hash(PASSWORD)
    known, emails = daemon.provision(), [daemon.provision(200) for _ in range(customers)]
    assert call(daemon, known) == "80"
    for email in emails:
        daemon.change(email, lambda connection, account: accounts.set_password(connection, account, costly))
    begun = time.monotonic()
    with ThreadPoolExecutor(200) as pool:
        calls = [pool.submit(call, daemon, emails[number % customers]) for number in range(200)]
        time.sleep(0.2)
        asked = time.monotonic()
        assert call(daemon, known) == "80"
        assert time.monotonic() - asked < 1.5
        assert [one.result() for one in calls] == ["80"] * 200
    assert time.monotonic() - begun < 8

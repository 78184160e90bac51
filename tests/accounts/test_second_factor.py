"""The second factor: until it is shown nothing is open, each code is good once, and codes cannot be guessed."""

import re
from typing import Any

import pyotp
import pytest
from twisted.internet.defer import Deferred, fail
from twisted.logger import capturedLogs

from smstob.accounts.entrance import WRONG_CODES
from smstob.accounts.second_factor import PERIOD, RECOVERY_CODES, new_recovery_codes, offer, recovery_digest, step_of
from smstob.model.access import PENDING_LASTS, Hindrance, Opened
from smstob.model.account import Account
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, PASSWORD, House, outcome_of

from .scene import AGENT, ELSEWHERE, Guard, close_account, confirm, guard, log_in, passcode, session, version

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""That of RFC 6238, appendix B."""


@pytest.fixture
def guarded(house: House, account: Account) -> Guard:
    """The account has a second factor."""
    return guard(house, account)


def pending(house: House, address: str = ADDRESS) -> str:
    """The token of a session that waits for its code."""
    opened = log_in(house, address=address)
    assert opened.session.pending
    return opened.token


@pytest.mark.parametrize(
    ("now", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_vectors_of_the_rfc(now: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits: what any application shows."""
    assert step_of(RFC_SECRET, code, now) == now // PERIOD
    assert step_of(RFC_SECRET, code[::-1], now) is None


def test_window() -> None:
    """A step before and after are accepted, no more."""
    code, present = pyotp.HOTP(RFC_SECRET).at(1000), 1000 * PERIOD
    accepted = [nth for nth in range(-3, 4) if step_of(RFC_SECRET, code, present + nth * PERIOD) == 1000]
    assert accepted == [-1, 0, 1]


@pytest.mark.parametrize(
    "code", ["", " ", "28708", "2870822", "287082\0", "２８７０８２", "٢٨٧٠٨٢", "\ud800", "1" * 1_000_000, "0x4616a"]
)
def test_codes_that_are_none(code: str) -> None:
    """Are wrong, and nothing more."""
    assert step_of(RFC_SECRET, code, 59) is None


@pytest.mark.parametrize("code", ["287 082", " 287082 ", "287-082", "287\u00a0082"])
def test_codes_as_people_type_them(code: str) -> None:
    """Applications show them in two groups."""
    assert step_of(RFC_SECRET, code, 59) == 1


def test_offer() -> None:
    """What applications read from a QR code: issuer, account, secret; never the same, and in no representation."""
    made = offer("l'été+sms@exemple.fr")
    read = pyotp.parse_uri(made.uri)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (made.secret, "l'été+sms@exemple.fr", "SMStoB")
    assert (read.digits, read.interval, len(read.byte_secret())) == (6, PERIOD, 20)
    assert made.secret != offer("a@exemple.fr").secret
    assert made.secret not in repr(made)


def test_offer_again() -> None:
    """Whoever mistyped the first code is shown the secret that he scanned; what was never one is not taken up."""
    made = offer("a@exemple.fr")
    assert offer("a@exemple.fr", made.secret) == made
    for other in ("", "A", made.secret.lower(), made.secret + "A", made.secret[:-1] + "1", "\ud800" * 32):
        assert offer("a@exemple.fr", other).secret not in {made.secret, other}


def test_recovery_codes() -> None:
    """So many, all different, of 80 bits; they are known however they are typed, and no others are."""
    codes = new_recovery_codes()
    assert len(set(codes)) == len(codes) == RECOVERY_CODES
    assert all(re.fullmatch("(?:[A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}", code) for code in codes)
    one = codes[0]
    for typed in (one.lower(), one.replace("-", ""), one.replace("-", " - "), f" {one} "):
        assert recovery_digest(typed) == recovery_digest(one)
    assert recovery_digest(one[:-1]) != recovery_digest(one)
    assert recovery_digest(one + "x" * 1000) != recovery_digest(one)


def test_nothing_is_turned_on_by_an_offer(house: House, account: Account) -> None:
    """Nor by a wrong code for it: whoever scans it wrongly is not locked out."""
    offered = outcome_of(house.profile.offer_second_factor(account.id))
    assert offered is not None
    for secret, code in (
        (offered.secret, "000000"),
        (offered.secret, ""),
        ("A" * 32, passcode(house, offered.secret)),
        (offered.secret[:-1], passcode(house, offered.secret)),
        ("", ""),
        ("\ud800" * 32, "000000"),
        ("A" * 1_000_000, "000000"),
    ):
        tried = house.profile.turn_on_second_factor(account.id, secret, code, 0)
        assert outcome_of(tried) is Hindrance.BAD_CODE
    assert not log_in(house).session.pending
    assert version(house) == account.version


def test_turned_on(house: House, account: Account) -> None:
    """Other sessions end; the profile says so, and how many codes are left."""
    kept, ended = log_in(house), log_in(house)
    made = guard(house, account, keep=kept.session.id)
    assert session(house, kept.token) is not None
    assert session(house, ended.token) is None
    told = outcome_of(house.profile.profile(account.id))
    assert told is not None
    assert (told.second_factor, told.recovery_codes) == (True, len(made.codes))
    again = house.profile.turn_on_second_factor(account.id, made.secret, passcode(house, made.secret), 0)
    assert outcome_of(again) is Hindrance.BAD_CODE


def test_pending_opens_nothing(house: House, guarded: Guard) -> None:
    """It says that it is pending, is in no list, and the token of the open one is another (fixation)."""
    token = pending(house)
    found = session(house, token)
    assert found is not None
    assert found.pending
    assert outcome_of(house.profile.sessions(found.account.id)) == []
    opened = confirm(house, token, passcode(house, guarded.secret))
    assert isinstance(opened, Opened)
    assert opened.token != token
    assert session(house, token) is None
    assert session(house, opened.token) == opened.session
    assert not opened.session.pending
    assert confirm(house, token, passcode(house, guarded.secret, 1)) is Hindrance.BAD_CREDENTIALS
    assert confirm(house, opened.token, passcode(house, guarded.secret, 1)) is Hindrance.BAD_CREDENTIALS


def test_each_code_once(house: House, guarded: Guard) -> None:
    """Whoever looked over a shoulder comes too late; nor are the codes before it good any more."""
    code, before = passcode(house, guarded.secret, 1), passcode(house, guarded.secret)
    one, two = pending(house), pending(house)
    assert isinstance(confirm(house, one, code), Opened)
    assert confirm(house, two, code) is Hindrance.BAD_CODE
    assert confirm(house, two, before) is Hindrance.BAD_CODE
    house.advance(PERIOD, PERIOD)
    assert confirm(house, two, code) is Hindrance.BAD_CODE
    assert isinstance(confirm(house, two, passcode(house, guarded.secret, 1)), Opened)


def test_code_that_turned_it_on(house: House, account: Account) -> None:
    """Was shown once already."""
    offered = outcome_of(house.profile.offer_second_factor(account.id))
    assert offered is not None
    code = passcode(house, offered.secret)
    assert isinstance(outcome_of(house.profile.turn_on_second_factor(account.id, offered.secret, code, 0)), tuple)
    assert confirm(house, pending(house), code) is Hindrance.BAD_CODE


def test_two_at_once(house: House, guarded: Guard) -> None:
    """Of two requests that show the same code together, one gets in."""
    tokens = [pending(house), pending(house)]
    for code in (passcode(house, guarded.secret), guarded.codes[0]):
        house.workers.held = True
        waiting = [
            Deferred.fromCoroutine(house.entrance.confirm(token, code, ADDRESS, AGENT)) for token in tokens
        ]
        house.workers.go()
        outcomes = [outcome_of(one) for one in waiting]
        assert isinstance(outcomes[0], Opened)
        assert outcomes[1] is Hindrance.BAD_CODE
        tokens[0] = pending(house)


def test_recovery_codes_once_each(house: House, guarded: Guard) -> None:
    """Every one opens a session, however it is typed, and is used up by it; the passcode goes on working."""
    for nth, code in enumerate(guarded.codes):
        assert isinstance(confirm(house, pending(house), code.lower().replace("-", " ")), Opened)
        assert confirm(house, pending(house), code) is Hindrance.BAD_CODE
        told = outcome_of(house.profile.profile(1))
        assert told is not None
        assert told.recovery_codes == RECOVERY_CODES - nth - 1
        house.advance(300, 10)
    assert isinstance(confirm(house, pending(house), passcode(house, guarded.secret)), Opened)


def test_guesses(house: House, guarded: Guard) -> None:
    """Counted for the account, whatever the session and the network; then even the right code is not looked at."""
    tokens = [pending(house, f"198.51.100.{nth}") for nth in range(WRONG_CODES + 3)]
    answers = [confirm(house, token, "000000") for token in tokens]
    assert answers == [Hindrance.BAD_CODE] * WRONG_CODES + [Hindrance.TOO_MANY] * 3
    token = pending(house)
    assert confirm(house, token, passcode(house, guarded.secret)) is Hindrance.TOO_MANY
    assert confirm(house, token, guarded.codes[0]) is Hindrance.TOO_MANY
    other = house.account("autre@exemple.fr")
    theirs = guard(house, other)
    house.advance(PERIOD * 2, PERIOD)
    opened = log_in(house, email="autre@exemple.fr")
    assert isinstance(confirm(house, opened.token, passcode(house, theirs.secret)), Opened)
    house.advance(400, 10)
    assert isinstance(confirm(house, token, passcode(house, guarded.secret)), Opened)


def test_guesses_that_come_together(house: House, guarded: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of them are looked at than of those that come one by one, though all ask before the first is answered."""
    token, read = pending(house), house.database.read
    late: list[tuple[Deferred[Any], Any]] = []

    def read_later(work: Any) -> "Deferred[Any]":
        late.append((Deferred(), work))
        return late[-1][0]

    monkeypatch.setattr(house.database, "read", read_later)
    waiting = [
        Deferred.fromCoroutine(house.entrance.confirm(token, f"{nth:06}", ADDRESS, AGENT)) for nth in range(1000)
    ]
    for done, work in late:
        read(work).chainDeferred(done)
    outcomes = [outcome_of(one) for one in waiting]
    assert outcomes.count(Hindrance.BAD_CODE) == WRONG_CODES
    assert outcomes.count(Hindrance.TOO_MANY) == 1000 - WRONG_CODES


def test_success_takes_no_guess_away(house: House, guarded: Guard) -> None:
    """Who logs in with the right code, again and again, is not kept out."""
    for _ in range(WRONG_CODES * 3):
        assert isinstance(confirm(house, pending(house), passcode(house, guarded.secret)), Opened)
        house.advance(PERIOD, PERIOD)


def test_pending_does_not_wait_for_ever(house: House, guarded: Guard) -> None:
    """The password has to be shown again after a while; the code that was not used is good then."""
    token = pending(house)
    house.advance(PENDING_LASTS, 10)
    assert session(house, token) is None
    code = passcode(house, guarded.secret)
    assert confirm(house, token, code) is Hindrance.BAD_CREDENTIALS
    assert isinstance(confirm(house, pending(house), code), Opened)


def test_turned_off(house: House, account: Account, guarded: Guard) -> None:
    """By the password alone; nothing is asked for any more, and old recovery codes are no use."""
    token = pending(house)
    for wrong in ("wrong", "", guarded.codes[0], "cle-" + "0" * 32):
        tried = house.profile.turn_off_second_factor(account.id, wrong, ADDRESS)
        assert outcome_of(tried) is Hindrance.BAD_CREDENTIALS
    assert outcome_of(house.profile.turn_off_second_factor(account.id, PASSWORD, ADDRESS)) is None
    assert not log_in(house).session.pending
    assert confirm(house, token, passcode(house, guarded.secret)) is Hindrance.BAD_CREDENTIALS
    assert guard(house, account).secret != guarded.secret
    assert confirm(house, pending(house), guarded.codes[0]) is Hindrance.BAD_CODE


def test_turning_off_is_throttled(house: House, account: Account, guarded: Guard) -> None:
    """As log-ins are, and together with them."""
    answers = [
        outcome_of(house.profile.turn_off_second_factor(account.id, f"wrong {nth}", ELSEWHERE)) for nth in range(12)
    ]
    assert answers == [Hindrance.BAD_CREDENTIALS] * 10 + [Hindrance.TOO_MANY] * 2
    right = house.profile.turn_off_second_factor(account.id, PASSWORD, ELSEWHERE)
    assert outcome_of(right) is Hindrance.TOO_MANY


def test_closed_account(house: House, account: Account, guarded: Guard) -> None:
    """Nothing is turned on, off, offered or confirmed."""
    token = pending(house)
    close_account(house, account)
    assert confirm(house, token, passcode(house, guarded.secret)) is Hindrance.BAD_CREDENTIALS
    assert outcome_of(house.profile.offer_second_factor(account.id)) is None
    off = house.profile.turn_off_second_factor(account.id, PASSWORD, ADDRESS)
    assert outcome_of(off) is Hindrance.BAD_CREDENTIALS


def test_database_away_between(house: House, guarded: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code was right, and nothing could be written: it is not used up, and no guess either."""
    token, code = pending(house), passcode(house, guarded.secret)
    with monkeypatch.context() as patched:
        patched.setattr(house.database, "transact", lambda _work: fail(Unavailable("away")))
        for _ in range(WRONG_CODES + 1):
            with pytest.raises(Unavailable):
                confirm(house, token, code)
    assert isinstance(confirm(house, token, code), Opened)


def test_clock_set_back(house: House, guarded: Guard) -> None:
    """An hour back: passcodes are good again as soon as the hour is over; recovery codes are, at once."""
    used = passcode(house, guarded.secret)
    assert isinstance(confirm(house, pending(house), used), Opened)
    house.clock.rightNow -= 3600
    assert confirm(house, pending(house), passcode(house, guarded.secret)) is Hindrance.BAD_CODE
    assert isinstance(confirm(house, pending(house), guarded.codes[0]), Opened)
    house.clock.rightNow += 3600
    assert confirm(house, pending(house), used) is Hindrance.BAD_CODE
    assert isinstance(confirm(house, pending(house), passcode(house, guarded.secret, 1)), Opened)


def test_the_log(house: House, account: Account) -> None:
    """On, off, shown, wrong; no secret, no code."""
    with capturedLogs() as events:
        made = guard(house, account)
        code = passcode(house, made.secret)
        token = pending(house)
        assert confirm(house, token, "000000") is Hindrance.BAD_CODE
        assert isinstance(confirm(house, token, code), Opened)
        assert isinstance(confirm(house, pending(house), made.codes[0]), Opened)
        outcome_of(house.profile.turn_off_second_factor(account.id, PASSWORD, ADDRESS))
    said = " ".join(one["log_format"] for one in events)
    for words in ("turned a second factor on", "a wrong code", "a passcode", "a recovery code", "second factor off"):
        assert words in said
    secrets = [made.secret, code, *made.codes, token, PASSWORD]
    assert not [one for one in secrets if one in str([{**event, "log_time": 0} for event in events])]

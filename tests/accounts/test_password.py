"""Passwords that people choose, and the change of one."""

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from smstob.accounts.password import COMMON, refused, unusable
from smstob.model.access import LONGEST_PASSWORD, SHORTEST_PASSWORD, Hindrance, Opened
from smstob.model.account import Account
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of, password_hash

from .scene import CHOSEN, ELSEWHERE, close_account, link, log_in, session, shown, try_to_log_in, version


@pytest.mark.parametrize(
    ("password", "hindrance"),
    [
        (CHOSEN, None),
        ("ABCDEFGHJK", None),
        ("x" * 9 + "é", Hindrance.PASSWORD_COMMON),
        ("été à la mer", None),
        ("пароль подлиннее", None),
        ("abcd" * 50, None),
        ("", Hindrance.PASSWORD_TOO_SHORT),
        ("K7P2-W9X4", Hindrance.PASSWORD_TOO_SHORT),
        ("\0", Hindrance.PASSWORD_TOO_SHORT),
        ("abcd" * 50 + "e", Hindrance.PASSWORD_TOO_LONG),
        ("abcd" * 500_000, Hindrance.PASSWORD_TOO_LONG),
        ("un deux\ntrois", Hindrance.PASSWORD_UNTYPABLE),
        ("un deux\0trois", Hindrance.PASSWORD_UNTYPABLE),
        ("un deux \ud800 trois", Hindrance.PASSWORD_UNTYPABLE),
        ("un deux \u202e trois", Hindrance.PASSWORD_UNTYPABLE),
        ("cle-un deux trois", Hindrance.PASSWORD_UNTYPABLE),
        ("motdepasse", Hindrance.PASSWORD_COMMON),
        ("MotDePasse123", Hindrance.PASSWORD_COMMON),
        (" azertyuiop ", Hindrance.PASSWORD_COMMON),
        ("Password123!", Hindrance.PASSWORD_COMMON),
        ("aaaaaaaaaaaa", Hindrance.PASSWORD_COMMON),
        ("121212121212", Hindrance.PASSWORD_COMMON),
        ("Mairie.Du.Bourg@exemple.fr", Hindrance.PASSWORD_COMMON),
        ("MAIRIE.DU.BOURG", Hindrance.PASSWORD_COMMON),
    ],
)
def test_rules(password: str, hindrance: Hindrance | None) -> None:
    """Length, what can be typed, what is tried first; each has its own reason."""
    assert refused(password, "mairie.du.bourg@exemple.fr") is hindrance


def test_what_is_tried_first_is_long_enough_to_be_asked() -> None:
    """What is shorter or longer is refused anyway, and what is not in lower case is never found."""
    assert len(COMMON) > 100
    assert all(SHORTEST_PASSWORD <= len(one) <= LONGEST_PASSWORD for one in COMMON)
    assert all(one == one.strip().casefold() and unusable(one) is None for one in COMMON)


def change(house: House, current: str = PASSWORD, new: str = CHOSEN, keep: int = 0, address: str = ADDRESS) -> object:
    """What is answered."""
    return outcome_of(house.profile.change_password(1, current, new, keep, address))


def test_changed(house: House, account: Account) -> None:
    """The new one works and the old does not; every other session ends, and links are worth nothing."""
    kept, ended, mailed = log_in(house), log_in(house), link(house)
    assert change(house, keep=kept.session.id) is None
    assert session(house, kept.token) is not None
    assert session(house, ended.token) is None
    assert not outcome_of(house.entrance.link_is_good(mailed))
    assert try_to_log_in(house) is Hindrance.BAD_CREDENTIALS
    log_in(house, CHOSEN)


def test_programs_with_the_old_one(house: House, account: Account) -> None:
    """What was remembered of it is of no use: a submission is refused."""
    assert house.accepted()
    assert house.authenticator.recall(shown()) is not None
    assert change(house) is None
    assert house.code(text="autre") == 82
    assert house.code(text="autre", sender=shown(CHOSEN)) == 80


def test_hindrances(house: House, account: Account) -> None:
    """Nothing changes: by a bad new one before the current one is looked at, by a wrong current one after it."""
    opened = log_in(house)
    verified = house.verified
    assert change(house, new="court") is Hindrance.PASSWORD_TOO_SHORT
    assert change(house, new=EMAIL) is Hindrance.PASSWORD_COMMON
    assert house.verified == verified
    key = outcome_of(house.profile.add_key(account.id, "boutique"))
    assert isinstance(key, str)
    before = version(house)
    for wrong in ("wrong", "", CHOSEN, key, "cle-" + "0" * 32):
        assert change(house, wrong) is Hindrance.BAD_CREDENTIALS
    assert version(house) == before
    assert session(house, opened.token) is not None
    log_in(house)


def test_thieves_of_a_session_guess_in_vain(house: House, account: Account) -> None:
    """They are counted as at the other doors, and cost no more than there: one hash a guess."""
    answers, verified = [change(house, f"wrong {nth}", address=ELSEWHERE) for nth in range(15)], house.verified
    assert answers == [Hindrance.BAD_CREDENTIALS] * 10 + [Hindrance.TOO_MANY] * 5
    assert change(house, address=ELSEWHERE) is Hindrance.TOO_MANY
    assert house.verified == verified == 10


def test_closed_account(house: House, account: Account) -> None:
    """There is nothing to change."""
    close_account(house, account)
    assert change(house) is Hindrance.BAD_CREDENTIALS


def test_two_changes_at_once(house: House, account: Account) -> None:
    """The second shows a password that is the current one no more."""
    house.workers.held = True
    waiting = Deferred.fromCoroutine(house.profile.change_password(account.id, PASSWORD, CHOSEN, 0, ADDRESS))
    house.write(lambda connection: accounts.set_password(connection, account.id, password_hash("K7P2-W9X4-Z")))
    house.workers.go()
    assert outcome_of(waiting) is Hindrance.BAD_CREDENTIALS
    log_in(house, "K7P2-W9X4-Z")


def test_change_beside_another(house: House, account: Account) -> None:
    """An option that changes meanwhile keeps nobody from it."""
    house.workers.held = True
    waiting = Deferred.fromCoroutine(house.profile.change_password(account.id, PASSWORD, CHOSEN, 0, ADDRESS))
    house.write(lambda connection: accounts.set_options(connection, account.id, {"validity": 3}))
    house.workers.go()
    assert outcome_of(waiting) is None
    assert isinstance(try_to_log_in(house, CHOSEN), Opened)


def test_database_away(house: House, account: Account) -> None:
    """All is as it was."""
    opened = log_in(house)
    house.database.away = True
    with pytest.raises(Unavailable):
        change(house)
    house.database.away = False
    assert session(house, opened.token) is not None
    log_in(house)


def test_the_log(house: House, account: Account) -> None:
    """Whose, from where; neither password."""
    with capturedLogs() as events:
        assert change(house, address="2001:db8::1") is None
    (noted,) = [one for one in events if "changed its password" in one["log_format"]]
    assert (noted["account"], noted["network"]) == (account.id, "2001:db8::/64")
    assert PASSWORD not in str(events)
    assert CHOSEN not in str(events)

"""What a holder sees and changes: options, sending keys, sessions; of his own account only."""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs
from zope.interface.verify import verifyObject

from smstob.interfaces import IProfile
from smstob.model.access import LONGEST_KEY_NAME, MOST_KEYS, Hindrance, KeyReport, Profile
from smstob.model.account import Account, Confirmations, Format, Options
from smstob.model.contact import Fault
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, NOW, PASSWORD, House, outcome_of

from .scene import CHOSEN, close_account, log_in, session, shown, version


def test_interface(house: House) -> None:
    """The methods that the interface names."""
    assert verifyObject(IProfile, house.profile)


def test_profile(house: House, account: Account) -> None:
    """Credits and all; None where there is no such account."""
    told = outcome_of(house.profile.profile(account.id))
    expected = Profile(account=account, credits=1_000_000, created=NOW, second_factor=False, recovery_codes=0)
    assert told == expected
    assert outcome_of(house.profile.profile(account.id + 1)) is None


def test_options(house: House, account: Account) -> None:
    """Those that are named change, and hold for what is sent next; another account's stay."""
    other = house.account("autre@exemple.fr")
    changes = {"format": Format.FLASH, "confirmations": Confirmations.NONE, "duplicates": False, "alert_phone": None}
    assert outcome_of(house.profile.set_options(account.id, changes)) is None
    told = outcome_of(house.profile.profile(account.id))
    assert told is not None
    assert told.account.options == Options(format=Format.FLASH, confirmations=Confirmations.NONE, duplicates=False)
    assert house.read(lambda connection: accounts.by_id(connection, other.id)) == other


@pytest.mark.parametrize("name", ["password_hash", "disabled", "version", "email", "id", "totp_secret", "credits", ""])
def test_what_is_no_option(house: House, account: Account, name: str) -> None:
    """Whatever a form sends, nothing else of the account is changed by it."""
    with pytest.raises(ValueError, match="no options"):
        outcome_of(house.profile.set_options(account.id, {"validity": 3, name: 1}))
    assert version(house) == account.version


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33612345678", "+33612345678"),
        (None, None),
        ("0123456789", Fault.NOT_A_NUMBER),
        ("Clients", Fault.NOT_A_NUMBER),
        ("0612345678,0612345679", Fault.NOT_A_NUMBER),
        ("\0\ud800", Fault.NOT_A_NUMBER),
        ("0" * 1_000_000, Fault.NOT_A_NUMBER),
        ("+41 79 123 45 67", Fault.CLOSED_COUNTRY),
    ],
)
def test_telephone_of_alerts(house: House, account: Account, typed: str | None, kept: object) -> None:
    """A mobile that could be written to, in E.164; or nothing changes, not even what else was asked for."""
    outcome = outcome_of(house.profile.set_options(account.id, {"alert_phone": typed, "validity": 3}))
    told = outcome_of(house.profile.profile(account.id))
    assert told is not None
    refused = isinstance(kept, Fault)
    assert outcome is (kept if refused else None)
    expected = (None, 72) if refused else (kept, 3)
    assert (told.account.options.alert_phone, told.account.options.validity) == expected


def test_keys(house: House, account: Account) -> None:
    """Each is told once, works at the doors of programs, and is worthless once revoked."""
    made = {name: outcome_of(house.profile.add_key(account.id, name)) for name in (" boutique ", "à la caisse")}
    assert all(isinstance(key, str) and key.startswith("cle-") for key in made.values())
    assert outcome_of(house.profile.keys(account.id)) == [KeyReport("boutique", NOW), KeyReport("à la caisse", NOW)]
    key = made[" boutique "]
    assert isinstance(outcome_of(house.authenticator.authenticate(shown(key))), Account)
    assert outcome_of(house.profile.revoke_key(account.id, "boutique "))
    assert not outcome_of(house.profile.revoke_key(account.id, "boutique"))
    assert not isinstance(outcome_of(house.authenticator.authenticate(shown(key))), Account)
    assert [one.name for one in outcome_of(house.profile.keys(account.id))] == ["à la caisse"]


@pytest.mark.parametrize(
    "name", ["", "  ", "\n", "a\nb", "a\r\nb", "a\0b", "a\u2028b", "\ud800", "a\u202eb", "x" * (LONGEST_KEY_NAME + 1)]
)
def test_bad_names_of_keys(house: House, account: Account, name: str) -> None:
    """Nothing is made."""
    assert outcome_of(house.profile.add_key(account.id, name)) is Hindrance.BAD_NAME
    assert outcome_of(house.profile.keys(account.id)) == []
    assert not outcome_of(house.profile.revoke_key(account.id, name))


def test_name_that_is_taken(house: House, account: Account) -> None:
    """The key of that name goes on working, and another account may use the name."""
    key = outcome_of(house.profile.add_key(account.id, "x" * LONGEST_KEY_NAME))
    assert outcome_of(house.profile.add_key(account.id, "x" * LONGEST_KEY_NAME)) is Hindrance.NAME_TAKEN
    assert isinstance(outcome_of(house.authenticator.authenticate(shown(str(key)))), Account)
    other = house.account("autre@exemple.fr")
    assert isinstance(outcome_of(house.profile.add_key(other.id, "x" * LONGEST_KEY_NAME)), str)
    assert not outcome_of(house.profile.revoke_key(other.id, "autre"))


def test_so_many_keys(house: House, account: Account) -> None:
    """No more."""
    for nth in range(MOST_KEYS):
        assert str(outcome_of(house.profile.add_key(account.id, f"clé {nth}"))).startswith("cle-")
    assert outcome_of(house.profile.add_key(account.id, "une de trop")) is Hindrance.TOO_MANY_KEYS


def test_sessions(house: House, account: Account) -> None:
    """One's own, the last seen first; nobody ends another's."""
    other = house.account("autre@exemple.fr")
    one, two = log_in(house), log_in(house)
    theirs = log_in(house, email="autre@exemple.fr")
    house.clock.advance(600)
    session(house, one.token)
    assert [open_.id for open_ in outcome_of(house.profile.sessions(account.id))] == [one.session.id, two.session.id]
    assert not outcome_of(house.profile.end_session(account.id, theirs.session.id))
    assert not outcome_of(house.profile.end_session(other.id, one.session.id))
    assert not outcome_of(house.profile.end_session(account.id, 10_000))
    assert outcome_of(house.profile.end_session(account.id, one.session.id))
    assert session(house, one.token) is None
    assert session(house, two.token) is not None
    assert session(house, theirs.token) is not None


def test_closed_account(house: House, account: Account) -> None:
    """It has no profile, and no sessions."""
    log_in(house)
    close_account(house, account)
    assert outcome_of(house.profile.profile(account.id)) is None
    assert outcome_of(house.profile.sessions(account.id)) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda holder: holder.profile(1),
        lambda holder: holder.set_options(1, {"validity": 3}),
        lambda holder: holder.change_password(1, PASSWORD, CHOSEN, 0, ADDRESS),
        lambda holder: holder.keys(1),
        lambda holder: holder.add_key(1, "b"),
        lambda holder: holder.revoke_key(1, "a"),
        lambda holder: holder.sessions(1),
        lambda holder: holder.end_session(1, 1),
        lambda holder: holder.offer_second_factor(1),
        lambda holder: holder.turn_off_second_factor(1, PASSWORD, ADDRESS),
    ],
)
def test_database_away(house: House, account: Account, ask: Callable[[Any], "Deferred[Any]"]) -> None:
    """It is told, and nothing changed."""
    opened = log_in(house)
    outcome_of(house.profile.add_key(account.id, "a"))
    before = version(house)
    house.database.away = True
    with pytest.raises(Unavailable):
        outcome_of(ask(house.profile))
    house.database.away = False
    assert version(house) == before
    assert session(house, opened.token) is not None


def test_the_log(house: House, account: Account) -> None:
    """Keys made and revoked, of which account; not what they are, nor what they are called."""
    with capturedLogs() as events:
        key = outcome_of(house.profile.add_key(account.id, "chez Dupont"))
        outcome_of(house.profile.revoke_key(account.id, "chez Dupont"))
        outcome_of(house.profile.revoke_key(account.id, "chez Dupont"))
    said = [(one["log_format"].partition("}")[2], one["account"]) for one in events]
    assert said == [(" made a sending key", account.id), (" revoked a sending key", account.id)]
    assert str(key) not in str(events)
    assert "Dupont" not in str(events)

"""Accounts: every change makes another version, and secrets are found by the e-mail."""

import attrs
import pytest
from sqlalchemy import Connection

from smstob.model.access import MOST_KEYS, KeyReport, Profile
from smstob.model.account import Characters, Confirmations, Format, Options
from smstob.storage import accounts, ledger

from .scenes import NOW, open_account


def test_new_account(connection: Connection) -> None:
    """Default options, an empty purse, version 1; the e-mail is its own."""
    made = accounts.create(connection, "l'été@exemple.fr", "hash", NOW)
    assert (made.version, made.options, ledger.balance_of(connection, made.id)) == (1, Options(), 0)
    assert accounts.by_email(connection, "l'été@exemple.fr") == made
    assert accounts.by_id(connection, made.id) == made
    assert accounts.by_email(connection, "autre@exemple.fr") is None
    with pytest.raises(accounts.AlreadyThere):
        accounts.create(connection, "l'été@exemple.fr", "other", NOW)


def test_options_come_back_as_they_were_set(connection: Connection) -> None:
    """Each one, at another value than its default; those that are not named stay."""
    account = open_account(connection)
    changed = Options(
        duplicates=False,
        format=Format.NORMAL_THEN_FLASH,
        validity=1,
        confirmations=Confirmations.ERRORS,
        characters=Characters.AS_IS,
        max_segments=10,
        alert_threshold=2_000_000_000,
        alert_phone="+33612345678",
    )
    accounts.set_options(connection, account.id, attrs.asdict(changed))
    accounts.set_options(connection, account.id, {"alert_threshold": None})
    found = accounts.by_id(connection, account.id)
    assert found is not None
    assert found.options == attrs.evolve(changed, alert_threshold=None)


def test_every_change_is_another_version(connection: Connection) -> None:
    """So that whoever decided by the old one notices; another account's stays."""
    account, other = open_account(connection), open_account(connection)
    accounts.set_options(connection, account.id, {"validity": 2})
    accounts.set_password(connection, account.id, "new")
    accounts.add_key(connection, account.id, "boutique", b"digest", NOW)
    accounts.revoke_key(connection, account.id, "boutique")
    accounts.set_disabled(connection, account.id, disabled=True)
    accounts.set_disabled(connection, account.id, disabled=False)
    found = accounts.by_id(connection, account.id)
    assert found is not None
    assert found.version == account.version + 6
    assert accounts.by_id(connection, other.id) == other


def test_secrets(connection: Connection) -> None:
    """Password hash and the digests of its own keys, NUL bytes and all; whether it is closed."""
    account, other = open_account(connection), open_account(connection)
    digests = frozenset({bytes(range(32)), b"\0" * 32})
    for nth, digest in enumerate(digests):
        accounts.add_key(connection, account.id, f"clé {nth}", digest, NOW)
    accounts.add_key(connection, other.id, "clé 0", b"other", NOW)
    accounts.set_password(connection, account.id, "$argon2id$ü")
    accounts.set_disabled(connection, account.id, disabled=True)
    told = accounts.secrets_of(connection, account.email)
    assert told is not None
    assert (told.password_hash, told.key_digests, told.disabled) == ("$argon2id$ü", digests, True)
    assert "argon2" not in repr(told)
    assert accounts.by_id(connection, account.id) is None
    assert accounts.by_email(connection, account.email) == told.account
    assert accounts.secrets_of(connection, "nobody@exemple.fr") is None


def test_sending_keys(connection: Connection) -> None:
    """Named, each name once for an account, and worthless once revoked."""
    account = open_account(connection)
    accounts.add_key(connection, account.id, "b", b"1", NOW)
    accounts.add_key(connection, account.id, "a", b"2", NOW)
    with pytest.raises(accounts.AlreadyThere):
        accounts.add_key(connection, account.id, "a", b"3", NOW)
    assert accounts.keys(connection, account.id) == [KeyReport("a", NOW), KeyReport("b", NOW)]
    assert accounts.revoke_key(connection, account.id, "a")
    assert not accounts.revoke_key(connection, account.id, "a")
    told = accounts.secrets_of(connection, account.email)
    assert told is not None
    assert told.key_digests == {b"1"}


def test_summaries(connection: Connection) -> None:
    """All accounts by e-mail with their credits, closed ones too; or one."""
    people = [open_account(connection, credits_) for credits_ in (3, 0)]
    accounts.set_disabled(connection, people[1].id, disabled=True)
    told = accounts.summaries(connection)
    assert [(one.account.email, one.credits, one.created, one.disabled) for one in told] == sorted(
        [(people[0].email, 3, NOW, False), (people[1].email, 0, NOW, True)]
    )
    assert [one.account for one in accounts.summaries(connection, people[0].email)] == [people[0]]
    assert accounts.summaries(connection, "nobody@exemple.fr") == []


def test_familiar_networks(connection: Connection) -> None:
    """Each is kept once; beyond the bound an account begins anew, and no other account is touched."""
    account = accounts.create(connection, "a@exemple.fr", "hash", 1)
    other = accounts.create(connection, "b@exemple.fr", "hash", 1)
    accounts.note_network(connection, other.id, "198.51.100.1")
    for network in ("198.51.100.1", "198.51.100.1", "2001:db8::/64"):
        accounts.note_network(connection, account.id, network)
    assert known_networks(connection, account.email) == {"198.51.100.1", "2001:db8::/64"}
    for index in range(accounts.MOST_NETWORKS):
        accounts.note_network(connection, account.id, f"network {index}")
    assert 0 < len(known_networks(connection, account.email)) <= accounts.MOST_NETWORKS
    assert f"network {accounts.MOST_NETWORKS - 1}" in known_networks(connection, account.email)
    assert known_networks(connection, other.email) == {"198.51.100.1"}


def test_as_its_holder_sees_it(connection: Connection) -> None:
    """Credits, when it was opened; None for a closed one and for none."""
    account = open_account(connection, 7)
    told = accounts.profile(connection, account.id)
    assert told == Profile(account=account, credits=7, created=NOW, second_factor=False, recovery_codes=0)
    assert accounts.profile(connection, account.id + 1000) is None
    accounts.set_disabled(connection, account.id, disabled=True)
    assert accounts.profile(connection, account.id) is None


def test_whether_it_is_still_as_it_was_read(connection: Connection) -> None:
    """Any change, its closing, its absence: no."""
    account, other = open_account(connection), open_account(connection)
    assert accounts.is_still(connection, account)
    accounts.set_options(connection, account.id, {"validity": 2})
    assert not accounts.is_still(connection, account)
    assert accounts.is_still(connection, other)
    accounts.set_disabled(connection, other.id, disabled=True)
    assert not accounts.is_still(connection, attrs.evolve(other, version=other.version + 1))
    assert not accounts.is_still(connection, attrs.evolve(other, id=other.id + 1000))


def test_so_many_keys(connection: Connection) -> None:
    """Each authentication reads them all; one that goes makes room, and other accounts have their own."""
    account, other = open_account(connection), open_account(connection)
    for nth in range(MOST_KEYS):
        accounts.add_key(connection, account.id, f"{nth}", b"%d" % nth, NOW)
    with pytest.raises(accounts.TooManyKeys):
        accounts.add_key(connection, account.id, "one more", b"more", NOW)
    with pytest.raises(accounts.AlreadyThere):
        accounts.add_key(connection, account.id, "0", b"more", NOW)
    accounts.add_key(connection, other.id, "0", b"other", NOW)
    assert accounts.revoke_key(connection, account.id, "0")
    accounts.add_key(connection, account.id, "one more", b"more", NOW)


def known_networks(connection: Connection, email: str) -> frozenset[str]:
    """Where the password was right before."""
    found = accounts.secrets_of(connection, email)
    assert found is not None
    return found.networks

"""Accounts, their secrets and their options. Every change makes another version of the account."""

from collections.abc import Mapping
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..model.account import Account, Characters, Confirmations, Format, Options, SenderChecks
from . import bulk, ledger
from .schema import account, familiar_network, purse, sending_key

MOST_NETWORKS: Final = 1000


class AlreadyThere(Exception):
    """There is one of that name already."""


@attrs.frozen
class Secrets:
    """What an account is authenticated by."""

    account: Account
    disabled: bool
    password_hash: str = attrs.field(repr=False)
    key_digests: frozenset[bytes] = attrs.field(repr=False)
    networks: frozenset[str] = frozenset()
    """Where the password was right before."""


@attrs.frozen(kw_only=True)
class Summary:
    """An account as the operator sees it."""

    account: Account
    credits: int
    created: int
    disabled: bool


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        version=row.version,
        options=Options(
            duplicates=row.duplicates,
            format=Format(row.format),
            validity=row.validity,
            confirmations=Confirmations(row.confirmations),
            characters=Characters(row.characters),
            max_segments=row.max_segments,
            alert_threshold=row.alert_threshold,
            alert_phone=row.alert_phone,
            sender_checks=SenderChecks(row.sender_checks),
        ),
    )


def create(connection: Connection, email: str, password_hash: str, created: int) -> Account:
    """A new account with an empty purse and default options; ``email`` in canonical form.

    Raises ``AlreadyThere``.
    """
    if by_email(connection, email) is not None:
        raise AlreadyThere(email)
    values = {"email": email, "password_hash": password_hash, "created": created, "version": 1, "disabled": False}
    key = connection.execute(insert(account).values(**values, **_columns(Options()))).inserted_primary_key
    assert key is not None
    ledger.open_purse(connection, key[0])
    found = by_id(connection, key[0])
    assert found is not None
    return found


def _columns(options: Options) -> dict[str, Any]:
    return attrs.asdict(options, recurse=False, value_serializer=lambda _owner, _field, value: _plain(value))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Format | Confirmations | Characters | SenderChecks) else value


def by_email(connection: Connection, email: str) -> Account | None:
    """The account of that e-mail in canonical form, disabled or not."""
    row = connection.execute(select(account).where(account.c.email == email)).one_or_none()
    return None if row is None else _account(row)


def by_id(connection: Connection, account_id: int) -> Account | None:
    """The account of that id, unless it is disabled."""
    wanted = select(account).where(account.c.id == account_id, account.c.disabled.is_(False))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _account(row)


def secrets_of(connection: Connection, email: str) -> Secrets | None:
    """What the account of that e-mail is authenticated by."""
    row = connection.execute(select(account).where(account.c.email == email)).one_or_none()
    if row is None:
        return None
    digests = connection.execute(select(sending_key.c.digest).where(sending_key.c.account_id == row.id)).scalars()
    familiar = select(familiar_network.c.network).where(familiar_network.c.account_id == row.id)
    return Secrets(
        _account(row),
        row.disabled,
        row.password_hash,
        frozenset(bytes(digest) for digest in digests),
        frozenset(connection.execute(familiar).scalars()),
    )


def note_network(connection: Connection, account_id: int, network: str) -> None:
    """The right password was shown from ``network``; beyond ``MOST_NETWORKS`` an account begins anew."""
    mine = familiar_network.c.account_id == account_id
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST_NETWORKS:
        connection.execute(delete(familiar_network).where(mine))
    bulk.insert(
        connection, familiar_network, ("account_id", "network"), [(account_id, network)], "ON CONFLICT DO NOTHING"
    )


def set_options(connection: Connection, account_id: int, changes: Mapping[str, Any]) -> None:
    """Change options by the names of ``Options``' fields."""
    _change(connection, account_id, {name: _plain(value) for name, value in changes.items()})


def set_password(connection: Connection, account_id: int, password_hash: str) -> None:
    """Another password; the old one is worth nothing from the commit on."""
    _change(connection, account_id, {"password_hash": password_hash})


def set_disabled(connection: Connection, account_id: int, disabled: bool) -> None:
    """Close the account to all sending, or open it again."""
    _change(connection, account_id, {"disabled": disabled})


def _change(connection: Connection, account_id: int, values: Mapping[str, Any]) -> None:
    changed = update(account).where(account.c.id == account_id)
    connection.execute(changed.values(version=account.c.version + 1, **values))


def add_key(connection: Connection, account_id: int, name: str, digest: bytes, created: int) -> None:
    """A sending key, known by its digest. Raises ``AlreadyThere`` for a name in use."""
    if name in key_names(connection, account_id):
        raise AlreadyThere(name)
    values = {"account_id": account_id, "name": name, "digest": digest, "created": created}
    connection.execute(insert(sending_key).values(values))
    _change(connection, account_id, {})


def revoke_key(connection: Connection, account_id: int, name: str) -> bool:
    """Make a sending key worthless; gives whether there was one of that name."""
    gone = delete(sending_key).where(sending_key.c.account_id == account_id, sending_key.c.name == name)
    revoked = connection.execute(gone).rowcount > 0
    _change(connection, account_id, {})
    return revoked


def key_names(connection: Connection, account_id: int) -> list[str]:
    """The names of the account's sending keys, in alphabetical order."""
    wanted = select(sending_key.c.name).where(sending_key.c.account_id == account_id).order_by(sending_key.c.name)
    return list(connection.execute(wanted).scalars())


def summaries(connection: Connection, email: str | None = None) -> list[Summary]:
    """Accounts with their credits, by e-mail; all, or the one of ``email``."""
    wanted = select(account, purse.c.balance).join(purse, purse.c.account_id == account.c.id).order_by(account.c.email)
    if email is not None:
        wanted = wanted.where(account.c.email == email)
    return [
        Summary(account=_account(row), credits=row.balance, created=row.created, disabled=row.disabled)
        for row in connection.execute(wanted)
    ]

"""Accounts, their secrets and their options. Every change makes another version of the account."""

from collections.abc import Mapping
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..model.access import MOST_KEYS, KeyReport, Profile
from ..model.account import Account, Characters, Confirmations, Format, Options, SenderChecks
from ..model.notice import Kind
from . import alerts, bulk, ledger
from .schema import account, familiar_network, notice, password_link, purse, recovery_code, sending_key, session

MOST_NETWORKS: Final = 1000


class AlreadyThere(Exception):
    """There is one of that name already."""


class TooManyKeys(Exception):
    """An account has as many sending keys as it may have."""


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


def account_in(row: Row[Any]) -> Account:
    """The account in a row that has the columns of its table."""
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
    values = {"email": email, "password_hash": password_hash, "created": created, "version": 1, "disabled": False}
    values |= _columns(Options())
    into, marks = ", ".join(values), ", ".join("?" * len(values))
    # no look before: of two daemons that open it at once, one would fail
    once = "ON CONFLICT (email) DO NOTHING RETURNING id"
    rows = bulk.query(connection, f"INSERT INTO account ({into}) VALUES ({marks}) {once}", *values.values())
    if not rows:
        raise AlreadyThere(email)
    ledger.open_purse(connection, rows[0][0])
    found = by_id(connection, rows[0][0])
    assert found is not None
    return found


def _columns(options: Options) -> dict[str, Any]:
    return attrs.asdict(options, recurse=False, value_serializer=lambda _owner, _field, value: _plain(value))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Format | Confirmations | Characters | SenderChecks) else value


def by_email(connection: Connection, email: str) -> Account | None:
    """The account of that e-mail in canonical form, disabled or not."""
    row = connection.execute(select(account).where(account.c.email == email)).one_or_none()
    return None if row is None else account_in(row)


def by_id(connection: Connection, account_id: int) -> Account | None:
    """The account of that id, unless it is disabled."""
    wanted = select(account).where(account.c.id == account_id, account.c.disabled.is_(False))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else account_in(row)


def is_still(connection: Connection, read: Account) -> bool:
    """Whether the account is open and the one that was ``read``; it is until the commit, then."""
    wanted = select(account.c.version).where(account.c.id == read.id, account.c.disabled.is_(False))
    return connection.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none() == read.version


def profile(connection: Connection, account_id: int) -> Profile | None:
    """The account as its holder sees it, unless it is closed."""
    codes = select(func.count()).where(recovery_code.c.account_id == account_id).scalar_subquery()
    wanted = select(account, purse.c.balance, codes.label("codes")).join(purse, purse.c.account_id == account.c.id)
    row = connection.execute(wanted.where(account.c.id == account_id, account.c.disabled.is_(False))).one_or_none()
    if row is None:
        return None
    return Profile(
        account=account_in(row),
        credits=row.balance,
        created=row.created,
        second_factor=row.totp_secret is not None,
        recovery_codes=row.codes,
    )


def secrets_of(connection: Connection, email: str) -> Secrets | None:
    """What the account of that e-mail is authenticated by."""
    row = connection.execute(select(account).where(account.c.email == email)).one_or_none()
    if row is None:
        return None
    digests = connection.execute(select(sending_key.c.digest).where(sending_key.c.account_id == row.id)).scalars()
    familiar = select(familiar_network.c.network).where(familiar_network.c.account_id == row.id)
    return Secrets(
        account_in(row),
        row.disabled,
        row.password_hash,
        frozenset(bytes(digest) for digest in digests),
        frozenset(connection.execute(familiar).scalars()),
    )


def note_network(connection: Connection, account_id: int, network: str) -> None:
    """The right password was shown from ``network``; beyond ``MOST_NETWORKS`` an account begins anew.

    Whoever knows the password is owed none.
    """
    _owe_no_password(connection, account_id)
    mine = familiar_network.c.account_id == account_id
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST_NETWORKS:
        connection.execute(delete(familiar_network).where(mine))
    bulk.insert(
        connection, familiar_network, ("account_id", "network"), [(account_id, network)], "ON CONFLICT DO NOTHING"
    )


def set_options(connection: Connection, account_id: int, changes: Mapping[str, Any]) -> None:
    """Change options by the names of ``Options``' fields. By another threshold or telephone it is alerted anew."""
    before = _alert(connection, account_id)
    change(connection, account_id, **{name: _plain(value) for name, value in changes.items()})
    if _alert(connection, account_id) != before:
        alerts.arm(connection, account_id)


def _alert(connection: Connection, account_id: int) -> Any:
    wanted = select(account.c.alert_threshold, account.c.alert_phone).where(account.c.id == account_id)
    return connection.execute(wanted).one_or_none()


def set_password(connection: Connection, account_id: int, password_hash: str, keep: int | None = None) -> None:
    """Another password; the old one is worth nothing from the commit on.

    Nor is a session other than ``keep``, or a link to a new password; and no password is owed any more.
    """
    _owe_no_password(connection, account_id)
    change(connection, account_id, password_hash=password_hash)
    end_sessions(connection, account_id, keep)
    connection.execute(delete(password_link).where(password_link.c.account_id == account_id))


def _owe_no_password(connection: Connection, account_id: int) -> None:
    owed = update(notice).where(notice.c.key == opening_key(account_id), notice.c.told_at.is_(None))
    connection.execute(owed.values(told_at=notice.c.since))


def opening_key(account_id: int) -> str:
    """The key of the notice by which a new account is owed its password."""
    return f"{Kind.OPENED}:{account_id}"


def set_disabled(connection: Connection, account_id: int, disabled: bool) -> None:
    """Close the account to all sending, and end its sessions; or open it again."""
    change(connection, account_id, disabled=disabled)
    if disabled:
        end_sessions(connection, account_id)


def end_sessions(connection: Connection, account_id: int, keep: int | None = None) -> None:
    """End all of the account's sessions but ``keep``, pending ones too."""
    gone = delete(session).where(session.c.account_id == account_id)
    connection.execute(gone if keep is None else gone.where(session.c.id != keep))


def change(connection: Connection, account_id: int, **values: Any) -> None:
    """Set columns of an account, and so make another version of it."""
    changed = update(account).where(account.c.id == account_id)
    connection.execute(changed.values(version=account.c.version + 1, **values))


def add_key(connection: Connection, account_id: int, name: str, digest: bytes, created: int) -> None:
    """A sending key, known by its digest. Raises ``AlreadyThere`` for a name in use, and ``TooManyKeys``."""
    # first: of two daemons that add one, the other waits here and then sees it
    change(connection, account_id)
    names = [one.name for one in keys(connection, account_id)]
    if name in names:
        raise AlreadyThere(name)
    if len(names) >= MOST_KEYS:
        raise TooManyKeys
    values = {"account_id": account_id, "name": name, "digest": digest, "created": created}
    connection.execute(insert(sending_key).values(values))


def revoke_key(connection: Connection, account_id: int, name: str) -> bool:
    """Make a sending key worthless; gives whether there was one of that name."""
    gone = delete(sending_key).where(sending_key.c.account_id == account_id, sending_key.c.name == name)
    revoked = connection.execute(gone).rowcount > 0
    if revoked:
        change(connection, account_id)
    return revoked


def keys(connection: Connection, account_id: int) -> list[KeyReport]:
    """The account's sending keys, by name."""
    wanted = select(sending_key.c.name, sending_key.c.created).where(sending_key.c.account_id == account_id)
    # a database of another locale would put accents elsewhere
    return sorted((KeyReport(row.name, row.created) for row in connection.execute(wanted)), key=lambda one: one.name)


def summaries(connection: Connection, email: str | None = None) -> list[Summary]:
    """Accounts with their credits, by e-mail; all, or the one of ``email``."""
    wanted = select(account, purse.c.balance).join(purse, purse.c.account_id == account.c.id).order_by(account.c.email)
    if email is not None:
        wanted = wanted.where(account.c.email == email)
    return [
        Summary(account=account_in(row), credits=row.balance, created=row.created, disabled=row.disabled)
        for row in connection.execute(wanted)
    ]

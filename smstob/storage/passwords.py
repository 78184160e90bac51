"""Passwords that somebody is yet to get: those of new accounts, and links to others for who forgot his."""

from sqlalchemy import Connection, delete, insert, select

from ..model.access import LINK_LASTS
from ..model.notice import Kind
from . import accounts, notices
from .schema import account, password_link


def sign_up(connection: Connection, email: str, nobody: str, key: str, now: int) -> int | None:
    """Open an account whose holder is owed a password, gives its id; where there is one, he is owed a way in.

    ``nobody`` is the hash of a password that nobody has. ``key`` is this request's. None where there was an account.
    """
    try:
        made = accounts.create(connection, email, nobody, now)
    except accounts.AlreadyThere:
        recover(connection, email, Kind.KNOWN, key, now)
        return None
    notices.owe_private(connection, Kind.OPENED, made.id, email, accounts.opening_key(made.id), now)
    return made.id


def recover(connection: Connection, email: str, kind: Kind, key: str, now: int) -> None:
    """Owe the holder of an account a link to a new password, if there is one and it is open."""
    wanted = select(account.c.id).where(account.c.email == email, account.c.disabled.is_(False))
    account_id = connection.execute(wanted).scalar_one_or_none()
    if account_id is None:
        _write_as_much(connection, key)
    else:
        notices.owe_private(connection, kind, account_id, email, f"{kind}:{key}", now)


def _write_as_much(connection: Connection, key: str) -> None:
    """Whoever asks must not tell from the time that there is no account: a commit without a change is quicker."""
    with connection.begin_nested() as undone:
        # nobody's: it is no e-mail address
        accounts.create(connection, key, "", 0)
        undone.rollback()


def set_drawn(connection: Connection, owed: notices.Owed, password_hash: str, now: int, until: int) -> bool:
    """Set the password that a new account's holder is told next, and hold the notice ``until``.

    False where he is owed none: he has one, the account is closed, or another daemon tells him.
    """
    if not _hold(connection, owed, now, until):
        return False
    accounts.change(connection, owed.account, password_hash=password_hash)
    return True


def keep_link(connection: Connection, owed: notices.Owed, digest: bytes, now: int, until: int) -> bool:
    """Keep the link that an account's holder is told next; otherwise like ``set_drawn``."""
    if not _hold(connection, owed, now, until):
        return False
    values = {"digest": digest, "account_id": owed.account, "expires": now + LINK_LASTS}
    connection.execute(insert(password_link).values(values))
    return True


def _hold(connection: Connection, owed: notices.Owed, now: int, until: int) -> bool:
    if not notices.hold(connection, owed, until):
        return False
    if accounts.by_id(connection, owed.account) is None:
        notices.told(connection, [owed.id], now)
        return False
    return True


def link_email(connection: Connection, digest: bytes, now: int) -> str | None:
    """Whose password a link leads to; None where it is not good, or the account is closed."""
    wanted = select(account.c.email).join(password_link, password_link.c.account_id == account.c.id)
    good = wanted.where(password_link.c.digest == digest, password_link.c.expires > now, account.c.disabled.is_(False))
    return connection.execute(good).scalar_one_or_none()


def reset(connection: Connection, digest: bytes, password_hash: str, now: int) -> int | None:
    """Set the password that a link leads to, which is used up; gives the account. None where it is not good."""
    if link_email(connection, digest, now) is None:
        return None
    used = delete(password_link).where(password_link.c.digest == digest).returning(password_link.c.account_id)
    account_id: int | None = connection.execute(used).scalar_one_or_none()
    if account_id is not None:
        accounts.set_password(connection, account_id, password_hash)
    return account_id


def prune_links(connection: Connection, now: int) -> int:
    """Forget links that are no longer good; gives how many."""
    return connection.execute(delete(password_link).where(password_link.c.expires <= now)).rowcount

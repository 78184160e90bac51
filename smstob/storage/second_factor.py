"""The second factor of accounts: on with its recovery codes, or off."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from .accounts import change, end_sessions
from .schema import account, recovery_code, session
from .sessions import Passcode


def turn_on(
    connection: Connection, account_id: int, shown: Passcode, recovery_digests: Iterable[bytes], keep: int
) -> bool:
    """Ask for passcodes of that secret, later than the one ``shown``; every session but ``keep`` ends.

    False where one is on already, or the account is closed.
    """
    open_without = (account.c.id == account_id, account.c.disabled.is_(False), account.c.totp_secret.is_(None))
    if connection.execute(select(account.c.id).where(*open_without).with_for_update()).one_or_none() is None:
        return False
    change(connection, account_id, totp_secret=shown.secret, totp_used=shown.step)
    codes = [{"account_id": account_id, "digest": digest} for digest in recovery_digests]
    connection.execute(insert(recovery_code), codes)
    end_sessions(connection, account_id, keep)
    return True


def turn_off(connection: Connection, account_id: int) -> None:
    """Ask for none; what is pending has to begin anew."""
    change(connection, account_id, totp_secret=None, totp_used=None)
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    connection.execute(delete(session).where(session.c.account_id == account_id, session.c.pending))

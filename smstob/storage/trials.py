"""Trials: calls to the premium number, and the credits that each gives once."""

from typing import Any

import attrs
from sqlalchemy import Connection, or_, select, update

from ..model.ledger import Reason
from ..model.sharing import TRIAL_CREDITS, TRIAL_LASTS, TrialFault
from . import bulk, ledger
from .billing_schema import trial, trial_call
from .schema import account

CALLER_LASTS = 1800
"""Seconds after a call in which the telephone that made it is enough; a code lasts longer, nobody guesses it."""


@attrs.frozen(kw_only=True)
class Call:
    """A call that the number's provider told of; secrets are digests."""

    id: str
    """The provider's: once for each."""
    code: bytes | None = attrs.field(repr=False)
    caller: bytes | None = attrs.field(repr=False)
    at: int


def keep(connection: Connection, call: Call) -> bool:
    """Keep a call; False where it is known, or its code is good for another.

    Codes are short: one that was used, or is too old, may be told again for a new call.
    """
    if call.code is not None:
        free = "UPDATE trial_call SET code = NULL WHERE code = ? AND call <> ? AND (used_at IS NOT NULL OR at <= ?)"
        bulk.execute(connection, free, call.code, call.id, call.at - TRIAL_LASTS)
    row = (call.id, call.code, call.caller, call.at)
    statement = "INSERT INTO trial_call (call, code, caller, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    return bulk.execute(connection, statement, *row) > 0


def redeem(
    connection: Connection, account_id: int, shown: tuple[bytes, ...], callers: tuple[bytes, ...], now: int
) -> int | TrialFault:
    """Give the account its trial for a call, by the digest of its code or of its telephone; gives how many credits.

    Each account, each call and each telephone once.
    """
    # whoever shows two codes for one account at once waits here
    mine = select(account.c.id).where(account.c.id == account_id, account.c.disabled.is_(False))
    if connection.execute(mine.with_for_update(key_share=True)).scalar_one_or_none() is None:
        return TrialFault.CLOSED
    if connection.execute(select(trial.c.at).where(trial.c.account_id == account_id)).scalar_one_or_none() is not None:
        return TrialFault.ALREADY
    call = _call(connection, shown, callers, now)
    if call is None:
        return TrialFault.BAD_CODE
    statement = "INSERT INTO trial (account_id, caller, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    if not bulk.execute(connection, statement, account_id, call.caller, now):
        return TrialFault.CALLER_USED
    used = update(trial_call).where(trial_call.c.id == call.id)
    connection.execute(used.values(account_id=account_id, used_at=now))
    note = "Crédits d'essai"
    ledger.issue(connection, account_id, TRIAL_CREDITS, Reason.TRIAL, str(account_id), now, note)
    return TRIAL_CREDITS


def _call(connection: Connection, shown: tuple[bytes, ...], callers: tuple[bytes, ...], now: int) -> Any:
    """The newest call that is meant and was not used; nobody else uses it before the commit."""
    by_code = trial_call.c.code.in_(shown) & (trial_call.c.at > now - TRIAL_LASTS)
    by_caller = trial_call.c.caller.in_(callers) & trial_call.c.code.is_(None) & (trial_call.c.at > now - CALLER_LASTS)
    wanted = (
        select(trial_call)
        .where(or_(by_code, by_caller), trial_call.c.used_at.is_(None))
        .order_by(trial_call.c.at.desc(), trial_call.c.id.desc())
        .limit(1)
        .with_for_update()
    )
    return connection.execute(wanted).one_or_none()

"""Domains whose addresses send on an account's purse, and what each address used."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import attrs
from sqlalchemy import Connection, delete, select, update

from ..model.account import Account
from ..model.identity import bounded
from ..model.sharing import MOST_DOMAINS, DomainFault, SenderUse, SharedDomain
from . import accounts, bulk
from .billing_schema import sender_tally, shared_domain
from .schema import account

RECENT: Final = 30
"""Days that the use of a domain is told of, today included."""

Use = tuple[int, int, str]
"""An account that pays, a day of the service's clocks, and the address that sends."""


@attrs.frozen
class Shared:
    """What the addresses of a domain are authenticated by."""

    account: Account
    """Whose credits they use."""
    disabled: bool
    password_hash: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Wanted:
    """A domain that an account is to share."""

    account: int
    domain: str
    """As the DNS has it, in lower case."""
    password_hash: str = attrs.field(repr=False)
    daily_limit: int | None
    at: int
    proven: bool
    """Whether the account is entitled to it, though its own address is of another."""


@attrs.define
class Allowance:
    """What one address may use in a day."""

    limit: int
    left: int


def share(connection: Connection, wanted: Wanted) -> DomainFault | None:
    """Share a domain; where the account shares it already, with that password and limit from now on."""
    email = _hold(connection, wanted.account)
    if not email or not (wanted.proven or domain_of(email) == wanted.domain):
        return DomainFault.NOT_YOURS
    own = select(shared_domain.c.domain).where(shared_domain.c.account_id == wanted.account)
    others = set(connection.execute(own).scalars()) - {wanted.domain}
    if len(others) >= MOST_DOMAINS:
        return DomainFault.TOO_MANY
    values = (wanted.domain, wanted.account, wanted.password_hash, wanted.daily_limit, wanted.at)
    # no look before: of two accounts that share it at once, one would fail
    kept = (
        "INSERT INTO shared_domain (domain, account_id, password_hash, daily_limit, created) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (domain) DO UPDATE SET password_hash = excluded.password_hash, "
        "daily_limit = excluded.daily_limit WHERE shared_domain.account_id = excluded.account_id"
    )
    if not bulk.execute(connection, kept, *values):
        return DomainFault.TAKEN
    accounts.change(connection, wanted.account)
    return None


def _hold(connection: Connection, account_id: int) -> str:
    """The account's e-mail, empty where there is none; of two that change what it shares, the other waits here."""
    held = f"SELECT email FROM account WHERE id = ? {bulk.locking(connection)}"
    return next((row[0] for row in bulk.query(connection, held, account_id)), "")


def change(connection: Connection, account_id: int, domain: str, **values: Any) -> bool:
    """Set columns of a domain that the account shares; whether it does."""
    _hold(connection, account_id)
    changed = update(shared_domain).where(shared_domain.c.account_id == account_id, shared_domain.c.domain == domain)
    return _noticed(connection, account_id, connection.execute(changed.values(**values)).rowcount)


def unshare(connection: Connection, account_id: int, domain: str) -> bool:
    """Share a domain no longer; whether the account did. What its addresses used stays known."""
    _hold(connection, account_id)
    gone = delete(shared_domain).where(shared_domain.c.account_id == account_id, shared_domain.c.domain == domain)
    return _noticed(connection, account_id, connection.execute(gone).rowcount)


def _noticed(connection: Connection, account_id: int, rows: int) -> bool:
    """Make another version of the account where anything changed: credentials that are remembered end by it."""
    if rows:
        accounts.change(connection, account_id)
    return rows > 0


def secrets_of(connection: Connection, domain: str) -> Shared | None:
    """What the addresses of that domain, and of none below it, are authenticated by."""
    wanted = (
        select(account, shared_domain.c.password_hash.label("shared_hash"))
        .join(shared_domain, shared_domain.c.account_id == account.c.id)
        .where(shared_domain.c.domain == domain)
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Shared(accounts.account_in(row), row.disabled, row.shared_hash)


def domains(connection: Connection, account_id: int, today: int) -> list[SharedDomain]:
    """The domains of an account by name, with their use until the day ``today``."""
    wanted = select(shared_domain).where(shared_domain.c.account_id == account_id).order_by(shared_domain.c.domain)
    rows = connection.execute(wanted).all()
    used: dict[str, list[int]] = {}
    if rows:
        statement = "SELECT sender, sum(credits) FROM sender_tally WHERE account_id = ? AND day > ? GROUP BY sender"
        for sender, credits_ in bulk.query(connection, statement, account_id, today - RECENT):
            used.setdefault(domain_of(sender), []).append(int(credits_))
    return [
        SharedDomain(
            domain=row.domain,
            daily_limit=row.daily_limit,
            created=row.created,
            senders=len(used.get(row.domain, ())),
            credits=sum(used.get(row.domain, ())),
        )
        for row in rows
    ]


def senders(connection: Connection, account_id: int, domain: str, first: int, last: int) -> list[SenderUse]:
    """What the addresses of ``domain`` used of an account on these days, both included: who used most comes first."""
    statement = (
        "SELECT sender, sum(messages), sum(credits), max(day) FROM sender_tally "
        "WHERE account_id = ? AND day >= ? AND day <= ? GROUP BY sender"
    )
    rows = bulk.query(connection, statement, account_id, bounded(first), bounded(last))
    found = [
        SenderUse(sender=row[0], messages=int(row[1]), credits=int(row[2]), last=row[3])
        for row in rows
        if domain_of(row[0]) == domain
    ]
    return sorted(found, key=lambda one: (-one.credits, one.sender))


def domain_of(address: str) -> str:
    """What follows the @ of an address in canonical form; empty where there is nothing before it."""
    local, _, domain = address.rpartition("@")
    return domain if local else ""


def allowances(connection: Connection, uses: Collection[Use]) -> dict[Use, Allowance | None]:
    """What each may still use, None for any amount; missing is who is of no domain that the account shares.

    It stays so until the commit where the accounts are held.
    """
    if not uses:
        return {}
    limits = _limits(connection, {domain_of(sender) for _, _, sender in uses})
    limited = [use for use in uses if limits.get((use[0], domain_of(use[2]))) is not None]
    used = _used(connection, limited)
    found: dict[Use, Allowance | None] = {}
    for use in uses:
        shared = use[0], domain_of(use[2])
        if shared in limits:
            limit = limits[shared]
            found[use] = None if limit is None else Allowance(limit, limit - used.get(use, 0))
    return found


def _used(connection: Connection, uses: Iterable[Use]) -> dict[Use, int]:
    """Credits; a look for each account and day, which most often is one."""
    senders_of: dict[tuple[int, int], list[str]] = {}
    for account_id, day, sender in uses:
        senders_of.setdefault((account_id, day), []).append(sender)
    statement = "SELECT sender, credits FROM sender_tally WHERE sender {among} AND account_id = ? AND day = ?"
    return {
        (*lot, row[0]): row[1]
        for lot, addresses in senders_of.items()
        for row in bulk.select(connection, statement, addresses, sender_tally.c.sender, *lot)
    }


def _limits(connection: Connection, names: Iterable[str]) -> dict[tuple[int, str], int | None]:
    statement = "SELECT account_id, domain, daily_limit FROM shared_domain WHERE domain {among}"
    return {(row[0], row[1]): row[2] for row in bulk.select(connection, statement, names, shared_domain.c.domain)}


def note(connection: Connection, used: Mapping[Use, tuple[int, int]]) -> None:
    """Add the messages and the credits that were just used; of two daemons neither waits crosswise for the other."""
    rows = [(*use, *counts) for use, counts in sorted(used.items())]
    sums = ", ".join(f"{name} = sender_tally.{name} + excluded.{name}" for name in ("messages", "credits"))
    conflict = f"ON CONFLICT (account_id, day, sender) DO UPDATE SET {sums}"
    bulk.insert(connection, sender_tally, ("account_id", "day", "sender", "messages", "credits"), rows, conflict)

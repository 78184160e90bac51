"""Sessions of the pages: each known by the digest of its token, and only as long as its account is open."""

from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, delete, insert, or_, select, update

from ..model.access import PENDING_LASTS, SESSION_IDLE, SESSION_LASTS, Session
from ..model.account import Account
from .accounts import account_in, is_still
from .schema import account, recovery_code, session

MOST: Final = 50
"""Sessions of an account, and as many pending ones; the oldest goes."""


@attrs.frozen(kw_only=True)
class Visit:
    """Who opens a session: by which token, when and from where."""

    digest: bytes
    at: int
    """Unix seconds."""
    network: str
    agent: str


@attrs.frozen
class Passcode:
    """A second factor that was found right."""

    secret: str = attrs.field(repr=False)
    """The account's."""
    step: int
    """Half minutes since 1970: each is accepted once."""


@attrs.frozen(kw_only=True)
class Challenge:
    """What the second factor of a pending session is held against."""

    account: int
    secret: str = attrs.field(repr=False)
    recovery_digests: frozenset[bytes] = attrs.field(repr=False)


def open_for(connection: Connection, holder: Account, visit: Visit) -> Session | None:
    """A session of an account, pending where it has a second factor; None where it is no longer as it was read."""
    if not is_still(connection, holder):
        return None
    asked = select(account.c.totp_secret.is_not(None)).where(account.c.id == holder.id)
    return _open(connection, holder, visit, connection.execute(asked).scalar_one())


def _open(connection: Connection, holder: Account, visit: Visit, pending: bool) -> Session:
    alike = select(session.c.id).where(session.c.account_id == holder.id, session.c.pending.is_(pending))
    oldest = alike.order_by(session.c.seen.desc(), session.c.id.desc()).offset(MOST - 1)
    connection.execute(delete(session).where(session.c.id.in_(connection.execute(oldest).scalars().all())))
    begun = insert(session).values(
        account_id=holder.id,
        digest=visit.digest,
        created=visit.at,
        seen=visit.at,
        network=visit.network,
        agent=visit.agent,
        pending=pending,
    )
    key = connection.execute(begun).inserted_primary_key
    assert key is not None
    return Session(
        id=key[0],
        account=holder,
        created=visit.at,
        seen=visit.at,
        network=visit.network,
        agent=visit.agent,
        pending=pending,
    )


def _alive(now: int) -> ColumnElement[bool]:
    lasts = case((session.c.pending, PENDING_LASTS), else_=SESSION_LASTS)
    return and_(session.c.seen > now - SESSION_IDLE, session.c.created + lasts > now)


def _with_account(now: int) -> Select[Any]:
    columns = (session.c.id, session.c.created, session.c.seen, session.c.network, session.c.agent, session.c.pending)
    labelled = [column.label(f"session_{column.name}") for column in columns]
    joined = select(account, *labelled).join(session, session.c.account_id == account.c.id)
    return joined.where(_alive(now), account.c.disabled.is_(False))


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.session_id,
        account=account_in(row),
        created=row.session_created,
        seen=row.session_seen,
        network=row.session_network,
        agent=row.session_agent,
        pending=row.session_pending,
    )


def find(connection: Connection, digest: bytes, now: int) -> Session | None:
    """The session of that token, pending or not, unless it has ended by the Unix second ``now``."""
    row = connection.execute(_with_account(now).where(session.c.digest == digest)).one_or_none()
    return None if row is None else _session(row)


def of_account(connection: Connection, account_id: int, now: int) -> list[Session]:
    """The account's sessions that are open and not pending, the last seen first."""
    mine = _with_account(now).where(account.c.id == account_id, session.c.pending.is_(False))
    return [_session(row) for row in connection.execute(mine.order_by(session.c.seen.desc(), session.c.id.desc()))]


def see(connection: Connection, session_id: int, now: int) -> None:
    """A request came. A session that a clock set ahead dated is dated anew: it must not last longer for it."""
    created = case((session.c.created > now, now), else_=session.c.created)
    connection.execute(update(session).where(session.c.id == session_id).values(seen=now, created=created))


def end(connection: Connection, digest: bytes) -> None:
    """End the session of that token, if there is one."""
    connection.execute(delete(session).where(session.c.digest == digest))


def end_one(connection: Connection, account_id: int, session_id: int) -> bool:
    """End one of the account's sessions; whether there was one."""
    gone = delete(session).where(session.c.id == session_id, session.c.account_id == account_id)
    return connection.execute(gone).rowcount > 0


def challenge(connection: Connection, digest: bytes, now: int) -> Challenge | None:
    """What a pending session waits for; None where there is none of that token."""
    asked = select(account.c.id, account.c.totp_secret).join(session, session.c.account_id == account.c.id)
    row = connection.execute(asked.where(_pending(digest, now), account.c.disabled.is_(False))).one_or_none()
    if row is None or row.totp_secret is None:
        return None
    codes = select(recovery_code.c.digest).where(recovery_code.c.account_id == row.id)
    digests = frozenset(bytes(one) for one in connection.execute(codes).scalars())
    return Challenge(account=row.id, secret=row.totp_secret, recovery_digests=digests)


def confirm(connection: Connection, digest: bytes, proof: Passcode | bytes, visit: Visit) -> Session | None:
    """A session for a pending one, which ends, and for a passcode or the digest of a recovery code, which is used up.

    None where the session has ended, or the proof was used meanwhile: nothing is changed then.
    """
    asked = select(session.c.account_id).where(_pending(digest, visit.at)).with_for_update()
    account_id = connection.execute(asked).scalar_one_or_none()
    if account_id is None:
        return None
    opened = select(account).where(account.c.id == account_id, account.c.disabled.is_(False))
    row = connection.execute(opened.with_for_update(key_share=True)).one_or_none()
    if row is None or not _use_up(connection, account_id, proof):
        return None
    end(connection, digest)
    return _open(connection, account_in(row), visit, pending=False)


def _pending(digest: bytes, now: int) -> ColumnElement[bool]:
    return and_(session.c.digest == digest, session.c.pending, _alive(now))


def _use_up(connection: Connection, account_id: int, proof: Passcode | bytes) -> bool:
    if isinstance(proof, bytes):
        code = (recovery_code.c.account_id == account_id, recovery_code.c.digest == proof)
        return connection.execute(delete(recovery_code).where(*code)).rowcount > 0
    unused = or_(account.c.totp_used.is_(None), account.c.totp_used < proof.step)
    used = update(account).where(account.c.id == account_id, account.c.totp_secret == proof.secret, unused)
    return connection.execute(used.values(totp_used=proof.step)).rowcount > 0


def prune(connection: Connection, now: int) -> int:
    """Forget sessions that have ended; gives how many."""
    return connection.execute(delete(session).where(~_alive(now))).rowcount

"""The way into the pages: sign-up, log-in, the second factor, and a way back for who forgot his password."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..flow.authenticate import HASHER, hash_of_nobody, new_token, secret_digest
from ..flow.guessing import Leak
from ..interfaces import IAuthenticator, IEntrance
from ..model.access import Hindrance, Opened, Session
from ..model.account import canonical_email, is_email
from ..model.address import network_of
from ..model.draft import Credentials
from ..model.notice import Kind
from ..model.text import storable
from ..storage import passwords, sessions
from ..storage.database import Database, Unavailable
from ..storage.sessions import Challenge, Passcode, Visit
from .password import by_password, refused
from .second_factor import recovery_digest, step_of

PER_NETWORK: Final = 10
PER_ADDRESS: Final = 3
"""Letters that may be asked for in an hour, from a network and to an address."""

WRONG_CODES: Final = 5
"""Of an account's second factor, in 15 minutes."""

SEEN_EVERY: Final = 300
"""Seconds after which a request is noted again."""

AGENT: Final = 300
"""Characters that are kept of what a browser says of itself."""

ATTEMPTS: Final = 3
"""How often an account may change while somebody logs in."""


@implementer(IEntrance)
class Entrance:
    """See ``IEntrance``. ``clock`` has the time of day."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        authenticator: IAuthenticator,
        clock: IReactorTime,
        run_in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._clock = clock
        self._run_in_thread = run_in_thread
        self._networks = Leak(PER_NETWORK, 3600)
        self._addresses = Leak(PER_ADDRESS, 3600)
        self._wrong_codes = Leak(WRONG_CODES, 900)

    def _now(self) -> int:
        return int(self._clock.seconds())

    async def sign_up(self, email: str, address: str) -> Hindrance | None:
        """See ``IEntrance``."""
        wanted = canonical_email(email)
        # a letter's envelope is ASCII: who could get no password shall not wait for it
        if not (wanted.isascii() and is_email(wanted)):
            return Hindrance.NOT_AN_EMAIL
        if self._asked_too_often(wanted, address):
            return Hindrance.TOO_MANY
        key, nobody, now = secrets.token_hex(16), hash_of_nobody(), self._now()
        opened = await self._database.transact(
            lambda connection: passwords.sign_up(connection, wanted, nobody, key, now)
        )
        if opened is not None:
            self.log.info("account {account} opened from {network}", account=opened, network=network_of(address))
        return None

    async def recover(self, email: str, address: str) -> Hindrance | None:
        """See ``IEntrance``."""
        wanted = storable(canonical_email(email))
        if not is_email(wanted):
            return Hindrance.NOT_AN_EMAIL
        if self._asked_too_often(wanted, address):
            return Hindrance.TOO_MANY
        key, now = secrets.token_hex(16), self._now()
        await self._database.transact(
            lambda connection: passwords.recover(connection, wanted, Kind.RECOVERY, key, now)
        )
        return None

    def _asked_too_often(self, email: str, address: str) -> bool:
        """Whether no more letters are written; counts one, whether there is such an account or not."""
        now, network = self._clock.seconds(), network_of(address)
        # behind a proxy that tells no address all would have the same
        if self._addresses.full(email, now) or (network and self._networks.full(network, now)):
            return True
        self._addresses.add(email, now)
        self._networks.add(network, now)
        return False

    async def link_is_good(self, token: str) -> bool:
        """See ``IEntrance``."""
        return await self._link_email(secret_digest(token)) is not None

    async def _link_email(self, digest: bytes) -> str | None:
        now = self._now()
        return await self._database.read(lambda connection: passwords.link_email(connection, digest, now))

    async def reset(self, token: str, password: str, address: str) -> Hindrance | None:
        """See ``IEntrance``."""
        digest = secret_digest(token)
        # before the costly hash: a link that nobody was mailed must not make work
        email = await self._link_email(digest)
        if email is None:
            return Hindrance.BAD_LINK
        if hindrance := refused(password, email):
            return hindrance
        hashed = await self._run_in_thread(HASHER.hash, password)
        now = self._now()
        account = await self._database.transact(
            lambda connection: passwords.reset(connection, digest, hashed, now)
        )
        if account is None:
            return Hindrance.BAD_LINK
        self._note("a link set the password of account {account} from {network}", account, address)
        return None

    async def log_in(self, credentials: Credentials, agent: str) -> Opened | Hindrance:
        """See ``IEntrance``."""
        for _ in range(ATTEMPTS):
            account = await by_password(self._authenticator, credentials)
            if isinstance(account, Hindrance):
                return account
            token = new_token()
            visit = self._visit(token, credentials.address, agent)
            opened = await self._database.transact(partial(sessions.open_for, holder=account, visit=visit))
            if opened is not None:
                asked = "; the second factor is asked for" if opened.pending else ""
                self._note(f"account {{account}} logged in from {{network}}{asked}", account.id, credentials.address)
                return Opened(token, opened)
        return Hindrance.UNAVAILABLE

    def _visit(self, token: str, address: str, agent: str) -> Visit:
        shown = storable(agent[:AGENT])
        return Visit(digest=secret_digest(token), at=self._now(), network=network_of(address), agent=shown)

    async def confirm(self, token: str, code: str, address: str, agent: str) -> Opened | Hindrance:
        """See ``IEntrance``."""
        digest, now = secret_digest(token), self._now()
        challenge = await self._database.read(lambda connection: sessions.challenge(connection, digest, now))
        if challenge is None:
            return Hindrance.BAD_CREDENTIALS
        # from here to the count nothing is waited for: of codes that come together no more are looked at
        if self._wrong_codes.full(challenge.account, self._clock.seconds()):
            return Hindrance.TOO_MANY
        proof = _proof(challenge, code, self._clock.seconds())
        if proof is None:
            return self._wrong_code(challenge.account, address)
        fresh = new_token()
        visit = self._visit(fresh, address, agent)
        opened = await self._database.transact(
            lambda connection: sessions.confirm(connection, digest, proof, visit)
        )
        if opened is None:
            return self._wrong_code(challenge.account, address)
        by = "a recovery code" if isinstance(proof, bytes) else "a passcode"
        self._note(f"account {{account}} showed {by} from {{network}}", challenge.account, address)
        return Opened(fresh, opened)

    def _wrong_code(self, account: int, address: str) -> Hindrance:
        self._wrong_codes.add(account, self._clock.seconds())
        network = network_of(address)
        self.log.warn("a wrong code for account {account} from {network}", account=account, network=network)
        return Hindrance.BAD_CODE

    async def session(self, token: str) -> Session | None:
        """See ``IEntrance``."""
        digest, now = secret_digest(token), self._now()
        found = await self._database.read(lambda connection: sessions.find(connection, digest, now))
        if found is not None and abs(now - found.seen) >= SEEN_EVERY:
            id_ = found.id
            seen = self._database.transact(lambda connection: sessions.see(connection, id_, now))
            seen.addErrback(self._not_seen)
        return found

    def _not_seen(self, failure: Any) -> None:
        # whoever looks at pages while nothing can be written goes on looking
        if failure.check(Unavailable):
            self.log.warn("a request could not be noted now: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("a request could not be noted", failure)

    async def log_out(self, token: str) -> None:
        """See ``IEntrance``."""
        digest = secret_digest(token)
        await self._database.transact(lambda connection: sessions.end(connection, digest))

    def _note(self, what: str, account: int, address: str) -> None:
        self.log.info(what, account=account, network=network_of(address))


def _proof(challenge: Challenge, code: str, now: float) -> Passcode | bytes | None:
    step = step_of(challenge.secret, code, now)
    if step is not None:
        return Passcode(challenge.secret, step)
    digest = recovery_digest(code)
    return digest if digest in challenge.recovery_digests else None

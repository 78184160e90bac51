"""The first verb: who sends. Passwords are argon2 hashes, sending keys are random and kept as digests."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import argon2
import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..interfaces import IAuthenticator
from ..model.access import KEY_PREFIX
from ..model.account import Account, canonical_email
from ..model.address import network_of
from ..model.draft import Credentials
from ..model.freemail import is_free_mail
from ..model.refusal import Code, Refusal
from ..storage import accounts, sharing
from ..storage.database import Connection, Database, Unavailable
from .guessing import Guessing

HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's profile for argon2id: about 40 ms here."""

REMEMBERED: Final = 86_400.0
"""Seconds for which verified credentials are not verified again; a change of the account ends that at once."""

MOST_REMEMBERED: Final = 20_000

MOST_WAITING: Final = 200
"""Verifications that wait at once: argon2 is slow on purpose, and a queue of guesses must not grow."""

LONGEST_EMAIL: Final = 255
"""Characters of an e-mail that are looked at; an account's has 254 at most."""

# the alphabet of passwords that people type and mail programs may change the case of
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_password() -> str:
    """Ten characters without look-alikes, 50 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def new_key() -> str:
    """A sending key, 128 bits."""
    return KEY_PREFIX + secrets.token_hex(16)


def new_token() -> str:
    """What a browser, or a link, is known by: 43 characters that a URL may hold, 256 bits."""
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> bytes:
    """What is stored of a secret that is random, and so needs no argon2."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def folded(password: str) -> str:
    """What is kept of a shared domain's password: all its senders would type it, and mail programs change the case."""
    return password.lower()


@attrs.frozen
class _Remembered:
    account: Account
    until: float


@attrs.frozen
class _Door:
    """A password that may let somebody in."""

    name: str
    """What wrong ones are counted for."""
    secret: str = attrs.field(repr=False)
    found: accounts.Secrets | sharing.Shared | None
    guessing: Guessing


@implementer(IAuthenticator)
class Authenticator:
    """See ``IAuthenticator``.

    What was verified is remembered for a day, under a digest keyed anew at each start; a change of the
    account is noticed where it is debited, and then ``forget`` is called. So a program that works goes
    on working while others guess, even from its own address.

    Guesses of a shared domain's password are counted for the domain, whoever they are sent by, and apart from those
    of accounts, which nobody can shut by them.
    """

    log = Logger()

    def __init__(
        self,
        database: Database,
        clock: IReactorTime,
        guessing: Guessing,
        run_in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._database = database
        self._clock = clock
        self._guessing = guessing
        self._guessing_of_domains = guessing.apart()
        self._run_in_thread = run_in_thread
        self._salt = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._waiting: dict[bytes, list[Deferred[Account | Refusal]]] = {}
        self._nobody = hash_of_nobody()

    def recall(self, credentials: Credentials) -> Account | None:
        """See ``IAuthenticator``."""
        known = self._remembered.get(self._digest(credentials))
        return known.account if known is not None and known.until >= self._clock.seconds() else None

    async def authenticate(self, credentials: Credentials) -> Account | Refusal:
        """See ``IAuthenticator``. Callers with the same credentials share one verification."""
        digest = self._digest(credentials)
        if (others := self._waiting.get(digest)) is not None:
            turn: Deferred[Account | Refusal] = Deferred()
            others.append(turn)
            return await turn
        if len(self._waiting) >= MOST_WAITING:
            return Refusal(Code.TOO_MANY)
        waiting = self._waiting[digest] = []
        try:
            verdict = await self._verify(credentials, worked=digest in self._remembered)
        except BaseException:
            for turn in self._waiting.pop(digest):
                turn.errback()
            raise
        if isinstance(verdict, Account):
            self._remember(digest, verdict)
        else:
            self._remembered.pop(digest, None)
        del self._waiting[digest]
        for turn in waiting:
            turn.callback(verdict)
        return verdict

    async def _verify(self, credentials: Credentials, worked: bool) -> Account | Refusal:
        """What ``authenticate`` says; credentials that ``worked`` when last seen are no guess."""
        doors = await self._doors(credentials)
        if credentials.secret.startswith(KEY_PREFIX):
            return _by_key(doors[0])
        address = credentials.address

        def shut(door: _Door) -> bool:
            return not worked and door.guessing.refuses(door.name, address, self._clock.seconds())

        tried = [door for door in doors if not shut(door)]
        if not tried:
            return Refusal(Code.TOO_MANY)
        # all of them, whichever is right: nobody can tell by the time which it was
        waited = [self._run_in_thread(password_matches, self._stored(door), door.secret) for door in tried]
        matches = [await one for one in waited]
        # anew, and nothing is waited for from here on: of guesses that were looked at together no more are answered
        # than of those that came one by one
        judged = [(door, right) for door, right in zip(tried, matches, strict=True) if not shut(door)]
        for door, right in judged:
            if right and door.found is not None:
                return self._let_in(door, door.found, address)
        for door, _ in judged:
            door.guessing.failed(door.name, address, self._clock.seconds())
        return Refusal(Code.BAD_CREDENTIALS if len(judged) == len(doors) else Code.TOO_MANY)

    def _stored(self, door: _Door) -> str:
        return self._nobody if door.found is None else door.found.password_hash

    def _let_in(self, door: _Door, found: accounts.Secrets | sharing.Shared, address: str) -> Account | Refusal:
        door.guessing.succeeded(door.name, address)
        if isinstance(found, accounts.Secrets):
            self._note_network(found, network_of(address))
        return Refusal(Code.BAD_CREDENTIALS) if found.disabled else found.account

    async def _doors(self, credentials: Credentials) -> list[_Door]:
        """Of the account, and then of the domain where that counts: be there such ones or not."""
        # no account's is longer; what is counted of strangers must not be as long as they like
        email, secret = canonical_email(credentials.email)[:LONGEST_EMAIL], credentials.secret
        domain = sharing.domain_of(email)
        shared = credentials.shared and "@" in email and not is_free_mail(domain)

        def look(connection: Connection) -> tuple[accounts.Secrets | None, sharing.Shared | None]:
            return accounts.secrets_of(connection, email), sharing.secrets_of(connection, domain) if shared else None

        own, common = await self._database.read(look)
        for network in own.networks if own is not None else ():
            self._guessing.know(email, network)
        doors = [_Door(email, secret, own, self._guessing)]
        if shared:
            doors.append(_Door(domain, folded(secret), common, self._guessing_of_domains))
        return doors

    def _note_network(self, found: accounts.Secrets, network: str) -> None:
        """Keep where the password was right, so that it is no stranger's address after a restart either."""
        if network not in found.networks:
            noted = self._database.transact(
                lambda connection: accounts.note_network(connection, found.account.id, network)
            )
            noted.addErrback(self._not_noted)

    def _not_noted(self, failure: Any) -> None:
        if failure.check(Unavailable):
            self.log.warn("a familiar address could not be noted now: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("a familiar address could not be noted", failure)

    def forget(self, credentials: Credentials) -> None:
        """See ``IAuthenticator``."""
        digest = self._digest(credentials)
        if (known := self._remembered.get(digest)) is not None:
            self._remembered[digest] = attrs.evolve(known, until=0.0)

    def _remember(self, digest: bytes, account: Account) -> None:
        self._remembered[digest] = _Remembered(account, self._clock.seconds() + REMEMBERED)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _digest(self, credentials: Credentials) -> bytes:
        how = "shared" if credentials.shared else ""
        shown = "\0".join((canonical_email(credentials.email), credentials.address, how, credentials.secret))
        return hashlib.blake2b(shown.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=32).digest()


def _by_key(own: _Door) -> Account | Refusal:
    found = own.found
    if isinstance(found, accounts.Secrets) and not found.disabled and secret_digest(own.secret) in found.key_digests:
        return found.account
    return Refusal(Code.BAD_CREDENTIALS)


@cache
def hash_of_nobody() -> str:
    """What an unknown e-mail is verified against, so that it takes as long; a password that nobody has."""
    return HASHER.hash(secrets.token_hex(8))


def password_matches(stored: str, secret: str) -> bool:
    """Whether ``secret`` is the password of that argon2 hash. Slow on purpose: for a thread."""
    try:
        return HASHER.verify(stored, secret.encode("utf-8", "surrogatepass"))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False

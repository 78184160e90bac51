"""An account as its holder sees it, and what he changes: options, password, keys, sessions, the second factor."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..flow.authenticate import HASHER, new_key, secret_digest
from ..interfaces import IAuthenticator, IProfile
from ..model.access import LONGEST_KEY_NAME, Hindrance, KeyReport, Profile, SecondFactorOffer, Session
from ..model.account import Account, Options
from ..model.address import network_of
from ..model.contact import Fault
from ..model.draft import Credentials
from ..model.number import NotANumber, parse_number
from ..model.tariff import Tariff
from ..model.text import storable
from ..storage import accounts, second_factor, sessions
from ..storage.database import Connection, Database
from ..storage.sessions import Passcode
from .entrance import ATTEMPTS
from .password import by_password, refused
from .second_factor import is_secret, new_recovery_codes, offer, recovery_digest, step_of

NAMES: Final = frozenset(field.name for field in attrs.fields(Options))


@implementer(IProfile)
class Holder:
    """See ``IProfile``. ``clock`` has the time of day, ``tariff`` the countries that are open."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        authenticator: IAuthenticator,
        clock: IReactorTime,
        run_in_thread: "Callable[..., Deferred[Any]]",
        tariff: Tariff,
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._clock = clock
        self._run_in_thread = run_in_thread
        self._tariff = tariff

    async def profile(self, account: int) -> Profile | None:
        """See ``IProfile``."""
        return await self._database.read(lambda connection: accounts.profile(connection, account))

    async def set_options(self, account: int, changes: Mapping[str, Any]) -> Fault | None:
        """See ``IProfile``."""
        if unknown := changes.keys() - NAMES:
            raise ValueError(f"no options: {', '.join(sorted(unknown))}")
        kept = dict(changes)
        if typed := kept.get("alert_phone"):
            phone = self._phone(typed)
            if isinstance(phone, Fault):
                return phone
            kept["alert_phone"] = phone
        await self._database.transact(lambda connection: accounts.set_options(connection, account, kept))
        return None

    def _phone(self, typed: str) -> str | Fault:
        try:
            number = parse_number(typed)
        except NotANumber:
            return Fault.NOT_A_NUMBER
        return Fault.CLOSED_COUNTRY if self._tariff.price(number.country) is None else number.e164

    async def change_password(
        self, account: int, current: str, new: str, keep: int, address: str
    ) -> Hindrance | None:
        """See ``IProfile``."""
        email = await self._email(account)
        if email is None:
            return Hindrance.BAD_CREDENTIALS
        if hindrance := refused(new, email):
            return hindrance
        shown = Credentials(email=email, secret=current, address=address)
        for _ in range(ATTEMPTS):
            known = await by_password(self._authenticator, shown)
            if isinstance(known, Hindrance):
                return known
            # after the current one was found right: a hash is costly
            hashed = await self._run_in_thread(HASHER.hash, new)
            work = partial(accounts.set_password, account_id=account, password_hash=hashed, keep=keep)
            if await self._database.transact(_unless_changed(known, work)):
                self._note("account {account} changed its password from {network}", account, network_of(address))
                return None
        return Hindrance.UNAVAILABLE

    async def _email(self, account: int) -> str | None:
        found = await self._database.read(lambda connection: accounts.by_id(connection, account))
        return None if found is None else found.email

    def keys(self, account: int) -> "Deferred[list[KeyReport]]":
        """See ``IProfile``."""
        return self._database.read(lambda connection: accounts.keys(connection, account))

    async def add_key(self, account: int, name: str) -> str | Hindrance:
        """See ``IProfile``."""
        shown = name.strip()
        if not 0 < len(shown) <= LONGEST_KEY_NAME or not shown.isprintable():
            return Hindrance.BAD_NAME
        key, now = new_key(), int(self._clock.seconds())
        try:
            await self._database.transact(
                lambda connection: accounts.add_key(connection, account, shown, secret_digest(key), now)
            )
        except accounts.AlreadyThere:
            return Hindrance.NAME_TAKEN
        except accounts.TooManyKeys:
            return Hindrance.TOO_MANY_KEYS
        self._note("account {account} made a sending key", account)
        return key

    async def revoke_key(self, account: int, name: str) -> bool:
        """See ``IProfile``."""
        wanted = storable(name.strip())
        revoked = await self._database.transact(lambda connection: accounts.revoke_key(connection, account, wanted))
        if revoked:
            self._note("account {account} revoked a sending key", account)
        return revoked

    def sessions(self, account: int) -> "Deferred[list[Session]]":
        """See ``IProfile``."""
        now = int(self._clock.seconds())
        return self._database.read(lambda connection: sessions.of_account(connection, account, now))

    async def end_session(self, account: int, session: int) -> bool:
        """See ``IProfile``."""
        return await self._database.transact(lambda connection: sessions.end_one(connection, account, session))

    async def offer_second_factor(self, account: int, secret: str = "") -> SecondFactorOffer | None:
        """See ``IProfile``."""
        email = await self._email(account)
        return None if email is None else offer(email, secret)

    async def turn_on_second_factor(
        self, account: int, secret: str, code: str, keep: int
    ) -> tuple[str, ...] | Hindrance:
        """See ``IProfile``."""
        step = step_of(secret, code, self._clock.seconds()) if is_secret(secret) else None
        if step is None:
            return Hindrance.BAD_CODE
        codes = new_recovery_codes()
        shown, digests = Passcode(secret, step), [recovery_digest(one) for one in codes]
        turned_on = await self._database.transact(
            lambda connection: second_factor.turn_on(connection, account, shown, digests, keep)
        )
        if not turned_on:
            return Hindrance.BAD_CODE
        self._note("account {account} turned a second factor on", account)
        return codes

    async def turn_off_second_factor(self, account: int, password: str, address: str) -> Hindrance | None:
        """See ``IProfile``."""
        email = await self._email(account)
        if email is None:
            return Hindrance.BAD_CREDENTIALS
        shown = Credentials(email=email, secret=password, address=address)
        for _ in range(ATTEMPTS):
            known = await by_password(self._authenticator, shown)
            if isinstance(known, Hindrance):
                return known
            work = partial(second_factor.turn_off, account_id=account)
            if await self._database.transact(_unless_changed(known, work)):
                network = network_of(address)
                self._note("account {account} turned its second factor off from {network}", account, network)
                return None
        return Hindrance.UNAVAILABLE

    def _note(self, what: str, account: int, network: str = "") -> None:
        self.log.info(what, account=account, network=network)


def _unless_changed(known: Account, work: Callable[[Connection], None]) -> Callable[[Connection], bool]:
    """``work``, as long as the account is what it was when its password was found right; whether it was done."""

    def carefully(connection: Connection) -> bool:
        still = accounts.is_still(connection, known)
        if still:
            work(connection)
        return still

    return carefully

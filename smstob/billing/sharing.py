"""Domains whose addresses send by e-mail on an account's purse, with a password of their own."""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import idna
from publicsuffixlist import PublicSuffixList
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..billing_interfaces import ISharing
from ..flow.authenticate import HASHER, folded, new_password
from ..model.access import KEY_PREFIX
from ..model.freemail import is_free_mail
from ..model.moment import day_of
from ..model.sharing import DomainFault, SenderUse, SharedDomain
from ..storage import sharing
from ..storage.database import Connection, Database

MOST_DAILY: Final = 1_000_000
"""Credits of the highest limit."""

LONGEST_DOMAIN: Final = 253
"""Characters (RFC 1035 §2.3.4)."""

FEWEST: Final = 4
"""Different characters that a password has to have."""

_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# the last one of an IP address is a number
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
# what a local part may have without quotes (RFC 5322 §3.2.3), and so a subject before its colon too; dots end it
_PASSWORD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{8,64}")


@implementer(ISharing)
class Sharing:
    """See ``ISharing``. ``clock`` has the time of day; days are those of ``zone``.

    Passwords of domains are kept without their case, which mail programs change.
    """

    log = Logger()

    def __init__(
        self,
        database: Database,
        clock: IReactorTime,
        zone: ZoneInfo,
        run_in_thread: "Callable[..., Deferred[Any]]",
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._run_in_thread = run_in_thread

    async def domains(self, account: int) -> list[SharedDomain]:
        """See ``ISharing``."""
        today = day_of(self._clock.seconds(), self._zone)
        return await self._database.read(lambda connection: sharing.domains(connection, account, today))

    async def share(
        self, account: int, domain: str, password: str, daily_limit: int | None, *, proven: bool = False
    ) -> str | DomainFault:
        """See ``ISharing``."""
        named = canonical_domain(domain)
        if named is None:
            return DomainFault.NOT_A_DOMAIN
        if is_free_mail(named):
            return DomainFault.FREE_MAIL
        if password and not _good(password):
            return DomainFault.BAD_PASSWORD
        if not _in_bounds(daily_limit):
            return DomainFault.BAD_LIMIT
        password = password or new_password()
        wanted = sharing.Wanted(
            account=account,
            domain=named,
            password_hash=await self._hashed(password),
            daily_limit=daily_limit,
            at=int(self._clock.seconds()),
            proven=proven,
        )
        fault = await self._database.transact(lambda connection: sharing.share(connection, wanted))
        if fault is not None:
            return fault
        self.log.info("account {account} shares {domain}", account=account, domain=named)
        return password

    async def _hashed(self, password: str) -> str:
        hashed: str = await self._run_in_thread(HASHER.hash, folded(password))
        return hashed

    async def set_limit(self, account: int, domain: str, daily_limit: int | None) -> DomainFault | None:
        """See ``ISharing``."""
        if not _in_bounds(daily_limit):
            return DomainFault.BAD_LIMIT
        return await self._changed(account, domain, daily_limit=daily_limit)

    async def set_password(self, account: int, domain: str, password: str) -> str | DomainFault:
        """See ``ISharing``."""
        if password and not _good(password):
            return DomainFault.BAD_PASSWORD
        password = password or new_password()
        return await self._changed(account, domain, password_hash=await self._hashed(password)) or password

    async def _changed(self, account: int, domain: str, **values: Any) -> DomainFault | None:
        named = canonical_domain(domain)
        if named is None:
            return DomainFault.NOT_A_DOMAIN
        work = partial(sharing.change, account_id=account, domain=named, **values)
        return None if await self._database.transact(work) else DomainFault.NOT_A_DOMAIN

    async def unshare(self, account: int, domain: str) -> bool:
        """See ``ISharing``."""
        named = canonical_domain(domain)
        if named is None:
            return False
        gone = await self._database.transact(lambda connection: sharing.unshare(connection, account, named))
        if gone:
            self.log.info("account {account} no longer shares {domain}", account=account, domain=named)
        return gone

    async def senders(self, account: int, domain: str, first: int, last: int) -> list[SenderUse]:
        """See ``ISharing``."""
        named = canonical_domain(domain)
        if named is None:
            return []

        def look(connection: Connection) -> list[SenderUse]:
            return sharing.senders(connection, account, named, first, last)

        return await self._database.read(look)


def canonical_domain(typed: str) -> str | None:
    """The domain as the DNS has it, in lower case (RFC 5891); None for what is none that an organization can have.

    Neither are addresses of networks, single labels, and what is above the organizations, as ``fr`` and ``co.uk``.
    """
    written = typed.strip().lower().removesuffix(".")
    if not 0 < len(written) <= LONGEST_DOMAIN:
        return None
    if not written.isascii():
        try:
            written = idna.encode(written, uts46=True, std3_rules=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            return None
    if not _DOMAIN.fullmatch(written) or _public_suffixes().is_public(written):
        return None
    return written


@cache
def _public_suffixes() -> Any:
    """The list, which takes a tenth of a second to read."""
    return PublicSuffixList()


def _good(password: str) -> bool:
    """Whether it can stand in the address or the subject of a mail, and is no first guess."""
    written = _PASSWORD.fullmatch(password) is not None and not password.lower().startswith(KEY_PREFIX)
    return written and len(set(folded(password))) >= FEWEST


def _in_bounds(daily_limit: int | None) -> bool:
    return daily_limit is None or 1 <= daily_limit <= MOST_DAILY

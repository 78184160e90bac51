"""Credits to try the service: the provider of a premium number signs what it tells of calls."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from ..billing_interfaces import ITrials
from ..flow.guessing import Leak
from ..model.address import network_of
from ..model.number import NotANumber, parse_number
from ..model.order import NotGenuine
from ..model.sharing import CALL_LASTS, TrialFault
from ..model.text import storable
from ..storage import trials
from ..storage.database import Database
from ..storage.trials import Call

PER_ACCOUNT: Final = 5
PER_NETWORK: Final = 20
"""Tries in an hour."""

LONGEST_CALL: Final = 4096
"""Bytes."""

LONGEST: Final = 100
"""Characters of an id, of a code, and of what is typed."""

FIELDS: Final = ("ts", "call", "code", "caller")
"""What is signed, in this order, each on a line of its own."""


@implementer(ITrials)
class Trials:
    """See ``ITrials``. Without a ``secret`` there is none. ``clock`` has the time of day.

    A code is short, and a telephone's number known to many: both are kept as digests under the secret.
    """

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, secret: str, number: str = "", price: str = "") -> None:
        self.number = number if secret else ""
        self.price = price
        self._database = database
        self._clock = clock
        self._secret = secret.encode()
        self._accounts = Leak(PER_ACCOUNT, 3600)
        self._networks = Leak(PER_NETWORK, 3600)

    async def called(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``ITrials``."""
        told = _read(headers.get("content-type", ""), body)
        self._check(told)
        if not told["call"] or not (told["code"] or told["caller"]):
            raise NotGenuine("attendu : call, et code ou caller")
        caller = _phone(told["caller"]) if told["caller"] else None
        if not told["code"] and caller is None:
            # a hidden number: nobody can show it
            self.log.warn("a call without a telephone is of no use")
            return
        call = Call(
            id=storable(told["call"]),
            code=self._digest("code", _plain(told["code"])) if told["code"] else None,
            caller=self._digest("caller", caller) if caller else None,
            at=int(self._clock.seconds()),
        )
        if await self._database.transact(lambda connection: trials.keep(connection, call)):
            self.log.info("a call for a trial was told")

    def _check(self, told: Mapping[str, str]) -> None:
        if not self._secret:
            raise NotGenuine("there is no trial")
        signed = "\n".join(told[name] for name in FIELDS).encode("utf-8", "replace")
        wanted = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), told["sig"].lower().encode("utf-8", "replace")):
            raise NotGenuine("the signature is wrong")
        at = told["ts"]
        if not (at.isascii() and at.isdigit()) or abs(int(at) - self._clock.seconds()) > CALL_LASTS:
            raise NotGenuine("it is too old, or our clock is wrong")

    def _digest(self, what: str, secret: str) -> bytes:
        return hmac.new(self._secret, f"{what} {secret}".encode("utf-8", "replace"), hashlib.sha256).digest()

    async def redeem(self, account: int, typed: str, address: str) -> int | TrialFault:
        """See ``ITrials``."""
        if not self._secret:
            return TrialFault.BAD_CODE
        now, network = self._clock.seconds(), network_of(address)
        if self._accounts.full(account, now) or (network and self._networks.full(network, now)):
            return TrialFault.TOO_MANY
        # before anything is waited for: of tries that come together no more are looked at
        self._accounts.add(account, now)
        self._networks.add(network, now)
        typed = typed[:LONGEST]
        codes = (self._digest("code", _plain(typed)),)
        caller = _phone(typed)
        callers = (self._digest("caller", caller),) if caller else ()
        given = await self._database.transact(
            lambda connection: trials.redeem(connection, account, codes, callers, int(now))
        )
        if isinstance(given, int):
            self.log.info("account {account} had its trial", account=account)
        return given


def _read(content_type: str, body: bytes) -> dict[str, str]:
    """What is told, as texts; what is missing is empty."""
    if len(body) > LONGEST_CALL:
        raise NotGenuine("it is too long")
    try:
        text = body.decode()
        found: Any = json.loads(text) if "json" in content_type.lower() else _form(text)
    except (ValueError, RecursionError):
        raise NotGenuine("it cannot be read") from None
    if not isinstance(found, dict):
        raise NotGenuine("it cannot be read")
    fields = {name: found.get(name) for name in (*FIELDS, "sig")}
    return {name: "" if value is None else str(value)[:LONGEST] for name, value in fields.items()}


def _form(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, max_num_fields=20).items()}


def _plain(typed: str) -> str:
    """A code without what people put between its signs, in capitals."""
    return "".join(sign for sign in typed if sign.isalnum()).upper()


def _phone(typed: str) -> str | None:
    """The telephone in E.164: French landlines call too, so any digits that look like one will do."""
    try:
        return parse_number(typed).e164
    except NotANumber:
        digits = "".join(sign for sign in typed if sign.isdigit())
    if typed.strip().startswith("+") or digits.startswith("00"):
        return "+" + digits.lstrip("0") if 8 <= len(digits) <= 17 else None
    return "+33" + digits[1:] if len(digits) == 10 and digits.startswith("0") else None

"""Codes of SIM cards: given once, and after a refusal never again by themselves; the third false one blocks a card."""

from collections.abc import Mapping
from hashlib import scrypt
from typing import Final

from twisted.internet.defer import DeferredLock
from twisted.internet.interfaces import IReactorTime

from smstob.sim_interfaces import ISims

from .script import Locked
from .settings import ANY

SETTLED: Final = 60.0
"""Seconds after which a card that was given its code has said what it makes of it."""
SAFE_TRIES: Final = 3
"""All that most cards have."""

_NO_PIN: Final = (
    "La carte SIM demande son code PIN : mettez-le dans pin_file, sous le numéro de la carte (ICCID) ou sous celui du "
    "modem (IMEI), puis relancez le service."
)
_NAMELESS: Final = "Le modem ne dit ni son numéro ni celui de sa carte SIM : ôtez le code PIN de la carte."
_UNDER_WAY: Final = "La carte SIM vient de recevoir son code PIN : sa réponse est attendue."
_REFUSED: Final = "La carte SIM a refusé son code PIN : corrigez-le, relancez le service, puis « {retry} »."
_ANOTHER: Final = "La carte SIM a refusé un code PIN, et un autre est configuré : donnez-le-lui par « {retry} »."


class Pins:
    """The configured ones; what a card was given is kept before it is given it."""

    def __init__(self, pins: Mapping[str, str], sims: ISims, clock: IReactorTime) -> None:
        self._pins = pins
        self._sims = sims
        self._clock = clock
        self._lock = DeferredLock()
        self._given: dict[str, float] = {}
        """When a card was given its code, until it is known what it made of it."""

    async def give(self, card: str, imei: str, tries: int | None) -> str:
        """The code for the ``card`` (ICCID, or empty) in the modem ``imei``; the card counts as having been given it.

        One that takes ``SAFE_TRIES`` more cannot have refused it, or is far from being blocked: it may have it again.

        Raises Locked, and what storage raises when the database is away: the card must not be given any then.
        """
        await self._lock.acquire()
        try:
            return await self._give(card, imei, tries)
        finally:
            self._lock.release()

    async def _give(self, card: str, imei: str, tries: int | None) -> str:
        known = card or imei
        if not known:
            raise Locked(_NAMELESS)
        code = self._pins.get(card) or self._pins.get(imei) or self._pins.get(ANY)
        if code is None:
            raise Locked(_NO_PIN)
        if self._clock.seconds() < self._given.get(known, -SETTLED) + SETTLED:
            # another port of the modem gave it, and how many tries are left is not known yet
            raise Locked(_UNDER_WAY)
        digest = _digest(code, known)
        given = await self._sims.given_pin(known)
        if given is not None and (tries is None or tries < SAFE_TRIES):
            retry = f"smstob modem retry-pin {known}"
            raise Locked((_REFUSED if given == digest else _ANOTHER).format(retry=retry))
        await self._sims.give_pin(known, digest)
        self._given[known] = self._clock.seconds()
        return code

    async def accepted(self, card: str, imei: str) -> None:
        """The card is open: it may be given its code again when it asks anew."""
        # before it was open, it may not have told its ICCID
        for known in filter(None, (card, imei)):
            await self._sims.accepted_pin(known)
            self._given.pop(known, None)


def _digest(code: str, salt: str) -> str:
    """Tells two codes apart, and is dear to try codes on."""
    return scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=16).hex()

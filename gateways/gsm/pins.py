"""Codes of SIM cards: given once, and after a refusal never again by themselves; the third false one blocks a card."""

from collections.abc import Mapping
from hashlib import scrypt
from typing import Final

from smstob.sim_interfaces import ISims

from .script import Locked
from .settings import ANY

SAFE_TRIES: Final = 3
"""All that most cards have."""

_NO_PIN: Final = "La carte SIM demande son code PIN : mettez-le dans pin_file, puis relancez le service."
_NAMELESS: Final = "Le modem ne dit ni son numéro ni celui de sa carte SIM : ôtez le code PIN de la carte."
_REFUSED: Final = "La carte SIM a refusé son code PIN : corrigez-le, relancez le service, puis « {retry} »."
_ANOTHER: Final = "La carte SIM a refusé un code PIN, et un autre est configuré : donnez-le-lui par « {retry} »."


class Pins:
    """The configured ones; what a card was given is kept before it is given it."""

    def __init__(self, pins: Mapping[str, str], sims: ISims) -> None:
        self._pins = pins
        self._sims = sims

    async def give(self, card: str, imei: str, tries: int | None) -> str:
        """The code for the ``card`` (ICCID, or empty) in the modem ``imei``; the card counts as having been given it.

        One that takes ``SAFE_TRIES`` more cannot have refused it, or is far from being blocked: it may have it again.

        Raises Locked, and what storage raises when the database is away: the card must not be given any then.
        """
        known = card or imei
        if not known:
            raise Locked(_NAMELESS)
        code = self._pins.get(card) or self._pins.get(imei) or self._pins.get(ANY)
        if code is None:
            raise Locked(_NO_PIN)
        digest = _digest(code, known)
        given = await self._sims.given_pin(known)
        if given is not None and (tries is None or tries < SAFE_TRIES):
            retry = f"smstob modem retry-pin {known}"
            raise Locked((_REFUSED if given == digest else _ANOTHER).format(retry=retry))
        await self._sims.give_pin(known, digest)
        return code

    async def accepted(self, card: str, imei: str) -> None:
        """The card is open: it may be given its code again when it asks anew."""
        # before it was open, it may not have told its ICCID
        for known in filter(None, (card, imei)):
            await self._sims.accepted_pin(known)


def _digest(code: str, salt: str) -> str:
    """Tells two codes apart, and is dear to try codes on."""
    return scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=16).hex()

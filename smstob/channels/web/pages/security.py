"""Accès et sécurité: password, sending keys, open sessions, the second factor."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import segno
from markupsafe import Markup

from ....interfaces import IProfile
from ....model.access import Hindrance
from .. import labels
from ..browsers import in_words
from ..labels import N_
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post
from .entrance import STATUS

HOME: Final = "/compte"

NOT_THE_PASSWORD: Final = N_("Ce n'est pas votre mot de passe.")

Errors = Mapping[str, str]
"""What is wrong, by the name of the field."""


class SecurityPages:
    """How one comes in, and who is in."""

    def __init__(self, profile: IProfile) -> None:
        self._profile = profile

    @get(HOME)
    async def home(self, visit: Visit) -> Answer:
        """All of it on one page."""
        return await self._home(visit)

    async def _home(self, visit: Visit, errors: Errors | None = None, status: int = 200, name: str = "") -> Page:
        profile = await self._profile.profile(visit.account.id)
        if profile is None or visit.session is None:
            raise Missing
        sessions = await self._profile.sessions(visit.account.id)
        values = {
            "profile": profile,
            "keys": await self._profile.keys(visit.account.id),
            "sessions": [(one, in_words(one.agent, visit.language)) for one in sessions],
            "current": visit.session.id,
            "errors": errors or {},
            "name": name,
        }
        return Page(template="security/home.html", values=values, status=status)

    async def _hindered(self, visit: Visit, field: str, hindrance: Hindrance, name: str = "") -> Page:
        return await self._home(visit, _told(visit, field, hindrance), STATUS.get(hindrance, 422), name)

    @post("/compte/mot-de-passe")
    async def change_password(self, visit: Visit) -> Answer:
        """Another one, for who shows the present one; every other session ends."""
        assert visit.session is not None
        current, new = visit.form.text("actuel"), visit.form.text("nouveau")
        hindrance = await self._profile.change_password(
            visit.account.id, current, new, visit.session.id, visit.address
        )
        if hindrance is None:
            return Redirect(to=HOME, told="password-changed")
        chosen = hindrance.name.startswith("PASSWORD_")
        return await self._hindered(visit, "nouveau" if chosen else "actuel", hindrance)

    @post("/compte/cles")
    async def add_key(self, visit: Visit) -> Answer:
        """A sending key, which is shown this once."""
        name = visit.form.line("nom")
        key = await self._profile.add_key(visit.account.id, name)
        if isinstance(key, Hindrance):
            return await self._hindered(visit, "nom", key, name)
        return Page(template="security/key.html", values={"name": name, "key": key})

    @post("/compte/cles/revoquer")
    async def revoke_key(self, visit: Visit) -> Answer:
        """It is worthless from now on."""
        if not await self._profile.revoke_key(visit.account.id, visit.form.text("nom")):
            raise Missing
        return Redirect(to=HOME, told="key-revoked")

    @post("/compte/sessions/<int:id>/fermer")
    async def end_session(self, visit: Visit, id: int) -> Answer:
        """Who is in by it is out; be it this one."""
        if not await self._profile.end_session(visit.account.id, id):
            raise Missing
        return Redirect(to=HOME, told="session-ended")

    @post("/compte/sessions/fermer")
    async def end_others(self, visit: Visit) -> Answer:
        """All but this one."""
        assert visit.session is not None
        for session in await self._profile.sessions(visit.account.id):
            if session.id != visit.session.id:
                await self._profile.end_session(visit.account.id, session.id)
        return Redirect(to=HOME, told="sessions-ended")

    @get("/compte/double-authentification")
    async def offer(self, visit: Visit) -> Answer:
        """A secret for an application; nothing is turned on before a code of it is shown."""
        return await self._offer(visit)

    async def _offer(self, visit: Visit, secret: str = "", errors: Errors | None = None, status: int = 200) -> Answer:
        profile = await self._profile.profile(visit.account.id)
        offer = await self._profile.offer_second_factor(visit.account.id, secret)
        if profile is None or offer is None:
            raise Missing
        if profile.second_factor:
            return Redirect(to=HOME)
        values = {"secret": offer.secret, "picture": _picture(offer.uri), "errors": errors or {}}
        return Page(template="security/second_factor.html", values=values, status=status)

    @post("/compte/double-authentification")
    async def turn_on(self, visit: Visit) -> Answer:
        """With a code of the application; then the recovery codes are shown this once."""
        assert visit.session is not None
        secret, code = visit.form.line("secret"), visit.form.line("code")
        codes = await self._profile.turn_on_second_factor(visit.account.id, secret, code, visit.session.id)
        if isinstance(codes, Hindrance):
            return await self._offer(visit, secret, _told(visit, "code", codes), STATUS.get(codes, 422))
        text = "".join(f"{one}\r\n" for one in (f"SMStoB {visit.account.email}", *codes))
        file = f"data:text/plain;charset=utf-8,{quote(text)}"
        return Page(template="security/recovery_codes.html", values={"codes": codes, "file": file})

    @post("/compte/double-authentification/desactiver")
    async def turn_off(self, visit: Visit) -> Answer:
        """For who shows the password."""
        password = visit.form.text("mot-de-passe")
        hindrance = await self._profile.turn_off_second_factor(visit.account.id, password, visit.address)
        if hindrance is None:
            return Redirect(to=HOME, told="second-factor-off")
        return await self._hindered(visit, "mot-de-passe", hindrance)


def _told(visit: Visit, field: str, hindrance: Hindrance) -> dict[str, Any]:
    """What keeps him from it; of an e-mail address there is no question here."""
    why = NOT_THE_PASSWORD if hindrance is Hindrance.BAD_CREDENTIALS else labels.HINDRANCES[hindrance]
    return {field: visit.language.say(why)}


def _picture(uri: str) -> Markup:
    """A QR code as SVG, on white with its quiet zone: cameras want dark on light whatever the page's colours."""
    svg: str = segno.make(uri, error="m").svg_inline(light="white", border=4, omitsize=True)
    return Markup(svg)  # noqa: S704 (segno's own, of squares)

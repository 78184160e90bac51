"""How visitors come in: sign up, log in, second factor, forgotten password, and out again."""

from collections.abc import Mapping
from typing import Any, Final

from ....interfaces import IEntrance
from ....model.access import Hindrance, Opened
from ....model.draft import Credentials
from .. import labels
from ..visit import Access, Answer, Cookie, Page, Redirect, Visit, get, post

INSIDE: Final = "/accueil"
"""Where who has logged in comes to."""

STATUS: Final[Mapping[Hindrance, int]] = {Hindrance.TOO_MANY: 429, Hindrance.UNAVAILABLE: 503}
"""How HTTP says what keeps somebody from it; 422 all else."""


class EntrancePages:
    """The doors."""

    def __init__(self, entrance: IEntrance) -> None:
        self._entrance = entrance

    @get("/inscription", Access.ANYONE)
    async def sign_up_form(self, visit: Visit) -> Answer:
        """An address is all it takes."""
        return Page(template="entrance/sign_up.html", values={"email": visit.query.line("email"), "error": None})

    @post("/inscription", Access.ANYONE)
    async def sign_up(self, visit: Visit) -> Answer:
        """The same is said whether there was an account or not."""
        email = visit.form.line("email")
        hindrance = await self._entrance.sign_up(email, visit.address)
        if hindrance is not None:
            return _again("entrance/sign_up.html", visit, hindrance, email=email)
        return Page(template="entrance/mailed.html", values={"email": email, "what": "password"})

    @get("/connexion", Access.ANYONE)
    async def log_in_form(self, visit: Visit) -> Answer:
        """Address and password."""
        if visit.known is not None:
            return Redirect(to=INSIDE)
        values = {"email": "", "error": None, "after": _local(visit.query.text("suite"))}
        return Page(template="entrance/log_in.html", values=values)

    @post("/connexion", Access.ANYONE)
    async def log_in(self, visit: Visit) -> Answer:
        """A right password opens another session, with another token."""
        email, after = visit.form.line("email"), _local(visit.form.text("suite"))
        secret = visit.form.text("mot-de-passe")
        opened: Opened | Hindrance = Hindrance.BAD_CREDENTIALS
        if email and secret:
            credentials = Credentials(email=email, secret=secret, address=visit.address)
            opened = await self._entrance.log_in(credentials, visit.agent)
        if isinstance(opened, Hindrance):
            return _again("entrance/log_in.html", visit, opened, email=email, after=after)
        if visit.session is not None:
            await self._entrance.log_out(visit.token)
        to = f"/connexion/code?suite={after}" if opened.session.pending else after or INSIDE
        return Redirect(to=to, cookie=Cookie(opened.token))

    @get("/connexion/code", Access.ANYONE)
    async def code_form(self, visit: Visit) -> Answer:
        """The second factor, where the account asks for it."""
        if visit.session is None or not visit.session.pending:
            return Redirect(to="/connexion" if visit.session is None else INSIDE)
        return Page(template="entrance/code.html", values={"error": None, "after": _local(visit.query.text("suite"))})

    @post("/connexion/code", Access.ANYONE)
    async def code(self, visit: Visit) -> Answer:
        """A right code turns the pending session into one that opens everything."""
        if visit.session is None or not visit.session.pending:
            return Redirect(to="/connexion" if visit.session is None else INSIDE)
        after = _local(visit.form.text("suite"))
        opened = await self._entrance.confirm(visit.token, visit.form.line("code"), visit.address, visit.agent)
        if opened is Hindrance.BAD_CREDENTIALS:
            return Redirect(to="/connexion")
        if isinstance(opened, Hindrance):
            return _again("entrance/code.html", visit, opened, after=after)
        return Redirect(to=after or INSIDE, cookie=Cookie(opened.token))

    @post("/deconnexion", Access.ANYONE)
    async def log_out(self, visit: Visit) -> Answer:
        """The token opens nothing any more."""
        await self._entrance.log_out(visit.token)
        return Redirect(to="/", told="logged-out", cookie=Cookie(None))

    @get("/mot-de-passe-oublie", Access.ANYONE)
    async def recover_form(self, visit: Visit) -> Answer:
        """An address, to which a link is mailed."""
        return Page(template="entrance/recover.html", values={"email": visit.query.line("email"), "error": None})

    @post("/mot-de-passe-oublie", Access.ANYONE)
    async def recover(self, visit: Visit) -> Answer:
        """The same is said whether there is such an account or not."""
        email = visit.form.line("email")
        hindrance = await self._entrance.recover(email, visit.address)
        if hindrance is not None:
            return _again("entrance/recover.html", visit, hindrance, email=email)
        return Page(template="entrance/mailed.html", values={"email": email, "what": "link"})

    @get("/nouveau-mot-de-passe", Access.ANYONE)
    async def reset_form(self, visit: Visit) -> Answer:
        """Where the link of a mail leads; looking at it does not use it up."""
        token = visit.query.text("jeton")
        if not await self._entrance.link_is_good(token):
            return _again("entrance/recover.html", visit, Hindrance.BAD_LINK, email="")
        return Page(template="entrance/new_password.html", values={"link": token, "error": None})

    @post("/nouveau-mot-de-passe", Access.ANYONE)
    async def reset(self, visit: Visit) -> Answer:
        """Another password; the link is used up."""
        link = visit.form.text("lien")
        hindrance = await self._entrance.reset(link, visit.form.text("nouveau"), visit.address)
        if hindrance is Hindrance.BAD_LINK:
            return _again("entrance/recover.html", visit, hindrance, email="")
        if hindrance is not None:
            return _again("entrance/new_password.html", visit, hindrance, link=link)
        return Redirect(to="/connexion", told="password-reset")


def _again(template: str, visit: Visit, hindrance: Hindrance, **values: Any) -> Page:
    """The form once more, with what is wrong; 429 where it is too early to try again."""
    error = visit.language.say(labels.HINDRANCES[hindrance])
    status = STATUS.get(hindrance, 422)
    return Page(template=template, values={**values, "error": error}, status=status)


def _local(path: str) -> str:
    """A page of ours to go to after, or nothing: a link must not lead elsewhere by way of the log-in."""
    fits = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if fits and not {"\\", "?", "&", "#", " "} & set(path) else ""

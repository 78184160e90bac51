"""Partage: domains whose addresses send on this account's credits, their passwords and limits, and who sent."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs
from twisted.internet.interfaces import IReactorTime

from ....billing_interfaces import ISharing
from ....model.freemail import is_free_mail
from ....model.moment import date_of, day_of
from ....model.sharing import DomainFault, SenderUse, SharedDomain
from .. import tables
from ..labels import N_
from ..moments import Period
from ..visit import Answer, Download, Fields, Missing, Page, Redirect, Visit, get, post, quantity

HERE: Final = "/credits/partage"

DAYS: Final = 30
"""Whose senders are shown where no others are asked for."""

FAULTS: Final[Mapping[DomainFault, str]] = {
    DomainFault.NOT_A_DOMAIN: N_("Ce n'est pas un domaine : écrivez ce qui suit @ dans vos adresses."),
    DomainFault.FREE_MAIL: N_("Ce domaine ne peut pas être partagé : tout le monde peut y avoir une adresse."),
    DomainFault.TAKEN: N_("Un autre compte partage déjà ce domaine."),
    DomainFault.NOT_YOURS: N_("L'adresse de votre compte n'est pas de ce domaine. S'il est à vous, écrivez-nous."),
    DomainFault.BAD_PASSWORD: N_(
        "Ce mot de passe ne convient pas : il faut 8 caractères au moins, variés, "
        "sans espace, accent, point, « : » ni « @ »."
    ),
    DomainFault.BAD_LIMIT: N_("Il faut un nombre entier de crédits, au moins 1, ou rien s'il n'y a pas de limite."),
    DomainFault.TOO_MANY: N_("Vous partagez déjà beaucoup de domaines : cessez d'abord d'en partager un."),
}

_PLACES: Final = {DomainFault.BAD_PASSWORD: "mot-de-passe", DomainFault.BAD_LIMIT: "limite"}
"""The field that each fault speaks of; all others are about the domain."""


@attrs.frozen(kw_only=True)
class Days:
    """Days that are looked at, since 1970-01-01, both included."""

    first: int
    last: int
    period: Period

    @classmethod
    def read(cls, query: Fields, today: int, visit: Visit) -> "Days":
        """The fields ``du`` and ``au``, or the last ``DAYS``."""
        period = Period.read(query, visit.language.zone)
        last = today if period.until is None else day_of(period.until - 1, visit.language.zone)
        first = last + 1 - DAYS if period.since is None else day_of(period.since, visit.language.zone)
        if not period.wrong:
            # the form shows which days these are
            period = attrs.evolve(period, first=date_of(first).isoformat(), last=date_of(last).isoformat())
        return cls(first=first, last=last, period=period)


class SharingPages:
    """One's own domains, and whoever sends by them."""

    def __init__(self, sharing: ISharing, clock: IReactorTime) -> None:
        self._sharing = sharing
        self._clock = clock

    @get(HERE)
    async def home(self, visit: Visit) -> Answer:
        """The domains, and a form to share another one."""
        return await self._home(visit)

    async def _home(self, visit: Visit, typed: Fields | None = None, fault: DomainFault | None = None) -> Page:
        domains = await self._sharing.domains(visit.account.id)
        own = visit.account.email.rpartition("@")[2]
        proposed = "" if is_free_mail(own) or any(one.domain == own for one in domains) else own
        values: dict[str, Any] = {
            "domains": domains,
            "domain": proposed if typed is None else typed.line("domaine")[:300],
            "limit": "" if typed is None else typed.line("limite")[:40],
            "errors": _told(visit, fault),
            "write": fault is DomainFault.NOT_YOURS,
        }
        return Page(template="credits/sharing.html", values=values, status=200 if fault is None else 422)

    @post(HERE)
    async def share(self, visit: Visit) -> Answer:
        """Share one; its password is shown this once."""
        # who types a whole address means what follows the @
        domain = visit.form.line("domaine")[:300].rpartition("@")[2].lower().removesuffix(".")
        try:
            limit = _limit(visit.form)
        except ValueError:
            return await self._home(visit, visit.form, DomainFault.BAD_LIMIT)
        password = await self._sharing.share(visit.account.id, domain, visit.form.line("mot-de-passe"), limit)
        if isinstance(password, DomainFault):
            return await self._home(visit, visit.form, password)
        return _shown(domain, password)

    @get(f"{HERE}/<domain>")
    async def senders(self, visit: Visit, domain: str) -> Answer:
        """Who sent by a domain, and what may be changed of it."""
        return await self._domain(visit, await self._own(visit, domain))

    async def _own(self, visit: Visit, domain: str) -> SharedDomain:
        found = [one for one in await self._sharing.domains(visit.account.id) if one.domain == domain]
        if not found:
            raise Missing
        return found[0]

    async def _domain(
        self, visit: Visit, one: SharedDomain, typed: str | None = None, fault: DomainFault | None = None
    ) -> Page:
        days = self._days(visit)
        senders = await self._used(visit, one, days)
        values: dict[str, Any] = {
            "shared": one,
            "senders": senders,
            "messages": sum(sender.messages for sender in senders),
            "credits": sum(sender.credits for sender in senders),
            "period": days.period,
            "limit": typed if typed is not None else "" if one.daily_limit is None else str(one.daily_limit),
            "errors": _told(visit, fault),
        }
        return Page(
            template="credits/sharing_domain.html", values=values, status=422 if fault or days.period.wrong else 200
        )

    def _days(self, visit: Visit) -> Days:
        return Days.read(visit.query, day_of(self._clock.seconds(), visit.language.zone), visit)

    async def _used(self, visit: Visit, one: SharedDomain, days: Days) -> list[SenderUse]:
        if days.period.wrong:
            return []
        return await self._sharing.senders(visit.account.id, one.domain, days.first, days.last)

    @get(f"{HERE}/<domain>/export")
    async def export(self, visit: Visit, domain: str) -> Answer:
        """The same senders, as a file."""
        one, days = await self._own(visit, domain), self._days(visit)
        if days.period.wrong:
            return await self._domain(visit, one)
        rows: list[list[tables.Cell]] = [[visit.language.say(title) for title in _TITLES]]
        for sender in await self._used(visit, one, days):
            rows.append([sender.sender, sender.messages, sender.credits, f"{date_of(sender.last):%d/%m/%Y}"])
        return Download(f"expediteurs-{one.domain}.csv", tables.TYPE, tables.MARK + tables.rows(rows))

    @post(f"{HERE}/<domain>/limite")
    async def set_limit(self, visit: Visit, domain: str) -> Answer:
        """What each address may use in a day."""
        one, fault = await self._own(visit, domain), None
        try:
            fault = await self._sharing.set_limit(visit.account.id, one.domain, _limit(visit.form))
        except ValueError:
            fault = DomainFault.BAD_LIMIT
        if fault is DomainFault.NOT_A_DOMAIN:
            raise Missing
        if fault is not None:
            return await self._domain(visit, one, visit.form.line("limite")[:40], fault)
        return Redirect(to=f"{HERE}/{quote(one.domain)}", told="limit-saved")

    @post(f"{HERE}/<domain>/mot-de-passe")
    async def set_password(self, visit: Visit, domain: str) -> Answer:
        """Another one, which is shown this once; the old one opens nothing any more."""
        one = await self._own(visit, domain)
        password = await self._sharing.set_password(visit.account.id, one.domain, visit.form.line("mot-de-passe"))
        if password is DomainFault.NOT_A_DOMAIN:
            raise Missing
        if isinstance(password, DomainFault):
            return await self._domain(visit, one, fault=password)
        return _shown(one.domain, password, changed=True)

    @post(f"{HERE}/<domain>/arreter")
    async def unshare(self, visit: Visit, domain: str) -> Answer:
        """Nobody sends by it any more."""
        one = await self._own(visit, domain)
        if not await self._sharing.unshare(visit.account.id, one.domain):
            raise Missing
        return Redirect(to=HERE, told="domain-unshared")


def _shown(domain: str, password: str, *, changed: bool = False) -> Page:
    values = {"domain": domain, "password": password, "changed": changed}
    return Page(template="credits/sharing_password.html", values=values)


def _told(visit: Visit, fault: DomainFault | None) -> Mapping[str, str]:
    return {} if fault is None else {_PLACES.get(fault, "domaine"): visit.language.say(FAULTS[fault])}


def _limit(form: Fields) -> int | None:
    """Credits a day; None for none. Raises ValueError for what is no whole number."""
    typed = form.line("limite")
    if not typed:
        return None
    found = quantity(typed)
    if found is None:
        raise ValueError(typed)
    return found


_TITLES: Final = (N_("Expéditeur"), N_("Messages"), N_("Crédits"), N_("Dernier envoi"))

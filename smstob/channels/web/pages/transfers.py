"""Transferts: credits for another account, the accounts that are followed since, and who follows this one."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import attrs
from babel.dates import format_date
from twisted.internet.interfaces import IReactorTime

from ....billing_interfaces import ITransfers
from ....model.account import canonical_email, is_email
from ....model.sharing import MOST_TRANSFER, Followed, MonthUse, TransferFault
from .. import tables
from ..labels import N_
from ..language import Language
from ..visit import Answer, Download, Fields, Missing, Page, Redirect, Visit, get, post, quantity

HERE: Final = "/credits/transferts"

MONTHS: Final = 12
"""Of use that are shown."""

FAULTS: Final[Mapping[TransferFault, str]] = {
    TransferFault.BAD_AMOUNT: N_("Il faut un nombre entier de crédits, au moins 1."),
    TransferFault.NOT_AN_EMAIL: N_("Ce n'est pas une adresse e-mail : vérifiez-la."),
    TransferFault.TO_ONESELF: N_("C'est l'adresse de votre propre compte : indiquez-en une autre."),
    TransferFault.NOT_ENOUGH: N_("Vous n'avez pas autant de crédits."),
    TransferFault.CLOSED: N_("Le compte est fermé : rien n'a été transféré."),
    TransferFault.TOO_MANY: N_(
        "Vous avez ouvert beaucoup de comptes aujourd'hui : pour une adresse qui n'en a pas encore, revenez demain."
    ),
}

_PLACES: Final = {
    TransferFault.BAD_AMOUNT: "combien",
    TransferFault.NOT_ENOUGH: "combien",
    TransferFault.NOT_AN_EMAIL: "email",
    TransferFault.TO_ONESELF: "email",
}
"""The field that each fault speaks of."""


@attrs.frozen(kw_only=True)
class Gift:
    """What somebody is about to give, as typed."""

    email: str = ""
    amount: str = ""

    @classmethod
    def read(cls, fields: Fields) -> "Gift":
        """The fields ``email`` and ``combien``."""
        return cls(email=fields.line("email")[:300], amount=fields.line("combien")[:40])

    @property
    def receiver(self) -> str:
        """The e-mail in canonical form."""
        return canonical_email(self.email)

    @property
    def credits(self) -> int:
        """How many; 0 for what is no whole number. Thousands may be set apart."""
        return quantity(self.amount) or 0

    def fault(self, giver: str) -> TransferFault | None:
        """What is wrong with it whatever the books say."""
        if not (self.receiver.isascii() and is_email(self.receiver)):
            return TransferFault.NOT_AN_EMAIL
        if self.receiver == giver:
            return TransferFault.TO_ONESELF
        return None if 1 <= self.credits <= MOST_TRANSFER else TransferFault.BAD_AMOUNT


@attrs.frozen(kw_only=True)
class Bar:
    """A month of a chart; see the macro ``bars``."""

    label: str
    """Below it."""
    span: str
    """In full."""
    whole: int
    """Credits."""
    messages: int
    part: int = 0


class TransferPages:
    """Who gives, and whom he follows."""

    def __init__(self, transfers: ITransfers, clock: IReactorTime) -> None:
        self._transfers = transfers
        self._clock = clock

    @get(HERE)
    async def home(self, visit: Visit) -> Answer:
        """The form, the accounts that are followed, and who follows this one."""
        return await self._home(visit, Gift(email=visit.query.line("email")[:300]))

    async def _home(self, visit: Visit, gift: Gift, fault: TransferFault | None = None) -> Page:
        followed = await self._transfers.followed(visit.account.id)
        values: dict[str, Any] = {
            "gift": gift,
            "errors": {} if fault is None else {_PLACES.get(fault, ""): visit.language.say(FAULTS[fault])},
            "followed": [(one, self._bars(one, visit.language)) for one in followed],
            "followers": await self._transfers.followers(visit.account.id),
        }
        status = 429 if fault is TransferFault.TOO_MANY else 422
        return Page(template="credits/transfers.html", values=values, status=200 if fault is None else status)

    def _bars(self, one: Followed, language: Language) -> list[Bar]:
        return [_bar(use, language) for use in months(one.months, self._today(language))]

    def _today(self, language: Language) -> date:
        return language.moment(int(self._clock.seconds())).date()

    @post(f"{HERE}/verifier")
    async def confirm(self, visit: Visit) -> Answer:
        """What would be given to whom, before it is."""
        gift = Gift.read(visit.form)
        fault = gift.fault(visit.account.email)
        if fault is not None:
            return await self._home(visit, gift, fault)
        values = {"gift": gift, "key": secrets.token_urlsafe(16)}
        return Page(template="credits/transfers_confirm.html", values=values)

    @get(f"{HERE}/verifier")
    async def begin(self, visit: Visit) -> Answer:
        """Nothing was typed yet."""
        return Redirect(to=HERE)

    @post(f"{HERE}/modifier")
    async def modify(self, visit: Visit) -> Answer:
        """Back to the form, as it was filled in."""
        return await self._home(visit, Gift.read(visit.form))

    @post(HERE)
    async def transfer(self, visit: Visit) -> Answer:
        """Give them: the same confirmation sent twice gives once."""
        gift, key = Gift.read(visit.form), visit.form.line("cle")[:60] or secrets.token_urlsafe(16)
        made = await self._transfers.transfer(visit.account.id, gift.email, gift.credits, key)
        if isinstance(made, TransferFault):
            return await self._home(visit, gift, made)
        return Page(template="credits/transfers_done.html", values={"made": made})

    @get(f"{HERE}/<int:account>")
    async def one(self, visit: Visit, account: int) -> Answer:
        """What an account that is followed has and used, month by month."""
        found = [one for one in await self._transfers.followed(visit.account.id) if one.account == account]
        if not found:
            raise Missing
        values = {"account": found[0], "bars": self._bars(found[0], visit.language)}
        return Page(template="credits/transfers_one.html", values=values)

    @post(f"{HERE}/suivi/<int:follower>/fin")
    async def end_following(self, visit: Visit, follower: int) -> Answer:
        """Somebody sees this account no longer."""
        if not await self._transfers.end_following(visit.account.id, follower):
            raise Missing
        return Redirect(to=HERE, told="following-ended")

    @get(f"{HERE}/export")
    async def export(self, visit: Visit) -> Answer:
        """A line for each account that is followed, with what it used in each month, the newest first."""
        language = visit.language
        today = self._today(language)
        titles = [language.say(title) for title in _TITLES]
        rows: list[list[tables.Cell]] = [[*titles, *(f"{use.month:02}/{use.year}" for use in months((), today)[::-1])]]
        for one in await self._transfers.followed(visit.account.id):
            used = [use.credits if one.balance is not None else None for use in months(one.months, today)[::-1]]
            rows.append([one.email, tables.moment(one.since, language.zone), one.given, one.balance, *used])
        return Download("comptes-suivis.csv", tables.TYPE, tables.MARK + tables.rows(rows))


def months(known: Sequence[MonthUse], today: date) -> list[MonthUse]:
    """The last twelve, the one of ``today`` at the end; one of which nothing is ``known`` has no use."""
    used = {(use.year, use.month): use for use in known}
    last = today.year * 12 + today.month - 1
    wanted = [divmod(month, 12) for month in range(last + 1 - MONTHS, last + 1)]
    return [
        used.get((year, month + 1), MonthUse(year=year, month=month + 1, messages=0, credits=0))
        for year, month in wanted
    ]


def _bar(use: MonthUse, language: Language) -> Bar:
    day = date(use.year, use.month, 1)
    return Bar(
        label=format_date(day, "LLL", locale=language.locale),
        span=format_date(day, "LLLL y", locale=language.locale),
        whole=use.credits,
        messages=use.messages,
    )


_TITLES: Final = (N_("Compte"), N_("Suivi depuis"), N_("Crédits donnés"), N_("Solde"))

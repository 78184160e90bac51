"""Essai: a few credits against a call to a premium number. Where there is no number there is no such page."""

from collections.abc import Mapping
from typing import Any, Final

from ....billing_interfaces import ITrials
from ....model.sharing import TRIAL_CREDITS, TRIAL_LASTS, TrialFault
from ..labels import N_
from ..visit import Answer, Missing, Page, Redirect, Visit, get, post

HERE: Final = "/credits/essai"

FAULTS: Final[Mapping[TrialFault, str]] = {
    TrialFault.BAD_CODE: N_(
        "Ce code n'est pas le bon, ou il n'est plus valable. Vérifiez-le, ou tapez le numéro du téléphone qui a appelé."
    ),
    TrialFault.ALREADY: N_("Ce compte a déjà eu ses crédits d'essai."),
    TrialFault.CALLER_USED: N_("Le téléphone qui a appelé a déjà servi à un essai : il n'en donne qu'un."),
    TrialFault.TOO_MANY: N_("Vous avez tapé trop de codes. Attendez un quart d'heure, puis réessayez."),
    TrialFault.CLOSED: N_("Le compte est fermé."),
}


class TrialPages:
    """The number to call, and where its code is typed."""

    def __init__(self, trials: ITrials) -> None:
        self._trials = trials

    @get(HERE)
    async def form(self, visit: Visit) -> Answer:
        """How it is done, and what it costs."""
        return self._page()

    @post(HERE)
    async def redeem(self, visit: Visit) -> Answer:
        """Credits for a code, or for the telephone that called."""
        if not self._trials.number:
            raise Missing
        typed = visit.form.line("code")[:60]
        gained = await self._trials.redeem(visit.account.id, typed, visit.address)
        if isinstance(gained, TrialFault):
            return self._page(typed, visit.language.say(FAULTS[gained]), gained)
        return Redirect(to="/credits", told="trial-redeemed", count=gained)

    def _page(self, typed: str = "", error: str = "", fault: TrialFault | None = None) -> Page:
        number = self._trials.number
        if not number:
            raise Missing
        values: dict[str, Any] = {
            "number": number,
            "dialled": "".join(sign for sign in number if sign.isdigit() or sign == "+"),
            "price": self._trials.price,
            "credits": TRIAL_CREDITS,
            "days": TRIAL_LASTS // 86_400,
            "typed": typed,
            "error": error,
            "over": fault is TrialFault.ALREADY,
        }
        status = 200 if fault is None else 429 if fault is TrialFault.TOO_MANY else 422
        return Page(template="credits/trial.html", values=values, status=status)

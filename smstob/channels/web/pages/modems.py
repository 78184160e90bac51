"""Modems: where each one stands, for the operator's people; the page follows them."""

from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from ....interfaces import IReporter
from .. import modem_labels
from ..following import Places, changes
from ..language import typeset
from ..modems import bars, mark_of, meters, pools_of
from ..visit import Access, Answer, Events, Json, Page, Visit, get

MODEMS: Final = "/exploitation/modems"


class ModemPages:
    """Pools of modems."""

    def __init__(self, reporter: IReporter, clock: IReactorTime) -> None:
        self._reporter = reporter
        self._clock = clock
        self._followers = Places(most=50, each=4)

    @get(MODEMS, Access.OPERATOR)
    async def modems(self, visit: Visit) -> Answer:
        """Every modem, by gateway; where there is none, how to get one."""
        modems = await self._reporter.modems()
        pools = pools_of(await self._reporter.gateways(), modems)
        values: dict[str, Any] = {
            "pools": pools,
            "modems": modems,
            "now": self._clock.seconds(),
            "up": sum(pool.up for pool in pools),
            "modem_states": modem_labels.MODEM_STATES,
            "modem_meanings": modem_labels.MODEM_MEANINGS,
            "signals": modem_labels.SIGNALS,
            "bars": bars,
            "meters": meters,
            # gateways speak French
            "typeset": typeset,
            "watched": f"{MODEMS}/suivi?vu={mark_of(modems)}" if pools else "",
        }
        return Page(template="operating/modems.html", values=values)

    @get(f"{MODEMS}/suivi", Access.OPERATOR)
    async def follow(self, visit: Visit) -> Answer:
        """Whether something changed, for a script."""
        assert visit.session is not None
        whose = visit.session.id
        if not self._followers.has_room(whose):
            return Json({"error": "busy"}, 503)

        async def look() -> tuple[Any, bool]:
            return mark_of(await self._reporter.modems()), False

        seen = visit.query.text("vu") or None
        return Events(self._followers.held(whose, changes(self._clock, look, seen)))

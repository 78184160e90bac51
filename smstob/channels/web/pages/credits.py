"""Crédits: what is left, and every movement that led there."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from ....interfaces import IReporter
from ....model.ledger import Reason
from ....model.order import read_reference
from ....model.report import Movement
from .. import labels, tables
from ..following import Places
from ..visit import Answer, Download, Page, Visit, get

SHOWN: Final = 50
"""Lines on a page."""

READ: Final = 2_000
"""Movements that the pages go back by; the file has more."""

EXPORTED: Final = 100_000
"""Movements of a file, at most."""

SLICE: Final = 1_000
"""Of these written at once: in between others have their turn."""


@attrs.frozen(kw_only=True)
class Line:
    """A movement; or the refunds that a submission had one after the other."""

    newest: Movement
    amount: int
    count: int

    @property
    def place(self) -> str:
        """Where one reads what it was for; empty where that is said here."""
        one = self.newest
        if one.submission:
            return f"/historique/{one.submission}"
        if one.reason == Reason.TRANSFER:
            return "/credits/transferts"
        ordered = one.reason == Reason.TOP_UP and read_reference(one.reference) == one.reference
        return f"/credits/commandes/{one.reference}" if ordered else ""


def folded(movements: Iterable[Movement]) -> list[Line]:
    """Lines of movements, in their order, the newest first: a cancelled campaign has a refund for each message."""
    keys = enumerate(movements)
    grouped = groupby(keys, key=lambda one: one[1].submission if one[1].reason == "refund" else f"n° {one[0]}")
    lines = []
    for _, group in grouped:
        together = [movement for _, movement in group]
        amount = sum(movement.amount for movement in together)
        lines.append(Line(newest=together[0], amount=amount, count=len(together)))
    return lines


class CreditsPages:
    """The purse."""

    def __init__(self, reporter: IReporter, clock: IReactorTime) -> None:
        self._reporter = reporter
        self._clock = clock
        self._exports = Places(most=4, each=1)

    @get("/credits")
    async def credits(self, visit: Visit) -> Answer:
        """What is left, and how it came to be, the newest first."""
        movements = await self._reporter.movements(visit.account.id, READ)
        lines = folded(reversed(movements))
        pages = max(1, -(-len(lines) // SHOWN))
        page = min(max(visit.query.number("page") or 1, 1), pages)
        values: dict[str, Any] = {
            "lines": lines[(page - 1) * SHOWN : page * SHOWN],
            "reasons": labels.REASONS,
            "back": f"/credits?page={page - 1}" if page > 1 else "",
            "on": f"/credits?page={page + 1}" if page < pages else "",
            "cut": len(movements) == READ and page == pages,
        }
        return Page(template="credits.html", values=values)

    @get("/credits/export")
    async def export(self, visit: Visit) -> Answer:
        """Every movement, the oldest first."""
        account, say, zone = visit.account.id, visit.language.say, visit.language.zone
        if not self._exports.has_room(account):
            return Page(template="history/busy.html", status=429)
        with self._exports.taken(account):
            movements = await self._reporter.movements(account, EXPORTED)
            parts = [tables.MARK, tables.rows([[say(title) for title in _TITLES]])]
            for at in range(0, len(movements), SLICE):
                if at:
                    await deferLater(self._clock, 0)
                rows = (
                    (
                        tables.moment(one.at, zone),
                        say(labels.REASONS.get(one.reason, one.reason)),
                        one.submission,
                        one.amount,
                        one.balance,
                        one.note,
                        one.reference,
                    )
                    for one in movements[at : at + SLICE]
                )
                parts.append(tables.rows(rows))
            return Download("credits.csv", tables.TYPE, b"".join(parts))


_TITLES: Final = (
    labels.N_("Date"),
    labels.N_("Motif"),
    labels.N_("Envoi"),
    labels.N_("Crédits"),
    labels.N_("Solde"),
    labels.N_("Note"),
    labels.N_("Référence"),
)

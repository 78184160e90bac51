"""Alerts as SMS, which the account pays like any other."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from twisted.internet.interfaces import IReactorTime

from ..interfaces import ISubmitter
from ..model.account import Account, Format
from ..model.alphabet import adapt, is_gsm7, septets
from ..model.draft import Channel, Draft, Selection
from ..model.notice import Shortage
from ..model.refusal import Refusal
from ..model.submission import Submission
from .mail.french import NBSP, counted

LONGEST: Final = 160
"""Septets of one SMS."""

SHORTEST: Final = 12
"""Characters that are shown of an account's e-mail at least: rather than fewer, the address of the page goes."""


class AlertTexts:
    """Tells accounts by SMS that their credits run out. Dates are those of ``zone``, ``clock`` has the time of day."""

    def __init__(self, submitter: ISubmitter, clock: IReactorTime, zone: ZoneInfo, base_url: str) -> None:
        self._submitter = submitter
        self._clock = clock
        self._zone = zone
        self._base_url = base_url

    async def send(self, account: Account, shortage: Shortage, notice: int) -> Submission | Refusal:
        """Send one, debited; for the same ``notice`` it is sent and debited once. See ``ISubmitter``."""
        draft = Draft(
            sender=account,
            channel=Channel.ALERT,
            destination=shortage.phone,
            # the name of a group would be no telephone
            selection=Selection(numbers=(shortage.phone,)),
            text=words_of(shortage, datetime.fromtimestamp(self._clock.seconds(), self._zone), self._base_url),
            format=Format.NORMAL,
            reference=f"alert:{notice}",
        )
        return await self._submitter.submit(draft)


def words_of(shortage: Shortage, now: datetime, base_url: str) -> str:
    """The words of an alert: one SMS in GSM-7, whatever the e-mail and the address of the pages are."""
    left = counted(shortage.balance, "crédit").replace(NBSP, " ")
    begin, when = f"SMStoB : plus que {left} sur le compte ", f" le {now:%d/%m à %H:%M}. "
    for end in (f"Rechargez : {base_url}/credits", "Rechargez sur le site."):
        room = LONGEST - septets(_plain(begin + when + end))
        email = _cut(_plain(shortage.email), room)
        if len(email) >= min(SHORTEST, len(shortage.email)):
            break
    return _plain(begin) + email + _plain(when + end)


def _plain(text: str) -> str:
    """In GSM-7: what has no equivalent there is a question mark."""
    adapted = adapt(text)
    return adapted if is_gsm7(adapted) else "".join(char if is_gsm7(char) else "?" for char in adapted)


def _cut(text: str, room: int) -> str:
    if septets(text) <= room:
        return text
    while text and septets(text) > room - 2:
        text = text[:-1]
    return f"{text}.."

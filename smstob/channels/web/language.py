"""In which language somebody reads: French, or English. What is written in French is the message's own name."""

import re
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from babel import Locale, dates, numbers
from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations

LANGUAGES: Final = ("fr", "en")
"""The first is what everything is written in."""

_CATALOGUES: Final = Path(__file__).parent / "locales"


@attrs.frozen
class Language:
    """How texts, dates and figures are written for one reader; instants are Unix seconds."""

    code: str
    zone: ZoneInfo
    locale: Locale = attrs.field(init=False, eq=False)
    translations: NullTranslations = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # English as on this side of the Channel: the day comes before the month
        object.__setattr__(self, "locale", Locale("en", "GB") if self.code == "en" else Locale("fr", "FR"))
        object.__setattr__(self, "translations", translations(self.code))

    def say(self, message: str, **values: object) -> str:
        """``message``, which is French, in this language."""
        said: str = self.translations.ugettext(message)
        return said % values if values else said

    def count(self, one: str, several: str, number: int, **values: object) -> str:
        """One of two messages, by ``number``, which both know as ``%(n)s``."""
        said: str = self.translations.ungettext(one, several, number)
        return said % {"n": self.number(number), **values}

    @property
    def colon(self) -> str:
        """What comes after a name, before what it is: French has a space of its own before it."""
        return ":" if self.code == "en" else "\u00a0:"

    def number(self, value: int) -> str:
        """``12 345``."""
        return numbers.format_decimal(value, locale=self.locale)

    def euros(self, cents: int) -> str:
        """``19,00 €`` or ``€19.00``; ``cents`` may be any whole number."""
        return str(numbers.format_currency(cents / 100, "EUR", locale=self.locale))

    def moment(self, instant: int) -> datetime:
        """The instant on the service's clocks."""
        return datetime.fromtimestamp(instant, self.zone)

    def tenths(self, tenths: int) -> str:
        """``0,105 €`` or ``€0.105``, of tenths of a cent."""
        pattern = "¤#,##0.00#" if self.code == "en" else "#,##0.00#\u00a0¤"
        return str(numbers.format_currency(tenths / 1000, "EUR", pattern, self.locale, currency_digits=False))

    def percent(self, hundredths: int) -> str:
        """``20 %`` or ``20%``, of hundredths of a percent."""
        pattern = "#,##0.##%" if self.code == "en" else "#,##0.##\u00a0%"
        return str(numbers.format_percent(hundredths / 10_000, pattern, self.locale))

    def date_time(self, instant: int) -> str:
        """``25 nov. 2026, 19:30``."""
        return str(dates.format_datetime(self.moment(instant), "d MMM y, HH:mm", locale=self.locale))

    def full_date_time(self, instant: int) -> str:
        """``mercredi 25 novembre 2026 à 19:30``."""
        at = "EEEE d MMMM y 'à' HH:mm" if self.code == "fr" else "EEEE d MMMM y 'at' HH:mm"
        return str(dates.format_datetime(self.moment(instant), at, locale=self.locale))

    def time(self, instant: int) -> str:
        """``19:30:05``."""
        return f"{self.moment(instant):%H:%M:%S}"

    def day(self, day: date) -> str:
        """``25 nov.``."""
        return str(dates.format_date(day, "d MMM", locale=self.locale))

    def full_day(self, day: date) -> str:
        """``25 novembre 2026``."""
        return str(dates.format_date(day, "d MMMM y", locale=self.locale))

    def iso(self, instant: int) -> str:
        """For machines, in UTC."""
        return datetime.fromtimestamp(instant, UTC).isoformat()


class _French(NullTranslations):
    """Every message is its own translation; no line ends where French has a space before a sign."""

    def gettext(self, message: str) -> str:
        return typeset(message)

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return typeset(singular if num < 2 else plural)

    def ugettext(self, message: str) -> str:
        return typeset(message)

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.ngettext(msgid1, msgid2, n)


@lru_cache(10_000)
def typeset(message: str) -> str:
    """``message`` with no-break spaces within guillemets and before ``:``, ``;``, ``?`` and ``!``."""
    return _TIED.sub("\u00a0", message)


_TIED: Final = re.compile(r"(?<=«) | (?=[:;!?»])")


@cache
def translations(code: str) -> NullTranslations:
    """The catalogue of a language, read from its ``.po`` file; French needs none."""
    if code == LANGUAGES[0]:
        return _French()
    with (_CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=code)
    compiled = BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def preferred(cookie: str, accepted: str) -> str:
    """The language that a reader chose, else what his browser asks for (RFC 9110 §12.5.4), else French."""
    if cookie in LANGUAGES:
        return cookie
    best, most = LANGUAGES[0], 0.0
    for part in accepted[:200].split(","):
        name, _, rest = part.strip().partition(";")
        code = name.strip().lower().partition("-")[0]
        quality = _quality(rest)
        if code in LANGUAGES and quality > most:
            best, most = code, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0

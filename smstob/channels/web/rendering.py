"""Templates, filled in: one Jinja environment a language, everything escaped, nothing undefined."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from twisted.internet.defer import Deferred

from ...interfaces import IReporter
from ...model.company import Company
from ...model.number import national
from ...model.terms import Terms
from . import billing_labels, labels
from .assets import Assets
from .language import Language
from .visit import Visit

_TEMPLATES: Final = Path(__file__).parent / "templates"
EPOCH: Final = date(1970, 1, 1)
NAMED: Final = 3
_SEPARATORS: Final = re.compile("[,;\n]")


@attrs.frozen(kw_only=True)
class Facts:
    """What every page may tell of the service."""

    base_url: str
    """Where customers find the pages."""
    domain: str
    """Of the addresses of the e-mail channel."""
    company: Company
    """Who runs it."""
    terms: Terms = attrs.field(factory=Terms)
    """On which terms credits are sold."""


class Rendering:
    """Fills templates in."""

    def __init__(self, assets: Assets, reporter: IReporter, facts: Facts, has_trial: bool = False) -> None:
        self._assets = assets
        self._reporter = reporter
        self._facts = facts
        self._has_trial = has_trial
        self._environments: dict[str, Environment] = {}

    def balance(self, account: int) -> "Deferred[int]":
        """What the head of each page shows."""
        return self._reporter.balance(account)

    def page(self, template: str, visit: Visit, values: Mapping[str, Any]) -> str:
        """A template, for the one who visits."""
        shared = {
            "visit": visit,
            "language": visit.language,
            "csrf": visit.csrf,
            "session": visit.known,
            "balance": None,
            "told": None,
        }
        environment = self._environment(visit.language)
        return environment.get_template(template).render({**shared, **values})

    def error(self, reason: str, language: Language) -> str:
        """The page that says why there is none; it needs no database."""
        return self._environment(language).get_template("error.html").render(reason=reason, language=language)

    def _environment(self, language: Language) -> Environment:
        known = self._environments.get(language.code)
        if known is None:
            known = self._environments[language.code] = self._made(language)
        return known

    def _made(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(["html"], default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            asset=self._assets.address,
            facts=self._facts,
            states=labels.STATES,
            meanings=labels.MEANINGS,
            channels=labels.CHANNELS,
            formats=labels.FORMATS,
            announcements={**labels.ANNOUNCEMENTS, **billing_labels.ANNOUNCEMENTS},
            has_trial=self._has_trial,
            colon=language.colon,
            count=language.count,
        )
        environment.filters.update(
            number=language.number,
            euros=language.euros,
            cents=language.tenths,
            percent=language.percent,
            datetime=language.date_time,
            fulldatetime=language.full_date_time,
            time=language.time,
            day=lambda day: language.day(EPOCH + timedelta(days=day)),
            fullday=lambda day: language.full_day(EPOCH + timedelta(days=day)),
            iso=language.iso,
            phone=phone,
            lines=lines,
            whom=whom,
            json=json.dumps,
        )
        return environment


def phone(number: str) -> str:
    """A French number in pairs of digits, which no line end parts; others as E.164 has them."""
    typed = national(number)
    return "\u00a0".join(typed[at : at + 2] for at in range(0, 10, 2)) if typed.startswith("0") else typed


def lines(text: str) -> Markup:
    """Text whose line ends are seen."""
    return Markup("<br>").join(text.split("\n"))


def whom(destination: str) -> str:
    """To whom a submission went, as long as a line: the first of several."""
    named = [part.strip() for part in _SEPARATORS.split(destination) if part.strip()]
    return ", ".join(named) if len(named) <= NAMED else f"{', '.join(named[:NAMED])}…"

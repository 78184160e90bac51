"""Options: the choices of an account, in one form; a faulty one is told at its field, and then nothing is changed."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from ....interfaces import IProfile
from ....model.account import SEGMENTS, VALIDITY_HOURS, Characters, Confirmations, Format, Options, SenderChecks
from ....model.number import national
from ....model.segment import SEPTETS_JOINED
from .. import labels
from ..labels import N_
from ..language import Language
from ..visit import Answer, Page, Redirect, Visit, get, post, quantity

YES: Final = "oui"
NO: Final = "non"

MOST_CREDITS: Final = 1_000_000_000
"""The highest threshold of an alert."""

VALIDITIES: Final = (1, 2, 4, 8, 12, 24, 48, 72)
"""Hours that are proposed."""

UNPROPOSED: Final = N_("Choisissez ce qui est proposé.")
NO_THRESHOLD: Final = N_("Il faut un nombre entier de crédits, ou rien pour ne pas être prévenu.")
NO_PHONE: Final = N_("Indiquez le mobile à prévenir, ou laissez le seuil vide.")


class Wrong(ValueError):
    """What was typed is no value; the message says why, in French."""


def _one_of(choices: Iterable[tuple[str, Any]]) -> Callable[[str], Any]:
    values = dict(choices)

    def read(typed: str) -> Any:
        if typed not in values:
            raise Wrong(UNPROPOSED)
        return values[typed]

    return read


def _named(names: type[StrEnum]) -> Callable[[str], Any]:
    return _one_of((one.value, one) for one in names)


def _numbers(allowed: range) -> Callable[[str], Any]:
    return _one_of((str(number), number) for number in allowed)


def _threshold(typed: str) -> int | None:
    if not typed:
        return None
    credits_ = quantity(typed)
    if credits_ is None or credits_ > MOST_CREDITS:
        raise Wrong(NO_THRESHOLD)
    return credits_


_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "doublons": ("duplicates", _one_of(((YES, True), (NO, False)))),
    "format": ("format", _named(Format)),
    "validite": ("validity", _numbers(VALIDITY_HOURS)),
    "caracteres": ("characters", _named(Characters)),
    "longueur": ("max_segments", _numbers(SEGMENTS)),
    "confirmations": ("confirmations", _named(Confirmations)),
    "seuil": ("alert_threshold", _threshold),
    "mobile": ("alert_phone", lambda typed: typed or None),
    "expediteurs": ("sender_checks", _named(SenderChecks)),
}
"""For each field of the form the option that it is, and how what is typed is read."""


def read(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Options by their names, and what is wrong by the form's."""
    changes, errors = dict[str, Any](), dict[str, str]()
    for field, (option, reader) in _READERS.items():
        try:
            changes[option] = reader(typed[field])
        except Wrong as why:
            errors[field] = str(why)
    if changes.get("alert_threshold") is not None and changes["alert_phone"] is None:
        errors["mobile"] = NO_PHONE
    return changes, errors


def shown(options: Options) -> dict[str, str]:
    """Options as the form has them."""
    values = {
        "duplicates": YES if options.duplicates else NO,
        "alert_threshold": "" if options.alert_threshold is None else str(options.alert_threshold),
        "alert_phone": national(options.alert_phone) if options.alert_phone else "",
    }
    return {field: values.get(option, str(getattr(options, option))) for field, (option, _) in _READERS.items()}


class OptionPages:
    """The form and what becomes of it."""

    def __init__(self, profile: IProfile) -> None:
        self._profile = profile

    @get("/options")
    async def form(self, visit: Visit) -> Answer:
        """The options as they are."""
        return _page(visit, shown(visit.account.options), {})

    @post("/options")
    async def save(self, visit: Visit) -> Answer:
        """All of them, or none."""
        typed = {field: visit.form.line(field) for field in _READERS}
        changes, errors = read(typed)
        if not errors:
            fault = await self._profile.set_options(visit.account.id, changes)
            if fault is None:
                return Redirect(to="/options", told="options-saved")
            errors = {"mobile": labels.FAULTS[fault]}
        return _page(visit, typed, errors)


def _page(visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str]) -> Page:
    values = {
        "typed": typed,
        "errors": {field: visit.language.say(error) for field, error in errors.items()},
        "validities": _validities(visit.language, typed["validite"]),
        "lengths": [(str(count), _length(visit.language, count)) for count in SEGMENTS],
    }
    return Page(template="options.html", values=values, status=422 if errors else 200)


def _validities(language: Language, chosen: str) -> list[tuple[str, str]]:
    others = {int(chosen)} if chosen in map(str, VALIDITY_HOURS) else set()
    return [(str(hours), _duration(language, hours)) for hours in sorted(others.union(VALIDITIES))]


def _duration(language: Language, hours: int) -> str:
    days, rest = divmod(hours, 24)
    if rest:
        return language.count("%(n)s heure", "%(n)s heures", hours)
    return language.count("%(n)s jour", "%(n)s jours", days)


def _length(language: Language, segments: int) -> str:
    if segments == 1:
        return language.say("160 caractères seulement (1 SMS)")
    return language.say("%(n)s SMS : %(characters)s caractères", n=segments, characters=segments * SEPTETS_JOINED)

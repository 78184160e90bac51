"""What the program says: in French, or in the English of ``english``."""

import locale
import os
from collections.abc import Mapping

from .english import ENGLISH

LANGUAGES = ("fr", "en")


class Wording:
    """The sentences of one language; an instance is called with the French ones."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "fr"
        self._sentences: Mapping[str, str] = ENGLISH if self.language == "en" else {}

    def __call__(self, sentence: str, **values: object) -> str:
        """The sentence, with ``{name}`` replaced by the values."""
        found = self._sentences.get(sentence, sentence)
        return found.format(**values) if values else found

    def plural(self, count: int, one: str, many: str, **values: object) -> str:
        """``one`` or ``many``, in which ``{count}`` is replaced; French has one for 0, English many."""
        single = count == 1 or (count == 0 and self.language == "fr")
        return self(one if single else many, count=self.number(count), **values)

    def number(self, value: int) -> str:
        """A whole number, its thousands apart."""
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")


def system_language() -> str:
    """``fr`` or ``en``, as the system is set; French where it is neither: it is what customers read."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not named:
        try:
            named = locale.getlocale()[0] or ""
        except ValueError:
            named = ""
    return "en" if named.lower().startswith("en") else "fr"


def N_(sentence: str) -> str:  # noqa: N802 (gettext's name)
    """Marks a sentence that a table has and ``Wording`` says later."""
    return sentence

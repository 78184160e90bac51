"""What a browser says of itself, in words: «Firefox sur Windows». It may lie; nothing is decided by it."""

from typing import Final

from .labels import N_
from .language import Language

_BROWSERS: Final = (
    # each also claims to be those below it
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

UNKNOWN: Final = N_("Navigateur inconnu")


def in_words(agent: str, language: Language) -> str:
    """The browser and its system, as far as they are known."""
    known = [_first(names, agent) for names in (_BROWSERS, _SYSTEMS)]
    if all(known):
        return language.say("%(browser)s sur %(system)s", browser=known[0], system=known[1])
    return known[0] or known[1] or language.say(UNKNOWN)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in names if sign in agent), "")

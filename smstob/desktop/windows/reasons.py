"""What is said of files of contacts and of their rows, in the program's language. It is told in the site's, French."""

import re
from typing import Final

from ..wording import N_, Wording

_SENTENCES: Final = (
    N_("il n'y a pas de numéro"),
    N_("Excel a perdu des chiffres : {number} ; mettez la colonne au format Texte et retapez le numéro"),
    N_("{number} n'est pas un numéro de mobile"),
    N_("une cellule a {count} caractères ({most} au plus)"),
    N_("une cellule a {count} lignes ({most} au plus)"),
    N_("un guillemet ouvert sur cette ligne n'est pas refermé"),
    N_("cette ligne n'est pas lisible : une cellule est beaucoup trop longue"),
    N_("ce fichier est trop gros ({count} Mo au plus)"),
    N_("ce fichier est vide"),
    N_("la ligne {line} a plus de {most} colonnes"),
    N_("ce fichier a plus de {most} lignes : coupez-le en plusieurs fichiers"),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{([a-z]+)\\}", r"(?P<\1>.*)", re.escape(sentence)), re.DOTALL)


_PATTERNS: Final = tuple((sentence, _pattern(sentence)) for sentence in _SENTENCES)


def in_words(say: Wording, reason: str) -> str:
    """The reason; one that is not known stays as it is."""
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return say(sentence, **found.groupdict())
    return reason


def as_sentence(say: Wording, reason: str) -> str:
    """The reason with a capital and a full stop."""
    said = in_words(say, reason)
    return f"{said[:1].upper()}{said[1:]}."

"""What ``delivery`` says in its own words, in the language of the window; what a mail server says stays as it is."""

import re
from typing import Final

from ..delivery import Sentences
from ..wording import Wording

_GAP: Final = re.compile(r"\\\{(\w+)\\\}")
_SENTENCES: Final = [
    (sentence, re.compile(_GAP.sub(r"(?P<\1>.*)", re.escape(sentence)), re.DOTALL))
    for name, sentence in vars(Sentences).items()
    if not name.startswith("_") and isinstance(sentence, str)
]


def in_words(say: Wording, told: str) -> str:
    """The sentence that was told, said anew."""
    for sentence, form in _SENTENCES:
        if found := form.fullmatch(told):
            return say(sentence, **found.groupdict()) if found.groupdict() else say(sentence)
    return told

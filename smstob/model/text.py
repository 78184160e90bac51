"""The text of a message, from what a channel hands in to what is sent."""

import re
from typing import Final

from . import alphabet
from .account import Characters

_LINE_END: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_DROPPED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")


def clean(text: str) -> str:
    r"""The text as it is kept: every line end is ``\n``, outer white space is off, NFC.

    Other control characters and lone surrogates are dropped. The result may be empty; cleaning it again
    changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = _LINE_END.sub("\n", text)
    return alphabet.compose(_DROPPED.sub("", lines)).strip()


def for_sending(text: str, characters: Characters) -> str:
    """What is sent of a clean text: the same if it is GSM-7, or else as the account's option says.

    With ADAPT that is ``alphabet.adapt``'s if it is GSM-7 as a whole, otherwise the text unchanged. A text of
    nothing but invisible characters so becomes empty.
    """
    if characters is Characters.AS_IS or alphabet.is_gsm7(text):
        return text
    adapted = alphabet.adapt(text).strip()
    return adapted if alphabet.is_gsm7(adapted) else text

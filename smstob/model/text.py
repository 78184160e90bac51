"""The text of a message, from what a channel hands in to what is sent."""

import re
from typing import Final

from . import alphabet
from .account import Characters

_LINE_END: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_DROPPED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_WRITTEN: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# PostgreSQL keeps no NUL, and no encoding has lone surrogates
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """``text`` without the characters that no database can keep."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("", text)


def storable_or_none(text: str | None) -> str | None:
    """Likewise, where there may be no text."""
    return None if text is None else storable(text)


def is_blank(text: str) -> bool:
    """Whether ``clean`` would leave nothing of ``text``; far cheaper, however long it is."""
    return _WRITTEN.search(text) is None


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

"""The GSM 7 bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1)."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Sixteen characters a line: the line is the high three bits, the column the low four.
_DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE: Final = "\x1b"

_SEPTETS: Final = {
    **{ord(char): chr(septet) for septet, char in enumerate(_DEFAULT) if char != _ESCAPE},
    **{ord(char): _ESCAPE + chr(septet) for septet, char in _EXTENSION.items()},
}
_CHARACTERS: Final = dict(enumerate(_DEFAULT))
_EXTENDED: Final = re.compile("[{}]".format(re.escape("".join(_EXTENSION.values()))))
_GSM7: Final = re.compile("[{}]*".format(re.escape("".join(map(chr, _SEPTETS)))))
_ESCAPED: Final = re.compile(_ESCAPE + "(.?)", re.DOTALL)


class NotGsm7(ValueError):
    """The text has a character that is neither in the default alphabet nor in its extension table."""


def is_gsm7(text: str) -> bool:
    """Whether every character of ``text`` is in the default alphabet or its extension table."""
    return _GSM7.fullmatch(text) is not None


def septets(text: str) -> int:
    """How many septets ``text``, which must be GSM-7, takes: two for a character of the extension table."""
    return len(text) + len(_EXTENDED.findall(text))


def encode(text: str) -> bytes:
    """The septets of ``text``, one in each octet, an escape (0x1B) before those of the extension table.

    Raises NotGsm7.
    """
    if not is_gsm7(text):
        raise NotGsm7("not in the GSM 7 bit alphabet")
    return text.translate(_SEPTETS).encode("ascii")


def decode(septets: bytes) -> str:
    """The text of septets that come one in each octet, whatever they are.

    As §6.2.1.1 asks of telephones, an escape before a code that the extension table lacks is ignored; one
    before another escape, and one at the end, shows as a space. Raises ValueError for an octet above 0x7F.
    """
    escaped = septets.decode("ascii")
    if _ESCAPE not in escaped:
        return escaped.translate(_CHARACTERS)
    # Pieces alternate: plain septets, then the one after an escape.
    pieces = _ESCAPED.split(escaped)
    pieces[::2] = [plain.translate(_CHARACTERS) for plain in pieces[::2]]
    pieces[1::2] = [_after_escape(septet) for septet in pieces[1::2]]
    return "".join(pieces)


def _after_escape(septet: str) -> str:
    if septet in ("", _ESCAPE):
        return " "
    return _EXTENSION.get(ord(septet)) or _DEFAULT[ord(septet)]


# What Unicode's compatibility decompositions do not say, or say in a way that would change the sense.
_EQUIVALENTS: Final = {
    **dict.fromkeys("’‘‚‛′´`ʼʻ‹›", "'"),
    **dict.fromkeys("«»“”„‟″〝〞", '"'),
    **dict.fromkeys("‐‑‒–—―−•‣⁃◦▪■●", "-"),
    **dict.fromkeys("·‧∙⋅", "."),
    **dict.fromkeys("\u2028\u2029\x85", "\n"),
    **dict.fromkeys("µμ", "u"),
    **dict(zip("đðħıłŧĐÐĦŁŦĸ", "ddhiltDDHLTk", strict=True)),
    "\t": " ",
    "œ": "oe",
    "Œ": "OE",
    "þ": "th",
    "Þ": "Th",
    "ẞ": "SS",
    "…": "...",
    "™": "TM",
    "©": "(c)",
    "®": "(R)",
    "°": "deg",
    "№": "No",
    "⁄": "/",
    "∕": "/",
    "×": "x",
    "÷": "/",
    "±": "+/-",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "∗": "*",
    "∼": "~",
    "¦": "|",
    "¢": "c",
    "←": "<-",
    "→": "->",
    "↔": "<->",
    "⇐": "<=",
    "⇒": "=>",
}
# Drawn as nothing: soft hyphen, joiners, zero-width spaces, marks of direction, variation selectors, BOM,
# and the enclosing keycap, which leaves the digit that it encloses.
_INVISIBLE: Final = re.compile(
    "[\xad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u20e3\ufe00-\ufe0f\ufeff]+"
)
_NUMERO: Final = re.compile("([nN])°")
_FRACTION_AFTER_DIGIT: Final = re.compile("([0-9])(?=[¼-¾⅐-⅞])")
_COMBINING: Final = range(0x0300, 0x0370)
_CACHED: Final = 0x3000
_SHORT: Final = 1000
_BEYOND_LATIN: Final = re.compile("[^\x00-\u02ff]{2,}")


class _Adaptations(dict[int, str]):
    """What each code point becomes, found out when it is first met; for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        adapted = _adapt_character(chr(code))
        # Hostile texts must not make it grow to all of Unicode; above are scripts that stay as they are.
        if code < _CACHED:
            self[code] = adapted
        return adapted


def compose(text: str) -> str:
    """The text in Unicode's form NFC, in a time that grows as its length whatever is in it."""
    if len(text) > _SHORT:
        text = _BEYOND_LATIN.sub(lambda run: "".join(_in_canonical_order(run[0])), text)
    return unicodedata.normalize("NFC", text)


def _in_canonical_order(text: str) -> Iterator[str]:
    # unicodedata sorts marks by insertion: a megabyte of them in disorder, which is no text, takes minutes.
    marks: list[str] = []
    for char in "".join(unicodedata.normalize("NFD", char) for char in text):
        if unicodedata.combining(char):
            marks.append(char)
            continue
        yield from sorted(marks, key=unicodedata.combining)
        marks.clear()
        yield char
    yield from sorted(marks, key=unicodedata.combining)


def adapt(text: str) -> str:
    """``text`` with what GSM-7 lacks replaced by its plain equivalent, where it has one.

    ê becomes e, œ oe, ’ an apostrophe, « a quotation mark, … three dots, no-break spaces a space; zero-width
    characters go. What GSM-7 has is untouched, what has no equivalent too (the result may not be GSM-7).
    Adapting again changes nothing.
    """
    visible = compose(_INVISIBLE.sub("", text))
    # Out of their context these two would read "ndeg 3" for n° 3 and "11/2" for 1½.
    visible = _FRACTION_AFTER_DIGIT.sub(r"\1 ", _NUMERO.sub(r"\1o", visible))
    return visible.translate(_ADAPTATIONS)


def _adapt_character(char: str) -> str:
    if unicodedata.category(char) == "Zs":
        return " "
    if ord(char) in _COMBINING:
        return ""
    adapted = ""
    for part in unicodedata.normalize("NFKD", char):
        if ord(part) in _SEPTETS:
            adapted += part
        elif part in _EQUIVALENTS:
            adapted += _EQUIVALENTS[part]
        # An accent leaves its letter; the stroke of ≠ or the lone ¨ would leave another sign, or nothing.
        elif not (unicodedata.combining(part) and adapted[-1:].isalpha()):
            return char
    return adapted


_ADAPTATIONS: Final = _Adaptations(
    {code: chr(code) for code in _SEPTETS} | {ord(char): plain for char, plain in _EQUIVALENTS.items()}
)


def basic_characters() -> str:
    """The characters of the default alphabet: one septet each."""
    return _DEFAULT.replace(_ESCAPE, "")


def extension_characters() -> str:
    """The characters of the extension table: two septets each."""
    return "".join(_EXTENSION.values())


def invisible_characters() -> str:
    """Those that ``adapt`` takes away before all else, as the inside of a regular expression's class."""
    return _INVISIBLE.pattern.removeprefix("[").removesuffix("]+")


def adaptations() -> dict[str, str]:
    """Every single character that ``adapt`` replaces, with what it becomes; for other programs that do the same.

    Takes a while. What has to be known besides: the text is composed (NFC) first, invisible characters are gone,
    ``n°`` is ``no``, and a fraction after a digit has a space before it.
    """
    candidates = (chr(code) for code in range(_LAST_ADAPTED) if not 0xD800 <= code < 0xE000)
    changed = ((char, _ADAPTATIONS[ord(char)]) for char in candidates if _may_change(char))
    return {char: adapted for char, adapted in changed if adapted != char}


_LAST_ADAPTED: Final = 0x20000
"""Beyond are ideographs, which nothing replaces."""


def _may_change(char: str) -> bool:
    return bool(
        unicodedata.decomposition(char)
        or char in _EQUIVALENTS
        or ord(char) in _COMBINING
        or unicodedata.category(char) == "Zs"
    )

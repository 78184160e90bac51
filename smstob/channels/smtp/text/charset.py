"""Octets to characters, by what mails declare and by what programs that declare it wrong mean."""

import base64
import codecs
import quopri
import re
from email.message import Message
from encodings import normalize_encoding
from encodings.aliases import aliases
from typing import Final

_TRUSTED: Final = re.compile(
    r"ascii|utf_8(?:_sig)?|utf_16(?:_[lb]e)?|cp125[0-8]|cp(?:437|850|858|866|932|936|949|950)|latin_1|iso8859_\d+"
    r"|koi8_[rut]|mac_roman|gb2312|gbk|gb18030|big5(?:hkscs)?|shift_jis|euc_(?:jp|kr)|iso2022_jp|tis_620"
)
"""Codecs that say what they are; others, such as utf-7, hide more than they tell."""

_WESTERN: Final = ("latin_1", "iso8859_15", "cp1252")

# who says ISO-8859-15 may write quotes and dots as Windows does, where it has nothing but controls
_WINDOWS: Final = {
    octet: bytes([octet]).decode("cp1252") for octet in range(0x80, 0xA0) if octet not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}

LONGEST_HEADER: Final = 4_096
"""Characters of a header that are looked at."""

_LINE_END: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNSEEN: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u00ad\u200e\u200f\u2060"))
_SPACES: Final = dict.fromkeys(map(ord, "\u00a0\u202f\u2007"), " ")

# sloppy programs leave spaces and question marks within
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?(.{0,1000}?)\?=", re.IGNORECASE)


def decoded(data: bytes, label: str | None, whole: bool = True) -> str:
    """``data`` in the charset of that label; never fails. Where it is not ``whole`` it may end within a character.

    What is valid UTF-8 and declared as us-ascii, Western or by an unknown label is UTF-8: no text of those is so by
    chance. Else ISO-8859-1 and all that is false means Windows-1252.
    """
    name = _codec(label)
    codec = "cp1252" if name == "latin_1" else name
    tried = ("utf_8", codec) if name is None or name == "ascii" or name in _WESTERN else (codec, "utf_8")
    for one in tried:
        if one is not None and one != "ascii":
            try:
                text = codecs.getincrementaldecoder(one)().decode(data, whole)
                return text.translate(_WINDOWS) if one == "iso8859_15" else text
            except (UnicodeError, LookupError):
                continue
    return data.decode("cp1252", "replace")


def _codec(label: str | None) -> str | None:
    """The codec of a label; None where there is none that is trusted."""
    # not codecs.lookup: it remembers for good whatever it is asked for
    name = normalize_encoding((label or "us-ascii").partition("*")[0].strip(" '\"")[:40].lower())
    name = aliases.get(name, name)
    return name if _TRUSTED.fullmatch(name) else None


def tidy(text: str) -> str:
    r"""``text`` with ``\n`` for every line end, plain spaces, and nothing that is not seen."""
    return lines(text).translate(_UNSEEN).translate(_SPACES)


def lines(text: str) -> str:
    r"""``text`` with ``\n`` for every line end."""
    return _LINE_END.sub("\n", text)


def header_text(message: "Message[str, str]", name: str) -> str:
    """A header's first value, decoded (RFC 2047) and on one line; empty where it is missing."""
    values = raw_values(message, name)
    return " ".join(tidy(_words(values[0][:LONGEST_HEADER])).split()) if values else ""


def _words(raw: str) -> str:
    """``raw`` with its encoded words decoded; those that touch and are of one charset may share a character."""
    told: list[str] = []
    label, octets, end = "", b"", 0
    for found in _WORD.finditer(raw):
        between = raw[end : found.start()]
        if label and (between.strip() or found[1].lower() != label):
            told.append(decoded(octets, label))
            label, octets = "", b""
        if between.strip() or not end:
            told.append(decoded(_raw_octets(between), None))
        label, end = found[1].lower(), found.end()
        octets += _word_octets(found[2], found[3])
    if label:
        told.append(decoded(octets, label))
    told.append(decoded(_raw_octets(raw[end:]), None))
    return "".join(told)


def _word_octets(encoding: str, text: str) -> bytes:
    octets = _raw_octets(text)
    return from_base64(octets) if encoding in "bB" else quopri.decodestring(octets, header=True)


def _raw_octets(text: str) -> bytes:
    return text.encode("ascii", "surrogateescape")


def from_base64(data: bytes) -> bytes:
    """What base64 says up to its padding: a few foreign signs are passed over, and a broken end is left out.

    What has many of them was never base64, and is what it is.
    """
    body = data.partition(b"=")[0]
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    if 20 * len(re.findall(rb"[^A-Za-z0-9+/\r\n]", body)) > len(body):
        return data
    # one sign alone at the end holds six bits, which are no octet
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def raw_values(message: "Message[str, str]", name: str) -> list[str]:
    """The values of a header as they stand, folds opened; octets beyond ASCII are surrogates."""
    wanted = name.lower()
    # not get_all: it makes much of what it cannot read
    return [" ".join(str(value).splitlines()) for found, value in message.raw_items() if found.lower() == wanted]

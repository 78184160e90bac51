"""What a relay found out about a mail: the Authentication-Results header (RFC 8601)."""

import re
from typing import Final

import attrs

LONGEST: Final = 8192
"""Characters of a header that is read."""

_HIDDEN: Final = "\N{REPLACEMENT CHARACTER}"
_AUTHORITY: Final = re.compile(r"\s*(\S+)(?:\s+(\d+))?\s*")
_METHOD: Final = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*1\s*)?=\s*([a-z]+)(?![^\s])(.*)", re.DOTALL)
_PROPERTY: Final = re.compile(r"\b([a-z]+)\s*\.\s*([a-z][a-z0-9_-]*)\s*=\s*(\S+)")


@attrs.frozen
class Result:
    """What one method found. All in lower case."""

    method: str
    """``spf``, ``dkim``, ``dmarc`` and others."""
    result: str
    properties: dict[str, str]
    """Of what, as ``header.d``."""


def trusted_results(values: tuple[str, ...], authserv_id: str) -> tuple[Result, ...]:
    """What the topmost header that ``authserv_id`` signed says; nothing where there is none, or it cannot be read.

    Whatever stands below may be anyone's.
    """
    for value in values:
        plain = _plain(value.lower()) if len(value) <= LONGEST else ""
        if not plain:
            break  # it may have been the one
        authority, *statements = plain.split(";")
        named = _AUTHORITY.fullmatch(authority)
        if named and named[1] == authserv_id.lower():
            return tuple(_results(statements)) if named[2] in {None, "1"} else ()
    return ()


def _results(statements: list[str]) -> list[Result]:
    found = filter(None, map(_METHOD.match, statements))
    return [Result(one[1], one[2], {f"{a}.{b}": value for a, b, value in _PROPERTY.findall(one[3])}) for one in found]


def _plain(value: str) -> str:
    """Without comments and quotation marks; signs that would divide are hidden where they were quoted.

    Senders choose the local part of an address, and more in comments. What is left open hides the rest.
    """
    plain = ""
    depth, quoted = 0, False
    signs = iter(value)
    for sign in signs:
        if sign == "\\" and (depth or quoted):
            next(signs, "")
            plain += "" if depth else _HIDDEN
        elif quoted:
            quoted = sign != '"'
            plain += "" if not quoted else _HIDDEN if sign in ';=()" \t' else sign
        elif depth or sign == "(":
            depth += (sign == "(") - (sign == ")")
            plain += "" if depth else " "
        elif sign == '"':
            quoted = True
        else:
            plain += sign
    return "" if depth or quoted else plain

"""XFORWARD: a relay tells whose mail it hands on (Postfix, XFORWARD_README)."""

import re
from ipaddress import ip_address
from typing import Final

import attrs

from ..mail import Client
from .replies import BAD_ARGUMENT, Refused

ATTRIBUTES: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")

_LONGEST: Final = 255
_UNTOLD: Final = {"[UNAVAILABLE]", "[TEMPUNAVAIL]"}
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})+")


def forwarded(client: Client, argument: str) -> Client:
    """``client`` with what the attributes of one command tell; a relay may send several. Raises Refused."""
    told: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        if name.upper() not in ATTRIBUTES or not equals or not _XTEXT.fullmatch(value):
            raise Refused(BAD_ARGUMENT)
        told[name.upper()] = "" if value.upper() in _UNTOLD else _decoded(value)
    if not told:
        raise Refused(BAD_ARGUMENT)
    if "ADDR" in told:
        client = attrs.evolve(client, address=_address(told["ADDR"]))
    if "HELO" in told:
        client = attrs.evolve(client, helo=told["HELO"][:_LONGEST])
    return client


def canonical(address: str) -> str:
    """An IP address in its one form; IPv4 where an IPv6 port met an IPv4 client. Raises ValueError."""
    ip = ip_address(address.partition("%")[0])
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def _address(told: str) -> str:
    try:
        return canonical(re.sub("(?i)^IPV6:", "", told)) if told else ""
    except ValueError:
        raise Refused(BAD_ARGUMENT) from None


def _decoded(value: str) -> str:
    """The text that xtext stands for (RFC 3461 §4); what is no printable ASCII becomes ``?``."""
    plain = re.sub(r"\+([0-9A-Fa-f]{2})", lambda pair: chr(int(pair[1], 16)), value)
    return "".join(sign if " " <= sign <= "~" else "?" for sign in plain)

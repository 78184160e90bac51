"""Who sent a request: what its headers say, and the address that it came from."""

import re
from collections.abc import Collection
from typing import Final

from twisted.web.server import Request

from ...model.address import Network, is_in

_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::[0-9]*)?|([0-9.]+):[0-9]+")


def header(request: Request, name: bytes) -> str:
    """A header's values, joined by commas; empty where there is none."""
    # by bytes: Twisted fails where a header asked for by text is not UTF-8
    return b",".join(request.requestHeaders.getRawHeaders(name, [])).decode("latin-1")


def address_of(request: Request, trusted_proxies: Collection[Network]) -> str:
    """The sender's address: the last that a trusted proxy did not add itself."""
    peer = str(getattr(request.getClientAddress(), "host", ""))
    forwarded = header(request, b"x-forwarded-for").split(",")
    # who has none came by a UNIX socket: a proxy on this machine
    while forwarded and (not peer or is_in(peer, trusted_proxies)):
        peer = _without_port(forwarded.pop().strip()) or peer
    return peer


def _without_port(address: str) -> str:
    found = _WITH_PORT.fullmatch(address)
    return found[1] or found[2] if found else address

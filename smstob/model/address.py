"""Network addresses, seen as whom they belong to."""

import ipaddress
from collections.abc import Collection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network_of(address: str) -> str:
    """The address, or the /64 that an IPv6 customer has for himself (RFC 6177); what is no address stays as it is."""
    if ":" not in address:
        return address
    ip = _ip(address)
    if ip is None:
        return address
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((int(ip), 64), strict=False))


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Whether the address is in one of ``networks``."""
    ip = _ip(address) if networks else None
    return ip is not None and any(ip in network for network in networks)


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address without its zone; IPv4 where an IPv6 port met an IPv4 client (``::ffff:192.0.2.1``)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip

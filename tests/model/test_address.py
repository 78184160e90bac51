"""Network addresses: whom they belong to."""

from ipaddress import ip_network
from typing import Final

import pytest

from smstob.model.address import is_in, network_of

PROXIES: Final = [ip_network("10.0.0.0/8"), ip_network("::1/128"), ip_network("fe80::/10")]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:1:2:3:4", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unknown", "unknown"),
        ("a:b", "a:b"),
    ],
)
def test_network(address: str, network: str) -> None:
    """A /64 is one customer; an IPv4 client of an IPv6 port is himself, not all that there are."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("", False),
        ("10.0.0", False),
    ],
)
def test_is_in(address: str, found: bool) -> None:
    """What is no address is in no network."""
    assert is_in(address, PROXIES) == found
    assert not is_in(address, [])

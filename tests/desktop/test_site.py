"""What the archive says of the service that handed it out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.desktop.site import Site

FULL = Site(
    version="3.1", service="SMS de la mairie", base_url="https://sms.exemple.fr", domain="sms.exemple.fr",
    zone="Indian/Reunion", email="mairie@exemple.fr",
)  # fmt: skip


def test_same_bytes() -> None:
    """A site is read as it was written, always in the same bytes, in ASCII."""
    written = FULL.to_json()
    assert Site.from_json(written) == FULL
    assert FULL.to_json() == written
    assert Site(service="é").to_json().isascii()


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"null", b"5", b"\xff\xfe", b"[" * 100_000, b'{"domain": 5, "x": "y"}', b"{}"]
)
def test_nobody_handed_it_out(content: bytes | None) -> None:
    """Without a site, or with a broken one, it is the program of nobody's service."""
    assert Site.from_json(content) == Site()


def test_what_is_known_counts() -> None:
    """One wrong value spoils no other."""
    told = json.dumps({"domain": "a.fr", "zone": 1, "email": None}).encode()
    assert Site.from_json(told) == Site(domain="a.fr")


@settings(deadline=None)
@given(content=st.binary(max_size=100))
def test_any_octets(content: bytes) -> None:
    """Whatever is there, a site comes of it."""
    assert isinstance(Site.from_json(content), Site)

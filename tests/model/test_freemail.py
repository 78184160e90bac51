"""Domains of which anyone may have an address are told from those of organizations."""

import pytest

from smstob.model import freemail
from smstob.model.freemail import is_free_mail


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "icloud.com", "proton.me"),
        *("hotmail.com", "hotmail.fr", "hotmail.co.uk", "outlook.fr", "yahoo.com.br", "gmx.net", "live.be", "aol.com"),
        *("yopmail.com", "x.gmail.com", "a.b.hotmail.co.uk", "relay.firefox.com"),
    ],
)
def test_free(domain: str) -> None:
    """Providers in France and the world, in every country, disposable ones, and what is below them."""
    assert is_free_mail(domain)


@pytest.mark.parametrize(
    "domain",
    [
        *("exemple.fr", "mairie.fr", "gmail.exemple.fr", "notgmail.com", "gmail.com.exemple.fr", "orange.com"),
        *("live.mairie.fr", "yahoo.exemple.com", "outlook.a.b.fr", "monfree.fr", "hotmail", "gmail", "com", "fr"),
        *("", ".", "..", "gmail.com.", "@gmail.com", "xn--mairie-dya.fr", "1.2.3.4", "a" * 10_000, "a." * 200),
    ],
)
def test_not_free(domain: str) -> None:
    """Organizations, whatever their names are like; and what is no domain in canonical form."""
    assert not is_free_mail(domain)


def test_the_list_is_canonical() -> None:
    """No name in it could never be met: all are in lower case and ASCII, with a dot; and each counts."""
    for name in freemail.DOMAINS:
        assert name == name.strip().lower()
        assert name.isascii()
        assert "." in name
        assert is_free_mail(name)
        assert is_free_mail(f"x.{name}")
    assert len(freemail.DOMAINS) >= 120

"""Domains that belong together, and DMARC records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.senders.alignment import LONGEST_RECORD, Organizations, Policy, domain_of, parse_policy

ORGANIZATIONS = Organizations()


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@Exemple.FR", "exemple.fr"),
        ("exemple.fr", "exemple.fr"),
        ("a@exemple.fr.", "exemple.fr"),
        ('"a@b"@exemple.fr', "exemple.fr"),
        ("a@_spf.exemple.fr", "_spf.exemple.fr"),
        ("a@café.fr", "xn--caf-dma.fr"),
        ("a@CAFÉ.fr", "xn--caf-dma.fr"),
        ("a@xn--caf-dma.fr", "xn--caf-dma.fr"),
        ("a@straße.de", "xn--strae-oqa.de"),
        ("a@" + "b." * 126 + "f", "b." * 126 + "f"),
        ("", None),
        ("a@", None),
        ("a@.", None),
        ("a@.fr", None),
        ("a@exemple..fr", None),
        ("a@exemple.fr..", None),
        ("a@[192.0.2.1]", None),
        ("a@exem ple.fr", None),
        ("a@exemple.fr\r\n", None),
        ("a@exemple.fr\x00", None),
        (r"a@\101.fr", None),
        ("a@-a.fr", None),
        ("a@" + "b" * 64 + ".fr", None),
        ("a@" + "b." * 126 + "fr", None),
        ("a@" + "é" * 100_000, None),
        ("a@\ud800.fr", None),
    ],
)
def test_domain_of(address: str, domain: str | None) -> None:
    """An address has the domain that the DNS knows, or none."""
    assert domain_of(address) == domain


@given(st.text(max_size=100))
def test_domain_of_anything(written: str) -> None:
    """Of whatever text, there is a name in ASCII that is its own, or none."""
    domain = domain_of(written)
    assert domain is None or (domain.isascii() and domain_of(domain) == domain)


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("exemple.fr", "exemple.fr", True),
        ("a.exemple.fr", "b.c.exemple.fr", True),
        ("exemple.fr", "mechant-exemple.fr", False),
        ("exemple.fr", "fr", False),
        ("fr", "fr", True),
        ("gouv.fr", "gouv.fr", True),
        ("impots.gouv.fr", "gouv.fr", False),
        ("impots.gouv.fr", "paye.gouv.fr", False),
        ("a.impots.gouv.fr", "impots.gouv.fr", True),
        ("acme.co.uk", "other.co.uk", False),
        ("a.github.io", "b.github.io", False),
        ("a.b.notlisted", "c.b.notlisted", True),
        ("b.notlisted", "c.notlisted", False),
    ],
)
def test_related(one: str, other: str, related: bool) -> None:
    """Domains are related when somebody owns both."""
    assert ORGANIZATIONS.related(one, other) is related
    assert ORGANIZATIONS.related(other, one) is related


@pytest.mark.parametrize(
    ("record", "policy"),
    [
        ("v=DMARC1; p=none", Policy()),
        ("v=DMARC1;p=reject;", Policy()),
        ("v = DMARC1 ; P = Reject ; ASPF = S", Policy(strict_spf=True)),
        ("v=DMARC1; p=quarantine; adkim=s; aspf=r", Policy(strict_dkim=True)),
        ("v=DMARC1; p=reject; adkim=x; ; =; nonsense; pct=7%", Policy()),
        ("v=DMARC1; sp=none; p=none", Policy()),
        ("v=DMARC1; rua=mailto:a@exemple.fr", Policy()),
        ("v=DMARC1; p=rejcet; rua=mailto:a@exemple.fr; aspf=s", Policy(strict_spf=True)),
        ("v=DMARC1; p=reject; ruf=é", Policy()),
        ("v=DMARC1", None),
        ("v=DMARC1; p=rejcet", None),
        ("v=DMARC1; p=none; sp=all", None),
        ("v=DMARC1; p=none; n=" + "x" * LONGEST_RECORD, None),
        ("v=DMARC10; p=none", None),
        ("v=dmarc1; p=none", None),
        (" v=DMARC1; p=none", None),
        ("p=none; v=DMARC1", None),
        ("", None),
    ],
)
def test_policy(record: str, policy: Policy | None) -> None:
    """A record is read as the standard says; one that asks for nothing is none."""
    assert parse_policy(record.encode()) == policy


@given(st.binary(max_size=200))
def test_policy_of_anything(noise: bytes) -> None:
    """Whatever follows the version, there is a policy or none, and no error."""
    assert isinstance(parse_policy(b"v=DMARC1;" + noise), Policy | None)

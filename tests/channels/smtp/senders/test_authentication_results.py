"""The word of a relay: read as it was meant, and believed of a relay that is trusted and of nobody else."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.senders.authentication_results import LONGEST, Result, trusted_results
from smstob.model.notice import Verdict
from tests.channels.smtp.senders.names import Mood, Zone, quoted
from tests.channels.smtp.senders.signers import DOMAIN, INSIDE, LETTER, SENDER, envelope, judging, letter, sign, zone

PASS, FAIL, NONE, TEMPORARY = Verdict.PASS, Verdict.FAIL, Verdict.NONE, Verdict.TEMPORARY
RELAY = "mx.smstob.example"
STRICT = "v=DMARC1; p=none; aspf=s; adkim=s"
BARE: Mapping[str, Any] = {"spf": None, "dmarc": None}
SILENT = zone(dict.fromkeys((DOMAIN, f"_dmarc.{DOMAIN}"), Mood.SILENT))
"""Where whoever asks is sorry."""


@attrs.frozen
class Case:
    """What the headers say, and the verdict on an unsigned mail that a relay brings from ``OUTSIDE``."""

    verdict: Verdict
    headers: tuple[str, ...]
    zone: Zone = SILENT
    relayed: bool = True
    data: bytes = LETTER


def by(*results: str) -> tuple[str, ...]:
    """A header of the relay's."""
    return ("; ".join((RELAY, *results)),)


FORGED = by("dmarc=pass header.from=exemple.fr")

CASES = {
    "dmarc passes": Case(PASS, by(f"dmarc=pass (p=reject dis=none) header.from={DOMAIN}")),
    "dmarc passes, of whom is not said": Case(PASS, by("dmarc=pass")),
    "dmarc passes, of another": Case(FAIL, by("dmarc=pass header.from=mechant.example"), zone()),
    "dmarc fails": Case(FAIL, by(f"dmarc=fail (p=none) header.from={DOMAIN}")),
    "dmarc fails, though spf and dkim pass": Case(
        FAIL, by("dmarc=fail", f"spf=pass smtp.mailfrom={SENDER}", f"dkim=pass header.d={DOMAIN}")
    ),
    "dmarc says both": Case(FAIL, by("dmarc=pass", "dmarc=fail")),
    "dmarc is none, spf passes": Case(PASS, by("dmarc=none", f"spf=pass smtp.mailfrom={SENDER}")),
    "spf passes": Case(PASS, by(f"spf=pass (it may) smtp.mailfrom={DOMAIN} smtp.helo=x.example")),
    "spf passes for another": Case(FAIL, by("spf=pass smtp.mailfrom=a@mechant.example"), zone()),
    "spf passes for whom is not said": Case(FAIL, by("spf=pass"), zone()),
    "spf passes for a subdomain": Case(PASS, by(f"spf=pass smtp.mailfrom=a@b.{DOMAIN}"), zone()),
    "spf passes for a subdomain, aspf=s": Case(FAIL, by(f"spf=pass smtp.mailfrom=a@b.{DOMAIN}"), zone(dmarc=STRICT)),
    "spf passes for a subdomain, the policy is silent": Case(TEMPORARY, by(f"spf=pass smtp.mailfrom=a@b.{DOMAIN}")),
    "spf fails": Case(FAIL, by("dmarc=none", f"spf=fail smtp.mailfrom={SENDER}"), zone()),
    "dkim passes": Case(PASS, by(f"dkim=pass (2048-bit key) header.d={DOMAIN} header.b=Ab=")),
    "dkim passes for another": Case(FAIL, by("dkim=pass header.d=mechant.example"), zone()),
    "dkim passes for a subdomain, adkim=s": Case(FAIL, by(f"dkim=pass header.d=a.{DOMAIN}"), zone(dmarc=STRICT)),
    "dkim fails, then passes": Case(PASS, by("dkim=fail header.d=x.example", f"dkim=pass header.d={DOMAIN}")),
    "dkim fails, but we find that it holds": Case(PASS, by(f"dkim=fail header.d={DOMAIN}"), zone(), data=sign()),
    "neither, and nothing is published": Case(NONE, by("dmarc=none", "spf=none", "dkim=none"), zone(**BARE)),
    "none at all": Case(FAIL, by("none"), zone()),
    "dmarc is in trouble": Case(TEMPORARY, by("dmarc=temperror"), zone()),
    "spf is in trouble": Case(TEMPORARY, by("dmarc=none", "spf=temperror"), zone()),
    "spf is in trouble, dkim passes": Case(PASS, by("spf=temperror", f"dkim=pass header.d={DOMAIN}")),
    "dmarc is in trouble, but we are not": Case(PASS, by("dmarc=temperror"), zone(), data=sign()),
    "arc is in trouble": Case(FAIL, by("arc=temperror"), zone()),
    "dmarc is a permanent error": Case(FAIL, by("dmarc=permerror"), zone()),
    "dmarc is a guess": Case(FAIL, by("dmarc=bestguesspass"), zone()),
    "not a relay": Case(FAIL, FORGED, zone(), relayed=False),
    "not a relay, and it holds": Case(PASS, by("dmarc=fail"), zone(), relayed=False, data=sign()),
    "another's": Case(FAIL, ("mx.mechant.example; dmarc=pass",), zone()),
    "another's name that begins like ours": Case(FAIL, (f"{RELAY}.mechant.example; dmarc=pass",), zone()),
    "ours in capitals": Case(PASS, ("MX.SMStoB.Example; DMARC=Pass",)),
    "another's above ours": Case(PASS, ("mx.other.example; dmarc=fail", *by("dmarc=pass"))),
    "a forged one below ours": Case(FAIL, (*by("dmarc=none"), *FORGED), zone()),
    "a forged one below one that says no": Case(FAIL, (*by("dmarc=fail"), *FORGED)),
    "a forged one below one that is too long": Case(FAIL, (*by("x=" + "y" * LONGEST), *FORGED), zone()),
    "a forged one below one that cannot be read": Case(FAIL, (*by('spf=fail smtp.mailfrom="a'), *FORGED), zone()),
    "a forged one below one of a later version": Case(FAIL, (f"{RELAY} 2; dmarc=fail", *FORGED), zone()),
    "version 1": Case(PASS, (f"{RELAY} 1; dmarc=pass",)),
    "a result within an address": Case(
        FAIL, by(f'spf=pass smtp.mailfrom="x; dmarc=pass header.from={DOMAIN}"@mechant.example'), zone()
    ),
    "a property within an address": Case(
        FAIL, by(f'spf=pass smtp.mailfrom="x smtp.mailfrom={DOMAIN} "@mechant.example'), zone()
    ),
    "a result within a comment": Case(FAIL, by("spf=fail (by \\) (x) ; dmarc=pass) smtp.helo=x"), zone()),
    "no headers": Case(FAIL, (), zone()),
    "an empty header": Case(FAIL, ("",), zone()),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_verdict(case: Case) -> None:
    """The topmost header of the relay's decides; where it leaves the matter open, we look for ourselves."""
    with judging(case.zone, authserv_id=RELAY) as judge:
        mail = letter(SENDER, *case.headers)
        assert judge(case.data, mail, envelope(relayed=case.relayed)) is case.verdict


def test_nobody_is_believed_unless_named() -> None:
    """Without a name for relays, the header of whomever is nothing."""
    with judging(zone()) as judge:
        assert judge(mail=letter(SENDER, "; dmarc=pass", *FORGED), where=envelope(relayed=True)) is FAIL


def test_a_relay_that_knows_saves_the_questions() -> None:
    """What the relay says is taken as it is: the DNS is not asked."""
    with judging(zone({"x": {"TXT": [quoted("x")]}}), authserv_id=RELAY) as judge:
        assert judge(mail=letter(SENDER, *by("dmarc=fail")), where=envelope(address=INSIDE, relayed=True)) is FAIL
        assert not judge.names.asked


@pytest.mark.parametrize(
    ("header", "results"),
    [
        ("a.example; none", ()),
        ("a.example;", ()),
        ("a.example", ()),
        (
            '"a.example" ; spf / 1 = pass reason = "it \\"may; be" smtp . mailfrom = b@c.fr',
            (Result("spf", "pass", {"smtp.mailfrom": "b@c.fr"}),),
        ),
        (
            "(x (y)) a.example (z) 1; dkim(c)=(c)pass(c)header.d(c)=(c)c.fr;x=y",
            (Result("dkim", "pass", {"header.d": "c.fr"}), Result("x", "y", {})),
        ),
        ("a.example; dmarc=pass-ish; spf=pass2; =pass; dkim", ()),
        ("a.example; dkim/2=pass header.d=c.fr", ()),
        ("a.example; spf=pass smtp.mailfrom=", (Result("spf", "pass", {}),)),
        ("b.example; spf=pass", ()),
        ("a.example b.example; spf=pass", ()),
    ],
)
def test_reading(header: str, results: tuple[Result, ...]) -> None:
    """Comments, quotes and blanks are where RFC 8601 has them; what is not written as it says is nothing."""
    assert trusted_results((header,), "a.example") == results


@given(st.text(alphabet='ab.=;()"\\ \t/1d', max_size=200))
def test_quoted_words_are_values(noise: str) -> None:
    """Whatever a sender is called, in quotes or in a comment he adds no result."""
    quotable = noise.replace("\\", "\\\\").replace('"', '\\"').replace("(", "\\(").replace(")", "\\)")
    for header in (f'a.example; spf=fail smtp.mailfrom="{quotable}"@c.fr', f"a.example; spf=fail ({quotable})"):
        (result,) = trusted_results((header,), "a.example")
        assert (result.method, result.result) == ("spf", "fail")
        assert result.properties.get("smtp.mailfrom", "c.fr").endswith("c.fr")


@given(st.lists(st.text(max_size=60), max_size=4))
def test_anything(values: list[str]) -> None:
    """Whatever the headers are, they are read or not, without an error."""
    headers = (*values, *(f"a.example;{value}" for value in values))
    assert isinstance(trusted_results(headers, "a.example"), tuple)

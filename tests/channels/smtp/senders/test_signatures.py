"""DKIM: signatures that do not count, keys that are none, and mails that are made to cost time."""

import base64
from typing import Final

import attrs
import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.channels.smtp.senders.signatures import Signatures
from smstob.model.notice import Verdict
from tests.channels.smtp.senders.names import Zone, quoted
from tests.channels.smtp.senders.signers import (
    DOMAIN,
    ED25519,
    LETTER,
    SHORT,
    SHORT_PUBLISHED,
    judging,
    pem,
    published,
    published_ed25519,
    sign,
    zone,
)

PASS, FAIL, NONE = Verdict.PASS, Verdict.FAIL, Verdict.NONE
KEY: Final = f"s1._domainkey.{DOMAIN}"
SIGNED: Final = sign()


def keyed(record: str, selector: str = "s1") -> Zone:
    """The domain with nothing but a key."""
    return zone(
        {f"{selector}._domainkey.{DOMAIN}": {"TXT": [quoted(record)]}, **({} if selector == "s1" else {KEY: None})},
        spf=None,
        dmarc=None,
    )


def der(tag: int, content: bytes) -> bytes:
    """A value in DER, of fewer than 65536 bytes."""
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def rsa_record(modulus: int, exponent: int) -> str:
    """A record that publishes these numbers for an RSA key."""
    numbers = b"".join(der(2, b"\0" + one.to_bytes((one.bit_length() + 7) // 8, "big")) for one in (modulus, exponent))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der(0x30, numbers)).decode()}"


def written(**tags: str) -> bytes:
    """A signature header as one types it; over our letter it never holds."""
    values = {"v": "1", "a": "rsa-sha256", "d": DOMAIN, "s": "s1", "h": "from", "bh": "AAAA", "b": "AAAA", **tags}
    return b"DKIM-Signature: " + "; ".join(f"{name}={value}" for name, value in values.items()).encode() + b"\r\n"


@attrs.frozen
class Case:
    """A mail of a domain that publishes a key and nothing else."""

    verdict: Verdict
    data: bytes
    zone: Zone = attrs.field(factory=lambda: keyed(published()))


CASES = {
    "rsa": Case(PASS, sign()),
    "rsa, simple": Case(PASS, sign(canonical=b"simple/simple")),
    "rsa, c= without the body's half": Case(PASS, sign(canonical=b"relaxed")),
    "rsa of 1024 bits": Case(PASS, sign(key=pem(1024)), keyed(published(1024))),
    "rsa of 4096 bits": Case(PASS, sign(key=pem(4096)), keyed(published(4096))),
    "rsa of 768 bits": Case(FAIL, sign(key=SHORT), keyed(SHORT_PUBLISHED)),
    "ed25519": Case(
        PASS,
        sign(selector="e", key=ED25519, algorithm=b"ed25519-sha256"),
        keyed(published_ed25519(), "e"),
    ),
    "ed25519, body changed": Case(
        FAIL,
        sign(selector="e", key=ED25519, algorithm=b"ed25519-sha256") + b"x",
        keyed(published_ed25519(), "e"),
    ),
    "ed25519, subject changed": Case(
        FAIL,
        sign(selector="e", key=ED25519, algorithm=b"ed25519-sha256").replace(b"0612345678", b"0699999999"),
        keyed(published_ed25519(), "e"),
    ),
    "subject changed": Case(FAIL, sign().replace(b"0612345678", b"0699999999")),
    "from changed": Case(FAIL, sign().replace(b"cabinet@", b"patron@")),
    "a second from on top": Case(FAIL, b"From: autre@exemple.fr\r\n" + sign()),
    "a second from below": Case(FAIL, sign().replace(b"\r\n\r\n", b"\r\nFrom: autre@exemple.fr\r\n\r\n", 1)),
    "from is not signed": Case(FAIL, sign(fields=(b"to", b"subject"))),
    "sha-1": Case(FAIL, sign(algorithm=b"rsa-sha1")),
    "l= of a part": Case(FAIL, sign(length=10)),
    "l= of nothing": Case(FAIL, sign(length=0)),
    "l= of all": Case(PASS, sign(canonical=b"simple/simple", length=len(LETTER.partition(b"\r\n\r\n")[2]) - 2)),
    "l= of all, then more": Case(
        FAIL, sign(canonical=b"simple/simple", length=len(LETTER.partition(b"\r\n\r\n")[2]) - 2) + b"plus\r\n"
    ),
    "l= of more than there is": Case(FAIL, sign(length=5000)),
    "l= without end": Case(FAIL, written(l="9" * 2000) + LETTER),
    "expired": Case(FAIL, sign(t="1000000000", x="1000000100")),
    "not yet expired": Case(PASS, sign(x="9000000000")),
    "signed in the future": Case(FAIL, sign(t="9000000000")),
    "t= of a thousand digits": Case(FAIL, written(t="1" * 3000) + LETTER),
    "i= of the domain": Case(PASS, sign(i=f"cabinet@{DOMAIN}")),
    "i= of a subdomain": Case(PASS, sign(i=f"cabinet@a.{DOMAIN}")),
    "i= of another": Case(FAIL, sign(i="cabinet@autre.example")),
    "v=2": Case(FAIL, sign(v="2")),
    "q= unknown": Case(FAIL, sign(q="http")),
    "c= unknown": Case(FAIL, written(c="nowsp/nowsp") + LETTER),
    "c= of three parts": Case(FAIL, written(c="a/b/relaxed") + LETTER),
    "no such key": Case(FAIL, sign(selector="s2")),
    "key revoked": Case(FAIL, sign(), keyed("v=DKIM1; k=rsa; p=")),
    "key without a version": Case(PASS, sign(), keyed(published().removeprefix("v=DKIM1; "))),
    "key of another version": Case(FAIL, sign(), keyed(published().replace("DKIM1", "DKIM2"))),
    "key of another kind": Case(FAIL, sign(), keyed(published().replace("rsa", "dsa"))),
    "key of another owner": Case(FAIL, sign(key=pem(1024))),
    "key is no base64": Case(FAIL, sign(), keyed("v=DKIM1; p=****")),
    "key is no key": Case(FAIL, sign(), keyed("v=DKIM1; p=AAAA")),
    "key is no ed25519 key": Case(FAIL, sign(), keyed("v=DKIM1; k=ed25519; p=AAAA")),
    "key of ed25519 without p=": Case(FAIL, sign(), keyed("v=DKIM1; k=ed25519; xp=1")),
    "key is not ASCII": Case(FAIL, sign(), keyed(r"v=DKIM1; p=\233\233")),
    "key beside another text": Case(
        PASS, sign(), zone({KEY: {"TXT": [quoted("bonjour"), quoted(published())]}}, spf=None, dmarc=None)
    ),
    "modulus 0": Case(FAIL, sign(), keyed(rsa_record(0, 65537))),
    "modulus even": Case(FAIL, sign(), keyed(rsa_record(2**2047, 65537))),
    "exponent 1": Case(FAIL, sign(), keyed(rsa_record(2**2047 + 1, 1))),
    "exponent of 41 bits, which fits": Case(FAIL, sign(key=pem(2048, 2**40 + 15)), keyed(published(2048, 2**40 + 15))),
    "exponent of 8000 bits": Case(FAIL, sign(), keyed(rsa_record(2**8001 + 1, 2**8000 + 1))),
    "modulus of 20000 bits": Case(FAIL, sign(), keyed(rsa_record(2**20000 + 1, 65537))),
    "a record of 20 kB": Case(FAIL, sign(), keyed(published() + "; n=" + "x" * 20_000)),
    "d= is too long": Case(NONE, written(d="a." * 130 + DOMAIN) + LETTER),
    "d= has an empty label": Case(NONE, written(d=f"a..{DOMAIN}") + LETTER),
    "d= with escapes": Case(NONE, written(d=r"\101xemple.fr") + LETTER),
    "d= is not ASCII": Case(NONE, written(d="éxemple.fr") + LETTER),
    "d= is missing": Case(NONE, b"DKIM-Signature: v=1; a=rsa-sha256; s=s1; h=from; bh=AAAA; b=AAAA\r\n" + LETTER),
    "s= with control characters": Case(FAIL, written(s="s\x011") + LETTER),
    "s= with a NUL": Case(FAIL, written(s="s1\x00") + LETTER),
    "s= with a line end": Case(FAIL, written(s="s1\r\n .x") + LETTER),
    "s= with an empty label": Case(FAIL, written(s="a..b") + LETTER),
    "s= of 300 characters": Case(FAIL, written(s="a." * 150 + "b") + LETTER),
    "s= of several labels": Case(PASS, sign(selector="a.b-c.d_e"), keyed(published(), "a.b-c.d_e")),
    "s= is missing": Case(
        FAIL, f"DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; h=from; bh=A; b=A\r\n".encode() + LETTER
    ),
    "b= is no base64": Case(FAIL, written(b="*") + LETTER),
    "a= unknown": Case(FAIL, written(a="rsa-md5") + LETTER),
    "no tags": Case(NONE, b"DKIM-Signature: bonjour\r\n" + LETTER),
    "an empty header": Case(NONE, b"DKIM-Signature:\r\n" + LETTER),
    "a tag twice": Case(NONE, b"DKIM-Signature: d=exemple.fr; d=autre.example\r\n" + LETTER),
    "a header of 60 kB": Case(NONE, written(z="x" * 60_000) + LETTER),
    "a header of 60 kB, then a good one": Case(PASS, written(z="x" * 60_000) + sign()),
    "three bad ones, then a good one": Case(FAIL, written() * 3 + sign()),
    "two bad ones, then a good one": Case(PASS, written() * 2 + sign()),
    "nineteen of others, then a good one": Case(PASS, written(d="autre.example") * 19 + sign()),
    "a hundred of others": Case(NONE, written(d="autre.example") * 100 + LETTER),
    "a hundred of others, then a good one": Case(NONE, written(d="autre.example") * 100 + sign()),
    "a thousand names in h=": Case(FAIL, written(h="from:" + ":".join("a" * 1000)) + LETTER),
    "a thousand header fields": Case(NONE, b"X: y\r\n" * 1000 + sign()),
    "a head of 200 kB": Case(NONE, b"X: " + b"y" * 200_000 + b"\r\n" + sign()),
    "a line that begins with From": Case(NONE, sign().replace(b"To:", b"From x\r\nTo:")),
    "a line that is no header": Case(NONE, sign().replace(b"To:", b"bonjour\r\nTo:")),
    "a head that begins with a blank": Case(NONE, b" x\r\n" + sign()),
    "nothing": Case(NONE, b""),
    "no body": Case(PASS, sign(LETTER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_signatures(case: Case) -> None:
    """Each of these signatures is worth what the table says."""
    with judging(case.zone) as judge:
        assert judge(case.data) is case.verdict


def test_at_most_three_keys_are_asked_for() -> None:
    """However many signatures of the domain a mail bears, three are looked at."""
    heads = b"".join(written(s=f"s{number}") for number in range(100, 200))
    with judging(keyed(published())) as judge:
        assert judge(heads + LETTER) is FAIL
        assert sum("_domainkey" in name for name, _ in judge.names.asked) == 3


def test_no_question_for_what_cannot_hold() -> None:
    """A signature that is out of the question is not worth a question: nor is one of another domain."""
    bad = (written(s="s\x01"), written(h="to"), written(a="rsa-sha1"), written(d="autre.example"))
    with judging(keyed(published())) as judge:
        for header in bad:
            judge(header + LETTER)
        assert not any("_domainkey" in name for name, _ in judge.names.asked)


@given(
    st.lists(st.sampled_from([b" ", b"\t", b"a", b"\r\n", b"  \r\n", b"\t ", b"b "]), max_size=60),
    st.sampled_from([b"simple/simple", b"simple/relaxed", b"relaxed/simple", b"relaxed/relaxed"]),
)
@settings(max_examples=100, deadline=None)
def test_any_body_is_hashed_as_it_was_signed(pieces: list[bytes], canonical: bytes) -> None:
    """The shortcut through blanks makes the same of a body as the library that signed it, and leaves it as it was."""
    data = sign(LETTER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b"".join(pieces), canonical=canonical)
    signatures = Signatures(data)
    before = signatures.body
    assert [signatures.holds(number, lambda _: [published().encode()]) for number, _ in signatures.domains()] == [True]
    assert signatures.body == before


@given(st.binary(max_size=300), st.integers(0, 600))
@settings(max_examples=200, deadline=None)
def test_noise_is_no_signature(noise: bytes, place: int) -> None:
    """Whatever is written over a signature, the answer is a word and no error."""
    header = SIGNED.removesuffix(LETTER)
    damaged = (header[:place] + noise + header[place + len(noise) :]).strip() + b"\r\n" + LETTER
    try:
        signatures = Signatures(damaged)
    except dkim.DKIMException:
        return
    for number, _ in signatures.domains():
        assert signatures.holds(number, lambda _: [published().encode()]) in {True, False}


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_noise_is_no_key(noise: bytes) -> None:
    """Whatever a domain publishes for a key, the answer is no, and no error."""
    for record in (noise, b"p=" + noise, b"p=" + base64.b64encode(noise), b"k=ed25519; p=" + base64.b64encode(noise)):
        assert Signatures(SIGNED).holds(0, lambda _, published=record: [published]) is False  # type: ignore[misc]

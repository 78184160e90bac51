"""SPF: records that are wrong, that lead nowhere, or that are made to cost time."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.channels.smtp.senders.resolver import Lookups, Unanswered
from smstob.channels.smtp.senders.sender_policy import MOST_QUESTIONS, check_sender
from smstob.model.notice import Verdict
from tests.channels.smtp.senders.names import Mood, quoted
from tests.channels.smtp.senders.signers import DOMAIN, INSIDE, envelope, judging, zone

PASS, FAIL, NONE, TEMPORARY = Verdict.PASS, Verdict.FAIL, Verdict.NONE, Verdict.TEMPORARY
INSIDER = envelope(address=INSIDE)
REVERSE = "7.2.0.192.in-addr.arpa"


def text(*values: str) -> dict[str, list[str]]:
    """A name with these texts."""
    return {"TXT": [quoted(value) for value in values]}


def chain(length: int, last: str) -> dict[str, Any]:
    """Records that include each other, ``length`` of them, and the last of them all."""
    inner = {f"i{n}.example": text(f"v=spf1 include:i{n + 1}.example -all") for n in range(length - 1)}
    return {**inner, f"i{length - 1}.example": text(last)}


def exchangers(hosts: int) -> dict[str, Any]:
    """A domain with that many mail servers, the last of which is the client."""
    names = {f"m{n}.{DOMAIN}": {"A": [f"203.0.113.{n}"]} for n in range(hosts)}
    names[f"m{hosts - 1}.{DOMAIN}"] = {"A": [INSIDE]}
    return {**names, "mx.example": {"MX": [f"{n} m{n}.{DOMAIN}." for n in range(hosts)]}}


@attrs.frozen
class Case:
    """What a domain publishes, with and without more names, and the verdict on a mail from ``INSIDE``."""

    verdict: Verdict
    spf: str
    names: Mapping[str, Any] = attrs.field(factory=dict)


LOOP = {"a.example": text("v=spf1 include:b.example -all"), "b.example": text("v=spf1 include:a.example -all")}
LONG = "v=spf1 " + "ip4:203.0.113.1 " * 400 + "ip4:192.0.2.7 -all"

CASES = {
    "everyone may": Case(PASS, "v=spf1 +all"),
    "nobody may": Case(FAIL, "v=spf1 -all"),
    "no terms": Case(FAIL, "v=spf1"),
    "capitals": Case(PASS, "V=SPF1 IP4:192.0.2.7 -ALL"),
    "a": Case(PASS, "v=spf1 a:h.example -all", {"h.example": {"A": [INSIDE]}}),
    "a of a network": Case(PASS, "v=spf1 a:h.example/24 -all", {"h.example": {"A": ["192.0.2.250"]}}),
    "a is by IPv6 only": Case(FAIL, "v=spf1 a:h.example -all", {"h.example": {"AAAA": ["2001:db8::1"]}}),
    "mx": Case(PASS, "v=spf1 mx:mx.example -all", exchangers(10)),
    "mx of too many": Case(FAIL, "v=spf1 mx:mx.example -all", exchangers(11)),
    "ptr": Case(
        PASS,
        f"v=spf1 ptr:{DOMAIN} -all",
        {REVERSE: {"PTR": [f"h.{DOMAIN}."]}, f"h.{DOMAIN}": {"A": [INSIDE]}},
    ),
    "ptr that nobody confirms": Case(
        FAIL,
        f"v=spf1 ptr:{DOMAIN} -all",
        {REVERSE: {"PTR": [f"h.{DOMAIN}."]}, f"h.{DOMAIN}": {"A": ["203.0.113.1"]}},
    ),
    "exists with macros": Case(
        PASS,
        "v=spf1 exists:%{ir}.%{l}.%{d}.spf.example -all",
        {f"7.2.0.192.cabinet.{DOMAIN}.spf.example": {"A": ["127.0.0.2"]}},
    ),
    "exists with macros, not there": Case(FAIL, "v=spf1 exists:%{ir}.%{l}.%{d}.spf.example -all"),
    "exists with a macro that is none": Case(FAIL, "v=spf1 exists:%{q}.spf.example +all"),
    "exists with an open macro": Case(FAIL, "v=spf1 exists:%{i.spf.example -all"),
    "exists with an empty macro": Case(FAIL, "v=spf1 exists:%{}.spf.example +all"),
    "exists with a macro of a thousand labels": Case(FAIL, "v=spf1 exists:%{d999999999999}.spf.example -all"),
    "exists that grows beyond any name": Case(FAIL, "v=spf1 exists:" + "%{d}." * 50 + "example -all"),
    "include": Case(PASS, "v=spf1 include:i0.example -all", chain(1, "v=spf1 ip4:192.0.2.7 -all")),
    "include of one who refuses": Case(PASS, "v=spf1 include:i0.example +all", chain(1, "v=spf1 -all")),
    "include of nothing": Case(FAIL, "v=spf1 include:nobody.example +all"),
    "ten includes": Case(PASS, "v=spf1 include:i0.example -all", chain(10, "v=spf1 +all")),
    "eleven includes": Case(FAIL, "v=spf1 include:i0.example -all", chain(11, "v=spf1 +all")),
    "twenty includes": Case(FAIL, "v=spf1 include:i0.example -all", chain(20, "v=spf1 +all")),
    "includes in a circle": Case(FAIL, "v=spf1 include:a.example +all", LOOP),
    "include of oneself": Case(FAIL, f"v=spf1 include:{DOMAIN} +all"),
    "redirect": Case(PASS, "v=spf1 redirect=i0.example", chain(1, "v=spf1 ip4:192.0.2.7 -all")),
    "redirect to oneself": Case(FAIL, f"v=spf1 redirect={DOMAIN}"),
    "redirect to nothing": Case(FAIL, "v=spf1 redirect=nobody.example"),
    "eleven terms that ask": Case(
        FAIL, "v=spf1 " + "a:h.example " * 11 + "+all", {"h.example": {"A": ["203.0.113.1"]}}
    ),
    "two that lead nowhere": Case(PASS, "v=spf1 a:n1.example a:n2.example ip4:192.0.2.7 -all"),
    "three that lead nowhere": Case(FAIL, "v=spf1 a:n1.example a:n2.example a:n3.example ip4:192.0.2.7 -all"),
    "two records": Case(FAIL, "v=spf1 +all", {DOMAIN: text("v=spf1 +all", "v=spf1 ip4:192.0.2.7 -all")}),
    "another version": Case(NONE, "v=spf2.0/pra +all"),
    "a version that runs on": Case(NONE, "v=spf10 +all"),
    "no ASCII": Case(FAIL, r"v=spf1 +all é"),
    "addresses that are none": Case(FAIL, "v=spf1 ip4:192.0.2.300 +all"),
    "networks that are none": Case(FAIL, "v=spf1 ip4:192.0.2.0/33 +all"),
    "a long record": Case(FAIL, LONG),
    "a long term": Case(FAIL, "v=spf1 a:" + "a0" * 400 + "! +all"),
    "an unknown modifier": Case(PASS, "v=spf1 x-note=bonjour ip4:192.0.2.7 -all"),
    "an explanation is not asked for": Case(
        PASS, "v=spf1 exp=e.example ip4:192.0.2.7 -all", {"e.example": Mood.SERVFAIL}
    ),
    "what comes first decides": Case(PASS, "v=spf1 ip4:192.0.2.7 include:t.example -all", {"t.example": Mood.SERVFAIL}),
    "a that is not answered": Case(TEMPORARY, "v=spf1 a:t.example -all", {"t.example": Mood.SERVFAIL}),
    "mx whose host is not answered": Case(
        TEMPORARY,
        "v=spf1 mx:mx.example -all",
        {"mx.example": {"MX": ["5 t.example."]}, "t.example": Mood.SERVFAIL},
    ),
    "a by an alias": Case(
        PASS, "v=spf1 a:h.example -all", {"h.example": {"CNAME": ["g.example."]}, "g.example": {"A": [INSIDE]}}
    ),
    "a by aliases in a circle": Case(TEMPORARY, "v=spf1 a:h.example -all", {"h.example": Mood.LOOP}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_records(case: Case) -> None:
    """A record that leaves no doubt lets the mail pass; whatever is wrong with one, the mail does not."""
    with judging(zone(case.names, spf=case.spf, dmarc=None)) as judge:
        assert judge(where=INSIDER) is case.verdict


def test_questions_are_bounded() -> None:
    """Ten terms that each lead to ten names would be a hundred questions about one mail: there are fewer."""
    hosts = {f"h{n}.x{m}.example": {"A": ["203.0.113.1"]} for n in range(10) for m in range(10)}
    mxs = {f"x{m}.example": {"MX": [f"{n} h{n}.x{m}.example." for n in range(10)]} for m in range(10)}
    spf = "v=spf1 " + " ".join(f"mx:x{m}.example" for m in range(10)) + " +all"
    with judging(zone({**hosts, **mxs}, spf=spf, dmarc=None)) as judge:
        assert judge(where=INSIDER) is FAIL
        assert judge.names.asked.total() <= MOST_QUESTIONS


def test_the_word_of_another_is_not_asked_for() -> None:
    """A sender of another domain cannot vouch for this one: whatever he publishes is not even read."""
    with judging(zone({"mechant.example": text("v=spf1 include:x.example +all")})) as judge:
        assert judge(where=envelope("a@mechant.example", INSIDE)) is FAIL
        assert {name for name, _ in judge.names.asked} == {DOMAIN}


@pytest.mark.parametrize("local", ['"a b"', "%{d}", "a" * 300, '"@mechant.example"', "é", "\\", "a..b", "."])
def test_local_parts_of_any_kind(local: str) -> None:
    """A local part goes into names by macros: it may make a name that is none, and no more than that."""
    with judging(zone(spf="v=spf1 exists:%{l}.%{s}.spf.example -all", dmarc=None)) as judge:
        assert judge(where=envelope(f"{local}@{DOMAIN}", INSIDE)) is FAIL


class Records(Lookups):
    """The DNS where each name has the same texts and addresses."""

    def __init__(self, record: bytes) -> None:
        self.record = record

    def find(self, name: str, kind: str) -> list[Any]:
        """See ``Lookups``."""
        records: dict[str, list[Any]] = {"TXT": [(self.record,)], "A": ["203.0.113.1"]}
        return records.get(kind, [])


TERMS = st.sampled_from(
    [
        *("v=spf1", "a", "mx", "ptr", "exists:", "include:", "redirect=", "exp=", "all", "ip4:", "ip6:", "192.0.2.7"),
        *("%{", "}", "d", "s", "l", "p", "1r", "%%", "%_", "+", "-", "~", "?", "/", "//64", ":", ".", " ", "\t", "é"),
    ]
)


@given(st.lists(TERMS, max_size=40))
@settings(max_examples=300, deadline=None)
def test_records_made_of_pieces(pieces: list[str]) -> None:
    """Whatever a record is put together of, there is a result that the standard knows, and no error."""
    record = ("v=spf1 " + "".join(pieces)).encode()
    try:
        result = check_sender(INSIDE, f"a@{DOMAIN}", DOMAIN, "client.example", Records(record))
    except Unanswered:
        raise AssertionError("nothing was unanswered") from None
    assert result in {"pass", "fail", "softfail", "neutral", "none", "permerror"}

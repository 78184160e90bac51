"""The verdict on a mail: what SPF, DKIM and DMARC say together, and what happens when the DNS does not."""

import time
from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

from smstob.channels.smtp.mail import Envelope, Mail
from smstob.channels.smtp.senders.verification import Verification
from smstob.model.notice import Verdict
from tests.channels.smtp.senders.names import Mood, Zone, quoted, serving
from tests.channels.smtp.senders.signers import (
    DOMAIN,
    INSIDE,
    LETTER,
    SENDER,
    Inline,
    envelope,
    judging,
    letter,
    published,
    sign,
    verdict_of,
    zone,
)
from tests.contracts.reactor import in_reactor

PASS, FAIL, NONE, TEMPORARY = Verdict.PASS, Verdict.FAIL, Verdict.NONE, Verdict.TEMPORARY

BARE: Mapping[str, Any] = {"spf": None, "dmarc": None}
"""A domain that publishes nothing."""


def text(value: str) -> dict[str, list[str]]:
    """A name with one text."""
    return {"TXT": [quoted(value)]}


@attrs.frozen
class Case:
    """A mail, its way here, and the verdict that it deserves."""

    verdict: Verdict
    zone: Zone = attrs.field(factory=zone)
    data: bytes = LETTER
    envelope: Envelope = attrs.field(factory=envelope)
    mail: Mail = attrs.field(factory=letter)


INSIDER = envelope(address=INSIDE)
BOUNCES = envelope("bounce+7@mailing.exemple.fr", INSIDE)
MAILING = {"mailing.exemple.fr": text("v=spf1 ip4:192.0.2.0/24 -all")}
EVIL = {"mechant.example": text("v=spf1 +all"), "s1._domainkey.mechant.example": text(published())}
EVIL_SENDER = envelope("moi@mechant.example")
BODY_CHANGED = sign().replace(b"rendez-vous", b"argent")

CASES = {
    "spf passes": Case(PASS, envelope=INSIDER),
    "spf passes by IPv6": Case(
        PASS, zone(spf="v=spf1 ip6:2001:db8::/32 -all"), envelope=envelope(address="2001:db8::1")
    ),
    "spf passes in the case of the sender": Case(PASS, envelope=envelope("Cabinet@Exemple.FR", INSIDE)),
    "spf passes for a quoted address": Case(PASS, envelope=envelope(f'"moi@ici"@{DOMAIN}', INSIDE)),
    "spf fails": Case(FAIL),
    "spf softfails": Case(FAIL, zone(spf="v=spf1 ~all", dmarc=None)),
    "spf is neutral": Case(FAIL, zone(spf="v=spf1 ?all", dmarc=None)),
    "spf is a permanent error": Case(FAIL, zone(spf="v=spf1 nonsense", dmarc=None)),
    "spf of a subdomain passes": Case(PASS, zone(MAILING, dmarc=None), envelope=BOUNCES),
    "spf of a subdomain passes, aspf=r": Case(PASS, zone(MAILING, dmarc="v=DMARC1; p=none; aspf=r"), envelope=BOUNCES),
    "spf of a subdomain passes, aspf=s": Case(FAIL, zone(MAILING, dmarc="v=DMARC1; p=none; aspf=s"), envelope=BOUNCES),
    "spf of a subdomain that has none": Case(FAIL, zone(dmarc=None), envelope=BOUNCES),
    "the sender's subdomain has no record, nor has anyone": Case(NONE, zone(**BARE), envelope=BOUNCES),
    "another's spf passes": Case(FAIL, zone(EVIL), envelope=EVIL_SENDER),
    "another's spf passes, the domain has dmarc": Case(FAIL, zone(EVIL, spf=None), envelope=EVIL_SENDER),
    "another's spf passes, the domain has spf": Case(FAIL, zone(EVIL, dmarc=None), envelope=EVIL_SENDER),
    "another's spf passes, the domain has nothing": Case(NONE, zone(EVIL, **BARE), envelope=EVIL_SENDER),
    "a domain that ends in ours": Case(
        FAIL, zone({f"mechant-{DOMAIN}": text("v=spf1 +all")}), envelope=envelope(f"moi@mechant-{DOMAIN}")
    ),
    "another's address as our local part": Case(
        FAIL, zone(EVIL), envelope=envelope(f'"moi@mechant.example"@{DOMAIN}'), mail=letter()
    ),
    "our address as another's local part": Case(FAIL, zone(EVIL), envelope=envelope(f'"{SENDER}"@mechant.example')),
    "no sender, helo aligned": Case(PASS, envelope=envelope("", INSIDE, DOMAIN)),
    "no sender, helo aligned, elsewhere": Case(FAIL, envelope=envelope("", helo=DOMAIN)),
    "no sender, helo of another": Case(FAIL, envelope=envelope("", INSIDE, "autre.example")),
    "no sender, helo is an address": Case(FAIL, envelope=envelope("", INSIDE, f"[{INSIDE}]")),
    "helo does not count beside a sender": Case(
        FAIL, zone(EVIL), envelope=envelope("m@mechant.example", INSIDE, DOMAIN)
    ),
    "address unknown, not signed": Case(FAIL, envelope=envelope(address="")),
    "address unknown, not signed, spf alone": Case(NONE, zone(dmarc=None), envelope=envelope(address="")),
    "address unknown, signed": Case(PASS, data=sign(), envelope=envelope(address="")),
    "forwarded: spf fails, dkim holds": Case(PASS, data=sign(), envelope=envelope("liste@mechant.example")),
    "spf passes, dkim does not hold": Case(PASS, data=BODY_CHANGED, envelope=INSIDER),
    "body changed": Case(FAIL, data=BODY_CHANGED),
    "body changed, nothing else published": Case(FAIL, zone(**BARE), data=BODY_CHANGED),
    "signed, nothing else published": Case(PASS, zone(**BARE), data=sign()),
    "signed by a subdomain": Case(
        PASS, zone({"k._domainkey.mx.exemple.fr": text(published())}), data=sign(domain="mx.exemple.fr", selector="k")
    ),
    "signed by a subdomain, adkim=s": Case(
        FAIL,
        zone({"k._domainkey.mx.exemple.fr": text(published())}, dmarc="v=DMARC1; p=none; adkim=s"),
        data=sign(domain="mx.exemple.fr", selector="k"),
    ),
    "signed by another": Case(FAIL, zone(EVIL), data=sign(domain="mechant.example")),
    "signed by another, the domain has nothing": Case(NONE, zone(EVIL, **BARE), data=sign(domain="mechant.example")),
    "signed by another, then by us": Case(PASS, zone(EVIL), data=sign(sign(), domain="mechant.example")),
    "signed by our public suffix": Case(
        FAIL,
        zone({"s1._domainkey.fr": text(published())}, spf=None),
        data=sign(domain="fr"),
    ),
    "nothing published": Case(NONE, zone(**BARE)),
    "dmarc alone": Case(FAIL, zone(spf=None, dmarc="v=DMARC1; p=none")),
    "dmarc twice counts as none": Case(
        NONE, zone({f"_dmarc.{DOMAIN}": {"TXT": [quoted("v=DMARC1; p=none"), quoted("v=DMARC1; p=reject")]}}, spf=None)
    ),
    "dmarc beside garbage": Case(
        FAIL, zone({f"_dmarc.{DOMAIN}": {"TXT": [quoted("bonjour"), quoted("v=DMARC1; p=reject")]}}, spf=None)
    ),
    "dmarc is garbage": Case(NONE, zone(spf=None, dmarc="v=DMARC1; p=" + "x" * 300)),
    "subdomain under the policy of its organization": Case(
        FAIL, zone({"paris.exemple.fr": {"A": ["192.0.2.1"]}}, spf=None), mail=letter("a@paris.exemple.fr")
    ),
    "subdomain under aspf=s of its organization": Case(
        FAIL,
        zone({"paris.exemple.fr": {"A": ["192.0.2.1"]}}, dmarc="v=DMARC1; p=none; aspf=s"),
        envelope=INSIDER,
        mail=letter("a@paris.exemple.fr"),
    ),
    "subdomain, spf of its organization": Case(
        PASS, zone({"paris.exemple.fr": {"A": ["192.0.2.1"]}}), envelope=INSIDER, mail=letter("a@paris.exemple.fr")
    ),
    "no such domain": Case(FAIL, mail=letter("a@inconnu.example")),
    "no such domain, though its mail server is there": Case(
        FAIL, zone(EVIL), envelope=EVIL_SENDER, mail=letter("a@inconnu.example")
    ),
    "a name between names exists": Case(NONE, zone({"a.b.example": text("x")}), mail=letter("a@b.example")),
    "a domain that is an address": Case(FAIL, mail=letter(f"a@[{INSIDE}]"), envelope=envelope(f"a@[{INSIDE}]", INSIDE)),
    "a domain that is too long": Case(FAIL, mail=letter("a@" + "a." * 127 + "fr")),
    "a domain with an empty label": Case(FAIL, mail=letter("a@exemple..fr")),
    "a public suffix by itself": Case(
        PASS,
        {"gouv.fr": text("v=spf1 ip4:192.0.2.7 -all")},
        envelope=envelope("a@gouv.fr", INSIDE),
        mail=letter("a@gouv.fr"),
    ),
    "below a public suffix, others do not count": Case(
        NONE,
        {"impots.gouv.fr": text("v=spf1 +all"), "paye.gouv.fr": text("rien")},
        envelope=envelope("a@impots.gouv.fr"),
        mail=letter("a@paye.gouv.fr"),
    ),
    "below co.uk, the suffix's policy does not count": Case(
        NONE, {"_dmarc.co.uk": text("v=DMARC1; p=reject"), "acme.co.uk": text("x")}, mail=letter("a@acme.co.uk")
    ),
    "an IDN, as written": Case(
        PASS,
        {"xn--caf-dma.fr": text("v=spf1 ip4:192.0.2.7 -all")},
        envelope=envelope("a@xn--caf-dma.fr", INSIDE),
        mail=letter("a@café.fr"),
    ),
    "an IDN, signed": Case(
        PASS,
        {"s1._domainkey.xn--caf-dma.fr": text(published())},
        sign(domain="xn--caf-dma.fr"),
        mail=letter("a@CAFÉ.fr"),
    ),
    "spf times out, dkim holds": Case(PASS, zone({DOMAIN: Mood.SILENT}), data=sign(), envelope=INSIDER),
    "spf times out": Case(TEMPORARY, zone({DOMAIN: Mood.SILENT}), envelope=INSIDER),
    "spf fails, the key times out": Case(TEMPORARY, zone({f"s1._domainkey.{DOMAIN}": Mood.SILENT}), data=sign()),
    "an include times out, dkim holds": Case(
        PASS, zone({"tiers.example": Mood.SILENT}, spf="v=spf1 include:tiers.example -all"), data=sign()
    ),
    "an include fails to be answered": Case(
        TEMPORARY, zone({"tiers.example": Mood.SERVFAIL}, spf="v=spf1 include:tiers.example -all")
    ),
    "the key is refused": Case(TEMPORARY, zone({f"s1._domainkey.{DOMAIN}": Mood.REFUSED}), data=sign()),
    "the policy fails to be answered, nothing needs it": Case(
        PASS, zone({f"_dmarc.{DOMAIN}": Mood.SERVFAIL}), envelope=INSIDER
    ),
    "the policy fails to be answered, spf told": Case(FAIL, zone({f"_dmarc.{DOMAIN}": Mood.SERVFAIL})),
    "the policy fails to be answered, and might be strict": Case(
        TEMPORARY, zone({**MAILING, f"_dmarc.{DOMAIN}": Mood.SERVFAIL}), envelope=BOUNCES
    ),
    "the policy fails to be answered, and would tell": Case(
        TEMPORARY, zone({f"_dmarc.{DOMAIN}": Mood.SERVFAIL}, spf=None)
    ),
    "garbage for an answer": Case(TEMPORARY, zone({DOMAIN: Mood.GARBAGE}), envelope=INSIDER),
    "aliases in a circle": Case(TEMPORARY, zone({DOMAIN: Mood.LOOP}), envelope=INSIDER),
    "aliases without end": Case(TEMPORARY, zone({DOMAIN: Mood.ENDLESS}), envelope=INSIDER),
    "an alias of the key": Case(
        PASS,
        zone({f"s1._domainkey.{DOMAIN}": {"CNAME": ["k.tiers.example."]}, "k.tiers.example": text(published())}),
        data=sign(),
    ),
    "an alias that leads nowhere": Case(
        FAIL, zone({f"s1._domainkey.{DOMAIN}": {"CNAME": ["k.tiers.example."]}}), data=sign()
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_verdict(case: Case) -> None:
    """Each of these mails has the verdict that the table says."""
    with judging(case.zone) as judge:
        assert judge(case.data, case.mail, case.envelope) is case.verdict


def test_questions_are_few() -> None:
    """A mail of the domain's own server costs one question, and none is asked twice for a mail that fails."""
    with judging(zone(spf="v=spf1 a:a.example a:a.example a:a.example -all")) as judge:
        assert judge(where=INSIDER) is FAIL
        assert set(judge.names.asked.values()) == {1}
    with judging(zone()) as judge:
        assert judge(where=INSIDER) is PASS
        assert judge.names.asked == {(DOMAIN, "TXT"): 1}


def test_long_texts_come_by_tcp() -> None:
    """A record that no datagram holds is read all the same."""
    spf = "v=spf1 " + " ".join(f"ip4:203.0.113.{number}" for number in range(120)) + " ip4:192.0.2.7 -all"
    with judging(zone(spf=spf)) as judge:
        assert judge(where=INSIDER) is PASS
        assert judge.names.by_tcp == 1


def test_a_server_that_is_silent_is_passed_over() -> None:
    """Where several servers are named, the next is asked."""
    inline: Any = Inline()
    with serving({DOMAIN: Mood.SILENT}) as silent, serving(zone()) as names:
        judge = Verification(inline, inline, nameservers=(silent.address, names.address), seconds=5.0)
        assert verdict_of(judge, LETTER, letter(), INSIDER) is PASS
        assert silent.asked


class Clockwork(Inline):
    """One whose clock moves on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        """The time; it passes."""
        self.now += 1.0
        return self.now


def test_the_deadline_is_over_everything() -> None:
    """When the time is up nothing more is asked, however quick the answers are."""
    inline: Any = Clockwork()
    chain = {f"i{n}.example": text(f"v=spf1 include:i{n + 1}.example ?all") for n in range(9)}
    with serving(zone(chain, spf="v=spf1 include:i0.example ?all")) as names:
        judge = Verification(inline, inline, nameservers=(names.address,), seconds=9.0)
        assert verdict_of(judge, LETTER, letter(), INSIDER) is TEMPORARY
        assert 1 <= names.asked.total() < 5


def test_the_unforeseen_is_temporary_and_told_without_content() -> None:
    """An error that nobody thought of is logged by its place, and neither the mail nor an address is."""
    events: list[LogEvent] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        events.append(event)

    globalLogPublisher.addObserver(note)
    try:
        with judging(zone()) as judge:
            broken: Any = "pas une enveloppe: mot-de-passe"
            assert judge(where=broken) is TEMPORARY
    finally:
        globalLogPublisher.removeObserver(note)
    (event,) = [one for one in events if "kind" in one]
    assert event["kind"] == "AttributeError"
    assert "mot-de-passe" not in str(event)
    assert SENDER not in str(event)


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    """Two threads."""
    made = ThreadPool(0, 2)
    made.start()
    yield made
    made.stop()


@in_reactor
async def test_the_reactor_stays_free(pool: ThreadPool) -> None:
    """While a server keeps two seconds of silence, the reactor goes on with its work."""
    from twisted.internet import reactor

    real: Any = reactor
    ticks: list[float] = []
    ticking = LoopingCall(lambda: ticks.append(time.monotonic()))
    with serving(zone({DOMAIN: Mood.SILENT}, dmarc=None)) as names:
        judge = Verification(real, pool, nameservers=(names.address,), seconds=4.0)
        ended = ticking.start(0.01)
        assert await judge.verify(LETTER, letter(), INSIDER) is TEMPORARY
        ticking.stop()
        await ended
    assert len(ticks) > 20


@in_reactor
async def test_too_many_wait(pool: ThreadPool) -> None:
    """Beyond the bound a mail is put off at once, and what waits is not hurt; later there is room again."""
    from twisted.internet import reactor

    real: Any = reactor
    with serving(zone()) as names:
        judge = Verification(real, pool, nameservers=(names.address,), most_waiting=3)
        go_on = Event()
        for _ in range(2):
            pool.callInThread(go_on.wait, 10)
        waiting = [Deferred.fromCoroutine(judge.verify(LETTER, letter(), INSIDER)) for _ in range(3)]
        assert await judge.verify(LETTER, letter(), INSIDER) is TEMPORARY
        assert not names.asked
        go_on.set()
        assert await gatherResults(waiting) == [PASS] * 3
        assert await judge.verify(LETTER, letter(), INSIDER) is PASS


@in_reactor
async def test_a_wait_for_a_thread_counts(pool: ThreadPool) -> None:
    """Who waited for a thread until his time was over is put off without a question."""
    from twisted.internet import reactor

    real: Any = reactor
    with serving(zone()) as names:
        judge = Verification(real, pool, nameservers=(names.address,), seconds=0.05)
        go_on = Event()
        for _ in range(2):
            pool.callInThread(go_on.wait, 10)
        waiting = Deferred.fromCoroutine(judge.verify(LETTER, letter(), INSIDER))
        real.callLater(0.2, go_on.set)
        assert await waiting is TEMPORARY
        assert not names.asked


@in_reactor
async def test_the_end_of_the_threads() -> None:
    """When the threads have been stopped, a mail is put off rather than kept waiting for ever."""
    from twisted.internet import reactor

    real: Any = reactor
    ended = ThreadPool(0, 1)
    ended.start()
    ended.stop()
    judge = Verification(real, ended, nameservers=(("127.0.0.1", 53),))
    assert await judge.verify(LETTER, letter(), INSIDER) is TEMPORARY

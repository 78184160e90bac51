"""Every receipt meets its message: however the operator writes ids and receipts, and whenever they come."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle, product
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest

from tests.daemon import fresh_number
from tests.journeys.operator import OperatorDaemon, running, smpp
from tests.peers.node_smsc import NodeSmsc, Submitted

HEXADECIMAL: Final = ("hex", "HEX", "%08x", "%08X")
DECIMAL: Final = ("decimal", "%010d")
FORMS: Final = {"decimal": "%d", "hex": "%x", "HEX": "%X"} | {form: form for form in ("%010d", "%08x", "%08X")}
"""How ids are written, by the names that the SMSC has for it."""

SHAPES: Final = ("standard", "upper", "capitals", "lower", "seconds", "terse", "undated", "spaced")
UNCODED: Final = ("terse", "none")
"""Texts without an error's code."""
TIMES: Final = ("early", "late", "twice")

WAYS: Final = {"auto": "0661", "same": "0662", "decimal": "0663", "hex": "0664"}
"""The settings ``receipt_ids``, with the first digits of the numbers for which each is used."""

WINDOW: Final = 2000
HIGH: Final = 2_000_000_000
_STARTS: Final = count(HIGH, 10_000)

Story = tuple[OperatorDaemon, NodeSmsc]


class Case(NamedTuple):
    """A receipt: how its id is written, its text, whether with TLVs and marked as one, when it comes, and what it says.

    A receipt that is ``early`` comes before the answer to its submit.
    """

    form: str
    shape: str
    tlvs: bool
    esm_class: int
    time: str
    outcome: str

    @property
    def told(self) -> tuple[str, str | None]:
        """The state and the reason that its message must have then."""
        if self.outcome == "DELIVRD":
            return "delivered", None
        coded = self.tlvs or self.shape not in UNCODED
        code = f" (code {self.outcome.partition(':')[2]})" if coded else ""
        return "failed", f"Le réseau n'a pas pu remettre le message{code}."


def cases(forms: Sequence[str], times: Sequence[str] = TIMES) -> list[Case]:
    """All receipts that write ids in these ``forms``; every other one is a failure with a code of its own."""
    contents = [*product(SHAPES, (True, False)), ("none", True)]
    outcomes = cycle(outcome for code in range(100, 1000) for outcome in ("DELIVRD", f"UNDELIV:{code}"))
    every = product(forms, contents, (4, 0), times)
    return [Case(form, *text, esm_class, time, next(outcomes)) for form, text, esm_class, time in every]


@contextmanager
def begun(directory: Path) -> Iterator[Story]:
    """A daemon whose gateways, all to one SMSC, read the ids of receipts differently."""
    with NodeSmsc(directory / "smsc.log") as smsc:
        smsc.set(outcome=[])
        gateways = {way: smpp(smsc, system_id=way, receipt_ids=way, window=WINDOW) for way in WAYS}
        routes = {f"+33{first[1:]}": [way] for way, first in WAYS.items()}
        with running(OperatorDaemon(directory, gateways, routes | {"+": ["auto"]})) as daemon:
            daemon.wait(lambda: smsc.counts().links == len(WAYS), "all are bound")
            yield daemon, smsc
        assert (smsc.faults(), smsc.complaints()) == ([], "")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The daemon that most tests share: no two ids of its SMSC have digits in common."""
    with begun(tmp_path_factory.mktemp("receipts")) as story:
        yield story


@pytest.fixture
def story_of_its_own(tmp_path: Path) -> Iterator[Story]:
    """A daemon for one test."""
    with begun(tmp_path) as story:
        yield story


def rewritten(given: str, response: str, form: str) -> str:
    """An id that was ``given`` in the form ``response``, as a receipt of that ``form`` writes it."""
    if response == "uuid":
        return given.upper() if form == "upper" else given
    return FORMS[form] % int(given, 10 if response in DECIMAL else 16)


def report(smsc: NodeSmsc, way: str, told: Sequence[tuple[Submitted, str, Case]], random: Random) -> None:
    """Send receipts, each for a message and under an id, in any order, and wait until all are acknowledged."""
    for one, id_, case in random.sample(told, len(told)):
        smsc.set(receipt_text=case.shape, receipt_tlvs=case.tlvs, receipt_esm_class=case.esm_class)
        for _ in range(2 if case.time == "twice" else 1):
            smsc.receipt(id_, case.outcome, one.id, way)

    def acknowledged() -> bool:
        counts = smsc.counts()
        return counts.receipts == counts.receipts_acknowledged

    OperatorDaemon.wait(acknowledged, "every receipt is acknowledged", 30)


def judge(story: Story, way: str, response: str, start: int, given: Sequence[Case]) -> None:
    """Send a message for each case, then its receipt; fail unless each message is what its own receipt says."""
    daemon, smsc = story
    before = smsc.counts()
    smsc.set(hold_answers=True, response_id=response, start=start)
    email = daemon.crowd(len(given), f"{way} {response} {start} {given[0].form}", WAYS[way])
    submits = smsc.submitted(before.submits + len(given), 30)[before.submits :]
    told = [(one, rewritten(str(one.id), response, case.form), case) for one, case in zip(submits, given, strict=True)]
    random = Random(f"{way} {response}")
    report(smsc, way, [one for one in told if one[2].time == "early"], random)
    smsc.release()
    daemon.wait(lambda: smsc.counts().answered == before.answered + len(given), "all are answered")
    daemon.wait(lambda: not daemon.states()["queued"], "all are handed")
    report(smsc, way, [one for one in told if one[2].time != "early"], random)
    found = {one.to[1:]: (one.state, one.error) for one in daemon.messages(email)}
    judged = [(one.id, id_, case, found[one.destination]) for one, id_, case in told]
    wrong = [one for one in judged if one[3] != one[2].told]
    assert not wrong, f"{len(wrong)} of {len(given)}: {wrong[:5]}"


@pytest.mark.parametrize("response", FORMS)
def test_any_ids(story: Story, response: str) -> None:
    """As it comes, each form of id in receipts fits each in answers, with any text, TLVs and marks, at any time."""
    judge(story, "auto", response, next(_STARTS), cases([*FORMS]))


@pytest.mark.parametrize("way", ["auto", "same"])
def test_uuids(story: Story, way: str) -> None:
    """Likewise for ids that are no numbers; their case does not count."""
    judge(story, way, "uuid", next(_STARTS), cases(("uuid", "upper")))


@pytest.mark.parametrize(
    ("way", "response", "forms"),
    [
        *(("decimal", response, DECIMAL) for response in HEXADECIMAL),
        *(("hex", response, HEXADECIMAL) for response in DECIMAL),
        *(("same", response, HEXADECIMAL) for response in HEXADECIMAL),
        *(("same", response, DECIMAL) for response in DECIMAL),
    ],
)
def test_ids_as_set(story: Story, way: str, response: str, forms: Sequence[str]) -> None:
    """An operator whose way of writing is configured: ids so small that each could be another's all fit."""
    judge(story, way, response, 1, cases(forms, ("early", "late")))


@pytest.mark.parametrize("response", ["decimal", "hex"])
@pytest.mark.parametrize("form", ["decimal", "hex"])
def test_small_ids(story_of_its_own: Story, response: str, form: str) -> None:
    """Not configured, and so small that «16» may be this message's or that one's: the phone says whose it is."""
    judge(story_of_its_own, "auto", response, 1, cases((form,), ("early", "late")))


@pytest.mark.parametrize(("response", "form"), [("decimal", "HEX"), ("%08x", "decimal"), ("uuid", None)])
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_parts(story: Story, response: str, form: str | None, early: bool, order: str) -> None:
    """Messages of three parts, all under way at once, whose receipts come in another order, and before the answers."""
    daemon, smsc = story
    before = daemon.states()["delivered"]
    smsc.set(start=next(_STARTS), response_id=response, receipt_id=form, receipt_early=early, receipt_order=order)
    smsc.set(outcome=["DELIVRD"], receipt_copies=2)
    try:
        email = daemon.provision(150, groups={"Foule": [(f"0661{index:06}",) for index in range(50)]})
        assert daemon.sms(email, "Foule", f"{response} {early} {order} ".ljust(400, "x")) == "80"
        daemon.wait(lambda: daemon.states()["delivered"] == before + 50, "all are delivered")
    finally:
        smsc.set(outcome=[], receipt_early=False, receipt_order="sent", receipt_copies=1, receipt_id=None)
    assert {part.state for one in daemon.messages(email) for part in one.parts} == {"delivered"}


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_after_a_restart(story: Story, end: str) -> None:
    """A daemon that ended meanwhile, be it killed, hears of what another sent before it; the SMSC kept the receipts."""
    daemon, smsc = story
    smsc.set(start=next(_STARTS), response_id="hex")
    before, sent = daemon.states()["delivered"], smsc.counts().submits
    daemon.crowd(100, f"avant {end}", WAYS["auto"])
    daemon.wait(lambda: daemon.states()["handed"] == 100, "all are handed")
    getattr(daemon, end)()
    submits = smsc.journal(sent)
    for one in submits[:50]:
        # those wait for a link
        smsc.receipt(f"{int(str(one.id), 16)}", "DELIVRD", one.id, "auto")
    daemon.start()
    daemon.wait(lambda: daemon.states()["delivered"] == before + 50, "half of them are delivered")
    for one in submits[50:]:
        smsc.receipt(str(one.id), "DELIVRD", one.id, "auto")
    daemon.wait(lambda: daemon.states()["delivered"] == before + 100, "all are delivered")
    assert smsc.counts().submits == sent + 100


def test_link_down(story: Story) -> None:
    """Receipts for which there was no link come when there is one."""
    daemon, smsc = story
    smsc.set(start=next(_STARTS), response_id="uuid")
    before, sent = daemon.states()["delivered"], smsc.counts().submits
    daemon.crowd(20, "coupure", WAYS["auto"])
    daemon.wait(lambda: daemon.states()["handed"] == 20, "all are handed")
    smsc.go_down()
    for one in smsc.journal(sent):
        smsc.receipt(str(one.id), "DELIVRD", one.id, "auto")
    smsc.come_up()
    daemon.wait(lambda: daemon.states()["delivered"] == before + 20, "all are delivered")
    daemon.wait(lambda: smsc.counts().links == len(WAYS), "all are bound again", 20)


@pytest.mark.parametrize("id_", ["424242", "nulle-part", "é", "0", "9" * 60])
def test_unknown_id(story: Story, id_: str) -> None:
    """A receipt for what nobody sent is acknowledged, once, and nothing comes of it."""
    daemon, smsc = story
    states = daemon.states()
    assert smsc.acknowledged(smsc.receipt(id_, "UNDELIV:001", None, "auto")).attempts == 1
    assert daemon.states() == states
    assert daemon.sms(daemon.provision(1), fresh_number(), "toujours là") == "80"
    daemon.wait(lambda: daemon.states()["handed"] == states["handed"] + 1, "it goes on")
    (*_, last) = smsc.journal(smsc.counts().submits - 1)
    smsc.receipt(str(last.id), "DELIVRD", last.id, "auto")
    daemon.wait(lambda: daemon.states()["delivered"] == states["delivered"] + 1, "and hears")

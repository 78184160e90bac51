"""What submits come to: ids, refusals, «too fast», faults, silence, and links that break."""

from collections import Counter
from itertools import count
from typing import Final

import pytest

from gateways.smpp.gateway import MOST_FAULTS, PAUSE
from smstob.model.message import Handed, Rejected, Throttled, Unavailable, Unknown
from txsmpp.constants import Command, Status
from txsmpp.frame import pack
from txsmpp.pdu import SubmitSm

from .scene import Scene, keys, segment

FAULT: Final = int(Status.ESME_RSYSERR)


def kinds(scene: Scene) -> Counter[str]:
    """How many answers there were of each kind."""
    return Counter(type(one).__name__ for one in scene.outcomes())


def once(scene: Scene) -> bool:
    """Whether no segment was answered twice."""
    return len(set(keys(scene.hearing.answers))) == len(scene.hearing.answers)


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        *((b"1A2B", "1a2b"), (b"0000001a", "1a"), (b"msg-7", "msg-7"), (b"", ""), (b" ", ""), (b"\xe9", "é")),
        (b"6C7C7DE2-8BB3-E961-9477-00000000FE37", "6c7c7de2-8bb3-e961-9477-00000000fe37"),
    ],
)
def test_ids(written: bytes, reference: str) -> None:
    """In the one form in which receipts are looked up; an operator that tells none took the message all the same."""
    scene = Scene().start()
    scene.operator.ids = lambda: written
    scene.submit()
    assert scene.outcomes() == [Handed(reference)]


@pytest.mark.parametrize("body", [b"", b"77", b"77\0", b"77\0\x14\x03\0\x02ab", b"77\0\xff"])
def test_responses_that_are_odd(body: bytes) -> None:
    """Without a body, without its NUL, with TLVs that are broken: status 0 is taken."""
    scene = Scene().start()
    scene.operator.holding = True
    scene.submit()
    (link,) = scene.operator.endpoint.up
    ((_, asked),) = scene.operator.held
    link.far.write(pack(Command.SUBMIT_SM_RESP, 0, asked.sequence, body))
    scene.advance()
    assert scene.outcomes() == [Handed("77" if body else "")]


def test_refusals() -> None:
    """Refused for good, with the code; the others go on."""
    scene = Scene().start()
    scene.operator.status = lambda body: 0x0B if len(scene.operator.submits) == 2 else 0
    for _ in range(3):
        scene.submit()
    assert kinds(scene) == {"Handed": 2, "Rejected": 1}
    assert scene.outcomes()[1] == Rejected("L'opérateur n'accepte pas ce numéro (code 0x0B).")
    assert scene.gateway.state == "up"


def test_generic_nack() -> None:
    """It is an answer to the submit that it names, and no success."""
    scene = Scene().start()
    scene.operator.holding = True
    scene.submit(2)
    (link,) = scene.operator.endpoint.up
    for (_, asked), status in zip(scene.operator.held, (Status.ESME_RINVCMDLEN, 0), strict=True):
        link.far.write(pack(Command.GENERIC_NACK, status, asked.sequence))
    scene.advance()
    assert [type(one) for one in scene.outcomes()] == [Rejected, Throttled]


def test_retry_statuses() -> None:
    """The operator's own statuses are refusals, or not, as the configuration says."""
    scene = Scene(retry_statuses="0x0450").start()
    statuses = iter((0x0450, 0x0451))
    scene.operator.status = lambda body: next(statuses)
    scene.submit(2)
    assert scene.outcomes()[0] == Throttled(delay=0)
    assert isinstance(scene.outcomes()[1], Rejected)


def test_too_fast() -> None:
    """A complaint stops it for a second; what comes then is told, and is slower than before."""
    scene = Scene().start()
    scene.advance(2)
    turn = count()
    scene.operator.status = lambda body: int(Status.ESME_RTHROTTLED) if 20 <= next(turn) < 50 else 0
    scene.submit(50)
    assert kinds(scene) == {"Handed": 20, "Throttled": 30}
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 0)
    changes = scene.hearing.changes
    scene.advance(0.75)
    assert (scene.hearing.changes, scene.gateway.capacity) == (changes, 0)
    scene.advance(1)
    assert scene.hearing.changes > changes
    assert 0 < scene.gateway.capacity <= 10
    before = len(scene.operator.submits)
    scene.feed(10)
    taken = (len(scene.operator.submits) - before) / 10
    assert 25 <= taken <= 120
    scene.feed(60)
    assert scene.gateway.capacity == 50


@pytest.mark.parametrize("capacity", [5, 50])
def test_an_smsc_with_a_limit(capacity: int) -> None:
    """From end to end: of what it takes, more than 7 in 10 are used, and few are refused."""
    scene = Scene().start()
    taken: Counter[int] = Counter()

    def status(body: SubmitSm) -> int:
        second = int(scene.clock.seconds())
        taken[second] += 1
        return int(Status.ESME_RTHROTTLED) if taken[second] > capacity else 0

    scene.operator.status = status
    scene.operator.endpoint.latency = 0.02
    scene.feed(60)
    scene.advance(1)
    counted = kinds(scene)
    assert counted["Handed"] >= 0.7 * capacity * 60
    assert counted["Throttled"] <= 0.15 * counted["Handed"] + 50
    assert once(scene)


def test_room_is_told() -> None:
    """Whenever the complaint took the room, there is a word when there is some again: nobody has to ask."""
    scene = Scene().start()
    told: list[int] = []
    scene.hearing.capacity_changed = lambda gateway: told.append(scene.gateway.capacity)  # type: ignore[method-assign]
    scene.operator.status = lambda body: int(Status.ESME_RTHROTTLED) if len(scene.operator.submits) <= 5 else 0
    scene.submit(5)
    for _ in range(100):
        told.clear()
        while capacity := scene.gateway.capacity:
            scene.submit(min(capacity, 50))
            if scene.gateway.capacity >= capacity:
                break
        if scene.gateway.capacity:
            break
        for _ in range(40):
            scene.clock.advance(0.05)
            if told and told[-1]:
                break
        assert told
        assert told[-1] > 0
    assert once(scene)


def test_an_operator_with_a_fault() -> None:
    """Ten messages in a row with a system error: others may take over for half a minute, then it is tried again."""
    scene = Scene().start()
    scene.operator.status = lambda body: FAULT
    scene.submit(MOST_FAULTS - 1)
    assert scene.gateway.state == "up"
    scene.submit()
    assert (scene.gateway.state, scene.gateway.capacity) == ("paused", 0)
    assert set(scene.outcomes()) == {Throttled(delay=0)}
    scene.submit()
    assert scene.outcomes()[-1] == Unavailable()
    changes = scene.hearing.changes
    scene.advance(PAUSE - 1)
    assert scene.gateway.state == "paused"
    scene.operator.status = lambda body: 0
    scene.advance(2)
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 50)
    assert scene.hearing.changes > changes
    assert len(scene.operator.binds) == 1
    scene.submit(5)
    assert scene.outcomes()[-5:] == [Handed(f"1{digit}") for digit in range(5)]


def test_a_fault_while_there_is_more() -> None:
    """What was ready when the pause began goes back, and what is on its way is answered."""
    scene = Scene(window=12).start()
    scene.operator.holding = True
    scene.gateway.submit([segment(number) for number in range(1, 11)])
    scene.gateway.submit([segment(11, part=part, total=6) for part in range(1, 7)])
    scene.advance()
    scene.operator.answer(10, FAULT)
    scene.advance()
    assert scene.gateway.state == "paused"
    assert kinds(scene) in ({"Throttled": 10}, {"Throttled": 10, "Unavailable": 4})
    scene.operator.answer(status=0)
    scene.advance()
    assert sum(kinds(scene).values()) == 16
    assert once(scene)


@pytest.mark.parametrize("parts", [1, 30])
def test_a_poisoned_message(parts: int) -> None:
    """One message that meets a fault each time, among good ones or alone, holds up nothing, however long it is."""
    scene = Scene(concatenation="sar").start()
    scene.operator.status = lambda body: FAULT if b"poison" in body.short_message else 0
    for turn in range(30):
        scene.gateway.submit([segment(9999, "poison", part=part, total=parts) for part in range(1, parts + 1)])
        scene.advance()
        if turn % 5 == 0 and parts == 1:
            scene.submit(3)
        assert scene.gateway.state == "up"


def test_faults_that_are_few() -> None:
    """Nine of ten with a fault: the tenth proves that the operator takes messages."""
    scene = Scene().start()
    scene.operator.status = lambda body: 0 if len(scene.operator.submits) % 9 == 0 else FAULT
    for _ in range(100):
        scene.submit()
    assert scene.gateway.state == "up"


@pytest.mark.parametrize("unanswered", [0, 1, 3, 8])
def test_a_link_that_breaks(unanswered: int) -> None:
    """Of what is unanswered nobody knows; each is told once, a later answer changes nothing, all others stand."""
    scene = Scene(window=8).start()
    scene.submit(2)
    scene.operator.holding = True
    given = scene.submit(unanswered) if unanswered else []
    scene.cut()
    assert scene.gateway.state == "down"
    assert scene.outcomes()[2:] == [Unknown()] * unanswered
    assert keys(scene.hearing.answers)[2:] == [(one.message, one.part) for one in given]
    scene.operator.answer()
    scene.advance(5)
    assert len(scene.hearing.answers) == 2 + unanswered
    assert scene.gateway.capacity == (1 if unanswered else 8)


def test_caution() -> None:
    """After such an end one message at a time, then 2, 4 and all; after the next clean end all at once."""
    scene = Scene(window=8).start()
    scene.operator.holding = True
    scene.submit(8)
    scene.cut()
    scene.advance(1)
    opened = []
    for _ in range(5):
        opened.append(scene.gateway.capacity)
        scene.submit(scene.gateway.capacity)
        assert scene.gateway.capacity == 0
        scene.operator.answer()
        scene.advance()
    assert opened == [1, 2, 4, 8, 8]
    scene.cut()
    scene.advance(1)
    assert scene.gateway.capacity == 8


def test_caution_on_every_link() -> None:
    """Where several links broke with messages unanswered, each of them begins with one."""
    scene = Scene(window=8, binds=3).start()
    scene.operator.holding = True
    scene.submit(12)
    scene.cut()
    scene.advance(2)
    assert (scene.gateway.state, scene.gateway.capacity, len(scene.operator.endpoint.up)) == ("up", 3, 3)
    scene.operator.holding = False
    for _ in range(6):
        scene.submit(scene.gateway.capacity)
    assert scene.gateway.capacity == 24


def test_a_link_that_breaks_beside_others() -> None:
    """Messages that were ready leave by the other link; only those of the broken one are unknown."""
    scene = Scene(window=2, binds=2).start()
    scene.operator.holding = True
    scene.gateway.submit([segment(1, part=part, total=7) for part in range(1, 8)])
    scene.advance()
    scene.operator.endpoint.away = True
    scene.operator.endpoint.up[0].cut()
    assert (scene.gateway.state, kinds(scene)) == ("up", {"Unknown": 2})
    scene.operator.holding = False
    scene.operator.answer()
    for _ in range(5):
        scene.advance()
    assert kinds(scene) == {"Unknown": 2, "Handed": 5}
    assert once(scene)


def test_a_lost_answer() -> None:
    """An answer that never comes, on a link that works, is unknown after a minute; nothing else suffers."""
    scene = Scene(enquire_seconds=10).start()
    scene.submit(3)
    scene.operator.holding = True
    scene.submit()
    scene.operator.held.clear()
    scene.operator.holding = False
    for _ in range(62):
        scene.submit()
        scene.advance(1)
    assert [one for one in scene.outcomes() if not isinstance(one, Handed)] == [Unknown(silent=True)]
    assert (scene.gateway.state, len(scene.operator.binds)) == ("up", 1)
    assert once(scene)


def test_an_operator_that_is_stuck() -> None:
    """A link that lives and no answer at all: unknown, the link is begun anew, and others take over meanwhile."""
    scene = Scene(window=5, response_seconds=20).start()
    scene.operator.holding = True
    scene.submit(5)
    scene.advance(10)
    assert scene.outcomes() == []
    scene.advance(12)
    assert scene.outcomes() == [Unknown(silent=True)] * 5
    assert (scene.gateway.state, scene.gateway.capacity) == ("paused", 0)
    scene.advance(10)
    assert len(scene.operator.binds) == 2
    scene.operator.holding = False
    scene.advance(PAUSE)
    assert scene.gateway.state == "up"
    scene.submit()
    assert isinstance(scene.outcomes()[-1], Handed)
    assert once(scene)


def test_a_stuck_operator_with_more_to_come() -> None:
    """What was sent later than the first that is silent ends unknown too, once each."""
    scene = Scene(window=9, response_seconds=20).start()
    scene.operator.holding = True
    for _ in range(3):
        scene.submit(3)
        scene.advance(5)
    scene.advance(30)
    assert kinds(scene) == {"Unknown": 9}
    assert Counter(one.silent for one in scene.outcomes() if isinstance(one, Unknown)) == {True: 3, False: 6}
    assert once(scene)


def test_a_link_that_is_stuck_beside_one_that_works() -> None:
    """It is begun anew, and the gateway stays up: the other link proves that the operator takes messages."""
    scene = Scene(window=4, binds=2, response_seconds=20).start()
    scene.operator.holding = True
    stuck = scene.operator.endpoint.up[0]
    for _ in range(400):
        if scene.gateway.capacity:
            scene.submit()
        scene.advance(0.25)
        answers = [pair for pair in scene.operator.held if pair[0] is not stuck.far.protocol]
        scene.operator.held = [pair for pair in scene.operator.held if pair[0] is stuck.far.protocol]
        scene.operator.held, kept = answers, scene.operator.held
        scene.operator.answer()
        scene.operator.held = kept
        assert scene.gateway.state == "up"
    assert not stuck.is_up
    assert len(scene.operator.binds) == 3
    assert sum(isinstance(one, Unknown) for one in scene.outcomes()) <= 12
    assert once(scene)


def test_a_peer_that_is_silent() -> None:
    """A link on which nothing comes at all is given up, and begun anew."""
    scene = Scene(enquire_seconds=10, link_seconds=5).start()
    (link,) = scene.operator.endpoint.up
    link.latency = 1e6
    scene.submit(2)
    scene.advance(30)
    assert not link.is_up
    assert scene.outcomes() == [Unknown(), Unknown()]
    scene.operator.endpoint.latency = 0
    assert scene.gateway.state == "up"


def test_answers_for_nothing() -> None:
    """Answers to what was never asked, and second answers, are passed over."""
    scene = Scene().start()
    scene.submit()
    (link,) = scene.operator.endpoint.up
    for sequence in (2, 2, 3, 999, 0x7FFFFFFF):
        link.far.write(pack(Command.SUBMIT_SM_RESP, 0, sequence, b"zz\0"))
    scene.advance()
    assert scene.outcomes() == [Handed("10")]
    assert scene.gateway.capacity == 50

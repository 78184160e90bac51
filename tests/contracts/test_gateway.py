"""What every IGateway promises: each segment answered once, whole messages, and nothing while it is down."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from gateways.sink import SinkGateway, SinkSettings
from smstob.interfaces import IGateway, INetworkReceiver
from smstob.model.message import Handed, Segment, State
from smstob.model.segment import Coding
from tests.fakes import (
    ChangingGateway,
    DownGateway,
    FailingGateway,
    Hearing,
    PromptGateway,
    RejectingGateway,
    SilentGateway,
    TakingGateway,
    ThrottlingGateway,
    UnknownGateway,
)
from tests.gateways.gsm.pool import PromptGsmGateway
from tests.gateways.smpp.scene import PromptSmppGateway

FAKES = (
    *(TakingGateway, PromptGateway, RejectingGateway, ThrottlingGateway),
    *(SilentGateway, UnknownGateway, DownGateway, FailingGateway, ChangingGateway),
)
BOUNDED = 600.0
"""Seconds in which an honest gateway has answered or given up."""

Make = Callable[[Path, Clock, Hearing], IGateway]


def sink(path: Path, clock: Clock, hearing: Hearing) -> IGateway:
    """A sink that writes into ``path``."""
    settings = SinkSettings(journal=path / "sink.jsonl", receipt=State.DELIVERED, receipt_delay=0.5, late_delay=60)
    return SinkGateway("A", settings, clock, hearing)


def smpp(path: Path, clock: Clock, hearing: Hearing) -> IGateway:
    """The SMPP gateway, before an operator that takes everything."""
    return PromptSmppGateway(clock, hearing)


def gsm(path: Path, clock: Clock, hearing: Hearing) -> IGateway:
    """A pool of one modem, before a network that takes everything."""
    return PromptGsmGateway(clock, hearing)


def fake(kind: type[TakingGateway]) -> Make:
    """How that fake is made."""

    def make(path: Path, clock: Clock, hearing: Hearing) -> IGateway:
        return kind("A", hearing)

    return make


def segments(count: int, number: str = "+33612345678", total: int = 2, first: int = 1) -> list[Segment]:
    """So many segments of messages of ``total`` parts, which are numbered from ``first``."""
    return [
        Segment(
            message=first + index // total,
            part=1 + index % total,
            total=total,
            number=number,
            text="Bonjour",
            coding=Coding.GSM7,
            flash=False,
            validity=3600,
        )
        for index in range(count)
    ]


ALL = pytest.mark.parametrize(
    "make",
    [sink, smpp, gsm, *map(fake, FAKES)],
    ids=["SinkGateway", "SmppGateway", "GsmGateway", *(kind.__name__ for kind in FAKES)],
)
HONEST = pytest.mark.parametrize(
    "make",
    [sink, smpp, gsm, *map(fake, (PromptGateway, RejectingGateway, ThrottlingGateway, UnknownGateway))],
    ids=[
        *("SinkGateway", "SmppGateway", "GsmGateway"),
        *("PromptGateway", "RejectingGateway", "ThrottlingGateway", "UnknownGateway"),
    ],
)


@ALL
def test_interface(tmp_path: Path, make: Make) -> None:
    """It has all that the interface names; made, it is down and takes nothing until it is started."""
    hearing = Hearing()
    gateway = make(tmp_path, Clock(), hearing)
    assert verifyObject(IGateway, gateway)
    assert verifyObject(INetworkReceiver, hearing)
    assert (gateway.name, gateway.state, gateway.capacity) == ("A", "down", 0)
    assert hearing.changes == 0


@ALL
def test_starts_and_stops(tmp_path: Path, make: Make) -> None:
    """What changes is told; stopped, it is down, and it can be started again."""
    hearing, clock = Hearing(), Clock()
    gateway = make(tmp_path, clock, hearing)
    for _ in range(2):
        gateway.startService()
        if gateway.state == "up":
            assert hearing.changes > 0
            assert gateway.capacity > 0
        gateway.stopService()
        assert (gateway.state, gateway.capacity) == ("down", 0)
    assert clock.getDelayedCalls() == []


@HONEST
def test_every_segment_is_answered_once(tmp_path: Path, make: Make) -> None:
    """In bounded time, whatever the answer, and under references that are all different."""
    hearing, clock = Hearing(), Clock()
    gateway = make(tmp_path, clock, hearing)
    gateway.startService()
    given = segments(min(gateway.capacity, 40))
    gateway.submit(given)
    clock.pump([1.0] * int(BOUNDED))
    answered = Counter((answer.message, answer.part) for answer in hearing.answers)
    assert answered == dict.fromkeys(((one.message, one.part) for one in given), 1)
    references = [answer.outcome.reference for answer in hearing.answers if isinstance(answer.outcome, Handed)]
    assert len(set(references)) == len(references)
    assert gateway.capacity > 0


@HONEST
@pytest.mark.parametrize("spare", [1, 2])
def test_message_that_is_longer_than_the_capacity(tmp_path: Path, make: Make, spare: int) -> None:
    """The rest of one message is taken beyond the capacity, and answered as all others."""
    hearing, clock = Hearing(), Clock()
    gateway = make(tmp_path, clock, hearing)
    gateway.startService()
    given = segments(gateway.capacity - spare, total=1)
    given += segments(3, total=3, first=len(given) + 1)
    gateway.submit(given)
    clock.pump([1.0] * int(BOUNDED))
    answered = Counter((answer.message, answer.part) for answer in hearing.answers)
    assert answered == dict.fromkeys(((one.message, one.part) for one in given), 1)
    assert gateway.capacity > 0


@HONEST
def test_down_gateway_takes_nothing(tmp_path: Path, make: Make) -> None:
    """What is given to it all the same is answered, and not handed over."""
    hearing = Hearing()
    gateway = make(tmp_path, Clock(), hearing)
    gateway.submit(segments(2))
    assert len(hearing.answers) == 2
    assert not any(isinstance(answer.outcome, Handed) for answer in hearing.answers)


@ALL
def test_nothing_given(tmp_path: Path, make: Make) -> None:
    """No segments are no work, and no answer."""
    if make.__qualname__.startswith("fake") and isinstance(make(tmp_path, Clock(), Hearing()), FailingGateway):
        return
    hearing = Hearing()
    gateway = make(tmp_path, Clock(), hearing)
    gateway.startService()
    gateway.submit([])
    assert hearing.answers == []

"""What is refused again and again: whether it is the operator that it tells of, or a message."""

from typing import Final

import pytest

from gateways.smpp.statuses import LATER, TOO_FAST
from smstob.model.message import Handed
from txsmpp.constants import Status

from .scene import Scene, segment

FAULT: Final = int(Status.ESME_RSYSERR)


def test_an_operator_that_takes_us_for_unbound() -> None:
    """Said three times in a row, the link is begun anew, and what it still answers counts."""
    scene = Scene().start()
    scene.operator.holding = True
    scene.submit(5)
    scene.operator.answer(2, Status.ESME_RINVBNDSTS)
    scene.advance()
    assert (scene.gateway.state, scene.outcomes()) == ("up", [LATER] * 2)
    scene.operator.answer(1, Status.ESME_RINVBNDSTS)
    scene.advance()
    assert (scene.gateway.state, scene.outcomes()) == ("receiving", [LATER] * 3)
    scene.operator.answer(status=0)
    scene.advance(1)
    assert scene.outcomes() == [*[LATER] * 3, Handed("10"), Handed("11")]
    assert (len(scene.operator.binds), len(scene.operator.endpoint.up)) == (2, 1)
    scene.operator.holding = False
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 50)
    scene.submit()
    assert isinstance(scene.outcomes()[-1], Handed)


@pytest.mark.parametrize("status", [Status.ESME_RINVBNDSTS, *TOO_FAST])
def test_one_message_that_is_always_refused(status: int) -> None:
    """Its telephone may be full for days: the others keep their link, and their rate."""
    scene = Scene().start()
    scene.operator.status = lambda body: status if b"poison" in body.short_message else 0
    for _ in range(30):
        scene.gateway.submit([segment(9999, "poison")])
        scene.submit(20)
        scene.advance(1)
        assert (scene.gateway.state, scene.gateway.capacity) == ("up", 50)
    assert len(scene.operator.binds) == 1


@pytest.mark.parametrize("status", TOO_FAST)
def test_some_messages_that_are_always_refused(status: int) -> None:
    """At first they seem to tell of the rate; not for long."""
    scene = Scene().start()
    scene.operator.status = lambda body: status if b"poison" in body.short_message else 0
    poison = [segment(9000 + nth, "poison") for nth in range(10)]
    for turn in range(120):
        if scene.gateway.capacity >= 10 and turn % 3 == 0:
            scene.gateway.submit(poison)
        if room := scene.gateway.capacity:
            scene.submit(min(room, 20))
        scene.advance(1)
    assert (scene.gateway.state, scene.gateway.capacity) == ("up", 50)


def test_faults_of_the_same_messages() -> None:
    """Some dozen that meet a fault each time pause a quiet gateway at first, and then no more."""
    scene = Scene().start()
    scene.operator.status = lambda body: FAULT if b"poison" in body.short_message else 0
    paused = 0
    for _ in range(300):
        scene.gateway.submit([segment(9000 + nth, "poison") for nth in range(12)])
        scene.advance(2)
        paused += scene.gateway.state == "paused"
    assert 0 < paused < 100
    assert scene.gateway.state == "up"

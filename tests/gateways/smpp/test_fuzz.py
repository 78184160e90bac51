"""An operator gone mad: damaged PDUs by the thousand, and the gateway goes on."""

import gc
from collections import Counter
from random import Random

import pytest

from gateways.smpp.encode import Submit
from smstob.model.message import Handed
from tests.txsmpp.fuzz import corpus, damaged
from txsmpp.constants import Command
from txsmpp.events import Asked
from txsmpp.frame import HEADER
from txsmpp.session import Session
from txsmpp.wire import Wire

from .scene import Scene

OF_A_RESPONSE = 0x80000000


def inputs(random: Random) -> list[bytes]:
    """PDUs that an SMSC sends: requests to us, and responses."""
    wanted = {Command.DELIVER_SM, Command.DATA_SM, Command.ALERT_NOTIFICATION, Command.ENQUIRE_LINK, Command.OUTBIND}
    return [one for one in corpus(random) if HEADER.unpack_from(one)[1] in wanted or one[4] >= 0x80]


@pytest.mark.parametrize(("binds", "count"), [(1, 20_000), (3, 10_000)])
def test_damaged_pdus(binds: int, count: int) -> None:
    """Of so many, none raises, what was given is answered once each, and nothing grows."""
    random, scene = Random(binds), Scene(binds=binds, window=10).start()
    valid = inputs(random)
    given = 0
    sizes: list[int] = []
    for turn in range(count):
        links = scene.operator.endpoint.up
        if links:
            random.choice(links).far.write(damaged(random, random.choice(valid), 1 + random.randrange(40)))
        if turn % 5 == 0 and scene.gateway.capacity:
            given += len(scene.submit(min(3, scene.gateway.capacity)))
        scene.advance(0.25 if links else 5)
        if turn % 100 == 0:
            scene.hearing.receipts.clear()
            scene.hearing.replies.clear()
            scene.operator.submits.clear()
            scene.operator.answered.clear()
            scene.operator.most.clear()
            del scene.operator.endpoint.links[:-8]
        if turn % 2000 == 0:
            gc.collect()
            sizes.append(sum(isinstance(one, Wire | Session | Asked | Submit) for one in gc.get_objects()))
        assert not scene.errors
    assert len(scene.operator.binds) > 50
    scene.advance(200)
    answered = Counter((one.message, one.part) for one in scene.hearing.answers)
    assert (len(answered), set(answered.values())) == (given, {1})
    assert sizes[-1] <= sizes[0] + 100, sizes
    assert scene.gateway.state == "up"
    scene.submit()
    assert isinstance(scene.outcomes()[-1], Handed)
    scene.stop()
    scene.advance(10)
    assert scene.clock.getDelayedCalls() == []

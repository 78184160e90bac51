"""Everything at once, by chance: whatever happens in whatever order, the promises hold."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import pytest

from smstob.model.message import Answer, Handed, Segment
from txsmpp.constants import Command, Status
from txsmpp.frame import pack
from txsmpp.pdu import SubmitSm

from .scene import Scene, receipt, segment

STATUSES: Final = (
    *(0, 0, 0, 0, 0, Status.ESME_RTHROTTLED, Status.ESME_RSYSERR, Status.ESME_RINVDSTADR),
    *(Status.ESME_RINVBNDSTS, Status.ESME_RMSGQFUL, 0x0450),
)
SETTINGS: Final[tuple[dict[str, Any], ...]] = (
    {"window": 4, "response_seconds": 600},
    {"window": 3, "response_seconds": 600, "binds": 3, "concatenation": "payload"},
    {"window": 10, "response_seconds": 10, "bind": "transmitter+receiver", "concatenation": "sar"},
    {"window": 1, "response_seconds": 600, "binds": 2, "gsm7": "packed"},
)


class Storm(Scene):
    """A scene whose receiver submits more from within the answers, as one without a queue of its own would."""

    def __init__(self, seed: int) -> None:
        self.chosen = SETTINGS[seed % len(SETTINGS)]
        super().__init__(**self.chosen)
        self.random = Random(seed)
        self.given: list[tuple[int, int]] = []
        self.eager = False
        self.answered = self.hearing.answered
        self.hearing.answered = self.noted  # type: ignore[method-assign]
        self.operator.status = lambda body: int(self.random.choice(STATUSES)) if self.random.random() < 0.3 else 0

    def noted(self, gateway: str, answers: Sequence[Answer]) -> None:
        """See ``INetworkReceiver.answered``."""
        self.answered(gateway, answers)
        if self.eager and len(self.given) < 30_000 and self.random.random() < 0.5:
            self.give()

    def give(self) -> None:
        """As many whole messages as begin within the capacity."""
        batch: list[Segment] = []
        room = self.gateway.capacity
        assert room >= 0
        while len(batch) < room:
            message, total = len(self.given) + len(batch) + 1, self.random.choice((1, 1, 1, 2, 5))
            batch += [segment(message, "x", part=part, total=total) for part in range(1, total + 1)]
        self.given += [(one.message, one.part) for one in batch]
        self.gateway.submit(batch)

    def step(self) -> None:
        """Something happens."""
        chance = self.random.random()
        links = self.operator.endpoint.up
        if chance < 0.4:
            self.give()
        elif chance < 0.6:
            self.operator.answer(self.random.randrange(5))
        elif chance < 0.7:
            self.operator.holding = not self.operator.holding
        elif chance < 0.73 and links:
            self.random.choice(links).cut()
        elif chance < 0.74:
            self.operator.endpoint.away = not self.operator.endpoint.away
        elif chance < 0.75 and self.operator.smsc.wires:
            self.wire().unbind()
        elif chance < 0.77 and links:
            body = receipt("10").encode()
            self.random.choice(links).far.write(pack(Command.DELIVER_SM, 0, self.random.randrange(1, 99), body))
        elif chance < 0.78:
            self.eager = not self.eager
        elif chance < 0.785:
            self.stop() if self.gateway.running else self.gateway.startService()
        elif chance < 0.79 and links:
            self.random.choice(links).far.write(self.random.randbytes(30))
        else:
            self.advance(self.random.choice((0, 0.25, 1, 5, 40)))


@pytest.mark.parametrize("seed", range(24))
def test_storm(seed: int) -> None:
    """Each segment is answered once, no window is exceeded, what was given back is not sent; it works in the end."""
    storm = Storm(seed)
    storm.start()
    for _ in range(1500):
        storm.step()
        assert not storm.errors
        if storm.gateway.state != "up":
            assert storm.gateway.capacity == 0
    storm.eager = storm.operator.holding = storm.operator.endpoint.away = False
    storm.operator.status = lambda body: 0
    if not storm.gateway.running:
        storm.gateway.startService()
    storm.operator.answer()
    storm.advance(300)
    counted = Counter((one.message, one.part) for one in storm.hearing.answers)
    assert counted == dict.fromkeys(storm.given, 1)
    # the operator still holds what we gave up to wait for
    if storm.chosen["response_seconds"] == 600:
        assert max(storm.operator.most.values()) <= storm.chosen["window"]
    assert (storm.gateway.state, storm.gateway.capacity > 0) == ("up", True)
    before = len(storm.operator.submits)
    storm.submit()
    assert isinstance(storm.outcomes()[-1], Handed)
    assert len(storm.operator.submits) == before + 1
    storm.stop()
    storm.advance(10)
    assert storm.clock.getDelayedCalls() == []


def test_submits_are_of_what_was_given() -> None:
    """What the operator got is a submit_sm each, to the number that was meant."""
    storm = Storm(1)
    storm.start()
    for _ in range(500):
        storm.step()
    assert storm.operator.submits
    assert all(isinstance(body, SubmitSm) and body.destination == b"33612345678" for _, body in storm.operator.submits)

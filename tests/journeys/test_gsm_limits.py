"""What SIM cards may send, with the whole pool and the database: nothing that happens makes them send more."""

from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Final

import attrs

from gateways.gsm.gateway import GsmGateway
from gateways.gsm.guard import DAY, MINUTE, MONTH
from smstob.flow.sims import Sims
from smstob.model.message import Doubtful, Handed, Segment, Throttled
from smstob.model.modem import SimLimits
from smstob.model.segment import Coding
from tests.fakes import Hearing
from tests.gateways.gsm.pool import imsi, settings
from tests.house import House, numbers
from tests.peers.modem.card import Sim
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork, Taken

MESSAGES: Final = 10_000
PEOPLE: Final = numbers(900)
LIMITS: Final = SimLimits(per_minute=60, per_day=700, per_month=3_600, recipients_per_month=200)
CARDS: Final = 3


class Months:
    """Three cards, a queue, and a daemon that starts anew whenever it is told to."""

    def __init__(self, path: Path, seed: int) -> None:
        self.random = Random(seed)
        self.house = House(path / "house.db")
        self.clock = self.house.clock
        self.network = SimulatedNetwork()
        self.ports = SimulatedPorts(self.clock)
        for index in range(CARDS):
            sim = Sim(imsi=imsi(index), iccid=f"8933{index:015}")
            modem = SimulatedModem(self.network, sim, send_seconds=0.2, imei=f"35{index:013}")
            self.ports.plug(f"/dev/ttyUSB{index}", modem)
        self.queue: deque[list[Segment]] = deque()
        self.later: list[tuple[float, list[Segment]]] = []
        self._given: dict[int, list[Segment]] = {}
        self._awaited: dict[int, int] = {}
        self.start()

    def start(self) -> None:
        """A daemon that knows what is on disk, and nothing else."""
        self.hearing = Hearing()
        self.hearing.sims = Sims(self.house.database)  # type: ignore[assignment]
        self.gateway = GsmGateway("A", settings(limits=LIMITS, again=None), self.ports, self.clock, self.hearing)
        self.gateway.startService()

    def stop(self) -> None:
        """It ends; what it was given and did not send goes back."""
        self.gateway.stopService()
        self.run(30, feed=False)
        self.take_back()
        assert not self._given

    def message(self, id_: int) -> list[Segment]:
        """A message to somebody, of one part or three."""
        total = 3 if self.random.random() < 0.1 else 1
        one = Segment(
            message=id_,
            part=1,
            total=total,
            number=self.random.choice(PEOPLE),
            text="Bonjour",
            coding=Coding.GSM7,
            flash=False,
            validity=3600,
        )
        return [attrs.evolve(one, part=part) for part in range(1, total + 1)]

    def feed(self) -> None:
        """Give as much as is taken, as the dispatcher does."""
        now = self.clock.seconds()
        self.queue.extend(message for due, message in self.later if due <= now)
        self.later = [one for one in self.later if one[0] > now]
        room = self.gateway.capacity
        while self.queue and room > 0:
            message = self.queue.popleft()
            room -= len(message)
            self._given[message[0].message] = message
            self._awaited[message[0].message] = len(message)
            self.gateway.submit(message)

    def take_back(self) -> None:
        """What is answered: what was not taken comes again, a second later or as late as it has to."""
        answers = self.hearing.answers[:]
        self.hearing.answers.clear()
        for answer in answers:
            left = self._given[answer.message]
            if isinstance(answer.outcome, Handed | Doubtful):
                left[:] = [one for one in left if one.part != answer.part]
            delay = answer.outcome.delay if isinstance(answer.outcome, Throttled) else 1.0
            self._awaited[answer.message] -= 1
            if not self._awaited[answer.message]:
                del self._given[answer.message], self._awaited[answer.message]
                if left:
                    self.later.append((self.clock.seconds() + delay, left))

    def run(self, seconds: float, *, feed: bool = True) -> None:
        """Let time pass from one event to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end:
            if feed:
                self.feed()
            following = self.clock.calls[0].getTime() if self.clock.calls else end
            self.clock.advance(max(0.0, min(following, end) - self.clock.seconds()))
            if self.hearing.answers:
                self.take_back()

    def idle(self, seconds: float) -> None:
        """Let time pass with no daemon."""
        self.clock.advance(seconds)


def most(taken: Iterable[Taken], window: float) -> tuple[int, int]:
    """The most segments, and the most numbers, in any window of so many seconds."""
    inside: deque[Taken] = deque()
    counts: Counter[str] = Counter()
    segments = people = 0
    for one in taken:
        inside.append(one)
        counts[one.number] += 1
        while inside[0].at <= one.at - window:
            gone = inside.popleft()
            counts[gone.number] -= 1
            if not counts[gone.number]:
                del counts[gone.number]
        segments, people = max(segments, len(inside)), max(people, len(counts))
    return segments, people


def test_ten_thousand_messages_with_restarts(tmp_path: Path) -> None:
    """10,000 messages to 900 people by three cards, with restarts at any moment: no window holds more than it may."""
    months = Months(tmp_path, 1)
    sent = months.network.taken
    messages = iter(range(1, 1_000_000))
    while len(sent) < MESSAGES:
        # some give up, others take their places
        months.later = months.later[-20:]
        while len(months.queue) + len(months.later) < 400:
            months.queue.append(months.message(next(messages)))
        months.run(months.random.uniform(20, 600))
        months.stop()
        months.idle(months.random.choice((0.0, 10.0, 3600.0, 40_000.0)))
        months.start()
    for index in range(CARDS):
        mine = [one for one in sent if one.sim == imsi(index)]
        segments, people = most(mine, MONTH)
        assert 0.9 * LIMITS.per_month < segments <= LIMITS.per_month
        assert people == LIMITS.recipients_per_month
        assert 0.9 * LIMITS.per_day < most(mine, DAY)[0] <= LIMITS.per_day
        assert 0.9 * LIMITS.per_minute < most(mine, MINUTE)[0] <= LIMITS.per_minute

"""A clock that goes on while it is read, as real ones do: what tests' clocks hide."""

from twisted.internet.task import Clock

from smstob.model.message import Handed
from smstob.model.modem import SimLimits
from tests.gateways.gsm.pool import Pool


class RunningClock(Clock):
    """A microsecond later at each look."""

    def seconds(self) -> float:
        """Seconds."""
        self.rightNow += 1e-6
        return super().seconds()


def test_messages_are_sent() -> None:
    """What may leave now is not always a moment away: messages leave, with limits and without, long ones too."""
    for limits in (SimLimits(per_minute=0), SimLimits(per_minute=60, per_day=50)):
        pool = Pool(2, limits=limits, clock=RunningClock()).start()
        outcomes = pool.send(pool.message(), pool.message(total=3), pool.message())
        assert {type(one) for one in outcomes} == {Handed}
        assert len(pool.network.taken) == 5

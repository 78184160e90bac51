"""Peers that do not read: they are not read from, and cut off in the end."""

from txsmpp.events import Closed
from txsmpp.frame import pack
from txsmpp.pdu import DeliverSm
from txsmpp.session import Limits
from txsmpp.wire import PATIENCE

from .rigs import BOUND, WireRig
from .sessions import ENQUIRE, request


def test_peer_that_does_not_read() -> None:
    """While what it is owed piles up it is not read from; when it reads again, so are we."""
    rig = WireRig()
    assert rig.line.producer is rig.wire
    assert rig.line.streaming
    rig.wire.pauseProducing()
    assert rig.line.producerState == "paused"
    rig.wire.resumeProducing()
    assert rig.line.producerState == "producing"
    rig.wire.stopProducing()
    assert not rig.line.disconnecting


def test_pause_before_the_first_read() -> None:
    """TLS pauses the bind, which is written before its handshake is done: reading goes on, or it never would be."""
    rig = WireRig(bound=False)
    rig.wire.makeConnection(rig.line)
    rig.wire.pauseProducing()
    assert rig.line.producerState == "producing"
    rig.wire.dataReceived(BOUND)
    rig.wire.pauseProducing()
    assert rig.line.producerState == "paused"


def test_peer_that_never_reads_again() -> None:
    """It counts as silent, and when all is over it has PATIENCE sweeps to take what it is owed before it is cut off."""
    rig = WireRig(limits=Limits(enquire_seconds=5, link_seconds=4))
    rig.line.reads = False
    rig.wire.pauseProducing()
    rig.sweep(9)
    assert rig.diary.ends == [Closed("the peer is silent", 0, [])]
    assert rig.line.disconnecting
    assert rig.line.producer is None
    rig.sweep(PATIENCE - 1)
    assert not rig.line.is_aborted
    rig.sweep()
    assert rig.line.is_aborted
    rig.assert_over()


def test_peer_that_talks_while_it_is_hung_up() -> None:
    """What comes after the end is not read, answered or told."""
    rig = WireRig()
    rig.line.reads = False
    rig.wire.close("enough")
    for _ in range(3):
        rig.wire.dataReceived(request(DeliverSm(), 7) + pack(ENQUIRE, 0, 8))
        rig.sweep()
    assert rig.line.writes == []
    assert len(rig.diary.calls) == 2

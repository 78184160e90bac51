"""Nothing is lost when links are cut or the daemon ends in the middle, and what may have gone twice is counted."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.operator import WINDOW, OperatorDaemon, running, smpp
from tests.peers.node_smsc import NodeSmsc

CUTS: Final = 5
BUSY: Final = {"answer_delay": 0.05, "receipt_delay": 0.02}
"""An SMSC that takes its time, so that the window is full."""


def judge(daemon: OperatorDaemon, smsc: NodeSmsc, email: str, messages: int, most: int) -> Counter[str]:
    """Wait for the end, then compare the SMSC's journal with the books; gives how often each number was written to.

    Every message was taken and delivered and is paid once; at most so many came twice, and each of those is counted.
    """
    daemon.ended(delivered=messages, seconds=60)
    taken = Counter(f"+{one.destination}" for one in smsc.journal() if one.id is not None)
    told = {one.to: one for one in daemon.messages(email)}
    assert set(taken) == set(told)
    assert len(told) == messages
    assert all(times <= 1 + told[to].repeats for to, times in taken.items())
    assert smsc.counts().duplicates == sum(taken.values()) - messages <= most
    assert sum(one.repeats for one in told.values()) <= most
    assert daemon.balance(email) == 0
    daemon.verify()
    return taken


def test_links_are_cut(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """Five times within 5,000 messages, each time with a full window: all arrive, and ``gateway list`` has the rest."""
    # the last of them within the messages, whatever was sent again
    node_smsc.set(drop_after=5000 // CUTS - WINDOW, **BUSY)
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        email = daemon.crowd(5000, "Coupure de courant prévue")
        daemon.wait(lambda: node_smsc.counts().binds == 1 + CUTS, "five cuts", 60)
        node_smsc.set(drop_after=0)
        judge(daemon, node_smsc, email, 5000, CUTS * WINDOW)
        duplicates = node_smsc.counts().duplicates
        assert duplicates > 0

        def counted() -> bool:
            (main,) = daemon.console("gateway", "list")
            return bool(main["sent"] == 5000 and duplicates <= main["repeated"] <= CUTS * WINDOW)

        daemon.wait(counted, "gateway list counts what may have gone twice")
    assert (node_smsc.counts().links, node_smsc.faults()) == (0, [])


def test_links_are_cut_on_postgresql(tmp_path: Path, node_smsc: NodeSmsc, postgresql_database: str) -> None:
    """The same with the other database."""
    node_smsc.set(drop_after=250, **BUSY)
    tables = {"database": {"url": postgresql_database}}
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)}, **tables)) as daemon:
        email = daemon.crowd(500, "Coupure de courant prévue")
        daemon.wait(lambda: node_smsc.counts().binds == 2, "a cut", 30)
        node_smsc.set(drop_after=0)
        judge(daemon, node_smsc, email, 500, WINDOW)


@pytest.mark.parametrize("taken", [30, 400])
def test_killed(tmp_path: Path, node_smsc: NodeSmsc, taken: int) -> None:
    """kill -9 with a full window: the next run sends what was unanswered once more, and hears of all the rest."""
    node_smsc.set(**BUSY)
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        email = daemon.crowd(1000, "Coupure de courant prévue")
        daemon.wait(lambda: node_smsc.counts().taken >= taken, f"{taken} are taken")
        daemon.kill()
        daemon.start()
        judge(daemon, node_smsc, email, 1000, WINDOW)
        assert "messages were in flight" in daemon.logged()


def test_terminated(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """SIGTERM with a full window: what is under way is answered, then it unbinds, and nothing goes twice."""
    node_smsc.set(**BUSY)
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        email = daemon.crowd(1000, "Coupure de courant prévue")
        daemon.wait(lambda: node_smsc.counts().taken >= 300, "some are taken")
        daemon.terminate()
        counts = node_smsc.counts()
        assert (node_smsc.received()["unbind"], counts.links, counts.submits == counts.answered) == (1, 0, True)
        assert counts.taken < 1000
        states = daemon.states()
        assert counts.taken == 1000 - states["queued"]
        daemon.start()
        judge(daemon, node_smsc, email, 1000, 0)
    assert node_smsc.received()["unbind"] == 2

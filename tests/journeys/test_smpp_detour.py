"""Operators that are down, refuse, or talk nonsense: others take over, and the daemon stays up."""

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.operator import SECRET, WINDOW, OperatorDaemon, number, running, smpp
from tests.peers.node_smsc import NodeSmsc

PROMISED: Final = 60
"""Seconds in which what waits at an operator that is down leaves by another."""
BUSY: Final = {"answer_delay": 0.05}


@pytest.fixture
def other_smsc(tmp_path: Path) -> Iterator[NodeSmsc]:
    """A second operator."""
    with NodeSmsc(tmp_path / "other.log") as smsc:
        yield smsc
    assert not smsc.complaints()


def taken(*smscs: NodeSmsc) -> Counter[str]:
    """How often they took something for each number."""
    return Counter(one.destination for smsc in smscs for one in smsc.journal() if one.id is not None)


def test_down_from_the_start(tmp_path: Path, node_smsc: NodeSmsc, other_smsc: NodeSmsc) -> None:
    """A thousand queued at an operator that is down leave by the other, once; new ones by the first when it is back."""
    node_smsc.go_down()
    first, second = smpp(node_smsc), smpp(other_smsc)
    daemon = OperatorDaemon(tmp_path, {"first": first})
    with running(daemon):
        email = daemon.crowd(1000, "Coupure de courant prévue")
        daemon.gateway_is("down", "first")
        assert (daemon.gateways()["first"].queued, daemon.states()) == (1000, {"queued": 1000})
        daemon.terminate()
        daemon.lead({"first": first, "second": second})
        daemon.start()
        daemon.ended(delivered=1000, seconds=PROMISED)
        assert Counter(taken(other_smsc).values()) == {1: 1000}
        assert {told.gateway for told in daemon.messages(email)} == {"second"}
        assert not any(told.repeats for told in daemon.messages(email))
        node_smsc.come_up()
        daemon.gateway_is("up", "first", 70)
        new = daemon.crowd(100, "Le courant est revenu", "0653")
        daemon.ended(delivered=1100)
        assert {told.gateway for told in daemon.messages(new)} == {"first"}
        assert node_smsc.counts().taken == 100


def test_down_in_the_middle(tmp_path: Path, node_smsc: NodeSmsc, other_smsc: NodeSmsc) -> None:
    """An operator goes down with a full window: what waits leaves by the other, and what was in flight once more."""
    node_smsc.set(**BUSY)
    with running(OperatorDaemon(tmp_path, {"first": smpp(node_smsc), "second": smpp(other_smsc)})) as daemon:
        daemon.gateway_is("up", "first")
        email = daemon.crowd(1000, "Coupure de courant prévue")
        daemon.wait(lambda: node_smsc.counts().taken >= 300, "some are taken")
        node_smsc.set(hold_answers=True)
        daemon.wait(lambda: node_smsc.counts().held == WINDOW, "the window is full")
        node_smsc.go_down()
        daemon.gateway_is("down", "first")
        daemon.wait(lambda: other_smsc.counts().taken >= 1000 - node_smsc.counts().answered, "all are taken", PROMISED)
        told = {one.to[1:]: one for one in daemon.messages(email)}
        both = taken(node_smsc, other_smsc)
        assert set(both) == set(told)
        twice = {to for to, times in both.items() if times > 1}
        assert 0 < len(twice) <= WINDOW
        assert set(both.values()) == {1, 2}
        assert all(told[to].repeats == 1 for to in twice)
        assert sum(one.repeats for one in told.values()) == WINDOW
        # the receipts of what it took before wait until it is back
        node_smsc.come_up()
        node_smsc.release()
        daemon.ended(delivered=1000, seconds=40)
        daemon.gateway_is("up", "first")
        new = daemon.crowd(100, "Le courant est revenu", "0653")
        daemon.ended(delivered=1100)
        assert {one.gateway for one in daemon.messages(new)} == {"first"}


def test_two_servers_of_one_operator(tmp_path: Path, node_smsc: NodeSmsc, other_smsc: NodeSmsc) -> None:
    """One gateway bound to both shares its messages between them, goes on with one, and takes receipts from either."""
    servers = {node_smsc: 2_000_000_000, other_smsc: 3_000_000_000}
    for smsc, start in servers.items():
        smsc.set(outcome=[], start=start)
    both = " ".join(f"tcp:127.0.0.1:{smsc.port}" for smsc in servers)
    with running(OperatorDaemon(tmp_path, {"main": smpp(both)})) as daemon:
        daemon.wait(lambda: all(smsc.counts().links == 1 for smsc in servers), "bound to both")
        daemon.crowd(100, "Deux serveurs")
        daemon.ended(handed=100)
        ids = [[str(one.id) for one in smsc.journal()] for smsc in servers]
        assert min(map(len, ids)) > 10
        for smsc, others in zip(servers, reversed(ids), strict=True):
            for id_ in others:
                smsc.receipt(id_)
        daemon.ended(delivered=100)
        other_smsc.go_down()
        daemon.crowd(100, "Un serveur", "0653")
        daemon.ended(delivered=100, handed=100)
        daemon.gateway_is("up")


def test_operator_that_forgot_the_bind(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """What is answered by ESME_RINVBNDSTS was not taken: the link is bound anew, and all leave by it, once."""
    node_smsc.set(next_answers=[0x04] * 10)
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        daemon.gateway_is("up")
        email = daemon.crowd(10, "Qui êtes-vous ?")
        daemon.ended(delivered=10)
        counts = node_smsc.counts()
        assert (counts.binds, counts.submits, counts.distinct, counts.taken) == (2, 20, 10, 10)
        assert {told.repeats for told in daemon.messages(email)} == {0}


def test_a_telephone_that_is_full(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """One number is answered by ESME_RMSGQFUL for ever and waits; a group of 500 leaves all the same."""
    node_smsc.set(statuses={"99999": 0x14})
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        daemon.gateway_is("up")
        assert daemon.sms(daemon.provision(1), "0612399999", "Plein") == "80"
        daemon.wait(lambda: node_smsc.counts().submits >= 2, "it was tried twice")
        daemon.crowd(500, "Bonjour")
        daemon.ended(delivered=500, queued=1, seconds=30)


def test_refused_bind(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """A wrong password: messages wait, ``gateway list`` says that it is down, and they leave when it is right."""
    node_smsc.set(password="another")
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        email = daemon.crowd(20, "Patience")
        daemon.wait(lambda: node_smsc.counts().refused_binds >= 2, "it is refused, and tries again")
        daemon.gateway_is("down")
        (main,) = daemon.console("gateway", "list")
        assert (main["state"], main["queued"], main["sent"], main["failed"]) == ("down", 20, 0, 0)
        assert {bind.password for bind in node_smsc.binds()} == {SECRET}
        node_smsc.set(password=SECRET)
        daemon.ended(delivered=20, seconds=30)
        assert daemon.balance(email) == 0
        assert "ESME_RINVPASWD" in daemon.logged()


NONSENSE: Final = {
    "no PDU": b"HTTP/1.1 400 Bad Request\r\n\r\n" * 40,
    "four gigabytes": struct.pack(">IIII", 0xFFFF_FFFF, 4, 0, 1),
    "nothing": struct.pack(">IIII", 0, 4, 0, 1),
    "too short": struct.pack(">IIII", 15, 4, 0, 1),
    "a receipt without an end": struct.pack(">IIII", 20, 5, 0, 9) + b"\xff" * 4,
    "an answer to nothing": struct.pack(">IIII", 16, 0x8000_0004, 0, 0x0777_7777),
    "a nack of nothing": struct.pack(">IIII", 16, 0x8000_0000, 3, 0),
    "a bind": struct.pack(">IIII", 16 + 7, 9, 0, 5) + bytes(3) + b"\x34" + bytes(3),
}


def test_nonsense(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """An operator that sends anything: the link answers or closes and is made anew; another gateway never stops."""
    daemon = OperatorDaemon(tmp_path, {})
    daemon.lead({"main": smpp(node_smsc), "sink": daemon.sink()}, {"+": ["main"], "+33653": ["sink"]})
    with running(daemon):
        email = daemon.provision(1000)
        for serial, (name, data) in enumerate(NONSENSE.items(), 1):
            daemon.wait(lambda: node_smsc.counts().links == 1, f"bound before {name}", 20)
            node_smsc.send_raw(data)
            node_smsc.send_unknown()
            beside, through = number(prefix="0653"), number()
            assert daemon.sms(email, beside, f"Juste à côté {serial}") == "80"
            assert daemon.sms(email, through, f"Droit à travers {serial}") == "80"
            daemon.sent_to(f"+33{beside[1:]}")
            daemon.ended(delivered=2 * serial)
        assert node_smsc.counts().duplicates == 0


def test_links_drop_at_once(tmp_path: Path, node_smsc: NodeSmsc) -> None:
    """Binds without an answer, refused ones, links that die with their first message: it goes on trying, all arrive."""
    node_smsc.set(next_binds=[None, 13], drop_after=1)
    daemon = OperatorDaemon(tmp_path, {})
    gateways = {"main": smpp(node_smsc, link_seconds=1), "sink": daemon.sink()}
    daemon.lead(gateways, {"+": ["main"], "+33653": ["sink"]})
    with running(daemon):
        email, through, beside = daemon.provision(2), number(), number(prefix="0653")
        assert daemon.sms(email, through, "Tu passeras par là") == "80"
        daemon.wait(lambda: node_smsc.counts().submits == 1, "a link died of it", 30)
        assert daemon.sms(email, beside, "Et toi par là") == "80"
        daemon.sent_to(f"+33{beside[1:]}")
        node_smsc.set(drop_after=0)
        daemon.ended(delivered=2, seconds=30)
        told = {one.to: one for one in daemon.messages(email)}
        repeats = told[f"+33{through[1:]}"].repeats
        assert repeats
        assert [one.session for one in node_smsc.journal()] == [*range(3, 4 + repeats)]
    assert node_smsc.counts().refused_binds == 2

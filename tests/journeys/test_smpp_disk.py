"""What an operator sends is acknowledged when it is on disk, and not before; and what telephones write is kept."""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.operator import OperatorDaemon, crowd, number, running, smpp
from tests.peers.node_smsc import NodeSmsc

ANSWER: Final = 0x8000_0005
"""deliver_sm_resp."""
TEMPORARY: Final = 0x64
"""ESME_RX_T_APPN: send it again."""


@pytest.fixture
def daemon(tmp_path: Path, node_smsc: NodeSmsc) -> Iterator[OperatorDaemon]:
    """One whose operator has taken three messages and said nothing yet of what became of them."""
    node_smsc.set(outcome=[], retry_after=0.5, attempts=1000)
    with running(OperatorDaemon(tmp_path, {"main": smpp(node_smsc)})) as daemon:
        email = daemon.provision(3, groups={"Foule": crowd(3)})
        assert daemon.sms(email, "Foule", "Avant la panne") == "80"
        daemon.ended(handed=3)
        yield daemon


@contextmanager
def locked(daemon: OperatorDaemon) -> Iterator[None]:
    """Another process holds the database's file."""
    with closing(sqlite3.connect(daemon.directory / "smstob.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def send_receipts(smsc: NodeSmsc) -> list[int]:
    """One for each message; gives their numbers among the deliveries."""
    return [smsc.receipt(str(one.id)) for one in smsc.journal()]


def send_all(smsc: NodeSmsc) -> list[int]:
    """A receipt for each message, and a reply; gives their numbers among the deliveries."""
    return [*send_receipts(smsc), smsc.mo("33652000001", "36000", b"STOP", source_addr_ton=1)]


def answers(smsc: NodeSmsc) -> list[int]:
    """The statuses by which the daemon answered deliver_sm since the last time."""
    heads = [struct.unpack(">III", one.pdu[4:16]) for one in smsc.wire() if not one.sent]
    return [status for command, status, _ in heads if command == ANSWER]


def test_locked(daemon: OperatorDaemon, node_smsc: NodeSmsc) -> None:
    """While the database is away nothing is acknowledged: the operator is asked to send it again; then all is there."""
    node_smsc.set(wire=True)
    with locked(daemon):
        sent = send_all(node_smsc)
        refused: list[int] = []

        def refused_all() -> bool:
            refused.extend(answers(node_smsc))
            return len(refused) >= len(sent)

        daemon.wait(refused_all, "as many answers as there are questions", 20)
        refused.extend(answers(node_smsc))
        assert set(refused) == {TEMPORARY}
        assert all(node_smsc.delivery(one).attempts > 1 for one in sent)
    for one in sent:
        node_smsc.acknowledged(one, 20)
    daemon.ended(delivered=3)
    assert {reply["text"] for reply in daemon.console("reply", "list")} == {"STOP"}


def test_killed_before_it_is_on_disk(daemon: OperatorDaemon, node_smsc: NodeSmsc) -> None:
    """kill -9 while the database is away: what was not acknowledged comes to the next run, and is kept then."""
    with locked(daemon):
        sent = send_all(node_smsc)
        daemon.wait(lambda: all(node_smsc.delivery(one).attempts for one in sent), "all were sent")
        daemon.kill()
        assert {node_smsc.delivery(one).status for one in sent} <= {None, TEMPORARY}
    daemon.start()
    for one in sent:
        node_smsc.acknowledged(one, 20)
    daemon.ended(delivered=3)
    assert [reply["text"] for reply in daemon.console("reply", "list")] == ["STOP"]


def test_replies(daemon: OperatorDaemon, node_smsc: NodeSmsc) -> None:
    """What telephones write: in each coding, as a payload, long in parts by header or parameters, in any order."""
    phone, long = f"33{number()[1:]}", "Rappelez-moi demain à 8 h, s'il vous plaît. " * 8
    pieces = [long[place : place + 150].encode("cp1252") for place in range(0, len(long), 150)]
    fields: dict[str, Any] = {"source_addr_ton": 1, "dest_addr_ton": 5}
    sent = [
        node_smsc.mo(phone, "SMStoB", b"D'accord \x00\x1b\x65", **fields),
        node_smsc.mo(phone, "SMStoB", "Ça va".encode("latin-1"), data_coding=3, **fields),
        node_smsc.mo(phone, "SMStoB", "はい 🎉".encode("utf-16-be"), data_coding=8, **fields),
        node_smsc.mo(phone, "SMStoB", b"Par la charge", payload=True, **fields),
        node_smsc.mo("36000", "SMStoB", b"Un service", **fields | {"source_addr_ton": 3}),
    ]
    order = (3, 1, 2)
    for part in order:
        udh = bytes((5, 0, 3, 77, 3, part))
        sent.append(node_smsc.mo(phone, "SMStoB", pieces[part - 1], udh=udh, data_coding=3, **fields))
    for part in order:
        sar = {0x020C: b"\x01\x02", 0x020E: b"\x03", 0x020F: bytes((part,))}
        sent.append(node_smsc.mo(phone, "SMStoB", pieces[part - 1], tlvs=sar, data_coding=3, **fields))
    for one in sent:
        assert node_smsc.acknowledged(one).attempts == 1
    told = daemon.console("reply", "list")
    assert [(one["from"], one["to"], one["gateway"]) for one in told if one["text"] != "Un service"] == [
        (f"+{phone}", "SMStoB", "main")
    ] * 6
    assert [one["text"] for one in told][::-1] == [
        *("D'accord @€", "Ça va", "はい 🎉", "Par la charge", "Un service"),
        *(long, long),
    ]
    assert next(one["from"] for one in told if one["text"] == "Un service") == "36000"
    assert "D'accord" not in daemon.logged()
    daemon.ended(handed=3)
    send_receipts(node_smsc)
    daemon.ended(delivered=3)

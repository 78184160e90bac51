"""The SMSC on npm's ``smpp`` plays what it is told, as seen by an ESME that is nothing but ``struct``."""

import re
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from tests.daemon import wait_until
from tests.peers.capture import malformed
from tests.peers.esme import ANSWER, DELIVER, ENQUIRE_LINK, NACK, SUBMIT, Esme, Pdu
from tests.peers.node_smsc import OUTCOMES, QUEUE_FULL, SAR, THROTTLED, NodeSmsc
from tests.peers.script import ScriptError

CONCATENATED: Final = b"\x05\x00\x03\x2a\x02"


@pytest.fixture
def esme(node_smsc: NodeSmsc) -> Iterator[Esme]:
    """Bound to the SMSC."""
    with Esme(node_smsc.port) as esme:
        yield esme


def stat(receipt: Pdu) -> str:
    """What a receipt tells in its text."""
    found = re.search(rb"stat:(\w+)", receipt.text)
    assert found, receipt
    return found[1].decode()


def test_ids_of_answers_and_receipts_differ(node_smsc: NodeSmsc, esme: Esme) -> None:
    """Decimal here and hexadecimal there, as so many have it."""
    node_smsc.set(start=2026, response_id="%010d", receipt_id="HEX", receipt_text="capitals")
    assert esme.submitted() == (SUBMIT | ANSWER, 0, 2, b"0000002026\x00")
    receipt = esme.receive()
    assert receipt.text.startswith(b"Id:7EA Sub:001 ")
    assert receipt.body.endswith(b"\x00\x1e\x00\x047EA\x00\x04\x27\x00\x01\x02")
    (delivery,) = node_smsc.deliveries()
    assert node_smsc.acknowledged(delivery.number).attempts == 1


def test_the_journal_has_every_byte(node_smsc: NodeSmsc, esme: Esme) -> None:
    """Nothing is decoded on the way: header, text, parameters, the sender's eighth bits."""
    sar = b"".join(struct.pack(">HHB", tag, 1, value) for tag, value in zip(SAR, (7, 2, 1), strict=True))
    every = bytes(range(100, 228))
    esme.submit(text=CONCATENATED + b"\x01" + every, esm=0x40, tail=sar + b"\x14\x03\x00\x02\xff\x00")
    esme.submit(number="3361234\xe9", text=b"", tail=b"\x04\x24\x01\x2c" + b"\x00\xe9" * 150)
    first, second = node_smsc.submitted(2)
    assert (first.udh, first.body) == (CONCATENATED + b"\x01", every)
    assert (first.sar, first.tlvs[0x1403], first.sequence) == ((7, 2, 1), b"\xff\x00", 2)
    assert (first.source, first.source_ton, first.esm_class, first.registered_delivery) == ("MAIRIE", 5, 0x40, 1)
    assert first.validity == "000001000000000R"
    assert (second.destination, second.payload, second.short_message) == ("3361234\xe9", b"\x00\xe9" * 150, b"")


def test_outcomes_by_number(node_smsc: NodeSmsc, esme: Esme) -> None:
    """The table tells each number's receipts, in order."""
    node_smsc.set(outcomes=OUTCOMES, receipt_delay=0.01)
    for digits, outcome in OUTCOMES.items():
        assert esme.submitted(f"336000000{digits}").status == 0
        assert [stat(esme.receive()) for _ in outcome] == [one.partition(":")[0] for one in outcome]


@pytest.mark.parametrize("shape", ["upper", "lower", "seconds", "terse", "undated", "spaced", "none"])
def test_shapes_of_receipts(node_smsc: NodeSmsc, esme: Esme, shape: str) -> None:
    """Each says the same."""
    node_smsc.set(receipt_text=shape, receipt_tlvs=False)
    esme.submitted()
    text = esme.receive().text.lower()
    assert (re.sub(rb"\s*:\s*", b":", text).split()[:1] == [b"id:1"]) is (shape != "none")
    assert (b"stat" in text) is (shape != "none")


def test_receipts_early_twice_and_unknown(node_smsc: NodeSmsc, esme: Esme) -> None:
    """What an ESME must bear."""
    node_smsc.set(receipt_early=True, receipt_copies=2)
    esme.submit()
    assert [esme.receive().command for _ in range(3)] == [DELIVER, DELIVER, SUBMIT | ANSWER]
    node_smsc.receipt("424242", "EXPIRED")
    assert b"id:424242 " in esme.receive().text


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_receipts_of_parts_wait_for_all(node_smsc: NodeSmsc, esme: Esme, order: str) -> None:
    """They come in another order than the parts."""
    node_smsc.set(receipt_order=order)
    for part in (b"\x01", b"\x02"):
        esme.submit(text=CONCATENATED + part + b"texte", esm=0x40)
        assert esme.receive().command == SUBMIT | ANSWER
    ids = [esme.receive().text[:4] for _ in range(2)]
    assert ids == [b"id:2", b"id:1"] if order == "reversed" else sorted(ids) == [b"id:1", b"id:2"]


def test_answers(node_smsc: NodeSmsc, esme: Esme) -> None:
    """The next ones, by number, above a rate, none, late."""
    node_smsc.set(outcome=[], next_answers=[THROTTLED, 0, None], statuses={"99": 11}, answer_delay=0.2)
    begun = time.monotonic()
    for number in ("33600000000", "33600000000", "33600000001", "33600000099"):
        esme.submit(number)
    answers = [esme.receive() for _ in range(3)]
    assert time.monotonic() - begun > 0.2
    assert [(answer.sequence, answer.status) for answer in answers] == [(2, THROTTLED), (3, 0), (5, 11)]
    node_smsc.set(rate=3, rate_status=QUEUE_FULL, answer_delay=0)
    assert [esme.submitted().status for _ in range(5)] == [0, 0, 0, QUEUE_FULL, QUEUE_FULL]
    counts = node_smsc.counts()
    assert (counts.submits, counts.taken, counts.answered, counts.distinct) == (9, 5, 8, 3)
    assert counts.duplicates == 2
    assert [one.status for one in node_smsc.journal(since=7)] == [QUEUE_FULL] * 2


def test_answers_are_held(node_smsc: NodeSmsc, esme: Esme) -> None:
    """What comes before an answer and what after is the test's to say."""
    node_smsc.set(hold_answers=True)
    esme.submit()
    assert [one.status for one in node_smsc.submitted(1)] == [None]
    node_smsc.receipt("1")
    assert esme.receive().command == DELIVER
    node_smsc.release()
    assert [esme.receive().command for _ in range(2)] == [SUBMIT | ANSWER, DELIVER]
    assert esme.submitted().status == 0


def test_binds_that_are_refused(node_smsc: NodeSmsc) -> None:
    """By name, by password, and the next ones."""
    node_smsc.set(password="secret", next_binds=[13])
    wanted = [(b"mairie", b"secret", 13), (b"bad", b"secret", 15), (b"mairie", b"wrong", 14), (b"mairie", b"secret", 0)]
    for system_id, password, status in wanted:
        with Esme(node_smsc.port, bind=False) as esme:
            assert esme.bind(system_id, password).status == status
    told = [(one.system_id.encode(), one.password.encode(), one.status) for one in node_smsc.binds()]
    assert told == wanted
    assert (node_smsc.counts().binds, node_smsc.counts().refused_binds) == (1, 3)


def test_links_drop(node_smsc: NodeSmsc, esme: Esme) -> None:
    """With what is in flight, which was taken all the same: its receipts come on the next link."""
    node_smsc.set(drop_after=2, answer_delay=0.05)
    esme.submit("33600000001")
    esme.submit("33600000002")
    with pytest.raises((EOFError, ConnectionResetError)):
        esme.receive()
    wait_until(lambda: node_smsc.counts().receipts == 2, "both are reported")
    with Esme(node_smsc.port) as again:
        assert {again.receive().command for _ in range(2)} == {DELIVER}
    assert [one.status for one in node_smsc.journal()] == [None, None]


def test_it_goes_down_and_comes_up(node_smsc: NodeSmsc, esme: Esme) -> None:
    """On the same port; the links may stay."""
    node_smsc.go_down(keep_links=True)
    with pytest.raises(ConnectionRefusedError):
        Esme(node_smsc.port)
    assert esme.submitted().status == 0
    node_smsc.come_up()
    with Esme(node_smsc.port):
        assert node_smsc.counts().links == 2
        assert node_smsc.drop_links() == 2


def test_a_message_that_is_not_acknowledged_comes_again(node_smsc: NodeSmsc, esme: Esme) -> None:
    """After an error, after silence, and on another link."""
    node_smsc.set(retry_after=0.1)
    number = node_smsc.mo("33611111111", "36000", b"STOP", data_coding=3, udh=b"\x00", tlvs={0x1403: b"\xff"})
    assert esme.receive(acknowledge=8).text == b"\x00STOP"
    assert esme.receive(acknowledge=None).text == b"\x00STOP"
    assert node_smsc.delivery(number).status == 8
    esme.receive(acknowledge=None)
    esme.socket.close()
    with Esme(node_smsc.port) as again:
        assert again.receive().body.endswith(b"\x14\x03\x00\x01\xff")
        told = node_smsc.acknowledged(number)
    assert (told.session, told.kind, told.attempts >= 4) == (2, "mo", True)


def test_links_are_watched(node_smsc: NodeSmsc, esme: Esme) -> None:
    """``enquire_link`` both ways, ``unbind``, nonsense, and what each is counted as."""
    esme.send(ENQUIRE_LINK)
    assert esme.receive().command == ENQUIRE_LINK | ANSWER
    node_smsc.set(answer_enquire_link=False, wire=True)
    esme.send(ENQUIRE_LINK)
    node_smsc.enquire_link()
    assert esme.receive()[:2] == (ENQUIRE_LINK, 0)
    esme.send(0x0001_0300)
    assert esme.receive()[:3] == (NACK, 3, esme.sequence)
    node_smsc.send_unknown()
    assert esme.receive()[:3] == (0x0001_0200, 0, 0x7777)
    esme.send(NACK, status=3, sequence=0x7777)
    wait_until(lambda: node_smsc.counts().nacks == 1, "the nack came")
    assert node_smsc.counts().enquire_links == 2
    node_smsc.unbind()
    unbind = esme.receive()
    esme.send(unbind.command | ANSWER, sequence=unbind.sequence)
    with pytest.raises(EOFError):
        esme.receive()
    exchanged = node_smsc.wire()
    assert len(exchanged) == 8
    assert len(malformed(one.pdu for one in exchanged)) == 2  # the two commands that nobody knows


def test_garbage_is_a_fault(node_smsc: NodeSmsc, esme: Esme) -> None:
    """It closes that connection; others are served."""
    node_smsc.send_raw(b"GET / HTTP/1.1\r\n")
    assert esme.exactly(16) == b"GET / HTTP/1.1\r\n"
    with suppress(ConnectionResetError):
        esme.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert esme.socket.recv(1) == b""
    assert len(node_smsc.faults()) == 1
    with Esme(node_smsc.port) as other:
        assert other.submitted().status == 0


def test_it_starts_again_on_its_port(tmp_path: Path) -> None:
    """After its end, which is told as such; a mistake of ours is told too."""
    smsc = NodeSmsc(tmp_path / "smsc.log")
    with smsc:
        port = smsc.port
        with pytest.raises(ScriptError, match="no such behaviour: outcom"):
            smsc.set(outcom=[])
    with smsc, Esme(port) as esme:
        assert esme.submitted().status == 0

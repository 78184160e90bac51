"""The SMSC on ``smpp34``, as seen by the same ESME of ``struct``."""

from threading import Thread

from tests.daemon import wait_until
from tests.peers.esme import ANSWER, DELIVER, NACK, SUBMIT, Esme
from tests.peers.smpp34_smsc import Smpp34Smsc


def test_texts_and_receipts(smpp34_smsc: Smpp34Smsc) -> None:
    """It takes, reports, and refuses what it is told to."""
    with Esme(smpp34_smsc.port) as esme:
        smpp34_smsc.set("UNDELIV:027", next_answers=[0x58])
        assert esme.submitted().status == 0x58
        esme.submit(text=b"\x00\xff", tail=b"\x14\x03\x00\x01\xff")
        pdus = {pdu.command: pdu for pdu in (esme.receive(), esme.receive())}
        assert pdus[SUBMIT | ANSWER].body == b"rust-2\x00"
        assert b"id:rust-2 " in pdus[DELIVER].text
        assert b"stat:UNDELIV err:027" in pdus[DELIVER].text
        smpp34_smsc.acknowledged(1)
    refused, taken = smpp34_smsc.submitted(2)
    assert (refused.id, taken.id, taken.source, taken.source_ton) == ("", "rust-2", "MAIRIE", 5)
    assert (taken.short_message, taken.tlvs) == (b"\x00\xff", {0x1403: b"\xff"})


def test_messages_and_unknown_commands(smpp34_smsc: Smpp34Smsc) -> None:
    """It sends what a telephone wrote, tells how that was answered, and refuses what it does not know."""
    with Esme(smpp34_smsc.port) as esme:
        answered: list[int] = []
        sending = Thread(target=lambda: answered.append(smpp34_smsc.mo("33611111111", "36000", b"STOP")))
        sending.start()
        assert esme.receive(acknowledge=8).text == b"STOP"
        sending.join()
        assert answered == [8]
        esme.send(0x0001_0300)
        assert esme.receive()[:3] == (NACK, 3, esme.sequence)
        assert smpp34_smsc.links() == 1
    wait_until(lambda: smpp34_smsc.links() == 0, "it is unbound")

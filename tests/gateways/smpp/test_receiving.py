"""What the operator sends is acknowledged when it is on disk, asked for again when it is not, and refused when it is
nothing that can be read."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from twisted.internet.defer import Deferred

from gateways.smpp import inbound
from smstob.model.message import Answer, Receipt, Reply
from tests.fakes import Hearing
from txsmpp.constants import Command, Status
from txsmpp.frame import pack
from txsmpp.pdu import DataSm, DeliverSm, SubmitSmResponse
from txsmpp.tlv import Tag, tlv

from .scene import Scene, receipt

REPLY: Final = DeliverSm(source_ton=1, source=b"33612345678", destination=b"38200", short_message=b"Oui")


class Slow(Hearing):
    """Keeps what it is told when ``kept`` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Deferred[None]] = []

    def receipts_received(self, gateway: str, receipts: Sequence[Receipt]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        super().receipts_received(gateway, receipts)
        self.kept.append(Deferred())
        return self.kept[-1]

    def replies_received(self, gateway: str, replies: Sequence[Reply]) -> "Deferred[None]":
        """See ``INetworkReceiver``."""
        super().replies_received(gateway, replies)
        self.kept.append(Deferred())
        return self.kept[-1]


class SlowScene(Scene):
    """The same scene before a disk that is slow."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.slow = Slow()
        self.gateway = self.another(self.slow, "A", **given)


def data(*tlvs: Any, esm_class: int = 0) -> DataSm:
    """A data_sm with those TLVs."""
    return DataSm(source_ton=1, source=b"33612345678", destination=b"38200", esm_class=esm_class, tlvs=tlvs)


def test_both() -> None:
    """Receipts and replies of one read are told in one call each, and acknowledged."""
    scene = Scene().start()
    scene.operator.deliver(receipt("10"), REPLY, receipt("11", "UNDELIV"), REPLY, receipt("12", "ENROUTE"))
    scene.advance()
    assert [one.reference for one in scene.hearing.receipts] == ["10", "11"]
    assert [one.text for one in scene.hearing.replies] == ["Oui", "Oui"]
    assert scene.hearing.told == ["receipts", "replies"]
    assert scene.operator.statuses() == [0] * 5
    assert {one.body for one in scene.operator.answered} == {b"\0"}


def test_data_sm() -> None:
    """The same by data_sm."""
    scene = Scene().start()
    payload = tlv(Tag.MESSAGE_PAYLOAD, "да".encode("utf-16-be"))
    scene.operator.deliver(
        data(tlv(Tag.RECEIPTED_MESSAGE_ID, b"10"), tlv(Tag.MESSAGE_STATE, 2), esm_class=4),
        DataSm(source=b"33612345678", data_coding=8, tlvs=(payload,)),
    )
    scene.advance()
    assert [one.reference for one in scene.hearing.receipts] == ["10"]
    assert [one.text for one in scene.hearing.replies] == ["да"]
    assert [(one.command, one.status) for one in scene.operator.answered] == [(Command.DATA_SM_RESP, 0)] * 2


@pytest.mark.parametrize("body", [receipt("10"), REPLY], ids=["receipt", "reply"])
def test_acknowledged_when_it_is_kept(body: DeliverSm) -> None:
    """Not before: a crash in between brings it again."""
    scene = SlowScene()
    scene.start()
    scene.operator.deliver(body, body)
    scene.advance(10)
    assert scene.operator.answered == []
    (kept,) = scene.slow.kept
    kept.callback(None)
    scene.advance()
    assert scene.operator.statuses() == [0, 0]


@pytest.mark.parametrize("body", [receipt("10"), REPLY], ids=["receipt", "reply"])
def test_not_kept(body: DeliverSm) -> None:
    """Where the database is away the operator is asked to send it again; then it is kept."""
    scene = Scene().start()
    scene.hearing.deaf = True
    scene.operator.deliver(body)
    scene.advance()
    assert scene.operator.statuses() == [Status.ESME_RX_T_APPN]
    scene.hearing.deaf = False
    scene.operator.deliver(body)
    scene.advance()
    assert scene.operator.statuses() == [Status.ESME_RX_T_APPN, 0]
    assert len(scene.hearing.receipts) + len(scene.hearing.replies) == 1


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("how", ["cut", "stopped", "another"])
def test_the_link_is_gone_meanwhile(how: str, fails: bool) -> None:
    """Kept too late to be acknowledged: nothing happens, and no other link is told of it."""
    scene = SlowScene()
    scene.start()
    scene.operator.deliver(receipt("10"), REPLY)
    scene.advance()
    if how == "stopped":
        scene.stop()
        scene.advance(10)
    else:
        scene.cut()
        scene.advance(2 if how == "another" else 0)
    carried = [len(link.carried) for link in scene.operator.endpoint.links]
    for kept in scene.slow.kept:
        if fails:
            kept.errback(RuntimeError("away"))
        else:
            kept.callback(None)
    scene.advance()
    assert [len(link.carried) for link in scene.operator.endpoint.links] == carried
    assert (scene.operator.answered, scene.errors) == ([], [])


def test_stop_waits_for_what_is_kept() -> None:
    """An orderly end acknowledges first, then unbinds."""
    scene = SlowScene()
    scene.start()
    scene.operator.deliver(REPLY)
    scene.advance()
    fired = scene.stop()
    scene.advance(1)
    assert not fired
    scene.slow.kept[0].callback(None)
    scene.advance()
    assert (scene.operator.statuses(), len(fired), scene.clock.getDelayedCalls()) == ([0], 1, [])


def test_unreadable() -> None:
    """A body that cannot be decoded is refused by its status; the link stays."""
    scene = Scene().start()
    (link,) = scene.operator.endpoint.up
    link.far.write(pack(Command.DELIVER_SM, 0, 77, b"\0\1\1336") + pack(Command.DELIVER_SM, 0, 78, REPLY.encode()))
    before = len(link.carried)
    scene.advance()
    refused = pack(Command.DELIVER_SM_RESP, Status.ESME_RINVMSGLEN, 77)
    assert bytes(link.carried[before:]) in (
        refused + pack(Command.DELIVER_SM_RESP, 0, 78, b"\0"),
        pack(Command.DELIVER_SM_RESP, 0, 78, b"\0") + refused,
    )
    assert len(scene.hearing.replies) == 1


def test_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes our reading fail is refused for good, lest it come again for ever; the others are kept."""
    scene = Scene().start()
    good = inbound.decoded

    def decoded(octets: bytes, data_coding: int) -> str:
        if octets == b"boom":
            raise RuntimeError("a bug")
        return good(octets, data_coding)

    monkeypatch.setattr(inbound, "decoded", decoded)
    boom = DeliverSm(source=b"33612345678", short_message=b"boom")
    scene.operator.deliver(REPLY, boom, REPLY)
    scene.advance()
    assert sorted(scene.operator.statuses()) == [0, 0, Status.ESME_RX_R_APPN]
    assert len(scene.hearing.replies) == 2


def test_a_receipt_before_its_answer() -> None:
    """Both reach the receiver, in either order, from one read or from two."""
    for apart in (False, True):
        scene = Scene().start()
        scene.operator.holding = True
        scene.submit()
        ((wire, asked),) = scene.operator.held
        scene.operator.deliver(receipt("10"))
        if apart:
            scene.advance()
        wire.respond(asked, 0, SubmitSmResponse(message_id=b"10").encode())
        wire.flush()
        scene.advance()
        assert [one.reference for one in scene.hearing.receipts] == ["10"]
        assert scene.hearing.answers == [Answer(1, 1, scene.outcomes()[0])]
        assert sorted(scene.hearing.told) == ["answers", "receipts"]


def test_answers_are_told_before_receipts() -> None:
    """Of one read, answers come first: a receipt then finds its segment."""
    scene = Scene().start()
    scene.operator.holding = True
    scene.submit()
    scene.operator.deliver(receipt("10"))
    scene.operator.answer()
    scene.advance()
    (link,) = scene.operator.endpoint.up
    octets = pack(Command.DELIVER_SM, 0, 5, receipt("11").encode()) + pack(Command.SUBMIT_SM_RESP, 0, 3, b"11\0")
    scene.submit()
    scene.hearing.told.clear()
    link.far.write(octets)
    scene.advance()
    assert scene.hearing.told == ["answers", "receipts"]


def test_a_flood() -> None:
    """More than may wait for a slow disk is refused, to come again; what was taken is acknowledged in the end."""
    scene = SlowScene()
    scene.start()
    for _ in range(30):
        scene.operator.deliver(*[receipt("10")] * 50)
        scene.advance()
    assert scene.operator.statuses() == [Status.ESME_RMSGQFUL] * 500
    for kept in scene.slow.kept:
        kept.callback(None)
    scene.advance()
    assert scene.operator.statuses().count(0) == 1000
    assert len(scene.slow.receipts) == 1000


@pytest.mark.parametrize("command", [Command.SUBMIT_SM, Command.QUERY_SM, Command.BIND_TRANSMITTER, 0x1234])
def test_requests_that_are_not_for_us(command: int) -> None:
    """Refused; nothing is kept, and the link stays."""
    scene = Scene().start()
    (link,) = scene.operator.endpoint.up
    link.far.write(pack(command, 0, 5, REPLY.encode()))
    scene.advance()
    assert (link.is_up, scene.hearing.told, scene.gateway.state) == (True, [], "up")


def test_alerts() -> None:
    """An alert_notification wants nothing."""
    scene = Scene().start()
    (link,) = scene.operator.endpoint.up
    carried = len(link.carried)
    link.far.write(alert := pack(Command.ALERT_NOTIFICATION, 0, 5, b"\1\1336\0\1\1333\0"))
    scene.advance()
    assert (len(link.carried), link.is_up) == (carried + len(alert), True)

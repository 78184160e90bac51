"""Against others' SMPP: our client and two SMSCs, our server and two ESMEs, our PDUs and Wireshark's dissector."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.peers.capture import dissect, malformed
from tests.peers.conftest import node_smsc, smpp34_smsc
from tests.peers.node_smsc import NodeSmsc
from tests.peers.smpp34_smsc import Smpp34Smsc
from txsmpp.binding import Bind, BindReceiver, BindTransceiver, BindTransmitter, Outbind
from txsmpp.constants import RESPONSE, Command, Status
from txsmpp.events import Answered, Asked, Bound, Closed, Event, State
from txsmpp.frame import pack
from txsmpp.pdu import (
    BODIES,
    AlertNotification,
    CancelSm,
    DataSm,
    DeliverSm,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    SubmitSmResponse,
)
from txsmpp.receipt import MessageState, parse
from txsmpp.server import Smsc
from txsmpp.session import Limits, NotNow, Role, Session
from txsmpp.wire import Wire

from .certificates import self_signed
from .network import Diary
from .reactor import Listening, Running, aside, in_reactor, reactor, until
from .sessions import BINDS, DELIVER, ENQUIRE, SUBMIT, UNBIND, bound, frames
from .vectors import VECTORS

__all__ = ["node_smsc", "smpp34_smsc"]

NODE: Final = Path(__file__).parents[1] / "node" / "esme.js"
RUST: Final = Path(__file__).with_name("smpp34_esme.py")
BIND: Final = BindTransceiver(system_id=b"mairie", password=b"secret")


def message(text: bytes, **more: Any) -> bytes:
    """A submit_sm that wants a receipt."""
    return SubmitSm(destination=b"33612345678", short_message=text, registered_delivery=1, **more).encode()


def acknowledging(wire: Wire, events: Sequence[Event]) -> None:
    """An ESME's owner that takes whatever comes."""
    for event in events:
        if isinstance(event, Asked):
            wire.respond(event)


def running(port: int, *binds: Bind, limits: Limits | None = None, tls: Path | None = None) -> Running:
    """Our client."""
    endpoint = f"tcp:127.0.0.1:{port}" if tls is None else f"tls:localhost:{port}:trustRoots={tls}"
    return Running(endpoint, *(binds or (BIND,)), limits=limits, diary=Diary(acknowledging))


async def converse(client: Running, count: int) -> list[bytes]:
    """Submit so many; gives their ids when each has its receipt, and it is one of delivery."""
    wire = await client.bound()
    for at in range(count):
        wire.request(SUBMIT, message(b"essai %d" % at), at)
    wire.flush()
    answers = await client.told(Answered, count)
    assert [answer.status for answer in answers] == [0] * count
    bodies = [wish.body for wish in await client.told(Asked, count)]
    receipts = [parse(body.esm_class, body.short_message, body.tlvs) for body in bodies if isinstance(body, DeliverSm)]
    ids = [answer.message_id for answer in answers]
    assert sorted(one.id.encode() for one in receipts if one) == sorted(ids)
    assert {one.state for one in receipts if one} == {MessageState.DELIVERED}
    return ids


@in_reactor
async def test_node_whole_session(node_smsc: NodeSmsc) -> None:
    """Bind, submits, receipts, enquiries of both sides, unbind; tshark finds nothing malformed in what we wrote."""
    await aside(node_smsc.set, wire=True)
    async with running(node_smsc.port, limits=Limits(window=50, enquire_seconds=0.5)) as client:
        assert len(set(await converse(client, 50))) == 50
        await aside(node_smsc.enquire_link)
        await until(lambda: node_smsc.received().get("enquire_link_resp"), "our answer to an enquire_link")
        await until(lambda: node_smsc.received().get("enquire_link"), "our enquire_link")
        counts = await aside(node_smsc.counts)
        assert (counts.taken, counts.receipts_acknowledged, counts.nacks) == (50, 50, 0)
    assert client.diary.ends == [Closed("unbound", 0, [])]
    wire = await aside(node_smsc.wire)
    ours = [one.pdu for one in wire if not one.sent]
    commands = {frame.command for pdu in ours for frame in frames(pdu)}
    assert commands == {BIND.command, SUBMIT, DELIVER | RESPONSE, ENQUIRE, ENQUIRE | RESPONSE, UNBIND}
    assert malformed(ours) == []
    assert await aside(node_smsc.faults) == []


@in_reactor
async def test_node_binds_of_each_kind(node_smsc: NodeSmsc) -> None:
    """A transmitter and a receiver beside a transceiver; the SMSC reads all of each bind."""
    more: Any = {"system_type": b"SMS", "address_ton": 1, "address_npi": 1, "address_range": b"336"}
    binds = [kind(system_id=b"mairie", password=b"secret", **more) for kind in BINDS.values()]
    async with running(node_smsc.port, *binds) as client:
        await client.bound(3)
        seen = await aside(node_smsc.binds)
        assert {one.mode for one in seen} == {"transmitter", "receiver", "transceiver"}
        assert {(one.system_id, one.password, one.system_type, one.range, one.ton, one.npi) for one in seen} == {
            ("mairie", "secret", "SMS", "336", 1, 1)
        }
    assert (await aside(node_smsc.counts)).links == 0


@in_reactor
async def test_node_over_tls(tmp_path: Path) -> None:
    """The same over TLS to another's implementation of that."""
    certificate = self_signed(tmp_path / "node", "localhost")
    with NodeSmsc(tmp_path / "smsc.log", tls=(certificate.key, certificate.certificate)) as smsc:
        async with running(smsc.port, tls=certificate.roots) as client:
            await converse(client, 10)
        assert client.diary.ends == [Closed("unbound", 0, [])]


@in_reactor
async def test_node_refuses_the_bind(node_smsc: NodeSmsc) -> None:
    """Told with the status, twice; then the SMSC thinks better of it, and the client is there."""
    await aside(node_smsc.set, next_binds=[Status.ESME_RINVPASWD, Status.ESME_RBINDFAIL])
    async with running(node_smsc.port) as client:
        await client.bound()
        assert [end.status for end in client.diary.ends] == [Status.ESME_RINVPASWD, Status.ESME_RBINDFAIL]


@in_reactor
async def test_node_does_not_answer_the_bind(node_smsc: NodeSmsc) -> None:
    """It is given up after link_seconds, and tried again."""
    await aside(node_smsc.set, next_binds=[None])
    async with running(node_smsc.port, limits=Limits(link_seconds=1)) as client:
        await client.bound()
        assert client.diary.ends == [Closed("not bound in time", 0, [])]


@in_reactor
async def test_node_refuses_and_keeps_silent(node_smsc: NodeSmsc) -> None:
    """Each submit is told what became of it: a status, an id, or that nothing came."""
    await aside(node_smsc.set, next_answers=[Status.ESME_RTHROTTLED, None, 0x450], outcome=[])
    async with running(node_smsc.port, limits=Limits(answer_seconds=1)) as client:
        wire = await client.bound()
        for at in range(4):
            wire.request(SUBMIT, message(b"essai"), at)
        wire.flush()
        answers = await client.told(Answered, 3)
        assert [(one.context, one.status) for one in answers] == [(0, 0x58), (2, 0x450), (3, 0)]
        await until(lambda: [1] in [getattr(event, "contexts", None) for event in client.diary.told], "the silent one")
        assert wire.session.room == 10


@in_reactor
async def test_node_drops(node_smsc: NodeSmsc) -> None:
    """A link that is destroyed gives back what is unanswered, and is made again."""
    await aside(node_smsc.set, hold_answers=True)
    async with running(node_smsc.port, limits=Limits(window=3)) as client:
        wire = await client.bound()
        for at in range(3):
            wire.request(SUBMIT, message(b"essai"), at)
        with pytest.raises(NotNow):
            wire.request(SUBMIT, message(b"essai"), 3)
        wire.flush()
        await aside(node_smsc.submitted, 3)
        assert await aside(node_smsc.drop_links) == 1
        assert (await client.told(Closed))[0].unanswered == [0, 1, 2]
        assert await client.bound() is not wire
        await aside(node_smsc.go_down)
        await until(lambda: client.diary.reasons, "it is refused")
        await aside(node_smsc.come_up)
        await client.bound()


@in_reactor
async def test_node_unbinds(node_smsc: NodeSmsc) -> None:
    """Answered, and bound anew."""
    async with running(node_smsc.port) as client:
        await client.bound()
        await aside(node_smsc.unbind)
        assert await client.told(Closed) == [Closed("the peer unbound", 0, [])]
        await until(lambda: node_smsc.received().get("unbind_resp"), "our answer")
        await client.told(Bound, 2)


@in_reactor
async def test_node_does_not_answer_the_unbind(node_smsc: NodeSmsc) -> None:
    """The client stops all the same, within unbind_seconds."""
    await aside(node_smsc.set, answer_unbind=False)
    async with running(node_smsc.port, limits=Limits(unbind_seconds=1)) as client:
        await client.bound()
    assert client.diary.ends == [Closed("unbound", 0, [])]


@in_reactor
async def test_node_goes_mad(node_smsc: NodeSmsc) -> None:
    """An unknown PDU is nacked and the session goes on; octets that are none end it, and it is made anew."""
    async with running(node_smsc.port) as client:
        wire = await client.bound()
        await aside(node_smsc.send_unknown)
        await until(lambda: node_smsc.counts().nacks == 1, "our nack")
        await aside(node_smsc.send_raw, pack(0x80012345, 0, 9) + pack(Command.SUBMIT_SM_RESP, 0, 999, b"x\0"))
        await until(lambda: wire.session.strays == 2, "two strays")
        assert client.client.bound == [wire]
        await aside(node_smsc.send_raw, b"\0\0\0\x0fgarbage")
        assert "15 octets" in (await client.told(Closed))[0].reason
        assert await client.bound() is not wire


@in_reactor
async def test_rust_whole_session(smpp34_smsc: Smpp34Smsc) -> None:
    """Bind, submits, receipts, a message, a refusal, unbind."""
    async with running(smpp34_smsc.port) as client:
        await converse(client, 10)
        assert await aside(smpp34_smsc.mo, "33612345678", "36000", b"Salut") == 0
        assert (await client.told(Asked, 11))[10].body.short_message == b"Salut"  # type: ignore[attr-defined]
        await aside(smpp34_smsc.set, None, [Status.ESME_RTHROTTLED])
        client.client.bound[0].request(SUBMIT, message(b"trop"), "refused")
        client.client.bound[0].flush()
        assert (await client.told(Answered, 11))[10].status == Status.ESME_RTHROTTLED
    # smpp34 often hangs up before its answer to an unbind is out
    assert [end.reason for end in client.diary.ends] in (["unbound"], ["Connection was closed cleanly."])


@in_reactor
async def test_rust_unbinds(smpp34_smsc: Smpp34Smsc) -> None:
    """Answered, and bound anew."""
    async with running(smpp34_smsc.port) as client:
        await client.bound()
        await until(smpp34_smsc.links, "the SMSC knows that it is bound to")
        await aside(smpp34_smsc.unbind)
        assert (await client.told(Closed))[0].reason == "the peer unbound"
        await client.told(Bound, 2)


@in_reactor
async def test_rust_does_not_know(smpp34_smsc: Smpp34Smsc) -> None:
    """Requests that the SMSC does not do are answered with a status or a nack, and told as such."""
    async with running(smpp34_smsc.port) as client:
        wire = await client.bound()
        for body in (QuerySm(message_id=b"1"), CancelSm(message_id=b"1"), ReplaceSm(message_id=b"1"), DataSm()):
            wire.request(body.command, body.encode(), type(body))
        wire.flush()
        assert all(answer.status for answer in await client.told(Answered, 4))


class Centre:
    """Our SMSC: it gives ids, and to who can receive it sends each text back."""

    def __init__(self) -> None:
        self.diary = Diary(self._work)
        self.smsc = Smsc(b"CENTRE", self._authenticate, self.diary, reactor)
        self.binds: list[Bind] = []

    def _authenticate(self, bind: Bind, wire: Wire) -> int:
        self.binds.append(bind)
        if isinstance(bind, BindReceiver):
            reactor.callLater(0, self._greet, wire)
        return 0 if bind.password == b"secret" else Status.ESME_RINVPASWD

    def _greet(self, wire: Wire) -> None:
        for at in range(5):
            wire.request(DELIVER, DeliverSm(source=b"1", short_message=b"essai %d" % at).encode(), at)
        wire.flush()

    def _work(self, wire: Wire, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Asked) and isinstance(event.body, SubmitSm):
                text = event.body.short_message
                wire.respond(event, 0, SubmitSmResponse(message_id=text[6:]).encode())
                if wire.session.state is State.BOUND_TRX:
                    wire.request(DELIVER, DeliverSm(source=b"1", short_message=text).encode(), text)


TEXTS: Final = [f"essai {at}" for at in range(5)]


def told(*command: str | Path) -> dict[str, Any]:
    """The line that an ESME in a process of its own prints."""
    run = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=30)
    assert run.stderr == ""
    line: dict[str, Any] = json.loads(run.stdout)
    return line


@pytest.fixture
def centre() -> Iterator[Centre]:
    """Our SMSC, which is told nothing wrong by the ESME."""
    made = Centre()
    yield made
    assert made.smsc.wires == set()
    assert {end.reason for end in made.diary.ends} <= {"the peer unbound"}
    assert all(event.status == 0 for event in made.diary.told if isinstance(event, Answered))


@pytest.mark.parametrize("kind", ["transmitter", "receiver", "transceiver"])
@in_reactor
async def test_our_server_with_node(centre: Centre, kind: str) -> None:
    """npm's client binds in each way, submits, receives, asks whether we are there, and unbinds."""
    async with Listening(centre.smsc) as server:
        line = await aside(told, "node", NODE, kind, str(server.port), "5", "secret")
        await until(lambda: len(centre.diary.ends) == 1, "the server sees the end")
    submits = [[0, str(at)] for at in range(5)] if kind != "receiver" else []
    assert line == {
        "bind": 0,
        "system_id": "CENTRE",
        "submits": submits,
        "texts": TEXTS if kind != "transmitter" else [],
        "enquired": 0,
        "unbound": 0,
    }


@pytest.mark.parametrize("kind", ["transmitter", "receiver", "transceiver"])
@in_reactor
async def test_our_server_with_rust(centre: Centre, kind: str) -> None:
    """smpp34's client does the same."""
    async with Listening(centre.smsc) as server:
        line = await aside(told, sys.executable, RUST, str(server.port), kind, "5")
        await until(lambda: len(centre.diary.ends) == 1, "the server sees the end")
    assert line["submits"] == ([[0, str(at)] for at in range(5)] if kind != "receiver" else [])
    # it hands over what comes in any order
    assert sorted(line["texts"]) == (TEXTS if kind != "transmitter" else [])
    assert [type(bind) for bind in centre.binds] == [
        {"transmitter": BindTransmitter, "receiver": BindReceiver, "transceiver": BindTransceiver}[kind]
    ]


@in_reactor
async def test_our_server_refuses_node(centre: Centre) -> None:
    """It reads why before the connection is hung up."""
    async with Listening(centre.smsc) as server:
        line = await aside(told, "node", NODE, "transceiver", str(server.port), "5", "wrong")
    assert (line["bind"], line["submits"], line["unbound"]) == (Status.ESME_RINVPASWD, [], None)
    assert centre.diary.calls == []


def test_every_kind_of_pdu_is_well_formed() -> None:
    """All 27 bodies, each as a session or its caller writes it: tshark reads them all, by their commands."""
    pdus = [pack(one.body.command, one.status, one.sequence, one.body.encode()) for one in VECTORS]
    assert {pdu[4:8] for pdu in pdus} == {command.to_bytes(4, "big") for command in BODIES}
    assert malformed(pdus) == []
    read = dissect(pdus)
    assert [int(one["smpp.command_id"], 0) for one in read] == [one.body.command for one in VECTORS]


def test_every_answer_of_a_session_is_well_formed() -> None:
    """Binds, their refusals, every request and its answer with a status or without, nacks, alerts: what both write."""
    written: list[bytes] = []

    def carry(one: Session, other: Session, status: int = 0) -> None:
        while data := one.output():
            written.extend(pack(*frame) for frame in frames(data))
            for event in other.receive(data):
                if isinstance(event, Asked):
                    answer = next(one.body for one in VECTORS if one.body.command == event.body.command | RESPONSE)
                    other.respond(event, status, answer.encode())
            one, other = other, one

    kinds = (SubmitSm, SubmitMulti, QuerySm, CancelSm, ReplaceSm, DataSm, DeliverSm)
    requests = [one.body for one in VECTORS if isinstance(one.body, kinds)]
    for kind in BINDS.values():
        for status in (0, Status.ESME_RBINDFAIL):
            esme, smsc = Session(Role.ESME), Session(Role.SMSC)
            smsc.tell(Outbind(system_id=b"CENTRE", password=b"x"))
            carry(smsc, esme)
            esme.bind(kind(system_id=b"mairie"))
            carry(esme, smsc, status)
    esme, smsc = bound(Role.ESME), bound(Role.SMSC)
    for status in (0, Status.ESME_RSYSERR):
        for body in requests:
            one, other = (smsc, esme) if isinstance(body, DeliverSm) else (esme, smsc)
            one.request(body.command, body.encode(), None)
            carry(one, other, status)
    smsc.tell(AlertNotification(source=b"1", esme=b"2"))
    carry(smsc, esme)
    smsc.receive(pack(0x1234, 0, 9) + pack(SUBMIT, 0, 10, b"\1") + pack(Command.OUTBIND, 0, 11))
    carry(smsc, esme)
    for session in (esme, smsc):
        session.tick(30)
    carry(esme, smsc)
    carry(smsc, esme)
    esme.unbind()
    carry(esme, smsc)
    smsc = bound(Role.SMSC)
    smsc.receive(b"\0\0\0\0")
    carry(smsc, esme)
    assert {int.from_bytes(pdu[4:8], "big") for pdu in written} == set(BODIES)
    assert malformed(written) == []

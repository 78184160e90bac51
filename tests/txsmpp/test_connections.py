"""Client and server on real connections, plain and over TLS, and a peer that really does not read."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from txsmpp.binding import BindTransceiver
from txsmpp.constants import RESPONSE
from txsmpp.events import Answered, Asked, Closed, Event, State
from txsmpp.frame import HEADER, Framer, pack
from txsmpp.pdu import SubmitSm, SubmitSmResponse
from txsmpp.server import Smsc
from txsmpp.session import Limits
from txsmpp.wire import PATIENCE, SWEEP, Wire

from .certificates import Certificate, self_signed
from .network import Diary
from .reactor import Listening, Running, aside, in_reactor, reactor, until
from .sessions import ENQUIRE, MESSAGE, SUBMIT, request

# Twisted's own way with pyOpenSSL
pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:X509.get_issuer is deprecated:DeprecationWarning"),
]

BIND = BindTransceiver(system_id=b"mairie", password=b"secret")


def answering(wire: Wire, events: Sequence[Event]) -> None:
    """An SMSC's owner: the text is the id."""
    for event in events:
        if isinstance(event, Asked) and isinstance(event.body, SubmitSm):
            wire.respond(event, 0, SubmitSmResponse(message_id=event.body.short_message).encode())


def smsc(clock: object = reactor, limits: Limits | None = None) -> Smsc:
    """An SMSC that takes all, on the real clock unless told."""
    return Smsc(b"CENTRE", lambda _bind, _wire: 0, Diary(answering), clock, limits)  # type: ignore[arg-type]


async def exchange(running: Running, count: int = 500) -> None:
    """Submit so many, the window full all along; each is answered with its own id, in order."""
    wire = await running.bound()
    sent = 0

    def fill(wire: Wire, _events: Sequence[Event]) -> None:
        nonlocal sent
        for _ in range(min(wire.session.room, count - sent)):
            wire.request(SUBMIT, SubmitSm(short_message=b"%d" % sent).encode(), sent)
            sent += 1

    running.diary.then = fill
    fill(wire, ())
    wire.flush()
    answers = await running.told(Answered, count)
    assert [(answer.context, answer.message_id) for answer in answers] == [(at, b"%d" % at) for at in range(count)]


@in_reactor
async def test_plain() -> None:
    """Hundreds of messages through a window of ten, then an unbind that both sides see."""
    async with Listening(smsc()) as server:
        async with Running(f"tcp:127.0.0.1:{server.port}", BIND) as running:
            await exchange(running)
        assert running.diary.ends == [Closed("unbound", 0, [])]
        await until(lambda: not server.smsc.wires, "the server's wire is gone")


@in_reactor
async def test_server_goes_and_comes() -> None:
    """The client is told of each end and each refusal, and comes back on the same port."""
    first = smsc()
    async with Listening(first) as server:
        port = server.port
        running = Running(f"tcp:127.0.0.1:{port}", BIND)
        await running.__aenter__()
        await running.bound()
    await running.told(Closed)
    await until(lambda: running.diary.reasons, "it is refused")
    async with Listening(smsc(), f"tcp:{port}:interface=127.0.0.1"), running:
        assert (await running.bound()).session.state is State.BOUND_TRX


@in_reactor
async def test_stop_leaves_nothing() -> None:
    """When the client is stopped, neither its connection nor a timer is left in the reactor."""
    async with Listening(smsc()) as server:
        before = set(reactor.getReaders())
        running = Running(f"tcp:127.0.0.1:{server.port}", BIND, BIND)
        async with running:
            await running.bound(2)
            wires = list(running.client.bound)
        assert all(wire.gone.called for wire in wires)
        await until(lambda: not server.smsc.wires, "the server's wires are gone")
        await until(lambda: set(reactor.getReaders()) <= before, "no connection is left")


def dial(port: int) -> socket.socket:
    """A bound connection of a program that reads only when told."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(request(BIND, 1))
    (length,) = HEADER.unpack(connection.recv(16, socket.MSG_WAITALL))[:1]
    connection.recv(length - 16, socket.MSG_WAITALL)
    return connection


def pour(connection: socket.socket, data: bytes, most: int = 100_000_000) -> int:
    """Send ``data`` again and again until nothing is taken for a while; gives how much was."""
    connection.settimeout(0.5)
    view, sent = memoryview(data), 0
    try:
        while sent < most:
            sent += connection.send(view[sent % len(data) :])
    except TimeoutError:
        pass
    return sent


@in_reactor
async def test_peer_that_never_reads() -> None:
    """It is not read from when it does not read: what it pours stays in its own system; when it reads, all is there."""
    clock = Clock()
    async with Listening(smsc(clock)) as server:
        connection = await aside(dial, server.port)
        question = pack(ENQUIRE, 0, 5)
        poured = await aside(pour, connection, question * 4096)
        assert poured < 50_000_000
        whole = poured - poured % len(question)

        def drain() -> bytes:
            connection.settimeout(10)
            received = bytearray()
            while len(received) < whole:
                received += connection.recv(1 << 20)
            return bytes(received)

        received = await aside(drain)
        assert received == pack(ENQUIRE | RESPONSE, 0, 5) * (whole // 16)
        connection.close()
        await until(lambda: not server.smsc.wires, "it is gone")


@in_reactor
async def test_peer_that_never_reads_is_cut_off() -> None:
    """When the session is over, it has PATIENCE sweeps before the connection is broken under it."""
    clock = Clock()
    async with Listening(smsc(clock)) as server:
        connection = await aside(dial, server.port)
        await aside(pour, connection, pack(ENQUIRE, 0, 5) * 4096)
        (wire,) = server.smsc.wires
        wire.close("enough")
        for _ in range(PATIENCE):
            assert not wire.gone.called
            clock.advance(SWEEP)
        await until(lambda: wire.gone.called, "it is gone")
        assert clock.getDelayedCalls() == []
        connection.close()


@in_reactor
async def test_what_is_owed_is_written_before_the_end() -> None:
    """A close right after a large write: the peer gets all of it."""
    async with Listening(smsc()) as server:
        connection = await aside(dial, server.port)
        (wire,) = server.smsc.wires
        for _ in range(10):
            wire.request(5, MESSAGE + b"\x04\x24\xea\x60" + bytes(60_000), None)
        wire.close("enough")

        def drain() -> int:
            framer, count = Framer(), 0
            while data := connection.recv(1 << 16):
                count += len(framer.feed(data))
            return count

        assert await aside(drain) == 10
        connection.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """For this machine by name and by address."""
    return self_signed(tmp_path / "right", "localhost", "127.0.0.1")


def tls_server(certificate: Certificate) -> str:
    """An endpoint."""
    return f"ssl:0:privateKey={certificate.key}:certKey={certificate.certificate}:interface=127.0.0.1"


@in_reactor
async def test_tls(certificate: Certificate) -> None:
    """``tls:`` with the folder of trusted roots: bound, by name and by address, and unbound in order."""
    async with Listening(smsc(), tls_server(certificate)) as server:
        for host in ("localhost", "127.0.0.1"):
            endpoint = f"tls:{host}:{server.port}:trustRoots={certificate.roots}"
            async with Running(endpoint, BIND) as running:
                await exchange(running)
            assert running.diary.ends == [Closed("unbound", 0, [])]


@in_reactor
async def test_tls_server_by_folder(certificate: Certificate, tmp_path: Path) -> None:
    """A server's ``tls:`` takes a folder of certificates, named for their hosts."""
    folder = tmp_path / "hosts"
    folder.mkdir()
    (folder / "localhost.pem").write_bytes(certificate.both.read_bytes())
    async with (
        Listening(smsc(), f"tls:{folder}:0:interface=127.0.0.1") as server,
        Running(f"tls:localhost:{server.port}:trustRoots={certificate.roots}", BIND) as running,
    ):
        await exchange(running, 20)


@in_reactor
async def test_tls_verifies(certificate: Certificate, tmp_path: Path) -> None:
    """``tls:`` refuses an unknown signer and another host's name, tells why, sends no bind, and keeps trying."""
    stranger = self_signed(tmp_path / "stranger", "localhost")
    other = self_signed(tmp_path / "other", "smsc.example")
    cases = ((certificate, None), (certificate, stranger.roots), (other, other.roots))
    for shown, roots in cases:
        async with Listening(smsc(), tls_server(shown)) as server:
            endpoint = f"tls:localhost:{server.port}" + (f":trustRoots={roots}" if roots else "")
            async with Running(endpoint, BIND) as running:
                ends = await running.told(Closed, 2)
                assert running.client.bound == []
            assert any(word in ends[0].reason for word in ("certificate", "Verification")), ends
            assert server.smsc.wires == set()


@in_reactor
async def test_ssl_verifies_only_what_it_is_told(certificate: Certificate, tmp_path: Path) -> None:
    """``ssl:`` is no substitute: without hostname any name will do, without caCertsDir any certificate at all."""
    other = self_signed(tmp_path / "other", "smsc.example")
    async with Listening(smsc(), tls_server(other)) as server:
        for options in ("", f":caCertsDir={other.roots}", f":caCertsDir={other.roots}:hostname=smsc.example"):
            async with Running(f"ssl:localhost:{server.port}{options}", BIND) as running:
                await running.bound()
        for options in (f":caCertsDir={certificate.roots}", f":caCertsDir={other.roots}:hostname=localhost"):
            async with Running(f"ssl:localhost:{server.port}{options}", BIND) as running:
                await running.told(Closed, 2)
                assert running.client.bound == []


@in_reactor
async def test_tls_to_a_plain_server_and_back(certificate: Certificate) -> None:
    """Neither side waits for the other: each is told at once that this is no SMPP, or no TLS."""
    roots = f"trustRoots={certificate.roots}"
    async with Listening(smsc()) as server, Running(f"tls:localhost:{server.port}:{roots}", BIND) as running:
        assert "SSL" in (await running.told(Closed))[0].reason
    async with (
        Listening(smsc(), tls_server(certificate)) as server,
        Running(f"tcp:127.0.0.1:{server.port}", BIND) as running,
    ):
        await running.told(Closed)
        assert running.client.bound == []
